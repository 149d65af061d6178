"""Inequalities for the size of a deviation, decided by numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from verify.methods.formula import Formula
from verify.methods.notation import Mean
from verify.methods.on_arrays import on_arrays
from verify.methods.relations import Relation


def share(
    bound: Formula, quantities: Mapping[Any, Any], at: Mapping[Any, Any] | None = None
) -> float:
    """Return the smaller side of an inequality, as a part of the larger one; infinite if it fails.

    Raises
    ------
    ValueError
        If an equality is stated, or the left side is negative.
    """
    left, side = float(on_arrays(bound.name, quantities)), float(bound.side(at))
    if left < 0:
        raise ValueError(f"what is bounded must be a size, at least 0, got {bound.name} = {left:g}")
    margin = bound.relation.margin(left, side)
    kept = margin > 0 if bound.strict else margin >= 0
    if left == side == 0.0 and kept:
        return 0.0
    upper = bound.relation in (Relation.BELOW, Relation.AT_MOST)
    part, whole = (left, side) if upper else (side, left)
    return abs(part / whole) if kept and whole else math.inf


def within(deviation: sp.Expr, margin: float) -> Formula:
    """Return the formula |E[deviation]| ≤ margin."""
    return Formula(sp.Abs(Mean(deviation)), (), lambda: margin, Relation.AT_MOST)


def at_least(bound: Formula) -> Formula:
    """Return the inequality |x| ≥ ... for |x| ≤ ..., for a control."""
    return replace(bound, relation=Relation.AT_LEAST)


def deviation(bound: Formula, at: Mapping[Any, Any]) -> Any:
    """Return x of an inequality for |x| or |E[x]|, at values given by symbol.

    Raises
    ------
    ValueError
        If it is not of this form.
    """
    return on_arrays(deviating(bound), at)


def deviating(bound: Formula) -> Any:
    """Return x of an inequality for |x| or |E[x]|; ValueError if it has another form."""
    if bound.relation is Relation.EQUAL:
        raise ValueError("an inequality is asked for, and = is stated")
    if not isinstance(bound.name, sp.Abs):
        raise ValueError(f"the left side must be an absolute value, got {bound.name}")
    (inner,) = bound.name.args
    return inner.args[0] if isinstance(inner, Mean) else inner
