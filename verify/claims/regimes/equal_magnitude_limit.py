"""The limit c → 0 at equal magnitudes (Sections 5.1 and 5.2, regime II at |β_FT| = |β_PT|).

At |β_FT| = |β_PT|, λ = c and γ = 0, as c → 0 the pair (ℓ, PD) tends to
(a/(a+2−√5), −(√5−2)/(a+2−√5)) = (1.96298…, −0.96298…) with a = log((1+√5)/2) = asinh ½; at every
c and γ any smaller λ gives a smaller ℓ.
"""

import sympy as sp

from numerics import Initialization, multiprecision, regimes
from theory.regime_bounds import ALL_NETWORKS, Parameter
from theory.regimes import ABSOLUTE, BETA_FT, BETA_PT, GAMMA, RATIO, SCALE
from verify.claim import Check, Control, Fault, Method
from verify.claims.regimes._language import ELL, PD, plain
from verify.claims.regimes._slopes import rises
from verify.claims.regimes._statements import Limit, Theorem, decide
from verify.methods.notation import as_written
from verify.methods.numeric import Worst
from verify.registry import state

LARGEST = ((RATIO, 1), (GAMMA, 0))
PLACE = ((BETA_FT, BETA_PT), *LARGEST)


def pair(order, dependence):
    """State the limits of ℓ and PD as c → 0 at |β_FT| = |β_PT|, λ = c and γ = 0."""
    return Theorem(Limit(ELL, ABSOLUTE, 0, order, PLACE), Limit(PD, ABSOLUTE, 0, dependence, PLACE))


def golden(a):
    """Return the limits, functions of a."""
    root = sp.sqrt(5)
    return a / (a + 2 - root), -(root - 2) / (a + 2 - root)


with as_written():
    TRUE = pair(*golden(sp.asinh(sp.Rational(1, 2))))
    STATED = Theorem(
        *TRUE.parts,
        # The edge I–II, at any magnitudes and λ > −c.
        Limit(ELL + PD, ABSOLUTE, 0, 1, ((GAMMA, 0),)),
        # So z = |β_FT|/c_FT → 1/2.
        Limit(SCALE, ABSOLUTE, 0, 2 * BETA_PT, LARGEST),
        rises(ELL, Parameter.RATIO, domain=ALL_NETWORKS),
    )
    CORNER = pair(sp.Integer(2), sp.Integer(-1))
    CONTROLS = (
        Control("regime II's corner (2, −1)", CORNER),
        Control("asinh 1 for asinh ½", pair(*golden(sp.asinh(1)))),
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


def decide_by_numbers(statement):
    """Evaluate 50 digits and float64 at c = 10⁻¹⁸ and |β_PT| = 1."""
    worst = Worst()
    for part in statement.parts:
        at, c = dict(part.at), part.to + 1e-18
        own = sp.sympify(at.get(BETA_FT, 0)).subs(BETA_PT, 1)
        if {*at} != {BETA_FT, RATIO, GAMMA} or not own.is_number or part.along != ABSOLUTE:
            raise ValueError(f"limits in c at magnitudes, λ/c and γ are asked for, got {part}")
        own, network = float(own), tuple(map(float, (c, at[RATIO] * c, at[GAMMA])))
        init = Initialization(*network)
        if part.of not in (ELL, PD):
            raise ValueError(f"limits of ℓ and PD are asked for, got {part.of}")
        if part.of == ELL:
            exact = multiprecision.l_order(own, multiprecision.finetune_scale(1, *network))
            single = regimes.l_order(own, init.finetune_scale(1.0))
        else:
            exact = multiprecision.pretraining_dependence(1, own, *network)
            single = regimes.pretraining_dependence(1.0, own, init)
        for found in (exact, single):
            gap = abs(float(found) - complex(sp.N(part.value, 30)))
            worst.at(gap, **{"c, lambda, gamma": network, plain(part.of): str(exact)})
    return worst.measured("at c = 1e-18: distance {worst} from the stated pair")


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
