"""Dimension, and shared dimension, of representations (Appendix D).

For features F1, F2 of the same N inputs, shape (N, D), and C = FᵀF/tr(FᵀF):

    PR(F)        = 1/tr(C²)                        participation ratio
    ENSD(F1, F2) = tr(C1 C2)·PR(F1)·PR(F2)         effective number of shared dimensions

ENSD(F, F) = PR(F), and ENSD <= √(PR(F1)·PR(F2)), the Cauchy-Schwarz inequality for tr(C1 C2).
Neither changes when all features are scaled, or rotated together.

The smaller form: tr(C²) is the same with the N x N Gram matrix F Fᵀ in place of FᵀF. tr(C1 C2) is
not: FᵀF compares directions of feature space, F Fᵀ compares the inputs' similarities, and the two
traces differ unless F1 = F2. With N < D, tr(C1 C2) is taken as ‖F1 F2ᵀ‖²/(‖F1‖²‖F2‖²), whose
matrix is N x N as well. The traces of F Fᵀ give the measure for paired data sets, for which D may
differ; `shared_dimensions(..., of="inputs")` is that one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.validation import finite_array

Floats = NDArray[np.float64]
Of = Literal["features", "inputs"]


def centred(features: ArrayLike) -> Floats:
    """Return features (N, D) less their mean over the inputs; ValueError if not finite numbers."""
    array = finite_array("features", features, ndim=2)
    return np.asarray(array - array.mean(axis=0))


def participation_ratio(features: ArrayLike) -> float:
    """Return PR(F), between 1 and the rank of F, for features of shape (N, D).

    Raises
    ------
    ValueError
        If the features are not a finite matrix, or all zero: a point has no dimensions to count.
    """
    unit = _unit("features", features)
    return 1.0 / _squared_overlap(unit, unit)


def shared_dimensions(first: ArrayLike, second: ArrayLike, *, of: Of = "features") -> float:
    """Return ENSD(F1, F2) for features of shapes (N, D1) and (N, D2) of the same inputs.

    Parameters
    ----------
    first, second
        The features.
    of
        "features" compares directions of feature space, C = FᵀF, and needs D1 = D2; "inputs"
        compares the similarities of the inputs, C = F Fᵀ.

    Raises
    ------
    ValueError
        If the features are not finite matrices over the same inputs, or all zero, or if D1 and D2
        differ where they must not.
    """
    one, two = _unit("first", first), _unit("second", second)
    if len(one) != len(two):
        raise ValueError(f"both must be of the same inputs, got {len(one)} and {len(two)}")
    ratios = 1.0 / (_squared_overlap(one, one) * _squared_overlap(two, two))
    if of == "inputs":
        return _squared_overlap(one.T, two.T) * ratios
    if one.shape[1] != two.shape[1]:
        raise ValueError(
            f"both must have the same features, got {one.shape[1]} and {two.shape[1]}; "
            'of="inputs" compares any two'
        )
    return _squared_overlap(one, two) * ratios


def measures(before: ArrayLike, after: ArrayLike) -> list[Mapping[str, float | str | None]]:
    """Return PR before and after, and both forms of ENSD, for raw and for centred features.

    Of one representation (N, D) before and after fine-tuning; "centring" names the row.
    Features that are all zero, once centred if they are, have no measures: None in that row.
    The three N x N products are formed once, and centred as matrices.
    """
    one, two = (finite_array("features", features) for features in (before, after))
    if one.shape != two.shape or one.ndim != 2 or one.size == 0:
        raise ValueError(
            "both must be non-empty matrices of one shape (inputs, features), "
            f"got {one.shape}, {two.shape}"
        )
    products: tuple[Floats, ...] = (one @ one.T, two @ two.T, one @ two.T)
    # What rounding leaves of features that do not vary, once their mean is taken off.
    rounding = len(one) * np.finfo(np.float64).eps
    floors = [rounding * float(np.trace(product)) for product in products[:2]]
    rows: list[Mapping[str, float | str | None]] = []
    for centring in ("raw", "centred"):
        if centring == "centred":
            products = tuple(_doubly_centred(product) for product in products)
        rows.append({"centring": centring, **_of_products(products, floors)})
    return rows


def _of_products(products: tuple[Floats, ...], floors: Sequence[float]) -> dict[str, float | None]:
    """Return the measures of F1 F1ᵀ, F2 F2ᵀ and F1 F2ᵀ; None if a trace is down to its floor."""
    first, second, cross = products
    size1, size2 = float(np.trace(first)), float(np.trace(second))
    if size1 <= floors[0] or size2 <= floors[1]:
        return dict.fromkeys(("pr_before", "pr_after", "ensd", "ensd_inputs"))
    first, second = first / size1, second / size2
    before, after = (1.0 / float(np.sum(gram**2)) for gram in (first, second))
    shared = float(np.sum(cross**2)) / (size1 * size2)
    return {
        "pr_before": before,
        "pr_after": after,
        "ensd": shared * before * after,
        "ensd_inputs": float(np.sum(first * second)) * before * after,
    }


def _doubly_centred(product: Floats) -> Floats:
    """Return F1 F2ᵀ of centred features, from that of the raw ones."""
    rows = product - product.mean(axis=0)
    return np.asarray(rows - rows.mean(axis=1, keepdims=True))


def _unit(name: str, features: ArrayLike) -> Floats:
    """Return the features divided by their Frobenius norm, so that tr(FᵀF) = 1."""
    array = finite_array(name, features)
    if array.ndim != 2 or array.size == 0:
        raise ValueError(
            f"{name} must be a non-empty matrix (inputs, features), got shape {array.shape}"
        )
    largest = np.abs(array).max()
    if largest == 0.0:
        raise ValueError(f"{name} must not be all zero: a point has no dimensions to count")
    array = array / largest
    return np.asarray(array / np.linalg.norm(array))


def _squared_overlap(one: Floats, two: Floats) -> float:
    """Return tr(F1ᵀF1 F2ᵀF2) = ‖F1 F2ᵀ‖², from the N x N or the D x D products."""
    if len(one) <= one.shape[1]:
        return float(np.sum((one @ two.T) ** 2))
    return float(np.sum((one.T @ one) * (two.T @ two)))
