"""ℓ-order, transfer and pretraining dependence in mpmath, as logarithmic derivatives.

With z = β_FT/c_FT and r = λ/c (Section 5.1, Proposition 5.1, Appendix B.2):

    ℓ  = ∂log q/∂log|β_FT| = z asinh z / (1 − √(1 + z²) + z asinh z)
    κ  = ∂log c_FT/∂log|β_PT| = (1 + r) β_PT²/√(c² + β_PT²) / [(1 + r)(c + √(c² + β_PT²)) + γ²]
    PD = ∂log q/∂log|β_PT| = −(ℓ − 1) κ

At β_FT = 0 the limits are returned (ℓ = 2), and at scale 0 likewise (ℓ = 1 for β_FT ≠ 0).
"""

from __future__ import annotations

from fractions import Fraction

import mpmath

from numerics.multiprecision.implicit_bias import finetune_scale_in, profile_digits, profile_in
from numerics.multiprecision.precision import (
    Context,
    Number,
    Real,
    check_digits,
    digits_below_one,
    evaluate,
    exact,
    in_context,
    initialization,
    nonnegative,
)


def l_order(beta_ft: Real, scale: Real, *, digits: int = 50) -> Number:
    """Return ℓ in [1, 2]; raise ValueError unless scale >= 0, and at β_FT = scale = 0."""
    z = _relative(beta_ft, scale)
    if z is None or z == 0:
        check_digits(digits)
        return mpmath.mp.mpf(1 if z is None else 2)
    return evaluate(lambda context: _order(context, z), digits, profile_digits(z))


def l_order_minus_one(beta_ft: Real, scale: Real, *, digits: int = 50) -> Number:
    """Return ℓ − 1, to `digits` of its own; raise ValueError as `l_order` does."""
    z = _relative(beta_ft, scale)
    if z is None or z == 0:
        check_digits(digits)
        return mpmath.mp.mpf(0 if z is None else 1)
    return evaluate(lambda context: _order(context, z) - 1, digits, profile_digits(z))


def two_minus_l_order(beta_ft: Real, scale: Real, *, digits: int = 50) -> Number:
    """Return 2 − ℓ, to `digits` of its own (z²/6 for small z); raise ValueError as `l_order`."""
    z = _relative(beta_ft, scale)
    if z is None or z == 0:
        check_digits(digits)
        return mpmath.mp.mpf(1 if z is None else 0)
    lost = profile_digits(z) + 2 * digits_below_one(z)
    return evaluate(lambda context: 2 - _order(context, z), digits, lost)


def transfer(beta_pt: Real, c: Real, lam: Real, gamma: Real = 0, *, digits: int = 50) -> Number:
    """Return κ in [0, 1), the elasticity of c_FT in |β_PT|.

    Raises ValueError unless c > 0, |λ| <= c, γ >= 0; and at λ = −c with γ = 0, where c_FT = 0
    for every β_PT and the limits λ → −c and γ → 0 differ.
    """
    beta, scale, relative, readout = _transfer_arguments(beta_pt, c, lam, gamma)
    if _transfer_vanishes(beta, scale, relative):
        check_digits(digits)
        return mpmath.mp.mpf(0)
    return evaluate(lambda context: _transfer(context, beta, scale, relative, readout), digits)


def one_minus_transfer(
    beta_pt: Real, c: Real, lam: Real, gamma: Real = 0, *, digits: int = 50
) -> Number:
    """Return 1 − κ in (0, 1], to `digits` of its own; raise ValueError as `transfer` does."""
    beta, scale, relative, readout = _transfer_arguments(beta_pt, c, lam, gamma)
    if _transfer_vanishes(beta, scale, relative):
        check_digits(digits)
        return mpmath.mp.mpf(1)
    # 1 − κ >= c/√(c² + β_PT²).
    lost = digits_below_one(scale / (scale + abs(beta)))
    return evaluate(
        lambda context: 1 - _transfer(context, beta, scale, relative, readout), digits, lost
    )


def pretraining_dependence(
    beta_pt: Real,
    beta_ft: Real,
    c: Real,
    lam: Real,
    gamma: Real = 0,
    *,
    digits: int = 50,
) -> Number:
    """Return PD in (−1, 0], the elasticity of the penalty in |β_PT|.

    At λ = −c with γ = 0, where c_FT = 0, it is 0 for β_FT ≠ 0 (ℓ → 1 in every limit).
    Raises ValueError unless c > 0, |λ| <= c, γ >= 0; and where c_FT = β_FT = 0.
    """
    scale, relative, readout = initialization(c, lam, gamma)
    before, after = exact("beta_pt", beta_pt), exact("beta_ft", beta_ft)
    vanishing = scale + relative == 0 and readout == 0
    if vanishing and after == 0:
        raise ValueError(
            "pretraining dependence needs a fine-tuning scale > 0 where beta_ft = 0, "
            f"got lam=-c={lam!r}, gamma={gamma!r}"
        )
    if vanishing or _transfer_vanishes(before, scale, relative):
        check_digits(digits)
        return mpmath.mp.mpf(0)

    def formula(context: Context) -> Number:
        kappa = _transfer(context, before, scale, relative, readout)
        if after == 0:
            return -kappa
        c_ft = finetune_scale_in(context, before, scale, relative, readout)
        x = in_context(context, after) / c_ft
        x_asinh = x * context.asinh(x)
        return -(x_asinh / (1 - context.sqrt(1 + x * x) + x_asinh) - 1) * kappa

    if after == 0:
        return evaluate(formula, digits)
    # A lower bound of |z| with exact arithmetic: c_FT <= (c + λ)(2 + |β_PT|/c) + γ².
    bound = (scale + relative) * (2 + abs(before) / scale) + readout**2
    return evaluate(formula, digits, profile_digits(after / bound))


def _relative(beta_ft: Real, scale: Real) -> Fraction | None:
    """Return z = β_FT/c_FT, or None for the limit of infinite z."""
    beta, c = exact("beta_ft", beta_ft), nonnegative("scale", scale)
    if c == 0 and beta == 0:
        raise ValueError(f"l-order needs scale > 0 where beta_ft = 0, got scale={scale!r}")
    return None if c == 0 else beta / c


def _order(context: Context, z: Fraction) -> Number:
    x = in_context(context, z)
    return x * context.asinh(x) / profile_in(context, z)


def _transfer_arguments(
    beta_pt: Real, c: Real, lam: Real, gamma: Real
) -> tuple[Fraction, Fraction, Fraction, Fraction]:
    """Return (β_PT, c, λ, γ) exactly; raise ValueError where κ is not defined."""
    scale, relative, readout = initialization(c, lam, gamma)
    if scale + relative == 0 and readout == 0:
        raise ValueError(
            f"transfer needs lam > -c or gamma > 0, got lam=-c={lam!r}, gamma={gamma!r}"
        )
    return exact("beta_pt", beta_pt), scale, relative, readout


def _transfer_vanishes(beta: Fraction, c: Fraction, lam: Fraction) -> bool:
    return beta == 0 or c + lam == 0


def _transfer(
    context: Context, beta: Fraction, c: Fraction, lam: Fraction, gamma: Fraction
) -> Number:
    radius = context.sqrt(in_context(context, c**2 + beta**2))
    above = in_context(context, 1 + lam / c)
    gain = above * in_context(context, beta**2) / radius
    return gain / (above * (in_context(context, c) + radius) + in_context(context, gamma) ** 2)
