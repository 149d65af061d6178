"""The fixed point is unique: signs of the one equation that is left (Proposition 4.2)."""

from collections.abc import Callable
from typing import Any

import numpy as np

from numerics import Initialization, TaskDistribution
from numerics.replica.newton import scan, solve_fixed_points
from numerics.replica.solve import channel_problem
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.registry import register

ALPHA = np.array([0.02, 0.1, 0.4, 0.97])
INITS = (
    (1e-9, -0.9999, 0.0),
    (1e-6, 0.0, 0.0),
    (1e-3, -0.99, 0.0),
    (1e-3, 0.0, 1.0),
    (1.0, 0.99, 0.0),
    (1e3, 0.0, 10.0),
)
TASKS = ((0.1, 0.1, 0.0), (0.1, 0.1, 1.0), (0.1, 0.01, 1.0), (0.1, 0.9, 0.0))
POINTS = 60
REACH = 12 * np.log(10.0)

Altered = Callable[[Any, Any], Any]


def decide(altered: Altered) -> Evidence:
    """Count the sign changes of g(log θ²) over 24 decades, at every initialisation and task."""
    checked = 0
    for slab in ("sign", "gaussian"):
        for rho_pt, rho_ft, overlap in TASKS:
            task = TaskDistribution.pretrain_finetune(rho_pt, rho_ft, overlap, slab=slab)
            for c, ratio, gamma in INITS:
                problem = channel_problem(task, Initialization(c, ratio * c, gamma), ALPHA)
                offset = np.linspace(-REACH, REACH, POINTS)[:, None]
                values = scan(problem, solve_fixed_points(problem).state[1] + offset)
                signs = np.sign(altered(offset, values))
                changes = (signs[1:] != signs[:-1]).sum(axis=0)
                wrong = np.flatnonzero(changes != 1)
                if wrong.size:
                    return Evidence(
                        False,
                        f"{changes[wrong[0]]} solutions",
                        counterexample={
                            "task": str((slab, rho_pt, rho_ft, overlap)),
                            "c, lambda/c, gamma": str((c, ratio, gamma)),
                            "alpha": repr(float(ALPHA[wrong[0]])),
                            "solutions": str(changes[wrong[0]]),
                        },
                    )
                checked += ALPHA.size
    return Evidence(True, f"one solution at each of {checked} states", data={"states": checked})


def as_it_is(_: Any, values: Any) -> Any:
    """Return g itself."""
    return values


register(
    Claim(
        id="replica.unique-solution",
        title="One solution",
        sentence="The two equations have one solution (τ, θ) only: at given θ the first fixes τ, "
        "and what the second leaves changes its sign once.",
        latex=r"\exists!\,(\tau, \theta):\quad E[\eta'] = \alpha,\quad "
        r"\theta^2 = \frac{1}{\alpha} E\left[(\hat\beta - \beta^*)^2\right]",
        source="Proposition 4.2; Appendix E.2",
        assumptions=(
            "σ = 0, ϱ = 0, α < 1",
            f"θ² within 12 decades of the solution, at {POINTS} points",
            f"α = {', '.join(f'{a:g}' for a in ALPHA)}; {len(INITS)} initialisations, "
            f"{len(TASKS)} tasks, both slabs",
        ),
        requires=("replica.effective-parameters",),
        checks=(
            Check(
                "sign changes over 24 decades",
                Method.FLOAT64,
                decide,
                as_it_is,
                (
                    Control("a factor that vanishes elsewhere", lambda y, g: g * (y - 7.3)),
                    Control("an equation without solution", lambda y, g: abs(g) + 1e-300),
                ),
                limit=120.0,
            ),
        ),
    )
)
