"""Equivalence within stated margins, for many quantities at once, from independent repetitions.

Each quantity is 0 if the statement is true, and each repetition (a seed) gives one value of it.
Student intervals of the mean hold all at once with the stated confidence (Bonferroni): two
one-sided tests for each. The statement holds if every interval lies within its margin, and is
refuted if one lies wholly outside; between the two the data do not decide. What fluctuates
from seed to seed, whatever its law, is in the intervals: nothing is assumed of it but that means
of that many seeds are near normal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from numerics.validation import FloatArray
from verify.claim import Comparison, Evidence

#: Probability that any of the intervals misses its mean.
FAMILY_LEVEL = 0.05


@dataclass(frozen=True)
class Quantity:
    """One quantity said to be 0: its name, a value for each seed (S,), and its margin."""

    name: str
    values: FloatArray
    margin: float

    def __post_init__(self) -> None:
        if self.values.ndim != 1 or self.values.size < 3:
            raise ValueError(
                f"values must have shape (S,) with S >= 3, got shape {self.values.shape}"
            )
        if not np.isfinite(self.values).all():
            raise ValueError(f"values must be finite, got {self.name}: {self.values.tolist()}")
        if not (math.isfinite(self.margin) and self.margin > 0.0):
            raise ValueError(f"margin must be positive, got margin={self.margin!r}")

    @property
    def mean(self) -> float:
        """Mean over the seeds."""
        return float(self.values.mean())

    def half_width(self, level: float) -> float:
        """Half the width of the interval that misses the mean with probability `level`."""
        size = self.values.size
        error = float(self.values.std(ddof=1)) / math.sqrt(size)
        return float(student.ppf(1.0 - 0.5 * level, size - 1)) * error


def equivalence(
    quantities: Sequence[Quantity],
    *,
    roads: tuple[str, str],
    what: str,
    measure: str,
    level: float = FAMILY_LEVEL,
) -> Evidence:
    """Decide whether all `quantities` are 0 within their margins.

    Parameters
    ----------
    quantities
        At least one; of each, one value for each seed.
    roads, what, measure
        The two roads that were compared, on which quantity, and in what it is measured.
    level
        Family-wise level of all intervals.

    Returns
    -------
    Evidence
        `figure` is the largest ratio of |end of an interval| to its margin: at most 1 where the
        statement holds.
    """
    if not quantities:
        raise ValueError("quantities must not be empty")
    each = level / len(quantities)
    reach = [(abs(q.mean) + q.half_width(each)) / q.margin for q in quantities]
    near = [(abs(q.mean) - q.half_width(each)) / q.margin for q in quantities]
    farthest = int(np.argmax(near))
    holds: bool | None
    if near[farthest] > 1.0:
        holds, shown = False, quantities[farthest]
    else:
        shown = quantities[int(np.argmax(reach))]
        holds = True if max(reach) <= 1.0 else None
    width = shown.half_width(each)
    words = {True: "within", False: "not within", None: "undecided about"}[holds]
    return Evidence(
        holds,
        f"{len(quantities)} quantities {words} their margins; "
        f"worst {shown.mean:+.3f} ± {width:.3f}, margin {shown.margin:g}",
        figure=max(reach),
        counterexample=None
        if holds
        else {
            "quantity": shown.name,
            "mean over seeds": repr(shown.mean),
            "half-width": repr(width),
            "margin": repr(shown.margin),
        },
        data={
            "family-wise level": level,
            "quantities": len(quantities),
            "seeds": int(quantities[0].values.size),
            "worst": shown.name,
        },
        comparisons=(Comparison(what, roads, max(abs(q.mean) for q in quantities), measure),)
        if holds
        else (),
    )
