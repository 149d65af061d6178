"""Proofs with SymPy: identities, which reduce to zero or fail at a point, and chains of steps.

A few points come first, so that a false statement is rejected at once. A true one is proved by
reduction only: numbers never prove. A symbolic engine that cannot reduce an expression has said
nothing about it, so that is followed by a search for a counterexample at 50 digits, over the domain
that the symbols' assumptions give: found, the statement is refuted and the point is kept; not
found, the evidence stays undecided.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from sympy.logic.boolalg import Boolean, BooleanFalse, BooleanTrue

from theory.positivity import inexact
from verify.claim import Evidence
from verify.methods import reading
from verify.provers.constants import decided, misjudged
from verify.provers.evaluation import allows, differs_from_zero
from verify.provers.goals import Identity, Once, accounted, is_accounted, note

Sample = Callable[[random.Random], Mapping[sp.Symbol, Any]]

# Functions for which SymPy minds the order of what does not commute.
_OF_MATRICES = (sp.transpose, sp.adjoint, sp.conjugate)
# The points of a counterexample search are drawn from this seed, so that a run can be repeated.
SEED = 20_261_123
DIGITS = 50
POINTS = 24
# A few points, with fewer digits, say whether it is worth looking for a counterexample.
SCREENED = 3
SCREENING_DIGITS = 30
# Random points are rationals with this denominator, up to this size; one in so many is 0.
DENOMINATOR = 64
LARGEST = 4
ZERO_EVERY = 8
# Attempts to draw a number that a symbol's assumptions allow.
DRAWN = 200


def equal(
    left: Any,
    right: Any,
    *,
    steps: Iterable[str] = (),
    thorough: bool = False,
    within: Callable[..., Sample] | None = None,
) -> Evidence:
    """Decide whether two expressions, or two matrices of one shape, are equal everywhere.

    Parameters
    ----------
    left, right
        The two sides.
    steps
        Lines of the proof that come before.
    thorough
        Before reducing, look for a counterexample at all points instead of a few: for statements
        that fail on part of the domain only.
    within
        Returns, for given symbols, a sampler of the points at which to look for a counterexample;
        by default the domain that the symbols' assumptions give (`domain`).

    Raises
    ------
    ValueError
        If one is a matrix of another shape than the other, or has no entries.
    """
    shapes = [getattr(side, "shape", ()) for side in (left, right)]
    if shapes[0] != shapes[1] or 0 in shapes[0]:
        raise ValueError(f"both sides must have one shape, and entries, got {shapes}")
    points = within or domain
    pairs = list(zip(_entries(left), _entries(right), strict=True))
    for pair in pairs:
        if (thorough or _suspicious(*pair, points)) and (against := _refute(*pair, points, steps)):
            return against
    found, undecided = [*steps], []
    for one, other in pairs:
        reduction = reduce_to_zero(one - other)
        if problem := reduction and (inexact(one, other) or misjudged(one, other)):
            return Evidence(None, problem, steps=tuple(found))
        if reduction is None:
            undecided.append((one, other))
        else:
            found.append(f"{_shown(one - other)} = 0 by {reduction}")
            note(Identity(one, other, _points(one, other, points)))
    for pair in undecided:
        if against := _refute(*pair, points, found):
            return against
    if undecided:
        one, other = undecided[0]
        summary = "could not be reduced to zero, and no counterexample was found: "
        return Evidence(None, summary + _shown(one - other), steps=tuple(found))
    summary = "reduces" if len(pairs) == 1 else f"all {len(pairs)} differences reduce"
    text = f"{summary} to zero symbolically"
    return accounted(Evidence(True, text, figure=0.0, steps=tuple(found)))


def zero(expression: Any, *, steps: Iterable[str] = ()) -> Evidence:
    """Decide whether an expression, or every entry of a matrix, vanishes everywhere."""
    entries = _entries(expression)
    return equal(sp.Matrix(entries), sp.zeros(len(entries), 1), steps=steps)


def _suspicious(one: Any, other: Any, points: Callable[..., Sample]) -> bool:
    """Decide from a few points, cheaply, whether it is worth looking for a counterexample."""
    rng, difference = random.Random(SEED), one - other
    sample = points(*sorted(difference.free_symbols, key=str))
    for _ in range(SCREENED):
        value = sp.N(difference.subs(sample(rng)), SCREENING_DIGITS)
        if value.is_number and value.is_finite and abs(value) > sp.Rational(1, 10**10):
            return True
    return False


def _refute(
    one: Any, other: Any, points: Callable[..., Sample], steps: Iterable[str]
) -> Evidence | None:
    """Return the evidence of a point at which the two sides differ; None if none is found.

    It decides nothing where SymPy errs about a constant.
    """
    found = find_nonzero(one - other, _points(one, other, points))
    if found is None:
        return None
    if problem := misjudged(one, other):
        return Evidence(None, problem, steps=tuple(steps))
    point, difference = found
    left, right = (str(sp.N(side.subs(point), 17)) for side in (one, other))
    digits = mpmath.nstr(difference, 17)
    text = f"the two sides differ by {digits}" if left == right else f"{left} is not {right}"
    return Evidence(
        False,
        f"{text} at the point found",
        figure=float(abs(difference)),
        counterexample={
            **{str(symbol): str(number) for symbol, number in point.items()},
            "difference": digits,
            "left side": left,
            "right side": right,
        },
        steps=tuple(steps),
    )


def _points(one: Any, other: Any, points: Callable[..., Sample]) -> Sample:
    # Symbols that drop out of the difference are needed to evaluate the two sides.
    return points(*sorted(one.free_symbols | other.free_symbols, key=str))


def _shown(expression: Any) -> str:
    text = str(expression)
    return text if len(text) <= 120 else f"an expression of {sp.count_ops(expression)} operations"


def _entries(value: Any) -> list[Any]:
    return list(value) if isinstance(value, sp.MatrixBase) else [sp.sympify(value)]


def domain(*symbols: sp.Symbol) -> Sample:
    """Return a sampler of rational points: each symbol within [−4, 4] and its assumptions.

    A symbol that may vanish does so at one point in eight, so that corners are visited.

    Raises
    ------
    ValueError
        When it draws, if a symbol is assumed to be something that no number drawn is.
    """

    def sample(rng: random.Random) -> Mapping[sp.Symbol, Any]:
        return {symbol: _draw(symbol, rng) for symbol in symbols}

    return sample


def _draw(symbol: sp.Symbol, rng: random.Random) -> Any:
    for _ in range(DRAWN):
        value = _drawn(symbol, rng)
        value = sp.ceiling(value) if symbol.is_integer else value
        if allows(symbol, value):
            return value
    assumed = ", ".join(name for name, truth in symbol.assumptions0.items() if truth)
    raise ValueError(f"a symbol must allow rational numbers, got {symbol}, which is {assumed}")


def _drawn(symbol: sp.Symbol, rng: random.Random) -> Any:
    if not (symbol.is_positive or symbol.is_negative) and rng.randrange(ZERO_EVERY) == 0:
        return sp.Integer(0)
    size = sp.Rational(rng.randint(1, LARGEST * DENOMINATOR), DENOMINATOR)
    if symbol.is_nonnegative:
        return size
    if symbol.is_nonpositive or rng.randrange(2):
        return -size
    return size


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

    Returns
    -------
    Evidence whose `reads` says, where the statement is watched, which of its fields were read for
    each step: those read since the step before, in what yields the steps.
    """
    found: list[str] = []
    reads: list[tuple[str, ...]] = []
    undecided: Evidence | None = None
    # What is read before the first step may be used in any of them.
    before = reading.taken()
    for number, (text, outcome) in enumerate(steps, 1):
        reads.append(reading.taken() or before)
        evidence = _established(outcome, text)
        if evidence.holds is True:
            if not is_accounted(evidence):
                note(Once(text, "evidence of one engine alone"))
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
    summary = summary or f"{len(found)} steps, each checked"
    return accounted(Evidence(True, summary, steps=tuple(found), reads=tuple(reads)))


def _established(outcome: Any, text: str) -> Evidence:
    """Return evidence for what establishes a step; only a truth value does, and 1 is a count."""
    if isinstance(outcome, Evidence):
        return outcome
    if isinstance(outcome, (bool, np.bool_, BooleanTrue, BooleanFalse)):
        if outcome:
            note(Once(text))
        return accounted(Evidence(bool(outcome), text))
    if outcome is None or isinstance(outcome, Boolean):
        holds = decided(outcome)
        if holds:
            note(Once(text, "a relation between constants, which Arb alone decides"))
        return accounted(Evidence(holds, text))
    return Evidence(None, f"a step must be Evidence, a truth value or None, got {outcome!r:.60}")


def reduce_to_zero(expression: Any) -> str | None:
    """Name of the first strategy that reduces `expression` to literal zero, or None."""
    expression = sp.sympify(expression)
    if expression == 0:
        return "identity of the two sides"
    if _beyond_reduction(expression):
        return None
    for name, strategy in _STRATEGIES:
        if strategy(expression) == 0:
            return name
    return None


def _beyond_reduction(expression: Any) -> bool:
    """Whether SymPy's reductions may be wrong: they mind neither 0⁰ nor poles nor order."""
    return (
        any(power.base.is_zero for power in expression.atoms(sp.Pow))
        or expression.has(sp.Integral)
        or any(
            not (function.is_commutative or isinstance(function, _OF_MATRICES))
            for function in expression.atoms(sp.Function)
        )
    )


def find_nonzero(expression: Any, sample: Sample) -> tuple[dict[sp.Symbol, Any], Any] | None:
    """Search for a point where `expression` is clearly not zero, and its value; None if none is."""
    rng = random.Random(SEED)
    for _ in range(POINTS):
        point = {symbol: sp.sympify(value) for symbol, value in sample(rng).items()}
        value = _value(expression, point)
        # A true zero leaves only rounding noise, some tens of digits below its terms.
        noise = mpmath.mpf(10) ** (-DIGITS // 2)
        if value is None or not abs(value) > noise * _scale(expression, point):
            continue
        # Arb denies what SymPy evaluates with too few digits.
        if differs_from_zero(expression, point) is not False:
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
    """Size of the largest additive term at `point` that has a value and is not 0; 1 without any."""
    sizes = [abs(v) for term in sp.Add.make_args(expression) if (v := _value(term, point))]
    return max(sizes, default=mpmath.mpf(1))


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
