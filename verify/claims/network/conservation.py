"""Conserved quantities of the flow (Theorem 4.1's proof, Appendix B.1).

    λ₊ = w₊² − v₊²,   λ₋ = w₋² − v₋²,   c = w₊w₋ + v₊v₋

do not change during training, whatever the differentiable loss.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from theory.network import gradient_flow, rate, weights
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods import flow
from verify.methods.identity import zero
from verify.methods.symbolic import prove_all
from verify.registry import register

SEED = 31
TOLERANCE = 1e-8


def lam_plus(w: Any) -> Any:
    """Difference of the positive pathway's layers, as stated."""
    return w.w_plus**2 - w.v_plus**2


def lam_minus(w: Any) -> Any:
    """Difference of the negative pathway's layers, as stated."""
    return w.w_minus**2 - w.v_minus**2


def scale(w: Any) -> Any:
    """Scale that the two pathways share, as stated."""
    return w.w_plus * w.w_minus + w.v_plus * w.v_minus


def decide(quantities: dict[str, Callable[[Any], Any]]) -> Evidence:
    """Differentiate each quantity along the flow."""
    state, g = weights(), sp.Symbol("g", real=True)
    velocities = gradient_flow([state], [g])
    return prove_all(
        (
            f"{name} does not change",
            zero(rate(form(state), [state], velocities)),
        )
        for name, form in quantities.items()
    )


def integrate(quantities: dict[str, Callable[[Any], Any]]) -> Evidence:
    """Train from random weights, equal in nothing, and compare start and end."""
    rng = np.random.default_rng(SEED)
    worst, where = 0.0, {}
    for _ in range(3):
        start = flow.State(*(rng.normal(size=(4, 5))))
        X, y = flow.random_task(rng, 3, 5)
        end = flow.train(start, X, y)
        for name, form in quantities.items():
            before, after = form(start), form(end)
            change = np.nan_to_num(np.abs(after - before), nan=np.inf)
            i = int(np.argmax(change))
            if change[i] > worst:
                worst = float(change[i])
                where = {
                    "quantity": name,
                    "before training": repr(float(before[i])),
                    "after training": repr(float(after[i])),
                }
    holds = worst <= TOLERANCE
    return Evidence(
        holds,
        f"largest change {worst:.2g} over 3 trainings of 5 coordinates",
        figure=worst,
        counterexample=None if holds else where,
    )


STATEMENT = {"lambda_+": lam_plus, "lambda_-": lam_minus, "c": scale}
CONTROLS = (
    Control(
        "c = w₊w₋ − v₊v₋",
        STATEMENT | {"c": lambda w: w.w_plus * w.w_minus - w.v_plus * w.v_minus},
    ),
    Control("λ₊ = w₊² + v₊²", STATEMENT | {"lambda_+": lambda w: w.w_plus**2 + w.v_plus**2}),
    Control("λ₋ = w₋² − v₊²", STATEMENT | {"lambda_-": lambda w: w.w_minus**2 - w.v_plus**2}),
)

register(
    Claim(
        id="network.conservation",
        title="Conserved quantities",
        sentence="λ₊ = w₊² − v₊², λ₋ = w₋² − v₋² and c = w₊w₋ + v₊v₋ of every coordinate keep "
        "their initial values throughout training.",
        latex=r"\frac{d}{dt}\left(w_{\pm}^2 - v_{\pm}^2\right) = 0 \\ "
        r"\frac{d}{dt}\left(w_+ w_- + v_+ v_-\right) = 0",
        source="Theorem 4.1, proof; Appendix B.1; Azulay et al. (2021)",
        checks=(
            Check("derivative along the flow", Method.SYMBOLIC, decide, STATEMENT, CONTROLS),
            Check(
                "change during integrated training",
                Method.FLOW,
                integrate,
                STATEMENT,
                CONTROLS,
                tolerance=TOLERANCE,
                reason="the integrator's local tolerance is 1e-10; the weights are of order one",
                seed=SEED,
            ),
        ),
        assumptions=("the loss is differentiable",),
        requires=("network.flow",),
    )
)
