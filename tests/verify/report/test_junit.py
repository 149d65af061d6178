"""JUnit XML: the usual schema, and outcomes that a build server understands."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from tests.verify.report.samples import (
    DIGITS,
    HOSTILE,
    SYMBOLIC,
    claim,
    sample_claims,
    sample_record,
)
from verify.claim import Verdict
from verify.report import junit
from verify.run.record import RunRecord

# Elements of the schema that Jenkins, GitLab and pytest share: attributes needed, attributes
# allowed beside them, and children in their order.
COUNTS = {"tests", "failures", "errors", "time"}
SCHEMA = {
    "testsuites": (COUNTS | {"name"}, {"skipped"}, ["testsuite"]),
    "testsuite": (COUNTS | {"name", "skipped"}, {"timestamp"}, ["testcase"]),
    "testcase": (
        {"classname", "name", "time"},
        set(),
        ["skipped", "error", "failure", "system-out"],
    ),
    "skipped": ({"message"}, set(), []),
    "error": ({"type", "message"}, set(), []),
    "failure": ({"type", "message"}, set(), []),
    "system-out": (set(), set(), []),
}


def require_schema(element):
    needed, allowed, children = SCHEMA[element.tag]
    assert needed <= set(element.attrib) <= needed | allowed
    for name in COUNTS | {"skipped"}:
        if name in element.attrib:
            assert float(element.get(name)) >= 0
    order = [children.index(child.tag) for child in element]
    assert order == sorted(order)
    for child in element:
        require_schema(child)


def read(record):
    root = ElementTree.fromstring(junit.render(record))
    require_schema(root)
    return root


def outcomes(root):
    found = {}
    for case in root.iter("testcase"):
        kinds = [child.tag for child in case if child.tag != "system-out"]
        found[case.get("name")] = kinds[0] if kinds else "passed"
    return found


def test_every_way_to_end_has_its_outcome():
    root = read(sample_record())
    assert outcomes(root) == {
        "network.conservation": "passed",
        "network.scale": "passed",
        "penalty.numbers": "passed",
        "penalty.as-printed": "passed",
        "regimes.wrong": "failure",
        "regimes.blind": "failure",
        "regimes.blind-twice": "failure",
        "regimes.crashed": "error",
        "replica.blocked": "error",
        "replica.skipped": "skipped",
        "replica.partly": "passed",
        "replica.empty": "error",
    }
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        **{"tests": "12", "failures": "3", "errors": "3", "skipped": "1"}
    }
    assert root.get("time") == "12.340"


@pytest.mark.parametrize("number", range(len(sample_claims())))
def test_a_run_fails_here_exactly_where_it_fails_elsewhere(number):
    record = sample_record([sample_claims()[number]])
    root = read(record)
    assert record.succeeded == (root.get("failures") == root.get("errors") == "0")


def test_counts_of_suites_add_up():
    root = read(sample_record())
    for name in ("tests", "failures", "errors", "skipped"):
        assert sum(int(suite.get(name)) for suite in root) == int(root.get(name))
    assert [suite.get("name") for suite in root] == ["network", "penalty", "regimes", "replica"]
    assert root[0].get("timestamp") == "2025-01-17T09:12:00"


def test_the_evidence_is_in_the_report():
    (case,) = read(sample_record([claim("penalty.numbers", Verdict.REFUTED, (DIGITS,))])).iter(
        "testcase"
    )
    failure, output = case
    assert failure.get("type") == "REFUTED"
    assert failure.get("message").startswith("REFUTED, expected PROVED: fifty digits: 200 points")
    for part in (
        "python -m verify run --only penalty.numbers",
        "figure 3.1e-49, tolerance 1e-45: fifty digits",
        "seed 20240117",
        "verify/claims/penalty_numbers.py:17",
        "control distinguished: the penalty with 4k",
    ):
        assert part in output.text


def test_hostile_text_stays_text():
    nasty = HOSTILE + "]]>\x00\x1b\ud800\ufffe"
    check = replace(
        SYMBOLIC, name=nasty, summary=nasty, output=nasty, counterexample={nasty: nasty}
    )
    hostile = claim(nasty, Verdict.REFUTED, (check,), title=nasty, module=nasty, reason=nasty)
    root = read(RunRecord((hostile,), {"date": nasty}, 1.0))
    assert [element.tag for element in root.iter()] == [
        *("testsuites", "testsuite", "testcase", "failure", "system-out")
    ]
    assert HOSTILE in next(root.iter("system-out")).text


@pytest.mark.parametrize("environment", [{}, {"date": 7}, {"date": None}])
def test_a_record_without_a_date_has_no_timestamp(environment):
    root = read(RunRecord(sample_claims(), environment, 1.0))
    assert root[0].get("timestamp") is None


def test_an_empty_run_is_well_formed(tmp_path):
    junit.write(sample_record([]), tmp_path / "deep" / "junit.xml")
    root = ElementTree.parse(tmp_path / "deep" / "junit.xml").getroot()
    require_schema(root)
    assert root.get("tests") == "0"
