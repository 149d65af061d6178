"""Theory lines of Figure 3 a-f and Figure 5: exact error curves over the data scale."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from empirics.experiments import (
    EXPERIMENTS,
    REGIMES,
    SLABS,
    TRUTHS,
    Setting,
    settings,
    theory_grid,
)
from numerics.replica import solve_replica
from verify.figures.figure import Cell, Figure, Tables, column

# Panels of Figure 3: which experiment, how it differs between full and dashed lines, what is swept.
PANELS: dict[str, tuple[str, str, tuple[tuple[float, float], ...]]] = {
    "a": ("reuse", "c", ((0.0, 0.1), (1.0, 0.1))),
    "b": ("reuse", "gamma", ((0.0, 0.1), (1.0, 0.1))),
    "c": ("reuse", "relative_scale", ((0.0, 0.1), (1.0, 0.1))),
    "d": ("new-features", "c", ((0.0, 0.1), (0.0, 0.9))),
    "e": ("new-features", "gamma", ((0.0, 0.1), (0.0, 0.9))),
    "f": ("nested-features", "relative_scale", ((1.0, 0.1), (1.0, 0.01), (1.0, 0.04))),
}
_NAMES = {"c": "c", "gamma": "γ", "relative_scale": "λ/c"}
_STYLES = ("-", "--", ":")


def curve_rows(panel: str, setting: Setting) -> list[dict[str, Cell]]:
    """Compute one curve: a row for each data scale, with the solver's own accounts."""
    curve = solve_replica(setting.task, setting.initialization, theory_grid())
    return [
        {
            "panel": panel,
            "curve": setting.name,
            "slab": setting.slab,
            "rho_ft": setting.rho_ft,
            "overlap": -1.0 if setting.overlap is None else setting.overlap,
            "c": setting.c,
            "relative_scale": setting.relative_scale,
            "gamma": setting.gamma,
            "alpha": float(alpha),
            "mse": float(mse),
            "tau": float(tau),
            "theta": float(theta),
        }
        for alpha, mse, tau, theta in zip(
            curve.alpha, curve.mse, curve.tau, curve.theta, strict=True
        )
    ]


def panel_settings(panel: str) -> list[Setting]:
    """Return the curves of one panel of Figure 3."""
    experiment, swept, truths = PANELS[panel]
    pool = [*settings(experiment), *(settings("reuse") if panel == "f" else ())]
    chosen = []
    for overlap, rho_ft in truths:
        chosen += [
            setting
            for setting in pool
            if (setting.overlap, setting.rho_ft) == (overlap, rho_ft)
            and _only_swept(setting, swept)
        ]
    return chosen


def _only_swept(setting: Setting, swept: str) -> bool:
    baseline = {"c": 1e-3, "gamma": 0.0, "relative_scale": 0.0}
    return all(getattr(setting, name) == value for name, value in baseline.items() if name != swept)


def tables_3() -> Tables:
    """Compute the six panels of Figure 3."""
    return {
        panel: [row for setting in panel_settings(panel) for row in curve_rows(panel, setting)]
        for panel in PANELS
    }


def tables_5() -> Tables:
    """Compute the four regimes under the ground truths of Figure 5."""
    return {
        "regimes": [
            row
            for setting in settings("regimes")
            for row in curve_rows(setting.label.split()[0], setting)
        ]
    }


def draw_3(data: Tables) -> Any:
    """Draw the six panels: colour tells the swept value, line style the ground truth."""
    canvas, axes = _canvas(2, 3)
    for axis, (panel, (_, swept, truths)) in zip(axes.flat, PANELS.items(), strict=True):
        rows = data[panel]
        values = sorted(set(column(rows, swept)))
        for position, value in enumerate(values):
            for style, (overlap, rho_ft) in zip(_STYLES, truths, strict=False):
                where: dict[str, Cell] = {swept: value, "overlap": overlap, "rho_ft": rho_ft}
                label = f"{_NAMES[swept]} = {value:g}" if style == "-" else None
                _line(axis, rows, where, f"C{position}", style, label)
        lines = ", ".join(
            f"{name} ω={overlap:g} ρ={rho:g}"
            for name, (overlap, rho) in zip(("full:", "dashed:", "dotted:"), truths, strict=False)
        )
        _finish(axis, f"({panel}) {lines}")
    return canvas


def draw_5(data: Tables) -> Any:
    """Draw a panel for each ground truth, a line for each regime."""
    canvas, axes = _canvas(2, 2)
    for axis, (overlap, rho_ft) in zip(axes.flat, TRUTHS, strict=True):
        for position, regime in enumerate(REGIMES):
            where: dict[str, Cell] = {"panel": regime, "overlap": overlap, "rho_ft": rho_ft}
            _line(axis, data["regimes"], where, f"C{position}", "-", f"regime {regime}")
        _finish(axis, f"ω = {overlap:g}, ρ_FT = {rho_ft:g}")
    return canvas


def _canvas(rows: int, columns: int) -> tuple[Any, Any]:
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(4.2 * columns, 3.4 * rows), layout="constrained")
    return canvas, canvas.subplots(rows, columns)


def _line(
    axis: Any,
    rows: Iterable[Any],
    where: dict[str, Cell],
    color: str,
    style: str,
    label: str | None,
) -> None:
    table = list(rows)
    axis.plot(
        column(table, "alpha", **where),
        column(table, "mse", **where),
        style,
        color=color,
        label=label,
    )


def _finish(axis: Any, title: str) -> None:
    axis.set_yscale("log")
    low, _ = axis.get_ylim()
    axis.set_ylim(bottom=max(low, 1e-6))
    axis.set(xlabel="data scale α", ylabel="error")
    axis.set_title(title, fontsize=8)
    axis.legend(frameon=False, fontsize=7)


def tables_experiments() -> Tables:
    """Compute every theory curve of Experiments 1-4 and Figure 5, for both slabs."""
    tables: dict[str, list[dict[str, Cell]]] = {}
    for slab in SLABS:
        for experiment in EXPERIMENTS:
            rows = []
            for setting in settings(experiment, slab):
                try:
                    _ = setting.task
                except ValueError as reason:
                    rows.append(_infeasible_row(setting, str(reason)))
                else:
                    rows += [{**row, "note": ""} for row in curve_rows(experiment, setting)]
            tables[f"{experiment}-{slab}"] = rows
    return tables


def _infeasible_row(setting: Setting, reason: str) -> dict[str, Cell]:
    """Return the one row of a curve that its groups forbid: the reason, and no numbers."""
    overlap = -1.0 if setting.overlap is None else setting.overlap
    return {
        "panel": setting.experiment,
        "curve": setting.name,
        "slab": setting.slab,
        "rho_ft": setting.rho_ft,
        "overlap": overlap,
        "c": setting.c,
        "relative_scale": setting.relative_scale,
        "gamma": setting.gamma,
        "alpha": "",
        "mse": "",
        "tau": "",
        "theta": "",
        "note": f"infeasible: {reason}",
    }


def draw_experiments(data: Tables) -> Any:
    """Draw a panel for each experiment and slab, all of its curves over each other."""
    canvas, axes = _canvas(len(SLABS), len(EXPERIMENTS))
    for axis, (name, rows) in zip(axes.flat, data.items(), strict=True):
        for position, curve in enumerate(sorted({str(row["curve"]) for row in rows})):
            feasible = [row for row in rows if row["curve"] == curve and row["alpha"] != ""]
            if feasible:
                _line(axis, feasible, {}, f"C{position % 10}", "-", None)
        axis.set_yscale("log")
        low, _ = axis.get_ylim()
        axis.set_ylim(bottom=max(low, 1e-6))
        axis.set(xlabel="data scale α", ylabel="error")
        axis.set_title(name, fontsize=8)
    return canvas


EXPERIMENT_CURVES = Figure(
    "experiments",
    "Every exact theory curve of Experiments 1-4 and Figure 5, for both slabs.",
    tables_experiments,
    draw_experiments,
)
FIGURE_3 = Figure(
    "figure-3", "Figure 3: exact error of fine-tuning over the data scale.", tables_3, draw_3
)
FIGURE_5 = Figure(
    "figure-5", "Figure 5: exact error of the four regimes under four truths.", tables_5, draw_5
)
