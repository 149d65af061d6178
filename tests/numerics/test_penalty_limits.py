"""Penalty, conjugate and prox: the limits of the scale, arguments, shapes, floating point."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from numerics.penalty import (
    conjugate,
    conjugate_derivative,
    penalty,
    penalty_curvature,
    penalty_derivative,
    proximal_derivative,
    proximal_operator,
    soft_threshold,
    solve_proximal,
)

LARGEST = float(np.finfo(np.float64).max)
TINY = 5e-324


def test_zero_scale_is_the_pointwise_limit() -> None:
    beta = np.array([-2.0, -0.0, 0.0, 3.0])
    np.testing.assert_array_equal(penalty(beta, 0.0), [np.inf, 0.0, 0.0, np.inf])
    np.testing.assert_array_equal(penalty_derivative(beta, 0.0), [-np.inf, 0.0, 0.0, np.inf])
    np.testing.assert_array_equal(penalty_curvature(beta, 0.0), [0.25, np.inf, np.inf, 1 / 6])
    np.testing.assert_array_equal(penalty(beta, -0.0), penalty(beta, 0.0))
    slopes = [-LARGEST, -800.0, -1.0, 0.0, 1.0, 800.0, LARGEST]
    np.testing.assert_array_equal(conjugate(slopes, 0.0), 0.0)
    np.testing.assert_array_equal(conjugate_derivative(slopes, 0.0), 0.0)
    np.testing.assert_array_equal(proximal_operator(beta, 1e-300, 0.0), 0.0)
    np.testing.assert_array_equal(proximal_derivative(beta, 1e-300, 0.0), 0.0)
    np.testing.assert_array_equal(proximal_operator(beta, 0.0, 0.0), beta)
    np.testing.assert_array_equal(proximal_derivative(beta, 0.0, 0.0), 1.0)


def test_zero_scale_is_approached() -> None:
    """q/log(1/c) → |β|/2 and prox → 0, both no faster than 1/log(1/c)."""
    scale = 10.0 ** -np.array([20.0, 80.0, 300.0])
    lack = np.abs(penalty(2.0, scale) / (0.5 * 2.0 * (np.log(4.0 / scale) - 1.0)) - 1.0)
    assert (lack < 1e-14).all()
    x = proximal_operator(1.0, 0.5, scale)
    assert (np.diff(x) < 0).all()
    assert proximal_operator(1.0, 0.01, 1e-20) > 0.7  # a weak τ at a practical scale is not 0


@pytest.mark.parametrize("z", [-3.0, -0.9, 0.2, 0.51, 2.0])
def test_soft_threshold_is_the_scaled_limit(z: float) -> None:
    """With τ = 2t/log(1/√k), prox = soft_threshold − t log(4|x|)/log(1/√k) + o: first order."""
    threshold, scale = 0.5, 1e-300
    rate = np.log(1 / (2 * scale))
    x = proximal_operator(z, 2 * threshold / rate, scale)
    limit = soft_threshold(z, threshold)
    first_order = threshold * np.log(4 * abs(x)) / rate if limit != 0 else 0.0
    assert abs(x) == pytest.approx(abs(limit) - first_order, abs=1e-14)
    assert abs(x - limit) < 5 / rate


def test_soft_threshold_values() -> None:
    np.testing.assert_array_equal(
        soft_threshold([-3.0, -1.0, -0.5, 0.5, 1.0, 3.0], 1.0), [-2.0, 0.0, 0.0, 0.0, 0.0, 2.0]
    )
    assert soft_threshold(2.0, 0.0) == 2.0
    with pytest.raises(ValueError, match=r"threshold >= 0, got threshold=-1\.0"):
        soft_threshold(1.0, -1.0)


TWO = [penalty, penalty_derivative, penalty_curvature, conjugate, conjugate_derivative]
THREE = [proximal_operator, proximal_derivative]


@pytest.mark.parametrize("function", TWO + THREE)
def test_bad_input(function: Any) -> None:
    middle = [1.0] if function in THREE else []
    first = {conjugate: "slope", conjugate_derivative: "slope"}.get(function, "beta")
    first = "z" if function in THREE else first
    for value, message in [
        (np.nan, f"{first} must be finite, got nan"),
        ([1.0, -np.inf], f"{first} must be finite, got -inf at index .1,"),
        (1 + 0j, f"{first} must be real numbers, got complex128"),
        ("one", f"{first} must be real numbers"),
        (None, f"{first} must be real numbers"),
        ([[1.0], [1.0, 2.0]], "rectangular"),
        (np.ones(2), r"must broadcast together, got \(2,\) and .*\(3,\)"),
    ]:
        scale = np.ones(3) if isinstance(value, np.ndarray) else 1.0
        with pytest.raises(ValueError, match=message):
            function(value, *middle, scale)
    for value, message in [
        (-1e-300, "scale >= 0, got scale=-1e-300"),
        ([1.0, -2.0], r"scale >= 0, got scale=-2\.0 at index .1,"),
        (np.inf, "scale must be finite, got inf"),
        (np.nan, "scale must be finite, got nan"),
    ]:
        with pytest.raises(ValueError, match=message):
            function(1.0, *middle, value)


def test_bad_tau() -> None:
    for value, message in [
        (-1.0, r"tau >= 0, got tau=-1\.0"),
        (np.inf, "tau must be finite, got inf"),
        (np.nan, "tau must be finite, got nan"),
    ]:
        with pytest.raises(ValueError, match=message):
            solve_proximal(1.0, value, 1.0)


def test_shapes_broadcast() -> None:
    column, row = np.ones((3, 1)), np.ones(2, dtype=np.float32)
    for function in TWO:
        assert function(column, row).shape == (3, 2)
        assert isinstance(function(1, 2), np.float64)
        assert function(np.ones((0, 2)), row).shape == (0, 2)
    for function in THREE:
        assert function(column, 1, row).shape == (3, 2)
        assert isinstance(function(1, 2, 3), np.float64)
        assert function(np.ones((0, 2)), 1, row).shape == (0, 2)
    solution = solve_proximal(column, np.zeros(2), 1.0)
    assert solution.iterations.shape == solution.derivative.shape == (3, 2)
    assert (solution.iterations == 0).all()


def test_no_floating_point_signal_escapes() -> None:
    ends = np.array([0.0, TINY, 1e-300, 1.0, 1e300, LARGEST])
    with np.errstate(all="raise"):
        for function in TWO:
            assert not np.isnan(function(*np.meshgrid(np.append(-ends, ends), ends))).any()
        solution = solve_proximal(*np.meshgrid(np.append(-ends, ends), ends, ends))
    assert np.isfinite(solution.value).all()
    assert np.isfinite(solution.derivative).all()
