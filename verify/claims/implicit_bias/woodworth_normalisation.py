"""Woodworth's normalisation (Theorem 4.1; Woodworth et al. (2020)).

q_k(β) = (√k/8) q(4β/√k) with Woodworth's q(z) = 2 − √(4+z²) + z asinh(z/2): the argument carries 4,
not 2.

Woodworth's z is β/α², √k = 4α². Up to a factor of four q is also the potential of the flow of
β = u² − v² from u = v = α, the network that it was derived for.
"""

import sympy as sp

from theory.implicit_bias import penalty, squared_weights_curvature
from verify.claim import Check, Control, Fault, Method
from verify.claims.implicit_bias._symbols import Penalty
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all
from verify.registry import state

beta, z = sp.symbols("beta z", real=True)
alpha, c, k, factor, q = sp.symbols("alpha c k a q(z)", positive=True)


def woodworth(z):
    """Return the penalty as Woodworth et al. (2020) print it."""
    return 2 - sp.sqrt(4 + z**2) + z * sp.asinh(z / 2)


def argument(beta, k):
    return 4 * beta / sp.sqrt(k)


STATED = Formulas(
    value=Formula(Penalty(beta, k), (k, q), lambda k, q: sp.sqrt(k) / 8 * q),
    q=Formula(q, (z,), woodworth),
    z=Formula(z, (beta, k), argument),
    root_k=Formula(sp.sqrt(k), (alpha,), lambda alpha: 4 * alpha**2),
)
CONTROLS = (
    STATED.but("z = 2β/√k", z=lambda beta, k: 2 * beta / sp.sqrt(k)),
    STATED.but(
        "z = 2β/√k, factor ¼",
        z=lambda beta, k: 2 * beta / sp.sqrt(k),
        value=lambda k, q: sp.sqrt(k) / 4 * q,
    ),
    STATED.but("factor ¼", value=lambda k, q: sp.sqrt(k) / 4 * q),
)


def of_flow(beta, k):
    """Return the penalty that is the potential of the flow of the scale √k/2."""
    return penalty(beta, sp.sqrt(k) / 2)


def decide(stated):
    """Compare with the potential of the flow, and with the flow of the squared weights."""
    return prove_all(steps(stated))


def steps(stated):
    squared_weights = 2 * squared_weights_curvature(beta, alpha)
    at = {k: squared_weights.subs(beta, 0) ** -2}
    text = "√k is the inverse of twice the metric that the flow of β = u² − v² has at β = 0"
    yield text, equal(stated.root_k(), stated.root_k.left(at))
    value = stated.value({**at, q: defined(stated.q, q, {z: defined(stated.z, z, at)})})
    bend, potential = sp.diff(value, beta, 2), stated.value.left({**at, Penalty: of_flow})
    yield "same curvature", equal(bend, sp.diff(potential, beta, 2))
    yield "same penalty", equal(value, potential)
    yield "twice the potential of the flow of β = u² − v²", equal(bend, squared_weights)


state(
    "implicit-bias.woodworth-normalisation",
    __doc__,
    (Check("both flows", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("α > 0",),
    requires=("implicit-bias.penalty",),
)

# A false twin: z = 2β/√k, as has been implemented, gives not even a multiple of the penalty.


def proportional(argument):
    return Formulas(
        value=Formula(Penalty(beta, k), (factor, q), lambda factor, q: factor * q),
        q=Formula(q, (z,), woodworth),
        z=Formula(z, (beta, k), argument),
    )


AT_TWO = proportional(lambda beta, k: 2 * beta / sp.sqrt(k))
TRUTH = Control("z = 4β/√k", proportional(argument), must_hold=True)


def decide_ratio(stated):
    """Insert the factor that the curvatures at β = 0 leave; decide equality at every β."""
    at = {k: 4 * c**2}
    value = stated.value({q: defined(stated.q, q, {z: defined(stated.z, z, at)})})
    other = stated.value.left({**at, Penalty: of_flow})
    ratio = (sp.diff(other, beta, 2) / sp.diff(value / factor, beta, 2)).subs(beta, 0)
    return equal(value.subs(factor, ratio), other, steps=(f"the factor can only be {ratio}",))


state(
    "implicit-bias.woodworth-wrong-argument",
    """Woodworth's penalty at z = 2β/√k (false) (An implementation of Theorem 4.1).

    The penalty of Theorem 4.1 is, up to a constant factor a, Woodworth's
    q(z) = 2 − √(4+z²) + z asinh(z/2) at z = 2β/√k.
    """,
    (Check("ratio to the penalty", Method.SYMBOLIC, decide_ratio, AT_TWO, TRUTH),),
    twin="implicit-bias.woodworth-normalisation",
    fault=Fault.CODED,
)
