"""The saddle at λ = −c, γ = 0 (Theorem 4.1; Section 5.1, regime I).

If λ = −c and γ = 0, then c_FT = 0, and fine-tuning starts at a saddle, where all weights are zero
and do not move, whatever was pretrained.

Only the limit c_FT → 0 has a meaning (implicit-bias.saddle-limit). What the measures ℓ and PD do on
the ways there is regimes.saddle-corner.
"""

import sympy as sp

from theory import network
from verify.claim import Check, Method
from verify.methods.along import TIME, itself, moving
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all
from verify.registry import state

c = sp.Symbol("c", positive=True)
LAM, GAMMA, SCALE = sp.symbols("lambda gamma c_FT")
HIDDEN, READOUT = map(sp.Function, (r"w_{\pm}", r"v_{\pm}"))


STATED = Formulas(
    relative=Formula(LAM, (c,), lambda c: -c),
    gamma=Formula(GAMMA, (), lambda: 0),
    scale=Formula(SCALE, (), lambda: 0),
    hidden=Formula(HIDDEN(0), (), lambda: 0),
    readout=Formula(READOUT(0), (), lambda: 0),
    hidden_rate=Formula(sp.Derivative(HIDDEN(TIME), TIME), (), lambda: 0),
    readout_rate=Formula(sp.Derivative(READOUT(TIME), TIME), (), lambda: 0),
)
CONTROLS = (
    STATED.but("λ = c", relative=lambda c: c),
    STATED.but("λ = 0", relative=lambda c: 0 * c),
    STATED.but("λ = −0.99 c", relative=lambda c: -99 * c / 100),
    STATED.but("γ = 1", gamma=lambda: sp.Integer(1)),
    STATED.but("γ = 1/100", gamma=lambda: sp.Rational(1, 100)),
    STATED.but("c_FT = c/100", scale=Formula(SCALE, (c,), lambda c: c / 100)),
    STATED.but("v± = γ + 1/100", readout=lambda: sp.Rational(1, 100)),
)


def at_start(weight):
    """Return a weight as a function of the time, of which only the value at 0 is known."""

    def of(time):
        if time != 0:
            raise ValueError(f"weights are stated at the time 0, got {time}")
        return weight

    return of


def decide(stated):
    """Derive the weights at the start, their velocities, and the curvature of the loss there."""
    return prove_all(steps(stated))


def steps(stated):
    beta, g, bend, t = sp.symbols("beta_PT g L'' t", real=True)
    lam, gamma = defined(stated.relative, LAM), defined(stated.gamma, GAMMA)
    now = network.weights()
    start = network.rebalanced(network.layer_weights(beta, c, lam), gamma)
    here = dict(zip(now, start, strict=True))
    scale = network.finetune_scale(beta, c, lam, gamma)
    yield "c_FT = 0 for every β_PT", equal(scale, defined(stated.scale, SCALE))
    (flow,) = network.gradient_flow([now], [g])
    flow = network.Weights(*(one.subs(here, simultaneous=True) for one in flow))
    for weight, at, velocity in zip(start._fields, start, flow, strict=True):
        function = HIDDEN if weight in ("w_plus", "w_minus") else READOUT
        hidden = function is HIDDEN
        value = stated.hidden if hidden else stated.readout
        rate = stated.hidden_rate if hidden else stated.readout_rate
        here_at = value.left({function: at_start(at)})
        yield "all weights are zero", equal(sp.sympify(value()), here_at)
        moved = rate.left({function: moving(itself, at, velocity), TIME: 0})
        yield "and do not move, whatever the loss", equal(rate(), moved)
    # L′ = g + L″ (β − β_FT(0)) to first order, of which the weights' Hessian is made.
    moved = network.effective_weight(now) - network.effective_weight(start)
    (velocities,) = network.gradient_flow([now], [g + bend * moved])
    hessian = -sp.Matrix(velocities).jacobian(list(now)).subs(here, simultaneous=True)
    yield (
        "the loss has curvatures ±∂L/∂β there, each twice, whatever ∂²L/∂β²: a saddle",
        equal((t * sp.eye(4) - hessian).det(), (t**2 - g**2) ** 2),
    )


state(
    "implicit-bias.saddle",
    __doc__,
    (Check("weights and velocities at the start", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0", "∂L/∂β ≠ 0, for a saddle"),
    requires=("network.finetune-scale",),
)
