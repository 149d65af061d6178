"""The rich penalty is ℓ1 up to logarithms (Section 5.1, regime I).

For every β ≠ 0, with L = log(2|β|/c_FT) − 1, q + ρ = ½|β|L + ½c_FT with 0 < ρ < c_FT²/(8|β|), and ρ
comes to its bound as c_FT → 0; hence q/(½ log(1/c_FT)) → |β| as c_FT → 0.

In the notation of Theorem 4.1, with a coarser bound: implicit-bias.l1-limit.
"""

import mpmath
import sympy as sp

from numerics import multiprecision
from theory.regime_bounds import T, decay_certificate, logarithm_of_double_argument
from theory.regimes import H, half_angle, normalised_penalty
from verify.claim import Check, Method
from verify.methods.formula import POSITIVE, Formula, Formulas, Limit, Relation, named
from verify.methods.identity import equal, prove_all
from verify.methods.inequality import decide_on_half_line
from verify.methods.numeric import Worst
from verify.registry import state

SIZE, SCALE, LOG = named(r"|\beta|", "c_{FT}", r"\log\frac{2|\beta|}{c_{FT}}")
UPPER = Formula(r"q + \rho", (SIZE, SCALE, LOG), lambda beta, c, log: beta / 2 * (log - 1) + c / 2)
REMAINDER = Formula(
    r"\rho",
    (SIZE, SCALE),
    lambda beta, c: c**2 / (8 * beta),
    Relation.BELOW,
    bounds=(POSITIVE,),
)
GROWTH = Formula(
    r"\frac{q}{\frac{1}{2} \log(1/c_{FT})}",
    (SIZE,),
    lambda beta: beta,
    limit=Limit(SCALE, 0, "+"),
)
BOUNDS = Formulas(upper=UPPER, remainder=REMAINDER)
STATED = Formulas(upper=UPPER, remainder=REMAINDER, growth=GROWTH)


def controls(stated):
    return (
        stated.but("log 2z without − 1", upper=lambda beta, c, log: beta / 2 * log + c / 2),
        stated.but("constant 0", upper=lambda beta, c, log: beta / 2 * (log - 1)),
        stated.but("remainder 1/(8z)", remainder=lambda beta, c: c**2 / (16 * beta)),
        stated.but(
            "constant (99/100)·½c_FT",
            upper=lambda beta, c, log: beta / 2 * (log - 1) + c * 99 / 200,
        ),
        stated.but("remainder (99/100)/(8z)", remainder=lambda beta, c: 99 * c**2 / (800 * beta)),
        stated.but("remainder c_FT³/8β²", remainder=lambda beta, c: c**3 / (8 * beta**2)),
    )


# True, but not the best.
WIDER = STATED.but("remainder (101/100)/(8z)", remainder=lambda beta, c: 101 * c**2 / (800 * beta))
FASTER = STATED.but("q/(½ log(1/c_FT)) → 2|β|", growth=lambda beta: 2 * beta)


def decide(stated):
    """Divide by z = sinh t: both gaps decrease to 0 as t → ∞ and so are positive."""
    return prove_all(steps(stated), summary="both bounds hold for every β ≠ 0")


def steps(stated):
    phi, z = half_angle(normalised_penalty()).subs(H, T / 2), sp.sinh(T)
    # In units of c_FT, as all are of degree one in β and c_FT.
    at = {SIZE: z, SCALE: sp.Integer(1), LOG: logarithm_of_double_argument()}
    remainder = stated.remainder.side(at)
    # 2ρ/z.
    gap = sp.expand((2 * stated.upper(at) - phi) / z)
    for bound in stated.remainder.bounds:
        margin = sp.expand(bound.relation.margin(gap, 2 * bound.value / z))
        text = f"ρ {bound.relation} {bound.value}"
        yield text, decide_on_half_line(text, margin, T, decay_certificate)
    rest = sp.expand(stated.remainder.relation.margin(gap, 2 * remainder / z))
    text = f"ρ {stated.remainder.relation} its bound"
    yield text, decide_on_half_line(text, rest, T, decay_certificate)
    beta, c, s, x = sp.symbols("beta c s x", positive=True)
    # With x = 1/eᵗ.
    share = (gap * z / (2 * remainder)).rewrite(sp.exp)
    share = sp.limit(sp.simplify(share.subs(T, -sp.log(x))), x, 0, "+")
    yield "ρ over its bound tends to 1 as z → ∞", equal(share, sp.Integer(1))
    for bound in stated.remainder.bounds:
        least = bound.margin(sp.limit(stated.remainder.side({SIZE: x, SCALE: 1}), x, sp.oo))
        yield "which vanishes then: no larger number is below ρ", equal(least, 0)
    place, larger = {SIZE: beta, SCALE: c}, {SIZE: s * beta, SCALE: s * c}
    for name, bound in (("upper bound", stated.upper), ("remainder", stated.remainder)):
        text = f"the {name} is of degree one in β and c_FT"
        yield text, equal(bound.side(larger), s * bound.side(place))
    there = {SIZE: beta, LOG: sp.log(2 * beta) - sp.log(SCALE)}
    for name, share in (("upper", 0), ("lower", 1)):
        bound = stated.upper(there) - share * stated.remainder.side(there)
        grown = stated.growth.limit.of(bound / (-sp.log(SCALE) / 2))
        text = f"the {name} bound over ½ log(1/c_FT) tends to {stated.growth({SIZE: beta})}"
        yield text, equal(grown, stated.growth({SIZE: beta}))


def decide_by_numbers(stated):
    """Hold q at 390 digits to both bounds, from z = 1/100 to 1e60, at c_FT = 1/2."""
    least = Worst(smallest=True)
    with mpmath.workdps(400):
        c = mpmath.mpf("0.5")
        for text in ("0.01", "0.5", "1", "10", "1e6", "1e30", "1e60"):
            z = mpmath.mpf(text)
            q = multiprecision.penalty(mpmath.nstr(c * z, 20), "0.5", digits=390)
            at = {SIZE: c * z, SCALE: c, LOG: mpmath.log(2 * z)}
            found = stated.upper(at) - q
            margins = [bound.margin(found) for bound in stated.remainder.bounds]
            for margin in (*margins, stated.remainder.margin(found, at)):
                least.at(margin * z, z=text, bound_minus_value=mpmath.nstr(margin, 17))
    return least.measured("smallest margin times z: {worst}, at {count} bounds")


state(
    "regimes.l1-penalty-up-to-logs",
    __doc__,
    (
        Check(
            "decay in t = asinh z",
            Method.SYMBOLIC,
            decide,
            STATED,
            (*controls(STATED), WIDER, FASTER),
        ),
        Check(
            "400 digits",
            Method.MULTIPRECISION,
            decide_by_numbers,
            BOUNDS,
            controls(BOUNDS),
            above=0.0,
            reason="strict bounds; margins are above 1e-130, digits of q below 1e-320",
        ),
    ),
    assumptions=("c_FT > 0", "β ≠ 0"),
    requires=("regimes.lorder-closed-form",),
)
