"""Groups of coordinates: ranges of their fields, sizes in a finite sample, feasible shares."""

import math
import re

import numpy as np
import pytest

from numerics.tasks import (
    CoordinateGroup,
    active_slab,
    exact_group_sizes,
    four_groups,
    infeasible,
    rounded,
    share,
)


def group(**changes):
    values = {"probability": 0.5, "pt_magnitude": 1.0, "slab": "sign", "ft_amplitude": 2.0}
    return CoordinateGroup("g", **values | changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"probability": -1e-9}, "probability must lie in [0, 1], got -1e-09"),
        ({"probability": 1.0000001}, "probability must lie in [0, 1], got 1.0000001"),
        ({"probability": math.nan}, "probability must be finite, got nan"),
        ({"probability": "1"}, "probability must be real numbers"),
        ({"pt_magnitude": -1.0}, "pt_magnitude must lie in [0, 1e100], got -1.0"),
        ({"pt_magnitude": 1.1e100}, "pt_magnitude must lie in [0, 1e100], got 1.1e+100"),
        ({"slab": "laplace"}, "slab must be one of ('zero', 'sign', 'gaussian'), got slab='lap"),
        ({"slab": "zero"}, "ft_amplitude must be 0 for the slab 'zero', got 2.0"),
        ({"ft_amplitude": 0.0}, "ft_amplitude must be positive, in [1e-100, 1e100], got 0.0"),
        ({"ft_amplitude": 1e-101}, "ft_amplitude must be positive, in [1e-100, 1e100], got 1e-101"),
        ({"slab": "gaussian", "ft_amplitude": -1.0}, "ft_amplitude must be positive"),
    ],
)
def test_fields_out_of_range_are_named(changes, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        group(**changes)


def test_fields_become_floats_and_the_ends_of_the_ranges_are_allowed():
    found = group(probability=1, pt_magnitude=np.float32(0), ft_amplitude=3)
    assert (type(found.probability), type(found.pt_magnitude)) == (float, float)
    assert found.second_moment == 9.0
    assert group(slab="gaussian", ft_amplitude=1e-100).second_moment == pytest.approx(1e-200)
    assert group(slab="zero", ft_amplitude=0).second_moment == 0.0
    assert group(probability=0.0, pt_magnitude=1e100).pt_magnitude == 1e100


@pytest.mark.parametrize(
    ("shares", "d", "sizes"),
    [
        ([0.1, 0.9], 30, [3, 27]),  # although 0.1 is not exact
        ([0.5, 0.5], 3, [2, 1]),  # of equal remainders the first
        ([0.34, 0.33, 0.33], 10, [4, 3, 3]),
        ([0.26, 0.26, 0.48], 10, [3, 2, 5]),  # remainders 0.6, 0.6, 0.8
        ([0.05, 0.05, 0.05, 0.85], 10, [1, 1, 0, 8]),
        ([1.0], 7, [7]),
        ([0.0, 1.0], 5, [0, 5]),
    ],
)
def test_sizes_by_the_largest_remainders(shares, d, sizes):
    found = exact_group_sizes(np.array(shares), d)
    assert found.sum() == d
    assert found.tolist() == sizes


@pytest.mark.parametrize("value", [0.0, 1.0, 0.25])
def test_a_share_is_a_number_in_the_unit_interval(value):
    assert share("rho", value) == value
    for wrong in (-0.1, 1.5):
        with pytest.raises(ValueError, match=re.escape(f"rho must lie in [0, 1], got rho={wrong}")):
            share("rho", wrong)


def test_differences_of_shares_are_zero_but_for_rounding():
    assert rounded(0.1 + 0.2 - 0.3) == 0.0
    assert rounded(-1e-16) == 0.0
    assert rounded(1e-12) == 1e-12
    assert rounded(-1e-12) == -1e-12


def test_active_slabs():
    assert [active_slab(slab) for slab in ("sign", "gaussian")] == ["sign", "gaussian"]
    with pytest.raises(ValueError, match="slab must be 'sign' or 'gaussian', got slab='zero'"):
        active_slab("zero")


def test_four_groups_and_the_default_amplitude():
    overlap, new, before, none = four_groups((0.04, 0.05, 0.06, 0.85), "sign", 2.0, None)
    assert [g.name for g in (overlap, new, before, none)] == ["overlap", "new", "pt-only", "none"]
    assert [g.probability for g in (overlap, new, before, none)] == [0.04, 0.05, 0.06, 0.85]
    assert [g.pt_magnitude for g in (overlap, new, before, none)] == [2.0, 0.0, 2.0, 0.0]
    # E β_FT² = 1: the default is one over the root of the density 0.09.
    assert overlap.ft_amplitude == new.ft_amplitude == pytest.approx(10 / 3)
    assert (before.slab, none.slab) == ("zero", "zero")
    assert four_groups((0.04, 0.05, 0.06, 0.85), "gaussian", 0.0, 0.5)[1].ft_amplitude == 0.5
    with pytest.raises(ValueError, match=r"pt_amplitude must be >= 0, got pt_amplitude=-1\.0"):
        four_groups((0.04, 0.05, 0.06, 0.85), "sign", -1.0, None)


@pytest.mark.parametrize(
    ("densities", "broken", "allowed"),
    [
        # Overlap 0.9 of 0.5 is more than the 0.3 that pretraining has.
        (
            (0.3, 0.5, 0.9),
            "rho_pt - overlap rho_ft >= 0 (pt-only coordinates), got -0.15",
            "0, 0.6",
        ),
        # 0.8 + 0.9 · 0.5 exceeds 1; overlap must be at least 1 − 0.2/0.5.
        ((0.8, 0.5, 0.1), "(coordinates in neither), got -0.25", "0.6, 1"),
    ],
)
def test_what_is_infeasible_and_what_would_do(densities, broken, allowed):
    rho_pt, rho_ft, overlap = densities
    shares = (
        overlap * rho_ft,
        (1 - overlap) * rho_ft,
        rho_pt - overlap * rho_ft,
        1 - rho_pt - (1 - overlap) * rho_ft,
    )
    text = infeasible(rho_pt, rho_ft, overlap, shares)
    assert broken in text
    assert f"overlap={overlap!r}" in text
    assert text.endswith(f"allow an overlap in [{allowed}]")
