"""The minimiser that fine-tuning is said to end at (Theorem 4.1), for a stated scale."""

from __future__ import annotations

from typing import Any

from numerics import Initialization, minimum_penalty
from numerics.validation import FloatArray
from verify.claims.crosscheck._scale import FinetuneScale, stated_scale

ARGMIN = r"\operatorname{argmin}_{X\beta = y} \sum_i q_{k_i}(\beta_i)"
SCALE = r"\tfrac{1}{2} \sqrt{k} = "


def minimiser(sample: Any, init: Initialization, scale: FinetuneScale = stated_scale) -> FloatArray:
    """Return the interpolating β of least penalty on a sample, for a formula of the scale."""
    return minimum_penalty(sample.X, sample.y, scale(init, sample.beta_pt)).beta
