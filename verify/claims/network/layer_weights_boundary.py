"""Layer weights at |λ| = c (Appendix B.1, “weights after pretraining”).

With readouts (λ = c) or hidden weights (λ = −c) started at zero, the other layer's weights stay
equal in the two pathways and these become opposite numbers.
"""

import sympy as sp

from theory.network import Weights, layer_weights
from verify.claim import Check, Method
from verify.claims.network._weights import NAMES, OfWeights
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.registry import state

beta, c, R = sp.Symbol("beta", real=True), sp.Symbol("c", positive=True), sp.Symbol("R")


def at_upper_end(beta, c, R):
    common, odd = sp.sqrt((R + c) / 2), beta / sp.sqrt(2 * (R + c))
    return Weights(w_plus=common, v_plus=odd, w_minus=common, v_minus=-odd)


def at_lower_end(beta, c, R):
    common, odd = sp.sqrt((R + c) / 2), beta / sp.sqrt(2 * (R + c))
    return Weights(w_plus=odd, v_plus=common, w_minus=-odd, v_minus=common)


STATED = Formulas(
    upper=OfWeights("W", (beta, c, R), at_upper_end, where=r"\lambda = c:\quad "),
    lower=OfWeights("W", (beta, c, R), at_lower_end, where=r"\lambda = -c:\quad "),
    radius=Formula("R", (beta, c), lambda beta, c: sp.sqrt(c**2 + beta**2)),
)
CONTROLS = (
    STATED.but("the ends exchanged", upper=at_lower_end, lower=at_upper_end),
    STATED.but(
        "the negative readout with the sign of the positive one",
        upper=lambda *at: at_upper_end(*at)._replace(v_minus=at_upper_end(*at).v_plus),
    ),
    STATED.but(
        "R − c for R + c in the common weight", upper=lambda b, c, R: at_upper_end(b, -c, R)
    ),
)


def decide(stated):
    """Compare with the derived weights, squares first and then signs."""
    steps = []
    for formula, lam in ((stated.upper, c), (stated.lower, -c)):
        given = formula(beta, c, stated.radius(beta, c))
        pairs = list(zip(NAMES, layer_weights(beta, c, lam), given, strict=True))
        steps += [(f"λ = {lam}: square of {name}", equal(d**2, g**2)) for name, d, g in pairs]
        # Both sides are continuous in β and vanish at β = 0 only, if at all: a point on
        # either side of it settles the sign.
        for place in (c, -c):
            for name, *both in pairs:
                derived, stated_sign = (sp.sign(side.subs(beta, place)) for side in both)
                text = f"λ = {lam}: sign of {name} at β = {place}"
                steps.append((text, derived == stated_sign))
    return prove_all(steps)


state(
    "network.layer-weights-boundary",
    __doc__,
    (Check("derived weights at both ends", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0", "the layer that does not start at zero starts positive"),
    requires=("network.layer-weights",),
)
