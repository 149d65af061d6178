"""Moments of the channel of the ℓ1 norm: their slopes are those of the moments themselves."""

import numpy as np
import pytest

from numerics.replica.quadrature import ChannelGroups
from numerics.replica.soft_threshold import l1_moments

GROUPS = ChannelGroups(
    probability=np.array([0.3, 0.5, 0.2]),
    scale=np.zeros(3),
    sign_amplitude=np.array([0.0, 1.3, 0.0]),
    gaussian_amplitude=np.array([0.0, 0.0, 0.8]),
)
STATES = np.log([0.02, 0.7, 5.0]), np.log([0.3, 1.0, 0.05])
STEP = 1e-5


@pytest.mark.parametrize("name", ["response", "error", "residual"])
@pytest.mark.parametrize("variable", [0, 1])
def test_slopes_are_those_of_central_differences(name, variable):
    def moment(shift):
        log_threshold, log_theta_squared = (
            state + shift * (index == variable) for index, state in enumerate(STATES)
        )
        value = getattr(l1_moments(GROUPS, log_threshold, log_theta_squared), name)
        # Squares are in units of θ², and differentiated in those of β.
        return value if name == "response" else value * np.exp(log_theta_squared)

    difference = (moment(STEP) - moment(-STEP)) / (2 * STEP)
    slope = getattr(l1_moments(GROUPS, *STATES), f"{name}_slope")[variable]
    scale = 1.0 if name == "response" else np.exp(STATES[1])
    assert slope * scale == pytest.approx(difference, rel=1e-7, abs=1e-9)


def test_moments_are_the_integrals_of_their_definition():
    """By Gauss's rule for Z, and for β* where it is normal, in units of θ."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(180)
    weights = weights / weights.sum()
    found = l1_moments(GROUPS, *STATES, detailed=True)
    theta, threshold = np.exp(0.5 * STATES[1]), np.exp(STATES[0])
    sums = np.zeros((6, 3))
    for share, a, b in zip(
        GROUPS.probability, GROUPS.sign_amplitude, GROUPS.gaussian_amplitude, strict=True
    ):
        beta = (a + b * nodes)[:, None, None]
        z = beta + theta * nodes[:, None]
        estimate = np.sign(z) * np.maximum(np.abs(z) - threshold, 0.0)
        active = np.abs(z) > threshold
        moments = (
            active,
            ~active,
            (estimate - beta) ** 2 / theta**2,
            (z - estimate) ** 2 / theta**2,
            estimate * beta + 0.0 * z,
            estimate**2,
        )
        sums += share * np.einsum("i,j,qijs->qs", weights, weights, np.array(moments, dtype=float))
    # The rule meets a kink, and for the first two a step.
    details = found.in_detail()
    assert details.cross_moment == pytest.approx(sums[4], rel=2e-3)
    assert details.second_moment == pytest.approx(sums[5], rel=2e-3)
    for name, value, error in zip(
        ("response", "one_minus_response", "error", "residual"),
        sums[:4],
        (0.03, 0.03, 2e-3, 2e-3),
        strict=True,
    ):
        assert getattr(found, name) == pytest.approx(value, rel=error, abs=error), name
    assert found.response + found.one_minus_response == pytest.approx(np.ones(3), abs=1e-14)
