"""Errors of finite networks from data in both stages, over those that the theory predicts.

log(E_d/E) of each problem is extrapolated in 1/d; what it owes to the fluctuation of a few squares
of known mean, in both stages, is taken out before (`verify.methods.equivalence`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from empirics.two_stage_record import Recorded, load, plan, problems
from verify.claim import Comparison, Evidence, Measurement
from verify.claims.crosscheck._finite_size import require_planned
from verify.claims.pipeline._two_stages import (
    ERROR,
    LEARNING,
    SCALE,
    STATED,
    Law,
    Learning,
    expected,
    mean_scales,
)
from verify.methods.bounds import deviating
from verify.methods.equivalence import (
    LEVEL,
    Estimate,
    decide_equivalence,
    extrapolate_controlled,
    holm,
)
from verify.methods.formula import Formula
from verify.methods.notation import Mean
from verify.methods.relations import Limit, Relation, Side
from verify.methods.scores import beyond_p, normal_scores, require_scores, squares_p

D, Z, BEYOND, LARGE, LARGEST = sp.symbols(r"d z P_u u z_{\max}", real=True)
FACTOR = sp.Symbol(r"\hat{k}", positive=True)
FOUND, SCALE_FOUND = sp.Symbol("E_d", real=True), sp.Symbol("C_d", real=True)
MEAN_SCALE = Mean(SCALE)
LARGE_D = Limit(D, sp.oo)
BETWEEN = ("finite networks", "theory of two stages")
CLOSE = 0.1  # the margin that was planned
_FLOOR = 0.01  # of a deviation's standard error, in the weights of the common factor


@cache
def recorded() -> Recorded:
    """Return the recorded rows; ArithmeticError if some are missing, or there are others."""
    kept = load()
    require_planned(zip(kept.problem, kept.d, kept.seed, strict=True), plan())
    return kept


@cache
def by_problem(quantity: str, expectation: float, index: int) -> Estimate:
    """Extrapolate the log of a recorded quantity of a problem over what is expected."""
    kept = recorded()
    rows = kept.problem == index
    values = np.log(kept.measured[quantity][rows] / expectation)
    return extrapolate_controlled(kept.d[rows].astype(float), values, kept.squares(index))


class Away(NamedTuple):
    """How far a problem's quantity is from the expected one as d → ∞, in the logarithm."""

    name: str
    expected: float
    estimate: Estimate

    @property
    def place(self) -> dict[str, str]:
        """What the record says of it."""
        return {
            "problem": self.name,
            "expected": repr(self.expected),
            "deviation": repr(self.estimate.value),
            "standard error": repr(self.estimate.error),
        }


def errors(law: Law, factor: float = 1.0) -> list[Away]:
    """Return the deviations of all errors, from those expected times a factor."""
    found = []
    for index, problem in enumerate(problems()):
        value = factor * expected(law, problem.stages)
        found.append(Away(problem.name, value, by_problem("error", value, index)))
    return found


def scales(law: Learning) -> list[Away]:
    """Return the deviations of all mean scales: of active and of inactive coordinates."""
    found = []
    for index, problem in enumerate(problems()):
        values = mean_scales(law, problem.stages)
        for part, value in zip(("active", "inactive"), values, strict=True):
            estimate = by_problem(f"scale {part}", value, index)
            found.append(Away(f"{problem.name}, {part}", value, estimate))
    return found


def within(deviation: Any, margin: float) -> Formula:
    """Return |E[deviation]| ≤ margin as d → ∞."""
    size = sp.Abs(Mean(deviation))
    return Formula(size, (), lambda: margin, Relation.AT_MOST, limit=LARGE_D)


def _margin(stated: Formula, deviation: Any) -> float:
    limit = stated.towards
    if (limit.variable, limit.to, limit.side) != (D, sp.oo, Side.BOTH):
        raise ValueError(f"deviations vanish as d → ∞, got {limit}")
    if stated.relation is not Relation.AT_MOST or stated.name != sp.Abs(Mean(deviation)):
        raise ValueError(f"|E[{deviation}]| must be at most something, got {stated.latex()}")
    return float(stated.side())


class Near(NamedTuple):
    """What lies within which margin, and the theory."""

    near: Formula
    law: Law | Learning

    def latex(self) -> str:
        """Return the margin and the theory."""
        return rf"{self.near.latex()} \\ {self.law.latex()}"


OF_ERROR, OF_SCALE = sp.log(FOUND / ERROR), sp.log(SCALE_FOUND / MEAN_SCALE)
NEAR_ERROR = Near(within(OF_ERROR, 0.2), STATED)
NEAR_SCALE = Near(within(OF_SCALE, 0.2), LEARNING)


def decide_errors(stated: Near) -> Evidence:
    """Test every problem's error for equivalence within the margin."""
    if not isinstance(stated.law, Law):
        raise ValueError(f"errors need a law of the error, got {stated.law.latex()}")
    margin = _margin(stated.near, OF_ERROR)
    return equivalent(errors(stated.law), margin, "errors E as d → ∞", BETWEEN)


def decide_scales(stated: Near) -> Evidence:
    """Test every mean scale for equivalence within the margin."""
    if not isinstance(stated.law, Learning):
        raise ValueError(f"scales need what is learnt only, got {stated.law.latex()}")
    margin = _margin(stated.near, OF_SCALE)
    return equivalent(scales(stated.law), margin, "mean scales c_FT as d → ∞", BETWEEN)


def equivalent(
    found: Sequence[Away], margin: float, what: str, between: tuple[str, str]
) -> Evidence:
    """Test all deviations of `what`, by two methods, for equivalence within a margin."""
    estimates = [one.estimate for one in found]
    decision = decide_equivalence(estimates, [margin] * len(found))
    sizes = np.abs([one.value for one in estimates])
    spread = np.array([one.error for one in estimates])
    holds, worst = decision.holds, found[decision.decisive]
    close = int(np.sum(holm([one.equivalence_p(CLOSE) for one in estimates]) < LEVEL))
    data = {
        "comparisons": len(found),
        "largest deviation": float(sizes.max()),
        "median deviation": float(np.median(sizes)),
        "largest standard error": float(spread.max()),
        "median standard error": float(np.median(spread)),
        f"within {CLOSE:g}": close,
        "decisive": worst.place,
    }
    if holds is not True:
        text = f"{worst.name} deviates by {worst.estimate.value:+.3g}"
        fails = worst.place if holds is False else None
        return Evidence(holds, text, decision.p, fails, data=data)
    text = (
        f"{len(found)} {what} deviate by at most {sizes.max():.2g} in the logarithm, median "
        f"{np.median(sizes):.2g}, standard errors {np.median(spread):.2g} (largest "
        f"{spread.max():.2g}), margin {margin:.3g}; {close} are shown to be within "
        f"{CLOSE:g}"
    )
    seen = Comparison(what, between, float(np.median(sizes)), "log-ratio, median")
    return Evidence(True, text, decision.p, data=data, comparisons=(seen,))


class Scatter(NamedTuple):
    """What the deviations in standard errors are like: z², P_u with its u, and the largest |z|."""

    square: Formula = Formula(Mean(Z**2), (), lambda: 1)
    beyond: Formula = Formula(BEYOND, (LARGE,), lambda u: sp.erfc(u / sp.sqrt(2)))
    large: float = 2.0
    law: Law = STATED
    factor: float = 1.0

    def latex(self) -> str:
        """Return the law of z, and the theory."""
        times = "" if self.factor == 1.0 else rf"{self.factor:g}\, "
        return (
            rf"{self.square.latex()}, \quad {self.beyond.latex()}, \quad u = {self.large:g}, \quad "
            rf"z \propto \log(E_d/{times}E) \\ {self.law.latex()}"
        )


def decide_scatter(stated: Scatter) -> Measurement:
    """Test Σz² by χ², the number of large |z| by the binomial law, and the largest |z|."""
    require_scores(stated.square, Mean(Z**2), stated.beyond, BEYOND)
    found = errors(stated.law, stated.factor)
    z = normal_scores([one.estimate for one in found])
    share = float(stated.beyond({LARGE: stated.large}))
    large, of_number = beyond_p(z, stated.large, share)
    worst = int(np.argmax(np.abs(z)))
    tests = {
        "Σz²": squares_p(z, float(stated.square())),
        f"|z| > {stated.large:g}": of_number,
        "largest |z|": min(1.0, z.size * float(stated.beyond({LARGE: abs(float(z[worst]))}))),
    }
    p = float(holm(list(tests.values())).min())
    said = ", ".join(f"{name}: p = {value:.2g}" for name, value in tests.items())
    text = (
        f"of {z.size} problems mean z² is {np.mean(z**2):.3g}, {large} have |z| > "
        f"{stated.large:g}, the largest |z| is {abs(z[worst]):.2f} ({said})"
    )
    data = {"mean z": float(np.mean(z)), "mean z²": float(np.mean(z**2)), "with large |z|": large}
    return Measurement(p, text, found[worst].place, smallest=True, data=data)


class CommonFactor(NamedTuple):
    """The one factor on all errors that fits best is near 1."""

    near: Formula = Formula(sp.Abs(sp.log(FACTOR)), (), lambda: 0.01, Relation.AT_MOST)
    law: Law = STATED

    def latex(self) -> str:
        """Return the margin of the factor, and the theory."""
        return rf"\hat{{k}}\, E: \quad {self.near.latex()} \\ {self.law.latex()}"

    @property
    def factor(self) -> float:
        """The factor that is stated, from which the deviation is 0."""
        (found,) = sp.solve(deviating(self.near), FACTOR)
        return float(found)

    def but(self, factor: Any) -> CommonFactor:
        """Return the same of another factor."""
        away = sp.Abs(sp.log(FACTOR / factor))
        return self._replace(near=Formula(away, (), self.near.body, Relation.AT_MOST))


def common_factor(found: Sequence[Away]) -> Estimate:
    """Return the mean of the deviations weighted by 1/(variance + 0.01²)."""
    values = np.array([one.estimate.value for one in found])
    variances = np.array([one.estimate.error for one in found]) ** 2
    weights = 1.0 / (variances + _FLOOR**2)
    weights /= weights.sum()
    error = float(np.sqrt(np.sum(weights**2 * variances)))
    return Estimate(float(weights @ values), error, float(len(found) - 1))


def decide_factor(stated: CommonFactor) -> Evidence:
    """Test the best factor on all errors for equivalence with the stated one."""
    found = errors(stated.law, stated.factor)
    return near_factor(stated, common_factor(found), len(found))


def plain(formula: Formula) -> bool:
    """Whether a formula says nothing beside its two sides: no limit, no further bounds."""
    return formula.limit is None and not formula.bounds


def near_factor(stated: CommonFactor, found: Estimate, count: int) -> Evidence:
    """Test the log of a factor on `count` errors, over the stated one, for equivalence with 0."""
    factor, margin = stated.factor, float(stated.near.side())
    ratio = deviating(stated.near)
    if not (
        isinstance(ratio, sp.log)
        and FACTOR not in sp.cancel(ratio.args[0] / FACTOR).free_symbols
        and stated.near.relation is Relation.AT_MOST
        and plain(stated.near)
    ):
        raise ValueError(f"|log(k̂/k)| must be at most something, got {stated.near.latex()}")
    decision = decide_equivalence([found], [margin])
    text = (
        f"the best factor on {count} errors is {factor * np.exp(found.value):.4f} ± "
        f"{factor * found.error:.4f}, margin {margin:g} about {factor:g}"
    )
    where = {"log of the factor over the stated one": repr(found.value)}
    data = {**where, "standard error": found.error}
    fails = where if decision.holds is False else None
    return Evidence(decision.holds, text, decision.p, fails, data=data)
