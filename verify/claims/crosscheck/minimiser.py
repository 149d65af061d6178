"""Four ways to the minimiser (Theorem 4.1; Appendix B).

The flow of the weights, Newton's method on the dual, an exponential-cone programme and the mirror
flow end at the same β, coordinate by coordinate.

The flow of all four weights knows no penalty; the other three start from c_FT as stated.
"""

from dataclasses import replace
from functools import cache
from itertools import combinations
from typing import NamedTuple

import numpy as np
import sympy as sp

from numerics import convex, minimum_penalty
from numerics.gradient_flow import finetune_flow, mirror_flow
from verify.claim import Check, Control, Method
from verify.claims.crosscheck._gaps import Gaps, note
from verify.claims.crosscheck._instances import SLABS, Problem
from verify.claims.crosscheck._scale import STATED_SCALE, WRONG_SCALES, evaluated
from verify.methods.formula import Formula
from verify.methods.numeric import Worst
from verify.registry import state

SEED = 83
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
TOLERANCE = 1e-6
# Duality gap above which the other conic solver is asked, too.
SMALL_GAP = 1e-12


# The four ways, and what the page calls where they end.
WAYS = {
    "weights' flow": "flow",
    "dual Newton": "dual",
    "cone programme": "cone",
    "mirror flow": "mirror",
}
# How many problems are drawn, and their sizes d in turn.
PROBLEMS = {
    "14 problems, d ≤ 30": (14, (5, 12, 30)),
    "84 problems, d ≤ 300": (84, (5, 20, 60, 120, 300)),
}


class Agreement(NamedTuple):
    """Which problems, by name, c_FT as stated, and how many of them are looked at."""

    problems: str
    scale: Formula = STATED_SCALE
    first: int | None = None

    def latex(self):
        ends = (rf"\beta_{{\mathrm{{{way}}}}}" for way in WAYS.values())
        return rf"{' = '.join(ends)} \\ {self.scale.latex()}"


def absolute_sum(beta, c, lam, gamma):
    """(|w₊| + |w₋|)² + γ², where (w₊ + w₋)² + γ² is right: w₊w₋ = ½(c + λR)."""
    R = sp.sqrt(1 + (beta / c) ** 2)
    return lam + c * R + abs(c + lam * R) + gamma**2


WRONG = WRONG_SCALES | {"|w₊| + |w₋| for w₊ + w₋": replace(STATED_SCALE, body=absolute_sum)}


@cache
def instances(name, first=None):
    """Draw problems over initialisations, slabs and sizes, and train on them by flow.

    Of each, its name, the initialisation, the data, and where the flow of the weights ends.
    """
    count, sizes = PROBLEMS[name]
    rng, drawn = np.random.default_rng(SEED), []
    for index in range(count if first is None else first):
        slab = SLABS[(index // len(INITS)) % 2]
        alpha, d = float(rng.uniform(0.3, 0.8)), sizes[index % len(sizes)]
        problem = Problem(slab, INITS[index % len(INITS)], alpha)
        sample, init = problem.task.sample(d, alpha, rng), problem.initialization
        start = init.pretraining_layer_weights(sample.beta_pt)
        flow = finetune_flow(start, init, sample.X, sample.y)
        if not flow.converged:
            raise ArithmeticError(f"the flow must end, got {flow.message!r}")
        name = f"{index}: d = {d}, {problem.name}"
        drawn.append((name, init, sample, flow.beta[-1]))
    return drawn


def best_cone_answer(X, y, scales):
    """Return CLARABEL's answer, or SCS's where our certificate finds that one better."""
    answers = [convex.minimum_penalty(X, y, scales)]
    if not abs(answers[0].gap) <= SMALL_GAP:
        answers.append(convex.minimum_penalty(X, y, scales, solver="SCS"))
    return min(answers, key=lambda answer: abs(answer.gap))


def decide(agreement):
    """Compare the flow with dual Newton, cone programme and mirror flow, until two differ."""
    gaps, certificates, compared = Gaps(), {}, 0
    problems = instances(agreement.problems, agreement.first)
    for name, init, sample, by_flow in problems:
        X, y, scales = sample.X, sample.y, evaluated(agreement.scale, init, sample.beta_pt)
        newton, cone = minimum_penalty(X, y, scales), best_cone_answer(X, y, scales)
        found = {
            "weights' flow": by_flow,
            # An answer that fails its certificate is none.
            "dual Newton": newton.beta if newton.converged else np.nan * newton.beta,
            "cone programme": cone.beta,
            "mirror flow": mirror_flow(scales, X, y).beta[-1],
        }
        for pair in combinations(found, 2):
            one, other = (found[way] for way in pair)
            distance = np.abs(one - other).max() / np.abs(one).max()
            first = {way: str(found[way][:4].tolist()) for way in pair}
            note(gaps, distance, "minimiser β", pair, {"problem": name, **first})
        for solver, answer in (("dual Newton", newton), ("the cone programme", cone)):
            for what, excess in (
                ("gap", abs(answer.gap) / (1.0 + answer.value)),
                ("infeasibility", answer.infeasibility / float(np.abs(y).max())),
                ("KKT residual", answer.kkt_residual),
            ):
                certificates.setdefault(f"{what} of {solver}", Worst()).at(excess)
        compared += 1
        if gaps.all.figure > TOLERANCE:
            break
    return gaps.measured(
        f"four methods agree to {{worst}} on {compared} problems",
        **{
            "distances": {
                " and ".join(pair): f"{one.figure:.2g}" for (_, pair, _), one in gaps.pairs.items()
            },
            "largest certificates, relative to 1 + value and max|y|": {
                name: f"{one.figure:.2g}" for name, one in certificates.items()
            },
        },
    )


REASON = "what an interior-point solver reaches at its tightest tolerances"


def check(problems, **how):
    stated = Agreement(problems)
    # One problem of each initialisation distinguishes them.
    controls = tuple(Control(why, stated._replace(scale=c, first=7)) for why, c in WRONG.items())
    how |= {"tolerance": TOLERANCE, "reason": REASON, "seed": SEED}
    return Check(problems, Method.CONVEX, decide, stated, controls, **how)


state(
    "crosscheck.minimiser",
    __doc__,
    (
        check("14 problems, d ≤ 30", limit=120.0),
        check("84 problems, d ≤ 300", tier="full", limit=1800.0),
    ),
    assumptions=("analytic end of pretraining", "α between 0.3 and 0.8"),
    requires=("implicit-bias.minimiser",),
)
