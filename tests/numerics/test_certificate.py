"""The certificate: right about right answers, and not to be fooled by wrong ones."""

import mpmath as mp
import numpy as np
import pytest

from numerics.certificate import Certificate, SolverStatus, certificate
from numerics.interpolation import minimum_penalty


@pytest.fixture
def problem():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((8, 20))
    return X, X @ rng.standard_normal(20), 10 ** rng.uniform(-8, 2, 20)


def mp_gap(X, y, c, beta, nu, ridge):
    """Primal, and primal minus dual, straight from their definitions in 80 digits."""
    with mp.workdps(80):
        n, d = X.shape
        s = [mp.fsum(mp.mpf(X[a, i]) * mp.mpf(nu[a]) for a in range(n)) for i in range(d)]
        left = [
            mp.mpf(y[a]) - mp.fsum(mp.mpf(X[a, i]) * mp.mpf(beta[i]) for i in range(d))
            for a in range(n)
        ]
        primal, dual = mp.mpf(0), mp.fsum(mp.mpf(y[a]) * mp.mpf(nu[a]) for a in range(n))
        for i in range(d):
            scale = mp.mpf(c[i])
            z = mp.mpf(beta[i]) / scale
            primal += scale / 2 * (1 - mp.sqrt(1 + z * z) + z * mp.asinh(z))
            dual -= scale / 2 * (mp.cosh(2 * s[i]) - 1)
        if ridge:
            primal += mp.fsum(r * r for r in left) / (2 * mp.mpf(ridge))
            dual -= mp.mpf(ridge) / 2 * mp.fsum(mp.mpf(v) ** 2 for v in nu)
        return float(primal), float(primal - dual)


@pytest.mark.parametrize("ridge", [0.0, 1e-3, 5.0])
@pytest.mark.parametrize("size", [1e-9, 1e-4, 0.1, 3.0])
def test_value_and_gap_match_their_definitions(problem, ridge, size):
    X, y, c = problem
    rng = np.random.default_rng(1)
    sol = minimum_penalty(X, y, c, ridge=ridge)
    beta = sol.beta * (1 + size * rng.standard_normal(20))
    nu = sol.dual + size * rng.standard_normal(8)
    judged = certificate(X, y, c, beta, nu, ridge)
    value, gap = mp_gap(X, y, c, beta, nu, ridge)
    assert judged.value == pytest.approx(value, rel=1e-13, abs=0)
    # The exponents s and q′ carry 1e-16 relative rounding, the gap its effect to second order;
    # the equality form adds the rounding of νᵀ(Xβ − y).
    assert judged.gap == pytest.approx(gap, rel=1e-6, abs=1e-22)


def test_fenchel_young_term_far_from_the_optimum(problem):
    X, y, c = problem
    for sign in (1.0, -1.0):
        nu = sign * minimum_penalty(X, y, c).dual * 4
        beta = np.linalg.pinv(X) @ y
        _, gap = mp_gap(X, y, c, beta, nu, 0.0)
        assert certificate(X, y, c, beta, nu).gap == pytest.approx(gap, rel=1e-11, abs=0)


def test_gap_of_a_dual_far_on_the_other_side_of_a_tiny_scale():
    """There sinh² overflows, and c² underflows: the identity, with 50 digits."""
    scale, nu = 1e-294, -150.0
    with mp.workdps(50):
        c = mp.mpf(scale)
        primal = (mp.asinh(1 / c) - mp.sqrt(1 + c**2) + c) / 2
        dual = nu - c * (mp.cosh(2 * nu) - 1) / 2
        exact = float(primal - dual)
    found = certificate([[1.0]], [1.0], scale, [1.0], [nu])
    assert found.gap == pytest.approx(exact, rel=1e-14, abs=0)
    assert found.value == pytest.approx(float(primal), rel=1e-14, abs=0)


class TestRejects:
    def accepted(self, problem, beta, dual, ridge=0.0):
        return certificate(*problem, beta, dual, ridge).holds()

    def test_accepts_the_solution(self, problem):
        sol = minimum_penalty(*problem)
        assert self.accepted(problem, sol.beta, sol.dual)

    def test_another_interpolator(self, problem):
        X, y, _ = problem
        sol = minimum_penalty(*problem)
        assert not self.accepted(problem, np.linalg.pinv(X) @ y, sol.dual)

    @pytest.mark.parametrize("factor", [2.0, 0.5, 1.001])
    def test_the_solution_for_another_scale(self, problem, factor):
        X, y, c = problem
        sol = minimum_penalty(X, y, factor * c)
        assert not self.accepted(problem, sol.beta, sol.dual)

    def test_an_infeasible_vector(self, problem):
        sol = minimum_penalty(*problem)
        assert not self.accepted(problem, sol.beta * (1 + 1e-8), sol.dual)

    def test_the_dual_with_the_wrong_sign_or_factor(self, problem):
        sol = minimum_penalty(*problem)
        assert not self.accepted(problem, sol.beta, -sol.dual)
        assert not self.accepted(problem, sol.beta, 2 * sol.dual)

    def test_the_wrong_ridge(self, problem):
        sol = minimum_penalty(*problem, ridge=0.1)
        assert self.accepted(problem, sol.beta, sol.dual, 0.1)
        assert not self.accepted(problem, sol.beta, sol.dual, 0.11)

    def test_absurd_duals_without_raising(self, problem):
        sol = minimum_penalty(*problem)
        for size in (1e3, 1e200):
            assert not self.accepted(problem, sol.beta, np.full(8, size))

    def test_basis_pursuit(self, problem):
        X, y, _ = problem
        sol = minimum_penalty(X, y, 0.0)
        assert certificate(X, y, 0.0, sol.beta, sol.dual).holds()
        assert not certificate(X, y, 0.0, np.linalg.pinv(X) @ y, sol.dual).holds()
        assert not certificate(X, y, 0.0, sol.beta, 1.01 * sol.dual).holds()
        assert not certificate(X, y, 0.0, sol.beta, 0.99 * sol.dual).holds()

    @pytest.mark.parametrize("unit", [1e-100, 1e-12, 1e12, 1e100])
    def test_units_neither_excuse_nor_condemn(self, problem, unit):
        """In small units any gap is small: only relative to the value does it mean anything."""
        X, y, c = problem
        scaled = X, unit * y, unit * c
        sol = minimum_penalty(*scaled)
        assert self.accepted(scaled, sol.beta, sol.dual)
        assert not self.accepted(scaled, sol.beta, np.zeros(8))
        assert not self.accepted(scaled, np.linalg.pinv(X) @ scaled[1], sol.dual)

    def test_nan_never_holds(self):
        good = Certificate(1.0, 0.0, 0.0, 0.0, 1.0)
        assert good.holds()
        for bad in (np.nan, np.inf):
            assert not Certificate(1.0, bad, 0.0, 0.0, 1.0).holds()
            assert not Certificate(1.0, 0.0, bad, 0.0, 1.0).holds()
            assert not Certificate(bad, 0.0, 0.0, 0.0, 1.0).holds()


def test_every_status_advises():
    advice = {status.advice for status in SolverStatus}
    assert len(advice) == len(SolverStatus)
    assert all(text.endswith((".", "further.")) for text in advice)
