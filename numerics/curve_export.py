"""Write an error curve as CSV, JSON or a plot.

Of a curve after pretraining on data, each record also holds what pretraining has learnt; of one
that was certified, bounds.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Sequence
from decimal import ROUND_CEILING, Context, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from numerics.certified import (
    CertifiedCurve,
    CertifiedPipelineCurve,
    CertifiedPipelinePoint,
    CertifiedPoint,
    float_bounds,
)
from numerics.pipeline import PipelineCurve
from numerics.replica import ReplicaCurve

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PLOT_SUFFIXES = (".pdf", ".png", ".svg")
BOUNDED = ("mse", "tau", "theta", "degrees_of_freedom", "penalty")
"""Numbers of a certified curve that have bounds in its records; after pretraining on data the
penalty has none."""
Certified = CertifiedCurve | CertifiedPipelineCurve
"""Bounds of a curve of one stage, or of both."""
Points = Sequence[CertifiedPoint | CertifiedPipelinePoint]
"""Its points."""
_WIDTH, _HEIGHT = 5.0, 3.6  # inches
_POINTS_PER_INCH = 72.0


def rows(curve: ReplicaCurve, certified: Certified | None = None) -> list[dict[str, Any]]:
    """Return one record for each data scale, its values as Python numbers.

    With the same curve `certified`, a record ends with bounds, as `bound_columns` names them.
    """
    named = {
        "alpha": curve.alpha,
        "mse": curve.mse,
        "relative_error": curve.relative_error,
        "tau": curve.tau,
        "theta": curve.theta,
        "degrees_of_freedom": curve.degrees_of_freedom,
        "stability_margin": curve.stability_margin,
        "penalty": curve.penalty,
        "training_error": curve.training_error,
        "objective": curve.objective,
        "cross_moment": curve.cross_moment,
        "second_moment": curve.second_moment,
        "residual": curve.residual,
        "nodes": curve.nodes,
        "iterations": curve.iterations,
        "converged": curve.converged,
    }
    if curve.threshold is not None:
        named["threshold"] = curve.threshold
    for name, values in zip(curve.group_names, curve.group_mse, strict=True):
        named[f"mse[{name}]"] = values
    for name, values in zip(curve.group_names, curve.group_penalty, strict=True):
        named[f"penalty[{name}]"] = values
    for name, values in zip(curve.parameters, curve.mse_gradient, strict=True):
        named[f"d mse/d {name}"] = values
    if isinstance(curve, PipelineCurve):
        named |= {
            name: np.full(curve.alpha.shape, value) for name, value in _first_stage(curve).items()
        }
    records = [
        {name: values[index].item() for name, values in named.items()}
        for index in range(curve.alpha.size)
    ]
    if certified is not None:
        points: Points = certified.points
        for record, point in zip(records, points, strict=True):
            record.update(bound_columns(point))
    return records


def bound_columns(point: CertifiedPoint | CertifiedPipelinePoint) -> dict[str, Any]:
    """Return the bounds of a certified point: low ≤ truth ≤ high, as float64 numbers.

    Their names are those of `BOUNDED` with `_low` and `_high`; `certified` and `reason` follow.
    Bounds of what was not certified are NaN; of the penalty after pretraining on data, which is
    never enclosed, there are none.
    """
    found: dict[str, Any] = {}
    for name in BOUNDED:
        if name == "penalty" and isinstance(point, CertifiedPipelinePoint):
            continue
        found[f"{name}_low"], found[f"{name}_high"] = float_bounds(getattr(point, name))
    return found | {"certified": point.certified, "reason": point.reason}


def _first_stage(curve: PipelineCurve) -> dict[str, float]:
    first = curve.pretraining
    found = {
        "mse_pt": first.mse,
        "relative_error_pt": first.relative_error,
        "tau_pt": first.tau,
        "theta_pt": first.theta,
    }
    for name, value in zip(first.group_names, first.group_mse, strict=True):
        found[f"mse_pt[{name}]"] = float(value)
    return found


def write_csv(path: Path, curve: ReplicaCurve, certified: Certified | None = None) -> None:
    """Write the curve, and bounds if there are any, with every digit that float64 has."""
    write_records(path, rows(curve, certified))


def write_records(path: Path, records: Sequence[dict[str, Any]]) -> None:
    """Write records, at least one, as CSV with every digit that float64 has."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(records[0]))
        writer.writeheader()
        writer.writerows(records)


def write_json(
    path: Path,
    curve: ReplicaCurve,
    inputs: dict[str, Any],
    certified: Certified | None = None,
) -> None:
    """Write inputs and curve; numbers that are not finite become the strings nan, inf, -inf."""
    write_document(path, inputs, curve=rows(curve, certified))


def write_document(path: Path, inputs: dict[str, Any], **results: Sequence[dict[str, Any]]) -> None:
    """Write inputs and named lists of records as JSON, as `write_json` does."""
    named = {name: [_plain(record) for record in records] for name, records in results.items()}
    document = {"inputs": inputs, **named}
    path.write_text(json.dumps(document, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    return {
        name: str(value) if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in record.items()
    }


def write_plot(path: Path, curve: ReplicaCurve, certified: Certified | None = None) -> str:
    """Draw error over data scale; the suffix of `path`, one of `PLOT_SUFFIXES`, is the format.

    The scale is logarithmic: errors that are 0, infinite or NaN are left out. A dotted line is the
    error of pretraining on data, with τ₁ and θ₁ in the legend. Certified bounds are a band
    if it would be seen; the legend says how wide they are, and the same is returned ("" without
    them).

    Raises
    ------
    ValueError
        If the suffix is not one of them.
    """
    if path.suffix.lower() not in PLOT_SUFFIXES:
        raise ValueError(f"a plot's file must end in one of {PLOT_SUFFIXES}, got {str(path)!r}")
    from matplotlib.figure import Figure

    canvas = Figure(figsize=(_WIDTH, _HEIGHT), layout="constrained")
    axes = canvas.add_subplot()
    order = np.argsort(curve.alpha, kind="stable")
    shown = order[(curve.mse[order] > 0.0) & (curve.mse[order] < math.inf)]
    # A line through a single point is invisible.
    axes.plot(
        curve.alpha[shown],
        curve.mse[shown],
        marker="o" if shown.size == 1 else None,
        label="fine-tuning",
    )
    if shown.size:
        axes.set_yscale("log")
    note = ""
    if isinstance(curve, PipelineCurve):
        first = curve.pretraining
        label = f"pretraining: {first.mse:.3g} (τ₁ = {first.tau:.3g}, θ₁ = {first.theta:.3g})"
        at = first.mse if 0.0 < first.mse < math.inf else math.nan
        axes.axhline(at, linestyle=":", color="C1", label=label)
    if certified is not None:
        note = _draw_bounds(axes, curve, certified, shown)
    if axes.get_legend_handles_labels()[1][1:]:
        axes.legend(fontsize=8)
    axes.set(xlabel="data scale α = n/d", ylabel="error per coordinate")
    canvas.savefig(path)
    return note


def _draw_bounds(axes: Axes, curve: ReplicaCurve, certified: Certified, shown: np.ndarray) -> str:
    """Draw the bounds of the errors that are shown, and return what the legend says of them."""
    note = f"certified at {sum(certified.certified)} of {len(certified.points)} data scales"
    bounds = np.array([float_bounds(certified.mse[index]) for index in shown]).reshape(-1, 2)
    known = np.flatnonzero((bounds[:, 0] > 0.0) & (bounds[:, 1] < math.inf))
    thin = True
    if known.size:
        widest = max(_relative_width(*bounds[index]) for index in known)
        bottom, top = axes.get_ylim()
        # As if the axes had the figure's height, which is larger.
        scale = _HEIGHT * _POINTS_PER_INCH / math.log(top / bottom)
        thin = math.log1p(widest) * scale < axes.lines[0].get_linewidth()
        note += f",\nbounds at most {widest:.1e} of the error apart"
        note += ": thinner than the line" if thin else ""
    if thin:
        axes.plot([], [], " ", label=note)
    else:
        axes.fill_between(curve.alpha[shown], *bounds.T, alpha=0.3, linewidth=0.0, label=note)
    return note.replace("\n", " ")


def _relative_width(low: float, high: float) -> float:
    """Return (high − low)/low to two digits, rounded up."""
    up = Context(prec=2, rounding=ROUND_CEILING)
    return float(up.divide(up.subtract(Decimal(high), Decimal(low)), Decimal(low)))
