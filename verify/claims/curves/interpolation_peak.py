"""An interpolation peak in the pretrained coordinates (Section 5.3, Figure 3a-c at ω = 0).

Lazy in the pretrained coordinates and rich elsewhere, the network first fits the data with the
coordinates that fine-tuning does not need; as c → 0 the peak moves to α = ρ_PT and grows.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar

from empirics.experiments import Slab
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.claims.curves._margins import errors, setting
from verify.methods.numeric import largest
from verify.registry import register

TOLERANCE = 1e-5
RHO_PT = 0.1


class Peak(NamedTuple):
    """Slab, c, and the α and error at the peak."""

    slab: Slab
    c: float
    alpha: float
    mse: float


PEAKS = (
    Peak("gaussian", 1e-6, 0.0695491, 2.5565277),
    Peak("gaussian", 1e-9, 0.0766533, 3.4388824),
    Peak("gaussian", 1e-12, 0.0808861, 4.2576789),
    Peak("sign", 1e-6, 0.0703092, 2.5768082),
    Peak("sign", 1e-9, 0.0769754, 3.4583909),
    Peak("sign", 1e-12, 0.0810607, 4.2759061),
)


def decide(peaks: tuple[Peak, ...]) -> Evidence:
    """Maximise the exact error over α, and compare place and height."""
    worst, before = 0.0, {"gaussian": (0.0, 1.0), "sign": (0.0, 1.0)}
    for stated in peaks:
        curve = setting(stated.slab, 0.1, 0.0, c=stated.c)
        found = minimize_scalar(
            lambda alpha, curve=curve: -float(errors(curve, np.array([alpha]))[0]),
            bounds=(0.02, 0.3),
            method="bounded",
            options={"xatol": 1e-8},
        )
        place, height = float(found.x), -float(found.fun)
        gap = largest(abs(place - stated.alpha), abs(height - stated.mse))
        worst = max(worst, gap)
        earlier = before[stated.slab]
        # Above the error 1 of β̂ = 0, and growing towards α = ρ_PT as c falls.
        if gap > TOLERANCE or not (earlier[0] < place < RHO_PT and height > earlier[1]):
            return Evidence(
                False,
                f"peak of {height:.7f} at α = {place:.7f}",
                figure=gap,
                counterexample={
                    "slab": stated.slab,
                    "c": repr(stated.c),
                    "alpha": repr(place),
                    "mse": repr(height),
                },
            )
        before[stated.slab] = (place, height)
    return Evidence(
        True,
        f"{len(peaks)} peaks, of errors up to {max(peak.mse for peak in peaks):.2f}",
        figure=worst,
    )


register(
    Claim(
        id="curves.interpolation-peak",
        title="Interpolation peak in the pretrained coordinates",
        sentence="At ω = 0 and λ = γ = 0 the error has a peak above that of β̂ = 0, below α = ρ_PT; "
        "as c falls through 10⁻⁶, 10⁻⁹, 10⁻¹² it grows and moves towards α = ρ_PT.",
        latex=r"\omega = 0, \lambda = \gamma = 0:\; \max_\alpha p > E[\beta^{*2}],\quad "
        r"\operatorname{argmax}_\alpha p \nearrow \rho_{PT}\;\text{as}\;c \searrow 0",
        source="Section 5.3; Figure 3",
        assumptions=("ρ_PT = ρ_FT = 0.1, σ = 0", "errors of Proposition 4.2"),
        requires=("replica.exact-solver",),
        checks=(
            Check(
                "maximum of exact curves",
                Method.FLOAT64,
                decide,
                PEAKS,
                (
                    Control(
                        "at α = ρ_PT itself", tuple(peak._replace(alpha=RHO_PT) for peak in PEAKS)
                    ),
                    Control("c in the opposite order", PEAKS[::-1]),
                ),
                tolerance=TOLERANCE,
                reason="the stated digits; the maximum is located to 10⁻⁸",
            ),
        ),
    )
)
