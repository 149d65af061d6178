"""Replica-symmetric stability is automatic (de Almeida & Thouless's condition; Proposition 4.2)."""

from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from numerics import Initialization, TaskDistribution, solve_replica
from theory import replica
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal
from verify.methods.symbolic import prove_all
from verify.registry import register


class Condition(NamedTuple):
    """Stability margin as a function of E[η′], E[η′²] and α, and its name in words."""

    margin: Any


def margin(response: Any, squared: Any, alpha: Any) -> Any:
    """Return what must be positive."""
    del response
    return 1 - squared / alpha


def decide(condition: Condition) -> Evidence:
    """Bound η′² by η′ at every z, and E[η′] by the first equation of the fixed point."""
    radius, pull, share = sp.symbols("R t x", positive=True)
    response = radius / (radius + pull)
    # E[η′] = α(1 − ϱ/τ) = α·x with x = (τ − ϱ)/τ ∈ (0, 1]; E[η′²] = E[η′] − slack, slack > 0.
    slack, rest = sp.Symbol("E[eta'(1-eta')]", positive=True), sp.Symbol("y", nonnegative=True)
    mean = replica.alpha * share
    left = condition.margin(mean, mean - slack, replica.alpha).subs(share, 1 / (1 + rest))
    return prove_all(
        (
            (
                "η′ − η′² = R t/(R + t)² > 0 at every z, with R = √(c² + β̂²), t = τ/2",
                equal(response - response**2, radius * pull / (radius + pull) ** 2),
            ),
            (
                "E[η′] = αx with x = 1 − ϱ/τ ≤ 1 (replica.degrees-of-freedom), so 1 − E[η′²]/α = "
                "1 − x + E[η′(1−η′)]/α: positive",
                equal(left, rest / (1 + rest) + slack / replica.alpha),
            ),
        ),
        summary="the margin is at least E[η′(1 − η′)]/α > 0",
    )


def evaluate(condition: Condition) -> Evidence:
    """Evaluate the margin along curves of all regimes; the smallest must be positive."""
    alpha = np.concatenate([np.linspace(0.01, 0.99, 25), [1.5, 20.0]])
    smallest, where = np.inf, {}
    for slab in ("sign", "gaussian"):
        task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab=slab)
        for c, ratio, gamma in (
            (1e-9, -0.9999, 0.0),
            (1e-3, 0.0, 0.0),
            (1.0, 0.5, 0.0),
            (1.0, 0.0, 30.0),
        ):
            init = Initialization(c, ratio * c, gamma)
            curve = solve_replica(task, init, alpha, noise_variance=0.1, ridge=1e-3)
            squared = curve.alpha * (1.0 - curve.stability_margin)
            values = condition.margin(curve.degrees_of_freedom, squared, curve.alpha)
            worst = int(np.argmin(values))
            if values[worst] < smallest:
                smallest = float(values[worst])
                where = {
                    "slab": slab,
                    "c, lambda/c, gamma": str((c, ratio, gamma)),
                    "alpha": repr(float(alpha[worst])),
                    "margin": repr(smallest),
                }
    return Evidence(
        smallest > 0.0,
        f"smallest margin {smallest:.3g}",
        figure=smallest,
        counterexample=None if smallest > 0.0 else where,
    )


CONTROLS = (
    Control(
        "2E[η′²]/α for E[η′²]/α",
        Condition(lambda m, s, a: 1 - 2 * s / a),
    ),
    Control("reversed sign", Condition(lambda m, s, a: s / a - 1)),
)

CLAIM = register(
    Claim(
        id="replica.stability",
        title="Stability of the replica-symmetric solution",
        sentence="De Almeida and Thouless's condition E[η′²] < α holds at every fixed point, as "
        "0 < η′ < 1 and E[η′] ≤ α.",
        latex=r"\frac{1}{\alpha} E\left[\eta'^2\right] < \frac{1}{\alpha} E[\eta'] \le 1",
        source="Proposition 4.2; Appendix C.1",
        assumptions=("c_FT > 0, τ > 0",),
        requires=("replica.estimator-derivative", "replica.degrees-of-freedom"),
        checks=(
            Check("inequality at every z", Method.SYMBOLIC, decide, Condition(margin), CONTROLS),
            Check("margin along curves", Method.FLOAT64, evaluate, Condition(margin), CONTROLS),
        ),
    )
)
