"""The multiprecision versions: exact arguments, digits that hold, and agreement with float64."""

from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.depth import fuzzes
from fuzz.strategies import anything, attempt, number
from numerics import Initialization, multiprecision, penalty, regimes
from numerics.multiprecision import channel, precision, teacher

decimals = st.builds(
    lambda mantissa, exponent: f"{mantissa}e{exponent}",
    st.integers(-(10**20), 10**20),
    st.integers(-320, 320),
)
exact_numbers = st.one_of(number, decimals, st.fractions(), anything, st.text(max_size=8))
digits = st.one_of(st.integers(1, 60), st.sampled_from([0, -1, True, 2.0, None]))

FUNCTIONS = {
    multiprecision.penalty: (2, penalty.penalty),
    multiprecision.penalty_derivative: (2, penalty.penalty_derivative),
    multiprecision.penalty_curvature: (2, penalty.penalty_curvature),
    multiprecision.conjugate: (2, penalty.conjugate),
    multiprecision.conjugate_derivative: (2, penalty.conjugate_derivative),
    multiprecision.proximal_operator: (3, penalty.proximal_operator),
    multiprecision.proximal_derivative: (3, penalty.proximal_derivative),
    multiprecision.l_order: (2, regimes.l_order),
    multiprecision.l_order_minus_one: (2, regimes.l_order_minus_one),
    multiprecision.two_minus_l_order: (2, regimes.two_minus_l_order),
}
REFUSALS = (ValueError, precision.PrecisionError)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
@fuzzes(700, *FUNCTIONS)
@given(data=st.data())
def test_arguments_of_any_kind(function, data):
    count, _ = FUNCTIONS[function]
    arguments = [data.draw(exact_numbers) for _ in range(count)]
    if function in (multiprecision.conjugate, multiprecision.conjugate_derivative):
        # e^s for a large s has as many digits before its point: valid, and slow.
        assume_small = precision.exact("s", arguments[0]) if _is_exact(arguments[0]) else None
        if assume_small is not None and abs(assume_small) > 1000:
            return
    found = attempt(function, *arguments, digits=data.draw(digits), refusals=REFUSALS)
    assert found is None or not mpmath.isnan(found)


def _is_exact(value):
    return attempt(precision.exact, "x", value) is not None


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
@fuzzes(500, *FUNCTIONS)
@given(data=st.data())
def test_float64_agrees(function, data):
    count, kernel = FUNCTIONS[function]
    positive = st.floats(-100.0, 100.0).map(lambda x: 10.0**x)
    first = data.draw(st.one_of(positive, positive.map(lambda x: -x)))
    if kernel in (penalty.conjugate, penalty.conjugate_derivative):
        first = data.draw(st.floats(-300.0, 300.0))
    arguments = [first, *(data.draw(positive) for _ in range(count - 1))]
    exact = attempt(function, *arguments, digits=20, refusals=REFUSALS)
    value = float(kernel(*arguments))
    if exact is not None and np.isfinite(value) and abs(value) > 1e-300:
        assert abs(mpmath.mpf(value) - exact) <= mpmath.mpf("1e-14") * abs(exact)


@fuzzes(
    1500,
    multiprecision.transfer,
    multiprecision.one_minus_transfer,
    multiprecision.pretraining_dependence,
    multiprecision.finetune_scale,
    multiprecision.layer_weights,
    precision.initialization,
)
@given(
    c=st.one_of(st.floats(1e-9, 1e3), exact_numbers),
    ratio=st.one_of(st.floats(-1.0, 1.0), st.sampled_from([-1.0, 0.0, 1.0])),
    gamma=st.one_of(st.just(0.0), st.floats(0.0, 10.0), exact_numbers),
    beta_pt=st.one_of(st.floats(-1e3, 1e3), exact_numbers),
    beta_ft=st.one_of(st.floats(-1e3, 1e3), exact_numbers),
)
def test_networks(c, ratio, gamma, beta_pt, beta_ft):
    lam = ratio * c if isinstance(c, float) else ratio
    network = attempt(precision.initialization, c, lam, gamma)
    scale = attempt(
        multiprecision.finetune_scale, beta_pt, c, lam, gamma, digits=20, refusals=REFUSALS
    )
    weights = attempt(multiprecision.layer_weights, beta_pt, c, lam, digits=20, refusals=REFUSALS)
    kappa = attempt(multiprecision.transfer, beta_pt, c, lam, gamma, digits=20, refusals=REFUSALS)
    rest = attempt(
        multiprecision.one_minus_transfer, beta_pt, c, lam, gamma, digits=20, refusals=REFUSALS
    )
    attempt(
        multiprecision.pretraining_dependence,
        beta_pt, beta_ft, c, lam, gamma, digits=20, refusals=REFUSALS,
    )  # fmt: skip
    if network is None:
        assert scale is None
        assert kappa is None
        return
    if weights is not None:
        product = weights[0] * weights[1] - weights[2] * weights[3]
        size = max(abs(weight) for weight in weights) ** 2
        beta = precision.exact("beta", beta_pt)
        assert abs(product - mpmath.mpf(beta.numerator) / beta.denominator) <= 1e-14 * (size + 1)
    if kappa is not None and rest is not None:
        assert abs(kappa + rest - 1) <= mpmath.mpf("1e-14")
    if scale is not None and all(isinstance(x, float) for x in (c, lam, gamma, beta_pt)):
        double = attempt(lambda: Initialization(c, lam, gamma).finetune_scale(beta_pt))
        if double is not None and double > 1e-290:
            assert abs(mpmath.mpf(float(double)) - scale) <= mpmath.mpf("1e-14") * scale


@fuzzes(
    3000,
    precision.exact,
    precision.positive,
    precision.nonnegative,
    precision.check_digits,
    precision.magnitude,
    precision.digits_below_one,
)
@given(value=exact_numbers)
def test_exact_numbers(value):
    found = attempt(precision.exact, "x", value)
    above = attempt(precision.positive, "x", value)
    least = attempt(precision.nonnegative, "x", value)
    attempt(precision.check_digits, value)
    if found is None:
        assert above is least is None
        return
    assert isinstance(found, Fraction)
    assert (above is not None) == (found > 0)
    assert (least is not None) == (found >= 0)
    if isinstance(value, (int, float, Fraction, Decimal)):
        assert found == Fraction(value)
    if found > 0:
        assert isinstance(precision.magnitude(found), int)
        assert precision.digits_below_one(found) >= 0


@fuzzes(400, teacher.pretrain_finetune_groups, teacher.pipeline_groups, teacher.channel_groups)
@given(
    shares=st.tuples(*(st.one_of(st.floats(0.0, 1.0), exact_numbers) for _ in "123")),
    slab=st.sampled_from(["sign", "gaussian", "x"]),
    amplitude=st.one_of(st.none(), exact_numbers),
)
def test_teachers(shares, slab, amplitude):
    groups = attempt(
        teacher.pretrain_finetune_groups,
        *shares, 1, 0, slab=slab, ft_amplitude=amplitude, digits=15, refusals=REFUSALS,
    )  # fmt: skip
    both = attempt(
        teacher.pipeline_groups, *shares, slab=slab, ft_amplitude=amplitude, digits=15,
        refusals=REFUSALS,
    )  # fmt: skip
    assert (both is None) == (groups is None)
    if groups is not None:
        assert sum(group[0] for group in groups) == 1
        teacher.channel_groups(groups)
        assert [(share, law) for share, _, law in both] == [(p, law) for p, _, law in groups]


@fuzzes(
    12,
    multiprecision.replica_fixed_point,
    multiprecision.replica_potential,
    channel.channel_moments,
    channel.channel_estimates,
)
@given(
    alpha=st.floats(0.1, 0.9), c=st.floats(1e-3, 1.0), slab=st.sampled_from(["sign", "gaussian"])
)
def test_fixed_points_agree_with_float64(alpha, c, slab):
    from numerics import TaskDistribution, solve_replica

    groups = multiprecision.pretrain_finetune_groups(0.25, 0.5, 0.25, c, 0, slab=slab, digits=15)
    found = multiprecision.replica_fixed_point(groups, alpha, digits=15)
    task = TaskDistribution.pretrain_finetune(0.25, 0.5, 0.25, slab=slab)
    curve = solve_replica(task, Initialization(c, 0.0), alpha)
    assert abs(found.mse - mpmath.mpf(float(curve.mse[0]))) <= 1e-11 * found.mse
    for name in ("penalty", "cross_moment", "second_moment", "objective"):
        exact = getattr(found, name)
        assert abs(exact - mpmath.mpf(float(getattr(curve, name)[0]))) <= 1e-11 * exact, name
    value = multiprecision.replica_potential(
        groups, alpha, found.theta, found.theta / found.tau, digits=10
    )
    assert abs(alpha * value - found.objective) <= 1e-9 * found.objective


@fuzzes(6, multiprecision.pipeline_fixed_point)
@given(
    alphas=st.tuples(st.floats(0.2, 1.5), st.floats(0.2, 0.9)),
    c=st.floats(1e-2, 1.0),
    ratio=st.floats(-0.9, 0.9),
    slabs=st.tuples(*(st.sampled_from(["sign", "gaussian"]) for _ in "12")),
    strengths=st.tuples(*(st.floats(0.01, 0.3) for _ in "1234")),
)
def test_both_stages_add_up(alphas, c, ratio, slabs, strengths):
    groups = multiprecision.pipeline_groups(
        0.25, 0.5, 0.25, pt_slab=slabs[0], slab=slabs[1], digits=10
    )
    names = ("noise_variance_pt", "ridge_pt", "noise_variance", "ridge")
    found = multiprecision.pipeline_fixed_point(
        groups, c, ratio * c, 0.1, *alphas, **dict(zip(names, strengths, strict=True)), digits=10
    )
    assert found.residual < 1e-10
    total = sum(
        mpmath.mpf(share.numerator) / share.denominator * error
        for (share, _, _), error in zip(groups, found.group_mse, strict=True)
    )
    assert abs(total - found.mse) <= 1e-8 * found.mse
    noise = mpmath.mpf(strengths[2])
    assert abs(noise + found.mse / mpmath.mpf(alphas[1]) - found.theta**2) <= 1e-8 * found.theta**2
