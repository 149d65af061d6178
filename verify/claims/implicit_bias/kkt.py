"""Optimality conditions (Theorem 4.1).

β minimises Σ qᵢ under Xβ = y exactly if some ν has βᵢ = cᵢ sinh(2(Xᵀν)ᵢ) in every coordinate.
"""

import sympy as sp

from theory.implicit_bias import lagrangian
from verify.claim import Check, Method
from verify.methods.formula import Formula, Formulas, named
from verify.methods.identity import equal, prove_all, zero
from verify.registry import state

PULLED = r"(X^{\top}\nu)_i"


def condition(beta, pulled, c):
    return sp.asinh(beta / c) / 2 - pulled


def solved(pulled, c):
    return c * sp.sinh(2 * pulled)


STATED = Formulas(
    condition=Formula("0", named(r"\beta_i", PULLED, "c_i"), condition),
    solved=Formula(r"\iff \beta_i", named(PULLED, "c_i"), solved),
)
CONTROLS = (
    STATED.but("asinh without the ½", condition=lambda beta, m, c: sp.asinh(beta / c) - m),
    STATED.but("sinh of (Xᵀν)ᵢ, not of its double", solved=lambda m, c: solved(m / 2, c)),
    STATED.but("the opposite sign of ν", condition=lambda beta, m, c: condition(beta, -m, c)),
)


def decide(stated):
    """Differentiate the Lagrangian of two examples of three coordinates."""
    X, y, nu = (sp.symbols(name, real=True) for name in ("X_1:7", "y_1:3", "nu_1:3"))
    X, y = sp.Matrix(2, 3, X), sp.Matrix(y)
    beta, c = sp.symbols("beta_1:4", real=True), sp.symbols("c_1:4", positive=True)
    value, pulled, m = lagrangian(beta, nu, X, y, c), X.T * sp.Matrix(nu), sp.Symbol("m", real=True)
    inserted = stated.condition(stated.solved(m, c[0]), m, c[0]).replace(
        lambda e: isinstance(e, sp.asinh) and isinstance(e.args[0], sp.sinh),
        lambda e: e.args[0].args[0],
    )
    slope = sp.diff(stated.condition(beta[0], m, c[0]), beta[0])
    conditions = sp.Matrix(list(map(stated.condition, beta, pulled, c)))
    constraint = (y - X * sp.Matrix(beta))[0]
    return prove_all(
        [
            ("derivatives by β", equal(conditions, sp.Matrix([value.diff(b) for b in beta]))),
            ("the solved form satisfies the condition", zero(inserted)),
            ("and is its only solution: the condition rises with β", slope.is_positive),
            ("derivative by ν: the constraint", equal(value.diff(nu[0]), constraint)),
        ]
    )


state(
    "implicit-bias.kkt",
    __doc__,
    (Check("derivatives of the Lagrangian", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=(
        "c_i > 0",
        "Lagrangian written out for n = 2, d = 3: sums over examples and coordinates",
    ),
    requires=("implicit-bias.penalty-zero-and-convex",),
)
