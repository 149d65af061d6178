"""Hostile data: every problem ends in a certified answer or an error that names its cause."""

import math

import numpy as np
import pytest

from numerics.certificate import SolverStatus, certificate
from numerics.interpolation import minimum_penalty
from numerics.penalty_problem import InfeasibleError


def adversarial(seed):
    """Draw hostile data: (X, y, scale, feasible, precise); precise asks for the full tolerance."""
    rng = np.random.default_rng(seed)
    n, d = int(rng.integers(2, 25)), int(rng.integers(30, 80))
    X = rng.standard_normal((n, d))
    truth = rng.standard_normal(d) * (rng.random(d) < rng.uniform(0.1, 1.0))
    truth[0] = 1.0
    scale = 10 ** rng.uniform(-8, 4, d)
    feasible = precise = True
    kind = seed % 12
    if kind == 0:  # duplicate rows
        X = X[rng.integers(0, n, 2 * n)]
    elif kind == 1:  # condition number 1e12
        u, _, v = np.linalg.svd(X, full_matrices=False)
        X, precise = u @ (np.logspace(0, -12, n)[:, None] * v), False
    elif kind == 2:  # one huge and many tiny scales
        scale = np.full(d, 1e-8)
        scale[int(rng.integers(d))] = 1e4
    elif kind == 3:
        truth = np.zeros(d)
    elif kind == 4:  # columns of zeros, and of very different size
        X = X * 10 ** rng.uniform(-6, 6, d)
        X[:, rng.random(d) < 0.2] = 0.0
    elif kind == 5:  # more equations than unknowns
        X = rng.standard_normal((d + n, d))
    elif kind == 6:
        X, feasible = rng.standard_normal((d + n, d)), False
    elif kind == 7:  # inconsistent duplicates
        X, feasible = np.vstack([X, X[0]]), False
    elif kind == 8:
        truth = truth * 10 ** rng.uniform(-30, 12)
    elif kind == 9:  # a row of zeros
        X[int(rng.integers(n))] = 0.0
    elif kind == 10:  # the ℓ1 limit with dependent rows
        X, scale = np.vstack([X, X[:1] + X[-1:]]), np.zeros(d)
    else:  # nearly as many equations as unknowns, integer data with ties
        X = rng.integers(-1, 2, (d - 1, d)).astype(float)
    y = X @ truth
    if not feasible:
        y = y + 0.1 * (np.arange(len(y)) == len(y) - 1)
    return X, y, scale, feasible, precise


@pytest.mark.parametrize("seed", range(120))
def test_right_answer_or_clear_error(seed):
    X, y, scale, feasible, precise = adversarial(seed)
    if not feasible:
        with pytest.raises(InfeasibleError, match="range of X"):
            minimum_penalty(X, y, scale)
        return
    sol = minimum_penalty(X, y, scale)
    judged = certificate(X, y, scale, sol.beta, sol.dual)
    assert sol.converged == judged.holds()
    assert judged.infeasibility <= 1e-10 * np.abs(y).max()
    if precise:
        assert sol.converged, (sol.status, judged)
    else:
        # ν is as large as 1e12 here: its rounding alone moves Xᵀν by 1e-4, the gap by its square.
        assert sol.status in {SolverStatus.CONVERGED, SolverStatus.PRECISION_LIMIT}
        assert abs(judged.gap) <= 1e-5 * (1 + judged.value)
    if scale.any():
        assert sol.iterations <= 30


def test_ridge_accepts_what_interpolation_refuses():
    for seed in (6, 7, 18, 19):
        X, y, scale, _, _ = adversarial(seed)
        for ridge in (1e-6, 1.0, 1e6):
            assert minimum_penalty(X, y, scale, ridge=ridge).converged


class TestShapes:
    def test_as_many_equations_as_unknowns(self):
        rng = np.random.default_rng(0)
        X, truth = rng.standard_normal((12, 12)), rng.standard_normal(12)
        sol = minimum_penalty(X, X @ truth, 1e-3)
        np.testing.assert_allclose(sol.beta, truth, rtol=1e-9)
        assert sol.converged

    def test_one_by_one(self):
        sol = minimum_penalty([[2.0]], [6.0], 0.5)
        assert sol.beta == pytest.approx([3.0])
        assert sol.dual == pytest.approx([math.asinh(6.0) / 4])

    def test_zero_targets_give_zero(self):
        for ridge in (0.0, 1.0):
            sol = minimum_penalty(np.ones((2, 3)), np.zeros(2), 1.0, ridge=ridge)
            assert sol.converged
            assert not sol.beta.any()
            assert sol.value == 0.0

    def test_zero_columns_stay_zero(self):
        rng = np.random.default_rng(1)
        X = rng.standard_normal((4, 9))
        X[:, 3] = 0.0
        for scale in (0.0, 1e-6, 1.0):
            assert minimum_penalty(X, X.sum(axis=1), scale).beta[3] == 0.0

    def test_inputs_are_not_written_to(self):
        rng = np.random.default_rng(2)
        X, y, scale = rng.standard_normal((6, 9)), rng.standard_normal(6), np.full(9, 0.1)
        X = np.vstack([X, X[0]])
        y = np.append(y, y[0])
        copies = X.copy(), y.copy(), scale.copy()
        minimum_penalty(X, y, scale)
        for kept, now in zip(copies, (X, y, scale), strict=True):
            np.testing.assert_array_equal(kept, now)

    def test_fortran_order_and_integers(self):
        X = np.asfortranarray([[1, 2, 3], [0, 1, -1]])
        assert minimum_penalty(X, [1, 2], 1).converged


class TestErrors:
    X = np.arange(6.0).reshape(2, 3) - 1.5
    y = np.array([1.0, 2.0])

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"X": [[1.0, np.nan, 2.0], [0.0, 1.0, 1.0]]}, "X must be finite"),
            ({"X": [1.0, 2.0]}, "X must have 2 dimension"),
            ({"X": np.ones((0, 3)), "y": []}, "at least one row"),
            ({"X": np.ones((2, 0))}, "at least one row and one column"),
            ({"y": [1.0]}, r"y must have shape \(2,\)"),
            ({"y": [1.0, np.inf]}, "y must be finite"),
            ({"y": ["a", "b"]}, "y must be real numbers"),
            ({"scale": [1.0, 2.0]}, r"scale must be a scalar or have shape \(3,\)"),
            ({"scale": [1.0, -2.0, 1.0]}, "scale >= 0, got scale=-2.0 at index"),
            ({"scale": np.nan}, "scale must be finite"),
            ({"scale": [0.0, 1.0, 0.0]}, r"zero everywhere \(the l1 limit\).*got 2 zero"),
            ({"ridge": -1.0}, "ridge >= 0, got ridge=-1.0"),
            ({"ridge": 1.0, "scale": 0.0}, "ridge must be 0 when every scale is 0"),
            ({"dual": [1.0]}, r"dual must have shape \(2,\)"),
            ({"dual": [1.0, np.nan]}, "dual must be finite"),
            ({"dual_scale": 1.0}, "dual_scale must come with dual"),
            ({"dual": [1.0, 1.0], "dual_scale": 0.0}, "dual_scale > 0"),
            ({"dual": [1.0, 1.0], "dual_scale": [1.0]}, "dual_scale must be a scalar or"),
            ({"max_iterations": 0}, "max_iterations must satisfy >= 1"),
        ],
    )
    def test_bad_input_is_named(self, change, message):
        arguments = {"X": self.X, "y": self.y, "scale": 1.0} | change
        with pytest.raises(ValueError, match=message):
            minimum_penalty(**arguments)

    def test_infeasible_names_the_equation(self):
        with pytest.raises(InfeasibleError, match="row 1 of X is zero"):
            minimum_penalty([[1.0, 1.0], [0.0, 0.0]], [1.0, 1.0], 1.0)
        with pytest.raises(InfeasibleError, match="rank 1 < n = 2"):
            minimum_penalty([[1.0, 1.0], [2.0, 2.0]], [1.0, 2.001], 1.0)
        with pytest.raises(InfeasibleError, match="row 0 of X is zero"):
            minimum_penalty(np.zeros((2, 2)), [1.0, 2.0], 0.0)
        with pytest.raises(InfeasibleError, match="rank 1 < n = 2"):
            minimum_penalty([[1.0, 1.0], [2.0, 2.0]], [1.0, 2.001], 0.0)

    @pytest.mark.parametrize(
        ("X", "y", "scale"),
        [
            ([[1.0]], [1.19296783e-49], 1e260),
            ([[1.0, 2.0, 3.0], [0.0, 1.0, 1.0]], [1.0, 2.0], 1e308),
            ([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]], [1e-49, 1e-49], [1e-300, 1.0, 1e270]),
        ],
    )
    @pytest.mark.parametrize("ridge", [0.0, 1.0])
    def test_scales_beyond_the_range_of_their_curvature_are_refused(self, X, y, scale, ridge):
        with pytest.raises(ValueError, match="scale must be representable relative to X and y"):
            minimum_penalty(X, y, scale, ridge=ridge)

    def test_scales_just_within_it_are_solved(self):
        X = np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 1.0]])
        result = minimum_penalty(X, [1.0, 2.0], 1e305)
        assert result.converged
        # The penalty of so large a scale is the squared norm.
        assert result.beta == pytest.approx(np.linalg.pinv(X) @ [1.0, 2.0], rel=1e-13, abs=0)

    def test_unrepresentable_solutions_are_refused(self):
        with pytest.raises(ValueError, match="representable"):
            minimum_penalty([[1e-300, 1e-300]], [1e300], 1.0)

    @pytest.mark.parametrize("y", [1e-320, 1.0])
    def test_designs_too_small_for_multipliers_are_refused(self, y):
        """‖Xᵀν‖∞ = 1 asks for ν of 1e320; HiGHS alone would call the equations infeasible."""
        with pytest.raises(ValueError, match="representable") as caught:
            minimum_penalty([[1e-320, 2e-320, 0.0], [0.0, 1e-320, 3e-320]], [y, y], 0.0)
        assert not isinstance(caught.value, InfeasibleError)

    @pytest.mark.parametrize("scale", [0.0, 1.0])
    @pytest.mark.parametrize("y", [0.00390625, 1.0])
    def test_subnormal_designs_are_refused_where_their_solution_is_too_large(self, y, scale):
        with pytest.raises(ValueError, match="the solution must be representable in float64"):
            minimum_penalty([[2.22507386e-311], [2.22507386e-311]], [y, y], scale)
