"""Equivalence within stated margins, for many quantities at once, from independent repetitions.

Each quantity is 0 if the statement is true, and each repetition (a seed) gives one value of it.
Student intervals of the mean hold all at once with the stated confidence (Bonferroni): two
one-sided tests for each. The statement holds if every interval lies within its margin, and is
refuted if one lies wholly outside; between the two the data do not decide. What fluctuates
from seed to seed, whatever its law, is in the intervals: nothing is assumed of it but that means
of that many seeds are near normal.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from numerics.validation import FloatArray
from verify.claim import Check, Comparison, Control, Evidence, Method
from verify.methods.equivalence import Estimate

#: Probability that any of the intervals misses its mean.
FAMILY_LEVEL = 0.05
REASON = f"simultaneous intervals of {1 - FAMILY_LEVEL:.0%}"


def over_seeds(
    decide: Callable[[Any], Evidence], stated: Any, controls: tuple[Control, ...], **how: Any
) -> Check:
    """Return the check of a statement that has `problems`, `d`, `seeds`, and says its `margins`."""
    name = f"{len(stated.problems)} problems, d = {stated.d}, {len(stated.seeds)} seeds"
    reason = f"of the margin: {stated.margins()}; {REASON}"
    return Check(name, Method.STATISTICS, decide, stated, controls, 1.0, reason, seed=0, **how)


@dataclass(frozen=True)
class Quantity:
    """One quantity said to be 0: its name, a value for each seed (S,), and its margin."""

    name: str
    values: FloatArray
    margin: float

    def __post_init__(self) -> None:
        Estimate.of(self.values)
        if not (math.isfinite(self.margin) and self.margin > 0.0):
            raise ValueError(f"margin must be positive, got margin={self.margin!r}")

    @property
    def mean(self) -> Estimate:
        """Mean over the seeds."""
        return Estimate.of(self.values)


def equivalence(
    quantities: Sequence[Quantity],
    *,
    between: tuple[str, str],
    what: str,
    measure: str,
    level: float = FAMILY_LEVEL,
) -> Evidence:
    """Decide whether all `quantities` are 0 within their margins.

    Parameters
    ----------
    quantities
        At least one; of each, one value for each seed.
    between, what, measure
        The two methods that were compared, on which quantity, and in what it is measured.
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
    margins = np.array([one.margin for one in quantities])
    sizes = np.abs([one.mean.value for one in quantities])
    widths = np.array([one.mean.half_width(level / len(quantities)) for one in quantities])
    near, far = (sizes - widths) / margins, (sizes + widths) / margins
    holds = False if near.max() > 1.0 else True if far.max() <= 1.0 else None
    worst = int(np.argmax(far if holds is not False else near))
    shown = quantities[worst]
    words = {True: "within", False: "not within", None: "undecided about"}[holds]
    text = (
        f"{len(quantities)} quantities {words} their margins; "
        f"worst {shown.mean.value:+.3f} ± {widths[worst]:.3f}, margin {shown.margin:g}"
    )
    where = {
        "quantity": shown.name,
        "mean over seeds": repr(shown.mean.value),
        "half-width": repr(float(widths[worst])),
        "margin": repr(shown.margin),
    }
    data = {
        "family-wise level": level,
        "quantities": len(quantities),
        "seeds": int(shown.values.size),
        "worst": shown.name,
    }
    if not holds:
        return Evidence(holds, text, float(far.max()), where, data=data)
    found = Comparison(what, between, float(sizes.max()), measure)
    return Evidence(True, text, float(far.max()), data=data, comparisons=(found,))
