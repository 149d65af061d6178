"""What is decided of a record whose deviations are known, as it is made up here."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from empirics.two_stage_record import MEASURED, PT_SQUARES, SQUARES, Recorded, problems
from verify.claims.pipeline import _finite_size as decisions
from verify.claims.pipeline._finite_size import (
    NEAR_ERROR,
    NEAR_SCALE,
    CommonFactor,
    Scatter,
    decide_errors,
    decide_factor,
    decide_scales,
    decide_scatter,
)
from verify.claims.pipeline._two_stages import LEARNING, STATED, expected, mean_scales

FEW = (0, 15, 30, 52)
DIMENSIONS, SEEDS = (260, 1000), 60


@pytest.fixture
def record(monkeypatch):
    """Replace the record by one of few problems, with stated deviations; return the function."""
    few = tuple(problems()[index] for index in FEW)
    monkeypatch.setattr(decisions, "problems", lambda: few)

    def made(error=0.0, scale=0.0, scatter=2.0, seed=7):
        rng, rows = np.random.default_rng(seed), []
        for index, problem in enumerate(few):
            right = expected(STATED, problem.stages)
            means = mean_scales(LEARNING, problem.stages)
            for d in DIMENSIONS:
                for number in range(SEEDS):
                    squares = rng.normal(size=8) / d**0.5
                    noise = scatter * rng.normal() / d**0.5 + squares @ np.linspace(-3, 3, 8)
                    found = dict.fromkeys(MEASURED, 1.0)
                    found |= dict(zip((*SQUARES, *PT_SQUARES), squares, strict=True))
                    found["error"] = right * np.exp(error + 3.0 / d + noise)
                    for part, mean in zip(("active", "inactive"), means, strict=True):
                        found[f"scale {part}"] = mean * np.exp(scale + noise)
                    rows.append((index, d, number, found))
        keys = (np.array([row[place] for row in rows]) for place in range(3))
        columns = {name: np.array([row[3][name] for row in rows]) for name in MEASURED}
        kept = Recorded(*keys, columns)
        monkeypatch.setattr(decisions, "recorded", lambda: kept)
        decisions.by_problem.cache_clear()
        return kept

    yield made
    decisions.by_problem.cache_clear()


def test_what_is_within_the_margin_is_and_what_is_not_is_refuted(record):
    record()
    found = decide_errors(NEAR_ERROR)
    assert found.holds is True
    assert found.data["comparisons"] == len(FEW)
    assert found.data["largest deviation"] < 0.05
    assert found.data["within 0.1"] == len(FEW)
    record(error=0.3)
    found = decide_errors(NEAR_ERROR)
    assert found.holds is False
    assert float(found.counterexample["deviation"]) == pytest.approx(0.3, abs=0.05)
    record(error=0.18, scatter=8.0)
    assert decide_errors(NEAR_ERROR).holds is None


def test_mean_scales_are_held_to_their_margin(record):
    record()
    assert decide_scales(NEAR_SCALE).holds is True
    record(scale=-0.4)
    assert decide_scales(NEAR_SCALE).holds is False
    record(scatter=60.0)
    assert decide_scales(NEAR_SCALE).holds is None


@pytest.mark.parametrize(
    ("deviation", "least", "most"), [(0.0, 0.05, 1.0), (0.06, 0.0, 0.02), (-0.06, 0.0, 0.02)]
)
def test_distances_are_as_their_errors_say_or_not(record, deviation, least, most):
    record(error=deviation)
    assert least <= decide_scatter(Scatter()).figure <= most


def test_the_stated_law_of_z_is_what_it_is_held_to(record):
    record(error=0.032)
    wide = Scatter(beyond=replace(Scatter().beyond, body=lambda u: sp.erfc(u / sp.sqrt(8))))
    found, right = decide_scatter(wide), decide_scatter(Scatter())
    assert found.data == right.data
    assert found.summary != right.summary


def test_one_factor_on_all_errors(record):
    record(scatter=0.2)
    near = CommonFactor()
    assert decide_factor(near).holds is True
    assert decide_factor(near.but(sp.Rational(103, 100))).holds is False
    record(error=np.log(1.03), scatter=0.2)
    assert decide_factor(near).holds is False
    assert decide_factor(near.but(sp.Rational(103, 100))).holds is True
    assert near.but(sp.Rational(103, 100)).factor == pytest.approx(1.03)


def test_what_is_not_what_is_tested_is_refused(record):
    record()
    with pytest.raises(ValueError, match="a law of the error"):
        decide_errors(NEAR_SCALE)
    with pytest.raises(ValueError, match="what is learnt only"):
        decide_scales(NEAR_ERROR)
    with pytest.raises(ValueError, match="at most"):
        decide_errors(NEAR_ERROR._replace(near=NEAR_SCALE.near))
    with pytest.raises(ValueError, match="must be stated"):
        decide_scatter(Scatter(square=Scatter().beyond))


def test_a_record_that_lacks_rows_decides_nothing(record, monkeypatch):
    kept = record()
    monkeypatch.undo()
    monkeypatch.setattr(decisions, "load", lambda: kept)
    decisions.recorded.cache_clear()
    with pytest.raises(ArithmeticError, match="must have the rows planned"):
        decisions.recorded()
