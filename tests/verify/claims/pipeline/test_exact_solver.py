"""Perfect pretraining among the problems that hold the solver to its digits: E_PT is 0.

And what holds it to enclosures refutes and refuses.
"""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from verify.claims.pipeline import exact_solver
from verify.claims.pipeline._nested import Reading, Stage, Start
from verify.claims.pipeline.exact_solver import (
    FEW,
    Problem,
    Solver,
    certified_errors,
    decide,
    enclose,
    many_digits,
    nested,
)
from verify.methods.relations import Relation

PERFECT = Problem(
    (0.1, 0.1, 1.0), ("sign", "gaussian"), Start(0.01, 0.0, 0.0), Stage(2.0), Stage(0.3)
)


IMPERFECT = PERFECT._replace(first=Stage(0.5))
CACHED = (nested, many_digits, certified_errors)


@pytest.fixture(autouse=True)
def two_problems(monkeypatch):
    monkeypatch.setattr(exact_solver, "problems", lambda count: (PERFECT, IMPERFECT))
    for cached in CACHED:
        cached.cache_clear()
    yield
    for cached in CACHED:
        cached.cache_clear()


@pytest.mark.parametrize("exactly", [nested, many_digits])
def test_an_error_of_0_is_found_to_be_0(exactly):
    assert exactly(PERFECT, Solver(FEW).reading, 2.0, 0.3)[0] == 0
    assert decide(exactly, Solver(FEW)).figure < 1e-11
    assert enclose(Solver(FEW)).holds is True


@pytest.mark.parametrize("found", [1e-300, np.nan])
def test_a_solver_that_finds_anything_else_is_refuted(found, monkeypatch):
    right = exact_solver.solved

    def wrong(*of):
        curve = right(*of)
        return replace(curve, pretraining=replace(curve.pretraining, mse=found))

    nested(PERFECT, Solver(FEW).reading, 2.0, 0.3)
    monkeypatch.setattr(exact_solver, "solved", wrong)
    measured = decide(nested, Solver(FEW))
    assert measured.figure == np.inf
    assert measured.where["quantity"] == "E_PT"
    assert enclose(Solver(FEW)).holds is False


@pytest.mark.parametrize("decided", [enclose, partial(decide, nested)])
def test_some_pretraining_must_be_imperfect(decided, monkeypatch):
    monkeypatch.setattr(exact_solver, "problems", lambda count: (PERFECT,))
    with pytest.raises(ValueError, match="E_PT must not be 0 at every problem"):
        decided(Solver(FEW))


def test_a_solver_that_finds_no_number_is_refuted(monkeypatch):
    right = exact_solver.solved

    def wrong(*of):
        curve = right(*of)
        return replace(curve, mse=curve.mse * np.nan)

    monkeypatch.setattr(exact_solver, "solved", wrong)
    assert enclose(Solver(FEW)).holds is False


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"digits": 17}, False),
        ({"relation": Relation.AT_LEAST}, False),
        ({"deviation": -Solver(FEW).deviation}, False),
        ({"deviation": Solver(FEW).first + 1}, False),
        ({"first": Solver(FEW).first + 1}, False),
    ],
    ids=str,
)
def test_both_stages_are_held_to_enclosures(change, expected, monkeypatch):
    monkeypatch.setattr(exact_solver, "problems", lambda count: (IMPERFECT,))
    assert enclose(Solver(FEW)._replace(**change)).holds is expected


@pytest.mark.parametrize(
    "change",
    [{"digits": -11}, {"digits": 11.01}, {"digits": True}, {"reading": Reading.PERFECT}],
)
def test_what_cannot_be_enclosed_is_refused(change):
    with pytest.raises(ValueError, match=r"digits|the law"):
        enclose(Solver(FEW)._replace(**change))


def test_a_problem_that_is_not_certified_is_open(monkeypatch):
    right = exact_solver.certify_pipeline

    def lost(*given, **options):
        found = right(*given, **options)
        return replace(found, points=(replace(found.points[0], reason="too far"),))

    monkeypatch.setattr(exact_solver, "certify_pipeline", lost)
    found = enclose(Solver(FEW))
    assert found.holds is None
    assert "too far" in found.summary
