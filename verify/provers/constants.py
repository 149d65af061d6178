"""Signs of constants by Arb, and constants about whose sign SymPy errs.

SymPy evaluates |e|, √(e²) or log e² by the sign that it finds for e, before anybody sees them.
`guard` sees to it that this sign is Arb's; should another come through, then what depends on such a
constant decides nothing.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from verify.provers.evaluation import NotEvaluatedError, real_at, sign_at


def misjudged(*expressions: Any) -> str | None:
    """Say about which constant in the expressions SymPy and Arb disagree; None if about none."""
    for expression in expressions:
        for part in sp.preorder_traversal(sp.sympify(expression)):
            if part.is_number and not part.is_Rational and (problem := _problem(part)):
                return problem
    return None


def decided(relation: Any) -> bool | None:
    """Decide a relation between real constants by Arb; None if it is left open.

    Equality is decided only where it fails, or where both sides are computed exactly.
    """
    if not isinstance(relation, Relational) or relation.free_symbols:
        return None
    sign = sign_at(relation.lhs - relation.rhs, {})
    if sign is None:
        return None
    holds = {
        sp.Eq: sign == 0,
        sp.Ne: sign != 0,
        sp.Lt: sign < 0,
        sp.Le: sign <= 0,
        sp.Gt: sign > 0,
        sp.Ge: sign >= 0,
    }
    return holds.get(type(relation))


@lru_cache(maxsize=4096)
def _problem(constant: Any) -> str | None:
    said = _said(constant)
    if said is None:
        return None
    try:
        value = real_at(constant, {})
    except NotEvaluatedError:
        return None
    except Exception as error:  # noqa: BLE001 - whatever fails, the sign is not confirmed
        return f"the sign of {constant} is not decided by Arb ({error})"
    if value is None:
        return f"SymPy takes {constant} for a real number"
    if value.is_finite() and (value > 0 or value < 0):
        found = {1} if value > 0 else {-1}
    elif 0 in said and value.is_finite():
        return None
    else:
        return f"the sign of {constant} is not decided by Arb"
    if found <= said:
        return None
    return f"SymPy takes the wrong sign for {constant}, which is {value.str(10)}"


def _said(constant: Any) -> set[int] | None:
    """Return the signs that SymPy's assumptions allow; None if they allow all."""
    if constant.is_zero:
        return {0}
    if constant.is_positive or constant.is_negative:
        return {1} if constant.is_positive else {-1}
    if constant.is_nonnegative or constant.is_nonpositive:
        return {0, 1} if constant.is_nonnegative else {0, -1}
    return None
