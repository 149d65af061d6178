"""Designs that are not Gaussian against the replica curve: what is stated, and how it is decided.

p̂_d is the error of a finite network on a design, p that of a reference (`_design_curves`). Its
deviation log(p̂_d/p) is extrapolated in 1/d and tested to vanish within a margin (two one-sided
tests), or to reach a least one (a one-sided test).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from empirics import designs
from empirics.designs import ALPHAS, CORRELATION, DESIGNS, Case, column, measure, measured_on, plan
from empirics.finite_size import Recorded
from verify.claim import Check, Control, Evidence, Method
from verify.claims.crosscheck._design_curves import Expected, Independent
from verify.claims.crosscheck._finite_size import (
    P_FOUND,
    D,
    Deviation,
    Margin,
    P,
    deviations,
    equivalent,
    require_planned,
    root_gap,
)
from verify.methods.equivalence import LEVEL, decide_all
from verify.methods.formula import Formula
from verify.methods.notation import Mean
from verify.methods.numeric import Worst, compared
from verify.methods.relations import Limit, Relation

WIDE = Margin(sp.log(10) / 10, designs.WIDE_ALPHA)  # 1 dB in p, or 10 % in α
CLOSE, LAZY = Margin(designs.CLOSE), Margin(designs.LAZY)
ONE_DB = sp.log(10) / 10
# Less than the plan allows, which adds 10 % in α; chosen after the record was seen, for speed.
NARROW = Margin(ONE_DB)

# Which cases, as the page names them.
CASES: Mapping[str, Callable[[Case], bool]] = {
    "all cases": lambda case: True,
    "interpolation without noise": lambda case: case.interpolates,
    "interpolation without noise, c ≥ 1 or γ ≥ 1": lambda case: (
        case.interpolates and max(case.setting.c, case.setting.gamma) >= 1.0
    ),
    "γ = 10": lambda case: case.setting.gamma == 10.0,
    "the noisy baseline": lambda case: case.noise_variance > 0.0,
    "the baseline with a ridge": lambda case: case.ridge > 0.0,
    "the noisy baseline, and that with a ridge": lambda case: not case.interpolates,
    "baseline, noisy baseline, λ/c = −0.99": lambda case: (
        not case.ridge and case.setting.label.endswith(("baseline", "lam/c=-0.99"))
    ),
    "Gaussian slab: baseline, λ/c = −0.99, single task of c = 0.001": lambda case: (
        case.interpolates
        and case.setting.slab == "gaussian"
        and case.setting.gamma == 0.0
        and case.setting.c == 1e-3
    ),
}
# Laws of X, as the page writes them.
LAWS = {
    "gaussian": r"X_{ij} \sim N(0, 1/n)",
    "rademacher": r"X_{ij} = \pm 1/\sqrt{n}",
    "sparse": rf"X_{{ij}} \ne 0 \text{{ with probability }} {designs.SHARE:g}",
    "four-per-row": rf"{designs.ENTRIES} \text{{ entries of each row}} \ne 0",
    "student": rf"X_{{ij}} \propto t_{{{designs.FREEDOM:g}}}",
    "correlated-features": (
        rf"n E[X_{{i\pi(j)}} X_{{i\pi(k)}}] = {CORRELATION:g}^{{|j-k|}}, \ \pi \text{{ random}}"
    ),
    "features-in-order": rf"n E[X_{{ij}} X_{{ik}}] = {CORRELATION:g}^{{|j-k|}}",
    "correlated-examples": rf"n E[X_{{ij}} X_{{kj}}] = {CORRELATION:g}^{{|i-k|}}",
}


@cache
def recorded() -> Recorded:
    """Return the recorded errors; ArithmeticError if rows are missing, or there are others."""
    kept = designs.recorded()
    require_planned(zip(kept.d, kept.alpha, kept.seed, strict=True), plan())
    return kept


def on(table: Recorded, design: str) -> Recorded:
    """Return the errors on one design, by the names of the cases."""
    errors = {case.name: table.errors[column(design, case)] for case in measured_on(design)}
    return Recorded(table.d, table.alpha, table.seed, errors)


class Holds(NamedTuple):
    """On a design, errors of these cases are the reference's within a margin as d → ∞."""

    design: str
    cases: str = "all cases"
    margin: Margin = WIDE
    reference: Expected = Independent()
    errors: Callable[[], Recorded] = recorded

    def latex(self) -> str:
        return (
            rf"{self.margin.formula.latex()}, \quad {LAWS[self.design]} \\ "
            rf"{self.reference.latex()}, \quad \text{{{self.cases}}}"
        )

    def said(self) -> str:
        return f"{self.cases} within {self.margin}"


def found_on(stated: Any, margin: Margin) -> tuple[Deviation, ...]:
    """Return the deviations of the cases that are stated, on the design that is."""
    known = measured_on(stated.design)
    chosen = [case for case in known if CASES[stated.cases](case)]
    table = on(stated.errors(), stated.design)
    return deviations(table, chosen, stated.reference, margin, lambda d, alpha: known)


def decide_holds(stated: Holds) -> Evidence:
    """Test every case at every α for equivalence as d → ∞."""
    evidence = equivalent(found_on(stated, stated.margin))
    text = f"{stated.design}, {stated.said()}: {evidence.summary}"
    return replace(evidence, summary=text)


def larger(least: Any, relation: Relation = Relation.AT_LEAST) -> Formula:
    """Return the inequality lim E[log(p̂_d/p)] ≥ least."""
    return Formula(Mean(sp.log(P_FOUND / P)), (), lambda: least, relation, limit=Limit(D, sp.oo))


class Breaks(NamedTuple):
    """On a design, errors of these cases exceed the reference's, by so much, as d → ∞ at an α."""

    design: str
    cases: str
    bound: Formula
    reference: Expected = Independent()
    alpha: float = max(ALPHAS)
    errors: Callable[[], Recorded] = recorded

    def latex(self) -> str:
        return (
            rf"{self.bound.latex()}, \quad {LAWS[self.design]}, \quad \alpha = {self.alpha:g} \\ "
            rf"{self.reference.latex()}, \quad \text{{{self.cases}}}"
        )

    def said(self) -> str:
        words = "at least" if self.bound.relation is Relation.AT_LEAST else "at most"
        return f"{self.cases} off by {words} {float(self.bound.side()):.6g} in log p"


def decide_breaks(stated: Breaks) -> Evidence:
    """Test every case one-sidedly; p-values are corrected for their number (Holm)."""
    if stated.alpha not in ALPHAS:
        raise ValueError(f"α must be one of {ALPHAS}, got {stated.alpha}")
    bound, least = stated.bound, float(stated.bound.side())
    if not isinstance(bound.name, Mean) or bound.relation is Relation.EQUAL:
        raise ValueError(f"a mean is stated to be large, or small, got {bound.latex()}")
    margin = Margin(abs(least), deviation=bound.name.args[0], limit=bound.towards)
    found = [one for one in found_on(stated, margin) if one.alpha == stated.alpha]
    excess = [
        replace(one.estimate, value=float(bound.relation.margin(one.estimate.value, least)))
        for one in found
    ]
    against = [replace(one, value=-one.value) for one in excess]
    decision = decide_all(
        [one.positive_p() for one in excess], [one.positive_p() for one in against]
    )
    steps = tuple(
        f"{one.curve}: log(p̂/p) → {one.estimate.value:+.3f} ± {one.estimate.error:.3f}"
        for one in found
    )
    worst = found[decision.decisive]
    where = f"{worst.curve}: {worst.estimate.value:+.3f} ± {worst.estimate.error:.3f}"
    words = {True: "shown", False: "refuted", None: "undecided"}[decision.holds]
    text = f"{stated.design}, {stated.said()}: {words} of {len(found)} errors; decisive is {where}"
    fails = None if decision.holds is not False else {"case": worst.curve, "deviation": where}
    return Evidence(decision.holds, text, decision.p, fails, steps)


def holds(name: str, stated: Holds, wrong: Mapping[str, Holds], **how: Any) -> Check:
    """Return the check that a design has the errors of a reference."""
    return _statistics(name, decide_holds, stated, wrong, **how)


def breaks(name: str, stated: Breaks, wrong: Mapping[str, Breaks], **how: Any) -> Check:
    """Return the check that a design's errors exceed a reference's."""
    return _statistics(name, decide_breaks, stated, wrong, **how)


def _statistics(
    name: str, decide: Callable[..., Evidence], stated: Any, wrong: Mapping[str, Any], **how: Any
) -> Check:
    controls = tuple(Control(why, one._replace(errors=stated.errors)) for why, one in wrong.items())
    reason = f"level of all tests of the check together (Holm), of {stated.said()}"
    return Check(name, Method.STATISTICS, decide, stated, controls, LEVEL, reason, **how)


def wrong_noise_and_ridge(design: str) -> dict[str, Holds]:
    """Return what is false of noise and ridge on a design where both are those of the case."""
    plain = Independent()
    noise = replace(plain.noise, body=lambda sigma: (2 * sigma) ** 2)
    ridge = replace(plain.ridge, body=lambda strength: 4 * strength)
    return {
        "noise of twice the standard deviation": Holds(
            design, "the noisy baseline", reference=plain._replace(noise=noise)
        ),
        "a ridge four times as strong": Holds(
            design, "the baseline with a ridge", reference=plain._replace(ridge=ridge)
        ),
    }


FEW = "four-per-row"
NEAR = Holds("", "interpolation without noise, c ≥ 1 or γ ≥ 1", CLOSE)


def instead(stated: Holds) -> dict[str, Holds]:
    """Return the false statement of the design with a few entries a row."""
    return {"with four entries of a row instead": stated._replace(design=FEW)}


def too_much(stated: Breaks) -> dict[str, Breaks]:
    """Return what is false of errors that are larger than a reference: by 10 dB, or not at all."""
    return {
        "by 10 dB": stated._replace(bound=larger(10 * ONE_DB)),
        "less than stated": stated._replace(bound=replace(stated.bound, relation=Relation.AT_MOST)),
    }


def lazy(name: str, design: str) -> Check:
    """Return the check that a design's lazy errors are the curve's."""
    stated = Holds(design, "γ = 10", LAZY)
    return holds(
        name,
        stated,
        {
            "baselines, four entries a row": stated._replace(
                design=FEW, cases="baseline, noisy baseline, λ/c = −0.99"
            )
        },
    )


# The full tier's seeds in each dimension, as many as recorded; the recorded ones start at 0. With
# 20 at d = 1000, tried first, one case of Student's design was undecided.
LIVE_SEEDS = {d: range(1000, 1040) for d in (250, 500, 1000)}


@cache
def _live(design: str) -> Recorded:
    """Measure a design anew, with other seeds, up to d = 1000."""
    rows = [(d, a, seed) for d, seeds in LIVE_SEEDS.items() for a in ALPHAS for seed in seeds]
    measured = [measure(design, *row, measured_on(design)) for row in rows]
    d, alpha, seed = np.array(rows, float).T
    errors = {name: np.array([row[name] for row in measured]) for name in measured[0]}
    return Recorded(d, alpha, seed, errors)


def live(design: str) -> Callable[[], Recorded]:
    """Return what measures a design anew."""
    return lambda: _live(design)


MEASURED_NOW = {"tier": "full", "limit": 1200.0, "seed": 1000}
SEED, ROWS, LARGEST_ROW = 137, 2, 250


class Copy(NamedTuple):
    """What is said to lie in the file: errors on designs times `factor`, from seeds + `shift`."""

    designs: tuple[str, ...]
    factor: float = 1.0
    shift: int = 0


@cache
def _row_again(design: str, d: int, alpha: float, seed: int) -> dict[str, float]:
    return measure(design, d, alpha, seed, measured_on(design))


def remeasure(copy: Copy) -> Any:
    """Measure a few recorded rows of each design again."""
    table, rng, worst = recorded(), np.random.default_rng(SEED), Worst()
    small = np.flatnonzero(table.d <= LARGEST_ROW)
    rows = rng.choice(small, size=ROWS, replace=False)
    for design, row in product(copy.designs, rows):
        d, alpha, seed = int(table.d[row]), float(table.alpha[row]), int(table.seed[row])
        for name, error in _row_again(design, d, alpha, seed + copy.shift).items():
            kept = copy.factor * float(table.errors[name][row])
            gap = root_gap(error, kept)
            worst.at(gap, case=name, row=(d, alpha, seed), recorded=kept, again=error)
    found = worst.measured("{count} recorded errors measured again, within {worst}")
    return compared(found, "error of a finite network", between=("recorded", "measured again"))


def again(*of: str) -> Check:
    """Return the check that the file is what it says, on a few rows of these designs."""
    stated = Copy(of)
    controls = (
        Control("errors larger by 10⁻⁶", stated._replace(factor=1 + 1e-6)),
        Control("seeds off by one", stated._replace(shift=1)),
    )
    reason = "relative, of |β̂ − β*|; the file has 11 digits"
    name = "recorded rows measured again"
    return Check(name, Method.FLOAT64, remeasure, stated, controls, 1e-8, reason, seed=SEED)


ASSUMPTIONS = (
    "d from 250 to 2000; seeds as recorded",
    f"α ∈ {ALPHAS}",
    "ρ_PT = ρ_FT = 0.1, ω = ½, and single tasks of ρ = 0.1",
    "group sizes nearest to their shares, Gaussian slabs at their quantiles",
    "mean deviations linear in 1/d",
)
REQUIRES = ("crosscheck.finite-size",)
assert DESIGNS.keys() == LAWS.keys()
