"""Message passing ends at the minimiser (Theorem 4.1; Appendix C).

Where approximate message passing with the penalty's denoiser comes to rest, it is at the
minimum-penalty solution, with and without ridge.
"""

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
STEPS = 3000
# What the truth needs on the controls' problems, twelve times over; some never come to rest.
CONTROL_STEPS = 500


# (c, λ/c, γ) by tier; each with both slabs, with and without ridge.
THREE = ((1e-6, -0.99, 0.0), (1e-6, 0.99, 0.0), (0.1, -0.5, 0.3))
SIX = (*THREE[:2], (1e-6, 0.0, 1.0), (1e-3, 0.0, 0.0), THREE[2], (1.0, 0.5, 10.0))
INITS = {"three": THREE, "six": SIX, "last": THREE[2:]}


class Rest(NamedTuple):
    """Which problems, at dimension d; factors on Onsager's term, ϱ and c_FT of the iteration."""

    inits: str
    d: int
    onsager: float = 1.0
    ridge: float = 1.0
    scale: float = 1.0
    steps: int = STEPS
    ridges: str = "both"

    @property
    def problems(self):
        """The problems by name, so that near misses are those of what is said of them."""
        ridges = {"both": (0.0, 0.2), "positive": (0.2,)}[self.ridges]
        cases = product(ridges, INITS[self.inits], SLABS)
        return tuple(Problem(slab, init, ridge=ridge) for ridge, init, slab in cases)

    def latex(self):
        onsager, ridge, scale = map(times, (self.onsager, self.ridge, self.scale))
        return (
            rf"\beta = \eta(\beta + X^{{T}} r; \tau, {scale}c_{{FT}}), \quad r = y - X\beta + "
            rf"{onsager}\frac{{\langle\eta'\rangle}}{{\alpha}} r, \quad "
            rf"\tau = {ridge}\varrho + \frac{{\langle\eta'\rangle}}{{\alpha}} \tau \\ \Rightarrow "
            r"\quad y - X\beta = \varrho\nu, \quad X^{T}\nu = q'(\beta; c_{FT}), \quad "
            r"\nu = \frac{r}{\tau}"
        )


def decide(stated):
    """Run message passing and dual Newton on one instance of every problem."""
    gaps, certified, steps = Gaps(), Worst(), Worst()
    for index, problem in enumerate(stated.problems):
        rng = np.random.default_rng([SEED, index])
        sample = problem.task.sample(stated.d, problem.alpha, rng)
        X, y = sample.X, sample.y
        scale = problem.initialization.finetune_scale(sample.beta_pt)
        newton = minimum_penalty(X, y, scale, ridge=problem.ridge)
        how = {"damping": DAMPING, "onsager": stated.onsager, "iterations": stated.steps}
        passed = amp(X, y, scale * stated.scale, ridge=problem.ridge * stated.ridge, **how)
        judged = certificate(X, y, scale, passed.beta, passed.dual, ridge=problem.ridge)
        # What does not come to rest is nowhere.
        rest = passed.beta if passed.converged else np.nan * passed.beta
        results = {"message passing": rest, "dual Newton": newton.beta}
        where = {"problem": problem.name, "status": passed.status.value}
        relative(gaps, "minimiser β", results, where)
        certified.at(abs(judged.gap) / (1 + abs(judged.value)))
        steps.at(passed.iterations)
    return gaps.measured(
        f"message passing and dual Newton agree to {{worst}} on {{count}} problems, "
        f"d = {stated.d}, after at most {steps.figure:.0f} steps",
        **{"largest relative gap of the certificate": f"{certified.figure:.3g}"},
    )


REASON = "optimality conditions met to 10⁻¹⁰, times the problems' condition"


def check(inits, d, **how):
    stated = Rest(inits, d)
    few = stated._replace(inits="last", ridges="positive", steps=CONTROL_STEPS)
    controls = (
        Control("without Onsager's term", few._replace(onsager=0.0)),
        Control("Onsager's term one per cent smaller", few._replace(onsager=0.99)),
        Control("Onsager's term per input, ⟨η′⟩ for ⟨η′⟩/α", few._replace(onsager=0.5)),
        Control("ϱ twice as large", few._replace(ridge=2.0)),
        Control("c_FT twice as large", few._replace(scale=2.0)),
    )
    name = f"{len(stated.problems)} problems, d = {d}"
    return Check(name, Method.CONVEX, decide, stated, controls, 1e-7, REASON, seed=SEED, **how)


state(
    "crosscheck.amp-minimiser",
    __doc__,
    (check("three", 300, limit=120.0), check("six", 1000, tier="full", limit=1200.0)),
    assumptions=("α = ½, ρ_PT = ρ_FT = 0.4, ω = ½", f"damping {DAMPING}"),
    requires=("implicit-bias.kkt",),
)
