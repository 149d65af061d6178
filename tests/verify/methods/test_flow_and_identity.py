"""Integrated training, and identities over the domain of their symbols."""

import random

import numpy as np
import pytest
import sympy as sp

from theory.regimes import RATIO
from verify.methods import flow
from verify.methods.identity import domain, equal, zero
from verify.methods.inequality import among_networks

X = sp.Symbol("x", real=True)
P = sp.Symbol("p", positive=True)


def test_training_ends_at_the_only_interpolator():
    task = np.diag([1.0, 2.0]), np.array([0.5, -3.0])
    end = flow.train(flow.initial_state(0.7, -0.2, 2), *task)
    np.testing.assert_allclose(end.beta, [0.5, -1.5], rtol=0, atol=1e-7)


def test_one_coordinate_follows_the_exact_solution():
    end = flow.train(flow.initial_state(2.0, 0.0, 1), np.eye(1), np.array([1.5]))
    x = np.arcsinh(1.5 / 2.0) / 2
    np.testing.assert_allclose(end.w_minus, np.exp(-x), rtol=0, atol=1e-7)


def test_training_that_has_nothing_to_learn_returns_its_start():
    start = flow.initial_state(1.0, 0.5, 2)
    assert flow.train(start, np.eye(2), np.zeros(2)) is start


def test_training_from_the_saddle_is_reported():
    at_rest = flow.State(*(np.zeros(1) for _ in range(4)))
    with pytest.raises(flow.FlowError, match="must vanish"):
        flow.train(at_rest, np.eye(1), np.ones(1))


@pytest.mark.parametrize(("c", "lam"), [(0.0, 0.0), (1.0, 1.5), (float("nan"), 0.0)])
def test_scales_are_checked(c, lam):
    with pytest.raises(ValueError, match=r"c > 0 and \|lam\| <= c"):
        flow.initial_state(c, lam, 3)


@pytest.mark.parametrize(
    ("vector", "outside"), [([3.0, 0.0], 0.0), ([0.0, 2.0], 1.0), ([0.0, 0.0], 0.0)]
)
def test_part_outside_the_row_space(vector, outside):
    assert flow.outside_row_space(np.array(vector), np.array([[1.0, 0.0]])) == pytest.approx(
        outside
    )


def test_what_is_not_finite_is_outside():
    assert flow.outside_row_space(np.array([np.nan, 1.0]), np.eye(2)) == np.inf


def test_random_tasks_are_well_conditioned():
    inputs, outputs = flow.random_task(np.random.default_rng(1), 3, 7)
    singular = np.linalg.svd(inputs, compute_uv=False)
    assert inputs.shape == (3, 7)
    assert outputs.shape == (3,)
    assert 1 - 1e-12 <= singular.min() <= singular.max() <= 2 + 1e-12


def test_identities_are_proved_and_refuted():
    assert equal((X + 1) ** 2, X**2 + 2 * X + 1).holds is True
    wrong = equal((X + 1) ** 2, X**2 + 2 * X - 1)
    assert wrong.holds is False
    assert {"x", "left side", "right side"} <= set(wrong.counterexample)
    assert zero(sp.Matrix([0, X - X])).holds is True
    assert zero(sp.Matrix([0, X])).holds is False


def test_an_identity_on_a_part_of_the_domain_is_refuted_when_thorough():
    kink = sp.Max(X, -sp.Rational(7, 2))
    assert equal(kink, X, thorough=True).holds is False


def test_counterexamples_come_from_the_domain_that_is_given():
    found = equal(X, -X, within=lambda *symbols: lambda rng: dict.fromkeys(symbols, 7))
    assert found.counterexample["x"] == "7"


def test_counterexamples_of_networks_are_networks():
    draw, rng = among_networks(RATIO, X), random.Random(0)
    assert all(abs(draw(rng)[RATIO]) <= 1 for _ in range(200))
    assert 0 < draw(rng)[X] < 1


def test_matrices_must_have_one_shape():
    four = sp.Matrix([[1, 2, 3, 4]])
    for one, other in (
        (sp.zeros(2, 1), sp.zeros(3, 1)),
        (four, four.reshape(2, 2)),
        (sp.ones(2, 3), sp.ones(3, 2)),
        (sp.Matrix([X]), X),
        (sp.zeros(0, 3), sp.zeros(5, 0)),
        (sp.zeros(0, 3), sp.zeros(0, 3)),
    ):
        with pytest.raises(ValueError, match="must have one shape, and entries"):
            equal(one, other)
    with pytest.raises(ValueError, match="and entries"):
        zero(sp.zeros(0, 3))


def test_sides_that_look_alike_are_told_apart_by_their_difference():
    found = equal(X, X + sp.Rational(1, 10**20))
    assert found.holds is False
    assert found.summary == "the two sides differ by -1.0e-20 at the point found"


def test_points_respect_assumptions():
    negative = sp.Symbol("n", negative=True)
    zero_or_more = sp.Symbol("z", nonnegative=True)
    draw, rng = domain(X, P, negative, zero_or_more), random.Random(0)
    points = [draw(rng) for _ in range(200)]
    assert all(point[P] > 0 > point[negative] and point[zero_or_more] >= 0 for point in points)
    assert {sp.sign(point[X]) for point in points} == {-1, 0, 1}
    assert any(point[zero_or_more] == 0 for point in points)
