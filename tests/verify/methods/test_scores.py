"""Distances in standard errors."""

import numpy as np
import pytest
import sympy as sp
from scipy.stats import chi2, norm
from scipy.stats import t as student

from verify.methods.equivalence import Estimate
from verify.methods.formula import Formula
from verify.methods.relations import Relation
from verify.methods.scores import beyond_p, normal_scores, require_scores, squares_p

Z, P = sp.symbols("z P", real=True)
SQUARE, BEYOND = Formula(Z**2, (), lambda: 1), Formula(P, (), lambda: 0.05)


def test_scores_have_the_probability_of_the_t_statistic():
    found = normal_scores([Estimate(0.3, 0.1, 4.0), Estimate(-0.3, 0.1, 4.0), Estimate(2, 1, 1e9)])
    assert norm.sf(found[0]) == pytest.approx(student.sf(3.0, 4.0), rel=1e-12)
    assert found[1] == -found[0]
    assert found[2] == pytest.approx(2.0, rel=1e-6)
    with pytest.raises(ArithmeticError, match="must be finite, got"):
        normal_scores([Estimate(float("nan"), 0.1, 4.0)])


def test_squares_are_tested_on_both_sides():
    z = np.full(10, 1.0)
    smaller = min(chi2.cdf(10.0, 10), chi2.sf(10.0, 10))
    assert squares_p(z, 1.0) == pytest.approx(2.0 * smaller, rel=1e-12)
    assert squares_p(2.0 * z, 1.0) < 1e-4
    assert squares_p(0.1 * z, 1.0) < 1e-4
    assert squares_p(2.0 * z, 4.0) == pytest.approx(squares_p(z, 1.0), rel=1e-12)


def test_large_scores_are_counted():
    z = np.array([0.0, 2.5, -2.5, 1.9])
    assert beyond_p(z, 2.0, 0.5) == (2, pytest.approx(1.0))
    count, p = beyond_p(z, 2.0, 0.001)
    assert count == 2
    assert p == pytest.approx(6e-6, rel=1e-2)


def test_both_must_be_stated():
    require_scores(SQUARE, Z**2, BEYOND, P)
    with pytest.raises(ValueError, match="P must be stated"):
        require_scores(SQUARE, Z**2, SQUARE, P)
    with pytest.raises(ValueError, match="must be stated"):
        require_scores(Formula(Z**2, (), lambda: 1, Relation.AT_MOST), Z**2, BEYOND, P)
