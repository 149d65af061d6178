"""Effective parameters of finite minimisers (Proposition 4.2, eqs. (19)-(20); Appendix C).

n/tr H⁻¹, with H the Hessian of the dual, is τ, and τ‖ν‖/√n, with ν the multipliers, is θ: each
agrees with the replica fixed point.

τ comes from the spectrum of the dual's Hessian and from the closure at the finite β̂; θ from the
multipliers (with a ridge: from the residual) and from the pseudo-data β̂ + τ q′(β̂) − β*.
"""

from itertools import product
from typing import Any, NamedTuple

import numpy as np

from verify.claim import Control
from verify.claims.crosscheck._gaps import times
from verify.claims.crosscheck._instances import SLABS, Problem, by_problem, fixed_point
from verify.claims.crosscheck._intervals import Quantity, equivalence, over_seeds
from verify.methods.formula import named, written
from verify.registry import state


class Estimators(NamedTuple):
    """The problems and the margin; what estimates τ and θ², a factor on τ, and θ² from (p, α).

    Estimators are functions of (n, d, tr H⁻¹) and of (n, d, τ, ‖ν‖).
    """

    problems: tuple[Problem, ...]
    d: int
    seeds: range
    margin: float
    tau: Any = lambda n, d, trace: n / trace
    theta_squared: Any = lambda n, d, tau, norm: tau**2 * norm**2 / n
    factor: float = 1.0
    normalised: Any = lambda p, alpha: p / alpha

    def latex(self):
        n, d, tau, p, alpha = named("n", "d", r"\hat\tau", "p", r"\alpha")
        trace, norm = named(r"\operatorname{tr} H^{-1}", r"\|\nu\|")
        return (
            rf"\left|E \log \frac{{\hat\tau}}{{{times(self.factor)}\tau}}\right| \le "
            rf"{self.margin:.6g}, \quad \hat\tau = {written(self.tau, n, d, trace)}, \quad "
            r"H = X \operatorname{diag}(1/q'') X^{T} + \varrho \\ "
            rf"\left|E \log \frac{{\hat\theta}}{{\theta}}\right| \le {self.margin:.6g}, \quad "
            rf"\hat\theta^2 = {written(self.theta_squared, n, d, tau, norm)}, \quad "
            rf"\theta^2 = {written(self.normalised, p, alpha)}"
        )

    def margins(self):
        return f"{self.margin:.6g} in the logarithms of τ and θ"


def estimates(stated, problem, solved):
    """Return log(τ̂/τ) and log(θ̂/θ) by two estimators each; lengths are in units of √n."""
    tau, theta = fixed_point(problem)
    tau *= stated.factor
    theta = np.sqrt(stated.normalised(problem.alpha * theta**2, problem.alpha))
    n, d = 1.0, 1.0 / problem.alpha
    spectral = stated.tau(n, d, 1.0 / solved.tau)
    squared = stated.theta_squared(n, d, spectral, solved.multiplier_norm)
    noise = [
        estimate + 0.5 * spectral * np.arcsinh(estimate / scale) - truth
        for estimate, truth, scale in zip(
            solved.estimate.values(), solved.truth.values(), problem.scales.values(), strict=True
        )
    ]
    return {
        "τ from the Hessian": np.log(spectral / tau),
        "τ from the closure": np.log(solved.closure_tau / tau),
        "θ from the multipliers": 0.5 * np.log(squared) - np.log(theta),
        "θ from the pseudo-data": 0.5 * np.log(np.mean(np.concatenate(noise) ** 2)) - np.log(theta),
    }


def decide(stated):
    """Average the logarithms over the seeds, and hold each to the margin."""
    found = by_problem(stated, estimates)
    return equivalence(
        [Quantity(name, values, stated.margin) for name, values in found],
        between=("dual Newton", "replica fixed point"),
        what="effective parameters τ and θ",
        measure="log-ratio",
    )


def per_coordinate(n, d, tau, norm):
    return tau**2 * norm**2 / d


def check(stated, **how):
    controls = (
        Control("τ a fifth larger", stated._replace(factor=1.2)),
        Control("θ² = σ² + p, without 1/α", stated._replace(normalised=lambda p, alpha: p)),
        Control("d/tr H⁻¹ for n/tr H⁻¹", stated._replace(tau=lambda n, d, trace: d / trace)),
        Control("‖r‖²/d for ‖r‖²/n", stated._replace(theta_squared=per_coordinate)),
    )
    return over_seeds(decide, stated, controls, **how)


THREE = (
    Problem("gaussian", (1e-3, 0.0, 0.0)),
    Problem("sign", (1e-6, -0.99, 0.0), ridge=0.2),
    Problem("sign", (0.1, 0.0, 1.0)),
)
INITS = ((1e-3, 0.0, 0.0), (1e-3, -0.9, 0.05), (1e-6, 0.99, 0.0), (0.1, 0.0, 1.0))
CASES = product(SLABS, INITS, (0.0, 0.2))
SIXTEEN = tuple(Problem(slab, init, ridge=ridge) for slab, init, ridge in CASES)

state(
    "crosscheck.effective-parameters",
    __doc__,
    (
        check(Estimators(THREE, 400, range(30), margin=0.1), limit=120.0),
        check(Estimators(SIXTEEN, 800, range(60), margin=0.07), tier="full", limit=1800.0),
    ),
    assumptions=("ρ_PT = ρ_FT = 0.4, ω = ½, α = ½", "ϱ = 0 and ϱ = 0.2"),
    requires=("replica.effective-parameters",),
)
