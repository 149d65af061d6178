"""Tasks: groups and their fields, feasibility, scales, their derivatives, finite samples."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics import CoordinateGroup, Initialization, TaskDistribution
from numerics.tasks import exact_group_sizes

shares = st.floats(0.0, 1.0)


def by_name(task):
    return {group.name: group for group in task.groups}


def test_groups_of_the_baseline():
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab="gaussian")
    groups = by_name(task)
    assert {name: round(g.probability, 12) for name, g in groups.items()} == {
        "overlap": 0.05,
        "new": 0.05,
        "pt-only": 0.05,
        "none": 0.85,
    }
    assert [groups[name].pt_magnitude for name in ("overlap", "new", "pt-only", "none")] == [
        1,
        0,
        1,
        0,
    ]
    assert groups["new"].ft_amplitude == pytest.approx(np.sqrt(10), rel=1e-15, abs=0)
    assert task.second_moment == pytest.approx(1.0, rel=1e-15, abs=0)


@given(shares, shares, shares)
def test_both_parametrisations_agree(rho_pt, shared, new):
    rho_ft = rho_pt * shared + (1 - rho_pt) * new
    if rho_ft < 1e-6:
        return
    first = TaskDistribution.from_densities(rho_pt, shared, new)
    second = TaskDistribution.pretrain_finetune(rho_pt, rho_ft, min(rho_pt * shared / rho_ft, 1.0))
    ours, theirs = by_name(first), by_name(second)
    for name in set(ours) & set(theirs):
        assert ours[name].probability == pytest.approx(theirs[name].probability, abs=1e-14)
    for name in set(ours) ^ set(theirs):
        assert {**ours, **theirs}[name].probability < 1e-14


@given(st.floats(0.01, 1), st.floats(0.01, 1), shares)
def test_the_range_in_the_message_works(rho_pt, rho_ft, position):
    low, high = max(0.0, 1 - (1 - rho_pt) / rho_ft), min(1.0, rho_pt / rho_ft)
    overlap = min(max(low + position * (high - low), low + 1e-12), high - 1e-12)
    if low < overlap < high:
        TaskDistribution.pretrain_finetune(rho_pt, rho_ft, overlap)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((-0.1, 0.1, 0.5), "rho_pt must lie in"),
        ((0.1, 0.0, 0.5), "rho_ft must be positive"),
        ((0.1, 0.1, 1.5), "overlap must lie in"),
        ((float("nan"), 0.1, 0.5), "rho_pt"),
        ((0.1, float("inf"), 0.5), "rho_ft"),
    ],
)
def test_bad_densities(arguments, named):
    with pytest.raises(ValueError, match=named):
        TaskDistribution.pretrain_finetune(*arguments)


def test_shares_must_sum_to_one():
    with pytest.raises(ValueError, match=r"sum to 1, got sum=0\.5"):
        TaskDistribution((CoordinateGroup("g", 0.5, 0.0, "zero"),))


def test_penalty_scales():
    init = Initialization(0.5, -0.2, 0.3)
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5)
    expected = {
        name: 0.3 * (1 + np.sqrt(1 + (g.pt_magnitude / 0.5) ** 2)) + 0.09
        for name, g in by_name(task).items()
    }
    assert task.penalty_scales(init) == pytest.approx([expected[g.name] for g in task.groups])
    single = TaskDistribution.single_task(0.3)
    assert (single.penalty_scales(init) == 0.5).all()


def test_scale_derivatives_are_differences():
    task = TaskDistribution.pretrain_finetune(0.1, 0.2, 0.3, pt_amplitude=0.7)
    log_c, ratio, gamma, h = np.log(0.4), 0.3, 0.6, 1e-6

    def scales(log_c, ratio, gamma):
        c = np.exp(log_c)
        return task.penalty_scales(Initialization(c, ratio * c, gamma))

    point = np.array([log_c, ratio, gamma])
    exact = task.penalty_scale_derivatives(Initialization(0.4, 0.3 * 0.4, 0.6))
    for row, step in zip(exact, h * np.eye(3), strict=True):
        assert row == pytest.approx(
            (scales(*(point + step)) - scales(*(point - step))) / (2 * h), rel=1e-8
        )


@given(st.lists(st.floats(0.001, 1), min_size=1, max_size=6), st.integers(1, 3000))
def test_exact_sizes_are_within_one(weights, d):
    probabilities = np.array(weights) / sum(weights)
    sizes = exact_group_sizes(probabilities, d)
    assert sizes.sum() == d
    assert (np.abs(sizes - probabilities * d) < 1 + 1e-6).all()


def test_sample_has_the_stated_law():
    task = TaskDistribution.pretrain_finetune(0.2, 0.1, 0.5, slab="sign", ft_amplitude=2.0)
    sample = task.sample(4000, 0.25, np.random.default_rng(3), noise_variance=0.04)
    assert sample.X.shape == (1000, 4000)
    assert sample.X.var() == pytest.approx(1e-3, rel=5e-3)
    assert np.count_nonzero(sample.beta_pt) == 800
    assert np.count_nonzero(sample.beta_ft) == 400
    assert np.count_nonzero(sample.beta_ft * sample.beta_pt) == 200
    assert set(np.abs(sample.beta_ft)) == {0.0, 2.0}
    noise = sample.y - sample.X @ sample.beta_ft
    assert noise.var() == pytest.approx(0.04, rel=0.2)


def test_sample_is_reproducible_and_iid_sizes_vary():
    task = TaskDistribution.pretrain_finetune(0.2, 0.1, 0.5, slab="gaussian")
    first, second = (task.sample(50, 0.3, np.random.default_rng(5)) for _ in range(2))
    assert all((a == b).all() for a, b in zip(first, second, strict=True))
    counts = {
        np.count_nonzero(task.sample(200, 0.1, np.random.default_rng(s), group_sizes="iid").beta_pt)
        for s in range(8)
    }
    assert len(counts) > 2


@pytest.mark.parametrize(
    ("arguments", "options", "named"),
    [
        ((0, 0.5), {}, "d must be an integer >= 1"),
        ((2.5, 0.5), {}, "d must be an integer"),
        ((10, 0.01), {}, r"n = round\(alpha d\) must be at least 1"),
        ((10, float("nan")), {}, "alpha"),
        ((10, 0.5), {"noise_variance": -1.0}, "noise_variance must be >= 0"),
        ((10, 0.5), {"group_sizes": "some"}, "group_sizes must be"),
    ],
)
def test_bad_samples(arguments, options, named):
    task = TaskDistribution.single_task(0.5)
    with pytest.raises(ValueError, match=named):
        task.sample(*arguments, np.random.default_rng(0), **options)


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


@pytest.mark.parametrize("wrong", [-0.1, 1.5])
def test_a_share_is_a_number_in_the_unit_interval(wrong):
    with pytest.raises(ValueError, match=re.escape(f"rho must lie in [0, 1], got rho={wrong}")):
        TaskDistribution.single_task(wrong)
    assert [g.name for g in TaskDistribution.single_task(1.0).groups] == ["active"]


@pytest.mark.parametrize(
    ("densities", "sign", "names"),
    [
        ((0.3, 0.1 + 0.2, 1.0), -1, {"overlap", "none"}),
        ((0.1 + 0.2, 0.3, 1.0), 1, {"overlap", "none"}),
        ((0.1, 0.3, 1 / 3), 1, {"overlap", "new", "none"}),
        ((0.9, 0.1, 0.0), -1, {"new", "pt-only"}),
        ((0.7, 0.3, 0.0), 1, {"new", "pt-only"}),
    ],
)
def test_shares_that_differ_by_rounding_only_leave_no_group(densities, sign, names):
    before, after, overlap = densities
    differences = before - overlap * after, 1.0 - before - (1.0 - overlap) * after
    smallest = min(differences, key=abs)
    assert 0.0 < sign * smallest < 1e-16  # in floating point it is not 0
    task = TaskDistribution.pretrain_finetune(*densities)
    assert set(by_name(task)) == names
    assert task.probabilities.min() > 0.01
    assert task.probabilities.sum() == pytest.approx(1.0, abs=1e-15)


def test_differences_of_shares_are_zero_up_to_rounding():
    """All of pretraining is reused: ρ_PT − ω ρ_FT is 0 but for rounding."""
    task = TaskDistribution.pretrain_finetune(0.3, 0.1 + 0.2, 1.0)
    assert set(by_name(task)) == {"overlap", "none"}
    more = TaskDistribution.pretrain_finetune(0.3 + 1e-12, 0.3, 1.0)
    assert by_name(more)["pt-only"].probability == pytest.approx(1e-12, rel=1e-3)
    with pytest.raises(ValueError, match=r"pt-only coordinates\), got -9\.999"):
        TaskDistribution.pretrain_finetune(0.3 - 1e-12, 0.3, 1.0)


@pytest.mark.parametrize(
    "task",
    [
        lambda slab: TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab=slab),
        lambda slab: TaskDistribution.from_densities(0.1, 0.1, 0.5, slab=slab),
        lambda slab: TaskDistribution.single_task(0.1, slab=slab),
    ],
)
def test_active_coefficients_are_not_all_zero(task):
    assert {g.slab for g in task("gaussian").groups} == {"gaussian", "zero"}
    with pytest.raises(ValueError, match="slab must be 'sign' or 'gaussian', got slab='zero'"):
        task("zero")


def test_four_groups_and_the_default_amplitude():
    densities = (0.1, 0.09, 4 / 9)
    task = TaskDistribution.pretrain_finetune(*densities, pt_amplitude=2.0)
    overlap, new, before, none = task.groups
    assert [g.name for g in (overlap, new, before, none)] == ["overlap", "new", "pt-only", "none"]
    assert task.probabilities == pytest.approx([0.04, 0.05, 0.06, 0.85], rel=1e-12, abs=0)
    assert [g.pt_magnitude for g in (overlap, new, before, none)] == [2.0, 0.0, 2.0, 0.0]
    # E β_FT² = 1: the default is one over the root of the density 0.09.
    assert overlap.ft_amplitude == new.ft_amplitude == pytest.approx(10 / 3)
    assert (before.slab, none.slab) == ("zero", "zero")
    quiet = TaskDistribution.pretrain_finetune(
        *densities, slab="gaussian", pt_amplitude=0.0, ft_amplitude=0.5
    )
    assert quiet.groups[1].ft_amplitude == 0.5
    with pytest.raises(ValueError, match=r"pt_amplitude must be >= 0, got pt_amplitude=-1\.0"):
        TaskDistribution.pretrain_finetune(*densities, pt_amplitude=-1.0)


@pytest.mark.parametrize(
    ("densities", "violated", "allowed"),
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
def test_infeasible_densities_name_the_inequality_and_what_is_feasible(
    densities, violated, allowed
):
    with pytest.raises(ValueError, match="the groups must satisfy") as caught:
        TaskDistribution.pretrain_finetune(*densities)
    text = str(caught.value)
    assert violated in text
    assert f"overlap={densities[2]!r}" in text
    assert text.endswith(f"allow an overlap in [{allowed}]")
