"""What re-initialisation does to the scale (Section 5.2, “readouts”).

After pretraining the squares of a coordinate's four weights sum to 2R with R = √(c²+β_PT²), those
of its readouts to R − λ; with hidden weights w₊+w₋ and readouts γ all four sum to 2c_FT. So their
sum is lowered if and only if γ² < −(λ/c)R − (c+λ): never where λ ≥ 0, but where λ < 0 for small
enough γ and large enough |β_PT|; at γ = 0 for every β_PT if and only if λ < −c/2.

A large negative λ means large readouts: re-setting these takes away more than the sum of the two
hidden weights brings.
"""

from dataclasses import replace
from typing import Any, NamedTuple

import sympy as sp

from theory import network
from theory.network import NAMES, Weights
from theory.positivity import Orthant
from theory.regime_bounds import COUPLED_AT_ZERO, sign_on
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, SCALE, G, scale_from_invariants
from verify.claim import Check, Control, Fault, Method
from verify.claims.regimes._language import SIGNS, placed, plain, solved
from verify.claims.regimes._statements import Approached, Holds, Range, decide
from verify.methods.formula import Formula
from verify.methods.identity import equal
from verify.methods.inequality import decide_positive, equal_on_networks
from verify.methods.notation import as_written, named
from verify.methods.relations import Relation
from verify.registry import state

w0, v0 = sp.symbols("w_0 v_0", nonnegative=True)
R, c, lam, gamma, c_ft, beta_pt = sp.symbols("R c lambda gamma c_FT beta_PT")
BEFORE = Weights(*named(*NAMES))
AFTER = Weights(*named(*(f"{name}^{{FT}}(0)" for name in NAMES)))
# R − c, and how far λ/c is from a bound.
EXCESS, APART = sp.symbols("e x", nonnegative=True)


class Always(NamedTuple):
    """c_FT compares with R as `order` says for every β_PT, if and only if λ/c is as `ratio` says.

    Where `gamma` is None at every γ, else at that one.
    """

    order: Formula
    ratio: Formula
    gamma: Any = None

    def latex(self):
        always = r"\ \forall \gamma" if self.gamma is None else ""
        there = "" if self.gamma is None else rf" \quad ({placed(((GAMMA, self.gamma),))[0]})"
        return (
            rf"{self.order.latex()} \quad \forall \beta_{{PT}}{always} \iff "
            rf"{self.ratio.latex()}{there}"
        )

    def steps(self):
        """Yield the two directions; R − c_FT is affine in R."""
        radius, order, strict = ABSOLUTE + EXCESS, self.order, self.ratio.strict
        scale = scale_from_invariants().subs(sp.sqrt(ABSOLUTE**2 + BETA_PT**2), radius)
        scale = scale.subs(GAMMA, sp.sqrt(G) if self.gamma is None else self.gamma)
        excess = sp.expand(order.margin({c_ft: scale}, {R: radius}))
        text = f"{_text(order)} where {_text(self.ratio)}"
        inside = sp.expand(excess.subs(RATIO, self._ratio(APART)))
        yield text, _sign(text, inside, strict=order.strict, apart=strict)
        # At the smallest R, or at large ones.
        outside = self._ratio(-APART)
        text = f"elsewhere not for every β_PT, as where λ/c = {outside}"
        against = -excess.subs(RATIO, outside).subs(G, 0)
        how = {"strict": not order.strict, "apart": not strict}
        at_least = _sign(text, against.subs(EXCESS, 0), **how)
        yield (
            text,
            at_least if at_least.holds else _sign(text, sp.diff(against, EXCESS), apart=not strict),
        )

    def _ratio(self, margin):
        """Return the λ/c that is within the bound by a margin."""
        own = self.ratio.margin({lam: RATIO * ABSOLUTE, c: ABSOLUTE})
        slope = sp.diff(own, RATIO)
        if slope == 0 or slope.free_symbols:
            raise ValueError(f"a bound of λ/c is asked for, got {self.ratio.name}")
        return sp.expand((margin - own.subs(RATIO, 0)) / slope)


def _text(form):
    return f"{plain(form.name)} {SIGNS[form.relation]} {plain(form.side())}"


class Reinitialised(NamedTuple):
    """Sums of squares before and after, and when they fall."""

    weights: Formula
    readouts: Formula
    after: Formula
    lost: Formula
    radius: Formula
    raised: Always
    lowered: Always

    def latex(self):
        sums, others = self[:3], self[3:5]
        lines = (r",\quad ".join(one.latex() for one in line) for line in (sums, others))
        return r" \\ ".join((*lines, self.raised.latex(), self.lowered.latex()))

    def steps(self):
        absolute, relative = w0**2 + v0**2, w0**2 - v0**2
        now = network.layer_weights(BETA_PT, absolute, relative)
        before = dict(zip(BEFORE, now, strict=True))
        radius = solved(self.radius, R, at={c: absolute, beta_pt: BETA_PT})
        at = {R: radius, c: absolute, lam: relative}
        for text, form in (
            ("all weights after pretraining", self.weights),
            ("the readouts among them", self.readouts),
        ):
            yield text, equal(reduced(form.left(before)), form(at))
        after = dict(zip(AFTER, network.rebalanced(now, GAMMA), strict=True))
        scale = network.finetune_scale(BETA_PT, absolute, relative, GAMMA)
        yield (
            "all weights before fine-tuning",
            equal(reduced(self.after.left(after)), self.after({c_ft: scale})),
        )
        radius = solved(self.radius, R, at={c: ABSOLUTE, beta_pt: BETA_PT})
        at = {R: radius, c: ABSOLUTE, lam: RATIO * ABSOLUTE, gamma: GAMMA}
        lost = self.lost.left({R: radius, c_ft: scale_from_invariants()})
        yield "R − c_FT", equal_on_networks(lost, self.lost(at))
        yield from self.raised.steps()
        yield from self.lowered.steps()

    def but(self, variant, **changed):
        """Return a control: other right sides."""
        formulas = {name: replace(getattr(self, name), body=new) for name, new in changed.items()}
        return Control(variant, self._replace(**formulas))


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


def within(relation, bound):
    """State a bound of λ/c."""
    return Formula(lam / c, (), lambda: bound, relation)


with as_written():
    STATED = Reinitialised(
        weights=Formula(sp.Add(*(w**2 for w in BEFORE)), (R,), lambda R: 2 * R),
        readouts=Formula(BEFORE.v_plus**2 + BEFORE.v_minus**2, (R, lam), lambda R, lam: R - lam),
        after=Formula(sp.Add(*(w**2 for w in AFTER)), (c_ft,), lambda scale: 2 * scale),
        lost=Formula(
            R - c_ft,
            (R, c, lam, gamma),
            lambda R, c, lam, gamma: -lam / c * R - (c + lam) - gamma**2,
        ),
        radius=Formula(R, (c, beta_pt), lambda c, beta: sp.sqrt(c**2 + beta**2)),
        raised=Always(
            Formula(c_ft, (R,), lambda R: R, Relation.ABOVE), within(Relation.AT_LEAST, 0)
        ),
        lowered=Always(
            Formula(c_ft, (R,), lambda R: R, Relation.BELOW),
            within(Relation.BELOW, sp.Rational(-1, 2)),
            gamma=0,
        ),
    )


def _raised(relation, bound):
    return STATED._replace(raised=STATED.raised._replace(ratio=within(relation, bound)))


def _lowered(relation, bound):
    return STATED._replace(lowered=STATED.lowered._replace(ratio=within(relation, bound)))


CONTROLS = (
    Control("2c before", STATED._replace(weights=replace(STATED.weights, symbols=(c,)))),
    STATED.but("readouts R + λ", readouts=lambda R, lam: R + lam),
    STATED.but("c_FT after", after=lambda scale: scale),
    STATED.but("limit −(λ/c)R", lost=lambda R, c, lam, gamma: -lam / c * R - gamma**2),
    Control("raised from λ = −c/100", _raised(Relation.AT_LEAST, sp.Rational(-1, 100))),
    Control("raised for λ > 0 only", _raised(Relation.ABOVE, 0)),
    Control("lowered below λ = −49c/100", _lowered(Relation.BELOW, sp.Rational(-49, 100))),
    Control("lowered at λ = −c/2, too", _lowered(Relation.AT_MOST, sp.Rational(-1, 2))),
    Control("lowered above λ = −c/2", _lowered(Relation.ABOVE, sp.Rational(-1, 2))),
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
    RADIUS = sp.sqrt(ABSOLUTE**2 + BETA_PT**2)
    LOWERED = Holds(SCALE < RADIUS, domain=COUPLED_AT_ZERO)
    BOUNDED = Range(
        SCALE / ((1 + RATIO) * RADIUS),
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
