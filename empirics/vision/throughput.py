"""Images per second: networks side by side on the device, against one of torchvision's module.

The plain loop is what a first script would be: a `Dataset` that gives one normalised image at a
time, a `DataLoader`, `loss.backward()`, `optimizer.step()`. The better one has the images in memory
as one tensor and the module in channels-last. All train the same recipe in this process, one after
the other, on the same images.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from empirics.vision.data import CLASSES, SIDE, normalised
from empirics.vision.recipe import Machine, Recipe
from empirics.vision.resnet import initial_state
from empirics.vision.torchvision_import import resnet18
from empirics.vision.training import Run, TrainingSet

# A step is one forward and two backward products, of two operations a multiply-add.
_OPERATIONS_PER_MULTIPLY_ADD = 6
_CEILING_SIDE = 4096


@dataclass(frozen=True)
class Throughput:
    """Rates, in images per second over all networks, and what the device could do.

    Attributes
    ----------
    together
        Networks side by side.
    multi, plain, memory
        Images per second of the trainer, of the plain loop, and of the loop from memory.
    ceiling
        Operations per second of a large square product in the same precision.
    operations
        Operations that one image takes, forward and backward, convolutions and last layer.
    """

    together: int
    multi: float
    plain: float
    memory: float
    ceiling: float
    operations: int

    @property
    def ratio(self) -> float:
        """How many times faster than the plain loop."""
        return self.multi / self.plain

    @property
    def ratio_to_memory(self) -> float:
        """How many times faster than the loop from memory, channels-last."""
        return self.multi / self.memory

    @property
    def share_of_ceiling(self) -> float:
        """Share of the device's product rate that goes into the networks."""
        return self.multi * self.operations / self.ceiling

    @property
    def described(self) -> str:
        """The numbers in words."""
        return (
            f"{self.together} networks: {self.multi:.0f} images/s; plain loop: {self.plain:.0f}; "
            f"ratio {self.ratio:.2f}; from memory, channels-last: {self.memory:.0f}; "
            f"ratio {self.ratio_to_memory:.2f}; {100 * self.share_of_ceiling:.1f} % of "
            f"{self.ceiling / 1e12:.3g} Tflop/s of products"
        )


class _Rows:
    """One normalised image and its label at a time, as torchvision's data sets give them."""

    def __init__(self, images: Any, labels: Any) -> None:
        self.images, self.labels = images, labels

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        return normalised(torch.from_numpy(self.images[index])).permute(2, 0, 1), self.labels[index]


def measure(
    machine: Machine, *, together: int, images: int = 1280, batch: int = 128, epochs: int = 2
) -> Throughput:
    """Train `together` networks on `images` random images, then one by each of the two loops.

    The first epoch of each is warming up, and not timed. `ValueError` if there is no such device.
    """
    machine.prepare()
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (images, SIDE, SIDE, 3), dtype=np.uint8)
    labels = rng.integers(0, CLASSES, images)
    multi = _multi(machine, pixels, labels, together, batch, epochs)
    loader = torch.utils.data.DataLoader(_Rows(pixels, labels), batch_size=batch, shuffle=True)
    plain = _loop(machine, lambda: loader, len(pixels), epochs, torch.contiguous_format)
    memory = _from_memory(machine, pixels, labels, batch)
    kept = _loop(machine, memory, len(pixels), epochs, torch.channels_last)
    return Throughput(together, multi, plain, kept, _ceiling(machine), operations())


def operations() -> int:
    """Return the operations of a step for one image: 6 for each multiply-add going forward.

    Taps that see only padding count, though one network on a CPU leaves most of them out.
    """
    total, sides = 0, {"conv1": 16, "layer1": 8, "layer2": 4, "layer3": 2, "layer4": 1}
    for name, tensor in initial_state(0).items():
        if tensor.ndim == 4:
            total += tensor.numel() * sides[name.partition(".")[0]] ** 2
        elif name == "fc.weight":
            total += tensor.numel()
    return _OPERATIONS_PER_MULTIPLY_ADD * total


def _multi(
    machine: Machine, pixels: Any, labels: Any, together: int, batch: int, epochs: int
) -> float:
    training_sets = [
        TrainingSet(str(i), np.arange(len(pixels)), labels, tuple(range(CLASSES)), (i,))
        for i in range(together)
    ]
    states = [initial_state(i) for i in range(together)]
    recipe = Recipe(1e-30, epochs + 2, batch=batch)
    resident = torch.from_numpy(pixels).to(machine.device)
    run = Run.start(training_sets, states, recipe, machine, resident)

    def epoch() -> None:
        run.advance(0.0)

    return together * len(pixels) / _seconds_each(machine, epoch, epochs)


def _loop(
    machine: Machine, batches: Callable[[], Iterable[Any]], images: int, epochs: int, layout: Any
) -> float:
    """Return the images per second of torchvision's module, trained on batches of one epoch."""
    module = resnet18(CLASSES).to(machine.device, memory_format=layout)
    module.train()
    optimiser = torch.optim.SGD(module.parameters(), lr=1e-3, momentum=0.9)

    def epoch() -> None:
        for inputs, targets in batches():
            optimiser.zero_grad()
            with machine.casting():
                out = module(inputs.to(machine.device))
                loss = functional.cross_entropy(out, targets.to(machine.device))
            loss.backward()
            optimiser.step()

    return images / _seconds_each(machine, epoch, epochs)


def _from_memory(
    machine: Machine, pixels: Any, labels: Any, batch: int
) -> Callable[[], Iterable[Any]]:
    images, targets = (torch.from_numpy(part).to(machine.device) for part in (pixels, labels))

    def batches() -> Iterable[Any]:
        order = torch.randperm(len(images), device=machine.device)
        for chosen in order.split(batch):
            yield normalised(images[chosen]).permute(0, 3, 1, 2), targets[chosen]

    return batches


def _ceiling(machine: Machine) -> float:
    side = _CEILING_SIDE if machine.device.startswith("cuda") else _CEILING_SIDE // 4
    kind = torch.bfloat16 if machine.precision == "bfloat16" else torch.float32
    left = torch.randn(side, side, device=machine.device).to(kind)

    def product() -> None:
        left @ left

    return 2 * side**3 / _seconds_each(machine, product, 10)


def _seconds_each(machine: Machine, work: Callable[[], None], times: int) -> float:
    """Return the least seconds of a call, the first one left out."""
    work()
    _wait(machine)
    each = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        _wait(machine)
        each.append(time.perf_counter() - began)
    return min(each)


def _wait(machine: Machine) -> None:
    if machine.device.startswith("cuda"):
        torch.cuda.synchronize(machine.device)
