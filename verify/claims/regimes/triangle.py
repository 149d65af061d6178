"""The pair (ℓ, PD) never leaves the triangle (Section 5.2, “triangle”; Fig. 2; Proposition 5.1).

For every network and every β_FT ≠ 0 the pair (ℓ, PD) is the mean of the corners (1, 0), (2, −1),
(2, 0) with weights 2−ℓ > 0, (ℓ−1)κ ≥ 0, (ℓ−1)(1−κ) > 0: it lies inside the triangle or on its open
edge PD = 0, and attains no corner.
"""

from typing import Any, NamedTuple

import sympy as sp

from theory.regimes import E, S
from verify.claim import Check, Control, Method
from verify.claims.regimes._language import ELL, KAPPA, PD, printed
from verify.claims.regimes._statements import Holds, OnlyWhere, Theorem, decide
from verify.methods.notation import as_written, shown
from verify.registry import state

PAIR = (ELL, PD)


class Triangle(NamedTuple):
    """The corners of regimes I, II, III, pairs (ℓ, PD), and the weights of (ℓ, PD) on them."""

    first: Any
    second: Any
    third: Any
    weights: Any

    def steps(self):
        corners, weights = self[:3], self.weights(ELL, KAPPA)
        means = (
            sum(weight * corner[i] for weight, corner in zip(weights, corners, strict=True))
            for i in range(len(PAIR))
        )
        mean = Holds(sp.Eq(sum(weights), 1), *map(sp.Eq, means, PAIR))
        return [*mean.steps(), *self.inside().steps()]

    def inside(self):
        """State that II has a weight where pretraining matters, I and III everywhere."""
        with as_written():
            first, second, third = self.weights(ELL, KAPPA)
            return Theorem(Holds(first > 0, second >= 0, third > 0), OnlyWhere(second, 0, (E, S)))

    def latex(self):
        def point(pair):
            return sp.Symbol(f"({', '.join(map(shown, pair))})")

        with as_written():
            weighted = zip(self.weights(ELL, KAPPA), self[:3], strict=True)
            mean = sp.Add(*(weight * point(corner) for weight, corner in weighted))
            return rf"{printed(sp.Eq(point(PAIR), mean))} \\ {self.inside().latex()}"


STATED = Triangle(
    first=(1, 0),
    second=(2, -1),
    third=(2, 0),
    weights=lambda ell, kappa: (2 - ell, (ell - 1) * kappa, (ell - 1) * (1 - kappa)),
)
CONTROLS = (
    Control("corner II at (2, −9/10)", STATED._replace(second=(2, sp.Rational(-9, 10)))),
    Control("corner III at (19/10, 0)", STATED._replace(third=(sp.Rational(19, 10), 0))),
    Control("corner I at (11/10, 0)", STATED._replace(first=(sp.Rational(11, 10), 0))),
)

state(
    "regimes.triangle",
    __doc__,
    (Check("barycentric coordinates", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "not both λ = −c and γ = 0", "β_FT ≠ 0"),
    requires=("regimes.pd-closed-form", "regimes.h-coth-h-increasing"),
)
