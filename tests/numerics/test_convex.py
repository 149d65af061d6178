"""The cone programme: its certificate, its limits, what it refuses, the naive form as control."""

import numpy as np
import pytest

from numerics import convex, minimum_penalty
from numerics.certificate import PenaltyMinimum, SolverStatus, certificate
from numerics.convex import (
    SolverFailedError,
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
    answer = convex.minimum_penalty(X, y, scale, solver)
    exact = minimum_penalty(X, y, scale)
    # Large scales are the interior-point solver's hard side: the curvature is nearly constant.
    assert answer.beta == pytest.approx(exact.beta, abs=3e-5 * np.abs(exact.beta).max())
    assert answer.kkt_residual < 1e-4
    assert abs(answer.gap) < 1e-6
    assert answer.iterations > 0
    assert answer.solver == solver
    assert answer.solver_status.startswith("optimal")


def test_mixed_scales_by_both_solvers():
    rng = np.random.default_rng(5)
    X, y = problem(5)
    scale = 10.0 ** rng.uniform(-6, 1, size=20)
    exact = minimum_penalty(X, y, scale).beta
    for solver, tolerance in (("CLARABEL", 1e-7), ("SCS", 1e-6)):
        answer = convex.minimum_penalty(X, y, scale, solver)
        assert answer.beta == pytest.approx(exact, abs=tolerance * np.abs(exact).max())


def test_result_is_that_of_dual_newton_judged_by_the_same_certificate():
    X, y = problem(1)
    answer = convex.minimum_penalty(X, y, 0.2)
    assert isinstance(answer, PenaltyMinimum)
    judged = certificate(X, y, 0.2, answer.beta, answer.dual)
    for name in ("value", "gap", "infeasibility", "kkt_residual"):
        assert getattr(answer, name) == getattr(judged, name)
    assert answer.converged == judged.holds()
    rough = convex.minimum_penalty(X, y, 1e-7, naive=True)
    assert not rough.converged
    assert rough.status is SolverStatus.SOLVER_FAILURE


@pytest.mark.parametrize("solver", ["CLARABEL", "SCS"])
@pytest.mark.parametrize("ridge", [0.0, 0.3])
def test_dual_has_the_sign_and_size_of_the_multipliers(solver, ridge):
    X, y = problem(1)
    exact = minimum_penalty(X, y, 0.2, ridge=ridge)
    answer = convex.minimum_penalty(X, y, 0.2, solver, ridge=ridge)
    assert answer.dual == pytest.approx(exact.dual, abs=2e-7)
    assert answer.beta == pytest.approx(exact.beta, abs=2e-7)


@pytest.mark.parametrize("solver", ["CLARABEL", "SCS"])
def test_zero_scale_is_basis_pursuit_with_its_multipliers(solver):
    X, y = problem(6)
    answer, exact = convex.minimum_penalty(X, y, 0.0, solver), minimum_penalty(X, y, 0.0)
    assert answer.value == pytest.approx(exact.value, rel=1e-7)
    assert np.abs(X.T @ answer.dual).max() == pytest.approx(1.0, abs=1e-6)
    assert y @ answer.dual == pytest.approx(exact.value, rel=1e-6)


def test_a_looser_tolerance_is_a_worse_answer():
    X, y = problem(7)
    exact = minimum_penalty(X, y, 1e-3).beta
    tight, loose = (
        np.abs(convex.minimum_penalty(X, y, 1e-3, tolerance=tolerance).beta - exact).max()
        for tolerance in (None, 1e-4)
    )
    assert tight < 1e-8
    assert loose > 100 * tight


def test_units_do_not_matter():
    X, y = problem(2)
    one, large = convex.minimum_penalty(X, y, 0.1), convex.minimum_penalty(X, 1e8 * y, 1e7)
    assert large.beta == pytest.approx(1e8 * one.beta, rel=1e-5, abs=1e2)


def test_the_naive_form_is_wrong_where_ours_is_right_and_the_certificate_tells():
    """Its answer may be called optimal; the certificate does not believe it."""
    X, y = problem(3, 10, 30)
    scale = 10.0 ** np.random.default_rng(3).uniform(-7, -5, size=30)
    exact = minimum_penalty(X, y, scale)
    ours, naive = (convex.minimum_penalty(X, y, scale, naive=flag) for flag in (False, True))
    assert np.abs(ours.beta - exact.beta).max() < 1e-6
    assert np.abs(naive.beta - exact.beta).max() > 1e-3
    assert naive.gap > 1e-3
    assert abs(ours.gap) < 1e-6


@pytest.mark.parametrize("solver", ["CLARABEL", "SCS"])
def test_scales_whose_quotient_by_the_targets_underflows(solver):
    answer = convex.minimum_penalty([[1.0, 2.0, 3.0], [0.0, 1.0, 1.0]], [1e3, 2.0], 5e-324, solver)
    # At any such scale it is the least l1 norm, of which two coefficients are the support.
    assert answer.beta == pytest.approx([994.0, 0.0, 2.0], abs=1e-3)


@pytest.mark.parametrize("solver", ["CLARABEL", "SCS"])
def test_scales_whose_quotient_by_the_targets_overflows(solver):
    with pytest.raises((ValueError, SolverFailedError)):
        convex.minimum_penalty([[1.0, 2.0]], [1e-100], 1e300, solver)
    with pytest.raises(ValueError, match=r"scale/max\|y\| must be finite, got scale=1e"):
        convex.minimum_penalty([[1.0, 2.0]], [1e-100], 1e300, naive=True)


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
        (([[1.0, 2.0]], [1.0], [0.0, 1.0]), {}, "zero everywhere"),
        (([[1.0, 2.0]], [1.0], -1.0), {}, "scale must satisfy"),
        (([[1.0, float("nan")]], [1.0], 1.0), {}, "X"),
        (([[1.0, 2.0]], [1.0, 2.0], 1.0), {}, "y must have shape"),
        (([[1.0, 2.0]], [1.0], 1.0), {"solver": "ECOS"}, "solver must be one of"),
        (([[1.0, 2.0]], [1.0], 1.0), {"ridge": -1.0}, "ridge must satisfy"),
        (([[1.0, 2.0]], [1.0], 1.0), {"tolerance": 0.0}, "tolerance must satisfy > 0"),
    ],
)
def test_bad_input(arguments, options, named):
    with pytest.raises(ValueError, match=named):
        convex.minimum_penalty(*arguments, **options)


@pytest.mark.parametrize("scale", [0.0, [1e-300, 1e300]])
def test_weights_must_be_finite(scale):
    with pytest.raises(ValueError, match=r"scale/max\(scale\) > 0, got scale="):
        weighted_l2_minimum([[1.0, 2.0]], [1.0], scale)


def test_bad_ridge_problems():
    with pytest.raises(ValueError, match="ridge must satisfy > 0"):
        ridge_minimum([[1.0]], [1.0], 0.0)
    with pytest.raises(ValueError, match="shapes must be"):
        ridge_minimum([[1.0]], [1.0, 2.0], 1.0)


def test_no_point_is_an_error_with_the_status():
    with pytest.raises(SolverFailedError, match="infeasible"):
        convex.minimum_penalty([[1.0, 1.0], [1.0, 1.0]], [1.0, 2.0], 1.0)
