"""Nested gain gone for c → ∞ or γ → ∞ (Section 5.3, “large c or γ”).

At ω = 1 the ratio of the errors p_1 at ρ_FT = 0.1 and p_2 at ρ_FT = 0.01 or 0.04 tends to 1 as c_FT
grows, c_FT = 2(c + λ) + γ² where β_PT = 0: its logarithm is α³(M_2 − M_1)/(3c_FT²), M = E[β*⁴], up
to a part 5.15/c_FT of it, and so falls a hundredfold for ten times c and ten-thousandfold for ten
times γ.

Both errors tend to (1 − α)E[β*²] (replica.min-norm-limit), which is the same for both: what is left
is of the first order in 1/c_FT², by which the penalty is no parabola.
"""

from dataclasses import replace
from functools import cache
from itertools import product

import mpmath
import sympy as sp
from flint import ctx

from empirics.experiments import SLABS
from numerics.certified import certify_replica
from verify.claim import Check, Control, Evidence, Method
from verify.claims.curves._quantities import setting
from verify.claims.curves.reference_values import DIGITS, by_digits, mixture
from verify.methods.balls import Approach
from verify.methods.formula import Formula
from verify.methods.identity import prove_all
from verify.methods.numeric import Worst
from verify.methods.relations import Limit, Side
from verify.registry import state

ALPHA, C_FT = sp.symbols(r"alpha c_{FT}", positive=True)
P_1, P_2, M_1, M_2 = sp.symbols("p_1 p_2 M_1 M_2", positive=True)
STATED = Formula(
    C_FT**2 * sp.log(P_1 / P_2),
    (ALPHA, M_2, M_1),
    lambda alpha, fewer, more: alpha**3 * (fewer - more) / 3,
    limit=Limit(C_FT, sp.oo),
)
CONTROLS = (
    STATED.but("α² for α³", lambda alpha, fewer, more: alpha**2 * (fewer - more) / 3),
    STATED.but("half of it", lambda alpha, fewer, more: alpha**3 * (fewer - more) / 6),
    STATED.but("a loss", lambda alpha, fewer, more: alpha**3 * (more - fewer) / 3),
    STATED.but("no difference of M", lambda alpha, fewer, more: alpha**3 * fewer / 3),
)

NEAR = Approach(replace(STATED, limit=None), "5.15", 1 / C_FT)
OF_NEAR = (
    *(
        Control(one.variant, replace(NEAR, equation=replace(one.subject, limit=None)))
        for one in CONTROLS
    ),
    Control("within 5/c_FT", replace(NEAR, most="5")),
    Control("within 5.15/c_FT²", replace(NEAR, small=1 / C_FT**2)),
)

SPARSER, ALPHAS = (0.01, 0.04), ("0.3", "0.9")
INITS = (
    *({"c": c} for c in (10.0, 100.0, 1000.0)),
    {"c": 1000.0, "ratio": -0.99},
    *({"gamma": gamma} for gamma in (10.0, 100.0, 1000.0)),
)
# Where gains are enclosed: up to c_FT = 2·10⁶ for c, and 10¹² for γ.
WIDER = (*INITS, {"c": 1e6}, {"gamma": 1e6})
BITS = 250


@cache
def enclosed(curve, alpha, digits):
    """Return the error as a ball, certified."""
    return certify_replica(mixture(curve), None, alpha, digits=digits).points[0]


def enclose(stated):
    """Enclose every gain, and what is left of it beyond the limit."""
    with ctx.workprec(BITS):
        return prove_all(steps(stated), summary="every gain enclosed")


def steps(stated):
    for slab, rho, init, alpha in product(SLABS, SPARSER, WIDER, ALPHAS):
        dense, sparse = (setting(slab, density, 1.0, **init) for density in (0.1, rho))
        # The gain is of the order of 1/c_FT², and what is bounded of it 1/c_FT.
        digits = 8 + int(3 * sp.log(scale(sparse), 10).n())
        errors = {P_1: enclosed(dense, alpha, digits), P_2: enclosed(sparse, alpha, digits)}
        name = f"{slab}, ρ_FT = {rho}, {init}, α = {alpha}"
        if reason := next((one.reason for one in errors.values() if not one.certified), ""):
            yield name, Evidence(None, f"not certified: {reason}")
            continue
        at = {symbol: one.mse for symbol, one in errors.items()}
        at |= {ALPHA: sp.Rational(alpha), C_FT: scale(sparse)}
        at |= {M_1: exact_fourth_moment(dense), M_2: exact_fourth_moment(sparse)}
        yield stated.step(name, at)


def scale(curve):
    """Return c_FT where β_PT = 0, of the decimals written."""
    c, ratio, gamma = map(rational, (curve.c, curve.relative_scale, curve.gamma))
    return 2 * c * (1 + ratio) + gamma**2


def exact_fourth_moment(curve):
    """Return E[β*⁴], for E[β*²] = 1, of the decimals written."""
    return {"gaussian": 3, "sign": 1}[curve.slab] / rational(curve.rho_ft)


def rational(value):
    return sp.Rational(str(value))


@cache
def solved(curve, alpha):
    """Return the error to `DIGITS` digits."""
    return sp.Float(mpmath.nstr(by_digits(curve, alpha), DIGITS), DIGITS)


def fourth_moment(curve):
    """Return E[β*⁴] of the fine-tuning teacher."""
    of_slab = {"gaussian": 3, "sign": 1}[curve.slab]
    return of_slab * sum(one.probability * one.ft_amplitude**4 for one in curve.task.groups)


def decide(stated):
    """Measure how far the left side is from its limit, relative to it, times c_FT.

    ValueError if the limit is another one, or of other quantities.
    """
    to = stated.towards
    if (to.variable, to.to, to.side) != (C_FT, sp.oo, Side.BOTH):
        raise ValueError(f"c_FT must grow without bound, got {to.latex()}")
    worst, left = Worst(), {}
    for slab, rho, (index, init), alpha in product(SLABS, SPARSER, enumerate(INITS), ALPHAS):
        dense, sparse = (setting(slab, density, 1.0, **init) for density in (0.1, rho))
        scale = float(sparse.initialization.finetune_scale(0.0))
        ratio = {P_1: solved(dense, alpha), P_2: solved(sparse, alpha)}
        value = stated.left({**ratio, C_FT: scale})
        if value.free_symbols:
            raise ValueError(f"errors and c_FT must make a number, got {value}")
        found = float(value)
        moments = {M_2: fourth_moment(sparse), M_1: fourth_moment(dense)}
        limit = float(stated({ALPHA: float(alpha), **moments}))
        at = {"slab": slab, "rho": rho, "alpha": alpha, **init}
        worst.at(abs(found / limit - 1) * scale, **at, found=found, limit=limit)
        gain = float(sp.log(ratio[P_1] / ratio[P_2]))
        left[index] = max(left.get(index, 0.0), abs(gain))
    gains = {
        ", ".join(f"{name} = {value:g}" for name, value in init.items()): f"{left[index]:.2g}"
        for index, init in enumerate(INITS)
    }
    return worst.measured(
        "{count} gains: relative distances from the limit at most {worst}/c_FT; largest log of a "
        "gain " + "; ".join(f"{value} at {init}" for init, value in gains.items()),
        largest=gains,
    )


state(
    "curves.nested-gain-vanishes",
    __doc__,
    (
        Check("gains enclosed", Method.ENCLOSURE, enclose, NEAR, OF_NEAR),
        Check(
            "gains to 30 digits",
            Method.MULTIPRECISION,
            decide,
            STATED,
            CONTROLS,
            6.0,
            "what the next order leaves at c_FT = 20, where it is largest; it falls faster",
            limit=300.0,
        ),
    ),
    assumptions=(
        "c or γ ∈ {10, 100, 1000, 10⁶}, else c = 10⁻³, λ = γ = 0, or c = 1000, λ = −0.99c; "
        "α ∈ {0.3, 0.9}, both slabs, ρ_PT = 0.1",
        "p is that of Proposition 4.2, σ = 0",
    ),
    requires=(
        "replica.min-norm-limit",
        "replica.effective-parameters",
        "replica.unique-solution",
    ),
    not_decided=("that the distance stays below 5.15/c_FT beyond, so that the limit is 1",),
)
