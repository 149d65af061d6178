"""The record can be reproduced (Appendix E.2.6).

Networks trained again from the recorded seed take the recorded number of epochs and end at the
recorded errors. Rate η and threshold ε, the training error at which training stops, are those of
the published runs in this project's units. For γ = 10 the rate is 0.55 over the curvature of the
loss, which is less.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import sympy as sp

from empirics.diagonal_tasks import train_curves
from empirics.experiments import SLABS
from empirics.published import from_published, published
from verify.claim import Control
from verify.claims.training._desk import first_seed, networks_of, setting_of
from verify.claims.training._recorded import RECORDS
from verify.claims.training._small_networks import by_training
from verify.methods.formula import Formula, defined
from verify.methods.numeric import Worst
from verify.registry import state

CURVES = (
    ("reuse", "omega=0.5 rho_ft=0.1 baseline"),
    ("reuse", "omega=1 rho_ft=0.1 lam/c=0.99"),
    ("reuse", "omega=0 rho_ft=0.1 gamma=1"),
    ("new-features", "omega=0 rho_ft=0.9 c=1e-06"),
    ("nested-features", "omega=1 rho_ft=0.04 c=1"),
    ("single-task", "rho=0.1 c=0.001 lam/c=-1"),
    ("regimes", "II omega=1 rho_ft=0.01"),
    ("nested-features", "omega=1 rho_ft=0.04 gamma=10"),
)
# From this γ on the curvature of the loss bounds the rate.
BOUNDED = 10.0
MEASURED = ("epochs", "learning_rate", "squared_error", "norm", "test_error", "shrinkage")
RATE, THRESHOLD, WIDTH, ALPHA = sp.symbols("eta varepsilon d alpha", positive=True)


class Again(NamedTuple):
    """Rate and threshold of the curves that are trained again, at which α, how many seeds on."""

    alpha: float
    rate: Formula = Formula(RATE, (WIDTH,), lambda d: 1 / d)
    threshold: Formula = Formula(THRESHOLD, (ALPHA,), lambda a: sp.Rational(1, 10**4) / a)
    seed_offset: int = 0

    def latex(self):
        seed = f"s + {self.seed_offset}" if self.seed_offset else "s"
        found = rf"\text{{{', '.join(MEASURED).replace('_', ' ')}}}"
        return (
            rf"({found})_{{{seed}}} = ({found})_{{s, \text{{recorded}}}} \\ "
            rf"{self.rate.latex()},\quad {self.threshold.latex()},\quad \alpha = {self.alpha:g}"
        )


def faster(d):
    return sp.Rational(21, 20) / d


def whole(alpha):
    return sp.Rational(1, 10**4)


STATED = Again(alpha=0.108)
CONTROLS = (
    Control("the next seed", STATED._replace(seed_offset=1)),
    Control("1.05 times the rate", STATED._replace(rate=replace(STATED.rate, body=faster))),
    Control("10⁻⁴ itself", STATED._replace(threshold=replace(STATED.threshold, body=whole))),
)


def decide(again):
    """Train recorded networks again from their seed and compare epochs, errors and shrinkage.

    ValueError if no network was recorded at that α.
    """
    import torch

    torch.set_num_threads(1)
    worst, count = Worst(), 0
    for slab in SLABS:
        seed, configurations = first_seed(slab)
        if again.alpha not in configurations:
            known = [*configurations]
            raise ValueError(f"networks are recorded at α in {known}, not {again.alpha:g}")
        task = configurations[again.alpha]
        stated_rate = compare_rate_and_threshold(again, task, worst)
        drawn = task["settings"]
        chosen = [row for row in drawn if (row["experiment"], row["curve"]) in CURVES]
        rows = train_curves(task | {"settings": chosen}, seed + again.seed_offset)
        count += len(rows)
        for row in rows:
            networks, place = networks_of(setting_of(row, slab), again.alpha, seed)
            for name in MEASURED:
                # A network that diverged has None here and NaN in the record, and counts as apart.
                value = np.nan if row[name] is None else float(row[name])
                wanted = float(networks.measured[name][place])
                where = {"slab": slab, "curve": row["curve"], "measured": name}
                where |= {"found": value, "recorded": wanted}
                worst.at(abs(value / wanted - 1.0), **where)
            if row["gamma"] < BOUNDED:
                rate = float(networks.measured["learning_rate"][place])
                where = {"slab": slab, "curve": row["curve"], "rate": rate, "stated": stated_rate}
                worst.at(abs(rate / stated_rate - 1.0), **where)
    return worst.measured(
        f"{count} networks trained again: epochs, errors and shrinkage within {{worst}} of the "
        "record",
        alpha=again.alpha,
    )


def compare_rate_and_threshold(again, task, worst):
    """Compare what is stated with what `train_curves` takes for this task; return the rate.

    A part in a thousand of either is an epoch or none, which the networks cannot tell.
    """
    n = round(task["alpha"] * task["d"])
    run = from_published(published(), n, task["d"])
    rate = float(defined(again.rate, RATE, {WIDTH: task["d"]}))
    threshold = float(defined(again.threshold, THRESHOLD, {ALPHA: n / task["d"]}))
    for name, stated, taken in (
        ("rate", rate, run.learning_rate),
        ("threshold", threshold, run.threshold),
    ):
        same = task[name] == "published" and np.isclose(stated, taken, rtol=1e-12, atol=0.0)
        where = {"measured": name, "stated": stated, "taken": taken}
        worst.at(0.0 if same else np.inf, **where)
    return rate


REASON = "six recorded digits, and an epoch more or less where rounding differs"
HOW = {"limit": 180.0, "needs_files": RECORDS}
state(
    "training.recorded-rows",
    __doc__,
    (by_training("eight networks of each slab", decide, STATED, CONTROLS, 2e-3, REASON, **HOW),),
    assumptions=("first recorded seed of each slab, eight curves",),
)
