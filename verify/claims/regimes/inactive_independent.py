"""Inactive dimensions do not depend on pretraining (Section 5.2, “PD = 0, inactive”).

As functions of β_PT, PD(0) = 0 for every network and every β_FT ≠ 0, and c_FT(0) = 2(c+λ) + γ² with
the derivative c_FT′(0) = 0: only the edge between regimes I and III is left.
"""

from dataclasses import replace
from itertools import product

import sympy as sp

from numerics import Initialization, regimes
from theory import regimes as derived
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, E
from verify.claim import Check, Control, Method
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import prove_all
from verify.methods.inequality import equal_on_networks
from verify.methods.numeric import Worst
from verify.registry import state

c, lam, gamma = sp.symbols("c lambda gamma")
beta = sp.Symbol("beta_PT")
PD, C_FT = sp.Function(r"\mathrm{PD}"), sp.Function("c_{FT}")
STATED = Formulas(
    dependence=Formula(PD(0), (), lambda: 0),
    scale=Formula(C_FT(0), (c, lam, gamma), lambda c, lam, gamma: 2 * (c + lam) + gamma**2),
    slope=Formula(sp.Subs(sp.Derivative(C_FT(beta), beta), beta, 0), (), lambda: 0),
)
ACTIVE = replace(STATED.dependence, name=PD(sp.Rational(1, 100)))
CONTROLS = (
    STATED.but("PD(1/100) = 0", dependence=ACTIVE),
    STATED.but("c_FT = 2c + λ + γ²", scale=lambda c, lam, gamma: 2 * c + lam + gamma**2),
    STATED.but("γ²/2 for γ²", scale=lambda c, lam, gamma: 2 * (c + lam) + gamma**2 / 2),
)


def decide(stated):
    """Insert PD and c_FT as functions of β_PT, the rest left free."""
    return prove_all(steps(stated), summary="PD and the slope of c_FT vanish")


def dependence(beta_pt):
    """Return PD at β_PT, for every y, c, s and g."""
    excess = sp.sqrt(ABSOLUTE**2 + beta_pt**2) - ABSOLUTE
    return derived.regime_point().pretraining_dependence.subs(E, excess)


def scale(beta_pt):
    return derived.scale_from_invariants().subs(BETA_PT, beta_pt)


def steps(stated):
    own = {PD: dependence, C_FT: scale}
    at = {c: ABSOLUTE, lam: RATIO * ABSOLUTE, gamma: GAMMA}
    for text, form in (
        ("PD for every y, c, s, g", stated.dependence),
        ("c_FT", stated.scale),
        ("∂c_FT/∂β_PT", stated.slope),
    ):
        yield f"{text} at β_PT = 0", equal_on_networks(sp.simplify(form.left(own)), form(at))


def decide_by_kernel(dependence):
    """Evaluate the float64 kernel at that β_PT for many networks."""
    worst, claimed = Worst(), float(dependence())
    for c, r, gamma, beta in product((1e-9, 1.0, 1e9), (-1.0, 0.5, 1.0), (1e-3, 2.0), (1e-3, 1.0)):
        init = Initialization(c, r * c, gamma)

        def kernel(beta_pt, beta=beta, init=init):
            return sp.Float(float(regimes.pretraining_dependence(float(beta_pt), beta, init)))

        found = float(dependence.left({PD: kernel}))
        where = {"beta_FT": beta, "c": c, "lambda": r * c, "gamma": gamma, "PD": found}
        worst.at(abs(found - claimed), **where)
    return worst.measured("largest difference of PD: {worst}, at {count} networks")


state(
    "regimes.inactive-independent",
    __doc__,
    (
        Check("insert β_PT = 0", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check(
            "float64 kernel",
            Method.FLOAT64,
            decide_by_kernel,
            STATED.dependence,
            Control("PD(1/100) = 0", ACTIVE),
            tolerance=0.0,
            reason="PD has the factor β_PT, so that float64 gives 0 itself",
        ),
    ),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "not both λ = −c and γ = 0", "β_FT ≠ 0"),
    requires=("regimes.pd-closed-form", "regimes.transfer-closed-form"),
)
