"""Networks trained through both stages: beside the convex problems, the theory, and each other."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from empirics.two_stage import Instance
from empirics.two_stage_record import square_deviations
from empirics.two_stage_trained import (
    CASES,
    MEASURED,
    RATES,
    RECORDED,
    SEEDS,
    TOGETHER,
    Recorded,
    instance,
    load,
    measure,
    plan,
)
from numerics.validation import FloatArray
from verify.claim import Evidence, Measurement
from verify.claims.crosscheck._finite_size import require_planned
from verify.claims.pipeline._ends import Ends
from verify.claims.pipeline._finite_size import (
    Away,
    CommonFactor,
    Near,
    equivalent,
    near_factor,
    plain,
)
from verify.claims.pipeline._two_stages import ERROR, Law, expected
from verify.methods.bounds import share
from verify.methods.equivalence import Estimate, controlled_mean, decide_all
from verify.methods.formula import Formula, defined
from verify.methods.notation import Mean
from verify.methods.numeric import Worst, compared
from verify.methods.relations import Relation

RATE, AT_RATE, AT_FOURFOLD, AT_ZERO, CONVEX = sp.symbols(
    r"eta E_eta E_{4\eta} E_0 E_d", positive=True
)
OF_SQUARES, _SQUARE = Mean(sp.log(AT_ZERO / CONVEX) ** 2), sp.Symbol("S", positive=True)
OF_ERROR = sp.Abs(Mean(sp.log(AT_ZERO / ERROR)))
MEAN = sp.Function("G")
ROUNDING = 1e-12
FILES = (f"empirics/recorded/{RECORDED}",)


@cache
def recorded() -> Recorded:
    """Return the recorded rows; ArithmeticError if some are missing, or there are others."""
    kept = load()
    require_planned(zip(kept.problem, kept.rate, kept.seed, strict=True), plan())
    return kept


def require_plain(*formulas: Formula) -> None:
    """Raise ValueError for a formula with a limit or bounds, which nothing here decides."""
    for one in formulas:
        if not plain(one):
            raise ValueError(f"neither limit nor bounds are decided here, got {one.latex()}")


class Trained(NamedTuple):
    """How near E is at a rate, in the limit, and there on average; the limit; both ends."""

    seeds: tuple[int, ...]
    near: Formula
    limit: Formula
    mean: Formula
    line: Formula
    ends: Ends

    def latex(self) -> str:
        """Return the inequalities, the line to η = 0, and where both stages end."""
        inequalities = r", \quad ".join(one.latex() for one in (self.near, self.limit, self.mean))
        return rf"{inequalities} \\ {self.line.latex()} \\ {self.ends.latex()}"


@cache
def squares(index: int) -> FloatArray:
    """Return the control variates of a problem's seeds, of both stages, (S, K)."""
    found, problem = [], CASES[index]
    for seed in range(SEEDS):
        drawn = data(index, seed)
        inactive = (drawn.pretraining.truth == 0.0).astype(np.intp)
        after = square_deviations(drawn.finetuning, drawn.group, problem.noise_variance)
        before = square_deviations(drawn.pretraining, inactive, problem.noise_variance_pt)
        found.append(np.concatenate([after, before]))
    return np.array(found)


@cache
def data(index: int, seed: int) -> Instance:
    """Return the data of a row."""
    return instance(index, seed)


def decide_ends(stated: Trained) -> Measurement:
    """Compare each network with the two convex problems on its data."""
    require_plain(stated.near, stated.limit, stated.mean, stated.line)
    worst, apart = Worst(), []
    for index, problem in enumerate(CASES):
        for seed in stated.seeds:
            drawn = data(index, seed)
            _, end = stated.ends.found(problem.initialization, drawn)
            convex = float(np.mean((end - drawn.finetuning.truth) ** 2))
            trained = [float(recorded().of("error", index, rate)[seed]) for rate in RATES]
            where = {"problem": problem.name, "seed": seed, "convex": convex, "trained": trained}
            for rate, error in zip(RATES, trained, strict=True):
                at = {AT_RATE: error, CONVEX: convex}
                worst.at(share(stated.near, at, {RATE: rate}), **where, rate=rate)
            fourfold, once = trained
            at_zero = {AT_RATE: once, AT_FOURFOLD: fourfold}
            log = float(defined(stated.line, sp.log(AT_ZERO), at_zero))
            limit = float(np.exp(log))
            off = abs(log - recorded().at_no_rate(index)[seed])
            worst.at(0.0 if off < ROUNDING else np.inf, **where, line=log)
            worst.at(share(stated.limit, {AT_ZERO: limit, CONVEX: convex}), **where)
            apart.append([abs(np.log(one / convex)) for one in (*trained, limit)])
    coarse, fine, zero = np.max(apart, axis=0)
    square = float(np.mean(np.square(apart)[:, -1]))
    mean = replace(stated.mean, name=sp.sympify(stated.mean.name).xreplace({OF_SQUARES: _SQUARE}))
    worst.at(share(mean, {_SQUARE: square}), problem="all", root_mean_square=square**0.5)
    found = worst.measured(
        f"log E of {len(apart)} networks differs from that of the convex problems by at most "
        f"{coarse:.2g} at η = {RATES[0]:g}, {fine:.2g} at {RATES[1]:g}, {zero:.2g} extrapolated "
        f"to 0, there {square**0.5:.2g} root mean square: {{worst}} of the margins"
    )
    largest = replace(found, figure=float(zero)) if np.isfinite(zero) else found
    methods = ("trained network", "dual Newton")
    return replace(compared(largest, "error of an instance", methods), figure=found.figure)


def deviations(law: Law, factor: float = 1.0) -> FloatArray:
    """Return log E₀ of each seed over a factor times what is expected, by problem, (10, S)."""
    return np.array(
        [
            recorded().at_no_rate(index) - np.log(factor * expected(law, problem))
            for index, problem in enumerate(CASES)
        ]
    )


def decide_errors(stated: Near) -> Evidence:
    """Test the mean of log E₀ of every problem for equivalence within the margin."""
    if not isinstance(stated.law, Law):
        raise ValueError(f"errors need a law of the error, got {stated.law.latex()}")
    near = stated.near
    require_plain(near, stated.law.error)
    if near.relation is not Relation.AT_MOST or near.name != OF_ERROR:
        raise ValueError(f"|E[log(E₀/E)]| must be at most something, got {near.latex()}")
    found = [
        Away(problem.name, expected(stated.law, problem), controlled_mean(values, squares(index)))
        for index, (problem, values) in enumerate(zip(CASES, deviations(stated.law), strict=True))
    ]
    between = ("trained network", "theory of two stages")
    return equivalent(found, float(near.side()), "errors after training", between)


def decide_factor(stated: CommonFactor) -> Evidence:
    """Test the geometric mean of E₀ over what is expected, of all problems, against the stated."""
    away = deviations(stated.law, stated.factor)
    found = near_factor(stated, Estimate.of(away.mean(axis=0)), len(CASES))
    taken_out = [controlled_mean(values, squares(index)) for index, values in enumerate(away)]
    value = float(np.mean([one.value for one in taken_out]))
    error = float(np.sqrt(np.sum([one.error**2 for one in taken_out]))) / len(CASES)
    beside = {"with the squares taken out": repr(value), "its standard error": error}
    return replace(found, data={**found.data, **beside})


class Orders(NamedTuple):
    """Which error is larger: one inequality for each step in α_PT."""

    steps: tuple[Formula, ...]

    def latex(self) -> str:
        """Return all of them."""
        return r" \\ ".join(one.latex() for one in self.steps)


def step(before: str, relation: Relation, after: str, noise: str) -> Formula:
    """Return the inequality of mean errors at two α_PT and a σ²_PT, given as text."""
    first, second, variance = (sp.Rational(one) for one in (before, after, noise))
    return Formula(MEAN(first, variance), (), lambda: MEAN(second, variance), relation)


def mean_of(expression: Any) -> Estimate:
    """Return the mean of log E₀ at the α_PT and σ²_PT of G(α_PT, σ²_PT)."""
    if not isinstance(expression, MEAN):
        raise ValueError(f"a mean error G(α_PT, σ²_PT) is asked for, got {expression}")
    where = tuple(float(one) for one in expression.args)
    places = {(one.alpha_pt, one.noise_variance_pt): index for index, one in enumerate(CASES)}
    if where not in places:
        raise ValueError(f"α_PT and σ²_PT must be of {[*places]}, got {where}")
    return Estimate.of(recorded().at_no_rate(places[where]))


def decide_orders(stated: Orders) -> Evidence:
    """Test each inequality, and its opposite, by Welch's t."""
    found = []
    require_plain(*stated.steps)
    for one in stated.steps:
        if one.relation not in (Relation.ABOVE, Relation.BELOW):
            raise ValueError(f"a step says which error is larger, got {one.latex()}")
        left, right = mean_of(one.name), mean_of(one.side())
        found.append(left.minus(right) if one.relation is Relation.ABOVE else right.minus(left))
    opposite = [replace(one, value=-one.value) for one in found]
    decision = decide_all(*([one.positive_p() for one in part] for part in (found, opposite)))
    worst, least = stated.steps[decision.decisive], found[decision.decisive]
    refuted = decision.holds is False
    text = (
        f"{len(found)} steps, the {'most clearly refuted' if refuted else 'least clear'} of "
        f"{least.value:+.2f} ± {least.error:.2f} in log E: {worst.name} beside {worst.side()}"
    )
    where = {"step": f"{worst.name}, {worst.side()}", "difference": repr(least.value)}
    fails = where if refuted else None
    return Evidence(decision.holds, text, decision.p, fails, data={"steps": len(found)})


class Again(NamedTuple):
    """Which rows are trained again; their errors times `factor`, from seeds plus `shift`."""

    problems: tuple[int, ...] = (0, 1)
    rate: float = RATES[0]
    factor: float = 1.0
    shift: int = 0

    def latex(self) -> str:
        """Return which quantities are equal, of which seeds s and problems."""
        found = rf"\text{{{', '.join(MEASURED)}}}"
        seed = f"s + {self.shift}" if self.shift else "s"
        times = "" if self.factor == 1.0 else rf"{self.factor:.6g}\, "
        places = ", ".join(map(str, self.problems))
        return (
            rf"({found})_{{{seed}}} = {times}({found})_{{s, \text{{recorded}}}} \\ "
            rf"\eta = {self.rate:g},\quad \text{{problems {places}}}"
        )


@cache
def again(index: int, rate: float, seed: int) -> dict[str, float]:
    """Train the network of a row again, with those of its batch."""
    import torch

    torch.set_num_threads(1)
    return measure(index, rate, seed)


def decide_again(stated: Again) -> Measurement:
    """Train recorded networks of the first seeds again, and compare all that was measured."""
    worst = Worst()
    for index in stated.problems:
        for seed in range(TOGETHER - stated.shift):
            found = again(index, stated.rate, seed + stated.shift)
            for name in MEASURED:
                kept = stated.factor * float(recorded().of(name, index, stated.rate)[seed])
                where = {"problem": index, "seed": seed, "measured": name}
                worst.at(abs(found[name] / kept - 1.0), **where)
    rows = worst.measured("{count} numbers measured again, within {worst} of the record")
    return compared(rows, "error of an instance", ("recorded", "measured again"))
