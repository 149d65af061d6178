"""The cone programme: its certificate, its limits, what it refuses, the naive form as control."""

import numpy as np
import pytest

from numerics import minimum_penalty
from numerics.convex import (
    SolverFailedError,
    convex_minimum,
    l1_minimum,
    ridge_minimum,
    weighted_l2_minimum,
)


def problem(seed=0, n=8, d=20):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)) / np.sqrt(n), rng.standard_normal(n)


@pytest.mark.parametrize("solver", ["CLARABEL", "SCS"])
@pytest.mark.parametrize("scale", [1e-3, 0.3, 50.0])
def test_agrees_with_dual_newton(solver, scale):
    X, y = problem()
    answer = convex_minimum(X, y, scale, solver=solver)
    exact = minimum_penalty(X, y, scale)
    # Large scales are the interior-point solver's hard side, small ones the first-order solver's.
    assert answer.beta == pytest.approx(exact.beta, abs=3e-5 * np.abs(exact.beta).max())
    assert answer.certificate.kkt_residual < 1e-4
    assert abs(answer.certificate.gap) < 1e-6
    assert answer.solver == solver
    assert answer.solver_status.startswith("optimal")


def test_dual_has_the_sign_and_size_of_the_multipliers():
    X, y = problem(1)
    exact = minimum_penalty(X, y, 0.2)
    assert convex_minimum(X, y, 0.2).dual == pytest.approx(exact.dual, abs=1e-7)
    ridged = minimum_penalty(X, y, 0.2, ridge=0.3)
    answer = convex_minimum(X, y, 0.2, ridge=0.3)
    assert answer.dual == pytest.approx(ridged.dual, abs=1e-7)
    assert answer.beta == pytest.approx(ridged.beta, abs=1e-7)


def test_units_do_not_matter():
    X, y = problem(2)
    one, large = convex_minimum(X, y, 0.1), convex_minimum(X, 1e8 * y, 1e7)
    assert large.beta == pytest.approx(1e8 * one.beta, rel=1e-5, abs=1e2)


def test_the_naive_form_is_wrong_where_ours_is_right_and_the_certificate_tells():
    """Its answer may be called optimal; the certificate does not believe it."""
    X, y = problem(3, 10, 30)
    scale = 10.0 ** np.random.default_rng(3).uniform(-7, -5, size=30)
    exact = minimum_penalty(X, y, scale)
    ours, naive = (convex_minimum(X, y, scale, naive=flag) for flag in (False, True))
    assert np.abs(ours.beta - exact.beta).max() < 1e-6
    assert np.abs(naive.beta - exact.beta).max() > 1e-3
    assert naive.certificate.gap > 1e-3
    assert abs(ours.certificate.gap) < 1e-6


def test_limits():
    X, y = problem(4)
    weights = np.linspace(0.5, 3.0, 20)
    closed = weights * (X.T @ np.linalg.solve((X * weights) @ X.T, y))
    assert weighted_l2_minimum(X, y, weights) == pytest.approx(closed, abs=1e-7)
    assert weighted_l2_minimum(X, y, 7.0) == pytest.approx(np.linalg.pinv(X) @ y, abs=1e-7)
    assert np.abs(l1_minimum(X, y)).sum() == pytest.approx(
        np.abs(minimum_penalty(X, y, 0.0).beta).sum(), rel=1e-8
    )
    ridge = np.linalg.solve(X.T @ X + 0.3 * np.eye(20), X.T @ y)
    assert ridge_minimum(X, y, 0.3) == pytest.approx(ridge, abs=1e-7)


@pytest.mark.parametrize(
    ("arguments", "options", "named"),
    [
        (([[1.0, 2.0]], [1.0], 0.0), {}, "scale must satisfy > 0"),
        (([[1.0, 2.0]], [1.0], -1.0), {}, "scale must satisfy"),
        (([[1.0, float("nan")]], [1.0], 1.0), {}, "X"),
        (([[1.0, 2.0]], [1.0, 2.0], 1.0), {}, "y must have shape"),
        (([[1.0, 2.0]], [1.0], 1.0), {"solver": "ECOS"}, "solver must be one of"),
        (([[1.0, 2.0]], [1.0], 1.0), {"ridge": -1.0}, "ridge must satisfy"),
    ],
)
def test_bad_input(arguments, options, named):
    with pytest.raises(ValueError, match=named):
        convex_minimum(*arguments, **options)


def test_bad_ridge_problems():
    with pytest.raises(ValueError, match="ridge must satisfy > 0"):
        ridge_minimum([[1.0]], [1.0], 0.0)
    with pytest.raises(ValueError, match="shapes must be"):
        ridge_minimum([[1.0]], [1.0, 2.0], 1.0)


def test_no_point_is_an_error_with_the_status():
    with pytest.raises(SolverFailedError, match="infeasible"):
        convex_minimum([[1.0, 1.0], [1.0, 1.0]], [1.0, 2.0], 1.0)
