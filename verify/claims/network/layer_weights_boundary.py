"""Layer weights at |λ| = c (Appendix B.1, “weights after pretraining”).

With readouts (λ = c) or hidden weights (λ = −c) started at zero, the other layer's weights stay
equal in the two pathways and these become opposite numbers.
"""

from dataclasses import dataclass, field

import sympy as sp

from theory.network import NAMES, initial_weights, trajectory
from verify.claim import Check, Method
from verify.claims.network._weights import WEIGHT, OfWeights
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all
from verify.registry import state

beta, lam = sp.symbols("beta lambda", real=True)
c, R = sp.Symbol("c", positive=True), sp.Symbol("R")


def at_upper_end(beta, c, R):
    common, odd = sp.sqrt((R + c) / 2), beta / sp.sqrt(2 * (R + c))
    return {"w_plus": common, "v_plus": odd, "w_minus": common, "v_minus": -odd}


def at_lower_end(beta, c, R):
    common, odd = sp.sqrt((R + c) / 2), beta / sp.sqrt(2 * (R + c))
    return {"w_plus": odd, "v_plus": common, "w_minus": -odd, "v_minus": common}


@dataclass(frozen=True)
class AtEnd(OfWeights):
    """The weights at one end of the range of λ."""

    end: Formula = field(kw_only=True)

    def latex(self):
        return rf"{self.end.latex()}:\quad {super().latex()}"


STATED = Formulas(
    upper=AtEnd(WEIGHT, (beta, c, R), at_upper_end, end=Formula(lam, (c,), lambda c: c)),
    lower=AtEnd(WEIGHT, (beta, c, R), at_lower_end, end=Formula(lam, (c,), lambda c: -c)),
    radius=Formula(R, (beta, c), lambda beta, c: sp.sqrt(c**2 + beta**2)),
)
CONTROLS = (
    STATED.but("the ends exchanged", upper=at_lower_end, lower=at_upper_end),
    STATED.but(
        "the negative readout with the sign of the positive one",
        upper=lambda *at: at_upper_end(*at) | {"v_minus": at_upper_end(*at)["v_plus"]},
    ),
    STATED.but(
        "R − c for R + c in the common weight", upper=lambda b, c, R: at_upper_end(b, -c, R)
    ),
)


def decide(stated):
    """Compare with the flow at β = c sinh 2x, with e^x = p > 0: that is every real β."""
    return prove_all(steps(stated))


def steps(stated):
    p, x = sp.Symbol("p", positive=True), sp.Symbol("x", real=True)
    at = {beta: c * (p**2 - p**-2) / 2}
    at[R] = rooted(defined(stated.radius, R, at))
    for end in (stated.upper, stated.lower):
        ratio = defined(end.end, lam)
        flowed = trajectory(initial_weights(c, ratio), x)
        for of, one, other in zip(NAMES, end(at), flowed, strict=True):
            moved = end.left({WEIGHT: other.subs(x, sp.log(p))})
            yield f"λ = {ratio}: {of}", equal(rooted(one), moved)


def rooted(expression):
    """Take the roots of squares."""
    roots = expression.atoms(sp.Pow)
    return expression.subs({root: sp.factor(root.base) ** root.exp for root in roots})


state(
    "network.layer-weights-boundary",
    __doc__,
    (Check("flow from both ends", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0", "the layer that does not start at zero starts positive"),
    requires=("network.trajectory",),
)
