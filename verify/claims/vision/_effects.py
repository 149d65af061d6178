"""Effects in trained networks: inequalities of mean differences, or slopes, with their intervals.

What the paper reports are tendencies: here they are mean differences within a seed, or mean slopes
in the binary logarithm of a factor, over seeds. The interval is Student's, which assumes that
these are roughly normal; it is two-sided. The intervals of a family of statements, of one claim or
of several, share the error probability equally (Bonferroni).

The reduced study was measured on two cores with the same code as the published protocol is: fewer
classes and images, smaller batches, training stopped earlier. It does not replicate the paper's
results. What Lippl and Lindsey (2024) published is recorded as they read it. Claims on the
published protocol are decided by the rules of its plan (`_planned.py`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from empirics.vision import results
from verify.claim import Check, Control, Evidence, Method
from verify.claims.vision._values import (
    ACCURACY,
    MEANING,
    PROTOCOLS,
    SYMBOLS,
    Inequality,
    PerDoubling,
    Sizes,
    Value,
    differences,
)
from verify.methods.equivalence import LEVEL, Estimate, profile_p

LOST = 2


class Beside(NamedTuple):
    """What is estimated beside a statement, and decides nothing: of a family of its own."""

    words: str
    inequality: Inequality
    family: int

    @property
    def values(self) -> tuple[Value, ...]:
        """The values that are compared."""
        return self.inequality.values

    @property
    def stated(self) -> str:
        """What is estimated, in words and as an inequality, and in which family."""
        features = "".join(f", {value.study.features}" for value in _measured(self.values)[:1])
        return f"{self.words}, {self.inequality.shown(str)}{features}, one of {self.family:g}"

    def __str__(self) -> str:
        return f"{self.stated}: {_estimated(self.inequality, LEVEL / self.family)[2]}"


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

    @property
    def stated(self) -> str:
        """What is fitted, in words and as a value or difference."""
        return f"{self.words}, {' - '.join(map(str, self.values))}"

    def __str__(self) -> str:
        sizes = [*self.value.study.weights]
        by_size = [differences(tuple(_at_size(one, n) for one in self.values)) for n in sizes]
        seeds = set.intersection(*map(set, by_size))
        profiles = np.array([[one[seed] for one in by_size] for seed in sorted(seeds)])
        constant = np.ones((len(sizes), 1))
        linear = np.column_stack([constant, np.log(sizes)])
        same, line = (profile_p(profiles, basis) for basis in (constant, linear))
        return (
            f"{self.stated}, fitted at each n: the same at all n, "
            f"p = {same:.2g}; linear in log n, p = {line:.2g}; {len(seeds)} seeds"
        )


def _measured(values: Sequence[Value]) -> tuple[Value, ...]:
    """Return those that are of representations."""
    return tuple(value for value in values if value.quantity.columns != ACCURACY.columns)


def _at_size(value: Value, n: float) -> Value:
    return value._replace(study=value.study._replace(sizes=(n,)))


@dataclass(frozen=True)
class Inequalities(ABC):
    """Inequalities that hold together, all of one protocol.

    Attributes
    ----------
    inequalities
        What is stated.
    """

    inequalities: tuple[Inequality, ...]

    def __post_init__(self) -> None:
        self.check_protocol(self.values)
        for one in self.inequalities:
            # n is shown once for both sides, and the features once for all.
            if len({value.study.sizes for value in one.values}) > 1:
                raise ValueError(f"both sides must be of the same n, got {one.shown(str)}")
        if len({value.study.features for value in self.measured}) > 1:
            raise ValueError("all representations must be of the same features")

    def check_protocol(self, values: Sequence[Value]) -> None:
        """Refuse with `ValueError` values of several protocols."""
        shared = sorted({value.study.protocol for value in (*self.values, *values)})
        if len(shared) > 1:
            raise ValueError(f"all values must be of one protocol, got {shared}")

    @property
    def values(self) -> tuple[Value, ...]:
        """The values that are compared."""
        return tuple(value for one in self.inequalities for value in one.values)

    @property
    def measured(self) -> tuple[Value, ...]:
        """Those that are of representations."""
        return _measured(self.values)

    @abstractmethod
    def judged(self) -> str:
        """Return in words how many seeds there are, and what is judged together."""

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
        conditions = [rf"\text{{{PROTOCOLS[first.study.protocol]}; {self.judged()}}}"]
        conditions += [
            f"{SYMBOLS[v.study.name]} = {v.factor}"
            for v in self.values
            if isinstance(v.factor, PerDoubling)
        ]
        conditions += [MEANING[v.study.name] for v in self.values if v.study.name in MEANING]
        conditions += [rf"\text{{{value.study.features}}}" for value in self.measured]
        return r" \\ ".join([*lines, *dict.fromkeys(conditions)])


@dataclass(frozen=True)
class Statement(Inequalities):
    """Inequalities that are held to intervals.

    Attributes
    ----------
    inequalities
        What is stated.
    seeds
        How many there are, or were planned: what lacks more than `LOST` of them is open.
    family
        Number of statements whose intervals hold simultaneously with these; `None` for these alone.
    beside
        What is estimated beside it, and decides nothing.
    """

    seeds: int
    family: int | None = None
    beside: tuple[Beside | Fits, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.simultaneous < len(self.inequalities):
            raise ValueError(
                f"a family must be of {len(self.inequalities)} or more, got {self.family}"
            )
        if not self.seeds >= 3:
            raise ValueError(f"seeds must be 3 or more, got {self.seeds}")
        self.check_protocol([value for one in self.beside for value in one.values])

    @property
    def simultaneous(self) -> int:
        """How many intervals hold simultaneously."""
        return len(self.inequalities) if self.family is None else self.family

    @property
    def level(self) -> float:
        """The error probability of one interval."""
        return LEVEL / self.simultaneous

    def judged(self) -> str:
        """Return the number of seeds, and of the intervals that hold together."""
        together = f", simultaneous for {self.simultaneous:g}" if self.simultaneous != 1 else ""
        return f"{self.seeds:g} seeds, intervals at level {LEVEL:g}{together}"


def _over(sizes: Sequence[Sizes]) -> str:
    """Return what is averaged over, or of which n something is stated of each."""
    if len(sizes) > 1:
        shown = ", ".join(f"{n:g}" for one in sizes for n in one if isinstance(n, float))
        return rf"\text{{means over seeds, at each of}}\ n = {shown}:"
    over = "," if isinstance(sizes[0], PerDoubling) or len(sizes[0]) == 1 else " and over"
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
    if min(lost) < 0:
        holds = None
        steps.append(f"open: {-min(lost)} seeds more than the {statement.seeds} are recorded")
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


def checks(
    statement: Inequalities,
    *controls: Control,
    decided: Callable[[Any], Evidence] = decide,
    name: str = "confidence intervals over seeds",
    reason: str = "the interval of every margin lies above 0",
) -> tuple[Check]:
    """Return the check of a statement on recorded results, skipped by name without them.

    While results are missing, the controls must be false whatever they will show. What a control
    states is judged alone, without what stands beside the statement.
    """
    protocol = statement.values[0].study.protocol
    files = (results.file_name(protocol, table) for table in results.COLUMNS)
    how: dict[str, Any] = {"above": 0.0, "reason": reason}
    how |= {"needs_files": tuple(f"empirics/recorded/{file}" for file in files)}
    return (Check(name, Method.STATISTICS, decided, statement, controls, **how),)
