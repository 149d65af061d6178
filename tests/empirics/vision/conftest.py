"""A tiny protocol, its workload, and one thread for what trains. Needs torch where it is used."""

import pytest

from empirics.vision.protocol import Protocol

TINY = Protocol(
    "tiny",
    classes=4,
    images_per_class=2,
    pretraining_goal=1e-9,
    most_pretraining_epochs=2,
    finetuning_goal=1e-9,
    most_finetuning_epochs=2,
    sizes=(2, 4),
    inputs=4,
)


@pytest.fixture(scope="module")
def one_thread():
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def workload():
    from empirics.vision.measure import Workload
    from empirics.vision.recipe import Machine
    from empirics.vision.synthetic import synthetic_images

    return Workload.of(TINY, Machine(), synthetic_images((4, 2)))
