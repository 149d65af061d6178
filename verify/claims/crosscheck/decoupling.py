"""The coordinates of a finite minimiser behave as answers to the scalar channel, jointly with β*.

β̂ from dual Newton goes through the channel's own equation back to z, and Z = (z − β*)/θ is held
to N(0, 1), group by group and, where |β*| varies, in halves of it. τ and θ are the replica
fixed point's: nothing is fitted to the instances. The unit of replication is the seed, so that
the fluctuation of a finite instance's own τ and θ is in the intervals.
"""

from typing import NamedTuple

import numpy as np

from numerics.validation import FloatArray
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.claims.crosscheck._instances import (
    GROUPS,
    Problem,
    Solution,
    fixed_point,
    law_statistics,
    solutions,
    standard_noise,
)
from verify.claims.crosscheck._intervals import Quantity, equivalence
from verify.registry import register


class Statement(NamedTuple):
    """The problems, and the channel as stated.

    Margins are of the shares below a quantile and of E[Z²] − 1; `scale_factor` is on c_FT in the
    channel, `theta_factor` on θ, and `swapped` gives overlap the scale of new, and the reverse.
    """

    problems: tuple[Problem, ...]
    d: int
    seeds: range
    share_margin: float
    square_margin: float
    theta_factor: float = 1.0
    scale_factor: float = 1.0
    swapped: bool = False


def statistics(statement: Statement, problem: Problem, solved: Solution) -> dict[str, float]:
    """Return the statistics of one instance, all groups."""
    tau, theta = fixed_point(problem, statement.scale_factor)
    scales = problem.scales
    if statement.swapped:
        scales["overlap"], scales["new"] = scales["new"], scales["overlap"]
    found = {}
    for group in GROUPS:
        truth = solved.truth[group]
        noise = standard_noise(
            solved.estimate[group],
            truth,
            statement.scale_factor * scales[group],
            tau,
            statement.theta_factor * theta,
        )
        amplitude = 1.0 / np.sqrt(problem.rho)
        for name, value in law_statistics(noise, truth, amplitude, problem.slab).items():
            found[f"{group}, {name}"] = value
    return found


def decide(statement: Statement) -> Evidence:
    """Average the statistics over the seeds, and hold each to its margin."""
    quantities = []
    for problem in statement.problems:
        rows = [
            statistics(statement, problem, solved)
            for solved in solutions(problem, statement.d, statement.seeds)
        ]
        for name in rows[0]:
            values: FloatArray = np.array([row[name] for row in rows])
            margin = statement.square_margin if "E[" in name else statement.share_margin
            quantities.append(Quantity(f"{problem.name}: {name}", values, margin))
    return equivalence(
        quantities,
        roads=("dual Newton", "replica fixed point"),
        what="joint law of (β*, β̂) by groups",
        measure="probability, or excess of E[Z²]",
    )


def _controls(statement: Statement) -> tuple[Control, ...]:
    return (
        Control("θ ten per cent larger", statement._replace(theta_factor=1.1)),
        Control("c_FT twice as large", statement._replace(scale_factor=2.0)),
        Control("overlap and new swapped", statement._replace(swapped=True)),
    )


QUICK = Statement(
    (Problem("gaussian", (1e-3, 0.0, 0.0)), Problem("sign", (1e-3, -0.9, 0.05))),
    d=400,
    seeds=range(100),
    share_margin=0.06,
    square_margin=0.1,
)
FULL = Statement(
    (
        *(
            Problem(slab, init, ridge=ridge)
            for slab in ("gaussian", "sign")
            for init, ridge in (
                ((1e-3, 0.0, 0.0), 0.0),
                ((1e-6, 0.99, 0.0), 0.2),
                ((1e-6, -0.99, 0.0), 0.2),
                ((0.1, 0.0, 1.0), 0.0),
            )
        ),
    ),
    d=800,
    seeds=range(200),
    share_margin=0.03,
    square_margin=0.06,
)

register(
    Claim(
        id="crosscheck.decoupling",
        title="Coordinates decouple into scalar channels",
        sentence="In every group, β̂ + τ q′(β̂) − β* of a finite minimiser is Gaussian with the "
        "variance θ² of the replica fixed point, and independent of β*.",
        latex=r"\hat\beta_i + \tau q_{k_i}'(\hat\beta_i) = \beta^*_i + \theta Z_i,\quad "
        r"Z_i \sim \mathcal{N}(0, 1) \perp \beta^*_i",
        source="Proposition 4.2; Definition C.1",
        assumptions=("ρ_PT = ρ_FT = 0.4, ω = ½, α = ½", "d = 400 (quick), d = 800 (full)"),
        requires=("replica.effective-parameters",),
        checks=(
            Check(
                "two problems, d = 400, seeds 0-99",
                Method.STATISTICS,
                decide,
                QUICK,
                _controls(QUICK),
                tolerance=1.0,
                reason="margins of 0.06 in probability and 0.1 in E[Z²], simultaneous 95 %",
                limit=120.0,
                seed=0,
            ),
            Check(
                "eight problems, d = 800, seeds 0-199",
                Method.STATISTICS,
                decide,
                FULL,
                _controls(FULL),
                tolerance=1.0,
                reason="margins of 0.03 in probability and 0.06 in E[Z²], simultaneous 95 %",
                tier="full",
                limit=1800.0,
                seed=0,
            ),
        ),
    )
)
