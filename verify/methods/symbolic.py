"""Proofs step by step, and what SymPy and fifty digits say of an expression that should vanish."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import mpmath
import sympy as sp

from verify.claim import Evidence

Sample = Callable[[random.Random], Mapping[sp.Symbol, Any]]

# The points of a counterexample search are drawn from this seed, so that a run can be repeated.
SEED = 20_261_123
DIGITS = 50
POINTS = 24


def prove_all(steps: Iterable[tuple[str, Any]], *, summary: str = "") -> Evidence:
    """Check a proof step by step: every step must hold.

    The first step that is refuted decides, whatever those before it leave open.

    Parameters
    ----------
    steps
        Pairs of a line for the reader and what establishes it: an `Evidence`, or a truth value
        (a Python or SymPy boolean). None, or a relation that SymPy leaves open, is undecided.
    summary
        What the steps together show.
    """
    found: list[str] = []
    undecided: Evidence | None = None
    for number, (text, outcome) in enumerate(steps, 1):
        evidence = outcome if isinstance(outcome, Evidence) else Evidence(_truth(outcome), text)
        if evidence.holds is True:
            found.append(text)
            continue
        refuted = evidence.holds is False
        verb = "fails" if refuted else "is not decided"
        detail = "" if evidence.summary == text else f" ({evidence.summary})"
        ended = Evidence(
            holds=evidence.holds,
            summary=f"step {number} {verb}: {text}{detail}",
            figure=evidence.figure,
            counterexample=evidence.counterexample or ({"step": text} if refuted else None),
            steps=(*found, f"{verb.upper()}: {text}"),
        )
        if refuted:
            return ended
        undecided = undecided or ended
    if undecided is not None:
        return undecided
    if not found:
        return Evidence(None, "a proof must have steps, got none")
    return Evidence(True, summary or f"{len(found)} steps, each checked", steps=tuple(found))


def reduce_to_zero(expression: Any) -> str | None:
    """Name of the first strategy that reduces `expression` to literal zero, or None."""
    expression = sp.sympify(expression)
    if expression == 0:
        return "identity of the two sides"
    for name, strategy in _STRATEGIES:
        if strategy(expression) == 0:
            return name
    return None


def find_nonzero(expression: Any, sample: Sample) -> tuple[dict[sp.Symbol, Any], Any] | None:
    """Search for a point where `expression` is clearly not zero, and its value; None if none is."""
    rng = random.Random(SEED)
    for _ in range(POINTS):
        point = {symbol: sp.sympify(value) for symbol, value in sample(rng).items()}
        value = _value(expression, point)
        # A true zero leaves only rounding noise, some tens of digits below its terms.
        noise = mpmath.mpf(10) ** (-DIGITS // 2)
        if value is not None and abs(value) > noise * _scale(expression, point):
            return point, value
    return None


def _value(expression: Any, point: Mapping[sp.Symbol, Any]) -> Any:
    """Value at `point` as an mpmath number of `DIGITS` digits, or None where it has none."""
    number = sp.N(sp.sympify(expression).subs(point).doit(), DIGITS)
    if not number.is_number or number.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
        return None
    real, imaginary = number.as_real_imag()
    with mpmath.workdps(DIGITS):
        result = mpmath.mpc(str(real), str(imaginary))
        return result.real if result.imag == 0 else result


def _scale(expression: Any, point: Mapping[sp.Symbol, Any]) -> Any:
    """Size of the largest additive term at `point`, at least that of a unit term."""
    sizes = [abs(v) for term in sp.Add.make_args(expression) if (v := _value(term, point))]
    return max(sizes, default=mpmath.mpf(1))


def _truth(outcome: Any) -> bool | None:
    if outcome in (True, sp.true):
        return True
    if outcome in (False, sp.false):
        return False
    return None


def _factored_radicals(expression: Any) -> Any:
    def factored(power: Any) -> Any:
        return sp.powdenest(sp.factor(power.base) ** power.exp)

    return sp.simplify(
        expression.replace(
            lambda e: e.is_Pow and e.exp.is_Rational and not e.exp.is_Integer, factored
        )
    )


def _exponential(expression: Any) -> Any:
    return sp.simplify(sp.expand(expression.rewrite(sp.exp)))


def _logarithmic(expression: Any) -> Any:
    return sp.simplify(sp.expand_log(expression.rewrite(sp.log), force=False))


_STRATEGIES: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("expansion", sp.expand),
    ("common denominators", lambda e: sp.cancel(sp.together(e))),
    ("radical simplification", lambda e: sp.radsimp(sp.together(e))),
    ("simplification", sp.simplify),
    ("expansion and simplification", lambda e: sp.simplify(sp.expand(e))),
    ("factoring under the radicals", _factored_radicals),
    ("exponential form", _exponential),
    ("logarithmic form", _logarithmic),
)
