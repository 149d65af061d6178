"""Approximate message passing comes to rest at dual Newton's minimiser, on the same data."""

from typing import NamedTuple

import numpy as np

from numerics import minimum_penalty
from numerics.amp import amp
from numerics.certificate import certificate
from verify.claim import Check, Claim, Comparison, Control, Evidence, Method
from verify.claims.crosscheck._instances import Problem
from verify.methods.numeric import largest
from verify.registry import register

SEED = 211
TOLERANCE = 1e-7
# Undamped iterates can circle the minimiser where d is small and c_FT tiny.
DAMPING = 0.3
STEPS = 3000
# What the truth needs on the controls' problems, twelve times over; some never come to rest.
CONTROL_STEPS = 500

INITS = (
    (1e-6, -0.99, 0.0),
    (1e-6, 0.99, 0.0),
    (1e-6, 0.0, 1.0),
    (1e-3, 0.0, 0.0),
    (0.1, -0.5, 0.3),
    (1.0, 0.5, 10.0),
)


class Statement(NamedTuple):
    """The problems at dimension d, and factors that falsify the iteration."""

    problems: tuple[Problem, ...]
    d: int
    onsager: float = 1.0
    ridge_factor: float = 1.0
    scale_factor: float = 1.0
    steps: int = STEPS


def decide(statement: Statement) -> Evidence:
    """Run both roads on one instance of every problem."""
    worst, gap_of_certificate, most = 0.0, 0.0, 0
    for index, problem in enumerate(statement.problems):
        rng = np.random.default_rng([SEED, index])
        sample = problem.task.sample(statement.d, problem.alpha, rng)
        scale = problem.initialization.finetune_scale(sample.beta_pt)
        newton = minimum_penalty(sample.X, sample.y, scale, ridge=problem.ridge)
        passed = amp(
            sample.X,
            sample.y,
            scale * statement.scale_factor,
            ridge=problem.ridge * statement.ridge_factor,
            damping=DAMPING,
            onsager=statement.onsager,
            iterations=statement.steps,
        )
        distance = float(np.abs(passed.beta - newton.beta).max() / np.abs(newton.beta).max())
        if not (distance <= TOLERANCE and passed.converged):
            return Evidence(
                False,
                f"message passing is {distance:.2g} away from dual Newton ({passed.status.value})",
                figure=distance,
                counterexample={
                    "problem": problem.name,
                    "status": passed.status.value,
                    "infeasibility": repr(float(passed.infeasibility[-1])),
                    "message passing": str(passed.beta[:4].tolist()),
                    "dual Newton": str(newton.beta[:4].tolist()),
                },
            )
        judged = certificate(
            sample.X, sample.y, scale, passed.beta, passed.dual, ridge=problem.ridge
        )
        gap_of_certificate = largest(gap_of_certificate, abs(judged.gap) / (1 + abs(judged.value)))
        worst, most = max(worst, distance), max(most, passed.iterations)
    return Evidence(
        True,
        f"message passing and dual Newton agree to {worst:.2g} on {len(statement.problems)} "
        f"problems, d = {statement.d}, after at most {most} steps",
        figure=worst,
        data={"largest relative gap of the certificate": gap_of_certificate},
        comparisons=(Comparison("minimiser β", ("message passing", "dual Newton"), worst),),
    )


def _controls(statement: Statement) -> tuple[Control, ...]:
    few = statement._replace(problems=statement.problems[-2:], steps=CONTROL_STEPS)
    return (
        Control("without Onsager's term", few._replace(onsager=0.0)),
        Control("Onsager's term one per cent smaller", few._replace(onsager=0.99)),
        Control("Onsager's term per input, ⟨η′⟩ for ⟨η′⟩/α", few._replace(onsager=0.5)),
        Control("ϱ twice as large", few._replace(ridge_factor=2.0)),
        Control("c_FT twice as large", few._replace(scale_factor=2.0)),
    )


def _problems(inits: tuple[tuple[float, float, float], ...]) -> tuple[Problem, ...]:
    return tuple(
        Problem(slab, init, ridge=ridge)
        for ridge in (0.0, 0.2)
        for init in inits
        for slab in ("gaussian", "sign")
    )


QUICK = Statement(_problems((INITS[0], INITS[1], INITS[4])), 300)
FULL = Statement(_problems(INITS), 1000)

register(
    Claim(
        id="crosscheck.amp-minimiser",
        title="Message passing ends at the minimiser",
        sentence="Where approximate message passing with the penalty's denoiser comes to rest, "
        "it is at the minimum-penalty solution, with and without ridge.",
        latex=r"\beta = \eta(\beta + X^{T} r; \tau),\ r = y - X\beta + "
        r"\frac{\langle\eta'\rangle}{\alpha} r\quad\Rightarrow\quad y - X\beta = \varrho\nu,\ "
        r"X^{T}\nu = q'(\beta),\ \nu = r/\tau",
        source="Theorem 4.1; Appendix C",
        assumptions=("α = ½, ρ_PT = ρ_FT = 0.4, ω = ½", f"damping {DAMPING}"),
        requires=("implicit-bias.kkt",),
        checks=(
            Check(
                "12 problems, d = 300",
                Method.CONVEX,
                decide,
                QUICK,
                _controls(QUICK),
                tolerance=TOLERANCE,
                reason="optimality conditions met to 10⁻¹⁰, times the problems' condition",
                limit=120.0,
                seed=SEED,
            ),
            Check(
                "24 problems, d = 1000",
                Method.CONVEX,
                decide,
                FULL,
                _controls(FULL),
                tolerance=TOLERANCE,
                reason="optimality conditions met to 10⁻¹⁰, times the problems' condition",
                tier="full",
                limit=1200.0,
                seed=SEED,
            ),
        ),
    )
)
