"""ℓ + PD is a mean of ℓ and 1 with the weights 1 − κ and κ (proof of Proposition B.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from theory.regimes import (
    canonical,
    half_angle,
    in_argument,
    in_exponential,
    l_order,
    pretraining_dependence,
    transfer,
)
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.inequality import decide_equal
from verify.registry import register

Formula = Callable[[Any, Any], Any]


def mean(order: Any, kappa: Any) -> Any:
    """ℓ + PD as stated."""
    return (1 - kappa) * order + kappa


def exchanged(order: Any, kappa: Any) -> Any:
    """Exchange the weights."""
    return kappa * order + 1 - kappa


def toward_two(order: Any, kappa: Any) -> Any:
    """Return a mean of ℓ and 2."""
    return (1 - kappa) * order + 2 * kappa


def decide(formula: Formula) -> Evidence:
    """Compare with both derivatives of log q, written in e^h and the canonical coordinates."""
    order = in_exponential(half_angle(in_argument(l_order())))
    dependence = in_exponential(half_angle(pretraining_dependence()))
    return decide_equal(
        order + dependence,
        formula(order, canonical(transfer())),
        steps=("ℓ and PD by differentiating log q, κ by differentiating log c_FT",),
    )


register(
    Claim(
        id="regimes.sum-identity",
        title="ℓ + PD is a mean of ℓ and 1",
        sentence="ℓ + PD = (1 − κ)·ℓ + κ.",
        latex=r"\ell+\mathrm{PD}=(1-\kappa)\,\ell+\kappa",
        source="Appendix B.2, proof of Proposition B.1",
        assumptions=("c_FT > 0", "β_FT ≠ 0"),
        checks=(
            Check(
                "both derivatives of log q",
                Method.SYMBOLIC,
                decide,
                mean,
                (
                    Control("κℓ + 1 − κ", exchanged),
                    Control("(1 − κ)ℓ + 2κ", toward_two),
                ),
            ),
        ),
    )
)
