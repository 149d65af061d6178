"""What the claims of the replica equations show is what they decide, and NaN confirms nothing."""

from pathlib import Path

import numpy as np
import pytest

import verify
from numerics import Initialization, TaskDistribution
from numerics.replica.equations import evaluate
from numerics.replica.newton import default_start, reduced, scan
from numerics.replica.solve import channel_problem
from verify.claim import Evidence, Verdict
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
    wrong = ridge_limit.STATED.but("", tau=lambda k, r, a: ridge_limit.level(k, r, -a)).subject
    assert ridge_limit.evaluate(wrong).held_to(1e-9, None).holds is False
    assert wrong.latex() != ridge_limit.STATED.latex()
    lazy = unique_solution_certified.LAZY
    rises = lazy._replace(falls=lazy.turns)
    assert r"\partial \tau} > 0" in rises.latex()


OFFSET = np.linspace(-1, 1, 20)[:, None]


@pytest.fixture
def scans(monkeypatch):
    found = {(task, "init"): np.repeat(-OFFSET, 4, axis=1) for task in ("one", "other", "third")}
    monkeypatch.setattr(unique_solution, "scanned", lambda: (OFFSET, found))
    return found


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_scan_that_is_not_finite_has_no_one_solution(scans, bad):
    assert unique_solution.decide(unique_solution.STATED).held_to(0.0, None).holds is True
    scans["other", "init"][7, 1] = bad
    with pytest.raises(ArithmeticError, match="g must be finite, got 1 of 80"):
        unique_solution.decide(unique_solution.STATED)


def test_infinite_of_the_right_signs_is_no_solution(scans):
    scans["other", "init"][:] = -np.sign(OFFSET) * np.inf
    with pytest.raises(ArithmeticError, match="g must be finite"):
        unique_solution.decide(unique_solution.STATED)


def test_direction_of_the_sign_change_is_decided_and_shown(scans):
    stated = unique_solution.STATED
    reverse = stated._replace(
        before=stated.before._replace(sign=stated.after.sign),
        after=stated.after._replace(sign=stated.before.sign),
    )
    assert unique_solution.decide(reverse).held_to(0.0, None).holds is False
    assert "< 0 \\text{ where } y < 0" in reverse.latex()
    scans["other", "init"] *= -1
    found = unique_solution.decide(unique_solution.STATED).held_to(0.0, None)
    assert found.holds is False
    assert found.counterexample["task"] == "other"


def test_what_is_scanned_has_the_sign_of_the_second_equation_at_the_root_of_the_first():
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5)
    problem = channel_problem(task, Initialization(1e-3, 0.0, 0.0), unique_solution.ALPHA)
    y = np.repeat(np.linspace(-12.0, 3.0, 11)[:, None], problem.alpha.size, axis=1)
    g, log_tau = scan(problem, y), default_start(problem)[0]
    for position, at in enumerate(y):
        _, _, log_tau = reduced(problem, at, log_tau)
        found = evaluate(problem, np.array([log_tau, at])).moments
        assert found.response == pytest.approx(problem.alpha, rel=1e-5)
        ratio = found.error / problem.alpha  # the error is in units of θ²
        assert (np.sign(g[position]) == np.sign(ratio - 1)).all()
        low = problem.alpha < 0.5
        assert g[position][low] == pytest.approx(np.log(ratio[low]), abs=1e-4)
    assert (g > 0).any()
    assert (g < 0).any()


def test_an_estimate_that_is_no_number_confirms_nothing(monkeypatch):
    rng = np.random.default_rng(0)
    bars = {"batch-means": 0.2, "propagated": 1.0}
    estimates = [(float(value), bars) for value in rng.standard_normal(len(montecarlo.SEEDS))]
    monkeypatch.setattr(montecarlo, "estimates", lambda *_: (0.0, estimates))
    check = load(only=["replica.montecarlo-agreement"])["replica.montecarlo-agreement"].checks[0]
    assert run_check(check).verdict is not Verdict.REFUTED
    assert montecarlo.decide(check.subject).figure < np.log(1.25)
    for broken in ((np.nan, bars), (0.0, bars | {"propagated": np.inf})):
        estimates[40] = broken
        with pytest.raises(ArithmeticError, match="must be finite"):
            montecarlo.decide(check.subject)


def test_each_rectangle_is_named_by_what_decides_it(monkeypatch):
    proved = Evidence(True, "certified")
    monkeypatch.setattr(unique_solution_certified, "prove_injective", lambda *_: proved)
    for stated in (unique_solution_certified.LAZY, unique_solution_certified.RICH):
        summary = unique_solution_certified.decide(stated).summary
        assert f"c = {stated.c}, α in [{stated.alpha[0]}, {stated.alpha[1]}]" in summary
