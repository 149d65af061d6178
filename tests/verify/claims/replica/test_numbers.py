"""False statements that numbers refute, beside the true ones."""

from dataclasses import replace

import pytest
import sympy as sp

from tests.verify.claims.changes import accepted, instead
from tests.verify.claims.replica.changes import LESS, MORE, OTHER, RECOVERY, scaled
from theory import replica as theory
from verify.claims.replica import (
    coordinate_groups,
    critical_data,
    exact_solver,
    full_sample_limit,
    l1_threshold,
    more_data,
    null_limit,
    perfect_pretraining,
    random_signs,
    stability,
    vanishing_ridge,
)
from verify.claims.replica._means import SCALE, TARGET, q
from verify.methods.notation import Mean
from verify.methods.relations import Bound, Limit, Relation, Side


@pytest.mark.parametrize(
    ("module", "tolerance", "limit", "true"),
    [
        (null_limit, 1e-5, Limit(theory.alpha, 0, Side.ABOVE), True),
        (null_limit, 1e-5, Limit(theory.alpha, sp.Rational(1, 100), Side.ABOVE), False),
        (null_limit, 1e-5, Limit(theory.ridge, 0, Side.ABOVE), False),
        (null_limit, 1e-5, None, False),
        (null_limit, 1e-5, Limit(theory.alpha, sp.oo), False),
        (full_sample_limit, 1e-6, Limit(theory.alpha, 1, Side.BELOW), True),
        (full_sample_limit, 1e-6, Limit(theory.alpha, 1, Side.ABOVE), False),
        (full_sample_limit, 1e-6, Limit(theory.alpha, 1), False),
        (full_sample_limit, 1e-6, Limit(theory.alpha, LESS, Side.BELOW), False),
    ],
)
def test_where_a_limit_is_taken_is_decided(module, tolerance, limit, true):
    stated = replace(module.STATED, limit=limit)
    assert accepted(lambda one: module.decide(one).held_to(tolerance, None), stated) is true


def test_the_stability_margin_is_told_from_its_near_misses_in_float64():
    stated = stability.STATED
    assert stability.evaluate(stated.margin).held_to(1e-9, None).holds is True
    for factor in (1.01, 0.99):
        found = stability.evaluate(scaled(stated, "margin", factor).margin)
        assert found.held_to(1e-9, None).holds is False
    # E[η′] < α in place of E[η′²] < α.
    mean = stated.but("", margin=lambda ridge, tau, spread, alpha: ridge / tau).subject
    assert stability.evaluate(mean.margin).held_to(1e-9, None).holds is False


@pytest.mark.parametrize(("variant", "true"), [("stated", True), (MORE, False), (LESS, False)])
def test_the_bound_without_ridge_is_the_best(variant, true):
    stated = vanishing_ridge.STATED
    if variant != "stated":
        stated = scaled(stated, "bound", float(variant))
    assert vanishing_ridge.solve(stated).held_to(1e-9, None).holds is true


def test_the_rate_at_as_many_examples_as_coordinates_has_its_exponent():
    stated = critical_data.STATED
    assert critical_data.derive(stated).holds is True
    for power in ("151/100", "149/100"):
        wrong = stated.but(
            "", error=lambda r, q, s, power=power: sp.sqrt(r) * q / (2 * s ** sp.Rational(power))
        ).subject
        assert critical_data.derive(wrong).holds is False
        vanishing = critical_data.VANISHING.but(
            "", rate=lambda q, s, power=power: q / (2 * s ** sp.Rational(power))
        ).subject
        assert critical_data.in_the_limit(vanishing).held_to(1e-6, None).holds is False


OF_TARGET = sp.Derivative(q(TARGET), TARGET)


# (Claim, tolerance, the fields that make it false.)
LIMITS = {
    "p/α": (null_limit, 1e-5, {"name": theory.error / theory.alpha}),
    "(p + E[β*²])/α": (
        null_limit,
        1e-5,
        {"name": (theory.error + Mean(TARGET**2)) / theory.alpha},
    ),
    "E[c_FT] for E[c_FT²]": (
        null_limit,
        1e-5,
        {
            "symbols": (
                *null_limit.STATED.symbols[:2],
                Mean(SCALE) ** 2,
                null_limit.STATED.symbols[3],
            )
        },
    ),
    "E[c_FT β*⁴] for E[c_FT β*²]": (
        null_limit,
        1e-5,
        {"symbols": (*null_limit.STATED.symbols[:3], Mean(SCALE * TARGET**4))},
    ),
    "another symbol for α in 1 − α": (
        full_sample_limit,
        1e-6,
        {"name": theory.error / (1 - OTHER)},
    ),
    "another symbol for p": (null_limit, 1e-5, {"name": OTHER / theory.alpha}),
    "p/(1 + α)": (full_sample_limit, 1e-6, {"name": theory.error / (1 + theory.alpha)}),
    "E[q″] for E[q′²], and the reverse": (
        full_sample_limit,
        1e-6,
        {"symbols": full_sample_limit.STATED.symbols[::-1]},
    ),
    "E[q′³] for E[q′²]": (
        full_sample_limit,
        1e-6,
        {"symbols": (Mean(OF_TARGET**3), full_sample_limit.STATED.symbols[1])},
    ),
}


@pytest.mark.parametrize(("module", "tolerance", "fields"), LIMITS.values(), ids=LIMITS)
def test_what_tends_to_a_limit_and_the_means_in_it_are_decided(module, tolerance, fields):
    def decide(stated):
        return module.decide(stated).held_to(tolerance, None)

    assert not accepted(decide, replace(module.STATED, **fields))


# (What decides it by numbers, its tolerance, the true statement, the fields that make it false.)
GROUPS, SIGNS, MORE_DATA = coordinate_groups.STATED, random_signs.STATED, more_data.STATED


FEW = exact_solver.Solver(exact_solver.FEW)


AT_ALPHA = exact_solver.SOLVED(theory.alpha) / exact_solver.EXACT(theory.alpha)


BY_NUMBERS = {
    "ρ_FT twice as large": (
        coordinate_groups.compare_task,
        1e-14,
        GROUPS,
        ("density", {"body": lambda b, s, n: 2 * (b * s + (1 - b) * n)}),
    ),
    "ω for ρ_FT": (
        coordinate_groups.compare_task,
        1e-14,
        GROUPS,
        ("density", {"name": coordinate_groups.both}),
    ),
    "β̂ even": (random_signs.integrate, 1e-9, SIGNS, ("odd", {"body": lambda estimate: estimate})),
    "β̂(−2z)": (
        random_signs.integrate,
        1e-9,
        SIGNS,
        ("odd", {"name": random_signs.ESTIMATOR(-2 * random_signs.z)}),
    ),
    "c_FT odd": (random_signs.integrate, 1e-9, SIGNS, ("even", {"body": lambda scale: -scale})),
    "τ ≤ 1.01 ϱα/(α − 1), which is not the best": (
        more_data.evaluate,
        1e-6,
        MORE_DATA,
        ("tau", {"body": lambda ridge, alpha: 1.01 * ridge * alpha / (alpha - 1)}),
    ),
    "p as ϱ → 1/100": (
        more_data.evaluate,
        1e-6,
        MORE_DATA,
        ("error", {"limit": Limit(theory.ridge, sp.Rational(1, 100), Side.ABOVE)}),
    ),
    "θ for p": (more_data.evaluate, 1e-6, MORE_DATA, ("error", {"name": theory.theta})),
    "α_PT > 1": (
        perfect_pretraining.count,
        0.0,
        RECOVERY,
        ("", {"enough": Bound(Relation.ABOVE, 1)}),
    ),
    "dim ker X = 1": (
        perfect_pretraining.count,
        0.0,
        RECOVERY,
        ("", {"none": Bound(Relation.EQUAL, 1)}),
    ),
    "sⱼ without a sign": (
        vanishing_ridge.solve,
        1e-9,
        vanishing_ridge.STATED,
        ("term", {"name": -vanishing_ridge.TERM}),
    ),
    "the greatest M": (
        l1_threshold.decide_by_value,
        l1_threshold.HALF_UNIT,
        l1_threshold.PART,
        ("", {"extremum": l1_threshold.Extremum.MAX}),
    ),
    "the solver's error itself": (
        exact_solver.decide,
        1e-11,
        FEW,
        ("", {"deviation": sp.Abs(AT_ALPHA)}),
    ),
    "|p̂/p − 1.01|": (exact_solver.decide, 1e-11, FEW, ("", {"deviation": abs(AT_ALPHA - MORE)})),
    "p̂ at 1.01 α": (
        exact_solver.decide,
        1e-11,
        FEW,
        ("", {"deviation": exact_solver.deviation(exact_solver.SOLVED(MORE * theory.alpha))}),
    ),
    "the solver's penalty itself": (
        exact_solver.decide,
        1e-11,
        FEW,
        ("", {"penalty": sp.Abs(exact_solver.SOLVED_PENALTY(theory.alpha))}),
    ),
    "Q̂ for p": (
        exact_solver.decide,
        1e-11,
        FEW,
        ("", {"deviation": exact_solver.deviation(exact_solver.SOLVED_PENALTY(theory.alpha))}),
    ),
    "at least 10⁻¹¹": (exact_solver.decide, 1e-11, FEW, ("", {"relation": Relation.AT_LEAST})),
}


@pytest.mark.parametrize(
    ("decide", "tolerance", "true", "change"), BY_NUMBERS.values(), ids=BY_NUMBERS
)
def test_numbers_decide_each_part_of_what_they_are_given(decide, tolerance, true, change):
    which, fields = change
    false = instead(true, which, **fields) if which else true._replace(**fields)
    assert accepted(lambda one: decide(one).held_to(tolerance, None), true)
    assert not accepted(lambda one: decide(one).held_to(tolerance, None), false)


def test_a_limit_at_0_has_the_side_of_its_variable():
    for side in (Side.BELOW, Side.BOTH):
        with pytest.raises(ValueError, match="must go to 0 from ABOVE"):
            Limit(theory.theta, 0, side)
