"""Imperfect pretraining: lines of constant error, what an example is worth, error over α_PT.

Beyond the paper: both stages learn from data. The task is that of the paper's regimes, with
Gaussian coefficients in fine-tuning. Finite networks have a figure of their own: those trained by
gradient descent (`empirics.two_stage_trained`) over α_PT, and convex problems
(`empirics.two_stage_record`), which differ in all parameters, against the error that is predicted
for each.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from empirics import two_stage_record, two_stage_trained
from empirics.two_stage import TwoStages
from numerics import Initialization, Pretraining, TaskDistribution, solve_pipeline
from numerics.exchange import exchange_rates
from numerics.initialization import REGIMES
from verify.figures.figure import Cell, Figure, Tables, canvas, column, rows

ALPHA_PT = np.linspace(0.02, 1.19, 40)  # passes by the kink at 1
ALPHA = np.concatenate([np.linspace(0.02, 0.1, 16, endpoint=False), np.linspace(0.1, 0.6, 26)])
# Finer where pretraining starts to recover its teacher.
FINER_PT = np.concatenate(
    [
        np.linspace(0.01, 0.3, 18, endpoint=False),
        np.linspace(0.3, 0.44, 24, endpoint=False),
        np.linspace(0.44, 0.995, 16),
        np.linspace(1.0, 1.2, 3),
    ]
)
SHOWN_ALPHA = (0.1, 0.2, 0.3, 0.4)
OVERLAPS = (1.0, 0.5, 0.0)
AT = 0.3  # α of the errors over α_PT
_DECADES = np.arange(-7, 1)


def _task(overlap: float) -> TaskDistribution:
    return TaskDistribution.pretrain_finetune(0.1, 0.1, overlap, slab="gaussian")


def _inits() -> dict[str, Initialization]:
    return {name: Initialization(c, r * c, gamma) for name, (c, r, gamma) in REGIMES.items()}


def map_tables() -> Tables:
    """Compute errors and rates over (α_PT, α) in the four regimes."""
    return {"map": [row for name in REGIMES for row in _rates(name, ALPHA_PT, ALPHA)]}


def worth_tables() -> Tables:
    """Compute rates over α_PT at some α in the four regimes."""
    below = FINER_PT[FINER_PT < 1.0]
    return {"worth": [row for name in REGIMES for row in _rates(name, below, SHOWN_ALPHA)]}


def _rates(regime: str, alpha_pt: Any, alpha: Any) -> list[dict[str, Cell]]:
    found = exchange_rates(_task(1.0), _inits()[regime], alpha_pt, alpha)
    cells = {
        "alpha_pt": found.alpha_pt[:, None],
        "alpha": found.alpha[None, :],
        "mse": found.mse,
        "slope_pt": found.slope_pt,
        "slope_ft": found.slope_ft,
        "finetuning_per_pretraining": found.finetuning_per_pretraining,
    }
    filled = np.broadcast_arrays(*cells.values())
    return rows(
        regime=regime, **{name: cell.ravel() for name, cell in zip(cells, filled, strict=True)}
    )


def error_tables() -> Tables:
    """Compute errors over α_PT by overlap and regime."""
    found: dict[str, list[dict[str, Cell]]] = {"curves": []}
    for overlap in OVERLAPS:
        for name, init in _inits().items():
            solved = [
                solve_pipeline(_task(overlap), init, Pretraining(float(one)), AT)
                for one in FINER_PT
            ]
            found["curves"] += rows(
                regime=name,
                overlap=overlap,
                alpha=AT,
                alpha_pt=FINER_PT,
                mse_pt=np.array([one.pretraining.mse for one in solved]),
                mse=np.array([one.mse[0] for one in solved]),
            )
    return found


def network_tables() -> Tables:
    """Compute errors of trained networks over α_PT, their curves, and of convex problems."""
    trained = two_stage_trained.load()
    return {
        "curves": [row for noise in two_stage_trained.NOISE_PT for row in _trained_curve(noise)],
        "trained": trained_rows(trained),
        "networks": network_rows(two_stage_record.load()),
    }


def _trained_curve(noise: float) -> list[dict[str, Cell]]:
    # With noise there is a peak at 1.
    near = np.geomspace(0.1, 1e-4, 13)
    alpha_pt = np.concatenate(
        [FINER_PT[FINER_PT < 0.9], 1.0 - near, 1.0 + near[::-1], np.linspace(1.15, 1.6, 10)]
    )
    problem = two_stage_trained.CASES[0]
    solved = [
        _predicted(replace(problem, alpha_pt=float(one), noise_variance_pt=noise))
        for one in alpha_pt
    ]
    return rows(noise_pt=noise, alpha_pt=alpha_pt, mse=np.array(solved))


def _predicted(stages: TwoStages) -> float:
    """Return the error of fine-tuning that theory has for a problem."""
    return float(
        solve_pipeline(
            stages.task,
            stages.initialization,
            Pretraining(stages.alpha_pt, stages.noise_variance_pt),
            stages.alpha,
            noise_variance=stages.noise_variance,
        ).mse[0]
    )


def trained_rows(record: two_stage_trained.Recorded) -> list[dict[str, Cell]]:
    """Return a row for each problem: geometric mean over seeds, extrapolated to η = 0."""
    table: list[dict[str, Cell]] = []
    for index, stages in enumerate(two_stage_trained.CASES):
        logs = record.at_no_rate(index)
        table += rows(
            noise_pt=stages.noise_variance_pt,
            alpha_pt=np.array([stages.alpha_pt]),
            networks=logs.size,
            predicted=_predicted(stages),
            mse=float(np.exp(logs.mean())),
            standard_error_log=float(logs.std(ddof=1) / np.sqrt(logs.size)),
        )
    return table


def network_rows(record: two_stage_record.Recorded) -> list[dict[str, Cell]]:
    """Return a row for each problem: mean error of its largest networks, and what is predicted."""
    d = int(record.d.max())
    table: list[dict[str, Cell]] = []
    for index, problem in enumerate(two_stage_record.problems()):
        errors = record.measured["error"][(record.problem == index) & (record.d == d)]
        if errors.size < 2:
            continue
        table += rows(
            regime=problem.label,
            problem=problem.name,
            d=np.array([d]),
            networks=errors.size,
            predicted=_predicted(problem.stages),
            mse=float(errors.mean()),
            standard_error=float(errors.std(ddof=1) / np.sqrt(errors.size)),
        )
    return table


def draw_map(data: Tables) -> Any:
    """Draw a panel for each regime: error, its lines, and where the rate is 1 and 0."""
    drawing, axes = canvas(2, 2, 8.6, 6.8, sharex=True, sharey=True)
    image = None
    for axis, name in zip(axes.flat, REGIMES, strict=True):
        table = [row for row in data["map"] if row["regime"] == name]
        x, y = (np.unique(column(table, one)) for one in ("alpha_pt", "alpha"))
        error, in_pt, in_ft = (
            np.reshape(column(table, one), (x.size, y.size)).T
            for one in ("mse", "slope_pt", "slope_ft")
        )
        log = np.log10(error)
        levels = np.arange(_DECADES[0], 0.26, 0.25)
        image = axis.contourf(x, y, log, levels=levels, cmap="viridis", extend="both")
        lines = axis.contour(
            x, y, log, levels=sorted([*_DECADES, -0.5]), colors="w", linewidths=0.7, linestyles="-"
        )
        axis.clabel(lines, [-6, -4, -2, -1, 0], fmt=_power, fontsize=7)
        # From the kink on more pretraining changes nothing.
        below = x < 1.0
        for excess, color, style in ((in_pt - in_ft, "C1", "-"), (in_pt, "C3", "--")):
            axis.contour(
                x[below],
                y,
                (excess / error)[:, below],
                levels=[0.0],
                colors=color,
                linewidths=1.6,
                linestyles=style,
            )
        axis.set(title=_title(name))
    for axis in axes[1]:
        axis.set_xlabel("data scale of pretraining α_PT")
    for axis in axes[:, 0]:
        axis.set_ylabel("data scale of fine-tuning α")
    bar = drawing.colorbar(image, ax=axes, label="error of fine-tuning", ticks=_DECADES)
    bar.ax.set_yticklabels([_power(float(one)) for one in _DECADES])
    return drawing


def draw_worth(data: Tables) -> Any:
    """Draw a panel for each regime, a line for each data scale of fine-tuning."""
    drawing, axes = canvas(2, 2, 8.6, 6.4, sharex=True, sharey=True)
    for axis, name in zip(axes.flat, REGIMES, strict=True):
        for position, alpha in enumerate(SHOWN_ALPHA):
            x, y = (
                column(data["worth"], one, regime=name, alpha=alpha)
                for one in ("alpha_pt", "finetuning_per_pretraining")
            )
            axis.plot(x, y, color=f"C{position}", label=f"α = {alpha:g}")
        for level in (0.0, 1.0):
            axis.axhline(level, color="0.5", lw=0.8, ls=":" if level else "-")
        axis.set(title=_title(name), ylim=(-1.2, 2.9), xlim=(0.0, 1.0))
    axes[0, 0].legend(frameon=False)
    for axis in axes[1]:
        axis.set_xlabel("data scale of pretraining α_PT")
    for axis in axes[:, 0]:
        axis.set_ylabel("fine-tuning examples per\npretraining example")
    return drawing


def draw_error(data: Tables) -> Any:
    """Draw a panel for each overlap."""
    drawing, axes = canvas(1, len(OVERLAPS), 11.1, 3.6)
    for axis, overlap in zip(axes, OVERLAPS, strict=True):
        for position, name in enumerate(REGIMES):
            x, y = (
                column(data["curves"], one, regime=name, overlap=overlap)
                for one in ("alpha_pt", "mse")
            )
            axis.plot(x, y, color=f"C{position}", label=name)
        axis.axvline(1.0, color="0.5", lw=0.8, ls=":")
        axis.set(yscale="log", title=f"ω = {overlap:g}, α = {AT:g}", xlim=(0.0, 1.2))
        axis.set(xlabel="data scale of pretraining α_PT")
    axes[0].set_ylabel("error of fine-tuning")
    axes[0].legend(frameon=False, title="regime")
    return drawing


def draw_networks(data: Tables) -> Any:
    """Draw trained networks over α_PT beside their curves, and convex problems beside theory."""
    drawing, axes = canvas(1, 2, 9.0, 3.9)
    _draw_trained(axes[0], data)
    _draw_networks(axes[1], data["networks"])
    return drawing


def _draw_trained(axis: Any, data: Tables) -> None:
    for position, noise in enumerate(two_stage_trained.NOISE_PT):
        color = f"C{position}"
        x, y = (column(data["curves"], one, noise_pt=noise) for one in ("alpha_pt", "mse"))
        axis.plot(x, y, color=color, label=f"σ²_PT = {noise:g}")
        at, mean, bar = (
            np.array(column(data["trained"], one, noise_pt=noise))
            for one in ("alpha_pt", "mse", "standard_error_log")
        )
        bars = [mean - mean * np.exp(-2.0 * bar), mean * np.exp(2.0 * bar) - mean]
        axis.errorbar(at, mean, bars, fmt="o", ms=3, color=color)
    axis.axvline(1.0, color="0.5", lw=0.8, ls=":")
    axis.set(yscale="log", xlabel="data scale of pretraining α_PT", ylabel="error of fine-tuning")
    axis.set(title=f"trained networks, d = {two_stage_trained.D}")
    axis.legend(frameon=False)


def _draw_networks(axis: Any, networks: Any) -> None:
    axis.set(xscale="log", yscale="log", xlabel="predicted error", ylabel="measured error")
    names = list(dict.fromkeys(str(row["regime"]) for row in networks))
    for position, name in enumerate(names):
        x, y, bar = (
            column(networks, one, regime=name) for one in ("predicted", "mse", "standard_error")
        )
        axis.errorbar(x, y, bar, fmt="o", ms=3, color=f"C{position}", label=name)
    axis.axline((1.0, 1.0), (0.1, 0.1), color="0.5", lw=0.8)
    axis.set(title=f"convex problems, d = {column(networks, 'd')[0]:g}")
    axis.legend(frameon=False, fontsize=7)


def _power(exponent: float) -> str:
    return f"$10^{{{exponent:g}}}$"


def _title(regime: str) -> str:
    _, ratio, gamma = REGIMES[regime]
    return f"{regime}: λ/c = {ratio:g}, γ = {gamma:g}"


_TASK = "ρ_PT = ρ_FT = 0.1, ω = 1, c = 10⁻⁶, Gaussian coefficients in fine-tuning, no noise"

MAP = Figure(
    "pretraining-map",
    f"Error of fine-tuning over the data scales of both stages, in the four regimes ({_TASK}). "
    "White: lines of constant error. Orange: an example of either stage is worth one of the other. "
    "Dashed red: more pretraining changes nothing; beyond, towards few data of a stage, it harms.",
    map_tables,
    draw_map,
)
WORTH = Figure(
    "pretraining-worth",
    "How many fine-tuning examples one pretraining example is worth, "
    f"(∂E/∂α_PT)/(∂E/∂α), in the four regimes ({_TASK}). Dotted: 1.",
    worth_tables,
    draw_worth,
)
ERROR = Figure(
    "pretraining-error",
    "Error of fine-tuning over the data scale of pretraining, by overlap and regime (ρ_PT = ρ_FT = "
    "0.1, c = 10⁻⁶, Gaussian coefficients in fine-tuning, no noise). From α_PT = 1 on pretraining "
    "is perfect.",
    error_tables,
    draw_error,
)
NETWORKS = Figure(
    "pretraining-networks",
    "Left: networks trained by gradient descent through both stages, extrapolated to a learning "
    "rate of 0, beside the theory of two stages (ρ_PT = ρ_FT = 0.1, ω = 1, c = 0.01, λ = γ = 0, "
    "α = 0.3, Gaussian coefficients in fine-tuning; geometric means with two standard errors). "
    "With noisy labels more examples of pretraining harm as n_PT approaches d from below. Right: "
    "mean errors of finite convex problems of both stages, by regime, against those predicted.",
    network_tables,
    draw_networks,
)
FIGURES = (MAP, WORTH, ERROR, NETWORKS)
