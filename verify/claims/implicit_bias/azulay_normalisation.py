"""Azulay's normalisation (Appendix B.1, “from flow to penalty”; Azulay et al. (2021)).

√k = 4α(1 + σ²)/(1 − σ²) in terms of the initial product α = w₀v₀ and shape
σ = (w₀ − v₀)/(w₀ + v₀) equals 2c, and λ is 4ασ/(1 − σ²).
"""

import sympy as sp

from theory.implicit_bias import penalty_curvature
from theory.network import absolute_scale, initial_weights, relative_scale
from verify.claim import Check, Method
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all
from verify.registry import state

alpha, sigma, lam = sp.symbols("alpha sigma lambda")
w0, v0, c, k = sp.symbols("w_0 v_0 c k", positive=True)


def root_k(alpha, sigma):
    return 4 * alpha * (1 + sigma**2) / (1 - sigma**2)


STATED = Formulas(
    root_k=Formula(sp.sqrt(k), (alpha, sigma), root_k),
    relative=Formula(lam, (alpha, sigma), lambda a, s: 4 * a * s / (1 - s**2)),
    of_scale=Formula(sp.sqrt(k), (c,), lambda c: 2 * c),
    alpha=Formula(alpha, (w0, v0), lambda w0, v0: w0 * v0),
    sigma=Formula(sigma, (w0, v0), lambda w0, v0: (w0 - v0) / (w0 + v0)),
)
CONTROLS = (
    STATED.but("2α for 4α", root_k=lambda a, s: root_k(a, s) / 2),
    STATED.but("(1 − σ²)/(1 + σ²)", root_k=lambda a, s: 4 * a * (1 - s**2) / (1 + s**2)),
    STATED.but("λ of the opposite sign", relative=lambda a, s: -4 * a * s / (1 - s**2)),
    STATED.but("without the shape", root_k=lambda a, s: 4 * a),
)


def decide(stated):
    """Insert the initial weights; the metric at β = 0 is 1/√k."""
    return prove_all(steps(stated))


def steps(stated):
    start = initial_weights(w0**2 + v0**2, w0**2 - v0**2)
    at = {alpha: defined(stated.alpha, alpha), sigma: defined(stated.sigma, sigma)}
    scale = absolute_scale(start)
    speed = 1 / penalty_curvature(sp.Integer(0), w0**2 + v0**2)
    yield (
        "√k is the inverse of the flow's metric at β = 0",
        equal(stated.root_k(at), stated.root_k.left({k: speed**2})),
    )
    yield (
        "and twice the conserved scale",
        equal(stated.of_scale({c: scale}), stated.of_scale.left({k: speed**2})),
    )
    derived = {lam: relative_scale(start)[0]}
    yield "λ in these terms", equal(stated.relative(at), stated.relative.left(derived))


state(
    "implicit-bias.azulay-normalisation",
    __doc__,
    (Check("initial weights inserted", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("w₀, v₀ > 0",),
    requires=("implicit-bias.penalty",),
)
