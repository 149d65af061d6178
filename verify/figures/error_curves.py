"""Figure 3 a-f and Figure 5: exact error curves over the data scale, and networks beside them.

Lines are the replica error; points are means over the seeds of the recorded networks, with bars of
one standard error. Trained networks stop at the published training error, 10⁻⁴/α in this project's
units, and so their errors do not fall much below that; crosses are where training ends, the exact
minimisers (`empirics.end_points`), of d = 1000, and of 5000 where the curve is steep and they are
recorded. Networks that start at a saddle (λ = −c, γ = 0) never move and have no points; their line
is the limit of min ‖β‖₁.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from empirics import end_points
from empirics.diagonal_record import Recorded, available, load, record_name
from empirics.experiments import EXPERIMENTS, REGIMES, SLABS, TRUTHS, Setting, settings, theory_grid
from numerics.replica import solve_replica
from verify.figures.figure import Cell, Figure, Table, Tables, canvas, column, rows

# Panels of Figure 3: which experiment, how it differs between full and dashed lines, what is swept.
PANELS: dict[str, tuple[str, str, tuple[tuple[float, float], ...]]] = {
    "a": ("reuse", "c", ((0.0, 0.1), (1.0, 0.1))),
    "b": ("reuse", "gamma", ((0.0, 0.1), (1.0, 0.1))),
    "c": ("reuse", "relative_scale", ((0.0, 0.1), (1.0, 0.1))),
    "d": ("new-features", "c", ((0.0, 0.1), (0.0, 0.9))),
    "e": ("new-features", "gamma", ((0.0, 0.1), (0.0, 0.9))),
    "f": ("nested-features", "relative_scale", ((1.0, 0.1), (1.0, 0.01), (1.0, 0.04))),
}
SOLVED = ("alpha", "mse", "tau", "theta")
_NAMES = {"c": "c", "gamma": "γ", "relative_scale": "λ/c"}
_STYLES: tuple[Literal["-", "--", ":"], ...] = ("-", "--", ":")
_MARKERS = ("o", "s", "^")
_CROSSES = {1000: "x", 5000: "+"}
# Errors below this are not shown.
_LEAST = 1e-8


def curve_rows(panel: str, setting: Setting) -> list[dict[str, Cell]]:
    """Compute one curve: a row for each data scale, with the solver's effective parameters."""
    curve = solve_replica(setting.task, setting.initialization, theory_grid())
    solved = {name: getattr(curve, name) for name in SOLVED}
    return rows(**_parameters(panel, setting, "slab"), **solved)


def _parameters(panel: str, setting: Setting, *more: str) -> dict[str, Cell]:
    """Return the columns that say which curve a row is of; the overlap of a single task is −1."""
    row: dict[str, Cell] = {"panel": panel, "curve": setting.name}
    for name in (*more, "rho_ft", "overlap", "c", "relative_scale", "gamma"):
        value = getattr(setting, name)
        row[name] = -1.0 if value is None else value
    return row


def panel_settings(panel: str) -> list[Setting]:
    """Return the curves of one panel of Figure 3."""
    experiment, swept, truths = PANELS[panel]
    pool = [*settings(experiment), *(settings("reuse") if panel == "f" else ())]
    baseline = {"c": 1e-3, "gamma": 0.0, "relative_scale": 0.0}
    others = {name: value for name, value in baseline.items() if name != swept}
    return [
        setting
        for truth in truths
        for setting in pool
        if (setting.overlap, setting.rho_ft) == truth
        and all(getattr(setting, name) == value for name, value in others.items())
    ]


def network_rows(panel: str, setting: Setting, record: Recorded) -> list[dict[str, Cell]]:
    """Return the recorded networks of one setting: a row for each data scale.

    There are none where the setting was not trained or no network converged.
    """
    try:
        networks = record.of(setting)
    except KeyError:
        return []
    table: list[dict[str, Cell]] = []
    for alpha, errors in zip(networks.alpha, networks.error, strict=True):
        converged = errors[np.isfinite(errors)]
        if converged.size < 2:
            continue
        table += rows(
            **_parameters(panel, setting),
            alpha=[alpha],
            mse=converged.mean(),
            standard_error=converged.std(ddof=1) / np.sqrt(converged.size),
            networks=converged.size,
            not_converged=errors.size - converged.size,
        )
    return table


def end_point_rows(
    panel: str, setting: Setting, record: end_points.EndPoints
) -> list[dict[str, Cell]]:
    """Return the recorded end points of one setting: a row for each dimension and data scale.

    Of d = 5000 where there are some, and else of d = 1000; none beyond the curves' data scales.
    """
    means: dict[float, tuple[int, Any]] = {}
    for d in _CROSSES:
        try:
            alphas, errors, _ = record.of(setting, d)
        except KeyError:
            continue
        means |= {float(a): (d, found) for a, found in zip(alphas, errors, strict=True)}
    table: list[dict[str, Cell]] = []
    for alpha, (d, found) in sorted(means.items()):
        if alpha <= theory_grid()[-1]:
            table += rows(
                **_parameters(panel, setting),
                alpha=[alpha],
                d=d,
                mse=found.mean(),
                standard_error=found.std(ddof=1) / np.sqrt(found.size),
                networks=found.size,
            )
    return table


def _with_networks(tables: dict[str, list[tuple[str, Setting]]]) -> Tables:
    """Compute the curves of each table and, where there are records, networks beside them."""
    record = load("gaussian") if available(record_name("gaussian")) else None
    ends = end_points.load("gaussian") if available(end_points.record_name("gaussian")) else None
    found: dict[str, list[dict[str, Cell]]] = {}
    for name, curves in tables.items():
        found[name] = [row for panel, one in curves for row in curve_rows(panel, one)]
        if record is not None:
            found[f"{name}-networks"] = [
                row for panel, one in curves for row in network_rows(panel, one, record)
            ]
        if ends is not None:
            found[f"{name}-end-points"] = [
                row for panel, one in curves for row in end_point_rows(panel, one, ends)
            ]
    return found


def tables_3() -> Tables:
    """Compute the six panels of Figure 3."""
    return _with_networks(
        {panel: [(panel, setting) for setting in panel_settings(panel)] for panel in PANELS}
    )


def tables_5() -> Tables:
    """Compute the four regimes under the ground truths of Figure 5."""
    return _with_networks(
        {"regimes": [(setting.label.split()[0], setting) for setting in settings("regimes")]}
    )


def draw_3(data: Tables) -> Any:
    """Draw the six panels: colour shows the swept value, line style and marker the ground truth."""
    from matplotlib.lines import Line2D

    drawing, axes = _canvas(2, 3)
    for axis, (panel, (_, swept, truths)) in zip(axes.flat, PANELS.items(), strict=True):
        curves, networks = data[panel], data.get(f"{panel}-networks", ())
        ends = data.get(f"{panel}-end-points", ())
        for position, value in enumerate(sorted(set(column(curves, swept)))):
            for style, marker, (overlap, rho_ft) in zip(_STYLES, _MARKERS, truths, strict=False):
                where: dict[str, Cell] = {swept: value, "overlap": overlap, "rho_ft": rho_ft}
                label = f"{_NAMES[swept]} = {_power(value)}" if style == "-" else None
                _line(axis, curves, where, f"C{position}", style, label)
                _points(axis, networks, where, f"C{position}", marker, style == "-")
                _ends(axis, ends, where, f"C{position}")
        common, differences = _words(truths)
        _finish(axis, f"({panel})  {common}")
        handles = [
            Line2D(
                [],
                [],
                color="0.3",
                linestyle=style,
                marker=marker,
                markersize=3.5,
                markerfacecolor="0.3" if style == "-" else "white",
                label=difference,
            )
            for style, marker, difference in zip(_STYLES, _MARKERS, differences, strict=False)
        ]
        # Where the curves leave room.
        place: dict[str, Any] = {"loc": "lower left"}
        if panel == "f":
            place = {"loc": "center right", "bbox_to_anchor": (1.0, 0.74)}
        axis.add_artist(axis.legend(frameon=False, fontsize=7, **place))
        axis.legend(
            handles=handles, frameon=False, fontsize=7, loc="upper right", ncols=len(handles)
        )
    return drawing


def draw_5(data: Tables) -> Any:
    """Draw a panel for each ground truth, a line and points for each regime."""
    drawing, axes = _canvas(2, 2)
    networks, ends = data.get("regimes-networks", ()), data.get("regimes-end-points", ())
    for axis, (overlap, rho_ft) in zip(axes.flat, TRUTHS, strict=True):
        for position, (regime, (_, ratio, gamma)) in enumerate(REGIMES.items()):
            where: dict[str, Cell] = {"panel": regime, "overlap": overlap, "rho_ft": rho_ft}
            label = f"{regime}: λ/c = {ratio:g}, γ = {gamma:g}"
            _line(axis, data["regimes"], where, f"C{position}", "-", label)
            _points(axis, networks, where, f"C{position}", _MARKERS[0], True)
            _ends(axis, ends, where, f"C{position}")
        _finish(axis, f"ω = {overlap:g}, ρ_FT = {rho_ft:g}, c = {_power(REGIMES['I'][0])}")
        axis.legend(frameon=False, fontsize=7)
    return drawing


def _words(truths: tuple[tuple[float, float], ...]) -> tuple[str, list[str]]:
    """Return what the ground truths of a panel have in common, and what is each one's own."""
    overlaps = [f"ω = {overlap:g}" for overlap, _ in truths]
    densities = [f"ρ_FT = {rho:g}" for _, rho in truths]
    one_overlap = len(set(overlaps)) == 1
    return (overlaps[0], densities) if one_overlap else (densities[0], overlaps)


def _power(value: float) -> str:
    """Return small numbers as powers of ten, and others as they are."""
    exponent = round(np.log10(value)) if 0 < value < 0.005 else 0
    return f"$10^{{{exponent}}}$" if exponent and 10.0**exponent == value else f"{value:g}"


def _canvas(lines: int, columns: int) -> tuple[Any, Any]:
    return canvas(lines, columns, 4.4 * columns, 3.7 * lines)


def _line(
    axis: Any, table: Table, where: dict[str, Cell], color: str, style: str, label: str | None
) -> None:
    x, y = (column(table, name, **where) for name in ("alpha", "mse"))
    axis.plot(x, y, style, color=color, label=label)


def _points(
    axis: Any, table: Table, where: dict[str, Cell], color: str, marker: str, filled: bool
) -> None:
    """Draw means over seeds with bars of one standard error; the lower end may leave the axis."""
    x, y, error = (column(table, name, **where) for name in ("alpha", "mse", "standard_error"))
    style: dict[str, Any] = {"markersize": 3.5, "elinewidth": 0.8, "capsize": 1.5, "zorder": 3}
    style |= {"color": color, "markerfacecolor": color if filled else "white"}
    axis.errorbar(x, y, yerr=error, fmt=marker, **style)


def _ends(axis: Any, table: Table, where: dict[str, Cell], color: str) -> None:
    """Draw means of exact end points, a cross for each, another one for large networks."""
    for d, marker in _CROSSES.items():
        x, y = (column(table, name, **where, d=d) for name in ("alpha", "mse"))
        axis.plot(x, y, marker, color=color, markersize=4.5, markeredgewidth=0.9, zorder=4)


def _finish(axis: Any, title: str) -> None:
    axis.set_yscale("log", nonpositive="clip")
    # Room above the curves for the legend of the ground truths.
    low, high = axis.get_ylim()
    axis.set_ylim(max(low, _LEAST), high * (high / max(low, _LEAST)) ** 0.1)
    axis.set(xlabel="data scale α = n/d", ylabel="error  ‖β̂ − β*‖²/d")
    axis.set_title(title, fontsize=9)


def tables_experiments() -> Tables:
    """Compute every theory curve of Experiments 1-4 and Figure 5, for both slabs."""
    tables: dict[str, list[dict[str, Cell]]] = {}
    for slab in SLABS:
        for experiment in EXPERIMENTS:
            curves: list[dict[str, Cell]] = []
            for setting in settings(experiment, slab):
                try:
                    _ = setting.task
                except ValueError as reason:
                    # The one row of a curve that its groups forbid: the reason, and no numbers.
                    empty: dict[str, Cell] = dict.fromkeys(SOLVED, "")
                    empty["note"] = f"infeasible: {reason}"
                    curves.append(_parameters(experiment, setting, "slab") | empty)
                else:
                    curves += [{**row, "note": ""} for row in curve_rows(experiment, setting)]
            tables[f"{experiment}-{slab}"] = curves
    return tables


def draw_experiments(data: Tables) -> Any:
    """Draw a panel for each experiment and slab, with all of its curves."""
    drawing, axes = _canvas(len(SLABS), len(EXPERIMENTS))
    for axis, (name, table) in zip(axes.flat, data.items(), strict=True):
        for position, curve in enumerate(sorted({str(row["curve"]) for row in table})):
            feasible = [row for row in table if row["curve"] == curve and row["alpha"] != ""]
            if feasible:
                _line(axis, feasible, {}, f"C{position % 10}", "-", None)
        axis.set_yscale("log")
        low, _ = axis.get_ylim()
        axis.set_ylim(bottom=max(low, 1e-6))
        axis.set(xlabel="data scale α", ylabel="error")
        axis.set_title(name, fontsize=8)
    return drawing


_NETWORKS = (
    "exact (lines), in trained networks of d = 1000 (points, mean over seeds with one standard "
    "error), which stop at the published training error, 1e-4/α in units of this page, and level "
    "off there, and where training ends, the exact minimisers (× of d = 1000, + of d = 5000 where "
    "that is recorded)."
)
EXPERIMENT_CURVES = Figure(
    "experiments",
    "Every exact theory curve of Experiments 1-4 and Figure 5, for both slabs.",
    tables_experiments,
    draw_experiments,
)
FIGURE_3 = Figure(
    "figure-3",
    f"Figure 3: error of fine-tuning over the data scale, {_NETWORKS}",
    tables_3,
    draw_3,
)
FIGURE_5 = Figure(
    "figure-5",
    f"Figure 5: error of the four regimes under four ground truths, {_NETWORKS}",
    tables_5,
    draw_5,
)
