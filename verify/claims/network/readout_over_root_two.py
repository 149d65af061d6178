"""Readouts re-set to γ/√2 (a variant of eq. 5).

Then c_FT = (c + λ)(1 + √(1 + (β_PT/c)²)) + γ²/2; in general readouts a enter as a². So curves
computed in that convention are those of eq. 5 at γ/√2.
"""

from collections.abc import Callable
from typing import Any

import sympy as sp

from theory.network import finetune_scale
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal
from verify.registry import register


def scale(beta_pt: Any, c: Any, lam: Any, gamma: Any) -> Any:
    """Return c_FT for readouts γ/√2, as stated."""
    return (c + lam) * (1 + sp.sqrt(1 + (beta_pt / c) ** 2)) + gamma**2 / 2


def decide(stated: Callable[..., Any]) -> Evidence:
    """Derive the scale with these readouts."""
    w0, v0, gamma = sp.symbols("w_0 v_0 gamma", nonnegative=True)
    beta = sp.Symbol("beta_PT", real=True)
    c, lam = w0**2 + v0**2, w0**2 - v0**2
    derived = finetune_scale(beta, c, lam, gamma / sp.sqrt(2))
    return equal(stated(beta, c, lam, gamma), derived)


register(
    Claim(
        id="network.readout-over-root-two",
        title="Readouts of γ/√2",
        sentence="If the readouts are re-set to γ/√2 instead of γ, then γ²/2 takes the place of "
        "γ² in c_FT.",
        latex=r"v_{\pm}^{FT}(0) = \frac{\gamma}{\sqrt{2}} \;\Rightarrow\; "
        r"c_{FT}(\beta_{PT}) = (c + \lambda)"
        r"\left(1 + \sqrt{1 + \frac{\beta_{PT}^2}{c^2}}\right) + \frac{\gamma^2}{2}",
        source="A variant of eq. (5)",
        checks=(
            Check(
                "derived weights, re-balanced",
                Method.SYMBOLIC,
                decide,
                scale,
                (
                    Control("γ²", lambda b, c, lam, g: scale(b, c, lam, g) + g**2 / 2),
                    Control("γ²/√2", lambda b, c, lam, g: scale(b, c, lam, sp.root(2, 4) * g)),
                ),
            ),
        ),
        requires=("network.finetune-scale",),
    )
)
