"""At λ = −c and γ = 0 the re-initialised network sits at a saddle: c_FT = 0 (Section 5.1).

All four weights of a coordinate vanish, the flow does not move, and ℓ and PD have no value. Nor has
κ a limit: along λ → −c at γ = 0 it is 1 − c/R, along γ → 0 at λ = −c it is 0. Still ℓ → 1 and
PD → 0 along every way in, since only c_FT → 0 matters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from theory.regimes import (
    ABSOLUTE,
    BETA_PT,
    GAMMA,
    RATIO,
    E,
    G,
    S,
    finetune_scale,
    regime_point,
    signed_sum_squared,
)
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.inequality import decide_equal, decide_on_networks
from verify.methods.symbolic import prove_all
from verify.registry import register


@dataclass(frozen=True)
class Saddle:
    """Where the weights vanish, and the limits of κ from both sides."""

    ratio: Any
    gamma: Any
    along_lambda: Any
    along_gamma: Any


STATED = Saddle(sp.Integer(-1), sp.Integer(0), 1 - ABSOLUTE / (ABSOLUTE + E), sp.Integer(0))


def decide(saddle: Saddle) -> Evidence:
    """Insert the corner in the derived weights and take the limits of κ and of the pair."""
    corner = {RATIO: saddle.ratio, GAMMA: saddle.gamma}
    hidden = sp.expand(signed_sum_squared().subs(corner))
    kappa = regime_point().transfer
    point = regime_point()
    return prove_all(
        (
            ("(w₊+w₋)² = 0 for every β_PT", decide_equal(hidden, sp.Integer(0))),
            ("v = γ = 0", saddle.gamma == 0),
            ("c_FT = 0", decide_equal(sp.expand(finetune_scale().subs(corner)), sp.Integer(0))),
            (
                f"κ = {saddle.along_lambda} along γ = 0, for every λ > −c",
                decide_equal(sp.cancel(kappa.subs(G, 0)), saddle.along_lambda),
            ),
            (
                f"κ = {saddle.along_gamma} along λ = −c, for every γ > 0",
                decide_equal(sp.cancel(kappa.subs(S, 0)), saddle.along_gamma),
            ),
            (
                "PD > −(ℓ−1): with ℓ → 1 as c_FT → 0, PD → 0 along every way",
                decide_on_networks(
                    "PD + ℓ − 1 > 0", point.pretraining_dependence + point.l_order - 1
                ),
            ),
            (
                "c_FT is continuous there",
                sp.limit(finetune_scale().subs(GAMMA, 0), RATIO, -1, "+") == 0
                and sp.limit(finetune_scale().subs(RATIO, -1), GAMMA, 0, "+") == 0,
            ),
        ),
        summary=f"saddle for every β_PT, e.g. {BETA_PT} arbitrary; κ has no limit, the pair has",
    )


register(
    Claim(
        id="regimes.saddle-corner",
        title="The saddle at λ = −c, γ = 0",
        sentence="At λ = −c and γ = 0 all re-initialised weights vanish and c_FT = 0, whatever "
        "β_PT is: κ tends to 1 − c/√(c²+β_PT²) along γ = 0 and to 0 along λ = −c, while "
        "(ℓ, PD) → (1, 0) along both.",
        latex=r"\lambda=-c,\ \gamma=0:\quad w_\pm^{FT}(0)=v_\pm^{FT}(0)=0,\quad c_{FT}=0,\qquad"
        r"(\ell,\mathrm{PD})\to(1,0)\ \text{as}\ c_{FT}\to 0",
        source="Section 5.1, regime I (limit λ → −c, γ → 0)",
        assumptions=("c > 0", "β_FT ≠ 0 in the limit of the pair"),
        requires=("regimes.rich-corner",),
        checks=(
            Check(
                "insert the corner",
                Method.SYMBOLIC,
                decide,
                STATED,
                (
                    Control("λ = c instead", replace(STATED, ratio=sp.Integer(1))),
                    Control("λ = 0 instead", replace(STATED, ratio=sp.Integer(0))),
                    Control(
                        "κ continuous: the same limit along λ = −c",
                        replace(STATED, along_gamma=STATED.along_lambda),
                    ),
                ),
            ),
        ),
    )
)
