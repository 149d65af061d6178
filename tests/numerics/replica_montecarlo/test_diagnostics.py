"""What the Monte-Carlo baseline says about its own solutions (Appendix E.2.4)."""

from itertools import pairwise

import numpy as np
import pytest

from numerics.replica_montecarlo import MonteCarloReplicaCurve, solve_replica_montecarlo
from numerics.replica_montecarlo import curve as montecarlo
from numerics.replica_montecarlo.channel import ScalarGroup
from numerics.replica_montecarlo.fixed_point import PointSettings, SampledFixedPoint
from tests.numerics.replica_montecarlo.cases import BASELINE, QUICK


def test_diagnostics_follow_their_definitions():
    curve = solve_replica_montecarlo(BASELINE, [0.3, 0.45], samples=20_000, damping=1.0)
    mismatch = np.abs(10 * np.log10(curve.forward_mse / curve.backward_mse))
    np.testing.assert_allclose(curve.branch_mismatch_db, mismatch, rtol=1e-6, atol=1e-12)
    np.testing.assert_array_equal(curve.mse, np.minimum(curve.forward_mse, curve.backward_mse))
    decibel = 10 / np.log(10) * curve.standard_error / curve.mse
    np.testing.assert_allclose(curve.standard_error_db, decibel)
    score = np.maximum(np.maximum(mismatch, 3 * decibel), np.log10(1 + curve.residual / 1e-6))
    np.testing.assert_allclose(curve.reliability, score, rtol=1e-6)
    assert curve.reliable.all()
    strict = solve_replica_montecarlo(
        BASELINE, [0.3, 0.45], samples=20_000, damping=1.0, reliability_threshold=1e-3
    )
    assert not strict.reliable.any()
    assert strict.converged.all()


def branch(**changes):
    values = {
        "theta2": 1.0,
        "tau": 1.0,
        "mse": 0.1,
        "residual": 5e-7,
        "iterations": 9,
        "converged": True,
        "floored": False,
        "standard_error": 1e-4,
        "amplification": (1.0, 0.0),
        "propagated_standard_error": 1e-3,
    }
    return SampledFixedPoint(**(values | changes))


def select(forward, backward):
    settings = PointSettings(1000, 0, 0.25, 1e-6, 900, 1e-12, "common", True)
    return montecarlo._curve(np.array([0.3]), [forward], [backward], settings, 1.0)


def test_two_converged_branches_give_the_smaller_error_and_a_warning_sign():
    curve = select(branch(mse=0.2), branch(mse=0.1, tau=3.0))
    assert (curve.mse[0], curve.tau[0]) == (0.1, 3.0)
    assert curve.branch_mismatch_db[0] == pytest.approx(10 * np.log10(2.0))
    assert curve.converged[0]
    assert not curve.reliable[0]


def test_a_branch_that_has_not_converged_is_not_preferred():
    curve = select(branch(mse=0.2), branch(mse=0.1, converged=False, residual=1e-2))
    assert curve.mse[0] == 0.2
    assert curve.converged[0]
    neither = select(
        branch(mse=0.1, converged=False, residual=1e-2),
        branch(mse=0.1, converged=False, residual=1e-2),
    )
    assert not neither.converged[0]
    assert not neither.reliable[0]
    assert neither.reliability[0] == pytest.approx(4.0, abs=1e-3)


def test_decibels_stop_at_the_floor():
    curve = select(branch(mse=0.0, standard_error=1e-13), branch(mse=1e-15))
    assert curve.branch_mismatch_db[0] == 0.0
    assert curve.standard_error_db[0] == pytest.approx(10 / np.log(10) * 0.1)


def test_too_few_iterations_are_reported():
    curve = solve_replica_montecarlo(BASELINE, [0.2, 0.3], samples=2000, max_iterations=3)
    assert not curve.converged.any()
    assert not curve.reliable.any()
    np.testing.assert_array_equal(curve.iterations, 3)
    assert np.all(curve.residual > 1e-6)
    assert np.isnan(curve.propagated_standard_error).all()
    assert np.isnan(curve.amplification).all()


def test_a_runaway_state_stops_and_is_reported():
    curve = solve_replica_montecarlo([ScalarGroup(1.0, 1e99, "sign", 1.0)], 1e-3, samples=100)
    assert not curve.converged[0]
    assert curve.iterations[0] < 900


def test_no_signal_rests_on_the_floor():
    curve = solve_replica_montecarlo([ScalarGroup(1.0, 1.0, "zero")], 0.5, samples=1000)
    assert curve.converged[0]
    assert curve.mse[0] < 1e-6
    assert curve.floored[0]
    assert not solve_replica_montecarlo(BASELINE, 0.5, **QUICK).floored[0]


def test_same_seed_same_numbers():
    first, again, other = (
        solve_replica_montecarlo(BASELINE, 0.3, seed=seed, **QUICK) for seed in (1, 1, 2)
    )
    assert isinstance(first, MonteCarloReplicaCurve)
    assert first.mse[0] == again.mse[0]
    assert first.mse[0] != other.mse[0]


def test_error_falls_along_a_sparse_curve():
    curve = solve_replica_montecarlo(
        BASELINE, [0.05, 0.15, 0.25, 0.4], samples=5000, damping=1.0, sampling="common"
    )
    assert all(left > right for left, right in pairwise(curve.mse))
