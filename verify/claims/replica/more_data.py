"""More data than coordinates (Section 3.3, “α_PT ≥ 1”; Proposition 4.2).

With more data than coordinates and no ridge the error is σ²α/(α − 1), whatever c_FT is; without
noise the teacher is recovered exactly.

At α > 1 the first equation keeps τ below a multiple of ϱ. It vanishes with ϱ: β̂ = z, and the error
is that of least squares.
"""

from itertools import product

import numpy as np
import sympy as sp

from numerics import Initialization, TaskDistribution, solve_replica
from theory import replica
from theory.replica import alpha, error, noise, ridge, tau
from verify.claim import Check, Method
from verify.claims.replica._limits import near
from verify.claims.replica._means import RESPONSE, known
from verify.claims.replica._signs import positive
from verify.claims.replica.effective_parameters import STATED as PARAMETERS
from verify.claims.replica.estimator_derivative import ROOT
from verify.claims.replica.estimator_derivative import STATED as ESTIMATOR
from verify.claims.replica.susceptibility import STATED as SUSCEPTIBILITY
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.methods.notation import Mean
from verify.methods.numeric import CLOSED_FORM, FLOAT64, Worst, compared
from verify.methods.on_arrays import on_arrays
from verify.methods.relations import Limit, Relation, Side
from verify.registry import state

STATED = Formulas(
    tau=Formula(
        tau,
        (ridge, alpha),
        lambda ridge, alpha: ridge * alpha / (alpha - 1),
        Relation.BELOW,
    ),
    error=Formula(
        error,
        (noise, alpha),
        lambda noise, alpha: noise**2 * alpha / (alpha - 1),
        limit=Limit(ridge, 0, Side.ABOVE),
    ),
)
CONTROLS = (
    STATED.but("σ²/(α − 1)", error=lambda noise, alpha: noise**2 / (alpha - 1)),
    STATED.but("σ²/α", error=lambda noise, alpha: noise**2 / alpha),
    STATED.but("1.01 σ²α/(α − 1)", error=lambda s, alpha: 1.01 * s**2 * alpha / (alpha - 1)),
    STATED.but("τ < 0.99 ϱα/(α − 1)", tau=lambda ridge, a: 99 * ridge * a / (100 * (a - 1))),
)


def derive(stated):
    """Let ϱ vanish in both equations; α = 1 + w covers every α > 1."""
    return prove_all(steps(stated), summary="the second equation with p = θ²")


def steps(stated):
    at = {alpha: 1 + sp.Symbol("w", positive=True)}
    below = sp.Symbol("v", positive=True)
    mean = sp.Symbol("M", positive=True)  # E[η′]
    chi = SUSCEPTIBILITY.response({Mean: known({RESPONSE: mean})})
    (solved,) = sp.solve(PARAMETERS.tau(at | {replica.susceptibility: chi}) - tau, tau)
    bound = stated.tau.side(at)
    yield (
        "τ = ϱ + τE[η′]/α, solved for τ, would be the bound at E[η′] = 1",
        equal(solved.subs(mean, 1), bound),
    )
    # E[η′] = 1/(1 + v) is any number between 0 and 1.
    slack = stated.tau.margin({tau: solved.subs(mean, 1 / (1 + below))}, at)
    yield (
        "and is below it for 0 < E[η′] < 1",
        positive("bound − τ > 0", slack, strict=stated.tau.strict),
    )
    yield "the bound vanishes with ϱ", equal(stated.error.towards.of(bound), 0)
    response = ESTIMATOR.response({ROOT: ESTIMATOR.root(), tau: bound})
    yield (
        "so η′ → 1 for every k > 0, and β̂ → z: p = θ²",
        equal(stated.error.towards.of(response), 1),
    )
    (found,) = sp.solve(PARAMETERS.theta_squared(at) - error, error)
    yield "θ² = σ² + p/α at p = θ²", equal(stated.error.left({error: found}), stated.error(at))


RIDGE = "1e-10"  # no closed form to fall back on
INITS = ((1e-3, -0.99, 0.0), (1e-3, 0.0, 0.0), (1.0, 0.5, 0.0), (1e-6, 0.0, 1.0))


def evaluate(stated):
    """Hold the solver with a tiny ridge to the error, and to a bound that τ comes to."""
    task = TaskDistribution.pretrain_finetune(0.2, 0.3, 0.5, slab="gaussian")
    size, worst = float(near(stated.error.towards, ridge, RIDGE)), Worst()
    for data, deviation, (c, ratio, gamma) in product((1.1, 2.0, 40.0), (0.3, 1.7), INITS):
        start = Initialization(c, ratio * c, gamma)
        curve = solve_replica(task, start, data, noise_variance=deviation**2, ridge=size)
        where = {"α": data, "σ": deviation, "(c, λ/c, γ)": (c, ratio, gamma)}
        at = {alpha: data, noise: deviation, ridge: size}
        mse = on_arrays(stated.error.name, {error: float(curve.mse[0])})
        worst.at(abs(mse / stated.error(at) - 1), of="p", **where)
        level, bound = on_arrays(stated.tau.name, {tau: curve.tau[0]}), stated.tau.side(at)
        margin = stated.tau.relation.margin(level, bound)
        kept = margin > 0 if stated.tau.strict else margin >= 0
        worst.at(abs(level / bound - 1) if kept else np.inf, of="τ over its bound", **where)
    found = worst.measured("p and the bound of τ as stated to {worst}, {count} numbers")
    return compared(found, "error p, α > 1", (FLOAT64, CLOSED_FORM))


REASON = "τ is of order ϱ, over the least √k, 2·10⁻⁵, and 1 − 1/α"
state(
    "replica.more-data",
    __doc__,
    (
        Check("both equations without ridge", Method.SYMBOLIC, derive, STATED, CONTROLS),
        Check(f"solver at ϱ = {RIDGE}", Method.FLOAT64, evaluate, STATED, CONTROLS, 1e-6, REASON),
    ),
    assumptions=("ϱ → 0, α > 1", "c_FT > 0"),
    requires=(
        "replica.effective-parameters",
        "replica.susceptibility",
        "replica.estimator-derivative",
    ),
)
