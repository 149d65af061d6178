"""Where state evolution comes to rest, the replica equations hold.

The recursion is iterated from the null estimate with its own quadrature; the equations are solved
by Newton's method with another.
"""

from typing import NamedTuple

import numpy as np

from numerics import solve_replica
from numerics.state_evolution import state_evolution
from verify.claim import Check, Claim, Comparison, Control, Evidence, Method
from verify.claims.crosscheck._instances import Problem
from verify.registry import register

TOLERANCE = 1e-9
STEPS = 3000
# A linear rate of 0.99 turns a last change of this size into an error of a hundred times it.
REST = 1e-13

INITS = (
    (1e-6, -0.9999, 0.0),
    (1e-6, 0.99, 0.0),
    (1e-6, 0.0, 1.0),
    (1e-6, -0.99, 0.0),
    (1e-3, 0.0, 0.0),
    (1e-3, -0.9, 0.05),
    (1.0, 0.5, 10.0),
)


class Statement(NamedTuple):
    """The problems, the label noise, and factors that falsify the equations solved."""

    problems: tuple[Problem, ...]
    noise_variance: float = 0.1
    alpha_factor: float = 1.0
    ridge_factor: float = 1.0
    noise_factor: float = 1.0


def decide(statement: Statement) -> Evidence:
    """Compare τ, θ and p of every problem."""
    worst, where, steps = 0.0, "", 0
    for problem in statement.problems:
        for noise in (0.0, statement.noise_variance):
            rest = state_evolution(
                problem.task,
                problem.initialization,
                problem.alpha,
                iterations=STEPS,
                noise_variance=noise,
                ridge=problem.ridge,
                tolerance=REST,
            )
            if not rest.change < REST:
                return Evidence(
                    None, f"{problem.name} moves by {rest.change:.2g} after {STEPS} steps"
                )
            curve = solve_replica(
                problem.task,
                problem.initialization,
                problem.alpha * statement.alpha_factor,
                noise_variance=noise * statement.noise_factor,
                ridge=problem.ridge * statement.ridge_factor,
            )
            pairs = {
                "tau": (rest.tau[-1], curve.tau[0]),
                "theta": (np.sqrt(rest.theta_squared[-1]), curve.theta[0]),
                "p": (rest.mse[-1], curve.mse[0]),
            }
            steps = max(steps, rest.iterations)
            for name, (one, other) in pairs.items():
                gap = float(abs(one / other - 1.0))
                if not gap <= worst:
                    worst, where = gap, f"{name} of {problem.name}, σ² = {noise}"
                if not gap <= TOLERANCE:
                    return Evidence(
                        False,
                        f"{where} differs by {gap:.2g}",
                        figure=gap,
                        counterexample={
                            "problem": problem.name,
                            "noise variance": repr(noise),
                            "quantity": name,
                            "state evolution": repr(float(one)),
                            "replica equations": repr(float(other)),
                        },
                    )
    return Evidence(
        True,
        f"τ, θ and p agree to {worst:.2g} on {2 * len(statement.problems)} problems, "
        f"after at most {steps} steps",
        figure=worst,
        data={"worst": where},
        comparisons=(Comparison("τ, θ and p", ("state evolution", "replica fixed point"), worst),),
    )


def _problems(
    inits: tuple[tuple[float, float, float], ...], alphas: tuple[float, ...], rho: float
) -> tuple[Problem, ...]:
    return tuple(
        Problem(slab, init, alpha, rho, ridge)
        for slab in ("gaussian", "sign")
        for init in inits
        for alpha in alphas
        for ridge in (0.0, 0.1)
    )


def _controls(statement: Statement) -> tuple[Control, ...]:
    return (
        Control("α larger by 10⁻⁶", statement._replace(alpha_factor=1 + 1e-6)),
        Control("ϱ larger by 10⁻⁶", statement._replace(ridge_factor=1 + 1e-6)),
        Control("σ² larger by 10⁻⁶", statement._replace(noise_factor=1 + 1e-6)),
    )


QUICK = Statement(_problems(((1e-6, -0.99, 0.0), (1e-3, 0.0, 0.0), (1e-6, 0.0, 1.0)), (0.2,), 0.1))
FULL = Statement(_problems(INITS, (0.1, 0.4), 0.1) + _problems(INITS, (0.5,), 0.4))

register(
    Claim(
        id="crosscheck.state-evolution-fixed-point",
        title="State evolution rests at the replica fixed point",
        sentence="Iterated from the null estimate, the state evolution of message passing comes "
        "to rest where the replica equations hold.",
        latex=r"\theta_t^2 = \sigma^2 + \frac{p_t}{\alpha},\quad E[\eta'(\beta^* + \theta_t Z; "
        r"\tau_t)] = \alpha\left(1 - \frac{\varrho}{\tau_t}\right)\quad\Rightarrow\quad "
        r"(\tau_t, \theta_t) \to (\tau, \theta)",
        source="Proposition 4.2; Appendix C",
        assumptions=("c_FT > 0", "σ² = 0 and σ² = 0.1, ϱ = 0 and ϱ = 0.1"),
        requires=("replica.effective-parameters",),
        checks=(
            Check(
                "twelve problems, with and without noise",
                Method.FLOAT64,
                decide,
                QUICK,
                _controls(QUICK),
                tolerance=TOLERANCE,
                reason="what a linear rate leaves when the last step is below 10⁻¹³",
                limit=120.0,
            ),
            Check(
                "84 problems, with and without noise",
                Method.FLOAT64,
                decide,
                FULL,
                _controls(FULL),
                tolerance=TOLERANCE,
                reason="what a linear rate leaves when the last step is below 10⁻¹³",
                tier="full",
                limit=1200.0,
            ),
        ),
    )
)
