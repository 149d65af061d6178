"""Errors of stopped flows and of ridges (Appendix E.2.6; beyond the paper).

In the five published conditions where the training error of 10⁻⁴ shows, gradient flow that is
stopped there has a larger generalisation error than the minimiser with a ridge that has the same
training error on the same data.

p_t is the error of the flow at the time t when it is stopped, p_ϱ that of the minimiser of
(1/2ϱ)‖y − Xβ‖² + Σq with the strength ϱ at which ‖Xβ − y‖²/n is the same. So the replica formula
with that ridge says which networks are off the curve, and by about how much, but not what their
errors are. Early stopping is often taken for a ridge of strength 1/t: here ϱ t is a number of its
own in each condition, which the page lists. Plan and direction were fixed before the record was
made (`empirics.stopped_flow`).
"""

from typing import NamedTuple

import numpy as np
import sympy as sp

from empirics.stopped_flow import CONDITIONS, RECORDED, conditions, load, predicted
from verify.claim import Check, Control, Evidence, Method
from verify.methods.equivalence import LEVEL, Estimate, decide_all
from verify.methods.formula import Formula
from verify.methods.notation import Mean
from verify.methods.on_arrays import on_arrays
from verify.methods.relations import Relation
from verify.registry import state

STOPPED, RIDGES = sp.symbols(r"p_t p_\varrho", positive=True)


class Statement(NamedTuple):
    """The sign of the mean log ratio."""

    ratio: Formula = Formula(
        Mean(sp.log(STOPPED / RIDGES, evaluate=False)), (), lambda: 0, Relation.ABOVE
    )

    def latex(self) -> str:
        """Return the inequality."""
        return self.ratio.latex()


def decide(statement: Statement) -> Evidence:
    """Decide the sign in all conditions where the stopping rule shows, by t tests."""
    ratio, record = statement.ratio, load()
    if not (isinstance(ratio.name, Mean) and ratio.strict and float(ratio.side()) == 0.0):
        raise ValueError(f"the sign of a mean must be stated, got {ratio.latex()}")
    sign = 1.0 if ratio.relation is Relation.ABOVE else -1.0
    found, steps = [], []
    for index in sorted(CONDITIONS):
        condition, rows = conditions()[index], record.of(index)
        limits = predicted(condition)
        if not limits.shown:
            continue
        at = {STOPPED: rows["stopped"], RIDGES: rows["ridge_error"]}
        one = Estimate.of(sign * on_arrays(ratio.name.args[0], at))
        found.append(one)
        times = rows["ridge"] * rows["time"]
        steps.append(
            f"{condition.name}: log of the ratio {sign * one.value:+.3f} ± {one.error:.3f}, "
            f"{rows['time'].size} instances; ϱt from {times.min():.3f} to {times.max():.3f}; mean "
            f"of p_ϱ {np.mean(rows['ridge_error']):.3g}, by the replica formula at the threshold "
            f"{limits.ridge_error:.3g}"
        )
    shown = [one.positive_p() for one in found]
    decision = decide_all(shown, [1.0 - p for p in shown])
    data = {"conditions": len(found), "family-wise level": LEVEL}
    text = f"{len(found)} conditions (p = {decision.p:.2g}); {steps[decision.decisive]}"
    where = None if decision.holds else {"condition": steps[decision.decisive]}
    return Evidence(decision.holds, text, decision.p, where, tuple(steps), data)


STATED = Statement()
REVERSED = Formula(STATED.ratio.name, (), lambda: 0, Relation.BELOW)
state(
    "training.stopped-flow-beside-ridge",
    __doc__,
    (
        Check(
            "recorded flows",
            Method.STATISTICS,
            decide,
            STATED,
            (Control("the ridge's error is larger", Statement(REVERSED)),),
            LEVEL,
            "family-wise level of all tests",
            limit=120.0,
            needs_files=(f"empirics/recorded/{RECORDED}",),
        ),
    ),
    assumptions=(
        "d = 5000, teachers at the quantiles of their law; training errors equal to 1 %",
        "independent instances; one-sided t tests, Holm's correction over the conditions",
    ),
    requires=("network.flow",),
)
