"""Layer weights from the effective weight (Appendix B.1, “weights after pretraining”).

After training from (c, λ) the squares of a coordinate's weights are w±² = (λ + R ± s)/2 and
v±² = (−λ + R ± s)/2 with R = √(c² + β²) and s = √(1 − (λ/c)²) β.
"""

import numpy as np
import sympy as sp

from theory.network import NAMES, layer_weights
from verify.claim import Check, Method
from verify.claims.network._weights import ROUNDING, WEIGHT, OfWeights, trained
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all
from verify.methods.numeric import Worst
from verify.methods.on_arrays import function_of
from verify.registry import state

beta, c, lam, R, s = sp.symbols("beta c lambda R s", real=True)


def squares(lam, R, s):
    return {
        "w_plus": (lam + R + s) / 2,
        "v_plus": (-lam + R + s) / 2,
        "w_minus": (lam + R - s) / 2,
        "v_minus": (-lam + R - s) / 2,
    }


STATED = Formulas(
    squares=OfWeights(WEIGHT**2, (lam, R, s), squares),
    radius=Formula(R, (beta, c), lambda beta, c: sp.sqrt(c**2 + beta**2)),
    tilt=Formula(s, (beta, c, lam), lambda beta, c, lam: sp.sqrt(1 - (lam / c) ** 2) * beta),
)
CONTROLS = (
    STATED.but("the sign of λ reversed", squares=lambda lam, R, s: squares(-lam, R, s)),
    STATED.but("the sign of β reversed", tilt=lambda b, c, lam: -sp.sqrt(1 - (lam / c) ** 2) * b),
    STATED.but("s = β, as at λ = 0", tilt=lambda b, c, lam: b),
)


def inserted(stated, at):
    """Return the squares with R and s as stated, at β, c and λ given by symbol."""
    return stated.squares({**at, R: defined(stated.radius, R, at), s: defined(stated.tilt, s, at)})


def decide(stated):
    """Square the weights that the flow has when β is reached; w₀, v₀ ≥ 0 cover every |λ| ≤ c."""
    return prove_all(steps(stated))


def steps(stated):
    w0, v0 = sp.symbols("w_0 v_0", nonnegative=True)
    at = {beta: beta, c: w0**2 + v0**2, lam: w0**2 - v0**2}
    for name, one, derived in zip(
        NAMES, inserted(stated, at), layer_weights(*at.values()), strict=True
    ):
        yield f"square of {name}", equal(factored(one), stated.squares.left({WEIGHT: derived}))


def factored(square):
    roots = square.atoms(sp.Pow)
    return square.subs({root: sp.factor(root.base) ** root.exp for root in roots})


SEED = 41
STARTS = ((1.0, 0.0), (0.7, 0.6), (1.3, -0.6), (0.5, 1.0), (0.8, -1.0))


def integrate(stated):
    """Train networks of several relative scales, and square the weights that come out."""
    formulas, worst = function_of(inserted(stated, {}), beta, c, lam), Worst()
    squared = function_of(stated.squares.left({}), WEIGHT)
    for scale, relative, end in trained(SEED, 3, STARTS):
        values = formulas(end.beta, scale, relative)
        for name, value, weight in zip(NAMES, values, end, strict=True):
            where = {"weight": name, "c": scale, "lambda": relative, "beta": end.beta}
            square = squared(weight)
            worst.at(np.abs(value - square), **where, square=square, formula=value)
    return worst.measured("largest difference {worst} after 5 trainings of 5 coordinates")


state(
    "network.layer-weights",
    __doc__,
    (
        Check("squares of the derived weights", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check("integration", Method.FLOW, integrate, STATED, CONTROLS, 1e-8, ROUNDING, seed=SEED),
    ),
    assumptions=("c > 0 and |λ| ≤ c", "w± = w₀ ≥ 0 and v± = v₀ ≥ 0 at the start"),
    requires=("network.trajectory",),
)
