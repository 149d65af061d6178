"""What a condition is trained on, starts from, and is measured by: rates, statistics, readings."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from empirics.vision import data  # noqa: E402
from empirics.vision.data import normalised  # noqa: E402
from empirics.vision.measure import Workload  # noqa: E402
from empirics.vision.protocol import Condition, Pretraining, Scaling  # noqa: E402
from empirics.vision.recipe import Machine  # noqa: E402
from empirics.vision.resnet import initial_state  # noqa: E402
from empirics.vision.scaling import factor, scaled  # noqa: E402
from empirics.vision.state import is_buffer  # noqa: E402
from empirics.vision.study import Clock, Study  # noqa: E402
from empirics.vision.synthetic import synthetic_images  # noqa: E402
from empirics.vision.torchvision_import import resnet18  # noqa: E402
from tests.empirics.vision.conftest import TINY  # noqa: E402
from tests.empirics.vision.test_study import found  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")


def test_a_scaled_learning_rate_reaches_both_phases(workload):
    for name in ("kappa-rate", "kappa-constant"):
        one = Condition(0, Scaling(name, 0.5), Scaling(), 4)
        expected = factor(name).rates(0.5)
        assert len(expected) == 5
        assert workload.pretraining_set("it", one.pretrained).rates == expected
        assert workload.finetuning_set("it", one).rates == expected
    plain = Condition(0, Scaling("kappa", 0.5), Scaling("gamma", 0.5), 4)
    assert workload.pretraining_set("it", plain.pretrained).rates == ()
    assert workload.finetuning_set("it", plain).rates == ()


def test_fixed_statistics_are_those_of_the_initial_network_and_stay(tmp_path):
    protocol = replace(TINY, name="fixed", statistics="fixed")
    workload = Workload.of(protocol, Machine(), synthetic_images((4, 2)))
    which = Pretraining(0, Scaling("kappa", 0.5))
    start = workload.start_of_pretraining(which)
    assert torch.equal(start["conv1.weight"], 0.5 * initial_state(0)["conv1.weight"])
    images = workload.train[workload.pretraining_set("it", which).indices]
    network = resnet18()
    network.load_state_dict(initial_state(0))
    seen = []
    network.bn1.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0]))
    network.train()(normalised(images).permute(0, 3, 1, 2))
    mean = seen[0].mean(dim=(0, 2, 3))
    assert torch.allclose(start["bn1.running_mean"], mean, rtol=0, atol=1e-5)
    variance = seen[0].var(dim=(0, 2, 3))
    assert torch.allclose(start["bn1.running_var"], variance, rtol=1e-4)
    study = Study(tmp_path, workload)
    assert study.run(["kappa"], [0], Clock(), [0.5])
    trained = study.pretrained(which).state
    assert not torch.equal(trained["bn1.weight"], start["bn1.weight"])
    for name, tensor in start.items():
        if is_buffer(name):
            assert torch.equal(trained[name], tensor), name
    readings = {row.get("reading") for *_, row in found(tmp_path)}
    assert readings == {None, "evaluation"}


def test_both_readings_are_of_the_same_network(workload):
    """In training mode: batch statistics, all images of both classes, before after rescaling."""
    one = Condition(0, Scaling(), Scaling("all-weights", 0.125), 4)
    pretrained = workload.start_of_pretraining(one.pretrained)
    before = workload.before(pretrained, one)
    split = workload.split(0)
    chosen = np.isin(workload.images.train_labels, split.finetuning)
    indices = data.finetuning_images(workload.images, split, 0, int(chosen.sum()))
    for reading, state, images in (
        ("evaluation", pretrained, indices[: workload.protocol.inputs]),
        ("training", scaled(pretrained, factor("all-weights"), 0.125), indices),
    ):
        network = resnet18()
        network.load_state_dict(state)
        seen = []
        network.layer4.register_forward_hook(lambda _, __, out, seen=seen: seen.append(out))
        network.train(reading == "training")
        with torch.no_grad():
            network(normalised(workload.train[images]).permute(0, 3, 1, 2))
        expected = seen[0].flatten(1).double().numpy()
        assert before[reading]["layer4"].shape == expected.shape == (len(images), 512)
        assert np.allclose(before[reading]["layer4"], expected, rtol=1e-3, atol=1e-3)
    assert len(before["training"]["layer4"]) == 2 * len(before["evaluation"]["layer4"])
    after = workload.after(pretrained, one)
    assert np.array_equal(after["evaluation"]["layer4"], before["evaluation"]["layer4"])
    assert not np.allclose(after["training"]["layer4"], before["training"]["layer4"], rtol=1e-2)
