"""Factors on p, c_FT and α that fit finite networks best, of many curves together.

Curves of a seed share its design: what is common to their errors is cancelled by the weights, so
that one factor is known far better than the error of any curve.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from empirics.finite_problems import Curve, scales_of
from empirics.finite_size import Recorded, curves
from numerics.validation import FloatArray
from verify.claim import Evidence
from verify.claims.crosscheck._finite_size import (
    ALPHA,
    Deviation,
    Margin,
    P,
    Reference,
    deviations,
)
from verify.claims.crosscheck._scale import C_FT
from verify.methods.bounds import deviating
from verify.methods.equivalence import Estimate, decide_equivalence, extrapolate
from verify.methods.formula import Formula
from verify.methods.notation import as_written, shown
from verify.methods.relations import Relation

_DIAGONAL = 0.01  # added to covariances of more curves than seeds, relative
_SHIFT = 1.01  # of a parameter, for slopes in it
_UNUSED = Margin(1.0)
BEST_FACTOR = sp.Symbol(r"\hat{k}", positive=True)
NAMES = {P: "p", C_FT: "c_FT", ALPHA: "α"}
# Experiments 1 and 2 share the settings with ω = 0 and ρ_FT = 0.1.
NUMBERS = {
    "reuse": "Experiments 1 and 2",
    "new-features": "Experiments 1 and 2",
    "nested-features": "Experiment 3",
    "single-task": "Experiment 4",
}
# By what curves may be told apart, each group with a factor of its own.
KINDS: Mapping[str, Callable[[Deviation], str]] = {
    "slab": lambda one: f"{one.curve.split()[0]} slab",
    "experiment": lambda one: NUMBERS[one.curve.split()[1]],
    "α": lambda one: f"α = {one.alpha:g}",
}


class BestFactor(NamedTuple):
    """The factor on p, c_FT or α that fits best, near 1; of which curves, and what has its own."""

    near: Formula
    of: sp.Symbol
    errors: Callable[[], Recorded]
    chosen: Callable[[Curve], bool] = lambda curve: True
    apart: tuple[str, ...] = ()

    def latex(self) -> str:
        """Return what is near 1, and what it multiplies."""
        return rf"{shown(BEST_FACTOR)} \, {shown(self.of)}: \quad {self.near.latex()}"

    @property
    def factor(self) -> float:
        """The factor that is stated, from which the deviation is 0."""
        (found,) = sp.solve(deviating(self.near), BEST_FACTOR)
        return float(found)

    def but(self, factor: Any) -> BestFactor:
        """Return the same of another factor."""
        return self._replace(near=near(float(self.near.side()), factor))


def near(margin: float, factor: Any = 1) -> Formula:
    """Return |log(k̂/factor)| ≤ margin."""
    with as_written():
        away = sp.log(BEST_FACTOR / factor) if factor != 1 else sp.log(BEST_FACTOR)
        return Formula(sp.Abs(away), (), lambda: margin, Relation.AT_MOST)


def fitted(stated: BestFactor) -> dict[str, tuple[Estimate, int]]:
    """Return by group the log-factor, less the stated one, and the number of its points."""
    members = tuple(one for one in curves() if scales_of(one).any() and stated.chosen(one))
    found = departures(stated.errors, members, stated.of, stated.factor)
    slopes = slopes_in(stated.of, found, members, stated.factor)
    groups: dict[str, list[Deviation]] = {}
    for one in found:
        name = ", ".join(KINDS[kind](one) for kind in stated.apart) or "all"
        groups.setdefault(name, []).append(one)
    return {name: (common_factor(group, slopes), len(group)) for name, group in groups.items()}


@cache
def reference(of: sp.Symbol, factor: float) -> Reference | Callable[..., FloatArray]:
    """Return the replica error, a function of curve, d and α, with one parameter multiplied.

    Raises
    ------
    ValueError
        If that is not p, c_FT or α.
    """
    if of not in NAMES:
        raise ValueError(f"the factor must be on one of {[*map(str, NAMES)]}, got {of}")
    if of == C_FT:
        return Reference().scaled(factor)
    on_error, on_data = (factor if of == one else 1.0 for one in (P, ALPHA))
    return lambda curve, d, alpha: on_error * Reference()(curve, d, on_data * alpha)


@cache
def departures(
    errors: Callable[[], Recorded], members: tuple[Curve, ...], of: sp.Symbol, factor: float
) -> tuple[Deviation, ...]:
    """Return the deviations with a parameter multiplied; of their margins nothing is used."""
    return deviations(errors(), members, reference(of, factor), _UNUSED)


def slopes_in(
    of: sp.Symbol, found: Sequence[Deviation], members: tuple[Curve, ...], factor: float
) -> dict[tuple[str, float], float]:
    """Return d log p/d log(parameter) of each curve and α, about its value times a factor."""
    alphas = np.unique([one.alpha for one in found])
    largest = {one.curve: max(one.samples) for one in found}
    slopes = {}
    for curve in members:
        ahead, here = (
            reference(of, k)(curve, largest[curve.name], alphas) for k in (factor * _SHIFT, factor)
        )
        moves = np.log(ahead / here) / np.log(_SHIFT)
        slopes |= {(curve.name, float(a)): float(s) for a, s in zip(alphas, moves, strict=True)}
    return slopes


def decide(stated: BestFactor) -> Evidence:
    """Fit a factor to each group of curves, beside the stated one."""
    if stated.near.relation is not Relation.AT_MOST:
        raise ValueError(f"the factor is tested to be near, got {stated.near.relation}")
    groups, margin = fitted(stated), float(stated.near.side())
    estimates = [estimate for estimate, _ in groups.values()]
    decision = decide_equivalence(estimates, [margin] * len(estimates))
    what, points = NAMES[stated.of], sum(count for _, count in groups.values())
    sizes = {name: stated.factor * np.exp(one.value) for name, (one, _) in groups.items()}
    steps = tuple(
        f"{name}: {sizes[name]:.4f} ± {sizes[name] * one.error:.4f} times {what}, {count} points"
        for name, (one, count) in groups.items()
    )
    least, most, error = (
        min(sizes.values()),
        max(sizes.values()),
        max(sizes[name] * one.error for name, (one, _) in groups.items()),
    )
    text = (
        f"{points} points in {len(groups)} groups are fitted best by {least:.4f} to {most:.4f} "
        f"times {what}, with errors up to {error:.2g}"
    )
    if len(groups) == 1:
        text = f"{points} points are fitted best by {least:.4f} ± {error:.4f} times {what}"
    worst = [*groups][decision.decisive]
    away = estimates[decision.decisive]
    where = {"group": worst, "log factor, less that stated": f"{away.value!r} ± {away.error!r}"}
    fails = where if decision.holds is False else None
    return Evidence(decision.holds, text, decision.p, fails, steps)


def common_factor(
    found: Sequence[Deviation], slopes: Mapping[tuple[str, float], float]
) -> Estimate:
    """Estimate the one log-factor on a parameter that would make all deviations vanish.

    With k times the parameter a deviation is slope·log k less. At each α and d every seed gives a
    weighted mean of deviation/slope over the curves, and that is extrapolated in 1/d. Curves share
    a seed's data, so that the weights are C⁻¹ times the slopes, where C is the covariance of the
    curves over the other half of the seeds, with a little of its diagonal added.

    Parameters
    ----------
    found
        Deviations of the same curves at each α.
    slopes
        d log p/d log(parameter) of each curve and α; 1 for p itself.
    """
    estimates = []
    for alpha in sorted({one.alpha for one in found}):
        here = [one for one in found if one.alpha == alpha]
        slope = np.array([slopes[one.curve, alpha] for one in here])
        dimensions = sorted(set.intersection(*(set(one.samples) for one in here)))
        samples = [np.array([one.samples[d] for one in here]) for d in dimensions]
        for half in (0, 1):
            others = [s[:, 1 - half :: 2] for s in samples]
            scatter = np.concatenate(
                [
                    (s - s.mean(1, keepdims=True)) * d**0.5
                    for s, d in zip(others, dimensions, strict=True)
                ],
                axis=1,
            )
            covariance = scatter @ scatter.T
            covariance += _DIAGONAL * np.diag(np.diag(covariance))
            weights = np.linalg.solve(covariance, slope)
            weights /= weights @ slope
            estimates.append(extrapolate(dimensions, [weights @ s[:, half::2] for s in samples]))
    precision = np.array([one.error**-2 for one in estimates])
    value = float(precision @ [one.value for one in estimates] / precision.sum())
    freedom = min(one.freedom for one in estimates)
    return Estimate(value, float(precision.sum()) ** -0.5, freedom)
