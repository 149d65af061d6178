"""Exact errors at two points of the baseline, by two independent solvers (Figure 3)."""

from dataclasses import replace
from typing import Any

import numpy as np

from numerics.multiprecision import pretrain_finetune_groups, replica_fixed_point
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.claims.curves._margins import errors, setting
from verify.methods.numeric import FLOAT64, MULTIPRECISION, compare, compared
from verify.registry import register

EXACT = ((0.17126582, 0.49146810), (0.3635443, 0.024070705))
# Half a unit of the last digit stated, of the smaller value; of the other, about one unit.
TOLERANCE = 2.1e-8
AGREEMENT = 1e-11
BASELINE = setting("gaussian", 0.1, 0.5)

Values = tuple[tuple[float, float], ...]


def compare_values(values: Values, tolerance: float) -> Evidence:
    """Hold the values to the float64 solver."""
    return compare(
        lambda _, value: value,
        lambda alpha, _: errors(BASELINE, np.array([alpha]))[0],
        values,
        names=("α", "stated p"),
    )


def by_float64(values: Values) -> Evidence:
    """Hold the values to the float64 solver, to their last digit."""
    return compare_values(values, TOLERANCE)


def by_multiprecision(values: Values) -> Evidence:
    """Hold the values, and the float64 solver, to the fixed point in 30 digits."""

    def exact(alpha: float, _: float) -> Any:
        groups = pretrain_finetune_groups(
            "0.1", "0.1", "0.5", "1e-3", 0, slab="gaussian", digits=30
        )
        return replica_fixed_point(groups, repr(alpha), digits=30).mse

    solved = {alpha: exact(alpha, value) for alpha, value in values}
    found = compare(
        lambda _, value: value, lambda alpha, _: solved[alpha], values,
        names=("α", "stated p"),
    )  # fmt: skip
    if not found.holds:
        return found
    agreement = compare(
        lambda alpha: errors(BASELINE, np.array([alpha]))[0],
        solved.__getitem__,
        [(alpha,) for alpha in solved],
        names=("α",),
    )
    if not agreement.holds:
        return agreement
    named = compared(agreement, "error p", (FLOAT64, MULTIPRECISION)).comparisons
    return replace(found, comparisons=named)


CONTROLS = (
    Control("errors at exchanged α", ((EXACT[0][0], EXACT[1][1]), (EXACT[1][0], EXACT[0][1]))),
    Control("first value larger by 10⁻⁷", ((EXACT[0][0], EXACT[0][1] + 1e-7), EXACT[1])),
)

register(
    Claim(
        id="curves.reference-values",
        title="Exact errors at two points",
        sentence="At the baseline the error is 0.49146810 at α = 0.17126582 and 0.024070705 at "
        "α = 0.3635443.",
        latex=r"p(0.17126582) = 0.49146810,\quad p(0.3635443) = 0.024070705",
        source="Proposition 4.2; Figure 3",
        assumptions=("baseline of Experiment 1, Gaussian slab, ω = 0.5",),
        requires=("replica.effective-parameters",),
        checks=(
            Check(
                "30 digits",
                Method.MULTIPRECISION,
                by_multiprecision,
                EXACT,
                CONTROLS,
                tolerance=TOLERANCE,
                reason="half a unit of the last digit stated, of the smaller value",
            ),
            Check(
                "float64",
                Method.FLOAT64,
                by_float64,
                EXACT,
                CONTROLS,
                tolerance=TOLERANCE,
                reason="half a unit of the last digit stated, of the smaller value",
            ),
        ),
    )
)
