"""Recovery at the Donoho–Tanner threshold (Section 5.1, regime I; Donoho & Tanner (2009)).

For c_FT → 0 a finite network recovers a sparse teacher with probability one half at the weak
threshold of Donoho and Tanner, within 2/√ρ examples: at ρ = 0.1 that is 0.063 in α for d = 100, and
0.016 for d = 400 in the full tier.

α* is the least of what stands there over κ, where φ is the normal density and Φ its integral; α_½
is where P(β̂ = β*) = ½. The replica error of c_FT → 0 vanishes above that threshold α*(ρ). In d
coordinates recovery sets in gradually. The number of examples at which it has probability one half
is the statistical dimension of a descent cone up to the scatter of one draw, and that lies within
2/√ρ examples of α*d (Amelunxen, Lotz, McCoy & Tropp 2014, Proposition 4.5): a margin for α that
shrinks like 1/d. It is 2 max ‖s‖ ‖β*‖/‖β*‖₁ examples, over the subgradients s of ‖·‖₁ at β* (their
Theorem 4.3); that is computed, and the stated margin must be it, as α* must be the statistical
dimension by integration, at both ρ of the full tier.
"""

import math
from dataclasses import replace
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
import sympy as sp
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.special import expit

from numerics import minimum_penalty
from verify.claim import Check, Comparison, Control, Evidence, Method
from verify.claims.crosscheck._gaps import whole
from verify.methods.bounds import deviation
from verify.methods.equivalence import LEVEL, Estimate, decide_equivalence, spread
from verify.methods.formula import Formula
from verify.methods.notation import written
from verify.methods.relations import Extremum, Relation
from verify.registry import state

SEED = 109
# Wide windows of α, by ρ: their ends are far from the threshold on either side.
WINDOWS = {0.1: (0.18, 0.5), 0.04: (0.08, 0.32)}
RHO, KAPPA, D = sp.symbols("rho kappa d", positive=True)
HALF, THRESHOLD = sp.symbols(r"\alpha_{1/2} \alpha^*", real=True)
DENSITY, INTEGRAL = sp.Function(r"\varphi"), sp.Function(r"\Phi")
NORMAL = {
    DENSITY: lambda x: sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi),
    INTEGRAL: lambda x: sp.erfc(-x / sp.sqrt(2)) / 2,
}


def moment(rho, kappa, density, tail, tails=2):
    """Return what is minimised over κ, with φ(κ) = `density` and Φ(−κ) = `tail`."""
    both = tails * (1 - rho) * ((1 + kappa**2) * tail - kappa * density)
    return rho * (1 + kappa**2) + both


LEAST = Formula(THRESHOLD.name, (RHO, KAPPA, DENSITY(KAPPA), INTEGRAL(-KAPPA)), moment)
NEAR = Formula(
    sp.Abs(sp.Add(HALF, -THRESHOLD, evaluate=False)),
    (RHO, D),
    lambda rho, d: 2 / (sp.sqrt(rho) * d),
    Relation.AT_MOST,
)


class Threshold(NamedTuple):
    """Densities, dimensions, trials of each pair; α* as an extremum over κ; the margin."""

    densities: tuple[float, ...]
    dimensions: tuple[int, ...]
    trials: int
    threshold: Formula = LEAST
    extremum: Extremum = Extremum.MIN
    near: Formula = NEAR

    def latex(self):
        least = written(self.threshold.body, *self.threshold.symbols)
        over = rf"{self.extremum.operator}_{{{sp.latex(KAPPA)}}}\,"
        operator = over if KAPPA in self.threshold().free_symbols else ""
        places = ", ".join(f"{rho:g}" for rho in self.densities)
        sizes = ", ".join(map(str, self.dimensions))
        return (
            rf"{self.near.latex()}, \quad \rho \in \{{{places}\}},\; d \in \{{{sizes}\}} \\ "
            rf"{self.threshold.left_latex()} = {operator} {least}"
        )

    def __call__(self, rho):
        """Return α* at a density, by minimisation."""
        inserted = self.threshold({RHO: sp.Rational(str(rho)), **NORMAL})
        value = sp.lambdify(KAPPA, self.extremum.value * inserted, "scipy")
        found = minimize_scalar(lambda kappa: float(value(kappa)), bounds=(0, 10), method="bounded")
        return self.extremum.value * float(found.fun)


@cache
def recoveries(rho, d, window, count, seed):
    """Draw sparse teachers of ρd signs, and solve min ‖β‖₁ subject to Xβ = Xβ*.

    Returns n/d, which runs evenly through the window, and whether the teacher was recovered (0 or
    1), to 10⁻⁶ of its coefficients; both of shape (count,).
    """
    rng, (low, high) = np.random.default_rng([seed, d]), window
    active, outcomes = whole(rho * d), []
    sizes = np.rint(d * np.linspace(low, high, count)).astype(int)
    for n in sizes:
        X, truth = rng.standard_normal((n, d)) / np.sqrt(n), np.zeros(d)
        truth[:active] = rng.choice([-1.0, 1.0], size=active)
        distance = float(np.abs(minimum_penalty(X, X @ truth, 0.0).beta - truth).max())
        if not np.isfinite(distance):
            raise ArithmeticError(f"no answer at rho={rho}, d={d}, n={n}")
        outcomes.append(float(distance <= 1e-6))
    return sizes / d, np.array(outcomes)


def locate(alpha, outcome):
    """Fit P(recovered) = 1/(1 + exp(−(α − a)/s)) by maximum likelihood; return a, and s.

    ValueError if all trials ended alike, or success and failure are perfectly separated by α.
    """
    failed, done = alpha[outcome == 0.0], alpha[outcome == 1.0]
    if failed.size == 0 or done.size == 0 or failed.max() < done.min():
        raise ValueError("trials must overlap in alpha: some recovered below some that did not")
    centre, spread = float(alpha.mean()), float(alpha.std())
    x = np.stack([np.ones_like(alpha), (alpha - centre) / spread], axis=1)
    slope = np.zeros(2)
    for _ in range(100):
        rate = expit(x @ slope)
        information = (x * (rate * (1 - rate))[:, None]).T @ x
        step = np.linalg.solve(information, x.T @ (outcome - rate))
        slope = slope + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-10:
            break
    zero = -slope[0] / slope[1]
    gradient = np.array([-1.0, -zero]) / slope[1]
    error = float(np.sqrt(gradient @ np.linalg.inv(information) @ gradient))
    place = Estimate(centre + spread * float(zero), spread * error, alpha.size - 2.0)
    return place, spread / float(slope[1])


def theorem(rho, d):
    """Return 2 max ‖s‖ ‖β*‖/(‖β*‖₁ d), for a teacher of ρd coefficients of one size.

    A subgradient s has the signs of β* where they are, and anything in [−1, 1] elsewhere.
    """
    truth, longest = np.zeros(d), np.ones(d)
    truth[: whole(rho * d)] = 1.0
    lengths = np.linalg.norm(longest) * np.linalg.norm(truth)
    return 2.0 * float(lengths / np.abs(truth).sum()) / d


@cache
def descent_cone(rho):
    """Return the least E dist²(g, κ∂‖β*‖₁)/d over κ, for a Gaussian g and a share ρ of signs.

    By integration: the distance is g ∓ κ where β* is, and |g| − κ elsewhere, if that is positive.
    """

    def distance(kappa):
        active, other = (
            quad(lambda x: (x - kappa) ** 2 * math.exp(-(x**2) / 2), start, np.inf)[0]
            for start in (-np.inf, kappa)
        )
        return (rho * active + (1 - rho) * 2 * other) / math.sqrt(2 * math.pi)

    return float(minimize_scalar(distance, bounds=(0, 10), method="bounded").fun)


def decide(stated):
    """Fit the location at each (ρ, d); two one-sided tests within ±2/(√ρ d), Holm's correction.

    First that this is the margin of the theorem, as too wide a one would be kept all the more, and
    that α* is the statistical dimension, at each ρ, nearer than networks can say.
    """
    if stated.near.relation is not Relation.AT_MOST:
        raise ValueError(f"thresholds are tested to be near, got {stated.near.relation}")
    for rho in WINDOWS:
        threshold, known = stated(rho), descent_cone(rho)
        if not math.isclose(threshold, known, rel_tol=1e-8):
            text = f"at ρ = {rho:g} the statistical dimension is {known:.4g} d"
            return Evidence(
                False, text, 0.0, {"ρ": repr(rho), "threshold as stated": repr(threshold)}
            )
    for rho, d in product(WINDOWS, stated.dimensions):
        margin, known = float(stated.near.side({RHO: rho, D: d})), theorem(rho, d)
        if not math.isclose(margin, known, rel_tol=1e-12):
            text = f"at ρ = {rho:g}, d = {d} the margin of the theorem is {known:.4g}"
            where = {"(rho, d)": str((rho, d)), "margin as stated": repr(margin)}
            return Evidence(False, text, 0.0, where)
    places = list(product(stated.densities, stated.dimensions))
    found, margins, steps = [], [], []
    for rho, d in places:
        place, width = locate(*recoveries(rho, d, WINDOWS[rho], stated.trials, SEED))
        apart = deviation(stated.near, {HALF: place.value, THRESHOLD: stated(rho)})
        away = Estimate(float(apart), place.error, place.freedom)
        margin = float(stated.near.side({RHO: rho, D: d}))
        found.append(away)
        margins.append(margin)
        steps.append(
            f"ρ = {rho:g}, d = {d}: α½ − α* = {away.value:+.4f} ± {away.error:.4f}, margin "
            f"{margin:.4f}, width {width:.4f}"
        )
    decision = decide_equivalence(found, margins)
    rho, d = places[decision.decisive]
    away, margin = found[decision.decisive], margins[decision.decisive]
    if decision.holds is False:
        text = f"at ρ = {rho:g}, d = {d} recovery begins {away.value:+.3g} away in α"
        where = {
            "(rho, d)": str((rho, d)),
            "threshold as stated": repr(stated(rho)),
            "distance": f"{away.value!r} ± {away.error!r}, margin {margin!r}",
        }
        return Evidence(False, text, decision.p, where, tuple(steps))
    if decision.holds is None:
        text = "the locations are not precise enough"
        return Evidence(None, text, decision.p, steps=tuple(steps))
    share = max(abs(one.value) / margin for one, margin in zip(found, margins, strict=True))
    of_margins = f"which is {spread(margins)} in α"
    text = f"{len(found)} locations within {share:.2g} of the margin, {of_margins}"
    methods = ("basis pursuit", "replica")
    measure = f"of the margin, {of_margins}"
    compared = Comparison("threshold of recovery α*", methods, share, measure)
    return Evidence(True, text, decision.p, steps=tuple(steps), comparisons=(compared,))


WRONG = {
    "α* = 2ρ log(1/ρ)": lambda rho, *_: 2 * rho * sp.log(1 / rho),
    "α* = 2ρ, where any vector so sparse is the sparsest": lambda rho, *_: 2 * rho,
    "teachers known to be positive": lambda rho, k, density, tail: moment(rho, k, density, tail, 1),
}


def slowly(rho, d):
    return 2 / sp.sqrt(rho * d)


REASON = "level of the tests, for all locations together (Holm)"


def check(stated, **how):
    name = f"logistic fits, d ≤ {stated.dimensions[-1]}"
    controls = tuple(
        Control(why, stated._replace(threshold=replace(LEAST, body=WRONG[why]))) for why in WRONG
    )
    largest = Control("a maximum over κ", stated._replace(extremum=Extremum.MAX))
    wide = Control("a margin of 1/√d", stated._replace(near=replace(NEAR, body=slowly)))
    how |= {"tolerance": LEVEL, "reason": REASON, "seed": SEED}
    return Check(name, Method.STATISTICS, decide, stated, (*controls, largest, wide), **how)


QUICK = Threshold((0.1,), (50, 100), 100)
FULL = Threshold((0.1, 0.04), (100, 200, 400), 600)
state(
    "crosscheck.recovery-threshold",
    __doc__,
    (check(QUICK, limit=120.0), check(FULL, tier="full", limit=1800.0)),
    assumptions=("no noise", "exact group sizes"),
    requires=("replica.l1-threshold", "crosscheck.scale-limits"),
)
