"""Effective parameters of finite minimisers (Proposition 4.2, eqs. (19)-(20); Appendix C).

n/tr H⁻¹, with H the Hessian of the dual, is τ, and τ‖ν‖/√n, with ν the multipliers, is θ: each
agrees with the replica fixed point.

τ comes from the spectrum of the dual's Hessian H = X diag(1/q″) Xᵀ + ϱ and from the closure at the
finite β̂; θ from the multipliers (with a ridge: from the residual), |ν| being the Euclidean norm,
and from the pseudo-data β̂ + τ q′(β̂) − β*. The fixed point is (τ, p), with θ² = p/α.
"""

from dataclasses import replace
from itertools import product
from typing import NamedTuple

import numpy as np
import sympy as sp

from verify.claim import Control
from verify.claims.crosscheck._instances import SLABS, Problem, by_problem, fixed_point
from verify.claims.crosscheck._intervals import Quantity, equivalence, over_seeds
from verify.methods.bounds import at_least, deviation, within
from verify.methods.formula import Formula, defined
from verify.methods.notation import Bracketed
from verify.registry import state

N, D, ALPHA, P = sp.symbols("n d alpha p", positive=True)
TAU = sp.Symbol("tau", positive=True)
TAU_FOUND, THETA_FOUND = sp.symbols(r"\hat\tau \hat\theta", positive=True)
HESSIAN, NU = sp.MatrixSymbol("H", N, N), sp.MatrixSymbol(r"\nu", N, 1)
TRACE = sp.Trace(HESSIAN**-1)


class Length(Bracketed):
    """The Euclidean norm of a vector."""

    opening, closing = r"\left|", r"\right|"
    _imp_ = staticmethod(np.linalg.norm)


class Estimators(NamedTuple):
    """The problems; what estimates τ and θ; the logarithms that are 0 within margins."""

    problems: tuple[Problem, ...]
    d: int
    seeds: range
    tau: Formula
    theta: Formula
    tau_found: Formula = Formula(TAU_FOUND, (N, TRACE), lambda n, trace: n / trace)
    theta_found: Formula = Formula(
        THETA_FOUND, (TAU_FOUND, Length(NU), N), lambda tau, nu, n: tau * nu / sp.sqrt(n)
    )

    def latex(self):
        estimates = (self.tau, self.tau_found), (self.theta, self.theta_found)
        return r" \\ ".join(rf"{one.latex()}, \quad {how.latex()}" for one, how in estimates)

    def margins(self):
        margins = {f"{float(one.side()):.6g}" for one in (self.tau, self.theta)}
        return f"{', '.join(sorted(margins))} in the logarithms of τ and θ"


def estimators(problems, d, seeds, margin):
    tau = within(sp.log(TAU_FOUND / TAU), margin)
    theta = within(sp.log(THETA_FOUND / sp.sqrt(P / ALPHA)), margin)
    return Estimators(problems, d, seeds, tau, theta)


def estimates(stated, problem, solved):
    """Return log(τ̂/τ) and log(θ̂/θ) by two estimators each."""
    tau, theta = fixed_point(problem)
    # In a basis of its eigenvectors the Hessian has the same trace.
    sizes = {N: float(solved.multipliers.size), D: float(stated.d)}
    sizes |= {HESSIAN: np.diag(solved.spectrum), NU: solved.multipliers}
    spectral = float(defined(stated.tau_found, TAU_FOUND, sizes))
    from_multipliers = float(
        defined(stated.theta_found, THETA_FOUND, sizes | {TAU_FOUND: spectral})
    )
    if not (spectral > 0 and from_multipliers > 0):
        raise ValueError(f"τ and θ must be positive, got {spectral} and {from_multipliers}")
    noise = [
        estimate + 0.5 * spectral * np.arcsinh(estimate / scale) - truth
        for estimate, truth, scale in zip(
            solved.estimate.values(), solved.truth.values(), problem.scales.values(), strict=True
        )
    ]
    of_pseudo_data = float(np.mean(np.concatenate(noise) ** 2)) ** 0.5
    exact = {P: problem.alpha * theta**2, ALPHA: problem.alpha}
    return {
        "τ from the Hessian": deviation(stated.tau, {TAU_FOUND: spectral, TAU: tau}),
        "τ from the closure": deviation(stated.tau, {TAU_FOUND: solved.closure_tau, TAU: tau}),
        **{
            f"θ from the {which}": deviation(stated.theta, exact | {THETA_FOUND: found})
            for which, found in (("multipliers", from_multipliers), ("pseudo-data", of_pseudo_data))
        },
    }


def decide(stated):
    """Average the logarithms over the seeds, and hold each to the margin."""
    found = by_problem(stated, estimates)
    return equivalence(
        [
            Quantity(name, values, stated.theta if ": θ" in name else stated.tau)
            for name, values in found
        ],
        between=("dual Newton", "replica fixed point"),
        what="effective parameters τ and θ",
        measure="log-ratio",
    )


def check(stated, **how):
    margin = float(stated.tau.side())
    larger = within(sp.log(TAU_FOUND / (sp.Rational(6, 5) * TAU)), margin)
    plain = within(sp.log(THETA_FOUND / sp.sqrt(P)), margin)
    by_d = replace(stated.tau_found, symbols=(D, TRACE))
    per_coordinate = replace(stated.theta_found, symbols=(TAU_FOUND, Length(NU), D))
    controls = (
        Control("τ a fifth larger", stated._replace(tau=larger)),
        Control("θ² = σ² + p, without 1/α", stated._replace(theta=plain)),
        Control("d/tr H⁻¹ for n/tr H⁻¹", stated._replace(tau_found=by_d)),
        Control("‖r‖²/d for ‖r‖²/n", stated._replace(theta_found=per_coordinate)),
        Control("deviations of at least the margin", stated._replace(tau=at_least(stated.tau))),
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
        check(estimators(THREE, 400, range(30), margin=0.1), limit=120.0),
        check(estimators(SIXTEEN, 800, range(60), margin=0.07), tier="full", limit=1800.0),
    ),
    assumptions=("ρ_PT = ρ_FT = 0.4, ω = ½, α = ½", "ϱ = 0 and ϱ = 0.2"),
    requires=("replica.effective-parameters",),
)
