"""Batched training: gradients, independence of the batch, groups, stops, drift, bad input."""

import time

import numpy as np
import pytest

from empirics import diagonal
from numerics import Initialization, TaskDistribution, minimum_penalty
from numerics.initialization import LayerWeights

torch = pytest.importorskip("torch")


def data(count, n, d, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((count, n, d)) / np.sqrt(n), rng.standard_normal((count, n))


def random_start(count, d, seed=1):
    rng = np.random.default_rng(seed)
    return LayerWeights(*(0.5 * rng.standard_normal((count, d)) for _ in range(4)))


def test_one_step_is_the_gradient_of_the_loss():
    X, y = data(2, 3, 5)
    start = random_start(2, 5)
    weights = [torch.tensor(w, requires_grad=True) for w in vars(start).values()]
    beta = weights[0] * weights[1] - weights[2] * weights[3]
    residual = torch.einsum("bnd,bd->bn", torch.tensor(X), beta) - torch.tensor(y)
    (0.5 * (residual**2).sum()).backward()
    stepped = diagonal.train(start, X, y, learning_rate=0.1, most_epochs=1, threshold=1e-30)
    for before, after in zip(weights, stepped.weights, strict=True):
        expected = before.detach().numpy() - 0.1 * before.grad.numpy()
        assert after == pytest.approx(expected, abs=1e-15)
    assert list(stepped.stop_reason) == ["epochs", "epochs"]


def test_a_batch_is_its_networks():
    X, y = data(4, 6, 12)
    start = random_start(4, 12)
    together = diagonal.train(start, X, y, learning_rate=0.05, threshold=1e-8)
    assert set(together.stop_reason) == {"converged"}
    assert len(set(together.epochs)) > 1
    for index in range(4):
        one = LayerWeights(*(w[index : index + 1] for w in vars(start).values()))
        alone = diagonal.train(
            one, X[index : index + 1], y[index : index + 1], learning_rate=0.05, threshold=1e-8
        )
        assert alone.epochs[0] == together.epochs[index]
        assert alone.beta[0] == pytest.approx(together.beta[index], abs=1e-12)


def plainly(weights, X, y, rate, threshold):
    """Gradient descent on the four weights of one network, as it is written down."""
    w_plus, v_plus, w_minus, v_minus = (w.copy() for w in weights)
    epoch = 0
    while True:
        residual = X @ (w_plus * v_plus - w_minus * v_minus) - y
        if (residual**2).mean() <= threshold:
            return np.array([w_plus, v_plus, w_minus, v_minus]), epoch
        step = rate * (X.T @ residual)
        w_plus, v_plus = w_plus - step * v_plus, v_plus - step * w_plus
        w_minus, v_minus = w_minus + step * v_minus, v_minus + step * w_minus
        epoch += 1


def test_groups_that_share_inputs_are_plain_gradient_descent():
    groups, networks, n, d = 3, 5, 6, 12
    rng = np.random.default_rng(4)
    X = rng.standard_normal((groups, n, d)) / np.sqrt(n)
    y = rng.standard_normal((groups, networks, n))
    start = LayerWeights(*(0.5 * rng.standard_normal((groups, networks, d)) for _ in range(4)))
    rates = rng.uniform(0.01, 0.08, (groups, networks))
    found = diagonal.train(start, X, y, learning_rate=rates, threshold=1e-8)
    assert (found.stop_reason == "converged").all()
    assert (found.learning_rate == rates).all()
    assert found.beta.shape == (groups, networks, d)
    # The stops are spread over hundreds of epochs, and off the epochs at which the host looks.
    assert len(set(found.epochs.ravel() % diagonal.CHECK_EVERY)) > 5
    for group in range(groups):
        for index in range(networks):
            weights = [w[group, index] for w in vars(start).values()]
            rate = rates[group, index]
            expected, epochs = plainly(weights, X[group], y[group, index], rate, 1e-8)
            assert found.epochs[group, index] == epochs
            assert found.weights[:, group, index] == pytest.approx(expected, abs=1e-11)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_takes_the_steps_of_the_cpu():
    X, y = data(3, 6, 12)
    rates = np.array([0.02, 0.05, 50.0])
    cpu, gpu = (
        diagonal.train_from_infinite_pretraining(
            Initialization(0.1, 0.05, 0.3), np.ones((3, 12)), X, y, learning_rate=rates, device=name
        )
        for name in ("cpu", "cuda")
    )
    assert list(gpu.stop_reason) == list(cpu.stop_reason) == ["converged", "converged", "diverged"]
    assert np.abs(gpu.epochs - cpu.epochs).max() <= 1
    assert gpu.beta[:2] == pytest.approx(cpu.beta[:2], abs=1e-6)


def test_a_start_at_the_saddle_is_stationary():
    # Here w₊ + w₋ is 0 in floating-point numbers, too; a rounding error would do to leave.
    init = Initialization(1e-3, -1e-3, 0.0)
    X, y = data(2, 6, 12)
    beta_pt = np.ones((2, 12))
    start = diagonal.rebalanced(init.pretraining_layer_weights(beta_pt), np.array([[0.0], [0.3]]))
    found = diagonal.train(start, X, y, learning_rate=0.05)
    assert list(found.stop_reason) == ["stationary", "converged"]
    assert found.epochs[0] == 0
    assert not found.beta[0].any()
    assert found.training_error[0] == pytest.approx((y[0] ** 2).mean())


def test_labels_already_learnt_need_no_epoch():
    X, _ = data(1, 6, 12)
    start = random_start(1, 12)
    beta = start.w_plus * start.v_plus - start.w_minus * start.v_minus
    began = time.perf_counter()
    found = diagonal.train(start, X, np.einsum("bnd,bd->bn", X, beta), learning_rate=0.05)
    assert 0.0 < found.seconds <= time.perf_counter() - began
    assert (found.epochs[0], found.stop_reason[0]) == (0, "converged")
    assert found.shrinkage[0] == 0.0


def test_every_invariant_shrinks_by_the_same_factor():
    X, y = data(1, 6, 12)
    start = random_start(1, 12)
    found = diagonal.train(start, X, y, learning_rate=0.1, threshold=1e-8)
    ratios = []
    for weights in (start, found.layer_weights()):
        w_plus, v_plus, w_minus, v_minus = (w[0] for w in vars(weights).values())
        ratios.append([w_plus**2 - v_plus**2, w_minus**2 - v_minus**2])
        ratios[-1].append(w_plus * w_minus + v_plus * v_minus)
    factors = np.array(ratios[1]) / np.array(ratios[0])
    assert factors[1] == pytest.approx(factors[0], rel=1e-9)
    assert factors[2] == pytest.approx(factors[0], rel=1e-9)
    assert np.abs(factors - 1).max() == pytest.approx(found.shrinkage[0], rel=1e-9)
    assert found.shrinkage[0] > 0.01


def test_test_error_is_that_of_new_inputs():
    X, y = data(2, 6, 12)
    found = diagonal.train(random_start(2, 12), X, y, learning_rate=0.05)
    truth = np.linspace(-1, 1, 12)
    exact = found.test_error(truth, 6)
    assert exact == pytest.approx(found.squared_error(truth) * 12 / 6)
    drawn = found.test_error(truth, 6, inputs=400_000, rng=np.random.default_rng(5))
    # The mean of 4·10⁵ squares of normal numbers: standard deviation √(2/4·10⁵) = 0.0022.
    assert drawn == pytest.approx(exact, rel=0.01)
    assert (drawn != exact).all()
    with pytest.raises(ValueError, match="inputs must be >= 1"):
        found.test_error(truth, 6, inputs=0, rng=np.random.default_rng(5))


def test_error_beyond_float64_is_infinite():
    found = diagonal.train(random_start(2, 12), *data(2, 6, 12), learning_rate=0.05)
    assert (found.squared_error(np.full(12, 1e300)) == np.inf).all()


def test_looks_are_where_a_network_stops():
    X, y = data(2, 6, 12)
    at_once, later = (
        diagonal.train(random_start(2, 12), X, y, learning_rate=0.05, look_every=every)
        for every in (1, 64)
    )
    assert list(later.stop_reason) == ["converged", "converged"]
    # Looks are at 0, 64, 128, ...: the first at which the error has fallen.
    assert list(later.epochs) == [64 * -(-int(one) // 64) for one in at_once.epochs]
    assert (at_once.epochs % 64 != 0).all()
    assert (later.training_error < at_once.training_error).all()
    assert (at_once.training_error <= 1e-4).all()


def test_the_last_epoch_is_looked_at():
    X, y = data(2, 6, 12)
    options = {"learning_rate": 0.05, "threshold": 1e-2, "look_every": 10_000}
    first = diagonal.train(random_start(2, 12), X, y, **options | {"look_every": 1})
    most = int(first.epochs.max())
    assert most % 10_000 != 0
    whole = diagonal.train(random_start(2, 12), X, y, **options, most_epochs=most)
    assert list(whole.stop_reason) == ["converged", "converged"]
    assert list(whole.epochs) == [most, most]
    short = diagonal.train(random_start(2, 12), X, y, **options, most_epochs=most - 1)
    assert list(short.stop_reason).count("epochs") >= 1
    assert list(short.epochs) == [most - 1, most - 1]


def test_divergence_is_seen_between_looks():
    X, y = data(1, 6, 12)
    found = diagonal.train(random_start(1, 12), 30.0 * X, y, learning_rate=0.1, look_every=1000)
    assert (found.stop_reason == "diverged").all()
    assert (found.epochs < 1000).all()


def test_divergence_is_reported_and_not_averaged():
    X, y = data(2, 6, 12)
    X[1] *= 30.0
    result = diagonal.train(random_start(2, 12), X, y, learning_rate=0.1, threshold=1e-8)
    assert list(result.stop_reason) == ["converged", "diverged"]
    assert np.isfinite(result.beta[0]).all()
    assert np.isnan(result.beta[1]).all()
    errors = result.squared_error(np.zeros(12))
    assert np.isfinite(errors[0])
    assert np.isnan(errors[1])


def test_drift_vanishes_with_the_learning_rate():
    X, y = data(1, 6, 12)
    drifts = [
        diagonal.train(random_start(1, 12), X, y, learning_rate=rate, threshold=1e-8).drift.max()
        for rate in (0.1, 0.05, 0.025)
    ]
    assert drifts[0] / drifts[1] == pytest.approx(2.0, rel=0.3)
    assert drifts[1] / drifts[2] == pytest.approx(2.0, rel=0.3)


def test_two_phases_end_near_the_minimiser():
    init = Initialization(0.1, 0.05, 0.2)
    task = TaskDistribution.pretrain_finetune(0.3, 0.3, 0.5)
    sample = task.sample(20, 0.5, np.random.default_rng(2))
    X_pt = np.random.default_rng(3).standard_normal((1, 60, 20)) / np.sqrt(60)
    y_pt = X_pt[0] @ sample.beta_pt
    pretrained = diagonal.train(
        diagonal.initial_state(init, 1, 20),
        X_pt,
        y_pt[None],
        learning_rate=0.01,
        threshold=1e-16,
    )
    start = diagonal.rebalanced(pretrained.layer_weights(), init.gamma)
    tuned = diagonal.train(
        start, sample.X[None], sample.y[None], learning_rate=0.01, threshold=1e-14
    )
    optimum = minimum_penalty(sample.X, sample.y, init.finetune_scale(sample.beta_pt)).beta
    assert np.abs(tuned.beta[0] - optimum).max() < 0.05 * np.abs(optimum).max()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"learning_rate": 0.0}, "learning_rate must satisfy > 0"),
        ({"threshold": -1.0}, "threshold must satisfy > 0"),
        ({"most_epochs": 0}, "most_epochs must be an integer >= 1"),
        ({"look_every": 0}, "look_every must be an integer >= 1"),
        ({"look_every": 2.5}, "look_every must be an integer >= 1, got look_every=2.5"),
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"learning_rate": np.full(3, 0.1)}, r"learning_rate must broadcast to \(2,\)"),
        ({"learning_rate": np.array([0.1, -0.1])}, "learning_rate must satisfy > 0"),
    ],
)
def test_bad_options(change, named):
    X, y = data(2, 3, 5)
    with pytest.raises(ValueError, match=named):
        diagonal.train(random_start(2, 5), X, y, **{"learning_rate": 0.1, **change})


def test_bad_shapes():
    X, y = data(2, 3, 5)
    with pytest.raises(ValueError, match=r"X must have shape \(B, n, d\)"):
        diagonal.train(random_start(2, 5), X[0], y, learning_rate=0.1)
    with pytest.raises(ValueError, match=r"each weight must have shape \(2, 5\)"):
        diagonal.train(random_start(2, 4), X, y, learning_rate=0.1)


def test_bad_shapes_of_groups():
    X, y = data(2, 3, 5)
    start = LayerWeights(*(w[:, None] for w in vars(random_start(2, 5)).values()))
    with pytest.raises(ValueError, match=r"X must have shape \(S, n, d\) and y \(S, C, n\)"):
        diagonal.train(start, X, y, learning_rate=0.1)
    with pytest.raises(ValueError, match=r"X must have shape \(S, n, d\)"):
        diagonal.train(start, X, y[:, None, :2], learning_rate=0.1)
    with pytest.raises(ValueError, match="each weight must have shape"):
        diagonal.train(start, X[:1], y[:, None], learning_rate=0.1)
    with pytest.raises(ValueError, match="must have networks, examples"):
        diagonal.train(start, X[:, :0], y[:, None, :0], learning_rate=0.1)
