"""State evolution rests at the replica fixed point (Proposition 4.2; Appendix C).

Iterated from the null estimate, in float64 and until a step changes θ² by a part below 10⁻¹³, the
state evolution of message passing comes to rest within a part 10⁻¹¹ of where the replica equations
hold.

The recursion, of strength τₜ, noise θₜ and error pₜ at the α, ϱ and σ² in brackets, is iterated
with its own quadrature; the equations, E[η′(β* + θZ; τ)] = α(1 − ϱ/τ) with θ² = σ² + p/α, are
solved for (τ, θ, p) by Newton's method with another, or enclosed. c_FT is the stated one in the
recursion, that of the solver's task with Newton's method, and one of its own in the enclosure.
"""

from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
import sympy as sp
from flint import arb, ctx

from numerics import solve_replica
from numerics.certified import Mixture, certify_replica
from numerics.state_evolution import state_evolution
from verify.claim import Check, Control, Evidence, Method
from verify.claims.crosscheck._gaps import Gaps, note
from verify.claims.crosscheck._instances import SLABS, Problem
from verify.claims.crosscheck._scale import AsStated
from verify.methods.balls import enclosed, exactly, holds
from verify.methods.formula import Formula
from verify.methods.identity import prove_all
from verify.methods.notation import number, written
from verify.methods.numeric import Worst
from verify.methods.on_arrays import arguments, on_arrays
from verify.methods.relations import Limit, Relation, Side
from verify.registry import state

STEPS = 3000
# A linear rate of 0.99 turns a last change of this size into an error of a hundred times it.
REST = 1e-13


ALPHA, RIDGE, SIGMA = sp.symbols("alpha varrho sigma", real=True)
THETA, P, T = sp.symbols("theta p t", real=True)
EVOLVED, SOLVED = sp.Function(r"(\tau_t, \theta_t, p_t)"), sp.Function(r"(\tau, \theta, p)")
REST_POINT = Formula(
    EVOLVED(ALPHA, RIDGE, SIGMA**2),
    (ALPHA, RIDGE, SIGMA),
    lambda alpha, ridge, sigma: SOLVED(alpha, ridge, sigma**2),
    limit=Limit(T, sp.oo),
)
TOTAL_NOISE = Formula(THETA**2, (SIGMA, P, ALPHA), lambda sigma, p, alpha: sigma**2 + p / alpha)


class FixedPoint(NamedTuple):
    """The problems; where state evolution rests, and the equation of θ there."""

    problems: tuple[Problem, ...]
    rest: Formula = REST_POINT
    noise: Formula = TOTAL_NOISE

    def latex(self):
        return rf"{self.rest.latex()}, \quad {self.noise.latex()}"


class Rest(NamedTuple):
    """The problems, by name; where state evolution rests, up to which part, after which change."""

    problems: str
    rest: Formula = replace(REST_POINT, limit=None)
    noise: Formula = TOTAL_NOISE
    most: str = "1e-11"
    relation: Relation = Relation.AT_MOST
    change: str = "1e-13"

    def latex(self):
        there = written(lambda *of: self.rest(dict(zip(of, of, strict=True))), *self.rest.symbols)
        return (
            rf"{self.rest.left_latex()} = \left(1 + \varepsilon\right) {there},\quad "
            rf"\left|\varepsilon\right| {self.relation} {number(self.most)},\quad "
            rf"\left|\theta_{{t+1}}^{{2}}/\theta_{{t}}^{{2}} - 1\right| < {number(self.change)} \\ "
            rf"{self.noise.latex()}"
        )


@cache
def evolved(problem, alpha, variance, ridge, change):
    """Return the last τ, θ and p of state evolution, and how much its last step changed."""
    how = {"iterations": STEPS, "noise_variance": variance, "ridge": ridge, "tolerance": change}
    found = state_evolution(AsStated.of(problem.task), problem.initialization, alpha, **how)
    last = found.tau[-1], np.sqrt(found.theta_squared[-1]), found.mse[-1]
    return tuple(map(float, last)), found.change


@cache
def certified(problem, alpha, variance, ridge):
    """Return what is certified of the fixed point."""
    c, ratio, gamma = problem.init
    scales = {"c": c, "relative_scale": ratio, "gamma": gamma}
    shares = problem.rho, problem.rho, Fraction(1, 2)
    mixture = Mixture.pretrain_finetune(*shares, slab=problem.slab, **scales)
    known = {"noise_variance": variance, "ridge": ridge, "digits": 16}
    return certify_replica(mixture, None, alpha, **known).points[0]


def enclose(stated):
    """Hold τ, θ and p of every problem to the enclosed ones, without and with label noise."""
    if stated.rest.limit is not None:
        raise ValueError(f"the last step is one of finitely many, got {stated.rest.latex()}")
    with ctx.workprec(BITS):
        return prove_all(steps(stated), summary=f"τ, θ and p enclosed, {stated.problems}")


def steps(stated):
    most = exactly(stated.most)
    for problem, noise in with_noise(PROBLEMS[stated.problems]):
        at = {ALPHA: problem.alpha, RIDGE: problem.ridge, SIGMA: noise**0.5}
        alpha, ridge, variance = map(float, arguments(stated.rest.name, EVOLVED, at))
        found, change = evolved(problem, alpha, variance, ridge, float(stated.change))
        name = f"{problem.name}, σ² = {noise}"
        alpha, ridge, variance = map(float, arguments(stated.rest(), SOLVED, at))
        point = certified(problem, alpha, variance, ridge)
        if not (change < float(stated.change) and point.certified):
            reason = point.reason or f"moves by {change:.2g} after {STEPS} steps"
            yield name, Evidence(None, f"{name}: {reason}")
            continue
        known = {ALPHA: point.alpha, SIGMA: noise**0.5, P: point.mse, THETA: point.theta}
        total, squared = (enclosed(one, known) for one in (stated.noise(), stated.noise.name))
        for quantity, one, other in (
            ("τ", arb(found[0]), point.tau),
            ("θ", arb(found[1]), point.theta),
            ("p", arb(found[2]), point.mse),
            ("θ²", squared, total),
        ):
            apart = abs(one / other - 1)
            text = f"{name}: {quantity} is off by {apart.str(3)}"
            where = {"problem": name, quantity: one.str(17), "enclosed": other.str(17)}
            yield text, Evidence(holds(stated.relation, apart, most), text, counterexample=where)


def with_noise(problems):
    """Yield each problem with σ² = 0, and with one σ² > 0 for each slab."""
    for problem, noise in product(problems, (0.0, 0.1, 0.3)):
        if not (noise and (noise > 0.1) == (problem.slab == SLABS[0])):
            yield problem, noise


def decide(stated):
    """Compare τ, θ and p of every problem, without and with label noise."""
    gaps, steps = Gaps(), Worst()
    limit = stated.rest.towards
    if (limit.variable, limit.to, limit.side) != (T, sp.oo, Side.BOTH):
        raise ValueError(f"state evolution rests for t → ∞, got {limit}")
    for problem, noise in with_noise(stated.problems):
        task, init = problem.task, problem.initialization
        at = {ALPHA: problem.alpha, RIDGE: problem.ridge, SIGMA: noise**0.5}
        alpha, ridge, variance = arguments(stated.rest.name, EVOLVED, at)
        how = {"iterations": STEPS, "noise_variance": variance, "ridge": ridge}
        rest = state_evolution(AsStated.of(task), init, alpha, **how, tolerance=REST)
        if not rest.change < REST:
            return Evidence(None, f"{problem.name} moves by {rest.change:.2g} after {STEPS} steps")
        alpha, ridge, variance = arguments(stated.rest(), SOLVED, at)
        curve = solve_replica(task, init, alpha, noise_variance=variance, ridge=ridge)
        total = float(stated.noise(at | {P: curve.mse[0]}))
        squared = on_arrays(stated.noise.name, {THETA: curve.theta[0]})
        steps.at(rest.iterations)
        for name, one, other in (
            ("tau", rest.tau[-1], curve.tau[0]),
            ("theta", np.sqrt(rest.theta_squared[-1]), curve.theta[0]),
            ("p", rest.mse[-1], curve.mse[0]),
            ("theta squared", total, squared),
        ):
            where = {"problem": problem.name, "noise variance": noise, "quantity": name}
            where |= {"state evolution": one, "replica equations": other}
            methods = ("state evolution", "replica fixed point")
            note(gaps, abs(one / other - 1.0), "τ, θ and p", methods, where)
    return gaps.measured(
        f"τ, θ and p agree to {{worst}} on {steps.count} problems, after at most "
        f"{steps.figure:.0f} steps"
    )


def problems(inits, alphas, rho):
    """Return problems with both slabs, without a ridge and with one, where α is larger by half.

    The slabs have two ridges, so that ϱ is not a multiple of another power of it.
    """
    return tuple(
        Problem(slab, init, alpha * (1.5 if ridge else 1), rho, ridge)
        for (slab, most), init, alpha in product(zip(SLABS, (0.1, 0.2), strict=True), inits, alphas)
        for ridge in (0.0, most)
    )


REASON = "what a linear rate leaves when the last step is below 10⁻¹³"


def other(body):
    return replace(REST_POINT, body=body)


def check(chosen, **how):
    k = 1 + 1e-6
    # Every slab and ridge once.
    few = FixedPoint((*chosen[:2], *chosen[-2:]))
    controls = (
        Control(
            "α larger by 10⁻⁶", few._replace(rest=other(lambda a, r, s: SOLVED(k * a, r, s**2)))
        ),
        Control(
            "ϱ larger by 10⁻⁶", few._replace(rest=other(lambda a, r, s: SOLVED(a, k * r, s**2)))
        ),
        Control(
            "σ² larger by 10⁻⁶", few._replace(rest=other(lambda a, r, s: SOLVED(a, r, k * s**2)))
        ),
        Control(
            "θ² = σ² + p", few._replace(noise=replace(TOTAL_NOISE, body=lambda s, p, a: s**2 + p))
        ),
    )
    name, stated = f"{len(chosen)} problems, with and without noise", FixedPoint(chosen)
    return Check(name, Method.FLOAT64, decide, stated, controls, 1e-9, REASON, **how)


def enclosure(chosen, **how):
    k = 1 + 1e-9
    stated = Rest(chosen)
    controls = (
        Control(
            "α larger by 10⁻⁹", stated._replace(rest=near(lambda a, r, s: SOLVED(k * a, r, s**2)))
        ),
        Control(
            "ϱ larger by 10⁻⁹", stated._replace(rest=near(lambda a, r, s: SOLVED(a, k * r, s**2)))
        ),
        Control(
            "σ² larger by 10⁻⁹", stated._replace(rest=near(lambda a, r, s: SOLVED(a, r, k * s**2)))
        ),
        Control(
            "θ² = σ² + p",
            stated._replace(noise=replace(TOTAL_NOISE, body=lambda s, p, a: s**2 + p)),
        ),
        Control("to 10⁻¹⁵", stated._replace(most="1e-15")),
    )
    return Check(f"{chosen}, enclosed", Method.ENCLOSURE, enclose, stated, controls, **how)


def near(body):
    return replace(REST_POINT, body=body, limit=None)


QUICK = ((1e-6, -0.99, 0.0), (1e-3, 0.0, 0.0), (1e-6, 0.0, 1.0))
MORE = ((1e-6, -0.9999, 0.0), (1e-6, 0.99, 0.0), (1e-3, -0.9, 0.05), (1.0, 0.5, 10.0))
FULL = (*MORE, *QUICK)
ALL = problems(FULL, (0.1, 0.4), 0.1) + problems(FULL, (0.5,), 0.4)
FEW_OF = problems(QUICK, (0.2,), 0.1)
FEW, MANY = PROBLEMS = {
    "4 problems, with and without noise": (*FEW_OF[:2], *FEW_OF[-2:]),
    "84 problems, with and without noise": ALL,
}
BITS = 120
state(
    "crosscheck.state-evolution-fixed-point",
    __doc__,
    (
        enclosure(FEW),
        enclosure(MANY, tier="full", limit=600.0),
        check(FEW_OF, limit=120.0),
        check(ALL, tier="full", limit=1200.0),
    ),
    assumptions=("c_FT > 0", "σ² = 0 and σ² = 0.1 or 0.3, ϱ = 0 and ϱ = 0.1 or 0.2"),
    requires=("replica.effective-parameters", "replica.unique-solution"),
)
