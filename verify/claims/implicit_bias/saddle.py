"""The saddle at λ = −c and γ = 0 (Theorem 4.1; Section 5.1).

There c_FT = 0 whatever was pretrained: all four weights of every coordinate start at zero and
never move. Only the limit c_FT → 0 has a meaning (implicit-bias.saddle-limit).
"""

from typing import Any, NamedTuple

import sympy as sp

from theory.network import (
    finetune_scale,
    generator,
    gradient_flow,
    layer_weights,
    rebalanced,
    weights,
)
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import zero
from verify.methods.symbolic import prove_all
from verify.registry import register


class Statement(NamedTuple):
    """Relative scale over c, and readouts, for which fine-tuning is said to start at rest."""

    ratio: Any
    gamma: Any


def decide(statement: Statement) -> Evidence:
    """Derive the weights at the start, and their velocities."""
    beta, g = sp.symbols("beta_PT g", real=True)
    c = sp.Symbol("c", positive=True)
    lam = statement.ratio * c
    start = rebalanced(layer_weights(beta, c, lam), statement.gamma)
    state = weights()
    (velocities,) = gradient_flow([state], [g])
    moving = sp.Matrix(velocities).subs(dict(zip(state, start, strict=True)), simultaneous=True)
    return prove_all(
        [
            ("c_FT = 0 for every β_PT", zero(finetune_scale(beta, c, lam, statement.gamma))),
            ("all weights are zero", zero(sp.Matrix(start))),
            ("and do not move", zero(moving)),
            (
                "∂β = 0 there, so the loss has the Hessian (∂L/∂β)·∂²β, of eigenvalues ±∂L/∂β: "
                "a saddle",
                set(generator().eigenvals()) == {1, -1},
            ),
        ]
    )


SADDLE = Statement(-1, sp.Integer(0))

register(
    Claim(
        id="implicit-bias.saddle",
        title="The saddle at λ = −c, γ = 0",
        sentence="For λ = −c and γ = 0 fine-tuning starts at a saddle, c_FT = 0, and does not "
        "move, whatever was pretrained.",
        latex=r"\lambda = -c,\; \gamma = 0 \;\Rightarrow\; c_{FT} = 0,\quad "
        r"w_{\pm} = v_{\pm} = 0",
        source="Theorem 4.1; Section 5.1",
        checks=(
            Check(
                "weights and velocities at the start",
                Method.SYMBOLIC,
                decide,
                SADDLE,
                (
                    Control("λ = c", Statement(1, sp.Integer(0))),
                    Control("λ = 0", Statement(0, sp.Integer(0))),
                    Control("γ = 1", Statement(-1, sp.Integer(1))),
                ),
            ),
        ),
        assumptions=("c > 0", "∂L/∂β ≠ 0, for a saddle"),
        requires=("network.finetune-scale",),
    )
)
