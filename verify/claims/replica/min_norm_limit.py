"""Minimum-norm limit (Section 5.1, regime III; Proposition 4.2).

With the penalty β²/(2√k) that c_FT → ∞, √k = 2c_FT, leaves, the error is
(1 − α)E[β*²] + σ²α²/(1 − α), that of the interpolating β of least norm, whatever was pretrained.
"""

from itertools import product

import sympy as sp

from numerics import Initialization, TaskDistribution, solve_replica
from theory import replica
from theory.implicit_bias import penalty
from theory.replica import alpha, error, noise
from verify.claim import Check, Method
from verify.claims.replica._means import TARGET, groups_of, known, over
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.methods.notation import Mean
from verify.methods.numeric import CLOSED_FORM, FLOAT64, compare, compared
from verify.methods.on_arrays import on_arrays
from verify.methods.relations import Limit
from verify.registry import state

beta, k = sp.Symbol("beta", real=True), sp.Symbol("k", positive=True)
q_k = sp.Function("q_k")
STATED = Formulas(
    penalty=Formula(
        sp.sqrt(k) * q_k(beta), (beta,), lambda beta: beta**2 / 2, limit=Limit(k, sp.oo)
    ),
    error=Formula(
        error,
        (Mean(TARGET**2), noise, alpha),
        lambda signal, noise, alpha: (1 - alpha) * signal + noise**2 * alpha**2 / (1 - alpha),
    ),
)
WRONG = (
    STATED.error.but("no shrinkage: E[β*²]", lambda b, s, a: b + s**2 * a**2 / (1 - a)),
    STATED.error.but(
        "α for α² in the noise term", lambda b, s, a: (1 - a) * b + s**2 * a / (1 - a)
    ),
    STATED.error.but(
        "1/(1−α)² with the noise", lambda b, s, a: (1 - a) * b + s**2 * a**2 / (1 - a) ** 2
    ),
)
CONTROLS = tuple(STATED.but(one.variant, error=one.subject) for one in WRONG)
ANOTHER = STATED.but("β² for β²/2", penalty=lambda beta: beta**2)


def derive(stated):
    """Solve the fixed point with the quadratic penalty, β̂ = z K/(K + τ)."""
    return prove_all(steps(stated), summary="the fixed point with the penalty that is left")


def steps(stated):
    root = sp.sqrt(k)
    yield (
        "√k q_k(β) → β²/2, k = 4c_FT²",
        equal(
            stated.penalty.towards.of(stated.penalty.left({q_k: lambda b: penalty(b, root / 2)})),
            stated.penalty(),
        ),
    )
    signal, slope = sp.Symbol("B", positive=True), sp.diff(stated.penalty() / root, beta)
    solved = replica.quadratic_error(signal, beta / slope, with_ridge=False)
    yield (
        "the fixed point of the penalty β²/(2K), K = β/q′(β), solved",
        equal(stated.error.left({error: solved}), stated.error({Mean: known({TARGET**2: signal})})),
    )


def evaluate(stated):
    """Hold the error of the solver at very large scales to it."""
    init = Initialization(1e6, 0.0)
    tasks = {
        slab: TaskDistribution.pretrain_finetune(0.2, 0.3, 0.5, slab=slab)
        for slab in ("sign", "gaussian")
    }

    def computed(slab, data, deviation):
        curve = solve_replica(tasks[slab], init, data, noise_variance=deviation**2)
        return on_arrays(stated.name, {error: float(curve.mse[0])})

    def claimed(slab, data, deviation):
        mean = over(groups_of(tasks[slab], init))
        return float(stated({Mean: mean, noise: deviation, alpha: data}))

    found = compare(
        computed,
        claimed,
        product(tasks, (0.02, 0.3, 0.7, 0.95), (0.0, 0.7)),
        names=("slab", "α", "σ"),
    )
    return compared(found, "error p at large scales", (FLOAT64, CLOSED_FORM))


REASON = "PT changes c_FT by a part in 10¹², (β/c_FT)² ≈ 10⁻¹² the penalty; amplified for α near 1"

state(
    "replica.min-norm-limit",
    __doc__,
    (
        Check("algebraic fixed point", Method.SYMBOLIC, derive, STATED, (*CONTROLS, ANOTHER)),
        Check("solver at c = 10⁶", Method.FLOAT64, evaluate, STATED.error, WRONG, 1e-9, REASON),
    ),
    assumptions=("ϱ = 0, α < 1", "c_FT equal for all coordinates, as γ² or c make it"),
    requires=(
        "replica.effective-parameters",
        "replica.degrees-of-freedom",
        "implicit-bias.weighted-l2-limit",
    ),
)
