"""Sums and differences of the pathways' weights (Appendix B.1, "Recall the identity").

When the effective weight is β, w₊ + w₋ = 2w₀ cosh x and w₊ − w₋ = 2v₀ sinh x, and with the layers
exchanged for the readouts, where x = ½ asinh(β/c): cosh² x = ½(1 + √(1 + (β/c)²)).
"""

import sympy as sp

from theory.network import Weights, layer_weights, trajectory
from verify.claim import Check, Method
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.methods.orthant import on_line
from verify.registry import state

w0, v0 = sp.symbols("w_0 v_0", nonnegative=True)
x, beta = sp.symbols("x beta", real=True)
c = sp.Symbol("c", positive=True)

STATED = Formulas(
    hidden_sum=Formula("w_+ + w_-", (w0, x), lambda w0, x: 2 * w0 * sp.cosh(x)),
    hidden_difference=Formula("w_+ - w_-", (v0, x), lambda v0, x: 2 * v0 * sp.sinh(x)),
    readout_sum=Formula("v_+ + v_-", (v0, x), lambda v0, x: 2 * v0 * sp.cosh(x)),
    readout_difference=Formula("v_+ - v_-", (w0, x), lambda w0, x: 2 * w0 * sp.sinh(x)),
    moment=Formula("x", (beta, c), lambda beta, c: sp.asinh(beta / c) / 2),
    cosh=Formula(r"\cosh^2 x", (beta, c), lambda b, c: (1 + sp.sqrt(1 + (b / c) ** 2)) / 2),
    sinh=Formula(r"\sinh^2 x", (beta, c), lambda b, c: (sp.sqrt(1 + (b / c) ** 2) - 1) / 2),
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
    for name, form, derived in (
        ("w₊ + w₋", stated.hidden_sum, now.w_plus + now.w_minus),
        ("w₊ − w₋", stated.hidden_difference, now.w_plus - now.w_minus),
        ("v₊ + v₋", stated.readout_sum, now.v_plus + now.v_minus),
        ("v₊ − v₋", stated.readout_difference, now.v_plus - now.v_minus),
    ):
        yield name, equal(form().rewrite(sp.exp), derived)
    moment = on_line(stated.moment({c: scale}), beta, scale)
    at_beta = on_line(layer_weights(beta, scale, w0**2 - v0**2).w_plus, beta, scale)
    yield (
        "β is reached at x",
        equal(now.w_plus.subs(x, moment), at_beta),
    )
    for name, of in (("cosh", sp.cosh), ("sinh", sp.sinh)):
        square = on_line(getattr(stated, name)({c: scale}), beta, scale)
        yield f"{name}² at half the angle", equal(square, (of(moment) ** 2).rewrite(sp.exp))


state(
    "network.half-angle",
    __doc__,
    (Check("the flow at the time x", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0 and |λ| ≤ c", "w± = w₀ ≥ 0 and v± = v₀ ≥ 0 at the start"),
    requires=("network.trajectory",),
)
