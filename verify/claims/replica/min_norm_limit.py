"""The limit of large scales: minimum-norm interpolation (Section 5.1; Proposition 4.2).

As c_FT → ∞ the penalty tends to β²/(2√k), and the fixed point is algebraic.
"""

from typing import Any

import sympy as sp

from numerics import Initialization, TaskDistribution, solve_replica
from theory import replica
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal
from verify.methods.numeric import CLOSED_FORM, FLOAT64, compare, compared
from verify.registry import register

TOLERANCE = 1e-4


def error(signal: Any, noise_variance: Any, alpha: Any) -> Any:
    """Return p for E[β*²] = `signal`."""
    return (1 - alpha) * signal + noise_variance * alpha**2 / (1 - alpha)


def derive(stated: Any) -> Evidence:
    """Solve the fixed point with the quadratic penalty, β̂ = z K/(K + τ)."""
    signal, scale = sp.symbols("B K", positive=True)
    solved = replica.quadratic_error(signal, scale, with_ridge=False)
    return equal(solved, stated(signal, replica.noise**2, replica.alpha))


def evaluate(stated: Any) -> Evidence:
    """Hold the solver at very large scales to it."""
    points = [
        (slab, alpha, noise)
        for slab in ("sign", "gaussian")
        for alpha in (0.02, 0.3, 0.7, 0.95)
        for noise in (0.0, 0.5)
    ]

    def computed(slab: Any, alpha: float, noise: float) -> float:
        task = TaskDistribution.pretrain_finetune(0.2, 0.3, 0.5, slab=slab)
        curve = solve_replica(task, Initialization(1e6, 0.0), alpha, noise_variance=noise)
        return float(curve.mse[0])

    found = compare(
        computed,
        lambda _, alpha, noise: stated(1.0, noise, alpha),
        points,
        names=("slab", "α", "σ²"),
    )
    return compared(found, "error p at large scales", (FLOAT64, CLOSED_FORM))


CONTROLS = (
    Control("no shrinkage: E[β*²]", lambda b, s, a: b + s * a**2 / (1 - a)),
    Control("α for α² in the noise term", lambda b, s, a: (1 - a) * b + s * a / (1 - a)),
    Control("1/(1−α)² in the noise term", lambda b, s, a: (1 - a) * b + s * a**2 / (1 - a) ** 2),
)

register(
    Claim(
        id="replica.min-norm-limit",
        title="Minimum-norm limit",
        sentence="With the penalty β²/(2√k) that c_FT → ∞ leaves, the error is "
        "(1 − α)E[β*²] + σ²α²/(1 − α), that of the interpolating β of least norm, whatever was "
        "pretrained.",
        latex=r"q_k(\beta) = \frac{\beta^2}{2\sqrt{k}}:\quad p = (1 - \alpha) E[\beta^{*2}] + "
        r"\frac{\alpha^2 \sigma^2}{1 - \alpha}",
        source="Section 5.1 (lazy regime); Proposition 4.2",
        assumptions=("ϱ = 0, α < 1", "c_FT equal for all coordinates, as γ² or c make it"),
        requires=("replica.effective-parameters", "implicit-bias.weighted-l2-limit"),
        checks=(
            Check("algebraic fixed point", Method.SYMBOLIC, derive, error, CONTROLS),
            Check(
                "solver at c = 10⁶",
                Method.FLOAT64,
                evaluate,
                error,
                CONTROLS,
                tolerance=TOLERANCE,
                reason="PT changes c_FT by a part in 10¹², β/c_FT ≈ 10⁻⁶ the penalty; the rest is "
                "room for α near 1",
            ),
        ),
    )
)
