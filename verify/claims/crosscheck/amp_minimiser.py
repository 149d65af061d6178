"""Message passing ends at the minimiser (Theorem 4.1; Appendix C).

Where approximate message passing with the penalty's denoiser comes to rest, β_AMP, it is at the
minimum-penalty solution β̂, with and without ridge ϱ.

The iteration is β ← η(β + Xᵀr; τ, c_FT), r ← y − Xβ + (⟨η′⟩/α)r, τ = ϱ + (⟨η′⟩/α)τ, where ⟨η′⟩/α,
times r, is Onsager's term.
"""

from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np

from numerics import minimum_penalty
from numerics.amp import amp
from numerics.certificate import certificate
from verify.claim import Check, Control, Method
from verify.claims.crosscheck._gaps import Gaps, relative, times
from verify.claims.crosscheck._instances import SLABS, Problem
from verify.methods.numeric import Worst
from verify.registry import state

SEED = 211
# Undamped iterates can circle the minimiser where d is small and c_FT tiny.
DAMPING = 0.3
TOLERANCE = 1e-7


class Set(NamedTuple):
    """Problems: (c, λ/c, γ) and ϱ, each with both slabs; the dimension; the most steps."""

    inits: tuple[tuple[float, float, float], ...]
    ridges: tuple[float, ...]
    d: int
    steps: int

    @property
    def problems(self):
        cases = product(self.ridges, self.inits, SLABS)
        return tuple(Problem(slab, init, ridge=ridge) for ridge, init, slab in cases)


THREE = ((1e-6, -0.99, 0.0), (1e-6, 0.99, 0.0), (0.1, -0.5, 0.3))
SIX = (*THREE[:2], (1e-6, 0.0, 1.0), (1e-3, 0.0, 0.0), THREE[2], (1.0, 0.5, 10.0))
BOTH = (0.0, 0.2)
# On two problems the truth needs a twelfth of 500 steps; what is false may never come to rest.
SETS = {
    "12 problems, d = 300": Set(THREE, BOTH, 300, 1500),
    "2 problems, d = 300": Set(THREE[2:], BOTH[1:], 300, 500),
    "24 problems, d = 1000": Set(SIX, BOTH, 1000, 3000),
    "2 problems, d = 1000": Set(THREE[2:], BOTH[1:], 1000, 500),
}


class Rest(NamedTuple):
    """Which problems, by name; factors on Onsager's term, ϱ and c_FT of the iteration."""

    problems: str
    onsager: float = 1.0
    ridge: float = 1.0
    scale: float = 1.0

    def latex(self):
        onsager, ridge, scale = map(times, (self.onsager, self.ridge, self.scale))
        return (
            rf"\beta_{{\mathrm{{AMP}}}}\left({onsager}\frac{{\langle\eta'\rangle}}{{\alpha}}, "
            rf"{ridge}\varrho, {scale}c_{{FT}}\right) = \hat\beta(\varrho, c_{{FT}})"
        )


@cache
def instances(name):
    """Draw one instance of every problem, and solve it by dual Newton."""
    found = []
    for index, problem in enumerate(SETS[name].problems):
        rng = np.random.default_rng([SEED, index])
        sample = problem.task.sample(SETS[name].d, problem.alpha, rng)
        scale = problem.initialization.finetune_scale(sample.beta_pt)
        newton = minimum_penalty(sample.X, sample.y, scale, ridge=problem.ridge)
        found.append((problem, sample.X, sample.y, scale, newton.beta))
    return tuple(found)


def decide(stated):
    """Run message passing on every problem, until it ends elsewhere, or nowhere."""
    gaps, certified, steps = Gaps(), Worst(), Worst()
    most = SETS[stated.problems].steps
    how = {"damping": DAMPING, "onsager": float(stated.onsager), "iterations": most}
    # First those of large scales, where a false iteration ends elsewhere, or strays, soonest.
    for problem, X, y, scale, minimiser in reversed(instances(stated.problems)):
        ridge = problem.ridge * float(stated.ridge)
        passed = amp(X, y, scale * float(stated.scale), ridge=ridge, **how)
        judged = certificate(X, y, scale, passed.beta, passed.dual, ridge=problem.ridge)
        # What does not come to rest is nowhere.
        rest = passed.beta if passed.converged else np.nan * passed.beta
        results = {"message passing": rest, "dual Newton": minimiser}
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
    controls = (
        Control("without Onsager's term", few._replace(onsager=0.0)),
        Control("Onsager's term one per cent smaller", few._replace(onsager=0.99)),
        Control("Onsager's term per input, ⟨η′⟩ for ⟨η′⟩/α", few._replace(onsager=0.5)),
        Control("ϱ twice as large", few._replace(ridge=2.0)),
        Control("c_FT twice as large", few._replace(scale=2.0)),
    )
    return Check(name, Method.CONVEX, decide, stated, controls, TOLERANCE, REASON, seed=SEED, **how)


state(
    "crosscheck.amp-minimiser",
    __doc__,
    (
        check("12 problems, d = 300", "2 problems, d = 300", limit=120.0),
        check("24 problems, d = 1000", "2 problems, d = 1000", tier="full", limit=1200.0),
    ),
    assumptions=("α = ½, ρ_PT = ρ_FT = 0.4, ω = ½", f"damping {DAMPING}"),
    requires=("implicit-bias.kkt",),
)
