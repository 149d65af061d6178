"""Networks of d = 1000 and their minimisers (Theorem 4.1; Appendix E.2.6).

Trained networks, over the settings of Experiments 1-4 and Figure 5, have the generalisation error
of the minimiser of Theorem 4.1 on their own data, within 2 % and 0.003: near enough to exclude a
scale c_FT ten per cent larger.

p̂ is the error of a network, p that of β̂(c_FT), the interpolating β of least Σ q with scale c_FT.
The data of a network follow from its seed without torch (`empirics.diagonal_tasks.curve_data`).
"""

import json
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
import sympy as sp

from empirics.diagonal_tasks import curve_data
from empirics.experiments import Setting, sweep_tasks
from numerics import Initialization, minimum_penalty
from verify.claim import Check, Control, Method
from verify.claims.crosscheck._scale import STATED_SCALE, WRONG_SCALES, evaluated
from verify.claims.training._recorded import RECORD, recorded
from verify.methods.bounds import at_least, share
from verify.methods.formula import Formula
from verify.methods.numeric import Worst, compared
from verify.methods.relations import Relation
from verify.registry import state

# How far the error of a network may be from that of the minimiser: relative, and absolute.
RELATIVE, ABSOLUTE = 0.02, 3e-3
REASON = f"{RELATIVE:g} of the error and {ABSOLUTE:g}, which learning rate and threshold leave"


FOUND, P = sp.symbols(r"\hat{p} p", real=True)


class Statement(NamedTuple):
    """Data scales, step through the settings, the scale of the minimiser, and how near it is."""

    alphas: tuple[float, ...]
    stride: int
    scale: Formula = STATED_SCALE
    near: Formula = Formula(
        sp.Abs(sp.Add(FOUND, -P, evaluate=False)),
        (P,),
        lambda p: RELATIVE * p + ABSOLUTE,
        Relation.AT_MOST,
    )

    def latex(self):
        alphas = ", ".join(f"{alpha:g}" for alpha in self.alphas)
        return rf"{self.near.latex()},\quad \alpha \in \{{{alphas}\}} \\ {self.scale.latex()}"


def first_seed():
    """Return the first recorded seed, and what was trained from it, by data scale."""
    seed = next(iter(recorded().networks.values())).seeds[0]
    found = [json.loads(task.text) for task in sweep_tasks("all", "pilot") if task.seed == seed]
    return seed, {configuration["alpha"]: configuration for configuration in found}


def setting_of(row):
    """Return the setting of a task's configuration."""
    parameters = ("rho_ft", "overlap", "c", "relative_scale", "gamma")
    return Setting(row["experiment"], row["curve"], *(row[name] for name in parameters))


def networks_of(setting, alpha, seed):
    """Return the recorded networks of a setting, and the place of one by data scale and seed."""
    networks = recorded().of(setting)
    return networks, (int(np.argmin(np.abs(networks.alpha - alpha))), networks.seeds.index(seed))


@cache
def instances(alphas, stride):
    """Return setting, data and recorded error of the networks that converged."""
    (seed, configurations), found = first_seed(), []
    for alpha in (a for a in configurations if a in alphas):
        data = curve_data(configurations[alpha], seed)
        rows = zip(
            configurations[alpha]["settings"], data.beta_pt, data.beta_ft, data.y, strict=True
        )
        for row, beta_pt, beta_ft, y in list(rows)[::stride]:
            setting = setting_of(row)
            networks, place = networks_of(setting, alpha, seed)
            if networks.stop_reason[place] == "converged":
                error = float(networks.error[place])
                found.append((setting, data.X, y, beta_pt, beta_ft, error))
    return found


def decide(statement):
    """Measure the error of each network against that of its minimiser, in units of the tolerance.

    A single task is learnt from the start: of scale w₀² + v₀² = c whatever λ, which is half of what
    the formula gives where β_PT = λ = 0.
    """
    worst, gaps = Worst(), []
    for setting, X, y, beta_pt, beta_ft, error in instances(statement.alphas, statement.stride):
        init = setting.initialization
        if setting.overlap is None:
            alone = Initialization(init.c, 0.0)
            scales = evaluated(statement.scale, alone, np.zeros(beta_pt.size)) / 2
        else:
            scales = evaluated(statement.scale, init, beta_pt)
        best = float(((minimum_penalty(X, y, scales).beta - beta_ft) ** 2).mean())
        gaps.append(abs(error - best))
        where = {"setting": setting.name, "of_the_network": error, "of_the_minimiser": best}
        worst.at(share(statement.near, {FOUND: error, P: best}, {P: best}), **where)
    found = worst.measured(
        f"errors of {{count}} networks differ from those of their minimisers by "
        f"{np.median(gaps):.2g} (median), {np.max(gaps):.2g} (largest), {{worst}} of the tolerance",
        networks=len(gaps),
    )
    methods = ("trained network", "dual Newton")
    apart = replace(found, figure=np.max(gaps)) if np.isfinite(gaps).all() else found
    apart = compared(apart, "error of an instance", methods, "absolute, ‖β̂ − β*‖²/d")
    return replace(apart, figure=found.figure)


def ten_per_cent_larger(*of):
    return sp.Rational(11, 10) * STATED_SCALE.body(*of)


def check(name, stated, *near, **how):
    wrong = WRONG_SCALES.items()
    controls = *(Control(why, stated._replace(scale=scale)) for why, scale in wrong), *near
    how |= {"needs_files": (RECORD,)}
    return Check(name, Method.TRAINING, decide, stated, controls, 1.0, REASON, **how)


QUICK = Statement((0.059, 0.108), stride=3)
# A few networks are enough to notice it.
FEW = Statement((0.108,), 15)
TEN_PER_CENT = replace(STATED_SCALE, body=ten_per_cent_larger)
OTHERS = (
    Control("c_FT ten per cent larger", FEW._replace(scale=TEN_PER_CENT)),
    Control("errors further apart", FEW._replace(near=at_least(FEW.near))),
)
FULL = Statement((0.01, 0.059, 0.108, 0.157, 0.206, 0.255, 0.304, 0.353), stride=2)
state(
    "training.recorded-optimum",
    __doc__,
    (
        check("every third setting at two α", QUICK, *OTHERS, limit=120.0),
        check("every other setting at eight α", FULL, tier="full", limit=900.0),
    ),
    assumptions=("recorded networks of d = 1000, Gaussian slab", "data drawn again from the seed"),
    requires=("implicit-bias.minimiser",),
)
