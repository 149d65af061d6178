"""Four roads to the minimiser of Theorem 4.1 end at the same place.

The flow of all four weights, which knows no penalty; Newton's method on the dual; an
exponential-cone programme; and the flow in dual coordinates.
"""

from typing import Any, NamedTuple

import numpy as np

from numerics import Initialization
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.claims.crosscheck._solvers import Scale, agree, instances, stated_scale
from verify.registry import register

SEED = 83
TOLERANCE = 1e-6


class Statement(NamedTuple):
    """Number of problems, their sizes d, and c_FT as stated."""

    problems: int
    sizes: tuple[int, ...]
    scale: Scale = stated_scale


def decide(statement: Statement) -> Evidence:
    """Compare all pairs on every problem."""
    problems = instances(statement.problems, statement.sizes, SEED)
    return agree(problems, statement.scale, TOLERANCE)


def absolute_sum(init: Any, beta_pt: Any) -> Any:
    """Return c_FT from |w₊| + |w₋| in place of w₊ + w₋."""
    weights = init.pretraining_layer_weights(beta_pt)
    hidden = np.abs(weights.w_plus) + np.abs(weights.w_minus)
    return hidden**2 + init.gamma**2


def swapped(init: Any, beta_pt: Any) -> Any:
    """Return c_FT with λ's sign swapped."""
    return stated_scale(Initialization(init.c, -init.lam, init.gamma), beta_pt)


def _controls(statement: Statement) -> tuple[Control, ...]:
    wrong: tuple[tuple[str, Scale], ...] = (
        ("c_FT twice as large", lambda i, b: 2 * stated_scale(i, b)),
        ("|w₊| + |w₋| for w₊ + w₋", absolute_sum),
        ("γ²/2 for γ²", lambda i, b: stated_scale(i, b) - i.gamma**2 / 2),
        ("−λ for λ", swapped),
    )
    return tuple(Control(name, statement._replace(scale=scale)) for name, scale in wrong)


QUICK = Statement(14, (5, 12, 30))
FULL = Statement(84, (5, 20, 60, 120, 300))

register(
    Claim(
        id="crosscheck.minimiser",
        title="Four roads to the minimiser",
        sentence="The flow of the weights, Newton's method on the dual, an exponential-cone "
        "programme and the mirror flow end at the same β, coordinate by coordinate.",
        latex=r"\beta_{\mathrm{flow}} = \beta_{\mathrm{dual\,Newton}} = \beta_{\mathrm{cone}} = "
        r"\beta_{\mathrm{mirror}}",
        source="Theorem 4.1; Appendix B",
        assumptions=("analytic end of pretraining", "α between 0.3 and 0.8"),
        requires=("implicit-bias.minimiser",),
        checks=(
            Check(
                "14 problems, d ≤ 30",
                Method.CONVEX,
                decide,
                QUICK,
                _controls(QUICK),
                tolerance=TOLERANCE,
                reason="what an interior-point solver reaches at its tightest tolerances",
                limit=120.0,
                seed=SEED,
            ),
            Check(
                "84 problems, d ≤ 300",
                Method.CONVEX,
                decide,
                FULL,
                _controls(FULL),
                tolerance=TOLERANCE,
                reason="what an interior-point solver reaches at its tightest tolerances",
                tier="full",
                limit=1800.0,
                seed=SEED,
            ),
        ),
    )
)
