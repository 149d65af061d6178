"""Claims refuse to be malformed: each rule has a case that keeps it and one that breaks it."""

import math

import numpy as np
import pytest

from verify import registry
from verify.claim import Check, Claim, Control, Evidence, Fault, Measurement, Method, Verdict

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


@pytest.mark.parametrize("name", ["assumptions", "requires", "not_decided"])
def test_one_text_is_not_a_tuple_of_texts(name):
    assert getattr(a_claim(**{name: ("a text",)}), name) == ("a text",)
    with pytest.raises(ValueError, match=f"{name} .* must be a tuple of texts, got 'a text'"):
        a_claim(**{name: "a text"})


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
        ({"above": 0.0}, "reason"),
        ({"tolerance": 1e-3, "above": 0.0, "reason": "r"}, "got both"),
        ({"tolerance": float("nan"), "reason": "r"}, "held to a number"),
        ({"above": float("-inf"), "reason": "r"}, "held to a number"),
        ({"method": Method.FLOAT64}, "must have a tolerance, or a bound"),
        ({"method": Method.STATISTICS}, "must have a tolerance, or a bound"),
    ],
)
def test_check_options_are_validated(options, message):
    with pytest.raises(ValueError, match=message):
        a_check(**options)


def test_a_claim_with_a_corrected_twin_is_expected_refuted():
    assert a_claim().expected is Verdict.PROVED
    assert a_claim(twin="topic.other").expected is Verdict.REFUTED


def test_a_fault_is_that_of_a_false_statement():
    with pytest.raises(ValueError, match="has a fault, but names no corrected twin"):
        a_claim(fault=Fault.CODED)
    assert a_claim(twin="topic.other", fault=Fault.RANGE).fault is Fault.RANGE


def test_every_false_statement_of_the_suite_says_its_fault():
    false = [claim for claim in registry.load() if claim.expected is Verdict.REFUTED]
    assert false
    assert not [claim.id for claim in false if claim.fault is None]


NUMBERS = {"tolerance": 1.0, "reason": "one"}


def test_expected_verdict_is_what_the_strongest_check_earns():
    numbers = a_check("b", Method.FLOAT64, **NUMBERS)
    assert a_claim(checks=(numbers,)).expected is Verdict.CONFIRMED
    both = (numbers, a_check("a", Method.ENCLOSURE))
    assert a_claim(checks=both).expected is Verdict.CERTIFIED
    full = a_check("b", Method.FLOAT64, tier="full", **NUMBERS)
    assert a_claim(checks=(full,)).expected is Verdict.CONFIRMED


def test_strongest_check_must_be_in_the_quick_tier():
    checks = (a_check("quick", Method.FLOAT64, **NUMBERS), a_check("slow", tier="full"))
    with pytest.raises(ValueError, match="depend on the tier"):
        a_claim(checks=checks)


@pytest.mark.parametrize(
    ("figure", "smallest", "bound", "holds"),
    [
        (0.5, False, {"tolerance": 0.5}, True),
        (0.6, False, {"tolerance": 0.5}, False),
        (math.inf, False, {"tolerance": 0.5}, False),
        (-math.inf, False, {"tolerance": 0.5}, False),
        (1e-300, True, {"above": 0.0}, True),
        (0.0, True, {"above": 0.0}, False),
        (-math.inf, True, {"above": 0.0}, False),
        (math.inf, True, {"above": 0.0}, False),
    ],
)
def test_a_measurement_is_decided_by_the_bound_of_its_check(figure, smallest, bound, holds):
    limits = {"tolerance": None, "above": None} | bound
    found = Measurement(figure, "measured", {"x": "1"}, smallest).held_to(**limits)
    assert found.holds is holds
    assert (found.counterexample is None) is holds


def test_truth_values_and_figures_of_numpy_become_pythons():
    assert Evidence(np.bool_(True), "x").holds is True
    held = Measurement(np.float64(1.0), "x").held_to(0.5, None)
    assert (held.holds, type(held.figure)) == (False, float)


def test_a_measurement_is_a_number_and_held_to_what_belongs_to_it():
    with pytest.raises(ValueError, match="must be a number or infinite, got nan"):
        Measurement(math.nan, "measured")
    with pytest.raises(ValueError, match="a smallest margin to `above`"):
        Measurement(1.0, "measured", smallest=True).held_to(1.0, None)
    with pytest.raises(ValueError, match="a largest gap to tolerance"):
        Measurement(1.0, "measured").held_to(None, 0.0)


def test_every_verdict_has_a_meaning():
    assert all(verdict.meaning for verdict in Verdict)
