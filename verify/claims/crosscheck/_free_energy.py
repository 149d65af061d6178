"""Quantities of finite problems against what the replica equations predict, problem by problem.

A measured quantity over the predicted one is extrapolated in 1/d; what it owes to the fluctuation
of a few squares of known mean is taken out before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from empirics.free_energy import Recorded, load, plan, problems
from numerics import Initialization, TaskDistribution, solve_replica
from verify.claim import Comparison, Evidence, Measurement
from verify.claims.crosscheck._finite_size import require_planned
from verify.claims.crosscheck._scale import C_FT
from verify.methods.bounds import deviating
from verify.methods.equivalence import Estimate, decide_equivalence, extrapolate_controlled, holm
from verify.methods.formula import Formula, defined
from verify.methods.notation import Mean
from verify.methods.on_arrays import arguments, on_arrays
from verify.methods.relations import Limit, Relation, Side
from verify.methods.scores import beyond_p, normal_scores, require_scores, squares_p

D, ALPHA, RIDGE, SIGMA = sp.symbols("d alpha varrho sigma", real=True)
F, Q, T, TAU, THETA = sp.symbols("F Q T tau theta", real=True)
F_FOUND, Q_FOUND, T_FOUND = sp.symbols("F_d Q_d T_d", real=True)
Z, BEYOND, LARGE = sp.symbols("z P_u u", real=True)
SOLUTION, SOLVED = sp.Symbol(r"(Q, \tau, \theta)"), sp.Function("R")
MEASURED = {F_FOUND: "objective", T_FOUND: "training_error"}
_SIZE = 4.0  # c_FT in the units of the statement; all powers of 1 are the same

SOLVED_FOR = Formula(
    SOLUTION,
    (C_FT, ALPHA, RIDGE, SIGMA),
    lambda scale, alpha, ridge, sigma: SOLVED(scale, alpha, ridge, sigma**2),
)
FREE_ENERGY = Formula(
    F,
    (Q, ALPHA, RIDGE, THETA, TAU),
    lambda q, alpha, ridge, theta, tau: q + alpha * ridge / 2 * (theta / tau) ** 2,
)
TRAINING_ERROR = Formula(
    T, (RIDGE, THETA, TAU), lambda ridge, theta, tau: (ridge * theta / tau) ** 2
)


LARGE_D = Limit(D, sp.oo)


def away(found: Any, predicted: Any) -> Mean:
    """Return E[found/predicted − 1]."""
    return Mean(sp.Add(found / predicted, -1, evaluate=False))


def near(found: Any, predicted: Any, margin: float) -> Formula:
    """Return |E[found/predicted − 1]| ≤ margin as d → ∞."""
    size = sp.Abs(away(found, predicted))
    return Formula(size, (), lambda: margin, Relation.AT_MOST, limit=LARGE_D)


def departure(tends: Formula) -> Any:
    """Return x of a formula for |E[x]|, or x less what its mean is said to be."""
    if tends.relation is Relation.EQUAL and isinstance(tends.name, Mean):
        return tends.name.args[0] - tends()
    return deviating(tends)


@cache
def recorded() -> Recorded:
    """Return the recorded rows; ArithmeticError if some are missing, or there are others."""
    kept = load()
    require_planned(zip(kept.problem, kept.d, kept.seed, strict=True), plan())
    return kept


class Prediction(NamedTuple):
    """How a measured quantity departs from what it tends to, and where measured ones come from."""

    tends: Formula
    value: Formula
    solution: Formula = SOLVED_FOR
    rows: Callable[[], Recorded] = recorded

    def latex(self) -> str:
        return rf"{self.tends.latex()} \\ {self.value.latex()}, \quad {self.solution.latex()}"

    @property
    def found(self) -> Any:
        """The symbol of the measured quantity; ValueError if there is not one."""
        (measured,) = departure(self.tends).free_symbols & {*MEASURED} or (None,)
        if measured is None:
            raise ValueError(f"one of {[*MEASURED]} must be measured, got {self.tends.name}")
        return measured

    @property
    def predicted(self) -> Any:
        """The symbol of the predicted one."""
        (predicted,) = departure(self.tends).free_symbols - {self.found}
        return predicted


@cache
def replica(index: int, at: tuple[float, ...]) -> dict[Any, float]:
    """Return Q, τ and θ of a problem, by symbol, at c_FT times a factor, α, ϱ and σ²."""
    factor, alpha, ridge, noise = at
    setting = problems()[index].curve.setting
    init, task = setting.initialization, setting.task
    groups = tuple(replace(g, pt_magnitude=factor * g.pt_magnitude) for g in task.groups)
    init = Initialization(factor * init.c, factor * init.lam, factor**0.5 * init.gamma)
    task = TaskDistribution(groups, task.pretrained)
    curve = solve_replica(task, init, alpha, noise_variance=noise, ridge=ridge)
    return {Q: curve.penalty[0], TAU: curve.tau[0], THETA: curve.theta[0]}


def predicted(stated: Prediction, index: int) -> float:
    """Return the predicted value of a problem."""
    problem = problems()[index]
    own = {ALPHA: problem.alpha, RIDGE: problem.ridge}
    sigma = problem.curve.noise_variance**0.5
    at = arguments(defined(stated.solution, SOLUTION), SOLVED, own | {C_FT: _SIZE, SIGMA: sigma})
    solution = replica(index, (at[0] / _SIZE, *map(float, at[1:])))
    return float(on_arrays(defined(stated.value, stated.predicted), own | solution))


class Away(NamedTuple):
    """The distance of a problem's measured quantity from the predicted one, as d → ∞."""

    problem: str
    expected: float
    estimate: Estimate


@cache
def by_problem(rows: Callable[[], Recorded]) -> dict[int, NDArray[np.intp]]:
    """Return the rows of each problem among the recorded ones."""
    kept = rows()
    return {int(i): np.flatnonzero(kept.problem == i) for i in np.unique(kept.problem)}


def distances(stated: Prediction) -> list[Away]:
    """Extrapolate the deviations of all problems; where T_d is 0 there is none.

    ValueError if anything else is predicted not to be positive.
    """
    limit = stated.tends.towards
    if (limit.variable, limit.to, limit.side) != (D, sp.oo, Side.BOTH):
        raise ValueError(f"deviations vanish as d → ∞, got {limit}")
    kept, departs, found = stated.rows(), departure(stated.tends), []
    for index, here in by_problem(stated.rows).items():
        if stated.found is T_FOUND and problems()[index].ridge == 0.0:
            continue
        expected = predicted(stated, index)
        if not expected > 0.0:
            raise ValueError(f"{problems()[index].name} must have a value > 0, got {expected}")
        measured = getattr(kept, MEASURED[stated.found])[here]
        apart = on_arrays(departs, {stated.found: measured, stated.predicted: expected})
        estimate = extrapolate_controlled(kept.d[here].astype(float), apart, kept.squares[here])
        found.append(Away(problems()[index].name, expected, estimate))
    return found


def decide(stated: Prediction) -> Evidence:
    """Test every problem for equivalence within the margin."""
    if stated.tends.relation is not Relation.AT_MOST:
        raise ValueError(f"values are tested to be near, got {stated.tends.relation}")
    found, margin = distances(stated), float(stated.tends.side())
    estimates = [one.estimate for one in found]
    decision = decide_equivalence(estimates, [margin] * len(found))
    sizes = np.abs([one.value for one in estimates])
    errors = np.array([one.error for one in estimates])
    worst = found[decision.decisive]
    place = {
        "problem": worst.problem,
        "predicted": repr(worst.expected),
        "relative deviation": repr(worst.estimate.value),
        "standard error": repr(worst.estimate.error),
    }
    data = {
        "problems": len(found),
        "largest deviation": float(sizes.max()),
        "largest standard error": float(errors.max()),
        "decisive": place,
    }
    text = (
        f"{len(found)} problems deviate by at most {sizes.max():.2g}, median "
        f"{np.median(sizes):.2g}, standard errors at most {errors.max():.2g}, margin {margin:.3g}"
    )
    if decision.holds is not True:
        text = f"{place['problem']} deviates by {worst.estimate.value:+.3g}"
        fails = place if decision.holds is False else None
        return Evidence(decision.holds, text, decision.p, fails, data=data)
    what = {F_FOUND: "free energy F", T_FOUND: "training error T"}[stated.found]
    worst_of_all = Comparison(
        f"{what} as d → ∞", ("finite networks", "replica curve"), float(sizes.max())
    )
    return Evidence(True, text, decision.p, data=data, comparisons=(worst_of_all,))


class Scatter(NamedTuple):
    """What the distances in standard errors are like, z² and P_u, with the u of the test."""

    prediction: Prediction
    square: Formula
    beyond: Formula
    large: float

    def latex(self) -> str:
        at = rf"u = {self.large:g}"
        return (
            rf"{self.square.latex()}, \quad {self.beyond.latex()}, \quad {at} \\ "
            rf"{self.prediction.latex()}"
        )


def decide_scatter(stated: Scatter) -> Measurement:
    """Test Σz² by χ², and the number of large |z| by the binomial law, both on two sides."""
    require_scores(stated.square, Mean(Z**2), stated.beyond, BEYOND)
    if stated.prediction.tends.relation is not Relation.EQUAL:
        raise ValueError(f"a mean must be stated, got {stated.prediction.tends.latex()}")
    z = normal_scores([one.estimate for one in distances(stated.prediction)])
    share = float(stated.beyond({LARGE: stated.large}))
    large, of_number = beyond_p(z, stated.large, share)
    of_squares = squares_p(z, float(stated.square()))
    p = float(holm([of_squares, of_number]).min())
    text = (
        f"of {z.size} problems mean z² is {np.mean(z**2):.3g} (p = {of_squares:.2g}), and {large} "
        f"have |z| > {stated.large:g} (p = {of_number:.2g})"
    )
    where = {"mean z²": repr(float(np.mean(z**2))), "with large |z|": f"{large} of {z.size}"}
    data = {"mean z": float(np.mean(z)), "largest |z|": float(np.max(np.abs(z)))}
    return Measurement(p, text, where, smallest=True, data=data)
