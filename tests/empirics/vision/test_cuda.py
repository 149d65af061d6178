"""What needs a GPU: skipped here by name, and the same code as elsewhere there."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from empirics.vision.recipe import Machine, Recipe  # noqa: E402
from empirics.vision.resnet import initial_state  # noqa: E402
from empirics.vision.synthetic import synthetic_images  # noqa: E402
from empirics.vision.training import Run, TrainingSet  # noqa: E402

pytestmark = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="needs a CUDA device: graphs, tf32, agreement with CPU"
)

RECIPE = Recipe(1e-9, 2, batch=16)


def trained(machine, count=2):
    images = torch.from_numpy(synthetic_images((1, 1)).train_images).to(machine.device)
    training_sets = [
        TrainingSet(str(i), np.arange(40) + i, np.arange(40) % 2, (i, i + 1), (i,))
        for i in range(count)
    ]
    states = [initial_state(i) for i in range(count)]
    run = Run.start(training_sets, states, RECIPE, machine, images)
    run.advance()
    return run.finished


def test_one_step_agrees_with_the_cpu():
    cpu, gpu = trained(Machine()), trained(Machine("cuda"))
    for name, one in cpu.items():
        # The first epoch, before rounding is amplified.
        assert gpu[name].curve[0] == pytest.approx(one.curve[0], rel=1e-3)


def test_graphs_take_the_eager_steps():
    eager, graph = trained(Machine("cuda")), trained(Machine("cuda", "graph"))
    for name, one in eager.items():
        assert graph[name].curve[0] == pytest.approx(one.curve[0], rel=1e-3)
        assert graph[name].curve[1] == pytest.approx(one.curve[1], rel=5e-2)


@pytest.mark.parametrize("precision", ["tf32", "bfloat16"])
def test_lower_precisions_start_alike(precision):
    full, lower = trained(Machine("cuda")), trained(Machine("cuda", "graph", precision))
    for name, one in full.items():
        assert lower[name].curve[0] == pytest.approx(one.curve[0], rel=0.05)
