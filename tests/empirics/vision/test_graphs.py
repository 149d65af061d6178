"""The graph engine rehearsed on a CPU: `torch.cuda` replaced by a tape that plays operations again.

A tape has what makes a CUDA graph delicate: it is played without Python, on the very tensors that
were there when it was recorded, and a value that the host reads in it is refused. A capture that
failed leaves its stream current, as torch 2.13's does. What it cannot show is what a device does.
"""

import gc
import weakref
from contextlib import contextmanager
from typing import ClassVar

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.utils._python_dispatch import TorchDispatchMode  # noqa: E402
from torch.utils._pytree import tree_leaves  # noqa: E402

from empirics.vision import training  # noqa: E402
from empirics.vision.measure import Workload  # noqa: E402
from empirics.vision.recipe import Machine, Recipe  # noqa: E402
from empirics.vision.resnet import initial_state  # noqa: E402
from empirics.vision.study import Clock, Study  # noqa: E402
from empirics.vision.synthetic import synthetic_images  # noqa: E402
from empirics.vision.training import Run, TrainingSet  # noqa: E402
from tests.empirics.vision.conftest import TINY  # noqa: E402
from tests.empirics.vision.test_study import found  # noqa: E402
from tests.empirics.vision.test_training import same  # noqa: E402

# Batches of 4 and of 2: two graphs.
N, RECIPE = 6, Recipe(1e-9, 2, batch=4)
REFUSED = "operation not permitted when stream is capturing"


class Rehearsed(Machine):
    """A machine whose device may be any, whatever the engine."""

    def __post_init__(self):
        """Accept what only a GPU can do."""

    def prepare(self):
        """Need no GPU."""


class Tape(TorchDispatchMode):
    """Stands for `torch.cuda.CUDAGraph`."""

    made: ClassVar[list[object]] = []

    def __init__(self):
        super().__init__()
        self.calls = []
        self.made.append(weakref.ref(self))

    def __torch_dispatch__(self, operation, types, arguments=(), names=None):
        if operation is torch.ops.aten._local_scalar_dense.default:
            raise RuntimeError(REFUSED)
        out = operation(*arguments, **(names or {}))
        self.calls.append((operation, arguments, names or {}, out))
        return out

    def replay(self):
        with torch.no_grad():
            for operation, arguments, names, out in self.calls:
                again = operation(*arguments, **names)
                for old, new in zip(tree_leaves(out), tree_leaves(again), strict=True):
                    if isinstance(old, torch.Tensor) and old.data_ptr() != new.data_ptr():
                        old.copy_(new)


class Stream:
    """Stands for `torch.cuda.Stream`; the last one of `current` is the current one."""

    current: ClassVar[list[object]] = []

    def wait_stream(self, other):
        assert isinstance(other, Stream)


@contextmanager
def stream(one):
    before = Stream.current[-1]
    Stream.current.append(one)
    try:
        yield
    finally:
        Stream.current.append(before)


@contextmanager
def graph(tape):
    before = Stream.current[-1]
    Stream.current.append(Stream())
    try:
        with tape:
            yield
    except RuntimeError:
        raise RuntimeError("operation failed due to a previous error during capture")  # noqa: B904
    Stream.current.append(before)


@pytest.fixture(autouse=True)
def rehearsal(monkeypatch):
    torch.set_num_threads(1)
    monkeypatch.setattr(Stream, "current", [Stream()])
    monkeypatch.setattr(Tape, "made", [])
    monkeypatch.setattr(torch.cuda, "Stream", Stream)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda: Stream.current[-1])
    monkeypatch.setattr(torch.cuda, "stream", stream)
    monkeypatch.setattr(torch.cuda, "graph", graph)
    monkeypatch.setattr(torch.cuda, "CUDAGraph", Tape)


@pytest.fixture(scope="module")
def images():
    return torch.from_numpy(synthetic_images((2, 1)).train_images)


def start(images, machine, recipe=RECIPE, count=2):
    training_sets = [
        TrainingSet(str(i), np.arange(N) + 20 * i, np.arange(N) % 2, (3 * i, 7), (5, i))
        for i in range(count)
    ]
    return Run.start(
        training_sets, [initial_state(i) for i in range(count)], recipe, machine, images
    )


@pytest.fixture(scope="module")
def eager(images):
    torch.set_num_threads(1)
    run = start(images, Rehearsed())
    run.advance()
    return run


def assert_same(one, two):
    assert one.finished.keys() == two.finished.keys()
    for name, ended in one.finished.items():
        assert ended.curve == two.finished[name].curve
        assert (ended.epochs, ended.reason) == (
            two.finished[name].epochs,
            two.finished[name].reason,
        )
        assert same(ended.state, two.finished[name].state)


def fails_in_capture(monkeypatch):
    """Let the step read a value on the host, which eager steps may and captured ones may not."""
    compute = training._Stepper._compute

    def reading(self, indices, targets):
        compute(self, indices, targets)
        self.total.sum().item()

    monkeypatch.setattr(training._Stepper, "_compute", reading)


def test_graphs_take_the_eager_steps_to_the_bit(images, eager):
    played = start(images, Rehearsed(engine="graph"))
    played.advance()
    assert_same(eager, played)
    assert len(Tape.made) == 2
    assert played.machine.engine == "graph"


def test_graphs_are_recorded_anew_when_members_leave_or_a_run_is_resumed(images, eager):
    # One of them is below the goal after the first epoch, the other one is not.
    goal = sum(ended.curve[0] for ended in eager.finished.values()) / 2
    recipe = Recipe(goal, 3, batch=4)
    whole, played = (start(images, Rehearsed(engine=name), recipe) for name in ("eager", "graph"))
    whole.advance()
    assert min(ended.epochs for ended in whole.finished.values()) == 1
    gc.disable()
    try:
        played.advance(0.0)
        # Released without a collection of garbage, or a device would run out of memory.
        assert [one() for one in Tape.made] == [None, None]
        while not played.advance(0.0):
            played = Run.resume(
                played.snapshot(), played.training_sets, recipe, played.machine, images
            )
    finally:
        gc.enable()
    assert len(Tape.made) > 2
    assert_same(whole, played)


def test_what_cannot_be_recorded_is_said_and_computed_eagerly(images, eager, monkeypatch):
    fails_in_capture(monkeypatch)
    run = start(images, Rehearsed(engine="graph"))
    first = Stream.current[-1]
    said = rf"a step of 2 networks with 4 images each could not .* \({REFUSED}\): eager steps"
    with pytest.warns(RuntimeWarning, match=said) as warned:
        run.advance()
    assert len(warned) == 1
    assert run.machine.engine == "eager"
    assert Stream.current[-1] is first
    assert_same(eager, run)


def test_a_study_does_not_try_again_and_records_what_it_used(tmp_path, monkeypatch):
    images = synthetic_images((4, 2))
    kept = tmp_path / "eager"
    assert Study(kept, Workload.of(TINY, Rehearsed(), images)).run(["kappa"], [0], Clock(), [0.5])
    fails_in_capture(monkeypatch)
    study = Study(tmp_path / "graph", Workload.of(TINY, Rehearsed(engine="graph"), images))
    with pytest.warns(RuntimeWarning, match="could not be recorded as a CUDA graph") as warned:
        assert study.run(["kappa"], [0], Clock(), [0.5])
    assert len(warned) == 1
    assert found(kept) == found(tmp_path / "graph")
    assert study.workload.machine.described.startswith("CPU (eager, float32, torch ")


@pytest.mark.parametrize("count", [1, 2])
def test_a_step_stays_on_its_device(images, count):
    # A device without data: whatever reads a value, or mixes in a tensor of the CPU, is refused.
    run = start(images.to("meta"), Rehearsed("meta"), count=count)
    stepper = training._Stepper(run)
    batch = torch.zeros((count, 4), dtype=torch.int64, device="meta")
    stepper._compute(batch, batch)
    assert {tensor.grad.device.type for tensor in stepper.parameters} == {"meta"}
    # Weights and gradients of one layout: the optimiser takes its fast way.
    assert all(tensor.grad.stride() == tensor.stride() for tensor in stepper.parameters)
