"""What we found: written from the record, by kind of fault, beside the corrections."""

import re
from dataclasses import replace

import pytest

from tests.verify.report.samples import DIGITS, SYMBOLIC, Page, claim, sample_record
from verify import report
from verify.claim import Fault, Verdict
from verify.report.findings import CONSEQUENCES, PHRASES, Group, findings
from verify.report.statements import statements

FAILS = replace(
    DIGITS,
    verdict=Verdict.REFUTED,
    summary="holds on (0.1, 0.3), not on (0, 1)",
    figure=0.19,
    tolerance=0.01,
    counterexample={"alpha": "0.644"},
    steps=("sign slab: fails on (0.3, 0.4), 10 % of the range, by up to 1.1 %",),
)
HOLDS = replace(DIGITS, steps=("gaussian slab: on (0.1, 0.3)", "sign slab: on (0.2, 0.3)"))


def false(identifier, fault, twin="a.true", **options):
    return claim(
        identifier,
        Verdict.REFUTED,
        options.pop("checks", (FAILS,)),
        expected=Verdict.REFUTED,
        twin=twin,
        fault=fault,
    )


def section(*claims):
    true = claim("a.true", Verdict.CONFIRMED, (HOLDS,), expected=Verdict.CONFIRMED)
    text = report.render(sample_record([true, *claims]))
    found = re.search(r'<section id="found".*?(?=<section id="figures")', text, re.DOTALL)
    return text, found[0] if found else ""


def test_a_fault_of_range_names_the_range():
    text, found = section(false("a.everywhere", Fault.RANGE))
    prose = Page(found).prose
    for part in (
        "Hold on part of their range only",
        "gaussian slab: on (0.1, 0.3)",
        "sign slab: on (0.2, 0.3)",
        "0.644",
        "0.19 > 0.01",
        "Correct instead: Title of true a.true, CONFIRMED",
        "python -m verify run --only a.everywhere",
        "By how much it fails sign slab: fails on (0.3, 0.4), 10 % of the range, by up to 1.1 %",
        "of the exact asymptotic error",
    ):
        assert part in prose
    # At a glance: the summary says of each how much it fails.
    glance = re.search(r'<ul class="matters">.*?</ul>\s*</li>', text, re.DOTALL)
    assert FAILS.summary in glance[0]
    assert "1 holds on part of its range only" in Page(text).prose


@pytest.mark.parametrize("fault", [Fault.PRINTED, Fault.CODED, Fault.READ, Fault.ESTIMATE, None])
def test_other_faults_show_the_number_and_no_range(fault):
    text, found = section(false("a.one", fault), false("a.two", fault))
    prose = Page(found).prose
    assert Group(fault, ()).heading in prose
    assert "Where it holds" not in prose
    assert "By how much it fails" not in prose
    assert f"2 {PHRASES[fault][1]}" in Page(text).prose
    assert CONSEQUENCES[fault] in prose


def test_every_fault_has_its_words():
    assert set(CONSEQUENCES) == set(PHRASES) == {*Fault, None}
    assert Group(Fault.PRINTED, ()).heading == "False as printed"


def test_only_what_is_refuted_as_expected_is_a_finding():
    unexpected = claim("a.unexpected", Verdict.REFUTED, (FAILS,))
    toothless = false("a.toothless", Fault.CODED, checks=(replace(FAILS, toothless=True),))
    missed = false("a.missed", Fault.CODED)
    missed = replace(missed, verdict=Verdict.PROVED, checks=(SYMBOLIC,))
    record = sample_record([unexpected, toothless, missed])
    assert findings(statements(record)) == ()
    assert 'id="found"' not in report.render(record)


def test_a_correction_outside_of_the_run_is_named():
    _, found = section(false("a.alone", Fault.RANGE, twin="b.elsewhere"))
    prose = Page(found).prose
    assert "b.elsewhere (not part of this run)" in prose
    assert "Where it holds" not in prose
