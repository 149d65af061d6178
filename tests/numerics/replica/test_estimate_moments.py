"""Penalty, training error and moments of the estimate along error curves; their limits."""

import pickle

import mpmath
import numpy as np
import pytest

from numerics import CoordinateGroup, Initialization, TaskDistribution, solve_replica
from numerics.penalty import penalty
from tests.numerics.replica.test_solve import BASELINE, CORNERS, RICH, exact

NAMES = ("penalty", "training_error", "cross_moment", "second_moment", "objective")
SADDLE = Initialization(1.0, -1.0)


def relative_errors(curve, truth):
    """Relative errors by name; 0 where both are 0 or both infinite."""
    found = {}
    for name in NAMES:
        ours, known = mpmath.mpf(float(getattr(curve, name)[0])), getattr(truth, name)
        same = ours == known
        found[name] = 0.0 if same else float(abs(ours - known) / abs(known)) if known else np.inf
    return found


def test_known_values():
    """The value of the saddle point, computed by another program to five digits."""
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab="sign")
    curve = solve_replica(task, RICH, [0.2, 0.36])
    assert curve.penalty == pytest.approx([0.42276, 0.61070], abs=5e-6)


@pytest.mark.parametrize("slab", ["sign", "gaussian"])
@pytest.mark.parametrize(
    ("alpha", "c", "ratio", "gamma", "noise", "ridge"),
    [
        *CORNERS,
        (0.001, 1e-9, 0.0, 0.0, 1e3, 0.0),
        (0.001, 1e3, 0.0, 0.0, 1e3, 1e3),
        (0.2, 1e-9, 0.0, 0.0, 0.0, 1e3),
        (1000.0, 1e-9, 0.2, 0.0, 1e-6, 1e-6),
        (1.0, 1e-4, 0.2, 0.1, 0.0, 0.0),
        (1.001, 1e-9, 0.0, 0.0, 0.3, 0.0),
        (1000.0, 1e3, 0.0, 0.0, 1e-3, 0.0),
    ],
)
def test_agreement_with_many_digits(slab, alpha, c, ratio, gamma, noise, ridge):
    task = TaskDistribution.pretrain_finetune(0.2, 0.05, 0.5, slab=slab)
    init = Initialization(c, ratio * c, gamma)
    ours = solve_replica(task, init, alpha, noise_variance=noise, ridge=ridge)
    truth = exact(task, init, alpha, noise_variance=noise, ridge=ridge)
    assert max(relative_errors(ours, truth).values()) < 5e-14


@pytest.mark.parametrize("amplitude", [1e-6, 0.2, 5.0])
@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_small_amplitudes_below_the_noise_keep_their_digits(amplitude, noise):
    """The mean of β̂ over both signs of z, and sinh of a small angle, must not cancel."""
    task = TaskDistribution(
        (
            CoordinateGroup("small", 0.5, 0.0, "sign", amplitude),
            CoordinateGroup("large", 0.1, 0.0, "gaussian", 3.0),
            CoordinateGroup("zero", 0.4, 0.0, "zero"),
        )
    )
    for init in (RICH, Initialization(1e3, 0.0)):
        ours = solve_replica(task, init, 0.4, noise_variance=noise)
        truth = exact(task, init, 0.4, noise_variance=noise)
        assert max(relative_errors(ours, truth).values()) < 5e-14


@pytest.mark.parametrize("options", [{}, {"noise_variance": 0.3}, {"ridge": 0.2}])
@pytest.mark.parametrize("task", [BASELINE, TaskDistribution.single_task(0.3, slab="sign")])
def test_identities(task, options):
    alpha = np.array([0.01, 0.2, 0.6, 0.95])
    curve = solve_replica(task, RICH, alpha, **options)
    assert task.probabilities @ curve.group_penalty == pytest.approx(
        curve.penalty, rel=1e-14, abs=0
    )
    expanded = curve.second_moment - 2.0 * curve.cross_moment + task.second_moment
    assert expanded == pytest.approx(curve.mse, abs=1e-14)
    ridge = options.get("ridge", 0.0)
    residual = (ridge * curve.theta / curve.tau) ** 2
    assert curve.training_error == pytest.approx(residual, rel=1e-14, abs=0.0)
    misfit = 0.5 * alpha / ridge * residual if ridge else 0.0
    assert curve.objective == pytest.approx(curve.penalty + misfit, rel=1e-14, abs=0)
    # The estimate is better than 0, whose value is the labels' square.
    if ridge:
        null = 0.5 * alpha / ridge * (task.second_moment / alpha)
        assert (curve.objective < null).all()


@pytest.mark.parametrize("slab", ["sign", "gaussian"])
def test_quadratic_penalties_have_closed_forms(slab):
    """q → β²/(4c): the estimate of least norm, and ridge regression of Gaussian data."""
    alpha, c = np.array([0.05, 0.5, 0.9]), 1e7
    task = TaskDistribution.single_task(0.1, slab=slab)
    curve = solve_replica(task, Initialization(c, 0.0), alpha)
    assert curve.cross_moment == pytest.approx(alpha, rel=1e-12, abs=0)
    assert curve.second_moment == pytest.approx(alpha, rel=1e-12, abs=0)
    assert curve.penalty * 4.0 * c == pytest.approx(alpha, rel=1e-12, abs=0.0)


def test_ridge_regression_by_the_law_of_marchenko_and_pastur():
    """(1/d) min {(1/2ϱ)‖y − Xβ‖² + ‖β‖²/(4c)} = (1 − gm)/(4c) for E[β*²] = 1 and g = ϱ/2c.

    m is the mean of 1/(g + λ) over the spectrum of XᵀX: 1/m = g + 1/(1 + m/α).
    """
    alpha, c, ridge = np.array([0.05, 0.5, 0.9, 2.5]), 1e6, 1e6 / 1e3
    g = ridge / (2.0 * c)
    m = np.array([np.roots([g / a, g + 1.0 - 1.0 / a, -1.0]).max() for a in alpha])
    task = TaskDistribution.single_task(0.1, slab="gaussian")
    curve = solve_replica(task, Initialization(c, 0.0), alpha, ridge=ridge)
    assert 4.0 * c * curve.objective == pytest.approx(1.0 - g * m, rel=1e-11, abs=0)


def test_derivative_of_the_objective_in_the_ridge_is_the_training_error():
    """Envelope theorem: ∂/∂(1/ϱ) of the minimum is (α/2) (1/n)‖y − Xβ̂‖²."""
    alpha, h = np.array([0.1, 0.5, 2.0]), 1e-4
    inverse = 1.0 / 0.2
    ahead, behind, here = (
        solve_replica(BASELINE, RICH, alpha, noise_variance=0.1, ridge=1.0 / (inverse + step))
        for step in (h, -h, 0.0)
    )
    slope = (ahead.objective - behind.objective) / (2.0 * h)
    assert slope == pytest.approx(0.5 * alpha * here.training_error, rel=1e-6)


def test_at_least_as_many_data_as_coordinates():
    alpha = [1.0, 2.0, 5.0]
    sign = TaskDistribution.single_task(0.25, slab="sign")
    curve = solve_replica(sign, RICH, alpha)
    truth = 0.25 * penalty(2.0, RICH.c)
    for values in (curve.penalty, curve.objective, 0.25 * curve.group_penalty[0]):
        assert values == pytest.approx(np.full(3, truth), rel=1e-15, abs=0)
    assert (curve.training_error == 0.0).all()
    assert (curve.second_moment == 1.0).all()
    assert (curve.cross_moment == 1.0).all()
    noisy = solve_replica(sign, RICH, alpha, noise_variance=0.3)
    assert noisy.training_error == pytest.approx([0.0, 0.15, 0.24], rel=1e-14, abs=0)
    assert noisy.second_moment == pytest.approx([np.inf, 1.6, 1.375], rel=1e-14, abs=0)
    assert np.isinf(noisy.objective).all()
    assert np.isfinite(noisy.penalty).tolist() == [False, True, True]
    ridged = solve_replica(sign, RICH, alpha[1:], noise_variance=0.3, ridge=1e-10)
    for name in ("penalty", "training_error", "cross_moment", "second_moment"):
        assert getattr(ridged, name) == pytest.approx(getattr(noisy, name)[1:], rel=1e-8)
    assert ridged.objective * 2e-10 / alpha[1:] == pytest.approx(noisy.training_error[1:], rel=1e-8)


@pytest.mark.parametrize("slab", ["sign", "gaussian"])
@pytest.mark.parametrize("noise", [0.0, 0.2, 100.0])
def test_moments_of_the_l1_limit(slab, noise):
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab=slab, pt_amplitude=0.0)
    alpha = np.array([0.05, 0.2])
    limit = solve_replica(task, SADDLE, alpha, noise_variance=noise)
    expanded = limit.second_moment - 2.0 * limit.cross_moment + task.second_moment
    assert expanded == pytest.approx(limit.mse, rel=1e-12, abs=0)
    near = solve_replica(task, Initialization(1e-130, 0.0), alpha, noise_variance=noise)
    for name in ("cross_moment", "second_moment"):
        assert getattr(near, name) == pytest.approx(getattr(limit, name), rel=0.05)
    assert np.isinf(limit.penalty).all()
    assert np.isinf(limit.group_penalty).all()
    assert np.isinf(limit.objective).all()
    assert (limit.training_error == 0.0).all()


def test_small_amplitudes_in_the_l1_limit_keep_their_digits():
    task = TaskDistribution(
        (
            CoordinateGroup("small", 0.5, 0.0, "sign", 1e-4),
            CoordinateGroup("zero", 0.5, 0.0, "zero"),
        )
    )
    curve = solve_replica(task, SADDLE, 0.3, noise_variance=1.0)
    a, threshold, theta = (mpmath.mpf(float(x)) for x in (1e-4, curve.threshold[0], curve.theta[0]))
    with mpmath.workdps(40):

        def tail(x):
            return mpmath.npdf(x) - x * mpmath.ncdf(-x)

        upper, lower = (threshold - a) / theta, (threshold + a) / theta
        truth = a * theta * (tail(upper) - tail(lower)) / 2
        assert abs(float(curve.cross_moment[0] / truth - 1)) < 1e-14


def test_exact_recovery_and_the_null_estimate():
    recovered = solve_replica(BASELINE, SADDLE, [0.5, 0.9, 2.0])
    assert recovered.group_penalty.tolist() == [[np.inf] * 3] * 2 + [[0.0] * 3] * 2
    assert np.isinf(recovered.penalty).all()
    assert np.isinf(recovered.objective).all()
    assert recovered.second_moment == pytest.approx(np.full(3, BASELINE.second_moment))
    assert (recovered.second_moment == recovered.cross_moment).all()
    null = solve_replica(BASELINE, SADDLE, [0.5, 2.0], noise_variance=0.3, ridge=0.25)
    assert (null.penalty == 0.0).all()
    assert (null.group_penalty == 0.0).all()
    assert (null.second_moment == 0.0).all()
    assert (null.cross_moment == 0.0).all()
    assert null.training_error == pytest.approx([2.3, 0.8])
    assert null.objective == pytest.approx([2.3, 3.2])
    # E[q(β̂)] falls to 0 with c_FT only because β̂ does.
    plain = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab="gaussian", pt_amplitude=0.0)
    near = solve_replica(
        plain, Initialization(1e-130, 0.0), [0.5, 2.0], noise_variance=0.3, ridge=0.25
    )
    assert near.objective == pytest.approx(null.objective, rel=0.15)


def test_curves_survive_pickling():
    curve = solve_replica(BASELINE, SADDLE, [0.1, 0.9])
    again = pickle.loads(pickle.dumps(curve))
    for name in curve.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(again, name), getattr(curve, name))
