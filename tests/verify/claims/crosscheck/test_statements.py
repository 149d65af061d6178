"""What is shown is decided; NaN confirms nothing; the full tier's functions run at a small size."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import verify
from numerics import Initialization
from verify.claims.crosscheck import (
    _gaps,
    amp_minimiser,
    certificate,
    certified_solutions,
    finite_size,
    metamorphic,
    minimiser,
    pretraining_few,
    scale_limits,
)
from verify.claims.crosscheck._scale import BETA_PT, GAMMA, LAM, STATED_SCALE, C, evaluated
from verify.methods.formula import Formula, Formulas
from verify.methods.notation import shown
from verify.methods.relations import Relation
from verify.registry import load

FILES = Path(verify.__file__).parent.glob("claims/crosscheck/[a-z]*.py")
IDS = [f"crosscheck.{path.stem.replace('_', '-')}" for path in FILES]
CLAIMS = [claim for claim in load(only=IDS) if claim.id.startswith("crosscheck.")]
INITS = [Initialization(c, r * c, g) for c, r, g in ((1e-3, -0.9, 0.05), (0.5, 0.5, 2.0))]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_every_false_variant_is_shown_as_another_formula(claim):
    for check in claim.checks:
        if check.latex is None:
            assert check.name == "recorded rows measured again"
            continue
        shown = {control.subject.latex() for control in check.controls}
        assert len(shown) == len(check.controls)
        assert check.latex not in shown


@pytest.mark.parametrize("init", INITS)
def test_scale_as_stated_is_that_of_the_network(init):
    beta = np.array([0.0, 1e-4, -1.0, 30.0])
    assert evaluated(STATED_SCALE, init, beta) == pytest.approx(
        init.finetune_scale(beta), rel=1e-14
    )
    constant = replace(STATED_SCALE, body=lambda b, c, lam, g: c)
    assert evaluated(constant, init, beta).tolist() == [init.c] * 4
    weights = init.pretraining_layer_weights(beta)
    hidden = np.abs(weights.w_plus) + np.abs(weights.w_minus)
    stated = replace(STATED_SCALE, body=minimiser.absolute_sum)
    wrong = evaluated(stated, init, beta)
    assert wrong == pytest.approx(hidden**2 + init.gamma**2, rel=1e-12, abs=0)


def test_a_symmetry_is_evaluated_as_it_is_shown():
    X, P, b = np.arange(6.0).reshape(2, 3), np.eye(3)[:, [2, 0, 1]], np.array([1.0, 2.0, 3.0])
    values = {"X": X, "P": P, "b": b, "s": 3.0}
    assert metamorphic.product("X P", **values).tolist() == X[:, [2, 0, 1]].tolist()
    assert metamorphic.product("P^T b", **values).tolist() == b[[2, 0, 1]].tolist()
    assert metamorphic.product("s b", **values).tolist() == (3 * b).tolist()


def test_nan_is_infinitely_far_and_gives_no_comparison():
    gaps = _gaps.Gaps()
    for distance in (1e-9, np.nan, 1e-8):
        _gaps.note(gaps, distance, "β", ("one", "other"), {"at": distance})
    found = gaps.measured("{worst}")
    assert found.figure == np.inf
    assert found.comparisons == ()
    assert found.held_to(1.0, None).counterexample == {"methods": "one and other", "at": "nan"}


def test_a_solver_that_returns_nan_once_is_refuted(monkeypatch):
    solve, calls = metamorphic.minimum_penalty, []

    def broken(*problem):
        calls.append(problem)
        found = solve(*problem)
        if len(calls) == 17:
            found.beta[3] = np.nan
        return found

    monkeypatch.setattr(metamorphic, "minimum_penalty", broken)
    assert metamorphic.decide(metamorphic.STATED).held_to(1e-6, None).holds is False


# The full tier's problems in few dimensions, from few seeds or steps: what they decide is open.
SMALL = {
    "crosscheck.amp-minimiser": {"problems": "small"},
    "crosscheck.amp-state-evolution": {"d": 200, "seeds": range(4), "steps": 3},
    "crosscheck.certified-solutions": {"problems": "small"},
    "crosscheck.decoupling": {"d": 100, "seeds": range(4)},
    "crosscheck.effective-parameters": {"d": 100, "seeds": range(4)},
    "crosscheck.minimiser": {"problems": "small"},
    "crosscheck.recovery-threshold": {"densities": (0.1,), "dimensions": (50,), "trials": 60},
}


@pytest.mark.parametrize("identifier", SMALL)
def test_full_tier_runs_at_a_small_size(identifier, monkeypatch):
    few = amp_minimiser.Set(amp_minimiser.THREE[2:], amp_minimiser.BOTH, d=60, steps=300)
    monkeypatch.setitem(amp_minimiser.SETS, "small", few)
    monkeypatch.setitem(certified_solutions.PROBLEMS, "small", (250, 40))
    monkeypatch.setitem(minimiser.PROBLEMS, "small", (3, (5, 8)))
    (claim,) = (claim for claim in CLAIMS if claim.id == identifier)
    (check,) = (check for check in claim.checks if check.tier == "full")
    for subject in (check.subject, *(control.subject for control in check.controls)):
        small = subject._replace(**SMALL[identifier])
        if isinstance(getattr(small, "_asdict", dict)().get("problems"), tuple):
            small = small._replace(problems=small.problems[::5] or small.problems)
        assert check.decide(small).figure is not None


def test_symbols_of_the_scale_stand_for_what_they_are_called():
    exchanged = replace(STATED_SCALE, symbols=(C, BETA_PT, LAM, GAMMA))
    beta, init = np.array([0.7]), Initialization(0.5, 0.2, 0.3)
    assert exchanged.latex() != STATED_SCALE.latex()
    found = evaluated(exchanged, init, beta)
    assert found == pytest.approx((0.7 + 0.2) * (1 + (1 + (0.5 / 0.7) ** 2) ** 0.5) + 0.09)
    of_the_teacher = pretraining_few.BY_TEACHER
    assert r"\beta_{PT}^{*}" in of_the_teacher.latex().replace("^*", "^{*}")
    with pytest.raises(ValueError, match="got none"):
        evaluated(of_the_teacher, init, beta)


@pytest.mark.parametrize("field", ["value", "target_norm", "gap"])
def test_an_infinite_certificate_confirms_nothing(monkeypatch, field):
    judge = certified_solutions.certificate

    def broken(*problem):
        return replace(judge(*problem), **{field: np.inf})

    monkeypatch.setattr(certified_solutions, "certificate", broken)
    monkeypatch.setitem(certified_solutions.PROBLEMS, "three curves", (250, 60))
    stated = certified_solutions.Bounds("three curves")
    with pytest.raises(ArithmeticError, match=f"{field.replace('_', ' ')} must be finite"):
        certified_solutions.decide(stated)


def test_an_infinite_value_is_not_trusted():
    data = {certificate.X: np.eye(2), certificate.Y: np.ones(2), certificate.BETA: np.ones(2)}
    judged = data | {certificate.Q: np.inf, certificate.GAP: 1e300}
    assert not certificate.BY_CERTIFICATE("optimal", judged)
    assert certificate.BY_STATUS("optimal", judged)
    exact = judged | {certificate.Q: 1.0, certificate.GAP: 0.0}
    assert certificate.BY_CERTIFICATE("optimal", exact)
    assert not certificate.BY_CERTIFICATE("optimal", exact | {certificate.BETA: np.zeros(2)})


def margins():
    for claim in CLAIMS:
        for check in claim.checks:
            for field in getattr(check.subject, "_fields", ()):
                bound = getattr(check.subject, field)
                if not isinstance(bound, Formula) or bound.relation is Relation.EQUAL:
                    continue
                if "E\\left[" in bound.latex():
                    yield pytest.param(check, field, id=f"{claim.id}, {check.tier}: {field}")


@pytest.mark.parametrize(("check", "field"), list(margins()))
def test_margins_are_shown_and_named_in_the_reason(check, field):
    bound = getattr(check.subject, field)
    margin = float(bound.side())
    assert f"{margin:g}" in check.reason
    assert f"{bound.relation} {shown(bound.side())}" in check.latex
    wider = replace(bound, body=lambda: 2.5 * margin)
    opposite = Relation.AT_LEAST if bound.relation is Relation.AT_MOST else Relation.AT_MOST
    for other in (wider, replace(bound, relation=opposite)):
        assert check.subject._replace(**{field: other}).latex() != check.latex


def test_powers_of_ten_are_printed_exactly():
    assert _gaps.decimal(1e5) == "10^{5}"
    assert _gaps.decimal(1e-250) == "10^{-250}"
    assert _gaps.decimal(3e5) == r"3 \cdot 10^{5}"


def test_a_factor_that_stands_for_no_limit_is_shown():
    assert r"s \to \infty" in scale_limits.STATED.latex()
    assert r"s \to 10^+" in Formulas(large=scale_limits.with_limit("large", 10)).latex()
    power = replace(scale_limits.STATED.large, body=lambda c: scale_limits.LEAST_SQUARES(c**2))
    assert r"\beta_2(c^{2})" in power.latex()


def test_each_check_of_finite_size_says_what_it_decides():
    claim = next(c for c in CLAIMS if c.id == "crosscheck.finite-size")
    wide, near, beyond, *factors, _, live = claim.checks
    assert "0.460517 in log p, or 0.2 in log α" in beyond.reason
    assert "0.230259 in log p, or 0.1 in log α" in wide.reason
    assert "c ≥ 1 or γ ≥ 1 within 0.1 in log p" in near.reason
    assert r"c \ge 1" in near.latex
    assert wide.latex == live.latex
    for factor in factors:
        assert f"±{float(factor.subject.near.side())}" in factor.reason
    assert near.subject.said() in finite_size.decide(near.subject).summary


def test_what_finite_size_says_of_points_and_margins_is_what_its_record_gives():
    sentence = " ".join(finite_size.__doc__.split())
    data = finite_size.decide(finite_size.Limit()).data
    points = data["comparisons"]
    assert "a factor of 200 in p" in sentence
    assert 200 <= np.exp(data["largest margin"]) < 210
    assert "More than half of the points are shown to be within 5 % of p" in sentence
    assert 0.5 < data["equivalent within 5 % of p"] / points < 0.6
    assert "nearly three in four within 10 %" in sentence
    assert 0.72 < data["equivalent within 10 % of p"] / points < 0.75
    for part, stated in (("p within 1.5 %", "ON_ERROR"), ("c_FT within 4 %", "ON_SCALE")):
        per_cent = float(part.split()[2])
        assert part in sentence
        assert float(getattr(finite_size, stated).near.side()) == pytest.approx(per_cent / 100)
