"""Effects in trained networks: values of one seed compared, with a confidence interval over seeds.

A seed fixes class split, initial weights, images and their order; two conditions of one seed
differ in one factor alone. What the paper reports are tendencies: here they are mean differences,
or mean slopes in the binary logarithm of a factor, over seeds. The interval is Student's, which
assumes that these are roughly normal; it is two-sided. The intervals of a family of statements,
of one claim or of several, share the error probability equally (Bonferroni).

Results of the published protocol are read from `empirics/recorded/vision-published*.csv` once they
are recorded; until then claims on them are skipped, naming the file. Whoever records them must
compare the expected verdicts with what they show. The reduced study was measured on two cores with
the same code: fewer classes and images, smaller batches, training stopped earlier. It does not
replicate the paper's results. What Lippl and Lindsey (2024) published is recorded as they read it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from empirics.vision import results
from verify.claim import Check, Control, Evidence, Method
from verify.methods.equivalence import LEVEL, Estimate, profile_p
from verify.methods.notation import named, written
from verify.methods.relations import Relation

# Studies, by what they multiply (`empirics.vision.scaling`): in words, and on the page.
WORDS = {"kappa": "κ", "scale": "c", "gamma": "γ", "all-weights": "factor of all weights"}
WORDS |= {"kappa-rate": "κ of the rates alone", "kappa-constant": "κ with rates times κ²"}
SYMBOLS = {"kappa": r"\kappa", "scale": "c", "gamma": r"\gamma", "all-weights": "a"}
SYMBOLS |= {"kappa-rate": r"\kappa_{\eta}", "kappa-constant": r"\kappa_{\theta}"}
MEANING = {
    "all-weights": r"a:\ \text{all weights, after pretraining}",
    "kappa-rate": r"\kappa_{\eta}:\ \text{learning rates divided by } \kappa^{2}",
    "kappa-constant": r"\kappa_{\theta}:\ \text{weights times } \kappa,"
    r"\ \text{learning rates times } \kappa^{2}",
}
PROTOCOLS = {
    "published": "published protocol",
    "reduced": "reduced protocol",
    "reduced-fixed-statistics": "reduced protocol, fixed statistics",
    "lippl-lindsey-resnet18": "ResNet-18 of Lippl and Lindsey",
    "lippl-lindsey-vit": "vision transformer of Lippl and Lindsey",
}
COLUMNS = {
    "accuracy": r"\mathrm{acc}",
    "pr_before": r"\mathrm{PR}_{\text{before}}",
    "pr_after": r"\mathrm{PR}_{\text{after}}",
    "ensd": r"\mathrm{ENSD}",
}


class Quantity(NamedTuple):
    """A function of columns of the results."""

    columns: tuple[str, ...]
    of: Callable[..., Any]


@cache
def _compiled(columns: tuple[str, ...], of: Callable[..., Any]) -> Callable[..., float]:
    """Return a quantity as a function of numbers."""
    symbols = sp.symbols(columns)
    compiled: Callable[..., float] = sp.lambdify(symbols, of(*symbols), "math")
    return compiled


ACCURACY = Quantity(("accuracy",), lambda accuracy: accuracy)
FALL = Quantity(("pr_before", "pr_after"), lambda before, after: sp.log(before / after))
SHARED_FRACTION = Quantity(("ensd", "pr_after"), lambda shared, after: shared / after)
# How far ENSD is from PR, on either side.
UNSHARED = Quantity(("ensd", "pr_after"), lambda shared, after: sp.Abs(sp.log(shared / after)))


ABOUT_ONE = (0.9, 1.1)
LOST = 2


class Features(NamedTuple):
    """Which representation is measured, and how (`empirics.vision.measure.READINGS`)."""

    stage: str = "layer4"
    reading: str = "evaluation"
    centring: str = "centred"

    def __str__(self) -> str:
        what = {"centred": "centred features", "raw": "features, not centred,"}[self.centring]
        before = {"evaluation": "after pretraining", "training": "after the rescaling"}
        return f"{what} of {self.stage}, {self.reading} mode, before: {before[self.reading]}"


class PerDoubling(NamedTuple):
    """The least-squares slope in the binary logarithm, over these values."""

    values: tuple[float, ...]

    def weights(self) -> dict[float, float]:
        """Return the weight of each value in the slope; ValueError unless two values differ."""
        if len(set(self.values)) < max(2, len(self.values)):
            raise ValueError(f"a slope must be over two values or more, each once: {self.values}")
        logs = np.log2(self.values)
        logs -= logs.mean()
        return dict(zip(self.values, (logs / (logs @ logs)).tolist(), strict=True))

    def __str__(self) -> str:
        return ", ".join(f"{value:.4g}" for value in self.values)


Sizes = tuple[float, ...] | PerDoubling


class Study(NamedTuple):
    """Networks fine-tuned on n images after scaling by one factor.

    Attributes
    ----------
    protocol, name
        Of the record, and of the study in it.
    sizes
        The n that are averaged over, or over which the slope is taken.
    features
        What is measured, where it is not the accuracy.
    """

    protocol: str
    name: str
    sizes: Sizes
    features: Features = Features()

    def at(self, factor: float | PerDoubling, quantity: Quantity) -> Value:
        """Return a quantity of the networks at one value of the factor, or its slope over some."""
        return Value(self, factor, quantity)

    @property
    def weights(self) -> dict[float, float]:
        """The weight of each n."""
        if isinstance(self.sizes, PerDoubling):
            return self.sizes.weights()
        return dict.fromkeys(self.sizes, 1.0 / len(self.sizes))


class Value(NamedTuple):
    """A quantity of a study's networks at one value of the factor, or its slope over some."""

    study: Study
    factor: float | PerDoubling
    quantity: Quantity

    def by_seed(self) -> dict[int, float]:
        """Return the value of each seed that has all of it.

        `ResultsError` if some n or value of the factor is not recorded.
        """
        protocol, name, _, features = self.study
        tables = [recorded(protocol, column, features) for column in self.quantity.columns]
        if isinstance(self.factor, PerDoubling):
            factors = self.factor.weights()
        else:
            factors = {self.factor: 1.0}
        weights = {
            (name, factor, n): of_factor * of_n
            for factor, of_factor in factors.items()
            for n, of_n in self.study.weights.items()
        }
        missing = [place for table in tables for place in weights if place not in table]
        if missing:
            raise results.ResultsError(
                f"the recorded results must have {name} at factor {missing[0][1]:g} and "
                f"n = {missing[0][-1]:g}, they do not (yet)"
            )
        seeds = set.intersection(*(set(table[place]) for table in tables for place in weights))

        of = _compiled(self.quantity.columns, self.quantity.of)

        def value(seed: int) -> float:
            return float(sum(w * of(*(t[p][seed] for t in tables)) for p, w in weights.items()))

        return {seed: value(seed) for seed in sorted(seeds)}

    def latex(self) -> str:
        """Return the quantity at this value, or the slope of it."""
        symbol, slopes = SYMBOLS[self.study.name], []
        if isinstance(self.study.sizes, PerDoubling):
            slopes.append(r"\log_2 n")
        if isinstance(self.factor, PerDoubling):
            slopes.append(rf"\log_2 {symbol}")
            of = written(self.quantity.of, *named(*(COLUMNS[c] for c in self.quantity.columns)))
        else:
            at = (f"{COLUMNS[c]}({symbol} = {self.factor:.4g})" for c in self.quantity.columns)
            of = written(self.quantity.of, *named(*at))
        for slope in slopes:
            of = rf"\operatorname{{slope}}_{{{slope}}}\left({of}\right)"
        return of

    def __str__(self) -> str:
        name = self.quantity.of(*map(sp.Symbol, self.quantity.columns))
        word, sizes = WORDS[self.study.name], self.study.sizes
        if isinstance(self.factor, PerDoubling):
            shown = f"slope of {name} over {word} = {self.factor}"
        else:
            shown = f"{name} at {word} = {self.factor:.4g}"
        if isinstance(sizes, PerDoubling):
            return f"slope over n of {shown}"
        return f"{shown}, n = {sizes[0]:g}" if len(sizes) == 1 else shown


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

    def margins(self, low: float, high: float) -> tuple[float, float]:
        """Return the least and the most of the margin if the difference lies in this interval."""
        if not self.relation.strict:
            raise ValueError(f"one side must exceed the other, got {self.relation}")
        found = [self.relation.margin(end, self.by) for end in (low, high)]
        return min(found), max(found)

    def shown(self, value: Callable[[Value], str]) -> str:
        """Return the inequality, its values shown by `value`."""
        terms = [value(self.less)] if self.less else []
        terms += [f"{self.by:g}"] if self.by or not terms else []
        return f"{value(self.more)} {self.relation} {' + '.join(terms)}"


class Within(NamedTuple):
    """A value, or `value` less `less`, lies between two bounds in the mean over seeds."""

    value: Value
    low: float
    high: float
    less: Value | None = None

    @property
    def values(self) -> tuple[Value, ...]:
        """The values that are compared."""
        return (self.value, self.less) if self.less else (self.value,)

    def margins(self, low: float, high: float) -> tuple[float, float]:
        """Return the least and the most of the distance to the nearer bound, below 0 outside."""
        return min(low - self.low, self.high - high), min(high - self.low, self.high - low)

    def shown(self, value: Callable[[Value], str]) -> str:
        """Return the inequalities, the values shown by `value`."""
        less = f" - {value(self.less)}" if self.less else ""
        return f"{self.low:g} < {value(self.value)}{less} < {self.high:g}"


Inequality = Greater | Within


def differences(values: tuple[Value, ...]) -> dict[int, float]:
    """Return the first value, less the second if there is one, for each seed that has them."""
    first, *others = (value.by_seed() for value in values)
    second = others[0] if others else dict.fromkeys(first, 0.0)
    return {seed: first[seed] - second[seed] for seed in first if seed in second}


class Beside(NamedTuple):
    """What is estimated beside a statement, and decides nothing: of a family of its own."""

    words: str
    inequality: Inequality
    family: int

    @property
    def values(self) -> tuple[Value, ...]:
        """The values that are compared."""
        return self.inequality.values

    def __str__(self) -> str:
        return f"{self.words}: {_estimated(self.inequality, LEVEL / self.family)[2]}"


class Fits(NamedTuple):
    """Nested fits to a value, or a difference, at each n: the same, linear in log n, any.

    The first two are tested against the last, by Hotelling's T²; this decides nothing.
    """

    words: str
    value: Value
    less: Value | None = None

    @property
    def values(self) -> tuple[Value, ...]:
        """The values that are compared."""
        return (self.value, self.less) if self.less else (self.value,)

    def __str__(self) -> str:
        sizes = [*self.value.study.weights]
        by_size = [differences(tuple(_at_size(one, n) for one in self.values)) for n in sizes]
        seeds = set.intersection(*map(set, by_size))
        profiles = np.array([[one[seed] for one in by_size] for seed in sorted(seeds)])
        constant = np.ones((len(sizes), 1))
        linear = np.column_stack([constant, np.log(sizes)])
        same, line = (profile_p(profiles, basis) for basis in (constant, linear))
        return (
            f"{self.words} at n = {', '.join(f'{n:g}' for n in sizes)}: the same at all n, "
            f"p = {same:.2g}; linear in log n, p = {line:.2g}; {len(seeds)} seeds"
        )


def _at_size(value: Value, n: float) -> Value:
    return value._replace(study=value.study._replace(sizes=(n,)))


@dataclass(frozen=True)
class Statement:
    """Inequalities that hold together, all of one protocol.

    Attributes
    ----------
    inequalities
        What is stated.
    family
        Number of statements whose intervals hold simultaneously with these; 0 for these alone.
    seeds
        Number of seeds that were planned: what lacks more than `LOST` of them is open; 0 for no
        number.
    beside
        What is estimated beside it, and decides nothing.
    """

    inequalities: tuple[Inequality, ...]
    family: int = 0
    seeds: int = 0
    beside: tuple[Beside | Fits, ...] = ()

    def __post_init__(self) -> None:
        if 0 < self.family < len(self.inequalities):
            raise ValueError(
                f"a family must be of {len(self.inequalities)} or more, got {self.family}"
            )
        beside = [value for one in self.beside for value in one.values]
        shared = sorted({value.study.protocol for value in (*self.values, *beside)})
        if len(shared) > 1:
            raise ValueError(f"all values must be of one protocol, got {shared}")
        for one in self.inequalities:
            # n is shown once for both sides, and the features once for all.
            if len({value.study.sizes for value in one.values}) > 1:
                raise ValueError(f"both sides must be of the same n, got {one.shown(str)}")
        if len({value.study.features for value in self.measured}) > 1:
            raise ValueError("all representations must be of the same features")

    @property
    def values(self) -> tuple[Value, ...]:
        """The values that are compared."""
        return tuple(value for one in self.inequalities for value in one.values)

    @property
    def measured(self) -> tuple[Value, ...]:
        """Those that are of representations."""
        return tuple(v for v in self.values if v.quantity.columns != ACCURACY.columns)

    @property
    def level(self) -> float:
        """The error probability of one interval."""
        return LEVEL / (self.family or len(self.inequalities))

    def latex(self) -> str:
        """Return the inequalities, each kind of n with what is stated of it, and all conditions."""
        # One line for what is stated of several n, and what follows of the same n below it.
        stated: dict[str, list[Sizes]] = {}
        for one in self.inequalities:
            stated.setdefault(one.shown(Value.latex), []).append(one.values[0].study.sizes)
        lines: list[str] = []
        sizes: list[Sizes] = []
        for shown, own in stated.items():
            lines += [_over(own)] if own != sizes else []
            lines, sizes = [*lines, shown], own
        first = self.values[0]
        conditions = [rf"\text{{{PROTOCOLS[first.study.protocol]}}}"]
        conditions += [
            f"{SYMBOLS[v.study.name]} = {v.factor}"
            for v in self.values
            if isinstance(v.factor, PerDoubling)
        ]
        conditions += [MEANING[v.study.name] for v in self.values if v.study.name in MEANING]
        conditions += [rf"\text{{{value.study.features}}}" for value in self.measured]
        return r" \\ ".join([*lines, *dict.fromkeys(conditions)])


def _over(sizes: Sequence[Sizes]) -> str:
    """Return what is averaged over, or of which n something is stated of each."""
    if len(sizes) > 1:
        shown = ", ".join(f"{n:g}" for one in sizes for n in one if isinstance(n, float))
        return rf"\text{{means over seeds, at each of}}\ n = {shown}:"
    over = "" if isinstance(sizes[0], PerDoubling) or len(sizes[0]) == 1 else " and over"
    numbers = sizes[0].values if isinstance(sizes[0], PerDoubling) else sizes[0]
    return rf"\text{{means over seeds{over}}}\ n = {', '.join(f'{n:g}' for n in numbers)}:"


def decide(statement: Statement) -> Evidence:
    """Hold the interval of each inequality to its bounds: undecided where it contains one."""
    lows, highs, steps, places, lost = [], [], [], [], []
    for inequality in statement.inequalities:
        low, high, text, by_seed = _estimated(inequality, statement.level)
        lows.append(low)
        highs.append(high)
        name = inequality.shown(str)
        steps.append(f"{name}: {text}, {len(by_seed)} seeds")
        places.append({"inequality": name, "interval": text, "by_seed": str(by_seed)})
        lost.append(statement.seeds - len(by_seed))
    lowest, highest = float(np.min(lows)), float(np.min(highs))  # NaN if one is
    # Refuted only where a whole interval lies on the wrong side.
    holds = True if lowest > 0.0 else False if highest < 0.0 else None
    if max(lost) > LOST:
        holds = None
        steps.append(f"open: {max(lost)} of {statement.seeds} seeds are missing, {LOST} may be")
    beside = [f"beside, decides nothing: {one}" for one in statement.beside]
    return Evidence(
        holds,
        "; ".join(steps),
        lowest,
        places[int(np.argmin(highs))] if holds is False else None,
        (*steps, *beside),
        {"level": LEVEL, "corrected level": statement.level},
    )


def _estimated(inequality: Inequality, level: float) -> tuple[float, float, str, dict[int, float]]:
    """Return the least and most of the margin, the interval in words, the differences by seed."""
    by_seed = differences(inequality.values)
    found = Estimate.of([*by_seed.values()])
    low, high = (found.value + sign * found.half_width(level) for sign in (-1, 1))
    text = f"mean {found.value:+.4f}, interval [{low:+.4f}, {high:+.4f}]"
    return (*inequality.margins(low, high), text, by_seed)


def checks(statement: Statement, *controls: Control) -> tuple[Check]:
    """Return the check of a statement on recorded results, skipped by name without them.

    While results are missing, the controls must be false whatever they will show. What a control
    states is judged alone, without what stands beside the statement.
    """
    protocol = statement.values[0].study.protocol
    files = (results.file_name(protocol, table) for table in results.COLUMNS)
    how: dict[str, Any] = {"above": 0.0, "reason": "the interval of every margin lies above 0"}
    how |= {"needs_files": tuple(f"empirics/recorded/{name}" for name in files)}
    name = "confidence intervals over seeds"
    return (Check(name, Method.STATISTICS, decide, statement, controls, **how),)


def signature(study: Study, small: float, against: float | PerDoubling) -> tuple[Inequality, ...]:
    """Return the signature of the rich, pretraining-dependent regime, at a small factor.

    PR falls, and ENSD is about PR afterwards: both, and more so than at the factor `against`, or
    more so the smaller the factor is, of the slopes over `against`.
    """
    alone = (Greater(study.at(small, FALL)), Within(study.at(small, SHARED_FRACTION), *ABOUT_ONE))
    falls, unshared = (study.at(against, quantity) for quantity in (FALL, UNSHARED))
    if isinstance(against, PerDoubling):
        return (*alone, Greater(falls, relation=Relation.BELOW), Greater(unshared))
    more = Greater(study.at(small, FALL), falls), Greater(unshared, study.at(small, UNSHARED))
    return (*alone, *more)


def greater(more: Value, less: Value, too_much: tuple[float, str]) -> tuple[Check]:
    """Return the check that `more` exceeds `less`, but not by what is too much."""
    return checks(
        Statement((Greater(more, less),)),
        Control("reversed differences", Statement((Greater(less, more),))),
        Control("smaller", Statement((Greater(more, less, relation=Relation.BELOW),))),
        Control(too_much[1], Statement((Greater(more, less, too_much[0]),))),
    )


def recorded(
    protocol: str, column: str, features: Features
) -> Mapping[tuple[str, float, float], Mapping[int, float]]:
    """Return a column of the results by (study, factor, n), each by seed."""
    if column in results.ACCURACY:
        return table(protocol, "accuracy").get((None, column), {})
    return table(protocol, "representation").get((features, column), {})


@cache
def table(protocol: str, name: str) -> dict[tuple[Features | None, str], dict[Any, Any]]:
    """Return what is recorded, by features and column; then by (study, factor, n), and by seed."""
    numbers = [column for column in COLUMNS if column in results.COLUMNS[name]]
    found: dict[tuple[Features | None, str], dict[Any, Any]] = {}
    for row in results.read(protocol, name):
        if row["factor"] is None:
            continue
        place = row["study"], row["factor"], row["n"]
        of = None if name == "accuracy" else Features(*(str(row[f]) for f in Features._fields))
        for column in numbers:
            if (value := row[column]) is not None:
                seeds = found.setdefault((of, column), {}).setdefault(place, {})
                seeds[int(float(str(row["seed"])))] = value
    return found
