"""Statements about the regimes: what is changed is shown, and refuted; NaN confirms nothing."""

import itertools

import numpy as np
import pytest
import sympy as sp

from numerics import multiprecision, regimes
from theory.regime_bounds import INACTIVE, INACTIVE_ALL, Parameter
from theory.regimes import ABSOLUTE, BETA_FT, BETA_PT, GAMMA, RATIO, SCALE, E, S, Z
from verify import registry
from verify.claim import Measurement
from verify.claims.regimes._statements import (
    COUPLED_AT_ZERO,
    ELL,
    KAPPA,
    LOG_2Z,
    PD,
    Limit,
    OnlyWhere,
    Q,
    Slope,
    Slopes,
    as_written,
    decide,
    falls,
    holds,
    rises,
    theorem,
)
from verify.report.typesetting import typeset

with as_written():
    QUADRATIC = BETA_FT**2 / (4 * SCALE)
    # A true statement, and false ones: another sign, constant, exponent, bound, strictness, order.
    PAIRS = [
        (holds(2 - ELL < Z**2 / 6), holds(2 - ELL < Z**2 / 7)),
        (holds(2 - ELL < Z**2 / 6), holds(2 - ELL > Z**2 / 6)),
        (holds(sp.Lt(-1, PD), sp.Le(PD, 0)), holds(sp.Lt(-1, PD), sp.Lt(PD, 0))),
        (holds(SCALE >= 2 * (1 + RATIO) * ABSOLUTE), holds(SCALE > 2 * (1 + RATIO) * ABSOLUTE)),
        (
            holds(KAPPA * GAMMA**2 <= (1 + RATIO) * BETA_PT),
            holds(KAPPA * GAMMA**2 <= (1 - RATIO) * BETA_PT),
        ),
        (holds(Q < QUADRATIC), holds(Q < QUADRATIC * (1 - Z**2 / 12))),
        (holds(1 / (ELL - 1) > LOG_2Z - 1), holds(1 / (ELL - 1) > LOG_2Z)),
        (holds(sp.Eq(PD, -(ELL - 1) * KAPPA)), holds(sp.Eq(PD, -ELL * KAPPA))),
        (
            holds(
                sp.Eq(PD, -(1 - ABSOLUTE / sp.sqrt(ABSOLUTE**2 + BETA_PT**2)) * (ELL - 1)),
                domain=COUPLED_AT_ZERO,
            ),
            holds(sp.Eq(PD, -(1 - ABSOLUTE / sp.sqrt(ABSOLUTE**2 + BETA_PT**2)) * (ELL - 1))),
        ),
        (Limit(ELL, Z, 0, 2), Limit(ELL, Z, 0, 1)),
        (Limit(ELL, Z, 0, 2), Limit(ELL, Z, sp.oo, 2)),
        (
            Limit(ELL + PD, ABSOLUTE, 0, 1, ((GAMMA, 0),)),
            Limit(ELL + PD, ABSOLUTE, 0, 1, ((BETA_PT, 0),)),
        ),
        (
            Limit(SCALE, ABSOLUTE, 0, (1 + RATIO) * BETA_PT, ((GAMMA, 0),)),
            Limit(SCALE, ABSOLUTE, 0, (1 - RATIO) * BETA_PT, ((GAMMA, 0),)),
        ),
        (
            Limit(SCALE, ABSOLUTE, sp.oo, sp.oo),
            Limit(SCALE, ABSOLUTE, sp.oo, sp.oo, ((RATIO, -1),)),
        ),
        (OnlyWhere(KAPPA, 0, (E, S)), OnlyWhere(KAPPA, 1, (E, S))),
        (Slopes(rises(ELL, Parameter.GAMMA)), Slopes(falls(ELL, Parameter.GAMMA))),
        (
            Slopes(rises(ELL, Parameter.ABSOLUTE_AT_RATIO), INACTIVE),
            Slopes(rises(ELL, Parameter.ABSOLUTE_AT_RATIO), INACTIVE_ALL),
        ),
        (
            Slopes((Slope(KAPPA, 0, Parameter.RATIO),), COUPLED_AT_ZERO),
            Slopes((Slope(KAPPA, 0, Parameter.RATIO),)),
        ),
    ]


@pytest.mark.parametrize(("true", "false"), PAIRS)
def test_what_is_changed_is_shown_and_refuted(true, false):
    assert decide(true).holds is True
    refuted = decide(false)
    assert refuted.holds is False
    assert refuted.counterexample
    assert true.latex() != false.latex()
    assert all(line.mathml for shown in (true, false) for line in typeset(shown.latex()))


def test_a_place_that_is_missing_is_not_overlooked():
    assert decide(OnlyWhere(KAPPA, 0, (E,))).holds is None


def test_a_false_part_decides_before_one_that_is_open():
    part = OnlyWhere(KAPPA, 0, (E,))
    assert decide(theorem(part, holds(ELL > 2))).holds is False
    assert decide(theorem(part, holds(ELL < 2))).holds is None


def test_relations_with_a_common_side_are_chained_and_formulas_keep_their_order():
    with as_written():
        statement = holds(sp.Lt(1, ELL), sp.Lt(ELL, 2))
        bound = holds(2 - ELL < Z**2 / 6)
    assert statement.latex() == r"1 < \ell < 2"
    assert bound.latex() == r"2 - \ell < \frac{z^{2}}{6}"


def test_a_relation_of_q_must_be_homogeneous():
    with pytest.raises(ValueError, match="homogeneous"):
        decide(holds(BETA_FT**2 < Q))


LOADED = registry.load(only=["regimes.*"])
NUMERICAL = [
    pytest.param(check, id=f"{claim.id}: {check.name}")
    for claim in LOADED
    if claim.id.startswith("regimes.") and claim.twin is None
    for check in claim.checks
    if check.method.numerical
]


@pytest.mark.parametrize("check", NUMERICAL)
def test_nan_at_some_points_confirms_nothing(check, monkeypatch):
    """Every second value of the kernels is NaN; it was CONFIRMED by a minimum of steps once."""
    calls = itertools.count()

    def spoiled(function):
        def call(*arguments, **named):
            found = function(*arguments, **named)
            return found * np.nan if next(calls) % 2 else found

        return call

    for module, names in (
        (regimes, ("l_order", "l_order_minus_one", "two_minus_l_order", "transfer")),
        (regimes, ("one_minus_transfer", "pretraining_dependence")),
        (multiprecision, ("l_order", "l_order_minus_one", "penalty", "finetune_scale")),
    ):
        for name in names:
            monkeypatch.setattr(module, name, spoiled(getattr(module, name)))
    try:
        found = check.decide(check.subject)
    except ValueError:
        return  # a solver that refuses NaN: the check did not run to its end
    if isinstance(found, Measurement):
        found = found.held_to(check.tolerance, check.above)
    assert found.holds is not True
    assert next(calls) > 1
