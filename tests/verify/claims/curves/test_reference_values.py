"""Reference values: every parameter of the curve is shown, and every solver depends on it."""

from dataclasses import replace

import pytest

from verify.claims.curves import reference_values as values
from verify.claims.curves._margins import SLABS

CURVE = values.STATED.curve
OTHERS = {
    "slab": "sign",
    "rho_ft": 0.12,
    "overlap": 0.4,
    "c": 2e-3,
    "relative_scale": 0.5,
    "gamma": 1.0,
    "rho_pt": 0.2,
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_curve_is_shown_and_solved_with_all_of_its_parameters(name):
    other = replace(CURVE, **{name: OTHERS[name]})
    assert values.STATED._replace(curve=other).latex() != values.STATED.latex()
    (alpha, stated), _ = values.STATED.errors
    found = values.by_digits(other, alpha)
    assert float(found) == pytest.approx(values.by_float64(other, alpha), rel=1e-9)
    assert abs(float(found) / float(stated) - 1) > 1e-3
    assert float(values.by_digits(CURVE, alpha)) == pytest.approx(float(stated), rel=2.1e-8)


def test_both_claims_show_their_slab():
    assert rf"\text{{{SLABS['gaussian']}}}" in values.STATED.latex()
    assert rf"\text{{{SLABS['gaussian']}}}" in values.PUBLISHED.latex()


def test_the_digits_stated_are_the_first_ones_of_what_is_enclosed():
    assert values.enclose(values.STATED).holds is True
    first, second = values.STATED.errors
    for error in ("0.491468101192705340417066045735", "0.491468101192705340417066045733"):
        wrong = values.STATED._replace(errors=(first._replace(error=error), second))
        assert values.enclose(wrong).holds is False
    fewer = values.STATED._replace(errors=(first._replace(error="0.4914"), second))
    assert values.enclose(fewer).holds is True
