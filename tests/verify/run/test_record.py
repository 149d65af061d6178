"""Records: how checks make a verdict, what a summary counts, what a file may hold."""

import json
import os
from dataclasses import replace

import pytest

from tests.verify.report.samples import DIGITS, SYMBOLIC, claim, sample_record
from verify.claim import Check, Claim, Comparison, Control, Evidence, Method, Verdict
from verify.decoding import DecodingError
from verify.run import record
from verify.run.record import (
    RecordError,
    RunRecord,
    check_from,
    claim_result,
    unreadable_result,
    write_whole,
)

STATEMENT = Claim(
    id="topic.statement",
    title="A statement",
    sentence="Four is four.",
    latex="4 = 4",
    source="Lemma 1",
    checks=(
        Check(
            "count",
            Method.SYMBOLIC,
            lambda number: Evidence(number == 4, "counted"),
            4,
            Control("five", 5),
        ),
    ),
)


def judged(*verdicts):
    checks = [
        replace(SYMBOLIC, name=f"check {n}", summary=f"summary {n}", verdict=verdict)
        for n, verdict in enumerate(verdicts)
    ]
    return claim_result(STATEMENT, "module", checks)


V = Verdict


@pytest.mark.parametrize(
    ("verdicts", "overall", "decisive"),
    [
        ([V.PROVED], V.PROVED, 0),
        ([V.CONFIRMED, V.PROVED], V.PROVED, 1),
        ([V.CONFIRMED, V.CERTIFIED], V.CERTIFIED, 1),
        ([V.PROVED, V.REFUTED], V.REFUTED, 1),
        ([V.INCONCLUSIVE, V.REFUTED], V.REFUTED, 1),
        ([V.PROVED, V.INCONCLUSIVE], V.INCONCLUSIVE, 1),
        ([V.SKIPPED, V.CONFIRMED], V.CONFIRMED, 1),
        ([V.REFUTED, V.REFUTED], V.REFUTED, 0),
    ],
)
def test_the_verdict_of_several_checks(verdicts, overall, decisive):
    found = judged(*verdicts)
    assert found.verdict is overall
    assert found.reason == f"check {decisive}: summary {decisive}"
    assert found.strongest is found.checks[decisive]


def test_only_what_is_skipped_altogether_is_skipped():
    found = judged(V.SKIPPED, V.SKIPPED)
    assert found.verdict is V.SKIPPED
    assert found.reason == "check 0: summary 0; check 1: summary 1"
    assert found.acceptable
    assert judged().verdict is V.SKIPPED
    assert judged().strongest is None


def test_a_claim_decided_without_its_checks():
    found = claim_result(STATEMENT, "module", (), line=7, without=(V.BLOCKED, "requires another"))
    assert (found.verdict, found.reason, found.line) == (V.BLOCKED, "requires another", 7)
    assert (found.id, found.statement, found.source) == (
        "topic.statement",
        "Four is four.",
        "Lemma 1",
    )
    assert not found.acceptable


@pytest.mark.parametrize(
    ("verdict", "expected", "toothless", "acceptable"),
    [
        (V.PROVED, V.PROVED, False, True),
        (V.PROVED, V.PROVED, True, False),
        (V.REFUTED, V.REFUTED, False, True),
        (V.REFUTED, V.PROVED, False, False),
        (V.PROVED, V.REFUTED, False, False),
        (V.CONFIRMED, V.PROVED, False, False),
        (V.SKIPPED, V.REFUTED, False, True),
        (V.INCONCLUSIVE, V.PROVED, False, False),
    ],
)
def test_what_a_run_may_succeed_with(verdict, expected, toothless, acceptable):
    checks = (replace(SYMBOLIC, toothless=toothless), DIGITS)
    one = claim("a.b", verdict, checks, expected=expected)
    assert one.acceptable is acceptable
    assert one.toothless == ((SYMBOLIC.name,) if toothless else ())
    assert RunRecord((one,), {}, 1.0).succeeded is acceptable
    assert RunRecord((one, claim("c.d")), {}, 1.0).succeeded is acceptable


def test_a_run_without_claims_does_not_succeed():
    assert not RunRecord((), {}, 0.0).succeeded


def test_a_summary_names_what_needs_attention():
    skipped = replace(DIGITS, name="third method", verdict=V.SKIPPED)
    claims = (
        claim("a.good", checks=(SYMBOLIC, skipped)),
        claim("a.open", V.INCONCLUSIVE),
        claim("a.blind", V.INCONCLUSIVE, (replace(SYMBOLIC, toothless=True),)),
        claim("a.absent", V.SKIPPED, (skipped,)),
    )
    summary = RunRecord(claims, {}, 2.5).summary()
    assert (summary["claims"], summary["checks"], summary["seconds"]) == (4, 6, 2.5)
    assert {k: n for k, n in summary["verdicts"].items() if n} == {
        "PROVED": 1,
        "INCONCLUSIVE": 2,
        "SKIPPED": 1,
    }
    assert summary["unexpected"] == ["a.open"]
    assert summary["toothless"] == [f"a.blind: {SYMBOLIC.name}"]
    assert summary["skipped"] == ["a.absent"]
    assert summary["skipped_checks"] == ["a.good: third method", "a.absent: third method"]
    assert summary["succeeded"] is False


def test_what_is_written_is_read_again_whole(tmp_path):
    path = tmp_path / "deep" / "record.json"
    compared = replace(DIGITS, comparisons=(Comparison("τ", ("float64", "mpmath"), 1e-16, "rel"),))
    first = claim("a.b", checks=(SYMBOLIC, compared), line=3, not_decided=("uniqueness",))
    whole = sample_record([first, claim("c.d")])
    whole.write(path)
    assert RunRecord.read(path) == whole
    assert "τ" in path.read_text(encoding="utf-8")


def test_a_record_of_version_0_1_is_read(tmp_path):
    path = tmp_path / "record.json"
    compared = replace(DIGITS, comparisons=(Comparison("τ", ("float64", "mpmath"), 1e-16),))
    whole = sample_record([claim("a.b", checks=(compared,))])
    whole.write(path)
    path.write_text(path.read_text(encoding="utf-8").replace('"between"', '"roads"'), "utf-8")
    assert RunRecord.read(path) == whole


def test_a_result_keeps_what_its_claim_leaves_open():
    partly = replace(STATEMENT, not_decided=("for five",))
    assert claim_result(partly, "m", [SYMBOLIC]).not_decided == ("for five",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot read"),
        ("[]", "schema 1, got 'list'"),
        ('{"schema": 99}', "got 99"),
        ('{"schema": 1, "claims": [{}]}', "not a complete record"),
        ('{"schema": 1, "claims": 3}', "not a complete record"),
        ("\ud800", None),
    ],
)
def test_a_file_that_is_no_record_is_refused(tmp_path, text, message):
    path = tmp_path / "record.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(RecordError, match=message):
        RunRecord.read(path)


def test_a_record_has_a_bounded_size_and_must_be_there(tmp_path, monkeypatch):
    path = tmp_path / "record.json"
    with pytest.raises(RecordError, match="cannot read a record from"):
        RunRecord.read(path)
    path.write_text(json.dumps({"schema": 1}) + " " * 100)
    monkeypatch.setattr(record, "SIZE_LIMIT", 50)
    with pytest.raises(RecordError, match="must have at most 50 bytes, got 113"):
        RunRecord.read(path)


@pytest.mark.parametrize("message", [b"", b"[]", b"{}", b'{"name": 3}', b"\xff"])
def test_messages_of_workers_are_held_to_their_form(message):
    with pytest.raises(DecodingError):
        check_from(message)


def test_a_module_that_cannot_be_read_is_inconclusive():
    found = unreadable_result("unreadable.broken", "verify.claims.broken", "SyntaxError: no")
    assert found.id == "unreadable.broken"
    assert found.verdict is V.INCONCLUSIVE
    assert found.reason == "verify.claims.broken could not be imported: SyntaxError: no"
    assert not found.acceptable


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "deep" / "file.txt"
    write_whole(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "new \ud800")
    assert path.read_text() == "old"
    write_whole(path, "né")
    assert path.read_bytes() == "né".encode()


def test_what_is_no_plain_file_is_written_to_and_not_replaced(tmp_path):
    target, link, pipe = (tmp_path / name for name in ("target", "link", "pipe"))
    link.symlink_to(target)
    write_whole(link, "by the link")
    assert (link.is_symlink(), target.read_text()) == (True, "by the link")
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_whole(pipe, "through the pipe")
    assert (pipe.is_fifo(), os.read(reader, 100)) == (True, b"through the pipe")
    os.close(reader)
