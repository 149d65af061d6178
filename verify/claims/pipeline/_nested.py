"""The error of the two stages by nested trapezoidal rules: written anew, for what `numerics` has.

Both stages are the equations of Proposition 4.2 in the parameter u of the estimate C sinh u, which
sees C sinh u + ½τu. Nothing here is shared with `numerics.pipeline` or `numerics.replica`: no
nodes, no rule for the mean over c_FT, no equations and no search.

What pretraining leaves may be replaced by a wrong reading of it (`Reading`), for controls.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import root

Array = NDArray[np.floating[Any]]

# Standard deviations that are kept on each side; what is beyond has less than 10⁻²² of the weight.
REACH = 10.0
# Largest distance of nodes in u, and the least number of them. A coefficient of ten standard
# deviations that is far above the scale has a law of width 0.1 in u, of a range of up to 40.
STEP, FEWEST = 0.07, 64
NEGLIGIBLE = 1e-24


class Law(NamedTuple):
    """Law of a coefficient: ±`sign`, or N(0, `spread`²), or both 0: the coefficient 0."""

    sign: float = 0.0
    spread: float = 0.0


class Coordinates(NamedTuple):
    """A share of the coordinates with the laws of their coefficients in both stages."""

    share: float
    before: Law
    after: Law


class Stage(NamedTuple):
    """Data of a stage: α, σ², ϱ."""

    alpha: float
    noise_variance: float = 0.0
    ridge: float = 0.0


class Start(NamedTuple):
    """Initialisation (c, λ, γ)."""

    c: float
    lam: float
    gamma: float


class Reading(StrEnum):
    """What c_FT is taken to be after pretraining, in LaTeX."""

    EXACT = r"c_{FT}(\hat\beta_{PT})"
    PERFECT = r"c_{FT}(\beta^*_{PT})"
    WITHOUT_NOISE = r"c_{FT}(\hat\beta_{PT}),\, \theta_1 = 0"
    WITHOUT_SHRINKING = r"c_{FT}(\hat\beta_{PT}),\, \tau_1 = 0"
    OF_MEAN = r"c_{FT}(E\left[|\hat\beta_{PT}|\right])"


@dataclass(frozen=True)
class _Rows:
    """Rows of a channel: share, scale C and law of the coefficient, each (N,)."""

    share: Array
    scale: Array
    sign: Array
    spread: Array


class Solution(NamedTuple):
    """Error, τ and θ of a stage."""

    error: float
    tau: float
    theta: float


def teacher(
    rho_pt: float,
    rho_ft: float,
    overlap: float,
    *,
    before: str = "sign",
    after: str = "sign",
    sizes: tuple[float, float | None] = (1.0, None),
) -> tuple[Coordinates, ...]:
    """Return the coordinates of Section 3.3: both stages, the later one, the former, none."""
    first, second = sizes
    second = rho_ft**-0.5 if second is None else second

    def law(kind: str, size: float) -> Law:
        return Law(sign=size) if kind == "sign" else Law(spread=size)

    both, none = overlap * rho_ft, Law()
    shares = both, rho_ft - both, rho_pt - both, 1.0 - rho_pt - rho_ft + both
    laws = [(1, 1), (0, 1), (1, 0), (0, 0)]
    return tuple(
        Coordinates(
            share,
            law(before, first) if was else none,
            law(after, second) if now else none,
        )
        for share, (was, now) in zip(shares, laws, strict=True)
        if share > 1e-15
    )


@lru_cache(maxsize=65536)
def pipeline_error(
    coordinates: tuple[Coordinates, ...],
    start: Start,
    first: Stage,
    second: Stage,
    reading: Reading = Reading.EXACT,
    near: tuple[tuple[float, float], tuple[float, float]] | None = None,
) -> Solution:
    """Return the solution of fine-tuning; `near` are (τ, θ) of both stages, to begin the search."""
    before = pretrained(coordinates, start.c, first, None if near is None else near[0])
    rows = []
    for group in coordinates:
        scale, weight = _scales(group.before, start, before, reading)
        rows.append(
            _Rows(
                group.share * weight,
                scale,
                np.full_like(scale, group.after.sign),
                np.full_like(scale, group.after.spread),
            )
        )
    joined = _Rows(
        *(np.concatenate([getattr(r, n) for r in rows]) for n in _Rows.__dataclass_fields__)
    )
    return _solved(joined, second, None if near is None else near[1])


@lru_cache(maxsize=65536)
def pretrained(
    coordinates: tuple[Coordinates, ...],
    c: float,
    stage: Stage,
    near: tuple[float, float] | None = None,
) -> Solution:
    """Return the solution of pretraining, which is a single task of scale c."""
    if stage.ridge == 0.0 and stage.alpha >= 1.0:
        error = stage.noise_variance / (1.0 - 1.0 / stage.alpha) if stage.noise_variance else 0.0
        return Solution(error, 0.0, float(np.sqrt(error)))
    rows = _Rows(
        np.array([group.share for group in coordinates]),
        np.full(len(coordinates), c),
        np.array([group.before.sign for group in coordinates]),
        np.array([group.before.spread for group in coordinates]),
    )
    return _solved(rows, stage, near)


def left_behind(law: Law, c: float, found: Solution, reading: Reading) -> tuple[Array, Array]:
    """Return values of β̂_PT that pretraining leaves, and their weights, which sum to 1."""
    tau = 0.0 if reading in (Reading.WITHOUT_SHRINKING, Reading.PERFECT) else found.tau
    theta = 0.0 if reading in (Reading.WITHOUT_NOISE, Reading.PERFECT) else found.theta
    spread = float(np.hypot(theta, law.spread))
    if spread:
        u, _ = _grid(np.array([c]), np.array([law.sign]), np.array([spread]), tau)
        z, jacobian = c * np.sinh(u) + 0.5 * tau * u, c * np.cosh(u) + 0.5 * tau
        weight = (np.exp(-0.5 * ((z - law.sign) / spread) ** 2) * jacobian)[0]
        kept = weight > NEGLIGIBLE * weight.max()
        learned, weight = c * np.sinh(u[0][kept]), weight[kept] / weight.sum()
    else:
        learned, weight = np.array([_estimate(law.sign, c, tau)]), np.ones(1)
    if reading is Reading.OF_MEAN:
        learned, weight = np.array([weight @ np.abs(learned)]), np.ones(1)
    return learned, weight


def _scales(law: Law, start: Start, found: Solution, reading: Reading) -> tuple[Array, Array]:
    """Return values of c_FT and their weights."""
    learned, weight = left_behind(law, start.c, found, reading)
    hidden = (start.c + start.lam) * (1.0 + np.hypot(1.0, learned / start.c))
    return hidden + start.gamma**2, weight


def _estimate(z: float, c: float, tau: float) -> float:
    """Return the estimate that sees z."""
    return float(c * np.sinh(_inverse(np.array([z]), np.array([c]), tau))[0])


def _inverse(z: Array, scale: Array, tau: float) -> Array:
    """Return u with scale·sinh u + ½τu = z, by Newton's method from above: it is convex there."""
    size = np.abs(z)
    u = np.arcsinh(size / scale)
    for _ in range(200):
        gap = scale * np.sinh(u) + 0.5 * tau * u - size
        move = gap / (scale * np.cosh(u) + 0.5 * tau)
        u = u - move
        if np.all(np.abs(move) <= 1e-13 * (1.0 + u)):
            break
    return np.copysign(u, z)


def _grid(scale: Array, centre: Array, spread: Array, tau: float) -> tuple[Array, Array]:
    """Return equidistant u, (N, K), of what is seen within `REACH`; and the steps, (N,)."""
    low, high = (_inverse(centre + side * REACH * spread, scale, tau) for side in (-1.0, 1.0))
    count = max(FEWEST, math.ceil(float((high - low).max()) / STEP))
    steps = (high - low) / (count - 1)
    return low[:, None] + steps[:, None] * np.arange(count), steps


def _moments(rows: _Rows, tau: float, theta: float) -> tuple[float, float]:
    """Return E[η′] and p."""
    spread = np.hypot(theta, rows.spread)
    u, step = _grid(rows.scale, rows.sign, spread, tau)
    rise, run = rows.scale[:, None] * np.sinh(u), rows.scale[:, None] * np.cosh(u)
    z, wide = rise + 0.5 * tau * u, spread[:, None]
    density = np.exp(-0.5 * ((z - rows.sign[:, None]) / wide) ** 2) * step[:, None]
    density /= wide * np.sqrt(2.0 * np.pi)
    # Given what is seen, the coefficient is normal with this mean and variance.
    known = (rows.spread / spread)[:, None] ** 2
    target = np.where(rows.spread[:, None] > 0, z * known, rows.sign[:, None])
    rest = known * theta**2
    gap = ((rise - target) ** 2 + rest) * (run + 0.5 * tau)
    return (
        float(rows.share @ (density * run).sum(axis=1)),
        float(rows.share @ (density * gap).sum(axis=1)),
    )


def _solved(rows: _Rows, stage: Stage, near: tuple[float, float] | None) -> Solution:
    """Return where both equations hold, in logarithms.

    Raises
    ------
    ArithmeticError
        If they do not hold to 10⁻¹².
    """
    signal = float(rows.share @ (rows.sign**2 + rows.spread**2))

    def equations(state: Array) -> list[float]:
        tau, theta = np.exp(np.clip(state, -150.0, 150.0))
        response, error = _moments(rows, tau, theta)
        return [
            float(np.log(stage.ridge / tau + response / stage.alpha)),
            float(np.log((stage.noise_variance + error / stage.alpha) / theta**2)),
        ]

    guess = np.sqrt(stage.noise_variance + signal / stage.alpha)
    begin = np.log([guess + stage.ridge, guess] if near is None else near)
    found = root(equations, begin, method="hybr", options={"xtol": 1e-13})
    state = _polished(equations, found.x)
    tau, theta = np.exp(state)
    return Solution(_moments(rows, tau, theta)[1], float(tau), float(theta))


def _polished(equations: Callable[[Array], Sequence[float]], state: Array) -> Array:
    """Return the state after steps of Newton's method, until it stays where it is."""
    step = 1e-6
    for _ in range(8):
        here = np.array(equations(state))
        columns = [
            (np.array(equations(state + step * e)) - np.array(equations(state - step * e)))
            / (2 * step)
            for e in np.eye(2)
        ]
        move = np.linalg.solve(np.array(columns).T, -here)
        state = state + move
        if np.abs(move).max() < 1e-12:
            return state
    raise ArithmeticError(f"the equations must hold to 1e-12, got {here!r}")
