"""One fine-tuned network as rows: test accuracy, and the dimensions of its representations.

The results of a study depend on this module and on what it imports, on nothing else in the
repository: the code version in a task's key is a hash of these.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from empirics.vision import data, representation
from empirics.vision.evaluation import accuracy, calibrated, stage_features
from empirics.vision.protocol import Condition, Pretraining, Protocol, Scaling
from empirics.vision.recipe import Machine
from empirics.vision.resnet import initial_state
from empirics.vision.scaling import Rates, factor, scaled
from empirics.vision.state import State
from empirics.vision.training import Trained, TrainingSet

Rows = list[dict[str, Any]]
Features = Mapping[str, Mapping[str, NDArray[np.float64]]]

# Of a representation: in evaluation mode, on fine-tuning inputs, beside the network after
# pretraining; or as Lippl and Lindsey (2024) read theirs, in training mode, on all training images
# of both classes, beside the network that fine-tuning starts from.
READINGS = ("evaluation", "training")

# Labels of random streams: the orders of images in the two phases are drawn from different ones.
_PRETRAINING_ORDER = 11
_FINETUNING_ORDER = 12


@dataclass(frozen=True)
class Workload:
    """Images on a device, with the protocol and the machine of the training on them.

    Attributes
    ----------
    protocol, machine
        How, and where.
    images
        The images and labels, in memory.
    train, test
        The images on the device, uint8, shape (N, 32, 32, 3).
    digest
        SHA-256 of all images and labels, in an order that does not depend on the source's.
    """

    protocol: Protocol
    machine: Machine
    images: data.ImageSet
    train: Any
    test: Any
    digest: str

    @classmethod
    def of(cls, protocol: Protocol, machine: Machine, images: data.ImageSet) -> Workload:
        """Put the images on the device, in an order of their own contents.

        Sources hold the same images in different orders; sorted by label and pixels, a seed draws
        the same ones from each. `ValueError` if there is no such device.
        """
        machine.prepare()
        images, digest = in_order(images)
        train, test = (
            torch.from_numpy(part).to(machine.device)
            for part in (images.train_images, images.test_images)
        )
        return cls(protocol, machine, images, train, test, digest)

    def split(self, seed: int) -> data.ClassSplit:
        """Return the classes of a seed."""
        return data.class_split(seed, self.protocol.classes)

    def pretraining_set(self, name: str, which: Pretraining) -> TrainingSet:
        """Return what a network is pretrained on."""
        split, order = self.split(which.seed), (which.seed, _PRETRAINING_ORDER)
        indices = self._pretraining_images(which.seed)
        return self._training_set(name, indices, split.pretraining, order, which.before.rates)

    def finetuning_set(self, name: str, which: Condition) -> TrainingSet:
        """Return what a network is fine-tuned on."""
        split, order = self.split(which.seed), (which.seed, _FINETUNING_ORDER)
        indices = data.finetuning_images(self.images, split, which.seed, which.n)
        return self._training_set(name, indices, split.finetuning, order, which.before.rates)

    def start_of_pretraining(self, which: Pretraining) -> State:
        """Return the initial network of a seed, scaled as the network is before pretraining."""
        state = initial_state(which.seed)
        if self.protocol.statistics == "fixed":
            images = self._pretraining_images(which.seed)
            state = calibrated(state, self.train, images, self.machine.device)
        return _applied(state, which.before)

    def _pretraining_images(self, seed: int) -> NDArray[np.int64]:
        count = self.protocol.images_per_class
        return data.pretraining_images(self.images, self.split(seed), seed, count)

    def _training_set(
        self,
        name: str,
        indices: NDArray[np.int64],
        classes: tuple[int, ...],
        order: tuple[int, ...],
        rates: Rates,
    ) -> TrainingSet:
        targets = data.positions(self.images.train_labels[indices], classes)
        return TrainingSet(name, indices, targets, classes, order, rates)

    def accuracy(self, state: State, seed: int) -> float:
        """Return the accuracy on all test images of the two fine-tuning classes of a seed."""
        split = self.split(seed)
        indices = data.test_images(self.images, split)
        targets = data.positions(self.images.test_labels[indices], split.finetuning)
        return accuracy(state, self.test, indices, targets, split.finetuning, self.machine.device)

    def before(self, pretrained: State, condition: Condition) -> Features:
        """Return every stage's activations before fine-tuning, in each reading.

        In evaluation mode of the network after pretraining, in training mode of what fine-tuning
        starts from.
        """
        start = start_of_finetuning(pretrained, condition)
        return self._features({"evaluation": pretrained, "training": start}, condition.seed)

    def after(self, tuned: State, condition: Condition) -> Features:
        """Return every stage's activations after fine-tuning, in each reading."""
        return self._features(dict.fromkeys(READINGS, tuned), condition.seed)

    def _features(self, states: Mapping[str, State], seed: int) -> Features:
        """Return every stage's activations by reading, of the state that is given for it.

        With fixed statistics there is no training mode of its own.
        """
        split, device = self.split(seed), self.machine.device
        members = np.isin(self.images.train_labels, split.finetuning)
        found = {}
        for reading, state in states.items():
            training = reading == "training"
            if training and self.protocol.statistics == "fixed":
                continue
            count = int(members.sum()) if training else self.protocol.inputs
            indices = data.finetuning_images(self.images, split, seed, count)
            found[reading] = stage_features(state, self.train, indices, device, training=training)
        return found


def in_order(images: data.ImageSet) -> tuple[data.ImageSet, str]:
    """Return the images sorted by label and pixels, and the SHA-256 of the sorted arrays."""
    whole = hashlib.sha256()
    parts: list[Any] = []
    for pixels, labels in (
        (images.train_images, images.train_labels),
        (images.test_images, images.test_labels),
    ):
        texts = [image.tobytes() for image in pixels]
        order = sorted(range(len(texts)), key=lambda i: (labels[i], texts[i]))
        parts += [pixels[order], labels[order]]
        whole.update(parts[-2].tobytes())
        whole.update(parts[-1].astype("<i8").tobytes())
    return data.ImageSet(*parts), whole.hexdigest()


def start_of_finetuning(pretrained: State, condition: Condition) -> State:
    """Return the pretrained network scaled as it is before fine-tuning."""
    return _applied(pretrained, condition.after)


def _applied(state: State, scaling: Scaling) -> State:
    if scaling.factor is None:
        return state
    return scaled(state, factor(scaling.factor), scaling.value)


def rows(
    workload: Workload,
    condition: Condition,
    pretrained: Trained,
    tuned: Trained,
    before: Features | None = None,
) -> Rows:
    """Return the accuracy row, and one row for each reading, stage and centring.

    Test data are used here. `before` is `Workload.before`, computed here unless it is given. A
    network that diverged has no accuracy (None) and no representation.
    """
    finite = all(bool(torch.isfinite(t).all()) for t in tuned.state.values())
    accuracy_row: dict[str, Any] = {
        "table": "accuracy",
        "accuracy": workload.accuracy(tuned.state, condition.seed) if finite else None,
        "epochs": tuned.epochs,
        "loss": _finite(tuned.loss),
        "reason": tuned.reason,
        "pretraining_epochs": pretrained.epochs,
        "pretraining_loss": _finite(pretrained.loss),
        "pretraining_reason": pretrained.reason,
    }
    result: Rows = [accuracy_row]
    if not finite:
        return result
    if before is None:
        before = workload.before(pretrained.state, condition)
    for reading, stages in workload.after(tuned.state, condition).items():
        for stage, features in stages.items():
            result += [
                {"table": "representation", "reading": reading, "stage": stage, **measured}
                for measured in representation.measures(before[reading][stage], features)
            ]
    return result


def configuration(workload: Workload, condition: Condition) -> dict[str, Any]:
    """Return everything that a result depends on besides code, seed and rounding, as JSON."""
    protocol = workload.protocol.as_json()
    # The other sizes of a study have no part in the result for one.
    del protocol["sizes"]
    return {
        "protocol": protocol,
        "images": workload.digest,
        "precision": workload.machine.precision,
        "before": condition.before.as_json(),
        "after": condition.after.as_json(),
        "n": condition.n,
    }


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
