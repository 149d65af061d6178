"""As many data as coordinates, nearly: the limits α → 1⁻ and α → 0 (Proposition 4.2).

For α → 1⁻ without noise τ → 0: then 1 − α = E[1 − η′] ≈ τE[q″(β*)] and E[(β̂ − z)²] ≈ τ²E[q′(β*)²],
so that the second equation, in the form E[(β̂ − z)²] = θ²E[1 − η′], gives p/(1 − α).
"""

from typing import Any

from numerics import Initialization, TaskDistribution, solve_replica
from numerics.penalty import penalty_curvature, penalty_derivative
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.compared import CLOSED_FORM, FLOAT64, compared
from verify.methods.numeric import compare
from verify.registry import register

TOLERANCE = 1e-6
CASES = (
    (0.5, 0.0, 0.3),
    (1.0, 0.7, 0.0),
    (0.2, -0.5, 1.0),
    (0.05, 0.0, 0.1),
)


def rate(slope_squared: Any, curvature: Any) -> Any:
    """Return lim p/(1 − α) in terms of E[q′(β*)²] and E[q″(β*)]."""
    return slope_squared / curvature**2


def decide(stated: Any) -> Evidence:
    """Extrapolate the solver's p/(1 − α) from two α close to 1."""
    task = TaskDistribution.pretrain_finetune(0.2, 0.3, 0.5)

    def extrapolated(c: float, ratio: float, gamma: float) -> float:
        init, step = Initialization(c, ratio * c, gamma), 1e-5
        curve = solve_replica(task, init, [1 - step, 1 - 2 * step])
        near, far = curve.mse / (1 - curve.alpha)
        return float(2 * near - far)

    def claimed(c: float, ratio: float, gamma: float) -> float:
        scales = task.penalty_scales(Initialization(c, ratio * c, gamma))
        sizes = [group.ft_amplitude for group in task.groups]
        slopes = penalty_derivative(sizes, scales) ** 2
        curvatures = penalty_curvature(sizes, scales)
        return float(stated(task.probabilities @ slopes, task.probabilities @ curvatures))

    found = compare(extrapolated, claimed, CASES, TOLERANCE, names=("c", "λ/c", "γ"))
    return compared(found, "p/(1 − α) as α → 1", (FLOAT64, CLOSED_FORM))


CLAIM = register(
    Claim(
        id="replica.full-sample-limit",
        title="Limit of full samples",
        sentence="Without noise the error vanishes linearly as α → 1⁻: p/(1 − α) tends to "
        "E[q′(β*)²]/E[q″(β*)]².",
        latex=r"\lim_{\alpha \to 1^-} \frac{p}{1 - \alpha} = "
        r"\frac{E\left[q'(\beta^*)^2\right]}{E\left[q''(\beta^*)\right]^2}",
        source="Proposition 4.2, expanded at τ → 0",
        assumptions=("σ = 0, ϱ = 0", "c_FT > 0"),
        requires=("replica.degrees-of-freedom",),
        checks=(
            Check(
                "solver close to α = 1",
                Method.FLOAT64,
                decide,
                rate,
                (
                    Control("E[q′²]/E[q″]", lambda s, q: s / q),
                    Control("twice that", lambda s, q: 2 * s / q**2),
                ),
                tolerance=TOLERANCE,
                reason="terms of order (1−α)² = 10⁻¹⁰ remain, times derivatives of q up to 10³",
            ),
        ),
        expected=Method.FLOAT64.supports,
    )
)
