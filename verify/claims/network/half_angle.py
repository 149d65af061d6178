"""Sums and differences of the pathways' weights (Appendix B.1, "Recall the identity").

When the effective weight is β, w₊ + w₋ = 2w₀ cosh x and w₊ − w₋ = 2v₀ sinh x, and with the layers
exchanged for the readouts, where x = ½ asinh(β/c): cosh² x = ½(1 + √(1 + (β/c)²)).
"""

import sympy as sp

from theory.network import Weights, layer_weights, trajectory
from verify.claim import Check, Method
from verify.claims.network._weights import SHOWN
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all
from verify.methods.orthant import on_line
from verify.registry import state

w0, v0 = sp.symbols("w_0 v_0", nonnegative=True)
x, beta = sp.symbols("x beta", real=True)
c = sp.Symbol("c", positive=True)
W_PLUS, V_PLUS, W_MINUS, V_MINUS = SHOWN

STATED = Formulas(
    hidden_sum=Formula(W_PLUS + W_MINUS, (w0, x), lambda w0, x: 2 * w0 * sp.cosh(x)),
    hidden_difference=Formula(W_PLUS - W_MINUS, (v0, x), lambda v0, x: 2 * v0 * sp.sinh(x)),
    readout_sum=Formula(V_PLUS + V_MINUS, (v0, x), lambda v0, x: 2 * v0 * sp.cosh(x)),
    readout_difference=Formula(V_PLUS - V_MINUS, (w0, x), lambda w0, x: 2 * w0 * sp.sinh(x)),
    moment=Formula(x, (beta, c), lambda beta, c: sp.asinh(beta / c) / 2),
    cosh=Formula(sp.cosh(x) ** 2, (beta, c), lambda b, c: (1 + sp.sqrt(1 + (b / c) ** 2)) / 2),
    sinh=Formula(sp.sinh(x) ** 2, (beta, c), lambda b, c: (sp.sqrt(1 + (b / c) ** 2) - 1) / 2),
)
CONTROLS = (
    STATED.but("x = asinh β/c", moment=lambda b, c: sp.asinh(b / c)),
    STATED.but("the layers exchanged", hidden_difference=lambda v0, x: 2 * v0 * sp.cosh(x)),
    STATED.but(
        "1 − √(1 + (β/c)²) for 1 + √(1 + (β/c)²)",
        cosh=lambda b, c: (1 - sp.sqrt(1 + (b / c) ** 2)) / 2,
    ),
    STATED.but("√(1 + 2(β/c)²)", cosh=lambda b, c: (1 + sp.sqrt(1 + 2 * (b / c) ** 2)) / 2),
)


def decide(stated):
    """Follow the flow to x; insert the x at which β is reached, β = c(u − 1/u)/2 with u > 0."""
    return prove_all(steps(stated))


def steps(stated):
    now, scale = trajectory(Weights(w0, v0, w0, v0), x), w0**2 + v0**2
    weights = dict(zip(SHOWN, now, strict=True))
    for name, form in (
        ("w₊ + w₋", stated.hidden_sum),
        ("w₊ − w₋", stated.hidden_difference),
        ("v₊ + v₋", stated.readout_sum),
        ("v₊ − v₋", stated.readout_difference),
    ):
        yield name, equal(form().rewrite(sp.exp), form.left(weights))
    moment = on_line(defined(stated.moment, x, {c: scale}), beta, scale)
    at_beta = on_line(layer_weights(beta, scale, w0**2 - v0**2).w_plus, beta, scale)
    yield "β is reached at x", equal(now.w_plus.subs(x, moment), at_beta)
    for name, form in (("cosh", stated.cosh), ("sinh", stated.sinh)):
        square = on_line(form({c: scale}), beta, scale)
        yield f"{name}² at half the angle", equal(square, form.left({x: moment}).rewrite(sp.exp))


state(
    "network.half-angle",
    __doc__,
    (Check("the flow at the time x", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0 and |λ| ≤ c", "w± = w₀ ≥ 0 and v± = v₀ ≥ 0 at the start"),
    requires=("network.trajectory",),
)
