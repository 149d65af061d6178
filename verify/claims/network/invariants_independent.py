"""Where the three invariants are independent (Appendix B.1).

λ₊, λ₋ and c are independent functions of the weights exactly where w₊v₋ + v₊w₋ ≠ 0, which from the
initialisation (c, λ) on means |λ| < c.

For w₊v₋ + v₊w₋ is conserved and starts as 2w₀v₀ = √(c² − λ²).
"""

import itertools

import sympy as sp

from theory.invariants import independence
from theory.network import Weights, absolute_scale, layer_weights, relative_scale, weights
from verify.claim import Check, Control, Evidence, Fault, Method
from verify.claims.network._weights import SHOWN, squared_norm
from verify.claims.network.fourth_invariant import cross
from verify.methods.formula import Formula
from verify.methods.identity import equal, prove_all
from verify.registry import state

JACOBIAN = r" \\ J = \frac{\partial(\lambda_+, \lambda_-, c)}{\partial(w_+, v_+, w_-, v_-)}"

STATED = Formula(
    r"\det J J^{\top}", (SHOWN,), lambda w: 16 * cross(w) ** 2 * squared_norm(w), JACOBIAN
)
CONTROLS = (
    STATED.but("w₊v₋ − v₊w₋ for w₊v₋ + v₊w₋", lambda w: STATED(w._replace(v_plus=-w.v_plus))),
    STATED.but("8 for 16", lambda w: STATED(w) / 2),
)


def decide(stated):
    """Compare zero sets on a grid of exact states, then the polynomials."""
    derived = independence([*relative_scale(weights()), absolute_scale(weights())])
    # Python's own integers: exact.
    minors = sp.lambdify(weights(), derived)
    for point in itertools.product((0, 1, -1, 2), repeat=4):
        here = dict(zip(weights(), point, strict=True))
        dependent = minors(*point) == 0
        if dependent != (stated(Weights(*point)) == 0):
            return Evidence(
                False,
                f"against the statement, they are {'' if dependent else 'in'}dependent at {point}",
                counterexample={str(weight): str(value) for weight, value in here.items()},
            )
    return prove_all(steps(stated, derived))


def steps(stated, derived):
    yield "sum of the squared minors, as at 256 states of a grid", equal(stated(weights()), derived)
    w0, v0 = sp.symbols("w_0 v_0", nonnegative=True)
    beta, c, lam = sp.Symbol("beta", real=True), w0**2 + v0**2, w0**2 - v0**2
    later = stated(layer_weights(beta, c, lam))
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

EVERYWHERE = Formula(r"\operatorname{rank} J < 3 \iff 0", (SHOWN,), squared_norm, JACOBIAN)
TRUTH = Control("independent where w₊v₋ + v₊w₋ ≠ 0", STATED, must_hold=True)

state(
    "network.invariants-independent-everywhere",
    """Independent at every state (false) (A reading of Appendix B.1).

    λ₊, λ₋ and c are independent functions of the weights at every state but zero.
    """,
    (Check("all minors", Method.SYMBOLIC, decide, EVERYWHERE, TRUTH),),
    twin="network.invariants-independent",
    fault=Fault.READ,
)
