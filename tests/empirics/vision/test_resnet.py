"""Networks side by side are torchvision's network, each of them."""

import pytest

torch = pytest.importorskip("torch")

from empirics.vision.resnet import (  # noqa: E402
    STAGES,
    Population,
    _FourPixels,
    features,
    initial_state,
    logits,
    side_by_side,
)
from empirics.vision.state import is_buffer  # noqa: E402
from empirics.vision.torchvision_import import resnet18  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")

BATCH = 6


@pytest.fixture(scope="module")
def states():
    return [initial_state(seed) for seed in range(2)]


def inputs(count, dtype=torch.float32):
    generator = torch.Generator().manual_seed(0)
    return torch.rand(BATCH, count, 32, 32, 3, generator=generator, dtype=dtype) * 2 - 1


def module(state, *, dtype=torch.float32, training):
    network = resnet18().to(dtype)
    network.load_state_dict(state)
    return network.to(memory_format=torch.channels_last).train(training)


def doubled(state):
    return {n: t.double() if t.is_floating_point() else t for n, t in state.items()}


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("training", [True, False])
def test_each_is_torchvisions_module(states, training, count):
    images = inputs(count, torch.float64)
    population = Population.of([doubled(state) for state in states[:count]])
    out = logits(population, side_by_side(images), training=training)
    assert out.shape == (count, BATCH, 100)
    for index, state in enumerate(states[:count]):
        network = module(doubled(state), dtype=torch.float64, training=training)
        expected = network(images[:, index].permute(0, 3, 1, 2))
        assert torch.allclose(out[index], expected, rtol=0, atol=1e-10)
        for name, tensor in network.state_dict().items():
            if "running" in name:
                assert torch.allclose(population.state(index)[name], tensor, atol=1e-12)


@pytest.mark.parametrize("training", [True, False])
def test_stages_of_one_are_the_modules_to_the_bit_and_the_last_two_to_rounding(states, training):
    images = inputs(1)
    network = module(states[0], training=training)
    seen = {}
    hooks = {"stem": network.maxpool, **{name: getattr(network, name) for name in STAGES[1:]}}
    for name, part in hooks.items():
        part.register_forward_hook(lambda _, __, out, name=name: seen.update({name: out}))
    network(images[:, 0].permute(0, 3, 1, 2))
    population = Population.of(states[:1])
    found = dict(features(population, side_by_side(images), training=training))
    assert tuple(found) == STAGES
    for name in STAGES[:-2]:
        assert torch.equal(found[name], seen[name])
    # Their maps are four pixels and one, of which the sums are taken in another order.
    for name in STAGES[-2:]:
        assert torch.allclose(found[name], seen[name], rtol=1e-4, atol=1e-4)
    after = network.state_dict()
    for name, tensor in population.state(0).items():
        if not name.startswith(STAGES[-2:]) and not name.endswith("num_batches_tracked"):
            assert torch.equal(tensor, after[name]), name


@pytest.mark.parametrize("outside", [3, 5])
def test_four_pixels_are_convolved_as_by_torch(outside):
    torch.manual_seed(3)
    x = torch.randn(4, outside, 2, 2, dtype=torch.float64, requires_grad=True)
    kernel = torch.randn(6, outside, 3, 3, dtype=torch.float64, requires_grad=True)
    expected = torch.nn.functional.conv2d(x, kernel, padding=1)
    out = _FourPixels.apply(x, kernel)
    assert torch.allclose(out, expected, rtol=0, atol=1e-13)
    along = torch.randn_like(out)
    found, wanted = (torch.autograd.grad(one, (x, kernel), along) for one in (out, expected))
    for one, two in zip(found, wanted, strict=True):
        assert torch.allclose(one, two, rtol=0, atol=1e-12)


def test_states_come_back_and_parts_can_be_kept(states):
    population = Population.of(states)
    assert len(population) == 2
    for index, state in enumerate(states):
        back = population.state(index)
        assert back.keys() == state.keys()
        assert all(torch.equal(back[name], state[name]) for name in state)
        assert all(tensor.is_contiguous() for tensor in back.values())
    second = population.keep(torch.tensor([1]))
    assert len(second) == 1
    assert torch.equal(second.state(0)["conv1.weight"], states[1]["conv1.weight"])
    # A copy: training the rest does not write into it.
    with torch.no_grad():
        second.parameters["conv1.weight"].zero_()
    assert torch.equal(population.state(1)["conv1.weight"], states[1]["conv1.weight"])


def test_initial_state_is_of_the_seed_and_leaves_the_generator(states):
    torch.manual_seed(11)
    before = torch.random.get_rng_state()
    again = initial_state(0)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(torch.equal(again[name], states[0][name]) for name in again)
    assert not torch.equal(again["conv1.weight"], states[1]["conv1.weight"])
    torch.manual_seed(0)
    plain = resnet18().state_dict()
    assert all(torch.equal(again[name], plain[name]) for name in plain)
    assert sum(is_buffer(name) for name in again) == 60


def test_bad_populations(states):
    with pytest.raises(ValueError, match="at least one network, got none"):
        Population.of([])
    with pytest.raises(ValueError, match="must have the same tensors"):
        Population.of([states[0], {"fc.bias": states[1]["fc.bias"]}])
