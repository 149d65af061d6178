"""Images per second of the vision trainer, networks side by side, against a plain loop.

    multi-seed trainer (data on the device, CUDA graphs)    at least 10 times a single-model
                                                            DataLoader loop in the same process
    one network on a CPU, one thread                        at least 1.3 times torchvision's module
                                                            in channels-last, fed from memory

All train ResNet-18 on 32 x 32 images with batches of 128, by the same SGD. The share of the
device's rate of float32 products that goes into the networks is printed, not asserted. The first
needs a GPU.
"""

import pytest
from ratio import report

TOGETHER = (1, 8, 30)
GOAL = 10.0
GOAL_ON_CPU = 1.3


def cuda():
    torch = pytest.importorskip("torch", reason="needs torch, which is not installed here")
    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device, of which there is none here")
    return torch


@pytest.mark.parametrize("precision", ["float32", "tf32", "bfloat16"])
def test_vision_trainer_against_a_plain_loop(precision, capsys):
    torch = cuda()
    from empirics.vision.recipe import Machine
    from empirics.vision.throughput import measure

    machine = Machine("cuda", "graph", precision)
    found = [
        measure(machine, together=together, images=128 * 40, epochs=3) for together in TOGETHER
    ]
    for one in found:
        report(capsys, f"{torch.cuda.get_device_name()}, {precision}: {one.described}")
    assert max(one.ratio for one in found) >= GOAL


def test_one_network_on_a_cpu_against_torchvisions_module(capsys):
    torch = pytest.importorskip("torch", reason="needs torch, which is not installed here")
    from empirics.vision.recipe import Machine
    from empirics.vision.throughput import measure

    torch.set_num_threads(1)
    found = measure(Machine(), together=1, epochs=4)
    report(capsys, f"CPU, one thread: {found.described}")
    assert found.ratio_to_memory >= GOAL_ON_CPU
