"""Where the three invariants are independent (Appendix B.1).

λ₊, λ₋ and c are independent functions of the weights exactly where w₊v₋ + v₊w₋ ≠ 0, which from the
initialisation (c, λ) on means |λ| < c.

For w₊v₋ + v₊w₋ is conserved and starts as 2w₀v₀ = √(c² − λ²).
"""

import itertools

from theory.invariants import independence
from theory.network import Weights, absolute_scale, relative_scale, weights
from verify.claim import Check, Control, Evidence, Fault, Method
from verify.claims.network._weights import SHOWN, squared_norm
from verify.claims.network.fourth_invariant import cross
from verify.methods.formula import Formula
from verify.methods.identity import equal
from verify.registry import state


def determinant(*w):
    return 16 * cross(Weights(*w)) ** 2 * squared_norm(Weights(*w))


STATED = Formula(
    r"\det J J^{\top}",
    SHOWN,
    determinant,
    r" \\ J = \frac{\partial(\lambda_+, \lambda_-, c)}{\partial(w_+, v_+, w_-, v_-)}",
)
CONTROLS = (
    STATED.but("w₊v₋ − v₊w₋ for w₊v₋ + v₊w₋", lambda wp, vp, wm, vm: determinant(wp, -vp, wm, vm)),
    STATED.but("8 for 16", lambda *w: determinant(*w) / 2),
)


def decide(stated):
    """Compare zero sets on a grid of exact states, then the polynomials."""
    coordinate = weights()
    derived = independence([*relative_scale(coordinate), absolute_scale(coordinate)])
    for point in itertools.product((0, 1, -1, 2), repeat=4):
        here = dict(zip(coordinate, point, strict=True))
        rank_drops = derived.subs(here) == 0
        if rank_drops != (stated(*point) == 0):
            verdict = "dependent" if rank_drops else "independent"
            return Evidence(
                False,
                f"the three are {verdict} at {point}, against the statement",
                counterexample={str(weight): str(value) for weight, value in here.items()},
            )
    return equal(
        stated(*coordinate), derived, steps=("both vanish at the same 256 states of a grid",)
    )


state(
    "network.invariants-independent",
    __doc__,
    (Check("all minors", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    requires=("network.conservation", "network.fourth-invariant"),
)

# A false twin: they are dependent where w₊v₋ + v₊w₋ = 0, which is all along training at λ = −c.

EVERYWHERE = Formula(
    r"\operatorname{rank} J < 3 \iff 0", SHOWN, lambda *w: squared_norm(Weights(*w)), STATED.after
)

state(
    "network.invariants-independent-everywhere",
    """Independent at every state (false) (A reading of Appendix B.1).

    λ₊, λ₋ and c are independent functions of the weights at every state but zero.
    """,
    (
        Check(
            "all minors",
            Method.SYMBOLIC,
            decide,
            EVERYWHERE,
            Control("independent where w₊v₋ + v₊w₋ ≠ 0", STATED, must_hold=True),
        ),
    ),
    twin="network.invariants-independent",
    fault=Fault.READ,
)
