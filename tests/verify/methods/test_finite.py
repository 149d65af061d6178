"""Numbers that are not finite are named."""

import numpy as np
import pytest

from verify.methods.finite import finite


def test_finite_numbers_pass():
    finite(one=1.0, many=np.ones((2, 3)))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_named(bad):
    with pytest.raises(ArithmeticError, match="target norm must be finite, got 1 of 2"):
        finite(value=1.0, target_norm=[0.0, bad])
