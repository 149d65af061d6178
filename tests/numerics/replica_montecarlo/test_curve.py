"""The Monte-Carlo baseline: its fixed points, the worth of its error bars, bad input."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from numerics.initialization import Initialization
from numerics.replica_montecarlo.channel import (
    ScalarGroup,
    task_groups,
)
from numerics.replica_montecarlo.curve import (
    convert_loss_convention,
    solve_replica_montecarlo,
    solve_task_montecarlo,
)
from numerics.tasks import TaskDistribution
from tests.numerics.replica_montecarlo.cases import (
    ACTIVE,
    BASELINE,
    EXACT,
    INACTIVE,
    QUICK,
    SLAB,
    second_moment,
)


@pytest.mark.parametrize("alpha", list(EXACT))
def test_solution_lies_within_its_propagated_error(alpha):
    curve = solve_replica_montecarlo(BASELINE, alpha, samples=20_000, damping=1.0)
    assert curve.converged.all()
    deviation = abs(curve.mse[0] - EXACT[alpha])
    assert deviation < 3.5 * curve.propagated_standard_error[0]
    assert curve.propagated_standard_error[0] < 0.3 * EXACT[alpha]


@pytest.mark.parametrize("alpha", list(EXACT))
def test_damping_does_not_move_the_fixed_point(alpha):
    paper = solve_replica_montecarlo(BASELINE, alpha, samples=500, tolerance=1e-8)
    undamped = solve_replica_montecarlo(BASELINE, alpha, samples=500, tolerance=1e-8, damping=1.0)
    assert paper.converged.all()
    assert undamped.converged.all()
    # p is off by at most tolerance × alpha × (row of (I - G)^(-1)), some 10.
    assert paper.mse[0] == pytest.approx(undamped.mse[0], abs=1e-7)
    assert undamped.iterations[0] < paper.iterations[0]


@pytest.mark.parametrize("alpha", [0.1, 0.5, 0.9])
def test_lazy_limit_is_the_minimum_norm_solution(alpha):
    groups = [ScalarGroup(0.3, 1e5, "sign", 2.0), ScalarGroup(0.7, 1e5, "zero")]
    curve = solve_replica_montecarlo(
        groups, alpha, samples=20_000, damping=1.0, ridge=0.0, max_iterations=2000
    )
    assert curve.converged.all()
    # (1 - alpha) E[beta*²], with curvature corrections of order (theta/c)² = 1e-9.
    expected = (1.0 - alpha) * second_moment(groups)
    assert abs(curve.mse[0] - expected) < 4 * curve.propagated_standard_error[0]
    assert curve.propagated_standard_error[0] < 0.12 * expected


def test_more_data_than_dimensions_recovers_the_teacher():
    curve = solve_replica_montecarlo(BASELINE, [1.5, 3.0], **QUICK)
    assert curve.converged.all()
    assert np.all(curve.mse < 1e-5)


def test_returned_state_solves_both_equations():
    alpha, noise, ridge = np.array([0.2, 0.45, 0.8]), 0.05, 0.01
    curve = solve_replica_montecarlo(
        BASELINE, alpha, noise_variance=noise, ridge=ridge, tolerance=1e-9, **QUICK
    )
    assert curve.converged.all()
    np.testing.assert_allclose(curve.theta**2, noise + curve.mse / alpha, atol=1e-9)
    for index, load in enumerate(alpha):
        one = solve_replica_montecarlo(
            BASELINE, load, noise_variance=noise, ridge=ridge, tolerance=1e-9, **QUICK
        )
        # Draws depend on (seed, alpha) alone, so a grid may be cut into chunks.
        np.testing.assert_allclose(one.mse[0], curve.mse[index], rtol=1e-6)
        np.testing.assert_allclose(one.tau[0], curve.tau[index], rtol=1e-6)


def test_order_of_the_grid_does_not_matter():
    alpha = np.array([0.5, 0.2, 0.35])
    shuffled = solve_replica_montecarlo(BASELINE, alpha, **QUICK)
    sorted_curve = solve_replica_montecarlo(BASELINE, np.sort(alpha), **QUICK)
    np.testing.assert_array_equal(shuffled.alpha, alpha)
    np.testing.assert_array_equal(shuffled.mse, sorted_curve.mse[[2, 0, 1]])
    np.testing.assert_array_equal(shuffled.residual, sorted_curve.residual[[2, 0, 1]])


def test_splitting_a_group_changes_nothing():
    split = (
        ScalarGroup(0.02, ACTIVE, "gaussian", SLAB),
        ScalarGroup(0.03, ACTIVE, "gaussian", SLAB),
        *BASELINE[1:],
        ScalarGroup(0.0, 7.0, "sign", 1.0),
    )
    whole = solve_replica_montecarlo(BASELINE, 0.3, **QUICK)
    parts = solve_replica_montecarlo(split, 0.3, **QUICK)
    np.testing.assert_allclose(parts.mse, whole.mse, rtol=1e-12)


def test_units_of_the_coordinates_do_not_matter():
    # (beta*, c, theta, tau) → 4·(beta*, c, theta, tau): p → 16 p.
    scaled = [
        replace(group, scale=4 * group.scale, amplitude=4 * group.amplitude) for group in BASELINE
    ]
    unit = solve_replica_montecarlo(BASELINE, 0.3, ridge=0.0, tolerance=1e-9, **QUICK)
    four = solve_replica_montecarlo(scaled, 0.3, ridge=0.0, tolerance=1e-9, **QUICK)
    np.testing.assert_allclose(four.mse, 16 * unit.mse, rtol=1e-6)
    np.testing.assert_allclose(four.tau, 4 * unit.tau, rtol=1e-6)


def test_task_and_initialisation_give_the_groups_written_by_hand():
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab="gaussian")
    init = Initialization(1e-3, 0.0)
    for found, expected in zip(task_groups(task, init), BASELINE, strict=True):
        assert found.slab == expected.slab
        assert found.probability == pytest.approx(expected.probability, rel=1e-12, abs=0)
        assert found.amplitude == pytest.approx(expected.amplitude, rel=1e-12, abs=0)
    # The order of the groups is the task's: overlap, new, pt-only, none.
    scales = [group.scale for group in task_groups(task, init)]
    np.testing.assert_allclose(scales, [ACTIVE, INACTIVE, ACTIVE, INACTIVE], rtol=1e-12)
    by_task = solve_task_montecarlo(task, init, [0.2, 0.3], **QUICK)
    by_hand = solve_replica_montecarlo(BASELINE, [0.2, 0.3], **QUICK)
    np.testing.assert_allclose(by_task.mse, by_hand.mse, rtol=1e-9)


def test_single_task_has_the_scale_c_whatever_lambda():
    task = TaskDistribution.single_task(0.1)
    groups = task_groups(task, Initialization(0.25, -0.25))
    assert {group.scale for group in groups} == {0.25}
    assert [group.slab for group in groups] == ["sign", "zero"]


def test_saddle_has_no_primal_denoiser():
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5)
    with pytest.raises(ValueError, match=r"penalty scale must be positive.*scale=0\.0"):
        solve_task_montecarlo(task, Initialization(1e-3, -1e-3), 0.3, samples=100)


def test_noise_conventions_map_by_the_data_scale():
    alpha = 0.3
    ours = solve_replica_montecarlo(
        BASELINE, alpha, noise_variance=0.2, ridge=0.02, tolerance=1e-9, **QUICK
    )
    printed = solve_replica_montecarlo(
        BASELINE,
        alpha,
        noise_variance=0.2 * alpha,
        ridge=0.02 * alpha,
        noise_convention="1/d",
        tolerance=1e-9,
        **QUICK,
    )
    np.testing.assert_allclose(printed.mse, ours.mse, rtol=1e-9)
    np.testing.assert_allclose(printed.theta**2, (0.2 * alpha + printed.mse) / alpha, atol=1e-8)
    confused = solve_replica_montecarlo(
        BASELINE, alpha, noise_variance=0.2, noise_convention="1/d", **QUICK
    )
    assert confused.mse[0] > 1.1 * ours.mse[0]


def test_conversion_goes_both_ways():
    alpha = np.array([0.1, 2.0])
    there = convert_loss_convention(0.6, alpha, source="1/d", target="1/n")
    np.testing.assert_allclose(there, [6.0, 0.3])
    back = convert_loss_convention(there, alpha, source="1/n", target="1/d")
    np.testing.assert_allclose(back, 0.6)
    same = convert_loss_convention(0.6, alpha, source="1/n", target="1/n")
    np.testing.assert_array_equal(same, [0.6, 0.6])


@pytest.mark.parametrize("alpha", list(EXACT))
def test_amplification_is_the_response_to_a_shifted_moment(alpha):
    # An error delta in p's estimate adds delta/alpha to theta²'s equation, as label noise does;
    # an error delta in m's estimate adds tau delta/alpha to tau's equation, as a ridge does.
    def solve(noise, ridge):
        curve = solve_replica_montecarlo(
            BASELINE, alpha, noise_variance=noise, ridge=ridge, tolerance=1e-11, **QUICK
        )
        assert curve.converged.all()
        return alpha * curve.theta[0] ** 2, curve

    step = 1e-5
    (p, centre), (noisy, _), (ridged, _) = solve(0.0, 0.0), solve(step, 0.0), solve(0.0, step)
    response = [(noisy - p) / (alpha * step), (ridged - p) / (alpha * step) * centre.tau[0]]
    np.testing.assert_allclose(centre.amplification[0], response, rtol=5e-3)
    # What the batch-means error takes for granted, dp = delta, is far off.
    assert centre.amplification[0, 0] > 2.0


@pytest.mark.parametrize(
    ("alpha", "samples", "least_excess"), [(0.17126582, 1500, 2.0), (0.3635443, 2500, 4.0)]
)
def test_spread_over_seeds_is_the_propagated_error(alpha, samples, least_excess):
    seeds = 100
    curves = [
        solve_replica_montecarlo(
            BASELINE, alpha, samples=samples, seed=seed, damping=1.0, tolerance=1e-4
        )
        for seed in range(seeds)
    ]
    assert all(curve.converged.all() for curve in curves)
    mse = np.array([curve.mse[0] for curve in curves])
    spread = np.std(mse, ddof=1)
    propagated = np.sqrt(np.mean([c.propagated_standard_error[0] ** 2 for c in curves]))
    published = np.sqrt(np.mean([c.standard_error[0] ** 2 for c in curves]))
    # chi(99)/sqrt(99) lies within 0.78 .. 1.24 at 99.9 %; the rest allows for the response
    # being linear only to first order in S^(-1/2). The tolerance moves p by 1 % of its spread.
    assert 0.70 < spread / propagated < 1.30
    # The error bars of Appendix E.2.4 fail the same test.
    assert spread / published > least_excess
    assert abs(mse.mean() - EXACT[alpha]) < 4 * spread / np.sqrt(seeds)


def test_propagated_error_falls_as_the_root_of_the_samples():
    few, many = (
        solve_replica_montecarlo(BASELINE, 0.17126582, samples=samples, damping=1.0)
        for samples in (4000, 64_000)
    )
    ratio = few.propagated_standard_error[0] / many.propagated_standard_error[0]
    assert 3.0 < ratio < 5.3


def test_fresh_draws_never_settle_and_common_draws_are_shared():
    fresh = solve_replica_montecarlo(
        BASELINE, 0.3, samples=1000, sampling="fresh", max_iterations=60
    )
    assert not fresh.converged[0]
    assert fresh.residual[0] > 1e-4
    pair = [0.3, 0.3 * (1 + 1e-12)]
    common = solve_replica_montecarlo(BASELINE, pair, sampling="common", **QUICK)
    separate = solve_replica_montecarlo(BASELINE, pair, sampling="per-point", **QUICK)
    assert abs(np.diff(common.mse)[0]) < 1e-5
    assert abs(np.diff(separate.mse)[0]) > 1e-3


def test_estimates_of_the_iteration_before_save_time_and_change_nothing():
    warm, cold = (
        solve_replica_montecarlo(BASELINE, [0.2, 0.4], reuse_estimates=reuse, **QUICK)
        for reuse in (True, False)
    )
    np.testing.assert_allclose(cold.mse, warm.mse, rtol=1e-12)
    np.testing.assert_array_equal(cold.iterations, warm.iterations)


# --- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ((1.2, 1.0, "sign", 1.0), "probability must lie in"),
        ((-0.1, 1.0, "sign", 1.0), "probability=-0.1"),
        ((float("nan"), 1.0, "sign", 1.0), "group probability must be finite"),
        ((0.5, 0.0, "sign", 1.0), "penalty scale must be positive.*scale=0.0"),
        ((0.5, -1.0, "sign", 1.0), "penalty scale must be positive"),
        ((0.5, float("inf"), "sign", 1.0), "group scale must be finite"),
        ((0.5, 1.0, "laplace", 1.0), "slab must be zero, sign or gaussian"),
        ((0.5, 1.0, "sign", -1.0), "amplitude must lie in"),
    ],
)
def test_bad_groups_are_named(fields, message):
    with pytest.raises(ValueError, match=message):
        ScalarGroup(*fields)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"alpha": 0.0}, "data scale must lie in.*alpha=0.0"),
        ({"alpha": [0.1, -0.2]}, "alpha=-0.2 at index"),
        ({"alpha": float("nan")}, "alpha must be finite"),
        ({"alpha": []}, "non-empty|real numbers"),
        ({"alpha": [[0.1]]}, "got shape"),
        ({"samples": 4}, "samples must be an integer >= 5"),
        ({"samples": 1e4}, "samples must be an integer"),
        ({"seed": -1}, "seed must be an integer >= 0"),
        ({"seed": True}, "seed must be an integer"),
        ({"damping": 0.0}, "damping must lie in"),
        ({"damping": 1.5}, "damping=1.5"),
        ({"damping": float("nan")}, "damping must be finite"),
        ({"tolerance": 0.0}, "tolerance must be positive"),
        ({"max_iterations": 0}, "max_iterations must be an integer >= 1"),
        ({"ridge": -1e-6}, "ridge must lie in"),
        ({"noise_variance": -1.0}, "noise_variance must lie in"),
        ({"noise_variance": float("inf")}, "noise_variance must be finite"),
        ({"noise_convention": "n"}, "convention must be 1/n or 1/d"),
        ({"floor": 0.0}, "floor must lie in"),
        ({"sampling": "stratified"}, "sampling must be"),
        ({"reliability_threshold": 0.0}, "reliability threshold must be positive"),
        ({"groups": BASELINE[:3]}, "probabilities must sum to 1"),
        ({"groups": ()}, "probabilities must sum to 1, got sum=0"),
        ({"groups": ("overlap",)}, "ScalarGroup records, got 'overlap'"),
    ],
)
def test_bad_arguments_are_named(changes, message):
    arguments = {"groups": BASELINE, "alpha": 0.3, "samples": 10} | changes
    with pytest.raises(ValueError, match=message):
        solve_replica_montecarlo(**arguments)


def test_conversion_refuses_bad_input():
    with pytest.raises(ValueError, match="alpha > 0"):
        convert_loss_convention(1.0, 0.0, source="1/n", target="1/d")
    with pytest.raises(ValueError, match="convention must be"):
        convert_loss_convention(1.0, 1.0, source="1/n", target="1/p")
