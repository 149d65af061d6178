"""State evolution rests at the replica fixed point (Proposition 4.2; Appendix C).

Iterated from the null estimate, the state evolution of message passing comes to rest where the
replica equations hold.

The recursion is iterated with its own quadrature; the equations are solved by Newton's method with
another.
"""

from itertools import product
from typing import NamedTuple

import numpy as np

from numerics import solve_replica
from numerics.state_evolution import state_evolution
from verify.claim import Check, Control, Evidence, Method
from verify.claims.crosscheck._gaps import Gaps, note, times
from verify.claims.crosscheck._instances import SLABS, Problem
from verify.methods.numeric import Worst
from verify.registry import state

STEPS = 3000
# A linear rate of 0.99 turns a last change of this size into an error of a hundred times it.
REST = 1e-13


class FixedPoint(NamedTuple):
    """The problems, and factors on α, ϱ and σ² in the equations."""

    problems: tuple[Problem, ...]
    alpha: float = 1.0
    ridge: float = 1.0
    noise: float = 1.0

    def latex(self):
        alpha, ridge, noise = map(times, (self.alpha, self.ridge, self.noise))
        return (
            rf"(\tau_t, \theta_t, p_t) \to (\tau, \theta, p): \quad \theta^2 = {noise}\sigma^2 + "
            rf"\frac{{p}}{{{alpha}\alpha}}, \quad E[\eta'(\beta^* + \theta Z; \tau)] = "
            rf"{alpha}\alpha \left(1 - \frac{{{ridge}\varrho}}{{\tau}}\right)"
        )


def decide(stated):
    """Compare τ, θ and p of every problem, without and with label noise."""
    gaps, steps = Gaps(), Worst()
    for problem, noise in product(stated.problems, (0.0, 0.1)):
        task, init = problem.task, problem.initialization
        alpha, ridge = problem.alpha, problem.ridge
        how = {"iterations": STEPS, "noise_variance": noise, "ridge": ridge, "tolerance": REST}
        rest = state_evolution(task, init, alpha, **how)
        if not rest.change < REST:
            return Evidence(None, f"{problem.name} moves by {rest.change:.2g} after {STEPS} steps")
        how = {"noise_variance": noise * stated.noise, "ridge": ridge * stated.ridge}
        curve = solve_replica(task, init, alpha * stated.alpha, **how)
        steps.at(rest.iterations)
        for name, one, other in (
            ("tau", rest.tau[-1], curve.tau[0]),
            ("theta", np.sqrt(rest.theta_squared[-1]), curve.theta[0]),
            ("p", rest.mse[-1], curve.mse[0]),
        ):
            where = {"problem": problem.name, "noise variance": noise, "quantity": name}
            where |= {"state evolution": one, "replica equations": other}
            methods = ("state evolution", "replica fixed point")
            note(gaps, abs(one / other - 1.0), "τ, θ and p", methods, where)
    return gaps.measured(
        f"τ, θ and p agree to {{worst}} on {steps.count} problems, after at most "
        f"{steps.figure:.0f} steps"
    )


def problems(inits, alphas, rho):
    return tuple(
        Problem(slab, init, alpha, rho, ridge)
        for slab, init, alpha, ridge in product(SLABS, inits, alphas, (0.0, 0.1))
    )


REASON = "what a linear rate leaves when the last step is below 10⁻¹³"


def check(chosen, **how):
    # Every slab and ridge once.
    few = FixedPoint((*chosen[:2], *chosen[-2:]))
    controls = (
        Control("α larger by 10⁻⁶", few._replace(alpha=1 + 1e-6)),
        Control("ϱ larger by 10⁻⁶", few._replace(ridge=1 + 1e-6)),
        Control("σ² larger by 10⁻⁶", few._replace(noise=1 + 1e-6)),
    )
    name, stated = f"{len(chosen)} problems, with and without noise", FixedPoint(chosen)
    return Check(name, Method.FLOAT64, decide, stated, controls, 1e-9, REASON, **how)


QUICK = ((1e-6, -0.99, 0.0), (1e-3, 0.0, 0.0), (1e-6, 0.0, 1.0))
MORE = ((1e-6, -0.9999, 0.0), (1e-6, 0.99, 0.0), (1e-3, -0.9, 0.05), (1.0, 0.5, 10.0))
FULL = (*MORE, *QUICK)
ALL = problems(FULL, (0.1, 0.4), 0.1) + problems(FULL, (0.5,), 0.4)
state(
    "crosscheck.state-evolution-fixed-point",
    __doc__,
    (check(problems(QUICK, (0.2,), 0.1), limit=120.0), check(ALL, tier="full", limit=1200.0)),
    assumptions=("c_FT > 0", "σ² = 0 and σ² = 0.1, ϱ = 0 and ϱ = 0.1"),
    requires=("replica.effective-parameters",),
)
