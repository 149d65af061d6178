"""Readouts of γ/√2 (A variant of eq. (5)).

If the readouts are re-set to γ/√2 instead of γ, then γ²/2 takes the place of γ² in c_FT.

So curves computed in that convention are those of eq. (5) at γ/√2.
"""

from typing import Any, NamedTuple

import sympy as sp

from theory.network import finetune_scale
from verify.claim import Check, Control, Method
from verify.methods.formula import written
from verify.methods.identity import equal
from verify.registry import state


def readout(gamma):
    return gamma / sp.sqrt(2)


def scale(beta_pt, c, lam, gamma):
    return (c + lam) * (1 + sp.sqrt(1 + (beta_pt / c) ** 2)) + gamma**2 / 2


class Convention(NamedTuple):
    """What the readouts are re-set to, and the scale that fine-tuning then starts with."""

    readout: Any
    scale: Any

    def latex(self):
        beta_pt, c, lam, gamma = sp.symbols("beta_PT c lambda gamma")
        return (
            rf"v_{{\pm}}^{{FT}}(0) = {written(self.readout, gamma)} \;\Rightarrow\; "
            rf"c_{{FT}}(\beta_{{PT}}) = {written(self.scale, beta_pt, c, lam, gamma)}"
        )


STATED = Convention(readout, scale)
CONTROLS = (
    Control("γ²", Convention(readout, lambda b, c, lam, g: scale(b, c, lam, sp.sqrt(2) * g))),
    Control("γ²/√2", Convention(readout, lambda b, c, lam, g: scale(b, c, lam, sp.root(2, 4) * g))),
)


def decide(stated):
    """Derive the scale with these readouts."""
    w0, v0, gamma = sp.symbols("w_0 v_0 gamma", nonnegative=True)
    beta, c, lam = sp.Symbol("beta_PT", real=True), w0**2 + v0**2, w0**2 - v0**2
    derived = finetune_scale(beta, c, lam, stated.readout(gamma))
    return equal(stated.scale(beta, c, lam, gamma), derived)


state(
    "network.readout-over-root-two",
    __doc__,
    (Check("derived weights, re-balanced", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    requires=("network.finetune-scale",),
)
