"""R-transform of the sample covariance (Appendix C.1, eq. 32).

The Marčenko–Pastur law of ratio 1/α, to which the spectrum of XᵀX tends for X with n rows, d
columns and independent N(0, 1/n) entries, n/d → α, has the R-transform 1/(1 − ω/α).

Its moments mₖ, the limits of E tr(XᵀX)ᵏ/d, are the Narayana polynomials of y = 1/α: m_{k,r} is the
coefficient of yʳ in mₖ, 0 ≤ r < k. They obey a three-term recurrence, which is a differential
equation for N(x) = Σ mₖ xᵏ = zG(z), z = 1/x; the N that the R-transform gives by G(R(ω) + 1/ω) = ω
solves it, and begins alike.
"""

from functools import cache

import mpmath
import sympy as sp

from theory import replica
from verify.claim import Check, Evidence, Method
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.methods.numeric import Worst
from verify.registry import state

k, r = sp.symbols("k r", integer=True, positive=True)
STATED = Formulas(
    transform=Formula(
        r"R(\omega)", (replica.omega, replica.alpha), lambda omega, alpha: 1 / (1 - omega / alpha)
    ),
    narayana=Formula(
        "m_{k,r}",
        (k, r),
        lambda k, r: sp.binomial(k, r) * sp.binomial(k - 1, r) / (r + 1),
    ),
)
FIFTH = STATED.but("a term ω⁵", transform=lambda w, a: 1 / (1 - w / a) + w**5)
CONTROLS = (
    STATED.but("1/(1 − αω)", transform=lambda omega, alpha: 1 / (1 - omega * alpha)),
    STATED.but("1/(1 + ω/α)", transform=lambda omega, alpha: 1 / (1 + omega / alpha)),
    STATED.but("α/(1 − ω)", transform=lambda omega, alpha: alpha / (1 - omega)),
    STATED.but("1.01 ω for ω", transform=lambda w, a: 1 / (1 - sp.Rational(101, 100) * w / a)),
    STATED.but("C(k, r)² for C(k, r) C(k−1, r)", narayana=lambda k, r: sp.binomial(k, r) ** 2),
)
SERIES_ORDERS = 9


def moment(stated, order):
    """Return the stated moment of that order, a polynomial in y = 1/α."""
    y, whole = sp.Symbol("y", positive=True), sp.Integer
    terms = (
        stated.narayana({k: whole(order), r: whole(power)}) * y**power for power in range(order)
    )
    return sum(terms)


def at_every_order(stated):
    """Show that the series of the stated R has the stated moments, all of them."""
    found = prove_all(
        every_order(stated), summary="the R-transform has the moments of the law, at every order"
    )
    # A false R may solve no quadratic; the order at which it parts from the law says why.
    return found if found.holds else where_it_parts(stated) or found


def every_order(stated):
    x, y = sp.symbols("x y", positive=True)

    def coefficient(order, power):
        return stated.narayana({k: order, r: power})

    unknown = sp.Symbol("N")
    yield (
        "the moments mₖ obey (k+2)m₍ₖ₊₁₎ − (2k+1)(1+y)mₖ + (k−1)(1−y)²m₍ₖ₋₁₎ = 0 for every "
        "k ≥ 1: coefficient by coefficient in y",
        equal(replica.moment_recurrence(coefficient, k, r), 0),
    )
    yield "the first of them is 1", equal(moment(stated, 1), 1)
    equation = replica.stieltjes_equation(stated.transform({replica.alpha: 1 / y}), unknown, x)
    branches = [root for root in sp.solve(equation, unknown) if sp.limit(root, x, 0) == 1]
    series = branches[0] if len(branches) == 1 else sp.nan
    differential = replica.recurrence_as_differential_equation(series, x, y)
    yield (
        "G(R(ω) + 1/ω) = ω has one solution N(x) = zG(z), x = 1/z, with N(0) = 1, and it satisfies "
        "the differential equation that is this recurrence",
        None if series is sp.nan else equal(sp.simplify(differential), 0),
    )
    yield (
        "N′(0) = 1 is the first moment, and the recurrence's leading term never vanishes: all "
        "moments are those of N",
        equal(sp.limit(sp.diff(series, x), x, 0), moment(stated, 1)),
    )


def where_it_parts(stated):
    """Return the order at which a false R-transform parts from its moments; None if none is."""
    y = sp.Symbol("y", positive=True)
    orders = range(1, SERIES_ORDERS + 1)
    derived = cumulants(tuple(moment(stated, order) for order in orders))
    transform = stated.transform({replica.alpha: 1 / y})
    series = sp.series(transform, replica.omega, 0, SERIES_ORDERS).removeO()
    for order, cumulant in enumerate(derived):
        found = equal(cumulant, sp.expand(series).coeff(replica.omega, order))
        if found.holds is not True:
            text = f"free cumulant {order + 1}: {cumulant} ({found.summary})"
            return Evidence(found.holds, text, found.figure, found.counterexample)
    return None


@cache
def cumulants(moments):
    """Return the free cumulants that the moments have; several variants share these."""
    return replica.r_transform_series(list(moments))


ORDERS = 5
ASPECTS = tuple(map(sp.Rational, ("1/3", "1", "5/2")))


def of_gaussians(stated):
    """Sum all pairings of the Gaussian entries, and turn the moments into free cumulants."""
    y, worst = sp.Symbol("y", positive=True), Worst()
    moments = [replica.gaussian_moment(order) for order in range(1, ORDERS + 1)]
    cumulants = replica.r_transform_series(moments)
    transform = stated.transform({replica.alpha: 1 / y})
    for order, (by_pairings, cumulant) in enumerate(zip(moments, cumulants, strict=True), 1):
        # The coefficients of R are its derivatives at 0.
        slope = sp.diff(transform, replica.omega, order - 1).subs(replica.omega, 0)
        for aspect in ASPECTS:
            for what, computed, claimed in (
                ("moment", by_pairings, moment(stated, order)),
                ("free cumulant", cumulant, slope / sp.factorial(order - 1)),
            ):
                gap = abs(sp.sympify(claimed / computed).subs(y, aspect) - 1)
                worst.at(
                    mpmath.mpf(str(sp.N(gap, 30))), of=what, order=order, alpha=str(1 / aspect)
                )
    return worst.measured(f"moments and free cumulants to order {ORDERS} agree to {{worst}}")


PAIRINGS = f"moments of Gaussian matrices, orders 1 to {ORDERS}"
EXACT = "rational numbers: nothing is rounded"
state(
    "replica.r-transform",
    __doc__,
    (
        Check("every moment", Method.SYMBOLIC, at_every_order, STATED, (*CONTROLS, FIFTH)),
        Check(PAIRINGS, Method.MULTIPRECISION, of_gaussians, STATED, CONTROLS, 0.0, EXACT),
    ),
    assumptions=("n, d → ∞ with n/d → α",),
    not_decided=(
        "that the spectrum of XᵀX tends to the Marčenko–Pastur law: the limits of its moments are "
        f"computed from the Gaussian entries for orders 1 to {ORDERS}",
    ),
)
