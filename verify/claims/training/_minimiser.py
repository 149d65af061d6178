"""The minimiser that fine-tuning is said to end at (Theorem 4.1), for a stated scale."""

from __future__ import annotations

from typing import Any

import sympy as sp

from numerics import Initialization, minimum_penalty
from numerics.validation import FloatArray
from verify.claims.crosscheck._scale import STATED_SCALE, evaluated
from verify.methods.formula import Formula

# β̂(c), the interpolating β of least Σ q with scale c.
MINIMISER = sp.Function(r"\hat\beta")
ETA = sp.Symbol("eta", positive=True)


def minimiser(sample: Any, init: Initialization, scale: Formula = STATED_SCALE) -> FloatArray:
    """Return the interpolating β of least penalty on a sample, for a formula of the scale."""
    return minimum_penalty(sample.X, sample.y, evaluated(scale, init, sample.beta_pt)).beta
