"""The error after both stages, as it is stated: what is learnt, its scale, and replica error.

A coordinate of pretraining sees z₁ = β*_PT + θ₁Z₁, and learns β̂_PT = P(z₁; τ₁, c), which solves
β̂ + (τ₁/2) asinh(β̂/c) = z₁. In u = asinh(β̂_PT/c) its law within each group is a trapezoidal sum
that converges exponentially; each node is a group of coordinates of the replica equations of
fine-tuning, with the scale that is stated. `numerics.pipeline` does it in another way (Gauss's
rules, means over c_FT within the channel); only τ₁ and θ₁ are taken from there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import sympy as sp
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from empirics.two_stage import TwoStages
from numerics import (
    CoordinateGroup,
    Initialization,
    Pretraining,
    TaskDistribution,
    solve_pipeline,
    solve_replica,
)
from numerics.validation import FloatArray
from verify.claims.crosscheck._scale import BETA_PT, STATED_SCALE, C, evaluated
from verify.methods.formula import Formula, defined
from verify.methods.notation import Mean
from verify.methods.on_arrays import arguments, on_arrays

TEACHER, SEEN, LEARNT = sp.symbols(r"\beta_{PT}^* z_1 \hat\beta_{PT}", real=True)
NOISE = sp.Symbol("Z_1", real=True)
TAU, THETA = sp.symbols("tau_1 theta_1", nonnegative=True)
ALPHA, SIGMA, ERROR = sp.symbols("alpha sigma E", real=True)
SCALE = sp.Symbol("c_{FT}")
ESTIMATE, REPLICA = sp.Function("P"), sp.Function("p")
_STEP = 0.3  # between nodes in u, at most
_HALF = 0.8  # and where z₁ is steep in u, of its standard deviation
_FEWEST = 24
_REACH = 8.5  # standard deviations of z₁
_LEAST = 1e-18  # of a group's weight


class Learning(NamedTuple):
    """What pretraining sees, what it learns, and whose c_FT fine-tuning has."""

    seen: Formula = Formula(
        SEEN, (TEACHER, THETA, NOISE), lambda teacher, theta, noise: teacher + theta * noise
    )
    learnt: Formula = Formula(LEARNT, (SEEN, TAU, C), lambda seen, tau, c: ESTIMATE(seen, tau, c))
    used: Formula = Formula(BETA_PT, (LEARNT,), lambda learnt: learnt)
    scale: Formula = STATED_SCALE

    def latex(self) -> str:
        """Return all of it, from the scale back to the teacher."""
        return (
            rf"{self.scale.latex()} \ {self.used.latex()}, \quad {self.learnt.latex()}, \quad "
            rf"{self.seen.latex()}"
        )


class Law(NamedTuple):
    """What is left of pretraining, and the error with it."""

    learning: Learning = Learning()
    error: Formula = Formula(
        ERROR, (ALPHA, SCALE, SIGMA), lambda alpha, scale, sigma: REPLICA(alpha, scale, sigma**2)
    )

    def latex(self) -> str:
        """Return the error, and what it is made of."""
        return rf"{self.error.latex()}, \quad {self.learning.latex()}"


LEARNING = Learning()
WRONG_LEARNING = {
    "pretraining perfect: c_FT(β*_PT)": LEARNING._replace(
        used=Formula(BETA_PT, (TEACHER,), lambda teacher: teacher)
    ),
    "θ₁ ignored": LEARNING._replace(
        seen=replace(LEARNING.seen, body=lambda teacher, theta, noise: teacher)
    ),
    "τ₁ ignored": LEARNING._replace(
        learnt=replace(LEARNING.learnt, body=lambda seen, tau, c: ESTIMATE(seen, 0, c))
    ),
    "c_FT of the mean of |β̂_PT|": LEARNING._replace(
        used=replace(LEARNING.used, body=lambda learnt: Mean(sp.Abs(learnt)))
    ),
}
STATED = Law()
WRONG = {why: STATED._replace(learning=one) for why, one in WRONG_LEARNING.items()}


@cache
def solved(stages: TwoStages) -> Any:
    """Return what `numerics.solve_pipeline` says of a problem."""
    return solve_pipeline(
        stages.task,
        stages.initialization,
        Pretraining(stages.alpha_pt, stages.noise_variance_pt),
        stages.alpha,
        noise_variance=stages.noise_variance,
    )


class Spread(NamedTuple):
    """A law of coefficients: values and weights, each (N,)."""

    values: FloatArray
    weights: FloatArray


class Channel(NamedTuple):
    """What a group learns: P(z; τ, c) for z of N(centre, deviation²), of teachers +a if ±a."""

    c: float
    tau: float
    centre: float
    deviation: float

    def seen(self, u: Any) -> Any:
        """Return the z that is answered by c sinh u."""
        return self.c * np.sinh(u) + 0.5 * self.tau * u

    def answer(self, z: float) -> float:
        """Return asinh(P(z; τ, c)/c)."""
        far = float(np.arcsinh(abs(z) / self.c)) + 1.0
        return float(brentq(lambda u: self.seen(u) - z, -far, far, xtol=1e-14, rtol=1e-14))

    def spread(self) -> Spread:
        """Return the law of what is learnt, nodes evenly spaced in u."""
        c, tau, centre, deviation = self
        if deviation == 0.0:
            return Spread(np.array([c * np.sinh(self.answer(centre))]), np.ones(1))
        low, high = (self.answer(centre + side * _REACH * deviation) for side in (-1.0, 1.0))
        # Where z is steep in u, its standard deviation is resolved.
        slope = c * np.cosh(max(abs(low), abs(high))) + 0.5 * tau
        step = min(_STEP, _HALF * deviation / slope, (high - low) / _FEWEST)
        u = np.linspace(low, high, int(np.ceil((high - low) / step)) + 1)
        z = (self.seen(u) - centre) / deviation
        weights = np.exp(-0.5 * z * z) * (c * np.cosh(u) + 0.5 * tau)
        weights /= weights.sum()
        kept = weights > _LEAST
        return Spread(c * np.sinh(u[kept]), weights[kept] / weights[kept].sum())

    def quantile(self, level: float) -> float:
        """Return the value below which what is learnt is with this probability."""
        return self.c * float(np.sinh(self.answer(self.centre + self.deviation * ndtri(level))))

    def size_quantile(self, level: float) -> float:
        """Return the value below which the size of what is learnt is with this probability."""
        if self.deviation == 0.0:
            return abs(self.quantile(0.5))

        def excess(u: float) -> float:
            z, centre = self.seen(u) / self.deviation, self.centre / self.deviation
            return float(ndtr(z - centre) - ndtr(-z - centre)) - level

        high = abs(self.answer(abs(self.centre) + _REACH * self.deviation))
        return self.c * float(np.sinh(brentq(excess, 0.0, high, xtol=1e-14, rtol=1e-14)))


def channel(stated: Learning, stages: TwoStages, group: CoordinateGroup) -> Channel:
    """Return what a group learns, as stated."""
    first, seen = solved(stages).pretraining, defined(stated.seen, SEEN)

    def weight(teacher: float, noise: float) -> float:
        return float(on_arrays(seen, {TEACHER: teacher, THETA: first.theta, NOISE: noise}))

    of_teacher, of_noise = weight(1.0, 0.0), weight(0.0, 1.0)
    at = {SEEN: 1.0, TAU: first.tau, C: stages.c}
    _, tau, c = (float(one) for one in arguments(defined(stated.learnt, LEARNT), ESTIMATE, at))
    size = of_teacher * group.pt_magnitude
    if group.pt_slab == "sign":
        return Channel(c, tau, size, abs(of_noise))
    return Channel(c, tau, 0.0, float(np.hypot(of_noise, size)))


def spreads(stated: Learning, stages: TwoStages) -> list[Spread]:
    """Return the law, in each group, of the coefficient whose c_FT fine-tuning has."""
    used, found = sp.sympify(defined(stated.used, BETA_PT)), []
    for group in stages.task.groups:
        if used == TEACHER:
            found.append(teacher_channel(group).spread())
            continue
        values, weights = channel(stated, stages, group).spread()
        means = {
            mean: sp.Float(float(np.sum(weights * on_arrays(mean.args[0], {LEARNT: values}))), 17)
            for mean in used.atoms(Mean)
        }
        values = np.atleast_1d(on_arrays(used.xreplace(means), {LEARNT: values}))
        found.append(Spread(values, weights if values.size == weights.size else np.ones(1)))
    return found


def teacher_channel(group: CoordinateGroup) -> Channel:
    """Return a channel that learns the teacher itself."""
    size = group.pt_magnitude
    if group.pt_slab == "sign":
        return Channel(1.0, 0.0, size, 0.0)
    return Channel(1e-3 * size, 0.0, 0.0, size)


@dataclass(frozen=True)
class _Stated(TaskDistribution):
    """Nodes as groups, with c_FT as stated."""

    scale: Formula = STATED_SCALE

    def penalty_scales(self, init: Initialization) -> FloatArray:
        """Return the scale of each group's penalty, (G,)."""
        return evaluated(self.scale, init, [group.pt_magnitude for group in self.groups])


@cache
def expected(stated: Law, stages: TwoStages) -> float:
    """Return the error of fine-tuning, as stated."""
    groups, scale = [], stated.learning.scale
    laws = spreads(stated.learning, stages)
    for group, (values, weights) in zip(stages.task.groups, laws, strict=True):
        for number, (value, weight) in enumerate(zip(values, weights, strict=True)):
            groups.append(
                CoordinateGroup(
                    f"{group.name} {number}",
                    group.probability * float(weight),
                    abs(float(value)),
                    group.slab,
                    group.ft_amplitude,
                )
            )
    at = {ALPHA: stages.alpha, SCALE: 4.0, SIGMA: stages.noise_variance**0.5}
    alpha, factor, noise = map(float, arguments(defined(stated.error, ERROR), REPLICA, at))
    task = _Stated(tuple(groups), True, _times(scale, factor / 4.0))
    curve = solve_replica(task, stages.initialization, alpha, noise_variance=noise)
    return float(curve.mse[0])


@cache
def mean_scales(stated: Learning, stages: TwoStages) -> tuple[float, float]:
    """Return mean c_FT where pretraining is active, and where it is not, as stated."""
    found, groups = [], stages.task.groups
    laws = spreads(stated, stages)
    for active in (True, False):
        here = [place for place, one in enumerate(groups) if (one.pt_magnitude > 0.0) is active]
        means = [
            np.sum(
                laws[place].weights
                * evaluated(stated.scale, stages.initialization, laws[place].values)
            )
            for place in here
        ]
        shares = [groups[place].probability for place in here]
        found.append(float(np.average(means, weights=shares)))
    return found[0], found[1]


def _times(scale: Formula, factor: float) -> Formula:
    if factor == 1.0:
        return scale
    body = scale.body
    return replace(scale, body=lambda *of: factor * body(*of))
