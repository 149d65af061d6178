"""Identities by flint's polynomials: true ones are proved, and nothing else is."""

import pytest
import sympy as sp

from verify.provers import polynomials
from verify.provers.fractions import UndecidedError
from verify.provers.polynomials import prove_equal

x, y = sp.symbols("x y", real=True)
p, q = sp.symbols("p q", positive=True)
m = sp.Symbol("m", negative=True)
n = sp.Symbol("n", nonnegative=True)
z = sp.Symbol("z")
sqrt = sp.sqrt
HALF, THIRD = sp.Rational(1, 2), sp.Rational(1, 3)
TINY = sp.Rational(1, 10**30)


def unevaluated(function, *arguments):
    return function(*arguments, evaluate=False)


A, B, b = sp.symbols("A B b", commutative=False)

TRUE = [
    # Polynomials and quotients.
    ((p + q) ** 3 / (p + q), p**2 + 2 * p * q + q**2),
    (1 / (x - y) + 1 / (y - x), 0),
    # Roots: by defining polynomials, by positive factors, by signs.
    (sqrt(x**2, evaluate=False) ** 2, x**2),
    (sqrt(p) * sqrt(q), sqrt(p * q)),
    (sqrt(p**2 + 2 * p * q + q**2), p + q),
    (sqrt(2 * p**2 + 2 * p * sqrt(p**2 + x**2) + x**2), p + sqrt(p**2 + x**2)),
    (sqrt(5 + 2 * sqrt(6)), sqrt(2) + sqrt(3)),
    (sqrt(3 - 2 * sqrt(2)), sqrt(2) - 1),
    (1 / (sqrt(x**2 + 1) - x), sqrt(x**2 + 1) + x),
    (sqrt(4 * x**2 * y**2 + (x**2 - y**2) ** 2), x**2 + y**2),
    (n ** sp.Rational(3, 2), n * sqrt(n)),
    (p**THIRD * p ** sp.Rational(2, 3), p),
    (unevaluated(sp.Pow, p**3, THIRD), p),
    (sqrt(-m), sqrt(sp.Abs(m))),
    (unevaluated(sp.Abs, x) ** 2, x**2),
    # Exponentials, hyperbolic and trigonometric functions.
    (sp.exp(x / 2) ** 2, sp.exp(x)),
    (sp.exp(x * y) * sp.exp(-x * y / 3), sp.exp(2 * x * y / 3)),
    (sp.tanh(x / 2), sp.sinh(x) / (1 + sp.cosh(x))),
    (sp.sech(x) ** 2 + sp.tanh(x) ** 2, 1),
    (sp.coth(p) - sp.tanh(p), 2 / sp.sinh(2 * p)),
    (sp.cos(2 * x), 2 * sp.cos(x) ** 2 - 1),
    (p**y * p ** (2 * y), p ** (3 * y)),
    # Logarithms and inverse hyperbolic functions.
    (sp.log(p**2 * q), 2 * sp.log(p) + sp.log(q)),
    (sp.log(8), 3 * sp.log(2)),
    (unevaluated(sp.log, sp.exp(x) * p), x + sp.log(p)),
    (unevaluated(sp.asinh, -x), -sp.asinh(x)),
    (sp.asinh(2 * x * sqrt(1 + x**2)), 2 * sp.asinh(x)),
    (sp.cosh(sp.asinh(x)), sqrt(1 + x**2)),
    (sp.exp(sp.asinh(x / p)), x / p + sqrt(1 + x**2 / p**2)),
    (sp.asinh(x / p) + sp.log(p), sp.log(x + sqrt(x**2 + p**2))),
    (sp.atanh(x / sqrt(1 + x**2)), sp.asinh(x)),
    (unevaluated(sp.acosh, sp.cosh(p)), p),
    # What does not commute.
    ((A + B) ** 2, A**2 + A * B + B * A + B**2),
    (sp.transpose(A * b) * (B - A) * p, p * sp.transpose(b) * sp.transpose(A) * (B - A)),
    (sp.sqrt(p) * A * B / sp.sqrt(q), sp.sqrt(p * q) / q * A * B),
    # Functions of which only the name is known.
    (2 * sp.erf(x) + 1 - sp.erf(2 * x / 2) * 2, 1),
]
FALSE = [
    # A hair's breadth from true.
    (x + TINY, x),
    (sp.exp(x) * (1 + TINY), sp.exp(x)),
    (sqrt(p + TINY), sqrt(p)),
    # Branches of roots.
    (sqrt(x**2, evaluate=False), x),
    (sqrt(x**2, evaluate=False), -x),
    (sqrt(z**2), z),
    (sqrt(z) * sqrt(z - 1), sqrt(z * (z - 1))),
    (sqrt(x) * sqrt(y), sqrt(x * y)),
    (sqrt(x - 1) * sqrt(x + 1), sqrt(x**2 - 1)),
    (sqrt(1 / z), 1 / sqrt(z)),
    (sqrt(p**2 - 2 * p * q + q**2), p - q),
    (sqrt(3 - 2 * sqrt(2)), 1 - sqrt(2)),
    (unevaluated(sp.Pow, x**3, THIRD), x),
    (unevaluated(sp.Abs, x), x),
    # Branches of logarithms and inverse functions.
    (unevaluated(sp.log, z**2), 2 * sp.log(z)),
    (unevaluated(sp.log, x**2), 2 * sp.log(x)),
    (unevaluated(sp.log, sp.exp(z)), z),
    (sp.exp(z / 2), sqrt(sp.exp(z))),
    (unevaluated(sp.acosh, sp.cosh(x)), x),
    (sp.acosh(z), -sp.acosh(z)),
    (unevaluated(sp.asinh, -x), sp.asinh(x)),
    (sp.asinh(x), sp.asinh(x) + sp.pi),
    # What does not commute.
    (A * B, B * A),
    (sp.transpose(A * B), sp.transpose(A) * sp.transpose(B)),
    (A * b / p, A * b / q),
    # Plainly different.
    (sqrt(p**2 + x**2), p + x),
    (sp.tanh(x), sp.tanh(2 * x) / 2),
    (sp.erf(x), x),
]


@pytest.mark.parametrize(("left", "right"), TRUE)
def test_true(left, right):
    prove_equal(sp.sympify(left), sp.sympify(right))


@pytest.mark.parametrize(("left", "right"), FALSE)
def test_false(left, right):
    with pytest.raises(UndecidedError):
        prove_equal(sp.sympify(left), sp.sympify(right))


def test_true_ones_are_false_by_a_small_change():
    """What is proved is proved because it is true, not because the engine says yes."""
    for left, right in TRUE:
        with pytest.raises(UndecidedError):
            prove_equal(sp.sympify(left), sp.sympify(right) + TINY)


def test_a_denominator_that_vanishes_identically_proves_nothing():
    nothing = unevaluated(sp.Pow, sqrt(p**2, evaluate=False) - p, -1)
    with pytest.raises(UndecidedError, match="denominator"):
        prove_equal(nothing, 2 * nothing)


@pytest.mark.parametrize(
    "unknown",
    [sp.Function("f")(x), sp.Derivative(sp.Function("f")(x), x), sp.Integral(sp.exp(x), x)],
)
def test_what_is_not_known_is_refused(unknown):
    with pytest.raises(UndecidedError, match="unknown"):
        prove_equal(unknown, unknown + 1)


@pytest.mark.parametrize("power", [(A * B) ** 40, (A + B) ** 30, A**10_000 * B])
def test_long_words_are_given_up(power):
    with pytest.raises(UndecidedError, match="words become too"):
        prove_equal(power, B * power)


def test_a_large_expression_is_given_up():
    symbols = sp.symbols("a:12")
    with pytest.raises(UndecidedError, match="large"):
        prove_equal(sum(symbols) ** 12, sum(symbols) ** 12 - 1)
    assert polynomials.PROVER
