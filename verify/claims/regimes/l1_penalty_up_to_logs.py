"""The rich penalty is ℓ1 up to logarithms (Section 5.1, regime I).

For every β ≠ 0, with L = log(2|β|/c_FT) − 1, q + ρ = ½|β|L + ½c_FT with 0 < ρ < c_FT²/(8|β|), and ρ
comes to its bound as c_FT → 0; hence 2q/log(1/c_FT) → |β| as c_FT → 0.

In the notation of Theorem 4.1, with a coarser bound: implicit-bias.l1-limit.
"""

from functools import partial

import mpmath
import sympy as sp

from numerics import multiprecision
from theory.regime_bounds import T, decay_certificate, logarithm_of_double_argument
from theory.regimes import SCALE, H, half_angle, normalised_penalty
from verify.claim import Check, Method
from verify.claims.regimes._language import Q, solved
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.methods.inequality import decide_on_half_line
from verify.methods.notation import as_written
from verify.methods.numeric import Worst
from verify.methods.relations import POSITIVE, Limit, Relation, Side
from verify.registry import state

BETA, RHO = sp.symbols("beta rho")


def upper(beta, c, *, constant=1, share=1):
    """Return ½|β|(log(2|β|/c) − constant) + ½·share·c."""
    return sp.Abs(beta) / 2 * (sp.log(2 * sp.Abs(beta) / c) - constant) + share * c / 2


with as_written():
    UPPER = Formula(
        Q + RHO,
        (BETA, SCALE),
        lambda beta, c: sp.Abs(beta) / 2 * (sp.log(2 * sp.Abs(beta) / c) - 1) + c / 2,
    )
    REMAINDER = Formula(
        RHO,
        (BETA, SCALE),
        lambda beta, c: c**2 / (8 * sp.Abs(beta)),
        Relation.BELOW,
        bounds=(POSITIVE,),
    )
    GROWTH = Formula(2 * Q / sp.log(1 / SCALE), (BETA,), sp.Abs, limit=Limit(SCALE, 0, Side.ABOVE))
BOUNDS = Formulas(upper=UPPER, remainder=REMAINDER)
STATED = Formulas(upper=UPPER, remainder=REMAINDER, growth=GROWTH)


def controls(stated):
    return (
        stated.but("log 2z without − 1", upper=partial(upper, constant=0)),
        stated.but("constant 0", upper=partial(upper, share=0)),
        stated.but("remainder 1/(8z)", remainder=lambda b, c: c**2 / (16 * sp.Abs(b))),
        stated.but("constant (99/100)·½c_FT", upper=partial(upper, share=sp.Rational(99, 100))),
        stated.but("remainder (99/100)/(8z)", remainder=lambda b, c: 99 * c**2 / (800 * sp.Abs(b))),
        stated.but("remainder c_FT³/8β²", remainder=lambda b, c: c**3 / (8 * b**2)),
    )


# True, but not the best.
WIDER = STATED.but(
    "remainder (101/100)/(8z)", remainder=lambda b, c: 101 * c**2 / (800 * sp.Abs(b))
)
FASTER = STATED.but("2q/log(1/c_FT) → 2|β|", growth=lambda beta: 2 * sp.Abs(beta))


def decide(stated):
    """Divide by z = sinh t: both gaps decrease to 0 as t → ∞ and so are positive."""
    return prove_all(steps(stated), summary="both bounds hold for every β ≠ 0")


def steps(stated):
    phi, z = half_angle(normalised_penalty()).subs(H, T / 2), sp.sinh(T)
    # In units of c_FT, as all are of degree one in β and c_FT.
    at = {BETA: z, SCALE: sp.Integer(1)}
    rho = solved(stated.upper, RHO, {Q: phi / 2}, at)
    rho = rho.subs(sp.log(2 * z), logarithm_of_double_argument())
    left, remainder = stated.remainder.left({RHO: rho}), stated.remainder.side(at)
    for bound in stated.remainder.bounds:
        margin = sp.expand(2 * bound.margin(left) / z)
        text = f"ρ {bound.relation} {bound.value}"
        yield text, decide_on_half_line(text, margin, T, decay_certificate)
    rest = sp.expand(2 * stated.remainder.margin({RHO: rho}, at) / z)
    text = f"ρ {stated.remainder.relation} its bound"
    yield text, decide_on_half_line(text, rest, T, decay_certificate)
    beta, s, x = sp.symbols("beta s x", positive=True)
    # With x = 1/eᵗ.
    share = (sp.expand(left / z) * z / remainder).rewrite(sp.exp)
    share = sp.limit(sp.simplify(share.subs(T, -sp.log(x))), x, 0, "+")
    yield "ρ over its bound tends to 1 as z → ∞", equal(share, sp.Integer(1))
    for bound in stated.remainder.bounds:
        least = bound.margin(sp.limit(stated.remainder.side({BETA: x, SCALE: 1}), x, sp.oo))
        yield "which vanishes then: no larger number is below ρ", equal(least, 0)
    place, larger = {BETA: beta}, {BETA: s * beta, SCALE: s * SCALE}
    for name, bound in (("upper bound", stated.upper), ("remainder", stated.remainder)):
        text = f"the {name} is of degree one in β and c_FT"
        yield text, equal(bound.side(larger), s * bound.side(place))
    for name, share in (("upper", 0), ("lower", 1)):
        rest = share * stated.remainder.side(place)
        bound = sp.expand_log(solved(stated.upper, Q, {RHO: rest}, place))
        grown = stated.growth.towards.of(sp.expand_log(stated.growth.left({Q: bound})))
        text = f"the {name} bound over ½ log(1/c_FT) tends to {stated.growth(place)}"
        yield text, equal(grown, stated.growth(place))


def decide_by_numbers(stated):
    """Hold q at 390 digits to both bounds, from z = 1/100 to 1e60, at c_FT = 1/2."""
    least = Worst(smallest=True)
    with mpmath.workdps(400):
        c = mpmath.mpf("0.5")
        for text in ("0.01", "0.5", "1", "10", "1e6", "1e30", "1e60"):
            z = mpmath.mpf(text)
            q = multiprecision.penalty(mpmath.nstr(c * z, 20), "0.5", digits=390)
            at = {BETA: sp.Float(c * z, 400), SCALE: sp.Float(c, 400)}
            found = solved(stated.upper, RHO, {Q: sp.Float(q, 400)}, at)
            if not found.is_real:
                raise ValueError(f"ρ must be real, got {found}")
            left = stated.remainder.left({RHO: found})
            if left.free_symbols:
                raise ValueError(f"the remainder must be made of ρ, got {stated.remainder.name}")
            margins = [bound.margin(left) for bound in stated.remainder.bounds]
            for margin in (*margins, stated.remainder.margin({RHO: found}, at)):
                least.at(float(margin * z), z=text, bound_minus_value=str(sp.N(margin, 17)))
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
