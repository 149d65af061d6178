"""Regions of positive margins: known crossings, ties, wrong statements, unresolved errors."""

import dataclasses

import numpy as np
import pytest

from numerics import solve_replica
from verify.claims.curves import _margins as margins
from verify.claims.curves._margins import EVERYWHERE, Line, Region, decide, region


def parabola(alpha):
    return (alpha - 0.25) * (alpha - 0.75)


def test_crossings_are_found():
    found = region(parabola)
    assert found.begins
    assert found.crossings == pytest.approx((0.25, 0.75), abs=1e-8)
    assert found.told() == "(0.010000, 0.250000) and (0.750000, 0.990000)"
    assert [found.at(a) for a in (0.1, 0.5, 0.9)] == [True, False, True]
    assert region(lambda a: -parabola(a)).told() == "(0.250000, 0.750000)"


def test_ties_are_not_positive():
    assert region(np.zeros_like).told() == "no α"
    assert region(np.ones_like) == EVERYWHERE


def test_right_statement_holds_and_its_variants_fail():
    line = Line("parabola", parabola, Region(True, (0.25, 0.75)))
    assert decide([line]).holds
    for wrong in (line.reversed(), line.shifted(), line.printed()):
        evidence = decide([wrong])
        assert evidence.holds is False
        alpha = float(evidence.counterexample["alpha"])
        sign = float(evidence.counterexample["margin"]) > 0
        assert sign != wrong.holds.at(alpha)


def test_a_crossing_off_by_less_than_the_tolerance_holds():
    assert decide([Line("parabola", parabola, Region(True, (0.25 + 5e-7, 0.75)))]).holds
    assert not decide([Line("parabola", parabola, Region(True, (0.25 + 2e-6, 0.75)))]).holds


def test_margins_of_errors():
    alpha = np.array([0.1, 0.3])
    small, large = (margins.setting("sign", 0.1, overlap) for overlap in (1.0, 0.0))
    ratio = margins.errors(large, alpha) / margins.errors(small, alpha)
    assert margins.log_ratio(large, small)(alpha) == pytest.approx(np.log(ratio))
    assert margins.overlap_gap("sign")(alpha) == pytest.approx(np.log(ratio))
    assert (margins.wins(small, [large])(alpha) > 0).all()
    assert (margins.less(np.sin, np.sin)(alpha) == 0).all()


def test_errors_without_digits_are_refused(monkeypatch):
    def vague(*arguments, **options):
        curve = solve_replica(*arguments, **options)
        return dataclasses.replace(curve, relative_error=np.ones_like(curve.mse))

    monkeypatch.setattr(margins, "solve_replica", vague)
    with pytest.raises(ArithmeticError, match="not resolved to nine digits"):
        margins.errors(margins.setting("sign", 0.1, 0.0), np.array([0.123456]))
