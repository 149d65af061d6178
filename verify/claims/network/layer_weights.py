"""Layer weights from the effective weight (Appendix B.1).

After training from (c, λ) the squares of a coordinate's weights are w±² = (λ + R ± s)/2 and
v±² = (−λ + R ± s)/2 with R = √(c² + β²) and s = √(1 − (λ/c)²) β.
"""

from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from theory.network import Weights, initial_weights, layer_weights
from verify.claim import Check, Control, Method
from verify.claims.network._weights import NAMES, equations, trained
from verify.methods.formula import written
from verify.methods.identity import equal
from verify.methods.numeric import Worst
from verify.methods.symbolic import prove_all
from verify.registry import state


def squares(lam, R, s):
    return Weights(
        w_plus=(lam + R + s) / 2,
        v_plus=(-lam + R + s) / 2,
        w_minus=(lam + R - s) / 2,
        v_minus=(-lam + R - s) / 2,
    )


def radius(beta, c):
    return sp.sqrt(c**2 + beta**2)


def tilt(beta, c, lam):
    return sp.sqrt(1 - (lam / c) ** 2) * beta


class LayerWeights(NamedTuple):
    """Squares of the four weights in terms of λ, R and s; these in terms of β and (c, λ)."""

    squares: Any
    radius: Any
    tilt: Any

    def __call__(self, beta, c, lam):
        return self.squares(lam, self.radius(beta, c), self.tilt(beta, c, lam))

    def latex(self):
        beta, c, lam = sp.symbols("beta c lambda")
        return (
            equations("W^2", self.squares, lam, *sp.symbols("R s"))
            + rf" \\ R = {written(self.radius, beta, c)},\quad s = {written(self.tilt, beta, c, lam)}"
        )


STATED = LayerWeights(squares, radius, tilt)
CONTROLS = (
    Control("the sign of λ reversed", STATED._replace(squares=lambda lam, R, s: squares(-lam, R, s))),
    Control("the sign of β reversed", STATED._replace(tilt=lambda b, c, lam: tilt(-b, c, lam))),
    Control("s = β, as at λ = 0", STATED._replace(tilt=lambda b, c, lam: b)),
)


def decide(stated):
    """Square the weights that the flow has when β is reached; w₀, v₀ ≥ 0 cover every |λ| ≤ c."""
    w0, v0 = sp.symbols("w_0 v_0", nonnegative=True)
    beta = sp.Symbol("beta", real=True)
    c, lam = w0**2 + v0**2, w0**2 - v0**2
    derived = layer_weights(beta, c, lam)
    formulas = [_factored(square) for square in stated(beta, c, lam)]
    return prove_all(
        [
            *(
                (f"no weights start with c = {scale}, λ = {ratio}", _impossible(scale, ratio))
                for scale, ratio in ((1, 2), (1, -2), (0, 0), (-1, 0))
            ),
            *(
                (f"square of {name}", equal(formula, weight**2))
                for name, formula, weight in zip(NAMES, formulas, derived, strict=True)
            ),
        ]
    )


def _factored(square):
    return square.replace(lambda e: e.is_Pow and e.exp == sp.S.Half, lambda e: sp.sqrt(sp.factor(e.base)))


def _impossible(c, lam):
    try:
        initial_weights(c, lam)
    except ValueError:
        return True
    return False


SEED = 41
STARTS = ((1.0, 0.0), (0.7, 0.6), (1.3, -0.6), (0.5, 1.0), (0.8, -1.0))


def integrate(stated):
    """Train networks of several relative scales, and square the weights that come out."""
    worst = Worst()
    formulas = sp.lambdify(symbols := sp.symbols("beta c lambda"), stated(*symbols), "numpy")
    for c, lam, end in trained(SEED, 3, STARTS):
        for name, formula, weight in zip(NAMES, formulas(end.beta, c, lam), end, strict=True):
            where = {"weight": name, "c": c, "lambda": lam, "beta": end.beta}
            worst.at(np.abs(formula - weight**2), **where, square=weight**2, formula=formula)
    return worst.measured("largest difference {worst} after 5 trainings of 5 coordinates")


state(
    "network.layer-weights",
    __doc__,
    (
        Check("squares of the derived weights", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check(
            "squares after integrated training",
            Method.FLOW,
            integrate,
            STATED,
            CONTROLS,
            tolerance=1e-8,
            reason="the integrator's local tolerance is 1e-10; the weights are of order one",
            seed=SEED,
        ),
    ),
    assumptions=("c > 0 and |λ| ≤ c", "w± = w₀ ≥ 0 and v± = v₀ ≥ 0 at the start"),
    requires=("network.trajectory",),
)
