"""The claims laid beside the paper: what each item has, what is missing, and what is decided."""

import re
from dataclasses import replace

import pytest

from tests.verify.report.samples import SYMBOLIC, Page, claim, sample_record
from tests.verify.run.test_record import STATEMENT
from verify import registry, report
from verify.claim import Verdict
from verify.report.coverage import coverage
from verify.report.paper import BEYOND, PAPER, Kind

# Items that state something and have no claim, each with the reason.
NO_CLAIM: dict[str, str] = {}


@pytest.fixture(scope="module")
def suite():
    return coverage(registry.load())


def row(covered, name):
    rows = [row for section in covered.sections for row in section.rows]
    return next(row for row in rows if row.item is not None and row.item.name == name)


def test_everything_that_the_paper_states_has_a_claim_or_a_reason(suite):
    assert {item.name for item in suite.missing} == set(NO_CLAIM)


def test_no_source_names_what_the_paper_does_not_have(suite):
    assert [f"{identifier}: {unknown}" for identifier, unknown in suite.unknown] == []


def test_every_item_is_shown_in_the_order_of_the_paper(suite):
    sections = [section for section in suite.sections if section.place is not BEYOND]
    assert [section.place for section in sections] == list(PAPER)
    for section in sections:
        shown = tuple(row.item for row in section.rows if row.item is not None)
        assert shown == PAPER[section.place]
    assert suite.needed + suite.unneeded == sum(len(items) for items in PAPER.values())
    assert suite.decided + len(suite.missing) == suite.needed


def test_a_claim_is_beside_each_item_that_it_names():
    one = claim("a.one", source="Theorem 4.1; eqs. (11)-(14); Section 5.1")
    covered = coverage([one])
    for name in ("Theorem 4.1", "eqs. 11-12", "eqs. 13-14"):
        assert [decision.claim for decision in row(covered, name).decisions] == [one]
    # Of Section 4.1 it names items; of Section 5.1 the section alone.
    alone = {s.place.key: s.rows[-1] for s in covered.sections if s.rows[-1].item is None}
    assert set(alone) == {"5.1"}


def test_what_names_nothing_of_the_paper_comes_last():
    covered = coverage([claim("a.one", source="Azulay et al. (2021)")])
    assert covered.sections[-1].place is BEYOND
    assert covered.sections[-1].claimed
    assert not any(section.claimed for section in covered.sections[:-1])
    assert coverage([]).sections[-1].place is not BEYOND


@pytest.mark.parametrize(
    ("verdict", "expected", "decided", "missing"),
    [
        (Verdict.PROVED, Verdict.PROVED, True, False),
        (Verdict.REFUTED, Verdict.REFUTED, True, False),
        (Verdict.SKIPPED, Verdict.PROVED, False, False),
        (Verdict.REFUTED, Verdict.PROVED, False, True),
        (Verdict.INCONCLUSIVE, Verdict.PROVED, False, True),
        (Verdict.BLOCKED, Verdict.PROVED, False, True),
    ],
)
def test_an_item_is_decided_by_what_came_out_as_expected(verdict, expected, decided, missing):
    covered = coverage([claim("a.one", verdict, source="eq. 15; eq. 19", expected=expected)])
    found = row(covered, "eq. 19")
    assert (found.decided, found.missing, found.remark) == (decided, missing, "")
    # What is defined needs no claim, whatever became of one.
    assert not row(covered, "eq. 15").missing


def test_a_toothless_check_decides_nothing():
    blind = claim("a.one", checks=(replace(SYMBOLIC, toothless=True),), source="eq. 19")
    assert row(coverage([blind]), "eq. 19").missing
    assert row(coverage([blind, claim("a.two", source="eq. 19")]), "eq. 19").decided


def test_before_a_run_verdicts_are_those_expected():
    false = replace(STATEMENT, id="a.false", twin="a.true", source="eq. 19")
    (decision,) = row(coverage([false]), "eq. 19").decisions
    assert (decision.label, decision.decided) == ("REFUTED", True)


def test_what_is_shown_where_there_is_no_claim():
    covered = coverage([])
    assert row(covered, "eq. 19").remark == "no claim"
    assert row(covered, "Figure 2").remark == "no claim"
    assert row(covered, "eq. 15").remark == Kind.DEFINITION
    assert row(covered, "“replica assumption”").remark == Kind.ASSUMPTION


def section(*claims, **environment):
    record = sample_record(claims)
    record = replace(record, environment={**record.environment, **environment})
    text = report.render(record)
    found = re.search(r'<section id="paper".*?</section>', text, re.DOTALL)
    return found[0] if found else ""


def test_the_page_shows_items_with_links_and_verdicts():
    refuted = claim("a.two", Verdict.REFUTED, source="eq. 19", expected=Verdict.REFUTED)
    text = section(claim("a.one", source="eqs. 19-20"), refuted)
    prose = Page(text).prose
    assert "2 of them are decided" in prose
    assert "eq. 19 fixed-point equation of the effective regularisation τ PROVED Title of one" in (
        prose
    )
    assert text.count('<a href="#a.one">Title of one</a>') == 2
    assert 'class="verdict refuted known"' in text
    assert "eq. 1 the network: in each coordinate two products of two weights definition" in prose
    assert re.search(r"regime IV [^.]*? no claim", prose)
    # A section that lacks something is open at once, without a script.
    assert '<details class="part" open>' in text


def test_many_claims_of_one_item_are_folded():
    many = [claim(f"a.number-{n}", source="eq. 19") for n in range(5)]
    assert '<details class="more">' not in section(*many[:4])
    assert "<summary>5 <span" in section(*many)


def test_a_part_of_the_suite_leaves_the_rest_open():
    one = claim("a.one", source="eq. 19")
    for text in (section(one, only=["a.*"]), section(replace(one, module="my_claims"))):
        prose = Page(text).prose
        assert "only what its claims name is shown" in prose
        assert "eq. 19" in prose
        assert "eq. 20" not in prose
        assert "no claim" not in prose
        assert 'class="part" open' not in text
    assert section() == ""
