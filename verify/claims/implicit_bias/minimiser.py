"""Implicit bias of fine-tuning (Theorem 4.1, eqs. (11)-(14)).

Fine-tuned to zero training error, the network has, of all β with Xβ = y, the one with the least
Σ q_k(βᵢ), where √k = 2c_FT depends on what was pretrained.

In detail: pretrain a diagonal linear network from absolute scale c > 0 and relative scale λ,
|λ| ≤ c, by gradient flow until β = β_PT; set w± ← w₊ + w₋ and v± ← γ; fine-tune by gradient flow on
(X, y) to zero training error. z is sinh 2q_k′(β).
"""

from dataclasses import replace
from functools import cache

import numpy as np
import sympy as sp

from theory import network
from theory.implicit_bias import penalty as derived_penalty
from theory.implicit_bias import penalty_slope
from verify.claim import Check, Method
from verify.claims.implicit_bias import _symbols as matrix
from verify.claims.implicit_bias import kkt
from verify.claims.implicit_bias._extrema import INTERPOLATION, Selected, interpolated
from verify.claims.implicit_bias._symbols import EACH, Penalty, Total, of_one
from verify.methods import flow
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all, zero
from verify.methods.numeric import Worst
from verify.methods.on_arrays import function_of
from verify.methods.orthant import decide_on_orthant, on_line
from verify.methods.relations import Extremum
from verify.registry import state

beta, beta_pt, z, c, lam, gamma = sp.symbols("beta beta_PT z c lambda gamma", real=True)
k = sp.Symbol("k", positive=True)
beta_i, k_i = sp.symbols("beta_i k_i")


def penalty(z, k):
    """q_k, eqs. 11-12."""
    return sp.sqrt(k) / 4 * (1 - sp.sqrt(1 + z**2) + z * sp.asinh(z))


def argument(beta, k):
    """z, eq. 12."""
    return 2 * beta / sp.sqrt(k)


def root_k(beta_pt, c, lam, gamma):
    """√k, eqs. 13-14."""
    return 2 * ((c + lam) * (1 + sp.sqrt(1 + (beta_pt / c) ** 2)) + gamma**2)


THEOREM = Formulas(
    selected=Selected(
        r"\beta_{FT}",
        (Total(Penalty(beta_i, k_i), EACH),),
        lambda total: total,
        extremum=Extremum.MIN,
        over=INTERPOLATION,
    ),
    penalty=Formula(Penalty(beta, k), (z, k), penalty),
    z=Formula(z, (beta, k), argument),
    root_k=Formula(sp.sqrt(k), (beta_pt, c, lam, gamma), root_k),
)
SQUARES = replace(THEOREM.selected, symbols=(Total(Penalty(beta_i, k_i) ** 2, EACH),))
CONTROLS = (
    THEOREM.but("γ²/2 for γ²", root_k=lambda b, c, lam, g: root_k(b, c, lam, g) - g**2),
    THEOREM.but("c − λ for c + λ", root_k=lambda b, c, lam, g: root_k(b, c, -lam, g)),
    THEOREM.but("√k = c_FT for 2c_FT", root_k=lambda b, c, lam, g: root_k(b, c, lam, g) / 2),
    THEOREM.but("β_PT = 0 in c_FT", root_k=lambda b, c, lam, g: root_k(0 * b, c, lam, g)),
    THEOREM.but("z = β/√k", z=lambda beta, k: beta / sp.sqrt(k)),
    THEOREM.but("Σ q²", selected=SQUARES),
    THEOREM.but("the greatest", selected=replace(THEOREM.selected, extremum=Extremum.MAX)),
)


def penalty_at(theorem, at):
    """Return what a coordinate gives to the sum, at values of β and k."""
    q = sp.Dummy("q", real=True)

    def quantity(*at):
        if at != (beta, k):
            raise ValueError(f"the penalty of {beta} and {k} must be stated, got that of {at}")
        return q

    stated = matrix.resolved(theorem.penalty, q, {Penalty: quantity})

    def share(beta_i, k_i):
        place = {beta: beta_i, k: k_i}
        return stated.subs({**place, z: defined(theorem.z, z, place)}, simultaneous=True)

    here = {beta_i: at.get(beta, beta), k_i: at.get(k, k)}
    return theorem.selected({Total: of_one, Penalty: share, **here})


# How it is decided, first way: the flow conserves the optimality conditions.


def decide(theorem):
    """Show that the slope of the penalty stays a combination of the examples."""
    return prove_all(steps(theorem))


def steps(theorem):
    w0, v0, readout = sp.symbols("w_0 v_0 gamma", nonnegative=True)
    initial = {c: w0**2 + v0**2, lam: w0**2 - v0**2, gamma: readout}
    start = sp.Symbol("c_FT", positive=True)
    at_start = {k: 4 * start**2}
    q = penalty_at(theorem, at_start)
    yield (
        "√k is twice the scale that fine-tuning starts with, where c = w₀² + v₀² and λ = w₀² − v₀²",
        equal(
            theorem.root_k(initial),
            theorem.root_k.left(at_start).subs(
                start, network.finetune_scale(beta_pt, *initial.values())
            ),
        ),
    )
    potential = {Penalty: lambda beta, k: derived_penalty(beta, sp.sqrt(k) / 2)}
    yield (
        "q_k is the potential of the flow from that scale",
        equal(q, theorem.penalty.left({**at_start, **potential})),
    )
    yield (
        "q_k′ = ½ asinh z",
        equal(defined(theorem.z, z, at_start), sp.sinh(2 * penalty_slope(beta, start))),
    )
    yield "q_k′ = 0 at β_FT(0) = 0", zero(sp.diff(q, beta).subs(beta, 0))
    yield "q_k(0) = 0", zero(q.subs(beta, 0))
    now, g = network.weights(), sp.Symbol("g", real=True)
    weight, velocities = network.effective_weight(now), network.gradient_flow([now], [g])
    squared_speed = network.rate(weight, [now], velocities) ** 2 / g**2
    scale = network.absolute_scale(now)
    rate = sp.diff(penalty_at(theorem, {}), beta, 2) ** -2
    stated = sp.expand(sp.simplify(rate)).subs(
        {beta: weight, sp.sqrt(k): 2 * scale, k: 4 * scale**2}
    )
    lam_plus, lam_minus = network.relative_scale(now)
    yield (
        "the flow moves β at 1/q_k″ where λ₊ = λ₋, as at the start of fine-tuning and ever after",
        zero(sp.expand(squared_speed - stated - (lam_plus - lam_minus) ** 2)),
    )
    yield (
        "so d/dt q_k′(βᵢ) = −(∇L)ᵢ = (Xᵀ(y − Xβ))ᵢ: q_k′(βᵢ) = (Xᵀν)ᵢ at all times, the conditions "
        "of an extremum (implicit-bias.kkt)",
        equal(sp.diff(q, beta), kkt.STATED.slope({kkt.b: beta, kkt.c: start})),
    )
    fitted = theorem.selected.over
    error = sp.expand(fitted.left({}) - fitted())
    yield "where Xβ = y no training error is left", equal(error, matrix.X * matrix.beta - matrix.y)
    text = "and q_k bends upwards everywhere: the extremum is the least, for this β only"
    bend = theorem.selected.extremum.value * sp.diff(q, beta, 2)
    yield text, decide_on_orthant(text, sp.factor(on_line(bend, beta, start)))


# Second way: train small networks in both phases, and look at where they end.

SEED = 59
NETWORKS = (
    (1.0, 0.0, 0.5),
    (0.6, 0.6, 0.0),
    (0.5, -0.45, 0.3),
    (1.2, -1.2, 0.7),
    (0.3, 0.1, 0.0),
    (2.0, -1.0, 1.5),
)


@cache
def trained():
    """Train all networks in both phases; return β_PT, β_FT and the X, y of fine-tuning of each."""
    rng, outcomes, d = np.random.default_rng(SEED), [], 6
    for scale, relative, readouts in NETWORKS:
        learned = flow.train(flow.initial_state(scale, relative, d), *flow.random_task(rng, 4, d))
        X, y = flow.random_task(rng, 3, d)
        tuned = flow.fine_tune(learned, readouts, X, y)
        outcomes.append((learned.beta, tuned.beta, X, y))
    return outcomes


def integrate(theorem):
    """Hold the end of fine-tuning to Xβ = y, q_k′ to the row space of X, and q_k″ to its sign."""
    worst, at = Worst(), (beta, beta_pt, c, lam, gamma)
    size = matrix.resolved(theorem.root_k, k)
    q, sign = penalty_at(theorem, {}), theorem.selected.extremum.value
    slope, bend = (function_of(sp.diff(q, beta, order).subs(k, size), *at) for order in (1, 2))
    root_k, fitted = function_of(theorem.root_k(), *at), interpolated(theorem.selected.over)
    for scales, (learned, tuned, X, y) in zip(NETWORKS, trained(), strict=True):
        # A wrong scale may vanish; its slopes are infinite then, and outside of every space.
        with np.errstate(divide="ignore", invalid="ignore"):
            outside = flow.outside_row_space(slope(tuned, learned, *scales), X)
            right = np.all(sign * bend(tuned, learned, *scales) > 0)
            right &= np.all(root_k(tuned, learned, *scales) > 0)
        place = {"network": scales, "beta_PT": learned.tolist(), "beta_FT": tuned.tolist()}
        worst.at(outside, of="q′(β_FT) in the row space of X", **place)
        worst.at(0.0 if right else np.inf, of="√k > 0 and q″(β_FT) > 0: a minimum", **place)
        left = np.linalg.norm(X @ tuned - fitted(y)) / np.linalg.norm(y)
        worst.at(left, of="Xβ = y", **place)
    return worst.measured("q′(β_FT) is in the row space of X, and Xβ = y, within {worst}, relative")


WHY = "the integrator's local tolerance is 1e-10, in two phases"

state(
    "implicit-bias.minimiser",
    __doc__,
    (
        Check("optimality along the flow", Method.SYMBOLIC, decide, THEOREM, CONTROLS),
        Check("both phases", Method.FLOW, integrate, THEOREM, CONTROLS, 1e-8, WHY, seed=SEED),
    ),
    assumptions=("Xβ = y has a solution", "c > 0, |λ| ≤ c, γ ≥ 0, and c_FT > 0 everywhere"),
    requires=(
        "network.finetune-scale",
        "network.zero-training-error",
        "implicit-bias.penalty",
        "implicit-bias.kkt",
    ),
)
