"""Arguments: what is let through, as what, and what is said of the rest."""

import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from numerics.validation import (
    finite_array,
    finite_arrays,
    finite_scalar,
    first_where,
    integer_at_least,
    require,
)


@pytest.mark.parametrize(
    "value", [3, 3.0, np.float32(3), np.uint8(3), np.longdouble(3), [[3]], np.array([3, 4]), []]
)
def test_real_numbers_become_float64_of_the_same_shape(value):
    found = finite_array("x", value)
    assert found.dtype == np.float64
    assert found.shape == np.shape(value)
    assert np.array_equal(found, np.asarray(value, dtype=np.float64))


def test_a_mask_that_hides_nothing_is_let_through():
    assert finite_array("x", np.ma.masked_array([1.0, 2.0])).tolist() == [1.0, 2.0]


def test_the_given_array_is_not_shared():
    own = np.array([1.0, 2.0])
    finite_array("x", own)[0] = 7.0
    assert own[0] == 1.0


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "x must be real numbers, got bool (True)"),
        ([1, "2"], "x must be real numbers, got <U"),
        (1j, "x must be real numbers, got complex128 (1j)"),
        (None, "x must be real numbers, got object (None)"),
        (Fraction(1, 2), "x must be real numbers, got object (Fraction(1, 2))"),
        (Decimal(1), "x must be real numbers, got object (Decimal('1'))"),
        (10**400, "x must be real numbers, got object (1000"),
        (np.datetime64("2020-01-01"), "x must be real numbers, got datetime64[D]"),
        ([[1, 2], [3]], "x must be a rectangular array of real numbers: "),
        (np.nan, "x must be finite, got nan"),
        ([[0.0, 1.0], [-np.inf, np.nan]], "x must be finite, got -inf at index (1, 0)"),
        (np.ma.masked_array([1.0, 2.0], [0, 1]), "x must have no masked entries, got 1"),
    ],
)
def test_what_is_no_finite_real_number_is_refused(value, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        finite_array("x", value)


@pytest.mark.skipif(
    np.finfo(np.longdouble).max == np.finfo(np.float64).max, reason="no wider type here"
)
def test_what_overflows_float64_is_refused():
    with pytest.raises(ValueError, match=r"x must be finite, got inf at index \(1,\)"):
        finite_array("x", np.array([1.0, np.longdouble("1e400")]))


def test_long_values_are_cut_in_the_message():
    with pytest.raises(ValueError, match=r"\(\['a.*\.\.\.\)$") as caught:
        finite_array("x", ["abcdefgh"] * 50)
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize("shape", [(), (2,), (2, 3), (0,)])
@pytest.mark.parametrize("ndim", [0, 1, 2])
def test_the_number_of_dimensions_is_held(shape, ndim):
    value = np.zeros(shape)
    if len(shape) == ndim:
        assert finite_array("x", value, ndim=ndim).shape == shape
        return
    said = f"x must have {ndim} dimension(s), got shape {shape}"
    with pytest.raises(ValueError, match=re.escape(said)):
        finite_array("x", value, ndim=ndim)


def test_arrays_are_broadcast_together():
    one, other = finite_arrays(x=[[1], [2]], y=[3, 4, 5])
    assert one.tolist() == [[1, 1, 1], [2, 2, 2]]
    assert other.tolist() == [[3, 4, 5], [3, 4, 5]]
    with pytest.raises(
        ValueError, match=re.escape("x, y must broadcast together, got (2,) and (3,)")
    ):
        finite_arrays(x=[1, 2], y=[1, 2, 3])
    with pytest.raises(ValueError, match="y must be finite, got nan"):
        finite_arrays(x=[1, 2], y=np.nan)


def test_scalars():
    assert type(finite_scalar("x", np.float32(0.5))) is float
    assert finite_scalar("x", 7) == 7.0
    for value, said in (([1.0], "(1,)"), (np.zeros((1, 1)), "(1, 1)")):
        with pytest.raises(
            ValueError, match=re.escape(f"x must be a single number, got shape {said}")
        ):
            finite_scalar("x", value)


def test_a_requirement_names_the_first_value_that_breaks_it():
    values = np.array([[1.0, -2.0], [-3.0, 4.0]])
    require(values < 5, "x must be < 5", "x", values)
    require(True, "x must be there", "x", 1.0)
    with pytest.raises(ValueError, match=re.escape("x must be > 0, got x=-2.0 at index (0, 1)")):
        require(values > 0, "x must be > 0", "x", values)
    with pytest.raises(ValueError, match=r"^x must be > 0, got x=-1.0$"):
        require(False, "x must be > 0", "x", -1)
    # A scalar that breaks a requirement on an array is shown where it does.
    with pytest.raises(ValueError, match=re.escape("c must exceed x, got c=2.0 at index (1, 1)")):
        require(values < 4, "c must exceed x", "c", 2.0)


def test_where_a_value_stands():
    assert first_where(np.array(0.1), np.array(True)) == "0.1"
    assert first_where(np.array([1.0, 1e-300]), np.array([False, True])) == "1e-300 at index (1,)"


@pytest.mark.parametrize("value", [2, np.int64(7)])
def test_integers_from_a_bound_on(value):
    found = integer_at_least("n", value, 2)
    assert found == value
    assert type(found) is int


@pytest.mark.parametrize("value", [1, True, 2.0, "2", None, np.float64(3)])
def test_what_is_no_integer_or_too_small_is_named(value):
    said = f"n must be an integer >= 2, got n={value!r}"
    with pytest.raises(ValueError, match=re.escape(said)):
        integer_at_least("n", value, 2)
