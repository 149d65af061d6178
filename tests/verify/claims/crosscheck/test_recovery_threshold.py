"""Location of the recovery threshold: the closed form, the fit, and what it refuses."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from scipy.special import expit

from verify.claims.crosscheck import recovery_threshold
from verify.claims.crosscheck.recovery_threshold import (
    INTEGRAL,
    QUICK,
    WRONG,
    decide,
    locate,
    moment,
    recoveries,
)
from verify.methods.bounds import at_least
from verify.methods.relations import Extremum


@pytest.mark.parametrize(
    ("rho", "digits"), [(0.01, 0.0612440), (0.04, 0.1737844), (0.1, 0.3287935), (0.9, 0.9936202)]
)
def test_weak_threshold(rho, digits):
    assert QUICK(rho) == pytest.approx(digits, abs=5e-8)
    positive = replace(QUICK.threshold, body=WRONG["teachers known to be positive"])
    assert QUICK._replace(threshold=positive)(rho) < digits
    assert QUICK._replace(extremum=Extremum.MAX)(rho) > digits


def test_what_is_shown_of_the_threshold_decides_it():
    rho, kappa, density, tail = QUICK.threshold.symbols
    others = (
        {"extremum": Extremum.MAX},
        {"threshold": replace(QUICK.threshold, symbols=(rho, kappa, tail, density))},
        {"threshold": replace(QUICK.threshold, symbols=(rho, kappa, density, INTEGRAL(kappa)))},
    )
    for other in others:
        changed = QUICK._replace(**other)
        assert changed.latex() != QUICK.latex()
        assert abs(changed(0.1) - QUICK(0.1)) > 1e-2
    with pytest.raises(ValueError, match="tested to be near"):
        decide(QUICK._replace(near=at_least(QUICK.near)))


def made_up(rho, d, window, count, seed):
    """Make trials up, in which recovery sets in where it should."""
    alpha = np.linspace(*window, 400)
    fine = np.random.default_rng(d).random(400) < expit((alpha - QUICK(rho)) / 0.02)
    return alpha, fine.astype(float)


@pytest.mark.parametrize(
    ("body", "holds"),
    [
        (moment, True),
        (lambda rho, *rest: moment(rho, *rest, 3), False),
        (lambda rho, *rest: moment(rho, *rest, 2 / (1 - rho)), False),
        (lambda rho, *rest: moment(rho, *rest) * (1 + sp.Rational(1, 10**4)), False),
        (lambda rho, *rest: moment(rho, *rest) + (sp.Rational(1, 10) - rho) / 100, False),
    ],
    ids=["stated", "three tails", "without 1 − ρ", "1e-4 more", "at ρ = 0.1 only"],
)
def test_the_threshold_is_the_statistical_dimension(monkeypatch, body, holds):
    monkeypatch.setattr(recovery_threshold, "recoveries", made_up)
    changed = QUICK._replace(threshold=replace(QUICK.threshold, body=body))
    assert decide(changed).holds is holds
    assert (changed.latex() == QUICK.latex()) is holds


@pytest.mark.parametrize(
    ("body", "holds"),
    [
        (lambda rho, d: 2 / (sp.sqrt(rho) * d), True),
        (lambda rho, d: 200 / (sp.sqrt(rho) * d**2), False),
        (lambda rho, d: 1 / (5 * rho * d), False),
        (lambda rho, d: 2 * sp.sqrt(10) / d, False),
        (lambda rho, d: 1 / (5 * rho ** sp.Rational(3, 2) * d), False),
        (lambda rho, d: 2 / sp.sqrt(rho * d), False),
        (lambda rho, d: 3 / (sp.sqrt(rho) * d), False),
    ],
    ids=["stated", "200/(√ρ d²)", "1/(5ρd)", "2√10/d", "ρ^{3/2}", "√d", "3"],
)
def test_the_margin_is_that_of_the_theorem(monkeypatch, body, holds):
    monkeypatch.setattr(recovery_threshold, "recoveries", made_up)
    changed = QUICK._replace(near=replace(QUICK.near, body=body))
    assert decide(changed).holds is holds
    assert (changed.latex() == QUICK.latex()) is holds


def test_fit_finds_place_width_and_error():
    rng = np.random.default_rng(0)
    alpha = np.linspace(0.1, 0.5, 400)
    places, errors = [], []
    for _ in range(200):
        outcome = (rng.random(400) < expit((alpha - 0.3) / 0.03)).astype(float)
        place, width = locate(alpha, outcome)
        places.append(place.value)
        errors.append(place.error)
        assert 0.01 < width < 0.07
    assert np.mean(places) == pytest.approx(0.3, abs=0.002)
    assert np.std(places) == pytest.approx(np.mean(errors), rel=0.2)


@pytest.mark.parametrize("outcome", [[0, 0, 0, 0], [1, 1, 1, 1], [0, 0, 1, 1]])
def test_separated_trials_are_refused(outcome):
    with pytest.raises(ValueError, match="must overlap"):
        locate(np.array([0.1, 0.2, 0.3, 0.4]), np.array(outcome, dtype=float))


def test_recovery_is_certain_with_many_examples_and_impossible_with_few():
    assert recoveries(0.1, 40, (0.8, 0.9), 6, 0)[1].tolist() == [1.0] * 6
    assert recoveries(0.1, 40, (0.05, 0.075), 6, 0)[1].tolist() == [0.0] * 6
