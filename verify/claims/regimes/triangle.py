"""The pair (ℓ, PD) never leaves the triangle (Section 5.2, Fig. 2; Proposition 5.1).

For every network and every β_FT ≠ 0 the pair (ℓ, PD) is the mean of the corners (1, 0), (2, −1),
(2, 0) with weights 2−ℓ > 0, (ℓ−1)κ ≥ 0, (ℓ−1)(1−κ) > 0: it lies inside the triangle or on its open
edge PD = 0, and attains no corner.
"""

from typing import Any, NamedTuple

import sympy as sp

from theory.regimes import E, S
from verify.claim import Check, Control, Method
from verify.claims.regimes._statements import ELL, PD, OnlyWhere, decide, holds, theorem
from verify.methods.formula import shown
from verify.registry import state


class Triangle(NamedTuple):
    """The corners of regimes I, II and III, pairs (ℓ, PD)."""

    first: Any
    second: Any
    third: Any

    def weights(self):
        """Return the barycentric coordinates of (ℓ, PD)."""
        u = sp.symbols("u1:4")
        corners = sp.Matrix([[1, 1, 1], *zip(*self, strict=True)])
        (weights,) = sp.linsolve((corners, sp.Matrix([1, ELL, PD])), *u)
        return weights

    def theorem(self):
        first, second, third = self.weights()
        # Whether II has a weight is whether pretraining matters; I and III always have one.
        return theorem(
            holds(first > 0, second >= 0, third > 0),
            OnlyWhere(second, 0, (E, S)),
        )

    def latex(self):
        mean = " + ".join(
            rf"\left({shown(weight)}\right) ({shown(x)}, {shown(y)})"
            for weight, (x, y) in zip(self.weights(), self, strict=True)
        )
        return rf"(\ell, \mathrm{{PD}}) = {mean} \\ {self.theorem().latex()}"

    def steps(self):
        return self.theorem().steps()


STATED = Triangle((1, 0), (2, -1), (2, 0))
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
