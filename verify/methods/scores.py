"""Distances in standard errors: what their squares and the number of large ones are tested by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sympy as sp
from scipy.stats import binomtest, chi2, norm
from scipy.stats import t as student

from numerics.validation import FloatArray
from verify.methods.equivalence import Estimate
from verify.methods.formula import Formula
from verify.methods.relations import Relation


def require_scores(square: Formula, mean: sp.Expr, beyond: Formula, share: sp.Expr) -> None:
    """Raise ValueError unless `square` states the mean of z² and `beyond` a share of large |z|."""
    for formula, symbol in ((square, mean), (beyond, share)):
        if formula.name != symbol or formula.relation is not Relation.EQUAL:
            raise ValueError(f"{symbol} must be stated, got {formula.latex()}")


def normal_scores(found: Sequence[Estimate]) -> FloatArray:
    """Return t-statistics of distances from 0 as normal ones of the same probability, (N,).

    Raises
    ------
    ArithmeticError
        If one of them is not finite.
    """
    t = np.array([one.value / one.error for one in found])
    freedom = np.array([one.freedom for one in found])
    if not np.isfinite(t).all():
        raise ArithmeticError(f"distances in standard errors must be finite, got {t.tolist()}")
    return np.asarray(np.sign(t) * norm.isf(student.sf(np.abs(t), freedom)))


def squares_p(z: FloatArray, mean: float) -> float:
    """Return the two-sided p-value of Σz² by χ², for normal scores whose squares have a mean."""
    total = float(np.sum(z**2)) / mean
    return float(2.0 * min(chi2.sf(total, z.size), chi2.cdf(total, z.size)))


def beyond_p(z: FloatArray, large: float, share: float) -> tuple[int, float]:
    """Return how many |z| are above `large`, and the two-sided p-value of that number."""
    count = int(np.sum(np.abs(z) > large))
    return count, float(binomtest(count, z.size, share).pvalue)
