"""The saddle at λ = −c, γ = 0 (Section 5.1, regime I (limit λ → −c, γ → 0)).

At λ = −c and γ = 0 all re-initialised weights vanish and c_FT = 0, whatever β_PT is: κ tends to
1 − c/√(c²+β_PT²) along γ = 0 and to 0 along λ = −c, while (ℓ, PD) → (1, 0) along both.

The flow does not move, and ℓ and PD have no value there, nor has κ a limit. Still ℓ → 1 and PD → 0
along every way in, since only c_FT → 0 matters.
"""

from typing import Any, NamedTuple

import sympy as sp

from theory import regimes as derived
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, SCALE, G, S, Z
from verify.claim import Check, Control, Method
from verify.claims.regimes._language import ELL, PD, as_written, in_coordinates, printed
from verify.claims.regimes._statements import Approached, Limit, Range, Theorem, decide
from verify.methods.formula import shown
from verify.methods.identity import equal
from verify.methods.inequality import equal_on_networks
from verify.registry import state


class Saddle(NamedTuple):
    """Where the weights vanish, and κ along both ways there, functions of c and β_PT.

    `weight` and `scale` are the values of all four weights, and of c_FT, there.
    """

    ratio: Any
    gamma: Any
    weight: Any
    scale: Any
    along_lambda: Any
    along_gamma: Any

    def latex(self):
        gamma, lam = rf"\gamma = {shown(self.gamma)}", rf"\lambda = {shown(self.ratio * ABSOLUTE)}"
        return (
            rf"{lam},\ {gamma}: \quad w_\pm^{{FT}}(0) = v_\pm^{{FT}}(0) = {shown(self.weight)}, "
            rf"\quad c_{{FT}} = {shown(self.scale)} \\ \kappa = {printed(self.along_lambda)} \quad "
            rf"({gamma}), \qquad \kappa = {printed(self.along_gamma)} \quad ({lam})"
        )

    def steps(self):
        corner = {RATIO: self.ratio, GAMMA: self.gamma}
        hidden = derived.signed_sum_squared().subs(corner)
        # The hidden weights are (w₊+w₋)/2 each.
        text = "(w₊+w₋)² at every β_PT"
        yield text, equal_on_networks(sp.expand(hidden), 4 * self.weight**2)
        yield "v = γ", equal(sp.sympify(self.gamma), sp.sympify(self.weight))
        scale = derived.scale_from_invariants().subs(corner)
        yield "c_FT", equal_on_networks(sp.expand(scale), self.scale)
        yield "κ along γ = 0, all λ > −c", self._kappa(G, self.gamma**2, self.along_lambda)
        yield "κ along λ = −c, all γ > 0", self._kappa(S, 1 + self.ratio, self.along_gamma)

    def _kappa(self, coordinate, value, stated):
        found = derived.regime_point().transfer.subs(coordinate, value)
        return equal_on_networks(found, in_coordinates(stated, magnitude=BETA_PT))


with as_written():
    SADDLE = Saddle(
        ratio=sp.Integer(-1),
        gamma=sp.Integer(0),
        weight=sp.Integer(0),
        scale=sp.Integer(0),
        along_lambda=1 - ABSOLUTE / sp.sqrt(ABSOLUTE**2 + BETA_PT**2),
        along_gamma=sp.Integer(0),
    )
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
