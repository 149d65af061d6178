"""The limits of the minimiser: weighted ℓ2 for large, ℓ1 for small scales (Section 5.1)."""

from typing import NamedTuple

import numpy as np

from numerics import minimum_penalty
from numerics.convex import l1_minimum, weighted_l2_minimum
from verify.claim import Check, Claim, Comparison, Control, Evidence, Method
from verify.methods.numeric import largest
from verify.registry import register

SEED = 103
TOLERANCE = 1e-3
ROADS = {
    "large, closed form": "weighted least squares",
    "large, programme": "quadratic programme",
    "small": "linear programme",
}


class Limits(NamedTuple):
    """Factors of the scales that stand for ∞ and 0, and whether ℓ2 is weighted."""

    large: float
    small: float
    weighted: bool = True


def decide(limits: Limits) -> Evidence:
    """Solve ten problems at both limits, and compare with the programmes of the limits."""
    rng = np.random.default_rng(SEED)
    worst, where = 0.0, {}
    by_limit: dict[str, float] = {}
    for trial in range(10):
        n, d = 6, 15
        X, y = rng.standard_normal((n, d)) / np.sqrt(n), rng.standard_normal(n)
        c = 10 ** rng.uniform(-1, 1, size=d)
        ridge_weights = c if limits.weighted else np.ones(d)
        # Closed form of the weighted ℓ2 minimum, beside the programme: CXᵀ(XCXᵀ)⁻¹y.
        closed = ridge_weights * (X.T @ np.linalg.solve((X * ridge_weights) @ X.T, y))
        pairs = {
            "large, closed form": (minimum_penalty(X, y, limits.large * c).beta, closed),
            "large, programme": (
                minimum_penalty(X, y, limits.large * c).beta,
                weighted_l2_minimum(X, y, ridge_weights),
            ),
            "small": (minimum_penalty(X, y, limits.small * c).beta, l1_minimum(X, y)),
        }
        for name, (found, limit) in pairs.items():
            gap = largest(np.abs(found - limit).max() / np.abs(limit).max())
            by_limit[name] = max(by_limit.get(name, 0.0), gap)
            if gap > worst:
                worst = gap
                where = {"trial": str(trial), "limit": name, "distance": repr(gap)}
    holds = worst <= TOLERANCE
    return Evidence(
        holds,
        f"both limits within {worst:.2g} in 10 problems",
        figure=worst,
        counterexample=None if holds else where,
        comparisons=tuple(
            Comparison(f"minimiser β, limit: {name}", ("dual Newton", ROADS[name]), gap)
            for name, gap in by_limit.items()
        ),
    )


register(
    Claim(
        id="crosscheck.scale-limits",
        title="Limits of the minimiser",
        sentence="Scaled up, the minimiser tends to that of Σ β²/c_FT, the pseudo-inverse where "
        "scales are equal; scaled down, to that of ‖β‖₁, basis pursuit.",
        latex=r"s \to \infty:\; \beta(sc) \to \operatorname{argmin}_{X\beta=y} \sum_i "
        r"\frac{\beta_i^2}{c_i} \\ s \to 0:\; \beta(sc) \to "
        r"\operatorname{argmin}_{X\beta=y} \|\beta\|_1",
        source="Section 5.1",
        assumptions=("the minimiser of ‖β‖₁ is unique",),
        requires=("implicit-bias.weighted-l2-limit", "implicit-bias.l1-limit"),
        checks=(
            Check(
                "scales times 10⁵ and 10⁻²⁵⁰",
                Method.CONVEX,
                decide,
                Limits(1e5, 1e-250),
                (
                    Control("unweighted ℓ2", Limits(1e5, 1e-250, weighted=False)),
                    Control("scales times 10", Limits(10.0, 1e-250)),
                    Control("scales times 10⁻³", Limits(1e5, 1e-3)),
                ),
                tolerance=TOLERANCE,
                reason="inactive coefficients vanish as 10⁻²⁵⁰ to a power that can be small: the "
                "distance of their dual from 1",
                seed=SEED,
            ),
        ),
    )
)
