"""Networks of d = 1000 and the gradient flow of Theorem 4.1 (Appendix E.2.6).

Networks trained by the published protocol, in the settings of Experiments 1-4 and Figure 5, have
the generalisation error of the gradient flow with scale c_FT at the time where they stopped, on
their own data, within 5 %. The one factor on c_FT that fits them best is 1 within 2 %.

p̂ is the error of a network after m epochs of learning rate η, p_t that of the flow at the time t:
βᵢ = c_FT,ᵢ sinh 2(Xᵀν)ᵢ with dν/dt = y − Xβ, from ν = 0; a single task is learnt from the start,
with scale c₀ = c. What is left between them goes as η (training.learning-rate-gap). Networks stop
at a training error, and many are far from the minimiser then: the flow is what they are held to.
The data of a network follow from its seed without torch (`empirics.diagonal_tasks.curve_data`).

The learning rate is 1/d, but for γ = 10, where it is 0.55 over the curvature of the loss. These
networks are nearly lazy and stop at the first look: of γ² they say next to nothing.

κ is the factor that makes Σ(log p̂ − log p_t)² least, with κ c_FT for c_FT, to first order. Steep
curves weigh most in it.
"""

from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from empirics.diagonal_tasks import curve_data
from empirics.experiments import SCALES, SLABS, Setting
from numerics import minimum_penalty
from numerics.gradient_flow import mirror_flow
from numerics.validation import FloatArray
from verify.claim import Check, Control, Method
from verify.claims.crosscheck._scale import STATED_SCALE, WRONG_SCALES, C, evaluated
from verify.claims.training._desk import first_seed, networks_of, setting_of
from verify.claims.training._recorded import RECORDS
from verify.methods.bounds import at_least, share
from verify.methods.formula import Formula, defined
from verify.methods.numeric import Worst, compared
from verify.methods.relations import Relation
from verify.registry import state

FOUND, P, KAPPA = sp.symbols(r"\hat{p} p_t kappa", positive=True)
TIME, RATE, EPOCHS, ALONE = sp.symbols("t eta m c_0", positive=True)
NEAR, FACTOR = 0.05, 0.02
# By which c_FT is changed for the derivative of log p_t.
_STEP = 0.05
# Far below what networks differ from the flow by; no training error is as small as the target, and
# the flow ends at `longest`.
_ACCURACY: dict[str, Any] = {"target": 1e-200, "method": "RK23", "rtol": 1e-6, "atol": 1e-8}


class Statement(NamedTuple):
    """Data scales, step through the settings, scales and time of the flow, and how near it is."""

    alphas: tuple[float, ...]
    stride: int = 1
    scale: Formula = STATED_SCALE
    alone: Formula = Formula(ALONE, (C,), lambda c: c)
    time: Formula = Formula(TIME, (RATE, EPOCHS), lambda rate, epochs: rate * epochs)
    near: Formula = Formula(
        sp.Abs(sp.Add(FOUND / P, -1, evaluate=False)), (), lambda: NEAR, Relation.AT_MOST
    )

    def latex(self):
        alphas = ", ".join(f"{alpha:g}" for alpha in self.alphas)
        which = "all settings" if self.stride == 1 else f"1 of {self.stride} settings"
        flow = ", \\quad ".join(one.latex() for one in (self.time, self.scale, self.alone))
        return rf"{self.near.latex()},\quad \alpha \in \{{{alphas}\}},\ \text{{{which}}} \\ {flow}"


class Instance(NamedTuple):
    """A recorded network: its setting, its data, and where it stopped."""

    setting: Setting
    X: FloatArray
    y: FloatArray
    beta_pt: FloatArray
    beta_ft: FloatArray
    error: float
    rate: float
    epochs: float


@cache
def instances(alphas, stride):
    """Return networks of both slabs, the first seed of each, and how many did not converge.

    Those at a saddle, which do not move, are left out. ValueError if an α was not recorded.
    """
    found, lost = [], 0
    for slab in SLABS:
        seed, configurations = first_seed(slab)
        if not set(alphas) <= set(configurations):
            raise ValueError(f"networks are recorded at α in {[*configurations]}, not {alphas}")
        for alpha in alphas:
            data = curve_data(configurations[alpha], seed)
            rows = zip(
                configurations[alpha]["settings"], data.beta_pt, data.beta_ft, data.y, strict=True
            )
            for row, beta_pt, beta_ft, y in list(rows)[::stride]:
                setting = setting_of(row, slab)
                networks, place = networks_of(setting, alpha, seed)
                if networks.stop_reason[place] == "converged":
                    measured = ("squared_error", "learning_rate", "epochs")
                    at_end = (float(networks.measured[name][place]) for name in measured)
                    found.append(Instance(setting, data.X, y, beta_pt, beta_ft, *at_end))
                lost += networks.stop_reason[place] not in ("converged", "stationary")
    return found, lost


def error_of_flow(instance, statement, factor=1.0):
    """Return the error of the flow with `factor` times c_FT; of the minimiser where t is ∞."""
    init = instance.setting.initialization
    if instance.setting.overlap is None:
        alone = float(defined(statement.alone, ALONE, {C: init.c}))
        scales = np.full(instance.beta_pt.size, alone)
    else:
        scales = evaluated(statement.scale, init, instance.beta_pt)
    time = defined(statement.time, TIME, {RATE: instance.rate, EPOCHS: instance.epochs})
    if time == sp.oo:
        beta = minimum_penalty(instance.X, instance.y, factor * scales).beta
    else:
        options = _ACCURACY | {"longest": float(time)}
        beta = mirror_flow(factor * scales, instance.X, instance.y, **options).beta[-1]
    return float(((beta - instance.beta_ft) ** 2).mean())


def judged(statement):
    """Return the networks that are judged, and a text that says how many are.

    Raises
    ------
    ArithmeticError
        If more than one in ten did not converge.
    """
    found, lost = instances(statement.alphas, statement.stride)
    if lost > 0.1 * len(found):
        raise ArithmeticError(f"networks must converge, {lost} of {lost + len(found)} did not")
    return found, f"{len(found)} networks" + (f" ({lost} that did not converge)" if lost else "")


def decide(statement):
    """Measure the error of each network against that of the flow, in units of the tolerance."""
    worst, apart = Worst(), []
    networks, count = judged(statement)
    for one in networks:
        error = error_of_flow(one, statement)
        apart.append(abs(one.error / error - 1))
        where = {"setting": one.setting.name, "n": one.y.size}
        where |= {"of_the_network": one.error, "of_the_flow": error}
        worst.at(share(statement.near, {FOUND: one.error, P: error}), **where)
    found = worst.measured(
        f"errors of {count} differ from those of the flow by {np.median(apart):.2g} (median), "
        f"{np.max(apart):.2g} (largest), relative; the latter is {{worst}} of the tolerance",
        networks=len(apart),
    )
    largest = replace(found, figure=max(apart)) if np.isfinite(apart).all() else found
    methods = ("trained network", "mirror flow")
    return replace(compared(largest, "error of an instance", methods), figure=found.figure)


def fitted(statement):
    """Return log κ of the networks in units of the tolerance."""
    networks, count = judged(statement)
    flows = ([error_of_flow(one, statement, k) for one in networks] for k in (1.0, 1.0 + _STEP))
    found = np.log([[one.error for one in networks], *flows])
    residual, slope = found[0] - found[1], (found[2] - found[1]) / np.log1p(_STEP)
    weight = slope**2 / (slope @ slope)
    log_kappa = float(residual @ slope / (slope @ slope))
    worst = Worst()
    where = {"log κ": log_kappa, "networks": len(networks)}
    worst.at(share(statement.near, {KAPPA: np.exp(log_kappa)}), **where)
    return worst.measured(
        f"κ = {np.exp(log_kappa):.4f} fits {count} best, as weighted {1 / (weight @ weight):.0f}; "
        f"their errors go as powers of c_FT up to {np.abs(slope).max():.2g}; log κ is {{worst}} of "
        "the tolerance",
        log_kappa=log_kappa,
    )


def later(rate, epochs):
    return sp.Rational(11, 10) * rate * epochs


def earlier(rate, epochs):
    return sp.Rational(9, 10) * rate * epochs


def times(number):
    """Return the formula of c_FT with a factor before it."""
    return replace(STATED_SCALE, body=lambda *of: number * STATED_SCALE.body(*of))


def check(name, stated, controls, decide=decide, reason="learning rates that are not small", **how):
    how |= {"needs_files": RECORDS}
    return Check(name, Method.TRAINING, decide, stated, controls, 1.0, reason, **how)


QUICK, FULL = Statement((0.108, 0.206), stride=3), Statement(SCALES["desk"].alphas)
# For controls that fewer networks reject.
AT_ONE, FEW = Statement((0.206,), stride=3), Statement((0.206,), stride=11)
CONTROLS = (
    *(Control(why, AT_ONE._replace(scale=scale)) for why, scale in WRONG_SCALES.items()),
    Control("2c in a single task", FEW._replace(alone=replace(FEW.alone, body=lambda c: 2 * c))),
    Control("t ten per cent later", FEW._replace(time=replace(FEW.time, body=later))),
    Control("t ten per cent earlier", FEW._replace(time=replace(FEW.time, body=earlier))),
    Control("t = ∞, the minimiser", FEW._replace(time=replace(FEW.time, body=lambda r, m: sp.oo))),
    Control("errors further apart", FEW._replace(near=at_least(FEW.near))),
)
FIT = Formula(sp.Abs(sp.log(KAPPA)), (), lambda: FACTOR, Relation.AT_MOST)
FITTED = QUICK._replace(near=FIT)
FACTORS = (
    Control("c_FT 5 % larger", AT_ONE._replace(scale=times(sp.Rational(21, 20)), near=FIT)),
    Control("c_FT 5 % smaller", AT_ONE._replace(scale=times(sp.Rational(19, 20)), near=FIT)),
    Control("κ further from 1", AT_ONE._replace(near=at_least(FIT))),
)
state(
    "training.recorded-flow",
    __doc__,
    (
        check("every third setting at two α", QUICK, CONTROLS, limit=300.0),
        check("one factor on c_FT", FITTED, FACTORS, fitted, limit=300.0),
        check("every setting and α", FULL, CONTROLS, tier="full", limit=1800.0),
        check(
            "one factor, every setting at two α",
            FITTED._replace(stride=1),
            FACTORS,
            fitted,
            tier="full",
            limit=900.0,
        ),
    ),
    assumptions=(
        "recorded networks of d = 1000, both slabs, the first seed of each",
        "data drawn again from the seed",
    ),
    requires=(
        "implicit-bias.minimiser",
        "implicit-bias.mirror-flow",
        "training.published-units",
    ),
    not_decided=(
        "anything nearer than the margins: a time or a c_FT that is off by less passes",
        "γ² of the networks of γ = 10, whose errors hardly depend on it",
    ),
)
