"""Scale at the start of fine-tuning (Theorem 4.1, eqs. 13-14; Appendix B.1, “fine-tuning scale”).

Fine-tuning starts with c_FT = (c + λ)(1 + √(1 + (β_PT/c)²)) + γ² in every coordinate.

So what was pretrained strongly is fine-tuned lazily, the more so the larger λ
(regimes.lorder-monotone).
"""

from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import sympy as sp

from numerics import Initialization, multiprecision
from theory.network import finetune_scale
from verify.claim import Control, Fault
from verify.methods import flow
from verify.methods.formula import Formula, derived, formula_checks
from verify.registry import state

beta_pt, lam = sp.symbols("beta_PT lambda", real=True)
c, gamma = sp.Symbol("c", positive=True), sp.Symbol("gamma", nonnegative=True)
PLACE = beta_pt, c, lam, gamma
w0, v0 = sp.symbols("w_0 v_0", nonnegative=True)  # cover every |λ| ≤ c


def scale(beta_pt, c, lam, gamma):
    return (c + lam) * (1 + sp.sqrt(1 + (beta_pt / c) ** 2)) + gamma**2


STATED = Formula(r"c_{FT}(\beta_{PT})", PLACE, scale)
CONTROLS = (
    STATED.but("γ²/2 for γ²", lambda b, c, lam, g: scale(b, c, lam, g) - g**2 / 2),
    STATED.but("c − λ for c + λ", lambda b, c, lam, g: scale(b, c, -lam, g)),
    STATED.but("√(1 + β_PT²) for √(1 + (β_PT/c)²)", lambda b, c, lam, g: scale(b * c, c, lam, g)),
)
# Every corner: no pretraining, both ends of λ, γ = 0, twelve orders of magnitude.
POINTS = [
    (b, s, r * s, g)
    for b, s, r, g in product(
        (0.0, 1e-6, -1.0, 1e6), (2.0**-20, 1.0, 1024.0), (-1.0, -0.5, 0.0, 1.0), (0.0, 0.25, 3.0)
    )
]
SEED = 47


@cache
def measured():
    """Pretrain, re-balance, fine-tune; the conserved scales at the end, by (β_PT, c, λ, γ)."""
    rng, found = np.random.default_rng(SEED), {}
    for s, r, g in ((1.0, 0.0, 0.5), (0.6, -0.8, 0.3), (0.5, 1.0, 0.0), (1.5, -1.0, 0.8)):
        learned = flow.train(flow.initial_state(s, r * s, 5), *flow.random_task(rng, 4, 5))
        end = flow.fine_tune(learned, g, *flow.random_task(rng, 3, 5))
        scales = end.w_plus * end.w_minus + end.v_plus * end.v_minus
        found |= {
            (float(b), s, r * s, g): float(v) for b, v in zip(learned.beta, scales, strict=True)
        }
    return found


PROOF = derived(
    finetune_scale, {beta_pt: beta_pt, c: w0**2 + v0**2, lam: w0**2 - v0**2, gamma: gamma}
)

state(
    "network.finetune-scale",
    __doc__,
    formula_checks(
        STATED,
        CONTROLS,
        proof=PROOF,
        measured=measured,
        digits=lambda *point: multiprecision.finetune_scale(*point, digits=50),
        kernel=lambda b, c, lam, g: Initialization(c, lam, g).finetune_scale(np.float64(b)),
        points=POINTS,
        of=PLACE,
        seed=SEED,
    ),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0",),
    requires=("network.signed-sum", "network.rebalance-zero"),
)

# A false twin: γ²/2 belongs to readouts re-set to γ/√2, as has been implemented, not to eq. (5).


def half(beta_pt, c, lam, gamma):
    return (c + lam) * (1 + sp.sqrt(1 + (beta_pt / c) ** 2)) + gamma**2 / 2


HALF = replace(STATED, body=half)

state(
    "network.finetune-scale-half-gamma",
    """Half of γ² in the scale (false) (An implementation of eq. (5)).

    With readouts re-set to γ, fine-tuning starts with c_FT = (c + λ)(1 + √(1 + (β_PT/c)²)) + γ²/2.
    """,
    formula_checks(
        HALF,
        (
            Control("γ²", STATED, must_hold=True),
            Control(
                "½(√2 γ)²: the half is all that is wrong",
                replace(STATED, body=lambda b, c, lam, g: half(b, c, lam, sp.sqrt(2) * g)),
                must_hold=True,
            ),
        ),
        proof=PROOF,
        measured=measured,
        of=PLACE,
        seed=SEED,
    ),
    twin="network.finetune-scale",
    fault=Fault.CODED,
)
