"""Minimum-norm limit (Section 5.1, regime III; Proposition 4.2).

With the penalty β²/(2√k) that c_FT → ∞ leaves, the error is (1 − α)E[β*²] + σ²α²/(1 − α), that of
the interpolating β of least norm, whatever was pretrained.
"""

from itertools import product

import sympy as sp

from numerics import Initialization, TaskDistribution, solve_replica
from theory import replica
from verify.claim import Check, Method
from verify.methods.formula import Formula, named
from verify.methods.identity import equal
from verify.methods.numeric import CLOSED_FORM, FLOAT64, compare, compared
from verify.registry import state

STATED = Formula(
    r"q_k(\beta) = \frac{\beta^2}{2\sqrt{k}}: \quad p",
    named(r"E[\beta^{*2}]", r"\sigma^2", r"\alpha"),
    lambda signal, noise, alpha: (1 - alpha) * signal + noise * alpha**2 / (1 - alpha),
)
CONTROLS = (
    STATED.but("no shrinkage: E[β*²]", lambda b, s, a: b + s * a**2 / (1 - a)),
    STATED.but("α for α² in the noise term", lambda b, s, a: (1 - a) * b + s * a / (1 - a)),
    STATED.but("1/(1−α)² in the noise term", lambda b, s, a: (1 - a) * b + s * a**2 / (1 - a) ** 2),
)


def derive(stated):
    """Solve the fixed point with the quadratic penalty, β̂ = z K/(K + τ)."""
    signal, scale = sp.symbols("B K", positive=True)
    solved = replica.quadratic_error(signal, scale, with_ridge=False)
    return equal(solved, stated(signal, replica.noise**2, replica.alpha))


def evaluate(stated):
    """Hold the solver at very large scales to it."""

    def computed(slab, alpha, noise):
        task = TaskDistribution.pretrain_finetune(0.2, 0.3, 0.5, slab=slab)
        curve = solve_replica(task, Initialization(1e6, 0.0), alpha, noise_variance=noise)
        return float(curve.mse[0])

    found = compare(
        computed,
        lambda _, alpha, noise: stated(1.0, noise, alpha),
        product(("sign", "gaussian"), (0.02, 0.3, 0.7, 0.95), (0.0, 0.5)),
        names=("slab", "α", "σ²"),
    )
    return compared(found, "error p at large scales", (FLOAT64, CLOSED_FORM))


REASON = "PT changes c_FT by a part in 10¹², (β/c_FT)² ≈ 10⁻¹² the penalty; amplified for α near 1"

state(
    "replica.min-norm-limit",
    __doc__,
    (
        Check("algebraic fixed point", Method.SYMBOLIC, derive, STATED, CONTROLS),
        Check("solver at c = 10⁶", Method.FLOAT64, evaluate, STATED, CONTROLS, 1e-9, REASON),
    ),
    assumptions=("ϱ = 0, α < 1", "c_FT equal for all coordinates, as γ² or c make it"),
    requires=(
        "replica.effective-parameters",
        "replica.degrees-of-freedom",
        "implicit-bias.weighted-l2-limit",
    ),
)
