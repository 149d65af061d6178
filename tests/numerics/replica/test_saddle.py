"""The potential: its saddle point and value, many digits, its shape, bad input."""

import mpmath
import numpy as np
import pytest

from numerics import Initialization, TaskDistribution, potential, solve_replica
from numerics.multiprecision import replica_potential
from numerics.replica import POTENTIAL_RANGE
from tests.numerics.replica.test_solve import BASELINE, RICH

SIGN = TaskDistribution.pretrain_finetune(0.2, 0.05, 0.5, slab="sign")
LAZY = Initialization(1e3, 0.0)


def exact(task, init, alpha, theta, b, **options):
    """Return ψ of the same float64 inputs to many digits."""
    with mpmath.workdps(40):
        shares = [mpmath.mpf(float(share)) for share in task.probabilities]
        groups = [
            (
                share / mpmath.fsum(shares),
                mpmath.mpf(float(scale)),
                "zero" if g.slab == "zero" else (g.slab, mpmath.mpf(g.ft_amplitude)),
            )
            for share, g, scale in zip(shares, task.groups, task.penalty_scales(init), strict=True)
        ]
        return replica_potential(groups, alpha, theta, b, digits=18, **options)


def size(task, alpha, theta, b, *, noise_variance=0.0, ridge=0.0):
    """Bound the terms of ψ."""
    signal = task.second_moment
    return (
        0.5 * b * (noise_variance / theta + theta + (signal / theta + 2.0 * theta) / alpha)
        + 0.5 * ridge * b**2
    )


@pytest.mark.parametrize("task", [BASELINE, SIGN])
@pytest.mark.parametrize("init", [RICH, LAZY, Initialization(1e-9, 1e-9)])
@pytest.mark.parametrize("options", [{}, {"noise_variance": 0.3}, {"ridge": 0.2}])
def test_value_at_the_fixed_point_is_that_of_the_problem(task, init, options):
    alpha = np.array([0.001, 0.02, 0.3, 0.9, 1.0 - 1e-6])
    curve = solve_replica(task, init, alpha, **options)
    value = alpha * potential(task, init, alpha, curve.theta, curve.theta / curve.tau, **options)
    assert value == pytest.approx(curve.objective, rel=1e-13, abs=0.0)


@pytest.mark.parametrize("task", [BASELINE, SIGN])
@pytest.mark.parametrize(
    ("alpha", "options"),
    [
        (0.2, {}),
        (0.7, {"noise_variance": 0.3}),
        (0.4, {"ridge": 0.2}),
        (2.5, {"noise_variance": 0.1, "ridge": 0.2}),
    ],
)
def test_the_fixed_point_is_its_only_saddle_point(task, alpha, options):
    """Stationary, a minimum in θ, a maximum in b; both as far as the eye reaches."""
    curve = solve_replica(task, RICH, alpha, **options)
    theta, b = curve.theta[0], curve.theta[0] / curve.tau[0]
    here = potential(task, RICH, alpha, theta, b, **options)
    h = 1e-4
    for step in (np.array([h, 0.0]), np.array([0.0, h])):
        ahead, behind = (
            potential(task, RICH, alpha, *np.exp(sign * step) * (theta, b), **options)
            for sign in (1.0, -1.0)
        )
        assert abs(ahead - behind) / (2.0 * h) < 1e-6 * here
    # Five per cent away, no derivative vanishes.
    off = np.array([0.98, 1.02])
    assert np.diff(potential(task, RICH, alpha, 1.05 * theta * off, b, **options)) > 0.0
    assert np.diff(potential(task, RICH, alpha, theta, 1.05 * b * off, **options)) < 0.0
    away = np.exp(np.concatenate([-np.geomspace(1e-2, 6.0, 9), np.geomspace(1e-2, 6.0, 9)]))
    assert (potential(task, RICH, alpha, theta * away, b, **options) > here).all()
    assert (potential(task, RICH, alpha, theta, b * away, **options) < here).all()


@pytest.mark.parametrize("options", [{}, {"noise_variance": 0.3, "ridge": 0.2}])
def test_convex_in_theta_and_concave_in_b(options):
    grid = np.linspace(0.05, 3.0, 40)
    surface = potential(BASELINE, RICH, 0.3, grid[:, None], grid, **options)
    assert surface.shape == (40, 40)
    assert (np.diff(surface, 2, axis=0) > 0.0).all()
    assert (np.diff(surface, 2, axis=1) < 0.0).all()


@pytest.mark.parametrize("task", [BASELINE, SIGN])
@pytest.mark.parametrize("init", [LAZY, Initialization(1e-6, 0.0)])
@pytest.mark.parametrize(
    ("alpha", "options"), [(0.001, {}), (0.3, {"noise_variance": 0.2, "ridge": 0.1}), (50.0, {})]
)
@pytest.mark.parametrize(
    ("theta", "b"),
    [(0.3, 2.0), (1e-6, 1e6), (1e6, 1e-6), (1e-6, 1e-6), (1e6, 1e6), (1e20, 2.0), (1e-20, 1e-20)],
)
def test_agreement_with_many_digits(task, init, alpha, options, theta, b):
    ours = potential(task, init, alpha, theta, b, **options)
    truth = exact(task, init, alpha, theta, b, **options)
    error = float(abs(mpmath.mpf(float(ours)) - truth))
    assert error <= 1e-14 * size(task, alpha, theta, b, **options)


def test_arguments_broadcast():
    alpha, theta, b = np.array([[[0.2]], [[0.4]]]), np.array([[0.3], [0.5], [1.0]]), np.ones(4)
    together = potential(SIGN, RICH, alpha, theta, b)
    assert (together.shape, together.dtype) == ((2, 3, 4), np.float64)
    assert potential(SIGN, RICH, 0.4, 0.5, 1.0) == pytest.approx(
        together[1, 1, 2], rel=1e-15, abs=0
    )
    assert potential(SIGN, RICH, 0.4, 0.5, 1.0).shape == ()


def test_units():
    """ψ of (β*, c_FT, σ, ϱ, θ) scaled by s is s times as large."""
    s = 8.0
    whole, scaled = (
        potential(
            TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, pt_amplitude=f, ft_amplitude=3.0 * f),
            Initialization(f * 1e-3, 0.0),
            0.4,
            f * 0.7,
            1.3,
            noise_variance=f * f * 0.1,
            ridge=f * 0.2,
        )
        for f in (1.0, s)
    )
    assert scaled == pytest.approx(s * whole, rel=1e-13, abs=0)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"alpha": 1e-4}, r"alpha must lie in \[0.001, 1000\], got alpha=0.0001"),
        ({"theta": 0.0}, r"theta must lie in \[1e-50, 1e\+50\], got theta=0.0"),
        ({"theta": [1.0, -2.0]}, r"got theta=-2.0 at index \(1,\)"),
        ({"b": 0.0}, r"b must lie in \[1e-50, 1e\+50\], got b=0.0"),
        ({"b": np.nan}, "b must be finite"),
        ({"b": [1.0, 2.0], "theta": [1.0, 2.0, 3.0]}, "alpha, theta, b must broadcast together"),
        ({"ridge": -1.0}, "ridge must lie in"),
        ({"noise_variance": 2e3}, "noise_variance must lie in"),
        ({"init": Initialization(1.0, -1.0)}, "requires c_FT > 0, got c_FT = 0"),
        ({"task": "baseline"}, "task must be a TaskDistribution"),
        ({"init": 1e-3}, "init must be an Initialization"),
    ],
)
def test_bad_input(change, named):
    data = {"task": BASELINE, "init": RICH, "alpha": 0.3, "theta": 1.0, "b": 1.0} | change
    with pytest.raises(ValueError, match=named):
        potential(**data)


def test_ends_of_the_domain_are_finite():
    ends = np.array(POTENTIAL_RANGE)
    for task in (BASELINE, SIGN):
        for init in (RICH, LAZY, Initialization(1e-12, 0.0)):
            assert np.isfinite(potential(task, init, 0.3, ends[:, None], ends, ridge=1.0)).all()


def test_there_must_be_points():
    with pytest.raises(ValueError, match="alpha, theta and b must not be empty"):
        potential(BASELINE, RICH, [], 1.0, 1.0)
