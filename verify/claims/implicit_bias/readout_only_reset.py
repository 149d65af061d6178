"""Only the readouts re-set (Section 4.1, “Lippl & Lindsey”).

If only the readouts are re-set to γ, and the hidden weights kept, fine-tuning starts at
β = γ(w₊ − w₋) with √k = √((w₊² + w₋²)² + 8w₊w₋γ² + 4γ⁴). For γ → 0 that is λ + √(c² + β_PT²), which
where β_PT ≠ 0 the re-balanced network has at a λ° of its own: as c → 0, at λ° = −c/2 and not at
λ° = 0, whatever λ was.

An implementation of Lippl and Lindsey (2024) fine-tunes so, with small c and γ: among the penalties
of Theorem 4.1 that is the one at √k = |β_PT|, where λ = 0 gives 2|β_PT|. For β(0) ≠ 0 what is
minimised is q_k(β) less its tangent at β(0).
"""

from dataclasses import replace

import numpy as np
import sympy as sp

from theory.network import (
    Weights,
    absolute_scale,
    effective_weight,
    finetune_scale,
    layer_weights,
    relative_scale,
)
from verify.claim import Check, Control, Fault, Method
from verify.claims.implicit_bias._symbols import resolved
from verify.methods import flow
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.methods.numeric import Worst
from verify.methods.on_arrays import function_of
from verify.methods.relations import Limit, Side
from verify.registry import state

plus, minus, beta, lam = sp.symbols("w_+ w_- beta_PT lambda", real=True)
gamma = sp.Symbol("gamma", nonnegative=True)
c, k = sp.symbols("c k", positive=True)
lam_balanced = sp.Symbol(r"\lambda^\circ", real=True)


def root_k(plus, minus, gamma):
    return sp.sqrt((plus**2 + minus**2) ** 2 + 8 * plus * minus * gamma**2 + 4 * gamma**4)


RESTART = Formulas(
    root_k=Formula(sp.sqrt(k), (plus, minus, gamma), root_k),
    start=Formula(
        r"\beta_{FT}(0)", (plus, minus, gamma), lambda plus, minus, gamma: gamma * (plus - minus)
    ),
)
STATED = Formulas(
    root_k=RESTART.root_k,
    start=RESTART.start,
    learned=Formula(
        sp.sqrt(k),
        (beta, c, lam),
        lambda beta, c, lam: lam + sp.sqrt(c**2 + beta**2),
        limit=Limit(gamma, 0, Side.ABOVE),
    ),
    same=Formula(lam_balanced / c, (), lambda: -sp.Rational(1, 2), limit=Limit(c, 0, Side.ABOVE)),
)


def controls(stated):
    return (
        stated.but(
            "the re-balanced 2(w₊ + w₋)² + 2γ²",
            root_k=lambda plus, minus, gamma: 2 * (plus + minus) ** 2 + 2 * gamma**2,
        ),
        stated.but(
            "w₊² + w₋² + 2γ²", root_k=lambda plus, minus, gamma: plus**2 + minus**2 + 2 * gamma**2
        ),
        stated.but("β_FT(0) = γ(w₊ + w₋)", start=lambda plus, minus, gamma: gamma * (plus + minus)),
    )


CONTROLS = (
    *controls(STATED),
    STATED.but("−λ for λ", learned=lambda beta, c, lam: -lam + sp.sqrt(c**2 + beta**2)),
    STATED.but("γ → 1", learned=replace(STATED.learned, limit=Limit(gamma, 1))),
    STATED.but("as re-balanced at λ = 0", same=lambda: sp.Integer(0)),
    STATED.but("as re-balanced at λ = −0.49 c", same=lambda: -sp.Rational(49, 100)),
)


def decide(stated):
    """Insert the start in N² − 4β², which the flow conserves; then the learned hidden weights."""
    return prove_all(steps(stated))


def steps(stated):
    start = Weights(plus, gamma, minus, gamma)
    lam_plus, lam_minus = relative_scale(start)
    squared = sp.expand(4 * absolute_scale(start) ** 2 + (lam_plus - lam_minus) ** 2)
    yield (
        "β moves at √(k + 4β²): k = N² − 4β² = 4c² + (λ₊ − λ₋)² of the start (network.orbits)",
        equal(stated.root_k(), stated.root_k.left({k: squared})),
    )
    yield "from this β", equal(stated.start(), effective_weight(start))
    w0, v0 = sp.symbols("w_0 v_0", nonnegative=True)
    initial = {c: w0**2 + v0**2, lam: w0**2 - v0**2}
    learned = layer_weights(beta, *initial.values())
    kept = stated.learned.towards.of(stated.learned.left({k: squared}))
    yield "as γ → 0 it is w₊² + w₋²", equal(kept, plus**2 + minus**2)
    yield (
        "which pretraining makes a function of β_PT",
        equal(stated.learned(initial), learned.w_plus**2 + learned.w_minus**2),
    )
    # β_PT and −β_PT have the same √k; λ is a multiple of c.
    size, ratio = sp.Symbol("beta_PT", positive=True), sp.Symbol("r", real=True)
    rebalanced = 2 * finetune_scale(size, c, lam, 0)
    (at,) = sp.solve(rebalanced - stated.learned({beta: size, lam: ratio * c}), lam)
    yield (
        "as c → 0 it is √k = 2c_FT of the re-balanced network at λ°",
        equal(stated.same.towards.of(stated.same.left({lam_balanced: at})), stated.same()),
    )


SEED = 71


def integrate(stated):
    """Pretrain, re-set the readouts, fine-tune: q′ must have moved within the row space of X."""
    rng, worst, d = np.random.default_rng(SEED), Worst(), 6
    places = plus, minus, gamma
    root_k, start = (function_of(form(), *places) for form in (stated.root_k, stated.start))
    scale = function_of(sp.sqrt(resolved(stated.root_k, k)), *places)
    for size, relative, readout in ((1.0, 0.0, 0.5), (0.6, -0.4, 0.9), (0.5, 0.5, 0.0)):
        learned = flow.train(flow.initial_state(size, relative, d), *flow.random_task(rng, 4, d))
        X, y = flow.random_task(rng, 3, d)
        readouts = np.full(d, readout)
        tuned = flow.train(flow.State(learned.w_plus, readouts, learned.w_minus, readouts), X, y)
        values = learned.w_plus, learned.w_minus, readout
        positive = np.all(root_k(*values) > 0)
        with np.errstate(all="ignore"):
            moved = [np.arcsinh(2 * b / scale(*values)) for b in (tuned.beta, start(*values))]
        outside = flow.outside_row_space(moved[0] - moved[1], X)
        place = {"c": size, "lambda": relative, "gamma": readout, "beta_FT": tuned.beta.tolist()}
        worst.at(0.0 if positive else np.inf, of="√k > 0", **place)
        worst.at(outside, of="change of q′ in the row space of X", **place)
        worst.at(np.linalg.norm(X @ tuned.beta - y) / np.linalg.norm(y), of="Xβ = y", **place)
    return worst.measured("q′ moved in the row space of X, and Xβ = y, within {worst}, relative")


WHY = "trainings end at a residual of 1e-8; the local tolerance is 1e-10"

state(
    "implicit-bias.readout-only-reset",
    __doc__,
    (
        Check("invariants of the start", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check(
            "both phases",
            Method.FLOW,
            integrate,
            RESTART,
            controls(RESTART),
            1e-7,
            WHY,
            seed=SEED,
        ),
    ),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "k > 0", "β_PT ≠ 0 held fixed in the limit c → 0"),
    requires=("network.orbits", "network.layer-weights", "network.finetune-scale"),
)

# A false twin: λ = 0 with infinitesimal c and γ, re-balanced, has twice that √k.

AT_ZERO = STATED.but("", same=lambda: sp.Integer(0)).subject
TRUTH = Control("λ = −c/2", STATED, must_hold=True)

state(
    "implicit-bias.readout-only-balanced",
    """Re-setting only the readouts is the balanced case (false) (Section 4.1, “Lippl & Lindsey”, as
    it can be read).

    For infinitesimal c and γ, fine-tuning with only the readouts re-set has the penalty of Theorem
    4.1 at λ = 0.
    """,
    (Check("invariants of the start", Method.SYMBOLIC, decide, AT_ZERO, TRUTH),),
    twin="implicit-bias.readout-only-reset",
    fault=Fault.READ,
)
