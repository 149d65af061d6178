"""The limit c → 0 at equal magnitudes (Sections 5.1 and 5.2, regime II at |β_FT| = |β_PT|).

At |β_FT| = |β_PT|, λ = c and γ = 0, as c → 0 the pair (ℓ, PD) tends to
(a/(a+2−√5), −(√5−2)/(a+2−√5)) = (1.96298…, −0.96298…) with a = log((1+√5)/2) = asinh ½; at every
c and γ any smaller λ gives a smaller ℓ.
"""

from typing import Any, NamedTuple

import sympy as sp

from numerics import Initialization, multiprecision, regimes
from theory import regimes as derived
from theory.regime_bounds import ALL_NETWORKS, Parameter
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, SCALE
from verify.claim import Check, Control, Fault, Method
from verify.claims.regimes._language import ELL, printed
from verify.claims.regimes._slopes import rises
from verify.claims.regimes._statements import Limit, Theorem, decide
from verify.methods import formula
from verify.methods.formula import shown, written
from verify.methods.identity import equal
from verify.methods.numeric import Worst
from verify.registry import state

A = sp.Symbol("a")


class Pair(NamedTuple):
    """A limit of (ℓ, PD), as functions of a = asinh `sinh_a`, as c moves at fixed λ/c and γ.

    |β_FT| is `share` times |β_PT|.
    """

    order: Any
    dependence: Any
    sinh_a: Any = sp.Rational(1, 2)
    share: Any = sp.Integer(1)
    ratio: Any = sp.Integer(1)
    gamma: Any = sp.Integer(0)
    limit: formula.Limit = formula.Limit(ABSOLUTE, 0)

    def values(self):
        a = sp.asinh(self.sinh_a)
        return sp.sympify(self.order(a)), sp.sympify(self.dependence(a))

    def latex(self):
        order, dependence = written(self.order, A), written(self.dependence, A)
        named = A in sp.sympify(self.order(A)).free_symbols
        return (
            rf"|\beta_{{FT}}| = {printed(self.share * BETA_PT)},\ "
            rf"\lambda = {printed(self.ratio * ABSOLUTE)},\ \gamma = {shown(self.gamma)}: \quad "
            rf"{self.limit.latex()} (\ell, \mathrm{{PD}}) = \left({order}, \ {dependence}\right)"
        ) + (rf" \\ a = {shown(sp.asinh(self.sinh_a))}" if named else "")

    def require_places(self):
        if not self.share > 0 or self.limit.variable != ABSOLUTE:
            raise ValueError(f"a limit in c is asked for, with |β_FT|/|β_PT| > 0, got {self}")

    def steps(self):
        """Take the limits of the derived c_FT and κ; ℓ is continuous in z."""
        self.require_places()
        at = {RATIO: self.ratio, GAMMA: self.gamma}
        scale = self.limit.of(derived.scale_from_invariants().subs(at))
        kappa = self.limit.of(derived.transfer().subs(at))
        z = sp.cancel(self.share * BETA_PT / scale)
        limit = sp.simplify(derived.in_argument(derived.l_order()).subs(derived.Z, z))
        order, dependence = self.values()
        yield "ℓ tends to the stated value", equal(limit, order)
        yield "PD tends to the stated value", equal((1 - limit) * kappa, dependence)
        yield (
            "the limit lies on the edge I–II: ℓ + PD = 1",
            equal(order + dependence, sp.Integer(1)),
        )


TRUE = Pair(
    order=lambda a: a / (a + 2 - sp.sqrt(5)),
    dependence=lambda a: -(sp.sqrt(5) - 2) / (a + 2 - sp.sqrt(5)),
)
STATED = Theorem(
    TRUE,
    # So z = |β_FT|/c_FT → 1/2.
    Limit(SCALE, ABSOLUTE, 0, 2 * BETA_PT, ((RATIO, 1), (GAMMA, 0))),
    rises(ELL, Parameter.RATIO, domain=ALL_NETWORKS),
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
    """Evaluate 50 digits and float64 at c 10⁻¹⁸ from its limit, |β_PT| = 1."""
    pair.require_places()
    worst, share = Worst(), float(pair.share)
    c = float(pair.limit.to) + 1e-18
    init = Initialization(c, float(pair.ratio) * c, float(pair.gamma))
    network = init.c, init.lam, init.gamma
    exact = (
        multiprecision.l_order(share, multiprecision.finetune_scale(1, *network)),
        multiprecision.pretraining_dependence(1, share, *network),
    )
    single = (
        regimes.l_order(share, init.finetune_scale(1.0)),
        regimes.pretraining_dependence(1.0, share, init),
    )
    place = {"c, lambda, gamma": network, "ell": str(exact[0]), "PD": str(exact[1])}
    for found in (exact, single):
        for number, value in zip(found, pair.values(), strict=True):
            worst.at(abs(float(number) - complex(sp.N(value, 30))), **place)
    return worst.measured(f"at c = {c:g}: distance {{worst}} from the stated pair")


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
