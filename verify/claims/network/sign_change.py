"""Where a weight changes sign (Appendix B.1).

For λ < 0 a hidden weight, for λ > 0 a readout weight of the pathway that shrinks turns negative
exactly when |β| exceeds β₀ = c√(c²/λ² − 1).
"""

import math
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import sympy as sp

from theory.network import NAMES, effective_weight, initial_weights, sign_change, trajectory
from verify.claim import Check, Control, Method
from verify.methods import flow
from verify.methods.formula import Formula, defined
from verify.methods.identity import equal, prove_all
from verify.methods.notation import shown
from verify.methods.numeric import Worst
from verify.methods.on_arrays import function_of
from verify.methods.orthant import decide_on_orthant
from verify.methods.relations import POSITIVE, Bound, Relation
from verify.registry import state

C, LAM, BETA_0 = sp.symbols("c lambda beta_0", real=True)


class Layer(StrEnum):
    """The negative pathway's weight in one layer."""

    HIDDEN = "w_minus"
    READOUT = "v_minus"


def threshold(c, lam):
    return c * sp.sqrt((c / lam) ** 2 - 1)


class Case(NamedTuple):
    """Which layer's weight changes its sign, and for which λ."""

    of: Bound
    layer: Layer


class SignChange(NamedTuple):
    """Where one of the negative pathway's weights is negative: which for λ < 0, for λ > 0."""

    threshold: Formula
    cases: tuple[Case, Case]
    turned: Bound = Bound(Relation.BELOW, 0)
    beyond: Relation = Relation.ABOVE

    def latex(self):
        turns = (
            rf"{shown(LAM)} {case.of.relation} {shown(case.of.value)}:\quad "
            rf"{getattr(NAMES, case.layer)} {self.turned.relation} {shown(self.turned.value)} \iff "
            rf"\beta {self.beyond} {self.threshold.left_latex()}"
            for case in self.cases
        )
        return r" \\ ".join([*turns, self.threshold.latex()])

    def but(self, variant, body):
        """Return a control: another threshold."""
        return Control(variant, self._replace(threshold=replace(self.threshold, body=body)))

    def layer(self, lam):
        """Return the layer whose weight changes its sign at this λ, other than 0.

        Raises
        ------
        ValueError
            If the cases are not λ < 0 and λ > 0.
        """
        exact = all(case.of.strict and case.of.value == 0 for case in self.cases)
        layers = [case.layer for case in self.cases if exact and case.of.margin(lam) > 0]
        if len(layers) != 1:
            raise ValueError(f"the cases must be λ < 0 and λ > 0, got {self.cases}")
        return layers[0]


STATED = SignChange(
    Formula(BETA_0, (C, LAM), threshold),
    (Case(Bound(Relation.BELOW, 0), Layer.HIDDEN), Case(POSITIVE, Layer.READOUT)),
)
BELOW, ABOVE = STATED.cases
OTHERS = BELOW._replace(layer=ABOVE.layer), ABOVE._replace(layer=BELOW.layer)
CONTROLS = (
    STATED.but("c√(c²/λ² + 1)", lambda c, lam: c * sp.sqrt((c / lam) ** 2 + 1)),
    STATED.but("√(c²/λ² − 1), without c", lambda c, lam: threshold(c, lam) / c),
    STATED.but("1.01 of the threshold", lambda c, lam: threshold(c, lam) * 101 / 100),
    STATED.but("twice the threshold", lambda c, lam: 2 * threshold(c, lam)),
    Control("the layers exchanged", STATED._replace(cases=OTHERS)),
    Control("negative below the threshold", STATED._replace(beyond=Relation.BELOW)),
    Control("positive beyond it", STATED._replace(turned=POSITIVE)),
)
PARTNER = {Layer.HIDDEN: Layer.READOUT, Layer.READOUT: Layer.HIDDEN}


def decide(stated):
    """Find the zero of the trajectory; show that the weight only falls; mirror it to β < 0."""
    return prove_all(steps(stated))


def steps(stated):
    # Every 0 < |λ| < c: the smaller and the larger initial weight are p and p + q.
    p, q, x = sp.symbols("p q x", positive=True)
    # w < 0 ⟺ β > β₀ says the same as w ≥ 0 ⟺ β ≤ β₀.
    way = sp.diff(stated.beyond.margin(x, 0), x)
    c, size = (p + q) ** 2 + p**2, (p + q) ** 2 - p**2
    for case, lam in (("λ < 0", -size), ("λ > 0", size)):
        moving = stated.layer(sp.expand(lam))
        still, zeros = PARTNER[moving], sign_change(c, lam, moving)
        path = trajectory(initial_weights(c, lam), x)
        yield f"{case}: {moving} has one zero at β > 0", len(zeros) == 1
        at = defined(stated.threshold, BETA_0, {C: c, LAM: lam})
        yield f"{case}: it is where stated", equal(at, sp.Add(*zeros))
        yield f"{case}: {still} has no zero", not sign_change(c, lam, still)
        turned = way * stated.turned.margin(getattr(path, moving))
        yield (
            f"{case}: there it has the value beyond which it counts as turned",
            equal(stated.turned.margin(sp.Integer(0)), sp.Integer(0)),
        )
        yield (
            f"{case}: {moving} falls at the rate {still}",
            equal(sp.diff(turned, x), getattr(path, still)),
        )
        # e^x = 1 + r: every x > 0.
        r = sp.Symbol("r", positive=True)
        rate = getattr(path, still).subs(x, sp.log(1 + r))
        yield (
            f"{case}: which is positive, so {moving} is negative beyond its zero only",
            decide_on_orthant(f"{still} > 0", sp.factor(rate)),
        )
        s = sp.Symbol("s", nonnegative=True)
        before = way * stated.turned.margin(getattr(path, moving).subs(x, -sp.log(1 + s)))
        yield (
            f"{case}: nor is it at any β ≤ 0, where x ≤ 0",
            decide_on_orthant(f"{moving} > 0", -sp.factor(before)),
        )
        yield (
            f"{case}: β increases with x, so these β are β₀ + r",
            decide_on_orthant("β₀ + r lies beyond", way * stated.beyond.margin(at + r, at)),
        )
        past, other = trajectory(initial_weights(c, lam), -x), moving.replace("minus", "plus")
        yield (
            f"{case}: {other} has the same value where β is the opposite number",
            equal(
                sp.Matrix([getattr(past, other), effective_weight(past)]),
                sp.Matrix([getattr(path, moving), -effective_weight(path)]),
            ),
        )
    yield (
        "at β₀ itself the weight is 0: neither relation includes that, or both do",
        equal(int(stated.turned.strict), int(stated.beyond.strict)),
    )
    neither = [sign_change(c, sp.Integer(0), layer) for layer in Layer]
    yield "at λ = 0 neither has a zero", not any(neither)


def integrate(stated):
    """Train to the threshold, and 0.1 % below and beyond it; look at the signs.

    At the threshold the weight is 0 to a thousandth of those beside it. It is continuous, so that
    what counts as turned ends at 0, and 0 is included exactly if the threshold is.
    """
    margin, place = Worst(smallest=True), function_of(defined(stated.threshold, BETA_0), C, LAM)
    for c, lam in ((1.0, -0.8), (0.5, -0.25), (2.0, -1.9), (1.0, 0.7), (0.3, 0.2)):
        at = float(place(c, lam))
        if not 0 < at < math.inf:
            margin.at(math.nan, **{"c": c, "lambda": lam, "threshold": at})
            continue
        targets = at * np.array([0.999, 1.001, 1.0])
        end = flow.train(flow.initial_state(c, lam, 3), np.eye(3), targets)
        *beside, zero = weight = getattr(end, stated.layer(lam))
        where = {"c": c, "lambda": lam, "target": targets, "weight": weight}
        signs = stated.turned.margin(weight) * np.sign(stated.beyond.margin(targets, at))
        same = stated.turned.margin(0) == 0 and stated.turned.strict == stated.beyond.strict
        signs[-1] = np.abs(beside).min() - 1000 * abs(zero) if same else -math.inf
        margin.at(signs, **where)
    return margin.measured(
        "positive below the threshold, negative beyond it, by {worst}, and 0 there in 5 trainings"
    )


WHY = "a sign; the targets lie at the threshold, and 0.1 % below and beyond it"

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
