"""What fine-tuning selects close to the saddle at λ = −c, γ = 0 (Theorem 4.1; Section 5.1).

c_FT = γ² is the same in every coordinate, and the penalty is ℓ1 up to logarithms as it vanishes
(implicit-bias.l1-limit): the minimiser tends to that of ‖β‖₁ under Xβ = y.
"""

import numpy as np
import sympy as sp
from scipy.optimize import linprog

from verify.claim import Check, Claim, Control, Evidence, Method
from verify.claims.implicit_bias.saddle import SADDLE, Statement
from verify.methods import flow
from verify.methods.numeric import largest
from verify.registry import register

SEED = 67
TOLERANCE = 1e-3
READOUT = 1e-4


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
        readout = np.full(d, float(statement.gamma) + READOUT)
        tuned = flow.train(flow.State(hidden, readout, hidden, readout), X, y)
        excess = largest(np.abs(tuned.beta).sum() / least - 1)
        if excess > worst:
            worst = excess
            where = {"least l1 norm": repr(float(least)), "excess": repr(excess)}
    holds = worst <= TOLERANCE
    return Evidence(
        holds,
        f"ℓ1 norm above the least one by {worst:.2g}, relative, of 2 problems at worst",
        figure=worst,
        counterexample=None if holds else where,
    )


register(
    Claim(
        id="implicit-bias.saddle-limit",
        title="Close to the saddle: the least ℓ1 norm",
        sentence="Fine-tuned at λ = −c from readouts γ close to 0, where c_FT = γ², networks end "
        "at the least ‖β‖₁.",
        latex=r"\lambda = -c,\; \gamma \to 0:\quad c_{FT} = \gamma^2,\quad "
        r"\beta_{FT} \to \operatorname{argmin}_{X\beta = y} \|\beta\|_1",
        source="Theorem 4.1; Section 5.1",
        checks=(
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
        assumptions=(
            f"γ = {READOUT:g}, c = 0.5; d = 6, n = 3",
            "the least ‖β‖₁ is reached by one β only",
        ),
        requires=("implicit-bias.saddle", "implicit-bias.l1-limit"),
    )
)
