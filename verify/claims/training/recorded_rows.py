"""The record can be reproduced (Appendix E.2.6).

Networks trained again from the recorded seed take the recorded number of epochs and end at the
recorded errors. Rate and threshold are those of the recorded task, exactly.
"""

from typing import NamedTuple

import numpy as np

from empirics.diagonal_tasks import train_curves
from verify.claim import Control
from verify.claims.training._recorded import RECORD
from verify.claims.training._small_networks import by_training
from verify.claims.training.recorded_optimum import first_seed, networks_of, setting_of
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
)
MEASURED = ("epochs", "learning_rate", "squared_error", "norm", "test_error", "shrinkage")


class Again(NamedTuple):
    """How the curves are trained again, at which α, and how many seeds further."""

    rate: float
    threshold: float
    alpha: float
    seed_offset: int = 0

    def latex(self):
        seed = f"s + {self.seed_offset}" if self.seed_offset else "s"
        found = rf"\text{{{', '.join(MEASURED).replace('_', ' ')}}}"
        return (
            rf"({found})_{{{seed}}} = ({found})_{{s, \text{{recorded}}}} \\ "
            rf"\text{{rate }} {self.rate:g},\quad \text{{threshold }} {self.threshold:g},\quad "
            rf"\alpha = {self.alpha:g}"
        )


STATED = Again(rate=0.1, threshold=1e-4, alpha=0.108)
CONTROLS = (
    Control("the next seed", STATED._replace(seed_offset=1)),
    Control("1.05 times the rate", STATED._replace(rate=0.105)),
    Control("twice the threshold", STATED._replace(threshold=2e-4)),
)


def decide(again):
    """Train recorded networks again from their seed and compare epochs, errors and shrinkage.

    ValueError if no network was recorded at that α.
    """
    import torch

    torch.set_num_threads(1)
    (seed, configurations), worst = first_seed(), Worst()
    if again.alpha not in configurations:
        raise ValueError(f"networks are recorded at α in {[*configurations]}, not {again.alpha:g}")
    task, said = configurations[again.alpha], {"rate": again.rate, "threshold": again.threshold}
    # A part in a thousand of either is an epoch, which the comparison below cannot tell.
    for name, value in said.items():
        where = {"measured": name, "found": value, "recorded": task[name]}
        worst.at(0.0 if value == task[name] else np.inf, **where)
    configuration = task | said
    drawn = configuration["settings"]
    chosen = [row for row in drawn if (row["experiment"], row["curve"]) in CURVES]
    rows = train_curves(configuration | {"settings": chosen}, seed + again.seed_offset)
    for row in rows:
        networks, place = networks_of(setting_of(row), again.alpha, seed)
        for name in MEASURED:
            value, wanted = float(row[name]), float(networks.measured[name][place])
            where = {"curve": row["curve"], "measured": name, "found": value, "recorded": wanted}
            worst.at(abs(value / wanted - 1.0), **where)
    return worst.measured(
        f"{len(rows)} networks trained again: epochs, errors and shrinkage within {{worst}} of the "
        "record",
        seed=seed,
        alpha=again.alpha,
    )


REASON = "six recorded digits, and an epoch more or less where rounding differs"
HOW = {"limit": 180.0, "needs_files": (RECORD,)}
state(
    "training.recorded-rows",
    __doc__,
    (by_training("seven networks", decide, STATED, CONTROLS, 2e-3, REASON, **HOW),),
    assumptions=("first recorded seed, seven curves",),
)
