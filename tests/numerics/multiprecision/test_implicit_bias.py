"""The textbook formulas in mpmath: closed values, definitions, corners, arguments, isolation."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

import numerics.multiprecision as exact
from numerics.multiprecision.implicit_bias import profile_in
from numerics.multiprecision.precision import PrecisionError, evaluate

ORDERS = (exact.l_order, exact.l_order_minus_one, exact.two_minus_l_order)
OF_SCALE = (exact.penalty, exact.penalty_derivative, exact.penalty_curvature, *ORDERS)


@pytest.fixture(autouse=True)
def digits_to_compare_with():
    """Let arithmetic on the results, as in -value, keep all of their digits."""
    with mp.workdps(90):
        yield


def close(value, expected, digits=49):
    with mp.workdps(digits + 30):
        expected = mp.mpf(expected)
        return abs(value - expected) <= abs(expected) * mpf(10) ** -digits


def sizes(low, high):
    return st.floats(low, high).map(
        lambda exponent: f"{10 ** (exponent % 1)!r}e{int(exponent // 1)}"
    )


def test_values_where_asinh_is_a_logarithm():
    # z = 3/4: √(1 + z²) = 5/4 and asinh z = log 2.
    with mp.workdps(70):
        log2 = mp.log(2)
        assert close(exact.penalty(Fraction(9, 4), 3), mpf(3) / 2 * (0.75 * log2 - 0.25))
        assert close(exact.penalty_derivative("2.25", 3), log2 / 2)
        assert close(exact.penalty_curvature("-2.25", 3), mpf(1) / 7.5)
        assert close(exact.l_order(2.25, 3), 3 * log2 / (3 * log2 - 1))
        assert close(exact.conjugate(exact.penalty_derivative("2.25", 3, digits=70), 3), "0.375")
        assert close(
            exact.conjugate_derivative(exact.penalty_derivative("2.25", 3, digits=70), 3), "2.25"
        )
        # b = 9/4 with τ = 2: z = 9/4 + log 2, η′ = 1/(1 + 2/7.5)
        z = mpf(9) / 4 + log2
        assert close(exact.proximal_operator(z, 2, 3), "2.25")
        assert close(exact.proximal_derivative(z, 2, 3), mpf(7.5) / 9.5)
        # β_PT/c = 3/4: c_FT = (c + λ)(1 + 5/4) + γ²
        assert close(exact.finetune_scale(3, 4, 1, "0.5"), 11.5)
        # κ = (5/4)(9/5)/(5/4·9 + 1/4)
        assert close(exact.transfer(3, 4, 1, "0.5"), mpf(9) / 46)
        assert close(exact.one_minus_transfer(3, 4, 1, "0.5"), mpf(37) / 46)


@pytest.mark.parametrize("size", ["1e-150", "1e-40", "1e-8", "1e-3"])
def test_small_ratio_expansions_hold_to_all_digits(size):
    with mp.workdps(400):
        z = mpf(size)
        # q/(c z²/4) = 1 − z²/12 + z⁴/60 − …,  2 − ℓ = z²/6 − 13z⁴/180·…, to the terms kept
        ratio = exact.penalty(z, 1, digits=60) / (z * z / 4)
        assert abs(ratio - (1 - z**2 / 12)) < z**4 / 40 + mpf(10) ** -58
        remainder = exact.two_minus_l_order(z, 1, digits=60) / (z * z / 6)
        assert abs(remainder - 1) < z**2 + mpf(10) ** -58
        assert abs(exact.conjugate(z, 1, digits=60) / z**2 - 1 - z**2 / 3) < z**4 + mpf(10) ** -58


def test_agreement_of_two_precisions_alone_would_accept_a_wrong_value():
    """Control: why formulas state the digits they lose."""
    z = Fraction(1, 10**150)
    blind = evaluate(lambda context: profile_in(context, z) / 2, 50)
    assert close(blind, 2 * exact.penalty(z, 1))


def test_large_ratio_limit_is_logarithmic():
    with mp.workdps(60):
        for exponent in (20, 150):
            z = mpf(10) ** exponent
            assert close(
                exact.l_order_minus_one(z, 1),
                1 / (mp.log(2 * z) - 1),
                exponent - 2 if exponent < 50 else 49,
            )
    assert 1.0735 < exact.l_order(1, "1e-6") < 1.0745


def test_pretraining_dependence_stops_short_of_the_corner():
    """At |β_FT| = |β_PT|, r = 1 and c → 0 the pair is (1.96298…, −0.96298…)."""
    c = "1e-60"
    order = exact.l_order(1, exact.finetune_scale(1, c, c))
    dependence = exact.pretraining_dependence(1, 1, c, c)
    assert mp.nstr(order, 6) == "1.96298"
    assert mp.nstr(dependence, 5) == "-0.96298"
    assert close(order + dependence, 1, 48)


@settings(max_examples=30, deadline=None)
@given(sizes(-160, 160), sizes(-160, 160), st.sampled_from(OF_SCALE))
def test_digits_claimed_are_correct(beta, scale, function):
    assert close(function(beta, scale, digits=25), function(beta, scale, digits=60), 24)


@settings(max_examples=25, deadline=None)
@given(sizes(-30, 30), sizes(-30, 30), sizes(-30, 30))
def test_proximal_operator_solves_its_equation(z, tau, scale):
    with mp.workdps(60):
        b = exact.proximal_operator(z, tau, scale, digits=40)
        slope = exact.penalty_derivative(b, scale, digits=40)
        assert abs(b + mpf(tau) * slope - mpf(z)) <= mpf(z) * mpf(10) ** -38
        step = mpf(10) ** -15
        above, below = (
            exact.proximal_operator(mpf(z) * (1 + side * step), tau, scale, digits=55)
            for side in (1, -1)
        )
        derivative = exact.proximal_derivative(z, tau, scale, digits=30)
        assert close((above - below) / (2 * step * mpf(z)), derivative, 24)


@settings(max_examples=25, deadline=None)
@given(sizes(-20, 20), sizes(-20, 20), st.floats(-1, 1))
@example("1", "31.622776601683795", -1.0)
def test_weights_keep_what_the_flow_conserves(beta, c, ratio):
    with mp.workdps(120):
        # A rounded λ would not be −c, where c_FT vanishes.
        product = Fraction(ratio) * Fraction(c)
        lam = mpf(product.numerator) / product.denominator
        w, v, w_, v_ = exact.layer_weights(beta, c, product, digits=100)
        size = max(mpf(c), mpf(beta)) * mpf(10) ** -97
        assert abs(w * v - w_ * v_ - mpf(beta)) < size
        assert abs(w * w - v * v - lam) < size
        assert abs(w_ * w_ - v_ * v_ - lam) < size
        assert abs(w * w_ + v * v_ - mpf(c)) < size
        assert close((w + w_) ** 2, exact.finetune_scale(beta, c, product, digits=80), 75)


def test_weight_vanishes_exactly_at_the_sign_change_and_turns_negative_beyond():
    # c√(c²/λ² − 1) = 15/4 for c = 5, λ = ∓4
    for lam, vanishing in ((-4, 2), (4, 3)):
        assert exact.layer_weights("3.75", 5, lam)[vanishing] == 0
        assert exact.layer_weights("-3.75", 5, lam)[vanishing - 2] == 0
        before, after = (
            exact.layer_weights(Fraction(15, 4) + sign * Fraction(1, 10**40), 5, lam)[vanishing]
            for sign in (-1, 1)
        )
        assert before > 0 > after
        # linear through zero: equal to within the offset
        assert abs(before / after + 1) < mpf(10) ** -35
    assert all(weight > 0 for weight in exact.layer_weights(1e6, 5, 0))


def test_weights_at_the_extreme_relative_scales():
    for lam, index in ((-5, 0), (5, 1)):
        weights = exact.layer_weights(0, 5, lam)
        assert weights[index] == weights[index + 2] == 0
        assert close(weights[1 - index] ** 2, 5, 48)
    w, v, w_, v_ = exact.layer_weights("0.1", 5, -5)
    assert (w, v) == (-w_, v_)


def test_transfer_is_the_logarithmic_derivative_of_the_scale():
    with mp.workdps(60):
        for lam, gamma in (("0.3", "0.2"), ("-0.9999999999", 0), ("1", "3"), ("-1", "0.1")):

            def log_scale(t, lam=lam, gamma=gamma):
                return mp.log(exact.finetune_scale(mp.exp(t), 1, lam, gamma, digits=200))

            expected = mp.diff(log_scale, mp.log(mpf(5)))
            kappa = exact.transfer(5, 1, lam, gamma)
            assert abs(kappa - expected) < mpf(10) ** -25
            assert close(
                1 - exact.transfer(5, 1, lam, gamma, digits=70),
                exact.one_minus_transfer(5, 1, lam, gamma),
                45,
            )


def test_one_minus_transfer_keeps_its_digits():
    # γ = 0: 1 − κ = c/R
    value = exact.one_minus_transfer("1e200", 1, "0.5")
    assert close(value, mpf("1e-200"), 49)


def test_limits_at_zero():
    assert exact.penalty(0, 0) == exact.conjugate(3, 0) == exact.proximal_operator(1, 2, 0) == 0
    assert exact.penalty(1, 0) == exact.penalty_derivative(1, 0) == mp.inf
    assert exact.penalty_derivative(-1, 0) == -mp.inf
    assert exact.penalty_curvature(0, 0) == mp.inf
    assert close(exact.penalty_curvature(-4, 0), "0.125")
    assert exact.proximal_operator(-7, 0, 0) == -7
    assert (exact.proximal_derivative(1, 0, 0), exact.proximal_derivative(1, 1, 0)) == (1, 0)
    assert close(exact.proximal_derivative(0, 2, 1), "0.5")
    assert [f(0, 1) for f in ORDERS] == [2, 1, 0]
    assert [f(1, 0) for f in ORDERS] == [1, 0, 1]
    assert exact.transfer(0, 1, 0) == exact.transfer(3, 1, -1, 2) == 0
    assert exact.one_minus_transfer(0, 1, 0) == 1
    assert (
        exact.pretraining_dependence(1, 1, 1, -1) == exact.pretraining_dependence(0, 1, 1, 0) == 0
    )
    assert exact.pretraining_dependence(1, 0, 1, 0) == -exact.transfer(1, 1, 0)
    assert exact.finetune_scale(4, 1, -1) == 0


def test_parity():
    for function in OF_SCALE:
        sign = -1 if function is exact.penalty_derivative else 1
        assert function(-2, 3) == sign * function(2, 3)
    assert exact.proximal_operator(-2, 1, 3) == -exact.proximal_operator(2, 1, 3)
    assert exact.conjugate_derivative(-2, 1) == -exact.conjugate_derivative(2, 1)


def test_argument_types_denote_the_same_number():
    half = (0.5, "0.5", "1/2", "5e-1", Fraction(1, 2), Decimal("0.5"), mpf(0.5), np.float32(0.5))
    assert len({exact.penalty(value, value) for value in half}) == 1
    assert exact.penalty(2, np.int64(3)) == exact.penalty(2.0, 3.0)
    # a float is what it is, not what it prints
    assert exact.penalty(0.1, 1) != exact.penalty("0.1", 1)


def test_results_are_mpf_rounded_to_the_digits_asked_for():
    value = exact.penalty(1, 1, digits=30)
    assert isinstance(value, mpf)
    with mp.workdps(30):
        assert value == +value
    with mp.workdps(60):
        assert value != exact.penalty(1, 1, digits=60)


def test_global_precision_is_neither_read_nor_changed():
    reference = exact.penalty(3, 7)
    with mp.workdps(4):
        assert exact.penalty(3, 7)._mpf_ == reference._mpf_
        assert mp.dps == 4


def test_threads_do_not_disturb_each_other():
    jobs = [(exact.l_order, (k, 7), 20 + 10 * (k % 9)) for k in range(1, 60)]

    def run(job):
        function, arguments, digits = job
        return function(*arguments, digits=digits)._mpf_

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(run, jobs)) == [run(job) for job in jobs]


def test_precision_that_never_settles_is_an_error():
    with pytest.raises(PrecisionError, match="20 digits not settled"):
        evaluate(lambda context: context.mpf(context.dps), 20)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: exact.penalty(1, -1), "scale must satisfy scale >= 0, got -1"),
        (lambda: exact.penalty(float("nan"), 1), "beta must be a finite real number, got nan"),
        (lambda: exact.penalty(mpmath.inf, 1), "beta must be a finite real number"),
        (lambda: exact.penalty("inf", 1), "beta must be a finite real number, got 'inf'"),
        (lambda: exact.penalty("one", 1), "beta must be a finite real number, got 'one'"),
        (lambda: exact.penalty("1/0", 1), "beta must be a finite real number, got '1/0'"),
        (lambda: exact.penalty(1j, 1), "beta must be a finite real number, got 1j"),
        (lambda: exact.penalty(True, 1), "beta must be a finite real number, got True"),
        (lambda: exact.penalty(None, 1), "beta must be a finite real number, got None"),
        (lambda: exact.penalty("1e10001", 1), r"beta must be 0 or lie within 10\^±10000"),
        (lambda: exact.penalty("1e999999999", 1), r"beta must be 0 or lie within 10\^±10000"),
        (lambda: exact.penalty(1, 1, digits=0), "digits must be an integer >= 1, got 0"),
        (lambda: exact.penalty(0, 1, digits=2.5), "digits must be an integer >= 1, got 2.5"),
        (lambda: exact.finetune_scale(1, 0, 0), "absolute scale must satisfy c > 0, got c=0"),
        (lambda: exact.finetune_scale(1, 1.0, 2.0), r"\|lam\| <= c, got lam=2.0, c=1.0"),
        (lambda: exact.finetune_scale(1, 1, 0, -1), "gamma >= 0, got gamma=-1"),
        (lambda: exact.layer_weights(1, 1, "1.0000000000000000000001"), r"\|lam\| <= c"),
        (lambda: exact.proximal_operator(1, -1, 1), "tau must satisfy tau >= 0, got -1"),
        (lambda: exact.conjugate(1, -2), "scale must satisfy scale >= 0, got -2"),
        (lambda: exact.l_order(0, 0), "l-order needs scale > 0 where beta_ft = 0"),
        (lambda: exact.transfer(1, 1, -1), "transfer needs lam > -c or gamma > 0"),
        (lambda: exact.one_minus_transfer(0, 1, -1), "transfer needs lam > -c or gamma > 0"),
        (lambda: exact.pretraining_dependence(1, 0, 1, -1), "needs a fine-tuning scale > 0"),
    ],
)  # fmt: skip
def test_invalid_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
