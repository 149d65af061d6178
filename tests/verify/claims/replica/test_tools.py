"""What the claims compute with: means, rectangles, signs, null spaces."""

import pytest
import sympy as sp

from theory import replica as theory
from verify.claims.replica import unique_solution_certified
from verify.claims.replica._enclosure import Box
from verify.claims.replica._means import SCALE, TARGET, Group, known, over
from verify.claims.replica._signs import positive
from verify.registry import load


def test_known_means_are_linear_and_no_others_are_taken():
    a, b, one, two = sp.symbols("a b one two")
    mean = known({a: one, b**2: two})
    assert mean(3 * a - b**2 / theory.tau + 5) == 3 * one - two / theory.tau + 5
    for other in (a**2, a * b**2, b):
        with pytest.raises(ValueError, match="must be one of those of"):
            mean(other)


def test_means_over_the_law_of_the_teacher():
    groups = (Group("1/4", 2, "sign", 3), Group("1/4", 1, "gaussian", 2), Group("1/2", 5, "zero"))
    mean = over(groups)
    for of, expected in ((TARGET, 0), (TARGET**2, 3.25), (SCALE * TARGET**2, 5.5), (SCALE, 3.25)):
        assert float(mean(of)) == pytest.approx(expected)
    with pytest.raises(ValueError, match="must be finite"):
        mean(1 / TARGET)
    with pytest.raises(ValueError, match="must be real"):
        mean(sp.sqrt(TARGET))
    with pytest.raises(ValueError, match="got also"):
        mean(TARGET * theory.tau)


def test_the_rectangles_are_in_the_sentence_and_their_decimals_are_kept():
    claim = load(only=["replica.unique-solution-certified"])["replica.unique-solution-certified"]
    for stated in (unique_solution_certified.LAZY, unique_solution_certified.RICH):
        assert stated.said() in claim.sentence
    box = Box.around(("0.1", "0.3"), ("-0.2", "0.7"))
    exact = [sp.Rational(text) for text in ("0.1", "0.3", "-0.2", "0.7")]
    below = [sp.Rational(float(end)) <= at for end, at in zip(box[::2], exact[::2], strict=True)]
    above = [sp.Rational(float(end)) >= at for end, at in zip(box[1::2], exact[1::2], strict=True)]
    assert all(below + above)
    assert tuple(box) == pytest.approx([0.1, 0.3, -0.2, 0.7], abs=2e-16)


@pytest.mark.parametrize("alpha", [("0.32", "0.28"), ("0.28", "0.28")])
def test_an_empty_interval_is_refused(alpha):
    with pytest.raises(ValueError, match="α must be an interval"):
        unique_solution_certified.decide(unique_solution_certified.LAZY._replace(alpha=alpha))
    with pytest.raises(ValueError, match="low ends must be below"):
        Box.around(("1", "0"), ("0", "1"))


def test_signs_of_rational_functions():
    x, y = sp.Symbol("x", positive=True), sp.Symbol("y", nonnegative=True)
    assert positive("x + y > 0", x + y).holds is True
    assert positive("y > 0", y).holds is False
    assert positive("y ≥ 0", y, strict=False).holds is True
    assert positive("1 − x > 0", 1 - x).holds is False
    assert positive("(x − 1)² > 0", (x - 1) ** 2).holds is False
    with pytest.raises(ValueError, match="must be of one sign"):
        positive("z² > 0", sp.Symbol("z", real=True) ** 2)


def test_the_null_space_of_a_wide_matrix():
    n, m = sp.symbols("n m", integer=True, positive=True)
    assert theory.null_space(n, m).shape == (n + m, m)
    basis = theory.null_space(2, 1).subs({sp.MatrixSymbol("A", 2, 2): sp.Matrix([[2, 1], [1, 1]])})
    first = basis.subs({sp.MatrixSymbol("B", 2, 1): sp.Matrix([3, 5])}).as_explicit().doit()
    assert sp.Matrix([[2, 1, 3], [1, 1, 5]]) * first == sp.zeros(2, 1)
    assert theory.transposed(3, 5) == 15
