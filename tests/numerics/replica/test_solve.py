"""The replica solver: values, limits, closed forms, sensitivities, the whole domain, bad input."""

import dataclasses
import math
import os

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from numerics import (
    ConvergenceError,
    CoordinateGroup,
    Initialization,
    TaskDistribution,
    count_fixed_points,
    solve_replica,
)
from numerics.multiprecision import replica_fixed_point
from numerics.replica.newton import bracketed_root, solve_fixed_points

BASELINE = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab="gaussian")
RICH = Initialization(1e-3, 0.0)


def exact(task, init, alpha, digits=25, **options):
    """Solve the same float64 inputs to many digits."""
    with mpmath.workdps(60):
        groups = [
            (
                mpmath.mpf(float(g.probability)) / mpmath.fsum(map(float, task.probabilities)),
                mpmath.mpf(float(scale)),
                "zero" if g.slab == "zero" else (g.slab, mpmath.mpf(g.ft_amplitude)),
            )
            for g, scale in zip(task.groups, task.penalty_scales(init), strict=True)
        ]
        return replica_fixed_point(groups, mpmath.mpf(alpha), digits=digits, **options)


def test_values_for_the_baseline():
    curve = solve_replica(BASELINE, RICH, [0.17126582, 0.3635443])
    assert curve.mse == pytest.approx([0.49146810, 0.0240707], abs=5e-8)
    assert curve.converged.all()
    assert (curve.relative_error < 1e-12).all()
    assert curve.theta**2 * curve.alpha == pytest.approx(curve.mse, rel=1e-13, abs=0)
    assert curve.degrees_of_freedom == pytest.approx(curve.alpha, rel=1e-13, abs=0)
    assert curve.group_names == ("overlap", "new", "pt-only", "none")
    assert BASELINE.probabilities @ curve.group_mse == pytest.approx(curve.mse, rel=1e-13, abs=0)


# α, c, λ/c, γ, σ², ϱ
CORNERS = (
    (0.3, 1e-9, -0.99999, 0.0, 0.0, 0.0),
    (0.95, 1e-12, 0.0, 0.0, 0.0, 0.0),
    (0.999999, 1e3, 0.5, 2.0, 0.3, 0.0),
    (0.001, 1.0, 1.0, 1000.0, 0.0, 0.0),
    (3.0, 1e-4, 0.2, 0.1, 0.5, 1e-6),
    (0.4, 1e-4, 0.2, 0.1, 2.0, 100.0),
)


@pytest.mark.parametrize("slab", ["sign", "gaussian"])
@pytest.mark.parametrize(("alpha", "c", "ratio", "gamma", "noise", "ridge"), CORNERS)
def test_agreement_with_many_digits(slab, alpha, c, ratio, gamma, noise, ridge):
    task = TaskDistribution.pretrain_finetune(0.2, 0.05, 0.5, slab=slab)
    init = Initialization(c, ratio * c, gamma)
    ours = solve_replica(task, init, alpha, noise_variance=noise, ridge=ridge)
    truth = exact(task, init, alpha, noise_variance=noise, ridge=ridge)
    assert ours.converged.all()
    for name in ("mse", "tau", "theta"):
        assert getattr(ours, name)[0] == pytest.approx(
            float(getattr(truth, name)), rel=2e-14, abs=0
        )


@pytest.mark.parametrize("alpha", [13.0, 21.0, 50.0])
@pytest.mark.parametrize("c", [1e2, 1e15])
def test_estimates_cover_what_is_lost_in_the_logarithm_of_a_tiny_error(alpha, c):
    task = TaskDistribution.single_task(0.25, slab="gaussian", amplitude=0.1)
    ours = solve_replica(task, Initialization(c, 0.0), alpha, ridge=1e-12)
    truth = exact(task, Initialization(c, 0.0), alpha, ridge=1e-12).mse
    assert ours.mse[0] < 1e-30
    assert abs(mpmath.mpf(ours.mse[0]) / truth - 1) <= ours.relative_error[0] < 1e-13


@pytest.mark.parametrize("options", [{}, {"noise_variance": 0.1}, {"ridge": 0.2}])
def test_gradient_is_what_differences_say(options):
    alpha, h = np.array([0.05, 0.3, 0.49, 0.51, 0.95]), 1e-5
    point = np.array([np.log(1e-3), 0.2, 0.1, 0.0])

    def error(at):
        c = np.exp(at[0])
        return solve_replica(
            BASELINE, Initialization(c, at[1] * c, at[2]), alpha + at[3], **options
        ).mse

    found = solve_replica(BASELINE, Initialization(1e-3, 0.2e-3, 0.1), alpha, **options)
    for row, step in zip(found.mse_gradient, h * np.eye(4), strict=True):
        differences = (error(point + step) - error(point - step)) / (2 * h)
        assert row == pytest.approx(differences, rel=2e-6, abs=1e-9)


@pytest.mark.parametrize("ridge", [0.0, 0.2])
@pytest.mark.parametrize("noise", [0.0, 0.1])
@pytest.mark.parametrize("init", [Initialization(1e-3, 0.2e-3, 0.1), Initialization(1.0, -1.0)])
def test_slope_in_the_noise_is_what_differences_say(init, noise, ridge):
    alpha, h = np.array([0.05, 0.3, 0.49, 0.51, 0.95, 1.0, 1.5]), 3e-8

    def error(variance):
        return solve_replica(BASELINE, init, alpha, noise_variance=variance, ridge=ridge).mse

    found = solve_replica(BASELINE, init, alpha, noise_variance=noise, ridge=ridge)
    with np.errstate(invalid="ignore"):  # infinite at α = 1
        differences = (-3 * error(noise) + 4 * error(noise + h) - error(noise + 2 * h)) / (2 * h)
    unknown = np.isnan(found.mse_noise_slope)
    # A pole at α = 1, and exact recovery without noise at λ = −c.
    exact = (found.mse == 0.0) & (alpha < 1.0)
    assert list(unknown) == list(exact | ((alpha == 1.0) & (ridge == 0.0)))
    assert found.mse_noise_slope[~unknown] == pytest.approx(
        differences[~unknown], rel=2e-5, abs=1e-8
    )


def test_large_scales_give_the_minimum_norm_error():
    alpha = np.array([0.05, 0.5, 0.9])
    curve = solve_replica(BASELINE, Initialization(1e6, 0.0, 1e3), alpha)
    assert curve.mse == pytest.approx(1 - alpha, rel=1e-4)
    noisy = solve_replica(BASELINE, Initialization(1e6, 0.0, 1e3), alpha, noise_variance=0.7)
    assert noisy.mse == pytest.approx(1 - alpha + 0.7 * alpha**2 / (1 - alpha), rel=1e-3)


def test_single_task_error_does_not_depend_on_lambda_and_gamma():
    task = TaskDistribution.single_task(0.1)
    first = solve_replica(task, Initialization(1e-3, 1e-3, 0.0), [0.1, 0.3])
    second = solve_replica(task, Initialization(1e-3, -0.5e-3, 7.0), [0.1, 0.3])
    assert (first.mse == second.mse).all()
    assert (first.mse_gradient[1:3] == 0.0).all()


def test_at_least_as_many_data_as_coordinates():
    exact_recovery = solve_replica(BASELINE, RICH, [1.0, 1.5, 1000.0])
    assert (exact_recovery.mse == 0.0).all()
    noisy = solve_replica(BASELINE, RICH, [1.0, 2.0, 5.0], noise_variance=0.3)
    assert noisy.mse == pytest.approx([np.inf, 0.6, 0.375])
    assert noisy.mse_gradient[3, 1:] == pytest.approx([-0.3, -0.3 / 16])
    close = solve_replica(BASELINE, RICH, 1 - 1e-9, noise_variance=0.3)
    assert close.mse[0] == pytest.approx(0.3e9, rel=1e-3)


def test_small_ridge_tends_to_interpolation_and_to_least_squares():
    alpha = [0.3, 2.0]
    without = solve_replica(BASELINE, RICH, alpha, noise_variance=0.1)
    ridged = solve_replica(BASELINE, RICH, alpha, noise_variance=0.1, ridge=1e-9)
    assert ridged.mse == pytest.approx(without.mse, rel=1e-6)


def test_saddle_is_the_l1_limit():
    alpha = np.array([0.05, 0.2])
    limit = solve_replica(BASELINE, Initialization(1.0, -1.0), alpha)
    # Without a trace of pretraining every c_FT is 2c.
    plain = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab="gaussian", pt_amplitude=0.0)
    near = solve_replica(plain, Initialization(1e-250, 0.0), alpha)
    assert limit.threshold is not None
    assert (limit.tau == 0.0).all()
    assert near.converged.all()
    # Corrections fall like 1/log(1/c).
    assert near.mse == pytest.approx(limit.mse, rel=0.03)
    recovered = solve_replica(BASELINE, Initialization(1.0, -1.0), [0.33, 0.9])
    assert (recovered.mse == 0.0).all()
    held = solve_replica(BASELINE, Initialization(1.0, -1.0), 0.5, ridge=0.1)
    assert held.mse[0] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("rho", "threshold"),
    [(0.01, 0.0612440), (0.04, 0.1737844), (0.1, 0.3287935), (0.9, 0.9936202)],
)
def test_recovery_begins_at_the_donoho_tanner_threshold(rho, threshold):
    for slab in ("sign", "gaussian"):
        task = TaskDistribution.pretrain_finetune(0.05, rho, 0.0, slab=slab)
        init = Initialization(1.0, -1.0)
        found = brentq(
            lambda alpha, task=task, init=init: solve_replica(task, init, alpha).mse[0] - 1e-300,
            threshold - 0.05 * (1 - threshold),
            threshold + 0.05 * (1 - threshold),
            xtol=1e-9,
        )
        assert found == pytest.approx(threshold, abs=1e-7)


def test_metamorphoses():
    """Splitting a group, and scaling all of (β*, c_FT, σ), change nothing but units."""
    alpha = [0.1, 0.4]
    halves = tuple(
        dataclasses.replace(group, probability=group.probability / 2)
        for group in BASELINE.groups
        for _ in range(2)
    )
    whole = solve_replica(BASELINE, RICH, alpha, noise_variance=0.1)
    split = solve_replica(TaskDistribution(halves), RICH, alpha, noise_variance=0.1)
    assert split.mse == pytest.approx(whole.mse, rel=1e-13, abs=0)
    s = 8.0
    scaled = solve_replica(
        TaskDistribution.pretrain_finetune(
            0.1, 0.1, 0.5, slab="gaussian", pt_amplitude=s, ft_amplitude=s / np.sqrt(0.1)
        ),
        Initialization(s * 1e-3, 0.0),
        alpha,
        noise_variance=0.1 * s**2,
    )
    assert scaled.mse == pytest.approx(s**2 * whole.mse, rel=1e-13, abs=0)
    assert scaled.tau == pytest.approx(s * whole.tau, rel=1e-13, abs=0)


def test_grids_of_any_order_and_length_agree():
    alpha = np.linspace(0.01, 0.99, 99)
    order = np.random.default_rng(1).permutation(99)
    curve, shuffled = (solve_replica(BASELINE, RICH, a) for a in (alpha, alpha[order]))
    assert shuffled.mse == pytest.approx(curve.mse[order], rel=1e-12, abs=0)
    for index in (0, 40, 98):
        assert solve_replica(BASELINE, RICH, alpha[index]).mse[0] == pytest.approx(
            curve.mse[index], rel=1e-12
        )


@settings(max_examples=25, deadline=None)
@given(st.floats(-700, 700), st.floats(-700, 700))
def test_any_start_arrives(log_tau, log_theta_squared):
    curve = solve_replica(BASELINE, RICH, [0.3], start=[[log_tau], [log_theta_squared]])
    assert curve.mse[0] == pytest.approx(
        solve_replica(BASELINE, RICH, 0.3).mse[0], rel=1e-12, abs=0
    )


def test_brackets_find_what_newton_finds(monkeypatch):
    direct = solve_replica(BASELINE, RICH, [0.1, 0.5, 0.9])
    asked = []

    def bracketed(problem):
        asked.extend(problem.alpha)
        return bracketed_root(problem)

    monkeypatch.setattr("numerics.replica.newton._COARSE_STEPS", 0)
    monkeypatch.setattr("numerics.replica.newton.bracketed_root", bracketed)
    assert solve_replica(BASELINE, RICH, [0.1, 0.5, 0.9]).mse == pytest.approx(
        direct.mse, rel=1e-12
    )
    assert asked == [0.1, 0.5, 0.9]


@pytest.mark.parametrize("alpha", [0.02, 0.3, 0.9])
def test_starts_far_in_tau_are_not_taken_for_solutions(alpha):
    """Steps cut short by a bound are no sign of arrival."""
    for log_tau in (-40.0, 40.0, 62.0, 100.0, 400.0):
        curve = solve_replica(BASELINE, RICH, alpha, start=[[log_tau], [0.0]])
        assert curve.mse == pytest.approx(
            solve_replica(BASELINE, RICH, alpha).mse, rel=1e-12, abs=0
        )


def test_long_grids_start_from_cubics_that_leave_three_evaluations():
    """The start changes the number of evaluations only; a single point takes twice as many."""
    curve = solve_replica(BASELINE, RICH, np.linspace(0.01, 0.5, 80))
    assert (curve.iterations <= 3).all()
    assert solve_replica(BASELINE, RICH, 0.3).iterations[0] >= 5


def test_long_grids_with_repeats_and_few_values():
    alpha = np.repeat([0.1, 0.3], 20)
    curve = solve_replica(BASELINE, RICH, alpha)
    assert curve.mse == pytest.approx(
        np.repeat(solve_replica(BASELINE, RICH, [0.1, 0.3]).mse, 20), rel=1e-12
    )
    assert (solve_replica(BASELINE, RICH, np.full(40, 0.2)).iterations < 20).all()


def test_one_solution():
    assert (count_fixed_points(BASELINE, RICH, [0.05, 0.3, 0.9]) == 1).all()
    lazy = Initialization(1e-6, 0.0)
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.0)
    assert (count_fixed_points(task, lazy, [0.08, 0.1], points=400) == 1).all()
    assert (count_fixed_points(task, lazy, [0.5, 3.0], noise_variance=1.0, ridge=0.1) == 1).all()


def test_unreached_solutions_say_so(monkeypatch):
    def stopped(problem, **options):
        found = solve_fixed_points(problem, **options)
        return dataclasses.replace(found, converged=np.zeros(problem.alpha.size, dtype=bool))

    monkeypatch.setattr("numerics.replica.solve.solve_fixed_points", stopped)
    curve = solve_replica(BASELINE, RICH, 0.3, throw=False)
    assert not curve.converged.any()
    assert np.isnan(curve.mse).all()
    assert np.isinf(curve.relative_error).all()
    # α = 2 has a closed form.
    with pytest.raises(ConvergenceError, match="throw=False") as caught:
        solve_replica(BASELINE, RICH, [0.125, 0.25, 2.0])
    assert "at 2 of 3 data scales, alpha=0.125, 0.25 (" in str(caught.value)
    np.testing.assert_array_equal(caught.value.curve.converged, [False, False, True])
    assert caught.value.curve.mse[2] == 0.0


@st.composite
def problems(draw):
    def size(low, high):
        return 10 ** draw(st.floats(low, high))

    rho_pt, rho_ft = size(-4, 0), size(-4, 0)
    low, high = max(0.0, 1 - (1 - rho_pt) / rho_ft), min(1.0, rho_pt / rho_ft)
    slab = draw(st.sampled_from(["sign", "gaussian"]))
    try:
        if draw(st.booleans()) and draw(st.booleans()):
            task = TaskDistribution.single_task(rho_ft, slab=slab)
        else:
            position = draw(st.sampled_from([0.0, 0.3, 1.0]))
            task = TaskDistribution.pretrain_finetune(
                rho_pt, rho_ft, low + position * (high - low), slab=slab
            )
    except ValueError:
        assume(False)
    c = size(-12, 6)
    ratio = draw(
        st.one_of(
            st.sampled_from([-1.0, 0.0, 1.0]),
            st.floats(-1, 1),
            st.floats(-15, 0).map(lambda e: -1 + 10**e),
        )
    )
    gamma = draw(st.one_of(st.just(0.0), st.floats(-6, 3).map(lambda e: 10**e)))
    others = st.one_of(st.just(0.0), st.floats(-9, 3).map(lambda e: 10**e))
    near_one = st.floats(-12, -1).map(lambda e: 1 - 10**e)
    alpha = draw(
        st.lists(
            st.one_of(st.floats(-3, 3).map(lambda e: 10**e), st.floats(0.001, 1), near_one),
            min_size=1,
            max_size=4,
        )
    )
    alpha = np.clip(alpha, 1e-3, 1e3)
    return task, Initialization(c, ratio * c, gamma), alpha, draw(others), draw(others)


# At depth: EXAMPLES=10000 nox -s tests -- tests/numerics/replica/test_solve.py -k whole_domain
@settings(max_examples=int(os.environ.get("EXAMPLES", "400")), deadline=None)
@given(problems())
def test_whole_domain(problem):
    task, init, alpha, noise, ridge = problem
    curve = solve_replica(task, init, alpha, noise_variance=noise, ridge=ridge)
    assert curve.converged.all()
    assert not np.isnan(curve.mse).any()
    assert (curve.mse >= 0.0).all()
    for name in ("penalty", "training_error", "cross_moment", "second_moment", "group_penalty"):
        assert (getattr(curve, name) >= 0.0).all(), name
    assert (curve.objective >= curve.penalty).all()
    assert (curve.cross_moment**2 <= 1.001 * task.second_moment * curve.second_moment).all()
    resolved = (curve.mse > 0.0) & np.isfinite(curve.mse)
    # Within a few units in the last place of 1, α itself is known to no digit of 1 − α, on which
    # the error of a noisy task depends: the solver says that it resolves less there.
    resolvable = np.where(np.abs(1.0 - alpha) < 1e-12, 1e-6, 1e-9)
    assert (curve.relative_error < resolvable)[resolved].all()
    finite = np.isfinite(curve.mse)
    claimed = noise + curve.mse / curve.alpha
    assert curve.theta[finite] ** 2 == pytest.approx(claimed[finite], rel=1e-8)
    assert (curve.stability_margin[finite] > -1e-9).all()


@settings(max_examples=int(os.environ.get("EXAMPLES", "400")) // 10, deadline=None)
@given(problems(), st.integers(32, 90), st.sampled_from(["linear", "logarithmic", "near 1"]))
def test_long_grids_are_solved_like_single_points(problem, count, spacing):
    """Long grids start from interpolated solutions of a few of their points."""
    task, init, _, noise, ridge = problem
    alpha = {
        "linear": np.linspace(0.001, 0.999, count),
        "logarithmic": np.geomspace(1e-3, 1e3, count),
        "near 1": 1.0 - np.geomspace(1e-9, 0.9, count),
    }[spacing]
    curve = solve_replica(task, init, alpha, noise_variance=noise, ridge=ridge)
    for index in (1, count // 2, count - 2):
        single = solve_replica(task, init, alpha[index], noise_variance=noise, ridge=ridge)
        doubt = max(1e-13, 8.0 * single.relative_error[0])
        assert curve.mse[index] == pytest.approx(single.mse[0], rel=doubt)


@pytest.mark.parametrize(
    ("alpha", "options", "named"),
    [
        (0.0, {}, r"alpha must lie in \[0.001, 1000\], got alpha=0.0"),
        ([0.1, 2000.0], {}, "got alpha=2000.0"),
        (float("nan"), {}, "alpha"),
        ([], {}, "alpha must be a number or have shape"),
        ([[0.1]], {}, "alpha must be a number or have shape"),
        (0.1, {"noise_variance": -1.0}, "noise_variance must lie in"),
        (0.1, {"noise_variance": float("nan")}, "noise_variance"),
        (0.1, {"ridge": 1e4}, "ridge must lie in"),
        (0.1, {"start": [0.0, 1.0]}, r"start must have shape \(2, 1\)"),
        (0.1, {"start": [[0.0], [float("inf")]]}, "start"),
    ],
)
def test_bad_input(alpha, options, named):
    with pytest.raises(ValueError, match=named):
        solve_replica(BASELINE, RICH, alpha, **options)


def test_bad_counts():
    with pytest.raises(ValueError, match="require c_FT > 0"):
        count_fixed_points(BASELINE, Initialization(1.0, -1.0), 0.3)
    with pytest.raises(ValueError, match="alpha must be < 1 without ridge"):
        count_fixed_points(BASELINE, RICH, 1.5)
    for points in (1, 2.5, True):
        with pytest.raises(
            ValueError, match=f"points must be an integer >= 2, got points={points}"
        ):
            count_fixed_points(BASELINE, RICH, 0.5, points=points)
    for decades in (-1.0, 0.0, 1e-300, 1e3):
        with pytest.raises(ValueError, match=r"decades must lie in \[0.1, 100\]"):
            count_fixed_points(BASELINE, RICH, 0.5, decades=decades)
    with pytest.raises(ValueError, match="task must be a TaskDistribution"):
        solve_replica("baseline", RICH, 0.3)
    with pytest.raises(ValueError, match="init must be an Initialization"):
        solve_replica(BASELINE, 1e-3, 0.3)


@pytest.mark.parametrize(
    "init",
    [
        Initialization(1e-300, 0.0),
        Initialization(1e300, 1e300),
        Initialization(1e-3, -1e-3, 1e-150),
        Initialization(1e-3, -1e-3, 1e154),
    ],
)
@pytest.mark.parametrize("options", [{}, {"ridge": 1e-3}, {"noise_variance": 1.0}])
def test_what_scales_leave_the_range_of_float64_for_is_not_converged(init, options):
    for slab in ("sign", "gaussian"):
        task = TaskDistribution.single_task(0.1, slab=slab, amplitude=1.0)
        task = dataclasses.replace(task, pretrained=True)
        curve = solve_replica(task, init, [0.05, 0.99, 1 - 1e-12], throw=False, **options)
        assert np.isnan(curve.mse[~curve.converged]).all()
        assert (curve.mse[curve.converged] >= 0.0).all()
        if curve.converged.all():
            continue
        with pytest.raises(ConvergenceError, match="did not converge"):
            solve_replica(task, init, [0.05, 0.99, 1 - 1e-12], **options)


@pytest.mark.parametrize("c", [1e-139, 1e138])
@pytest.mark.parametrize("size", [1e-100, 1.0, 1e100])
@pytest.mark.parametrize("options", [{}, {"noise_variance": 0.1}, {"ridge": 0.2}])
def test_scales_far_beyond_those_of_the_data_are_solved(c, size, options):
    unit = math.hypot(size, math.sqrt(options.get("noise_variance", 0.0)))
    for slab in ("sign", "gaussian"):
        task = TaskDistribution.single_task(0.2, slab=slab, amplitude=size)
        init = Initialization(c * unit, 0.0)
        curve = solve_replica(task, init, [0.05, 0.99, 1 - 1e-12], **options)
        assert curve.converged.all()
        assert np.isfinite(curve.mse).all()
        assert (curve.penalty >= 0.0).all()
        assert np.isfinite(curve.objective).all()
        # Beyond 1e50 times the noise, squares of β̂ need a unit of their own.
        bound = task.second_moment + curve.theta**2
        assert (curve.second_moment <= 1.001 * bound).all()
        recovered = curve.mse < 1e-3 * task.second_moment
        assert curve.second_moment[recovered] == pytest.approx(
            np.full(recovered.sum(), task.second_moment), rel=0.1, abs=0.0
        )


@pytest.mark.parametrize("init", [RICH, Initialization(1.0, -1.0)])
@pytest.mark.parametrize("alpha", [0.3, 2.0])
def test_nothing_to_learn_is_refused(init, alpha):
    """θ = 0 has no logarithm: said before one is taken."""
    task = TaskDistribution((CoordinateGroup("all", 1.0, 1.0, "zero"),))
    with pytest.raises(ValueError, match=r"a group with beta\* != 0 or noise_variance > 0"):
        solve_replica(task, init, alpha)
    assert solve_replica(task, init, alpha, noise_variance=0.1).mse[0] > 0.0


def test_point_masses_and_unequal_amplitudes():
    task = TaskDistribution(
        (
            CoordinateGroup("small", 0.3, 2.0, "sign", 1e-3),
            CoordinateGroup("large", 0.2, 0.0, "gaussian", 50.0),
            CoordinateGroup("zero", 0.5, 1.0, "zero"),
        )
    )
    init = Initialization(0.1, 0.05, 0.2)
    ours, truth = solve_replica(task, init, 0.4), exact(task, init, 0.4)
    assert ours.mse[0] == pytest.approx(float(truth.mse), rel=2e-14, abs=0)
