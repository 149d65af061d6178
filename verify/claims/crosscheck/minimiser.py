"""Four ways to the minimiser (Theorem 4.1; Appendix B).

The flow of the weights, Newton's method on the dual, an exponential-cone programme and the mirror
flow end at the same β, coordinate by coordinate.

The flow of all four weights knows no penalty; the other three start from c_FT as stated.
"""

from typing import NamedTuple

import sympy as sp

from verify.claim import Check, Control, Method
from verify.claims.crosscheck._scale import WRONG_SCALES, FinetuneScale, stated_scale
from verify.claims.crosscheck._solvers import agree, instances
from verify.registry import state

SEED = 83


class Agreement(NamedTuple):
    """Number of problems, their sizes d, c_FT as stated, and how many problems are looked at."""

    problems: int
    sizes: tuple[int, ...]
    scale: FinetuneScale = stated_scale
    first: int | None = None

    def latex(self):
        ends = (rf"\beta_{{\mathrm{{{way}}}}}" for way in ("flow", "dual", "cone", "mirror"))
        return rf"{' = '.join(ends)} \\ {self.scale.latex()}"


def absolute_sum(beta, c, lam, gamma):
    """(|w₊| + |w₋|)² + γ², where (w₊ + w₋)² + γ² is right: w₊w₋ = ½(c + λR)."""
    R = sp.sqrt(1 + (beta / c) ** 2)
    return lam + c * R + abs(c + lam * R) + gamma**2


WRONG = WRONG_SCALES | {"|w₊| + |w₋| for w₊ + w₋": FinetuneScale(absolute_sum)}


def decide(agreement):
    """Compare all pairs on every problem."""
    problems = instances(agreement.problems, agreement.sizes, SEED)
    return agree(problems[: agreement.first], agreement.scale)


REASON = "what an interior-point solver reaches at its tightest tolerances"


def check(problems, sizes, **how):
    stated = Agreement(problems, sizes)
    # One problem of each initialisation distinguishes them.
    controls = tuple(Control(why, stated._replace(scale=c, first=7)) for why, c in WRONG.items())
    how |= {"tolerance": 1e-6, "reason": REASON, "seed": SEED}
    name = f"{problems} problems, d ≤ {max(sizes)}"
    return Check(name, Method.CONVEX, decide, stated, controls, **how)


state(
    "crosscheck.minimiser",
    __doc__,
    (
        check(14, (5, 12, 30), limit=120.0),
        check(84, (5, 20, 60, 120, 300), tier="full", limit=1800.0),
    ),
    assumptions=("analytic end of pretraining", "α between 0.3 and 0.8"),
    requires=("implicit-bias.minimiser",),
)
