"""Two arrays of logits are compared relative to the largest logit, at the worst value."""

import pytest

torch = pytest.importorskip("torch")

from verify.claim import Control  # noqa: E402
from verify.claims.vision._scaled_networks import TOLERANCE, VALUES, check, compare  # noqa: E402
from verify.run import worker  # noqa: E402

METHODS = ("one", "other")
CONTROLS = (Control("another", None),)


def pairs(gap, at=VALUES[1]):
    two = 200.0 * torch.ones(2, 3, dtype=torch.float64)
    two[0, 0] = -400.0
    ones = [two.clone() for _ in VALUES]
    ones[VALUES.index(at)][1, 2] += 400.0 * gap
    return [(one, two) for one in ones]


def examined(made):
    stated = check("logits", lambda pairs: compare("logits", METHODS, pairs), made, CONTROLS)
    return worker.examine(stated, made)


def test_logits_are_compared_relative_to_the_largest():
    found = examined(pairs(0.5 * TOLERANCE))
    assert found.holds is True
    assert found.figure == pytest.approx(0.5 * TOLERANCE, rel=1e-5)
    assert found.comparisons[0].between == METHODS
    apart = examined(pairs(2.0 * TOLERANCE))
    assert apart.holds is False
    assert apart.counterexample["factor"] == repr(VALUES[1])
    assert apart.comparisons == ()


@pytest.mark.parametrize("value", VALUES)
def test_logits_that_are_no_numbers_do_not_agree(value):
    assert examined(pairs(float("nan"), at=value)).holds is False
