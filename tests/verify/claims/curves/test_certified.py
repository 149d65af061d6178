"""Certified inequalities: true ones on whole intervals, false ones by where they fail."""

import dataclasses
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx

from numerics.certified import Interval
from verify.claims.curves import _certified as certified
from verify.claims.curves import interpolation_peak, rise_and_fall
from verify.claims.curves._certified import FEW, WHOLE, Certified, Inequality, Positive, positive
from verify.claims.curves._margins import (
    CROSSING_TOLERANCE,
    NOWHERE,
    Inequalities,
    Line,
    Quantity,
    Region,
    below,
    decide,
)
from verify.claims.curves._quantities import error, overlap_difference, overlap_gap, setting
from verify.claims.curves.dense_reuse_relative_scale import STATED as DENSE
from verify.claims.curves.overlap_difference_readout import STATED as DIFFERENCES
from verify.claims.curves.overlap_difference_relative_scale import STATED as SMALL_DIFFERENCES
from verify.claims.curves.overlap_gap_readout import STATED as GAPS
from verify.claims.curves.regime_winners import STATED as WINNERS
from verify.methods.digits import last_unit
from verify.methods.relations import Extremum, Relation


@pytest.fixture(autouse=True)
def _precise():
    with ctx.workprec(certified.PRECISION):
        yield


def interval(low, high):
    return Interval(Fraction(low), Fraction(high))


def test_a_crossing_is_bracketed_and_its_sides_are_certified():
    line = DENSE.lines[0]
    (crossing,) = line.holds.crossings
    edge, half = Fraction(str(crossing)), certified.BRACKET / 2
    low, high = interval("0.29", edge - half), interval(edge + half, "0.31")
    assert certified.everywhere(Inequality(line), low).holds
    assert certified.everywhere(Inequality(line, -1), high).holds
    across = certified.everywhere(Inequality(line), interval("0.29", "0.31"))
    assert not across.holds
    assert "0.31" in across.where


def test_an_inequality_that_fails_inside_is_refuted_there():
    # Regime III against I: its sign changes twice, so that both ends are right.
    line = Line(*(one for one in (error("sign", 0.1, 0.5, c=1.0), error("sign", 0.1, 0.5))))
    ends = interval("0.02", "0.9")
    found = certified.everywhere(Inequality(line), ends)
    signs = [
        bool(Inequality(line).at(alpha) > 0) for alpha in (ends.low, Fraction("0.08"), ends.high)
    ]
    assert found.holds == all(signs)


def test_a_margin_that_vanishes_is_left_undecided():
    line = Line(error("sign", 0.1, 0.5), error("sign", 0.1, 0.5))
    with pytest.raises(certified.UndecidedError, match="the margin is"):
        certified.at_points(Inequality(line), (Fraction("0.3"),))


@pytest.mark.parametrize(
    ("table", "index"), [(GAPS, 0), (DIFFERENCES, 0), (DIFFERENCES, 1), (SMALL_DIFFERENCES, 0)]
)
def test_values_have_the_digits_stated(table, index):
    line = table.lines[index]
    few = Inequalities((line,))
    assert certified.decide(Certified(few, FEW)).holds is True
    assert decide(few).figure < CROSSING_TOLERANCE
    for unit in (1, -1):
        other = format(Decimal(line.value) + 2 * unit * last_unit(line.value), "f")
        wrong = Inequalities((dataclasses.replace(line, value=other),))
        assert certified.decide(Certified(wrong, FEW)).holds is False
        assert decide(wrong).figure == np.inf


def test_a_line_is_certified_on_every_stretch_of_the_range(monkeypatch):
    monkeypatch.setattr(certified, "RANGE", interval("0.25", "0.26"))
    monkeypatch.setattr(certified, "SAMPLE", (Fraction("0.25"), Fraction("0.26")))
    line = dataclasses.replace(DENSE.lines[1], value="")
    found = certified.decide(Certified(Inequalities((line,)), WHOLE))
    assert found.holds is True
    assert "holds on [0.25, 0.25542129" in found.steps[-2]
    assert "fails on [0.25542129" in found.steps[-1]


def test_winners_must_cover_the_range():
    assert WINNERS.uncovered() == ""
    fewer = dataclasses.replace(WINNERS, wins=WINNERS.wins[1:])
    assert "one winner" in fewer.uncovered()
    assert certified.decide(Certified(fewer, FEW)).holds is False
    (slab, overlap, rho_ft, regime, _), *rest = WINNERS.wins
    overlapping = dataclasses.replace(
        WINNERS, wins=((slab, overlap, rho_ft, regime, below(0.04)), *rest)
    )
    assert "one winner" in overlapping.uncovered()


def test_a_table_and_its_sample_are_printed():
    whole, few = (Certified(GAPS, where).latex() for where in (WHOLE, FEW))
    assert whole == GAPS.latex()
    assert few.startswith(whole)
    assert r"\alpha \in \{0.01,\, 0.02" in few
    assert r"\min_\alpha" in whole
    assert r"\min_\alpha" not in GAPS.latex(exactly=False)
    beside = DENSE.latex()
    assert r"\min_\alpha" not in beside
    assert r"= 1.098191732363\ldots\quad (\alpha = 0.01)" in beside


def test_positive_quantities_are_compared_by_their_logarithms():
    two, three = (Positive(arb(number).log()) for number in (2, 3))
    assert (two * three).log.overlaps(arb(6).log())
    assert (two / three).log.overlaps((arb(2) / 3).log())
    assert (three - two).overlaps(arb(1))
    assert (5 * two).log.overlaps(arb(10).log())
    assert (1 / two).log.overlaps(-arb(2).log())
    assert (1 + two).overlaps(arb(3))
    assert (7 - two).overlaps(arb(5))
    assert positive(sp.exp(sp.Rational(1, 100))).log.overlaps(arb(1) / 100)
    for wrong in (0, -1, sp.pi):
        with pytest.raises(ValueError, match="a positive number or a power of e"):
            positive(wrong)


def test_another_scale_than_log_or_none_is_refused():
    odd = Quantity("p", lambda p: p, (setting("sign", 0.1, 0.5),), scale=np.sqrt)
    with pytest.raises(ValueError, match="compared by log, or as they are"):
        Inequality(Line(odd, odd)).at(Fraction("0.3"))


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"value": "1.2", "relation": Relation.BELOW}, "a value is stated of what is above"),
        ({"value": "1.2", "holds": NOWHERE}, "a value is stated of what holds somewhere"),
        ({"value": "one"}, "a decimal number is asked for, got 'one'"),
        ({"holds": below(0.2999999999)}, "crossings must have 9 decimals"),
    ],
)
def test_a_malformed_line_is_refused(options, match):
    sides = overlap_gap("sign"), overlap_gap("sign", c=1.0)
    with pytest.raises(ValueError, match=match):
        Line(*sides, **options)


@pytest.mark.parametrize("crossings", [(0.4, 0.3), (0.3, 0.3), (0.001,), (0.3, 0.99)])
def test_crossings_rise_within_the_range(crossings):
    with pytest.raises(ValueError, match="crossings must rise, and lie in"):
        Region(True, crossings)


def test_a_margin_changes_its_sign_once_within_a_bracket():
    line = DENSE.lines[0]
    edge = Fraction(str(line.holds.crossings[0]))
    bracket = Interval(edge - certified.BRACKET / 2, edge + certified.BRACKET / 2)
    assert certified.turns_once(Inequality(line), bracket).holds
    twice = Line(error("sign", 0.1, 0.5), error("sign", 0.1, 0.5))
    with pytest.raises(certified.UndecidedError, match="the slope is undecided"):
        certified.turns_once(Inequality(twice), bracket)


def test_peaks_with_more_decimals_than_are_certified_are_refused():
    peak = interpolation_peak.STATED.rows[0]
    assert all(one is True for _, one in plain(interpolation_peak.at_peak(FEW, peak, Extremum.MAX)))
    for wrong in ({"alpha": peak.alpha + 1e-10}, {"error": peak.error + 1e-13}):
        with pytest.raises(ValueError, match="nine and by twelve decimals"):
            list(interpolation_peak.at_peak(FEW, peak._replace(**wrong), Extremum.MAX))
    for wrong in ({"alpha": 0.069549146}, {"error": 2.556527724553}):
        found = plain(interpolation_peak.at_peak(FEW, peak._replace(**wrong), Extremum.MAX))
        assert not all(one is True for _, one in found)


def plain(steps):
    """Return steps with whether each holds."""
    return [(text, getattr(found, "holds", found)) for text, found in steps]


def test_differences_are_compared_as_they_are():
    line = Line(overlap_difference("sign"), overlap_difference("sign", c=1.0))
    there = Inequality(line).at(Fraction("0.3"))
    values = [
        certified.error(setting("sign", 0.1, overlap, c=c), Fraction("0.3")).log.exp()
        for c in (1e-3, 1.0)
        for overlap in (0.0, 1.0)
    ]
    assert there.overlaps(values[0] - values[1] - values[2] + values[3])


def test_an_error_rises_and_falls_where_it_is_said_to():
    row = rise_and_fall.STATED.rows[0]
    turn = Fraction(row.alpha)
    rising = Interval(turn - Fraction("0.002"), turn - certified.BRACKET)
    assert certified.trend(row.curve, rising, 1).holds
    assert not certified.trend(row.curve, rising, -1).holds
    falling = Interval(turn + certified.BRACKET, turn + Fraction("0.002"))
    assert certified.trend(row.curve, falling, -1).holds
    across = Interval(turn - Fraction("0.001"), turn + Fraction("0.001"))
    assert not certified.trend(row.curve, across, 1).holds
