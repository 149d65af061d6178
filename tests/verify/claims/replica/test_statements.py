"""What the claims of the replica equations show is what they decide, and NaN confirms nothing."""

from pathlib import Path

import numpy as np
import pytest

import verify
from verify.claim import Verdict
from verify.claims.replica import montecarlo_agreement as montecarlo
from verify.claims.replica import ridge_limit, unique_solution, unique_solution_certified
from verify.registry import load
from verify.run.worker import run_check

FILES = Path(verify.__file__).parent.glob("claims/replica/[a-z]*.py")
IDS = [f"replica.{path.stem.replace('_', '-')}" for path in FILES]
CLAIMS = [claim for claim in load(only=IDS) if claim.id.startswith("replica.")]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_every_false_variant_is_shown_as_another_formula(claim):
    for check in claim.checks:
        assert check.latex
        shown = {control.subject.latex() for control in check.controls}
        assert len(shown) == len(check.controls)
        assert check.latex not in shown


def test_a_changed_sign_is_refuted_and_shown():
    wrong = ridge_limit.STATED._replace(tau=lambda k, r, a: ridge_limit.tau(k, r, -a))
    assert ridge_limit.evaluate(wrong).held_to(1e-9, None).holds is False
    assert wrong.latex() != ridge_limit.STATED.latex()
    rises = unique_solution_certified.LAZY._replace(signs=(1, 1))
    assert r"\partial \tau} > 0" in rises.latex()


def test_a_scan_with_nan_has_no_one_solution(monkeypatch):
    offset = np.linspace(-1, 1, 20)[:, None]
    scans = {(task, "init"): np.repeat(-offset, 4, axis=1) for task in ("one", "other", "third")}
    monkeypatch.setattr(unique_solution, "scanned", lambda: (offset, scans))
    assert unique_solution.decide(unique_solution.STATED).held_to(0.0, None).holds is True
    scans["other", "init"][7, 1] = np.nan
    found = unique_solution.decide(unique_solution.STATED).held_to(0.0, None)
    assert found.holds is False
    assert found.counterexample["task"] == "other"
    assert found.counterexample["alpha"] == "0.1"


def test_an_estimate_that_is_no_number_confirms_nothing(monkeypatch):
    rng = np.random.default_rng(0)
    bars = {"batch-means": 0.2, "propagated": 1.0}
    estimates = [(float(value), bars) for value in rng.standard_normal(len(montecarlo.SEEDS))]
    monkeypatch.setattr(montecarlo, "estimates", lambda *_: (0.0, estimates))
    check = load(only=["replica.montecarlo-agreement"])["replica.montecarlo-agreement"].checks[0]
    assert run_check(check).verdict is not Verdict.REFUTED
    assert montecarlo.decide(check.subject).figure < np.log(1.25)
    estimates[40] = (np.nan, bars)
    found = montecarlo.decide(check.subject).held_to(0.22, None)
    assert found.holds is False
    assert found.counterexample["seed"] == "40"
