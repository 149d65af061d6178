"""Every further stage is the same problem (beyond the paper; Section 3.2, eqs. 4-5, repeated).

Re-initialised after a stage with scales c and λ that has learned β, the hidden weights to w₊ + w₋
and the readouts to γ, the network starts with the scales c′ and λ′, as if from eqs. 2-3. If that
stage learns β₂ and ends with readouts re-set to γ′, the third one starts with c₃ and λ₃.
"""

from functools import cache

import numpy as np
import sympy as sp

from theory.network import (
    Weights,
    absolute_scale,
    initial_weights,
    layer_weights,
    rebalanced,
    relative_scale,
)
from verify.claim import Check, Method
from verify.methods import flow
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all
from verify.methods.notation import named
from verify.methods.numeric import Worst
from verify.methods.on_arrays import function_of, on_arrays
from verify.methods.orthant import on_line
from verify.registry import state

beta, lam, beta_2 = sp.symbols("beta lambda beta_2", real=True)
c = sp.Symbol("c", positive=True)
gamma, HIDDEN, NEXT_GAMMA = (
    sp.Symbol(name, nonnegative=True) for name in ("gamma", "{w_0'}", r"{\gamma'}")
)
NEXT, NEXT_LAM, THIRD, THIRD_LAM = named("c'", r"\lambda'", "c_3", r"\lambda_3")


def square(beta, c, lam):
    return (c + lam) * (1 + sp.sqrt(1 + (beta / c) ** 2))


def again(w, beta, c):
    return 2 * w**2 * (1 + sp.sqrt(1 + (beta / c) ** 2))


STATED = Formulas(
    hidden=Formula(HIDDEN**2, (beta, c, lam), square),
    scale=Formula(NEXT, (HIDDEN, gamma), lambda w, gamma: w**2 + gamma**2),
    relative=Formula(NEXT_LAM, (HIDDEN, gamma), lambda w, gamma: w**2 - gamma**2),
    third=Formula(
        THIRD,
        (HIDDEN, beta_2, NEXT, NEXT_GAMMA),
        lambda w, beta, c, gamma: again(w, beta, c) + gamma**2,
    ),
    third_relative=Formula(
        THIRD_LAM,
        (HIDDEN, beta_2, NEXT, NEXT_GAMMA),
        lambda w, beta, c, gamma: again(w, beta, c) - gamma**2,
    ),
)
CONTROLS = (
    STATED.but("λ′ = w₀′² + γ²", relative=lambda w, gamma: w**2 + gamma**2),
    STATED.but(
        "w₀′² for 2w₀′², λ for λ′ = c′",
        third=lambda w, beta, c, gamma: again(w, beta, c) / 2 + gamma**2,
    ),
    STATED.but("√(1 + β²/c)", hidden=lambda b, c, lam: square(b * sp.sqrt(c), c, lam)),
    STATED.but("c′ without γ²", scale=lambda w, gamma: w**2),
)


def decide(stated):
    """Derive the weights at the end of each stage, from w₀, v₀ ≥ 0: these cover every |λ| ≤ c."""
    return prove_all(steps(stated))


def steps(stated):
    w0, v0 = sp.symbols("w_0 v_0", nonnegative=True)
    at = {beta: beta, c: w0**2 + v0**2, lam: w0**2 - v0**2}
    first = rebalanced(layer_weights(*at.values()), gamma)
    for name, w in (("w₊", first.w_plus), ("w₋", first.w_minus)):
        derived, formula = (
            on_line(side, beta, at[c])
            for side in (stated.hidden.left({HIDDEN: w}), stated.hidden(at))
        )
        yield f"what {name} is re-set to", equal(derived, formula)
    start = Weights(HIDDEN, gamma, HIDDEN, gamma)
    yield (
        "c′ = w₊w₋ + v₊v₋, conserved",
        equal(stated.scale.left({NEXT: absolute_scale(start)}), stated.scale()),
    )
    for name, of in zip("+-", relative_scale(start), strict=True):
        yield (
            f"λ′ = w{name}² − v{name}²",
            equal(stated.relative.left({NEXT_LAM: of}), stated.relative()),
        )
    scales = {NEXT: defined(stated.scale, NEXT), NEXT_LAM: defined(stated.relative, NEXT_LAM)}
    yield (
        "eqs. 2-3 at c′ and λ′ have the same weights",
        equal(sp.Matrix(initial_weights(*scales.values())), sp.Matrix(start)),
    )
    second = rebalanced(layer_weights(beta_2, *scales.values()), NEXT_GAMMA)
    plus, minus = relative_scale(second)
    for name, formula, found in (
        (
            "c₃, by the weights when β₂ has been learned",
            stated.third,
            {THIRD: absolute_scale(second)},
        ),
        ("λ₃, by those of the positive pathway", stated.third_relative, {THIRD_LAM: plus}),
        ("and of the negative one", stated.third_relative, {THIRD_LAM: minus}),
    ):
        sides = formula.left(found), formula({NEXT: scales[NEXT]})
        yield name, equal(*(on_line(side, beta_2, scales[NEXT]) for side in sides))


SEED = 3101
STARTS = ((1.0, 0.0, 0.5, 0.2), (0.6, -0.8, 0.3, 0.0), (0.5, 1.0, 0.0, 0.7), (0.8, -1.0, 0.6, 0.4))


@cache
def three_stages():
    """Return (c, λ, γ, γ′), what two stages learned, and the weights in the third, integrated."""
    rng, found = np.random.default_rng(SEED), []
    for start, relative, readout, next_readout in STARTS:
        one, two, three = (flow.random_task(rng, n, 4) for n in (3, 2, 3))
        first = flow.train(flow.initial_state(start, relative * start, 4), *one)
        second = flow.fine_tune(first, readout, *two)
        third = flow.fine_tune(second, next_readout, *three)
        found.append(((start, relative * start, readout, next_readout), first, second, third))
    return found


def integrate(stated):
    """Train through three stages; take what is conserved in the second and the third."""
    place, worst = (beta, c, lam, gamma, beta_2, NEXT_GAMMA), Worst()
    hidden = {HIDDEN: sp.sqrt(stated.hidden())}
    later = hidden | {NEXT: defined(stated.scale, NEXT, hidden)}
    for starts, first, second, third in three_stages():
        at = (first.beta, *starts[:3], second.beta, starts[3])
        # Re-set, so equal at the start of the stage: what w₊w₋ + v₊v₋ and w₊² − v₊² still are.
        (scale, relative), (scale_3, relative_3) = map(conserved, (second, third))
        for formula, inserted, found in (
            (stated.hidden, {}, {HIDDEN: np.sqrt((scale + relative) / 2)}),
            (stated.scale, hidden, {NEXT: scale}),
            (stated.relative, hidden, {NEXT_LAM: relative}),
            (stated.third, later, {THIRD: scale_3}),
            (stated.third_relative, later, {THIRD_LAM: relative_3}),
        ):
            left = on_arrays(formula.name, found)
            gap = np.abs(left - function_of(formula(inserted), *place)(*at))
            worst.at(gap, of=str(formula.name), **{"(c, λ, γ, γ′)": starts})
    return worst.measured("scales of the second and third stage within {worst}, {count} numbers")


def conserved(state):
    return (
        state.w_plus * state.w_minus + state.v_plus * state.v_minus,
        state.w_plus**2 - state.v_plus**2,
    )


ROUNDING = "the integrator's local tolerance is 1e-10, in three phases"
state(
    "pipeline.restart",
    __doc__,
    (
        Check("weights at the end of each stage", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check("integration", Method.FLOW, integrate, STATED, CONTROLS, 1e-7, ROUNDING, seed=SEED),
    ),
    assumptions=("c > 0, |λ| ≤ c, γ, γ′ ≥ 0, c′ > 0",),
    requires=("network.layer-weights", "network.signed-sum"),
)
