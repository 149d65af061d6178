"""The rich penalty is ℓ1 up to logarithms (Section 5.1, regime I).

For every β ≠ 0, with L = log(2|β|/c_FT) − 1, ½|β|L + ½c_FT − c_FT²/(8|β|) < q < ½|β|L + ½c_FT;
hence q/(½ log(1/c_FT)) → |β| as c_FT → 0.

In the notation of Theorem 4.1, with a coarser bound: implicit-bias.l1-limit.
"""

import mpmath
import sympy as sp

from numerics import multiprecision
from theory.regime_bounds import T, decay_certificate, logarithm_of_double_argument
from theory.regimes import H, half_angle, normalised_penalty
from verify.claim import Check, Method
from verify.methods.formula import Formula, Formulas, named
from verify.methods.identity import equal, prove_all
from verify.methods.inequality import decide_on_half_line
from verify.methods.numeric import Worst
from verify.registry import state

PLACE = named(r"|\beta|", "c_{FT}", r"\log\frac{2|\beta|}{c_{FT}}")
STATED = Formulas(
    upper=Formula("q", PLACE, lambda beta, c, log: beta / 2 * (log - 1) + c / 2, r" - \rho"),
    remainder=Formula(r"0 < \rho", PLACE, lambda beta, c, log: c**2 / (8 * beta), relation="<"),
    growth=Formula(
        r"\lim_{c_{FT} \to 0} \frac{q}{\frac{1}{2} \log(1/c_{FT})}", PLACE[:1], lambda beta: beta
    ),
)
CONTROLS = (
    STATED.but("log 2z without − 1", upper=lambda beta, c, log: beta / 2 * log + c / 2),
    STATED.but("constant 0", upper=lambda beta, c, log: beta / 2 * (log - 1)),
    STATED.but("remainder 1/(8z)", remainder=lambda beta, c, log: c**2 / (16 * beta)),
    STATED.but("constant (99/100)·½c_FT", upper=lambda b, c, log: b / 2 * (log - 1) + c * 99 / 200),
)
FASTER = STATED.but("q/(½ log(1/c_FT)) → 2|β|", growth=lambda beta: 2 * beta)


def in_units(stated, z, log):
    """Return the upper bound and the remainder in the units of φ = 2q/c_FT, at β = z, c_FT = 1."""
    return 2 * stated.upper(z, 1, log), 2 * stated.remainder(z, 1, log)


def decide(stated):
    """Divide by z = sinh t: both gaps decrease to 0 as t → ∞ and so are positive."""
    return prove_all(steps(stated), summary="both bounds hold for every β ≠ 0")


def steps(stated):
    phi, z = half_angle(normalised_penalty()).subs(H, T / 2), sp.sinh(T)
    upper, _ = in_units(stated, z, logarithm_of_double_argument())
    gap = sp.expand((upper - phi) / z)
    yield "q < upper bound", decide_on_half_line("upper − φ > 0", gap, T, decay_certificate)
    _, remainder = in_units(stated, z, logarithm_of_double_argument())
    rest = sp.expand(remainder / z - gap)
    yield "q > lower bound", decide_on_half_line("φ − lower > 0", rest, T, decay_certificate)
    beta, c = sp.symbols("beta c", positive=True)
    place = beta, c, sp.log(2 * beta / c)
    for name, bound in (
        ("upper", stated.upper(*place)),
        ("lower", stated.upper(*place) - stated.remainder(*place)),
    ):
        # With log(1/c) = x.
        x = sp.Symbol("x", positive=True)
        inserted = sp.expand_log(bound.subs(c, sp.exp(-x))) / (x / 2)
        grown = sp.limit(sp.expand(inserted), x, sp.oo)
        text = f"the {name} bound over ½ log(1/c_FT) tends to {stated.growth(beta)}"
        yield text, equal(grown, stated.growth(beta))


def decide_by_numbers(stated):
    """Hold q at 390 digits to both bounds, from z = 1/100 to 1e60."""
    least = Worst(smallest=True)
    with mpmath.workdps(400):
        for text in ("0.01", "0.5", "1", "10", "1e6", "1e30", "1e60"):
            z = mpmath.mpf(text)
            phi = 2 * multiprecision.penalty(text, 1, digits=390)
            upper, remainder = in_units(stated, z, mpmath.log(2 * z))
            for margin in (upper - phi, phi - upper + remainder):
                least.at(margin * z, z=text, bound_minus_value=mpmath.nstr(margin, 17))
    return least.measured("smallest margin times z: {worst}, at {count} bounds")


state(
    "regimes.l1-penalty-up-to-logs",
    __doc__,
    (
        Check("decay in t = asinh z", Method.SYMBOLIC, decide, STATED, (*CONTROLS, FASTER)),
        Check(
            "400 digits",
            Method.MULTIPRECISION,
            decide_by_numbers,
            STATED,
            CONTROLS,
            above=0.0,
            reason="strict bounds; margins are above 1e-130, digits of q below 1e-320",
        ),
    ),
    assumptions=("c_FT > 0", "β ≠ 0"),
    requires=("regimes.lorder-closed-form",),
)
