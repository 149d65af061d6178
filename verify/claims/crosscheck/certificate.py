"""A certificate vouches for an answer (Theorem 4.1).

Whatever solver it comes from, and whatever that says of it, an answer whose recomputed duality gap
and infeasibility are small is near the minimiser.

The certificate is recomputed from the answer (β, ν) and the data. For β with Xβ = y the duality
gap bounds Σ [q(β) − q(β̂) − q′(β̂)(β − β̂)], and q″ ≥ 1/(2√(c² + β²)) bounds the distance by it.
"""

import math
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from numerics import convex, minimum_penalty
from verify.claim import Check, Control, Evidence, Fault, Method
from verify.claims.crosscheck._gaps import Gaps, note, relative_distance
from verify.registry import state

SEED = 107
DISTANCE = 1e-3
PROBLEMS = 15
SCALES = (5e-6, 1e-3)  # √k = 1e-5, and the published c
WAYS: dict[str, dict[str, Any]] = {
    "at its tightest": {},
    "at its own tolerances": {"tolerance": 1e-8},
    "with the scale inside the cones": {"tolerance": 1e-8, "naive": True},
}


class Trust(NamedTuple):
    """Which answers are said to be near the minimiser: gap and infeasibility below, or a status."""

    gap: float = math.inf
    infeasibility: float = math.inf
    status: str = ""

    def latex(self):
        conditions = []
        if self.gap < math.inf:
            conditions.append(rf"|\mathrm{{gap}}(\beta, \nu)| \le {power(self.gap)} |Q(\beta)|")
        if self.infeasibility < math.inf:
            bound = power(self.infeasibility)
            conditions.append(rf"\|X\beta - y\|_\infty \le {bound} \|y\|_\infty")
        if self.status:
            conditions.append(rf"\text{{status}} = \text{{{self.status}}}")
        return (
            r", \quad ".join(conditions)
            + r" \quad\Rightarrow\quad \|\beta - \hat\beta\|_\infty \le "
            + rf"{power(DISTANCE)} \|\hat\beta\|_\infty"
        )

    def __call__(self, answer, size):
        return (
            abs(answer.gap) <= self.gap * abs(answer.value)
            and answer.infeasibility <= self.infeasibility * size
            and self.status in ("", answer.solver_status)
        )


def power(bound):
    return f"10^{{{math.log10(bound):g}}}"


BY_CERTIFICATE = Trust(gap=1e-10, infeasibility=1e-10)
BY_STATUS = Trust(status="optimal")


def decide(trust):
    """Solve each problem by three cone programmes; every answer that is trusted must be right."""
    rng, gaps, asked = np.random.default_rng(SEED), Gaps(), 0
    for trial in range(PROBLEMS):
        X, y = rng.standard_normal((10, 20)) / np.sqrt(10), rng.standard_normal(10)
        for scale, (way, options) in product(SCALES, WAYS.items()):
            asked += 1
            exact = minimum_penalty(X, y, scale)
            try:
                answer = convex.minimum_penalty(X, y, scale, **options)
            except convex.SolverFailedError:
                continue  # no answer, so nothing to trust
            if trust(answer, np.abs(y).max()):
                where = {"problem": trial, "scale": scale, "CLARABEL": way}
                where |= {"its status": answer.solver_status, "gap": answer.gap}
                distance = relative_distance(exact.beta, answer.beta)
                methods = ("cone programme", "dual Newton")
                note(gaps, distance, "minimiser β", methods, where=where)
    if gaps.all.count < PROBLEMS:
        return Evidence(None, f"only {gaps.all.count} answers of {asked} are trusted")
    return gaps.measured(f"{{count}} answers of {asked} are trusted, the worst is off by {{worst}}")


REASON = "square root of the largest gap allowed, in units of β and √(c² + β²)"


def check(subject, control):
    name = "three cone programmes"
    return Check(name, Method.CONVEX, decide, subject, control, DISTANCE, REASON, seed=SEED)


state(
    "crosscheck.certificate",
    __doc__,
    (check(BY_CERTIFICATE, Control("the solver's status in place of the certificate", BY_STATUS)),),
    assumptions=("d = 20, n = 10",),
    requires=("implicit-bias.fenchel-young",),
)

# A false twin: the status of a conic solver is no evidence.

state(
    "crosscheck.solver-status",
    """“Optimal” is optimal (Theorem 4.1, as commonly solved).

    A conic solver that reports “optimal” has found the minimiser; false where the scale of the
    penalty stands inside the exponential cones.
    """,
    (check(BY_STATUS, Control("the certificate in place of the status", BY_CERTIFICATE, True)),),
    assumptions=("d = 20, n = 10", "CLARABEL at its own tolerances"),
    requires=("crosscheck.certificate",),
    twin="crosscheck.certificate",
    fault=Fault.CODED,
)
