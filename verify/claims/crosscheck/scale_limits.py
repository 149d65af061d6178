"""Limits of the minimiser (Section 5.1, regimes I and III).

Scaled up, the minimiser β(c_FT) tends to that of Σ β²/c_FT, called β₂(c_FT), the pseudo-inverse
where scales are equal; scaled down, to β₁, that of ‖β‖₁, basis pursuit.
"""

from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from numerics import minimum_penalty
from numerics.convex import l1_minimum, weighted_l2_minimum
from verify.claim import Check, Control, Method
from verify.claims.crosscheck._gaps import Gaps, relative
from verify.methods.formula import shown
from verify.registry import state

SEED = 103


# What stands for infinite and for vanishing scales.
FACTORS = {sp.oo: 1e5, sp.Integer(0): 1e-250}


class Limits(NamedTuple):
    """Where the factor on the scales goes in both limits, and the power of c that divides β²."""

    large: Any = sp.oo
    small: Any = sp.Integer(0)
    power: Any = 1

    def latex(self):
        weights = shown(sp.Symbol("c") ** self.power)
        return (
            rf"\lim_{{s \to {shown(self.large)}}} \beta(sc) = \beta_2({weights}) \\ "
            rf"\lim_{{s \to {shown(self.small)}}} \beta(sc) = \beta_1"
        )


STATED = Limits()
CONTROLS = (
    Control("unweighted ℓ2", Limits(power=0)),
    Control("scales times 10", Limits(large=sp.Integer(10))),
    Control("scales times 10⁻³", Limits(small=sp.Rational(1, 1000))),
)


def decide(limits):
    """Solve ten problems at both limits, and compare with the programmes of the limits."""
    rng, gaps = np.random.default_rng(SEED), Gaps()
    up, down = (float(FACTORS.get(s, s)) for s in map(sp.sympify, (limits.large, limits.small)))
    n, d = 6, 15
    for trial in range(10):
        X, y = rng.standard_normal((n, d)) / np.sqrt(n), rng.standard_normal(n)
        c = 10 ** rng.uniform(-1, 1, size=d)
        weights = c ** float(limits.power)
        large = minimum_penalty(X, y, up * c).beta
        small = minimum_penalty(X, y, down * c).beta
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
