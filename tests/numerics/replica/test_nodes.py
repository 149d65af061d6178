"""How the trapezoidal rule chooses its step: a test of that rule alone."""

import numpy as np
import pytest

from numerics.replica.quadrature import channel_moments
from tests.numerics.replica.test_quadrature import MIXED, STATES


def test_steps_that_are_too_long_are_halved(monkeypatch):
    usual = channel_moments(MIXED, *STATES)
    monkeypatch.setattr("numerics.replica.nodes._STEP", 0.7)
    monkeypatch.setattr("numerics.replica.nodes._STEEP_STEP", 2.5)
    monkeypatch.setattr("numerics.replica.nodes._FEWEST_NODES", 6)
    refined = channel_moments(MIXED, *STATES)
    for name in ("response", "one_minus_response", "error", "residual"):
        assert getattr(refined, name) == pytest.approx(getattr(usual, name), rel=1e-12, abs=0)
    monkeypatch.setattr("numerics.replica.kernel._MOST_REFINEMENTS", 0)
    rough = channel_moments(MIXED, *STATES)
    assert (rough.nodes < refined.nodes).all()
    # The estimate follows the true error: it is about the square of the last change.
    wrong = np.array(
        [
            np.abs(getattr(rough, name) / getattr(usual, name) - 1.0)
            for name in ("one_minus_response", "response", "error", "residual")
        ]
    )
    assert wrong.max() > 1e-9
    assert (wrong <= 10.0 * rough.relative_error).all()
