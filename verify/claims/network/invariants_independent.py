"""Where the three invariants are independent (Appendix B.1).

λ₊, λ₋ and c are independent functions of the weights exactly where w₊v₋ + v₊w₋ ≠ 0, which from the
initialisation (c, λ) on means |λ| < c.

For J, their Jacobian by the four weights, has rank three where det JJᵀ ≠ 0; and w₊v₋ + v₊w₋ is
conserved and starts as 2w₀v₀ = √(c² − λ²).
"""

import itertools
from typing import Any, NamedTuple

import sympy as sp

from theory.invariants import independence
from theory.network import absolute_scale, layer_weights, relative_scale, weights
from verify.claim import Check, Control, Evidence, Fault, Method
from verify.claims.network._weights import SHOWN, squared_norm
from verify.claims.network.fourth_invariant import cross
from verify.methods.formula import Formula
from verify.methods.identity import equal, prove_all
from verify.methods.notation import shown, written
from verify.methods.orthant import decide_on_orthant
from verify.methods.relations import Bound, Relation
from verify.registry import state

J = sp.MatrixSymbol("J", 3, 4)
STATED = Formula(sp.Determinant(J * J.T), (SHOWN,), lambda w: 16 * cross(w) ** 2 * squared_norm(w))
CONTROLS = (
    STATED.but(
        "w₊v₋ − v₊w₋ for w₊v₋ + v₊w₋",
        lambda w: 16 * cross(w._replace(v_plus=-w.v_plus)) ** 2 * squared_norm(w),
    ),
    STATED.but("8 for 16", lambda w: 8 * cross(w) ** 2 * squared_norm(w)),
)


def three():
    """Return λ₊, λ₋ and c of `weights()`."""
    return [*relative_scale(weights()), absolute_scale(weights())]


def minors():
    """Return the sum of the squared minors of J, in `weights()`."""
    return independence(three())


def decide(stated):
    """Compare with the minors; insert the weights after training."""
    return prove_all(steps(stated))


def steps(stated):
    jacobian = sp.Matrix(three()).jacobian(weights())
    if jacobian.shape != J.shape:
        raise ValueError(f"J must be the Jacobian, of shape {jacobian.shape}, got {J.shape}")
    yield "the determinant", equal(stated({SHOWN: weights()}), stated.left({J: jacobian}))
    yield "is the sum of the squared minors", equal(stated({SHOWN: weights()}), minors())
    w0, v0 = sp.symbols("w_0 v_0", nonnegative=True)
    beta, c, lam = sp.Symbol("beta", real=True), w0**2 + v0**2, w0**2 - v0**2
    later = stated({SHOWN: layer_weights(beta, c, lam)})
    yield (
        "after training from (c, λ) it is 32(c² − λ²)√(c² + β²): zero only if |λ| = c",
        equal(later, 32 * (c**2 - lam**2) * sp.sqrt(c**2 + beta**2)),
    )


state(
    "network.invariants-independent",
    __doc__,
    (Check("all minors", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    requires=("network.conservation", "network.fourth-invariant", "network.layer-weights"),
)

# A false twin: they are dependent where w₊v₋ + v₊w₋ = 0, which is all along training at λ = −c.


class Dependent(NamedTuple):
    """λ₊, λ₋ and c are dependent where this function of the weights vanishes, and only there."""

    where: Any
    rank: Bound = Bound(Relation.BELOW, 3)

    def latex(self):
        rank = rf"\operatorname{{rank}} J {self.rank.relation} {shown(self.rank.value)}"
        return rf"{rank} \iff {written(self.where, SHOWN)} = 0"


def decide_zeros(dependent):
    """Compare the zeros with those of the minors, on a grid of exact states, then everywhere."""
    now, derived = weights(), minors()
    form, jacobian = dependent.where(now), sp.Matrix(three()).jacobian(now)
    for state_ in itertools.product((0, 1, -1, 2), repeat=4):
        here = dict(zip(now, state_, strict=True))
        margin = dependent.rank.margin(jacobian.subs(here).rank())
        lost = bool(margin > 0 if dependent.rank.strict else margin >= 0)
        if lost != (form.subs(here) == 0):
            return Evidence(
                False,
                f"against the statement, they are {'' if lost else 'in'}dependent at {state_}",
                counterexample={str(weight): str(value) for weight, value in here.items()},
            )
    # N vanishes at the zero state only, which is on the grid.
    factor = sp.cancel(derived / (form**2 * squared_norm(now)))
    text = "its square, by the squared norm N, times a positive number is det JJᵀ"
    return prove_all([(text, decide_on_orthant(text, factor))])


EVERYWHERE = Dependent(squared_norm)
TRUTH = Control("dependent where w₊v₋ + v₊w₋ = 0", Dependent(cross), must_hold=True)

state(
    "network.invariants-independent-everywhere",
    """Independent at every state (false) (A reading of Appendix B.1).

    λ₊, λ₋ and c are independent functions of the weights at every state but zero.
    """,
    (Check("all minors", Method.SYMBOLIC, decide_zeros, EVERYWHERE, TRUTH),),
    twin="network.invariants-independent",
    fault=Fault.READ,
)
