"""An estimate that is too small, none, or says nothing."""

import math

import pytest

from verify.claims.replica import error_estimate
from verify.claims.replica.error_estimate import FEW, Estimate, decide
from verify.methods.relations import Relation


@pytest.fixture
def use(monkeypatch):
    def replaced(error=1.0, estimated=1.0):
        right = error_estimate.solved
        right.cache_clear()

        def found(index, scaled):
            value, estimate, point = right(index, scaled)
            return value * error, estimate * estimated, point

        monkeypatch.setattr(error_estimate, "COUNTS", {FEW: 2})
        monkeypatch.setattr(error_estimate, "solved", found)

    return replaced


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, True),
        ({"estimated": 1e-3}, False),
        ({"error": math.nan}, False),
        ({"estimated": math.nan}, False),
        ({"estimated": math.inf}, None),
    ],
)
def test_an_estimate_is_held_to_the_enclosure(changed, expected, use):
    use(**changed)
    assert decide(Estimate(FEW)).holds is expected


def test_an_exact_tie_is_not_strictly_below(use):
    use(estimated=0.0)
    assert decide(Estimate(FEW)).holds is False
    assert decide(Estimate(FEW, Relation.ABOVE)).holds is True
