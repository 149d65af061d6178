"""Certified inequalities: true ones on whole intervals, false ones by where they fail."""

import dataclasses
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import sympy as sp
from flint import arb, arb_series, ctx

from numerics.certified import Interval, NotCertifiedError
from numerics.certified.exact import ball
from numerics.certified.series import Coefficients, Followed, at_step
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
from verify.claims.curves._quantities import (
    error,
    exponential,
    overlap_difference,
    overlap_gap,
    setting,
)
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
    assert certified.everywhere(Inequality.of(line), low).holds
    assert certified.everywhere(Inequality.of(line, -1), high).holds
    across = certified.everywhere(Inequality.of(line), interval("0.29", "0.31"))
    assert not across.holds
    assert "0.31" in across.where


# Falls to α = 0.0232, rises to 0.0593, where p = 1.185, and falls again.
HUMP = setting("gaussian", 0.01, 0.5, c=1e-6)


@pytest.mark.parametrize("level", ["1.1", "1.18", "1.185"])
def test_an_inequality_that_fails_inside_is_refuted_there(level):
    one = Quantity("1", lambda p: p / p, (HUMP,))
    less = Inequality(Quantity("p", lambda p: p, (HUMP,)), one, Relation.ABOVE, -1, Fraction(level))
    ends = interval("0.03", "0.08")
    assert all(less.at(alpha) > 0 for alpha in (ends.low, ends.high))
    found = certified.everywhere(less, ends)
    assert not found.holds
    assert less.at(Fraction(found.where.removeprefix("alpha = "))) < 0
    assert certified.everywhere(less, interval("0.03", "0.04")).intervals > 0
    assert certified.everywhere(less._replace(threshold=Fraction("1.19")), ends).holds


def test_an_error_that_turns_twice_inside_is_told_from_one_that_does_not():
    ends = interval("0.015", "0.08")
    assert certified._slopes_at(HUMP, (ends.low, ends.high), -1).holds
    found = certified.trend(HUMP, ends, -1)
    assert not found.holds
    assert certified.slope(HUMP, Fraction(found.where.removeprefix("alpha = "))) > 0
    assert certified.trend(HUMP, interval("0.07", "0.08"), -1).intervals > 0


@pytest.mark.parametrize(
    "ends",
    [
        ("0.01", "0.99"),
        ("0.01", "0.5"),
        ("0.005", "0.995"),
        ("0.0099", "0.123"),
        ("0.298885636", "0.298885638"),
        ("0.5", "0.745"),
        ("1", "2"),
        ("0.5", "0.5"),
        ("0.3", "0.3"),
    ],
)
def test_parts_of_an_interval_cover_it_and_are_those_of_the_range(ends):
    whole = interval(*ends)
    parts = list(certified._shared(whole))
    assert (parts[0].low, parts[-1].high) == (whole.low, whole.high)
    assert all(one.high == other.low for one, other in pairwise(parts))
    width = certified.RANGE.high - certified.RANGE.low

    def of_the_range(part):
        halvings = width / (part.high - part.low)
        steps = (part.low - certified.RANGE.low) / (part.high - part.low)
        return steps.denominator == halvings.denominator == 1 and halvings.numerator <= 256

    assert all(map(of_the_range, parts[1:-1]))
    assert len(parts) <= 16
    if whole == certified.RANGE:
        assert parts == [whole]


def test_a_margin_that_vanishes_is_left_undecided():
    line = Line(error("sign", 0.1, 0.5), error("sign", 0.1, 0.5))
    with pytest.raises(certified.UndecidedError, match="the margin is"):
        certified.at_points(Inequality.of(line), (Fraction("0.3"),))


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
    line = dataclasses.replace(DENSE.lines[1], value="1.0239634")
    found = certified.decide(Certified(Inequalities((line,)), WHOLE))
    assert found.holds is True
    assert "changes its sign once at most about 0.255421299" in found.steps[2]
    assert "holds on [0.25, 0.25542129" in found.steps[-2]
    assert "fails on [0.25542129" in found.steps[-1]


@pytest.mark.parametrize(("value", "expected"), [("1.20615", True), ("1.20715", False)])
def test_a_least_value_is_certified_on_the_whole_range(value, expected, monkeypatch):
    monkeypatch.setattr(certified, "RANGE", interval("0.01", "0.011"))
    # Nothing else refutes it: the sample is where the ratio is larger.
    monkeypatch.setattr(certified, "SAMPLE", (Fraction("0.6"),))
    monkeypatch.setattr(certified, "_reached", lambda *_: certified.Found(True))
    line = dataclasses.replace(GAPS.lines[0], value=value)
    found = certified.decide(Certified(Inequalities((line,)), WHOLE))
    assert found.holds is expected
    assert ("FAILS" in found.steps[-1]) is not expected


def test_winners_change_once_at_each_crossing(monkeypatch):
    asked = []
    monkeypatch.setattr(
        certified, "crosses_once", lambda *given: asked.append(given) or certified.Found(True)
    )
    assert certified.decide(Certified(WINNERS, FEW)).holds is True
    crossings = [edge for *_, holds in WINNERS.wins for edge in holds.crossings]
    assert len(asked) == 3 * len(crossings)


def test_a_margin_that_only_touches_0_in_a_bracket_is_not_certified():
    line = DENSE.lines[0]
    edge = Fraction(str(line.holds.crossings[0]))
    bracket = Interval(edge - certified.BRACKET, edge + certified.BRACKET)
    # Positive at both ends, and 0 between them.
    assert Inequality.of(line).at(bracket.low) > 0
    assert certified.crosses_once(Inequality.of(line, 1, Fraction("0.9")), bracket).holds
    with pytest.raises(certified.UndecidedError):
        certified.crosses_once(Inequality.of(Line(line.larger, line.larger)), bracket)


def test_the_slope_of_a_margin_has_a_remainder(monkeypatch):
    class Known:
        """log θ² = 0.5 + 2s + 100s² + s³ about the middle, s = log α."""

        @staticmethod
        def expansion(arc, order):
            coefficients = (arb("0.5"), arb(2), arb(100), arb(1))
            assert order == len(coefficients) - 1
            return SimpleNamespace(
                middle=SimpleNamespace(log_theta_squared=coefficients),
                whole=SimpleNamespace(log_theta_squared=(*coefficients[:3], arb(1, 1))),
            )

    monkeypatch.setattr(certified, "path", lambda *_: Known)
    line, part = Line(error("sign", 0.1, 0.5), exponential(0.0)), interval("0.2", "0.3")
    (curve,) = Inequality.of(line).curves
    slope = certified._slope(Inequality.of(line), part, {curve: None})
    middle = arb(part.middle.numerator) / part.middle.denominator
    for alpha in (arb("0.2"), arb("0.25"), arb("0.3")):
        step = (alpha / middle).log()
        for third in (0, 2):
            assert slope.overlaps(3 + 200 * step + 3 * third * step * step)
    assert slope.rad() < 50


def test_a_margin_along_polynomials_holds_the_margin():
    line = DIFFERENCES.lines[0]
    inequality, part = Inequality.of(line, 1, Fraction("0.01")), interval("0.2", "0.2002")
    arcs = {one: certified.path(one, certified.COARSE).arc(part) for one in inequality.curves}
    terms = certified._followed(inequality, part, arcs)
    middle = ball(part.middle).log()
    for share in (0, Fraction(1, 3), 1):
        alpha = part.low + share * (part.high - part.low)
        found = at_step(terms, ball(alpha).log() - middle)
        assert found.overlaps(inequality.at(alpha))
        assert found.rad() < 1e-10
    whole = at_step(terms, part.ball.log() - middle)
    assert whole.contains(inequality.at(part.low))
    assert whole.contains(inequality.at(part.high))


@pytest.mark.parametrize("bend", [100, -100])
def test_what_curves_leave_of_polynomials_counts(bend, monkeypatch):
    class Known:
        @staticmethod
        def follow(arc, order):
            log = (arb(0), arb(1), arb(bend), *[arb(0)] * (order - 2))
            return Followed(Coefficients(log, log), (arb(0), arb(0, "0.001")))

    monkeypatch.setattr(certified, "path", lambda *_: Known)
    line, part = Line(error("sign", 0.1, 0.5), exponential(0.0)), interval("0.2", "0.21")
    (curve,) = Inequality.of(line).curves
    terms = certified._followed(Inequality.of(line), part, {curve: None})
    middle = ball(part.middle).log()
    for alpha in (part.low, part.middle, part.high):
        step = ball(alpha).log() - middle
        for off in ("0.000999", "-0.000999"):
            value = middle + 2 * step + bend * step * step + arb(off)
            assert at_step(terms, step).contains(value)
        assert at_step(terms, step).rad() < 0.0011


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
    assert r"and at }} \alpha = 0.01,\, 0.02".replace("}}", "}") in few
    assert r"\min_\alpha" in whole
    assert r"\min_\alpha" not in GAPS.latex(exactly=False)
    beside = DENSE.latex()
    assert r"\min_\alpha" not in beside
    assert r"= 1.098191732363\ldots \quad (\alpha = 0.01)" in beside
    pair = overlap_gap("sign", gamma=0.0), overlap_gap("sign", gamma=1.0)
    other = overlap_gap("sign", c=1.0, gamma=0.0), overlap_gap("sign", c=1.0, gamma=1.0)
    given = Inequalities((Line(*pair, below(0.3), value="1.5"), Line(*other)))
    assert r"= 1.5\ldots \quad (\alpha = 0.01,\, c = 0.001)" in given.latex()
    (few_given,) = (line for line in SMALL_DIFFERENCES.latex().split(r"\\") if "-0.00028" in line)
    assert few_given.endswith(r"\quad (\alpha = 0.01) ")


def test_parameters_are_printed_in_full():
    gap = overlap_gap("sign", c=1.0000004e-3), overlap_gap("sign", c=1.0)
    table = Inequalities((Line(*gap),))
    assert "c = 0.0010000004" in table.latex()
    assert "c = 0.0010000004 against 1" in table.lines[0].name
    peak = interpolation_peak.Peak("sign", 1.0000004e-6, 0.07, 2.5)
    assert r"1.0000004 \cdot 10^{-6}" in interpolation_peak.Peaks((peak,)).latex()


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


def test_a_number_in_a_difference_is_the_decimal_that_is_written():
    one, tenth = Positive(arb(0)), ball(Fraction("0.1"))
    assert (one - 0.1).overlaps(1 - tenth)
    assert (0.1 - one).overlaps(tenth - 1)
    assert (one + 0.1).overlaps(1 + tenth)
    assert not (one - 0.1).overlaps(1 - arb(0.1))


def test_a_margin_that_was_cut_is_not_certified():
    cut = Quantity(
        "p", lambda p: Positive(arb_series([p.log[0]], prec=1)), (setting("sign", 0.1, 0.5),)
    )
    inequality, part = Inequality.of(Line(cut, cut)), interval("0.3", "0.3001")
    arcs = {one: certified.path(one, certified.COARSE).arc(part) for one in inequality.curves}
    with pytest.raises(NotCertifiedError, match="cut before its term 7"):
        certified._followed(inequality, part, arcs)
    assert certified._slope(inequality, part, arcs).is_nan()


def test_another_scale_than_log_or_none_is_refused():
    odd = Quantity("p", lambda p: p, (setting("sign", 0.1, 0.5),), scale=np.sqrt)
    with pytest.raises(ValueError, match="compared by log, or as they are"):
        Inequality.of(Line(odd, odd)).at(Fraction("0.3"))


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"value": "1.2", "relation": Relation.BELOW}, "a value takes the relation ABOVE"),
        ({"value": "1.2", "holds": NOWHERE}, "and an α where it holds"),
        *(
            ({"value": text}, "a value must be a positive number with decimals")
            for text in ("one", "-1.2", "1.0_98", " 1.2", "+1.2", "0.0", "12e-1", "１.2", "1")
        ),
        ({"holds": below(0.2999999999)}, "crossings must have at most 9 decimals"),
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
    assert certified.crosses_once(Inequality.of(line), bracket).holds
    twice = Line(error("sign", 0.1, 0.5), error("sign", 0.1, 0.5))
    with pytest.raises(certified.UndecidedError, match="the slope is undecided"):
        certified.crosses_once(Inequality.of(twice), bracket)


def test_a_peak_is_certified_on_the_whole_range(monkeypatch):
    peak = interpolation_peak.STATED.rows[0]
    ends = Fraction(str(peak.alpha)) - Fraction("1.02e-5"), Fraction("0.06955934")
    monkeypatch.setattr(certified, "RANGE", Interval(*ends))
    found = plain(interpolation_peak.at_peak(WHOLE, peak, Extremum.MAX))
    assert [one for _, one in found] == [True] * 7


def test_an_error_elsewhere_must_be_lower_by_what_the_height_may_be_off(monkeypatch):
    peak = interpolation_peak.STATED.rows[0]
    near = Fraction(str(peak.alpha)) + Fraction("2e-5")
    monkeypatch.setattr(certified, "SAMPLE", (near,))
    there = certified.error(interpolation_peak.curve(peak.slab, peak.c), near).log.exp()
    lower = Fraction(str(peak.error)) - Fraction(there.str(20, radius=False))
    for height, expected in ((lower / 2, True), (lower * 2, False)):
        monkeypatch.setattr(interpolation_peak, "HEIGHT", height)
        found = plain(interpolation_peak.at_peak(FEW, peak, Extremum.MAX))
        assert [one for text, one in found if "elsewhere" in text] == [expected]


def test_an_error_bends_one_way_about_its_peak(monkeypatch):
    row = rise_and_fall.STATED.rows[0]
    turn = Fraction(row.alpha)
    about = Interval(turn - certified.BRACKET, turn + certified.BRACKET)
    assert certified.bend_step("error", row.curve, about, -1)[1].holds is True
    assert certified.bend_step("error", row.curve, about, 1)[1].holds is False
    assert certified.trend_step(WHOLE, "error", row.curve, about, 1)[1].holds is False
    beside = Interval(turn + certified.BRACKET, turn + 2 * certified.BRACKET)
    for where in (WHOLE, FEW):
        assert certified.trend_step(where, "error", row.curve, beside, -1)[1].holds is True
        assert certified.trend_step(where, "error", row.curve, beside, 1)[1].holds is False
    # The sample says nothing of what lies between the ends.
    monkeypatch.setattr(certified, "trend", lambda *_: certified.Found(False, "between"))
    assert certified.trend_step(WHOLE, "error", row.curve, beside, -1)[1].holds is False
    assert certified.trend_step(FEW, "error", row.curve, beside, -1)[1].holds is True
    assert certified.slope_step("error", row.curve, turn, 1)[1].holds is not None


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
    there = Inequality.of(line).at(Fraction("0.3"))
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
