r"""The published learning rate at the published size: where it leaves the flow altogether.

Close to the start the training error obeys linear dynamics with the curvature X D Xᵀ, D = 2 c_FT,
and gradient descent leaves if the learning rate η times its largest eigenvalue is above 2. Up to
4 it comes back: while the residual grows, η²g² takes the invariants down until the curvature is
small enough (a catapult). The network then converges, and not to the minimiser. Above 4 it
diverges. For inputs of variance 1/n the eigenvalue is 2 c_FT (1 + 1/√α)², and the published rate,
0.5 of the mean loss, is 0.5/n of ½‖Xβ − y‖²: with γ = 10, c_FT ≈ 100, few data are too few.
"""

import math
from functools import cache
from typing import NamedTuple

import numpy as np

from numerics import Initialization, TaskDistribution
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.registry import register

SEED = 401
D, C = 5000, 1e-3
ALPHAS = (0.01, 0.085, 0.108, 0.157)
EPOCHS = 1000
RATE = 0.5
# Relative change of the invariants that tells a catapult from training near the flow.
CHANGED = 0.1
FOLLOWS, CATAPULTED, DIVERGES = "follows the flow", "catapulted", "diverges"


class Statement(NamedTuple):
    """The readout γ of the curvature, and the products η·curvature of catapult and divergence."""

    gamma: float = 10.0
    catapult: float = 2.0
    divergence: float = 4.0

    def outcome(self, product: float) -> str:
        """Return what is said to become of a network."""
        if product > self.divergence:
            return DIVERGES
        return CATAPULTED if product > self.catapult else FOLLOWS


def product(gamma: float, alpha: float) -> float:
    """Return learning rate times the largest eigenvalue, for coordinates new to fine-tuning."""
    scale = 2.0 * C + gamma**2
    return RATE / (alpha * D) * 2.0 * scale * (1.0 + 1.0 / math.sqrt(alpha)) ** 2


@cache
def outcome(alpha: float) -> str:
    """Train one network of γ = 10 at the published rate, and say what became of it."""
    import torch

    from empirics.diagonal import train_from_infinite_pretraining

    torch.set_num_threads(1)
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.0, slab="gaussian")
    sample = task.sample(D, alpha, np.random.default_rng((SEED, round(alpha * D))))
    found = train_from_infinite_pretraining(
        Initialization(C, 0.0, 10.0),
        sample.beta_pt[None],
        sample.X[None],
        sample.y[None],
        most_epochs=EPOCHS,
    )
    reason = str(found.stop_reason[0])
    if reason == "diverged":
        return DIVERGES
    if reason != "converged":
        raise ArithmeticError(f"training must end within {EPOCHS} epochs at alpha={alpha!r}")
    return CATAPULTED if found.shrinkage[0] > CHANGED else FOLLOWS


def decide(statement: Statement) -> Evidence:
    """Compare what becomes of networks with what the curvature says."""
    products = [product(statement.gamma, alpha) for alpha in ALPHAS]
    stated = [statement.outcome(value) for value in products]
    found = [outcome(alpha) for alpha in ALPHAS]
    wrong = [i for i in range(len(ALPHAS)) if stated[i] != found[i]]
    holds = not wrong
    told = [
        f"α = {alpha:g} (η·curvature {value:.2f}) {became}"
        for alpha, value, became in zip(ALPHAS, products, found, strict=True)
    ]
    return Evidence(
        holds,
        f"networks of d = {D}, γ = 10: " + ", ".join(told),
        figure=float(len(wrong)),
        counterexample=None
        if holds
        else {
            "alpha": repr(ALPHAS[wrong[0]]),
            "learning rate times curvature": repr(products[wrong[0]]),
            "stated": stated[wrong[0]],
            "found": found[wrong[0]],
        },
    )


register(
    Claim(
        id="training.published-rate-stability",
        title="Where the published learning rate diverges",
        sentence="With inputs of variance 1/n and d = 5000, the published learning rate, 0.5 of "
        "the mean loss, diverges at γ = 10 where it is above 4 over the curvature (α = 0.085 and "
        "less), and converges away from the minimiser between 2 and 4 (α = 0.108).",
        latex=r"\frac{0.5}{n} \cdot 2 c_{FT} \Big(1 + \frac{1}{\sqrt\alpha}\Big)^2 > 4"
        r"\;\Leftrightarrow\;\text{divergence}",
        source="Appendix E.2.6",
        assumptions=(
            "γ = 10, c = 10⁻³, λ = 0, ρ_PT = ρ_FT = 0.1, ω = 0",
            "inputs of variance 1/n; of variance 1/d the same rate is α times as large",
        ),
        requires=("network.finetune-scale",),
        checks=(
            Check(
                "networks of the published size",
                Method.TRAINING,
                decide,
                Statement(),
                (
                    Control("curvature of γ = 1", Statement(gamma=1.0)),
                    Control("divergence above 2", Statement(divergence=2.0)),
                    Control("divergence above 8", Statement(divergence=8.0)),
                    Control("catapult above 1", Statement(catapult=1.0)),
                ),
                needs=("torch",),
                limit=180.0,
                seed=SEED,
            ),
        ),
    )
)
