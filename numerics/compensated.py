"""Sums and products in twice the working precision, by error-free transformations.

A product of two float64 numbers is a float64 number and an error that is one, too (Dekker's
product on Veltkamp's halves), and so is a sum (Knuth). Carried along, the errors give a
matrix-vector product as if it had been computed with 106 bits (Ogita, Rump & Oishi 2005).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from numerics.validation import FloatArray

_SPLITTER = 134217729.0  # 2**27 + 1 halves a 53-bit significand
_PRODUCT_BLOCK = 1 << 15  # entries expanded at a time: ten temporaries of 256 kB stay in cache


def compensated_residual(X: FloatArray, beta: FloatArray, y: FloatArray) -> FloatArray:
    """Residual y − Xβ, correct to rounding however much cancels; shape (n,)."""
    high, low = compensated_product(X, beta)
    return np.asarray((y - high) - low)


def compensated_product(matrix: FloatArray, vector: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Matrix-vector product in twice the working precision, as an unevaluated sum high + low.

    Entries are split into halves (Veltkamp), products and sums are error-free (Dekker, Knuth), and
    the sums run pairwise. Binary exponents are removed from all entries first, and restored less
    those of each row's largest product: splitting never overflows for finite data, and only
    products that are negligible beside the largest underflow.
    """
    rows, columns = matrix.shape
    high = np.empty(rows)
    low = np.empty(rows)
    v, v_exponents = _mantissas(vector)
    v_high, v_low = _split(v)
    block = max(1, _PRODUCT_BLOCK // columns)
    for start in range(0, rows, block):
        part: FloatArray = np.ascontiguousarray(matrix[start : start + block])
        part, exponents = _mantissas(part)
        exponents += v_exponents
        units = exponents.max(axis=1)
        part = np.ldexp(part, exponents - units[:, None])
        a_high, a_low = _split(part)
        product = part * v
        error = a_low * v_low - (((product - a_high * v_high) - a_low * v_high) - a_high * v_low)
        tail = error.sum(axis=1)
        while product.shape[1] > 1:
            half = product.shape[1] // 2
            odd = product[:, 2 * half :]
            left, right = product[:, :half], product[:, half : 2 * half]
            total = left + right
            shadow = total - left
            tail += ((left - (total - shadow)) + (right - shadow)).sum(axis=1)
            product = np.concatenate([total, odd], axis=1) if odd.size else total
        with np.errstate(over="ignore"):
            # The exponents together: one after the other might pass through a subnormal number.
            high[start : start + block] = np.ldexp(product[:, 0], units)
            low[start : start + block] = np.ldexp(tail, units)
    return high, low


def exact_sum(terms: FloatArray) -> float:
    """Correctly rounded sum; inf or NaN where the terms or their sum are not finite."""
    if not np.isfinite(terms).all():
        with np.errstate(invalid="ignore"):
            return float(terms.sum())
    try:
        return math.fsum(terms)
    except OverflowError:
        return float(np.copysign(np.inf, np.sum(terms / 2.0**60)))


def _split(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    scaled = _SPLITTER * values
    high = scaled - (scaled - values)
    return high, values - high


def _mantissas(values: FloatArray) -> tuple[FloatArray, NDArray[np.intc]]:
    """Split into numbers in [1/2, 1) and binary exponents; those of 0 are below all products."""
    mantissas, exponents = np.frexp(values)
    exponents[mantissas == 0.0] = -10_000
    return np.asarray(mantissas), np.asarray(exponents)
