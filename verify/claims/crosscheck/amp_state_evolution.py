"""The errors of approximate message passing follow state evolution, step by step.

Both start at the null estimate. What is compared is the logarithm of the error of βᵗ, of ‖rᵗ‖²/n
and of the strength τₜ, each over its prediction, for each step, averaged over seeds.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

from numerics.amp import amp
from numerics.state_evolution import StateEvolution, state_evolution
from numerics.validation import FloatArray
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.claims.crosscheck._instances import Problem
from verify.claims.crosscheck._intervals import Quantity, equivalence
from verify.registry import register


class Statement(NamedTuple):
    """The problems, and what falsifies the iteration or its prediction.

    `onsager` is a factor on Onsager's term, `tau_factor` one on the strengths of state evolution;
    `wrong_normalisation` predicts with θ² = σ² + p.
    """

    problems: tuple[Problem, ...]
    d: int
    seeds: range
    steps: int
    margin: float
    noise_variance: float = 0.1
    onsager: float = 1.0
    tau_factor: float = 1.0
    wrong_normalisation: bool = False


@cache
def runs(
    problem: Problem,
    d: int,
    seeds: range,
    steps: int,
    noise_variance: float,
    onsager: float,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return errors, ‖r‖²/n (S, T + 1) and strengths (S, T) of all seeds.

    Raises
    ------
    ArithmeticError
        If an iteration diverges.
    """
    errors, noises, strengths = [], [], []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        sample = problem.task.sample(d, problem.alpha, rng, noise_variance=noise_variance)
        found = amp(
            sample.X,
            sample.y,
            problem.initialization.finetune_scale(sample.beta_pt),
            ridge=problem.ridge,
            onsager=onsager,
            iterations=steps,
            tolerance=0.0,
            truth=sample.beta_ft,
        )
        if found.mse is None or found.iterations != steps:
            raise ArithmeticError(f"seed {seed} of {problem.name}: {found.status.advice}")
        errors.append(found.mse)
        noises.append(found.theta**2)
        strengths.append(found.tau)
    return np.array(errors), np.array(noises), np.array(strengths)


def quantities(statement: Statement, problem: Problem) -> list[Quantity]:
    """Compare errors, effective noise and strengths of one problem with their predictions."""
    noise = statement.noise_variance
    predicted = _predict(statement, problem)
    if statement.tau_factor != 1.0:
        predicted = _predict(statement, problem, statement.tau_factor * predicted.tau)
    errors, noises, strengths = runs(
        problem, statement.d, statement.seeds, statement.steps, noise, statement.onsager
    )
    theta_squared = (
        noise + predicted.mse if statement.wrong_normalisation else predicted.theta_squared
    )
    found = []
    for step in range(1, statement.steps + 1):
        pairs = {
            "error": (errors[:, step], predicted.mse[step]),
            "‖r‖²/n": (noises[:, step], theta_squared[step]),
            "strength before": (strengths[:, step - 1], predicted.tau[step - 1]),
        }
        found += [
            Quantity(
                f"{problem.name}, step {step}: {name}", np.log(have / expect), statement.margin
            )
            for name, (have, expect) in pairs.items()
        ]
    return found


def _predict(
    statement: Statement, problem: Problem, tau: FloatArray | None = None
) -> StateEvolution:
    return state_evolution(
        problem.task,
        problem.initialization,
        problem.alpha,
        iterations=statement.steps,
        noise_variance=statement.noise_variance,
        ridge=problem.ridge,
        tau=tau,
    )


def decide(statement: Statement) -> Evidence:
    """Hold every step of every problem to the margin."""
    return equivalence(
        [one for problem in statement.problems for one in quantities(statement, problem)],
        roads=("message passing", "state evolution"),
        what="error, ‖r‖²/n and τ of each step",
        measure="log-ratio",
    )


def _controls(statement: Statement) -> tuple[Control, ...]:
    few = statement._replace(
        problems=statement.problems[-1:], seeds=range(12), steps=min(statement.steps, 6)
    )
    return (
        Control("without Onsager's term", few._replace(onsager=0.0)),
        Control("Onsager's term ⟨η′⟩ for ⟨η′⟩/α", few._replace(onsager=0.5)),
        Control("strengths of state evolution a quarter larger", few._replace(tau_factor=1.25)),
        Control("θ² = σ² + p", few._replace(wrong_normalisation=True)),
    )


QUICK = Statement(
    (Problem("gaussian", (1e-3, 0.0, 0.0)), Problem("sign", (1e-6, -0.99, 0.0), ridge=0.2)),
    d=1000,
    seeds=range(40),
    steps=8,
    margin=0.12,
)
FULL = Statement(
    (
        Problem("gaussian", (1e-3, 0.0, 0.0)),
        Problem("gaussian", (1e-6, 0.99, 0.0)),
        Problem("sign", (0.1, 0.0, 1.0)),
        Problem("sign", (1e-6, -0.99, 0.0), ridge=0.2),
    ),
    d=2000,
    seeds=range(60),
    steps=15,
    margin=0.09,
)

register(
    Claim(
        id="crosscheck.amp-state-evolution",
        title="State evolution predicts every step",
        sentence="The error of each iterate of message passing, and the size of its residual, "
        "are those that state evolution predicts, step by step.",
        latex=r"\frac{1}{d}\|\beta^t - \beta^*\|^2 \to p_t,\quad "
        r"\frac{1}{n}\|r^t\|^2 \to \theta_t^2 = \sigma^2 + \frac{p_t}{\alpha}",
        source="Appendix C",
        assumptions=(
            "ρ_PT = ρ_FT = 0.4, ω = ½, α = ½, σ² = 0.1",
            "d = 1000 and 8 steps (quick), d = 2000 and 15 steps (full), undamped",
        ),
        requires=("replica.effective-parameters",),
        checks=(
            Check(
                "two problems, d = 1000, seeds 0-39",
                Method.STATISTICS,
                decide,
                QUICK,
                _controls(QUICK),
                tolerance=1.0,
                reason="margin of 12 %, simultaneous 95 %",
                limit=120.0,
                seed=0,
            ),
            Check(
                "four problems, d = 2000, seeds 0-59",
                Method.STATISTICS,
                decide,
                FULL,
                _controls(FULL),
                tolerance=1.0,
                reason="margin of 9 %, simultaneous 95 %",
                tier="full",
                limit=1800.0,
                seed=0,
            ),
        ),
    )
)
