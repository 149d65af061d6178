"""Certified minimisers in few steps (Theorem 4.1; Appendix E.2).

On every curve of Experiments 1-4 the dual Newton solver ends in at most 25 steps with a duality gap
of at most 1e-10 (1 + |value|) and an infeasibility of at most 1e-10 max|y|.

The certificate is recomputed from the data in twice the working precision; it knows nothing of how
the answer was found. The gap g and the value Q are those of the penalty Σ q with scale c.
"""

from dataclasses import replace
from functools import cache
from typing import NamedTuple

import sympy as sp

from empirics.finite_size import ALPHAS, curves, draw, problem
from numerics import minimum_penalty
from numerics.certificate import certificate
from verify.claim import Check, Control, Method
from verify.claims.crosscheck._scale import C_FT, C
from verify.claims.crosscheck.certificate import BETA, GAP, MISSED, TEN, Q, X, Y
from verify.methods.bounds import at_least, share
from verify.methods.finite import finite
from verify.methods.formula import Formula
from verify.methods.numeric import Worst
from verify.methods.on_arrays import Largest, on_arrays
from verify.methods.relations import Relation
from verify.registry import state

SEED = 137


# Dimension, and of how many curves one is looked at.
PROBLEMS = {
    f"{which} at three data scales, d = {d}": (d, every)
    for d in (250, 1000)
    for which, every in (("all curves", 1), ("every tenth curve", 10))
}


STEPS = sp.Symbol(r"\mathrm{steps}")


class Bounds(NamedTuple):
    """Which problems, bounds of gap, infeasibility and steps, and the scale of certificates."""

    problems: str
    scale: Formula = Formula(C.name, (C_FT,), lambda scale: scale)
    gap: Formula = Formula(sp.Abs(GAP), (Q,), lambda q: (1 + sp.Abs(q)) / TEN**10, Relation.AT_MOST)
    missed: Formula = Formula(MISSED, (Largest(Y),), lambda y: y / TEN**10, Relation.AT_MOST)
    steps: Formula = Formula(STEPS, (), lambda: 25, Relation.AT_MOST)

    def latex(self):
        return r", \quad ".join(formula.latex() for formula in self[1:])


@cache
def judged(problems, of_scale):
    """Return of each problem its name, α and steps; what is bounded, by symbol, for a scale."""
    d, every = PROBLEMS[problems]
    found = []
    for curve, alpha, inputs, labels, scale, answer in solved(d, every):
        # Else the simplex method's.
        steps = answer.iterations if scale.any() else 0
        stated = on_arrays(of_scale, {C_FT: scale})
        of = certificate(inputs, labels, stated, answer.beta, answer.dual)
        finite(value=of.value, target_norm=of.target_norm, gap=of.gap)
        place = {"curve": curve, "alpha": alpha, "gap": of.gap, "steps": steps}
        place |= {"infeasibility": of.infeasibility / of.target_norm}
        at = {X: inputs, Y: labels, BETA: answer.beta, GAP: of.gap, Q: of.value, STEPS: steps}
        found.append((place, at))
    return tuple(found)


@cache
def solved(d, every):
    """Solve the curves at all α by dual Newton."""
    found = []
    for alpha in ALPHAS:
        inputs, teachers = draw(d, alpha, SEED)
        for curve in curves()[::every]:
            labels, scale, _ = problem(curve, inputs, teachers, SEED)
            answer = minimum_penalty(inputs, labels, scale)
            found.append((curve.name, alpha, inputs, labels, scale, answer))
    return tuple(found)


def decide(stated):
    """Solve all curves at all α; measure certificates and steps in units of what is stated."""
    units, excess, steps = Worst(), Worst(), Worst()
    for where, at in judged(stated.problems, stated.scale()):
        excess.at([abs(at[GAP]) / (1 + abs(at[Q])), where["infeasibility"]])
        bounds = stated.gap, stated.missed, stated.steps
        units.at([share(one, at, at) for one in bounds], **where)
        steps.at(at[STEPS])
    return units.measured(
        f"{steps.count} problems, {stated.problems}: certificates below {excess.figure:.2g}, at "
        f"most {steps.figure:.0f} steps",
        **{"problems": steps.count, "most Newton steps": steps.figure},
    )


REASON = "gap, infeasibility and steps, each in units of its stated bound"


def check(d, **how):
    name, few = (name for name, (dimension, _) in PROBLEMS.items() if dimension == d)
    twice = replace(Bounds(few).scale, body=lambda scale: 2 * scale)
    three = replace(Bounds(few).steps, body=lambda: 3)
    controls = (
        Control("certificates for c_FT twice as large", Bounds(few, scale=twice)),
        Control("at most three steps", Bounds(few, steps=three)),
        Control("gaps of at least the bound", Bounds(few, gap=at_least(Bounds(few).gap))),
    )
    return Check(name, Method.CONVEX, decide, Bounds(name), controls, 1.0, REASON, seed=SEED, **how)


state(
    "crosscheck.certified-solutions",
    __doc__,
    (check(250, limit=120.0), check(1000, tier="full", limit=600.0)),
    assumptions=(f"α ∈ {ALPHAS}", "linear programme where c_FT = 0: its steps do not count"),
    requires=("implicit-bias.fenchel-young",),
)
