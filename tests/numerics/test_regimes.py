"""ℓ-order and pretraining dependence against their definitions, and their bounds (Section 5.1)."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from numerics import Initialization
from numerics.penalty import penalty
from numerics.regimes import (
    l_order,
    l_order_minus_one,
    one_minus_transfer,
    pretraining_dependence,
    regime_shares,
    transfer,
    two_minus_l_order,
)
from tests.numerics.accuracy import max_error

TOLERANCE = 5e-15
ULP = float(np.finfo(np.float64).eps)
LARGEST = float(np.finfo(np.float64).max)
RATIOS = (-1 + ULP / 2, -1 + 1e-9, -0.99, -1e-10, 0.0, 0.5, 1 - ULP, 1.0)


def powers(seed: int, low: float, high: float, count: int) -> np.ndarray:
    return 10.0 ** np.random.default_rng(seed).uniform(low, high, count)


def textbook_l_order(beta: Any, c: Any) -> Any:
    """z asinh z/(1 − √(1+z²) + z asinh z); the caller gives the digits that cancel."""
    z = beta / c
    return z * mpmath.asinh(z) / (1 - mpmath.sqrt(1 + z * z) + z * mpmath.asinh(z))


def with_digits(function: Any) -> Any:
    """Evaluate with digits for 1 − √(1+z²) + … ~ z² and once more for 2 − ℓ ~ z²."""

    def evaluate(beta: Any, c: Any) -> Any:
        with mpmath.workdps(80 + 4 * max(0, -int(mpmath.log10(beta / c)))):
            return function(textbook_l_order(beta, c))

    return evaluate


ORDERS = [
    (l_order, with_digits(lambda order: order)),
    (l_order_minus_one, with_digits(lambda order: order - 1)),
    (two_minus_l_order, with_digits(lambda order: 2 - order)),
]


@pytest.mark.parametrize(("function", "textbook"), ORDERS)
@pytest.mark.parametrize(("low", "high"), [(-150, -5), (-5, 3), (3, 150)])
def test_l_order_accuracy(function: Any, textbook: Any, low: float, high: float) -> None:
    z, c = powers(1, low, high, 250), powers(2, -150, 150, 250)
    max_error(function, textbook, [c * z, c], TOLERANCE)


@pytest.mark.parametrize(("function", "textbook"), ORDERS)
def test_l_order_accuracy_transition(function: Any, textbook: Any) -> None:
    """Where the continued fraction hands over, h = 1 or z = sinh 2, and around it."""
    z = np.sinh(2.0) * np.concatenate([1 + np.linspace(-1e-12, 1e-12, 41), np.linspace(0.1, 3, 60)])
    max_error(function, textbook, [z, np.ones_like(z)], TOLERANCE)


@pytest.mark.parametrize(("function", "textbook"), ORDERS)
def test_l_order_accuracy_boundary(function: Any, textbook: Any) -> None:
    """z beyond float64 either way, and 2 − ℓ down to its underflow at z ≈ 1e-162."""
    ends = np.array([5e-324, 2.3e-308, 1e-162, 1e-155, 1.0, 1e100, LARGEST])
    max_error(function, textbook, list(np.meshgrid(ends, ends)), TOLERANCE)


def test_l_order_rates() -> None:
    """ℓ = 2 − z²/6 as z → 0 and ℓ = 1 + 1/(log 2z − 1) as z → ∞: only logarithmic."""
    np.testing.assert_allclose(two_minus_l_order(1e-100, 1.0), 1e-200 / 6, rtol=1e-15)
    assert two_minus_l_order(1e-170, 1.0) == 0.0
    np.testing.assert_allclose(
        l_order_minus_one(1e300, 1e-300), 1 / (600 * np.log(10) + np.log(2) - 1), rtol=1e-14
    )
    assert l_order(1.0, 1e-6) == pytest.approx(1.0740, abs=1e-4)


def test_l_order_at_its_limits() -> None:
    zero = np.array([0.0, -0.0])
    np.testing.assert_array_equal(l_order(zero, 1.0), 2.0)
    np.testing.assert_array_equal(two_minus_l_order(zero, 1.0), 0.0)
    np.testing.assert_array_equal(l_order([1.0, -1e-300], 0.0), 1.0)
    np.testing.assert_array_equal(l_order_minus_one([1.0, -1e-300], 0.0), 0.0)
    np.testing.assert_array_equal(two_minus_l_order([1.0, -1e-300], -0.0), 1.0)
    for function in (l_order, l_order_minus_one, two_minus_l_order):
        with pytest.raises(ValueError, match=r"not both be 0.*got beta_ft=0.0 at index .1,"):
            function([1.0, 0.0], 0.0)


def textbook_transfer(init: Initialization) -> Any:
    c, lam, gamma = (mpmath.mpf(x) for x in (init.c, init.lam, init.gamma))

    def evaluate(beta: Any) -> Any:
        radius = mpmath.sqrt(c**2 + beta**2)
        r = lam / c
        return (1 + r) * beta**2 / radius / ((1 + r) * (c + radius) + gamma**2)

    return evaluate


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("gamma", [0.0, 1e-70, 1e-3, 1.0, 1e150])
def test_transfer_accuracy(ratio: float, gamma: float) -> None:
    beta = np.concatenate([[0.0], powers(7, -150, 150, 15), -powers(8, -3, 3, 5)])
    for c in (1e-150, 1e-6, 1.0, 1e20, 1e150):
        init = Initialization(c, ratio * c, gamma)
        exact = textbook_transfer(init)

        def complement(b: Any, exact: Any = exact) -> Any:
            with mpmath.workdps(1300):
                return 1 - exact(b)

        max_error(lambda b, i=init: transfer(b, i), exact, [beta], TOLERANCE)
        max_error(lambda b, i=init: one_minus_transfer(b, i), complement, [beta], TOLERANCE)


def test_transfer_at_the_second_layer_end() -> None:
    """λ = −c: with γ > 0, c_FT = γ² does not depend on β_PT; with γ = 0, κ has no limit."""
    beta = [0.0, 1.0, 1e100]
    init = Initialization(1.0, -1.0, 1e-100)
    np.testing.assert_array_equal(transfer(beta, init), 0.0)
    np.testing.assert_array_equal(one_minus_transfer(beta, init), 1.0)
    saddle = Initialization(1.0, -1.0)
    for function in (transfer, one_minus_transfer):
        with pytest.raises(ValueError, match=r"lam > -c or gamma > 0.*got lam=-1\.0"):
            function(beta, saddle)
    np.testing.assert_array_equal(pretraining_dependence(beta, 0.3, saddle), 0.0)
    shares = regime_shares(beta, 0.3, saddle)
    np.testing.assert_array_equal(shares.rich_independent, 1.0)
    np.testing.assert_array_equal(shares.lazy_dependent, 0.0)
    np.testing.assert_array_equal(shares.lazy_independent, 0.0)
    with pytest.raises(ValueError, match="not both be 0"):
        pretraining_dependence(1.0, [0.1, 0.0], saddle)


@pytest.mark.parametrize("ratio", RATIOS)
def test_pretraining_dependence_accuracy(ratio: float) -> None:
    """Against −∂log c_FT/∂log|β_PT|·(ℓ − 1) in textbook form, at c_FT itself in 60 digits."""
    pt, ft = powers(9, -100, 100, 30), powers(10, -100, 100, 30)
    for c, gamma in ((1e-100, 0.0), (1e-3, 1e-3), (1.0, 0.0), (1e50, 1e20)):
        init = Initialization(c, ratio * c, gamma)

        def exact(b_pt: Any, b_ft: Any, init: Initialization = init) -> Any:
            c, lam, gamma = (mpmath.mpf(x) for x in (init.c, init.lam, init.gamma))
            scale = (c + lam) * (1 + mpmath.sqrt(1 + (b_pt / c) ** 2)) + gamma**2
            order = with_digits(lambda order: order - 1)(b_ft, scale)
            return -order * textbook_transfer(init)(b_pt)

        max_error(lambda a, b, i=init: pretraining_dependence(a, b, i), exact, [pt, ft], TOLERANCE)


def test_corner_of_regime_two_at_equal_coefficients() -> None:
    """β_FT = β_PT, λ = c → 0 stops at (1.96298, −0.96298), short of the corner (2, −1)."""
    init = Initialization(1e-12, 1e-12)
    assert l_order(1.0, init.finetune_scale(1.0)) == pytest.approx(1.96298, abs=5e-6)
    assert pretraining_dependence(1.0, 1.0, init) == pytest.approx(-0.96298, abs=5e-6)
    corner = regime_shares(1.0, 1e-9, init)
    assert corner.lazy_dependent == pytest.approx(1.0, abs=1e-11)


@pytest.mark.parametrize(
    ("init", "name"),
    [
        (Initialization(1e-200, -0.999999e-200), "rich_independent"),
        (Initialization(1e-6, 0.99e-6), "lazy_dependent"),
        (Initialization(1e-6, 0.0, 10.0), "lazy_independent"),
        (Initialization(1e6, 0.0), "lazy_independent"),
    ],
)
def test_regimes_of_the_paper(init: Initialization, name: str) -> None:
    """Section 5.1: I for small c_FT (at β_PT = 0), II for small c, γ; III for large c or γ."""
    shares = regime_shares(0.0 if name == "rich_independent" else 1.0, 1.0, init)
    assert getattr(shares, name) > 0.9


wide = st.floats(-100, 100)
ratios = st.one_of(st.sampled_from(RATIOS), st.floats(-1, 1))


@given(wide, wide, wide, ratios, st.one_of(st.just(-np.inf), wide))
def test_triangle(log_pt: float, log_ft: float, log_c: float, ratio: float, log_g: float) -> None:
    """1 ≤ ℓ ≤ 2, 0 ≤ κ ≤ 1, −1 ≤ PD ≤ 0, 1 ≤ ℓ + PD ≤ 2 (Proposition 5.1), in float64."""
    c, pt, ft = (10.0**x for x in (log_c, log_pt, log_ft))
    init = Initialization(c, ratio * c, 10.0 ** (log_g / 2))
    assume(not init.is_saddle)
    scale = init.finetune_scale(pt)
    order, dependence = l_order(ft, scale), pretraining_dependence(pt, ft, init)
    shares = regime_shares(pt, ft, init)
    parts = (shares.rich_independent, shares.lazy_dependent, shares.lazy_independent)
    assert all(0.0 <= part <= 1.0 for part in parts)
    assert sum(parts) == pytest.approx(1.0, abs=1e-15)
    assert 1.0 <= order <= 2.0
    assert -1.0 <= dependence <= 0.0
    assert 1.0 - ULP <= order + dependence <= 2.0
    assert dependence == -shares.lazy_dependent
    assert order == pytest.approx(2.0 - shares.rich_independent, rel=1e-15, abs=0)
    assert transfer(pt, init) + one_minus_transfer(pt, init) == pytest.approx(1.0, rel=1e-15, abs=0)
    # β = 0 is finite by its limit; signs do not matter.
    assert pretraining_dependence(0.0, ft, init) == 0.0
    assert not np.signbit(pretraining_dependence(0.0, ft, init))
    assert pretraining_dependence(-pt, -ft, init) == dependence
    assert l_order(-ft, scale) == order


@given(st.floats(-140, 140), st.floats(1e-6, 1.0))
def test_l_order_decreases(log_z: float, gap: float) -> None:
    z = 10.0**log_z
    assert l_order_minus_one(z * (1 + gap), 1.0) <= l_order_minus_one(z, 1.0)
    assert two_minus_l_order(z * (1 + gap), 1.0) > two_minus_l_order(z, 1.0)
    assert l_order(z, 1.0) - 1.0 == pytest.approx(l_order_minus_one(z, 1.0), abs=ULP)
    assert 2.0 - l_order(z, 1.0) == pytest.approx(two_minus_l_order(z, 1.0), abs=2 * ULP)


@given(st.floats(-60, 60), st.floats(-60, 60), st.floats(-60, 60), ratios)
def test_they_are_the_logarithmic_derivatives(
    log_pt: float, log_ft: float, log_c: float, ratio: float
) -> None:
    """Central differences of log q in log β_FT and log β_PT; error about rounding/1e-5."""
    c, pt, ft = (10.0**x for x in (log_c, log_pt, log_ft))
    init = Initialization(c, ratio * c)
    assume(not init.is_saddle)
    step = 1e-5

    def log_penalty(shift_pt: float, shift_ft: float) -> float:
        scale = init.finetune_scale(pt * np.exp(shift_pt))
        return float(np.log(penalty(ft * np.exp(shift_ft), scale)))

    order = (log_penalty(0, step) - log_penalty(0, -step)) / (2 * step)
    assert order == pytest.approx(float(l_order(ft, init.finetune_scale(pt))), abs=1e-7)
    dependence = (log_penalty(step, 0) - log_penalty(-step, 0)) / (2 * step)
    assert dependence == pytest.approx(float(pretraining_dependence(pt, ft, init)), abs=1e-7)


INIT = Initialization(1.0, 0.5, 0.1)


@pytest.mark.parametrize("function", [l_order, l_order_minus_one, two_minus_l_order])
def test_bad_l_order_input(function: Any) -> None:
    for beta, scale, message in [
        (np.nan, 1.0, "beta_ft must be finite, got nan"),
        (1.0, -1.0, r"scale >= 0, got scale=-1\.0"),
        (1.0, np.inf, "scale must be finite, got inf"),
        (1j, 1.0, "beta_ft must be real numbers"),
        ("1", 1.0, "beta_ft must be real numbers"),
        ([1.0, 2.0], [1.0, 2.0, 3.0], r"must broadcast together, got \(2,\) and \(3,\)"),
    ]:
        with pytest.raises(ValueError, match=message):
            function(beta, scale)


@pytest.mark.parametrize("function", [transfer, one_minus_transfer])
def test_bad_transfer_input(function: Any) -> None:
    for beta, message in [
        ([1.0, np.inf], "beta_pt must be finite, got inf at index .1,"),
        (1j, "beta_pt must be real numbers, got complex128"),
    ]:
        with pytest.raises(ValueError, match=message):
            function(beta, INIT)
    with pytest.raises(ValueError, match="c_FT must be within the range of float64"):
        function(1.0, Initialization(1.0, 0.0, 1e200))


@pytest.mark.parametrize("function", [pretraining_dependence, regime_shares])
def test_bad_dependence_input(function: Any) -> None:
    for pt, ft, message in [
        (np.nan, 1.0, "beta_pt must be finite, got nan"),
        (1.0, np.nan, "beta_ft must be finite, got nan"),
        ([1.0, 2.0], np.ones(3), r"beta_pt, beta_ft must broadcast .* got \(2,\) and \(3,\)"),
    ]:
        with pytest.raises(ValueError, match=message):
            function(pt, ft, INIT)


def test_shapes_and_signals() -> None:
    ends = np.array([0.0, 5e-324, 1e-300, 1.0, 1e150])
    with np.errstate(all="raise"):
        for ratio in RATIOS:
            for gamma in (1e-150, 1.0, 1e150):
                init = Initialization(1e-100, ratio * 1e-100, gamma)
                shares = regime_shares(ends[:, None], ends, init)
                assert shares.lazy_dependent.shape == (5, 5)
                dependence = pretraining_dependence(ends[:, None], ends, init)
                assert np.isfinite(dependence).all()
                np.testing.assert_array_equal(dependence, -shares.lazy_dependent)
    assert isinstance(l_order(1, 1), np.float64)
    assert isinstance(transfer(1, INIT), np.float64)
    assert isinstance(pretraining_dependence(1, 1, INIT), np.float64)
    assert l_order(np.ones((0, 2)), np.ones(2)).shape == (0, 2)
