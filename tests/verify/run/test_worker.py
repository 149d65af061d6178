"""One check in this process: what counts as evidence, what becomes of it, where it is defined."""

import functools
import json
import math

import numpy as np
import pytest
import sympy as sp

from verify.claim import Check, Control, Evidence, Measurement, Method, Verdict
from verify.run import worker
from verify.run.worker import blank_result, location, missing_needs, run_check


def decide_equal(pair):
    """Evidence that two numbers agree, its figure their distance."""
    distance = abs(pair[0] - pair[1])
    return Evidence(distance <= 1e-3, f"distance {distance:g}", figure=distance)


OTHER = Control("other", "other", must_hold=False)


def check(decide, subject=None, *, method=None, tolerance=None, controls=OTHER, **options):
    bounded = tolerance is not None or "above" in options
    reason = "given by hand" if bounded else ""
    return Check(
        "check",
        method or (Method.FLOAT64 if bounded else Method.SYMBOLIC),
        decide,
        subject,
        control=controls,
        tolerance=tolerance,
        reason=reason,
        **options,
    )


def giving(evidence):
    """A check whose subject has `evidence`, and whose control is rejected."""

    def decide(subject):
        return Evidence(False, "rejected") if subject == "other" else evidence

    return check(decide, "own")


def test_a_numeric_check_that_holds_confirms():
    wrong = Control("twice as much", (1.0, 2.0), must_hold=False)
    found = run_check(check(decide_equal, (1.0, 1.0005), tolerance=1e-3, controls=wrong))
    assert found.verdict is Verdict.CONFIRMED
    assert found.figure == pytest.approx(5e-4)
    assert (found.tolerance, found.reason) == (1e-3, "given by hand")
    (variant,) = found.control
    assert (variant.holds, variant.told_apart, variant.summary) == (False, True, "distance 1")
    assert not found.toothless
    assert found.location.startswith("tests/verify/run/test_worker.py:")


@pytest.mark.parametrize("method", list(Method))
def test_each_method_supports_with_its_own_verdict(method):
    found = run_check(
        check(
            lambda subject: Evidence(subject == 4, "four", figure=0.0),
            4,
            method=method,
            tolerance=0.0,
        )
    )
    assert found.verdict is method.supports
    assert found.method == method.value


def test_a_check_that_accepts_its_control_is_toothless_whatever_it_decides():
    for holds in (True, False):
        found = run_check(check(lambda subject, holds=holds: Evidence(holds, "same")))
        must_hold = Control("the corrected one", 1, must_hold=True)
        paired = run_check(
            check(lambda subject, holds=holds: Evidence(holds, "same"), controls=must_hold)
        )
        for result, blind in ((found, holds), (paired, not holds)):
            assert result.toothless is blind
            assert (result.verdict is Verdict.INCONCLUSIVE) is blind
            assert result.summary.startswith("toothless: does not distinguish") is blind


def test_a_statement_that_has_become_false_where_a_control_is_true_is_refuted():
    controls = (Control("twice", 2), Control("thrice", 3))

    def decide(subject):
        return Evidence(subject == 2, f"{subject} for 2")

    found = run_check(check(decide, 1, controls=controls))
    assert (found.verdict, found.toothless, found.summary) == (Verdict.REFUTED, False, "1 for 2")
    assert [(variant.holds, variant.told_apart) for variant in found.control] == [
        (True, True),
        (False, True),
    ]
    # A subject that is meant to be false is refuted anyhow: its false controls must be rejected.
    corrected = Control("the corrected one", 2, must_hold=True)
    falsehood = Control("another falsehood", 2)
    meant = run_check(check(decide, 1, controls=(corrected, falsehood)))
    assert (meant.verdict, meant.toothless) == (Verdict.INCONCLUSIVE, True)


def test_what_is_not_decided_is_not_toothless():
    found = run_check(check(lambda subject: Evidence(None, "cannot tell")))
    assert (found.verdict, found.toothless) == (Verdict.INCONCLUSIVE, False)


@pytest.mark.parametrize(
    "figure", ["1.0", 1j, [1.0], (1.0,), {}, object(), sp.Symbol("x"), 10**400]
)
@pytest.mark.parametrize("holds", [True, False, None])
def test_a_figure_that_is_no_real_number_is_no_evidence(figure, holds):
    found = run_check(giving(Evidence(holds, "said", figure=figure)))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "InvalidEvidenceError: figure must be a real number or None, got" in found.summary


@pytest.mark.parametrize(
    ("figure", "kept"),
    [
        (None, None),
        (math.nan, None),
        (-math.inf, None),
        (2, 2.0),
        (np.float32(0.5), 0.5),
        (sp.Rational(1, 4), 0.25),
    ],
)
def test_figures_are_kept_as_json_numbers(figure, kept):
    found = run_check(giving(Evidence(True, "said", figure=figure)))
    assert found.verdict is Verdict.PROVED
    assert found.figure == kept
    assert kept is None or type(found.figure) is float


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        (True, "decide must return Evidence, got bool"),
        (None, "decide must return Evidence, got NoneType"),
        (Evidence(1, "one"), "holds must be True, False or None, got 1"),
        (Evidence("yes", "one"), "holds must be True, False or None, got 'yes'"),
    ],
)
def test_what_is_not_evidence_is_said(evidence, said):
    found = run_check(giving(evidence))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert said in found.summary
    assert "Traceback" in found.output


@pytest.mark.parametrize("field", ["steps", "data", "comparisons", "counterexample"])
def test_evidence_of_the_wrong_form_ends_this_check_only(field):
    found = run_check(giving(Evidence(True, "said", **{field: 7})))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.summary.startswith("raised ")


@pytest.mark.parametrize(
    ("bound", "figure", "said"),
    [
        ({"tolerance": 0.1}, None, "a tolerance or a bound must give a finite figure, got None"),
        ({"tolerance": 0.1}, math.nan, "a tolerance or a bound must give a finite figure, got nan"),
        ({"tolerance": 0.1}, 0.2, "holds, but its figure 0.2 is above the tolerance 0.1"),
        ({"above": 0.1}, None, "a tolerance or a bound must give a finite figure, got None"),
        ({"above": 0.1}, math.nan, "a tolerance or a bound must give a finite figure, got nan"),
        ({"above": 0.1}, 0.1, "holds, but its figure 0.1 is not above the bound 0.1"),
        ({"above": 0.1}, math.inf, "must give a finite figure, got inf"),
        ({"tolerance": 0.1}, -math.inf, "must give a finite figure, got -inf"),
    ],
)
def test_a_figure_is_held_to_its_tolerance_or_bound(bound, figure, said):
    found = run_check(check(lambda subject: Evidence(True, "", figure=figure), **bound))
    assert (found.verdict, said in found.summary) == (Verdict.INCONCLUSIVE, True)


@pytest.mark.parametrize(
    ("bound", "smallest", "figures", "verdict"),
    [
        ({"tolerance": 0.1}, False, (0.1, 0.2), Verdict.CONFIRMED),
        ({"tolerance": 0.1}, False, (0.2, 0.3), Verdict.REFUTED),
        ({"above": 0.1}, True, (0.2, 0.1), Verdict.CONFIRMED),
        ({"above": 0.1}, True, (0.1, 0.0), Verdict.REFUTED),
        ({"above": 0.1}, False, (0.2, 0.1), Verdict.INCONCLUSIVE),
    ],
)
def test_a_measurement_is_held_to_the_bound_of_its_check(bound, smallest, figures, verdict):
    def decide(subject):
        return Measurement(figures[subject], "measured", {"at": "here"}, smallest)

    found = run_check(check(decide, 0, controls=Control("other", 1), **bound))
    assert found.verdict is verdict
    assert found.counterexample == ({"at": "here"} if verdict is Verdict.REFUTED else None)


def test_the_tolerance_itself_is_allowed():
    def decide(subject):
        return Evidence(subject != "other", "", figure=0.1)

    assert run_check(check(decide, tolerance=0.1)).verdict is Verdict.CONFIRMED


def test_exceptions_name_what_and_where():
    def fails(subject):
        raise ZeroDivisionError("one over nothing")

    found = run_check(check(fails))
    assert found.summary.startswith("raised ZeroDivisionError: one over nothing (test_worker.py:")
    assert run_check(check(lambda subject: exec("raise SystemExit(0)"))).verdict is (
        Verdict.INCONCLUSIVE
    )
    exhausted = run_check(check(lambda subject: exec("raise MemoryError")))
    assert exhausted.summary == "ran out of memory"


def test_what_is_needed_and_missing_is_named():
    wanted = check(
        decide_equal,
        needs=("math", "no_such_module_at_all"),
        needs_files=("verify/py.typed", "verify/no-such-file.csv"),
    )
    assert missing_needs(wanted) == ["no_such_module_at_all", "verify/no-such-file.csv"]
    found = run_check(wanted)
    assert found.verdict is Verdict.SKIPPED
    assert found.summary == "needs no_such_module_at_all, verify/no-such-file.csv, not found here"


def test_what_a_needed_module_misses_is_named_in_its_place(tmp_path, monkeypatch):
    (tmp_path / "needs_what_is_not_there.py").write_text("import no_such_module_at_all\n")
    monkeypatch.syspath_prepend(tmp_path)
    wanted = check(decide_equal, needs=("no_such_module_at_all", "needs_what_is_not_there"))
    assert missing_needs(wanted) == ["no_such_module_at_all"]


def test_where_a_check_is_decided():
    line = decide_equal.__code__.co_firstlineno
    here = f"tests/verify/run/test_worker.py:{line}"
    assert location(decide_equal) == here
    assert location(functools.partial(functools.partial(decide_equal), (1, 1))) == here
    assert location(functools.wraps(decide_equal)(lambda pair: None)) == here

    class Callable:
        def __call__(self, subject):
            return Evidence(True, "")

    assert location(Callable()) == (
        f"tests/verify/run/test_worker.py:{Callable.__call__.__code__.co_firstlineno}"
    )
    assert location(math.sin) == ""


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"x": math.nan}, "its evidence is not JSON: "),
        ({"x": {1, 2}}, "its evidence is not JSON: "),
        ({"x": "y" * 2000}, "its evidence must have at most 1000 bytes, got "),
    ],
)
def test_a_result_that_cannot_be_sent_is_replaced(monkeypatch, data, said):
    monkeypatch.setattr(worker, "RESULT_LIMIT", 1000)
    one = giving(Evidence(True, "said", data=data))
    sent = json.loads(worker._message(one, run_check(one)))
    assert sent["verdict"] == "INCONCLUSIVE"
    assert sent["summary"].startswith(said)
    assert sent["data"] == {}


def test_a_blank_result_carries_what_the_check_declares():
    found = blank_result(check(decide_equal, tolerance=0.5, seed=3), Verdict.SKIPPED, "no", 1.5)
    assert (found.tolerance, found.seed, found.seconds) == (0.5, 3, 1.5)
    assert (found.figure, found.control, found.toothless) == (None, (), False)
