"""Training: the plain loop's steps, independence of neighbours, resuming, stops, measures."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional  # noqa: E402

from empirics.vision.data import normalised  # noqa: E402
from empirics.vision.evaluation import accuracy, stage_features  # noqa: E402
from empirics.vision.recipe import Machine, Recipe  # noqa: E402
from empirics.vision.resnet import initial_state  # noqa: E402
from empirics.vision.synthetic import synthetic_images  # noqa: E402
from empirics.vision.torchvision_import import resnet18  # noqa: E402
from empirics.vision.training import Run, TrainingSet  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")

# Whole batches: one of two images amplifies the last digit, in which libraries differ, beyond use.
N = 8
SMALL = Recipe(1e-9, 2, batch=4)


@pytest.fixture(scope="module")
def images():
    return torch.from_numpy(synthetic_images((2, 1)).train_images)


@pytest.fixture(scope="module")
def state():
    return initial_state(0)


def training_set(name, classes=(3, 7), first=0, n=N):
    indices = np.arange(first, first + n)
    return TrainingSet(name, indices, indices % len(classes), classes, (5, first))


def doubled(state):
    return {n: t.double() if t.is_floating_point() else t for n, t in state.items()}


def plain(state, learner, images, recipe):
    """The published recipe as a first script would write it.

    With fixed statistics batch normalisation is in evaluation mode, as one freezes it.
    """
    network = resnet18()
    kind = state["conv1.weight"].dtype
    network.to(kind, memory_format=torch.channels_last).train()
    network.load_state_dict(state)
    network.train(recipe.statistics == "batch")
    rates = dict(learner.rates)
    groups = [
        {"params": [one], "lr": recipe.learning_rate * rates.get(name.partition(".")[0], 1.0)}
        for name, one in network.named_parameters()
    ]
    optimiser = torch.optim.SGD(groups, lr=recipe.learning_rate, momentum=recipe.momentum)
    curve = []
    for epoch in range(recipe.most_epochs):
        order, total = learner.order(epoch), 0.0
        for first in range(0, len(order), recipe.batch):
            chosen = order[first : first + recipe.batch]
            inputs = normalised(images[learner.indices[chosen]]).permute(0, 3, 1, 2).to(kind)
            optimiser.zero_grad()
            out = network(inputs)[:, list(learner.classes)]
            loss = functional.cross_entropy(out, torch.tensor(learner.targets[chosen]))
            loss.backward()
            optimiser.step()
            total += loss.item() * len(chosen)
        curve.append(total / len(order))
    return network.state_dict(), curve


def same(first, second):
    return first.keys() == second.keys() and all(
        torch.equal(first[name], second[name]) for name in first
    )


@pytest.mark.parametrize("statistics", ["batch", "fixed"])
@pytest.mark.parametrize("rates", [(), (("conv1", 64.0), ("layer3", 0.3**-2))])
def test_one_network_takes_the_plain_loops_steps(images, state, rates, statistics):
    learner, start = replace(training_set("a"), rates=rates), doubled(state)
    recipe = replace(SMALL, statistics=statistics)
    run = Run.start([learner], [start], recipe, Machine(), images)
    assert run.advance()
    expected, curve = plain(start, learner, images, recipe)
    found = run.finished["a"]
    for name, tensor in found.state.items():
        assert torch.allclose(tensor, expected[name], rtol=0, atol=1e-8), name
    assert found.curve == pytest.approx(curve, rel=1e-9)
    assert (found.epochs, found.reason, found.loss) == (2, "epochs", found.curve[-1])
    assert not same(found.state, start)


@pytest.mark.parametrize("rates", [("layer3.0", 64.0), ("fc", 0.0), ("fc", float("inf"))])
def test_rates_are_of_modules_and_positive(images, state, rates):
    learner = replace(training_set("a"), rates=(rates,))
    with pytest.raises(ValueError, match=f"0 < rate < inf, got {rates[1]} of '{rates[0]}'"):
        Run.start([learner], [state], SMALL, Machine(), images)


def test_one_image_has_fixed_statistics(images, state):
    learner = training_set("a", n=5)
    with pytest.raises(ValueError, match="no batch statistics, got n=5"):
        Run.start([learner], [state], SMALL, Machine(), images)
    run = Run.start([learner], [state], replace(SMALL, statistics="fixed"), Machine(), images)
    assert run.advance()


def test_neighbours_do_not_matter(images, state):
    other = replace(training_set("b", (0, 9), first=20), rates=(("layer1", 8.0),))
    learners = [training_set("a"), other]
    states = [doubled(state), doubled(initial_state(1))]
    together = Run.start(learners, states, SMALL, Machine(), images)
    together.advance()
    for learner, own in zip(learners, states, strict=True):
        alone = Run.start([learner], [own], SMALL, Machine(), images)
        alone.advance()
        one, two = alone.finished[learner.name], together.finished[learner.name]
        assert one.curve == pytest.approx(two.curve, rel=1e-9)
        for name, tensor in one.state.items():
            assert torch.allclose(tensor, two.state[name], rtol=0, atol=1e-8), name


def test_an_early_leaver_is_kept_and_the_others_go_on(images, state):
    learners = [training_set("easy", (3,)), training_set("hard", (4,), first=20)]
    # Of one class: the loss is exactly 0 at once. Its neighbour's last layer is NaN.
    with pytest.raises(ValueError, match="equally many images, targets and classes"):
        Run.start([learners[0], training_set("c", (1, 2))], [state] * 2, SMALL, Machine(), images)
    broken = {**state, "fc.bias": state["fc.bias"] * float("nan")}
    run = Run.start(learners, [state, broken], SMALL, Machine(), images)
    assert run.advance()
    assert run.finished["easy"].reason == "converged"
    assert run.finished["easy"].epochs == 1
    assert run.finished["hard"].reason == "diverged"
    assert run.images_seen == 2 * N


def test_members_that_stop_leave_the_rest_untouched(images, state):
    goal = plain(state, training_set("a"), images, SMALL)[1][0] * 1.05
    recipe = Recipe(goal, 3, batch=4)
    learners = [training_set("a"), training_set("b", (0, 9), first=20)]
    states = [doubled(state), doubled(initial_state(1))]
    together = Run.start(learners, states, recipe, Machine(), images)
    together.advance()
    epochs = [together.finished[name].epochs for name in ("a", "b")]
    assert epochs[0] == 1 < epochs[1]
    alone = Run.start(learners[1:], states[1:], recipe, Machine(), images)
    alone.advance()
    assert alone.finished["b"].curve == pytest.approx(together.finished["b"].curve, rel=1e-9)


def test_resuming_is_not_seen_in_the_result(images, state):
    learner, recipe = training_set("a"), Recipe(1e-9, 3, batch=4)
    whole = Run.start([learner], [state], recipe, Machine(), images)
    whole.advance()
    run = Run.start([learner], [state], recipe, Machine(), images)
    while not run.advance(0.0):
        saved = run.snapshot()
        run = Run.resume(saved, [learner], recipe, Machine(), images)
    assert same(run.finished["a"].state, whole.finished["a"].state)
    assert run.finished["a"].curve == whole.finished["a"].curve
    assert int(whole.finished["a"].state["bn1.num_batches_tracked"]) == 3 * 2


def test_a_piece_ends_before_an_epoch_that_would_be_late(images, state, monkeypatch):
    run = Run.start([training_set("a")], [state], Recipe(1e-9, 100, batch=4), Machine(), images)
    clock = iter(range(0, 10_000, 10))  # 10 s pass from look to look: an epoch takes 10 s
    monkeypatch.setattr("empirics.vision.training.time.monotonic", lambda: next(clock))
    monkeypatch.setattr(Run, "_one_epoch", lambda self: setattr(self, "epoch", self.epoch + 1))
    ended = []
    for seconds in (5.0, 25.0, 65.0):
        done = run.epoch
        assert not run.advance(seconds)
        ended.append(run.epoch - done)
    assert run.epoch_seconds == 10
    # The looks between epochs take 10 s here as well; one epoch is always done.
    assert ended == [1, 1, 3]


def test_an_epoch_order_depends_on_seed_and_epoch_alone():
    learner = training_set("a")
    assert sorted(learner.order(0)) == list(range(N))
    assert (learner.order(4) == learner.order(4)).all()
    assert (learner.order(4) != learner.order(5)).any()
    assert (learner.order(4) != training_set("a", first=20).order(4)).any()


def test_accuracy_looks_at_the_tasks_own_logits(images, state):
    rigged = {**state, "fc.weight": torch.zeros_like(state["fc.weight"])}
    rigged["fc.bias"] = torch.zeros(100)
    rigged["fc.bias"][[5, 3, 7]] = torch.tensor([9.0, 2.0, 1.0])
    indices = np.arange(8)
    targets = np.array([0, 0, 0, 1, 1, 0, 0, 0])
    assert accuracy(rigged, images, indices, targets, (3, 7)) == 6 / 8
    assert accuracy(rigged, images, indices, targets, (7, 3)) == 2 / 8


def test_features_have_the_stages_shapes(images, state):
    found = stage_features(state, images, np.arange(4))
    shapes = {stage: array.shape for stage, array in found.items()}
    assert shapes == {
        "stem": (4, 4096),
        "layer1": (4, 4096),
        "layer2": (4, 2048),
        "layer3": (4, 1024),
        "layer4": (4, 512),
    }
    assert all(array.dtype == np.float64 for array in found.values())


def test_mixed_precision_is_used_only_on_request(images, state):
    curves = {}
    for precision in ("float32", "bfloat16"):
        # One batch an epoch: the first loss is that of the initial network.
        recipe = Recipe(1e-9, 2, batch=N)
        run = Run.start([training_set("a")], [state], recipe, Machine(precision=precision), images)
        run.advance()
        curves[precision] = run.finished["a"].curve
        assert run.finished["a"].state["conv1.weight"].dtype == torch.float32
    assert curves["float32"] != curves["bfloat16"]
    assert curves["float32"][0] == pytest.approx(curves["bfloat16"][0], rel=0.1)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Recipe(0.0, 1), "goal and learning_rate must be > 0"),
        (lambda: Recipe(0.1, 1, learning_rate=-1.0), "goal and learning_rate must be > 0"),
        (lambda: Recipe(0.1, 1, momentum=1.0), r"momentum in \[0, 1\)"),
        (lambda: Recipe(0.1, 0), "most_epochs must be >= 1"),
        (lambda: Recipe(0.1, 1, batch=1), "batch >= 2"),
        (lambda: Machine("cpu", "graph"), "need a CUDA device"),
        (lambda: Machine("cpu", precision="tf32"), "need a CUDA device"),
        (lambda: Machine(engine="magic"), "engine must be of"),
        (lambda: Machine("gpu"), "device must be cpu, cuda or cuda:N, got 'gpu'"),
        (lambda: Machine("cuda:99").prepare(), "got cuda:99: torch .* CUDA devices"),
    ],
)
def test_bad_settings(make, said):
    with pytest.raises(ValueError, match=said):
        make()


def test_bad_runs(images, state):
    with pytest.raises(ValueError, match="each training set needs a state, got 1 for 2"):
        Run.start([training_set("a"), training_set("b")], [state], SMALL, Machine(), images)
    with pytest.raises(ValueError, match="different names"):
        Run.start([training_set("a"), training_set("a")], [state, state], SMALL, Machine(), images)
    for n in (5, 1, 0):
        with pytest.raises(ValueError, match=f"one image has no batch statistics, got n={n}"):
            Run.start([training_set("a", n=n)], [state], SMALL, Machine(), images)
    short = TrainingSet("a", np.arange(4), np.zeros(3, dtype=np.int64), (1, 2), (0,))
    with pytest.raises(ValueError, match="a target for each image, got 3 for 4"):
        Run.start([short], [state], SMALL, Machine(), images)
