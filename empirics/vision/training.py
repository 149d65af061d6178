"""Training many networks at once, to a goal, in pieces that can be resumed.

Every network of a run has its own images, classes and order of images, and all have equally many;
they are computed side by side (`resnet.Population`) by SGD with momentum on the cross-entropy over
the logits of the network's own classes. A network stops after the first epoch whose mean training
loss is below the goal, and leaves the population. Source: Section 6, Appendix E.3.

Determinism. Initial weights, class split, images and their order depend on the seed alone, and no
random number is drawn while training. On a CPU a run repeats itself to the bit for one number of
threads, and so does one that was interrupted and resumed. On CUDA cuDNN is held to deterministic
kernels, but the gradient of max pooling adds atomically in no fixed order: repetitions differ by
rounding, which training then amplifies.

Where a CUDA graph cannot be recorded, training goes on with eager steps from the very state it had,
a `RuntimeWarning` says what was refused, and `Run.machine` says "eager" from then on.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from empirics.vision.data import normalised
from empirics.vision.recipe import Machine, Recipe
from empirics.vision.resnet import Population, logits, seeing, side_by_side
from empirics.vision.scaling import Rates
from empirics.vision.state import State

CONVERGED = "converged"
DIVERGED = "diverged"
EPOCHS = "epochs"

_WARM_UP_STEPS = 3


@dataclass(frozen=True)
class TrainingSet:
    """What one network learns from.

    Attributes
    ----------
    name
        Unique within its run.
    indices, targets
        Which images, and the position of each one's class in `classes`; shape (n,).
    classes
        The logits over which its cross-entropy is taken.
    order_seed
        Integers that fix the order of the images, epoch by epoch.
    rates
        Modules whose learning rates are the recipe's times a number, with that number.
    """

    name: str
    indices: NDArray[np.int64]
    targets: NDArray[np.int64]
    classes: tuple[int, ...]
    order_seed: tuple[int, ...]
    rates: Rates = ()

    def order(self, epoch: int) -> NDArray[np.int64]:
        """Return the order of its images in an epoch, which depends on nothing else."""
        return np.random.default_rng([*self.order_seed, epoch]).permutation(len(self.indices))


@dataclass(frozen=True)
class Trained:
    """A network that has stopped: where, why, and the training loss of each epoch."""

    state: State
    epochs: int
    loss: float
    reason: str
    curve: tuple[float, ...]


@dataclass
class Run:
    """Networks trained together; `advance` until it returns True, then read `finished`.

    Attributes
    ----------
    training_sets
        What each network is trained on, in order.
    recipe, machine
        How, and where; the engine becomes "eager" if a graph cannot be recorded.
    images
        All training images on the device, uint8, shape (N, 32, 32, 3).
    networks
        Those still training, on the training sets at the positions `alive`.
    momenta
        Their momentum buffers, by name.
    epoch, epoch_seconds
        Epochs done, and what the last one took; 0 before the first.
    curves, finished
        By the name of the training set: training losses so far, and what it ended as.
    """

    training_sets: Sequence[TrainingSet]
    recipe: Recipe
    machine: Machine
    images: Any
    networks: Population
    momenta: dict[str, Any]
    alive: list[int]
    epoch: int = 0
    epoch_seconds: float = field(default=0.0, init=False)
    curves: dict[str, list[float]] = field(default_factory=dict)
    finished: dict[str, Trained] = field(default_factory=dict)

    def __post_init__(self) -> None:
        sizes = {(len(p.indices), len(p.targets), len(p.classes)) for p in self.training_sets}
        if len(sizes) != 1 or len({p.name for p in self.training_sets}) != len(self.training_sets):
            raise ValueError(
                "the training sets of a run must have different names, and equally many images, "
                f"targets and classes; got (images, targets, classes) {sorted(sizes)}"
            )
        n, targets, _ = sizes.pop()
        if n != targets:
            raise ValueError(f"a set must have a target for each image, got {targets} for {n}")
        if self.recipe.statistics == "batch" and (n < 2 or n % min(n, self.recipe.batch) == 1):
            raise ValueError(f"a batch of one image has no batch statistics, got n={n}")
        modules = {name.partition(".")[0] for name in self.networks.parameters}
        for module, rate in (one for p in self.training_sets for one in p.rates):
            if module not in modules or not 0.0 < rate < math.inf:
                raise ValueError(
                    f"rates must be of {sorted(modules)} and satisfy 0 < rate < inf, "
                    f"got {rate} of {module!r}"
                )
        self._stepper: _Stepper | None = None

    @classmethod
    def start(
        cls,
        training_sets: Sequence[TrainingSet],
        states: Sequence[State],
        recipe: Recipe,
        machine: Machine,
        images: Any,
    ) -> Run:
        """Begin with the networks `states`, one for each training set.

        `ValueError` if there are not equally many, or if a part of the run refuses its arguments.
        """
        if len(training_sets) != len(states):
            raise ValueError(
                f"each training set needs a state, got {len(states)} for {len(training_sets)}"
            )
        machine.prepare()
        networks = Population.of(states, machine.device)
        momenta = {name: torch.zeros_like(p) for name, p in networks.parameters.items()}
        return cls(
            training_sets,
            recipe,
            machine,
            images,
            networks,
            momenta,
            list(range(len(training_sets))),
            curves={training_set.name: [] for training_set in training_sets},
        )

    @property
    def images_seen(self) -> int:
        """Images trained on so far, over all networks, each counted once an epoch."""
        n = len(self.training_sets[0].indices)
        return n * sum(len(curve) for curve in self.curves.values())

    @property
    def done(self) -> bool:
        """Whether every network has stopped."""
        return not self.alive

    def advance(self, seconds: float = math.inf) -> bool:
        """Train whole epochs, at least one, until all networks have stopped; return `done`.

        It ends earlier where another epoch, as long as the last one, would not end in time.
        """
        until = time.monotonic() + seconds
        while self.alive:
            began = time.monotonic()
            self._one_epoch()
            ended = time.monotonic()
            self.epoch_seconds = ended - began
            if ended + self.epoch_seconds >= until:
                break
        return self.done

    def snapshot(self) -> dict[str, Any]:
        """Return everything that resuming needs, as tensors and plain values."""
        finished = {name: asdict(one) for name, one in self.finished.items()}
        for one in finished.values():
            one["curve"] = list(one["curve"])
        return {
            "epoch": self.epoch,
            "alive": list(self.alive),
            "parameters": {n: p.detach().cpu() for n, p in self.networks.parameters.items()},
            "buffers": {n: b.cpu() for n, b in self.networks.buffers.items()},
            "momenta": {n: m.cpu() for n, m in self.momenta.items()},
            "curves": {name: list(curve) for name, curve in self.curves.items()},
            "finished": finished,
        }

    @classmethod
    def resume(
        cls,
        snapshot: Mapping[str, Any],
        training_sets: Sequence[TrainingSet],
        recipe: Recipe,
        machine: Machine,
        images: Any,
    ) -> Run:
        """Continue where `snapshot` was taken."""
        machine.prepare()
        on = {
            part: {n: t.to(machine.device) for n, t in snapshot[part].items()}
            for part in ("parameters", "buffers", "momenta")
        }
        finished = {
            name: Trained(**{**one, "curve": tuple(one["curve"])})
            for name, one in snapshot["finished"].items()
        }
        return cls(
            training_sets,
            recipe,
            machine,
            images,
            Population(on["parameters"], on["buffers"]),
            on["momenta"],
            list(snapshot["alive"]),
            snapshot["epoch"],
            {name: list(curve) for name, curve in snapshot["curves"].items()},
            finished,
        )

    def _one_epoch(self) -> None:
        if self._stepper is None:
            self._stepper = _Stepper(self)
        losses = self._stepper.epoch(self.epoch)
        self.machine = self._stepper.machine
        self.epoch += 1
        stopped = []
        for position, loss in enumerate(losses):
            name = self.training_sets[self.alive[position]].name
            self.curves[name].append(loss)
            reason = None
            if not math.isfinite(loss):
                reason = DIVERGED
            elif loss < self.recipe.goal:
                reason = CONVERGED
            elif self.epoch >= self.recipe.most_epochs:
                reason = EPOCHS
            if reason is not None:
                stopped.append(position)
                self.finished[name] = Trained(
                    self.networks.state(position),
                    self.epoch,
                    loss,
                    reason,
                    tuple(self.curves[name]),
                )
        if stopped:
            self._release(stopped)

    def _release(self, stopped: Sequence[int]) -> None:
        stay = [i for i in range(len(self.alive)) if i not in set(stopped)]
        self.alive = [self.alive[i] for i in stay]
        self._stepper = None
        if stay:
            which = torch.tensor(stay, device=self.machine.device)
            self.networks = self.networks.keep(which)
            self.momenta = {name: m[which] for name, m in self.momenta.items()}


class _Stepper:
    """Steps of one population; made anew whenever its members change."""

    def __init__(self, run: Run) -> None:
        self.recipe, self.machine, self.images = run.recipe, run.machine, run.images
        self.training = run.recipe.statistics == "batch"
        self.training_sets = [run.training_sets[i] for i in run.alive]
        place = run.machine.device
        parameters, momenta = run.networks.parameters, run.momenta
        if place == "cpu" and len(self.training_sets) == 1:
            # A CPU spends a quarter of its time on taps that see only padding, and never move.
            parameters, momenta = seeing(parameters), seeing(momenta)
        self.networks = Population(parameters, run.networks.buffers)
        self.indices = torch.tensor(np.stack([p.indices for p in self.training_sets]), device=place)
        self.targets = torch.tensor(np.stack([p.targets for p in self.training_sets]), device=place)
        self.classes = torch.tensor(
            [p.classes for p in self.training_sets], device=place
        ).unsqueeze(1)
        self.parameters = list(self.networks.parameters.values())
        for tensor in self.parameters:
            tensor.requires_grad_(True)
        # Buffers that are there before the first step: zero momentum is what it starts from.
        self.optimiser = torch.optim.SGD(
            self.parameters,
            lr=self.recipe.learning_rate,
            momentum=self.recipe.momentum,
            foreach=True,
        )
        for name, tensor in self.networks.parameters.items():
            self.optimiser.state[tensor]["momentum_buffer"] = momenta[name]
        # A rate times r is a gradient times r: momentum is linear in what it collects.
        self.rates = {}
        for name, tensor in self.networks.parameters.items():
            rates = [dict(one.rates).get(name.partition(".")[0], 1.0) for one in self.training_sets]
            if any(rate != 1.0 for rate in rates):
                self.rates[tensor] = (
                    torch.tensor(rates, dtype=torch.float64)
                    .to(tensor)
                    .view(-1, *[1] * (tensor.ndim - 1))
                )
        self.total = torch.zeros(len(self.training_sets), dtype=torch.float64, device=place)
        self.batches = [b for n, b in self.networks.buffers.items() if n.endswith("_tracked")]
        self.graphs: dict[int, tuple[Any, Any, Any]] = {}

    def epoch(self, number: int) -> list[float]:
        """Train one epoch; return each network's mean training loss over its images."""
        n = self.indices.shape[1]
        orders = np.stack([training_set.order(number) for training_set in self.training_sets])
        order = torch.from_numpy(orders).to(self.indices.device)
        indices, targets = self.indices.gather(1, order), self.targets.gather(1, order)
        self.total.zero_()
        size = min(n, self.recipe.batch)
        for first in range(0, n, size):
            self._step(indices[:, first : first + size], targets[:, first : first + size])
        return [float(total) / n for total in self.total.tolist()]

    def _step(self, indices: Any, targets: Any) -> None:
        size = indices.shape[1]
        if self.machine.engine == "graph" and size not in self.graphs:
            self._record(indices, targets)
        if self.machine.engine == "eager":
            self._compute(indices, targets)
            return
        graph, held_indices, held_targets = self.graphs[size]
        held_indices.copy_(indices)
        held_targets.copy_(targets)
        graph.replay()

    def _compute(self, indices: Any, targets: Any) -> None:
        kind = self.parameters[0].dtype
        inputs = side_by_side(normalised(self.images[indices.T]).to(kind))
        with self.machine.casting():
            out = logits(self.networks, inputs, training=self.training)
        count, size = targets.shape
        own = out.to(kind).gather(2, self.classes.expand(count, size, -1))
        each = functional.cross_entropy(own.flatten(0, 1), targets.reshape(-1), reduction="none")
        loss = each.view(count, size).mean(dim=1)
        gradients = torch.autograd.grad(loss.sum(), self.parameters)
        for tensor, gradient in zip(self.parameters, gradients, strict=True):
            alike = gradient.stride() == tensor.stride()
            # One that is laid out otherwise would take all of them off the optimiser's fast way.
            tensor.grad = gradient if alike else torch.empty_like(tensor).copy_(gradient)
        for tensor, rates in self.rates.items():
            tensor.grad.mul_(rates)
        self.optimiser.step()
        self.total += size * loss.detach()
        if self.training:
            torch._foreach_add_(self.batches, 1)

    def _record(self, indices: Any, targets: Any) -> None:
        """Record the step of this batch size as a graph; if that fails, go over to eager steps."""
        held_indices, held_targets = indices.clone(), targets.clone()
        momenta = [self.optimiser.state[p]["momentum_buffer"] for p in self.parameters]
        written = [*self.parameters, *momenta, *self.networks.buffers.values(), self.total]
        before = [tensor.detach().clone() for tensor in written]
        here, side = torch.cuda.current_stream(), torch.cuda.Stream()
        side.wait_stream(here)
        with torch.cuda.stream(side):
            for _ in range(_WARM_UP_STEPS):
                self._compute(held_indices, held_targets)
        here.wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        try:
            # A capture that fails leaves its own stream current: the outer context undoes that.
            with torch.cuda.stream(here), torch.cuda.graph(graph):
                self._compute(held_indices, held_targets)
        except RuntimeError as error:
            # The end of a capture complains of what went wrong in it, and hides it.
            cause = str(error.__context__ or error).partition("\n")[0]
            warnings.warn(
                f"a step of {len(self.training_sets)} networks with {indices.shape[1]} images each "
                f"could not be recorded as a CUDA graph ({cause}): eager steps from here on",
                RuntimeWarning,
                stacklevel=2,
            )
            self.machine = replace(self.machine, engine="eager")
            self.graphs.clear()
        else:
            self.graphs[indices.shape[1]] = graph, held_indices, held_targets
        # Warming up has trained on this batch: undo it.
        with torch.no_grad():
            for tensor, value in zip(written, before, strict=True):
                tensor.copy_(value)
