"""Claims refuse to be malformed: each rule has a case that keeps it and one that breaks it."""

import pytest

from verify import registry
from verify.claim import Check, Claim, Control, Evidence, Fault, Method, Verdict

CONTROL = Control("wrong", 0)


def decide(value):
    return Evidence(value == 1, "compared")


def a_check(name="one", method=Method.SYMBOLIC, **options):
    return Check(name, method, decide, 1, options.pop("control", CONTROL), **options)


def a_claim(checks=None, **options):
    values = {
        "id": "topic.statement",
        "title": "t",
        "sentence": "s",
        "latex": "x",
        "source": "Section 1",
        "checks": (a_check(),) if checks is None else checks,
    }
    return Claim(**(values | options))


@pytest.mark.parametrize("identifier", ["topic", "Topic.statement", "topic.a b", ".x", "x."])
def test_id_must_read_topic_statement(identifier):
    with pytest.raises(ValueError, match=r"topic\.statement"):
        a_claim(id=identifier)


def test_needs_a_check_and_each_check_a_control():
    with pytest.raises(ValueError, match="at least one check"):
        a_claim(checks=())
    with pytest.raises(ValueError, match="at least one control"):
        a_check(control=())


def test_check_names_are_unique():
    with pytest.raises(ValueError, match="name its checks apart"):
        a_claim(checks=(a_check("same"), a_check("same")))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tier": "slow"}, "tier"),
        ({"limit": 0.0}, "limit > 0"),
        ({"limit": float("nan")}, "limit > 0"),
        ({"tolerance": 1e-3}, "reason"),
    ],
)
def test_check_options_are_validated(options, message):
    with pytest.raises(ValueError, match=message):
        a_check(**options)


def test_refuted_claims_name_a_twin_and_only_they():
    with pytest.raises(ValueError, match="twin"):
        a_claim(expected=Verdict.REFUTED)
    with pytest.raises(ValueError, match="twin"):
        a_claim(twin="topic.other")
    assert a_claim(expected=Verdict.REFUTED, twin="topic.other").twin == "topic.other"


def test_a_fault_is_that_of_a_false_statement():
    with pytest.raises(ValueError, match="has a fault, but is expected PROVED"):
        a_claim(fault=Fault.CODED)
    false = a_claim(expected=Verdict.REFUTED, twin="topic.other", fault=Fault.RANGE)
    assert false.fault is Fault.RANGE


def test_every_false_statement_of_the_suite_says_its_fault():
    false = [claim for claim in registry.load() if claim.expected is Verdict.REFUTED]
    assert false
    assert not [claim.id for claim in false if claim.fault is None]


def test_expected_verdict_is_what_the_strongest_check_earns():
    with pytest.raises(ValueError, match="earns PROVED"):
        a_claim(expected=Verdict.CONFIRMED)
    with pytest.raises(ValueError, match="earns CONFIRMED"):
        a_claim(checks=(a_check(method=Method.FLOW),))
    both = (a_check("b", Method.FLOAT64), a_check("a", Method.ENCLOSURE))
    assert a_claim(checks=both, expected=Verdict.CERTIFIED).expected is Verdict.CERTIFIED


def test_strongest_check_must_be_in_the_quick_tier():
    checks = (a_check("quick", Method.FLOAT64), a_check("slow", tier="full"))
    with pytest.raises(ValueError, match="depend on the tier"):
        a_claim(checks=checks, expected=Verdict.CONFIRMED)


@pytest.mark.parametrize("verdict", [Verdict.SKIPPED, Verdict.BLOCKED, Verdict.INCONCLUSIVE])
def test_nobody_may_expect_to_learn_nothing(verdict):
    with pytest.raises(ValueError, match="cannot be expected"):
        a_claim(expected=verdict)


def test_every_verdict_has_a_meaning():
    assert all(verdict.meaning for verdict in Verdict)
