"""τ and θ, read off finite minimisers, are those of the replica fixed point.

τ from the spectrum of the dual's Hessian and from the closure at the finite β̂; θ from the
multipliers (with a ridge: from the residual) and from the pseudo-data β̂ + τ q′(β̂) − β*.
"""

from typing import NamedTuple

import numpy as np

from verify.claim import Check, Claim, Control, Evidence, Method
from verify.claims.crosscheck._instances import GROUPS, Problem, Solution, fixed_point, solutions
from verify.claims.crosscheck._intervals import Quantity, equivalence
from verify.registry import register


class Statement(NamedTuple):
    """The problems, and factors that falsify the estimators."""

    problems: tuple[Problem, ...]
    d: int
    seeds: range
    margin: float
    trace_per_coordinate: bool = False
    residual_per_coordinate: bool = False
    without_alpha: bool = False
    tau_factor: float = 1.0


def estimates(statement: Statement, problem: Problem, solved: Solution) -> dict[str, float]:
    """Return log(τ̂/τ) and log(θ̂/θ) by two estimators each."""
    tau, theta = fixed_point(problem)
    tau *= statement.tau_factor
    if statement.without_alpha:  # θ² = σ² + p
        theta *= np.sqrt(problem.alpha)
    spectral = solved.tau / (problem.alpha if statement.trace_per_coordinate else 1.0)
    norm = solved.multiplier_norm
    if statement.residual_per_coordinate:
        norm *= np.sqrt(problem.alpha)
    scales = problem.scales
    noise = np.concatenate(
        [
            solved.estimate[group]
            + 0.5 * spectral * np.arcsinh(solved.estimate[group] / scales[group])
            - solved.truth[group]
            for group in GROUPS
        ]
    )
    return {
        "τ from the Hessian": float(np.log(spectral / tau)),
        "τ from the closure": float(np.log(solved.closure_tau / tau)),
        "θ from the multipliers": float(np.log(spectral * norm / theta)),
        "θ from the pseudo-data": float(0.5 * np.log(np.mean(noise**2)) - np.log(theta)),
    }


def decide(statement: Statement) -> Evidence:
    """Average the logarithms over the seeds, and hold each to the margin."""
    quantities = []
    for problem in statement.problems:
        rows = [
            estimates(statement, problem, solved)
            for solved in solutions(problem, statement.d, statement.seeds)
        ]
        quantities += [
            Quantity(f"{problem.name}: {name}", np.array([r[name] for r in rows]), statement.margin)
            for name in rows[0]
        ]
    return equivalence(
        quantities,
        roads=("dual Newton", "replica fixed point"),
        what="effective parameters τ and θ",
        measure="log-ratio",
    )


def _controls(statement: Statement) -> tuple[Control, ...]:
    return (
        Control("τ a fifth larger", statement._replace(tau_factor=1.2)),
        Control("θ² = σ² + p, without 1/α", statement._replace(without_alpha=True)),
        Control("d/tr H⁻¹ for n/tr H⁻¹", statement._replace(trace_per_coordinate=True)),
        Control("‖r‖²/d for ‖r‖²/n", statement._replace(residual_per_coordinate=True)),
    )


QUICK = Statement(
    (
        Problem("gaussian", (1e-3, 0.0, 0.0)),
        Problem("sign", (1e-6, -0.99, 0.0), ridge=0.2),
        Problem("sign", (0.1, 0.0, 1.0)),
    ),
    d=400,
    seeds=range(30),
    margin=0.1,
)
FULL = Statement(
    tuple(
        Problem(slab, init, ridge=ridge)
        for slab in ("gaussian", "sign")
        for init in ((1e-3, 0.0, 0.0), (1e-3, -0.9, 0.05), (1e-6, 0.99, 0.0), (0.1, 0.0, 1.0))
        for ridge in (0.0, 0.2)
    ),
    d=800,
    seeds=range(60),
    margin=0.07,
)

register(
    Claim(
        id="crosscheck.effective-parameters",
        title="Effective parameters of finite minimisers",
        sentence="n/tr H⁻¹, with H the Hessian of the dual, is τ, and τ‖ν‖/√n, with ν the "
        "multipliers, is θ: each agrees with the replica fixed point.",
        latex=r"\frac{n}{\operatorname{tr} (X \operatorname{diag}(1/q'') X^{T} + \varrho)^{-1}} "
        r"\to \tau,\quad \tau \frac{\|\nu\|}{\sqrt{n}} \to \theta",
        source="Proposition 4.2; Appendix C",
        assumptions=("ρ_PT = ρ_FT = 0.4, ω = ½, α = ½", "ϱ = 0 and ϱ = 0.2"),
        requires=("replica.effective-parameters",),
        checks=(
            Check(
                "three problems, d = 400, seeds 0-29",
                Method.STATISTICS,
                decide,
                QUICK,
                _controls(QUICK),
                tolerance=1.0,
                reason="margin of 10 %, simultaneous 95 %",
                limit=120.0,
                seed=0,
            ),
            Check(
                "sixteen problems, d = 800, seeds 0-59",
                Method.STATISTICS,
                decide,
                FULL,
                _controls(FULL),
                tolerance=1.0,
                reason="margin of 7 %, simultaneous 95 %",
                tier="full",
                limit=1800.0,
                seed=0,
            ),
        ),
    )
)
