"""What re-initialisation does to the scale (Section 5.2, “readouts”).

After pretraining the squares of a coordinate's four weights sum to 2R with R = √(c²+β_PT²), those
of its readouts to R − λ; with hidden weights w₊+w₋ and readouts γ all four sum to 2c_FT. So their
sum is lowered if and only if γ² < −(λ/c)R − (c+λ): never where λ ≥ 0; where λ < 0, for small
enough γ and large enough |β_PT|; where λ < −c/2, for small enough γ and every β_PT.

A large negative λ means large readouts: re-setting these takes away more than the sum of the two
hidden weights brings.
"""

from typing import Any, NamedTuple

import sympy as sp

from theory import network
from theory.positivity import Orthant
from theory.regime_bounds import COUPLED_AT_ZERO, sign_on
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, SCALE, scale_from_invariants
from verify.claim import Check, Control, Fault, Method
from verify.claims.regimes._statements import Approached, Holds, Range, as_written, decide, printed
from verify.methods.formula import named, written
from verify.methods.identity import equal
from verify.methods.inequality import decide_positive, equal_on_networks
from verify.registry import state

w0, v0 = sp.symbols("w_0 v_0", nonnegative=True)
# R − c, and how far λ/c is from a bound.
EXCESS, APART = sp.symbols("e x", nonnegative=True)


class Reinitialised(NamedTuple):
    """Sums of squares before, as functions of R, c and λ, and after, of c_FT; when they fall.

    The scale falls exactly where γ² is below `limit`, a function of R, c and λ/c. The limit is
    positive for no R if λ/c ≥ `raised_from`, and for every R ≥ c if λ/c < `lowered_below`; in
    between for large R.
    """

    weights: Any
    readouts: Any
    after: Any
    limit: Any
    raised_from: Any
    lowered_below: Any

    def latex(self):
        names = named("R", "c", r"\lambda")
        ratio = named("R", "c", r"\frac{\lambda}{c}")
        return (
            rf"\sum_\pm w_\pm^2 + v_\pm^2 = {written(self.weights, *names)}, \quad "
            rf"\sum_\pm v_\pm^2 = {written(self.readouts, *names)}, \quad "
            r"\sum_\pm w^{FT}_\pm(0)^2 + v^{FT}_\pm(0)^2 = "
            rf"{written(self.after, *named('c_{FT}'))} \\ "
            rf"c_{{FT}} < R \iff \gamma^2 < {written(self.limit, *ratio)} \\ "
            rf"\text{{never for}} \ \lambda \ge {printed(self.raised_from * ABSOLUTE)}, \quad "
            rf"\text{{for every}} \ R \ \text{{if}} \ \lambda < "
            rf"{printed(self.lowered_below * ABSOLUTE)} \ \text{{and}} \ \gamma \to 0"
        )

    def steps(self):
        c, lam = w0**2 + v0**2, w0**2 - v0**2
        before = network.layer_weights(BETA_PT, c, lam)
        R = sp.sqrt(c**2 + BETA_PT**2)
        yield (
            "all weights after pretraining",
            equal(reduced(network.squared_norm(before)), self.weights(R, c, lam)),
        )
        yield (
            "the readouts among them",
            equal(reduced(before.v_plus**2 + before.v_minus**2), self.readouts(R, c, lam)),
        )
        after = network.squared_norm(network.rebalanced(before, GAMMA))
        scale = network.finetune_scale(BETA_PT, c, lam, GAMMA)
        yield "all weights before fine-tuning", equal(reduced(after), self.after(scale))
        R = sp.sqrt(ABSOLUTE**2 + BETA_PT**2)
        fallen = (self.weights(R, ABSOLUTE, RATIO * ABSOLUTE) - self.after(SCALE)) / 2
        yield (
            "they have fallen by twice the limit less γ²",
            equal_on_networks(
                fallen.subs(SCALE, scale_from_invariants()),
                self.limit(R, ABSOLUTE, RATIO) - GAMMA**2,
            ),
        )
        at_least, below = f"λ/c ≥ {self.raised_from}", f"λ/c < {self.raised_from}"
        yield (
            f"it is negative at {at_least}",
            _positive("minus the limit", -self._at(self.raised_from + APART)),
        )
        growth = sp.limit(self._at(self.raised_from - APART) / EXCESS, EXCESS, sp.oo)
        yield f"at {below} it grows with R, by the distance", equal(growth, APART)
        below = f"λ/c < {self.lowered_below}"
        least = self._at(self.lowered_below - APART).subs(EXCESS, 0)
        yield f"at {below} it is positive at R = c", equal(least, 2 * APART * ABSOLUTE)
        slope = sp.diff(self._at(self.lowered_below - APART), EXCESS)
        yield "and grows with R", _positive("slope", slope)

    def _at(self, ratio):
        return sp.expand(self.limit(ABSOLUTE + EXCESS, ABSOLUTE, ratio))


def _positive(text, expression):
    """Decide a sign for R ≥ c and every distance of λ/c from its bound."""
    domain = (Orthant(frozenset({ABSOLUTE}), frozenset({EXCESS, APART})),)
    tried = [
        {APART: apart, ABSOLUTE: sp.Integer(1), EXCESS: excess}
        for apart in (sp.Integer(0), sp.Integer(1))
        for excess in (sp.Integer(0), sp.Integer(1000))
    ]
    return decide_positive(
        text,
        lambda: sign_on(expression, domain),
        sp.sympify(expression).subs,
        tried,
    )


def reduced(expression):
    return sp.cancel(sp.radsimp(sp.together(sp.expand(expression))))


STATED = Reinitialised(
    weights=lambda R, c, lam: 2 * R,
    readouts=lambda R, c, lam: R - lam,
    after=lambda scale: 2 * scale,
    limit=lambda R, c, ratio: -ratio * R - (1 + ratio) * c,
    raised_from=sp.Integer(0),
    lowered_below=sp.Rational(-1, 2),
)
CONTROLS = (
    Control("2c before", STATED._replace(weights=lambda R, c, lam: 2 * c)),
    Control("readouts R + λ", STATED._replace(readouts=lambda R, c, lam: R + lam)),
    Control("c_FT after", STATED._replace(after=lambda scale: scale)),
    Control("limit −(λ/c)R", STATED._replace(limit=lambda R, c, ratio: -ratio * R)),
    Control("raised from λ = −c/100", STATED._replace(raised_from=sp.Rational(-1, 100))),
    Control("lowered below λ = −49c/100", STATED._replace(lowered_below=sp.Rational(-49, 100))),
)

state(
    "regimes.reinitialised-scale",
    __doc__,
    (Check("weights before and after", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0",),
    requires=("network.layer-weights", "network.layer-weights-boundary", "network.finetune-scale"),
)

# A false twin: that re-setting the readouts lowers the scale by itself, whatever λ is.

with as_written():
    R = sp.sqrt(ABSOLUTE**2 + BETA_PT**2)
    LOWERED = Holds(SCALE < R, domain=COUPLED_AT_ZERO)
    BOUNDED = Range(
        SCALE / ((1 + RATIO) * R),
        high=Approached(2, BETA_PT, 0, ((GAMMA, 0),)),
        domain=COUPLED_AT_ZERO,
    )

state(
    "regimes.reinitialised-scale-lowered",
    """Re-initialisation lowers the sum of squares (false) (Section 5.2, “readouts”, at any λ).

    With the hidden weights re-balanced and the readouts re-set to γ = 0, the squares of a
    coordinate's weights sum to less than before, c_FT < √(c²+β_PT²).
    """,
    (
        Check(
            "sign of the difference",
            Method.SYMBOLIC,
            decide,
            LOWERED,
            Control("c_FT < 2(1+λ/c)R, so where λ ≤ −c/2", BOUNDED, must_hold=True),
        ),
    ),
    twin="regimes.reinitialised-scale",
    fault=Fault.READ,
)
