"""Re-setting the readouts lowers the scale where γ is small (Section 5.2, “readouts”).

With its readouts kept, re-balanced like the hidden weights to v₊ + v₋, a network would fine-tune
from the scale 2c(1 + √(1 + (β_PT/c)²)). Re-set to γ it starts lower by (v₊ + v₋)² − γ², positive
exactly if γ < |v₊ + v₋|, and by all but γ² of the scale as λ → −c.
"""

import sympy as sp

from theory.network import Weights, absolute_scale, finetune_scale, layer_weights
from verify.claim import Check, Method
from verify.claims.network._weights import SHOWN, from_above
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.methods.notation import named
from verify.methods.relations import Limit, Side
from verify.registry import state

beta, lam = sp.symbols("beta_PT lambda", real=True)
c, gamma = sp.Symbol("c", positive=True), sp.Symbol("gamma", nonnegative=True)
KEPT, SCALE = named(r"c_{\mathrm{kept}}", "c_{FT}")


def readouts(beta, c, lam):
    return (c - lam) * (1 + sp.sqrt(1 + (beta / c) ** 2))


STATED = Formulas(
    readouts=Formula((SHOWN.v_plus + SHOWN.v_minus) ** 2, (beta, c, lam), readouts),
    kept=Formula(
        KEPT,
        (beta, c),
        lambda beta, c: 2 * c * (1 + sp.sqrt(1 + (beta / c) ** 2)),
    ),
    less=Formula(
        KEPT - SCALE,
        (beta, c, lam, gamma),
        lambda beta, c, lam, gamma: readouts(beta, c, lam) - gamma**2,
    ),
    end=Formula(
        KEPT - SCALE,
        (KEPT, gamma),
        lambda kept, gamma: kept - gamma**2,
        limit=Limit(lam, -c, Side.ABOVE),
    ),
)
CONTROLS = (
    STATED.but("c + λ for c − λ", readouts=lambda b, c, lam: readouts(b, c, -lam)),
    STATED.but("γ²/2", less=lambda b, c, lam, g: readouts(b, c, lam) - g**2 / 2),
    STATED.but("c for 2c", kept=lambda beta, c: c * (1 + sp.sqrt(1 + (beta / c) ** 2))),
)


def decide(stated):
    """Re-balance the derived weights with and without new readouts."""
    return prove_all(steps(stated))


def steps(stated):
    w0, v0 = sp.symbols("w_0 v_0", nonnegative=True)  # cover every |λ| ≤ c
    at = {beta: beta, c: w0**2 + v0**2, lam: w0**2 - v0**2}
    now = layer_weights(*at.values())
    hidden, readout = now.w_plus + now.w_minus, now.v_plus + now.v_minus
    summed = stated.readouts.left(dict(zip(SHOWN, now, strict=True)))
    yield "the readouts' signed sum", equal(stated.readouts(at), summed)
    kept = absolute_scale(Weights(hidden, readout, hidden, readout))
    scales = {KEPT: kept, SCALE: finetune_scale(beta, at[c], at[lam], gamma)}
    yield "the scale with it", equal(stated.kept(at), stated.kept.left(scales))
    yield (
        "what re-setting the readouts takes from it",
        equal(stated.less(at), stated.less.left(scales)),
    )
    scales = {KEPT: stated.kept(), SCALE: finetune_scale(beta, c, lam, gamma)}
    yield (
        "all but γ² as λ → −c",
        equal(stated.end(scales), from_above(stated.end.towards).of(stated.end.left(scales))),
    )


state(
    "network.readout-reset",
    __doc__,
    (Check("derived weights, re-balanced", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0",),
    requires=("network.layer-weights", "network.finetune-scale"),
)
