"""Limits of the minimiser (Section 5.1, regimes I and III).

Scaled up, the minimiser β(c_FT) tends to that of Σ β²/c_FT, called β₂(c_FT), the pseudo-inverse
where scales are equal; scaled down, to β₁, that of ‖β‖₁, basis pursuit.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import sympy as sp

from numerics import minimum_penalty
from numerics.convex import l1_minimum, weighted_l2_minimum
from verify.claim import Check, Method
from verify.claims.crosscheck._gaps import Gaps, relative
from verify.methods.formula import Formula, Formulas
from verify.methods.on_arrays import applied
from verify.methods.relations import Limit, Side
from verify.registry import state

SEED = 103


# What stands for infinite and for vanishing scales.
LARGE, SMALL = 1e5, 1e-250
# The largest |Xᵀν| of an inactive coefficient, which vanishes as a power of the scale: the 1/20th.
MOST_DUAL = 0.95


S, C = sp.symbols("s c", positive=True)
SCALED = sp.Mul(S, C, evaluate=False)
MINIMISER, LEAST_SQUARES = sp.Function(r"\beta"), sp.Function(r"\beta_2")
BASIS_PURSUIT = sp.Symbol(r"\beta_1")
STATED = Formulas(
    large=Formula(MINIMISER(SCALED), (C,), lambda c: LEAST_SQUARES(c), limit=Limit(S, sp.oo)),
    small=Formula(
        MINIMISER(SCALED), (BASIS_PURSUIT,), lambda beta: beta, limit=Limit(S, 0, Side.ABOVE)
    ),
)


def with_limit(which, to):
    return replace(vars(STATED)[which], limit=Limit(S, to, Side.ABOVE))


CONTROLS = (
    STATED.but("unweighted ℓ2", large=lambda c: LEAST_SQUARES(c**0)),
    STATED.but("scales times 10", large=with_limit("large", 10)),
    STATED.but("scales times 10⁻³", small=with_limit("small", sp.Rational(1, 1000))),
    STATED.but("the limits exchanged", large=with_limit("large", 0)),
)


def near(limit):
    """Return a factor that stands for the end of a limit, on its side.

    Raises
    ------
    ValueError
        If it is approached in another way than those that are tried.
    """
    if (limit.to, limit.side) == (sp.oo, Side.BOTH):
        return LARGE
    if limit.side is not Side.ABOVE or not 0 <= limit.to < sp.oo:
        raise ValueError(f"scales must go to infinity, or to a size from above, got {limit}")
    return float(limit.to) * (1 + 1e-9) or SMALL


def sides(stated, programme, X, y, c):
    """Return both sides of a limit on a problem, the right one by a programme."""

    def minimiser(scales):
        return minimum_penalty(X, y, scales).beta

    def least_squares(weights):
        return programme(X, y, np.broadcast_to(weights, c.shape))

    limit = stated.towards
    scaled = {C: c, limit.variable: near(limit)}
    left = applied(stated.name, {MINIMISER: minimiser}, scaled)
    at = {C: c, BASIS_PURSUIT: l1_minimum(X, y)}
    return left, applied(stated(), {LEAST_SQUARES: least_squares}, at)


def closed_form(X, y, weights):
    """Return CXᵀ(XCXᵀ)⁻¹y, with C = diag(c)."""
    return weights * (X.T @ np.linalg.solve((X * weights) @ X.T, y))


@cache
def problems():
    """Draw ten problems (X, y, c) whose inactive coefficients vanish soon enough to be seen to."""
    rng, found = np.random.default_rng(SEED), []
    n, d = 6, 15
    while len(found) < 10:
        X, y = rng.standard_normal((n, d)) / np.sqrt(n), rng.standard_normal(n)
        c = 10 ** rng.uniform(-1, 1, size=d)
        beta = l1_minimum(X, y)
        active = np.abs(beta) > 1e-9 * np.abs(beta).max()
        dual = np.linalg.lstsq(X[:, active].T, np.sign(beta[active]), rcond=None)[0]
        if np.abs(X[:, ~active].T @ dual).max() < MOST_DUAL:
            found.append((X, y, c))
    return tuple(found)


def decide(limits):
    """Solve ten problems at both limits, and compare with the programmes of the limits."""
    gaps = Gaps()
    for trial, (X, y, c) in enumerate(problems()):
        programmes = {
            "weighted least squares": ("large, closed form", limits.large, closed_form),
            "quadratic programme": ("large, programme", limits.large, weighted_l2_minimum),
            "linear programme": ("small", limits.small, weighted_l2_minimum),
        }
        for method, (name, stated, programme) in programmes.items():
            found, limit = sides(stated, programme, X, y, c)
            results = {"dual Newton": found, method: limit}
            where = {"trial": trial, "limit": name}
            relative(gaps, f"minimiser β, limit: {name}", results, where)
    return gaps.measured("both limits within {worst} in 10 problems")


REASON = "10⁻²⁵⁰ to the power 1 − 0.95 at the most, and 10⁻⁵ squared, times sizes of 1 to 10"
CHECK = Check("both limits", Method.CONVEX, decide, STATED, CONTROLS, 1e-8, REASON, seed=SEED)
state(
    "crosscheck.scale-limits",
    __doc__,
    (CHECK,),
    assumptions=(
        "the minimiser of ‖β‖₁ is unique; in the problems drawn, |Xᵀν| < 0.95 where it is 0",
    ),
    requires=("implicit-bias.weighted-l2-limit", "implicit-bias.l1-limit"),
)
