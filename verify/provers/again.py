"""Proves again what SymPy proved, by engines that share nothing with its simplifier.

Each identity goes to flint's polynomials, each inequality to z3 or to Arb; at a few exact points
Arb evaluates both sides besides. A difference that is certain is a disagreement between the
engines: an error of the suite, never evidence. An engine that fails has not proved anything, which
is on record with the reason, and takes nothing from what SymPy proved.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sympy as sp
from flint import ctx
from sympy.external.gmpy import GROUND_TYPES

from verify.claim import SecondProof
from verify.provers import polynomials, semialgebraic, transcendental
from verify.provers.evaluation import NotEvaluatedError, allows, enclose, sign_at
from verify.provers.fractions import UndecidedError
from verify.provers.goals import Goal, Identity, Inequality, Once

SEED = 20_261_123
POINTS = 4
PRECISION = 256
# Where symbols of an inequality lie at the points of the referee.
PLACES = ("1", "2/3", "7/2", "1/50")
LONGEST = 120


class DisagreementError(Exception):
    """SymPy proved what another engine refutes."""


def prove_again(goals: Iterable[Goal]) -> tuple[SecondProof, ...]:
    """Return, for each different goal, by what it is proved again, or why it is not.

    Raises
    ------
    DisagreementError
        If a goal certainly fails at an exact point of its domain.
    """
    return tuple(_prove(goal) for goal in dict.fromkeys(goals))


def _prove(goal: Goal) -> SecondProof:
    if isinstance(goal, Once):
        return SecondProof(goal.text, reason=goal.reason)
    text = _shown(str(goal))
    if isinstance(goal, Identity) and goal.left == goal.right:
        return SecondProof(text, trivial=True)
    try:
        by = _identity(goal, text) if isinstance(goal, Identity) else _inequality(goal, text)
        return SecondProof(text, by)
    except DisagreementError:
        raise
    except Exception as error:  # noqa: BLE001 - a failure of the second prover refutes nothing
        return SecondProof(text, reason=_problem(error))


def _problem(error: Exception) -> str:
    """Say why an engine proves nothing: it leaves this open, or fails."""
    if isinstance(error, UndecidedError):
        return str(error)
    return _shown(f"failed with {type(error).__name__}: {error}")


def _identity(goal: Identity, text: str) -> str:
    _referee(goal, text)
    _require_flint_apart()
    polynomials.prove_equal(goal.left, goal.right)
    return polynomials.PROVER


def _require_flint_apart() -> None:
    """UndecidedError if SymPy computes with flint, by which all engines here read their goals."""
    if GROUND_TYPES == "flint":
        raise UndecidedError("SymPy computes with flint too, unless SYMPY_GROUND_TYPES=python")


def _referee(goal: Identity, text: str) -> None:
    """DisagreementError if the two sides certainly differ at a point."""
    rng = random.Random(SEED)
    for _ in range(POINTS):
        point = goal.sample(rng)
        if not _allowed(point):
            continue
        with ctx.workprec(PRECISION):
            try:
                difference = enclose(goal.left, point) - enclose(goal.right, point)
            except NotEvaluatedError:
                return
            if difference.is_finite() and not difference.contains(0):
                raise DisagreementError(
                    f"SymPy reduced {text} to zero, but at {_written(point)} Arb encloses the "
                    f"difference as {difference.str(10)}"
                )


def _inequality(goal: Inequality, text: str) -> str:
    for point in _places(goal):
        _require_no_violation(goal, point, text)
    _require_flint_apart()
    problems = []
    for engine, prove in _ENGINES.items():
        try:
            against = prove(goal)
        except Exception as error:  # noqa: BLE001 - the next engine may succeed
            problems.append(f"{engine}: {_problem(error)}")
            continue
        if against is None:
            return engine
        _require_no_violation(goal, against, text)
        problems.append(f"{engine}: finds a point where it fails, which Arb does not confirm")
    raise UndecidedError("; ".join(problems))


# Each returns None if it proves an inequality, or a point where it may fail.
_ENGINES: dict[str, Callable[[Inequality], Mapping[Any, Any] | None]] = {
    polynomials.PROVER: polynomials.prove_sign,
    "z3": semialgebraic.decide,
    "Arb": transcendental.prove,
}


def _places(goal: Inequality) -> Iterable[dict[Any, Any]]:
    """Return exact points of the domain."""
    symbols = sorted(goal.expression.free_symbols - dict(goal.fixed).keys(), key=str)
    for place in PLACES:
        sizes = [sp.Rational(place) * sp.Rational(7 + i, 7) for i in range(len(symbols))]
        yield {
            symbol: (sp.ceiling(size) if symbol.is_integer else size) * goal.side(symbol)
            for symbol, size in zip(symbols, sizes, strict=True)
        }


def _allowed(point: Mapping[Any, Any]) -> bool:
    """Whether the symbols' assumptions, such as to be an integer, allow a point."""
    return all(allows(symbol, value) for symbol, value in point.items())


def _require_no_violation(goal: Inequality, point: Mapping[Any, Any], text: str) -> None:
    if not _allowed(point):
        return
    sign = sign_at(goal.expression, {**point, **dict(goal.fixed)})
    if sign == -1 or (sign == 0 and goal.strict):
        raise DisagreementError(f"SymPy proved {text}, but it fails at {_written(point)} by Arb")


def _shown(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _written(point: Mapping[Any, Any]) -> str:
    return ", ".join(f"{symbol} = {value}" for symbol, value in point.items())
