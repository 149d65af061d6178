"""Perfect pretraining among the problems that hold the solver to its digits: E_PT is 0."""

from dataclasses import replace

import numpy as np
import pytest

from verify.claims.pipeline import exact_solver
from verify.claims.pipeline._nested import Stage, Start
from verify.claims.pipeline.exact_solver import FEW, Problem, Solver, decide, many_digits, nested

PERFECT = Problem(
    (0.1, 0.1, 1.0), ("sign", "gaussian"), Start(0.01, 0.0, 0.0), Stage(2.0), Stage(0.3)
)


@pytest.fixture(autouse=True)
def one_problem(monkeypatch):
    monkeypatch.setattr(exact_solver, "problems", lambda count: (PERFECT,))
    for cached in (nested, many_digits):
        cached.cache_clear()
    yield
    for cached in (nested, many_digits):
        cached.cache_clear()


@pytest.mark.parametrize("exactly", [nested, many_digits])
def test_an_error_of_0_is_found_to_be_0(exactly):
    assert exactly(PERFECT, Solver(FEW).reading, 2.0, 0.3)[0] == 0
    assert decide(exactly, Solver(FEW)).figure < 1e-11


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
    assert measured.where["quantity"] == "E_PT of 0"
