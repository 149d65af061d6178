"""Decoupling of a finite minimiser into scalar channels, and the course of message passing.

Quantiles of β̂ by groups against those of the channel, β̂ = η(z; τ) with z ~ N(m, S²): η is
increasing, so the quantiles of β̂ are η of those of z. Errors of message passing against state
evolution, step by step.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ndtri

from empirics.experiments import SLABS
from numerics.amp import amp
from numerics.penalty import proximal_operator
from numerics.state_evolution import state_evolution
from verify.claims.crosscheck._instances import GROUPS, Problem, fixed_point, solutions
from verify.figures.figure import Cell, Figure, Tables, canvas, column, rows

INIT = (1e-3, -0.9, 0.05)
DIMENSION = 400
SEEDS = range(24)
PROBABILITIES = np.linspace(0.01, 0.99, 50)
TRAJECTORY_DIMENSION = 1000
TRAJECTORY_SEEDS = range(10)
STEPS = 25


def quantile_rows(problem: Problem) -> list[dict[str, Cell]]:
    """Compute quantiles of β̂ in each group; under random signs ±a, of β̂ times the sign of β*."""
    tau, theta = fixed_point(problem)
    solved = solutions(problem, DIMENSION, SEEDS)
    amplitude = 1.0 / np.sqrt(problem.rho)
    table: list[dict[str, Cell]] = []
    for group in GROUPS:
        active = group in ("overlap", "new")
        signs = active and problem.slab == "sign"
        pooled = np.concatenate(
            [one.estimate[group] * (np.sign(one.truth[group]) if signs else 1.0) for one in solved]
        )
        centre = amplitude if signs else 0.0
        spread = np.hypot(theta, amplitude) if active and not signs else theta
        z = centre + spread * ndtri(PROBABILITIES)
        table += rows(
            slab=problem.slab,
            group=group,
            probability=PROBABILITIES,
            channel=proximal_operator(z, tau, problem.scales[group]),
            finite=np.quantile(pooled, PROBABILITIES),
            coordinates=pooled.size,
        )
    return table


def trajectory_rows(problem: Problem) -> list[dict[str, Cell]]:
    """Compute errors of message passing over seeds, and what state evolution predicts."""
    task, init, alpha = problem.task, problem.initialization, problem.alpha
    predicted = state_evolution(task, init, alpha, iterations=STEPS)
    runs = []
    for seed in TRAJECTORY_SEEDS:
        sample = task.sample(TRAJECTORY_DIMENSION, alpha, np.random.default_rng(seed))
        scale = init.finetune_scale(sample.beta_pt)
        how: dict[str, Any] = {"iterations": STEPS, "tolerance": 0.0}
        found = amp(sample.X, sample.y, scale, truth=sample.beta_ft, **how)
        if found.mse is None or found.iterations != STEPS:
            raise ArithmeticError(f"seed {seed} of {problem.name}: {found.status.advice}")
        runs.append(found.mse)
    return rows(
        slab=problem.slab,
        step=np.arange(STEPS + 1),
        state_evolution=predicted.mse,
        mean=[errors.mean() for errors in np.transpose(runs)],
        lowest=np.min(runs, axis=0),
        highest=np.max(runs, axis=0),
    )


def tables() -> Tables:
    """Compute quantiles and trajectories for both slabs."""
    problems = [Problem(slab, INIT) for slab in SLABS]
    return {
        "quantiles": [row for problem in problems for row in quantile_rows(problem)],
        "trajectories": [row for problem in problems for row in trajectory_rows(problem)],
    }


def draw(data: Tables) -> Any:
    """Draw a row for each slab: quantiles of four groups, then the trajectory."""
    lines, columns = len(SLABS), len(GROUPS) + 1
    drawing, axes = canvas(lines, columns, 3.0 * columns, 3.0 * lines)
    for line, slab in zip(axes, SLABS, strict=True):
        for axis, group in zip(line, GROUPS, strict=False):
            where: dict[str, Cell] = {"slab": slab, "group": group}
            expected = column(data["quantiles"], "channel", **where)
            axis.plot(expected, expected, "-", color="0.6", lw=1)
            axis.plot(expected, column(data["quantiles"], "finite", **where), ".", ms=4)
            axis.set_title(f"{slab} slab, {group}", fontsize=8)
            axis.set(xlabel="quantile of the channel", ylabel="quantile of β̂")
            axis.ticklabel_format(style="sci", scilimits=(-2, 3))
        _trajectory(line[-1], data, slab)
    return drawing


def _trajectory(axis: Any, data: Tables, slab: str) -> None:
    names = ("step", "lowest", "highest", "mean", "state_evolution")
    steps, lowest, highest, mean, predicted = (
        column(data["trajectories"], name, slab=slab) for name in names
    )
    axis.fill_between(steps, lowest, highest, alpha=0.25, lw=0)
    axis.plot(steps, mean, ".", label="message passing")
    axis.plot(steps, predicted, "-", color="k", lw=1, label="prediction")
    axis.set_yscale("log")
    axis.set(xlabel="step", ylabel="error")
    axis.set_title(f"{slab} slab, d = {TRAJECTORY_DIMENSION}", fontsize=8)
    axis.legend(frameon=False, fontsize=7)


FIGURE = Figure(
    "decoupling",
    "Quantiles of finite minimisers in each group against the scalar channel at the replica fixed "
    f"point (d = {DIMENSION}, {len(SEEDS)} seeds; (c, λ/c, γ) = {INIT}, α = ½), and errors of "
    f"undamped message passing against state evolution (band: {len(TRAJECTORY_SEEDS)} seeds; "
    "single instances of this size may circle their minimiser).",
    tables,
    draw,
)
