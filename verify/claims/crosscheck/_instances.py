"""Finite fine-tuning problems solved by dual Newton, and what they show of the scalar channel.

Proposition 4.2 says that each coordinate of the minimiser behaves as the answer to z = β* + θZ.
Its own equation β̂ + τ q′(β̂) = z gives z back: with q′(β) = ½ asinh(β/c) for a group's scale c,

    Z = (β̂ + (τ/2) asinh(β̂/c) − β*)/θ

is standard normal and independent of β* in every group, if τ, θ and c are right. That is the
whole joint law of (β*, β̂), as β̂ is a function of z.

τ and θ can be read off a solution without the theory's fixed point. Let H = X D Xᵀ + ϱ with
D = 1/q″(β̂), the Hessian of the dual. For X with entries of variance 1/n, m = tr(H⁻¹)/n solves
1/m = ϱ + (1/n) Σ D/(1 + mD) as d → ∞, and that is τ = ϱ + (τ/α)⟨η′⟩ for τ = 1/m. The residual
of the pseudo-data is r = τν, as z = β̂ + Xᵀ(τν) by Xᵀν = q′(β̂), and θ² = ‖r‖²/n.

Instances have their c_FT from the formula as stated, the replica equations from the task.
"""

import math
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Literal, NamedTuple

import numpy as np
from scipy.linalg import eigvalsh

from numerics import Initialization, TaskDistribution, minimum_penalty, solve_replica
from numerics.validation import FloatArray
from verify.claims.crosscheck._scale import STATED_SCALE, evaluated

Slab = Literal["sign", "gaussian"]
# Whether coordinates of a group are active in pretraining, and in fine-tuning.
ACTIVE = {
    "overlap": (True, True),
    "new": (False, True),
    "pt-only": (True, False),
    "none": (False, False),
}
GROUPS = tuple(ACTIVE)
# β_PT in each of them.
PRETRAINED = tuple(float(before) for before, _ in ACTIVE.values())
SLABS: tuple[Slab, ...] = ("gaussian", "sign")


class Problem(NamedTuple):
    """A task with ρ_PT = ρ_FT = rho and ω = ½, an initialisation (c, λ/c, γ), α = n/d and ϱ."""

    slab: Slab
    init: tuple[float, float, float]
    alpha: float = 0.5
    rho: float = 0.4
    ridge: float = 0.0

    @property
    def task(self) -> TaskDistribution:
        """The teachers."""
        return TaskDistribution.pretrain_finetune(self.rho, self.rho, 0.5, slab=self.slab)

    @property
    def initialization(self) -> Initialization:
        """The initialisation."""
        c, ratio, gamma = self.init
        return Initialization(c, ratio * c, gamma)

    @property
    def name(self) -> str:
        """What it is, in a few words."""
        where = f"α = {self.alpha}, ρ = {self.rho}, ϱ = {self.ridge}"
        return f"{self.slab} slab, (c, λ/c, γ) = {self.init}, {where}"

    @property
    def scales(self) -> dict[str, float]:
        """c_FT of each group by name."""
        found = evaluated(STATED_SCALE, self.initialization, PRETRAINED)
        return dict(zip(GROUPS, found.tolist(), strict=True))


class Solution(NamedTuple):
    """The minimiser of one instance, by groups, and the effective parameters read off it."""

    estimate: dict[str, FloatArray]  # β̂
    truth: dict[str, FloatArray]  # β*
    spectrum: FloatArray  # eigenvalues of the Hessian of the dual, (n,)
    closure_tau: float  # the root of τ = ϱ + (τ/n)·Σ 1/(1 + τ q″(β̂))
    multipliers: FloatArray  # ν, (n,); with a ridge, (y − Xβ̂)/ϱ


@cache
def solutions(problem: Problem, d: int, seeds: range) -> tuple[Solution, ...]:
    """Solve an instance of each seed; ArithmeticError if a solution fails its certificate."""
    return tuple(_solve(problem, d, seed) for seed in seeds)


def _solve(problem: Problem, d: int, seed: int) -> Solution:
    sample = problem.task.sample(d, problem.alpha, np.random.default_rng(seed))
    scale = evaluated(STATED_SCALE, problem.initialization, sample.beta_pt)
    found = minimum_penalty(sample.X, sample.y, scale, ridge=problem.ridge)
    if not found.converged:
        raise ArithmeticError(f"seed {seed} of {problem.name} not solved: {found.status.advice}")
    n = sample.y.size
    inverse_curvature = 2.0 * np.hypot(found.beta, scale)
    hessian = (sample.X * inverse_curvature) @ sample.X.T + problem.ridge * np.eye(n)
    residual = sample.y - sample.X @ found.beta
    multipliers = residual / problem.ridge if problem.ridge > 0.0 else found.dual
    before, after = sample.beta_pt != 0.0, sample.beta_ft != 0.0
    masks = {name: (before == pt) & (after == ft) for name, (pt, ft) in ACTIVE.items()}
    return Solution(
        {name: found.beta[mask] for name, mask in masks.items()},
        {name: sample.beta_ft[mask] for name, mask in masks.items()},
        eigvalsh(hessian),
        _closure(inverse_curvature, n, problem.ridge),
        multipliers,
    )


def _closure(inverse_curvature: FloatArray, n: int, ridge: float) -> float:
    """Solve n(1 − ϱ/τ) = Σ D/(D + τ) by bisection in log τ; the difference of the sides rises."""
    low, high = -60.0, 60.0
    while high - low > 1e-13 * (1.0 + abs(low)):
        middle = 0.5 * (low + high)
        tau = math.exp(middle)
        response = float(np.sum(inverse_curvature / (inverse_curvature + tau)))
        if n * (1.0 - ridge / tau) < response:
            low = middle
        else:
            high = middle
    return math.exp(0.5 * (low + high))


def by_problem(stated: Any, statistics: Callable[..., dict[str, float]]) -> Iterator[Any]:
    """Yield the name of each statistic of each problem, and its value in every instance, (S,)."""
    for problem in stated.problems:
        solved = solutions(problem, stated.d, stated.seeds)
        rows = [statistics(stated, problem, one) for one in solved]
        for name in rows[0]:
            yield f"{problem.name}: {name}", np.array([row[name] for row in rows])


@cache
def fixed_point(problem: Problem) -> tuple[float, float]:
    """Return (τ, θ) of the replica equations."""
    curve = solve_replica(problem.task, problem.initialization, problem.alpha, ridge=problem.ridge)
    return float(curve.tau[0]), float(curve.theta[0])
