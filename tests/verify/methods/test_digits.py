"""First digits as decimal texts."""

from decimal import Decimal

import mpmath
import pytest
from flint import arb

from verify.methods.digits import after, begins, between, last_unit


@pytest.mark.parametrize(
    ("text", "unit", "further", "ends"),
    [
        ("1.50", "0.01", "1.51", ("1.50", "1.51")),
        ("-0.20", "0.01", "-0.21", ("-0.21", "-0.20")),
        ("2.737e-44", "1e-47", "2.738e-44", ("2.737e-44", "2.738e-44")),
        ("3", "1", "4", ("3", "4")),
        ("-9.9", "0.1", "-10.0", ("-10.0", "-9.9")),
        (f"0.{'4' * 40}", "1e-40", f"0.{'4' * 39}5", (f"0.{'4' * 40}", f"0.{'4' * 39}5")),
    ],
)
def test_digits_of_a_text(text, unit, further, ends):
    assert last_unit(text) == Decimal(unit)
    assert Decimal(after(text)) == Decimal(further)
    assert between(text) == tuple(map(Decimal, ends))


def test_a_ball_that_leaves_it_open_is_not_judged():
    assert begins(arb("1.505", "0.004"), "1.50", arb) is True
    assert begins(arb("1.505", "0.006"), "1.50", arb) is None
    assert begins(arb("1.52", "0.006"), "1.50", arb) is False


def test_a_number_begins_with_its_digits():
    for number, text, right in (
        ("1.509", "1.50", True),
        ("1.50", "1.50", True),
        ("1.51", "1.50", False),
        ("1.499", "1.50", False),
        ("-0.205", "-0.20", True),
        ("-0.199", "-0.20", False),
    ):
        assert begins(mpmath.mpf(number), text, mpmath.mpf) is right


@pytest.mark.parametrize("text", ["one", "", "inf", "nan"])
def test_a_text_that_is_no_decimal_number_is_refused(text):
    with pytest.raises(ValueError, match="a decimal number is asked for"):
        last_unit(text)
