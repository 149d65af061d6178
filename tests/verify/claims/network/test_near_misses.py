"""False statements on the network and its flow are not accepted; the true one beside them is."""

from dataclasses import replace
from itertools import combinations

import pytest
import sympy as sp

from tests.verify.claims.changes import accepted, exchanged, instead
from tests.verify.claims.falsities import false_statements, true_statements
from theory.network import NAMES, Weights
from verify.claims.network import (
    conservation,
    effective_flow,
    finetune_scale,
    flow,
    fourth_invariant,
    half_angle,
    inherited_layer,
    invariants_complete,
    invariants_independent,
    layer_weights,
    layer_weights_boundary,
    orbits,
    quadratic_invariants,
    readout_over_root_two,
    readout_reset,
    rebalance_zero,
    sign_change,
    signed_sum,
    state_determined,
    trajectory,
    two_pathways,
    zero_training_error,
)
from verify.claims.network._weights import (
    INVARIANTS,
    SHOWN,
    WEIGHT,
    WEIGHT_AT,
    invariants,
    squared_norm,
)
from verify.claims.network.fourth_invariant import cross
from verify.methods.along import TIME
from verify.methods.relations import POSITIVE, Bound, Limit, Relation, Side

W_PLUS, V_PLUS, W_MINUS, V_MINUS = SHOWN
LESS, MORE, HUNDREDTH = sp.Rational(99, 100), sp.Rational(101, 100), sp.Rational(1, 100)
ORBITS, DECAY, PATHWAYS = orbits.STATED, zero_training_error.STATED, two_pathways.STATED
THRESHOLD = sign_change.STATED
CONSERVED, LAYER, HALF = conservation.STATED, inherited_layer.STATED, half_angle.STATED
RESET, BALANCED, BOUNDARY = (
    readout_reset.STATED,
    rebalance_zero.STATED,
    layer_weights_boundary.STATED,
)


FALSE = [
    (flow, flow.STATED, "1.01 Xᵀ(Xβ − y)", {"gradient": lambda *m: MORE * flow.gradient(*m)}),
    (flow, flow.STATED, "(Xβ − y) without Xᵀ", {"gradient": lambda X, b, y: X * b - y}),
    (conservation, CONSERVED, "1.01 c", {"c": lambda w: MORE * CONSERVED.c.body(w)}),
    (conservation, CONSERVED, "c + 0.01", {"c": lambda w: CONSERVED.c.body(w) + HUNDREDTH}),
    (
        fourth_invariant,
        fourth_invariant.STATED,
        "of the opposite sign",
        {"cross": lambda w: -fourth_invariant.cross(w)},
    ),
    (
        orbits,
        ORBITS,
        "β(x) from 1.01 N",
        {"beta": lambda b, n, x: ORBITS.beta.body(b, MORE * n, x)},
    ),
    (orbits, ORBITS, "N² − 4β² = 4c²", {"gap": lambda c, lp, lm: 4 * c**2}),
    (orbits, ORBITS, "N² − 4β² = (λ₊ − λ₋)²", {"gap": lambda c, lp, lm: (lp - lm) ** 2}),
    (
        zero_training_error,
        DECAY,
        "faster by 1 %",
        {"rate": lambda K, s: MORE * DECAY.rate.body(K, s)},
    ),
    (
        zero_training_error,
        DECAY,
        "slower by 1 %: not the best rate",
        {"rate": lambda K, s: LESS * DECAY.rate.body(K, s)},
    ),
    (zero_training_error, DECAY, "K = 2c", {"floor": lambda c, lp, lm: 2 * c}),
    (zero_training_error, DECAY, "K negative", {"floor": lambda *at: -DECAY.floor.body(*at)}),
    (
        two_pathways,
        PATHWAYS,
        "2.02 c for 2c at β = 0",
        {"two": lambda c, b, g: MORE * two_pathways.two(c, b, g)},
    ),
    (two_pathways, PATHWAYS, "one pathway at |λ|", {"one": lambda lam, b, g: abs(lam) * g**2}),
    (half_angle, HALF, "x = 0.505 asinh β/c", {"moment": lambda b, c: MORE * sp.asinh(b / c) / 2}),
    (half_angle, HALF, "sinh² for cosh²", {"cosh": HALF.sinh.body}),
    (
        inherited_layer,
        LAYER,
        "upper bound × 0.99",
        {"upper": lambda *at: LESS * LAYER.upper.body(*at)},
    ),
    (
        inherited_layer,
        LAYER,
        "upper bound × 1.01",
        {"upper": lambda *at: MORE * LAYER.upper.body(*at)},
    ),
    (
        inherited_layer,
        LAYER,
        "lower bound × 0.99",
        {"lower": lambda *at: LESS * LAYER.lower.body(*at)},
    ),
    (
        readout_reset,
        RESET,
        "1.01 γ²",
        {"less": lambda b, c, lam, g: RESET.less.body(b, c, lam, g) - g**2 / 100},
    ),
    (
        rebalance_zero,
        BALANCED,
        "0.99 γ²",
        {"scale": lambda w, g: BALANCED.scale.body(w, g) - g**2 / 100},
    ),
    (
        layer_weights_boundary,
        BOUNDARY,
        "β of the opposite sign",
        {"upper": lambda b, c, R: BOUNDARY.upper.body(-b, c, R)},
    ),
]


@pytest.mark.parametrize(("module", "statement"), false_statements(FALSE))
def test_a_near_miss_is_not_accepted(module, statement):
    assert module.decide(statement).holds is not True


@pytest.mark.parametrize(("module", "statement"), true_statements(FALSE))
def test_the_true_statement_is_accepted(module, statement):
    assert module.decide(statement).holds is True


AT_MOST, AT_LEAST, BELOW = Relation.AT_MOST, Relation.AT_LEAST, Relation.BELOW
G, LAM, BETA = two_pathways.G, two_pathways.LAM, two_pathways.BETA
# Formulas that are false by another field than the right side: symbols, relation, limit, end.
SHOWN_FALSELY = [
    (two_pathways, "λ for c in |∇L₂|²", "two", {"symbols": (LAM, BETA, G)}),
    (two_pathways, "λ and β exchanged in |∇L₁|²", "one", {"symbols": (BETA, LAM, G)}),
    (inherited_layer, "at most 2(c + λ)", "lower", {"relation": AT_MOST}),
    (inherited_layer, "more than 2(c + λ)", "lower", {"relation": Relation.ABOVE}),
    (inherited_layer, "at least (c + λ)(2 + |β|/c)", "upper", {"relation": AT_LEAST}),
    (inherited_layer, "less than (c + λ)(2 + |β|/c)", "upper", {"relation": BELOW}),
    (inherited_layer, "(|β| + λ)(2 + c/|β|)", "upper", {"symbols": exchanged(LAYER.upper, 0, 1)}),
    (inherited_layer, "√(β² + c²) − β", "single", {"symbols": exchanged(LAYER.single, 0, 1)}),
    (
        inherited_layer,
        "in the limit λ → c",
        "single",
        {"limit": Limit(inherited_layer.lam, inherited_layer.c, Side.BELOW)},
    ),
    (readout_reset, "β and c exchanged", "readouts", {"symbols": exchanged(RESET.readouts, 0, 1)}),
    (readout_reset, "λ and γ exchanged", "less", {"symbols": exchanged(RESET.less, 2, 3)}),
    (
        readout_reset,
        "all but γ² as λ → c",
        "end",
        {"limit": Limit(readout_reset.lam, readout_reset.c, Side.BELOW)},
    ),
    (zero_training_error, "L(t) at least", "decay", {"relation": AT_LEAST}),
    (zero_training_error, "L(t) below, even at ρ", "decay", {"relation": BELOW}),
    (zero_training_error, "K the largest of the Kᵢ", "least", {"relation": AT_LEAST}),
    (zero_training_error, "K below all Kᵢ: not the best", "least", {"relation": BELOW}),
    (zero_training_error, "2σK² for 2Kσ²", "rate", {"symbols": exchanged(DECAY.rate, 0, 1)}),
    (conservation, "λ₋ for λ₊", "lam_plus", {"name": conservation.LAM_MINUS}),
    (conservation, "c for λ₋", "lam_minus", {"name": conservation.C}),
    (flow, "Xᵀ(Xy − β)", "gradient", {"symbols": exchanged(flow.STATED.gradient, 1, 2)}),
    (half_angle, "w₊ − w₋ for w₊ + w₋", "hidden_sum", {"name": W_PLUS - W_MINUS}),
    (half_angle, "v₊ − v₋ for w₊ − w₋", "hidden_difference", {"name": V_PLUS - V_MINUS}),
    (half_angle, "cosh² 2x", "cosh", {"name": sp.cosh(2 * half_angle.x) ** 2}),
    (half_angle, "sinh x", "sinh", {"name": sp.sinh(half_angle.x)}),
    (inherited_layer, "(w₊ − w₋)²", "lower", {"name": (W_PLUS - W_MINUS) ** 2}),
    (inherited_layer, "|w₊ + w₋|", "upper", {"name": sp.Abs(W_PLUS + W_MINUS)}),
    (inherited_layer, "w± for its square", "single", {"name": inherited_layer.EITHER}),
    (layer_weights, "weights for their squares", "squares", {"name": WEIGHT}),
    (two_pathways, "|∇L₁| for |∇L₂|", "two", {"name": sp.Abs(two_pathways.ONE) ** 2}),
    (two_pathways, "|∇L₂| for |∇L₁|", "weights", {"name": sp.Abs(two_pathways.ONE) ** 2}),
    (two_pathways, "|∇L₂| where one is alone", "one", {"name": sp.Abs(two_pathways.TWO) ** 2}),
    (two_pathways, "|∇L₁| for its square", "one", {"name": sp.Abs(two_pathways.ONE)}),
    (orbits, "N² − β²", "gap", {"name": orbits.NORM**2 - orbits.NOW**2}),
    (orbits, "N² + 4β²", "gap", {"name": orbits.NORM**2 + 4 * orbits.NOW**2}),
    (orbits, "β″ for β′", "slope", {"name": orbits.BETA(orbits.x).diff(orbits.x, 2)}),
    (readout_reset, "(v₊ − v₋)²", "readouts", {"name": (V_PLUS - V_MINUS) ** 2}),
    (
        readout_reset,
        "c_FT − c_kept",
        "less",
        {"name": readout_reset.SCALE - readout_reset.KEPT},
    ),
    (readout_reset, "c_FT in the limit", "end", {"name": readout_reset.SCALE}),
    (readout_reset, "c_FT for c_kept", "kept", {"name": readout_reset.SCALE}),
    (
        readout_reset,
        "γ for c_kept in the limit",
        "end",
        {"name": readout_reset.gamma - readout_reset.SCALE},
    ),
    (half_angle, "cosh² w₀", "cosh", {"name": sp.cosh(half_angle.w0) ** 2}),
    (half_angle, "w₀ for x", "moment", {"name": half_angle.w0}),
    (signed_sum, "λ²", "square", {"name": signed_sum.lam**2}),
    (signed_sum, "λ for S", "add", {"name": signed_sum.lam}),
    (state_determined, "β² for N²", "norm", {"name": state_determined.BETA**2}),
    (state_determined, "N for K", "K", {"name": state_determined.NORM}),
    (
        state_determined,
        "two forms exchanged",
        "forms",
        {"forms": exchanged(replace(HALF.moment, symbols=state_determined.FORMS), 0, 1)},
    ),
    (fourth_invariant, "c² for c′²", "square", {"name": fourth_invariant.C**2}),
    (fourth_invariant, "c for c′", "cross", {"name": fourth_invariant.C}),
    (orbits, "N(0) for N", "norm", {"name": orbits.NORM_0}),
    (
        inherited_layer,
        "2|β|",
        "upper",
        {"symbols": (2 * sp.Abs(inherited_layer.beta), *LAYER.upper.symbols[1:])},
    ),
    (
        inherited_layer,
        "β without its absolute value",
        "upper",
        {"symbols": (inherited_layer.beta, *LAYER.upper.symbols[1:])},
    ),
    (
        inherited_layer,
        "from both sides of −c",
        "single",
        {"limit": Limit(inherited_layer.lam, -inherited_layer.c)},
    ),
    (flow, "the weights for their velocities", "velocities", {"name": WEIGHT_AT(TIME)}),
    (
        flow,
        "second derivatives",
        "velocities",
        {"name": sp.Derivative(WEIGHT_AT(TIME), (TIME, 2))},
    ),
    (flow, "L for ∇L", "gradient", {"name": flow.STATED.loss.name}),
    (flow, "L(y)", "loss", {"name": flow.LOSS(flow.y)}),
    (layer_weights, "R for s", "tilt", {"name": layer_weights.R}),
    (layer_weights_boundary, "R for W", "upper", {"name": layer_weights_boundary.R}),
    (signed_sum, "S for S²", "square", {"name": signed_sum.S}),
    (fourth_invariant, "c′ for c′²", "square", {"name": fourth_invariant.CROSS}),
    (state_determined, "N for N²", "norm", {"name": state_determined.NORM}),
    (state_determined, "F for KF", "forms", {"name": state_determined.FORM}),
    (
        state_determined,
        "K²F for KF",
        "forms",
        {"name": state_determined.K**2 * state_determined.FORM},
    ),
    (flow, "at most the velocities", "velocities", {"relation": AT_MOST}),
    (half_angle, "x = ½ asinh(c/β)", "moment", {"symbols": exchanged(HALF.moment, 0, 1)}),
    (orbits, "β(0) and N(0) exchanged", "beta", {"symbols": exchanged(ORBITS.beta, 0, 1)}),
    (
        fourth_invariant,
        "λ₊² − cλ₋",
        "square",
        {"symbols": exchanged(fourth_invariant.STATED.square, 0, 1)},
    ),
    (
        layer_weights,
        "√(1 − (c/λ)²)",
        "tilt",
        {"symbols": exchanged(layer_weights.STATED.tilt, 1, 2)},
    ),
    (layer_weights_boundary, "λ = −c for λ = c", "upper", {"end": BOUNDARY.lower.end}),
    (
        state_determined,
        "the pathways' λ exchanged",
        "forms",
        {"symbols": exchanged(state_determined.STATED.forms, 1, 2)},
    ),
    (
        trajectory,
        "w₀ and v₀ exchanged",
        "moving",
        {"symbols": exchanged(trajectory.STATED.moving, 0, 1)},
    ),
]


@pytest.mark.parametrize(
    ("module", "formula", "fields"),
    [
        pytest.param(m, f, fields, id=f"{m.__name__}: {name}")
        for m, name, f, fields in SHOWN_FALSELY
    ],
)
def test_what_a_formula_shows_is_decided(module, formula, fields):
    assert module.decide(module.STATED).holds is True
    assert not accepted(module.decide, instead(module.STATED, formula, **fields))


@pytest.mark.parametrize("relation", [r for r in Relation if r is not Relation.EQUAL])
def test_an_equality_is_no_inequality(relation):
    for formula in vars(CONSERVED):
        stated = instead(CONSERVED, formula, relation=relation)
        assert not accepted(conservation.decide, stated)
        with pytest.raises(ValueError, match="an equality is asked for"):
            conservation.integrate(stated)


@pytest.mark.parametrize("name", ["λ₊", "λ₋"])
def test_a_layer_is_not_taken_for_the_other_in_training(name):
    formula = {"λ₊": "lam_plus", "λ₋": "lam_minus"}[name]
    turned = Weights(SHOWN.v_plus, SHOWN.w_plus, SHOWN.v_minus, SHOWN.w_minus)
    with pytest.raises(ValueError, match="the symbols must be"):
        conservation.integrate(instead(CONSERVED, formula, symbols=(turned,)))


def test_the_scale_at_the_start_of_fine_tuning_is_shown_of_its_own_symbols():
    stated = finetune_scale.STATED
    assert finetune_scale.PROOF(stated).holds is True
    for one, two in combinations(range(4), 2):
        assert not accepted(
            finetune_scale.PROOF, replace(stated, symbols=exchanged(stated, one, two))
        )


@pytest.mark.parametrize(("where", "true"), [(cross, True), (squared_norm, False)])
def test_where_the_invariants_are_dependent(where, true):
    stated = invariants_independent.Dependent(where)
    assert invariants_independent.decide_zeros(stated).holds is true


@pytest.mark.parametrize(
    ("rank", "true"),
    [(Bound(BELOW, 3), True), (Bound(BELOW, 2), False), (Bound(AT_MOST, 3), False)],
)
def test_the_rank_at_which_they_are_dependent_is_decided(rank, true):
    stated = invariants_independent.Dependent(cross, rank)
    assert invariants_independent.decide_zeros(stated).holds is true


MATRIX = invariants_independent.J


@pytest.mark.parametrize(
    ("matrix", "true"), [(MATRIX * MATRIX.T, True), (MATRIX.T * MATRIX, False)]
)
def test_the_determinant_is_that_of_the_rows(matrix, true):
    stated = replace(invariants_independent.STATED, name=sp.Determinant(matrix))
    assert invariants_independent.decide(stated).holds is true


def test_a_matrix_of_another_shape_is_no_jacobian(monkeypatch):
    other_shape = sp.MatrixSymbol("J", 4, 3)
    monkeypatch.setattr(invariants_independent, "J", other_shape)
    stated = replace(
        invariants_independent.STATED, name=sp.Determinant(other_shape * other_shape.T)
    )
    with pytest.raises(ValueError, match="must be the Jacobian"):
        invariants_independent.decide(stated)


B, NOW = effective_flow.BETA(TIME), effective_flow.STATED


@pytest.mark.parametrize(
    ("name", "true"),
    [(sp.Derivative(B, TIME), True), (B, False), (sp.Derivative(B, (TIME, 2)), False)],
)
def test_it_is_the_velocity_of_the_effective_weight(name, true):
    assert accepted(effective_flow.decide, replace(NOW, name=name)) is true


# Names that no check can tell apart where they are defined stand for what the theory calls so.


def test_the_shown_weights_are_those_of_the_theory():
    named = (field.replace("plus", "+").replace("minus", "-") for field in Weights._fields)
    assert tuple(NAMES) == tuple(named)
    assert [symbol.name for symbol in SHOWN] == [f"{{{name}}}" for name in NAMES]


def test_the_shown_invariants_are_those_of_the_theory():
    w = Weights(*sp.symbols("a:4"))
    assert {symbol.name: value for symbol, value in invariants(w).items()} == {
        "{c}": w.w_plus * w.w_minus + w.v_plus * w.v_minus,
        r"{\lambda_+}": w.w_plus**2 - w.v_plus**2,
        r"{\lambda_-}": w.w_minus**2 - w.v_minus**2,
    }
    assert tuple(invariants(w)) == INVARIANTS


@pytest.mark.parametrize(
    ("symbol", "latex"),
    [
        (readout_reset.KEPT, r"{c_{\mathrm{kept}}}"),
        (readout_reset.SCALE, "{c_{FT}}"),
        (two_pathways.TWO, r"{\nabla L_2}"),
        (two_pathways.ONE, r"{\nabla L_1}"),
        (two_pathways.G, r"{\frac{\partial L}{\partial\beta}}"),
        (effective_flow.SLOPE, r"{\frac{\partial L}{\partial\beta}}"),
        (fourth_invariant.CROSS, "{c'}"),
        (orbits.NORM, "{N}"),
        (orbits.NORM_0, "{N(0)}"),
        (orbits.NOW, r"{\beta}"),
        (orbits.BETA_0, r"{\beta(0)}"),
        (state_determined.BETA, r"{\beta}"),
        (state_determined.NORM, "{N}"),
        (inherited_layer.EITHER, r"{w_\pm}"),
        (readout_over_root_two.READOUT, r"{v_{\pm}^{FT}(0)}"),
        (rebalance_zero.BETA, r"{\beta^{FT}(0)}"),
        (rebalance_zero.SCALE, "{c_{FT}}"),
        (state_determined.K, "{K}"),
        (state_determined.FORM, "{F}"),
        (zero_training_error.LOSS, "{L(0)}"),
        (zero_training_error.K_I, "{K_i}"),
        (WEIGHT, "W"),
        (TIME, "t"),
    ],
)
def test_a_quantity_is_shown_by_its_own_name(symbol, latex):
    assert symbol.name == latex


def test_functions_are_shown_by_their_own_names():
    assert (flow.LOSS.__name__, WEIGHT_AT.__name__) == ("L", "W")


def test_gradients_are_counted_by_their_pathways():
    assert {n: one.name for n, one in two_pathways.GRADIENTS.items()} == {
        1: r"{\nabla L_1}",
        2: r"{\nabla L_2}",
    }


def test_one_pathway_and_two_are_told_apart_by_their_weights():
    pair = Weights(*sp.symbols("a:4", positive=True))
    single = pair._replace(w_minus=sp.Integer(0), v_minus=sp.Integer(0))
    for w, name, other_name in (
        (pair, two_pathways.TWO, two_pathways.ONE),
        (single, two_pathways.ONE, two_pathways.TWO),
    ):
        size = two_pathways.sizes(w)[sp.Abs]
        assert size(name) > 0
        assert size(other_name) is sp.nan


@pytest.mark.parametrize(
    ("stated", "text"),
    [
        (
            THRESHOLD,
            r"\lambda < 0:\quad w_- < 0 \iff \beta > \beta_{0} \\ \lambda > 0:\quad v_- < 0",
        ),
        (BOUNDARY, r"\lambda = c:\quad {w_+} ="),
        (flow.STATED, "{w_+}'(t) = - {v_+} g"),
        (effective_flow.STATED, r"\beta'(t) = "),
        (quadratic_invariants.STATED, r"\{Q : Q'(t) = 0\} = \operatorname{span}\{{w_+}^{2}"),
        (invariants_independent.EVERYWHERE, r"\operatorname{rank} J < 3 \iff {w_+}^{2} +"),
    ],
)
def test_a_statement_begins_as_it_is_read(stated, text):
    assert stated.latex().startswith(text)


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
        pytest.param(
            replace(COMPLETE, by=Weights(W_PLUS, V_PLUS, V_MINUS, W_MINUS)),
            False,
            id="by w₋ and v₋ exchanged",
        ),
    ],
)
def test_completeness_needs_three_independent_forms(stated, true):
    assert invariants_complete.decide(stated).holds is true


@pytest.mark.parametrize(("empty", "true"), [((1, 3), True), ((1, 2), False), ((4,), False)])
def test_the_degrees_without_invariants_are_part_of_the_statement(empty, true):
    span = replace(quadratic_invariants.STATED, empty=empty)
    assert quadratic_invariants.decide(span).holds is true


def test_quadratic_invariants_are_those_that_do_not_move():
    stated = quadratic_invariants.STATED
    at_zero = replace(stated.conserved, name=quadratic_invariants.Q(TIME))
    assert quadratic_invariants.decide(replace(stated, conserved=at_zero)).holds is not True


@pytest.mark.parametrize(("factor", "true"), [(1, True), (MORE, False), (LESS, False)])
def test_the_threshold_of_a_sign_is_seen_in_the_proof_and_in_training(factor, true):
    stated = THRESHOLD.but("", lambda c, lam: factor * sign_change.threshold(c, lam)).subject
    assert sign_change.decide(stated).holds is true
    assert (sign_change.integrate(stated).figure > 0) is true


@pytest.mark.parametrize("relation", [r for r in Relation if r is not Relation.ABOVE])
def test_a_weight_is_negative_beyond_the_threshold_only(relation):
    stated = THRESHOLD._replace(beyond=relation)
    assert not accepted(sign_change.decide, stated)
    if relation is Relation.EQUAL:
        with pytest.raises(ValueError, match="an inequality"):
            sign_change.integrate(stated)
    else:
        assert sign_change.integrate(stated).figure < 0


@pytest.mark.parametrize(
    ("turned", "beyond", "true"),
    [
        (BELOW, Relation.ABOVE, True),
        (AT_MOST, Relation.AT_LEAST, True),
        (BELOW, Relation.AT_LEAST, False),
        (AT_MOST, Relation.ABOVE, False),
        (Relation.ABOVE, BELOW, True),
        (Relation.AT_LEAST, AT_MOST, True),
        (Relation.ABOVE, AT_MOST, False),
        (Relation.AT_LEAST, BELOW, False),
        (Relation.ABOVE, Relation.ABOVE, False),
        (AT_MOST, AT_MOST, False),
    ],
)
def test_both_relations_include_the_threshold_or_neither(turned, beyond, true):
    stated = THRESHOLD._replace(turned=Bound(turned, 0), beyond=beyond)
    assert (sign_change.decide(stated).holds is True) is true
    assert (sign_change.integrate(stated).figure > 0) is true


def test_the_weight_at_the_threshold_is_0_exactly():
    turned = Bound(BELOW, -sp.Rational(1, 10**6))
    assert sign_change.integrate(THRESHOLD._replace(turned=turned)).figure < 0
    assert sign_change.decide(THRESHOLD._replace(turned=turned)).holds is not True


@pytest.mark.parametrize(
    "turned",
    [POSITIVE, Bound(AT_MOST, 0), Bound(BELOW, HUNDREDTH), Bound(BELOW, -HUNDREDTH)],
    ids=["> 0", "≤ 0 beyond, not at, the threshold", "< 0.01", "< −0.01"],
)
def test_what_a_weight_is_beyond_the_threshold_is_decided(turned):
    assert not accepted(sign_change.decide, THRESHOLD._replace(turned=turned))


FALLING, RISING = THRESHOLD.cases


@pytest.mark.parametrize(
    "cases",
    [
        (FALLING, FALLING),
        sign_change.OTHERS,
        (FALLING._replace(of=Bound(AT_MOST, 0)), RISING),
        (FALLING, RISING._replace(of=Bound(Relation.ABOVE, HUNDREDTH))),
    ],
    ids=["one twice", "the layers exchanged", "λ ≤ 0", "λ > 0.01"],
)
def test_for_which_sign_a_layer_changes_is_decided(cases):
    assert not accepted(sign_change.decide, THRESHOLD._replace(cases=cases))


def test_for_which_sign_a_layer_changes_is_seen_in_training():
    assert sign_change.integrate(THRESHOLD._replace(cases=sign_change.OTHERS)).figure < 0
    with pytest.raises(ValueError, match="the cases must be"):
        sign_change.integrate(THRESHOLD._replace(cases=(FALLING._replace(of=POSITIVE), RISING)))


@pytest.mark.parametrize(
    ("formula", "name"), [("lam_plus", conservation.C), ("c", conservation.LAM_PLUS)]
)
def test_what_is_conserved_in_training_is_what_is_named(formula, name):
    assert conservation.integrate(instead(CONSERVED, formula, name=name)).figure > 1e-2


@pytest.mark.parametrize(("factor", "true"), [(1, True), (MORE, False)])
def test_conserved_values_are_seen_in_training(factor, true):
    stated = CONSERVED.but("", c=lambda w: float(factor) * conservation.scale(w)).subject
    assert (conservation.integrate(stated).figure < 1e-8) is true


@pytest.mark.parametrize(
    ("stated", "true"), [(two_pathways.TRUTH.subject, True), (two_pathways.ALWAYS, False)]
)
def test_one_pathway_has_a_gradient_unless_its_layers_balance(stated, true):
    assert two_pathways.decide_alone(stated).holds is true
