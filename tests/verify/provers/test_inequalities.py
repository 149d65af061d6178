"""Inequalities by z3, by signs of coefficients and by Arb: true ones only, and within bounds."""

import time

import pytest
import sympy as sp

from verify.provers import semialgebraic, transcendental
from verify.provers.fractions import UndecidedError
from verify.provers.goals import Inequality
from verify.provers.polynomials import prove_sign

z3 = pytest.importorskip("z3")

x, y = sp.symbols("x y", real=True)
p, q = sp.symbols("p q", positive=True)
n = sp.Symbol("n", nonnegative=True)
s, t = sp.symbols("s t", positive=True)
W = 1 - 90 * sp.exp(-t) + 2000 * sp.exp(-2 * t)
TINY = sp.Rational(1, 10**30)

ALGEBRAIC = [
    (p**2 - p * q + q**2, True),
    ((x - y) ** 2, False),
    (n * p, False),
    (n + p, True),
    (sp.sqrt(p**2 + x**2) - x, True),
    (p + q - sp.sqrt(p**2 + q**2), True),
    (1 - x / sp.sqrt(x**2 + 1), True),
    ((p - q) ** 2 + TINY, True),
    (p ** sp.Rational(1, 3) + q, True),
]
NOT_ALGEBRAIC = [
    ((x - y) ** 2, True),
    (n * p, True),
    ((p - q) ** 2 - TINY, False),
    (p**2 - 3 * p * q + q**2, True),
    (sp.sqrt(p**2 + x**2) - p - TINY, True),
    (1 / (p - 1) ** 2, True),
    (x / p, False),
    # Not real everywhere.
    (1 + n**2 * sp.sqrt(x), True),
    (1 + n * sp.sqrt(p - q) ** 2, True),
    (1 + sp.I * x, True),
    # Not defined everywhere, although it cancels.
    ((p - q) * (1 / (p - q) + 1) - p + q, True),
]
SIGNS = [
    (p**2 + p * q, True),
    (n * p, False),
    (sp.sqrt(p**2 + x**2) - x, True),
    (p * sp.cosh(x) - p / 2 * sp.exp(x), True),
    (sp.exp(p) - 1, True),
    (p * x**2, False),
]
NO_SIGN = [(n * p, True), (x**2, True), (p - q, True), (sp.exp(x) - 1, True), (p / (p - q), False)]
HALF_LINE = [
    sp.sinh(t) - t,
    sp.sinh(t) - t - t**3 / 6,
    sp.exp(t) - 1 - t - t**2 / 2 - t**3 / 6,
    t * sp.coth(t) - 1,
    1 - sp.tanh(t) / t,
    sp.exp(-t) - sp.exp(-2 * t),
    t**2 + sp.exp(-t) - sp.Rational(8, 10),
    sp.log(1 - sp.exp(-2 * t)) - 1 + sp.coth(t),
    sp.exp(-t) + sp.log(1 + 90 * sp.exp(-t) + 2000 * sp.exp(-2 * t)),
    2 * t / (sp.exp(t) - 1) - sp.log(1 - sp.exp(-2 * t)),
    (t - 1) ** 2 + TINY,
]
NOT_HALF_LINE = [
    t - sp.sinh(t),
    sp.sinh(t) - t - t**3 * (sp.Rational(1, 6) + TINY),
    t * sp.coth(t) - 1 - TINY,
    t**2 + sp.exp(-t) - sp.Rational(83, 100),
    (t - 1) ** 2,
    1 / (t - 1) ** 2,
    1 / (t - 1),
    sp.log(1 - sp.exp(-2 * t)),
    1 - sp.log(1 + sp.exp(t)),
    sp.erf(t),
    t * q,
    sp.S.Zero * t,
    # Of another variable too.
    sp.exp(2 * t) - sp.exp(s),
    sp.exp(2 * t) + sp.exp(s),
    # Not real, or not defined, everywhere: at t = 3.8, 1 − 90e⁻ᵗ + 2000e⁻²ᵗ is negative.
    sp.exp(-t) + (2 * sp.log(W) - sp.log(W**2)) ** 2,
    (t - 1) * (1 / (t - 1) + 1),
    sp.exp(t) + sp.coth(t - 1) * sp.tanh(t - 1),
]


@pytest.mark.parametrize(("expression", "strict"), ALGEBRAIC)
def test_z3_proves(expression, strict):
    assert semialgebraic.decide(Inequality(expression, strict)) is None


@pytest.mark.parametrize(("expression", "strict"), NOT_ALGEBRAIC)
def test_z3_finds_a_point(expression, strict):
    point = semialgebraic.decide(Inequality(expression, strict))
    assert set(point) == expression.free_symbols


@pytest.mark.parametrize("expression", [p * sp.exp(x), sp.Symbol("z") ** 2 + 1, sp.log(p)])
def test_z3_is_not_asked(expression):
    with pytest.raises(UndecidedError):
        semialgebraic.decide(Inequality(expression, strict=True))


def test_z3_gives_up_after_so_much_work_and_not_after_a_time():
    hard = sum((p - q**k) ** 2 for k in range(1, 7)) + TINY
    for _ in range(2):
        with pytest.raises(UndecidedError, match="gives up"):
            semialgebraic.decide(Inequality(hard, strict=True), effort=100)


def test_z3_gives_up_after_a_time_on_sums_of_roots():
    """Its steps with several roots can take minutes each."""
    a, b, c = sp.symbols("a b c", positive=True)
    pairs = ((a, b), (b, c), (c, a))
    hard = sum(sp.sqrt(one**2 + other**2) for one, other in pairs) - sp.sqrt(2) * (a + b + c)
    started = time.monotonic()
    with pytest.raises(UndecidedError, match="gives up"):
        semialgebraic.decide(Inequality(hard + TINY, strict=True), seconds=0.5)
    assert time.monotonic() - started < 20


def test_a_domain_can_be_larger_or_smaller_than_the_assumptions_say():
    assert semialgebraic.decide(Inequality(x, True, frozenset({x}))) is None
    assert semialgebraic.decide(Inequality(x, False, nonnegative=frozenset({x}))) is None
    assert semialgebraic.decide(Inequality(x, True, nonnegative=frozenset({x}))) == {x: 0}
    fixed = Inequality(p - n, True, frozenset({p}), fixed=((n, sp.S.Zero),))
    assert semialgebraic.decide(fixed) is None
    assert prove_sign(fixed) is None


@pytest.mark.parametrize(("expression", "strict"), SIGNS)
def test_coefficients_of_one_sign(expression, strict):
    assert prove_sign(Inequality(expression, strict)) is None


@pytest.mark.parametrize(("expression", "strict"), [*NO_SIGN, *NOT_ALGEBRAIC])
def test_coefficients_prove_nothing_else(expression, strict):
    with pytest.raises(UndecidedError):
        prove_sign(Inequality(expression, strict))


@pytest.mark.parametrize("expression", HALF_LINE)
def test_arb_proves_on_the_half_line(expression):
    assert transcendental.prove(Inequality(expression, True, frozenset({t}))) is None


@pytest.mark.parametrize("expression", NOT_HALF_LINE)
def test_arb_proves_nothing_else(expression):
    with pytest.raises(UndecidedError):
        transcendental.prove(Inequality(expression, True, frozenset({t})))
