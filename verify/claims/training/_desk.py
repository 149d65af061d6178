"""The desk record: what was trained of its first seed, and where each network stands in it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from empirics.diagonal_record import Networks
from empirics.experiments import Setting, Slab, sweep_of_all, sweep_tasks
from verify.claims.training._recorded import recorded


def first_seed(slab: Slab) -> tuple[int, dict[float, dict[str, Any]]]:
    """Return the first recorded seed, and what was trained from it, by data scale."""
    seed = next(iter(recorded(slab).networks.values())).seeds[0]
    tasks = sweep_tasks(sweep_of_all(slab), "desk")
    found = [json.loads(task.text) for task in tasks if task.seed == seed]
    return seed, {configuration["alpha"]: configuration for configuration in found}


def setting_of(row: dict[str, Any], slab: Slab) -> Setting:
    """Return the setting of a task's configuration."""
    parameters = ("rho_ft", "overlap", "c", "relative_scale", "gamma")
    own = {name: row[name] for name in parameters}
    return Setting(row["experiment"], row["curve"], slab=slab, **own)


def networks_of(setting: Setting, alpha: float, seed: int) -> tuple[Networks, tuple[int, int]]:
    """Return the recorded networks of a setting, and the place of one by data scale and seed."""
    networks = recorded(setting.slab).of(setting)
    return networks, (int(np.argmin(np.abs(networks.alpha - alpha))), networks.seeds.index(seed))
