"""Signed sum of the hidden weights (Appendix B.1, “fine-tuning scale”).

The squared sum of the two hidden weights, signs included, is (c + λ)(1 + √(1 + (β/c)²)).
"""

import numpy as np
import sympy as sp

from theory.network import Weights, effective_weight, layer_weights, trajectory
from verify.claim import Check, Control, Evidence, Fault, Method
from verify.claims.network._weights import ROUNDING, SHOWN, trained
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all
from verify.methods.numeric import Worst
from verify.methods.on_arrays import function_of
from verify.registry import state

beta, c, lam = place = sp.symbols("beta c lambda", real=True)
ADDED = SHOWN.w_plus, SHOWN.w_minus
S = sp.Symbol("S")


def square(beta, c, lam):
    return (c + lam) * (1 + sp.sqrt(1 + (beta / c) ** 2))


STATED = Formulas(
    add=Formula(S, ADDED, lambda w_plus, w_minus: w_plus + w_minus),
    square=Formula(S**2, place, square),
)
CONTROLS = (
    STATED.but("c − λ for c + λ", square=lambda b, c, lam: square(b, c, -lam)),
    STATED.but("1 − √(1 + (β/c)²)", square=lambda b, c, lam: 2 * (c + lam) - square(b, c, lam)),
    STATED.but("√(1 + β²/c)", square=lambda b, c, lam: square(b * sp.sqrt(c), c, lam)),
)


def decide(stated):
    """Add the derived weights: w₀, v₀ ≥ 0 cover every |λ| ≤ c; then along signed starts."""
    return prove_all(
        (name, sums(stated))
        for name, sums in (
            ("at every β, from w₀, v₀ ≥ 0", at_beta),
            ("at every moment x, from w₀ and v₀ of any sign", along_signed_starts),
        )
    )


def squared(stated, w):
    """Return the left side of the statement at these weights."""
    return stated.square.left({S: defined(stated.add, S, dict(zip(SHOWN, w, strict=True)))})


def at_beta(stated):
    w0, v0 = sp.symbols("w_0 v_0", nonnegative=True)
    at = {beta: beta, c: w0**2 + v0**2, lam: w0**2 - v0**2}
    derived = layer_weights(*at.values())
    return equal(squared(stated, derived), stated.square(at), thorough=True)


def along_signed_starts(stated):
    w0, v0, x = sp.symbols("w_0 v_0 x", real=True)
    later = trajectory(Weights(w0, v0, w0, v0), x)
    at = {beta: sp.expand(effective_weight(later)), c: w0**2 + v0**2, lam: w0**2 - v0**2}
    return equal(squared(stated, later), stated.square(at))


SEED = 43
STARTS = ((1.0, 0.0), (0.6, 0.7), (0.4, -0.7), (0.3, -0.95), (0.5, -1.0))


def integrate(stated):
    """Train networks in which hidden weights change sign (λ < 0) and others, and add."""
    add = function_of(squared(stated, SHOWN), *ADDED)
    square = function_of(stated.square(), *place)
    worst, negative = Worst(), 0
    for scale, relative, end in trained(SEED, 4, STARTS):
        negative += int(np.sum((end.w_plus < 0) | (end.w_minus < 0)))
        added, formula = add(end.w_plus, end.w_minus), square(end.beta, scale, relative)
        where = {"c": scale, "lambda": relative, "w_plus": end.w_plus, "w_minus": end.w_minus}
        worst.at(np.abs(added - formula), **where, squared_sum=added, formula=formula)
    if not negative:
        return Evidence(None, "no hidden weight has become negative: the signs are not tried")
    return worst.measured(
        f"largest difference {{worst}} after 5 trainings; {negative} negative hidden weights"
    )


def checks(stated, controls):
    return (
        Check("sum of the derived weights", Method.SYMBOLIC, decide, stated, controls),
        Check("integration", Method.FLOW, integrate, stated, controls, 1e-8, ROUNDING, seed=SEED),
    )


state(
    "network.signed-sum",
    __doc__,
    checks(STATED, CONTROLS),
    assumptions=("c > 0 and |λ| ≤ c; w₀ and v₀ of any sign",),
    requires=("network.trajectory",),
)

# A false twin: one of the two has changed sign where λ < 0 and |β| > c√(c²/λ² − 1).

ABSOLUTE = STATED.but("", add=lambda w_plus, w_minus: abs(w_plus) + abs(w_minus)).subject
TRUTH = Control("the signed sum", STATED, must_hold=True)

state(
    "network.absolute-sum",
    """Sum of the hidden weights' absolute values (false) (A reading of Appendix B.1).

    The squared sum of the absolute values of the two hidden weights is (c + λ)(1 + √(1 + (β/c)²)).
    """,
    checks(ABSOLUTE, TRUTH),
    twin="network.signed-sum",
    fault=Fault.READ,
)
