"""Orbits are curves that β parametrises (Sections 3.1-3.2; Appendix B.1).

The states that a coordinate can pass through form a curve along which β increases steadily and
takes every real value (c > 0): training only decides how far along it the weights go.

The curve's parameter is x = −∫ ∂L/∂β dt. β takes every real value on it unless c = 0 and λ₊ = λ₋.
"""

from typing import Any, NamedTuple

import sympy as sp

from theory.network import Weights, absolute_scale, effective_weight, relative_scale, trajectory
from theory.network import weights
from verify.claim import Check, Control, Method
from verify.claims.network._weights import SHOWN, squared_norm
from verify.methods.formula import named, written
from verify.methods.identity import equal
from verify.methods.symbolic import prove_all
from verify.registry import state


def beta(beta_0, norm_0, x):
    return beta_0 * sp.cosh(2 * x) + norm_0 * sp.sinh(2 * x) / 2


def gap(c, lam_plus, lam_minus):
    return 4 * c**2 + (lam_plus - lam_minus) ** 2


class Orbit(NamedTuple):
    """β along an orbit, and N² − 4β², with N the squared norm of the weights."""

    beta: Any
    gap: Any

    def latex(self):
        along = written(self.beta, *named(r"\beta(0)", "N(0)", "x"))
        return (
            rf"\beta(x) = {along} \\ N = {written(squared_norm, SHOWN)} = \frac{{d\beta}}{{dx}} \\ "
            rf"N^2 - 4\beta^2 = {written(self.gap, *named('c', r'\lambda_+', r'\lambda_-'))}"
        )


STATED = Orbit(beta, gap)
CONTROLS = (
    Control("N(0) sinh 2x without the half", Orbit(lambda b, n, x: beta(b, 2 * n, x), gap)),
    Control(
        "the sum λ₊ + λ₋ in place of the difference", Orbit(beta, lambda c, lp, lm: gap(c, lp, -lm))
    ),
)


def decide(orbit):
    """Follow the flow from a symbolic state."""
    start, x, at_rest = weights(), sp.Symbol("x", real=True), Weights(0, 0, 0, 0)
    later = trajectory(start, x)
    speed = sum((sp.diff(w, x) ** 2 for w in later), sp.Integer(0))
    return prove_all(
        [
            (
                "β along the orbit",
                equal(
                    orbit.beta(effective_weight(start), squared_norm(start), x).rewrite(sp.exp),
                    effective_weight(later),
                ),
            ),
            (
                "dβ/dx is the squared norm N, positive unless all weights vanish",
                equal(sp.diff(effective_weight(later), x), squared_norm(later)),
            ),
            (
                "the state moves with squared velocity N, so only the zero state rests",
                equal(speed, squared_norm(later)),
            ),
            ("the zero state rests", tuple(trajectory(at_rest, x)) == tuple(at_rest)),
            (
                "N² − 4β² in terms of the invariants: e^{2x} and e^{−2x} both enter β where it "
                "is positive",
                equal(
                    orbit.gap(absolute_scale(start), *relative_scale(start)),
                    squared_norm(start) ** 2 - 4 * effective_weight(start) ** 2,
                ),
            ),
        ]
    )


state(
    "network.orbits",
    __doc__,
    (Check("closed form from a symbolic state", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    requires=("network.flow",),
)
