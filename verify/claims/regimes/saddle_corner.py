"""The saddle at λ = −c, γ = 0 (Section 5.1, regime I (limit λ → −c, γ → 0)).

At λ = −c and γ = 0 all re-initialised weights vanish and c_FT = 0, whatever β_PT is: κ tends to
1 − c/√(c²+β_PT²) along γ = 0 and to 0 along λ = −c, while (ℓ, PD) → (1, 0) along both.

The flow does not move, and ℓ and PD have no value there, nor has κ a limit. Still ℓ → 1 and PD → 0
along every way in, since only c_FT → 0 matters.
"""

from typing import Any, NamedTuple

import sympy as sp

from theory import regimes as derived
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, SCALE, E, G, S, Z
from verify.claim import Check, Control, Method
from verify.claims.regimes._statements import (
    ELL,
    PD,
    Approached,
    Limit,
    Range,
    Theorem,
    as_written,
    decide,
)
from verify.methods.formula import shown, written
from verify.methods.identity import equal
from verify.methods.inequality import equal_on_networks
from verify.registry import state


class Saddle(NamedTuple):
    """Where the weights vanish, and κ along both ways there, functions of c and β_PT."""

    ratio: Any
    gamma: Any
    along_lambda: Any
    along_gamma: Any

    def latex(self):
        kappa = [written(way, ABSOLUTE, BETA_PT) for way in (self.along_lambda, self.along_gamma)]
        gamma, lam = rf"\gamma = {self.gamma}", rf"\lambda = {shown(self.ratio * ABSOLUTE)}"
        return (
            rf"{lam},\ {gamma}: \quad w_\pm^{{FT}}(0) = v_\pm^{{FT}}(0) = 0, \quad c_{{FT}} = 0 \\ "
            rf"\kappa = {kappa[0]} \quad ({gamma}), \qquad \kappa = {kappa[1]} \quad ({lam})"
        )

    def steps(self):
        corner = {RATIO: self.ratio, GAMMA: self.gamma}
        hidden = derived.signed_sum_squared().subs(corner)
        yield "(w₊+w₋)² = 0 for every β_PT", equal_on_networks(sp.expand(hidden), 0)
        yield "v = γ = 0", equal(sp.sympify(self.gamma), sp.Integer(0))
        scale = derived.scale_from_invariants().subs(corner)
        yield "c_FT = 0", equal_on_networks(sp.expand(scale), 0)
        yield "κ along γ = 0, all λ > −c", self._kappa(G, self.along_lambda)
        yield "κ along λ = −c, all γ > 0", self._kappa(S, self.along_gamma)

    def _kappa(self, vanishing, stated):
        root = {sp.sqrt(ABSOLUTE**2 + BETA_PT**2): ABSOLUTE + E}
        value = sp.sympify(stated(ABSOLUTE, BETA_PT)).subs(root)
        return equal_on_networks(derived.regime_point().transfer.subs(vanishing, 0), value)


SADDLE = Saddle(
    ratio=sp.Integer(-1),
    gamma=sp.Integer(0),
    along_lambda=lambda c, beta: 1 - c / sp.sqrt(c**2 + beta**2),
    along_gamma=lambda c, beta: sp.Integer(0),
)
with as_written():
    STATED = Theorem(
        SADDLE,
        Limit(SCALE, RATIO, -1, 0, ((GAMMA, 0),)),
        Limit(SCALE, GAMMA, 0, 0, ((RATIO, -1),)),
        Limit(ELL, Z, sp.oo, 1),
        Range(ELL + PD, low=Approached(1, ABSOLUTE, 0, ((GAMMA, 0),))),
    )
CONTROLS = (
    Control("λ = c instead", SADDLE._replace(ratio=sp.Integer(1))),
    Control("λ = 0 instead", SADDLE._replace(ratio=sp.Integer(0))),
    Control(
        "κ continuous: the same limit along λ = −c",
        SADDLE._replace(along_gamma=SADDLE.along_lambda),
    ),
)

state(
    "regimes.saddle-corner",
    __doc__,
    (Check("insert the corner", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0", "β_FT ≠ 0 in the limit of the pair"),
    requires=("regimes.rich-corner", "implicit-bias.saddle"),
)
