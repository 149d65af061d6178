"""Certified minimisers in few steps (Theorem 4.1; Appendix E.2).

On every curve of Experiments 1-4 the dual Newton solver ends in at most 25 steps with a duality gap
of at most 1e-10 (1 + |value|) and an infeasibility of at most 1e-10 max|y|.

The certificate is recomputed from the data in twice the working precision; it knows nothing of how
the answer was found.
"""

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


class Bounds(NamedTuple):
    """Dimension, bounds (gap and infeasibility by their power of ten), and c_FT of certificates."""

    d: int
    power: int = -10
    steps: int = 25
    scale: float = 1.0
    every: int = 1

    def latex(self):
        bound, scale = f"10^{{{self.power}}}", f"{times(self.scale)}c_{{FT}}"
        return (
            rf"Q(\beta) = \sum_i q(\beta_i; {scale}): \quad |\mathrm{{gap}}| \le {bound}"
            rf" (1 + |Q(\beta)|), \quad \|X\beta - y\|_\infty \le {bound} \|y\|_\infty, \quad "
            rf"\text{{steps}} \le {self.steps}"
        )


def decide(stated):
    """Solve all curves at all α; measure certificates and steps in units of what is stated."""
    if not (stated.steps > 0 and stated.every > 0):
        raise ValueError(f"steps and stride must be positive, got {stated}")
    units, excess, steps = Worst(), Worst(), Worst()
    for alpha in ALPHAS:
        X, teachers = draw(stated.d, alpha, SEED)
        for curve in curves()[:: stated.every]:
            y, scale, _ = problem(curve, X, teachers, SEED)
            found = minimum_penalty(X, y, scale)
            judged = certificate(X, y, stated.scale * scale, found.beta, found.dual)
            finite(value=judged.value, target_norm=judged.target_norm, gap=judged.gap)
            taken = found.iterations if scale.any() else 0  # else the simplex method's
            gap = abs(judged.gap) / (1 + abs(judged.value))
            missed = judged.infeasibility / judged.target_norm
            where = {"curve": curve.name, "alpha": alpha, "gap": judged.gap, "steps": taken}
            for size in (gap, missed):
                units.at(size / 10.0**stated.power, infeasibility=judged.infeasibility, **where)
                excess.at(size)
            units.at(taken / stated.steps, **where)
            steps.at(taken)
    return units.measured(
        f"{steps.count} problems in d = {stated.d}: certificates below {excess.figure:.2g}, at "
        f"most {steps.figure:.0f} steps",
        **{"problems": steps.count, "most Newton steps": steps.figure},
    )


REASON = "gap, infeasibility and steps, each in units of its stated bound"


def check(d, **how):
    controls = (
        Control("certificates for c_FT twice as large", Bounds(d, scale=2.0, every=10)),
        Control("at most three steps", Bounds(d, steps=3, every=10)),
    )
    name = f"all curves at three data scales, d = {d}"
    return Check(name, Method.CONVEX, decide, Bounds(d), controls, 1.0, REASON, seed=SEED, **how)


state(
    "crosscheck.certified-solutions",
    __doc__,
    (check(250, limit=120.0), check(1000, tier="full", limit=600.0)),
    assumptions=(f"α ∈ {ALPHAS}", "linear programme where c_FT = 0: its steps do not count"),
    requires=("implicit-bias.fenchel-young",),
)
