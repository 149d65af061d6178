"""Limit of few data (Proposition 4.2, expanded at τ → ∞).

As α → 0 the error p tends to E[β*²], with the slope E[C²]E[β*²]/E[C]² − 2E[Cβ*²]/E[C], C = c_FT,
which (p − E[β*²])/α is up to a part 232α; where scales are so unequal and misplaced that it is
positive, more data hurt at first.

For α → 0 the noise θ² ≈ E[β*²]/α grows, but τ grows faster: u = z/t → 0, the penalty is quadratic,
β̂ ≈ C z/t with t = τ/2 ≈ E[C]/α. Then p = E[β*²] − 2E[Cβ*²]/t + E[C²]θ²/t².
"""

from dataclasses import replace
from fractions import Fraction
from functools import cache, partial

import sympy as sp
from flint import ctx

from numerics.certified import Mixture, certified_path
from numerics.certified.exact import ball
from numerics.multiprecision import pretrain_finetune_groups, replica_fixed_point
from theory.replica import alpha, error
from verify.claim import Check, Control, Method
from verify.claims.replica._enclosed_means import moments
from verify.claims.replica._limits import ByDecades, near
from verify.claims.replica._means import SCALE, TARGET, Group, over
from verify.methods.formula import Formula
from verify.methods.identity import prove_all
from verify.methods.notation import Mean, as_written
from verify.methods.numeric import CLOSED_FORM, MULTIPRECISION, compare, compared
from verify.methods.relations import Limit, Side
from verify.registry import state

SIGNAL = Mean(TARGET**2)
with as_written():
    SLOPE = (error - SIGNAL) / alpha
STATED = Formula(
    SLOPE,
    (SIGNAL, Mean(SCALE), Mean(SCALE**2), Mean(SCALE * TARGET**2)),
    lambda signal, scale, scale_squared, scale_signal: (
        scale_squared * signal / scale**2 - 2 * scale_signal / scale
    ),
    limit=Limit(alpha, 0, Side.ABOVE),
)
CONTROLS = (
    STATED.but("no factor 2", lambda b, c, cc, cb: cc * b / c**2 - cb / c),
    STATED.but("E[C²] for E[C]²", lambda b, c, cc, cb: b - 2 * cb / c),
)
NEAR = ByDecades(
    replace(STATED, limit=None), "232", alpha, limit=STATED.limit, decades=(5, 6, 8, 10, 12)
)
OF_NEAR = (
    *(
        Control(one.variant, replace(NEAR, equation=replace(one.subject, limit=None)))
        for one in CONTROLS
    ),
    Control("within 200α", replace(NEAR, most="200")),
    Control("within 232α²", replace(NEAR, small=alpha**2)),
)
STEP = "1e-9"
# Slab, c, λ, γ and |β*|, or its standard deviation, of the active coordinates.
CASES = (
    ("sign", "1e-3", "0", "0", "3"),
    ("gaussian", "1e-3", "0", "0", "3"),
    ("sign", "1", "0.5", "0.3", "0.5"),
    ("gaussian", "0.1", "-0.09", "0.2", "2"),
)
# Among the enclosed ones are also some with ω = 0, where the slope is positive.
OVERLAPS, BITS = ("0", "0.5", "1"), 150


@cache
def mixture(overlap, slab, c, lam, gamma, size):
    """Return what is certified, with decimals as written."""
    ratio = Fraction(lam) / Fraction(c)
    scales = {"c": c, "relative_scale": ratio, "gamma": gamma}
    known = Mixture.pretrain_finetune("0.1", "0.1", overlap, slab=slab, **scales)
    sizes = (Fraction(size) ** 2 * (group.slab != "zero") for group in known.groups)
    of_size = (
        replace(group, amplitude_squared=squared)
        for group, squared in zip(known.groups, sizes, strict=True)
    )
    return replace(known, groups=tuple(of_size))


@cache
def certified(case, data, digits):
    """Return p = αθ² at α as a ball; NotCertifiedError if it has none."""
    log_squared = certified_path(mixture(*case), digits).point(data).middle[1]
    return log_squared.exp() * ball(data)


def enclose(stated):
    """Enclose (p − E[β*²])/α at small α, and the means that it tends to."""
    with ctx.workprec(BITS):
        return prove_all(steps(stated), summary="errors and means enclosed")


def steps(stated):
    every = [(overlap, *case) for overlap in OVERLAPS for case in CASES]
    cases = ((str(case), partial(certified, case), moments(mixture(*case))) for case in every)
    yield from stated.enclose(cases, lost=2)


@cache
def groups(*case):
    """Return the groups of coordinates, as the solver takes them."""
    slab, *init, size = case
    task = {"slab": slab, "ft_amplitude": size, "digits": 30}
    return pretrain_finetune_groups("0.1", "0.1", "0.5", *init, **task)


@cache
def solved(data, *case):
    """Return p in 20 digits."""
    return sp.sympify(replica_fixed_point(groups(*case), data, digits=20).mse)


@cache
def mean(of, *case):
    """Return the mean of an expression."""
    laws = [
        Group(share, scale, *((law,) if law == "zero" else law))
        for share, scale, law in groups(*case)
    ]
    return over(laws)(of)


def decide(stated):
    """Compare the slope with the stated one."""
    at = near(stated.towards, alpha, STEP)
    data = Fraction(int(at.p), int(at.q))

    def means(*case):
        return {Mean: lambda of: mean(of, *case)}

    def computed(*case):
        there = {error: solved(data, *case), alpha: at}
        return str(stated.left(means(*case) | there))

    found = compare(
        computed,
        lambda *case: str(stated(means(*case))),
        CASES,
        names=("slab", "c", "λ", "γ", "|β*|"),
    )
    return compared(found, "slope of p at α = 0", (MULTIPRECISION, CLOSED_FORM))


NAME = "fixed point at α = 10⁻⁹"
REASON = "the next term, of order α, with a coefficient up to 10³"
state(
    "replica.null-limit",
    __doc__,
    (
        Check("enclosed at small α", Method.ENCLOSURE, enclose, NEAR, OF_NEAR),
        Check(NAME, Method.MULTIPRECISION, decide, STATED, CONTROLS, 1e-5, REASON),
    ),
    assumptions=(
        "σ = 0, ϱ = 0",
        "ρ_PT = ρ_FT = 0.1, ω ∈ {0, ½, 1}; (c, λ, γ) = (10⁻³, 0, 0), |β*| or its standard "
        "deviation 3, or (1, 0.5, 0.3), |β*| = 0.5, or (0.1, −0.09, 0.2), standard deviation 2",
    ),
    requires=("replica.effective-parameters", "replica.unique-solution"),
    not_decided=("the limit itself: that the bound holds for α < 10⁻¹², and between",),
)
