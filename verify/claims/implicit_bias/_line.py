"""The real line by a positive symbol, and matrices of any size by symbols that do not commute."""

import sympy as sp

u = sp.Symbol("u", positive=True)

# What holds for symbols that do not commute holds for matrices of every size that fit together.
X, y, nu, eta, beta, other, rest = sp.symbols("X y nu eta beta b r", commutative=False)
transposed = sp.transpose


def on_line(expression, weight, c):
    """Insert β = c sinh(log u): u > 0 covers every β, √(c² + β²) is (c/2)(u + 1/u)."""
    place = (u - 1 / u) / 2
    at = sp.sympify(expression).subs(weight, c * place)
    rational = at.replace(
        lambda e: e.is_Pow and e.exp.is_Rational and not e.exp.is_Integer,
        lambda e: sp.factor(e.base) ** e.exp,
    )
    return rational.replace(
        lambda e: isinstance(e, sp.asinh) and sp.expand(e.args[0] - place) == 0,
        lambda e: sp.log(u),
    )


def by_exponential(expression, m):
    """Insert m = ½ log u in a function of e^{2m}: u > 0 covers every m."""
    return sp.sympify(expression).rewrite(sp.exp).subs(sp.exp(2 * m), u)


def undone(expression):
    """Resolve asinh(sinh w) = w, for real w."""
    return expression.replace(
        lambda e: isinstance(e, sp.asinh) and isinstance(e.args[0], sp.sinh),
        lambda e: e.args[0].args[0],
    )
