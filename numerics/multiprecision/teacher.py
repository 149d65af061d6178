"""Groups of coordinates for the replica equations: the teacher of Section 3.3 in exact numbers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import mpmath

from numerics.multiprecision.channel import ChannelGroup
from numerics.multiprecision.implicit_bias import finetune_scale
from numerics.multiprecision.precision import (
    Number,
    Real,
    check_digits,
    in_context,
    in_words,
    nonnegative,
    positive,
    released,
)
from numerics.validation import ActiveSlab, Slab


def pretrain_finetune_groups(
    rho_pt: Real,
    rho_ft: Real,
    overlap: Real,
    c: Real,
    lam: Real,
    gamma: Real = 0,
    *,
    slab: ActiveSlab,
    pt_amplitude: Real = 1,
    ft_amplitude: Real | None = None,
    digits: int = 50,
) -> tuple[tuple[Fraction, Number, Any], ...]:
    """Return the groups of the pretraining/fine-tuning teacher of Section 3.3.

    Parameters
    ----------
    rho_pt, rho_ft
        Shares of coordinates active in pretraining and in fine-tuning.
    overlap
        ω, the share of the fine-tuning coordinates that were active in pretraining.
    c, lam, gamma
        Initialisation; gives c_FT of pretrained and of other coordinates.
    slab
        Distribution of the active fine-tuning coordinates.
    pt_amplitude, ft_amplitude
        |β*| of active coordinates (a standard deviation for the Gaussian slab); None for
        1/√ρ_FT, which makes E[β*²] = 1.
    digits
        Digits required of a solution; the irrational entries have 20 more.

    Raises
    ------
    ValueError
        If a share of one of the four groups is negative, or a parameter is out of range.
    """
    _check_slab("slab", slab)
    shares = _shares(rho_pt, rho_ft, overlap)
    carried = check_digits(digits) + 20
    pretrained = finetune_scale(pt_amplitude, c, lam, gamma, digits=carried)
    other = finetune_scale(0, c, lam, gamma, digits=carried)
    active = (slab, _ft_amplitude(rho_ft, ft_amplitude, carried))
    priors = ((pretrained, active), (other, active), (pretrained, "zero"), (other, "zero"))
    return tuple(
        (share, scale, prior)
        for share, (scale, prior) in zip(shares, priors, strict=True)
        if share > 0
    )


def pipeline_groups(
    rho_pt: Real,
    rho_ft: Real,
    overlap: Real,
    *,
    slab: ActiveSlab,
    pt_slab: ActiveSlab = "sign",
    pt_amplitude: Real = 1,
    ft_amplitude: Real | None = None,
    digits: int = 50,
) -> tuple[tuple[Fraction, Any, Any], ...]:
    """Return the groups of the same teacher for `pipeline_fixed_point`, with both priors.

    `pt_slab` is the distribution of the active pretraining coordinates; other arguments and errors
    as in `pretrain_finetune_groups`.
    """
    _check_slab("slab", slab)
    _check_slab("pt_slab", pt_slab)
    shares = _shares(rho_pt, rho_ft, overlap)
    before = (pt_slab, positive("pt_amplitude", pt_amplitude))
    after = (slab, _ft_amplitude(rho_ft, ft_amplitude, check_digits(digits) + 20))
    priors = ((before, after), ("zero", after), (before, "zero"), ("zero", "zero"))
    return tuple((share, *laws) for share, laws in zip(shares, priors, strict=True) if share > 0)


def _check_slab(name: str, slab: ActiveSlab) -> None:
    if slab not in ("sign", "gaussian"):
        raise ValueError(f"{name} must be 'sign' or 'gaussian', got {slab!r}")


def _shares(rho_pt: Real, rho_ft: Real, overlap: Real) -> tuple[Fraction, ...]:
    """Shares of the groups overlap, new, pt-only and none."""
    before, after = nonnegative("rho_pt", rho_pt), positive("rho_ft", rho_ft)
    both = nonnegative("overlap", overlap) * after
    shares = (both, after - both, before - both, 1 - before - after + both)
    for name, share in zip(("overlap", "new", "pt-only", "none"), shares, strict=True):
        if share < 0:
            raise ValueError(
                f"share of the group {name} must be >= 0, got {in_words(share)} from "
                f"rho_pt={rho_pt!r}, rho_ft={rho_ft!r}, overlap={overlap!r}"
            )
    return shares


def _ft_amplitude(rho_ft: Real, ft_amplitude: Real | None, digits: int) -> Fraction | Number:
    """Return the amplitude given, exactly, or else 1/√ρ_FT."""
    if ft_amplitude is not None:
        return positive("ft_amplitude", ft_amplitude)
    context = mpmath.MPContext()
    context.dps = digits + 5
    return released(1 / context.sqrt(in_context(context, positive("rho_ft", rho_ft))), digits)


def channel_groups(groups: Sequence[tuple[Real, Real, Any]]) -> tuple[ChannelGroup, ...]:
    """Validate the groups, merge equal ones and normalise the probabilities."""
    shares: dict[tuple[Fraction, Slab, Fraction], Fraction] = {}
    for probability, scale, slab in groups:
        share, c_ft = nonnegative("probability", probability), positive("scale", scale)
        kind, amplitude = prior_of("slab", slab)
        if share:
            key = (c_ft, kind, amplitude)
            shares[key] = shares.get(key, Fraction(0)) + share
    return tuple(
        ChannelGroup(share, scale, kind, amplitude)
        for share, (scale, kind, amplitude) in zip(
            normalised(tuple(shares.values())), shares, strict=True
        )
    )


def prior_of(name: str, value: Any) -> tuple[Slab, Fraction]:
    """Return the slab and the amplitude, 0 for "zero"; raise ValueError if `value` is no prior."""
    if value == "zero":
        return "zero", Fraction(0)
    if isinstance(value, tuple) and len(value) == 2 and value[0] in ("sign", "gaussian"):
        return value[0], positive(f"{name} amplitude", value[1])
    raise ValueError(f"{name} must be 'zero', ('sign', a) or ('gaussian', a), got {value!r}")


def normalised(shares: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """Return the shares divided by their sum; raise ValueError unless that is 1 within 1e-12."""
    total = sum(shares, Fraction(0))
    if abs(total - 1) > Fraction(1, 10**12):
        raise ValueError(f"probabilities must sum to 1, got {in_words(total)}")
    return tuple(share / total for share in shares)
