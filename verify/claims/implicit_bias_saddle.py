"""The saddle at λ = −c and γ = 0 (Theorem 4.1; Section 5.1).

There c_FT = 0 whatever was pretrained: all four weights of every coordinate start at zero and
never move. Only the limit c_FT → 0 has a meaning; its minimiser is that of ‖β‖₁ under Xβ = y.
"""

from typing import Any, NamedTuple

import numpy as np
import sympy as sp
from scipy.optimize import linprog

from theory.network import finetune_scale, gradient_flow, layer_weights, rebalanced, weights
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods import flow
from verify.methods.identity import zero
from verify.methods.symbolic import prove_all
from verify.registry import register

SEED = 67
TOLERANCE = 1e-3


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
        ]
    )


def approach(statement: Statement) -> Evidence:
    """Fine-tune from readouts γ + 0.0001: the outcome must be close to the least ‖β‖₁."""
    rng = np.random.default_rng(SEED)
    worst, where = 0.0, {}
    for _ in range(2):
        d = 6
        X, y = flow.random_task(rng, 3, d)
        least = linprog(np.ones(2 * d), A_eq=np.hstack([X, -X]), b_eq=y).fun
        learned = flow.train(
            flow.initial_state(0.5, 0.5 * float(statement.ratio), d), *flow.random_task(rng, 4, d)
        )
        hidden = learned.w_plus + learned.w_minus
        readout = np.full(d, float(statement.gamma) + 1e-4)
        tuned = flow.train(flow.State(hidden, readout, hidden, readout), X, y)
        excess = float(np.abs(tuned.beta).sum() / least - 1)
        if not excess <= worst:
            worst = excess
            where = {"least l1 norm": repr(float(least)), "excess": repr(excess)}
    holds = worst <= TOLERANCE
    return Evidence(
        holds,
        f"ℓ1 norm above the least one by {worst:.2g}, relative, of 2 problems at worst",
        figure=worst,
        counterexample=None if holds else where,
    )


SADDLE = Statement(-1, sp.Integer(0))

CLAIM = register(
    Claim(
        id="implicit-bias.saddle",
        title="The saddle at λ = −c, γ = 0",
        sentence="For λ = −c and γ = 0 fine-tuning starts at a saddle, c_FT = 0, and does not "
        "move; approached from γ > 0, it selects the least ‖β‖₁.",
        latex=r"\lambda = -c,\; \gamma = 0 \;\Rightarrow\; c_{FT} = 0,\quad "
        r"w_{\pm} = v_{\pm} = 0 \\ c_{FT} \to 0:\quad "
        r"\beta_{FT} \to \operatorname{argmin}_{X\beta = y} \|\beta\|_1",
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
            Check(
                "training from close to the saddle",
                Method.FLOW,
                approach,
                SADDLE,
                (
                    Control("close to γ = 1 instead", Statement(-1, sp.Integer(1))),
                    Control("close to λ = 0 instead", Statement(0, sp.Integer(0))),
                ),
                tolerance=TOLERANCE,
                reason="c_FT = 1e-8 leaves inactive weights of the order of a power of 1e-8",
                seed=SEED,
            ),
        ),
        assumptions=("c > 0", "for the limit: the least ‖β‖₁ is reached by one β only"),
        requires=("network.finetune-scale", "implicit-bias.l1-limit"),
    )
)
