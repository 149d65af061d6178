"""State evolution predicts every step (Appendix C).

The error of each iterate of message passing, and the size of its residual, are those that state
evolution predicts, step by step.

Both start at the null estimate. What is compared is the logarithm of the error p̂ₜ = ‖βᵗ − β*‖²/d,
of θ̂ₜ² = ‖rᵗ‖²/n and of the strength τ̂ₜ, each over its prediction, for each step, averaged over
seeds. The residual is rᵗ = y − Xβᵗ + bₜ rᵗ⁻¹, where bₜ rᵗ⁻¹ is Onsager's term; the prediction is
pₜ₊₁ = E[(η(β* + θₜZ; τₜ) − β*)²] with θₜ² = σ² + pₜ/α.
"""

from dataclasses import replace
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
import sympy as sp

from numerics.amp import amp
from numerics.state_evolution import state_evolution
from verify.claim import Control
from verify.claims.crosscheck._instances import Problem
from verify.claims.crosscheck._intervals import Quantity, equivalence, over_seeds
from verify.claims.crosscheck._scale import STATED_SCALE, evaluated
from verify.claims.crosscheck.amp_minimiser import RESPONSE, SLOPE, onsager_factor
from verify.methods.bounds import at_least, deviation, within
from verify.methods.formula import Formula
from verify.registry import state

P_FOUND, P, THETA, TAU_FOUND, TAU = sp.symbols(
    r"\hat{p}_t p_t \hat\theta_t \hat\tau_t \tau_t", positive=True
)
SIGMA, ALPHA = sp.symbols("sigma alpha", positive=True)


class Prediction(NamedTuple):
    """The problems; Onsager's coefficient; the logarithms that are 0 within margins; from when."""

    problems: tuple[Problem, ...]
    d: int
    seeds: range
    steps: int
    onsager: Formula
    error: Formula
    residual: Formula
    strength: Formula
    first: int = 1

    def latex(self):
        steps = rf"\quad t = {self.first}, \ldots, {self.steps}"
        before = rf"\quad t = {self.first - 1}, \ldots, {self.steps - 1}"
        return (
            rf"{self.onsager.latex()} \\ {self.error.latex()},\quad {self.residual.latex()}, "
            rf"{steps} \\ {self.strength.latex()}, {before}"
        )

    def margins(self):
        bounds = sorted({float(one.side()) for one in (self.error, self.residual, self.strength)})
        return f"{', '.join(f'{bound:.6g}' for bound in bounds)} in the logarithm of each"


def prediction(problems, d, seeds, steps, margin):
    return Prediction(
        problems,
        d,
        seeds,
        steps,
        onsager=Formula("b_t", (RESPONSE, ALPHA), lambda response, alpha: response / alpha),
        error=within(sp.log(P_FOUND / P), margin),
        residual=within(sp.log(THETA**2 / (SIGMA**2 + P / ALPHA)), margin),
        strength=within(sp.log(TAU_FOUND / TAU), margin),
    )


def noise_of(problem):
    """Return σ², one with a ridge and one without."""
    return 0.5 if problem.ridge else 0.1


@cache
def runs(problem, d, seeds, steps, onsager):
    """Return errors, ‖r‖²/n (S, T + 1) and strengths (S, T) of all seeds."""
    rows = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        sample = problem.task.sample(d, problem.alpha, rng, noise_variance=noise_of(problem))
        scale = evaluated(STATED_SCALE, problem.initialization, sample.beta_pt)
        how = {"ridge": problem.ridge, "onsager": onsager, "iterations": steps}
        found = amp(sample.X, sample.y, scale, **how, tolerance=0.0, truth=sample.beta_ft)
        if found.mse is None or found.iterations != steps:
            raise ArithmeticError(f"seed {seed} of {problem.name}: {found.status.advice}")
        rows.append((found.mse, found.theta**2, found.tau))
    return tuple(np.array(column) for column in zip(*rows, strict=True))


def quantities(stated, problem):
    """Compare errors, effective noise and strengths of one problem with their predictions."""
    if stated.first < 1:
        raise ValueError(f"the null estimate, at t = 0, has no step behind it, got {stated.first}")
    where = (problem.task, problem.initialization, problem.alpha)
    noise = noise_of(problem)
    how = {"iterations": stated.steps, "noise_variance": noise, "ridge": problem.ridge}
    predicted = state_evolution(*where, **how)
    onsager = onsager_factor(
        lambda slopes: stated.onsager({SLOPE: slopes, ALPHA: problem.alpha}), problem.alpha
    )
    errors, noises, strengths = runs(problem, stated.d, stated.seeds, stated.steps, onsager)
    at = {P_FOUND: errors, P: predicted.mse, THETA: np.sqrt(noises)}
    at |= {SIGMA: noise**0.5, ALPHA: problem.alpha}
    strength = deviation(stated.strength, {TAU_FOUND: strengths, TAU: predicted.tau})
    compared = {
        "error": (stated.error, deviation(stated.error, at)[:, stated.first :]),
        "‖r‖²/n": (stated.residual, deviation(stated.residual, at)[:, stated.first :]),
        "strength before": (stated.strength, strength[:, stated.first - 1 :]),
    }
    for step, (name, (bound, logs)) in product(
        range(stated.steps - stated.first + 1), compared.items()
    ):
        what = f"{problem.name}, step {step + stated.first}: {name}"
        yield Quantity(what, logs[:, step], bound)


def decide(stated):
    """Hold every step of every problem to the margin."""
    return equivalence(
        [one for problem in stated.problems for one in quantities(stated, problem)],
        between=("message passing", "state evolution"),
        what="error, ‖r‖²/n and τ of each step",
        measure="log-ratio",
    )


def check(stated, **how):
    last = {"problems": stated.problems[-1:], "seeds": range(12), "steps": min(stated.steps, 6)}
    few = stated._replace(**last)
    nothing = replace(stated.onsager, body=lambda response, alpha: 0 * response)
    whole = replace(stated.onsager, body=lambda response, alpha: response)
    margin = float(stated.strength.side())
    larger = within(sp.log(TAU_FOUND / (sp.Rational(5, 4) * TAU)), margin)
    plain = within(sp.log(THETA**2 / (SIGMA**2 + P)), margin)
    controls = (
        Control("without Onsager's term", few._replace(onsager=nothing)),
        Control("Onsager's term ⟨η′⟩ for ⟨η′⟩/α", few._replace(onsager=whole)),
        Control("strengths of state evolution a quarter larger", few._replace(strength=larger)),
        Control("θ² = σ² + p", few._replace(residual=plain)),
        Control("deviations of at least the margin", few._replace(error=at_least(stated.error))),
    )
    return over_seeds(decide, stated, controls, **how)


PROBLEMS = (
    Problem("gaussian", (1e-6, 0.99, 0.0)),
    Problem("sign", (0.1, 0.0, 1.0)),
    Problem("gaussian", (1e-3, 0.0, 0.0)),
    Problem("sign", (1e-6, -0.99, 0.0), 0.7, ridge=0.2),
)

state(
    "crosscheck.amp-state-evolution",
    __doc__,
    (
        check(prediction(PROBLEMS[1:], 1000, range(40), 8, margin=0.12), limit=120.0),
        check(prediction(PROBLEMS, 2000, range(60), 15, margin=0.09), tier="full", limit=1800.0),
    ),
    assumptions=(
        "ρ_PT = ρ_FT = 0.4, ω = ½, α = ½ and σ² = 0.1, or α = 0.7, ϱ = 0.2 and σ² = 0.5",
        "d = 1000 and 8 steps (quick), d = 2000 and 15 steps (full), undamped",
    ),
    requires=("replica.effective-parameters",),
)
