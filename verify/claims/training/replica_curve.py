"""Networks lie on the replica curve (Proposition 4.2; Figures 3 and 5; Appendix E.2.6).

Over all settings of Experiments 1-4 and Figure 5 that train, both slabs and α from 0.01 to 0.7, the
errors at which training ends are those of the replica curve: one factor on p that fits them all is
1 within 1 %, one factor on c_FT is 1 within 0.1 in its logarithm, and each curve of d = 1000 is in
the mean over α within 7.5 % in p, or within 4.5 % in α where it is steep.

p̂ is the error of the minimiser at data drawn as those of the trained networks are
(`empirics.end_points`), where the flow that they follow (training.recorded-flow) ends. It is
compared with the replica error p of its own setting at its own α, for a teacher of the size that
its seed really drew, both at (α, β_PT, c, λ, γ²): a Gaussian teacher is a direction and a length,
which are independent, and the length enters by the amplitude of the slab. Without that the length,
which has 10 degrees of freedom at ρ = 0.01, d = 1000, would hide what is to be seen.

Means ⟨·⟩ are over α (and, for the factors, over curves). Deviations count in units u that grow with
the slope s of the curve: where p falls by orders of magnitude within a few per cent of α, what a
network's p scatters by is what α means to it. No α is left out, however small p is. In the factors,
steep points count little; those are what "each curve" is about. The factor on c_FT is that of least
squares, with the slope t = d log p/d log c_FT. Factors are extrapolated in 1/d, and their standard
errors come from the scatter over seeds, each of which gives one number.
"""

import math
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import sympy as sp
from scipy.interpolate import CubicSpline

from empirics.end_points import SEEDS, end_settings
from empirics.experiments import SLABS
from numerics import Initialization, TaskDistribution, solve_replica
from verify.claim import Check, Comparison, Control, Evidence, Method
from verify.claims.crosscheck._scale import BETA_PT, GAMMA, LAM, C
from verify.claims.training._effects import whatever_floor
from verify.claims.training._recorded import END_POINTS, D, end_points_of
from verify.methods.bounds import deviating
from verify.methods.equivalence import LEVEL, Estimate, decide_equivalence, extrapolate
from verify.methods.formula import Formula, defined
from verify.methods.on_arrays import Average, applied, arguments, on_arrays
from verify.methods.relations import Relation
from verify.registry import state

# β_PT in the units of the statement: other than 1, whose powers are all the same.
SIZE = 4.0
# Replica errors are computed at so many lengths of a teacher, and interpolated.
LENGTHS = 7
STEP = 0.01  # in log α and in log c_FT, for slopes
DIMENSIONS = tuple(d for d in SEEDS if d <= D)

FOUND, REPLICA = sp.Function(r"\hat p"), sp.Function("p")
ALPHA, SLOPE = sp.Symbol("alpha", positive=True), sp.Symbol("s", real=True)
RESPONSE = sp.Symbol("t", real=True)
UNIT = sp.Symbol("u", positive=True)
OWN = (ALPHA, BETA_PT, C, LAM, GAMMA**2)
APART = sp.log(FOUND(*OWN) / REPLICA(*OWN))


def unit(of_p, of_alpha):
    """Return the unit of a deviation: a part of p, and more where the curve is steep."""
    return Formula(UNIT, (SLOPE,), lambda s: sp.sqrt(of_p**2 + (of_alpha * s) ** 2))


def bounded(mean, margin):
    return Formula(sp.Abs(mean), (), lambda: margin, Relation.BELOW)


EVERY = Average(APART / UNIT)
ON_P = Average(APART / UNIT**2) / Average(1 / UNIT**2)
ON_SCALE = Average(RESPONSE * APART / UNIT**2) / Average(RESPONSE**2 / UNIT**2)


@dataclass(frozen=True)
class Statement:
    """How near the errors of networks are to which curve, in the mean and in which units.

    Attributes
    ----------
    near
        The bound of a mean of log(p̂/p), where p may be the error of other parameters.
    unit
        The unit of the deviation at a point.
    together
        Whether one mean is over all curves, and extrapolated in 1/d.
    """

    near: Formula
    unit: Formula
    together: bool

    def latex(self):
        over = r"\text{all curves and }" if self.together else ""
        limit = r",\quad d \to \infty" if self.together else rf",\quad d = {D}"
        mean = rf"\langle\cdot\rangle \text{{ over }} {over}\alpha"
        return rf"{self.near.latex()}{limit} \\ {self.unit.latex()},\quad {mean}"

    def but(self, why, apart):
        """Return a control: the same mean of another deviation."""
        other = sp.sympify(self.near.name).xreplace({APART: apart})
        return Control(why, replace(self, near=replace(self.near, name=other)))


def reading(*parameters, factor=1):
    """Return the deviation from a multiple of the error of other parameters."""
    return sp.log(FOUND(*OWN) / (factor * REPLICA(*parameters)))


def scaled(factor):
    """Return the deviation from the error of a multiple of c_FT."""
    k = sp.Rational(str(factor))
    return reading(ALPHA, k * BETA_PT, k * C, k * LAM, k * GAMMA**2)


WRONG = {
    "c_FT twice as large": scaled(2),
    "γ²/2 for γ²": reading(ALPHA, BETA_PT, C, LAM, GAMMA**2 / 2),
    "−λ for λ": reading(ALPHA, BETA_PT, C, -LAM, GAMMA**2),
}
SMALL = {
    "p two per cent larger": reading(*OWN, factor=sp.Rational("1.02")),
    "p two per cent smaller": reading(*OWN, factor=sp.Rational("0.98")),
}
SMALL_SCALE = {
    "c_FT a quarter larger": scaled(1.25),
    "c_FT a quarter smaller": scaled(0.75),
}


# --- Replica errors -----------------------------------------------------------------------------


def values(setting, alpha):
    """Return α and the parameters of a setting by symbol, in units in which β_PT is `SIZE`."""
    init = setting.initialization
    sizes = {BETA_PT: SIZE, C: SIZE * init.c, LAM: SIZE * init.lam, GAMMA: SIZE**0.5 * init.gamma}
    return {ALPHA: alpha} | sizes


@cache
def _solved(setting, alpha, sizes, log_amplitude):
    before, c, lam, gamma_squared = (one / SIZE for one in sizes)
    init = Initialization(c, lam, math.sqrt(gamma_squared))
    amplitude = math.exp(log_amplitude) / math.sqrt(setting.rho_ft)
    if setting.overlap is None:
        task = TaskDistribution.single_task(setting.rho_ft, slab=setting.slab, amplitude=amplitude)
    else:
        shares = setting.rho_pt, setting.rho_ft, setting.overlap
        amplitudes = {"pt_amplitude": before, "ft_amplitude": amplitude}
        task = TaskDistribution.pretrain_finetune(*shares, slab=setting.slab, **amplitudes)
    curve = solve_replica(task, init, alpha)
    if not ((curve.relative_error < 1e-6) & (curve.mse > 0) & (curve.mse < np.inf)).all():
        raise ArithmeticError(f"error of {setting} not resolved to six digits")
    return curve.mse


def errors(setting, read, log_amplitude=0.0):
    """Return the replica errors of a setting with α and sizes `read`, for a teacher's length.

    They are in units of those of networks, which have β_PT = 1.
    """
    alpha, *sizes = read
    return _solved(setting, tuple(alpha), tuple(map(float, sizes)), float(log_amplitude))


def log_errors(setting, read, lengths):
    """Return the logarithms of replica errors for teachers of other lengths ‖β*‖²/d, (A, S)."""
    amplitudes = 0.5 * np.log(lengths)
    low, high = amplitudes.min(), amplitudes.max()
    if high - low < 1e-9:
        return np.log(errors(setting, read, low))[:, None] + np.zeros(lengths.shape)
    grid = np.linspace(low, high, LENGTHS)
    known = CubicSpline(grid, [np.log(errors(setting, read, one)) for one in grid])
    return np.array([known(row)[:, i] for i, row in enumerate(amplitudes)])


def slopes(setting, alpha):
    """Return s = d log p/d log α and t = d log p/d log c_FT at each α, for the curve as it is."""
    read = arguments(REPLICA(*OWN), REPLICA, values(setting, alpha))
    ahead, behind = (
        np.log(errors(setting, (np.exp(step) * read[0], *read[1:]))) for step in (STEP, -STEP)
    )
    more, less = (
        np.log(errors(setting, (read[0], *(np.exp(step) * one for one in read[1:]))))
        for step in (STEP, -STEP)
    )
    return (ahead - behind) / (2 * STEP), (more - less) / (2 * STEP)


# --- Deviations -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deviations:
    """What the statement averages, of one curve in one dimension.

    Attributes
    ----------
    exact
        Replica errors at each α, (A,).
    parts
        The numerator's terms (A, S) and the denominator's (A,), each to be summed.
    """

    exact: Any
    parts: tuple[Any, Any]

    def sums(self, floor):
        """Return the numerator of each seed and the denominator, above a floor on exact errors."""
        kept = self.exact > floor
        return np.append(self.parts[0][kept].sum(axis=0), self.parts[1][kept].sum())


def fraction(stated):
    """Return numerator and denominator of the mean that is bounded.

    Raises
    ------
    ValueError
        If something else is bounded, or in another way.
    """
    if stated.relation not in (Relation.BELOW, Relation.AT_MOST):
        raise ValueError(f"curves are tested to be near, got {stated.relation}")
    inner = deviating(stated)
    above, below = (inner, None) if isinstance(inner, Average) else sp.fraction(inner)
    if not isinstance(above, Average) or not (below is None or isinstance(below, Average)):
        raise ValueError(f"a mean must be bounded, got {inner}")
    return above.args[0], sp.Integer(1) if below is None else below.args[0]


def deviations(statement, setting, d):
    """Return the deviations of a curve in d dimensions.

    Raises
    ------
    ArithmeticError
        If a replica error is not resolved, or an error of a network is no number.
    """
    alpha, found_errors, lengths = end_points_of(setting, d)
    if not (np.isfinite(found_errors).all() and (found_errors > 0).all()):
        raise ArithmeticError(f"an error of a network of {setting} is no positive number")
    at = values(setting, alpha)
    own = arguments(FOUND(*OWN), FOUND, at)

    def found(*read):
        if not all(map(np.array_equal, read, own)):
            raise ValueError(f"networks are known of {own}, not of {read}")
        return found_errors

    def expected(*read):
        return np.exp(log_errors(setting, read, lengths))

    s, t = slopes(setting, alpha)
    units = on_arrays(defined(statement.unit, UNIT), {SLOPE: s})
    inserted = {UNIT: units[:, None], RESPONSE: t[:, None]}
    above, below = fraction(statement.near)
    numerator = applied(above, {FOUND: found, REPLICA: expected}, at | inserted)
    denominator = np.broadcast_to(on_arrays(below, inserted), (alpha.size, 1))[:, 0]
    exact = errors(setting, arguments(REPLICA(*OWN), REPLICA, at))
    return Deviations(exact, (numerator, denominator))


def curves():
    """Return all curves of both slabs."""
    return [setting for slab in SLABS for setting in end_settings(slab)]


def named(setting):
    task = "single task" if setting.overlap is None else f"ω = {setting.overlap:g}"
    name = f"{setting.slab}, {task}, ρ = {setting.rho_ft:g}, c = {setting.c:g}"
    return f"{name}, λ/c = {setting.relative_scale:g}, γ = {setting.gamma:g}"


# --- Decisions ----------------------------------------------------------------------------------


def each(statement, found, floor):
    """Return the mean of every curve with an α above a floor, d = `D`, by name."""
    means = {}
    for setting, one in found[D].items():
        *above, below = one.sums(floor)
        if below > 0.0:
            means[named(setting)] = Estimate.of(np.array(above) / below)
    return means


def all_together(statement, found, floor):
    """Return the one mean over all curves, as d → ∞, under the name of what it is."""
    sums = [sum(one.sums(floor) for one in found[d].values()) for d in DIMENSIONS]
    return {"one factor": extrapolate(DIMENSIONS, [one[:-1] / one[-1] for one in sums])}


def decide(statement):
    """Decide whether all means lie within the margin, with no floor on p and with any."""
    margin = float(statement.near.side())
    dimensions = DIMENSIONS if statement.together else (D,)
    found = {d: {one: deviations(statement, one, d) for one in curves()} for d in dimensions}
    means = cache(
        lambda floor: (all_together if statement.together else each)(statement, found, floor)
    )

    def decision(floor):
        return decide_equivalence([*means(floor).values()], [margin] * len(means(floor)))

    holds, opposite, floors = whatever_floor(
        lambda floor: decision(floor).holds, lambda floor: len(means(floor))
    )
    whole, judged = decision(0.0), means(0.0)
    steps = tuple(f"{name}: {one.value:+.4f} ± {one.error:.4f}" for name, one in judged.items())
    nearest, name = steps[whole.decisive], list(judged)[whole.decisive]
    largest = max(abs(one.value) for one in judged.values())
    seeds = {d: next(iter(found[d].values())).parts[0].shape[1] for d in dimensions}
    data = {
        "curves": len(found[D]),
        "seeds by dimension": {str(d): count for d, count in seeds.items()},
        "family-wise level": LEVEL,
        "margin": margin,
        "with a floor on p": floors,
    }
    if not statement.together:
        within = decide_equivalence([*judged.values()], [1.0] * len(judged))
        data["not shown to be within one unit"] = len(within.failing)
    what = f"all {len(found[D])} curves" if statement.together else f"{len(judged)} curves"
    if opposite:
        text = f"{what}: the verdict depends on a floor on p; without: {nearest}"
        return Evidence(None, text, largest, opposite, steps, data)
    if holds:
        methods = ("finite networks", "replica")
        of, measure = (
            ("in the logarithm", "logarithm")
            if statement.together
            else ("units", "units, mean of a curve")
        )
        compared = Comparison("generalisation error p", methods, largest, measure)
        word = "margin" if statement.together else "nearest to it"
        text = f"{what} within {margin:g} {of}; {word}: {nearest}"
        return Evidence(True, text, largest, None, steps, data, (compared,))
    failing = f"{len(whole.failing)} are {'undecided' if holds is None else 'outside'}"
    where = {"mean": name, "value": repr(judged[name].value), "error": repr(judged[name].error)}
    text = f"{what} not within {margin:g}: {nearest}; {failing}"
    return Evidence(holds, text, largest, where, steps, data)


def check(name, stated, wrong, reason):
    controls = tuple(stated.but(why, apart) for why, apart in wrong.items())
    margin = float(stated.near.side())
    return Check(
        *(name, Method.STATISTICS, decide, stated, controls, margin, reason),
        limit=180.0,
        needs_files=END_POINTS,
    )


CLOSE = unit(sp.Rational("0.03"), sp.Rational("0.1"))
EACH = Statement(
    bounded(EVERY, 1.5), unit(sp.Rational("0.05"), sp.Rational("0.03")), together=False
)
FACTOR = Statement(bounded(ON_P, 0.01), CLOSE, together=True)
SCALE = Statement(bounded(ON_SCALE, 0.1), CLOSE, together=True)
LEFT = "what d = 1000 leaves where few coordinates are active"
OF_ALL = "of the factor, as d → ∞"
state(
    "training.replica-curve",
    __doc__,
    (
        check("end points, every curve", EACH, WRONG, LEFT),
        check("end points, one factor on p", FACTOR, SMALL, OF_ALL),
        check("end points, one factor on c_FT", SCALE, SMALL_SCALE, OF_ALL),
    ),
    assumptions=(
        "exact minimisers at data drawn as the trained networks' are",
        f"d = {D}, and {DIMENSIONS[0]} for the factors; mean deviations linear in 1/d",
        "independent seeds; two one-sided tests, Holm's correction over all curves",
    ),
    requires=(
        "replica.exact-solver",
        "training.recorded-end-points",
        "training.recorded-flow",
    ),
)
