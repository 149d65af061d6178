"""What vouches for an answer of a conic solver: its certificate, not its status.

The certificate is recomputed from the answer (β, ν) and the data. For β with Xβ = y the duality
gap bounds Σ [q(β) − q(β̂) − q′(β̂)(β − β̂)], and q″ ≥ 1/(2√(c² + β²)) bounds the distance by it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from numerics import convex, minimum_penalty
from numerics.convex import ConicMinimum, SolverFailedError
from verify.claim import Check, Claim, Comparison, Control, Evidence, Method
from verify.methods.numeric import largest
from verify.registry import register

SEED = 107
TOLERANCE = 1e-3
PROBLEMS = 15
SCALES = (5e-6, 1e-3)  # √k = 1e-5, and the published c
ROADS: dict[str, dict[str, Any]] = {
    "at its tightest": {},
    "at its own tolerances": {"tolerance": 1e-8},
    "with the scale inside the cones": {"tolerance": 1e-8, "naive": True},
}

Trust = Callable[[ConicMinimum], bool]


def by_certificate(answer: ConicMinimum) -> bool:
    """Trust what comes with a small gap and a small infeasibility."""
    return answer.converged


def by_status(answer: ConicMinimum) -> bool:
    """Trust what the solver calls optimal."""
    return answer.solver_status == "optimal"


def decide(trust: Trust) -> Evidence:
    """Solve each problem by three conic roads; every answer that is trusted must be right."""
    rng = np.random.default_rng(SEED)
    worst, where, trusted, asked = 0.0, {}, 0, 0
    for trial in range(PROBLEMS):
        X, y = rng.standard_normal((10, 20)) / np.sqrt(10), rng.standard_normal(10)
        for scale in SCALES:
            exact = minimum_penalty(X, y, scale)
            for road, options in ROADS.items():
                asked += 1
                try:
                    answer = convex.minimum_penalty(X, y, scale, **options)
                except SolverFailedError:
                    continue  # no answer, so nothing to trust
                if not trust(answer):
                    continue
                trusted += 1
                error = largest(np.abs(answer.beta - exact.beta).max() / np.abs(exact.beta).max())
                if error > worst:
                    worst = error
                    where = {
                        "problem": str(trial),
                        "scale": repr(scale),
                        "CLARABEL": road,
                        "its status": answer.solver_status,
                        "error": repr(error),
                        "gap": repr(answer.gap),
                        "gap of dual Newton": repr(exact.gap),
                    }
    if trusted < PROBLEMS:
        return Evidence(None, f"only {trusted} answers of {asked} are trusted")
    holds = worst <= TOLERANCE
    return Evidence(
        holds,
        f"{trusted} answers of {asked} are trusted, the worst is off by {worst:.2g}",
        figure=worst,
        counterexample=None if holds else where,
        comparisons=(Comparison("minimiser β", ("cone programme", "dual Newton"), worst),)
        if holds
        else (),
    )


REASON = "square root of the largest gap allowed, 1e-10 (1 + value), in units of β and √(c² + β²)"

register(
    Claim(
        id="crosscheck.certificate",
        title="A certificate vouches for an answer",
        sentence="Whatever solver it comes from, and whatever that says of it, an answer whose "
        "recomputed duality gap and infeasibility are small is near the minimiser.",
        latex=r"X\beta = y:\quad \sum_i D_{q_i}(\beta_i, \hat\beta_i) \le \mathrm{gap}(\beta, \nu)",
        source="Theorem 4.1",
        assumptions=("d = 20, n = 10", "gap ≤ 1e-10 (1 + value), infeasibility ≤ 1e-10 max|y|"),
        requires=("implicit-bias.fenchel-young",),
        checks=(
            Check(
                "three conic roads",
                Method.CONVEX,
                decide,
                by_certificate,
                Control("the solver's status in place of the certificate", by_status),
                tolerance=TOLERANCE,
                reason=REASON,
                seed=SEED,
            ),
        ),
    )
)
