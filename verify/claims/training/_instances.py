"""Recorded networks one by one: against the minimiser on the same data, and trained again.

The data of a network follow from its seed without torch (`empirics.diagonal_tasks.curve_data`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from empirics.diagonal_record import Recorded
from empirics.diagonal_tasks import CurveData, curve_data, train_curves
from empirics.experiments import Setting, sweep_tasks
from numerics import Initialization, minimum_penalty
from numerics.validation import FloatArray
from verify.claim import Comparison, Evidence
from verify.claims.crosscheck._solvers import stated_scale
from verify.claims.training._curves import recorded
from verify.methods.numeric import largest

# How far the error of a network may be from that of the minimiser: relative, and absolute.
RELATIVE, ABSOLUTE = 0.02, 3e-3

Scale = Callable[[Initialization, FloatArray], FloatArray]


class Sample(NamedTuple):
    """Which networks: data scales, how many seeds of the record, and each how-manieth setting."""

    alphas: tuple[float, ...]
    seeds: int
    stride: int


class Statement(NamedTuple):
    """The networks, and the scale of the penalty that they are said to minimise."""

    sample: Sample
    scale: Scale = stated_scale


class Instance(NamedTuple):
    """One network: its setting, data, place in the record, and recorded error."""

    setting: Mapping[str, Any]
    data: CurveData
    place: int
    seed: int
    error: float


@cache
def instances(sample: Sample) -> tuple[Instance, ...]:
    """Draw again the data of recorded networks; those that did not converge are left out."""
    record, found = recorded(), []
    seeds = next(iter(record.networks.values())).seeds[: sample.seeds]
    for task in sweep_tasks("all", "desk"):
        configuration = json.loads(task.text)
        if task.seed not in seeds or configuration["alpha"] not in sample.alphas:
            continue
        data = curve_data(configuration, task.seed)
        for index, setting in enumerate(configuration["settings"][:: sample.stride]):
            networks = record.of(as_setting(setting))
            row = int(np.argmin(np.abs(networks.alpha - configuration["alpha"])))
            error = float(networks.error[row, networks.seeds.index(task.seed)])
            if np.isfinite(error):
                found.append(Instance(setting, data, index * sample.stride, task.seed, error))
    return tuple(found)


def as_setting(row: Mapping[str, Any]) -> Setting:
    """Return the setting of a task's configuration."""
    parameters = ("rho_ft", "overlap", "c", "relative_scale", "gamma")
    return Setting(row["experiment"], row["curve"], *(row[name] for name in parameters))


def near_minimiser(statement: Statement) -> Evidence:
    """Hold the error of each network to that of the minimiser of its penalty on its data."""
    worst, where, gaps = 0.0, {}, []
    for case in instances(statement.sample):
        setting, data = as_setting(case.setting), case.data
        init = setting.initialization
        if setting.overlap is None:
            # A single task is learnt from the start: w₀² + v₀² = c whatever λ.
            scale = statement.scale(Initialization(init.c, 0.0), np.zeros(data.X.shape[1])) / 2
        else:
            scale = statement.scale(init, data.beta_pt[case.place])
        best = minimum_penalty(data.X, data.y[case.place], scale).beta
        optimum = float(((best - data.beta_ft[case.place]) ** 2).mean())
        gaps.append(largest(abs(case.error - optimum)))
        measure = largest(gaps[-1] / (RELATIVE * optimum + ABSOLUTE))
        if measure > worst:
            worst = measure
            where = {
                "setting": setting.name,
                "seed": str(case.seed),
                "error of the network": repr(case.error),
                "error of the minimiser": repr(optimum),
            }
    holds = worst <= 1.0
    return Evidence(
        holds,
        f"errors of {len(gaps)} networks differ from those of their minimisers by "
        f"{float(np.median(gaps)):.2g} (median), {max(gaps):.2g} (largest), "
        f"{worst:.2f} of the tolerance",
        figure=worst,
        counterexample=None if holds else where,
        data={"networks": len(gaps)},
        comparisons=(
            Comparison(
                "error of an instance",
                ("trained network", "dual Newton"),
                max(gaps),
                "absolute, ‖β̂ − β*‖²/d",
            ),
        )
        if holds
        else (),
    )


class Change(NamedTuple):
    """What is trained again: curves at a data scale, with a changed configuration or seed."""

    alpha: float
    curves: tuple[tuple[str, str], ...]
    configuration: Mapping[str, Any] = {}
    seed_offset: int = 0


def trained_again(change: Change, tolerance: float) -> Evidence:
    """Train recorded networks again from their seed and compare epochs, errors and shrinkage."""
    import torch

    torch.set_num_threads(1)
    record = recorded()
    seed = next(iter(record.networks.values())).seeds[0]
    task = next(
        task
        for task in sweep_tasks("all", "desk")
        if task.seed == seed and task.configuration["alpha"] == change.alpha
    )
    configuration = json.loads(task.text) | dict(change.configuration)
    configuration["settings"] = [
        row
        for row in configuration["settings"]
        if (row["experiment"], row["curve"]) in change.curves
    ]
    rows = train_curves(configuration, seed + change.seed_offset)
    worst, where = _differences(record, rows, change.alpha, seed)
    holds = worst <= tolerance
    return Evidence(
        holds,
        f"{len(rows)} networks trained again: epochs, errors and shrinkage within {worst:.2g} of "
        "the record",
        figure=worst,
        counterexample=None if holds else where,
        data={"seed": seed, "alpha": change.alpha},
    )


def _differences(
    record: Recorded, rows: Sequence[Mapping[str, Any]], alpha: float, seed: int
) -> tuple[float, dict[str, str]]:
    """Return the largest relative difference from the record, and where it is."""
    worst, where = 0.0, {}
    for row in rows:
        networks = record.of(as_setting(row))
        at = int(np.argmin(np.abs(networks.alpha - alpha))), networks.seeds.index(seed)
        for name in ("epochs", "learning_rate", "squared_error", "norm", "test_error", "shrinkage"):
            wanted = float(networks.measured[name][at])
            gap = largest(abs(float(row[name]) / wanted - 1.0))
            if gap > worst:
                worst = gap
                where = {"curve": row["curve"], name: repr(row[name]), "recorded": repr(wanted)}
    return worst, where
