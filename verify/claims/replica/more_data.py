"""More data than coordinates (Section 3.3, “α_PT ≥ 1”; Proposition 4.2).

With more data than coordinates and no ridge the error is σ²α/(α − 1), whatever the penalty; without
noise the teacher is recovered exactly.

At α > 1 and ϱ → 0 the first equation leaves τ → 0: β̂ = z, and the error is that of least squares.
"""

from itertools import product

import sympy as sp

from numerics import Initialization, TaskDistribution, solve_replica
from theory import replica
from verify.claim import Check, Method
from verify.methods.formula import Formula, named
from verify.methods.identity import equal, prove_all
from verify.methods.numeric import CLOSED_FORM, FLOAT64, compare, compared
from verify.registry import state

STATED = Formula(
    r"\alpha > 1,\; \varrho \to 0: \quad p",
    named(r"\sigma^2", r"\alpha"),
    lambda noise, alpha: noise * alpha / (alpha - 1),
)
CONTROLS = (
    STATED.but("σ²/(α − 1)", lambda noise, alpha: noise / (alpha - 1)),
    STATED.but("σ²/α", lambda noise, alpha: noise / alpha),
)


def derive(stated):
    """Let ϱ vanish in both equations; α = 1 + w covers every α > 1."""
    beyond, mean = sp.symbols("w m", positive=True)
    tau, theta_squared = replica.effective_parameters(1 / (1 - replica.omega / replica.alpha))
    closure = tau.subs(replica.susceptibility, replica.tau * mean) - replica.tau
    (solved,) = sp.solve(closure, replica.tau)
    # E[η′] = 1/(1 + v) < 1: what is left below the largest τ, at E[η′] = 1.
    slack = solved.subs(mean, 1) - solved.subs(mean, 1 / (1 + sp.Symbol("v", positive=True)))
    root = sp.sqrt(replica.root_k**2 + 4 * sp.Symbol("beta", real=True) ** 2)
    (found,) = sp.solve(theta_squared - replica.error, replica.error)
    return prove_all(
        (
            (
                "τ = ϱ/(1 − E[η′]/α) is largest at E[η′] = 1",
                sp.factor(slack.subs(replica.alpha, 1 + beyond)).is_positive,
            ),
            (
                "and vanishes there with ϱ",
                sp.limit(solved.subs({mean: 1, replica.alpha: 1 + beyond}), replica.ridge, 0) == 0,
            ),
            (
                "so η′ → 1 for every k > 0, and β̂ → z: p = θ²",
                sp.limit(replica.estimator_derivative(1 / root), replica.tau, 0) == 1,
            ),
            (
                "θ² = σ² + p/α at p = θ²",
                equal(found.subs(replica.alpha, 1 + beyond), stated(replica.noise**2, 1 + beyond)),
            ),
        ),
        summary="the second equation with p = θ²",
    )


RIDGE = 1e-10  # no closed form to fall back on
INITS = ((1e-3, -0.99, 0.0), (1e-3, 0.0, 0.0), (1.0, 0.5, 0.0), (1e-6, 0.0, 1.0))


def evaluate(stated):
    """Hold the solver with a tiny ridge to it."""
    task = TaskDistribution.pretrain_finetune(0.2, 0.3, 0.5, slab="gaussian")

    def computed(alpha, noise, init):
        c, ratio, gamma = init
        start = Initialization(c, ratio * c, gamma)
        return float(solve_replica(task, start, alpha, noise_variance=noise, ridge=RIDGE).mse[0])

    found = compare(
        computed,
        lambda alpha, noise, _: stated(noise, alpha),
        product((1.1, 2.0, 40.0), (0.1, 3.0), INITS),
        names=("α", "σ²", "(c, λ/c, γ)"),
    )
    return compared(found, "error p, α > 1", (FLOAT64, CLOSED_FORM))


REASON = "τ is of order ϱ, over the least √k, 2·10⁻⁵, and 1 − 1/α"
state(
    "replica.more-data",
    __doc__,
    (
        Check("both equations without ridge", Method.SYMBOLIC, derive, STATED, CONTROLS),
        Check(f"solver at ϱ = {RIDGE:g}", Method.FLOAT64, evaluate, STATED, CONTROLS, 1e-6, REASON),
    ),
    assumptions=("ϱ → 0, α > 1", "c_FT > 0"),
    requires=("replica.effective-parameters", "replica.estimator-derivative"),
)
