"""Enough noisy examples of pretraining (beyond the paper; Proposition 4.2 at α_PT > 1).

With more examples than coordinates, noisy labels and no ridge, pretraining is least squares: τ₁
vanishes with the ridge, the estimate is the teacher and independent noise of variance θ₁², whatever
c is, and θ₁² is the error.

At α_PT = 1 the error is infinite; without noise it is 0 for α_PT ≥ 1.
"""

from functools import cache, partial
from itertools import product

import numpy as np
import sympy as sp
from scipy.special import ndtr

from numerics import Initialization, TaskDistribution
from numerics.pipeline import Pretraining, solve_pretraining
from theory import replica
from theory.implicit_bias import penalty_slope
from verify.claim import Check, Method
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all
from verify.methods.numeric import CLOSED_FORM, FLOAT64, Worst, compared
from verify.methods.on_arrays import on_arrays
from verify.methods.orthant import decide_on_orthant
from verify.methods.relations import Limit, Relation, Side
from verify.registry import state

alpha_pt = sp.Symbol("alpha_PT", positive=True)
sigma_pt = sp.Symbol("sigma_PT", nonnegative=True)
tau_1, theta_1, c = sp.symbols("tau_1 theta_1 c", positive=True)
varrho = sp.Symbol("varrho", positive=True)
target, Z_1 = sp.symbols(r"\beta^* Z_1", real=True)
ESTIMATE = sp.Symbol(r"\hat\beta_{PT}", real=True)
ERROR = sp.Symbol("E_PT", positive=True)
NO_RIDGE = Limit(varrho, 0, Side.ABOVE)
STATED = Formulas(
    tau=Formula(tau_1, (varrho, alpha_pt), lambda rho, a: rho * a / (a - 1), Relation.BELOW),
    estimate=Formula(
        ESTIMATE, (target, theta_1, Z_1), lambda beta, theta, Z: beta + theta * Z, limit=NO_RIDGE
    ),
    error=Formula(ERROR, (theta_1,), lambda theta: theta**2, limit=NO_RIDGE),
    theta=Formula(
        theta_1**2, (sigma_pt, alpha_pt), lambda sigma, a: sigma**2 / (1 - 1 / a), limit=NO_RIDGE
    ),
)
CONTROLS = (
    STATED.but("σ²/α", theta=lambda sigma, a: sigma**2 / a),
    STATED.but("σ²/(α − 1)", theta=lambda sigma, a: sigma**2 / (a - 1)),
    STATED.but("half of it", error=lambda theta: theta**2 / 2),
    STATED.but("shrunk by a tenth", estimate=lambda beta, theta, Z: 0.9 * (beta + theta * Z)),
    STATED.but("τ₁ < 0.99 ϱα/(α − 1)", tau=lambda rho, a: 99 * rho * a / (100 * (a - 1))),
)


def decide(stated):
    """Let ϱ vanish in both equations; α = 1 + w covers every α > 1."""
    return prove_all(steps(stated), summary="both equations as the ridge vanishes")


def steps(stated):
    at = {alpha_pt: 1 + sp.Symbol("w", positive=True)}
    mean, below, p = sp.symbols("M v p", positive=True)  # M = E[η′], which is below 1
    law = 1 / (1 - replica.omega / replica.alpha)  # replica.r-transform
    of_pretraining = {
        replica.alpha: at[alpha_pt],
        replica.noise: sigma_pt,
        replica.ridge: varrho,
        replica.error: p,
        replica.susceptibility: tau_1 * mean,
    }
    tau, theta_squared = (
        one.subs(of_pretraining, simultaneous=True) for one in replica.effective_parameters(law)
    )
    (solved,) = sp.solve(tau - tau_1, tau_1)
    bound = stated.tau.side(at)
    yield (
        "τ₁ = ϱ + τ₁E[η′]/α_PT would be the bound at E[η′] = 1",
        equal(solved.subs(mean, 1), bound),
    )
    margin = stated.tau.margin({tau_1: solved.subs(mean, 1 / (1 + below))}, at)
    yield (
        "and is below it for 0 < E[η′] < 1",
        decide_on_orthant("bound − τ₁ > 0", sp.factor(margin), strict=stated.tau.strict),
    )
    for name, one in (("β̂_PT", stated.estimate), ("E_PT", stated.error), ("θ₁²", stated.theta)):
        yield f"the bound vanishes in the limit of {name}", equal(one.towards.of(bound), 0)
    # z₁ = β* + θ₁Z₁ is what the slope of (β − z₁)²/(2τ₁) + q_c(β) has there.
    seen = ESTIMATE + tau_1 * penalty_slope(ESTIMATE, c)
    (estimate,) = sp.solve(sp.limit(seen, tau_1, 0) - (target + theta_1 * Z_1), ESTIMATE)
    yield (
        "β̂_PT + τ₁q_c′(β̂_PT) = β* + θ₁Z₁ at τ₁ → 0",
        equal(stated.estimate.left({ESTIMATE: estimate}), stated.estimate()),
    )
    gap = sp.expand((defined(stated.estimate, ESTIMATE) - target) ** 2)
    density = sp.exp(-(Z_1**2) / 2) / sp.sqrt(2 * sp.pi)
    error = sp.integrate(sp.expand(gap * density), (Z_1, -sp.oo, sp.oo))
    yield "its error", equal(stated.error.left({ERROR: error}), stated.error())
    squared = sp.Symbol("s", positive=True)
    own = defined(stated.error, ERROR).subs(theta_1, sp.sqrt(squared))
    (found,) = sp.solve(theta_squared.subs(p, own) - squared, squared)
    yield (
        "θ₁² = σ_PT² + E_PT/α_PT",
        equal(stated.theta.left({theta_1: sp.sqrt(found)}), stated.theta(at)),
    )


RIDGE = 1e-10  # no closed form to fall back on
INITS = ((1e-3, -0.99, 0.0), (1e-3, 0.0, 0.0), (1.0, 0.5, 0.0), (1e-6, 0.0, 1.0))
SIZES = np.array([0.01, 0.3, 1.0, 1.7])
TASK = TaskDistribution.pretrain_finetune(0.2, 0.3, 0.5)


@cache
def pretrained(start, ratio, gamma, data, deviation, ridge):
    """Return what the solver says of pretraining."""
    init = Initialization(start, ratio * start, gamma)
    return solve_pretraining(TASK, init, Pretraining(data, deviation**2, ridge))


def near(formula):
    """Return the ridge where the limit of a formula is, and one close to it.

    Raises
    ------
    ValueError
        If it is a limit in anything but the ridge, or from both sides.
    """
    limit = formula.towards
    if limit.variable != varrho or limit.side is Side.BOTH:
        raise ValueError(f"the limit must be one of {varrho}, from a side, got {limit}")
    return float(limit.to), float(limit.to) + (RIDGE if limit.side is Side.ABOVE else -RIDGE)


def evaluate(stated):
    """Hold what the solver says of pretraining to the statement: τ₁, θ₁, error, and law."""
    worst = Worst()
    for data, deviation, init in product((1.05, 2.0, 40.0), (0.3, 1.7), INITS):
        where = {"α_PT": data, "σ_PT": deviation, "(c, λ/c, γ)": init}
        found_at = partial(pretrained, *init, data, deviation)
        at = {alpha_pt: data, sigma_pt: deviation, varrho: RIDGE}
        level = on_arrays(stated.tau.name, {tau_1: found_at(RIDGE).tau})
        bound = stated.tau.side(at)
        kept = stated.tau.relation.margin(level, bound) > 0
        worst.at(abs(level / bound - 1) if kept else np.inf, of="τ₁ over its bound", **where)
        for of, formula, read in (
            ("θ₁²", stated.theta, lambda found: {theta_1: found.theta}),
            ("E_PT", stated.error, lambda found: {ERROR: found.mse}),
        ):
            for ridge in near(formula):
                found = found_at(ridge)
                left = on_arrays(formula.name, read(found))
                right = formula(at | {theta_1: found.theta})
                worst.at(abs(left / right - 1), of=of, ϱ=ridge, **where)
        for ridge in near(stated.estimate):
            found = found_at(ridge)
            for size, law in zip((0.0, 1.0, 1.0, 0.0), _laws(found), strict=True):
                gap = np.abs(law.magnitude_cdf(SIZES) - _below(stated.estimate, size, found.theta))
                worst.at(gap, of="P(|β̂_PT| ≤ x)", x=SIZES, ϱ=ridge, **where)
    return compared(
        worst.measured("least squares within {worst}, {count} numbers"),
        "pretraining at α_PT > 1",
        (FLOAT64, CLOSED_FORM),
    )


def _laws(found):
    """Return the laws of β̂_PT of new, overlapping, pt-only and other coordinates."""
    by_name = dict(zip(found.group_names, found.laws, strict=True))
    return [by_name[name] for name in ("new", "overlap", "pt-only", "none")]


def _below(formula, size, theta):
    """Return P(|β̂_PT| ≤ x) at `SIZES` for β* = `size`, by the stated estimate, affine in Z₁."""

    def estimate(Z):
        return float(formula({target: size, theta_1: theta, Z_1: Z}))

    middle, x = estimate(0.0), on_arrays(formula.name, {ESTIMATE: SIZES})
    spread = abs(estimate(1.0) - middle)
    return ndtr((x - middle) / spread) - ndtr((-x - middle) / spread)


REASON = "τ₁ is of order ϱ, over R, which is at least c = 10⁻⁶, and the share of R < 10⁻³"
state(
    "pipeline.least-squares",
    __doc__,
    (
        Check("both equations without ridge", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check("solver of pretraining", Method.FLOAT64, evaluate, STATED, CONTROLS, 1e-6, REASON),
    ),
    assumptions=("α_PT > 1, σ_PT > 0, ϱ → 0", "c > 0"),
    requires=(
        "replica.r-transform",
        "replica.effective-parameters",
        "replica.susceptibility",
        "replica.estimator-derivative",
    ),
)
