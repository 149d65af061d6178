"""Inequalities between polynomials, quotients and square roots, by z3.

The expression is read as a fraction of polynomials with defining polynomials for its roots
(`verify.provers.field`). z3 is asked for a point of the domain where a radicand is negative, a
denominator vanishes, or the quotient is not positive: if there is none, the inequality holds.

z3 counts its own steps and gives up after so many, whatever the machine. In a step with algebraic
numbers, such as sums of several roots, it may stay for minutes; so it is also stopped after a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

try:
    import z3
except ModuleNotFoundError:
    z3 = None

import sympy as sp

from verify.provers.field import Field, Generator
from verify.provers.fractions import Fraction, Polynomial, UndecidedError
from verify.provers.goals import Inequality
from verify.provers.polynomials import Reader, with_field

# z3's own count of its work: about a second.
EFFORT = 4_000_000
SECONDS = 3.0
MISSING = "z3 is not installed (the extra `provers`)"


def decide(
    goal: Inequality, effort: int = EFFORT, seconds: float = SECONDS
) -> Mapping[Any, Any] | None:
    """Return None if the inequality is proved, or a point near which it may fail.

    Raises
    ------
    UndecidedError
        If z3 is not installed or gives up, or the expression is not algebraic in real symbols.
    """
    if z3 is None:
        raise UndecidedError(MISSING)

    def read(field: Field) -> tuple[Field, Reader, Fraction]:
        reader = Reader(field, goal)
        return field, reader, reader.read(goal.expression)

    field, reader, fraction = with_field((goal.expression,), read)
    if not {generator.kind for generator in field.generators} <= {"symbol", "root"}:
        raise UndecidedError("it is not algebraic")
    if any(generator.sign is None for generator in field.generators if generator.kind == "symbol"):
        raise UndecidedError("a symbol may not be real")
    wanted = [*reader.conditions, ("> 0" if goal.strict else "≥ 0", fraction)]
    return _asked(field, wanted, effort, seconds)


def _asked(
    field: Field, wanted: list[tuple[str, Fraction]], effort: int, seconds: float
) -> Mapping[Any, Any] | None:
    """Ask z3 for a point of the domain where something wanted fails."""
    context = z3.Context()
    solver = z3.Tactic("qfnra-nlsat", context).solver()
    solver.set("rlimit", effort)
    solver.set("timeout", round(1000 * seconds))
    variables = [z3.Real(f"x{i}", context) for i in range(len(field.generators))]

    def written(polynomial: Polynomial) -> Any:
        total = z3.RealVal(0, context)
        for powers, coefficient in polynomial.to_dict().items():
            term = z3.RealVal(str(coefficient), context)
            for variable, n in zip(variables, powers, strict=False):
                for _ in range(int(n)):
                    term = term * variable
            total = total + term
        return total

    fails = []
    for generator, variable in zip(field.generators, variables, strict=True):
        if generator.kind == "symbol":
            solver.add(*_domain(generator, variable))
            continue
        radicand = generator.inside
        above, below = written(radicand.above), written(radicand.below)
        real = z3.And(below != 0, above * below >= 0)
        root = z3.And(variable >= 0, variable**generator.order * below == above)
        solver.add(z3.Implies(real, root))
        fails.append(z3.Not(real))
    for relation, part in wanted:
        above, below = written(part.above), written(part.below)
        violated = {"≠ 0": above == 0, "≥ 0": above * below < 0, "> 0": above * below <= 0}
        fails += [below == 0, violated[relation]]
    solver.add(z3.Or(*fails))
    answer = solver.check()
    if answer == z3.unsat:
        return None
    if answer != z3.sat:
        raise UndecidedError("z3 gives up")
    model = solver.model()
    return {
        generator.name: _rational(model.eval(variable, model_completion=True))
        for generator, variable in zip(field.generators, variables, strict=True)
        if generator.kind == "symbol"
    }


def _domain(generator: Generator, variable: Any) -> list[Any]:
    """Return the condition on a symbol, if there is one."""
    if generator.sign == 0:
        return []
    signed = variable * generator.sign
    return [signed >= 0 if generator.may_vanish else signed > 0]


def _rational(value: Any) -> Any:
    """Return a value of a model as a rational number, near an algebraic one."""
    near = value.approx(30) if z3.is_algebraic_value(value) else value
    return sp.Rational(near.numerator_as_long(), near.denominator_as_long())
