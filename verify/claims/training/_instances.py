"""Recorded networks one by one: against the minimiser on the same data, and trained again.

The data of a network follow from its seed without torch (`empirics.diagonal_tasks.curve_data`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from empirics.diagonal_tasks import CurveData, curve_data, train_curves
from empirics.experiments import Setting, sweep_tasks
from numerics import Initialization, minimum_penalty
from verify.claim import Measurement
from verify.claims.training._curves import recorded
from verify.claims.training._minimiser import ARGMIN, Minimiser
from verify.methods.numeric import Worst, compared

# How far the error of a network may be from that of the minimiser: relative, and absolute.
RELATIVE, ABSOLUTE = 0.02, 3e-3
REASON = f"{RELATIVE:g} of the error and {ABSOLUTE:g}, which learning rate and threshold leave"


class Sample(NamedTuple):
    """Which networks: data scales, number of seeds of the record, and step through the settings."""

    alphas: tuple[float, ...]
    seeds: int
    stride: int


class Statement(NamedTuple):
    """The networks, and the minimiser whose error they are said to have."""

    sample: Sample
    minimiser: Minimiser = Minimiser()

    def latex(self) -> str:
        """Return which errors agree, and the scale of the minimiser."""
        ends = rf"\|\beta_{{FT}} - \beta^*\|^2,\quad \beta_{{FT}} = {ARGMIN}"
        return rf"\|\hat\beta_{{GD}} - \beta^*\|^2 \approx {ends} \\ {self.minimiser.latex()}"


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
            place = row, networks.seeds.index(task.seed)
            if networks.stop_reason[place] == "converged":
                error = float(networks.error[place])
                found.append(Instance(setting, data, index * sample.stride, task.seed, error))
    return tuple(found)


def as_setting(row: Mapping[str, Any]) -> Setting:
    """Return the setting of a task's configuration."""
    parameters = ("rho_ft", "overlap", "c", "relative_scale", "gamma")
    return Setting(row["experiment"], row["curve"], *(row[name] for name in parameters))


def near_minimiser(statement: Statement) -> Measurement:
    """Measure the error of each network against that of its minimiser, in units of the tolerance.

    A single task is learnt from the start: of scale w₀² + v₀² = c whatever λ, which is half of what
    the formula gives where β_PT = λ = 0.
    """
    worst, gaps = Worst(), []
    for case in instances(statement.sample):
        setting, data = as_setting(case.setting), case.data
        single, init = setting.overlap is None, setting.initialization
        scale = statement.minimiser.scale(
            Initialization(init.c, 0.0) if single else init,
            np.zeros(data.X.shape[1]) if single else data.beta_pt[case.place],
        )
        best = minimum_penalty(data.X, data.y[case.place], scale / 2 if single else scale).beta
        optimum = float(((best - data.beta_ft[case.place]) ** 2).mean())
        gaps.append(abs(case.error - optimum))
        worst.at(
            gaps[-1] / (RELATIVE * optimum + ABSOLUTE),
            setting=setting.name,
            seed=case.seed,
            error_of_the_network=case.error,
            error_of_the_minimiser=optimum,
        )
    found = worst.measured(
        f"errors of {{count}} networks differ from those of their minimisers by "
        f"{np.median(gaps):.2g} (median), {np.max(gaps):.2g} (largest), {{worst}} of the tolerance",
        networks=len(gaps),
    )
    methods = ("trained network", "dual Newton")
    apart = replace(found, figure=float(np.max(gaps))) if np.isfinite(gaps).all() else found
    apart = compared(apart, "error of an instance", methods, "absolute, ‖β̂ − β*‖²/d")
    return replace(apart, figure=found.figure)


class Again(NamedTuple):
    """What is trained again: curves at a data scale, how, and how many seeds further."""

    alpha: float
    curves: tuple[tuple[str, str], ...]
    rate: float
    threshold: float
    seed_offset: int = 0

    def latex(self) -> str:
        """Return what must come out as recorded, and what it is trained with."""
        seed = f"s + {self.seed_offset}" if self.seed_offset else "s"
        found = r"\text{epochs}, \hat p, \|\hat\beta\|^2"
        return (
            rf"({found})_{{{seed}}} = ({found})_{{s, \text{{recorded}}}} \\ "
            rf"\text{{rate }} {self.rate:g},\quad \text{{threshold }} {self.threshold:g},\quad "
            rf"\alpha = {self.alpha:g}"
        )


def trained_again(again: Again) -> Measurement:
    """Train recorded networks again from their seed and compare epochs, errors and shrinkage."""
    import torch

    torch.set_num_threads(1)
    record = recorded()
    seed = next(iter(record.networks.values())).seeds[0]
    tasks = (task for task in sweep_tasks("all", "desk") if task.seed == seed)
    task = next(task for task in tasks if task.configuration["alpha"] == again.alpha)
    configuration = json.loads(task.text) | {"rate": again.rate, "threshold": again.threshold}
    drawn = configuration["settings"]
    chosen = [row for row in drawn if (row["experiment"], row["curve"]) in again.curves]
    configuration["settings"] = chosen
    rows, worst = train_curves(configuration, seed + again.seed_offset), Worst()
    for row in rows:
        networks = record.of(as_setting(row))
        at = int(np.argmin(np.abs(networks.alpha - again.alpha))), networks.seeds.index(seed)
        for name in ("epochs", "learning_rate", "squared_error", "norm", "test_error", "shrinkage"):
            value, wanted = float(row[name]), float(networks.measured[name][at])
            place = {"curve": row["curve"], "measured": name, "found": value, "recorded": wanted}
            worst.at(abs(value / wanted - 1.0), **place)
    return worst.measured(
        f"{len(rows)} networks trained again: epochs, errors and shrinkage within {{worst}} of the "
        "record",
        seed=seed,
        alpha=again.alpha,
    )
