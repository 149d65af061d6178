"""What is decided of a record of trained networks whose deviations are known: it is made up."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from empirics.two_stage_trained import CASES, MEASURED, load
from tests.empirics.test_two_stage_trained import made_up
from verify.claims.pipeline import _trained as decisions
from verify.claims.pipeline._finite_size import FACTOR
from verify.claims.pipeline._trained import Again, decide_again
from verify.claims.pipeline._two_stages import expected
from verify.claims.pipeline.trained_networks import (
    ALL_NEAR,
    ENDS,
    FALLING,
    LAW,
    NEAR,
    ORDERS,
    WITH_TWICE,
    decide_ends,
    decide_errors,
    decide_factor,
    decide_orders,
    step,
)
from verify.methods.bounds import at_least
from verify.methods.relations import Bound, Limit, Relation


@pytest.fixture
def record(monkeypatch):
    """Return a function that replaces the record by one around the theory."""

    def made(shift=0.0, at=None, slope=1.3, scatter=0.3):
        theory = [expected(LAW, problem) for problem in CASES]
        noise = scatter * np.random.default_rng(5).normal(size=(10, 40))
        noise -= noise.mean(axis=1, keepdims=True)

        def error(index, rate, seed):
            away = shift if at is None or index == at else 0.0
            return theory[index] * np.exp(away + noise[index, seed] + slope * rate)

        kept = made_up(error)
        monkeypatch.setattr(decisions, "recorded", lambda: kept)

    return made


def test_a_mean_beyond_the_margin_is_refuted_and_one_near_it_is_not_decided(record):
    record()
    assert decide_errors(NEAR).holds is True
    record(0.6, at=7)
    found = decide_errors(NEAR)
    assert found.holds is False
    assert found.counterexample["problem"] == CASES[7].name
    record(0.29, at=7)
    assert decide_errors(NEAR).holds is None


def test_what_is_no_bound_of_the_mean_is_refused(record):
    record()
    limit = Limit(sp.Symbol("d"), sp.oo)
    for near in (
        at_least(NEAR.near),
        replace(NEAR.near, name=sp.Abs(sp.Symbol("E_0"))),
    ):
        with pytest.raises(ValueError, match=r"\|E\[log\(E₀/E\)\]\| must be at most something"):
            decide_errors(NEAR._replace(near=near))
    for stated in (
        NEAR._replace(near=replace(NEAR.near, limit=limit)),
        NEAR._replace(law=LAW._replace(error=replace(LAW.error, limit=limit))),
        NEAR._replace(near=replace(NEAR.near, bounds=(Bound(Relation.AT_LEAST, 5),))),
    ):
        with pytest.raises(ValueError, match="neither limit nor bounds are decided here"):
            decide_errors(stated)
    with pytest.raises(ValueError, match="neither limit nor bounds are decided here"):
        decide_orders(replace_first(replace(ORDERS.steps[0], limit=limit)))
    for field in ("near", "limit", "mean", "line"):
        bounded = replace(getattr(ENDS, field), bounds=(Bound(Relation.AT_LEAST, 5),))
        with pytest.raises(ValueError, match="neither limit nor bounds are decided here"):
            decide_ends(ENDS._replace(**{field: bounded}))
    with pytest.raises(ValueError, match="errors need a law of the error"):
        decide_errors(NEAR._replace(law=LAW.learning))


def test_what_is_no_log_of_the_factor_is_refused(record):
    record()
    for name in (sp.Abs(sp.log(FACTOR**2)), sp.Abs(FACTOR - 1)):
        with pytest.raises(ValueError, match=r"\|log\(k̂/k\)\| must be at most something"):
            decide_factor(ALL_NEAR._replace(near=replace(ALL_NEAR.near, name=name)))
    with pytest.raises(ValueError, match=r"\|log\(k̂/k\)\| must be at most something"):
        decide_factor(ALL_NEAR._replace(near=at_least(ALL_NEAR.near)))


def test_one_factor_is_decided_from_all_problems(record):
    record(0.05)
    assert decide_factor(ALL_NEAR).holds is True
    record(0.2)
    assert decide_factor(ALL_NEAR).holds is False
    for factor in (sp.exp(sp.Rational(1, 5)), sp.Float(1.22), 1 + sp.pi / 14):
        assert decide_factor(ALL_NEAR.but(factor)).holds is True


def test_the_scatter_that_counts_is_that_of_seeds_not_of_problems(record):
    # Deviations of problems that cancel are none of the factor's.
    record(0.0, scatter=3.0)
    found = decide_factor(ALL_NEAR)
    assert found.holds is None
    assert float(found.data["log of the factor over the stated one"]) == pytest.approx(0, abs=1e-12)


def test_steps_are_decided_by_their_direction(record):
    record()
    assert decide_orders(ORDERS).holds is True
    found = decide_orders(FALLING)
    assert found.holds is False
    assert "most clearly refuted of -" in found.summary
    assert "G(1/2, 1/100)" in found.counterexample["step"]
    with pytest.raises(ValueError, match=r"α_PT and σ²_PT must be of .*, got \(0.4, 0.0\)"):
        decide_orders(replace_first(step("0.4", Relation.ABOVE, "0.5", "0")))
    with pytest.raises(ValueError, match="a step says which error is larger"):
        decide_orders(replace_first(replace(ORDERS.steps[0], relation=Relation.EQUAL)))
    for changed in ({"name": sp.Symbol("E")}, {"body": lambda: 0.3}):
        with pytest.raises(ValueError, match="a mean error G"):
            decide_orders(replace_first(replace(ORDERS.steps[0], **changed)))


def replace_first(one):
    return ORDERS._replace(steps=(one, *ORDERS.steps[1:]))


def test_equal_errors_decide_no_step(monkeypatch):
    kept = made_up(lambda index, rate, seed: np.exp(0.1 * np.sin(7.0 * seed + index)))
    monkeypatch.setattr(decisions, "recorded", lambda: kept)
    assert decide_orders(ORDERS).holds is None


@pytest.fixture
def beside(monkeypatch):
    """Return a function that replaces the record by one around its own convex problems."""
    real = load()

    def made(log):
        def error(index, rate, seed):
            return real.of("convex error", index, rate)[seed] * np.exp(log(rate))

        kept = made_up(error)
        monkeypatch.setattr(decisions, "recorded", lambda: kept)
        return ENDS._replace(seeds=(20,))

    return made


@pytest.mark.parametrize(("change", "holds"), [(0.1, True), (-4.9, True), (5.1, False)])
def test_networks_may_differ_by_five_times_the_rate(change, holds, beside):
    found = decide_ends(beside(lambda rate: change * rate))
    assert (found.figure <= 1.0) is holds
    if holds:
        assert found.figure == pytest.approx(abs(change) / 5.0, rel=1e-3)


def test_what_does_not_go_as_the_rate_is_beyond_the_margin_of_the_limit(beside):
    # The same at either rate: within 5η at each, and so much extrapolated.
    assert decide_ends(beside(lambda rate: 0.03)).figure == np.inf
    found = decide_ends(beside(lambda rate: 0.002))
    assert found.figure == np.inf
    assert found.where["problem"] == "all"
    assert decide_ends(beside(lambda rate: 0.0014)).figure == pytest.approx(0.0014 / 0.0015, 1e-3)


@pytest.mark.parametrize(
    "body",
    [
        lambda once, fourfold: sp.log(once),
        lambda once, fourfold: (3 * sp.log(once) - sp.log(fourfold)) / 2,
        lambda once, fourfold: (16 * sp.log(once) - sp.log(fourfold)) / 15,
    ],
)
def test_another_line_is_refuted_however_near_it_is(body, beside):
    stated = beside(lambda rate: 0.1 * rate)
    assert decide_ends(stated).figure < 0.1
    assert decide_ends(stated._replace(line=replace(ENDS.line, body=body))).figure == np.inf


def test_twice_the_scale_is_told_apart_by_all_together():
    assert decide_factor(ALL_NEAR._replace(law=WITH_TWICE)).holds is False


@pytest.fixture
def trained(monkeypatch):
    """Replace training by values that follow from the row, and the record by the same."""

    def values(index, rate, seed):
        return {name: 2.0 + index + seed + place for place, name in enumerate(MEASURED)}

    kept = made_up(lambda *row: 1.0)
    rows = zip(kept.problem, kept.rate, kept.seed, strict=True)
    found = [values(*row) for row in rows]
    for name in MEASURED:
        kept.measured[name] = np.array([one[name] for one in found])
    monkeypatch.setattr(decisions, "recorded", lambda: kept)
    monkeypatch.setattr(decisions, "again", values)


def test_every_number_is_measured_again(trained, monkeypatch):
    assert decide_again(Again()).figure == 0.0
    assert decide_again(Again(factor=1 + 1e-5)).figure == pytest.approx(1e-5, rel=1e-3)
    assert decide_again(Again(shift=1)).figure > 0.01
    right = decisions.again
    monkeypatch.setattr(
        decisions, "again", lambda *row: right(*row) | {"pt epochs": right(*row)["pt epochs"] + 1}
    )
    found = decide_again(Again())
    assert found.figure > 0.01
    assert found.where["measured"] == "pt epochs"


def test_what_is_trained_again_is_shown():
    shown = Again(problems=(2, 5), factor=1.5, shift=1).latex()
    for part in ("s + 1", "1.5", "2, 5", "recorded", "pt epochs"):
        assert part in shown
