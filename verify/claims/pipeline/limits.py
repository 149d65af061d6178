"""Limits of imperfect pretraining (beyond the paper; Section 3.3, Proposition 4.2).

With α_PT ≥ 1 and no noise the error is E*, that of perfect pretraining. A little noise adds a term
in σ_PT²: as much as if half of the coordinates had β_PT = β* + s and half β* − s, s² = θ₁², an
error D(s). As α_PT → 0 nothing is learnt: fine-tuning has the error E₀ of one scale C everywhere,
and the first examples change that in proportion to α_PT and to M = E[(β*_PT)²], noisy or not.

What a few examples leave is itself noise, of the size √α_PT, and alike in all coordinates.
"""

import math
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from numerics import (
    CoordinateGroup,
    Initialization,
    Pretraining,
    TaskDistribution,
    solve_pipeline,
    solve_replica,
)
from verify.claim import Check, Method
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.notation import as_written
from verify.methods.numeric import Worst
from verify.methods.relations import Limit, Side
from verify.registry import state

alpha_pt = sp.Symbol("alpha_PT", positive=True)
sigma_pt, gamma, s = sp.symbols("sigma_PT gamma s", nonnegative=True)
c, M, SCALE = sp.symbols("c M C", positive=True)
lam = sp.Symbol("lambda", real=True)
# Errors of fine-tuning: after pretraining on data, after perfect pretraining.
E, PERFECT = sp.Function("E"), sp.Symbol("E^*", positive=True)
SPLIT, UNIFORM = sp.Function("D"), sp.Function("E_0")
with as_written():
    OVER_NOISE = (E(alpha_pt, sigma_pt) - PERFECT) / sigma_pt**2
    OVER_DATA = (E(alpha_pt, sigma_pt) - UNIFORM(SCALE)) / alpha_pt
    SLOPE = SCALE * sp.Derivative(UNIFORM(SCALE), SCALE)
    BEND = sp.Subs(sp.Derivative(SPLIT(s), (s, 2)), s, 0)
STATED = Formulas(
    scale=Formula(SCALE, (c, lam, gamma), lambda c, lam, gamma: 2 * (c + lam) + gamma**2),
    few=Formula(
        OVER_DATA,
        (SLOPE, c, lam, M, SCALE),
        lambda slope, c, lam, M, C: slope * (c + lam) * M / (2 * c**2 * C),
        limit=Limit(alpha_pt, 0, Side.ABOVE),
    ),
    little_noise=Formula(
        OVER_NOISE,
        (BEND, alpha_pt),
        lambda bend, alpha: bend / (2 * (1 - 1 / alpha)),
        limit=Limit(sigma_pt, 0, Side.ABOVE),
    ),
    perfect=Formula(E(alpha_pt, 0), (PERFECT,), lambda error: error),
)
CONTROLS = (
    STATED.but("θ₁² = σ_PT²", little_noise=lambda bend, alpha: bend / 2 + 0 * alpha),
    STATED.but("θ₁ ignored", little_noise=lambda bend, alpha: 0 * bend * alpha),
    STATED.but(
        "σ_PT² counts as M does",
        few=Formula(
            OVER_DATA,
            (SLOPE, c, lam, M, SCALE, sigma_pt),
            lambda slope, c, lam, M, C, sigma: slope * (c + lam) * (M + sigma**2) / (2 * c**2 * C),
            limit=STATED.few.limit,
        ),
    ),
    STATED.but("no change", few=lambda slope, c, lam, M, C: 0 * slope * c * lam * M * C),
    STATED.but("c_FT(0) = c + λ", scale=lambda c, lam, gamma: c + lam + gamma**2),
    STATED.but("E = 1.01 E*", perfect=lambda error: 1.01 * error),
)


class Case(NamedTuple):
    """A task, an initialisation, and the data of fine-tuning."""

    slab: Any
    overlap: float
    init: tuple[float, float, float]
    alpha: float
    noise_variance: float = 0.0

    @property
    def task(self):
        return TaskDistribution.pretrain_finetune(0.2, 0.3, self.overlap, slab=self.slab)

    @property
    def start(self):
        return Initialization(*self.init)

    def of(self, task, init):
        """Return the curve after pretraining that recovers its teacher."""
        return solve_replica(task, init, self.alpha, noise_variance=self.noise_variance)


CASES = (
    Case("gaussian", 1 / 3, (0.4, 0.1, 0.3), 0.5),
    Case("sign", 2 / 3, (1.0, -0.8, 0.0), 0.3),
    Case("sign", 0.0, (0.7, 0.7, 0.6), 0.7, 0.2),
    Case("gaussian", 0.5, (2.0, 0.0, 1.0), 0.9),
)
ENOUGH = (1.0, 1.5, math.inf)
STEP = 0.01
FEW = 1e-3


@cache
def solved(case, data, deviation):
    """Return the error after pretraining on data."""
    found = solve_pipeline(
        case.task,
        case.start,
        Pretraining(data, deviation**2),
        case.alpha,
        noise_variance=case.noise_variance,
    )
    return float(found.mse[0])


@cache
def perfect(case):
    return float(case.of(case.task, case.start).mse[0])


@cache
def split(case, distance):
    """Return D(s): half of the coordinates pretrained to β* + s, half to β* − s."""
    groups = tuple(
        CoordinateGroup(
            f"{group.name} {sign:+}",
            group.probability / 2,
            abs(group.pt_magnitude + sign * distance),
            group.slab,
            group.ft_amplitude,
        )
        for group in case.task.groups
        for sign in (1, -1)
    )
    return float(case.of(TaskDistribution(groups), case.start).mse[0])


@cache
def uniform(case, scale):
    """Return E₀ and its slope in log C: a single task with one scale."""
    task = TaskDistribution.single_task(0.3, slab=case.slab)
    curve = case.of(task, Initialization(scale, 0.0))
    return float(curve.mse[0]), float(curve.mse_gradient[0, 0])


def extrapolated(value, step, order):
    """Return the limit of a function of a step, whose powers are 1, 2 and 3 times the order."""
    steps = np.array([1.0, 2.0, 4.0])
    powers = steps[:, None] ** (order * np.arange(3))
    return float(np.linalg.solve(powers, [value(step * one) for one in steps])[0])


def after(formula, variable, step):
    """Return what is a step away from where the limit of a formula is.

    Raises
    ------
    ValueError
        If it is the limit of another variable, or not one to a number from a side.
    """
    limit = formula.towards
    if limit.variable != variable or limit.side is Side.BOTH:
        raise ValueError(f"the limit must be one of {variable}, from a side, got {limit}")
    return float(limit.to) + (step if limit.side is Side.ABOVE else -step)


def decide(stated):
    """Solve close to each limit, and extrapolate from three steps."""
    worst = Worst()
    for case in CASES:
        where = {"case": repr(tuple(case))}
        for data in ENOUGH:
            left = on_problem(stated.perfect, case, {alpha_pt: data})
            alike = left == stated.perfect({PERFECT: perfect(case)})
            worst.at(0.0 if alike else np.inf, of="perfect, bit for bit", α_PT=data, **where)
        worst.at(_little_noise(stated.little_noise, case), of="a little noise", **where)
        worst.at(_few(stated, case), of="a few examples", **where)
    return worst.measured("limits within {worst}, {count} numbers")


def on_problem(formula, case, at):
    """Return the left side at these values, E being the solver's error there."""
    numbers = {key: value for key, value in at.items() if isinstance(key, sp.Symbol)}

    def error(*given):
        # Symbols get their values after functions.
        data, deviation = (float(sp.sympify(one).subs(numbers)) for one in given)
        return sp.Float(solved(case, data, deviation), 17)

    return float(formula.left(at | {E: error}))


def _little_noise(formula, case):
    """Return the largest relative deviation of what noise adds, over α_PT > 1."""
    found = []
    bend = extrapolated(lambda x: 2 * (split(case, x) - perfect(case)) / x**2, STEP, 2)
    for data in (1.3, 4.0):

        def added(step, data=data):
            deviation = after(formula, sigma_pt, step)
            at = {PERFECT: perfect(case), alpha_pt: data, sigma_pt: deviation}
            return on_problem(formula, case, at)

        left = extrapolated(added, STEP, 2)
        right = formula({SPLIT: lambda x: bend * x**2 / 2, s: 0.0, alpha_pt: data})
        found.append(abs(left / float(right) - 1) if right else np.inf)
    return max(found)


def _few(stated, case):
    """Return the largest relative deviation of what a few examples change, with noise or not."""
    found, (start, relative, readout) = [], case.init
    scale = float(defined(stated.scale, SCALE, {c: start, lam: relative, gamma: readout}))
    error, slope = uniform(case, scale)
    # Of one law in all coordinates, so that any E₀ with this slope will do for the derivative.
    signal = sum(one.probability * one.pt_magnitude**2 for one in case.task.groups)
    for deviation in (0.0, 0.7):

        def added(step, deviation=deviation):
            data = after(stated.few, alpha_pt, step)
            at = {UNIFORM: lambda _: error, SCALE: scale, alpha_pt: data, sigma_pt: deviation}
            return on_problem(stated.few, case, at)

        left = extrapolated(added, FEW, 1)
        at = {c: start, lam: relative, sigma_pt: deviation, M: signal, SCALE: scale}
        right = stated.few(at | {UNIFORM: lambda C: slope * sp.log(C)})
        found.append(abs(left / float(right) - 1) if right else np.inf)
    return max(found)


REASON = "terms of the third order in α_PT/c², 0.006 and more, and of the sixth in θ₁"
state(
    "pipeline.limits",
    __doc__,
    (Check("solver close to them", Method.FLOAT64, decide, STATED, CONTROLS, 1e-4, REASON),),
    assumptions=(
        "E* and E₀ by the solver of perfect pretraining",
        "“E = E*” for α_PT ≥ 1 and σ_PT = 0, to the last bit; α_PT > 1 with noise",
        "no ridge in pretraining",
    ),
    requires=("pipeline.least-squares", "pipeline.scale-law"),
)
