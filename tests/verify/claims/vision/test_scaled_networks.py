"""Two arrays of logits are compared relative to the largest logit, at the worst factor."""

import pytest

torch = pytest.importorskip("torch")

from verify.claims.vision._scaled_networks import FACTORS, TOLERANCE, compared  # noqa: E402

ROADS = ("one", "other")


def pair(gap, at=FACTORS[1]):
    two = 200.0 * torch.ones(2, 3, dtype=torch.float64)
    two[0, 0] = -400.0

    def logits(factor):
        one = two.clone()
        one[1, 2] += 400.0 * (gap if factor == at else 0.0)
        return one, two

    return logits


def test_logits_are_compared_relative_to_the_largest():
    found = compared("logits", ROADS, pair(0.5 * TOLERANCE))
    assert found.holds is True
    assert found.figure == pytest.approx(0.5 * TOLERANCE, rel=1e-5)
    assert found.comparisons[0].roads == ROADS
    apart = compared("logits", ROADS, pair(2.0 * TOLERANCE))
    assert apart.holds is False
    assert apart.counterexample["factor"] == repr(FACTORS[1])
    assert apart.comparisons == ()


@pytest.mark.parametrize("factor", FACTORS)
def test_logits_that_are_no_numbers_do_not_agree(factor):
    assert compared("logits", ROADS, pair(float("nan"), at=factor)).holds is False
