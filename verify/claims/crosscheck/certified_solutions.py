"""Certified minimisers in few steps (Theorem 4.1; Appendix E.2).

On every curve of Experiments 1-4 the dual Newton solver ends in at most 25 steps with a duality gap
of at most 1e-10 (1 + |value|) and an infeasibility of at most 1e-10 max|y|.

The certificate is recomputed from the data in twice the working precision; it knows nothing of how
the answer was found.
"""

from functools import cache
from typing import NamedTuple

from empirics.finite_size import ALPHAS, curves, draw, problem
from numerics import minimum_penalty
from numerics.certificate import certificate
from verify.claim import Check, Control, Method
from verify.claims.crosscheck._gaps import times
from verify.methods.finite import finite
from verify.methods.numeric import Worst
from verify.registry import state

SEED = 137


# Dimension, and of how many curves one is looked at.
PROBLEMS = {
    f"{which} at three data scales, d = {d}": (d, every)
    for d in (250, 1000)
    for which, every in (("all curves", 1), ("every tenth curve", 10))
}


class Bounds(NamedTuple):
    """Which problems, bounds (of gap and infeasibility the power of ten), c_FT of certificates."""

    problems: str
    power: int = -10
    steps: int = 25
    scale: float = 1.0

    def latex(self):
        bound, scale = f"10^{{{self.power}}}", f"{times(self.scale)}c_{{FT}}"
        return (
            rf"Q(\beta) = \sum_i q(\beta_i; {scale}): \quad |\mathrm{{gap}}| \le {bound}"
            rf" (1 + |Q(\beta)|), \quad \|X\beta - y\|_\infty \le {bound} \|y\|_\infty, \quad "
            rf"\text{{steps}} \le {self.steps}"
        )


@cache
def judged(problems, factor):
    """Return of each problem its name, α, steps, value and certificate for `factor` times c_FT."""
    d, every = PROBLEMS[problems]
    found = []
    for curve, alpha, X, y, scale, answer in solved(d, every):
        # Else the simplex method's.
        steps = answer.iterations if scale.any() else 0
        of = certificate(X, y, factor * scale, answer.beta, answer.dual)
        finite(value=of.value, target_norm=of.target_norm, gap=of.gap)
        found.append(({"curve": curve, "alpha": alpha, "gap": of.gap, "steps": steps}, of))
    return tuple(found)


@cache
def solved(d, every):
    """Solve the curves at all α by dual Newton."""
    found = []
    for alpha in ALPHAS:
        X, teachers = draw(d, alpha, SEED)
        for curve in curves()[::every]:
            y, scale, _ = problem(curve, X, teachers, SEED)
            found.append((curve.name, alpha, X, y, scale, minimum_penalty(X, y, scale)))
    return tuple(found)


def decide(stated):
    """Solve all curves at all α; measure certificates and steps in units of what is stated."""
    if not stated.steps > 0:
        raise ValueError(f"the number of steps must be positive, got {stated.steps}")
    units, excess, steps = Worst(), Worst(), Worst()
    for where, certified in judged(stated.problems, float(stated.scale)):
        gap = abs(certified.gap) / (1 + abs(certified.value))
        missed = certified.infeasibility / certified.target_norm
        for size in (gap, missed):
            place = where | {"infeasibility": certified.infeasibility}
            units.at(size / 10.0 ** float(stated.power), **place)
            excess.at(size)
        units.at(where["steps"] / float(stated.steps), **where)
        steps.at(where["steps"])
    return units.measured(
        f"{steps.count} problems, {stated.problems}: certificates below {excess.figure:.2g}, at "
        f"most {steps.figure:.0f} steps",
        **{"problems": steps.count, "most Newton steps": steps.figure},
    )


REASON = "gap, infeasibility and steps, each in units of its stated bound"


def check(d, **how):
    name, few = (name for name, (dimension, _) in PROBLEMS.items() if dimension == d)
    controls = (
        Control("certificates for c_FT twice as large", Bounds(few, scale=2.0)),
        Control("at most three steps", Bounds(few, steps=3)),
    )
    return Check(name, Method.CONVEX, decide, Bounds(name), controls, 1.0, REASON, seed=SEED, **how)


state(
    "crosscheck.certified-solutions",
    __doc__,
    (check(250, limit=120.0), check(1000, tier="full", limit=600.0)),
    assumptions=(f"α ∈ {ALPHAS}", "linear programme where c_FT = 0: its steps do not count"),
    requires=("implicit-bias.fenchel-young",),
)
