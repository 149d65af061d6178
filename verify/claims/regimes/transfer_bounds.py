"""The transfer lies in [0, 1) (Proposition B.1, eq. 27).

For every network 0 ≤ κ < 1; κ = 0 exactly where β_PT = 0 or λ = −c, and κ = 1 is approached as
c → 0 and γ → 0 but never attained.

So c_FT grows more slowly than |β_PT|.
"""

from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import sympy as sp

from numerics import Initialization, regimes
from theory.regime_bounds import COUPLED, sign_on
from theory.regimes import ABSOLUTE, E, G, S, regime_point
from verify.claim import Check, Control, Method
from verify.methods.formula import shown
from verify.methods.inequality import decide_on_networks
from verify.methods.numeric import Worst
from verify.methods.symbolic import prove_all
from verify.registry import state


@dataclass(frozen=True)
class Bounds:
    """`low` ≤ κ < `high`; `positive_everywhere` for the false variant with low < κ."""

    low: Any
    high: Any
    positive_everywhere: bool = False

    def latex(self):
        lower = "<" if self.positive_everywhere else r"\le"
        zero = rf"\kappa = {self.low} \iff {WHERE_ZERO}"
        return rf"{self.low} {lower} \kappa < {shown(self.high)}, \qquad {zero}"


WHERE_ZERO = r"\beta_{PT} = 0 \ \text{or} \ \lambda = -c"
STATED = Bounds(sp.Integer(0), sp.Integer(1))


def decide(bounds):
    """Prove both signs on the orthant of (c, e, s, g); then where equality holds."""
    kappa = regime_point().transfer
    lower = f"κ {'>' if bounds.positive_everywhere else '≥'} {bounds.low}"
    everywhere = decide_on_networks(lower, kappa - bounds.low, strict=bounds.positive_everywhere)
    return prove_all(
        (
            (f"{lower} for every network", everywhere),
            (
                f"κ < {bounds.high} for every network",
                decide_on_networks(f"κ < {bounds.high}", bounds.high - kappa),
            ),
            ("κ = 0 at β_PT = 0", kappa.subs(E, 0) == bounds.low),
            ("κ = 0 at λ = −c, γ > 0", kappa.subs(S, 0) == bounds.low),
            ("κ > 0 otherwise", sign_on(kappa, COUPLED) is not None or None),
            (
                "κ → 1 as c → 0 at γ = 0: the bound cannot be improved",
                sp.limit(kappa.subs(G, 0), ABSOLUTE, 0, "+") == bounds.high,
            ),
        ),
        summary=f"{bounds.low} ≤ κ < {bounds.high}",
    )


def decide_by_kernel(bounds):
    """Evaluate κ and 1 − κ in float64 over fourteen decades of every parameter."""
    decades = np.array([10.0**k for k in range(-7, 8, 2)])
    pretrained, margin = np.array([0.0, *decades]), Worst(smallest=True)
    for c, gamma, r in product(decades, pretrained, (-0.999, 0.0, 1.0)):
        init = Initialization(c, r * c, gamma)
        above = regimes.transfer(pretrained, init) - float(bounds.low)
        below = regimes.one_minus_transfer(pretrained, init) - float(1 - bounds.high)
        # The lower bound is attained: only what falls short of it is a margin.
        attained = (above == 0) & (not bounds.positive_everywhere)
        where = {"beta_PT": pretrained, "c": c, "gamma": gamma, "lambda/c": r}
        margin.at(np.where(attained, below, np.minimum(above, below)), **where)
    return margin.measured("smallest distance from a bound that is not attained: {worst}")


CONTROLS = (
    Control("κ < 9/10", replace(STATED, high=sp.Rational(9, 10))),
    Control("κ > 0 for every network", replace(STATED, positive_everywhere=True)),
    Control("κ ≥ 1/100", replace(STATED, low=sp.Rational(1, 100))),
)

state(
    "regimes.transfer-bounds",
    __doc__,
    (
        Check("coefficients of one sign", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check(
            "float64 kernel on a grid",
            Method.FLOAT64,
            decide_by_kernel,
            STATED,
            CONTROLS,
            above=0.0,
            reason="a strict inequality: the distance from its bound is positive",
        ),
    ),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "not both λ = −c and γ = 0"),
    requires=("regimes.transfer-closed-form",),
)
