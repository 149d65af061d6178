"""Trained networks follow the replica curve (Proposition 4.2; Figures 3 and 5; Appendix E.2.6).

In those settings of Experiments 1-4 and Figure 5 whose replica error is above 0.05 at five trained
α or more, the errors of trained networks are those of the replica curve, within 15 % in the mean
over these α.

A network's error is compared with the replica error of its own setting at its own α, for a teacher
of the size that its seed really drew, both at (α, β_PT, c, λ, γ²): a Gaussian teacher is a
direction and a length, which are independent, and the length enters by the amplitude of the slab.
Without that the length, which has 10 degrees of freedom at ρ = 0.01, d = 1000, would hide what is
to be seen.

The deviation of a setting is the mean of p̂/p − 1 over α and seeds; its standard error comes from
the scatter over seeds at each α (draws at different α are independent). Data scales where p is
below `FLOOR` are left out: past the threshold of recovery p falls by orders of magnitude within a
width in α that d = 1000 smears out, and the training error at which networks stop shows. So are
those where a network did not converge, or converged after a learning rate too large had changed
its invariants by more than `CATAPULT` of themselves; they are counted. Settings with fewer than
`FEWEST` data scales left are counted, but not judged.
"""

import math
from functools import cache
from typing import NamedTuple

import numpy as np
import sympy as sp

from empirics.diagonal_record import DESK, PAPER
from numerics import Initialization, TaskDistribution, solve_replica
from verify.claim import Check, Comparison, Control, Evidence, Method
from verify.claims.crosscheck._scale import BETA_PT, GAMMA, LAM, C
from verify.claims.training._effects import NETWORKS, recorded
from verify.methods.bounds import deviating
from verify.methods.equivalence import LEVEL, Estimate, decide_equivalence
from verify.methods.formula import Formula
from verify.methods.on_arrays import Average, applied, arguments
from verify.methods.relations import Relation
from verify.registry import state

MARGIN = 0.15
FLOOR = 0.05
FEWEST = 5
CATAPULT = 0.9
# β_PT in the units of the statement: other than 1, whose powers are all the same.
SIZE = 4.0
# Of log amplitude, for the dependence of the error on the teacher's length.
STEP = 0.2


FOUND, REPLICA = sp.Function(r"\hat p"), sp.Function("p")
ALPHA = sp.Symbol("alpha", positive=True)
OWN = (ALPHA, BETA_PT, C, LAM, GAMMA**2)


def nearness(*read):
    """Return the bound of the mean of p̂/p − 1, where p is the error of other parameters."""
    apart = sp.Add(FOUND(*OWN) / REPLICA(*read), -1, evaluate=False)
    return Formula(sp.Abs(Average(apart)), (), lambda: MARGIN, Relation.BELOW)


class Statement(NamedTuple):
    """How near the errors of networks are to which curve; the record of the networks."""

    near: Formula = nearness(*OWN)
    record: str = DESK

    def latex(self):
        return rf"{self.near.latex()}, \quad p > {FLOOR:g}"


WRONG = {
    "c_FT twice as large": nearness(ALPHA, 2 * BETA_PT, 2 * C, 2 * LAM, 2 * GAMMA**2),
    "γ²/2 for γ²": nearness(ALPHA, BETA_PT, C, LAM, GAMMA**2 / 2),
    "−λ for λ": nearness(ALPHA, BETA_PT, C, -LAM, GAMMA**2),
}


def averaged(stated):
    """Return the ratio less 1 as it is averaged; ValueError if the bound has another form."""
    if stated.relation not in (Relation.BELOW, Relation.AT_MOST):
        raise ValueError(f"curves are tested to be near, got {stated.relation}")
    inner = deviating(stated)
    if not isinstance(inner, Average):
        raise ValueError(f"an average over networks must be bounded, got {inner}")
    return inner.args[0]


def values(setting, alpha):
    """Return α and the parameters of a setting by symbol, in units in which β_PT is `SIZE`."""
    init = setting.initialization
    sizes = {BETA_PT: SIZE, C: SIZE * init.c, LAM: SIZE * init.lam, GAMMA: SIZE**0.5 * init.gamma}
    return {ALPHA: alpha} | sizes


def errors(setting, read, log_length):
    """Return the replica errors of a setting with α and sizes `read`, for a teacher's length.

    They are in units of those of networks, which have β_PT = 1.
    """
    alpha, (before, c, lam, gamma_squared) = read[0], (one / SIZE for one in read[1:])
    init = Initialization(c, lam, math.sqrt(gamma_squared))
    size = math.exp(log_length) / math.sqrt(setting.rho_ft)
    if setting.overlap is None:
        task = TaskDistribution.single_task(setting.rho_ft, slab=setting.slab, amplitude=size)
    else:
        shares = setting.rho_pt, setting.rho_ft, setting.overlap
        sizes = {"pt_amplitude": before, "ft_amplitude": size}
        task = TaskDistribution.pretrain_finetune(*shares, slab=setting.slab, **sizes)
    curve = solve_replica(task, init, alpha)
    if not ((curve.relative_error < 1e-6) & (curve.mse > 0) & (curve.mse < np.inf)).all():
        raise ArithmeticError(f"error of {setting} not resolved to six digits")
    return curve.mse


@cache
def stated_errors(setting, alpha):
    return errors(setting, arguments(REPLICA(*OWN), REPLICA, values(setting, np.array(alpha))), 0.0)


def deviation(setting, networks, stated):
    """Return the mean as stated, None over fewer than `FEWEST` α; at how many one was lost.

    ArithmeticError if a replica error is not resolved, or a measured quantity is no number.
    """
    converged = networks.stop_reason == "converged"
    for name in ("squared_error", "shrinkage", "null_error"):
        if not np.isfinite(networks.measured[name][converged]).all():
            raise ArithmeticError(f"the {name} of a network of {setting} is no number")
    high = stated_errors(setting, tuple(networks.alpha.tolist())) > FLOOR
    kept = np.isfinite(networks.error) & (networks.measured["shrinkage"] < CATAPULT)
    whole = kept.all(axis=1)
    used, lost = np.flatnonzero(high & whole), int((high & ~whole).sum())
    if used.size < FEWEST:
        return None, lost
    at = values(setting, networks.alpha[used])
    trained = arguments(FOUND(*OWN), FOUND, at)

    def found(*read):
        if not all(map(np.array_equal, read, trained)):
            raise ValueError(f"networks were trained of {trained}, not of {read}")
        return networks.error[used]

    def expected(*read):
        steps = (-STEP, 0.0, STEP)
        below, here, above = (np.log(errors(setting, read, step)) for step in steps)
        slope, bend = (above - below) / (4 * STEP), (above + below - 2 * here) / (8 * STEP**2)
        length = np.log(networks.measured["null_error"][used])
        return np.exp(here[:, None] + slope[:, None] * length + bend[:, None] * length**2)

    relative = applied(averaged(stated), {FOUND: found, REPLICA: expected}, at)
    count = relative.shape[1]
    parts = relative.var(axis=1, ddof=1) / count / used.size**2
    freedom = parts.sum() ** 2 / (parts**2 / (count - 1)).sum()
    return Estimate(float(relative.mean()), float(parts.sum() ** 0.5), float(freedom)), lost


def decide(statement):
    """Decide whether the deviations of all settings lie within the margin.

    Of settings, those that train, and one for each λ of a single task: λ has no influence there.
    """
    record, judged, few, lost = recorded(statement.record), {}, 0, 0
    for setting in record.settings():
        networks, single = record.of(setting), setting.overlap is None
        stationary = (networks.stop_reason == "stationary").all()
        if stationary or (single and setting.relative_scale != 0.0):
            continue
        mean, without = deviation(setting, networks, statement.near)
        lost += without
        if mean is None:
            few += 1
            continue
        task = "single task" if single else f"ω = {setting.overlap:g}"
        name = f"{task}, ρ = {setting.rho_ft:g}, c = {setting.c:g}"
        judged[f"{name}, λ/c = {setting.relative_scale:g}, γ = {setting.gamma:g}"] = mean
    if not judged:
        return Evidence(None, f"no curve with {FEWEST} data scales above the floor")
    margin = float(statement.near.side())
    decision = decide_equivalence([*judged.values()], [margin] * len(judged))
    steps = [
        f"{name}: {100 * one.value:+.1f} ± {100 * one.error:.1f} %" for name, one in judged.items()
    ]
    nearest, curve = steps[decision.decisive], list(judged)[decision.decisive]
    largest = max(abs(one.value) for one in judged.values())
    seeds, methods = len(networks.seeds), ("trained network", "replica")
    compared = Comparison("generalisation error p", methods, largest, "relative, mean of a curve")
    within = f"within {100 * margin:.0f} %"
    data = {
        "curves": len(judged),
        "too few data scales above the floor": few,
        "data scales with a network that was lost": lost,
        "seeds": seeds,
        "family-wise level": LEVEL,
    }
    if decision.holds:
        text = (
            f"{len(judged)} curves of networks, d = {record.d}, {seeds} seeds, {within} of the "
            f"replica error; {few} of {len(judged) + few} are not judged, with fewer than "
            f"{FEWEST} α above the floor; nearest to the margin: {nearest}"
        )
        return Evidence(True, text, largest, None, tuple(steps), data, (compared,))
    failing = f"{len(decision.failing)} curves are "
    failing += "undecided" if decision.holds is None else "outside"
    where = {"curve": curve, "mean of p̂/p − 1": repr(judged[curve].value)}
    text = f"not {within}: {nearest}; {failing}"
    return Evidence(decision.holds, text, largest, where, tuple(steps), data)


def check(name, record, reason, **how):
    stated = Statement(record=record)
    controls = tuple(Control(why, stated._replace(near=wrong)) for why, wrong in WRONG.items())
    how |= {"limit": 120.0, "needs_files": (f"empirics/recorded/{record}",)}
    return Check(name, Method.STATISTICS, decide, stated, controls, MARGIN, reason, **how)


LEFT = "what d = 1000 leaves near the threshold of recovery, and the learning rate"
AS_THERE = "as at d = 1000: the published learning rate is larger than it was there"
state(
    "training.replica-curve",
    __doc__,
    (
        check("recorded networks", DESK, LEFT),
        check("networks of the paper's size", PAPER, AS_THERE),
    ),
    assumptions=(
        NETWORKS,
        f"α with p > {FLOOR:g}, curves with at least {FEWEST} of them",
        "independent seeds; two one-sided tests, Holm's correction over all curves",
    ),
    requires=("replica.exact-solver",),
)
