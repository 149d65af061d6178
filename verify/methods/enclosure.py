"""Rigorous enclosures: f > 0 on an interval, by ball arithmetic with adaptive subdivision.

`f` is evaluated by Arb on balls that cover the interval. A box whose image is positive is
done; one that is not is halved. The proof is complete when no box is left, so its conclusion
holds for every real number of the interval, not for sampled points. Where it fails, the box
that stays undecided, or a point at which f is certainly not positive, is returned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flint import arb, ctx

from verify.claim import Evidence

# A box halved this often is as narrow as the arithmetic resolves: f touches zero there.
MAX_DEPTH = 160

Ball = Any
Function = Callable[[Ball], Ball]


@dataclass(frozen=True)
class Enclosure:
    """Outcome of an attempt to prove f > 0 on an interval.

    Attributes
    ----------
    proved
        True: f > 0 everywhere. False: a point of the interval was found at which f <= 0, certainly.
        None: the boxes ran out, or a box became too small to halve.
    low, high
        The interval.
    boxes
        Balls evaluated.
    failing_box
        The box that refutes or that stayed undecided; (x, x) for a point.
    value
        Text of the enclosure of f there.
    minimum
        The smallest lower bound found on the boxes done, where proved.
    """

    proved: bool | None
    low: str
    high: str
    boxes: int
    failing_box: tuple[str, str] | None = None
    value: str = ""
    minimum: float | None = None

    def as_evidence(self, statement: str = "f") -> Evidence:
        """Turn the outcome into evidence that `statement` is positive."""
        text = f"{statement} > 0 on [{self.low}, {self.high}]"
        start, end = self.failing_box or ("", "")
        summary = {
            True: f"{text}, enclosed with {self.boxes} boxes",
            False: f"{text} fails",
            None: f"{text} stayed undecided after {self.boxes} boxes, at [{start}, {end}]",
        }[self.proved]
        at = {"from": start, "to": end, "value": self.value}
        against = at if self.proved is False else None
        return Evidence(self.proved, summary, self.minimum, against, data={"boxes": self.boxes})


def prove_positive(
    f: Function,
    low: str | int | float | Ball,
    high: str | int | float | Ball,
    *,
    log_scale: bool = False,
    precision: int = 128,
    max_boxes: int = 200_000,
) -> Enclosure:
    """Prove f > 0 on [low, high], or return the box where that fails.

    Parameters
    ----------
    f
        Function of an Arb ball that returns a ball containing f of every point of it.
    low, high
        Ends of the interval, included; decimal strings are enclosed, not rounded.
    log_scale
        Halve boxes at their geometric mean (both ends must be positive): for intervals that
        span many orders of magnitude.
    precision
        Bits of the arithmetic.
    max_boxes
        Number of balls after which the attempt ends undecided.

    Raises
    ------
    ValueError
        If the interval is empty, not finite, or not positive where `log_scale` asks for it.
    """
    with ctx.workprec(precision):
        return _subdivide(f, arb(low), arb(high), log_scale=log_scale, max_boxes=max_boxes)


def _subdivide(f: Function, low: Ball, high: Ball, *, log_scale: bool, max_boxes: int) -> Enclosure:
    left, right = low.lower(), high.upper()
    if not (left.is_finite() and right.is_finite() and left <= right):
        raise ValueError(f"interval must be finite and not empty, got [{low}, {high}]")
    if log_scale and not left > 0:
        raise ValueError(f"log_scale needs low > 0, got low={low}")
    name = (_text(left), _text(right))
    # A decimal end is enclosed by a ball: what refutes has to hold at every point of that.
    for end in (low, high):
        at_end = f(end)
        if at_end <= 0:
            return Enclosure(False, *name, 1, (_text(end), _text(end)), _text(at_end))
    pending = [(left, right, 0)]
    boxes = 0
    minimum: float | None = None
    while pending:
        a, b, depth = pending.pop()
        boxes += 1
        value = f(a.union(b) if a != b else a)
        if value > 0:
            bound = float(value.lower())
            minimum = bound if minimum is None else min(minimum, bound)
            continue
        middle = ((a * b).sqrt() if log_scale else (a + b) / 2).mid()
        at_middle = f(middle)
        inside = bool(low <= middle) and bool(middle <= high)
        if inside and (value <= 0 or at_middle <= 0):
            point = (_text(middle), _text(middle))
            return Enclosure(False, *name, boxes, point, _text(at_middle))
        if boxes >= max_boxes or depth >= MAX_DEPTH or not a < middle < b:
            return Enclosure(None, *name, boxes, (_text(a), _text(b)), _text(value))
        pending += [(middle, b, depth + 1), (a, middle, depth + 1)]
    return Enclosure(True, *name, boxes, minimum=minimum)


def _text(ball: Ball) -> str:
    return str(ball.str(20, radius=False)) if ball.is_exact() else str(ball.str(20))
