"""Designs against a curve: made-up errors whose limit is known; the spectrum's noise and ridge."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad
from scipy.linalg import toeplitz

from empirics import designs
from empirics.designs import cases, column, measured_on
from empirics.finite_size import Recorded
from verify.claims.crosscheck import (
    _design_curves,
    _designs,
    correlated_design,
    correlated_examples,
)
from verify.claims.crosscheck._design_curves import (
    MEAN,
    CorrelatedExamples,
    CorrelatedFeatures,
    Independent,
    spectral_mean,
)
from verify.claims.crosscheck._designs import (
    CASES,
    LAWS,
    ONE_DB,
    WIDE,
    Breaks,
    Copy,
    Holds,
    decide_breaks,
    decide_holds,
    larger,
    remeasure,
)
from verify.methods.relations import Limit, Relation

ALPHAS, DIMENSIONS = (0.12, 0.28), (250, 500, 1000)
BASELINE = next(case for case in cases() if case.baseline)
NOISY = next(case for case in cases() if case.noise_variance)
RIDGED = next(case for case in cases() if case.ridge)
LAZY = "γ = 10"


def made_up(design="rademacher", factor=1.0, scatter=0.3, seeds=12, reference=None):
    """Errors factor · p · exp(10/d + scatter/√d · noise) of the cases of a design."""
    rng = np.random.default_rng(1)
    d, alpha, seed = np.array(list(product(DIMENSIONS, ALPHAS, range(seeds))), float).T
    errors = {}
    for case in measured_on(design):
        known = {
            (x, a): float((reference or Independent())(case, int(x), np.array([a]))[0])
            for x, a in product(DIMENSIONS, ALPHAS)
        }
        p = np.array([known[pair] for pair in zip(d, alpha, strict=True)])
        noise = scatter / np.sqrt(d) * rng.standard_normal(d.size)
        errors[column(design, case)] = factor * p * np.exp(10 / d + noise)
    table = Recorded(d, alpha, seed, errors)
    return lambda: table


class TestHolds:
    def test_what_tends_to_the_curve_holds(self):
        evidence = decide_holds(Holds("rademacher", errors=made_up()))
        assert evidence.holds is True
        assert evidence.data["comparisons"] == 32

    def test_another_limit_is_refuted(self):
        evidence = decide_holds(Holds("rademacher", LAZY, errors=made_up(factor=1.5)))
        assert evidence.holds is False
        assert "gamma=10" in evidence.counterexample["curve"]

    def test_too_much_scatter_decides_nothing(self):
        assert decide_holds(Holds("rademacher", LAZY, errors=made_up(scatter=20))).holds is None

    def test_a_missing_error_confirms_nothing(self):
        errors = made_up()
        errors().errors[column("rademacher", BASELINE)][3] = np.nan
        with pytest.raises(ArithmeticError, match="all finite"):
            decide_holds(Holds("rademacher", errors=errors))

    def test_margins_are_those_of_the_plan(self):
        assert float(WIDE.error) == pytest.approx(designs.WIDE)
        assert float(ONE_DB) == pytest.approx(designs.LEAST)
        assert WIDE.alpha == designs.WIDE_ALPHA


class TestBreaks:
    def stated(self, factor, **changed):
        stated = Breaks("student", LAZY, larger(sp.log(2)), errors=made_up("student", factor))
        return stated._replace(**changed)

    @pytest.mark.parametrize(
        ("factor", "holds"), [(2.5, True), (1.0, False), (1.6, False), (2.0, None), (0.4, False)]
    )
    def test_only_what_is_larger_by_so_much_is_confirmed(self, factor, holds):
        assert decide_breaks(self.stated(factor)).holds is holds

    def test_the_opposite_relation_is_the_opposite(self):
        smaller = self.stated(1.0, bound=larger(sp.log(2), Relation.AT_MOST))
        assert decide_breaks(smaller).holds is True
        assert decide_breaks(smaller._replace(errors=made_up("student", 2.5))).holds is False

    def test_only_the_stated_data_scale_counts(self):
        stated = self.stated(2.5)
        table = stated.errors()
        for errors in table.errors.values():
            errors[table.alpha == 0.12] /= 2.5
        assert decide_breaks(stated).holds is True
        assert decide_breaks(stated._replace(alpha=0.12)).holds is False

    def test_an_equality_is_none_of_its_business(self):
        with pytest.raises(ValueError, match="a mean is stated to be large"):
            decide_breaks(self.stated(2.5, bound=larger(1, Relation.EQUAL)))

    def test_the_limit_is_that_of_large_networks(self):
        bound = replace(larger(sp.log(2)), limit=Limit(_designs.D, 0))
        with pytest.raises(ValueError, match="deviations vanish"):
            decide_breaks(self.stated(2.5, bound=bound))
        with pytest.raises(ValueError, match=r"α must be one of \(0.12, 0.28\), got 0.3"):
            decide_breaks(self.stated(2.5)._replace(alpha=0.3))


class TestSpectrum:
    """F(ϱ, v) is the mean of s/(ϱ + sv) over the spectrum of r^|i − j|."""

    @pytest.mark.parametrize(("ridge", "v", "r"), [(0.5, 0.8, 0.8), (2.0, 0.1, -0.4), (0, 3, 0.6)])
    def test_by_integration(self, ridge, v, r):
        def share(angle):
            s = (1 - r**2) / (1 - 2 * r * np.cos(angle) + r**2)
            return s / (ridge + s * v)

        mean = quad(share, 0, np.pi)[0] / np.pi
        assert float(spectral_mean(ridge, v, r)) == pytest.approx(mean, rel=1e-10)

    def test_by_eigenvalues_of_the_correlations(self):
        s = np.linalg.eigvalsh(toeplitz(0.8 ** np.arange(1500)))
        mean = float(np.mean(s / (0.5 + 0.7 * s)))
        assert float(spectral_mean(0.5, 0.7, 0.8)) == pytest.approx(mean, rel=2e-3)


class TestCorrelatedFeatures:
    @pytest.mark.parametrize("alpha", ALPHAS)
    def test_noise_is_that_of_the_trace_of_a_design(self, alpha):
        d = 2000
        n = round(alpha * d)
        X = designs.instance("features-in-order", d, alpha, 4)[0]
        trace = float(np.trace(np.linalg.inv(X @ X.T))) / n
        expected = 0.2 * trace * (1 - alpha) / alpha
        found = CorrelatedFeatures().variance(0.2**0.5, alpha)
        assert found == pytest.approx(expected, rel=0.03)

    def test_independent_features_keep_their_noise(self):
        independent = replace(MEAN, body=lambda ridge, v, r: 1 / (ridge + v))
        assert CorrelatedFeatures(independent).variance(0.5, 0.3) == pytest.approx(0.25)

    def test_the_curve_is_that_of_more_noise(self):
        more, alpha = 0.2 * 2.2437517, np.array([0.28])
        noisier = replace(Independent().noise, body=lambda sigma: more)
        found = CorrelatedFeatures()(NOISY, 1000, alpha)
        assert found == pytest.approx(Independent(noisier)(NOISY, 1000, alpha), rel=1e-6)

    def test_a_ridge_is_refused(self):
        with pytest.raises(ValueError, match=r"without a ridge, got 0\.5"):
            CorrelatedFeatures()(RIDGED, 250, np.array([0.28]))


class TestCorrelatedExamples:
    alpha = np.array([0.12, 0.28])

    def test_independent_examples_keep_noise_and_ridge(self):
        independent = replace(MEAN, body=lambda ridge, v, r: 1 / (ridge + v))
        found = CorrelatedExamples(independent)(RIDGED, 500, self.alpha)
        assert found == pytest.approx(Independent()(RIDGED, 500, self.alpha), rel=1e-7)

    def test_a_weak_ridge_is_none_with_the_noise_of_interpolation(self):
        weak = replace(RIDGED, noise_variance=0.2, ridge=1e-5)
        noise = replace(Independent().noise, body=lambda sigma: sigma**2 * 1.64 / 0.36)
        expected = Independent(noise)(NOISY, 500, self.alpha)
        assert CorrelatedExamples()(weak, 500, self.alpha) == pytest.approx(expected, rel=1e-3)

    def test_what_does_not_settle_is_an_error(self, monkeypatch):
        monkeypatch.setattr(_design_curves, "ITERATIONS", 2)
        with pytest.raises(ArithmeticError, match="does not settle"):
            CorrelatedExamples()(RIDGED, 500, self.alpha)


class TestSameMinimiser:
    def test_interpolation_is_the_same_and_a_ridge_is_not(self, monkeypatch):
        monkeypatch.setattr(correlated_examples, "SIZES", ((60, 0.3, 0),))
        same = correlated_examples.Same()
        assert correlated_examples.measure_same(same).figure < 1e-10
        assert correlated_examples.measure_same(same._replace(ridge=0.1)).figure > 0.01

    def test_another_undoing_is_noticed(self, monkeypatch):
        monkeypatch.setattr(correlated_examples, "SIZES", ((60, 0.3, 0),))
        other = replace(
            correlated_examples.STATED.innovation, body=lambda now, before, r: now - r * before
        )
        assert correlated_examples.measure_same(correlated_examples.Same(other)).figure > 0.01


class TestFile:
    @pytest.fixture
    def small(self, monkeypatch):
        """A file of two rows, as it was measured, at a small size."""
        rows = [(60, 0.28, 0), (60, 0.28, 1)]
        measured = [designs.measure("rademacher", *row, measured_on("rademacher")) for row in rows]
        errors = {name: np.array([row[name] for row in measured]) for name in measured[0]}
        table = Recorded(*np.array(rows, float).T, errors)
        monkeypatch.setattr(_designs, "recorded", lambda: table)
        monkeypatch.setattr(_designs, "ROWS", 2)

    @pytest.mark.usefixtures("small")
    def test_rows_are_measured_again(self):
        copy = Copy(("rademacher",))
        assert remeasure(copy).figure < 1e-8
        assert remeasure(copy._replace(factor=1 + 1e-6)).figure > 1e-7
        assert remeasure(copy._replace(shift=1)).figure > 1e-3

    @pytest.mark.usefixtures("small")
    def test_a_design_is_measured_anew(self, monkeypatch):
        monkeypatch.setattr(_designs, "LIVE_SEEDS", {40: range(7, 10)})
        table = _designs._live.__wrapped__("rademacher")
        assert table.d.tolist() == [40.0] * 6
        assert table.seed.tolist() == [7.0, 8.0, 9.0] * 2
        again = designs.measure("rademacher", 40, 0.28, 8, [BASELINE])
        (name,) = again
        assert table.errors[name][4] == again[name]

    @pytest.mark.parametrize(("factor", "verdict"), [(1.0, True), (1.5, False)])
    def test_what_is_measured_anew_decides(self, factor, verdict):
        """No recorded row stands beside it: dimensions up to 1000 alone confirm, or refute."""
        kept = _designs.recorded()
        rows = kept.d <= max(_designs.LIVE_SEEDS)
        errors = {name: factor * one[rows] for name, one in kept.errors.items()}
        table = Recorded(kept.d[rows], kept.alpha[rows], kept.seed[rows], errors)
        assert decide_holds(Holds("rademacher", errors=lambda: table)).holds is verdict

    def test_rows_that_are_missing_confirm_nothing(self, monkeypatch):
        few = Recorded(*np.array([[250.0], [0.28], [0.0]]), {})
        monkeypatch.setattr(designs, "recorded", lambda: few)
        with pytest.raises(ArithmeticError, match="must have the rows planned, got 1"):
            _designs.recorded.__wrapped__()


def test_every_selection_names_cases_and_every_design_has_a_law():
    assert LAWS.keys() == designs.DESIGNS.keys()
    counts = {name: sum(map(chosen, cases())) for name, chosen in CASES.items()}
    assert list(counts.values()) == [16, 12, 6, 2, 2, 2, 4, 6, 3]


def test_expected_breaks_are_those_of_the_plan():
    chosen = CASES[correlated_design.BY_ORDER.cases]
    assert {case.setting.label for case in cases() if chosen(case)} == {
        "omega=0.5 rho_ft=0.1 baseline",
        "omega=0.5 rho_ft=0.1 lam/c=-0.99",
        "rho=0.1 c=0.001 lam/c=-1",
    }
