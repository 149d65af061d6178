"""Ridge regression in closed form (Proposition 4.2; Section 5.1, regime III).

Where the penalty is β²/(2K), the error is that of ridge regression: a rational function of τ, which
is the root of a quadratic.
"""

from itertools import product

import sympy as sp

from numerics import Initialization, TaskDistribution, solve_replica
from theory import replica
from theory.replica import alpha, noise, ridge
from verify.claim import Check, Method
from verify.claims.replica._means import TARGET, groups_of, known, over
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal
from verify.methods.notation import Mean
from verify.methods.numeric import CLOSED_FORM, FLOAT64, compare, compared
from verify.registry import state


def level(scale, ridge, alpha):
    free = ridge - scale + scale / alpha
    return (free + sp.sqrt(free**2 + 4 * ridge * scale)) / 2


def error(signal, scale, noise, alpha, tau):
    """p, with E[β*²] = `signal`."""
    return (tau**2 * signal + scale**2 * noise**2) / ((scale + tau) ** 2 - scale**2 / alpha)


K = sp.Symbol("K", positive=True)
STATED = Formulas(
    error=Formula(replica.error, (Mean(TARGET**2), K, noise, alpha, replica.tau), error),
    tau=Formula(replica.tau, (K, ridge, alpha), level),
)
CONTROLS = (
    STATED.but("ϱ/α for ϱ", tau=lambda k, r, a: level(k, r / a, a)),
    STATED.but(
        "K/2 for K",
        tau=lambda k, r, a: level(k / 2, r, a),
        error=lambda b, k, s, a, t: error(b, k / 2, s, a, t),
    ),
    STATED.but("p times α", error=lambda b, k, s, a, t: a * error(b, k, s, a, t)),
)


def error_of(stated, at):
    return defined(
        stated.error, replica.error, at | {replica.tau: defined(stated.tau, replica.tau, at)}
    )


def derive(stated):
    """Solve the fixed point with the quadratic penalty, β̂ = z K/(K + τ)."""
    signal = sp.Symbol("B", positive=True)
    solved = replica.quadratic_error(signal, K, with_ridge=True)
    claimed = error_of(stated, {Mean: known({TARGET**2: signal})})
    return equal(sp.radsimp(solved), sp.radsimp(claimed))


SCALE = 8e6  # K = √k = 2c_FT for c = 2·10⁶


def evaluate(stated):
    """Hold the solver, at a scale that makes the penalty quadratic, to it."""
    task = TaskDistribution.pretrain_finetune(0.2, 0.3, 0.5)
    init = Initialization(SCALE / 4, 0.0)
    mean = over(groups_of(task, init))

    def computed(data, deviation, share):
        size = share * SCALE
        curve = solve_replica(task, init, data, noise_variance=deviation**2, ridge=size)
        return float(curve.mse[0])

    def claimed(data, deviation, share):
        at = {K: SCALE, noise: deviation, ridge: share * SCALE, alpha: data}
        numbers = {symbol: sp.Float(value, 40) for symbol, value in at.items()}
        return str(error_of(stated, numbers | {Mean: mean}))

    points = product((0.05, 0.6, 1.0, 1.7, 30.0), (0.0, 0.6), (1e-6, 1.25e-4))
    found = compare(computed, claimed, points, names=("α", "σ", "ϱ/K"))
    return compared(found, "error p at large scales, with ridge", (FLOAT64, CLOSED_FORM))


REASON = "(β/c_FT)² ≈ 10⁻¹² is what the quadratic leaves out, amplified near α = 1"
state(
    "replica.ridge-limit",
    __doc__,
    (
        Check("algebraic fixed point", Method.SYMBOLIC, derive, STATED, CONTROLS),
        Check("solver at large scales", Method.FLOAT64, evaluate, STATED, CONTROLS, 1e-9, REASON),
    ),
    assumptions=("ϱ > 0", "the penalty is β²/(2K) in all coordinates"),
    requires=("replica.effective-parameters", "replica.degrees-of-freedom"),
)
