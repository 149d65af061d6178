"""What a reader finds on the page: verdicts, evidence, commands, formulas."""

import json
import re
from collections import Counter
from dataclasses import replace

import pytest

from tests.verify.report.samples import (
    DIGITS,
    SYMBOLIC,
    Page,
    article,
    claim,
    sample_claims,
    sample_record,
)
from verify import report
from verify.claim import SecondProof, Verdict
from verify.run.record import RunRecord


def test_every_verdict_is_named_and_counted(page, rendered):
    labels = Counter(attrs["data-verdict"] for attrs in page.all("article"))
    assert labels == {
        **{"PROVED": 2, "CERTIFIED": 1, "CONFIRMED": 1, "REFUTED": 2, "TOOTHLESS": 2},
        **{"INCONCLUSIVE": 2, "BLOCKED": 1, "SKIPPED": 1},
    }
    tally = re.search(r'<ul class="tally".*?</ul>', rendered, re.DOTALL)[0]
    for verdict in Verdict:
        assert verdict.meaning in Page(tally).prose
    bar = re.findall(r'<rect class="(\w+)" x="(\d+)" y="0" width="(\d+)"', rendered)
    assert [(name, int(x), int(width)) for name, x, width in bar[:2]] == [
        ("proved", 0, 2),
        ("certified", 2, 1),
    ]
    assert sum(int(width) for *_, width in bar) == 12


def test_summary_names_what_needs_attention(page):
    prose = page.prose
    assert "6 statements of 12 did not come out as expected" in prose
    assert "2 checks are toothless" in prose
    assert "1 statement and 1 check of other statements were skipped" in prose
    assert "2 of 12 such controls were not distinguished" in prose
    assert "1 is false as printed. Computations with the printed form inherit" in prose
    assert "needs torch, not found here" in prose


def test_what_a_check_decides_is_shown_where_it_is_not_all_of_the_claim():
    whole = claim("network.conservation")
    part = replace(DIGITS, latex=r"\lambda_+ = 7")
    for checks, times in (((replace(SYMBOLIC, latex=whole.latex),), 0), ((SYMBOLIC, part), 1)):
        text = report.render(sample_record([replace(whole, checks=checks)]))
        assert text.count('aria-label="What this check decides"') == times
        assert text.count("<mn>7</mn>") == times


def test_a_good_run_says_so_and_alarms_nobody():
    text = report.render(sample_record([claim("network.conservation")]))
    page = Page(text)
    assert "Every statement decided came out as expected." in page.prose
    assert "Nothing was skipped, and no check is toothless." in page.prose
    assert "not how small an error it would notice" in page.prose
    assert 'id="attention"' not in text
    assert 'id="skipped"' not in text
    assert 'class="bad"' not in text


def test_a_record_that_says_little_of_its_environment_has_a_page():
    text = report.render(RunRecord((claim("a.b"),), {"python": "3.9.1"}, 1.0))
    assert "3.9.1" in Page(text).prose
    assert re.search(r'<p class="run">1 statement, 2 checks, [^;<]*</p>', text)


def test_nothing_decided_is_not_success():
    page = Page(report.render(sample_record([])))
    assert "No statement was decided." in page.prose
    assert "as expected" not in page.prose.replace("not as expected", "")


def test_what_was_skipped_is_no_evidence():
    (skipped,) = (c for c in sample_claims() if c.id == "replica.skipped")
    text = report.render(sample_record([skipped]))
    assert "<title>1 statement: none decided</title>" in text
    assert "No statement was decided. 1 statement was skipped" in Page(text).prose
    assert "What the evidence is" not in text
    text = report.render(sample_record([claim("network.conservation"), skipped]))
    assert "<title>2 statements: as expected, but for 1 skipped</title>" in text
    assert "2 checks that ran: 1 symbolic, 1 multiprecision." in Page(text).prose


def test_evidence_is_complete(rendered):
    text = Page(article(rendered, "penalty.numbers")).prose
    for part in (
        "fifty digits, of which five are lost to cancellation",
        "3.1 × 10−49 ≤ 10−45",
        "3.1e-49",
        "20240117",
        "Rejected, as it must be",
        "the penalty with 4k in place of 2k",
        '"points": 200',
        "verify/claims/penalty_numbers.py:42",
        "decided in verify/claims/penalty_numbers.py:17",
        "python -m verify run --only penalty.numbers",
    ):
        assert part in text
    text = Page(article(rendered, "network.conservation")).prose
    assert "insert the flow: 2u·u̇ − 2v·v̇ = 0" in text
    assert "λ² ≤ c²" in text


def test_what_is_proved_twice_is_counted_and_explained():
    once = SecondProof("1 < ℓ", reason="z3: gives up")
    proofs = (SecondProof("a = b", "flint polynomials"), SecondProof("0 = 0", trivial=True))
    made = [
        claim("network.twice", checks=(replace(SYMBOLIC, second_proofs=proofs),)),
        claim("network.once", checks=(replace(SYMBOLIC, second_proofs=(*proofs, once)),)),
        claim("network.never"),
    ]
    text = report.render(sample_record(made))
    assert "1 of the 3 proved is proved twice" in Page(text).prose
    assert "1 of 1 parts proved twice, also by flint polynomials (1)" in article(
        text, "network.twice"
    )
    assert "once only “1 &lt; ℓ”: z3: gives up" in article(text, "network.once")
    assert "Second prover" not in article(text, "network.never")


def test_failing_controls_are_shown(rendered):
    assert "Not rejected, and it must be rejected" in article(rendered, "regimes.blind")
    assert "Undecided, and it must be rejected" in article(rendered, "regimes.blind-twice")


def test_figure_above_tolerance_is_shown_as_such():
    above = replace(DIGITS, figure=2e-3, verdict=Verdict.REFUTED)
    text = report.render(sample_record([claim("a.b", Verdict.REFUTED, (above,))]))
    assert "0.002 &gt; 10<sup>−45</sup>" in article(text, "a.b")


def test_full_tier_command_names_the_tier(rendered):
    assert "run --tier full --only replica.skipped" in article(rendered, "replica.skipped")


def test_command_names_a_foreign_package():
    foreign = claim("a.b", module="elsewhere.claims", checks=(SYMBOLIC,))
    text = Page(report.render(sample_record([foreign]))).prose
    assert "python -m verify run --claims elsewhere.claims --only a.b" in text


@pytest.mark.parametrize("number", [1, 2])
def test_skipped_checks_alone_are_named(number):
    partly = sample_claims()[-2]
    claims = [replace(partly, id=f"replica.partly-{n}") for n in range(number)]
    prose = Page(report.render(sample_record(claims))).prose
    assert ("1 check was skipped" if number == 1 else "2 checks were skipped") in prose
    assert "Every statement decided came out as expected." in prose


def test_formula_is_mathml(rendered, page):
    assert page.all("math")
    for tag, attrs, _ in [e for e in page.elements if "math" in e[2]]:
        assert tag.startswith("m")
        assert "href" not in attrs
    assert article(rendered, "network.conservation").count("<math ") == 2


def test_formula_that_cannot_be_typeset_shows_its_source():
    text = report.render(sample_record([claim("a.b", latex=r"\frac{a}{ \\ x = \nosuchthing")]))
    shown = article(text, "a.b")
    assert "<math" not in shown
    assert r"<code>\frac{a}{ \\ x = \nosuchthing</code>" in shown
    assert "Shown as its LaTeX source" in shown


def test_data_is_json_for_the_reader(rendered):
    shown = Page(article(rendered, "penalty.numbers")).prose
    assert json.dumps({"k": "1e-12"})[1:-1] in shown


def test_what_no_check_decides_is_listed(rendered):
    assert "Not decided" not in rendered
    one = claim("a.one", not_decided=("uniqueness",))
    many = claim("a.many", not_decided=("c_FT for d > 3", "<b>the converse</b>"))
    text = report.render(sample_record([one, many]))
    assert "<dt>Not decided</dt><dd>uniqueness</dd>" in article(text, "a.one")
    listed = article(text, "a.many")
    assert "<li>c<sub>FT</sub> for d &gt; 3</li>" in listed
    assert "<li>&lt;b&gt;the converse&lt;/b&gt;</li>" in listed
