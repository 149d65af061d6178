"""Simultaneous intervals: coverage, three verdicts, refusals; statistics of finite instances."""

import numpy as np
import pytest
import sympy as sp
from scipy.special import ndtri

from verify.claims.crosscheck import _intervals, decoupling
from verify.claims.crosscheck._instances import GROUPS, Problem, solutions
from verify.claims.crosscheck._intervals import Quantity, equivalence
from verify.claims.crosscheck.decoupling import LEVELS, law_statistics, with_sign
from verify.methods.bounds import at_least, within
from verify.methods.on_arrays import on_arrays

STATED = decoupling.of_problems((), 0, range(0), 0.1, 0.1)
COMPARED = {"between": ("one", "other"), "what": "a quantity", "measure": "absolute"}


def bound(margin):
    return within(sp.Symbol("x"), margin)


def quantities(means, *, seeds=20, spread=1.0, margin=1.0):
    noise = np.linspace(-1, 1, seeds)
    noise = spread * (noise - noise.mean()) / noise.std(ddof=1)
    return [Quantity(f"q{i}", mean + noise, bound(margin)) for i, mean in enumerate(means)]


def test_three_verdicts():
    inside = equivalence(quantities([0.0, 0.1]), **COMPARED)
    assert inside.holds is True
    assert inside.figure < 1.0
    assert inside.comparisons[0].worst == pytest.approx(0.1)
    outside = equivalence(quantities([0.0, 3.0]), **COMPARED)
    assert outside.holds is False
    assert outside.counterexample["quantity"] == "q1"
    assert outside.comparisons == ()
    unclear = equivalence(quantities([0.0, 0.9]), **COMPARED)
    assert unclear.holds is None
    assert unclear.figure > 1.0


def test_a_reversed_bound_turns_the_verdict():
    for mean, holds in ((0.0, False), (3.0, True), (0.9, None)):
        one, *_ = quantities([mean])
        turned = one._replace(bound=at_least(one.bound))
        assert equivalence([turned], **COMPARED).holds is holds
        assert turned.bound.latex() != one.bound.latex()


def test_one_quantity_matches_student():
    (one,) = quantities([0.0], seeds=10)
    # t quantile 0.975 with 9 degrees of freedom: 2.262157.
    figure = equivalence([one], **COMPARED).figure
    assert figure == pytest.approx(2.262157 / np.sqrt(10), rel=1e-6)


def test_more_quantities_widen_all_intervals():
    few, many = (equivalence(quantities([0.0] * n), **COMPARED).figure for n in (1, 100))
    assert many > 1.5 * few


def test_family_wise_coverage(monkeypatch):
    monkeypatch.setattr(_intervals, "LEVEL", 0.2)
    rng, wrong = np.random.default_rng(0), 0
    for _ in range(400):
        found = [Quantity(str(i), rng.standard_normal(8), bound(1e-12)) for i in range(5)]
        wrong += equivalence(found, **COMPARED).holds is False
    # Independent quantities: 1 − (1 − 0.04)⁵ = 0.185; five standard errors of 400 draws.
    assert abs(wrong / 400 - 0.185) < 5 * np.sqrt(0.185 * 0.815 / 400)


def test_refusals():
    for values, margin, message in (
        (np.zeros(2), 1.0, "S >= 3"),
        (np.array([0.0, np.nan, 1.0]), 1.0, "finite"),
        (np.zeros(3), 0.0, "positive margins"),
        (np.zeros(3), np.inf, "positive margins"),
    ):
        with pytest.raises(ValueError, match=message):
            equivalence([Quantity("bad", values, bound(margin))], **COMPARED)
    with pytest.raises(ValueError, match="all quantities must"):
        equivalence([], **COMPARED)


def test_scales_of_the_groups_are_those_of_the_initialisation():
    problem = Problem("sign", (1e-3, -0.9, 0.05))
    init = problem.initialization
    stated = [problem.scales[name] for name in GROUPS]
    np.testing.assert_allclose(stated, init.finetune_scale([1.0, 0.0, 1.0, 0.0]), rtol=1e-12)


def test_both_estimates_of_tau_solve_their_equations():
    problem = Problem("gaussian", (1e-3, 0.0, 0.0), ridge=0.2)
    for one in solutions(problem, 60, range(3)):
        estimate = np.concatenate([one.estimate[name] for name in GROUPS])
        scale = np.concatenate(
            [np.full(one.estimate[name].size, problem.scales[name]) for name in GROUPS]
        )
        width = 2 * np.hypot(estimate, scale)
        response = np.mean(width / (width + one.closure_tau))
        assert one.closure_tau == pytest.approx(0.2 + one.closure_tau / 0.5 * response, rel=1e-10)
        assert 0.2 < 1 / np.mean(1 / one.spectrum) < 10 * one.closure_tau


def test_noise_of_the_channel_is_recovered():
    rng = np.random.default_rng(0)
    truth = np.array([2.0, -2.0, 0.0, 1.0])
    tau, theta, scale = 0.3, 0.5, 1e-2
    estimate = rng.standard_normal(4)
    z = estimate + tau * 0.5 * np.arcsinh(estimate / scale)
    at = dict(zip(decoupling.NOISE.symbols, (estimate, truth, tau, theta, scale), strict=True))
    noise = with_sign(on_arrays(decoupling.NOISE(), at), truth)
    np.testing.assert_allclose(truth + theta * np.where(truth < 0, -noise, noise), z)


def test_law_statistics_vanish_for_normal_noise_and_only_there():
    count = 4000
    noise = ndtri((np.arange(count) + 0.5) / count)
    found = law_statistics(STATED, noise, np.zeros(count), 1.0, "sign")
    assert len(found) == 1 + len(LEVELS)
    assert max(abs(value) for value in found.values()) < 2e-3
    wide = law_statistics(STATED, 1.1 * noise, np.zeros(count), 1.0, "sign")
    assert max(abs(value) for value in wide.values()) > 0.15
    # Dependence on |β*| alone: normal overall, but not in either half.
    truth = np.abs(noise) + 1e-9
    halves = law_statistics(STATED, noise, truth, 1.0, "gaussian")
    assert len(halves) == 1 + 2 * len(LEVELS)
    assert max(abs(v) for name, v in halves.items() if "large" in name) > 0.05
    with pytest.raises(ArithmeticError, match="coordinates at small"):
        law_statistics(STATED, noise, truth + 10.0, 1.0, "gaussian")
