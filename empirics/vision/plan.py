"""Plans: what will be trained, in which order, and how it will be judged, fixed beforehand.

`empirics/recorded/NAME.plan.json` is committed before the first result exists. Its part "run" is
what `python -m empirics.vision follow NAME` does; the rest says how the results are to be judged.
Needs no torch.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from empirics.vision import VisionError
from empirics.vision.protocol import PROTOCOLS
from empirics.vision.recipe import Machine
from empirics.vision.scaling import factor


class PlanError(VisionError):
    """A plan is missing, or is none; the message names the file and what it must have."""


@dataclass(frozen=True)
class Round:
    """Studies that are run together for one seed, at the same values of their factors."""

    studies: tuple[str, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class Plan:
    """What is run.

    Attributes
    ----------
    protocol
        Name of a protocol.
    machine, threads
        Where and how, and the threads of one process.
    keep
        Whether the fine-tuned networks are kept.
    seeds, rounds
        Seed by seed in this order, each seed through all rounds.
    judged
        All other parts of the file: how the results are judged.
    """

    protocol: str
    machine: Machine
    threads: int
    keep: bool
    seeds: tuple[int, ...]
    rounds: tuple[Round, ...]
    judged: Mapping[str, Any]

    def chosen(self, seeds: Sequence[int] | None) -> tuple[int, ...]:
        """Return the seeds of the plan, or those given; `ValueError` if it has not all of them."""
        if seeds is None:
            return self.seeds
        strange = sorted(set(seeds) - set(self.seeds))
        if strange:
            raise ValueError(f"seeds must be of the plan, {self.seeds}, got {strange}")
        return tuple(seeds)


def read(name: str, folder: Path | None = None) -> Plan:
    """Read a plan, by default one that comes with the package.

    Raises
    ------
    PlanError
        If it is not there, or names a protocol or factor that there is not, or for the published
        protocol a value that is not a published one.
    """
    place = files("empirics").joinpath("recorded") if folder is None else folder
    path = place.joinpath(f"{name}.plan.json")
    if not path.is_file():
        raise PlanError(f"there is no plan {path}")
    try:
        whole = json.loads(path.read_text("utf-8"))
        plan = _plan(whole.pop("run"), whole)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise PlanError(f"{path} must be a plan of this project: {error!r}") from error
    return plan


def _plan(run: Mapping[str, Any], judged: Mapping[str, Any]) -> Plan:
    rounds = tuple(
        Round(tuple(one["studies"]), tuple(float(value) for value in one["factors"]))
        for one in run["rounds"]
    )
    protocol = PROTOCOLS[run["protocol"]].name
    for one in rounds:
        for study in one.studies:
            strange = set(one.values) - set(factor(study).values)
            if strange and protocol == "published":
                raise ValueError(f"values of {study} must be published ones, got {strange}")
        if not all(math.isfinite(value) and value > 0 for value in one.values):
            raise ValueError(f"values must satisfy 0 < value < inf, got {one.values}")
    return Plan(
        protocol,
        Machine(run["device"], precision=run["precision"]),
        run["threads"],
        run["keep_networks"],
        tuple(run["seeds"]),
        rounds,
        judged,
    )
