"""Effects in trained networks: values of one seed compared, with a confidence interval over seeds.

A seed fixes class split, initial weights, images and their order; two conditions of one seed
differ in one factor alone. What the paper reports are tendencies: here they are mean differences
over seeds. The interval is Student's, which assumes that the differences are roughly normal;
several inequalities of one statement share the error probability equally (Bonferroni).

Results of the published protocol are read from `empirics/recorded/vision-published*.csv` once they
are recorded; until then claims on them are skipped, naming the file. Whoever records them must
compare the expected verdicts with what they show. The reduced study was measured on two cores with
the same code: fewer classes and images, smaller batches, training stopped earlier. It does not
replicate the paper's results.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from empirics.vision import results
from verify.claim import Check, Control, Evidence, Method
from verify.methods.equivalence import LEVEL, Estimate
from verify.methods.notation import named, written
from verify.methods.relations import Relation

STAGE, CENTRING = "layer4", "centred"
REDUCED = (
    "reduced study: 10 pretraining classes of 50 images, batches of 32",
    "trained to losses of 0.2 and 0.01; n = 10, 20, 50, 96",
    "differences paired by seed; some seeds were added after the first had been looked at",
    "intervals of 95 % each; one-sided tests of all the study's claims, corrected for their number "
    "(Holm), say the same at 5 %",
)
# Studies, by what they multiply (`empirics.vision.scaling`): in words, and on the page.
WORDS = {"kappa": "κ", "scale": "c", "gamma": "γ", "all-weights": "factor of all weights"}
SHOWN = {"kappa": r"\kappa =", "scale": "c =", "gamma": r"\gamma ="}
SHOWN |= {"all-weights": r"\text{all weights} \times"}
COLUMNS = {
    "accuracy": r"\mathrm{acc}",
    "pr_before": r"\mathrm{PR}_{PT}",
    "pr_after": r"\mathrm{PR}_{FT}",
    "ensd": r"\mathrm{ENSD}",
}


class Quantity(NamedTuple):
    """A function of columns of the results."""

    columns: tuple[str, ...]
    of: Callable[..., Any]


ACCURACY = Quantity(("accuracy",), lambda accuracy: accuracy)
# A difference of logarithms is a ratio.
DIMENSION_PT = Quantity(("pr_before",), lambda before: sp.log(before))
DIMENSION_FT = Quantity(("pr_after",), lambda after: sp.log(after))
SHARED_FRACTION = Quantity(("ensd", "pr_after"), lambda shared, after: shared / after)


class Study(NamedTuple):
    """Networks fine-tuned on n images, averaged over the sizes n, after scaling by one factor."""

    protocol: str
    name: str
    sizes: tuple[float, ...]

    def at(self, factor: float, quantity: Quantity) -> Value:
        """Return a quantity of the networks at one value of the factor."""
        return Value(self, factor, quantity)


class Value(NamedTuple):
    """A quantity of a study's networks at one value of the factor."""

    study: Study
    factor: float
    quantity: Quantity

    def by_seed(self) -> dict[int, float]:
        """Return the value of each seed that has all n; ResultsError if some n is not recorded."""
        protocol, name, sizes = self.study
        tables = [recorded(protocol, column) for column in self.quantity.columns]
        places = [(name, self.factor, n) for n in sizes]
        missing = [place for table in tables for place in places if place not in table]
        if missing:
            raise results.ResultsError(
                f"the recorded results must have {name} at factor {self.factor:g} and "
                f"n = {missing[0][-1]:g}, they do not (yet)"
            )
        seeds = set.intersection(*(set(table[place]) for table in tables for place in places))

        def value(seed: int) -> float:
            found = [self.quantity.of(*(t[place][seed] for t in tables)) for place in places]
            return float(np.mean([float(one) for one in found]))

        return {seed: value(seed) for seed in sorted(seeds)}

    def latex(self) -> str:
        """Return the quantity at this value."""
        at = f"({SHOWN[self.study.name]} {self.factor:g})"
        columns = [COLUMNS[column] + at for column in self.quantity.columns]
        return written(self.quantity.of, *named(*columns))

    def __str__(self) -> str:
        name = self.quantity.of(*map(sp.Symbol, self.quantity.columns))
        return f"{name} at {WORDS[self.study.name]} = {self.factor:g}"


class Greater(NamedTuple):
    """`more` exceeds `less` + `by`, or `by` alone, in the mean over seeds.

    With another relation the sides have the wrong names; whether it is strict no interval decides.
    """

    more: Value
    less: Value | None = None
    by: float = 0.0
    relation: Relation = Relation.ABOVE

    @property
    def values(self) -> tuple[Value, ...]:
        """The values that are compared."""
        return (self.more, self.less) if self.less else (self.more,)

    def margins(self) -> dict[int, float]:
        """Return the left side less the right one, for each seed that has both."""
        more = self.more.by_seed()
        less = self.less.by_seed() if self.less else dict.fromkeys(more, 0.0)
        if not self.relation.strict:
            raise ValueError(f"one side must exceed the other, got {self.relation}")
        return {
            seed: self.relation.margin(more[seed], less[seed] + self.by)
            for seed in more
            if seed in less
        }

    def shown(self, value: Callable[[Value], str]) -> str:
        """Return the inequality, its values shown by `value`."""
        terms = [value(self.less)] if self.less else []
        terms += [f"{self.by:g}"] if self.by or not terms else []
        return f"{value(self.more)} {self.relation} {' + '.join(terms)}"


@dataclass(frozen=True)
class Statement:
    """Inequalities that hold together, all of one protocol and of means over the same n."""

    inequalities: tuple[Greater, ...]

    def __post_init__(self) -> None:
        values = [value for inequality in self.inequalities for value in inequality.values]
        shared = sorted({(value.study.protocol, value.study.sizes) for value in values})
        if len(shared) > 1:
            raise ValueError(f"all values must be of one protocol and the same n, got {shared}")

    def latex(self) -> str:
        """Return the inequalities, and what their means are taken over."""
        values = [value for inequality in self.inequalities for value in inequality.values]
        protocol, _, sizes = values[0].study
        over = r"\text{means over seeds}" if len(sizes) == 1 else r"\text{means over seeds and } n"
        conditions = [over, "n = " + ", ".join(f"{n:g}" for n in sizes)]
        conditions.append(rf"\text{{{protocol} protocol}}")
        if any(value.quantity.columns != ACCURACY.columns for value in values):
            conditions.append(rf"\text{{{CENTRING} features of {STAGE}}}")
        lines = [inequality.shown(Value.latex) for inequality in self.inequalities]
        return r" \\ ".join([*lines, r", \quad ".join(conditions)])


def decide(statement: Statement) -> Evidence:
    """Hold the interval of each inequality's margin to 0: undecided where one contains it."""
    level = LEVEL / len(statement.inequalities)
    lows, highs, steps, places = [], [], [], []
    for inequality in statement.inequalities:
        margins, name = inequality.margins(), inequality.shown(str)
        found = Estimate.of([*margins.values()])
        low, high = (found.value + sign * found.half_width(level) for sign in (-1, 1))
        interval = f"margin {found.value:+.4f}, interval [{low:+.4f}, {high:+.4f}]"
        lows.append(low)
        highs.append(high)
        steps.append(f"{name}: {interval}, {len(margins)} seeds")
        places.append({"inequality": name, "interval": interval, "margins_by_seed": str(margins)})
    # Refuted only where a whole interval lies below 0.
    lowest, highest = float(np.min(lows)), float(np.min(highs))  # NaN if one is
    holds = True if lowest > 0.0 else False if highest < 0.0 else None
    return Evidence(
        holds,
        "; ".join(steps),
        lowest,
        places[int(np.argmin(highs))] if holds is False else None,
        tuple(steps),
        {"level": LEVEL, "corrected level": level},
    )


def checks(statement: Statement, *controls: Control) -> tuple[Check]:
    """Return the check of a statement on recorded results, skipped by name without them.

    While results are missing, the controls must be false whatever they will show.
    """
    protocol = statement.inequalities[0].more.study.protocol
    files = (results.file_name(protocol, table) for table in results.COLUMNS)
    how: dict[str, Any] = {"above": 0.0, "reason": "the interval of every margin lies above 0"}
    how |= {"needs_files": tuple(f"empirics/recorded/{name}" for name in files)}
    name = "confidence intervals over seeds"
    return (Check(name, Method.STATISTICS, decide, statement, controls, **how),)


def greater(more: Value, less: Value, too_much: tuple[float, str]) -> tuple[Check]:
    """Return the check that `more` exceeds `less`, but not by what is too much."""
    return checks(
        Statement((Greater(more, less),)),
        Control("reversed differences", Statement((Greater(less, more),))),
        Control("smaller", Statement((Greater(more, less, relation=Relation.BELOW),))),
        Control(too_much[1], Statement((Greater(more, less, too_much[0]),))),
    )


@cache
def recorded(protocol: str, column: str) -> dict[tuple[str, float, float], dict[int, float]]:
    """Return a column of the results by (study, factor, n), each by seed."""
    table = "accuracy" if column in results.ACCURACY else "representation"
    rows: Iterable[Mapping[str, Any]] = results.read(protocol, table)
    if table == "representation":
        rows = [row for row in rows if (row["stage"], row["centring"]) == (STAGE, CENTRING)]
    found: dict[tuple[str, float, float], dict[int, float]] = {}
    for row in rows:
        if row[column] is not None:
            place = row["study"], row["factor"], row["n"]
            found.setdefault(place, {})[int(row["seed"])] = row[column]
    return found
