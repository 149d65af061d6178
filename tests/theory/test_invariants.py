"""Conserved quantities: against the flow in closed form, and counts that are made by hand."""

import numpy as np
import pytest
import sympy as sp

from theory.invariants import (
    conserved_polynomials,
    count_states_like,
    independence,
    relation,
)
from theory.network import absolute_scale, effective_weight, relative_scale, weights

W = weights()
STATE = (0.7, -1.3, 0.4, 2.1)


def flowed(state, x):
    """The weights after the time x: both pathways are hyperbolic rotations, in opposite senses."""
    w_plus, v_plus, w_minus, v_minus = state
    ch, sh = np.cosh(x), np.sinh(x)
    return (
        w_plus * ch + v_plus * sh,
        v_plus * ch + w_plus * sh,
        w_minus * ch - v_minus * sh,
        v_minus * ch - w_minus * sh,
    )


# Of the four combinations w± ± v±, two grow as eˣ and two fall as e⁻ˣ: an invariant monomial has
# as many of the one kind as of the other.
@pytest.mark.parametrize(("degree", "dimension"), [(1, 0), (2, 2 * 2), (3, 0), (4, 3 * 3)])
def test_conserved_polynomials_are_constant_along_the_flow_and_complete(degree, dimension):
    found = conserved_polynomials(degree)
    assert len(found) == dimension
    for polynomial in found:
        value = sp.lambdify(W, polynomial)
        for x in (-0.6, 0.3, 1.1):
            assert value(*flowed(STATE, x)) == pytest.approx(value(*STATE), rel=1e-12, abs=1e-12)
    generic = sp.Matrix([[p.subs(dict(zip(W, n, strict=True))) for p in found] for n in PLACES])
    assert generic.rank() == dimension


PLACES = [(n % 5 - 2, n * n % 7, 3 - n % 4, n * n * n % 11) for n in range(1, 15)]


def test_the_effective_weight_is_not_among_them():
    names = dict(zip(sp.symbols("q:4"), conserved_polynomials(2), strict=True))
    assert relation(effective_weight(W), names, 1) is None
    for conserved in (*relative_scale(W), absolute_scale(W)):
        assert relation(conserved, names, 1) is not None


@pytest.mark.parametrize("degree", [0, -1, sp.Rational(101, 100)])
def test_a_degree_is_a_positive_integer(degree):
    with pytest.raises(ValueError, match=f"degree must be a positive integer, got {degree}"):
        conserved_polynomials(degree)


def test_the_square_of_the_fourth_invariant():
    plus, minus, c = sp.symbols("plus minus c")
    scales = dict(zip((plus, minus), relative_scale(W), strict=True)) | {c: absolute_scale(W)}
    fourth = W.w_plus * W.v_minus + W.v_plus * W.w_minus
    assert sp.expand(relation(fourth**2, scales, 2) - (c**2 - plus * minus)) == 0
    assert relation(fourth, scales, 1) is None
    assert relation(fourth**2 + W.w_plus**4, scales, 2) is None


def test_independence_is_the_gram_determinant_of_the_gradients():
    quantities = (*relative_scale(W), absolute_scale(W), effective_weight(W))
    # Gradients by hand, at (w₊, v₊, w₋, v₋) = (2, 1, 3, −1).
    gradients = np.array([[4, -2, 0, 0], [0, 0, 6, 2], [3, -1, 2, 1], [1, 2, 1, -3]])
    at = dict(zip(W, (2, 1, 3, -1), strict=True))
    exact = round(np.linalg.det(gradients @ gradients.T))
    assert independence(quantities).subs(at) == exact > 0
    assert independence([quantities[0], 3 * quantities[0]]) == 0


# With w₊ = ε√λ₊ cosh a and so on, c fixes |a + b| and one monotone equation the rest: two states
# for each sign of a + b, up to the common sign of all weights.
@pytest.mark.parametrize(
    ("state", "count"),
    [
        ((1, 0, 1, 0), 2),
        ((2, 1, 1, 0), 4),
        ((1, 0, 0, 1), 4),
        ((sp.Rational(3, 2), sp.Rational(1, 2), 1, 0), 4),
    ],
)
def test_how_many_states_look_alike(state, count):
    assert count_states_like(state) == count


def test_states_that_cannot_be_counted_are_refused():
    with pytest.raises(ValueError, match="state must be rational, got"):
        count_states_like((sp.sqrt(2), 0, 1, 0))
    with pytest.raises(ValueError, match="must leave finitely many states alike"):
        count_states_like((1, 1, 1, -1))
