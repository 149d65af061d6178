"""Readouts of γ/√2 (A variant of eq. (5)).

If the readouts are re-set to γ/√2 instead of γ, then γ²/2 takes the place of γ² in c_FT.

So curves computed in that convention are those of eq. (5) at γ/√2.
"""

import sympy as sp

from theory.network import finetune_scale
from verify.claim import Check, Method
from verify.claims.network.finetune_scale import half
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal
from verify.methods.notation import named
from verify.registry import state

beta_pt, c, lam = sp.symbols("beta_PT c lambda", real=True)
gamma = sp.Symbol("gamma", nonnegative=True)
(READOUT,) = named(r"v_{\pm}^{FT}(0)")
C_FT = sp.Function("c_{FT}")

STATED = Formulas(
    readout=Formula(READOUT, (gamma,), lambda gamma: gamma / sp.sqrt(2)),
    scale=Formula(C_FT(beta_pt), (beta_pt, c, lam, gamma), half),
)
CONTROLS = (
    STATED.but("γ²", scale=lambda b, c, lam, g: half(b, c, lam, sp.sqrt(2) * g)),
    STATED.but("γ²/√2", scale=lambda b, c, lam, g: half(b, c, lam, sp.root(2, 4) * g)),
)


def decide(stated):
    """Derive the scale with these readouts."""
    w0, v0 = sp.symbols("w_0 v_0", nonnegative=True)  # cover every |λ| ≤ c
    at = {c: w0**2 + v0**2, lam: w0**2 - v0**2}
    readout = defined(stated.readout, READOUT)
    scales = {C_FT: lambda beta: finetune_scale(beta, at[c], at[lam], readout)}
    return equal(stated.scale(at), stated.scale.left(scales))


state(
    "network.readout-over-root-two",
    __doc__,
    (Check("derived weights, re-balanced", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    requires=("network.finetune-scale",),
)
