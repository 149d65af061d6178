"""Where a weight changes sign (Appendix B.1).

For λ < 0 a hidden weight, for λ > 0 a readout weight of the pathway that shrinks turns negative
exactly when |β| exceeds c√(c²/λ² − 1).
"""

import math
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from theory.network import effective_weight, initial_weights, sign_change, trajectory
from verify.claim import Check, Control, Method
from verify.claims.network._weights import NAMES
from verify.methods import flow
from verify.methods.formula import written
from verify.methods.identity import equal, prove_all
from verify.methods.numeric import Worst
from verify.methods.orthant import decide_on_orthant
from verify.registry import state


def threshold(c, lam):
    return c * sp.sqrt((c / lam) ** 2 - 1)


class SignChange(NamedTuple):
    """Where one of the negative pathway's weights turns negative: which for λ < 0, for λ > 0."""

    threshold: Any
    below: str = "w_minus"
    above: str = "v_minus"

    def latex(self):
        at = written(self.threshold, *sp.symbols("c lambda"))
        return r" \\ ".join(
            rf"\lambda {sign} 0,\; \beta > 0:\quad {getattr(NAMES, weight)} < 0 \iff \beta > {at}"
            for sign, weight in (("<", self.below), (">", self.above))
        )


STATED = SignChange(threshold)
CONTROLS = (
    Control("c√(c²/λ² + 1)", SignChange(lambda c, lam: c * sp.sqrt((c / lam) ** 2 + 1))),
    Control("√(c²/λ² − 1), without c", SignChange(lambda c, lam: threshold(c, lam) / c)),
    Control("1.01 of the threshold", SignChange(lambda c, lam: threshold(c, lam) * 101 / 100)),
    Control("twice the threshold", SignChange(lambda c, lam: 2 * threshold(c, lam))),
    Control("the layers exchanged", SignChange(threshold, below="v_minus", above="w_minus")),
)


def decide(stated):
    """Find the zero of the trajectory; show that the weight only falls; mirror it to β < 0."""
    return prove_all(steps(stated))


def steps(stated):
    # Every 0 < |λ| < c: the smaller and the larger initial weight are p and p + q.
    p, q, x = sp.symbols("p q x", positive=True)
    c, size = (p + q) ** 2 + p**2, (p + q) ** 2 - p**2
    partner = {"w_minus": "v_minus", "v_minus": "w_minus"}
    for case, lam, moving in (("λ < 0", -size, stated.below), ("λ > 0", size, stated.above)):
        still, zeros = partner[moving], sign_change(c, lam, moving)
        path = trajectory(initial_weights(c, lam), x)
        yield f"{case}: {moving} has one zero at β > 0", len(zeros) == 1
        yield f"{case}: it is where stated", equal(stated.threshold(c, lam), sp.Add(*zeros))
        yield f"{case}: {still} has no zero", not sign_change(c, lam, still)
        yield (
            f"{case}: {moving} falls at the rate {still}",
            equal(sp.diff(getattr(path, moving), x), -getattr(path, still)),
        )
        # e^x = 1 + r: every x > 0.
        r = sp.Symbol("r", positive=True)
        rate = getattr(path, still).subs(x, sp.log(1 + r))
        yield (
            f"{case}: which is positive, so {moving} is negative beyond its zero only",
            decide_on_orthant(f"{still} > 0", sp.factor(rate)),
        )
        past, other = trajectory(initial_weights(c, lam), -x), moving.replace("minus", "plus")
        yield (
            f"{case}: {other} has the same value where β is the opposite number",
            equal(
                sp.Matrix([getattr(past, other), effective_weight(past)]),
                sp.Matrix([getattr(path, moving), -effective_weight(path)]),
            ),
        )
    neither = [sign_change(c, sp.Integer(0), layer) for layer in (stated.below, stated.above)]
    yield "at λ = 0 neither has a zero", not any(neither)


def integrate(stated):
    """Train coordinates to targets 0.1 % below and beyond the threshold; look at the signs."""
    margin = Worst(smallest=True)
    for c, lam in ((1.0, -0.8), (0.5, -0.25), (2.0, -1.9), (1.0, 0.7), (0.3, 0.2)):
        at = float(stated.threshold(c, lam))
        if not 0 < at < math.inf:
            margin.at(math.nan, **{"c": c, "lambda": lam, "threshold": at})
            continue
        targets = at * np.array([0.999, 1.001])
        end = flow.train(flow.initial_state(c, lam, 2), np.eye(2), targets)
        weight = getattr(end, stated.below if lam < 0 else stated.above)
        where = {"c": c, "lambda": lam, "target": targets, "weight": weight}
        margin.at(weight * np.array([1.0, -1.0]), **where)
    return margin.measured(
        "positive below the threshold and negative beyond it by {worst} in 5 trainings"
    )


WHY = "a sign; the targets lie 0.1 % below and beyond the threshold"

state(
    "network.sign-change",
    __doc__,
    (
        Check("zero of the trajectory", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check("integration", Method.FLOW, integrate, STATED, CONTROLS, reason=WHY, above=0.0),
    ),
    assumptions=("0 < |λ| < c",),
    requires=("network.trajectory",),
)
