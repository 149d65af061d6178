"""The saddle of ψ(θ, b), and the way of the solver to it.

Where ψ is least in θ at each b, and where it is greatest in b at each θ, are two lines that cross
once, at the fixed point.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from numerics import Initialization, TaskDistribution, potential, solve_replica
from numerics.replica.newton import solve_fixed_points
from numerics.replica.solve import channel_problem
from numerics.validation import FloatArray
from verify.figures.figure import Figure, Tables, canvas, column, rows

INITS = {"rich": (1e-3, 0.0, 0.0), "lazy": (1.0, 0.0, 0.0)}
ALPHA = 0.2
AXES, TICKS = ("theta", "b"), (0.2, 0.5, 1, 2, 5)
REACH, POINTS = 5.0, 121  # factors of θ and of b beside the saddle, and points on each side


def _task() -> TaskDistribution:
    return TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5)


def path(task: TaskDistribution, init: Initialization) -> FloatArray:
    """Return the states (θ, b) at which the solver evaluates the equations, in order, (2, K)."""
    problem, states = channel_problem(task, init, [ALPHA]), []

    def watched(groups: Any, log_tau: FloatArray, log_theta_squared: FloatArray, **how: Any) -> Any:
        states.append((float(log_tau[0]), float(log_theta_squared[0])))
        return problem.moments(groups, log_tau, log_theta_squared, **how)

    solve_fixed_points(replace(problem, moments=watched))
    log_tau, log_theta_squared = np.transpose(states)
    theta = np.exp(log_theta_squared / 2)
    return np.array([theta, theta / np.exp(log_tau)])


def lowest(rows: FloatArray) -> FloatArray:
    """Return where each row is least, by parabolas through three entries; NaN at an end."""
    at = rows.argmin(axis=1)
    inside = np.clip(at, 1, rows.shape[1] - 2)
    before, here, after = rows[np.arange(at.size), inside + np.array([[-1], [0], [1]])]
    place = inside + 0.5 * (before - after) / (before - 2 * here + after)
    return np.where(at == inside, place, np.nan)


def tables() -> Tables:
    """Compute ψ about its saddle, where it is stationary in one number, and the solver's path."""
    task = _task()
    found: dict[str, list[Any]] = {"landscape": [], "valley": [], "crest": [], "path": []}
    for name, at in INITS.items():
        init = Initialization(*at)
        curve = solve_replica(task, init, ALPHA)
        theta = float(curve.theta[0])
        centre = theta, theta / float(curve.tau[0])
        factor = np.geomspace(1 / REACH, REACH, POINTS)
        step = factor[1] / factor[0]
        across, up = (one * factor for one in centre)
        value = ALPHA * potential(task, init, ALPHA, across[None, :], up[:, None])
        found["landscape"] += rows(
            panel=name,
            theta=np.broadcast_to(across, value.shape).ravel(),
            b=np.repeat(up, POINTS),
            value=value.ravel(),
        )
        found["valley"] += rows(panel=name, theta=across[0] * step ** lowest(value), b=up)
        found["crest"] += rows(panel=name, theta=across, b=up[0] * step ** lowest(-value.T))
        states = path(task, init)
        found["path"] += rows(
            panel=name, step=np.arange(states.shape[1]), theta=states[0], b=states[1]
        )
    return found


def draw(data: Tables) -> Any:
    """Draw a panel for each initialisation, in units of the fixed point."""
    drawing, axes = canvas(1, len(INITS), 4.2 * len(INITS), 3.6)
    for axis, name in zip(axes, INITS, strict=True):
        steps = column(data["path"], "step", panel=name)
        theta_0, b_0 = (column(data["path"], one, panel=name)[len(steps) - 1] for one in AXES)

        def places(table: str, name: str = name, units: Any = (theta_0, b_0)) -> list[FloatArray]:
            return [
                np.array(column(data[table], one, panel=name)) / unit
                for one, unit in zip(AXES, units, strict=True)
            ]

        across, up = map(np.unique, places("landscape"))
        value = np.reshape(column(data["landscape"], "value", panel=name), (up.size, across.size))
        middle = value[up.size // 2, across.size // 2]
        spread = np.quantile(np.abs(value - middle), 0.6)
        levels = middle + spread * np.linspace(-1, 1, 21)
        image = axis.contourf(across, up, value, levels=levels, cmap="RdBu_r", extend="both")
        axis.contour(across, up, value, levels=levels[::2], colors="0.35", linewidths=0.4)
        axis.plot(*places("valley"), "-", color="k", lw=1.2, label="least in θ")
        axis.plot(*places("crest"), "--", color="k", lw=1.2, label="greatest in b")
        axis.plot(*places("path"), "o-", color="C1", ms=3, lw=1, label="solver")
        axis.set(xscale="log", yscale="log", title=name)
        axis.set(xlabel=f"θ / {theta_0:.4g}", ylabel=f"b / {b_0:.4g}")
        for line in (axis.xaxis, axis.yaxis):
            line.set_ticks(TICKS, [f"{tick:g}" for tick in TICKS])
            line.set_ticks([], minor=True)
        axis.set(xlim=(across[0], across[-1]), ylim=(up[0], up[-1]))
        axis.legend(fontsize=7, loc="lower left")
        drawing.colorbar(image, ax=axis, label="αψ", format="%.3g")
    return drawing


FIGURE = Figure(
    "saddle",
    f"The function αψ(θ, b) at α = {ALPHA} (baseline, sign slab) in the rich and in the lazy "
    "regime: where it is least in θ and where it is greatest in b cross once, at the fixed "
    "point of Proposition 4.2. Orange: the states at which the solver evaluates the equations.",
    tables,
    draw,
)
