"""What the claims of the replica equations show is what they decide, and NaN confirms nothing."""

from pathlib import Path

import numpy as np
import pytest
import sympy as sp

import verify
from numerics import Initialization, TaskDistribution
from numerics.replica.equations import evaluate
from numerics.replica.newton import default_start, reduced, scan
from numerics.replica.solve import channel_problem
from verify.claim import Evidence, Verdict
from verify.claims.replica import montecarlo_agreement as montecarlo
from verify.claims.replica import ridge_limit, unique_solution, unique_solution_certified
from verify.methods.near_misses import near_misses
from verify.methods.relations import Bound, Relation
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


OFFSET = np.array([-1, -0.1, -1e-5, 0, 1e-5, 0.1, 1])[:, None]


@pytest.fixture
def scans(monkeypatch):
    found = {(task, "init"): np.repeat(-OFFSET, 4, axis=1) for task in ("one", "other", "third")}
    monkeypatch.setattr(unique_solution, "scanned", lambda: (OFFSET, found))
    return found


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_scan_that_is_not_finite_has_no_one_solution(scans, bad):
    assert unique_solution.decide(unique_solution.STATED).held_to(0.0, None).holds is True
    scans["other", "init"][5, 1] = bad
    with pytest.raises(ArithmeticError, match="g must be finite, got 1 of 28"):
        unique_solution.decide(unique_solution.STATED)


def test_infinite_of_the_right_signs_is_no_solution(scans):
    scans["other", "init"][:] = np.where(OFFSET < 0, np.inf, -np.inf)
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


EQUATION = unique_solution.STATED
AT_MOST, AT_LEAST = (Bound(one, 0) for one in (Relation.AT_MOST, Relation.AT_LEAST))


def below(where, sign=EQUATION.before.sign):
    return EQUATION._replace(before=unique_solution.Side(where, sign))


def above(where, sign=EQUATION.after.sign):
    return EQUATION._replace(after=unique_solution.Side(where, sign))


@pytest.mark.parametrize(
    "false",
    [
        below(AT_MOST),
        below(AT_LEAST),
        below(Bound(Relation.BELOW, 0.4)),
        below(Bound(Relation.BELOW, 1e-4)),
        below(EQUATION.before.where, Bound(Relation.ABOVE, 1e-6)),
        below(EQUATION.before.where, Bound(Relation.ABOVE, 1e-300)),
        above(AT_LEAST),
        above(AT_MOST),
        above(Bound(Relation.ABOVE, -1e-4)),
        above(EQUATION.after.where, Bound(Relation.BELOW, -1e-6)),
        above(EQUATION.after.where, Bound(Relation.AT_MOST, -1e-300)),
        EQUATION._replace(left=unique_solution.g(unique_solution.y) - sp.Rational(1, 10**9)),
    ],
)
def test_a_sign_at_the_solution_or_right_beside_it_is_decided(scans, false):
    assert unique_solution.decide(EQUATION).held_to(0.0, None).holds is True
    assert unique_solution.decide(false).held_to(0.0, None).holds is False


@pytest.mark.parametrize(
    "true",
    [
        below(AT_MOST, AT_LEAST),
        above(AT_LEAST, AT_MOST),
        below(Bound(Relation.BELOW, -0.1)),
        below(EQUATION.before.where, Bound(Relation.ABOVE, -1e-9)),
    ],
)
def test_a_sign_that_holds_with_the_solution_itself_is_accepted(scans, true):
    assert unique_solution.decide(true).held_to(0.0, None).holds is True


def test_a_scan_that_does_not_vanish_at_the_solution_is_refuted(scans):
    scans["other", "init"][3] = 2e-6
    assert unique_solution.decide(EQUATION).held_to(0.0, None).holds is False


OTHER = sp.Symbol("y'", real=True)


@pytest.mark.parametrize(
    "refused",
    [
        EQUATION._replace(left=unique_solution.g(OTHER)),
        EQUATION._replace(left=unique_solution.g(unique_solution.y) * OTHER),
        EQUATION._replace(decades=13),
        EQUATION._replace(decades=0),
        below(Bound(Relation.BELOW, 1e-6)),
        below(Bound(Relation.EQUAL, 0)),
    ],
)
def test_what_the_scan_does_not_have_is_refused(scans, refused):
    with pytest.raises(ValueError, match=r"must be of y|the scan|an inequality"):
        unique_solution.decide(refused)


# Near misses of the uniqueness that stay true: weaker signs, or signs on less of the range.
WEAKER = {
    "left: g(y) × 101/100",
    "left: g(y) × 99/100",
    *(f"decades: 12 {change}" for change in ("× 99/100", "− 1/100", "→ 11")),
    *(f"before.where.value: 0 {change}" for change in ("− 1/100", "→ -1")),
    *(f"after.where.value: 0 {change}" for change in ("+ 1/100", "→ 1")),
    *(f"before.sign.{change}" for change in ("relation: ABOVE → AT_LEAST", "value: 0 − 1/100")),
    *(f"after.sign.{change}" for change in ("relation: BELOW → AT_MOST", "value: 0 + 1/100")),
    "before.sign.value: 0 → -1",
    "after.sign.value: 0 → 1",
}


def test_near_misses_of_the_uniqueness_are_accepted_only_where_they_are_true():
    def accepted(miss):
        try:
            return unique_solution.decide(miss.make()).held_to(0.0, None).holds
        except ValueError:
            return False

    assert unique_solution.decide(EQUATION).held_to(0.0, None).holds is True
    assert {miss.name for miss in near_misses(EQUATION) if accepted(miss)} == WEAKER


def test_the_page_says_how_far_the_scan_goes():
    assert EQUATION.latex().startswith(r"|y| \le 12 \log 10, \quad ")
    offset = unique_solution.offsets()[:, 0]
    assert offset.max() == -offset.min() == pytest.approx(12 * np.log(10))
    assert (np.diff(offset) > 0).all()
    assert 0 in offset


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
    estimates = [(1.0 + float(value), bars) for value in rng.standard_normal(100)]
    monkeypatch.setattr(montecarlo, "estimates", lambda *_: (1.0, estimates))
    check = load(only=["replica.montecarlo-agreement"])["replica.montecarlo-agreement"].checks[0]
    assert run_check(check).verdict is not Verdict.REFUTED
    assert check.decide(check.subject).figure < np.log(1.25)
    for broken in ((np.nan, bars), (1.0, bars | {"propagated": np.inf})):
        estimates[40] = broken
        with pytest.raises(ArithmeticError, match="must be finite"):
            check.decide(check.subject)


def test_each_rectangle_is_named_by_what_decides_it(monkeypatch):
    proved = Evidence(True, "certified")
    monkeypatch.setattr(unique_solution_certified, "prove_injective", lambda *_: proved)
    for stated in (unique_solution_certified.LAZY, unique_solution_certified.RICH):
        summary = unique_solution_certified.decide(stated).summary
        assert f"c = {stated.c}, α in [{stated.alpha[0]}, {stated.alpha[1]}]" in summary
