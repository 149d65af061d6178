"""Ridge regression in closed form (Proposition 4.2; Section 5.1 (lazy regime)).

Where the penalty is β²/(2K), the error is that of ridge regression: a rational function of τ, which
is the root of a quadratic.
"""

from itertools import product
from typing import Any, NamedTuple

import sympy as sp

from numerics import Initialization, TaskDistribution, solve_replica
from theory import replica
from verify.claim import Check, Control, Method
from verify.methods.formula import named, written
from verify.methods.identity import equal
from verify.methods.numeric import CLOSED_FORM, FLOAT64, compare, compared
from verify.registry import state


def tau(scale, ridge, alpha):
    free = ridge - scale + scale / alpha
    return (free + sp.sqrt(free**2 + 4 * ridge * scale)) / 2


def error(signal, scale, noise, alpha, tau):
    """p, with E[β*²] = `signal` and σ² = `noise`."""
    return (tau**2 * signal + scale**2 * noise) / ((scale + tau) ** 2 - scale**2 / alpha)


class Ridge(NamedTuple):
    """τ from (K, ϱ, α), and p from (E[β*²], K, σ², α, τ)."""

    tau: Any
    error: Any

    def latex(self):
        signal, K, noise, ridge, alpha, tau = named(
            r"E[\beta^{*2}]", "K", r"\sigma^2", r"\varrho", r"\alpha", r"\tau"
        )
        return (
            rf"p = {written(self.error, signal, K, noise, alpha, tau)} \\ "
            rf"\tau = {written(self.tau, K, ridge, alpha)}"
        )

    def __call__(self, signal, scale, noise, ridge, alpha):
        return self.error(signal, scale, noise, alpha, self.tau(scale, ridge, alpha))


STATED = Ridge(tau, error)
CONTROLS = (
    Control("ϱ/α for ϱ", STATED._replace(tau=lambda k, r, a: tau(k, r / a, a))),
    Control(
        "K/2 for K",
        Ridge(lambda k, r, a: tau(k / 2, r, a), lambda b, k, s, a, t: error(b, k / 2, s, a, t)),
    ),
    Control("p times α", STATED._replace(error=lambda b, k, s, a, t: a * error(b, k, s, a, t))),
)


def derive(stated):
    """Solve the fixed point with the quadratic penalty, β̂ = z K/(K + τ)."""
    signal, scale = sp.symbols("B K", positive=True)
    solved = replica.quadratic_error(signal, scale, with_ridge=True)
    claimed = stated(signal, scale, replica.noise**2, replica.ridge, replica.alpha)
    return equal(sp.radsimp(solved), sp.radsimp(claimed))


SCALE = 8e6  # K = √k = 2c_FT for c = 2·10⁶


def evaluate(stated):
    """Hold the solver, at a scale that makes the penalty quadratic, to it."""
    task = TaskDistribution.pretrain_finetune(0.2, 0.3, 0.5)
    init = Initialization(SCALE / 4, 0.0)

    def computed(alpha, noise, share):
        curve = solve_replica(task, init, alpha, noise_variance=noise, ridge=share * SCALE)
        return float(curve.mse[0])

    def claimed(alpha, noise, share):
        values = (1, SCALE, noise, share * SCALE, alpha)
        return str(stated(*(sp.Float(value, 40) for value in values)))

    points = product((0.05, 0.6, 1.0, 1.7, 30.0), (0.0, 0.4), (1e-6, 1.25e-4))
    found = compare(computed, claimed, points, names=("α", "σ²", "ϱ/K"))
    return compared(found, "error p at large scales, with ridge", (FLOAT64, CLOSED_FORM))


REASON = "(β/c_FT)² ≈ 10⁻¹² is what the quadratic leaves out, amplified near α = 1"
state(
    "replica.ridge-limit",
    __doc__,
    (
        Check("algebraic fixed point", Method.SYMBOLIC, derive, STATED, CONTROLS),
        Check("solver at large scales", Method.FLOAT64, evaluate, STATED, CONTROLS, 1e-9, REASON),
    ),
    assumptions=("ϱ > 0", "the penalty is β²/(2K) in all coordinates"),
    requires=("replica.effective-parameters",),
)
