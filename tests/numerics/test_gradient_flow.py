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
