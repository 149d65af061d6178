"""PR and ENSD: known spectra, bounds, invariances, both forms, and what has no dimension."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from empirics.vision.representation import (
    centred,
    measures,
    participation_ratio,
    shared_dimensions,
)

# Rounding of sums of up to 10⁴ squares in float64, with room.
TIGHT = 1e-10


def rotation(d, seed):
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((d, d)))[0]


def features(n, d, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)) * np.geomspace(1.0, 0.05, d) + rng.standard_normal(d)


def of_spectrum(eigenvalues, n, d, seed=0):
    """Return features whose covariance FᵀF has these eigenvalues."""
    count = len(eigenvalues)
    left, right = rotation(n, seed)[:, :count], rotation(d, seed + 1)[:, :count]
    return left * np.sqrt(eigenvalues) @ right.T


@pytest.mark.parametrize(("n", "d"), [(6, 20), (20, 6), (9, 9)])
@pytest.mark.parametrize("spectrum", [(1.0,), (1, 1, 1), (4, 2, 1), (1, 1e-3, 1e-6), (7,) * 6])
def test_known_spectra(n, d, spectrum):
    eigenvalues = np.array(spectrum, dtype=float)
    expected = eigenvalues.sum() ** 2 / (eigenvalues**2).sum()
    matrix = of_spectrum(eigenvalues, n, d)
    assert participation_ratio(matrix) == pytest.approx(expected, rel=TIGHT)
    # A known overlap: the same directions of feature space, other inputs.
    turned = rotation(n, 5) @ matrix
    assert shared_dimensions(matrix, turned) == pytest.approx(expected, rel=TIGHT)


def test_orthogonal_representations_share_nothing():
    first, second = np.zeros((8, 6)), np.zeros((8, 6))
    first[:, :3], second[:, 3:] = np.eye(8)[:, :3], np.eye(8)[:, :3]
    assert shared_dimensions(first, second) == 0.0
    # The inputs are arranged alike all the same: this is the other question.
    assert shared_dimensions(first, second, of="inputs") == pytest.approx(3.0, rel=TIGHT)


def test_shared_part_of_two_flat_spectra():
    # a and b dimensions of equal weight, k of them common: ENSD = (k/ab)·ab = k.
    first, second = np.zeros((10, 9)), np.zeros((10, 9))
    first[:4, :4], second[:5, 2:7] = np.eye(4), np.eye(5)
    assert shared_dimensions(first, second) == pytest.approx(2.0, rel=TIGHT)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 12), st.integers(1, 12), st.integers(0, 10**6))
def test_properties(n, d, seed):
    first, second = features(n, d, seed), features(n, d, seed + 1) + 0.3 * features(n, d, seed)
    one, two = participation_ratio(first), participation_ratio(second)
    shared = shared_dimensions(first, second)
    assert 1 - TIGHT <= one <= min(n, d) * (1 + TIGHT)
    assert shared_dimensions(first, first) == pytest.approx(one, rel=TIGHT)
    assert shared_dimensions(second, first) == pytest.approx(shared, rel=TIGHT)
    assert 0 <= shared <= np.sqrt(one * two) * (1 + TIGHT)
    turn = rotation(d, seed)
    assert participation_ratio(1e-3 * first @ turn) == pytest.approx(one, rel=TIGHT)
    rotated = shared_dimensions(1e5 * first @ turn, 1e-5 * second @ turn)
    assert rotated == pytest.approx(shared, rel=1e-9, abs=1e-12)
    by_definition = np.trace(first.T @ first @ second.T @ second)
    by_definition *= one * two / (np.sum(first**2) * np.sum(second**2))
    assert shared == pytest.approx(by_definition, rel=1e-9, abs=1e-12)
    inputs = shared_dimensions(first, second, of="inputs")
    grams = np.sum((first @ first.T) * (second @ second.T)) * one * two
    assert inputs == pytest.approx(grams / (np.sum(first**2) * np.sum(second**2)), rel=1e-9)
    turned_apart = shared_dimensions(first @ turn, second, of="inputs")
    assert turned_apart == pytest.approx(inputs, rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.float64, (4, 3), elements=st.floats(-1e150, 1e150)).filter(
        lambda a: np.abs(a).max() > 1e-150
    )
)
def test_any_size_of_numbers(matrix):
    value = participation_ratio(matrix)
    assert 1 - TIGHT <= value <= 3 + TIGHT
    assert shared_dimensions(matrix, matrix) == pytest.approx(value, rel=TIGHT)


@pytest.mark.parametrize(("n", "d"), [(7, 30), (30, 7)])
def test_measures_are_the_single_ones(n, d):
    before, after = features(n, d), features(n, d, 1)
    rows = measures(before, after)
    assert [row["centring"] for row in rows] == ["raw", "centred"]
    for row, (one, two) in zip(
        rows, [(before, after), (centred(before), centred(after))], strict=True
    ):
        assert row["pr_before"] == pytest.approx(participation_ratio(one), rel=TIGHT)
        assert row["pr_after"] == pytest.approx(participation_ratio(two), rel=TIGHT)
        assert row["ensd"] == pytest.approx(shared_dimensions(one, two), rel=TIGHT)
        inputs = shared_dimensions(one, two, of="inputs")
        assert row["ensd_inputs"] == pytest.approx(inputs, rel=TIGHT)
    assert rows[0]["pr_before"] != pytest.approx(rows[1]["pr_before"], rel=0.01)


def test_centring_takes_the_mean_over_inputs():
    assert centred([[1.0, 5.0], [3.0, 9.0]]).tolist() == [[-1.0, -2.0], [1.0, 2.0]]


def test_no_dimensions_are_said_and_not_guessed():
    flat = np.ones((4, 3))
    with pytest.raises(ValueError, match="features must not be all zero"):
        participation_ratio(np.zeros((4, 3)))
    with pytest.raises(ValueError, match="second must not be all zero"):
        shared_dimensions(flat, centred(flat))
    raw, centred_row = measures(np.full((7, 3), 0.1), features(7, 3))
    assert raw["pr_before"] == pytest.approx(1.0)
    assert {centred_row[n] for n in ("pr_before", "pr_after", "ensd", "ensd_inputs")} == {None}


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        (np.zeros(3), r"must be a non-empty matrix .* got shape \(3,\)"),
        (np.zeros((0, 3)), r"got shape \(0, 3\)"),
        ([[1.0, np.nan]], "finite"),
        ([[1.0, np.inf]], "finite"),
        ([[1j, 2.0]], "must be real numbers, got complex"),
        (object(), "must be real numbers, got object"),
    ],
)
def test_bad_features(matrix, said):
    with pytest.raises(ValueError, match=said):
        participation_ratio(matrix)
    with pytest.raises(ValueError, match="must be"):
        measures(matrix, matrix)


def test_bad_pairs():
    with pytest.raises(ValueError, match="same inputs, got 4 and 5"):
        shared_dimensions(features(4, 3), features(5, 3))
    with pytest.raises(ValueError, match="same features, got 3 and 2"):
        shared_dimensions(features(4, 3), features(4, 2))
    assert shared_dimensions(features(4, 3), features(4, 2), of="inputs") > 0
    with pytest.raises(ValueError, match="matrices of one shape"):
        measures(features(4, 3), features(4, 2))
    with pytest.raises(ValueError, match="must be finite"):
        measures([[np.nan]], [[1.0]])
