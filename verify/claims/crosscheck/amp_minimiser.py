"""Message passing ends at the minimiser (Theorem 4.1; Appendix C).

Where approximate message passing with the penalty's denoiser comes to rest, β_AMP, it is at the
minimum-penalty solution β̂, with and without ridge ϱ.

The iteration β_AMP(b, ϱ, c) is β ← η(β + Xᵀr; τ, c), r ← y − Xβ + b r, τ = ϱ + (⟨η′⟩/α)τ, where
b r is Onsager's term; β̂(ϱ, c) is the minimum-penalty solution.
"""

from dataclasses import replace
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
import sympy as sp

from numerics import minimum_penalty
from numerics.amp import amp
from numerics.certificate import certificate
from verify.claim import Check, Control, Method
from verify.claims.crosscheck._gaps import Gaps, relative
from verify.claims.crosscheck._instances import SLABS, Problem
from verify.claims.crosscheck._scale import C_FT, STATED_SCALE, evaluated
from verify.methods.formula import Formula
from verify.methods.numeric import Worst
from verify.methods.on_arrays import Average, applied, arguments
from verify.registry import state

SEED = 211
# Undamped iterates can circle the minimiser where d is small and c_FT tiny.
DAMPING = 0.3
# Slopes η′ for which Onsager's coefficient is read.
SLOPES = np.array([0.1, 0.3, 0.8]), np.array([0.2, 0.25, 0.3])
TOLERANCE = 1e-7


class Set(NamedTuple):
    """Problems: (c, λ/c, γ) and α with ϱ, one for each slab; the dimension; the most steps."""

    inits: tuple[tuple[float, float, float], ...]
    data: tuple[tuple[float, tuple[float, float]], ...]
    d: int
    steps: int

    @property
    def problems(self):
        return tuple(
            Problem(slab, init, at, ridge=ridge)
            for (at, ridges), init in product(self.data, self.inits)
            for slab, ridge in zip(SLABS, ridges, strict=True)
        )


THREE = ((1e-6, -0.99, 0.0), (1e-6, 0.99, 0.0), (0.1, -0.5, 0.3))
SIX = (*THREE[:2], (1e-6, 0.0, 1.0), (1e-3, 0.0, 0.0), THREE[2], (1.0, 0.5, 10.0))
BOTH = ((0.5, (0.0, 0.0)), (0.7, (0.2, 0.1)))
# On two problems the truth needs a twelfth of 500 steps; what is false may never come to rest.
SETS = {
    "12 problems, d = 300": Set(THREE, BOTH, 300, 1500),
    "2 problems, d = 300": Set(THREE[2:], BOTH[1:], 300, 500),
    "24 problems, d = 1000": Set(SIX, BOTH, 1000, 3000),
    "2 problems, d = 1000": Set(THREE[2:], BOTH[1:], 1000, 500),
}


AMP, MINIMISER = sp.Function(r"\beta_{\mathrm{AMP}}"), sp.Function(r"\hat\beta")
ALPHA, RIDGE = sp.symbols("alpha varrho")
SLOPE = sp.Symbol(r"\eta'")
RESPONSE = Average(SLOPE)
END = Formula(
    AMP(RESPONSE / ALPHA, RIDGE, C_FT), (RIDGE, C_FT), lambda ridge, scale: MINIMISER(ridge, scale)
)


class Rest(NamedTuple):
    """Which problems, by name, and of what iteration the end is which minimiser."""

    problems: str
    end: Formula = END

    def latex(self):
        return self.end.latex()


@cache
def instances(name):
    """Draw one instance of every problem."""
    found = []
    for index, problem in enumerate(SETS[name].problems):
        rng = np.random.default_rng([SEED, index])
        sample = problem.task.sample(SETS[name].d, problem.alpha, rng)
        scale = evaluated(STATED_SCALE, problem.initialization, sample.beta_pt)
        found.append((index, problem, sample.X, sample.y, scale))
    return tuple(found)


def onsager_factor(coefficient, alpha):
    """Return Onsager's coefficient, a function of the η′, in units of ⟨η′⟩/α, as `amp` takes it.

    Raises
    ------
    ValueError
        If it is no multiple of ⟨η′⟩.
    """
    first, *others = (float(coefficient(slopes)) / (slopes.mean() / alpha) for slopes in SLOPES)
    if not np.allclose(others, first, rtol=1e-12, atol=1e-15):
        raise ValueError(f"Onsager's coefficient must be a multiple of ⟨η′⟩, got {first}, {others}")
    return first


@cache
def minimiser(name, index, which):
    """Solve an instance by dual Newton, for ϱ and c_FT as they are shown."""
    _, problem, X, y, own = instances(name)[index]

    def found(ridge, scale):
        return minimum_penalty(X, y, scale, ridge=ridge).beta

    return applied(which, {MINIMISER: found}, {RIDGE: problem.ridge, C_FT: own})


def decide(stated):
    """Run message passing on every problem, until it ends elsewhere, or nowhere."""
    gaps, certified, steps = Gaps(), Worst(), Worst()
    most = SETS[stated.problems].steps
    # First those of large scales, where a false iteration ends elsewhere, or strays, soonest.
    for index, problem, X, y, scale in reversed(instances(stated.problems)):
        own = {ALPHA: problem.alpha, RIDGE: problem.ridge, C_FT: scale}
        ridge, scales = arguments(stated.end.name, AMP, own | {SLOPE: SLOPES[0]})[1:]
        onsager = onsager_factor(
            lambda slopes, own=own: arguments(stated.end.name, AMP, own | {SLOPE: slopes})[0],
            problem.alpha,
        )
        passed = amp(X, y, scales, ridge=ridge, damping=DAMPING, onsager=onsager, iterations=most)
        judged = certificate(X, y, scale, passed.beta, passed.dual, ridge=problem.ridge)
        # What does not come to rest is nowhere.
        rest = passed.beta if passed.converged else np.nan * passed.beta
        newton = minimiser(stated.problems, index, stated.end())
        results = {"message passing": rest, "dual Newton": newton}
        where = {"problem": problem.name, "status": passed.status.value}
        relative(gaps, "minimiser β", results, where)
        certified.at(abs(judged.gap) / (1 + abs(judged.value)))
        steps.at(passed.iterations)
        if gaps.all.figure > TOLERANCE:
            break
    return gaps.measured(
        f"message passing and dual Newton agree to {{worst}} on {{count}} of "
        f"{stated.problems}, after at most {steps.figure:.0f} steps",
        **{"largest relative gap of the certificate": f"{certified.figure:.3g}"},
    )


REASON = "optimality conditions met to 10⁻¹⁰, times the problems' condition"


def check(name, few, **how):
    stated, few = Rest(name), Rest(few)
    others = {
        "without Onsager's term": AMP(0, RIDGE, C_FT),
        "Onsager's term one per cent smaller": AMP(0.99 * RESPONSE / ALPHA, RIDGE, C_FT),
        "Onsager's term per input, ⟨η′⟩ for ⟨η′⟩/α": AMP(RESPONSE, RIDGE, C_FT),
        "ϱ twice as large": AMP(RESPONSE / ALPHA, 2 * RIDGE, C_FT),
        "c_FT twice as large": AMP(RESPONSE / ALPHA, RIDGE, 2 * C_FT),
    }
    controls = tuple(
        Control(why, few._replace(end=replace(END, name=other))) for why, other in others.items()
    )
    return Check(name, Method.CONVEX, decide, stated, controls, TOLERANCE, REASON, seed=SEED, **how)


state(
    "crosscheck.amp-minimiser",
    __doc__,
    (
        check("12 problems, d = 300", "2 problems, d = 300", limit=120.0),
        check("24 problems, d = 1000", "2 problems, d = 1000", tier="full", limit=1200.0),
    ),
    assumptions=(
        "α = ½ at ϱ = 0 and α = 0.7 at ϱ = 0.1 or 0.2, ρ_PT = ρ_FT = 0.4, ω = ½",
        f"damping {DAMPING}",
    ),
    requires=("implicit-bias.kkt",),
)
