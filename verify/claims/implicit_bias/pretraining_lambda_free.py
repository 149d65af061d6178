"""The relative scale does not influence what pretraining learns (Section 4.1).

The flow of β from (c, λ) is β̇ = −2√(c² + β²) ∂L/∂β for every λ; the weights that are left do
depend on λ.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from theory.implicit_bias import mirror_speed
from theory.network import layer_weights
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods import flow
from verify.methods.identity import equal
from verify.methods.numeric import largest
from verify.methods.symbolic import prove_all
from verify.registry import register

SEED = 61
TOLERANCE = 1e-7


def speed(beta: Any, c: Any, lam: Any) -> Any:
    """Return the speed of β, as stated; `lam` has no influence."""
    return 2 * (c**2 + beta**2) ** sp.Rational(1, 2)


def decide(stated: Callable[[Any, Any, Any], Any]) -> Evidence:
    """Compare with the derived speed for all λ; the weights themselves do vary with λ."""
    beta, lam = sp.symbols("beta lambda", real=True)
    c = sp.Symbol("c", positive=True)
    hidden = layer_weights(beta, c, lam).w_plus
    return prove_all(
        [
            ("speed of β", equal(stated(beta, c, lam), mirror_speed(beta, c, lam))),
            ("the hidden weight depends on λ", sp.diff(hidden.subs(beta, 0), lam) != 0),
        ]
    )


def integrate(stated: Callable[[Any, Any, Any], Any]) -> Evidence:
    """Train from several λ; the mirror map that the speed implies must end in the row space."""
    rng = np.random.default_rng(SEED)
    X, y = flow.random_task(rng, 3, 5)
    b, c, lam = sp.symbols("b c lambda", real=True)
    metric = sp.lambdify((b, c, lam), 1 / stated(b, c, lam), "numpy")
    nodes, shares = np.polynomial.legendre.leggauss(40)
    outcomes = []
    worst, where = 0.0, {}
    for ratio in (-1.0, -0.6, 0.0, 0.8, 1.0):
        scale = 0.8
        end = flow.train(flow.initial_state(scale, ratio * scale, 5), X, y)
        half = end.beta[:, None] / 2
        mirror = (half * shares * metric(half * (1 + nodes), scale, ratio * scale)).sum(axis=1)
        outcomes.append(end.beta)
        outside = largest(flow.outside_row_space(mirror, X))
        if outside > worst:
            worst, where = outside, {"lambda": str(ratio * scale), "outside": repr(outside)}
    spread = float(np.ptp(np.array(outcomes), axis=0).max())
    holds = largest(worst, spread) <= TOLERANCE
    return Evidence(
        holds,
        f"five λ learn the same β within {spread:.2g}; mirror map outside the row space by "
        f"{worst:.2g}",
        figure=largest(worst, spread),
        counterexample=None if holds else where | {"spread of beta": repr(spread)},
    )


CONTROLS = (
    Control("√(c² − λ²/2) for c", lambda b, c, lam: speed(b, (c**2 - lam**2 / 2) ** 0.5, lam)),
    Control("c + λ/2 for c", lambda b, c, lam: speed(b, c + lam / 2, lam)),
)

register(
    Claim(
        id="implicit-bias.pretraining-lambda-free",
        title="λ does not influence what pretraining learns",
        sentence="The flow of β during pretraining, and so what is learned, depends on c but not "
        "on λ; the weights that remain, and so fine-tuning, do.",
        latex=r"\dot\beta_{PT} = -2\sqrt{c^2 + \beta_{PT}^2}\,"
        r"\frac{\partial L}{\partial \beta_{PT}} \text{ for all } \lambda \in [-c, c]",
        source="Section 4.1, after Theorem 4.1",
        checks=(
            Check("derived speed", Method.SYMBOLIC, decide, speed, CONTROLS),
            Check(
                "integrated pretraining from five λ",
                Method.FLOW,
                integrate,
                speed,
                CONTROLS,
                tolerance=TOLERANCE,
                reason="trainings end at a residual of 1e-8; the local tolerance is 1e-10",
                seed=SEED,
            ),
        ),
        assumptions=("c > 0, |λ| ≤ c",),
        requires=("implicit-bias.mirror-flow",),
    )
)
