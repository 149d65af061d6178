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
