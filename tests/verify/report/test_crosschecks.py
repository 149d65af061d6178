"""Comparisons are gathered by quantity; the worst counts, in whichever order methods are named."""

from dataclasses import replace

import pytest

from tests.verify.report.samples import DIGITS, Page, claim, sample_record
from verify import report
from verify.claim import Comparison, Verdict
from verify.report.crosschecks import ALIASES, METHODS, glossary, matrices, parted


def compared(identifier, *comparisons, verdict=Verdict.CONFIRMED):
    check = replace(DIGITS, comparisons=comparisons)
    return claim(identifier, verdict, (check,), expected=Verdict.CONFIRMED)


NEWTON, CONE, FLOW = "dual Newton", "cone programme", "weights' flow"
CLAIMS = (
    compared(
        "a.one",
        Comparison("minimiser", (NEWTON, CONE), 1e-9),
        Comparison("minimiser", (NEWTON, FLOW), 2e-9),
        Comparison("error", ("replica", "message passing"), 0.5, "standard errors"),
    ),
    compared("a.two", Comparison("minimiser", (CONE, NEWTON), 3e-8)),
    compared("a.three", Comparison("minimiser", (CONE, FLOW), 4e-7), verdict=Verdict.REFUTED),
    compared("a.four", Comparison("minimiser", (NEWTON, CONE), 0.0, "absolute")),
)


def test_the_worst_of_each_pair_is_kept_with_its_claim():
    minimiser, *others = matrices(CLAIMS)
    assert minimiser.methods == (NEWTON, CONE, FLOW)
    cell = minimiser.between(NEWTON, CONE)
    assert cell == minimiser.between(CONE, NEWTON)
    assert (cell.comparison.worst, cell.claim.id) == (3e-8, "a.two")
    assert minimiser.worst.comparison.worst == 3e-8
    assert minimiser.between(FLOW, CONE) is None
    assert minimiser.between(NEWTON, "message passing") is None
    assert [(m.quantity, m.worst.comparison.measure, m.is_pair) for m in others] == [
        ("error", "standard errors", True),
        ("minimiser", "absolute", True),
    ]


def test_the_page_shows_the_matrix_and_the_pairs():
    text = report.render(sample_record(CLAIMS))
    section = text[text.index('<section id="crosschecks"') : text.index('<div class="filtered">')]
    assert section.count('<table class="matrix">') == 1
    assert section.count('<table class="pairs">') == 2
    prose = Page(section).prose
    for part in (
        "minimiser: relative disagreement",
        "3 × 10−8",
        "Where methods disagree",
        "4 × 10−7 relative; REFUTED",
        "replica fixed point and message passing",
        "0.5 standard errors",
        METHODS[NEWTON],
    ):
        assert part in prose
    assert 'href="#a.two"' in section


def test_methods_that_disagree_count_for_no_agreement():
    (cell,) = parted(CLAIMS)
    assert (cell.claim.id, cell.comparison.worst) == ("a.three", 4e-7)
    text = report.render(sample_record(CLAIMS[2:3]))
    assert '<table class="matrix">' not in text
    assert "Where methods disagree" in text


def test_a_method_has_one_name():
    claims = [
        compared("a.one", Comparison("error", ("replica", "message passing"), 0.1)),
        compared("a.two", Comparison("error", ("message passing", "replica fixed point"), 0.2)),
        compared("a.three", Comparison("odd", ("replica", "replica fixed point"), 0.3)),
    ]
    error, odd = matrices(claims)
    assert error.methods == ("replica fixed point", "message passing")
    assert len(error.cells) == 1
    assert error.worst.claim.id == "a.two"
    assert odd.methods == ("replica", "replica fixed point")
    assert not set(ALIASES) & set(METHODS)
    assert set(ALIASES.values()) <= set(METHODS)


def test_no_comparisons_no_section():
    assert 'id="crosschecks"' not in report.render(sample_record())


def test_pairs_that_were_not_compared_are_marked():
    claims = [
        compared(
            "a.one",
            Comparison("x", ("p", "q"), 0.1),
            Comparison("x", ("p", "r"), 0.1),
        )
    ]
    assert report.render(sample_record(claims)).count('title="not compared"') == 1


def test_only_the_methods_that_were_compared_are_explained():
    assert [method for method, _ in glossary(matrices(CLAIMS))] == [
        method
        for method in METHODS
        if method in (NEWTON, CONE, FLOW, "replica fixed point", "message passing")
    ]


@pytest.mark.parametrize("methods", [("a", "a"), ("a",), ("a", "b", "c")])
def test_a_comparison_is_between_two_methods(methods):
    with pytest.raises(ValueError, match="between two methods"):
        Comparison("x", methods, 0.1)
