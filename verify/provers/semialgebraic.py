"""Inequalities between polynomials, quotients and square roots, by z3.

The expression is read as a fraction of polynomials with defining polynomials for its roots
(`verify.provers.field`). z3 is asked for a point of the domain where the denominator vanishes, or
where the quotient is not positive: if there is none, the inequality holds. Without z3, or if it
does not answer, the signs of flint's coefficients may prove it.

z3 counts its own steps, and gives up after so many: the outcome does not depend on the machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from verify.provers.field import Field
from verify.provers.fractions import Fraction, Polynomial, UndecidedError
from verify.provers.goals import Inequality
from verify.provers.polynomials import Reader, with_field

# z3's own count of its work: about a second.
EFFORT = 4_000_000


@dataclass(frozen=True)
class Found:
    """Who proved an inequality; or a point where it may fail, for someone else to look at."""

    by: str = ""
    point: Mapping[Any, Any] | None = None


def decide(goal: Inequality, effort: int = EFFORT) -> Found:
    """Prove the inequality, or find a point; UndecidedError if neither.

    The expression must be algebraic in its symbols, each of which has a sign in the domain.
    """
    expression = goal.expression.subs(dict(goal.fixed))

    def read(field: Field) -> tuple[Field, Fraction]:
        return field, Reader(field, goal.positive | goal.nonnegative).read(expression)

    field, fraction = with_field((expression,), read)
    kinds = {generator.kind for generator in field.generators}
    free = {g.name for g in field.generators if g.kind == "symbol"}
    if not kinds <= {"symbol", "root"}:
        raise UndecidedError("it is not algebraic")
    if not free <= goal.positive | goal.nonnegative:
        raise UndecidedError("a symbol has no sign")
    try:
        found = _by_z3(goal, field, fraction, effort)
    except ModuleNotFoundError:
        found, reason = None, "z3 is not installed (the extra `provers`)"
    else:
        reason = "z3 does not decide it"
    if found is not None:
        return found
    if _by_coefficients(goal, field, fraction):
        return Found("signs of flint's coefficients")
    raise UndecidedError(reason)


def _by_z3(goal: Inequality, field: Field, fraction: Fraction, effort: int) -> Found | None:
    """Return what z3 finds; None if it gives up, ModuleNotFoundError if it is not here."""
    import z3

    context = z3.Context()
    solver = z3.Tactic("qfnra-nlsat", context).solver()
    solver.set("rlimit", effort)
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

    for generator, variable in zip(field.generators, variables, strict=True):
        if generator.kind == "symbol":
            solver.add(variable > 0 if generator.name in goal.positive else variable >= 0)
            continue
        radicand = generator.inside
        above, below = written(radicand.above), written(radicand.below)
        # The principal root of what is not negative; elsewhere the expression is not real.
        solver.add(variable >= 0, variable**generator.order * below == above)
    above, below = written(fraction.above), written(fraction.below)
    product = above * below
    solver.add(z3.Or(below == 0, product <= 0 if goal.strict else product < 0))
    answer = solver.check()
    if answer == z3.unsat:
        return Found("z3")
    if answer == z3.sat:
        model = solver.model()
        point = {
            generator.name: _rational(z3, model.eval(variable, model_completion=True))
            for generator, variable in zip(field.generators, variables, strict=True)
            if generator.kind == "symbol"
        }
        return Found(point={**point, **dict(goal.fixed)})
    return None


def _rational(z3: Any, value: Any) -> Any:
    """Return a value of a model as a rational number, near an algebraic one."""
    from sympy import Rational

    near = value.approx(30) if z3.is_algebraic_value(value) else value
    return Rational(near.numerator_as_long(), near.denominator_as_long())


def _by_coefficients(goal: Inequality, field: Field, fraction: Fraction) -> bool:
    """Whether every factor has coefficients of one sign, which proves the inequality."""
    total = 1
    for polynomial, below in ((fraction.above, False), (fraction.below, True)):
        if polynomial == 0:
            return not goal.strict
        constant, factors = polynomial.factor()
        total *= 1 if constant > 0 else -1
        for factor, multiplicity in factors:
            signs = {coefficient > 0 for coefficient in factor.coeffs()}
            vanishing = {
                i
                for i, generator in enumerate(field.generators)
                if generator.name not in goal.positive
            }
            strict = any(not any(powers[i] for i in vanishing) for powers in factor.monoms())
            roots = any(factor.degrees()[i] for i, g in enumerate(field.generators)
                        if g.kind != "symbol")
            if len(signs) != 1 or roots or (not strict and (below or goal.strict)):
                return False
            total *= (1 if signs.pop() else -1) ** int(multiplicity)
    return total > 0
