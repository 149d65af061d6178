"""Inactive dimensions do not depend on pretraining (Section 5.2, inactive dimensions).

Where β_PT = 0, PD = 0 for every network and every β_FT ≠ 0, and c_FT = 2(c+λ) + γ²: only the edge
between regimes I and III is left.
"""

from itertools import product
from typing import Any, NamedTuple

import sympy as sp

from numerics import Initialization, regimes
from theory import regimes as derived
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, E
from verify.claim import Check, Control, Method
from verify.methods.formula import shown, written
from verify.methods.identity import equal
from verify.methods.inequality import among_networks
from verify.methods.numeric import Worst
from verify.methods.symbolic import prove_all
from verify.registry import state


class Inactive(NamedTuple):
    """Where |β_PT| = `magnitude`·c: PD = 0, and c_FT is the `scale` of c, λ and γ."""

    magnitude: Any
    scale: Any

    def latex(self):
        scale = written(self.scale, *sp.symbols("c lambda gamma"))
        return (
            rf"|\beta_{{PT}}| = {shown(self.magnitude * ABSOLUTE)} \ \Rightarrow \ "
            rf"\mathrm{{PD}} = 0, \quad c_{{FT}} = {scale}"
        )


STATED = Inactive(sp.Integer(0), lambda c, lam, gamma: 2 * (c + lam) + gamma**2)
CONTROL = Control("|β_PT| = c/10 instead of 0", STATED._replace(magnitude=sp.Rational(1, 10)))


def decide(statement):
    """Insert |β_PT| in PD and in c_FT and its derivative, the rest left free."""
    magnitude = statement.magnitude
    excess = ABSOLUTE * (sp.sqrt(1 + magnitude**2) - 1)
    there = sp.factor(derived.regime_point().pretraining_dependence.subs(E, excess))
    scale = derived.scale_from_invariants()
    slope = sp.diff(scale, BETA_PT).subs(BETA_PT, magnitude * ABSOLUTE)
    scale = scale.subs(BETA_PT, magnitude * ABSOLUTE)
    stated = statement.scale(ABSOLUTE, RATIO * ABSOLUTE, GAMMA)
    zero = sp.Integer(0)
    return prove_all(
        (
            ("PD = 0 for every y, c, s, g", equal(there, zero, within=among_networks)),
            ("∂c_FT/∂|β_PT| = 0 there", equal(sp.simplify(slope), zero, within=among_networks)),
            ("c_FT is as stated there", equal(sp.expand(scale), stated, within=among_networks)),
        ),
        summary="PD and the slope of c_FT vanish",
    )


def decide_by_kernel(statement):
    """Evaluate the float64 kernel at that β_PT for many networks."""
    worst = Worst()
    for c, r, gamma, beta in product((1e-9, 1.0, 1e9), (-1.0, 0.5, 1.0), (1e-3, 2.0), (1e-3, 1.0)):
        beta_pt, init = float(statement.magnitude) * c, Initialization(c, r * c, gamma)
        found = float(regimes.pretraining_dependence(beta_pt, beta, init))
        worst.at(abs(found), beta_FT=beta, c=c, **{"lambda": r * c}, gamma=gamma, PD=found)
    return worst.measured("largest |PD|: {worst}, at {count} networks")


state(
    "regimes.inactive-independent",
    __doc__,
    (
        Check("insert β_PT = 0", Method.SYMBOLIC, decide, STATED, CONTROL),
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
    requires=("regimes.pd-closed-form",),
)
