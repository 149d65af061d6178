"""Effects in trained networks: differences paired by seed, with a confidence interval.

A seed fixes class split, initial weights, images and their order; two conditions of one seed
differ in a factor alone. The effect is the mean over seeds of the difference, its interval that
of Student's t, which assumes that the differences are roughly normal; several effects in one
statement share the error probability equally (Bonferroni).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, NoReturn

import numpy as np
from scipy.stats import t as student

from empirics.vision import results
from verify.claim import Check, Control, Evidence, Method

LEVEL = 0.05
LAST_STAGE = "layer4"

Values = Mapping[tuple[str, float, float], Mapping[int, float]]
Relation = Literal["greater", "within"]


@dataclass(frozen=True)
class Effect:
    """A mean difference over seeds.

    Attributes
    ----------
    name
        What is compared, in words.
    differences
        Returns the difference of each seed.
    """

    name: str
    differences: Callable[[], Mapping[int, float]]

    def opposite(self) -> Effect:
        """Return the effect of the opposite sign."""
        return Effect(
            f"opposite of {self.name}",
            lambda: {seed: -value for seed, value in self.differences().items()},
        )


@dataclass(frozen=True)
class Statement:
    """What the effects are said to be.

    Attributes
    ----------
    effects
        All of them must be so.
    relation
        "greater": above `bound`. "within": of a magnitude below `bound`.
    bound
        In the unit of the effects.
    """

    effects: tuple[Effect, ...]
    relation: Relation
    bound: float

    def reversed(self) -> Statement:
        """Return the statement about the opposite differences."""
        return replace(self, effects=tuple(effect.opposite() for effect in self.effects))


@dataclass(frozen=True)
class Interval:
    """A mean with its two-sided confidence interval."""

    mean: float
    low: float
    high: float
    seeds: int


def interval(differences: Sequence[float], level: float) -> Interval:
    """Return mean and Student interval of error probability `level`.

    Raises
    ------
    ValueError
        If there are fewer than three differences.
    """
    count = len(differences)
    if count < 3:
        raise ValueError(f"an interval over seeds must have at least 3 of them, got {count}")
    mean = float(np.mean(differences))
    half = float(student.ppf(1 - level / 2, count - 1) * np.std(differences, ddof=1) / count**0.5)
    return Interval(mean, mean - half, mean + half, count)


def decide(statement: Statement) -> Evidence:
    """Hold each effect's interval to the statement; undecided where one straddles the bound."""
    level = LEVEL / len(statement.effects)
    steps, outcomes, worst = [], [], np.inf
    counterexample: dict[str, str] | None = None
    for effect in statement.effects:
        differences = effect.differences()
        found = interval(list(differences.values()), level)
        steps.append(
            f"{effect.name}: {found.mean:+.4f}, interval [{found.low:+.4f}, {found.high:+.4f}], "
            f"{found.seeds} seeds"
        )
        margin, outcome = _held(found, statement)
        worst = min(worst, margin)
        outcomes.append(outcome)
        if outcome is False and counterexample is None:
            counterexample = {
                "effect": effect.name,
                "mean": repr(found.mean),
                "interval": f"[{found.low!r}, {found.high!r}]",
                "differences by seed": str(dict(differences)),
            }
    holds = False if False in outcomes else None if None in outcomes else True
    return Evidence(
        holds,
        "; ".join(steps),
        figure=float(worst),
        counterexample=counterexample,
        steps=tuple(steps),
        data={"level": LEVEL, "corrected level": level},
    )


def _held(found: Interval, statement: Statement) -> tuple[float, bool | None]:
    """Return by how much the interval clears the bound, and whether it is on the stated side."""
    if statement.relation == "greater":
        if found.low > statement.bound:
            return found.low - statement.bound, True
        return found.low - statement.bound, False if found.high < statement.bound else None
    inside = min(statement.bound - found.high, found.low + statement.bound)
    outside = found.low > statement.bound or found.high < -statement.bound
    return inside, True if inside > 0 else False if outside else None


def effects_check(protocol: str, statement: Statement, *controls: Control) -> Check:
    """Return the check of a statement about recorded results, skipped by name without them.

    Where the results are still to come, the controls must be false whatever they show; where they
    are known, `Statement.reversed` serves.
    """
    tables = ("accuracy", "representation")
    return Check(
        "confidence intervals over seeds",
        Method.STATISTICS,
        decide,
        statement,
        controls,
        needs_files=tuple(
            f"empirics/recorded/{results.file_name(protocol, table)}" for table in tables
        ),
    )


# --- Effects ------------------------------------------------------------------------------------


class _Places(dict[tuple[str, float, float], dict[int, float]]):
    """Values by (study, factor, n); results come lever by lever, and some may not be there yet."""

    def __missing__(self, place: tuple[str, float, float]) -> NoReturn:
        study, factor, n = place
        raise results.ResultsError(
            f"the recorded results must have {study} at factor {factor:g} and n = {n:g}, they do "
            "not (yet)"
        )


@cache
def accuracies(protocol: str) -> Values:
    """Return accuracies by (study, factor, n), each by seed."""
    found = _Places()
    for row in results.read(protocol):
        if row["accuracy"] is not None:
            place = str(row["study"]), float(str(row["factor"])), float(str(row["n"]))
            found.setdefault(place, {})[int(float(str(row["seed"])))] = float(str(row["accuracy"]))
    return found


@cache
def representations(protocol: str, column: str, stage: str, centring: str) -> Values:
    """Return one measure of one stage by (study, factor, n), each by seed."""
    found = _Places()
    for row in results.read(protocol, "representation"):
        if (row["stage"], row["centring"]) == (stage, centring) and row[column] is not None:
            place = str(row["study"]), float(str(row["factor"])), float(str(row["n"]))
            found.setdefault(place, {})[int(float(str(row["seed"])))] = float(str(row[column]))
    return found


def accuracy_gain(
    protocol: str, study: str, better: float, worse: float, sizes: Sequence[float]
) -> Effect:
    """Return the accuracy at factor `better` less that at `worse`, averaged over sizes n."""

    def differences() -> Mapping[int, float]:
        table = accuracies(protocol)
        return _averaged([_paired(table[study, better, n], table[study, worse, n]) for n in sizes])

    told = ", ".join(f"{n:g}" for n in sizes)
    return Effect(f"{study}: accuracy at {better:g} less at {worse:g}, n = {told}", differences)


def log_pr_fall(
    protocol: str, study: str, factor: float, n: float, *, centring: str = "centred"
) -> Effect:
    """Return log(PR before/PR after) of the last stage."""

    def differences() -> Mapping[int, float]:
        before, after = (
            representations(protocol, column, LAST_STAGE, centring)[study, factor, n]
            for column in ("pr_before", "pr_after")
        )
        return {seed: float(np.log(before[seed] / after[seed])) for seed in after}

    return Effect(f"{study} at {factor:g}, n = {n:g}: log(PR before/PR after)", differences)


def log_pr_gain(protocol: str, study: str, higher: float, lower: float, n: float) -> Effect:
    """Return log(PR before fine-tuning at factor `higher`/that at `lower`), last stage, centred."""

    def differences() -> Mapping[int, float]:
        table = representations(protocol, "pr_before", LAST_STAGE, "centred")
        one, two = (
            {seed: float(np.log(value)) for seed, value in table[study, factor, n].items()}
            for factor in (higher, lower)
        )
        return _paired(one, two)

    return Effect(f"{study}: log(PR before at {higher:g}/at {lower:g})", differences)


def shared_fraction(
    protocol: str, study: str, factor: float, n: float, *, centring: str = "centred"
) -> Mapping[int, float]:
    """Return ENSD/(PR after) of the last stage, by seed."""
    shared, after = (
        representations(protocol, column, LAST_STAGE, centring)[study, factor, n]
        for column in ("ensd", "pr_after")
    )
    return {seed: shared[seed] / after[seed] for seed in after}


def shared_fraction_gain(
    protocol: str, study: str, higher: float, lower: float, n: float
) -> Effect:
    """Return ENSD/(PR after) at factor `higher` less that at `lower`, last stage, centred."""
    return Effect(
        f"{study}, n = {n:g}: ENSD/PR after at {higher:g} less at {lower:g}",
        lambda: _paired(
            shared_fraction(protocol, study, higher, n), shared_fraction(protocol, study, lower, n)
        ),
    )


def shared_fraction_above(
    protocol: str, study: str, factor: float, n: float, level: float
) -> Effect:
    """Return ENSD/(PR after) less `level`, last stage, centred."""
    return Effect(
        f"{study} at {factor:g}, n = {n:g}: ENSD/PR after, less {level:g}",
        lambda: {
            seed: value - level
            for seed, value in shared_fraction(protocol, study, factor, n).items()
        },
    )


def _paired(first: Mapping[int, float], second: Mapping[int, float]) -> dict[int, float]:
    return {seed: first[seed] - second[seed] for seed in sorted(first.keys() & second.keys())}


def _averaged(parts: Sequence[Mapping[int, float]]) -> dict[int, float]:
    seeds = sorted(set.intersection(*(set(part) for part in parts)))
    return {seed: float(np.mean([part[seed] for part in parts])) for seed in seeds}
