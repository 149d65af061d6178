"""The task function of the vision study, as the sweeps' store names it.

The study itself trains many networks at once and shares pretrained ones (`study.Study`); this
function is one condition alone, with the same result, for any runner of sweeps.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from empirics.vision import data
from empirics.vision.measure import (
    Rows,
    Workload,
    rows,
    start_of_finetuning,
)
from empirics.vision.protocol import Condition, Protocol, Scaling
from empirics.vision.recipe import Machine
from empirics.vision.training import Run

SOURCE_VARIABLE = "CIFAR100_SOURCE"


def finetuned(configuration: Mapping[str, Any], seed: int) -> Rows:
    """Pretrain, scale, fine-tune and measure one network; return its rows.

    The images are read from where the environment variable CIFAR100_SOURCE says.

    Raises
    ------
    DataError
        If the variable is not set, or the images there are not those of the configuration.
    """
    source = os.environ.get(SOURCE_VARIABLE)
    if not source:
        raise data.DataError(
            f"the environment variable {SOURCE_VARIABLE} must say where images are"
        )
    workload = Workload.of(
        Protocol.of_json({**configuration["protocol"], "sizes": [configuration["n"]]}),
        Machine(precision=configuration["precision"]),
        data.read(Path(source)),
    )
    if workload.digest != configuration["images"]:
        raise data.DataError(
            f"{source} must hold the images of digest {configuration['images']}, "
            f"got {workload.digest}"
        )
    return alone(workload, condition_of(configuration, seed))


def condition_of(configuration: Mapping[str, Any], seed: int) -> Condition:
    """Return the condition that a task's configuration describes."""
    return Condition(
        seed,
        Scaling.of_json(configuration["before"]),
        Scaling.of_json(configuration["after"]),
        configuration["n"],
    )


def alone(workload: Workload, condition: Condition) -> Rows:
    """Return the rows of one condition, trained by itself."""
    first = Run.start(
        [workload.pretraining_set("it", condition.pretrained)],
        [workload.start_of_pretraining(condition.pretrained)],
        workload.protocol.pretraining,
        workload.machine,
        workload.train,
    )
    first.advance()
    pretrained = first.finished["it"]
    second = Run.start(
        [workload.finetuning_set("it", condition)],
        [start_of_finetuning(pretrained.state, condition)],
        workload.protocol.finetuning,
        workload.machine,
        workload.train,
    )
    second.advance()
    return rows(workload, condition, pretrained, second.finished["it"])
