"""False statements on the network and its flow are not accepted; the true one beside them is."""

from dataclasses import replace

import pytest
import sympy as sp

from tests.verify.claims.falsities import false_statements, true_statements
from verify.claims.network import (
    conservation,
    flow,
    fourth_invariant,
    half_angle,
    inherited_layer,
    invariants_complete,
    layer_weights_boundary,
    orbits,
    quadratic_invariants,
    readout_reset,
    rebalance_zero,
    sign_change,
    two_pathways,
    zero_training_error,
)

LESS, MORE, HUNDREDTH = sp.Rational(99, 100), sp.Rational(101, 100), sp.Rational(1, 100)
ORBITS, DECAY, PATHWAYS = orbits.STATED, zero_training_error.STATED, two_pathways.STATED
CONSERVED, LAYER, HALF = conservation.STATED, inherited_layer.STATED, half_angle.STATED
RESET, BALANCED, BOUNDARY = (
    readout_reset.STATED,
    rebalance_zero.STATED,
    layer_weights_boundary.STATED,
)

FALSE = [
    (flow, flow.STATED, "1.01 Xᵀ(Xβ − y)", {"gradient": lambda *m: MORE * flow.gradient(*m)}),
    (flow, flow.STATED, "(Xβ − y) without Xᵀ", {"gradient": lambda Xt, X, b, y: X * b - y}),
    (conservation, CONSERVED, "1.01 c", {"c": lambda w: MORE * CONSERVED.c(w)}),
    (conservation, CONSERVED, "c + 0.01", {"c": lambda w: CONSERVED.c(w) + HUNDREDTH}),
    (
        fourth_invariant,
        fourth_invariant.STATED,
        "of the opposite sign",
        {"cross": lambda w: -fourth_invariant.cross(w)},
    ),
    (orbits, ORBITS, "β(x) from 1.01 N", {"beta": lambda b, n, x: ORBITS.beta(b, MORE * n, x)}),
    (orbits, ORBITS, "N² − 4β² = 4c²", {"gap": lambda c, lp, lm: 4 * c**2}),
    (orbits, ORBITS, "N² − 4β² = (λ₊ − λ₋)²", {"gap": lambda c, lp, lm: (lp - lm) ** 2}),
    (zero_training_error, DECAY, "faster by 1 %", {"rate": lambda K, s: MORE * DECAY.rate(K, s)}),
    (
        zero_training_error,
        DECAY,
        "slower by 1 %: not the best rate",
        {"rate": lambda K, s: LESS * DECAY.rate(K, s)},
    ),
    (zero_training_error, DECAY, "K = 2c", {"floor": lambda c, lp, lm: 2 * c}),
    (zero_training_error, DECAY, "K negative", {"floor": lambda *at: -DECAY.floor(*at)}),
    (two_pathways, PATHWAYS, "1.01 c for 2c", {"start": lambda c, g: MORE * c * g**2}),
    (two_pathways, PATHWAYS, "one pathway at |λ|", {"one": lambda lam, b, g: abs(lam) * g**2}),
    (half_angle, HALF, "x = 0.505 asinh z", {"moment": lambda z: MORE * sp.asinh(z) / 2}),
    (half_angle, HALF, "sinh² for cosh²", {"cosh": lambda z: HALF.sinh(z)}),
    (inherited_layer, LAYER, "upper bound × 0.99", {"upper": lambda *at: LESS * LAYER.upper(*at)}),
    (inherited_layer, LAYER, "upper bound × 1.01", {"upper": lambda *at: MORE * LAYER.upper(*at)}),
    (inherited_layer, LAYER, "lower bound × 0.99", {"lower": lambda *at: LESS * LAYER.lower(*at)}),
    (
        readout_reset,
        RESET,
        "1.01 γ²",
        {"less": lambda b, c, lam, g: RESET.less(b, c, lam, g) - g**2 / 100},
    ),
    (
        rebalance_zero,
        BALANCED,
        "0.99 γ²",
        {"scale": lambda w, g: BALANCED.scale(w, g) - g**2 / 100},
    ),
    (
        layer_weights_boundary,
        BOUNDARY,
        "β of the opposite sign",
        {"upper": lambda b, c, R: BOUNDARY.upper(-b, c, R)},
    ),
]


@pytest.mark.parametrize(("module", "statement"), false_statements(FALSE))
def test_a_near_miss_is_not_accepted(module, statement):
    assert module.decide(statement).holds is not True


@pytest.mark.parametrize(("module", "statement"), true_statements(FALSE))
def test_the_true_statement_is_accepted(module, statement):
    assert module.decide(statement).holds is True


COMPLETE = invariants_complete.STATED


@pytest.mark.parametrize(
    ("stated", "true"),
    [
        pytest.param(COMPLETE, True, id="λ₊, λ₋ and c"),
        pytest.param(replace(COMPLETE, forms=COMPLETE.forms[:2]), False, id="c left out"),
        pytest.param(
            replace(COMPLETE, forms=(*COMPLETE.forms[:2], COMPLETE.forms[0])), False, id="λ₊ twice"
        ),
        pytest.param(
            replace(COMPLETE, jacobian=lambda w: MORE * COMPLETE.jacobian(w)),
            False,
            id="1.01 of it",
        ),
    ],
)
def test_completeness_needs_three_independent_forms(stated, true):
    assert invariants_complete.decide(stated).holds is true


@pytest.mark.parametrize(("empty", "true"), [((1, 3), True), ((1, 2), False), ((4,), False)])
def test_the_degrees_without_invariants_are_part_of_the_statement(empty, true):
    span = replace(quadratic_invariants.STATED, empty=empty)
    assert quadratic_invariants.decide(span).holds is true


@pytest.mark.parametrize(("factor", "true"), [(1, True), (MORE, False), (LESS, False)])
def test_the_threshold_of_a_sign_is_seen_in_the_proof_and_in_training(factor, true):
    stated = sign_change.SignChange(lambda c, lam: factor * sign_change.threshold(c, lam))
    assert sign_change.decide(stated).holds is true
    assert (sign_change.integrate(stated).figure > 0) is true


@pytest.mark.parametrize(("factor", "true"), [(1, True), (MORE, False)])
def test_conserved_values_are_seen_in_training(factor, true):
    stated = CONSERVED.but("", c=lambda w: float(factor) * conservation.scale(w)).subject
    assert (conservation.integrate(stated).figure < 1e-8) is true


@pytest.mark.parametrize(
    ("stated", "true"), [(two_pathways.TRUTH.subject, True), (two_pathways.ALWAYS, False)]
)
def test_one_pathway_has_a_gradient_unless_its_layers_balance(stated, true):
    assert two_pathways.decide_alone(stated).holds is true
