"""R-transform of the sample covariance (Appendix C.1, eq. (32)).

For X with n rows, d columns and independent N(0, 1/n) entries, α = n/d, the R-transform of XᵀX
tends to 1/(1 − ω/α).
"""

import sympy as sp

from theory import replica
from verify.claim import Check, Evidence, Method
from verify.methods.formula import Formula
from verify.methods.identity import equal, prove_all
from verify.registry import state

STATED = Formula(
    r"R(\omega)", (replica.omega, replica.alpha), lambda omega, alpha: 1 / (1 - omega / alpha)
)
CONTROLS = (
    STATED.but("1/(1 − αω)", lambda omega, alpha: 1 / (1 - omega * alpha)),
    STATED.but("1/(1 + ω/α)", lambda omega, alpha: 1 / (1 + omega / alpha)),
    STATED.but("α/(1 − ω)", lambda omega, alpha: alpha / (1 - omega)),
)
GAUSSIAN_ORDERS = 5
SERIES_ORDERS = 9


def of_gaussians(stated):
    """Sum all pairings of the Gaussian entries, and turn the moments into free cumulants."""
    return compare_orders(stated, replica.gaussian_moment, GAUSSIAN_ORDERS)


def compare_orders(stated, moment, orders):
    """Compare free cumulants order by order."""
    y = sp.Symbol("y", positive=True)
    derived = replica.r_transform_series([moment(order) for order in range(1, orders + 1)])
    series = sp.series(stated(replica.omega, 1 / y), replica.omega, 0, orders).removeO()
    return prove_all(
        (f"free cumulant {k + 1}: {derived[k]}", equal(derived[k], series.coeff(replica.omega, k)))
        for k in range(orders)
    )


def at_every_order(stated):
    """Show that the series of the stated R has the Marčenko–Pastur moments, all of them."""
    x, y = sp.symbols("x y", positive=True)
    order, power = sp.symbols("k r", positive=True, integer=True)
    unknown = sp.Symbol("N")
    equation = replica.stieltjes_equation(stated(replica.omega, 1 / y), unknown, x)
    branches = [root for root in sp.solve(equation, unknown) if sp.limit(root, x, 0) == 1]
    if len(branches) != 1:
        return where_it_parts(stated)
    (series,) = branches

    def narayana(k, r):
        return sp.binomial(k, r) * sp.binomial(k - 1, r) / (r + 1)

    recurrence = replica.moment_recurrence(narayana, order, power)
    differential = sp.simplify(replica.recurrence_as_differential_equation(series, x, y))
    satisfied, second = equal(differential, 0), sp.limit(sp.diff(series, x), x, 0) == 1
    steps = {
        "the moments Σᵣ C(k,r)C(k−1,r)/(r+1) yʳ obey (k+2)m₍ₖ₊₁₎ − (2k+1)(1+y)mₖ + "
        "(k−1)(1−y)²m₍ₖ₋₁₎ = 0 for every k: coefficient by coefficient in y": equal(recurrence, 0),
        "G(R(ω)+1/ω) = ω with the stated R has one power series solution N(x) = zG(z), "
        "x = 1/z": sp.limit(series, x, 0) == 1,
        "that N satisfies the differential equation that is this recurrence": satisfied,
        "both sequences begin with 1, 1, and the recurrence's leading term never vanishes": second,
    }
    summary = "the stated R-transform belongs to the Marčenko–Pastur law, at every order"
    proof = prove_all(steps.items(), summary=summary)
    return proof if proof.holds else where_it_parts(stated)


def where_it_parts(stated):
    """Look for the order at which a false R-transform parts from the law's."""
    found = compare_orders(stated, replica.marchenko_pastur_moment, SERIES_ORDERS)
    if found.holds:
        return Evidence(None, f"agrees to order {SERIES_ORDERS}, not shown beyond")
    return found


state(
    "replica.r-transform",
    __doc__,
    (
        Check("moments of Gaussian matrices", Method.SYMBOLIC, of_gaussians, STATED, CONTROLS),
        Check("Marčenko–Pastur moments", Method.SYMBOLIC, at_every_order, STATED, CONTROLS),
    ),
    assumptions=(
        "n, d → ∞ with n/d = α fixed",
        "Marčenko & Pastur's moments Σᵣ C(k,r)C(k−1,r)/(r+1) α⁻ʳ, which Gaussian pairings "
        f"give here up to order {GAUSSIAN_ORDERS}",
    ),
)
