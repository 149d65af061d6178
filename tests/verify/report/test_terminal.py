"""What the terminal shows of a run, of a claim, and of what needs attention."""

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from tests.verify.report.samples import DIGITS, REJECTED, SYMBOLIC, claim
from tests.verify.run.test_record import STATEMENT
from verify.claim import Verdict
from verify.report import terminal
from verify.report.coverage import coverage
from verify.run.record import RunRecord


def shown(show, *arguments):
    console = Console(file=io.StringIO(), width=200, highlight=False)
    show(console, *arguments)
    return console.file.getvalue()


def summary(*claims):
    return terminal.summary_line(RunRecord(claims, {}, 12.4)).plain


def test_a_summary_counts_by_verdict_in_good_grammar():
    assert summary(claim("a.b", checks=(SYMBOLIC,))) == (
        "1 claim, 1 check: 1 PROVED; 12 s. Every claim decided has its expected verdict."
    )
    refuted = claim("a.c", Verdict.REFUTED, expected=Verdict.REFUTED)
    skipped = claim("a.d", Verdict.SKIPPED, (replace(SYMBOLIC, verdict=Verdict.SKIPPED),))
    assert summary(claim("a.b"), refuted, skipped) == (
        "3 claims, 5 checks: 1 PROVED, 1 REFUTED, 1 SKIPPED (1 of the refutations expected); "
        "1 check skipped; 12 s. Every claim decided has its expected verdict."
    )


def test_what_was_skipped_is_not_decided():
    skipped = claim("a.d", Verdict.SKIPPED, (replace(SYMBOLIC, verdict=Verdict.SKIPPED),))
    assert summary(skipped).endswith("1 check skipped; 12 s. No claim was decided.")


def test_a_summary_counts_what_is_wrong():
    wrong = claim("a.c", Verdict.REFUTED)
    blind = claim("a.d", Verdict.INCONCLUSIVE, (replace(SYMBOLIC, toothless=True),))
    line = summary(claim("a.b"), wrong, blind)
    assert line.endswith("2 not as expected or toothless.")
    assert "refutations expected" not in line


def test_a_run_shows_its_table_and_what_is_wrong():
    beyond = replace(DIGITS, verdict=Verdict.REFUTED, counterexample={"k": "1/3"})
    wrong = claim("topic.wrong", Verdict.REFUTED, (beyond, SYMBOLIC))
    text = shown(terminal.print_run, RunRecord((claim("topic.good"), wrong), {}, 1.0))
    assert "topic.good" in text
    assert "REFUTED !" in text
    assert "expected PROVED; defined in verify.claims.topic_wrong" in text
    assert "figure 3.1e-49, tolerance 1e-45: fifty digits" in text
    assert "at k = 1/3" in text
    # In trouble only what decided is shown, and briefly.
    assert SYMBOLIC.steps[0] not in text


def test_markup_in_evidence_is_text():
    odd = replace(SYMBOLIC, summary="[bold]x[/bold] [/nothing]")
    text = shown(terminal.print_run, RunRecord((claim("a.b", checks=(odd,)),), {}, 1.0))
    assert "[bold]x[/bold] [/nothing]" in text


@pytest.mark.parametrize(("width", "beside"), [(80, False), (160, True)])
def test_evidence_is_readable_in_any_terminal(width, beside):
    name, said = f"topic.{'long-' * 8}name", "so many words of evidence " * 4
    record = RunRecord((claim(name, checks=(replace(SYMBOLIC, summary=said.strip()),)),), {}, 1.0)
    console = Console(file=io.StringIO(), width=width)
    console.print(terminal.table(record, width))
    lines = console.file.getvalue().splitlines()
    assert all(len(line) <= width for line in lines)
    assert len(lines) <= 6
    row = next(line for line in lines if name in line)
    assert ("so many words of evidence" in row) is beside
    assert any("  symbolic: so many words of evidence" in line for line in lines)


@pytest.mark.parametrize("width", [64, 80, 160])
def test_a_list_loses_nothing_in_any_terminal(width):
    source = "Section 5.1, read as a statement about small but finite scales"
    long = replace(STATEMENT, id=f"topic.{'long-' * 8}name", source=source)
    console = Console(file=io.StringIO(), width=width)
    terminal.print_list(console, [long, STATEMENT])
    text = console.file.getvalue()
    assert "…" not in text
    assert all(word in text for word in [*source.split(), long.id, "statement", "PROVED"])
    assert all(len(line) <= width for line in text.splitlines())


def test_a_claim_is_shown_with_its_evidence():
    lost = replace(REJECTED, told_apart=False)
    kept = replace(REJECTED, must_hold=True, variant="the corrected one")
    turned = replace(REJECTED, holds=True, variant="c − λ")
    kept = replace(kept, holds=True)
    controls = (REJECTED, lost, kept, turned)
    check = replace(DIGITS, steps=("one", "two"), control=controls, output="a\nb")
    text = shown(terminal.print_claim, STATEMENT, claim("topic.statement", checks=(check,)))
    assert "A statement  (Lemma 1)" in text
    assert "Four is four." in text
    assert "4 = 4" in text
    assert "1. one" in text
    assert "control: rejects “the penalty with 4k in place of 2k”" in text
    assert "control: DOES NOT REJECT “the penalty" in text
    assert "control: accepts “the corrected one”" in text
    assert "control: accepts, in place of the statement, “c − λ”" in text
    assert "seed 20240117" in text
    assert "decided in verify/claims/penalty_numbers.py:17" in text
    assert "printed: a" in text


def test_what_a_check_decides_is_shown_where_it_is_not_all_of_the_claim():
    whole = claim("a.b")
    checks = (replace(SYMBOLIC, latex=whole.latex), replace(DIGITS, latex=r"q(0) = 0 \\ k > 0"))
    text = shown(terminal.print_claim, STATEMENT, replace(whole, checks=checks))
    assert re.search(r"decides q\(0\) = 0 *\n *decides k > 0 *\n", text)
    same = replace(STATEMENT, latex=checks[1].latex)
    assert "decides q(0)" not in shown(terminal.print_claim, same, replace(whole, checks=checks))


def test_only_an_unusual_expectation_is_shown():
    assert "Expected" not in shown(terminal.print_claim, STATEMENT, None)
    false = replace(STATEMENT, twin="topic.corrected")
    text = shown(terminal.print_claim, false, None)
    assert "Expected: REFUTED" in text
    assert "Corrected by: topic.corrected" in text


def test_figures_in_the_table():
    assert terminal._figure(DIGITS) == "3.1e-49"
    assert terminal._figure(replace(DIGITS, method="symbolic")) == ""
    assert terminal._figure(replace(DIGITS, figure=None)) == ""
    assert terminal._figure(None) == ""


@pytest.mark.parametrize("wanted", [True, False])
def test_progress_tells_at_once_what_is_wrong(wanted):
    console = Console(file=io.StringIO(), width=120)
    result = claim("a.b", Verdict.PROVED if wanted else Verdict.REFUTED)
    with terminal.LiveProgress(console) as progress:
        progress.begin(1)
        progress.started(STATEMENT, STATEMENT.checks[0])
        assert progress._running == ["topic.statement: count"]
        progress.finished(STATEMENT, replace(SYMBOLIC, name="count"))
        assert progress._running == []
        progress.decided(result)
    assert ("a.b" in console.file.getvalue()) is not wanted


def test_what_no_check_decides_is_shown():
    text = shown(terminal.print_claim, STATEMENT, None)
    assert "Not decided" not in text
    partly = replace(STATEMENT, not_decided=("for d > 3", "uniqueness"))
    text = shown(terminal.print_claim, partly, claim("topic.statement"))
    assert "Not decided: for d > 3; uniqueness" in text


def test_coverage_shows_each_item_and_what_decides_it():
    wrong = claim("topic.wrong", Verdict.REFUTED, source="eq. 20")
    odd = claim("topic.odd", source="eq. 99; Section 4.2")
    text = shown(
        terminal.print_coverage, coverage([claim("topic.right", source="eq. 19"), wrong, odd])
    )
    lines = [line.rstrip() for line in text.splitlines()]
    at = lines.index("  eq. 19  fixed-point equation of the effective regularisation τ")
    assert lines[at + 1] == "    PROVED        topic.right"
    assert lines[at + 2].startswith("  eq. 20  ")
    assert lines[at + 3] == "    REFUTED !     topic.wrong"
    assert lines[at + 4 : at + 6] == ["  other claims", "    PROVED        topic.odd"]
    assert "topic.odd: the paper has no eq. 99; the nearest is eqs. 41-46" in lines
    assert re.search(r"Of \d+ items that the paper states or shows: 1 decided, \d+ not; ", text)


def test_coverage_shows_only_what_is_missing():
    skipped = claim("a.b", Verdict.SKIPPED, source="eq. 20")
    covered = coverage([claim("a.c", source="eq. 19"), skipped])
    text = shown(lambda console: terminal.print_coverage(console, covered, missing=True))
    assert "regime IV" in text
    assert "eq. 15" not in text
    assert "eq. 19" not in text
    assert "eq. 20" not in text
    assert "1 decided, " in text
    assert " not, 1 skipped; " in text
