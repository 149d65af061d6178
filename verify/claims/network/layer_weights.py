"""Layer weights as functions of the effective weight (Appendix B.1).

From the initialisation (c, λ), with R = √(c² + β²) and s = √(1 − (λ/c)²) β,

    w±² = (λ + R ± s)/2,   v±² = (−λ + R ± s)/2.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from theory.network import Weights, initial_weights, layer_weights
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods import flow
from verify.methods.identity import equal
from verify.methods.symbolic import prove_all
from verify.registry import register

SEED = 41
TOLERANCE = 1e-8


def squares(beta: Any, c: Any, lam: Any, sqrt: Callable[[Any], Any]) -> Weights:
    """Return the four squares, as stated."""
    radius, tilt = sqrt(c**2 + beta**2), sqrt(1 - (lam / c) ** 2) * beta
    return Weights(
        w_plus=(lam + radius + tilt) / 2,
        v_plus=(-lam + radius + tilt) / 2,
        w_minus=(lam + radius - tilt) / 2,
        v_minus=(-lam + radius - tilt) / 2,
    )


def decide(stated: Callable[..., Weights]) -> Evidence:
    """Square the weights that the flow has when β is reached; w₀, v₀ ≥ 0 cover every |λ| ≤ c."""
    w0, v0 = sp.symbols("w_0 v_0", nonnegative=True)
    beta = sp.Symbol("beta", real=True)
    c, lam = w0**2 + v0**2, w0**2 - v0**2

    def root(x: Any) -> Any:
        return sp.sqrt(sp.factor(x))

    derived = layer_weights(beta, c, lam)
    formulas = stated(beta, c, lam, root)
    beyond = [
        (f"no weights start with c = {scale}, λ = {ratio}", _impossible(scale, ratio))
        for scale, ratio in ((1, 2), (1, -2), (0, 0), (-1, 0))
    ]
    squares_agree = [
        (name, equal(formula, weight**2))
        for name, formula, weight in zip(
            ("w₊²", "v₊²", "w₋²", "v₋²"), formulas, derived, strict=True
        )
    ]
    return prove_all([*beyond, *squares_agree])


def _impossible(c: int, lam: int) -> bool:
    try:
        initial_weights(c, lam)
    except ValueError:
        return True
    return False


@cache
def trained() -> list[tuple[float, float, flow.State]]:
    """Train networks of several relative scales; return c, λ and the weights at the end."""
    rng = np.random.default_rng(SEED)
    return [
        (
            c,
            ratio * c,
            flow.train(flow.initial_state(c, ratio * c, 5), *flow.random_task(rng, 3, 5)),
        )
        for c, ratio in ((1.0, 0.0), (0.7, 0.6), (1.3, -0.6), (0.5, 1.0), (0.8, -1.0))
    ]


def integrate(stated: Callable[..., Weights]) -> Evidence:
    """Train networks of several relative scales, and square the weights that come out."""
    worst, where = 0.0, {}
    for c, lam, end in trained():
        formulas = stated(end.beta, c, lam, np.sqrt)
        for name, formula, weight in zip(Weights._fields, formulas, end, strict=True):
            error = np.nan_to_num(np.abs(formula - weight**2), nan=np.inf)
            i = int(np.argmax(error))
            if error[i] > worst:
                worst = float(error[i])
                where = {
                    "weight": name,
                    "c": str(c),
                    "lambda": str(lam),
                    "beta": repr(float(end.beta[i])),
                    "square": repr(float(weight[i] ** 2)),
                    "formula": repr(float(formula[i])),
                }
    holds = worst <= TOLERANCE
    return Evidence(
        holds,
        f"largest difference {worst:.2g} after 5 trainings of 5 coordinates",
        figure=worst,
        counterexample=None if holds else where,
    )


CONTROLS = (
    Control("the sign of λ reversed", lambda b, c, lam, sqrt: squares(b, c, -lam, sqrt)),
    Control("the sign of β reversed", lambda b, c, lam, sqrt: squares(-b, c, lam, sqrt)),
    Control(
        "s = β, as at λ = 0",
        lambda b, c, lam, sqrt: Weights(
            *(
                q + t / 2
                for q, t in zip(squares(b, c, lam, sqrt), _tilts(b, c, lam, sqrt), strict=True)
            )
        ),
    ),
)


def _tilts(b: Any, c: Any, lam: Any, sqrt: Callable[[Any], Any]) -> tuple[Any, ...]:
    more = b - sqrt(1 - (lam / c) ** 2) * b
    return more, more, -more, -more


register(
    Claim(
        id="network.layer-weights",
        title="Layer weights from the effective weight",
        sentence="After training from (c, λ) the squares of a coordinate's weights are "
        "w±² = (λ + R ± s)/2 and v±² = (−λ + R ± s)/2 with R = √(c² + β²) and "
        "s = √(1 − (λ/c)²) β.",
        latex=r"w_{\pm}^2 = \frac{\lambda + R \pm s}{2},\quad "
        r"v_{\pm}^2 = \frac{-\lambda + R \pm s}{2} \\ "
        r"R = \sqrt{c^2 + \beta^2},\quad s = \sqrt{1 - \frac{\lambda^2}{c^2}}\,\beta",
        source="Appendix B.1",
        checks=(
            Check("squares of the derived weights", Method.SYMBOLIC, decide, squares, CONTROLS),
            Check(
                "squares after integrated training",
                Method.FLOW,
                integrate,
                squares,
                CONTROLS,
                tolerance=TOLERANCE,
                reason="the integrator's local tolerance is 1e-10; the weights are of order one",
                seed=SEED,
            ),
        ),
        assumptions=("c > 0 and |λ| ≤ c", "w± = w₀ ≥ 0 and v± = v₀ ≥ 0 at the start"),
        requires=("network.trajectory",),
    )
)
