"""Recovery at the Donoho–Tanner threshold (Section 5.1, regime I; Donoho & Tanner (2009)).

For c_FT → 0 a finite network recovers a sparse teacher with probability one half at the weak
threshold of Donoho and Tanner, up to a number of examples that does not grow with d.

The replica error of c_FT → 0 vanishes above that threshold α*(ρ). In d coordinates recovery sets in
gradually. The number of examples at which it has probability one half is the statistical dimension
of a descent cone up to the scatter of one draw, and that lies within 2/√ρ examples of α*d
(Amelunxen, Lotz, McCoy & Tropp 2014, Proposition 4.5): a margin for α that shrinks like 1/d.
"""

from dataclasses import replace
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import sympy as sp
from scipy.optimize import minimize_scalar
from scipy.special import ndtr

from verify.claim import Check, Comparison, Control, Evidence, Method
from verify.claims.crosscheck._transition import locate, recoveries
from verify.methods.equivalence import LEVEL, decide_equivalence
from verify.methods.formula import named, shown
from verify.registry import state

SEED = 109
# Wide windows of α, by ρ: their ends are far from the threshold on either side.
WINDOWS = {0.1: (0.18, 0.5), 0.04: (0.08, 0.32)}
RHO, KAPPA, DENSITY, TAIL = named(r"\rho", r"\kappa", r"\varphi(\kappa)", r"\Phi(-\kappa)")


def moment(rho, kappa, density, tail, tails=2):
    """Return what is minimised over κ, with φ(κ) = `density` and Φ(−κ) = `tail`."""
    both = tails * (1 - rho) * ((1 + kappa**2) * tail - kappa * density)
    return rho * (1 + kappa**2) + both


class Threshold(NamedTuple):
    """Densities, dimensions, trials of each pair; α* as a minimum over κ; the margin's factor."""

    densities: tuple[float, ...]
    dimensions: tuple[int, ...]
    trials: int
    moment: Any = moment
    examples: float = 2.0

    def latex(self):
        with sp.evaluate(False):
            least = self.moment(RHO, KAPPA, DENSITY, TAIL)
        minimum = r"\min_\kappa\," if KAPPA in least.free_symbols else ""
        return (
            r"|\alpha_{1/2}(d, \rho) - \alpha^*(\rho)| \le "
            rf"\frac{{{self.examples:g}}}{{\sqrt{{\rho}}\, d}}, \quad "
            rf"P(\hat\beta = \beta^*) = \tfrac12 \text{{ at }} \alpha_{{1/2}} \\ "
            rf"\alpha^*(\rho) = {minimum} {shown(least)}"
        )

    def margin(self, rho, d):
        return self.examples / (rho**0.5 * d)

    def __call__(self, rho):
        def at(kappa):
            density = np.exp(-(kappa**2) / 2) / np.sqrt(2 * np.pi)
            return float(self.moment(rho, kappa, density, ndtr(-kappa)))

        return float(minimize_scalar(at, bounds=(0.0, 10.0), method="bounded").fun)


def decide(stated):
    """Fit the location at each (ρ, d); two one-sided tests within ±2/(√ρ d), Holm's correction."""
    places, found, margins, steps = list(product(stated.densities, stated.dimensions)), [], [], []
    for rho, d in places:
        place, width = locate(recoveries(rho, d, WINDOWS[rho], stated.trials, SEED))
        away, margin = replace(place, value=place.value - stated(rho)), stated.margin(rho, d)
        found.append(away)
        margins.append(margin)
        steps.append(
            f"ρ = {rho:g}, d = {d}: α½ − α* = {away.value:+.4f} ± {away.error:.4f}, margin "
            f"{margin:.4f}, width {width:.4f}"
        )
    decision = decide_equivalence(found, margins)
    text, where, compared = "the locations are not precise enough", None, ()
    if decision.holds:
        share = max(abs(away.value) / margin for away, margin in zip(found, margins, strict=True))
        text = f"{len(found)} locations within {share:.2g} of their margins"
        methods = ("basis pursuit", "replica")
        compared = (Comparison("threshold of recovery α*", methods, share, "of the margin"),)
    elif decision.holds is False:
        (rho, d), away = places[decision.decisive], found[decision.decisive]
        text = f"at ρ = {rho:g}, d = {d} recovery begins {away.value:+.3g} away in α"
        where = {
            "(rho, d)": str((rho, d)),
            "threshold as stated": repr(stated(rho)),
            "distance": f"{away.value!r} ± {away.error!r}, margin {stated.margin(rho, d)!r}",
        }
    return Evidence(decision.holds, text, decision.p, where, tuple(steps), comparisons=compared)


# Dimension 100 has too wide a margin to distinguish the last one.
WRONG = {
    "α* = 2ρ log(1/ρ)": lambda rho, *_: 2 * rho * sp.log(1 / rho),
    "α* = 2ρ, where any vector so sparse is the sparsest": lambda rho, *_: 2 * rho,
    "teachers known to be positive": lambda rho, k, density, tail: moment(rho, k, density, tail, 1),
}
REASON = "level of the tests, for all locations together (Holm)"


def check(stated, wrong, **how):
    name = f"logistic fits, d ≤ {stated.dimensions[-1]}"
    controls = tuple(Control(why, stated._replace(moment=WRONG[why])) for why in wrong)
    how |= {"tolerance": LEVEL, "reason": REASON, "seed": SEED}
    return Check(name, Method.STATISTICS, decide, stated, controls, **how)


QUICK = Threshold((0.1,), (50, 100), 100)
FULL = Threshold((0.1, 0.04), (100, 200, 400), 600)
state(
    "crosscheck.recovery-threshold",
    __doc__,
    (check(QUICK, list(WRONG)[:2], limit=120.0), check(FULL, WRONG, tier="full", limit=1800.0)),
    assumptions=("no noise", "exact group sizes"),
    requires=("replica.l1-threshold", "crosscheck.scale-limits"),
)
