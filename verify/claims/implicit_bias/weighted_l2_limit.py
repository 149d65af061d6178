"""Weighted ℓ2: the limit of large scale (Theorem 4.1; Section 5.1, lazy regime).

For every β and k > 0, with z = 2β/√k,

    0 ≤ β²/(2√k) − q_k(β) ≤ (√k/4) z⁴/24.

So for |β| ≪ √k the penalty is β²/(2√k): weighted ℓ2, with weights that pretraining sets.
"""

import itertools
from typing import Any, NamedTuple

import sympy as sp

from theory.implicit_bias import penalty
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal, zero
from verify.methods.symbolic import prove_all
from verify.registry import register


class Statement(NamedTuple):
    """Leading term as a function of β and √k, and the bound of the remainder's."""

    leading: Any
    bound: Any


def leading(beta: Any, root_k: Any) -> Any:
    """Return the limit, as stated."""
    return beta**2 / (2 * root_k)


def bound(beta: Any, root_k: Any) -> Any:
    """Return the bound of the remainder, as stated."""
    return root_k / 4 * (2 * beta / root_k) ** 4 / 24


def decide(statement: Statement) -> Evidence:
    """Integrate the sign of the second derivatives twice from zero."""
    # √(1 + z²) = 1 + u with u ≥ 0 covers every z, whatever its sign; u = 0 is z = 0.
    beta = sp.Symbol("beta", real=True)
    s, u = sp.Symbol("s", positive=True), sp.Symbol("u", nonnegative=True)
    root = 1 + u
    remainder = statement.leading(beta, s) - penalty(beta, s / 2)
    slack = statement.bound(beta, s) - remainder
    steps: list[tuple[str, Any]] = []
    for name, gap in (("remainder", remainder), ("bound less remainder", slack)):
        bend = sp.diff(gap, beta, 2).subs(beta, s / 2 * sp.sqrt(root**2 - 1))
        bend = sp.factor(sp.powdenest(sp.simplify(bend), force=True))
        steps += [
            (f"{name}: zero at β = 0", zero(gap.subs(beta, 0))),
            (f"{name}: slope zero at β = 0", zero(sp.diff(gap, beta).subs(beta, 0))),
            (f"{name}: its curvature is ({bend}) ≥ 0, √(1 + z²) = 1 + u", _nonnegative(bend)),
        ]
    order = sp.series(penalty(beta, s / 2), beta, 0, 4).removeO()
    return prove_all([*steps, ("leading term of q", equal(order, statement.leading(beta, s)))])


def _nonnegative(expression: Any) -> Evidence:
    """Nonnegative because no coefficient is negative, or refuted at a point."""
    above, below = sp.fraction(sp.together(expression))
    variables = sorted(expression.free_symbols, key=str)
    if not variables:
        value = str(expression)
        return Evidence(bool(expression >= 0), value, counterexample={"curvature": value})
    coefficients = [
        value for part in (above, below) for value in sp.Poly(sp.expand(part), *variables).coeffs()
    ]
    if all(value >= 0 for value in coefficients):
        return Evidence(True, "no coefficient is negative")
    sizes = (sp.Rational(1, 100), sp.Integer(1), sp.Integer(100))
    for place in itertools.product(sizes, repeat=len(variables)):
        here = dict(zip(variables, place, strict=True))
        if expression.subs(here) < 0:
            return Evidence(
                False,
                f"{expression.subs(here)} < 0",
                counterexample={str(k): str(v) for k, v in here.items()},
            )
    return Evidence(None, "undecided")


register(
    Claim(
        id="implicit-bias.weighted-l2-limit",
        title="Weighted ℓ2 for large scales",
        sentence="q_k(β) lies below β²/(2√k) by at most (√k/4)(2β/√k)⁴/24, so a large scale "
        "makes the penalty a weighted ℓ2 norm.",
        latex=r"0 \le \frac{\beta^2}{2\sqrt{k}} - q_k(\beta) \le "
        r"\frac{\sqrt{k}}{4}\,\frac{z^4}{24},\quad z = \frac{2\beta}{\sqrt{k}}",
        source="Theorem 4.1; Section 5.1",
        checks=(
            Check(
                "signs of second derivatives",
                Method.SYMBOLIC,
                decide,
                Statement(leading, bound),
                (
                    Control("β²/√k", Statement(lambda b, s: 2 * leading(b, s), bound)),
                    Control("β²/(2k)", Statement(lambda b, s: leading(b, s) / s, bound)),
                    Control("z⁴/48 for z⁴/24", Statement(leading, lambda b, s: bound(b, s) / 2)),
                ),
            ),
        ),
        assumptions=("k > 0",),
        requires=("implicit-bias.penalty",),
    )
)
