"""Ridge regression: the fixed point in closed form where every penalty is β²/(2K) (Prop. 4.2)."""

from typing import Any

import sympy as sp

from numerics import Initialization, TaskDistribution, solve_replica
from theory import replica
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal
from verify.methods.numeric import CLOSED_FORM, FLOAT64, compare, compared
from verify.registry import register

TOLERANCE = 1e-9


def error(signal: Any, scale: Any, noise_variance: Any, ridge: Any, alpha: Any) -> Any:
    """Return p for E[β*²] = `signal` and the penalty β²/(2 `scale`)."""
    free = ridge - scale + scale / alpha
    tau = (free + sp.sqrt(free**2 + 4 * ridge * scale)) / 2
    gain = scale / (scale + tau)
    return ((1 - gain) ** 2 * signal + gain**2 * noise_variance) / (1 - gain**2 / alpha)


def derive(stated: Any) -> Evidence:
    """Solve the fixed point with the quadratic penalty."""
    signal, scale = sp.symbols("B K", positive=True)
    solved = replica.quadratic_error(signal, scale, with_ridge=True)
    claimed = stated(signal, scale, replica.noise**2, replica.ridge, replica.alpha)
    return equal(sp.radsimp(solved), sp.radsimp(claimed))


def evaluate(stated: Any) -> Evidence:
    """Hold the solver, with K = √k = 2 c_FT = 8·10⁶ and ridges of that order, to it."""
    scale = 8e6
    points = [
        (alpha, noise, share)
        for alpha in (0.05, 0.6, 1.0, 1.7, 30.0)
        for noise in (0.0, 0.4)
        for share in (1e-6, 1.25e-4)
    ]
    task = TaskDistribution.pretrain_finetune(0.2, 0.3, 0.5)

    def computed(alpha: float, noise: float, share: float) -> float:
        curve = solve_replica(
            task, Initialization(2e6, 0.0), alpha, noise_variance=noise, ridge=share * scale
        )
        return float(curve.mse[0])

    def claimed(alpha: float, noise: float, share: float) -> Any:
        values = (sp.Integer(1), scale, noise, share * scale, alpha)
        return str(stated(*(sp.Float(value, 40) for value in values)))

    found = compare(computed, claimed, points, names=("α", "σ²", "ϱ/K"))
    return compared(found, "error p at large scales, with ridge", (FLOAT64, CLOSED_FORM))


CONTROLS = (
    Control("ϱ/α for ϱ", lambda b, k, s, r, a: error(b, k, s, r / a, a)),
    Control("K/2 for K", lambda b, k, s, r, a: error(b, k / 2, s, r, a)),
    Control("no factor α in the denominator", lambda b, k, s, r, a: error(b, k, s, r, a) * a),
)

register(
    Claim(
        id="replica.ridge-limit",
        title="Ridge regression in closed form",
        sentence="Where the penalty is β²/(2K), the error is that of ridge regression: a rational "
        "function of the gain K/(K + τ), with τ the root of a quadratic.",
        latex=r"\tau = \tfrac12\left(f + \sqrt{f^2 + 4 \varrho K}\right),\; "
        r"f = \varrho - K + \tfrac{K}{\alpha},\quad s = \frac{K}{K + \tau} \\ "
        r"p = \frac{(1 - s)^2 E[\beta^{*2}] + s^2 \sigma^2}{1 - s^2/\alpha}",
        source="Proposition 4.2; Section 5.1 (lazy regime)",
        assumptions=("ϱ > 0", "the penalty is β²/(2K) in all coordinates"),
        requires=("replica.effective-parameters",),
        checks=(
            Check("algebraic fixed point", Method.SYMBOLIC, derive, error, CONTROLS),
            Check(
                "solver at large scales",
                Method.FLOAT64,
                evaluate,
                error,
                CONTROLS,
                tolerance=TOLERANCE,
                reason="(β/c_FT)² ≈ 10⁻¹² is what the quadratic leaves out, amplified near α = 1",
            ),
        ),
    )
)
