"""Flow, invariants and layer weights of the symbolic network."""

import pytest
import sympy as sp

from theory import invariants as iv
from theory import network as nw

# (c, λ): inside, both signs, and both ends of the relative scale.
SCALES = [(1, 0), (2, 1), (2, -1), (3, 3), (3, -3), (sp.Rational(1, 100), sp.Rational(1, 200))]
BETAS = [0, sp.Rational(1, 3), -2, 40]


def close(left, right):
    return abs(sp.N(left - right, 40)) <= sp.Rational(1, 10**25)


def test_velocities_of_a_concrete_loss_agree_with_the_undefined_one():
    states = [nw.weights("_1"), nw.weights("_2")]
    loss = sp.sin(nw.effective_weight(states[0])) * nw.effective_weight(states[1]) ** 2
    one, two = (nw.effective_weight(state) for state in states)
    gradients = [sp.cos(one) * two**2, 2 * sp.sin(one) * two]
    for state, moving in zip(states, nw.gradient_flow(states, gradients), strict=True):
        for weight, velocity in zip(state, moving, strict=True):
            assert sp.simplify(velocity + sp.diff(loss, weight)) == 0


def test_gradient_flow_wants_a_gradient_for_each_coordinate():
    with pytest.raises(ValueError, match=r"one per coordinate, got 1 for 2"):
        nw.gradient_flow([nw.weights("_1"), nw.weights("_2")], [sp.Symbol("g")])


@pytest.mark.parametrize("scales", SCALES)
@pytest.mark.parametrize("beta", BETAS)
def test_layer_weights_have_the_given_product_and_invariants(scales, beta):
    c, lam = map(sp.sympify, scales)
    state = nw.layer_weights(sp.sympify(beta), c, lam)
    assert close(nw.effective_weight(state), beta)
    assert close(nw.absolute_scale(state), c)
    assert all(close(value, lam) for value in nw.relative_scale(state))


@pytest.mark.parametrize("scales", SCALES)
def test_layer_weights_follow_the_flow_at_unit_gradient(scales):
    c, lam = map(sp.sympify, scales)
    beta = sp.Symbol("beta", real=True)
    state = nw.layer_weights(beta, c, lam)
    (velocity,) = nw.gradient_flow([state_symbols := nw.weights()], [sp.Integer(-1)])
    speed = nw.squared_norm(state)
    for weight, v in zip(state, velocity, strict=True):
        moving = v.subs(dict(zip(state_symbols, state, strict=True)), simultaneous=True)
        assert close((sp.diff(weight, beta) * speed - moving).subs(beta, sp.Rational(7, 5)), 0)


def test_signs_change_where_the_threshold_says():
    c, lam = sp.Integer(2), sp.Rational(-6, 5)
    (threshold,) = nw.sign_change(c, lam, "w_minus")
    assert threshold == sp.Rational(8, 3)
    below, beyond = (
        nw.layer_weights(threshold * factor, c, lam).w_minus.evalf(30) for factor in (0.999, 1.001)
    )
    assert below > 0 > beyond
    assert nw.sign_change(c, lam, "v_minus") == []
    assert nw.sign_change(c, -lam, "v_minus") == [threshold]


def test_equal_layers_never_change_sign():
    assert nw.sign_change(sp.Integer(1), sp.Integer(0), "w_minus") == []
    assert nw.sign_change(sp.Integer(1), sp.Integer(0), "v_minus") == []


def test_sign_change_names_the_layers_it_knows():
    with pytest.raises(ValueError, match=r"must be 'w_minus' or 'v_minus', got 'w_plus'"):
        nw.sign_change(sp.Integer(1), sp.Integer(0), "w_plus")


@pytest.mark.parametrize("c", [0, -1])
def test_absolute_scale_must_be_positive(c):
    with pytest.raises(ValueError, match=rf"c > 0, got c={c}"):
        nw.initial_weights(c, 0)


@pytest.mark.parametrize("lam", [2, -2])
def test_relative_scale_must_not_exceed_the_absolute_one(lam):
    with pytest.raises(ValueError, match=rf"\|lam\| <= c, got lam={lam}, c=1"):
        nw.layer_weights(sp.Integer(1), 1, lam)


@pytest.mark.parametrize(
    ("point", "expected"),
    [((0, 1, -1, 0), 0), ((0, 1, 1, 2), 8), ((sp.sqrt(3), 1, 0, 1), 4), ((0, 2, -2, 1), 1)],
)
def test_finetune_scale_at_worked_points(point, expected):
    assert sp.simplify(nw.finetune_scale(*map(sp.sympify, point)) - expected) == 0


def test_rebalancing_zeroes_the_function():
    state = nw.rebalanced(nw.weights(), sp.Symbol("gamma"))
    assert nw.effective_weight(state) == 0


def test_search_finds_four_quadratic_invariants_and_no_odd_ones():
    found = iv.conserved_polynomials(2)
    state, g = nw.weights(), sp.Symbol("g")
    velocities = nw.gradient_flow([state], [g])
    assert len(found) == 4
    assert all(nw.rate(form, [state], velocities) == 0 for form in found)
    assert iv.conserved_polynomials(1) == iv.conserved_polynomials(3) == []


def test_search_wants_a_degree():
    with pytest.raises(ValueError, match="must be a positive integer, got 0"):
        iv.conserved_polynomials(0)


def test_relation_finds_what_there_is_and_nothing_else():
    state = nw.weights()
    a, b = sp.symbols("a b")
    forms = {a: state.w_plus + state.v_plus, b: state.w_plus - state.v_plus}
    assert iv.relation(state.w_plus**2 - state.v_plus**2, forms, 2) == a * b
    assert iv.relation(state.w_minus, forms, 1) is None


def test_independence_vanishes_for_dependent_quantities_only():
    lam_plus, lam_minus = nw.relative_scale(nw.weights())
    assert iv.independence([lam_plus, lam_minus, lam_plus + 2 * lam_minus]) == 0
    assert iv.independence([lam_plus, lam_minus]) != 0


@pytest.mark.parametrize(("state", "count"), [((1, 0, 1, 0), 2), ((2, 1, 3, -1), 4)])
def test_states_alike_are_counted(state, count):
    assert iv.count_states_like(nw.Weights(*state)) == count


def test_states_alike_need_rational_weights_and_a_determined_system():
    with pytest.raises(ValueError, match="must be rational"):
        iv.count_states_like(nw.Weights(sp.sqrt(2), 0, 1, 0))
    with pytest.raises(ValueError, match="finitely many"):
        iv.count_states_like(nw.Weights(0, 0, 0, 0))


@pytest.mark.parametrize("scales", [(1, 2), (1, -2), (0, 0), (-1, 0), (1, sp.Rational(101, 100))])
def test_no_weights_start_outside_the_scales(scales):
    with pytest.raises(ValueError, match="scale must satisfy"):
        nw.initial_weights(*scales)
