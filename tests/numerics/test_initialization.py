"""Initialization against its definitions at 60 digits, and against the conserved quantities."""

from __future__ import annotations

import dataclasses
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics import Initialization
from tests.numerics.accuracy import max_error, relative_error

ULP = float(np.finfo(np.float64).eps)
TOLERANCE = 5e-15
# λ/c with its dangerous neighbourhoods: both ends, one rounding away from them, and 0.
RATIOS = (-1.0, -1 + ULP / 2, -1 + 1e-9, -0.99, -0.3, -1e-10, 0.0, 1e-10, 0.5, 1 - ULP, 1.0)
SCALES = (3e-150, 7e-75, 1.3e-6, 0.7, 1.0, 5e40, 0.9e150)


def sizes(seed: int, count: int = 12) -> np.ndarray:
    rng = np.random.default_rng(seed)
    wide = 10.0 ** rng.uniform(-150, 150, count)
    return np.concatenate([[0.0, 1e150], wide, -wide[:2]])


def textbook_scale(c: Any, lam: Any, gamma: Any, beta: Any) -> Any:
    return (c + lam) * (1 + mpmath.sqrt(1 + (beta / c) ** 2)) + gamma**2


def textbook_weights(c: Any, lam: Any, beta: Any) -> tuple[Any, Any, Any, Any]:
    """Squares of Appendix B.1, (λ + R ± s)/2 and (−λ + R ± s)/2, with the signs of the flow."""
    size = abs(beta)
    radius = mpmath.sqrt(c**2 + size**2)
    turn = mpmath.sqrt((1 - lam / c) * (1 + lam / c)) * size
    squares = [
        (sign * lam + radius + way * turn) / 2 for sign, way in ((1, 1), (-1, 1), (1, -1), (-1, -1))
    ]
    w_with, v_with, w_against, v_against = (mpmath.sqrt(abs(square)) for square in squares)
    crossed = lam != 0 and size > c * mpmath.sqrt((c / lam) ** 2 - 1)
    if crossed and lam < 0:
        w_against = -w_against
    if crossed and lam > 0:
        v_against = -v_against
    if beta < 0:
        return w_against, v_against, w_with, v_with
    return w_with, v_with, w_against, v_against


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("gamma", [0.0, 1e-140, 1e-3, 1.0, 1e150])
def test_finetune_scale_over_the_domain(ratio: float, gamma: float) -> None:
    for c in SCALES:
        init = Initialization(c, ratio * c, gamma)
        max_error(
            init.finetune_scale,
            lambda beta, i=init: textbook_scale(
                *(mpmath.mpf(x) for x in (i.c, i.lam, i.gamma)), beta
            ),
            [sizes(int(abs(ratio) * 7))],
            1e-15,
        )


@pytest.mark.parametrize("ratio", RATIOS)
def test_layer_weights_against_their_squares(ratio: float) -> None:
    """Each weight x to 5e-15 of max(|x|, |β dx/dβ|), with |dw/dβ| = |v|/(2R), at every sign."""
    worst = 0.0
    for c in SCALES:
        init = Initialization(c, ratio * c)
        beta = sizes(3)
        if 0 < abs(init.lam) < c:  # both sides of the sign change, and next to it
            edge = init.sign_change * np.array([0.5, 1 - 1e-9, 1 - ULP, 1 + ULP, 1 + 1e-9, 2.0])
            beta = np.concatenate([beta, edge[np.isfinite(edge) & (edge < 1e150)]])
        got = dataclasses.astuple(init.pretraining_layer_weights(beta))
        for i, b in enumerate(beta):
            # The opposing weight is smaller by up to (c/β)², its square by the fourth power.
            digits = 80 + int(4 * abs(np.log10(abs(b) / c))) if b else 80
            with mpmath.workdps(digits):
                exact = textbook_weights(mpmath.mpf(c), mpmath.mpf(init.lam), mpmath.mpf(float(b)))
                turn = abs(mpmath.mpf(float(b))) / (2 * mpmath.hypot(c, float(b)))
                for own, other in ((0, 1), (1, 0), (2, 3), (3, 2)):
                    size = max(abs(exact[own]), turn * abs(exact[other]))
                    error = abs(mpmath.mpf(float(got[own][i])) - exact[own])
                    allowed = TOLERANCE * size + 4 * mpmath.mpf(2) ** -1074
                    assert error <= allowed, (c, init.lam, b, own, got[own][i], exact[own])
                    worst = max(worst, float(error / size) if size else 0.0)
    assert worst > 0.0  # the comparison saw rounding, not copies


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_learnt_coefficient_far_below_a_huge_scale(sign: float) -> None:
    """At |λ| = c the paths grow from 0 with opposite signs, however small β/c is."""
    beta = 9.564269232916858e-187
    weights = Initialization(1e154, sign * 1e154).pretraining_layer_weights(beta)
    for path in ("plus", "minus"):
        product = getattr(weights, f"w_{path}") * getattr(weights, f"v_{path}")
        assert product == pytest.approx(
            0.5 * beta if path == "plus" else -0.5 * beta, rel=1e-14, abs=0
        )


@given(st.floats(-9.0, 9.0), st.floats(-9.0, 9.0), st.sampled_from([-1.0, 1.0]))
def test_at_the_ends_the_two_paths_cancel_to_the_bit(
    log_c: float, log_beta: float, sign: float
) -> None:
    # λ = −c: w₊ + w₋ = 0, where training must stay; λ = c: the same of v.
    c, beta = 10.0**log_c, sign * 10.0**log_beta
    low = Initialization(c, -c).pretraining_layer_weights(beta)
    high = Initialization(c, c).pretraining_layer_weights(beta)
    assert low.w_plus + low.w_minus == 0.0 != low.w_plus
    assert high.v_plus + high.v_minus == 0.0 != high.v_plus


@pytest.mark.parametrize("ratio", [-0.9, -0.2, 0.2, 0.9])
def test_opposing_weight_changes_sign_at_the_stated_size(ratio: float) -> None:
    init = Initialization(0.3, 0.3 * ratio)
    edge = init.sign_change
    before = init.pretraining_layer_weights(edge * (1 - 1e-12))
    after = init.pretraining_layer_weights(edge * (1 + 1e-12))
    name, other = ("w_minus", "v_minus") if ratio < 0 else ("v_minus", "w_minus")
    assert getattr(before, name) > 0 > getattr(after, name)
    assert getattr(before, other) > 0
    assert getattr(after, other) > 0
    mirrored = init.pretraining_layer_weights(-edge * (1 + 1e-12))
    assert getattr(mirrored, name.replace("minus", "plus")) < 0


@pytest.mark.parametrize("ratio", [-1 + ULP / 2, -0.7, 1e-9, 1 - ULP / 2])
def test_sign_change_value(ratio: float) -> None:
    init = Initialization(2.5, 2.5 * ratio)
    with mpmath.workdps(60):
        c, lam = mpmath.mpf(init.c), mpmath.mpf(init.lam)
        assert relative_error(init.sign_change, c * mpmath.sqrt((c / lam) ** 2 - 1)) < 1e-15


def test_sign_change_at_the_ends() -> None:
    assert Initialization(2.0, 0.0).sign_change == np.inf
    assert Initialization(2.0, 2.0).sign_change == 0.0
    assert Initialization(2.0, -2.0).sign_change == 0.0
    assert Initialization(1e200, 1e-200).sign_change == np.inf


ratios = st.one_of(st.sampled_from(RATIOS), st.floats(-1, 1))
exponents = st.floats(-100, 100)


@given(exponents, ratios, exponents, st.sampled_from([-1.0, 0.0, 1.0]))
def test_conserved_quantities_and_reinitialised_scale(
    log_c: float, ratio: float, log_beta: float, sign: float
) -> None:
    """β, c, λ from the weights (eq. 3, Appendix B.1), and (w₊ + w₋)² = c_FT without γ (eq. 5)."""
    c = 10.0**log_c
    init = Initialization(c, ratio * c)
    beta = sign * 10.0**log_beta
    weights = init.pretraining_layer_weights(beta)
    w_plus, v_plus, w_minus, v_minus = dataclasses.astuple(weights)

    def agrees(terms: list[float], expected: float) -> bool:
        """The sum of `terms` is `expected` up to rounding of the terms."""
        return bool(abs(sum(terms) - expected) <= 4e-15 * sum(abs(term) for term in terms))

    assert agrees([w_plus * v_plus, -w_minus * v_minus], beta)
    assert agrees([w_plus * w_minus, v_plus * v_minus], c)
    assert agrees([w_plus**2, -(v_plus**2)], init.lam)
    assert agrees([w_minus**2, -(v_minus**2)], init.lam)
    assert agrees([w_plus, w_minus], np.sqrt(init.finetune_scale(beta)))
    if beta == 0.0:
        assert (w_plus, v_plus) == (w_minus, v_minus)


@given(exponents, ratios, exponents)
def test_mirror_images_are_exact(log_c: float, ratio: float, log_beta: float) -> None:
    """β → −β swaps the paths, λ → −λ swaps the layers, bit by bit."""
    c, beta = 10.0**log_c, 10.0**log_beta
    init, turned = Initialization(c, ratio * c), Initialization(c, -ratio * c)
    one, other = init.pretraining_layer_weights(beta), init.pretraining_layer_weights(-beta)
    assert (one.w_plus, one.v_plus) == (other.w_minus, other.v_minus)
    assert (one.w_minus, one.v_minus) == (other.w_plus, other.v_plus)
    mirror = turned.pretraining_layer_weights(beta)
    assert (one.w_plus, one.v_plus) == (mirror.v_plus, mirror.w_plus)
    assert (one.w_minus, one.v_minus) == (mirror.v_minus, mirror.w_minus)
    assert init.finetune_scale(beta) == init.finetune_scale(-beta)


@given(exponents, ratios, exponents, exponents)
def test_scale_is_homogeneous_and_increasing(
    log_c: float, ratio: float, log_beta: float, log_gamma: float
) -> None:
    """(c, λ, γ², β) times 4 multiplies c_FT by 4 exactly; c_FT does not fall with |β|."""
    c, beta, gamma = 10.0**log_c, 10.0**log_beta, 10.0 ** (log_gamma / 2)
    init = Initialization(c, ratio * c, gamma)
    fourfold = Initialization(4 * c, 4 * init.lam, 2 * gamma)
    assert fourfold.finetune_scale(4 * beta) == 4 * init.finetune_scale(beta)
    assert init.finetune_scale(1.01 * beta) >= init.finetune_scale(beta)
    assert init.finetune_scale(0.0) == pytest.approx(
        2 * (c + init.lam) + gamma**2, rel=1e-15, abs=0
    )


def test_first_layer_alone_and_second_layer_alone() -> None:
    first = Initialization(1.0, 1.0)
    second = Initialization(1.0, -1.0)
    assert first.initial_weights == (1.0, 0.0)
    assert second.initial_weights == (0.0, 1.0)
    assert first.pretraining_layer_weights(0.0).v_plus == 0.0
    tiny = second.pretraining_layer_weights(1e-200)
    assert tiny.w_plus == pytest.approx(5e-201, rel=1e-15, abs=0)
    assert tiny.w_minus == pytest.approx(-5e-201, rel=1e-15, abs=0)
    assert second.is_saddle
    assert not Initialization(1.0, -1.0, 1e-100).is_saddle
    assert not first.is_saddle
    np.testing.assert_array_equal(second.finetune_scale([0.0, 3.0, -1e150]), 0.0)


def test_reinitialised_scale_has_gamma_once() -> None:
    """γ = 3 in both output weights adds γ² = 9, not 2γ² or γ²/2 (eq. 5)."""
    with_gamma, without = Initialization(1.0, 0.0, 3.0), Initialization(1.0, 0.0)
    assert with_gamma.finetune_scale(0.0) - without.finetune_scale(0.0) == 9.0
    learned, fixed = with_gamma.finetune_scale_parts([0.0, 1.0])
    np.testing.assert_array_equal(fixed, [9.0, 9.0])
    np.testing.assert_array_equal(learned, without.finetune_scale([0.0, 1.0]))


@given(st.floats(-1e100, 1e100), st.floats(-1e100, 1e100))
def test_from_weights_inverts_initial_weights(w0: float, v0: float) -> None:
    if max(abs(w0), abs(v0)) < 1e-100:
        return
    init = Initialization.from_weights(w0, v0, 0.5)
    hidden, output = init.initial_weights
    # The smaller weight is known to the spacing of c only.
    assert hidden**2 == pytest.approx(w0**2, rel=1e-14, abs=4 * ULP * init.c)
    assert output**2 == pytest.approx(v0**2, rel=1e-14, abs=4 * ULP * init.c)
    assert init.gamma == 0.5
    assert Initialization.from_weights(w0, v0).gamma == 0.0
    assert init.c == pytest.approx(w0 * w0 + v0 * v0, rel=1e-15, abs=0)


def test_shapes_and_types() -> None:
    init = Initialization(np.float32(0.5), 0)  # type: ignore[arg-type]
    assert type(init.c) is float
    assert type(init.lam) is float
    assert init == Initialization(0.5, 0.0, 0.0)
    assert hash(init) == hash(Initialization(0.5, -0.0, -0.0))
    assert init.relative_scale == 0.0
    assert Initialization(2.0, -1.0).relative_scale == -0.5
    assert isinstance(init.finetune_scale(1), np.float64)
    assert init.finetune_scale(np.zeros((2, 0, 3))).shape == (2, 0, 3)
    assert init.pretraining_layer_weights(np.ones((2, 3), dtype=np.int32)).v_minus.shape == (2, 3)
    with pytest.raises(dataclasses.FrozenInstanceError):
        init.c = 1.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.0, 0.0), r"absolute scale must satisfy c > 0, got c=0\.0"),
        ((-1.0, 0.0), r"c > 0, got c=-1\.0"),
        ((np.nan, 0.0), "c must be finite, got nan"),
        ((np.inf, 0.0), "c must be finite, got inf"),
        ((1.0, 2.0), r"\|lam\| <= c, got lam=2\.0, c=1\.0"),
        ((1.0, np.nextafter(-1, -2)), r"\|lam\| <= c, got lam=-1\.0000000000000002, c=1\.0"),
        ((1.0, np.nan), "lam must be finite, got nan"),
        ((1.0, 0.0, -1e-300), "gamma >= 0, got gamma=-1e-300"),
        ((1.0, 0.0, np.inf), "gamma must be finite, got inf"),
        ((1.0 + 0j, 0.0), "c must be real numbers, got complex128"),
        (("1", 0.0), "c must be real numbers, got <U1"),
        ((True, 0.0), "c must be real numbers, got bool"),
        ((None, 0.0), "c must be real numbers, got object"),
        (([1.0, 2.0], 0.0), r"c must be a single number, got shape \(2,\)"),
    ],
)
def test_bad_initialization(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Initialization(*arguments)


@pytest.mark.parametrize(
    ("beta", "message"),
    [
        ([0.0, np.nan], "beta_pt must be finite, got nan at index .1,"),
        (-np.inf, "beta_pt must be finite, got -inf"),
        ([1j], "beta_pt must be real numbers, got complex128"),
        ("x", "beta_pt must be real numbers"),
        ([[1.0], [2.0, 3.0]], "rectangular"),
    ],
)
def test_bad_coefficients(beta: Any, message: str) -> None:
    for method in ("finetune_scale", "finetune_scale_parts", "pretraining_layer_weights"):
        with pytest.raises(ValueError, match=message):
            getattr(Initialization(1.0, 0.5), method)(beta)


def test_scale_beyond_float64_is_an_error_and_not_a_silent_limit() -> None:
    with pytest.raises(ValueError, match="c_FT must be within the range of float64, got c_FT=inf"):
        Initialization(1.0, 0.0, 1e160).finetune_scale(1.0)
    # γ² underflows: c_FT = 0 would be taken for the ℓ1 limit.
    with pytest.raises(
        ValueError, match=r"c_FT must be within the range of float64, got c_FT=0\.0"
    ):
        Initialization(1.0, -1.0, 1e-170).finetune_scale(1.0)
    with pytest.raises(ValueError, match=r"must be finite, got beta_pt=1\.7e"):
        Initialization(1.7e308, 0.0).pretraining_layer_weights([1.7e308])
    with pytest.raises(ValueError, match="c must be finite, got inf"):
        Initialization.from_weights(1e200, 0.0)
    with pytest.raises(ValueError, match="c must be finite, got inf"):
        Initialization.from_weights(1e300, 1e300)
    with pytest.raises(ValueError, match="c > 0"):
        Initialization.from_weights(0.0, 0.0)


def test_no_floating_point_signal_escapes() -> None:
    with np.errstate(all="raise"):
        assert Initialization(1.7e308, 1.7e308).sign_change == 0.0
        for ratio in RATIOS:
            for c in SCALES:
                init = Initialization(c, ratio * c, 1.0)
                init.finetune_scale(sizes(1))
                init.pretraining_layer_weights(sizes(1))
