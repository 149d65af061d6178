"""The saddle at λ = −c, γ = 0 (Theorem 4.1; Section 5.1, regime I).

For λ = −c and γ = 0 fine-tuning starts at a saddle, c_FT = 0, and does not move, whatever was
pretrained.

Only the limit c_FT → 0 has a meaning (implicit-bias.saddle-limit).
"""

from typing import Any, NamedTuple

import sympy as sp

from theory import network
from verify.claim import Check, Control, Method
from verify.methods.formula import shown
from verify.methods.identity import prove_all, zero
from verify.registry import state


class Saddle(NamedTuple):
    """Relative scale over c, and readouts, for which fine-tuning is said to start at rest."""

    ratio: Any
    gamma: Any

    def latex(self):
        rest = r"\Rightarrow\; c_{FT} = 0,\quad w_{\pm} = v_{\pm} = 0"
        lam, gamma = shown(self.ratio * sp.Symbol("c")), shown(self.gamma)
        return rf"\lambda = {lam},\; \gamma = {gamma} \;{rest}"


STATED = Saddle(-1, 0)
CONTROLS = (
    Control("λ = c", Saddle(1, 0)),
    Control("λ = 0", Saddle(0, 0)),
    Control("γ = 1", Saddle(-1, 1)),
    Control("γ = 1/2", Saddle(-1, sp.Rational(1, 2))),
)


def decide(saddle):
    """Derive the weights at the start, and their velocities."""
    beta, g = sp.symbols("beta_PT g", real=True)
    c = sp.Symbol("c", positive=True)
    lam, gamma, now = saddle.ratio * c, sp.nsimplify(saddle.gamma), network.weights()
    start = network.rebalanced(network.layer_weights(beta, c, lam), gamma)
    (velocities,) = network.gradient_flow([now], [g])
    moving = sp.Matrix(velocities).subs(dict(zip(now, start, strict=True)), simultaneous=True)
    return prove_all(
        [
            ("c_FT = 0 for every β_PT", zero(network.finetune_scale(beta, c, lam, gamma))),
            ("all weights are zero", zero(sp.Matrix(start))),
            ("and do not move", zero(moving)),
            (
                "∂β = 0 there, so the loss has the Hessian (∂L/∂β)·∂²β, of eigenvalues ±∂L/∂β: "
                "a saddle",
                set(network.generator().eigenvals()) == {1, -1},
            ),
        ]
    )


state(
    "implicit-bias.saddle",
    __doc__,
    (Check("weights and velocities at the start", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0", "∂L/∂β ≠ 0, for a saddle"),
    requires=("network.finetune-scale",),
)
