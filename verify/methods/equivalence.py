"""Equivalence within a margin: two one-sided tests, extrapolation in 1/d, Holm's correction.

To say that a quantity is 0 within a margin δ, both "it is ≤ −δ" and "it is ≥ δ" must be rejected
(two one-sided tests); to say that it is not, one of "it lies within ±δ" must be. Over many
quantities, p-values are adjusted by Holm's step-down rule, which needs no independence.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.stats import f as fisher
from scipy.stats import t as student

from numerics.validation import FloatArray

LEVEL = 0.05  # of all tests, or all intervals, of a statement together
# Of a control variate, the least part that no other column has, relative.
_DEPENDENT = 1e-9


@dataclass(frozen=True)
class Estimate:
    """A mean with its standard error and degrees of freedom (Welch and Satterthwaite).

    Attributes
    ----------
    value, error, freedom
        Estimate, standard error, degrees of freedom.
    """

    value: float
    error: float
    freedom: float

    @classmethod
    def of(cls, values: Sequence[float] | FloatArray) -> Estimate:
        """Return the mean of values that are independent, such as one for each seed.

        Raises
        ------
        ValueError
            If there are fewer than three values, or one is not finite.
        """
        sample = np.asarray(values, dtype=np.float64)
        if sample.ndim != 1 or sample.size < 3:
            raise ValueError(f"values must have shape (S,) with S >= 3, got shape {sample.shape}")
        if not np.isfinite(sample).all():
            raise ValueError(f"values must be finite, got {sample.tolist()}")
        error = float(sample.std(ddof=1)) / sample.size**0.5
        return cls(float(sample.mean()), error, sample.size - 1)

    def minus(self, other: Estimate) -> Estimate:
        """Return the difference of two independent means, by Welch and Satterthwaite."""
        squares = self.error**2, other.error**2
        parts = squares[0] ** 2 / self.freedom + squares[1] ** 2 / other.freedom
        freedom = sum(squares) ** 2 / parts if parts else self.freedom + other.freedom
        return Estimate(self.value - other.value, math.sqrt(sum(squares)), freedom)

    def half_width(self, level: float) -> float:
        """Return half the width of Student's interval, which misses with probability `level`."""
        return float(student.ppf(1.0 - 0.5 * level, self.freedom)) * self.error

    def two_sided_p(self) -> float:
        """Return the p-value of the two-sided t test: small if the data exclude 0."""
        return min(1.0, 2.0 * self._tail(abs(self.value)))

    def equivalence_p(self, margin: float) -> float:
        """Return the p-value of two one-sided tests: small if the data exclude |value| ≥ margin."""
        return self._tail(margin - abs(self.value))

    def difference_p(self, margin: float) -> float:
        """Return the p-value of the test for |value| > margin: small if data exclude the rest."""
        return self._tail(abs(self.value) - margin)

    def positive_p(self) -> float:
        """Return the p-value of the one-sided t test: small if the data exclude values ≤ 0."""
        return self._tail(self.value)

    def _tail(self, distance: float) -> float:
        if self.error == 0.0:
            return 0.0 if distance > 0.0 else 1.0
        return float(student.sf(distance / self.error, self.freedom))


def extrapolate(dimensions: Sequence[float], samples: Sequence[FloatArray]) -> Estimate:
    """Fit mean = a + b/d to samples at several dimensions by weighted least squares; return a.

    Weights are the sizes of the samples times d, as variances fall like 1/d. The estimate is then a
    fixed combination of the means, whose error comes from the samples' own variances.

    Raises
    ------
    ValueError
        If there are fewer than two dimensions, or a sample has fewer than two values.
    """
    sizes = np.array([sample.size for sample in samples], dtype=np.float64)
    if len(set(dimensions)) < 2 or len(samples) != len(dimensions) or sizes.min() < 2:
        raise ValueError(
            "extrapolation must have samples of at least two values at two dimensions or more, "
            f"got dimensions={list(dimensions)}, sizes={sizes.tolist()}"
        )
    d = np.asarray(dimensions, dtype=np.float64)
    root = np.sqrt(sizes * d)
    design = np.stack([root, root / d], axis=1)
    share = np.linalg.pinv(design)[0] * root
    parts = share**2 * np.array([sample.var(ddof=1) for sample in samples]) / sizes
    variance = float(parts.sum())
    freedom = variance**2 / float(np.sum(parts**2 / (sizes - 1))) if variance else float(sizes[0])
    value = float(share @ [sample.mean() for sample in samples])
    return Estimate(value, variance**0.5, freedom)


def extrapolate_controlled(
    dimensions: FloatArray, values: FloatArray, controls: FloatArray
) -> Estimate:
    """Fit value = a + b/d + Σ γ·control by weighted least squares; return a.

    Control variates have a mean of exactly 0 in every dimension: what a value owes to their
    fluctuation is taken out, and a remains the limit of the mean. Weights are d, as variances fall
    like 1/d. The standard error is from the residuals, whatever their variances are (HC2).

    Parameters
    ----------
    dimensions, values
        d and the value of each row, (N,).
    controls
        Control variates of each row, (N, K).

    Raises
    ------
    ValueError
        If there are fewer than two dimensions, or one that is not positive; not more than K + 2
        rows; a number that is not finite, or control variates that depend on each other.
    """
    d = np.asarray(dimensions, dtype=np.float64)
    if not (d > 0).all():
        raise ValueError(f"dimensions must be positive, got {np.unique(d).tolist()}")
    design = np.column_stack([np.ones_like(d), 1.0 / d, controls])
    freedom = d.size - design.shape[1]
    if np.unique(d).size < 2 or freedom < 1:
        raise ValueError(
            f"extrapolation must have two dimensions or more, and more rows than its "
            f"{design.shape[1]} coefficients, got dimensions={np.unique(d).tolist()}, {d.size} rows"
        )
    return _intercept(design, values, np.sqrt(d))


def controlled_mean(values: FloatArray, controls: FloatArray) -> Estimate:
    """Fit value = a + Σ γ·control by least squares; return a, the mean of the values.

    As `extrapolate_controlled`, in one dimension.

    Parameters
    ----------
    values
        Of independent rows, (N,).
    controls
        Control variates of each row, whose means are 0, (N, K).

    Raises
    ------
    ValueError
        If there are not more than K + 1 rows, a number is not finite, or control variates depend on
        each other.
    """
    design = np.column_stack([np.ones(values.size), controls])
    if values.size <= design.shape[1]:
        raise ValueError(
            f"values must be more than the {design.shape[1]} coefficients, got {values.size}"
        )
    return _intercept(design, values, np.ones(values.size))


def _intercept(design: FloatArray, values: FloatArray, root: FloatArray) -> Estimate:
    """Return the first coefficient of a fit, with HC2 errors; `root` are roots of the weights."""
    if not (np.isfinite(values).all() and np.isfinite(design).all()):
        raise ValueError("values and control variates must be finite")
    basis, upper = np.linalg.qr(design * root[:, None])
    size = np.abs(np.diag(upper)) / np.linalg.norm(upper, axis=0)
    if not (size > _DEPENDENT).all():
        raise ValueError(f"control variates must be independent, got a column {size.min():.2g} off")
    inverse = np.linalg.inv(upper)
    share = basis @ inverse[0]  # of each weighted value in the coefficient
    weighted = values * root
    residual = weighted - basis @ (basis.T @ weighted)
    kept = np.maximum(1.0 - np.sum(basis**2, axis=1), np.finfo(float).eps)
    variance = float(np.sum(share**2 * residual**2 / kept))
    freedom = float(values.size - design.shape[1])
    return Estimate(float(share @ weighted), variance**0.5, freedom)


def profile_p(profiles: FloatArray, basis: FloatArray) -> float:
    """Return the p-value of the test that the mean profile is a combination of some others.

    Hotelling's T² of what these leave: it needs no model of how values of one profile depend on
    each other, only profiles that are independent, and normal.

    Parameters
    ----------
    profiles
        A row for each of S independent profiles of K values, (S, K).
    basis
        The others, (K, M), M < K.

    Raises
    ------
    ValueError
        If the shapes do not fit, there are not more than K profiles, a number is not finite, the
        basis depends on itself, or what is left does not vary.
    """
    count, width = profiles.shape
    if not (basis.shape[0] == width > basis.shape[1] and count > width):
        raise ValueError(
            "profiles must have shape (S, K) with S > K, and the basis (K, M) with M < K, "
            f"got {profiles.shape} and {basis.shape}"
        )
    if not (np.isfinite(profiles).all() and np.isfinite(basis).all()):
        raise ValueError("profiles and basis must be finite")
    if np.linalg.matrix_rank(basis) < basis.shape[1]:
        raise ValueError(f"the basis must have {basis.shape[1]} independent columns")
    others = np.linalg.qr(basis, mode="complete")[0][:, basis.shape[1] :]
    left = profiles @ others
    free, mean = left.shape[1], left.mean(axis=0)
    covariance = np.atleast_2d(np.cov(left, rowvar=False))
    if np.linalg.matrix_rank(covariance) < free:
        raise ValueError("profiles must vary in all that the basis leaves, and do not")
    squared = count * float(mean @ np.linalg.solve(covariance, mean))
    ratio = squared * (count - free) / (free * (count - 1))
    return float(fisher.sf(ratio, free, count - free))


def holm(p_values: Sequence[float] | FloatArray) -> FloatArray:
    """Return p-values adjusted for their number by Holm's step-down rule, in the given order."""
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    adjusted = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    result = np.empty(p.size)
    result[order] = np.minimum(adjusted, 1.0)
    return result


class Decision(NamedTuple):
    """What the tests of several statements say of all of them together.

    Attributes
    ----------
    holds
        True if all are shown, False if the opposite of one is, None if the data do not decide.
    p, decisive
        The adjusted p-value that decides, and whose it is: of what is refuted most clearly or, if
        nothing is, of what is shown least clearly.
    failing
        Those that are refuted or, if none is, those that are not shown.
    """

    holds: bool | None
    p: float
    decisive: int
    failing: tuple[int, ...]


def decide_all(shown: Sequence[float], refuted: Sequence[float]) -> Decision:
    """Decide at `LEVEL`, after Holm's correction, by p-values of statements and their opposites.

    A p-value that is no number shows nothing and refutes nothing.

    Raises
    ------
    ValueError
        If there is none, or not one of each statement and one of its opposite.
    """
    if not 0 < len(shown) == len(refuted):
        raise ValueError(
            "p-values must be one of each statement, one at least, and one of its opposite, "
            f"got {len(shown)} and {len(refuted)}"
        )
    p, against = (holm(np.where(np.isnan(found), 1.0, found)) for found in (shown, refuted))
    fallen = np.flatnonzero(against < LEVEL)
    if fallen.size:
        worst = int(np.argmin(against))
        return Decision(False, float(against[worst]), worst, tuple(fallen.tolist()))
    worst, missing = int(np.argmax(p)), np.flatnonzero(p >= LEVEL)
    return Decision(None if missing.size else True, float(p[worst]), worst, tuple(missing.tolist()))


def decide_equivalence(
    estimates: Sequence[Estimate], margins: Sequence[float] | FloatArray
) -> Decision:
    """Decide whether all values lie within their margins, by two one-sided tests for each."""
    pairs = list(zip(estimates, margins, strict=True))
    return decide_all(
        [one.equivalence_p(margin) for one, margin in pairs],
        [one.difference_p(margin) for one, margin in pairs],
    )


def spread(margins: Sequence[float] | FloatArray) -> str:
    """Return the margins in words, to two digits: the one that there is, or the least and largest.

    Raises
    ------
    ValueError
        If there is none.
    """
    if not len(margins):
        raise ValueError("margins to be shown must be one at least, got none")
    ends = dict.fromkeys(f"{end:.2g}" for end in (min(margins), max(margins)))
    return " to ".join(ends)
