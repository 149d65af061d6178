"""The mixture of a task from scratch, by rational numbers."""

from fractions import Fraction

import pytest

from numerics import Initialization, TaskDistribution
from numerics.certified import Mixture


@pytest.mark.parametrize("slab", ["sign", "gaussian"])
@pytest.mark.parametrize("rho", [0.25, 1.0])
def test_where_float64_rounds_nothing_it_is_the_float_task(slab, rho):
    task = TaskDistribution.single_task(rho, slab=slab)
    known = Mixture.of(task, Initialization(0.5, 0.0))
    assert Mixture.single_task(rho, c="0.5", slab=slab) == known


def test_numbers_count_as_they_are_written():
    mixture = Mixture.single_task("0.1", c="1e-3")
    assert [group.share for group in mixture.groups] == [Fraction(1, 10), Fraction(9, 10)]
    assert mixture.c == Fraction(1, 1000)
    assert mixture.second_moment == 1
    assert not mixture.is_saddle


@pytest.mark.parametrize(
    ("arguments", "options", "match"),
    [
        ((0,), {"c": 1}, "0 < rho <= 1"),
        (("1.1",), {"c": 1}, "got rho='1.1'"),
        ((0.5,), {"c": "-1"}, "c='-1'"),
        ((0.5,), {"c": 1, "slab": "zero"}, "slab must be"),
        ((float("nan"),), {"c": 1}, "rho must be a finite number"),
        ((0.5,), {"c": "1e999999999"}, "c must have at most 1000 digits"),
    ],
)
def test_numbers_out_of_range_are_refused(arguments, options, match):
    with pytest.raises(ValueError, match=match):
        Mixture.single_task(*arguments, **options)
