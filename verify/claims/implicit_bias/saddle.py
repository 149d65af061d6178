"""The saddle at λ = −c, γ = 0 (Theorem 4.1; Section 5.1, regime I).

For λ = −c and γ = 0 fine-tuning starts at a saddle, c_FT = 0, and does not move, whatever was
pretrained.

Only the limit c_FT → 0 has a meaning (implicit-bias.saddle-limit). What the measures ℓ and PD do on
the ways there is regimes.saddle-corner.
"""

from typing import Any, NamedTuple

import sympy as sp

from theory import network
from verify.claim import Check, Control, Method
from verify.methods.formula import shown
from verify.methods.identity import equal, prove_all, zero
from verify.registry import state


class Saddle(NamedTuple):
    """Relative scale over c, and readouts, for which fine-tuning starts at rest at these values."""

    ratio: Any
    gamma: Any
    scale: Any = 0
    weight: Any = 0

    def latex(self):
        lam, gamma = shown(self.ratio * sp.Symbol("c")), shown(self.gamma)
        rest = rf"c_{{FT}} = {shown(self.scale)},\quad w_{{\pm}} = v_{{\pm}} = {shown(self.weight)}"
        return rf"\lambda = {lam},\; \gamma = {gamma} \;\Rightarrow\; {rest}"


STATED = Saddle(-1, 0)
CONTROLS = (
    Control("λ = c", Saddle(1, 0)),
    Control("λ = 0", Saddle(0, 0)),
    Control("λ = −0.99 c", Saddle(sp.Rational(-99, 100), 0)),
    Control("γ = 1", Saddle(-1, 1)),
    Control("γ = 1/100", Saddle(-1, sp.Rational(1, 100))),
    Control("c_FT = c/100", Saddle(-1, 0, scale=sp.Symbol("c") / 100)),
)


def decide(saddle):
    """Derive the weights at the start, their velocities, and the curvature of the loss there."""
    return prove_all(steps(saddle))


def steps(saddle):
    beta, g, bend, t = sp.symbols("beta_PT g L'' t", real=True)
    c = sp.Symbol("c", positive=True)
    lam, gamma, now = saddle.ratio * c, sp.nsimplify(saddle.gamma), network.weights()
    start = network.rebalanced(network.layer_weights(beta, c, lam), gamma)
    here = dict(zip(now, start, strict=True))
    scale = network.finetune_scale(beta, c, lam, gamma)
    yield "c_FT = 0 for every β_PT", equal(scale, sp.sympify(saddle.scale))
    yield "all weights are zero", equal(sp.Matrix(start), saddle.weight * sp.ones(4, 1))
    (velocities,) = network.gradient_flow([now], [g])
    yield (
        "and do not move, whatever the loss",
        zero(sp.Matrix(velocities).subs(here, simultaneous=True)),
    )
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
