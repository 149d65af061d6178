"""Small problems solved by every road to the minimiser: flows, dual Newton, cone programme."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from numerics import Initialization, TaskDistribution, convex, minimum_penalty
from numerics.gradient_flow import finetune_flow, mirror_flow
from numerics.validation import FloatArray
from verify.claim import Comparison, Evidence
from verify.methods.numeric import largest

# (c, λ/c, γ): the four regimes of Figure 5 at scales that a flow can leave, and between.
INITS = (
    (1e-3, -0.999, 0.0),
    (1e-3, 0.99, 0.0),
    (1e-3, 0.0, 1.0),
    (1e-3, -0.9, 0.05),
    (0.1, 0.0, 0.0),
    (1.0, 0.5, 0.3),
    (0.3, -0.5, 2.0),
)

# Duality gap above which the other conic solver is asked, too.
SMALL_GAP = 1e-12

Scale = Callable[[Initialization, FloatArray], FloatArray]


def stated_scale(init: Initialization, beta_pt: FloatArray) -> FloatArray:
    """Return c_FT = (c + λ)(1 + √(1 + (β_PT/c)²)) + γ², as Theorem 4.1 states it."""
    return np.asarray((init.c + init.lam) * (1 + np.hypot(1, beta_pt / init.c)) + init.gamma**2)


@dataclass(frozen=True)
class Instance:
    """One problem, and where the flow of the weights ends on it."""

    name: str
    init: Initialization
    X: FloatArray
    y: FloatArray
    beta_pt: FloatArray
    by_flow: FloatArray


@cache
def instances(count: int, sizes: tuple[int, ...], seed: int) -> tuple[Instance, ...]:
    """Draw `count` problems over initialisations, slabs and sizes, and train on them by flow.

    Raises
    ------
    ArithmeticError
        If a flow does not end at zero training error.
    """
    rng = np.random.default_rng(seed)
    drawn = []
    for index in range(count):
        c, ratio, gamma = INITS[index % len(INITS)]
        init = Initialization(c, ratio * c, gamma)
        slab: Any = ("gaussian", "sign")[(index // len(INITS)) % 2]
        d = sizes[index % len(sizes)]
        task = TaskDistribution.pretrain_finetune(0.4, 0.4, 0.5, slab=slab)
        sample = task.sample(d, float(rng.uniform(0.3, 0.8)), rng)
        start = init.pretraining_layer_weights(sample.beta_pt)
        flow = finetune_flow(start, init, sample.X, sample.y)
        if not flow.converged:
            raise ArithmeticError(f"the flow must end, got {flow.message!r}")
        name = f"{index}: {slab} slab, d = {d}, (c, lambda/c, gamma) = {(c, ratio, gamma)}"
        drawn.append(Instance(name, init, sample.X, sample.y, sample.beta_pt, flow.beta[-1]))
    return tuple(drawn)


def distance(first: FloatArray, second: FloatArray) -> float:
    """Return max|β₁ − β₂|/max|β₁|."""
    return float(np.abs(first - second).max() / np.abs(first).max())


def _best_cone_answer(problem: Instance, scales: FloatArray) -> convex.ConicMinimum:
    """Return CLARABEL's answer, or SCS's where our certificate finds that one better."""
    answers = [convex.minimum_penalty(problem.X, problem.y, scales)]
    if abs(answers[0].gap) > SMALL_GAP:
        answers.append(convex.minimum_penalty(problem.X, problem.y, scales, solver="SCS"))
    return min(answers, key=lambda answer: abs(answer.gap))


def agree(problems: Sequence[Instance], scale: Scale, tolerance: float) -> Evidence:
    """Solve every problem by dual Newton, cone programme and mirror flow; compare all pairs."""
    worst: dict[tuple[str, str], float] = {}
    certificates = dict.fromkeys(
        ("gap of dual Newton", "infeasibility of dual Newton", "KKT residual of dual Newton",
         "gap of the cone programme", "infeasibility of the cone programme"), 0.0
    )  # fmt: skip
    for problem in problems:
        scales = scale(problem.init, problem.beta_pt)
        newton = minimum_penalty(problem.X, problem.y, scales)
        cone = _best_cone_answer(problem, scales)
        mirror = mirror_flow(scales, problem.X, problem.y)
        roads = {
            "weights' flow": problem.by_flow,
            "dual Newton": newton.beta,
            "cone programme": cone.beta,
            "mirror flow": mirror.beta[-1],
        }
        if not newton.converged:
            return Evidence(
                False,
                "an answer of dual Newton fails its certificate",
                counterexample={
                    "problem": problem.name,
                    "gap": repr(newton.gap),
                    "infeasibility": repr(newton.infeasibility),
                },
            )
        size = float(np.abs(problem.y).max())
        for solver, answer in (("dual Newton", newton), ("the cone programme", cone)):
            for name, excess in (
                ("gap", abs(answer.gap) / (1.0 + answer.value)),
                ("infeasibility", answer.infeasibility / size),
            ):
                key = f"{name} of {solver}"
                certificates[key] = largest(certificates[key], excess)
        key = "KKT residual of dual Newton"
        certificates[key] = largest(certificates[key], newton.kkt_residual)
        names = list(roads)
        for i, one in enumerate(names):
            for other in names[i + 1 :]:
                gap = distance(roads[one], roads[other])
                worst[one, other] = max(worst.get((one, other), 0.0), gap)
                if not gap <= tolerance:
                    return Evidence(
                        False,
                        f"{one} and {other} differ by {gap:.2g}",
                        figure=gap,
                        counterexample={
                            "problem": problem.name,
                            "roads": f"{one} and {other}",
                            one: str(roads[one][:4].tolist()),
                            other: str(roads[other][:4].tolist()),
                        },
                    )
    figure = max(worst.values())
    return Evidence(
        True,
        f"four roads agree to {figure:.2g} on {len(problems)} problems",
        figure=figure,
        steps=tuple(f"{one} and {other}: {gap:.2g}" for (one, other), gap in worst.items()),
        data={"largest certificates, relative to 1 + value and max|y|": certificates},
        comparisons=tuple(Comparison("minimiser β", pair, gap) for pair, gap in worst.items()),
    )
