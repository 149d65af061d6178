"""The limit c → 0 at equal magnitudes (Sections 5.1 and 5.2, regime II at |β_FT| = |β_PT|).

At |β_FT| = |β_PT|, λ = c and γ = 0, as c → 0 the pair (ℓ, PD) tends to
(a/(a+2−√5), −(√5−2)/(a+2−√5)) = (1.96298…, −0.96298…) with a = log((1+√5)/2) = asinh ½; at every
c and γ any smaller λ gives a smaller ℓ.
"""

from typing import Any, NamedTuple

import sympy as sp

from numerics import Initialization, multiprecision, regimes
from theory.regime_bounds import Parameter, equal_magnitude_limit
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, SCALE
from verify.claim import Check, Control, Fault, Method
from verify.claims.regimes._statements import ELL, Limit, Slopes, Theorem, decide, rises
from verify.methods.formula import shown, written
from verify.methods.identity import equal
from verify.methods.numeric import Worst
from verify.registry import state

A = sp.Symbol("a")


class Pair(NamedTuple):
    """The limit of (ℓ, PD) at |β_FT| = |β_PT|, λ = c, γ = 0, as functions of a = asinh `sinh_a`."""

    order: Any
    dependence: Any
    sinh_a: Any = sp.Rational(1, 2)

    def values(self):
        a = sp.asinh(self.sinh_a)
        return sp.sympify(self.order(a)), sp.sympify(self.dependence(a))

    def latex(self):
        order, dependence = written(self.order, A), written(self.dependence, A)
        named = A in sp.sympify(self.order(A)).free_symbols
        return (
            r"|\beta_{FT}| = |\beta_{PT}|,\ \lambda = c,\ \gamma = 0: \quad \lim_{c \to 0} "
            rf"(\ell, \mathrm{{PD}}) = \left({order}, \ {dependence}\right)"
        ) + (rf" \\ a = {shown(sp.asinh(self.sinh_a))}" if named else "")

    def steps(self):
        order, dependence = self.values()
        return [
            ("ℓ tends to the stated value", equal(equal_magnitude_limit()[0], order)),
            ("PD tends to the stated value", equal(equal_magnitude_limit()[1], dependence)),
            (
                "the limit lies on the edge I–II: ℓ + PD = 1",
                equal(order + dependence, sp.Integer(1)),
            ),
        ]


TRUE = Pair(
    order=lambda a: a / (a + 2 - sp.sqrt(5)),
    dependence=lambda a: -(sp.sqrt(5) - 2) / (a + 2 - sp.sqrt(5)),
)
STATED = Theorem(
    TRUE,
    # So z = |β_FT|/c_FT → 1/2.
    Limit(SCALE, ABSOLUTE, 0, 2 * BETA_PT, ((RATIO, 1), (GAMMA, 0))),
    Slopes(rises(ELL, Parameter.RATIO)),
)
CORNER = Pair(lambda a: sp.Integer(2), lambda a: sp.Integer(-1))
CONTROLS = (
    Control("regime II's corner (2, −1)", CORNER),
    Control("asinh 1 for asinh ½", TRUE._replace(sinh_a=sp.Integer(1))),
)

state(
    "regimes.equal-magnitude-limit",
    __doc__,
    (Check("limit of the derived formulas", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("|β_FT| = |β_PT| ≠ 0", "γ = 0; λ = c for the limit"),
    requires=("regimes.pd-closed-form", "regimes.lorder-monotone"),
)

# A false twin. Section 5.1 names c → 0 as a way into regime II, and Section 5.2 plots
# |β_PT| = |β_FT| = 1: there the pair stops short of the corner, even at λ = c.

CONTROL = Control("the true limit, (1.96298…, −0.96298…)", TRUE, must_hold=True)


def decide_by_numbers(pair):
    """Evaluate 50 digits and float64 at c = λ = 1e-18, γ = 0, |β_FT| = |β_PT| = 1."""
    tiny, worst = 1e-18, Worst()
    init = Initialization(tiny, tiny)
    exact = (
        multiprecision.l_order(1, multiprecision.finetune_scale(1, tiny, tiny)),
        multiprecision.pretraining_dependence(1, 1, tiny, tiny),
    )
    single = (
        regimes.l_order(1.0, init.finetune_scale(1.0)),
        regimes.pretraining_dependence(1.0, 1.0, init),
    )
    place = {"c = lambda": tiny, "ell": str(exact[0]), "PD": str(exact[1])}
    for found in (exact, single):
        for number, value in zip(found, pair.values(), strict=True):
            worst.at(abs(float(number) - float(sp.N(value, 30))), **place)
    return worst.measured("at c = λ = 1e-18, γ = 0: distance {worst} from the stated pair")


state(
    "regimes.lazy-dependent-corner-at-equal-magnitudes",
    """Regime II at equal magnitudes (false) (Section 5.1, in the setting of Section 5.2, Fig. 2b).

    At |β_FT| = |β_PT| and λ = c, the pair (ℓ, PD) tends to (2, −1) as c → 0 and γ → 0.
    """,
    (
        Check("the derived limit", Method.SYMBOLIC, decide, CORNER, CONTROL),
        Check(
            "50 digits and float64 near the limit",
            Method.MULTIPRECISION,
            decide_by_numbers,
            CORNER,
            CONTROL,
            tolerance=1e-12,
            reason="at c = 1e-18 the pair is about 1e-18 from its limit; float64 adds 1e-15",
        ),
    ),
    twin="regimes.equal-magnitude-limit",
    fault=Fault.READ,
)
