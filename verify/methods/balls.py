"""Formulas at balls of Arb, and how far an equation is from its limit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb, fmpq
from sympy.core.function import AppliedUndef

from verify.claim import Evidence
from verify.methods.formula import Formula
from verify.methods.notation import Mean, as_written, shown, written
from verify.methods.on_arrays import on_arrays
from verify.methods.relations import Relation
from verify.provers.evaluation import NotEvaluatedError, enclose

Ball = Any


def enclosed(expression: Any, at: Mapping[sp.Symbol, Any]) -> Ball:
    """Return a ball that holds a real expression at balls or rational numbers, given by symbol.

    Raises
    ------
    ValueError
        If a symbol has no value, a function is unknown, or the value is not real.
    """
    try:
        value = enclose(sp.sympify(expression), at)
    except NotEvaluatedError as error:
        raise ValueError(str(error)) from None
    if value.is_finite() and not value.imag.contains(0):
        raise ValueError(f"a real value is asked for, got {value} for {expression}")
    return value.real


def applied_enclosed(
    expression: Any, functions: Mapping[Any, Callable[..., Ball]], at: Mapping[Any, float]
) -> Ball:
    """Return the same with functions, which are computed at their arguments as shown.

    Raises
    ------
    ValueError
        If a function is none of these, or where `enclosed` raises it.
    """
    values: dict[Any, Any] = {}
    names: dict[Any, Any] = {}
    for one in sp.sympify(expression).atoms(AppliedUndef):
        if one.func not in functions:
            raise ValueError(f"functions must be among {[*functions]}, got {one}")
        names[one] = sp.Dummy()
        arguments = (float(on_arrays(argument, at)) for argument in one.args)
        values[names[one]] = functions[one.func](*arguments)
    return enclosed(sp.sympify(expression).xreplace(names), values)


def exactly(text: str) -> Ball:
    """Enclose a decimal number at the precision that is set."""
    value = Fraction(text)
    return arb(fmpq(value.numerator, value.denominator))


def holds(relation: Relation, left: Ball, right: Ball) -> bool | None:
    """Return whether an inequality of balls holds; None if they leave it open."""
    margin = relation.margin(left, right)
    if margin > 0 or (margin >= 0 and not relation.strict):
        return True
    fails = margin < 0 or (margin <= 0 and relation.strict)
    return False if fails else None


@dataclass(frozen=True)
class Approach:
    """How far the sides of an equation that holds in a limit are from each other near to it.

    Attributes
    ----------
    equation
        The equation, without its limit. Its left side is 1 + ε times the right one.
    most
        |ε| is at most this decimal number times `small`.
    small
        What vanishes in the limit.
    relation
        What stands between |ε| and the bound.

    Raises
    ------
    ValueError
        If something else than an equation is stated.
    """

    equation: Formula
    most: str
    small: sp.Expr
    relation: Relation = Relation.AT_MOST

    def __post_init__(self) -> None:
        stated = self.equation
        if stated.relation is not Relation.EQUAL or stated.bounds or stated.limit is not None:
            raise ValueError(f"an equation without bounds and limit is asked for, got {stated}")

    def latex(self) -> str:
        """Return what the page shows: printed from what is decided."""
        stated = self.equation
        right = written(stated.body, *stated.symbols)
        with as_written():
            bound = shown(sp.Symbol(self.most) * self.small)
        if isinstance(stated(), sp.Add):
            right = rf"\left({right}\right)"
        nearly = rf"{stated.left_latex()} = \left(1 + \varepsilon\right) {right}"
        return rf"{nearly},\quad \left|\varepsilon\right| {self.relation} {bound}"

    def step(
        self, name: str, at: Mapping[sp.Symbol, Any], mean: Callable[[Any], Any] | None = None
    ) -> tuple[str, Evidence]:
        """Return a step of a proof: that the sides are as near as stated at one point.

        Parameters
        ----------
        name
            What the point is called.
        at
            Balls or rational numbers, by symbol.
        mean
            The mean of an expression, in symbols of `at`; needed where the equation has means.

        Raises
        ------
        ValueError
            Where `enclosed` or the equation raises it.
        """
        given: dict[Any, Any] = {} if mean is None else {Mean: mean}
        left, right = enclosed(self.equation.left(given), at), enclosed(self.equation(given), at)
        apart, small = abs(left / right - 1), enclosed(self.small, at)
        found = holds(self.relation, apart, exactly(self.most) * small)
        text = f"{name}: |ε| = {(apart / small).str(4, radius=False)} ({self.small})"
        where = {"at": name, "left": left.str(20), "right": right.str(20)}
        return text, Evidence(found, text, counterexample=where)
