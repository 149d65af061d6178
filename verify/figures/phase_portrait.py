"""Figure 2: ℓ-order and pretraining dependence over the initialisation, and the triangle."""

from __future__ import annotations

from typing import Any

import numpy as np

from numerics.initialization import Initialization
from numerics.regimes import l_order, pretraining_dependence
from verify.figures.figure import Cell, Figure, Tables, canvas, column, rows

BETA_FT = 1.0
BETA_PTS = (1.0, 0.0)
POINTS = 61


def _rows(
    panel: str, c: float, ratio: float, gamma: float, beta_pts: tuple[float, ...]
) -> list[dict[str, Cell]]:
    """Compute both measures of one initialisation, for several pretrained coefficients."""
    init = Initialization(c, ratio * c, gamma)
    return rows(
        panel=panel,
        c=c,
        lam_over_c=ratio,
        gamma=gamma,
        beta_pt=beta_pts,
        l_order=l_order(BETA_FT, init.finetune_scale(np.array(beta_pts))),
        pretraining_dependence=pretraining_dependence(np.array(beta_pts), BETA_FT, init),
    )


def tables() -> Tables:
    """Compute the portraits over (λ/c, c) and (γ, c), and the three paths through the triangle."""
    scales = np.logspace(-6, 3, POINTS)
    relative = np.linspace(-0.9999, 0.9999, POINTS)
    readouts = np.logspace(-3, 2, POINTS)
    portrait: list[dict[str, Cell]] = []
    for c in scales:
        for ratio in relative:
            portrait += _rows("relative scale", c, ratio, 0.0, BETA_PTS)
        for gamma in readouts:
            portrait += _rows("readout", c, 0.0, gamma, BETA_PTS)
    paths: list[dict[str, Cell]] = []
    for t in np.linspace(0.0, 1.0, 121):
        growing, ratio = 10.0 ** (9 * t - 6), (2 * t - 1) * (1 - 1e-6)
        paths += _rows("c grows, active", growing, 0.99, 0.0, (1.0,))
        paths += _rows("λ sweeps, active", 1e-6, ratio, 0.0, (1.0,))
        paths += _rows("c grows, inactive", growing, 0.0, 0.0, (0.0,))
    return {"portrait": portrait, "paths": paths}


def draw(data: Tables) -> Any:
    """Draw portraits (rows: pretrained coefficient active or not) and the triangle."""
    drawing, axes = canvas(2, 5, 13.5, 5.6, width_ratios=(1, 1, 1, 1, 1.5))
    panels = [
        (panel, quantity, beta)
        for beta in BETA_PTS
        for panel in ("relative scale", "readout")
        for quantity in ("l_order", "pretraining_dependence")
    ]
    for axis, (panel, quantity, beta) in zip(axes[:, :4].flat, panels, strict=True):
        _portrait(drawing, axis, data, panel, quantity, beta)
    grid = axes[0, 4].get_gridspec()
    for axis in axes[:, 4]:
        axis.remove()
    _triangle(drawing.add_subplot(grid[:, 4]), data)
    return drawing


def _portrait(
    drawing: Any, axis: Any, data: Tables, panel: str, quantity: str, beta: float
) -> None:
    across = "lam_over_c" if panel == "relative scale" else "gamma"
    where: dict[str, Cell] = {"panel": panel, "beta_pt": beta}
    x = sorted(set(column(data["portrait"], across, **where)))
    y = sorted(set(column(data["portrait"], "c", **where)))
    values = np.reshape(column(data["portrait"], quantity, **where), (len(y), len(x)))
    limits = (1, 2) if quantity == "l_order" else (-1, 0)
    image = axis.pcolormesh(x, y, values, clim=limits, cmap="viridis", rasterized=True)
    axis.set_yscale("log")
    if across == "gamma":
        axis.set_xscale("log")
    axis.set_xlabel("relative scale λ/c" if across == "lam_over_c" else "readout γ")
    axis.set_ylabel("absolute scale c")
    name = "ℓ-order" if quantity == "l_order" else "PD"
    axis.set_title(f"{name} at β_PT = {beta:g}", fontsize=9)
    drawing.colorbar(image, ax=axis)


def _triangle(axis: Any, data: Tables) -> None:
    axis.fill([1, 2, 2], [0, -1, 0], facecolor="0.93", edgecolor="0.5")
    styles = {"c grows, active": "-", "λ sweeps, active": ":", "c grows, inactive": "--"}
    for panel, style in styles.items():
        orders = column(data["paths"], "l_order", panel=panel)
        dependences = column(data["paths"], "pretraining_dependence", panel=panel)
        axis.plot(orders, dependences, style, label=panel, linewidth=2)
    corners = {"I": ((1, 0), (-3, 5)), "II": ((2, -1), (5, -8)), "III": ((2, 0), (-6, 5))}
    for name, ((x, y), shift) in corners.items():
        axis.annotate(name, (x, y), xytext=shift, textcoords="offset points", weight="bold")
    axis.set(xlabel="ℓ-order", ylabel="pretraining dependence", xlim=(0.93, 2.1), ylim=(-1.1, 0.1))
    axis.legend(loc="lower left", frameon=False)


FIGURE = Figure(
    "figure-2",
    "Figure 2: ℓ-order and pretraining dependence (PD) over the initialisation at β_FT = 1, and "
    "the triangle of their possible values.",
    tables,
    draw,
)
