"""Equivalence within stated margins, for many quantities at once, from independent repetitions.

Each quantity is 0 if the statement is true, and each repetition (a seed) gives one value of it.
Student intervals of the mean hold all at once with the stated confidence (Bonferroni): two
one-sided tests for each. The statement holds if every interval lies within its margin, and is
refuted if one lies wholly outside; between the two the data do not decide. What fluctuates
from seed to seed, whatever its law, is in the intervals: nothing is assumed of it but that means
of that many seeds are near normal.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from numerics.validation import FloatArray
from verify.claim import Check, Comparison, Control, Evidence, Method
from verify.methods.equivalence import LEVEL, Estimate
from verify.methods.formula import Formula
from verify.methods.relations import Relation


def over_seeds(
    decide: Callable[[Any], Evidence], stated: Any, controls: tuple[Control, ...], **how: Any
) -> Check:
    """Return the check of a statement that has `problems`, `d`, `seeds`, and says its `margins`."""
    name = f"{len(stated.problems)} problems, d = {stated.d}, {len(stated.seeds)} seeds"
    reason = f"of the margin: {stated.margins()}; simultaneous intervals of {1 - LEVEL:.0%}"
    return Check(name, Method.STATISTICS, decide, stated, controls, 1.0, reason, seed=0, **how)


class Quantity(NamedTuple):
    """One quantity said to be 0: its name, a value for each seed (S,), and its bound |E[.]| ≤ m."""

    name: str
    values: FloatArray
    bound: Formula

    @property
    def margin(self) -> float:
        """Within which it counts as 0."""
        return float(self.bound.side())

    @property
    def outside(self) -> bool:
        """Whether the bound says that it is not 0."""
        return self.bound.relation in (Relation.ABOVE, Relation.AT_LEAST)


def equivalence(
    quantities: Sequence[Quantity], *, between: tuple[str, str], what: str, measure: str
) -> Evidence:
    """Decide whether all `quantities` are 0 within their margins.

    Parameters
    ----------
    quantities
        At least one; of each, one value for each seed.
    between, what, measure
        The two methods that were compared, on which quantity, and in what it is measured.

    Returns
    -------
    Evidence
        `figure` is the largest ratio of |end of an interval| to its margin: at most 1 where the
        statement holds.
    """
    margins = np.array([one.margin for one in quantities])
    if not (margins.size and ((margins > 0.0) & (margins < np.inf)).all()):
        raise ValueError(f"all quantities must have positive margins, got {margins.tolist()}")
    means = [Estimate.of(one.values) for one in quantities]
    sizes = np.abs([mean.value for mean in means])
    widths = np.array([mean.half_width(LEVEL / margins.size) for mean in means])
    near, far = (sizes - widths) / margins, (sizes + widths) / margins
    outside = np.array([one.outside for one in quantities])
    lost, kept = np.where(outside, far < 1.0, near > 1.0), np.where(outside, near >= 1.0, far <= 1)
    holds = False if lost.any() else True if kept.all() else None
    away = np.where(outside, 1.0 / np.maximum(far, 1e-300), near)
    worst = int(np.argmax(far if holds is not False else away))
    shown, mean, width = quantities[worst], means[worst].value, float(widths[worst])
    words = {True: "within", False: "not within", None: "undecided about"}[holds]
    return Evidence(
        holds,
        f"{margins.size} quantities {words} their margins; worst {mean:+.3f} ± {width:.3f}, "
        f"margin {shown.margin:g}",
        float(far.max()),
        None
        if holds
        else {
            "quantity": shown.name,
            "mean over seeds": repr(mean),
            "half-width": repr(width),
            "margin": repr(shown.margin),
        },
        data={
            "family-wise level": LEVEL,
            "quantities": margins.size,
            "seeds": shown.values.size,
            "worst": shown.name,
        },
        comparisons=(Comparison(what, between, float(sizes.max()), measure),) if holds else (),
    )
