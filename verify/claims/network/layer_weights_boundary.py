"""Layer weights at |λ| = c (Appendix B.1).

With readouts (λ = c) or hidden weights (λ = −c) started at zero, the other layer's weights stay
equal in the two pathways and these become opposite numbers.
"""

from typing import Any, NamedTuple

import sympy as sp

from theory.network import Weights, layer_weights
from verify.claim import Check, Control, Method
from verify.claims.network._weights import NAMES, equations
from verify.claims.network.layer_weights import radius
from verify.methods.formula import written
from verify.methods.identity import equal
from verify.methods.symbolic import prove_all
from verify.registry import state


def at_upper_end(beta, c, R):
    common, odd = sp.sqrt((R + c) / 2), beta / sp.sqrt(2 * (R + c))
    return Weights(w_plus=common, v_plus=odd, w_minus=common, v_minus=-odd)


def at_lower_end(beta, c, R):
    hidden_plus, readout_plus, hidden_minus, readout_minus = at_upper_end(beta, c, R)
    return Weights(readout_plus, hidden_plus, readout_minus, hidden_minus)


class Ends(NamedTuple):
    """Weights for λ = c and for λ = −c, as functions of β, c and R."""

    upper: Any
    lower: Any

    def latex(self):
        beta, c, R = sp.symbols("beta c R")
        return (
            rf"\lambda = c:\quad {equations('W', self.upper, beta, c, R)} \\ "
            rf"\lambda = -c:\quad {equations('W', self.lower, beta, c, R)} \\ "
            rf"R = {written(radius, beta, c)}"
        )


STATED = Ends(at_upper_end, at_lower_end)
CONTROLS = (
    Control("the ends exchanged", Ends(at_lower_end, at_upper_end)),
    Control(
        "the negative readout with the sign of the positive one",
        STATED._replace(upper=lambda *x: at_upper_end(*x)._replace(v_minus=at_upper_end(*x).v_plus)),
    ),
    Control(
        "R − c for R + c in the common weight",
        STATED._replace(upper=lambda b, c, R: at_upper_end(b, -c, R)),
    ),
)


def decide(ends):
    """Compare with the derived weights, squares first and then signs."""
    c, beta = sp.Symbol("c", positive=True), sp.Symbol("beta", real=True)
    steps = []
    for formula, lam in zip(ends, (c, -c), strict=True):
        derived, given = layer_weights(beta, c, lam), formula(beta, c, radius(beta, c))
        pairs = list(zip(NAMES, derived, given, strict=True))
        steps += [(f"λ = {lam}: square of {name}", equal(d**2, g**2)) for name, d, g in pairs]
        # Both sides are continuous in β and vanish at β = 0 only, if at all: a point on
        # either side of it settles the sign.
        steps += [
            (
                f"λ = {lam}: sign of {name} at β = {place}",
                sp.sign(d.subs(beta, place)) == sp.sign(g.subs(beta, place)),
            )
            for place in (c, -c)
            for name, d, g in pairs
        ]
    return prove_all(steps)


state(
    "network.layer-weights-boundary",
    __doc__,
    (Check("derived weights at both ends", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0", "the layer that does not start at zero starts positive"),
    requires=("network.layer-weights",),
)
