"""Close to the saddle: the least ℓ1 norm (Theorem 4.1; Section 5.1, regime I).

If λ = −c, then networks that are fine-tuned from readouts γ close to 0, where c_FT = γ², end at the
least ‖β‖₁.

c_FT is the same in every coordinate, and the penalty is ℓ1 up to logarithms as it vanishes
(implicit-bias.l1-limit).
"""

from dataclasses import replace

import numpy as np
import sympy as sp
from scipy.optimize import linprog

from verify.claim import Check, Method
from verify.claims.implicit_bias._extrema import INTERPOLATION, Selected, interpolated
from verify.claims.implicit_bias._symbols import EACH, Total, of_one
from verify.methods import flow
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.numeric import Worst
from verify.methods.on_arrays import function_of
from verify.methods.relations import Extremum, Limit, Side
from verify.registry import state

c, gamma = sp.Symbol("c", positive=True), sp.Symbol("gamma", nonnegative=True)
beta_i, lam = sp.symbols("beta_i lambda", real=True)

STATED = Formulas(
    relative=Formula(lam, (c,), lambda c: -c),
    selected=Selected(
        r"\beta_{FT}",
        (Total(sp.Abs(beta_i), EACH),),
        lambda total: total,
        limit=Limit(gamma, 0, Side.ABOVE),
        extremum=Extremum.MIN,
        over=INTERPOLATION,
    ),
)
SQUARES = replace(STATED.selected, symbols=(Total(beta_i**2, EACH),))
CONTROLS = (
    STATED.but("close to γ = 1 instead", selected=replace(STATED.selected, limit=Limit(gamma, 1))),
    STATED.but("the least ‖β‖₂", selected=SQUARES),
    STATED.but("close to λ = 0 instead", relative=lambda c: 0 * c),
)
SEED, READOUT = 67, 1e-4


def approach(stated):
    """Fine-tune from readouts γ + 0.0001: the outcome must be close to the least ‖β‖₁."""
    rng, worst, d, scale = np.random.default_rng(SEED), Worst(), 6, 0.5
    fitted, sign = interpolated(stated.selected.over), stated.selected.extremum.value
    relative = function_of(defined(stated.relative, lam), c)(scale)
    readouts = function_of(stated.selected.towards.of(gamma + READOUT))()
    share = function_of(stated.selected({Total: of_one}), beta_i)
    up = float(share(1))
    for point in (-2, -1, 0, 2):
        off = float(share(point)) - up * abs(point)
        worst.at(abs(off), of="a multiple of the ℓ1 norm", beta_i=point)
    for _ in range(2):
        X, outputs = flow.random_task(rng, 3, d)
        found = linprog(sign * up * np.ones(2 * d), A_eq=np.hstack([X, -X]), b_eq=fitted(outputs))
        if not found.success:
            raise ValueError(f"an extreme ‖β‖₁ must exist, got {found.message}")
        start = flow.initial_state(scale, relative, d)
        learned = flow.train(start, *flow.random_task(rng, 4, d))
        tuned = flow.fine_tune(learned, readouts, X, outputs)
        place = {"extreme_l1_norm": sign * found.fun, "beta": str(tuned.beta)}
        worst.at(abs(up * np.abs(tuned.beta).sum() / (sign * found.fun) - 1), of="ℓ1 norm", **place)
        left = np.linalg.norm(X @ tuned.beta - fitted(outputs)) / np.linalg.norm(outputs)
        worst.at(left, of="Xβ = y", **place)
    return worst.measured("the ℓ1 norm is the least, and Xβ = y, within {worst}, relative")


WHY = "c_FT = 1e-8 leaves inactive weights of the order of a power of 1e-8"

state(
    "implicit-bias.saddle-limit",
    __doc__,
    (Check("training nearby", Method.FLOW, approach, STATED, CONTROLS, 1e-3, WHY, seed=SEED),),
    assumptions=(
        f"γ = {READOUT:g}, c = 0.5; d = 6, n = 3",
        "the least ‖β‖₁ is reached by one β only",
    ),
    requires=("implicit-bias.saddle", "implicit-bias.l1-limit"),
)
