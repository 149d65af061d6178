"""State evolution predicts every step (Appendix C).

The error of each iterate of message passing, and the size of its residual, are those that state
evolution predicts, step by step.

Both start at the null estimate. What is compared is the logarithm of the error of βᵗ, of ‖rᵗ‖²/n
and of the strength τₜ, each over its prediction, for each step, averaged over seeds.
"""

from functools import cache
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from numerics.amp import amp
from numerics.state_evolution import state_evolution
from verify.claim import Control
from verify.claims.crosscheck._gaps import times
from verify.claims.crosscheck._instances import Problem
from verify.claims.crosscheck._intervals import Quantity, equivalence, over_seeds
from verify.methods.formula import named, written
from verify.registry import state

NOISE = 0.1


class Prediction(NamedTuple):
    """The problems; factors on Onsager's term and on the strengths τₜ; θ² from (σ², p, α)."""

    problems: tuple[Problem, ...]
    d: int
    seeds: range
    steps: int
    margin: float
    onsager: float = 1.0
    tau: float = 1.0
    theta_squared: Any = lambda noise, p, alpha: noise + p / alpha

    def latex(self):
        theta_squared = written(self.theta_squared, *named(r"\sigma^2", "p_t", r"\alpha"))
        return (
            rf"r^t = y - X\beta^t + {times(self.onsager)}\frac{{\langle\eta'\rangle}}{{\alpha}} "
            r"r^{t-1}, \quad \hat p_t = \frac{1}{d} \|\beta^t - \beta^*\|^2, \quad "
            r"\hat\theta_t^2 = \frac{1}{n} \|r^t\|^2: \\ "
            r"\left|E \log \frac{\hat p_t}{p_t}\right|, "
            r"\left|E \log \frac{\hat\theta_t^2}{\theta_t^2}\right|, "
            rf"\left|E \log \frac{{\hat\tau_{{t-1}}}}{{{times(self.tau)}\tau_{{t-1}}}}\right| "
            rf"\le {self.margin:.6g}, \quad 1 \le t \le {self.steps} \\ "
            rf"\theta_t^2 = {theta_squared}, \quad p_{{t+1}} = "
            rf"E\left[(\eta(\beta^* + \theta_t Z; {times(self.tau)}\tau_t) - \beta^*)^2\right]"
        )

    def margins(self):
        return f"{self.margin:.6g} in the logarithm of each"


@cache
def runs(problem, d, seeds, steps, onsager):
    """Return errors, ‖r‖²/n (S, T + 1) and strengths (S, T) of all seeds."""
    rows = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        sample = problem.task.sample(d, problem.alpha, rng, noise_variance=NOISE)
        scale = problem.initialization.finetune_scale(sample.beta_pt)
        how = {"ridge": problem.ridge, "onsager": onsager, "iterations": steps}
        found = amp(sample.X, sample.y, scale, **how, tolerance=0.0, truth=sample.beta_ft)
        if found.mse is None or found.iterations != steps:
            raise ArithmeticError(f"seed {seed} of {problem.name}: {found.status.advice}")
        rows.append((found.mse, found.theta**2, found.tau))
    return tuple(np.array(column) for column in zip(*rows, strict=True))


def quantities(stated, problem):
    """Compare errors, effective noise and strengths of one problem with their predictions."""
    where = (problem.task, problem.initialization, problem.alpha)
    how = {"iterations": stated.steps, "noise_variance": NOISE, "ridge": problem.ridge}
    predicted = state_evolution(*where, **how)
    if stated.tau != 1.0:
        predicted = state_evolution(*where, **how, tau=stated.tau * predicted.tau)
    theta_squared = stated.theta_squared(NOISE, predicted.mse, problem.alpha)
    errors, noises, strengths = runs(problem, stated.d, stated.seeds, stated.steps, stated.onsager)
    compared = {
        "error": (errors / predicted.mse)[:, 1:],
        "‖r‖²/n": (noises / theta_squared)[:, 1:],
        "strength before": strengths / predicted.tau,
    }
    for step, (name, ratios) in product(range(stated.steps), compared.items()):
        what = f"{problem.name}, step {step + 1}: {name}"
        yield Quantity(what, np.log(ratios[:, step]), stated.margin)


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
    controls = (
        Control("without Onsager's term", few._replace(onsager=0.0)),
        Control("Onsager's term ⟨η′⟩ for ⟨η′⟩/α", few._replace(onsager=0.5)),
        Control("strengths of state evolution a quarter larger", few._replace(tau=1.25)),
        Control("θ² = σ² + p", few._replace(theta_squared=lambda noise, p, alpha: noise + p)),
    )
    return over_seeds(decide, stated, controls, **how)


PROBLEMS = (
    Problem("gaussian", (1e-6, 0.99, 0.0)),
    Problem("sign", (0.1, 0.0, 1.0)),
    Problem("gaussian", (1e-3, 0.0, 0.0)),
    Problem("sign", (1e-6, -0.99, 0.0), ridge=0.2),
)

state(
    "crosscheck.amp-state-evolution",
    __doc__,
    (
        check(Prediction(PROBLEMS[2:], 1000, range(40), 8, margin=0.12), limit=120.0),
        check(Prediction(PROBLEMS, 2000, range(60), 15, margin=0.09), tier="full", limit=1800.0),
    ),
    assumptions=(
        "ρ_PT = ρ_FT = 0.4, ω = ½, α = ½, σ² = 0.1",
        "d = 1000 and 8 steps (quick), d = 2000 and 15 steps (full), undamped",
    ),
    requires=("replica.effective-parameters",),
)
