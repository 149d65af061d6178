"""Optimality conditions of min Σ qᵢ(βᵢ) subject to Xβ = y (Theorem 4.1).

½ asinh(βᵢ/cᵢ) = (Xᵀν)ᵢ   ⇔   βᵢ = cᵢ sinh(2(Xᵀν)ᵢ).
"""

from typing import Any, NamedTuple

import sympy as sp

from theory.implicit_bias import lagrangian
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal
from verify.methods.symbolic import prove_all
from verify.registry import register


class Statement(NamedTuple):
    """Condition as an expression to vanish, and the same solved for the weight."""

    condition: Any
    solved: Any


def condition(beta: Any, pulled: Any, c: Any) -> Any:
    """Return ½ asinh(βᵢ/cᵢ) − (Xᵀν)ᵢ, as stated."""
    return sp.asinh(beta / c) / 2 - pulled


def solved(pulled: Any, c: Any) -> Any:
    """Return βᵢ for (Xᵀν)ᵢ, as stated."""
    return c * sp.sinh(2 * pulled)


def decide(statement: Statement) -> Evidence:
    """Differentiate the Lagrangian of two examples of three coordinates."""
    X = sp.Matrix(2, 3, sp.symbols("X_1:7", real=True))
    y, nu = sp.Matrix(sp.symbols("y_1:3", real=True)), sp.symbols("nu_1:3", real=True)
    beta, c = sp.symbols("beta_1:4", real=True), sp.symbols("c_1:4", positive=True)
    value = lagrangian(beta, nu, X, y, c)
    pulled = X.T * sp.Matrix(nu)
    m = sp.Symbol("m", real=True)
    steps: list[tuple[str, Any]] = [
        (
            f"derivative by β_{i + 1}",
            equal(statement.condition(beta[i], pulled[i], c[i]), sp.diff(value, beta[i])),
        )
        for i in range(3)
    ]
    inserted = statement.condition(statement.solved(m, c[0]), m, c[0]).replace(
        lambda e: isinstance(e, sp.asinh) and isinstance(e.args[0], sp.sinh),
        lambda e: e.args[0].args[0],
    )
    slope = sp.diff(statement.condition(beta[0], m, c[0]), beta[0])
    return prove_all(
        [
            *steps,
            ("the solved form satisfies the condition", equal(inserted, sp.Integer(0))),
            ("and is its only solution: the condition rises with β", slope.is_positive),
            (
                "derivative by ν: the constraint",
                equal(sp.diff(value, nu[0]), (y - X * sp.Matrix(beta))[0]),
            ),
        ]
    )


register(
    Claim(
        id="implicit-bias.kkt",
        title="Optimality conditions",
        sentence="β minimises Σ qᵢ under Xβ = y exactly if some ν has βᵢ = cᵢ sinh(2(Xᵀν)ᵢ) in "
        "every coordinate.",
        latex=r"\frac{1}{2}\operatorname{asinh}\frac{\beta_i}{c_i} = (X^{\top}\nu)_i \iff "
        r"\beta_i = c_i \sinh\left(2 (X^{\top}\nu)_i\right)",
        source="Theorem 4.1",
        checks=(
            Check(
                "derivatives of the Lagrangian",
                Method.SYMBOLIC,
                decide,
                Statement(condition, solved),
                (
                    Control(
                        "asinh without the ½",
                        Statement(lambda b, p, c: sp.asinh(b / c) - p, solved),
                    ),
                    Control(
                        "sinh of (Xᵀν)ᵢ, not of its double",
                        Statement(condition, lambda p, c: solved(p / 2, c)),
                    ),
                    Control(
                        "the opposite sign of ν",
                        Statement(lambda b, p, c: condition(b, -p, c), solved),
                    ),
                ),
            ),
        ),
        assumptions=(
            "c_i > 0",
            "Lagrangian written out for n = 2, d = 3: sums over examples and coordinates",
        ),
        requires=("implicit-bias.penalty-zero-and-convex",),
    )
)
