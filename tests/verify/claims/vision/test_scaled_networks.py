"""Two arrays of logits are compared relative to the largest logit, at the worst value."""

import pytest

torch = pytest.importorskip("torch")

from verify.claim import Control  # noqa: E402
from verify.claims.vision._scaled_networks import TOLERANCE, VALUES, check, compare  # noqa: E402
from verify.run import worker  # noqa: E402

METHODS = ("one", "other")
CONTROLS = (Control("another", None),)


def pair(gap, at=VALUES[1]):
    two = 200.0 * torch.ones(2, 3, dtype=torch.float64)
    two[0, 0] = -400.0

    def logits(value):
        one = two.clone()
        one[1, 2] += 400.0 * (gap if value == at else 0.0)
        return one, two

    return logits


def examined(made):
    stated = check("logits", lambda pair: compare("logits", METHODS, pair), made, CONTROLS)
    return worker.examine(stated, made)


def test_logits_are_compared_relative_to_the_largest():
    found = examined(pair(0.5 * TOLERANCE))
    assert found.holds is True
    assert found.figure == pytest.approx(0.5 * TOLERANCE, rel=1e-5)
    assert found.comparisons[0].between == METHODS
    apart = examined(pair(2.0 * TOLERANCE))
    assert apart.holds is False
    assert apart.counterexample["factor"] == repr(VALUES[1])
    assert apart.comparisons == ()


@pytest.mark.parametrize("value", VALUES)
def test_logits_that_are_no_numbers_do_not_agree(value):
    assert examined(pair(float("nan"), at=value)).holds is False
