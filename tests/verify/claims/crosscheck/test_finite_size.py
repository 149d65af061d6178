"""Finite sizes against a curve, on made-up errors whose limit is known; the false references."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from empirics.experiments import settings
from empirics.finite_problems import Curve, scales_of
from empirics.finite_size import Recorded, curves
from numerics import Initialization, TaskDistribution, solve_replica
from verify.claims.crosscheck import finite_size
from verify.claims.crosscheck._finite_size import (
    REPLICA,
    THETA,
    Margin,
    Reference,
    deviations,
    equivalent,
    root_gap,
)
from verify.methods.relations import Relation

ALPHAS = np.array([0.1, 0.3])
DIMENSIONS = (250, 500, 1000)
MARGIN = Margin(0.05)
STATED = Reference()
WRONG = {why: limit.reference for why, limit in finite_size.WRONG.items()}


def lazy_curves():
    return [curve for curve in curves() if "gamma=10" in curve.name][:4]


def made_up(factor=1.0, slope=20.0, scatter=0.5, seeds=20, chosen=None):
    """Errors factor · p · exp(slope/d + scatter/√d · noise), seed by seed."""
    rng = np.random.default_rng(0)
    rows = [(d, a, s) for d in DIMENSIONS for a in ALPHAS for s in range(seeds)]
    d, alpha, seed = np.array(rows).T
    errors = {}
    for curve in chosen or lazy_curves():
        p = np.array([STATED(curve, int(x), np.array([a]))[0] for x, a, _ in rows])
        noise = scatter / np.sqrt(d) * rng.standard_normal(d.size)
        errors[curve.name] = factor * p * np.exp(slope / d + noise)
    return Recorded(d, alpha, seed, errors)


def test_what_tends_to_the_curve_holds_though_no_finite_size_lies_on_it():
    found = deviations(made_up(), lazy_curves(), STATED, MARGIN)
    evidence = equivalent(found)
    assert evidence.holds is True
    assert evidence.figure < 0.05
    assert evidence.data["comparisons"] == 8
    assert evidence.data["equivalent within 5 % of p"] == 8
    assert len(evidence.steps) == 4  # an experiment's slab at an α each
    assert all(abs(one.samples[250].mean()) > 0.05 for one in found)
    assert {c.between for c in evidence.comparisons} == {("finite networks", "replica curve")}
    least_sure = max(one.estimate.equivalence_p(0.05) for one in found)
    assert evidence.figure <= evidence.data["Bonferroni"] == pytest.approx(8 * least_sure, abs=0)


@pytest.mark.parametrize(
    ("error", "kept", "gap"),
    [(4.0, 1.0, 1 / 1.0001), (1.0, 4.0, 1 / 2.0001), (1e-20, 0.0, 1e-6), (0.0, 0.0, 0.0)],
)
def test_gap_of_two_errors_is_relative_to_the_recorded_root_or_to_rounding(error, kept, gap):
    assert root_gap(error, kept) == pytest.approx(gap, rel=1e-12, abs=0)


def test_another_limit_is_refuted_with_the_place():
    evidence = equivalent(deviations(made_up(1.2), lazy_curves(), STATED, MARGIN))
    assert evidence.holds is False
    assert evidence.counterexample["curve"] in {curve.name for curve in lazy_curves()}
    assert not evidence.comparisons


def test_too_much_scatter_decides_nothing():
    found = deviations(made_up(scatter=8.0), lazy_curves(), STATED, MARGIN)
    evidence = equivalent(found)
    assert evidence.holds is None
    assert "not precise enough" in evidence.summary


def test_a_dimension_with_one_seed_is_left_out():
    recorded = made_up()
    kept = (recorded.d < 1000) | (recorded.seed == 0)
    fewer = Recorded(
        recorded.d[kept],
        recorded.alpha[kept],
        recorded.seed[kept],
        {name: column[kept] for name, column in recorded.errors.items()},
    )
    found = deviations(fewer, lazy_curves(), STATED, MARGIN)
    assert {tuple(one.samples) for one in found} == {(250, 500)}


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_errors_that_are_missing_confirm_nothing(bad):
    recorded = made_up()
    recorded.errors[lazy_curves()[2].name][::5] = bad
    with pytest.raises(ArithmeticError, match="must have 120 errors, all finite, got 96"):
        deviations(recorded, lazy_curves(), STATED, MARGIN)


def test_a_reference_of_zero_leaves_no_point_out():
    def nothing(curve, d, alpha):
        return np.zeros(alpha.size)

    with pytest.raises(ArithmeticError, match="must have an error, got 0"):
        deviations(made_up(), lazy_curves(), nothing, MARGIN)


def test_rows_that_are_missing_confirm_nothing(monkeypatch):
    kept = finite_size.load()
    fewer = Recorded(
        kept.d[1:], kept.alpha[1:], kept.seed[1:], {n: e[1:] for n, e in kept.errors.items()}
    )
    monkeypatch.setattr(finite_size, "load", lambda: fewer)
    with pytest.raises(ArithmeticError, match="must have the rows planned"):
        finite_size.recorded.__wrapped__()


def test_exact_recovery_is_left_out():
    """The saddle's error is 0 above the threshold, 0.061 for ρ = 0.01: no ratio to form."""
    saddle = [c for c in curves() if not scales_of(c).any() and c.setting.rho_ft == 0.01]
    errors = {curve.name: np.ones(4) for curve in saddle}
    recorded = Recorded(np.repeat([250.0, 500.0], 2), np.full(4, 0.1), np.arange(4.0), errors)
    assert saddle
    assert deviations(recorded, saddle, STATED, MARGIN) == ()


def test_margin_in_alpha_follows_the_slope():
    steep = next(c for c in curves() if c.baseline and c.setting.rho_ft == 0.01)
    found = deviations(made_up(chosen=[steep]), [steep], STATED, Margin(0.05, 0.1))
    p = [float(STATED(steep, 1000, np.array([0.3 * f]))[0]) for f in (0.999, 1.001)]
    slope = abs(np.log(p[1] / p[0])) / np.log(1.001 / 0.999)
    assert found[1].margin == pytest.approx(0.1 * slope, rel=1e-2)
    assert found[1].margin > 0.1


class TestFalseReferences:
    """Each false reference is the true error of the network that it confuses with ours."""

    alpha = np.array([0.2])
    curve = Curve(settings("reuse")[0])

    def test_doubled_scale(self):
        setting = replace(self.curve.setting, gamma=0.7, relative_scale=0.3)
        curve = Curve(setting)
        init = setting.initialization
        task = curve.composed(500)
        twice = STATED.scaled(2)(curve, 500, self.alpha)
        doubled = TaskDistribution(
            tuple(replace(g, pt_magnitude=2 * g.pt_magnitude) for g in task.groups)
        )
        other = Initialization(2 * init.c, 2 * init.lam, np.sqrt(2) * init.gamma)
        ratio = doubled.penalty_scales(other) / task.penalty_scales(init)
        assert ratio == pytest.approx(2.0)
        assert twice == pytest.approx(solve_replica(doubled, other, self.alpha).mse)

    def test_half_readout(self):
        curve = Curve(replace(self.curve.setting, gamma=1.0))
        half = Curve(replace(self.curve.setting, gamma=np.sqrt(0.5)))
        assert WRONG["γ²/2 for γ²"](curve, 500, self.alpha) == pytest.approx(
            STATED(half, 500, self.alpha)
        )

    def test_swapped_lambda(self):
        curve = Curve(replace(self.curve.setting, relative_scale=0.5))
        other = Curve(replace(self.curve.setting, relative_scale=-0.5))
        assert WRONG["−λ for λ"](curve, 500, self.alpha) == STATED(other, 500, self.alpha)

    @pytest.mark.parametrize(("overlap", "wrong"), [(0.0, 0.25), (0.5, 0.25), (1.0, 0.75)])
    def test_wrong_overlap(self, overlap, wrong):
        curve = Curve(replace(self.curve.setting, overlap=overlap))
        other = Curve(replace(self.curve.setting, overlap=wrong))
        assert WRONG["ω off by 1/4"](curve, 1000, self.alpha) == STATED(other, 1000, self.alpha)

    def test_noise_over_alpha(self):
        noisy = Curve(self.curve.setting, 0.2)
        wrong = Curve(self.curve.setting, 1.0)
        divided = WRONG["θ² = (σ² + p)/α"]
        assert divided(noisy, 500, self.alpha) == pytest.approx(STATED(wrong, 500, self.alpha))
        assert divided(self.curve, 500, self.alpha) == pytest.approx(
            STATED(self.curve, 500, self.alpha)
        )

    def test_symbols_of_the_reference_stand_for_what_they_are_called(self):
        alpha, beta, c, lam, gamma, omega = STATED.error.symbols
        exchanged = replace(STATED.error, symbols=(alpha, beta, c, lam, omega, gamma))
        # Sizes are in units in which β_PT = 4: 2γ stands for γ.
        curve = Curve(replace(self.curve.setting, gamma=0.125, overlap=0.5))
        other = Curve(replace(self.curve.setting, gamma=0.25, overlap=0.25))
        found = STATED._replace(error=exchanged)(curve, 1000, self.alpha)
        assert found == pytest.approx(STATED(other, 1000, self.alpha))
        assert exchanged.latex() != STATED.error.latex()

    @pytest.mark.parametrize(
        "changed",
        [
            {"body": lambda s, p, a: s**2 + p},
            {"name": THETA},
            {"name": THETA**4},
            {"name": sp.Symbol("theta'") ** 2},
            {"name": -(THETA**2)},
        ],
        ids=["p", "θ", "θ⁴", "θ'", "−θ²"],
    )
    def test_p_enters_as_the_solver_has_it(self, changed):
        noise = replace(STATED.noise, **changed)
        assert noise.latex() != STATED.noise.latex()
        with pytest.raises(ValueError, match="what is noise, and p/α"):
            STATED._replace(noise=noise)(self.curve, 500, self.alpha)

    @pytest.mark.parametrize(
        "body",
        [
            lambda a, b, c, lam, g, w: REPLICA(a, b**2, c, lam, g**2, w),
            lambda a, b, c, lam, g, w: REPLICA(a, b, c, lam, g**2 / b, w),
            lambda a, b, c, lam, g, w: REPLICA(a, b, c, lam, g, w),
            lambda a, b, c, lam, g, w: REPLICA(a, b, c, lam, g**4, w),
        ],
        ids=["β_PT²", "γ²/β_PT", "γ", "γ⁴"],
    )
    def test_no_power_is_hidden_where_sizes_are_1(self, body):
        curve = Curve(replace(self.curve.setting, gamma=1.0))
        found = STATED.reading(body)(curve, 500, self.alpha)
        assert abs(np.log(found / STATED(curve, 500, self.alpha))) > 1e-2


@pytest.mark.parametrize(
    "margin",
    [
        MARGIN._replace(relation=Relation.AT_LEAST),
        MARGIN._replace(limit=replace(MARGIN.limit, to=0)),
    ],
    ids=["relation", "limit"],
)
def test_only_small_deviations_of_large_networks_are_decided(margin):
    assert margin.formula.latex() != MARGIN.formula.latex()
    with pytest.raises(ValueError, match="deviations vanish"):
        deviations(made_up(seeds=3), lazy_curves(), STATED, margin)


def test_another_deviation_is_another_statement():
    margin = MARGIN._replace(deviation=2 * MARGIN.deviation + 1)
    plain, other = (
        deviations(made_up(seeds=3), lazy_curves(), STATED, one) for one in (MARGIN, margin)
    )
    assert other[0].samples[500] == pytest.approx(2 * plain[0].samples[500] + 1)
    assert margin.formula.latex() != MARGIN.formula.latex()
