"""Woodworth's normalisation (Theorem 4.1; Woodworth et al. (2020)).

q_k(β) = (√k/8) q(4β/√k) with Woodworth's q(z) = 2 − √(4+z²) + z asinh(z/2): the argument carries 4,
not 2.

Woodworth's z is β/α², √k = 4α². Up to a factor of four q is also the potential of the flow of
β = u² − v² from u = v = α, the network that it was derived for.
"""

import sympy as sp

from theory.implicit_bias import penalty, squared_weights_curvature
from verify.claim import Check, Control, Fault, Method
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.registry import state

beta, z = sp.symbols("beta z", real=True)
alpha, c, root_k, factor, q = sp.symbols(r"alpha c \sqrt{k} a q(z)", positive=True)


def woodworth(z):
    """Return the penalty as Woodworth et al. (2020) print it."""
    return 2 - sp.sqrt(4 + z**2) + z * sp.asinh(z / 2)


def argument(beta, root_k):
    return 4 * beta / root_k


STATED = Formulas(
    value=Formula(r"q_k(\beta)", (root_k, q), lambda root_k, q: root_k / 8 * q),
    q=Formula("q(z)", (z,), woodworth),
    z=Formula("z", (beta, root_k), argument),
    root_k=Formula(r"\sqrt{k}", (alpha,), lambda alpha: 4 * alpha**2),
)
CONTROLS = (
    STATED.but("z = 2β/√k", z=lambda beta, root_k: 2 * beta / root_k),
    STATED.but(
        "z = 2β/√k, factor ¼",
        z=lambda beta, root_k: 2 * beta / root_k,
        value=lambda root_k, q: root_k / 4 * q,
    ),
    STATED.but("factor ¼", value=lambda root_k, q: root_k / 4 * q),
)


def decide(stated):
    """Compare with the potential of the flow, and with the flow of the squared weights."""
    return prove_all(steps(stated))


def steps(stated):
    at = {root_k: stated.root_k()}
    value = stated.value({**at, q: stated.q({z: stated.z(at)})})
    bend, potential = sp.diff(value, beta, 2), penalty(beta, at[root_k] / 2)
    squared_weights = squared_weights_curvature(beta, alpha)
    yield "same curvature", equal(bend, sp.diff(potential, beta, 2))
    yield "same penalty", equal(value, potential)
    yield "twice the potential of the flow of β = u² − v²", equal(bend, 2 * squared_weights)


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
        value=Formula(r"q_k(\beta)", (factor, q), lambda factor, q: factor * q),
        q=Formula("q(z)", (z,), woodworth),
        z=Formula("z", (beta, root_k), argument),
    )


AT_TWO = proportional(lambda beta, root_k: 2 * beta / root_k)
TRUTH = Control("z = 4β/√k", proportional(argument), must_hold=True)


def decide_ratio(stated):
    """Insert the factor that the curvatures at β = 0 leave; decide equality at every β."""
    value, other = stated.value({q: stated.q({z: stated.z({root_k: 2 * c})})}), penalty(beta, c)
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
