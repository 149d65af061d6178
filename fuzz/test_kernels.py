"""Elementwise kernels: penalty, regimes, initialisation, and the checks of their arguments."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.depth import fuzzes
from fuzz.strategies import anything, arrays, attempt, everyday, floats_of, number, together
from numerics import penalty, regimes, validation
from numerics.initialization import Initialization


def _nonnegative(*_, result):
    return bool((result >= 0.0).all())


def _between(low, high):
    return lambda *_, result: bool(((result >= low) & (result <= high)).all())


def _same_sign(first, *_, result):
    return bool((np.signbit(result) == np.signbit(first)).all())


KERNELS = {
    penalty.penalty: (2, (1,), _nonnegative),
    penalty.penalty_derivative: (2, (1,), _same_sign),
    penalty.penalty_curvature: (2, (1,), _nonnegative),
    penalty.conjugate: (2, (1,), _nonnegative),
    penalty.conjugate_derivative: (2, (1,), _same_sign),
    penalty.soft_threshold: (2, (1,), _same_sign),
    penalty.proximal_operator: (3, (1, 2), _same_sign),
    penalty.proximal_derivative: (3, (1, 2), _between(0.0, 1.0)),
    regimes.l_order: (2, (1,), _between(1.0, 2.0)),
    regimes.l_order_minus_one: (2, (1,), _between(0.0, 1.0)),
    regimes.two_minus_l_order: (2, (1,), _between(0.0, 1.0)),
}


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.__name__)
@fuzzes(5000, *KERNELS)
@given(data=st.data())
def test_elementwise_kernels(kernel, data):
    count, signed, keeps = KERNELS[kernel]
    arguments = data.draw(together(count))
    result = attempt(kernel, *arguments)
    valid = floats_of(arguments)
    allowed = valid is not None and all((valid[index] >= 0.0).all() for index in signed)
    if valid is not None and kernel.__module__ == "numerics.regimes":
        allowed = allowed and not ((valid[0] == 0.0) & (valid[1] == 0.0)).any()
    assert (result is not None) == allowed
    if result is None:
        return
    result = np.asarray(result)
    assert result.dtype == np.float64
    assert result.shape == valid[0].shape
    assert not np.isnan(result).any()
    assert keeps(*valid, result=result)
    # Entry by entry, the same numbers come out.
    flat = [array.ravel() for array in valid]
    for index in range(min(flat[0].size, 2)):
        assert float(kernel(*(array[index] for array in flat))) == result.ravel()[index]


@fuzzes(5000, penalty.solve_proximal)
@given(arguments=together(3))
def test_the_proximal_operator_solves_its_equation(arguments):
    solution = attempt(penalty.solve_proximal, *arguments)
    if solution is None:
        return
    z, tau, scale = floats_of(arguments)
    assert (np.abs(solution.value) <= np.abs(z)).all()
    assert (solution.iterations <= penalty.PROXIMAL_ITERATION_LIMIT).all()
    ordinary = (np.abs(z) < 1e100) & (tau < 1e100) & (scale > 1e-100) & (scale < 1e100)
    ordinary &= np.abs(solution.value) > 1e-200
    if ordinary.all() and z.size:
        x = solution.value
        left = x + tau * penalty.penalty_derivative(x, scale)
        # 1400 is the largest condition number of the equation (see `solve_proximal`).
        assert np.allclose(left, z, rtol=1e-12, atol=0.0)


@st.composite
def initializations(draw):
    """Arguments that are usually valid for an initialisation."""
    c = draw(st.one_of(everyday, number))
    ratio = draw(st.one_of(st.floats(-1.0, 1.0), st.sampled_from([-1.0, 0.0, 1.0, 1.0 + 1e-15])))
    lam = draw(st.one_of(st.just(ratio * c), st.just(ratio * c), anything))
    gamma = draw(st.one_of(everyday, st.just(0.0), anything))
    return draw(st.sampled_from([c, c, c, c, None])) or draw(anything), lam, gamma


@fuzzes(
    12000,
    Initialization,
    Initialization.finetune_scale,
    Initialization.finetune_scale_parts,
    Initialization.pretraining_layer_weights,
    Initialization.relative_scale,
    Initialization.initial_weights,
    Initialization.is_saddle,
    Initialization.sign_change,
)
@given(values=initializations(), beta=st.one_of(number, arrays(), anything))
def test_initializations(values, beta):
    init = attempt(Initialization, *values)
    if init is None:
        return
    assert init.c > 0.0
    assert abs(init.lam) <= init.c
    assert init.gamma >= 0.0
    assert -1.0 <= init.relative_scale <= 1.0
    hidden, output = init.initial_weights
    assert hidden >= 0.0
    assert output >= 0.0
    assert np.isfinite([hidden, output]).all()
    assert init.sign_change >= 0.0
    scale = attempt(init.finetune_scale, beta)
    if scale is not None:
        assert np.isfinite(scale).all()
        assert (np.asarray(scale) > 0.0).all() or init.is_saddle
        learned, fixed = init.finetune_scale_parts(beta)
        assert np.array_equal(learned + fixed, scale)
        assert np.array_equal(init.finetune_scale(-np.asarray(beta, dtype=float)), scale)
    weights = attempt(init.pretraining_layer_weights, beta)
    if weights is not None:
        total = np.asarray(beta, dtype=float)
        with np.errstate(all="ignore"):
            product = weights.w_plus * weights.v_plus - weights.w_minus * weights.v_minus
            size = np.abs(weights.w_plus * weights.v_plus) + np.abs(
                weights.w_minus * weights.v_minus
            )
            # A weight among the subnormal numbers has fewer digits, whatever its partner.
            least = np.min([np.abs(weight) for weight in vars(weights).values()], axis=0)
        fair = np.isfinite(size) & (size > 1e-290) & ((least > 1e-290) | (least == 0.0))
        assert (np.abs(product - total)[fair] <= 1e-14 * size[fair]).all()


@fuzzes(3000, Initialization.from_weights)
@given(w0=anything, v0=anything, gamma=anything)
def test_initializations_from_weights(w0, v0, gamma):
    init = attempt(Initialization.from_weights, w0, v0, gamma)
    if init is not None:
        assert abs(init.lam) <= init.c


@fuzzes(
    8000,
    regimes.transfer,
    regimes.one_minus_transfer,
    regimes.pretraining_dependence,
    regimes.regime_shares,
)
@given(values=initializations(), arguments=together(2))
def test_regimes_of_networks(values, arguments):
    init = attempt(Initialization, *values)
    if init is None:
        return
    beta_pt, beta_ft = arguments
    kappa = attempt(regimes.transfer, beta_pt, init)
    rest = attempt(regimes.one_minus_transfer, beta_pt, init)
    assert (kappa is None) == (rest is None)
    if kappa is not None:
        assert ((kappa >= 0.0) & (kappa <= 1.0)).all()
        # Subnormal numbers have few digits.
        assert init.c < 1e-290 or np.allclose(kappa + rest, 1.0, rtol=0.0, atol=1e-15)
    pd = attempt(regimes.pretraining_dependence, beta_pt, beta_ft, init)
    shares = attempt(regimes.regime_shares, beta_pt, beta_ft, init)
    assert (pd is None) == (shares is None)
    if pd is not None:
        assert ((pd >= -1.0) & (pd <= 0.0)).all()
        total = shares.rich_independent + shares.lazy_dependent + shares.lazy_independent
        assert init.c < 1e-290 or np.allclose(total, 1.0, rtol=0.0, atol=1e-15)


@fuzzes(4000, validation.finite_array, validation.finite_scalar, validation.finite_arrays)
@given(first=st.one_of(anything, arrays()), second=st.one_of(anything, arrays()))
def test_checks_of_arguments(first, second):
    array = attempt(validation.finite_array, "x", first)
    scalar = attempt(validation.finite_scalar, "x", first)
    if array is not None:
        assert array.dtype == np.float64
        assert np.isfinite(array).all()
        assert (scalar is not None) == (array.ndim == 0)
    both = attempt(validation.finite_arrays, first=first, second=second)
    if both is not None:
        assert both[0].shape == both[1].shape


@fuzzes(1500, validation.integer_at_least)
@given(value=st.one_of(st.integers(-3, 3), anything), least=st.integers(-2, 2))
def test_integers(value, least):
    found = attempt(validation.integer_at_least, "x", value, least)
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    assert (found is not None) == (whole and value >= least)
    if found is not None:
        assert type(found) is int
        assert found == value


@fuzzes(1500, validation.require, validation.first_where)
@given(condition=arrays(), value=number)
def test_requirements_name_the_first_offender(condition, value):
    mask = condition > 0.5
    refused = attempt(lambda: validation.require(mask, "must be so", "x", value) or True)
    assert (refused is not None) == bool(mask.all())
    if not mask.all():
        assert "must be" not in validation.first_where(condition, ~mask)
