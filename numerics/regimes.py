r"""ℓ-order, pretraining dependence, and their range (Section 5.1, Propositions B.1 and 5.1).

With z = β_FT/c_FT, h = ½ asinh|z| = |q′(β_FT)| and H = h coth h − 1 ≥ 0:

    ℓ  = ∂log q/∂log|β_FT| = 1 + 1/(1 + 2H)          2 − ℓ = 2H/(1 + 2H)
    κ  = ∂log c_FT/∂log|β_PT|
       = N/(N + γ²) · β_PT²/(R(c + R)),   N = (1 + λ/c)(c + R),  R = √(c² + β_PT²)
    1 − κ = (N c/R + γ²)/(N + γ²)
    PD = ∂log q/∂log|β_PT| = −(ℓ − 1) κ

H comes from Lambert's continued fraction h coth h = 1 + h²/(3 + h²/(5 + …)) for small h, so that
neither end cancels: 2 − ℓ ≈ z²/6 and ℓ − 1 ≈ 1/(log 2z − 1) hold to all digits. In float64 ℓ
itself rounds to 2 or 1 near its ends; the functions `l_order_minus_one`, `two_minus_l_order`
and `one_minus_transfer` keep their digits there.

Values at the limits: at β_FT = 0, ℓ = 2 (z → 0); at c_FT = 0 with β_FT ≠ 0, ℓ = 1. Where both are
0 the two limits differ and ValueError is raised. c_FT vanishes for λ = −c with γ = 0 whatever
β_PT is. κ has no value there: it tends to β_PT²/(R(c+R)) as λ → −c with γ = 0, and to 0 as γ → 0
with λ = −c; so it raises ValueError. PD tends to 0 either way as long as β_FT ≠ 0, for then ℓ → 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from numerics.initialization import Initialization
from numerics.penalty import penalty_derivative
from numerics.validation import FloatArray, finite_array, finite_arrays, require

# Partial denominators of Lambert's fraction; with eight, the error at h = 1 is below 1e-17.
_LAMBERT = (17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0)


@dataclass(frozen=True)
class RegimeShares:
    """Place of (ℓ, PD) in the triangle of Proposition 5.1, as weights of its corners.

    The weights are non-negative and add up to 1; the point is their mean of the corners. Regime IV
    (rich, pretraining-dependent) is the edge between I and II, where `lazy_independent` vanishes.

    Attributes
    ----------
    rich_independent
        Weight 2 − ℓ of regime I, at (ℓ, PD) = (1, 0).
    lazy_dependent
        Weight κ(ℓ − 1) = −PD of regime II, at (2, −1).
    lazy_independent
        Weight (1 − κ)(ℓ − 1) of regime III, at (2, 0).
    """

    rich_independent: FloatArray
    lazy_dependent: FloatArray
    lazy_independent: FloatArray


@np.errstate(all="ignore")
def l_order(beta_ft: ArrayLike, scale: ArrayLike) -> FloatArray:
    """ℓ-order ∂log q/∂log|β_FT|, in [1, 2]; even in β_FT, decreasing in |β_FT|/scale.

    Parameters
    ----------
    beta_ft
        Fine-tuned coefficients β_FT.
    scale
        c_FT = √k/2 ≥ 0; broadcasts with `beta_ft`.

    Raises
    ------
    ValueError
        If an argument is not real and finite, the scale is negative, the shapes do not broadcast,
        or β_FT and the scale are both 0.
    """
    return 1.0 + l_order_minus_one(beta_ft, scale)


@np.errstate(all="ignore")
def l_order_minus_one(beta_ft: ArrayLike, scale: ArrayLike) -> FloatArray:
    """ℓ − 1 without cancellation as ℓ → 1; arguments and errors as in `l_order`."""
    return 1.0 / (1.0 + 2.0 * _excess(beta_ft, scale))


@np.errstate(all="ignore")
def two_minus_l_order(beta_ft: ArrayLike, scale: ArrayLike) -> FloatArray:
    """2 − ℓ without cancellation as ℓ → 2; arguments and errors as in `l_order`."""
    doubled = 2.0 * _excess(beta_ft, scale)
    return np.where(doubled < 1.0, doubled / (1.0 + doubled), 1.0 / (1.0 + 1.0 / doubled))[()]


@np.errstate(all="ignore")
def transfer(beta_pt: ArrayLike, init: Initialization) -> FloatArray:
    """κ = ∂log c_FT/∂log|β_PT|, in [0, 1): how strongly the scale depends on pretraining.

    Parameters
    ----------
    beta_pt
        Pretrained coefficients β_PT, any shape.
    init
        The initialisation (c, λ, γ).

    Raises
    ------
    ValueError
        If `beta_pt` is not real and finite, c_FT overflows, or λ = −c with γ = 0.
    """
    beta_pt = finite_array("beta_pt", beta_pt)
    _require_transfer(init)
    size, radius, share = _transfer_parts(beta_pt, init)
    return share * ((size / radius) * (size / (init.c + radius)))


@np.errstate(all="ignore")
def one_minus_transfer(beta_pt: ArrayLike, init: Initialization) -> FloatArray:
    """1 − κ without cancellation as κ → 1; arguments and errors as in `transfer`."""
    beta_pt = finite_array("beta_pt", beta_pt)
    _require_transfer(init)
    _, radius, _ = _transfer_parts(beta_pt, init)
    learned, fixed = init.finetune_scale_parts(beta_pt)
    return (learned * (init.c / radius) + fixed) / (learned + fixed)


@np.errstate(all="ignore")
def pretraining_dependence(
    beta_pt: ArrayLike, beta_ft: ArrayLike, init: Initialization
) -> FloatArray:
    """PD = ∂log q/∂log|β_PT| = −(ℓ − 1)κ, in (−1, 0]; even in both coefficients.

    Parameters
    ----------
    beta_pt
        Pretrained coefficients β_PT.
    beta_ft
        Fine-tuned coefficients β_FT; broadcasts with `beta_pt`.
    init
        The initialisation (c, λ, γ). With λ = −c and γ = 0, PD is its limit 0 for β_FT ≠ 0.

    Raises
    ------
    ValueError
        If an argument is not real and finite, the shapes do not broadcast, c_FT overflows, or
        β_FT = 0 where λ = −c and γ = 0.
    """
    beta_pt, beta_ft = finite_arrays(beta_pt=beta_pt, beta_ft=beta_ft)
    order = l_order_minus_one(beta_ft, init.finetune_scale(beta_pt))
    if init.is_saddle:
        return np.zeros(beta_pt.shape)[()]
    return 0.0 - order * transfer(beta_pt, init)


@np.errstate(all="ignore")
def regime_shares(beta_pt: ArrayLike, beta_ft: ArrayLike, init: Initialization) -> RegimeShares:
    """Return the weights of regimes I, II and III at (ℓ, PD) (Proposition 5.1).

    ℓ = 2 − I and PD = −II with weights I + II + III = 1, each computed without cancellation: they
    measure how close an initialisation is to a limit, however slow the limit is.

    Arguments and errors as in `pretraining_dependence`; with λ = −c and γ = 0 the point is I.
    """
    beta_pt, beta_ft = finite_arrays(beta_pt=beta_pt, beta_ft=beta_ft)
    scale = init.finetune_scale(beta_pt)
    order = l_order_minus_one(beta_ft, scale)
    rich = two_minus_l_order(beta_ft, scale)
    if init.is_saddle:
        return RegimeShares(rich, order, order)  # ℓ − 1 = 0
    return RegimeShares(
        rich, order * transfer(beta_pt, init), order * one_minus_transfer(beta_pt, init)
    )


def _excess(beta_ft: ArrayLike, scale: ArrayLike) -> FloatArray:
    """H = h coth h − 1 with h = ½ asinh(|β_FT|/c_FT); +inf at c_FT = 0."""
    beta_ft, scale = finite_arrays(beta_ft=beta_ft, scale=scale)
    require(
        (beta_ft != 0.0) | (scale != 0.0),
        "beta_ft and scale must not both be 0, where the l-order has no limit",
        "beta_ft",
        beta_ft,
    )
    half_angle = np.abs(penalty_derivative(beta_ft, scale))
    square = half_angle * half_angle
    fraction = np.full(square.shape, 19.0)
    for denominator in _LAMBERT:
        fraction = denominator + square / fraction
    large = half_angle / np.tanh(half_angle) - 1.0
    return np.where(half_angle < 1.0, square / fraction, large)


def _require_transfer(init: Initialization) -> None:
    require(
        not init.is_saddle,
        "the transfer needs lam > -c or gamma > 0 (c_FT is 0 for every beta_pt)",
        "lam",
        init.lam,
    )


def _transfer_parts(
    beta_pt: FloatArray, init: Initialization
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """|β_PT|, R and N/(N + γ²)."""
    learned, fixed = init.finetune_scale_parts(beta_pt)
    return np.abs(beta_pt), np.hypot(init.c, beta_pt), learned / (learned + fixed)
