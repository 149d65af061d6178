"""Limits and the solver's digits, decided by balls: their means, and what they refute."""

from dataclasses import replace

import pytest
import sympy as sp
from flint import ctx

from numerics import Initialization, TaskDistribution
from numerics.certified import Mixture, NotCertifiedError
from theory.replica import alpha
from verify.claims.replica import _enclosed_means as means
from verify.claims.replica import exact_solver, full_sample_limit, null_limit
from verify.claims.replica._means import SCALE, TARGET, groups_of, over
from verify.methods.relations import Limit, Relation, Side

INIT = {"c": "0.05", "relative_scale": "-0.5", "gamma": "0.3"}
SQUARES = TARGET**2, SCALE, SCALE**2, SCALE * TARGET**2
SLOPES = means.SLOPE**2, means.CURVATURE


@pytest.mark.parametrize("slab", ["gaussian", "sign"])
@pytest.mark.parametrize(("enclosed", "of"), [(means.moments, SQUARES), (means.slopes, SLOPES)])
def test_means_are_those_of_mpmath(slab, enclosed, of):
    mixture = Mixture.pretrain_finetune("0.2", "0.3", "0.5", slab=slab, **INIT)
    task = TaskDistribution.pretrain_finetune(0.2, 0.3, 0.5, slab=slab)
    other = over(groups_of(task, Initialization(0.05, -0.025, 0.3)))
    with ctx.workprec(120):
        found = enclosed(mixture)
    for one in of:
        (value,) = (found.values[name] for name in found.mean(one).free_symbols)
        assert value.rad() < 1e-25
        assert float(value) == pytest.approx(float(other(one)), rel=1e-14)


def test_what_is_integrated_is_derived():
    assert all(evidence.holds for _, evidence in means.closed_forms())


@pytest.mark.parametrize("module", [full_sample_limit, null_limit])
def test_limits_are_approached_as_stated(module, monkeypatch):
    monkeypatch.setattr(module, "CASES", module.CASES[:1] + module.CASES[3:4])
    near = replace(module.NEAR, decades=module.NEAR.decades[:2])
    assert module.enclose(near).holds is True
    for control in module.OF_NEAR[:2]:
        assert module.enclose(replace(control.subject, decades=near.decades)).holds is False
    assert module.enclose(replace(near, relation=Relation.ABOVE)).holds is False

    def lost(*_):
        raise NotCertifiedError("too far")

    monkeypatch.setattr(module, "certified", lost)
    found = module.enclose(near)
    assert found.holds is None
    assert "too far" in found.summary


@pytest.mark.parametrize(
    "change",
    [
        {"decades": ()},
        {"decades": (0, 2)},
        {"decades": (2.02,)},
        {"limit": None},
        {"limit": Limit(alpha, sp.oo)},
        {"limit": Limit(alpha, 1)},
        {"limit": Limit(sp.Symbol("beta"), 1, Side.BELOW)},
    ],
    ids=str,
)
def test_where_a_limit_is_approached_is_checked(change):
    with pytest.raises(ValueError, match=r"decades|limit"):
        replace(full_sample_limit.NEAR, **change)


FEW = exact_solver.Solver(exact_solver.FEW)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"digits": 16}, False),
        ({"relation": Relation.AT_LEAST}, False),
        ({"deviation": -FEW.deviation}, False),
        ({"deviation": exact_solver.deviation(exact_solver.SOLVED_PENALTY(alpha))}, False),
        ({"penalty": sp.Abs(exact_solver.SOLVED_PENALTY(alpha))}, False),
    ],
    ids=str,
)
def test_the_solvers_digits_are_held_to_enclosures(change, expected):
    assert exact_solver.enclose(FEW._replace(**change)).holds is expected


@pytest.mark.parametrize("digits", [-11, 11.01])
def test_digits_are_counted(digits):
    with pytest.raises(ValueError, match="positive whole number"):
        exact_solver.enclose(FEW._replace(digits=digits))
    with pytest.raises(ValueError, match="is the most"):
        exact_solver.decide(FEW._replace(digits=digits))


def test_a_problem_that_is_not_certified_is_open(monkeypatch):
    right = exact_solver.certified

    def lost(index, data):
        return replace(right(index, data), reason="too far")

    monkeypatch.setattr(exact_solver, "certified", lost)
    found = exact_solver.enclose(FEW)
    assert found.holds is None
    assert "too far" in found.summary


def test_enclosures_and_many_digits_have_the_same_problems():
    _, _, _, data, _, _ = exact_solver.problems(4)[3]
    point, exact = exact_solver.certified(3, data), exact_solver.exact_solution(3, data)
    for name in ("mse", "penalty"):
        assert float(getattr(point, name)) == pytest.approx(float(getattr(exact, name)), rel=1e-14)
