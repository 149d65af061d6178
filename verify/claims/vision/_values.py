"""Values of trained networks, and inequalities of their means over seeds.

A seed fixes class split, initial weights, images and their order; two conditions of one seed
differ in one factor alone, and all that is compared is compared within a seed. Results are read
from `empirics/recorded/vision-*.csv`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from empirics.vision import results
from verify.methods.notation import named, written
from verify.methods.relations import Relation

# Studies by what they multiply (`empirics.vision.scaling`), in words, in titles and in formulas.
WORDS = {"kappa": "κ", "scale": "c", "gamma": "γ", "all-weights": "the factor of all weights"}
WORDS |= {"kappa-rate": "κ of the rates alone", "kappa-constant": "κ with rates times κ²"}
TITLES = {"kappa": "κ = 1/8", "scale": "c = 1/8", "gamma": "γ = 1/8"}
TITLES |= {"all-weights": "An eighth of all weights"}
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
    "published-gpu": "published protocol, on a GPU",
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
    "ensd_inputs": r"\mathrm{ENSD}_{\text{inputs}}",
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


class Features(NamedTuple):
    """Which representation is measured, and how (`empirics.vision.results.READINGS`)."""

    stage: str = "layer4"
    reading: str = "evaluation"
    centring: str = "centred"

    def __str__(self) -> str:
        what = {"centred": "centred features", "raw": "features, not centred,"}[self.centring]
        mode, before = results.READINGS[self.reading]
        return f"{what} of {self.stage}, {mode}, before: {before}"


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

    def by_seed(self, seeds: Collection[int] | None = None) -> dict[int, float]:
        """Return the value of each seed that has all of it, or of those among some.

        `ResultsError` if some n or value of the factor is not recorded of any seed, unless seeds
        are given.
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
        if missing and seeds is not None:
            return {}
        if missing:
            raise results.ResultsError(
                f"the recorded results must have {name} at factor {missing[0][1]:g} and "
                f"n = {missing[0][-1]:g}, they do not (yet)"
            )
        found = set.intersection(*(set(table[place]) for table in tables for place in weights))
        if seeds is not None:
            found &= set(seeds)
        of = _compiled(self.quantity.columns, self.quantity.of)

        def value(seed: int) -> float:
            return float(sum(w * of(*(t[p][seed] for t in tables)) for p, w in weights.items()))

        return {seed: value(seed) for seed in sorted(found)}

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
            return f"slope over n = {sizes} of {shown}"
        return f"{shown}, n = {', '.join(f'{n:g}' for n in sizes)}"


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


def differences(
    values: tuple[Value, ...], seeds: Collection[int] | None = None
) -> dict[int, float]:
    """Return the first value, less the second if there is one, of each seed that has them.

    Or of those among some: see `Value.by_seed`.
    """
    first, *others = (value.by_seed(seeds) for value in values)
    second = others[0] if others else dict.fromkeys(first, 0.0)
    return {seed: first[seed] - second[seed] for seed in first if seed in second}


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
        place = results.place_of(row)
        of = None if name == "accuracy" else Features(*(str(row[f]) for f in Features._fields))
        for column in numbers:
            if (value := row[column]) is not None:
                seeds = found.setdefault((of, column), {}).setdefault(place, {})
                seeds[results.seed_of(row)] = value
    return found


def in_words(sizes: tuple[float, ...]) -> str:
    """Return some n in words."""
    *first, last = (f"{n:g}" for n in sizes)
    return f"n = {', '.join(first)} and {last}" if first else f"n = {last}"


def signature(
    study: Study, small: float, against: float | PerDoubling, shared: str = "ensd"
) -> tuple[Inequality, ...]:
    """Return the signature of the rich, pretraining-dependent regime, at a small factor.

    PR falls, and ENSD, in the column `shared`, is about PR afterwards: both, and more so than at
    the factor `against`, or more so the smaller the factor is, of the slopes over `against`.
    """
    fraction, distance = (
        one._replace(columns=(shared, "pr_after")) for one in (SHARED_FRACTION, UNSHARED)
    )
    alone = (Greater(study.at(small, FALL)), Within(study.at(small, fraction), *ABOUT_ONE))
    falls, unshared = (study.at(against, quantity) for quantity in (FALL, distance))
    if isinstance(against, PerDoubling):
        return (*alone, Greater(falls, relation=Relation.BELOW), Greater(unshared))
    more = Greater(study.at(small, FALL), falls), Greater(unshared, study.at(small, distance))
    return (*alone, *more)
