"""The scale that fine-tuning starts with (Theorem 4.1, Appendix B.1).

c_FT(β_PT) = (c + λ)(1 + √(1 + (β_PT/c)²)) + γ².
"""

import itertools
from collections.abc import Callable
from functools import cache
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from numerics import multiprecision
from numerics.initialization import Initialization
from theory.network import finetune_scale
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods import flow
from verify.methods.identity import equal
from verify.methods.numeric import compare
from verify.registry import register

SEED = 47
NAMES = ("beta_pt", "c", "lambda", "gamma")
# Every corner: no pretraining, both ends of λ, γ = 0, twelve orders of magnitude.
POINTS = tuple(
    (beta, c, ratio * c, gamma)
    for beta, c, ratio, gamma in itertools.product(
        (0.0, 1e-6, -1.0, 1e6), (2.0**-20, 1.0, 1024.0), (-1.0, -0.5, 0.0, 1.0), (0.0, 0.25, 3.0)
    )
)
DIGITS_AGREED, KERNEL_ERROR, FLOW_ERROR = 1e-45, 1e-14, 1e-8


def scale(beta_pt: Any, c: Any, lam: Any, gamma: Any) -> Any:
    """Return c_FT, as stated."""
    return (c + lam) * (1 + (1 + (beta_pt / c) ** sp.Integer(2)) ** sp.Rational(1, 2)) + gamma**2


def exactly(stated: Callable[..., Any]) -> Callable[..., Any]:
    """Evaluate the stated formula to 60 digits at float arguments, taken as exact numbers."""

    def value(*point: float) -> Any:
        number = sp.N(stated(*(sp.Rational(x) for x in point)), 60)
        with mpmath.workdps(60):
            return mpmath.mpf(str(number))

    return value


def decide(stated: Callable[..., Any]) -> Evidence:
    """Take the weights that pretraining leaves, apply eqs. 4-5, read off the conserved scale."""
    w0, v0, gamma = sp.symbols("w_0 v_0 gamma", nonnegative=True)
    beta = sp.Symbol("beta_PT", real=True)
    c, lam = w0**2 + v0**2, w0**2 - v0**2
    return equal(stated(beta, c, lam, gamma), finetune_scale(beta, c, lam, gamma))


def compare_digits(stated: Callable[..., Any]) -> Evidence:
    """Compare with the multiprecision function at 50 digits."""
    return compare(
        lambda *point: multiprecision.finetune_scale(*point, digits=50),
        exactly(stated),
        POINTS,
        DIGITS_AGREED,
        names=NAMES,
    )


def compare_kernel(stated: Callable[..., Any]) -> Evidence:
    """Compare the float64 function with the formula."""
    return compare(
        lambda beta, c, lam, gamma: Initialization(c, lam, gamma).finetune_scale(np.float64(beta)),
        exactly(stated),
        POINTS,
        KERNEL_ERROR,
        names=NAMES,
    )


@cache
def trained() -> dict[tuple[float, ...], float]:
    """Pretrain, re-balance, fine-tune; return the scales at the end, by (β_PT, c, λ, γ)."""
    rng = np.random.default_rng(SEED)
    measured: dict[tuple[float, ...], float] = {}
    for c, ratio, gamma in ((1.0, 0.0, 0.5), (0.6, -0.8, 0.3), (0.5, 1.0, 0.0), (1.5, -1.0, 0.8)):
        learned = flow.train(flow.initial_state(c, ratio * c, 5), *flow.random_task(rng, 4, 5))
        hidden, readout = learned.w_plus + learned.w_minus, np.full(5, gamma)
        end = flow.train(flow.State(hidden, readout, hidden, readout), *flow.random_task(rng, 3, 5))
        scales = end.w_plus * end.w_minus + end.v_plus * end.v_minus
        for beta, value in zip(learned.beta, scales, strict=True):
            measured[float(beta), c, ratio * c, gamma] = float(value)
    return measured


def integrate(stated: Callable[..., Any]) -> Evidence:
    """Read the scale off the weights at the end of fine-tuning."""
    measured = trained()
    return compare(
        lambda *point: measured[point], exactly(stated), list(measured), FLOW_ERROR, names=NAMES
    )


CONTROLS = (
    Control("γ²/2 for γ²", lambda b, c, lam, g: scale(b, c, lam, g) - g**2 / 2),
    Control("c − λ for c + λ", lambda b, c, lam, g: scale(b, c, -lam, g)),
    Control("√(1 + β_PT²) for √(1 + (β_PT/c)²)", lambda b, c, lam, g: scale(b * c, c, lam, g)),
)

CLAIM = register(
    Claim(
        id="network.finetune-scale",
        title="Scale at the start of fine-tuning",
        sentence="Fine-tuning starts with c_FT = (c + λ)(1 + √(1 + (β_PT/c)²)) + γ² in every "
        "coordinate: what was pretrained strongly is fine-tuned lazily, the more so the larger λ.",
        latex=r"c_{FT}(\beta_{PT}) = (c + \lambda)"
        r"\left(1 + \sqrt{1 + \frac{\beta_{PT}^2}{c^2}}\right) + \gamma^2",
        source="Theorem 4.1; Appendix B.1",
        checks=(
            Check("derived weights, re-balanced", Method.SYMBOLIC, decide, scale, CONTROLS),
            Check(
                "scale of integrated networks",
                Method.FLOW,
                integrate,
                scale,
                CONTROLS,
                tolerance=FLOW_ERROR,
                reason="the integrator's local tolerance is 1e-10, in two phases",
                seed=SEED,
            ),
            Check(
                "50 digits",
                Method.MULTIPRECISION,
                compare_digits,
                scale,
                CONTROLS,
                tolerance=DIGITS_AGREED,
                reason="50 digits, less the last ones",
            ),
            Check(
                "float64",
                Method.FLOAT64,
                compare_kernel,
                scale,
                CONTROLS,
                tolerance=KERNEL_ERROR,
                reason="a few roundings; c + λ has no cancellation at these binary fractions",
            ),
        ),
        assumptions=("c > 0, |λ| ≤ c, γ ≥ 0",),
        requires=("network.signed-sum", "network.rebalance-zero"),
    )
)
