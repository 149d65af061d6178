"""Small problems solved by every method for the minimiser: flows, dual Newton, cone programme."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np

from numerics import Initialization, TaskDistribution, convex, minimum_penalty
from numerics.gradient_flow import finetune_flow, mirror_flow
from numerics.validation import FloatArray
from verify.claim import Measurement
from verify.claims.crosscheck._gaps import Gaps, note, relative_distance
from verify.claims.crosscheck._scale import FinetuneScale
from verify.methods.numeric import Worst

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
    """Draw `count` problems over initialisations, slabs and sizes, and train on them by flow."""
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


def _best_cone_answer(problem: Instance, scales: FloatArray) -> convex.ConicMinimum:
    """Return CLARABEL's answer, or SCS's where our certificate finds that one better."""
    answers = [convex.minimum_penalty(problem.X, problem.y, scales)]
    if not abs(answers[0].gap) <= SMALL_GAP:
        answers.append(convex.minimum_penalty(problem.X, problem.y, scales, solver="SCS"))
    return min(answers, key=lambda answer: abs(answer.gap))


def agree(problems: Sequence[Instance], scale: FinetuneScale) -> Measurement:
    """Solve every problem by dual Newton, cone programme and mirror flow; compare all pairs."""
    gaps = Gaps()
    certificates: dict[str, Worst] = {}
    for problem in problems:
        scales = scale(problem.init, problem.beta_pt)
        newton = minimum_penalty(problem.X, problem.y, scales)
        cone = _best_cone_answer(problem, scales)
        found = {
            "weights' flow": problem.by_flow,
            # An answer that fails its certificate is none.
            "dual Newton": newton.beta if newton.converged else np.nan * newton.beta,
            "cone programme": cone.beta,
            "mirror flow": mirror_flow(scales, problem.X, problem.y).beta[-1],
        }
        for one, other in combinations(found, 2):
            first = {name: str(found[name][:4].tolist()) for name in (one, other)}
            where = {"problem": problem.name, **first}
            distance = relative_distance(found[one], found[other])
            note(gaps, distance, "minimiser β", (one, other), where=where)
        size = float(np.abs(problem.y).max())
        for solver, answer in (("dual Newton", newton), ("the cone programme", cone)):
            for name, excess in (
                ("gap", abs(answer.gap) / (1.0 + answer.value)),
                ("infeasibility", answer.infeasibility / size),
                ("KKT residual", answer.kkt_residual),
            ):
                certificates.setdefault(f"{name} of {solver}", Worst()).at(excess)
    return gaps.measured(
        f"four methods agree to {{worst}} on {len(problems)} problems",
        **{
            "distances": {
                " and ".join(pair.between): f"{one.figure:.2g}" for pair, one in gaps.pairs.items()
            },
            "largest certificates, relative to 1 + value and max|y|": {
                name: f"{one.figure:.2g}" for name, one in certificates.items()
            },
        },
    )
