"""Inactive dimensions do not depend on pretraining (Section 5.2, “PD = 0, inactive”).

Where β_PT = 0, PD = 0 for every network and every β_FT ≠ 0, and c_FT = 2(c+λ) + γ²: only the edge
between regimes I and III is left.
"""

from itertools import product

import sympy as sp

from numerics import Initialization, regimes
from theory import regimes as derived
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, E
from verify.claim import Check, Method
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import prove_all
from verify.methods.inequality import equal_on_networks
from verify.methods.numeric import Worst
from verify.registry import state

c, lam, gamma = sp.symbols("c lambda gamma")
STATED = Formulas(
    magnitude=Formula(r"|\beta_{PT}|", (), lambda: 0),
    dependence=Formula(r"\mathrm{PD}", (), lambda: 0),
    scale=Formula(
        "c_{FT}",
        (c, lam, gamma),
        lambda c, lam, gamma: 2 * (c + lam) + gamma**2,
    ),
)
CONTROL = STATED.but("|β_PT| = 1/100 instead of 0", magnitude=lambda: sp.Rational(1, 100))
CONTROLS = (
    CONTROL,
    STATED.but("c_FT = 2c + λ + γ²", scale=lambda c, lam, gamma: 2 * c + lam + gamma**2),
    STATED.but("γ²/2 for γ²", scale=lambda c, lam, gamma: 2 * (c + lam) + gamma**2 / 2),
)


def decide(stated):
    """Insert |β_PT| in PD and in c_FT and its derivative, the rest left free."""
    return prove_all(steps(stated), summary="PD and the slope of c_FT vanish")


def steps(stated):
    there = {BETA_PT: stated.magnitude()}
    excess = (sp.sqrt(ABSOLUTE**2 + BETA_PT**2) - ABSOLUTE).subs(there)
    dependence = sp.factor(derived.regime_point().pretraining_dependence.subs(E, excess))
    yield "PD for every y, c, s, g", equal_on_networks(dependence, stated.dependence())
    scale = derived.scale_from_invariants()
    slope = sp.simplify(sp.diff(scale, BETA_PT).subs(there))
    yield "∂c_FT/∂|β_PT| = 0 there", equal_on_networks(slope, 0)
    claimed = stated.scale({c: ABSOLUTE, lam: RATIO * ABSOLUTE, gamma: GAMMA})
    found = scale.subs(there)
    yield "c_FT is as stated there", equal_on_networks(sp.expand(found), claimed)


def decide_by_kernel(stated):
    """Evaluate the float64 kernel at that β_PT for many networks."""
    worst = Worst()
    beta_pt, claimed = float(stated.magnitude()), float(stated.dependence())
    for c, r, gamma, beta in product((1e-9, 1.0, 1e9), (-1.0, 0.5, 1.0), (1e-3, 2.0), (1e-3, 1.0)):
        found = float(
            regimes.pretraining_dependence(beta_pt, beta, Initialization(c, r * c, gamma))
        )
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
            STATED,
            CONTROL,
            tolerance=0.0,
            reason="PD has the factor β_PT, so that float64 gives 0 itself",
        ),
    ),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "not both λ = −c and γ = 0", "β_FT ≠ 0"),
    requires=("regimes.pd-closed-form", "regimes.transfer-closed-form"),
)
