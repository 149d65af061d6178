"""The flow of the weights and its mirror form: invariants, end points, stops, bad input."""

import numpy as np
import pytest

from numerics import Initialization, gradient_flow, minimum_penalty
from numerics.gradient_flow import finetune_flow, mirror_flow, pretrain_flow, weight_flow
from numerics.initialization import LayerWeights


def problem(seed=0, n=3, d=6):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)) / np.sqrt(n), rng.standard_normal(n)


@pytest.mark.parametrize("ratio", [-1.0, -0.3, 0.8, 1.0])
def test_pretraining_keeps_its_invariants_and_ends_at_the_minimiser(ratio):
    X, y = problem()
    init = Initialization(0.3, 0.3 * ratio)
    flow = pretrain_flow(init, X, y)
    assert flow.converged
    assert flow.training_error[-1] < 1.1e-20
    assert flow.conserved == pytest.approx(
        np.broadcast_to(
            np.array([init.lam, init.lam, init.c])[:, None, None], flow.conserved.shape
        ),
        abs=1e-9,
    )
    assert flow.beta[-1] == pytest.approx(minimum_penalty(X, y, 0.3).beta, abs=1e-8)
    end = flow.end
    assert end.w_plus * end.v_plus - end.w_minus * end.v_minus == pytest.approx(flow.beta[-1])
    predicted = init.pretraining_layer_weights(flow.beta[-1])
    assert end.w_plus == pytest.approx(predicted.w_plus, abs=1e-8)
    assert end.v_minus == pytest.approx(predicted.v_minus, abs=1e-8)


def test_finetuning_starts_at_zero_and_agrees_with_the_mirror_form():
    X, y = problem(1)
    init = Initialization(0.2, -0.1, 0.4)
    beta_pt = np.array([1.0, 0.0, -1.0, 0.0, 0.0, 2.0])
    flow = finetune_flow(init.pretraining_layer_weights(beta_pt), init, X, y)
    mirror = mirror_flow(init.finetune_scale(beta_pt), X, y)
    assert (flow.beta[0] == 0.0).all()
    assert flow.converged
    assert mirror.converged
    assert mirror.beta[-1] == pytest.approx(flow.beta[-1], abs=1e-8)
    # The same motion: at a common time, the same β.
    moment = 0.5
    at = [
        np.array([np.interp(moment, f.times, column) for column in f.beta.T])
        for f in (flow, mirror)
    ]
    assert at[0] == pytest.approx(at[1], abs=2e-2)


@pytest.mark.parametrize(("last", "reached"), [(1.009, True), (1.011, False), (np.nan, False)])
def test_the_target_is_reached_to_a_hundredth(last, reached):
    assert gradient_flow._reached(np.array([1.0, last * 1e-9]), 1e-9) is reached


def test_a_flow_that_cannot_end_says_so():
    X, y = np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([1.0, 2.0])
    flow = pretrain_flow(Initialization(1.0, 0.0), X, y, longest=50.0)
    assert not flow.converged
    assert flow.beta[-1, 0] == pytest.approx(1.5, abs=1e-6)
    still = weight_flow(LayerWeights(*(np.zeros(2),) * 4), X[:1], y[:1], longest=5.0)
    assert not still.converged
    assert (still.beta == 0.0).all()


@pytest.mark.parametrize("method", ["LSODA", "BDF", "Radau", "DOP853", "RK45"])
def test_every_integrator_ends_at_the_minimiser(method):
    X, y = problem()
    flow = mirror_flow(0.5, X, y, method=method)
    assert flow.converged
    assert flow.evaluations > len(flow.times)
    assert flow.beta[-1] == pytest.approx(minimum_penalty(X, y, 0.5).beta, abs=1e-8)


def test_mirror_form_has_no_weights():
    X, y = problem()
    with pytest.raises(ValueError, match="has no weights"):
        _ = mirror_flow(0.5, X, y).end


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda X, y: mirror_flow(0.0, X, y), "scale must satisfy > 0"),
        (lambda X, y: mirror_flow(1.0, X, y[:1]), "y must have shape"),
        (lambda X, y: mirror_flow(1.0, X, y, target=0.0), "target must satisfy > 0"),
        (lambda X, y: pretrain_flow(Initialization(1, 0), X, y, longest=-1.0), "longest must"),
        (lambda X, y: mirror_flow(1.0, X, y, method="Euler"), "method must be one of"),
        (lambda X, y: weight_flow(LayerWeights(*(np.array(np.nan),) * 4), X, y), "start must be"),
    ],
)
def test_bad_input(call, named):
    X, y = problem()
    with pytest.raises(ValueError, match=named):
        call(X, y)


def test_a_flow_that_has_arrived_stays():
    """Labels so small that their squares vanish: the training error is 0 before the first step."""
    X, y = [[1.95325491], [0.0]], [-5.15275422e-306, 0.0]
    found = mirror_flow(0.9, X, y)
    assert found.converged
    assert (found.times.tolist(), found.beta.tolist()) == ([0.0], [[0.0]])
    assert found.evaluations == 0
    assert "from the start" in found.message
    assert mirror_flow(0.9, [[1.0]], [0.0]).beta.tolist() == [[0.0]]


def test_a_flow_that_leaves_float64_is_refused(monkeypatch):
    found = gradient_flow.solve_ivp(lambda t, x: x, (0.0, 1.0), np.ones(2))
    found.y[0, -1] = np.nan
    monkeypatch.setattr(gradient_flow, "solve_ivp", lambda *arguments, **options: found)
    with pytest.raises(ValueError, match=r"must stay within float64.*at the times \[1\.0\]"):
        mirror_flow(0.9, np.eye(2), [1.0, 2.0])


class TestStopped:
    """Flows that end at a training error, at all times or at multiples of one."""

    def test_they_end_at_the_first_look_that_finds_the_target(self):
        X, y = problem()
        at_once = mirror_flow(0.5, X, y, target=1e-3)
        assert at_once.converged
        assert at_once.training_error[-1] == pytest.approx(1e-3, rel=1e-6)
        for looks in (0.3, 1.0, 50.0):
            found = mirror_flow(0.5, X, y, target=1e-3, looks=looks)
            assert found.converged
            assert found.times[-1] == looks * np.ceil(at_once.times[-1] / looks)
            assert found.training_error[-1] < 1e-3
            before = mirror_flow(0.5, X, y, target=1e-300, longest=found.times[-1] - looks or 1e-9)
            assert before.training_error[-1] > 1e-3

    def test_a_target_that_is_met_at_a_look_waits_for_no_other(self):
        """One coordinate that is nearly linear: β = y(1 − e^{−2ct}) to O(y²/c²)."""
        moment = np.log(100.0) / (2 * 1e6)
        found = mirror_flow(1e6, [[1.0]], [1.0], target=1.0000001e-4, looks=moment / 3)
        assert found.times[-1] == pytest.approx(moment, rel=1e-12)

    def test_training_errors_never_rise(self):
        X, y = problem(3, n=8, d=20)
        found = mirror_flow(1e-3, X, y, target=1e-6, looks=0.7)
        assert (np.diff(found.training_error) < 0).all()
        assert (np.diff(found.times) > 0).all()
        assert found.beta.shape == (found.times.size, 20)

    @pytest.mark.parametrize("method", ["RK23", "RK45", "LSODA"])
    def test_a_lazy_network_is_where_linear_theory_says(self, method):
        """For c → ∞, β = 2cXᵀν with ν(t) = H⁻¹(1 − e^{−Ht})y and H = 2cXXᵀ."""
        X, y = problem(2)
        lazy, moment = 1e6, 1e-6
        found = mirror_flow(
            lazy, X, y, target=1e-300, longest=moment, rtol=1e-9, atol=1e-18, method=method
        )
        h, vectors = np.linalg.eigh(2 * lazy * X @ X.T)
        dual = vectors @ (-np.expm1(-h * moment) / h * (vectors.T @ y))
        assert not found.converged
        assert found.times[-1] == moment
        assert found.beta[-1] == pytest.approx(2 * lazy * X.T @ dual, rel=1e-6)

    def test_weights_stop_where_the_mirror_form_does(self):
        X, y = problem(1)
        init = Initialization(0.2, -0.1, 0.4)
        beta_pt = np.array([1.0, 0.0, -1.0, 0.0, 0.0, 2.0])
        stop = {"target": 1e-2, "looks": 0.25}
        weights = finetune_flow(init.pretraining_layer_weights(beta_pt), init, X, y, **stop)
        mirror = mirror_flow(init.finetune_scale(beta_pt), X, y, **stop)
        assert weights.times[-1] == mirror.times[-1]
        assert weights.beta[-1] == pytest.approx(mirror.beta[-1], abs=1e-9)

    def test_gradient_descent_is_the_flow_to_first_order(self):
        """Epoch m of learning rate η is the flow at ηm; halving η halves the distance."""
        pytest.importorskip("torch")
        from empirics.diagonal import train_from_infinite_pretraining

        X, y = problem(1, n=4, d=10)
        init, beta_pt = Initialization(0.05, 0.01, 0.2), np.r_[np.ones(5), np.zeros(5)]
        target, looks = 1e-3, 0.5
        flow = mirror_flow(init.finetune_scale(beta_pt), X, y, target=target, looks=looks)
        apart = []
        for rate in (1e-3, 5e-4):
            steps = round(flow.times[-1] / rate)
            trained = train_from_infinite_pretraining(
                init,
                beta_pt[None],
                X[None],
                y[None],
                learning_rate=rate,
                threshold=1e-300,
                most_epochs=steps,
            )
            assert trained.epochs[0] == steps
            apart.append(np.abs(trained.beta[0] - flow.beta[-1]).max())
        assert apart[0] < 5e-3 * np.abs(flow.beta[-1]).max()
        assert apart[0] / apart[1] == pytest.approx(2.0, rel=0.05)

    def test_an_error_that_cannot_be_reached_is_said_to_be_missed(self):
        X, y = np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([1.0, 2.0])
        found = mirror_flow(1.0, X, y, target=0.2, looks=0.7, longest=5.0)
        assert not found.converged
        assert found.times[-1] == pytest.approx(4.9)  # the last look
        assert found.training_error[-1] == pytest.approx(0.25)
        assert "end of the integration interval" in found.message

    def test_a_last_look_too_early_misses_the_target(self):
        X, y = problem()
        moment = mirror_flow(0.5, X, y, target=1e-3).times[-1]
        found = mirror_flow(0.5, X, y, target=1e-3, looks=0.9 * moment, longest=1.7 * moment)
        assert not found.converged
        assert found.times[-1] == pytest.approx(0.9 * moment)

    def test_long_steps_that_leave_float64_are_rejected(self):
        """Steps this long overflow, which is a warning and so an error of this test."""
        X, y = problem()
        found = mirror_flow(1e-6, X, y, target=1e-3, method="RK23", rtol=0.1, atol=1e-3)
        assert found.converged

    @pytest.mark.parametrize(
        ("looks", "named"),
        [
            (0.0, "looks must satisfy > 0, got looks=0.0"),
            (np.nan, "looks must be finite"),
            (2.0, "looks must satisfy <= longest, got looks=2.0, longest=1.0"),
        ],
    )
    def test_bad_looks(self, looks, named):
        X, y = problem()
        with pytest.raises(ValueError, match=named):
            mirror_flow(0.5, X, y, looks=looks, longest=1.0)
