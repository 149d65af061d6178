"""Recorded errors of trained networks against the replica curve, setting by setting.

A network's error is compared with the replica error of its own setting at its own α, for a teacher
of the size that its seed really drew: a Gaussian teacher is a direction and a length, which are
independent, and the length enters by the amplitude of the slab. Without that the length, which has
10 degrees of freedom at ρ = 0.01, d = 1000, would hide what is to be seen.

The deviation of a setting is the mean of p̂/p − 1 over α and seeds; its standard error comes from
the scatter over seeds at each α (draws at different α are independent). Data scales where p is
below `FLOOR` are left out: past the threshold of recovery p falls by orders of magnitude within a
width in α that d = 1000 smears out, and the training error at which networks stop shows. So are
those where a network did not converge, or converged after a learning rate too large had changed
its invariants by more than `CATAPULT` of themselves; they are counted. Settings with fewer than
`FEWEST` data scales left are counted, but not judged.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from empirics.diagonal_record import DESK, Networks, Recorded, load
from empirics.experiments import Setting
from numerics import Initialization, TaskDistribution, solve_replica
from numerics.validation import FloatArray
from verify.claim import Comparison, Evidence
from verify.methods.equivalence import LEVEL, Estimate, decide_equivalence
from verify.methods.formula import named, shown

MARGIN = 0.15
FLOOR = 0.05
FEWEST = 5
CATAPULT = 0.9
# Of log amplitude, for the dependence of the error on the teacher's length.
_STEP = 0.2


# The β_PT, c, λ and γ² that the curve is said to belong to, by those of the network.
Reading = Callable[[Any, Any, Any, Any], tuple[Any, Any, Any, Any]]


def stated(*own: Any) -> Any:
    """Return the network's own."""
    return own


class Statement(NamedTuple):
    """Which curve the networks of a record are said to follow."""

    reading: Reading = stated
    record: str = DESK

    def latex(self) -> str:
        """Return what is compared, and where: the curve is of the parameters as they are read."""
        names = named(r"\beta_{PT}", "c", r"\lambda", r"\gamma^2")
        own, read = (r",\, ".join(map(shown, of)) for of in (names, self.reading(*names)))
        ratio = rf"\frac{{\hat p(\alpha;\, {own})}}{{p(\alpha;\, {read})}}"
        mean = rf"\left\langle {ratio} - 1 \right\rangle_{{\alpha:\, p(\alpha) > {FLOOR:g}}}"
        return rf"\left| {mean} \right| < {MARGIN:g}"


class Deviation(NamedTuple):
    """Mean of p̂/p − 1 over at least `FEWEST` α; at how many α a network was lost."""

    estimate: Estimate | None
    lost: int


@cache
def recorded(name: str = DESK) -> Recorded:
    """Return the record, read once in a process."""
    return load(name)


def compared_settings(record: Recorded) -> list[Setting]:
    """Return the settings that train, one for each λ of a single task: λ has no influence there."""
    return [
        setting
        for setting in record.settings()
        if (record.of(setting).stop_reason != "stationary").any()
        and not (setting.overlap is None and setting.relative_scale != 0.0)
    ]


def deviation(setting: Setting, networks: Networks, reading: Reading) -> Deviation:
    """Return how far the networks of a setting are from the curve of a reading.

    ArithmeticError if a replica error is not resolved, or a measured quantity is no number.
    """
    converged = networks.stop_reason == "converged"
    for name in ("squared_error", "shrinkage", "null_error"):
        if not np.isfinite(networks.measured[name][converged]).all():
            raise ArithmeticError(f"the {name} of a network of {setting} is no number")
    high = _stated_errors(setting, tuple(networks.alpha.tolist())) > FLOOR
    kept = np.isfinite(networks.error) & (networks.measured["shrinkage"] < CATAPULT)
    whole = kept.all(axis=1)
    used, lost = np.flatnonzero(high & whole), int((high & ~whole).sum())
    if used.size < FEWEST:
        return Deviation(None, lost)
    alpha = networks.alpha[used]
    below, at, above = (
        np.log(_errors(setting, alpha, reading, step)) for step in (-_STEP, 0.0, _STEP)
    )
    slope, bend = (above - below) / (4 * _STEP), (above + below - 2 * at) / (8 * _STEP**2)
    length = np.log(networks.measured["null_error"][used])
    expected = at[:, None] + slope[:, None] * length + bend[:, None] * length**2
    relative = networks.error[used] / np.exp(expected) - 1.0
    count = relative.shape[1]
    parts = relative.var(axis=1, ddof=1) / count / used.size**2
    freedom = parts.sum() ** 2 / (parts**2 / (count - 1)).sum()
    estimate = Estimate(float(relative.mean()), float(parts.sum() ** 0.5), float(freedom))
    return Deviation(estimate, lost)


def decide(statement: Statement) -> Evidence:
    """Decide whether the deviations of all settings lie within the margin."""
    record = recorded(statement.record)
    settings = compared_settings(record)
    found = [deviation(setting, record.of(setting), statement.reading) for setting in settings]
    judged = {
        _name(setting): one.estimate
        for setting, one in zip(settings, found, strict=True)
        if one.estimate is not None
    }
    if not judged:
        return Evidence(None, f"no curve with {FEWEST} data scales above the floor")
    decision = decide_equivalence([*judged.values()], [MARGIN] * len(judged))
    described = [
        f"{name}: {100 * one.value:+.1f} ± {100 * one.error:.1f} %" for name, one in judged.items()
    ]
    nearest, curve = described[decision.decisive], list(judged)[decision.decisive]
    largest = max(abs(one.value) for one in judged.values())
    seeds = len(next(iter(record.networks.values())).seeds)
    methods = ("trained network", "replica")
    compared = Comparison("generalisation error p", methods, largest, "relative, mean of a curve")
    return Evidence(
        decision.holds,
        f"{len(judged)} curves of networks, d = {record.d}, {seeds} seeds, within "
        f"{100 * MARGIN:.0f} % of the replica error; nearest to the margin: {nearest}"
        if decision.holds
        else f"not within {100 * MARGIN:.0f} %: {nearest}; {len(decision.failing)} curves are "
        f"{'undecided' if decision.holds is None else 'outside'}",
        figure=largest,
        counterexample=None
        if decision.holds
        else {"curve": curve, "mean of p̂/p − 1": repr(judged[curve].value)},
        steps=tuple(described),
        data={
            "curves": len(judged),
            "too few data scales above the floor": len(found) - len(judged),
            "data scales with a network that was lost": sum(one.lost for one in found),
            "seeds": seeds,
            "family-wise level": LEVEL,
        },
        comparisons=(compared,) if decision.holds else (),
    )


def _name(setting: Setting) -> str:
    where = "single task" if setting.overlap is None else f"ω = {setting.overlap:g}"
    return (
        f"{where}, ρ = {setting.rho_ft:g}, c = {setting.c:g}, "
        f"λ/c = {setting.relative_scale:g}, γ = {setting.gamma:g}"
    )


@cache
def _stated_errors(setting: Setting, alpha: tuple[float, ...]) -> FloatArray:
    return _errors(setting, np.array(alpha), stated, 0.0)


def _errors(setting: Setting, alpha: FloatArray, reading: Reading, log_length: float) -> FloatArray:
    own = setting.initialization
    before, c, lam, gamma_squared = reading(1.0, own.c, own.lam, own.gamma**2)
    init = Initialization(c, lam, math.sqrt(gamma_squared))
    size = math.exp(log_length) / math.sqrt(setting.rho_ft)
    if setting.overlap is None:
        task = TaskDistribution.single_task(setting.rho_ft, slab=setting.slab, amplitude=size)
    else:
        shares = setting.rho_pt, setting.rho_ft, setting.overlap
        task = TaskDistribution.pretrain_finetune(
            *shares, slab=setting.slab, pt_amplitude=before, ft_amplitude=size
        )
    curve = solve_replica(task, init, alpha)
    if not ((curve.relative_error < 1e-6) & (curve.mse > 0) & (curve.mse < np.inf)).all():
        raise ArithmeticError(f"error of {setting} not resolved to six digits")
    return curve.mse
