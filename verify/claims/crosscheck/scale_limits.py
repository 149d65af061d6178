"""Limits of the minimiser (Section 5.1, regimes I and III).

Scaled up, the minimiser tends to that of Σ β²/c_FT, the pseudo-inverse where scales are equal;
scaled down, to that of ‖β‖₁, basis pursuit.
"""

from typing import NamedTuple

import numpy as np

from numerics import minimum_penalty
from numerics.convex import l1_minimum, weighted_l2_minimum
from verify.claim import Check, Control, Method
from verify.claims.crosscheck._gaps import Gaps, decimal, relative
from verify.registry import state

SEED = 103


class Limits(NamedTuple):
    """Factors of the scales that stand for ∞ and 0, and the power of c that divides β²."""

    large: float = 1e5
    small: float = 1e-250
    power: int = 1

    def latex(self):
        large, small = decimal(self.large), decimal(self.small)
        weight = "c_i" if self.power == 1 else f"c_i^{{{self.power}}}"
        weighted = rf"\frac{{\beta_i^2}}{{{weight}}}" if self.power else r"\beta_i^2"
        argmin = r"\operatorname{argmin}_{X\beta = y}"
        return (
            rf"s \to \infty: \quad \beta(sc) \to {argmin} \sum_i {weighted}, \quad s = {large} \\ "
            rf"s \to 0: \quad \beta(sc) \to {argmin} \sum_i |\beta_i|, \quad s = {small}"
        )


STATED = Limits()
CONTROLS = (
    Control("unweighted ℓ2", Limits(power=0)),
    Control("scales times 10", Limits(large=10.0)),
    Control("scales times 10⁻³", Limits(small=1e-3)),
)


def decide(limits):
    """Solve ten problems at both limits, and compare with the programmes of the limits."""
    rng, gaps = np.random.default_rng(SEED), Gaps()
    n, d = 6, 15
    for trial in range(10):
        X, y = rng.standard_normal((n, d)) / np.sqrt(n), rng.standard_normal(n)
        c = 10 ** rng.uniform(-1, 1, size=d)
        weights = c**limits.power
        large = minimum_penalty(X, y, limits.large * c).beta
        small = minimum_penalty(X, y, limits.small * c).beta
        programmes = {
            # CXᵀ(XCXᵀ)⁻¹y, with C = diag(c).
            "weighted least squares": (
                "large, closed form",
                large,
                weights * (X.T @ np.linalg.solve((X * weights) @ X.T, y)),
            ),
            "quadratic programme": ("large, programme", large, weighted_l2_minimum(X, y, weights)),
            "linear programme": ("small", small, l1_minimum(X, y)),
        }
        for method, (name, found, limit) in programmes.items():
            results = {"dual Newton": found, method: limit}
            where = {"trial": trial, "limit": name}
            relative(gaps, f"minimiser β, limit: {name}", results, where)
    return gaps.measured("both limits within {worst} in 10 problems")


REASON = "inactive coefficients vanish as 10⁻²⁵⁰ to the distance of their dual from 1"
CHECK = Check("both limits", Method.CONVEX, decide, STATED, CONTROLS, 1e-3, REASON, seed=SEED)
state(
    "crosscheck.scale-limits",
    __doc__,
    (CHECK,),
    assumptions=("the minimiser of ‖β‖₁ is unique",),
    requires=("implicit-bias.weighted-l2-limit", "implicit-bias.l1-limit"),
)
