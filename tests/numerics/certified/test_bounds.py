"""float64 bounds of balls: outward, by no more than they must be."""

import math
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx, fmpq

from numerics.certified import float_bounds
from numerics.certified.exact import as_float, ends

LARGEST = float(np.finfo(float).max)


def _balls(count):
    """Balls over the whole range of float64 and beyond it, most of them narrow, some exact."""
    rng = np.random.default_rng(0)
    for _ in range(count):
        numerator, denominator = (int(one) for one in rng.integers(1, 2**62, 2))
        middle = arb(fmpq(numerator, denominator)) * arb(2) ** int(rng.integers(-1200, 1100))
        wide = int(rng.integers(20, 140))
        yield (middle + arb(0, middle * arb(2) ** -wide)) * int(rng.choice([-1, 1]))
        yield arb(middle.mid())


@pytest.mark.parametrize("precision", [20, 53, 160])
def test_bounds_are_outward_and_next_to_the_ball(precision):
    with ctx.workprec(160):
        balls = list(_balls(1000))
        truth = [ends(ball) for ball in balls]
    with ctx.workprec(precision):
        bounds = [float_bounds(ball) for ball in balls]
    # Python compares a fraction with a float exactly, infinite ones included.
    for (below, above), (low, high) in zip(truth, bounds, strict=True):
        assert low <= below < math.nextafter(low, math.inf)
        assert math.nextafter(high, -math.inf) < above <= high


def test_ends_rounded_to_nearest_would_not_do():
    with ctx.workprec(160):
        balls = [ball for ball in _balls(300) if 1e-300 < abs(as_float(ball)) < 1e300]
        nearest = [Fraction(float(ball.lower())) > ends(ball)[0] for ball in balls]
    assert 0.2 < np.mean(nearest) < 0.8


@pytest.mark.parametrize(
    ("ball", "bounds"),
    [
        (arb(0), (0.0, 0.0)),
        (arb(0.1), (0.1, 0.1)),
        (arb(5e-324) / 2, (0.0, 5e-324)),
        (-arb(5e-324) / 2, (-5e-324, 0.0)),
        (arb(LARGEST), (LARGEST, LARGEST)),
        (arb(LARGEST) * 2, (LARGEST, math.inf)),
        (-arb(LARGEST) * 2, (-math.inf, -LARGEST)),
        (arb.pos_inf(), (math.inf, math.inf)),
        (arb.neg_inf(), (-math.inf, -math.inf)),
        (arb(0).union(arb.pos_inf()), (-math.inf, math.inf)),
        (arb.pos_inf() + arb(0, math.inf), (-math.inf, math.inf)),
    ],
)
def test_the_ends_of_the_range(ball, bounds):
    found = float_bounds(ball)
    assert found == bounds
    assert [math.copysign(1.0, one) for one in found if one == 0.0] == [1.0] * found.count(0.0)


def test_what_is_no_number_has_no_bounds():
    assert all(map(math.isnan, float_bounds(arb.nan())))
