"""Close to the saddle: the least ℓ1 norm (Theorem 4.1; Section 5.1, regime I).

Fine-tuned at λ = −c from readouts γ close to 0, where c_FT = γ², networks end at the least ‖β‖₁.

c_FT is the same in every coordinate, and the penalty is ℓ1 up to logarithms as it vanishes
(implicit-bias.l1-limit).
"""

import numpy as np
import sympy as sp
from scipy.optimize import linprog

from verify.claim import Check, Control, Method
from verify.claims.implicit_bias.saddle import Saddle
from verify.methods import flow
from verify.methods.formula import shown
from verify.methods.numeric import Worst
from verify.registry import state


class Limit(Saddle):
    """Relative scale over c, and the limit of the readouts, that select the least ‖β‖₁."""

    def latex(self):
        least = r"\beta_{FT} \to \operatorname{argmin}_{X\beta = y} \|\beta\|_1"
        lam = shown(self.ratio * sp.Symbol("c"))
        return rf"\lambda = {lam},\; \gamma \to {shown(self.gamma)}:\quad {least}"


STATED = Limit(-1, 0)
CONTROLS = (
    Control("close to γ = 1 instead", Limit(-1, 1)),
    Control("close to λ = 0 instead", Limit(0, 0)),
)
SEED, READOUT = 67, 1e-4


def approach(limit):
    """Fine-tune from readouts γ + 0.0001: the outcome must be close to the least ‖β‖₁."""
    rng, worst, d, c = np.random.default_rng(SEED), Worst(), 6, 0.5
    for _ in range(2):
        X, y = flow.random_task(rng, 3, d)
        least = linprog(np.ones(2 * d), A_eq=np.hstack([X, -X]), b_eq=y).fun
        start = flow.initial_state(c, c * limit.ratio, d)
        learned = flow.train(start, *flow.random_task(rng, 4, d))
        tuned = flow.fine_tune(learned, limit.gamma + READOUT, X, y)
        place = {"least_l1_norm": least, "beta": str(tuned.beta)}
        worst.at(abs(np.abs(tuned.beta).sum() / least - 1), of="ℓ1 norm", **place)
        worst.at(np.linalg.norm(X @ tuned.beta - y) / np.linalg.norm(y), of="Xβ = y", **place)
    return worst.measured("the ℓ1 norm is the least, and Xβ = y, within {worst}, relative")


WHY = "c_FT = 1e-8 leaves inactive weights of the order of a power of 1e-8"

state(
    "implicit-bias.saddle-limit",
    __doc__,
    (Check("training nearby", Method.FLOW, approach, STATED, CONTROLS, 1e-3, WHY, seed=SEED),),
    assumptions=(
        f"γ = {READOUT:g}, c = 0.5; d = 6, n = 3",
        "the least ‖β‖₁ is reached by one β only",
    ),
    requires=("implicit-bias.saddle", "implicit-bias.l1-limit"),
)
