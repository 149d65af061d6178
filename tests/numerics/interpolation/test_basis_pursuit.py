"""Basis pursuit by columns: optimal, sharp, independent of its guess, and clear when infeasible."""

import numpy as np
import pytest
from scipy.optimize import linprog

from numerics.interpolation.basis_pursuit import solve_basis_pursuit


def problem(seed, m=12, d=40):
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((m, d))
    return rows, rows @ (rng.standard_normal(d) * (rng.random(d) < 0.3)), rng


def optimum(rows, targets):
    """Smallest ‖β‖₁ by the plain programme over all 2d columns."""
    answer = linprog(
        np.ones(2 * rows.shape[1]),
        A_eq=np.hstack([rows, -rows]),
        b_eq=targets,
        bounds=(0.0, None),
        method="highs",
    )
    return answer.fun


@pytest.mark.parametrize("seed", range(8))
def test_value_is_optimal_and_the_dual_proves_it(seed):
    rows, targets, _ = problem(seed)
    found = solve_basis_pursuit(rows, targets, np.zeros(12))
    assert found.succeeded
    assert found.iterations > 0
    assert np.abs(found.beta).sum() == pytest.approx(optimum(rows, targets), rel=1e-10)
    assert rows @ found.beta == pytest.approx(targets, abs=1e-12)
    assert np.abs(found.dual @ rows).max() <= 1.0 + 1e-12
    assert targets @ found.dual == pytest.approx(np.abs(found.beta).sum(), rel=1e-12, abs=0)


def test_the_guess_only_orders_the_columns():
    rows, targets, rng = problem(20)
    plain = solve_basis_pursuit(rows, targets, np.zeros(12))
    for size in (1e-300, 1.0, 1e300):
        other = solve_basis_pursuit(rows, targets, size * rng.standard_normal(12))
        assert other.beta == pytest.approx(plain.beta, abs=1e-11)


def test_many_columns_come_in_rounds():
    """A misleading guess leaves out the columns that matter; pricing brings them in."""
    rows, targets, _ = problem(21, 10, 400)
    misled = solve_basis_pursuit(rows, targets, -solve_basis_pursuit(rows, targets, targets).dual)
    assert np.abs(misled.beta).sum() == pytest.approx(optimum(rows, targets), rel=1e-10)


def test_a_determined_system_has_one_answer():
    rng = np.random.default_rng(22)
    rows, truth = rng.standard_normal((6, 6)), rng.standard_normal(6)
    found = solve_basis_pursuit(rows, rows @ truth, np.zeros(6))
    assert found.beta == pytest.approx(truth, abs=1e-11)


def test_ties_are_broken_somehow_and_optimally():
    rows = np.array([[1.0, 1.0, -1.0, 0.5]])
    found = solve_basis_pursuit(rows, np.array([2.0]), np.zeros(1))
    assert np.abs(found.beta).sum() == pytest.approx(2.0)
    assert found.dual == pytest.approx([1.0])


def test_zero_targets():
    rows, _, _ = problem(23)
    assert not solve_basis_pursuit(rows, np.zeros(12), np.zeros(12)).beta.any()


def test_what_no_columns_meet_is_no_success():
    """Rows are independent by contract: that HiGHS finds no point is a failure, not a proof."""
    rows = np.array([[1.0, 2.0], [2.0, 4.0]])
    assert not solve_basis_pursuit(rows, np.array([1.0, 3.0]), np.zeros(2)).succeeded
