"""The runner under faults: each sample claim ends as it must, and none spoils another."""

import json
import os
import time

import pytest

from verify.claim import Verdict
from verify.run import runner
from verify.run.record import RunRecord

SAMPLES = ("tests.verify.sample_claims",)


class Events(runner.Progress):
    def __init__(self):
        self.total = 0
        self.began, self.ended, self.claims = [], [], []

    def begin(self, checks):
        self.total = checks

    def started(self, claim, check):
        self.began.append(claim.id)

    def finished(self, claim, result):
        self.ended.append(claim.id)

    def decided(self, result):
        self.claims.append(result.id)


@pytest.fixture(scope="module")
def events():
    return Events()


@pytest.fixture(scope="module")
def record(events):
    options = runner.Options(tier="full", packages=SAMPLES, jobs=2, near_misses="none")
    return runner.run(options, events)


@pytest.fixture
def outcome(record):
    return {claim.id: claim for claim in record.claims}


@pytest.mark.parametrize(
    ("identifier", "verdict", "said"),
    [
        ("good.proved", "PROVED", "it is four"),
        ("good.certified", "CERTIFIED", "it is four"),
        ("good.confirmed", "CONFIRMED", "it is four"),
        ("good.dependent", "PROVED", "it is four"),
        ("good.false-as-printed", "REFUTED", "not four"),
        ("bad.refuted", "REFUTED", "not four"),
        ("bad.undecided", "INCONCLUSIVE", "cannot tell"),
        ("bad.blocked", "BLOCKED", "requires bad.refuted,"),
        ("bad.blocked-again", "BLOCKED", "requires bad.blocked,"),
        ("good.has-its-file", "PROVED", "it is four"),
        ("bad.skipped-for-a-file", "SKIPPED", "needs verify/recorded/none.csv, not found here"),
        ("bad.skipped", "SKIPPED", "a_module_that_does_not_exist"),
        ("bad.raises", "INCONCLUSIVE", "ZeroDivisionError: one over nothing (sample_claims.py:"),
        ("bad.hangs", "INCONCLUSIVE", "stopped after its limit of 1 s"),
        ("bad.forks-and-hangs", "INCONCLUSIVE", "stopped after its limit of 1 s"),
        ("bad.segfaults", "INCONCLUSIVE", "SIGSEGV"),
        ("bad.exits", "INCONCLUSIVE", "exit status 3"),
        ("bad.prints-binary", "INCONCLUSIVE", "exit status 4"),
        ("bad.exhausts-memory", "INCONCLUSIVE", "out of memory"),
        ("bad.not-evidence", "INCONCLUSIVE", "must return Evidence, got bool"),
        ("bad.not-json", "INCONCLUSIVE", "not JSON"),
        ("bad.above-tolerance", "INCONCLUSIVE", "above the tolerance 1.0"),
        ("bad.control-crashes", "INCONCLUSIVE", "ZeroDivisionError"),
        ("bad.a-blocked-before-its-reason", "BLOCKED", "requires bad.blocked-again,"),
        (
            "bad.skipped-with-its-requirement",
            "SKIPPED",
            "requires bad.skipped, which was skipped: count: needs a_module_that_does_not_exist",
        ),
        ("bad.skipped-in-turn", "SKIPPED", "requires bad.skipped-with-its-requirement, which was"),
        ("bad.blocked-and-skipped", "BLOCKED", "requires bad.refuted, which did not come out"),
        ("bad.broken-need", "INCONCLUSIVE", "raised OSError: libnothing.so.1"),
        ("bad.prints-without-end", "INCONCLUSIVE", "raised OSError: [Errno 27] File too large"),
        ("bad.killed", "INCONCLUSIVE", "SIGKILL"),
        ("bad.exits-by-exception", "INCONCLUSIVE", "raised SystemExit: enough"),
        ("bad.recurses", "INCONCLUSIVE", "RecursionError"),
        ("bad.fills-the-pipe", "INCONCLUSIVE", "must have at most 16777216 bytes, got 3355"),
        ("bad.nests-deeply", "INCONCLUSIVE", "nested at most 40 deep"),
        ("good.kills-the-fork-server", "PROVED", "it is four"),
        ("good.leaves-a-thread-and-a-child", "PROVED", "it is four"),
        ("good.large", "PROVED", "much"),
        ("good.hostile-texts", "PROVED", "\ufffd[31mred\ufffd\ufffd"),
    ],
)
def test_each_ends_as_it_must(outcome, identifier, verdict, said):
    claim = outcome[identifier]
    assert claim.verdict == verdict
    assert said in claim.reason
    assert claim.acceptable == (identifier.startswith("good.") or verdict == "SKIPPED")
    assert not claim.toothless


@pytest.mark.parametrize("identifier", ["bad.toothless", "bad.undecided-control"])
def test_a_control_that_is_not_rejected_is_an_error(outcome, identifier):
    claim = outcome[identifier]
    assert claim.toothless == ("count",)
    assert claim.verdict is Verdict.INCONCLUSIVE
    assert not claim.acceptable
    assert "two and two are five" in claim.reason


def test_nothing_is_lost_or_reported_twice(record, events):
    assert len(record.claims) == events.total == len(events.ended) == len(set(events.ended))
    assert sorted(events.claims) == [claim.id for claim in record.claims]
    never_run = set(events.ended) - set(events.began)
    assert never_run == {
        *("bad.blocked", "bad.blocked-again", "bad.a-blocked-before-its-reason"),
        *("bad.skipped-with-its-requirement", "bad.skipped-in-turn", "bad.blocked-and-skipped"),
    }


def test_what_a_crash_printed_is_kept_and_printable(outcome):
    (check,) = outcome["bad.prints-binary"].checks
    assert "rubbish" in check.output
    assert all(char.isprintable() or char in "\n\t" for char in check.output)
    assert "Segmentation fault" in outcome["bad.segfaults"].checks[0].output
    assert "Traceback" in outcome["bad.raises"].checks[0].output


def test_evidence_and_controls_are_recorded(outcome):
    (check,) = outcome["good.proved"].checks
    assert check.steps == ("count", "compare")
    (variant,) = check.control
    assert variant.told_apart
    assert variant.holds is False
    assert variant.counterexample == {"n": "5"}
    (false,) = outcome["good.false-as-printed"].checks
    assert false.counterexample == {"n": "5"}
    assert false.control[0].must_hold
    assert false.control[0].told_apart


def test_a_hanging_check_leaves_no_process_behind(outcome):
    assert outcome["bad.forks-and-hangs"].verdict is Verdict.INCONCLUSIVE
    assert outcome["good.leaves-a-thread-and-a-child"].verdict is Verdict.PROVED
    deadline = time.monotonic() + 5
    while _sleeping_children() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _sleeping_children() == []


def _sleeping_children():
    """Processes that run this suite's claims under the fork server and are still alive."""
    found = []
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
            with open(f"/proc/{entry}/wchan") as file:
                waits = file.read()
            with open(f"/proc/{entry}/cmdline") as file:
                command = file.read()
        except OSError:
            continue
        if "forkserver" in command and "nanosleep" in waits and fields[0] != "Z":
            found.append(entry)
    return found


def test_record_survives_a_round_trip(record, tmp_path):
    path = tmp_path / "deep" / "record.json"
    record.write(path)
    assert RunRecord.read(path) == record
    content = json.loads(path.read_text())
    assert content["summary"]["verdicts"]["REFUTED"] == 2
    assert content["summary"]["skipped"] == [
        "bad.skipped",
        "bad.skipped-for-a-file",
        "bad.skipped-in-turn",
        "bad.skipped-with-its-requirement",
    ]
    assert set(content["summary"]["toothless"]) == {
        "bad.toothless: count",
        "bad.undecided-control: count",
    }
    assert not content["summary"]["succeeded"]
    keys = {"id", "statement", "source", "verdict", "expected", "checks"}
    assert all(keys <= set(claim) for claim in content["claims"])
    assert [path.name for path in path.parent.iterdir()] == ["record.json"]


def test_options_are_validated():
    with pytest.raises(ValueError, match="jobs must be at least 1, got 0"):
        runner.Options(jobs=0)
    with pytest.raises(ValueError, match="limit_factor must be positive, got 0"):
        runner.Options(limit_factor=0)


def test_a_requirement_outside_the_selection_does_not_block():
    options = runner.Options(packages=SAMPLES, only=("bad.blocked",), jobs=1)
    (claim,) = runner.run(options).claims
    assert claim.verdict is Verdict.PROVED
