"""Factors: tensor by tensor, what is multiplied, what is not, and back again to the bit."""

import math

import pytest

torch = pytest.importorskip("torch")

from empirics.vision.resnet import initial_state  # noqa: E402
from empirics.vision.scaling import FACTORS, factor, scaled, touched  # noqa: E402
from empirics.vision.state import is_buffer  # noqa: E402

UP_TO_STAGE_3 = ("conv1.", "bn1.", "layer1.", "layer2.", "layer3.")
POWERS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0)


@pytest.fixture(scope="module")
def state():
    found = initial_state(0)
    # As after training: running statistics and biases that are not 0 or 1.
    generator = torch.Generator().manual_seed(1)
    for name, tensor in found.items():
        if tensor.is_floating_point() and tensor.ndim == 1:
            found[name] = tensor + torch.rand(tensor.shape, generator=generator)
    return found


def expected(name, tensor):
    """Restate independently which tensors a factor multiplies."""
    statistic = "running_" in tensor or "num_batches" in tensor
    if name == "kappa-rate":
        return False
    if name in ("kappa", "kappa-constant"):
        return tensor.startswith(UP_TO_STAGE_3) and not statistic
    if name == "gamma":
        return tensor in ("fc.weight", "fc.bias")
    return not statistic


@pytest.mark.parametrize("name", FACTORS)
@pytest.mark.parametrize("value", POWERS)
def test_each_tensor_is_multiplied_or_left(state, name, value):
    result = scaled(state, factor(name), value)
    assert result.keys() == state.keys()
    for tensor, scaled_one in result.items():
        if expected(name, tensor):
            assert torch.equal(scaled_one, state[tensor] * value), tensor
            assert value == 1.0 or not torch.equal(scaled_one, state[tensor])
        else:
            assert torch.equal(scaled_one, state[tensor]), tensor
        assert scaled_one.dtype == state[tensor].dtype


@pytest.mark.parametrize("name", FACTORS)
@pytest.mark.parametrize("value", POWERS)
def test_powers_of_two_are_undone_to_the_bit(state, name, value):
    back = scaled(scaled(state, factor(name), value), factor(name), 1.0 / value)
    assert all(torch.equal(back[tensor], state[tensor]) for tensor in state)


def test_the_argument_is_left_alone_and_not_shared(state):
    before = {name: tensor.clone() for name, tensor in state.items()}
    result = scaled(state, factor("kappa"), 2.0)
    for tensor in result.values():
        tensor.zero_()
    assert all(torch.equal(state[name], before[name]) for name in state)


def test_counts_and_values():
    names = list(initial_state(0))
    counts = {name: len(touched(names, which)) for name, which in FACTORS.items()}
    published = {"kappa": 45, "scale": 62, "gamma": 2, "all-weights": 62}
    assert counts == {**published, "kappa-rate": 0, "kappa-constant": 45}
    assert not any(is_buffer(n) for which in FACTORS.values() for n in touched(names, which))
    assert FACTORS["kappa"].values == (0.125, 0.25, 0.5, 1.0, 2.0, 4.0)
    assert FACTORS["gamma"].values == (0.125, 0.25, 0.5, 1.0, 2.0)
    phases = [which.phase.partition(" ")[0] for which in FACTORS.values()]
    assert phases == ["before"] * 2 + ["after"] * 2 + ["before"] * 2


def test_rates_that_are_multiplied():
    modules = [one.rstrip(".") for one in UP_TO_STAGE_3]
    assert factor("kappa-rate").rates(0.125) == tuple((module, 64.0) for module in modules)
    assert factor("kappa-constant").rates(0.125) == tuple((module, 1 / 64) for module in modules)
    assert not any(factor(name).rates(0.125) for name in ("kappa", "scale", "gamma", "all-weights"))


@pytest.mark.parametrize("value", [0.0, -1.0, math.inf, math.nan])
def test_bad_values(state, value):
    with pytest.raises(ValueError, match="0 < value < inf"):
        scaled(state, factor("scale"), value)


def test_unknown_factor():
    with pytest.raises(ValueError, match="factor must be one of kappa, scale, gamma, all-weights"):
        factor("lambda")
