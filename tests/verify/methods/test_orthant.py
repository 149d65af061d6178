"""Signs of rational functions where their symbols are positive, nonnegative or real."""

import pytest
import sympy as sp

from verify.methods.orthant import by_exponential, decide_on_orthant, on_line, u

A, B = sp.symbols("a b", positive=True)
N, X = sp.Symbol("n", nonnegative=True), sp.Symbol("x", real=True)


@pytest.mark.parametrize(
    ("expression", "strict", "holds"),
    [
        (1 / A + B, True, True),
        (N * A, True, False),
        (N * A, False, True),
        (X**2 * A, False, True),
        (X**2 * A, True, False),
        (A - B / 1000, True, False),
        (A**2 - A * B + B**2, True, None),
        (-sp.Integer(1), True, False),
        (X, False, False),
    ],
)
def test_signs(expression, strict, holds):
    assert decide_on_orthant("", expression, strict=strict).holds is holds


NEGATIVE, COMPLEX = sp.Symbol("m", negative=True), sp.Symbol("z")
INTEGER = sp.Symbol("n", integer=True, positive=True)


@pytest.mark.parametrize(
    ("expression", "strict", "holds"),
    [
        # A denominator that cancels vanishes all the same.
        ((A**2 - B**2) / (A - B), True, None),
        ((A**2 - B**2) / (A + B) + B, True, True),
        # Only what is real has squares of a sign.
        (COMPLEX**2 * A, False, None),
        (X**2 * A, False, True),
        # Points are those that the assumptions allow.
        (-NEGATIVE, True, None),
        (NEGATIVE, True, False),
        (INTEGER**2 - INTEGER, False, None),
        (A**2 - A, False, False),
        (INTEGER - 2, False, False),
        # A proof is of exact numbers.
        (0.5 * A, True, None),
        (-0.5 * A, True, False),
        (A / 2, True, True),
    ],
)
def test_where_it_is_defined_and_real(expression, strict, holds):
    assert decide_on_orthant("", expression, strict=strict).holds is holds


def test_more_symbols_than_corners_are_sampled():
    symbols = sp.symbols("a1:6", positive=True)
    assert decide_on_orthant("", sum(symbols) - 9).holds is False
    assert decide_on_orthant("", sum(symbols)).holds is True


def test_the_line_is_covered_by_positive_numbers():
    beta, c = sp.Symbol("beta", real=True), A
    assert sp.simplify(on_line(sp.sqrt(c**2 + beta**2), beta, c) - c * (u + 1 / u) / 2) == 0
    assert on_line(sp.asinh(beta / c), beta, c) == sp.log(u)
    assert sp.simplify(by_exponential(sp.cosh(2 * X), X) - (u + 1 / u) / 2) == 0
