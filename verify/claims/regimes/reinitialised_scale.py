"""What re-initialisation does to the scale (Section 5.2, “readouts”).

After pretraining the squares of a coordinate's four weights sum to 2R with R = √(c²+β_PT²), those
of its readouts to R − λ; with hidden weights w₊+w₋ and readouts γ all four sum to 2c_FT. So their
sum is lowered if and only if γ² < −(λ/c)R − (c+λ): never where λ ≥ 0, but where λ < 0 for small
enough γ and large enough |β_PT|; at γ = 0 for every β_PT if and only if λ < −c/2.

A large negative λ means large readouts: re-setting these takes away more than the sum of the two
hidden weights brings.
"""

from typing import Any, NamedTuple

import sympy as sp

from theory import network
from theory.positivity import Orthant
from theory.regime_bounds import COUPLED_AT_ZERO, sign_on
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, SCALE, G, scale_from_invariants
from verify.claim import Check, Control, Fault, Method
from verify.claims.regimes._language import SIGNS, as_written, printed
from verify.claims.regimes._statements import Approached, Holds, Range, decide
from verify.methods.formula import Bound, Relation, named, written
from verify.methods.identity import equal
from verify.methods.inequality import decide_positive, equal_on_networks
from verify.registry import state

w0, v0 = sp.symbols("w_0 v_0", nonnegative=True)
# R − c, and how far λ/c is from a bound.
EXCESS, APART = sp.symbols("e x", nonnegative=True)


class Always(NamedTuple):
    """c_FT compares with R as `order` says for every β_PT, if and only if λ/c with `ratio` does.

    Where `gamma` is None at every γ, else at that one.
    """

    order: Relation
    ratio: Bound
    gamma: Any = None

    def latex(self):
        lam = rf"\lambda {self.ratio.relation} {printed(self.ratio.value * ABSOLUTE)}"
        gamma = r"\ \forall \gamma" if self.gamma is None else rf"\ (\gamma = {self.gamma})"
        return rf"c_{{FT}} {self.order} R \quad \forall \beta_{{PT}}{gamma} \iff {lam}"

    def steps(self, limit):
        """Yield the two directions, given the γ² below which c_FT < R; it is affine in R."""
        gamma_squared = G if self.gamma is None else self.gamma**2
        excess = self.order.margin(gamma_squared, limit)
        within, strict = self.ratio.relation, self.ratio.strict
        sign = 1 if within in (Relation.ABOVE, Relation.AT_LEAST) else -1
        inside, outside = self.ratio.value + sign * APART, self.ratio.value - sign * APART
        text = f"c_FT {SIGNS[self.order]} R where λ/c {SIGNS[within]} {self.ratio.value}"
        yield text, _sign(text, excess.subs(RATIO, inside), strict=self.order.strict, apart=strict)
        # At the smallest R, or at large ones.
        text = f"elsewhere not for every β_PT, as where λ/c = {outside}"
        against = -excess.subs(RATIO, outside).subs(G, 0)
        how = {"strict": not self.order.strict, "apart": not strict}
        at_least = _sign(text, against.subs(EXCESS, 0), **how)
        yield (
            text,
            at_least if at_least.holds else _sign(text, sp.diff(against, EXCESS), apart=not strict),
        )


class Reinitialised(NamedTuple):
    """Sums of squares before, as functions of R, c and λ, and after, of c_FT; when they fall.

    They fall by twice `limit`, a function of R, c and λ/c, less γ².
    """

    weights: Any
    readouts: Any
    after: Any
    limit: Any
    raised: Always
    lowered: Always

    def latex(self):
        names = named("R", "c", r"\lambda")
        ratio = named("R", "c", r"\frac{\lambda}{c}")
        return (
            rf"\sum_\pm w_\pm^2 + v_\pm^2 = {written(self.weights, *names)}, \quad "
            rf"\sum_\pm v_\pm^2 = {written(self.readouts, *names)}, \quad "
            r"\sum_\pm w^{FT}_\pm(0)^2 + v^{FT}_\pm(0)^2 = "
            rf"{written(self.after, *named('c_{FT}'))} \\ "
            rf"R - c_{{FT}} = {written(self.limit, *ratio)} - \gamma^2 \\ "
            rf"{self.raised.latex()} \\ {self.lowered.latex()}"
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
        yield (
            "R − c_FT is the limit less γ²",
            equal_on_networks(
                R - scale_from_invariants(), self.limit(R, ABSOLUTE, RATIO) - GAMMA**2
            ),
        )
        limit = sp.expand(self.limit(ABSOLUTE + EXCESS, ABSOLUTE, RATIO))
        yield from self.raised.steps(limit)
        yield from self.lowered.steps(limit)


def _sign(text, expression, *, strict=True, apart):
    """Decide a sign for R ≥ c, every γ, and every distance of λ/c from its bound, 0 unless `apart`.

    The distance enters as APART.
    """
    distance = {APART} if apart else set()
    domain = (Orthant(frozenset({ABSOLUTE, *distance}), frozenset({EXCESS, APART, G}) - distance),)
    values = [sp.Integer(1), sp.Integer(1000)]
    tried = [
        {APART: far, ABSOLUTE: sp.Integer(1), EXCESS: excess, G: gamma_squared}
        for far in (sp.Integer(1) if apart else sp.Integer(0), sp.Rational(1, 1000))
        for excess in (sp.Integer(0), *values)
        for gamma_squared in (sp.Integer(0), *values)
    ]
    expression = sp.expand(expression)
    return decide_positive(
        text,
        lambda: sign_on(expression, domain, strict=strict),
        expression.subs,
        tried,
        strict=strict,
    )


def reduced(expression):
    return sp.cancel(sp.radsimp(sp.together(sp.expand(expression))))


STATED = Reinitialised(
    weights=lambda R, c, lam: 2 * R,
    readouts=lambda R, c, lam: R - lam,
    after=lambda scale: 2 * scale,
    limit=lambda R, c, ratio: -ratio * R - (1 + ratio) * c,
    raised=Always(Relation.ABOVE, Bound(Relation.AT_LEAST, sp.Integer(0))),
    lowered=Always(Relation.BELOW, Bound(Relation.BELOW, sp.Rational(-1, 2)), gamma=0),
)


def _raised(ratio):
    return STATED._replace(raised=STATED.raised._replace(ratio=ratio))


def _lowered(ratio):
    return STATED._replace(lowered=STATED.lowered._replace(ratio=ratio))


CONTROLS = (
    Control("2c before", STATED._replace(weights=lambda R, c, lam: 2 * c)),
    Control("readouts R + λ", STATED._replace(readouts=lambda R, c, lam: R + lam)),
    Control("c_FT after", STATED._replace(after=lambda scale: scale)),
    Control("limit −(λ/c)R", STATED._replace(limit=lambda R, c, ratio: -ratio * R)),
    Control("raised from λ = −c/100", _raised(Bound(Relation.AT_LEAST, sp.Rational(-1, 100)))),
    Control("raised for λ > 0 only", _raised(Bound(Relation.ABOVE, sp.Integer(0)))),
    Control("lowered below λ = −49c/100", _lowered(Bound(Relation.BELOW, sp.Rational(-49, 100)))),
    Control("lowered at λ = −c/2, too", _lowered(Bound(Relation.AT_MOST, sp.Rational(-1, 2)))),
    Control("lowered above λ = −c/2", _lowered(Bound(Relation.ABOVE, sp.Rational(-1, 2)))),
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
