"""A run as JUnit XML: a test case per claim, so that a build server shows and counts them.

A claim with its expected verdict passes, even if that is REFUTED. One with another verdict, or with
a toothless check, is a failure. One that could not be decided (INCONCLUSIVE, BLOCKED) is an error,
and one that was skipped is skipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from verify.claim import Verdict
from verify.decoding import clean
from verify.report.statements import command
from verify.run.record import CheckResult, ClaimResult, RunRecord, write_whole


def write(record: RunRecord, path: Path) -> None:
    """Write `record` to `path` as JUnit XML, whole or not at all."""
    write_whole(path, render(record))


def render(record: RunRecord) -> str:
    """Return `record` as JUnit XML: one suite per topic, one case per claim."""
    root = Element("testsuites", {"name": "verify"})
    topics: dict[str, list[ClaimResult]] = {}
    for claim in record.claims:
        topics.setdefault(claim.id.partition(".")[0], []).append(claim)
    for topic, claims in topics.items():
        suite = SubElement(root, "testsuite", {"name": clean(topic)} | _counts(claims))
        date = record.environment.get("date")
        if isinstance(date, str):
            # The schema wants a time without a zone.
            suite.set("timestamp", clean(date[:19]))
        for claim in claims:
            _case(suite, claim)
    # The run takes less time than its checks together, as several run at once.
    root.attrib |= _counts(record.claims) | {"time": f"{record.seconds:.3f}"}
    indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def outcome(claim: ClaimResult) -> str:
    """Return "passed", "failure", "error" or "skipped"."""
    if claim.toothless:
        return "failure"
    if claim.verdict is Verdict.SKIPPED:
        return "skipped"
    if claim.verdict in (Verdict.INCONCLUSIVE, Verdict.BLOCKED):
        return "error"
    return "passed" if claim.verdict is claim.expected else "failure"


def _counts(claims: Sequence[ClaimResult]) -> dict[str, str]:
    outcomes = [outcome(claim) for claim in claims]
    return {
        "tests": str(len(claims)),
        "failures": str(outcomes.count("failure")),
        "errors": str(outcomes.count("error")),
        "skipped": str(outcomes.count("skipped")),
        "time": f"{sum(claim.seconds for claim in claims):.3f}",
    }


def _case(suite: Element, claim: ClaimResult) -> None:
    names = {"classname": clean(claim.module), "name": clean(claim.id)}
    case = SubElement(suite, "testcase", names | {"time": f"{claim.seconds:.3f}"})
    checks = [_described(check) for check in claim.checks]
    found = outcome(claim)
    if found == "skipped":
        SubElement(case, "skipped", {"message": clean(claim.reason)})
    elif found != "passed":
        message = f"{claim.label}, expected {claim.expected.value}: {claim.reason}"
        element = SubElement(case, found, {"type": claim.label, "message": clean(message)})
        element.text = clean("\n\n".join(checks))
    lines = [
        f"{claim.title} ({claim.source})",
        claim.statement,
        f"{claim.verdict.value}, expected {claim.expected.value}",
        command(claim),
    ]
    SubElement(case, "system-out").text = clean("\n".join([*lines, *checks]))


def _described(check: CheckResult) -> str:
    """Return one check in lines of text."""
    lines = [f"{check.verdict.value}  {check.name} [{check.method}, {check.seconds:.2f} s]"]
    lines.append(f"  {check.summary}")
    if check.bound is not None:
        held = f"{check.bound_name} {check.bound}: {check.reason}"
        lines.append(f"  figure {check.figure}, {held}")
    lines += [f"  at {name} = {value}" for name, value in (check.counterexample or {}).items()]
    for variant in check.control:
        outcome = "distinguished" if variant.told_apart else "NOT DISTINGUISHED"
        lines.append(f"  control {outcome}: {variant.variant}")
    if check.seed is not None:
        lines.append(f"  seed {check.seed}")
    if check.location:
        lines.append(f"  {check.location}")
    if check.output:
        lines.append(f"  printed: {check.output}")
    return "\n".join(lines)
