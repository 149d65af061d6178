"""Numbers that a decision divides by or counts must be finite: infinity can look like agreement."""

from __future__ import annotations

from typing import Any

import numpy as np


def finite(**named: Any) -> None:
    """Require that all numbers are finite, in arrays as well.

    Raises
    ------
    ArithmeticError
        Names what is not, and how many of its numbers are not.
    """
    for name, value in named.items():
        bad = ~np.isfinite(np.asarray(value, dtype=np.float64))
        if bad.any():
            raise ArithmeticError(
                f"{name.replace('_', ' ')} must be finite, got {bad.sum()} of {bad.size} that are "
                f"not"
            )
