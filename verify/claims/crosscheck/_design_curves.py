"""Replica curves that designs are held to: of independent entries, and of correlated ones.

A curve is that of the replica equations with the noise and the ridge that it gives to a case.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import sympy as sp
from scipy.optimize import brentq

from empirics.designs import CORRELATION, Case
from numerics import Initialization, TaskDistribution, solve_replica
from numerics.validation import FloatArray
from verify.claims.crosscheck._finite_size import ALPHA, SIGMA, P
from verify.methods.formula import Formula, defined
from verify.methods.on_arrays import function_of

RIDGE, R, V, M = sp.symbols("varrho r v m", positive=True)
STRENGTH = sp.Symbol("varrho_e", real=True)
NOISE = sp.Symbol("sigma_e", real=True) ** 2
F = sp.Function("F")
# Relative, of p: standard errors are some 10⁻².
ITERATIONS, SETTLED = 200, 1e-6


def solve(case: Case, d: int, alpha: float, noise: float, ridge: float) -> tuple[float, float]:
    """Return error p and strength τ of the replica equations, with the shares of d coordinates."""
    return _solve(case.composed(d), case.setting.initialization, alpha, noise, ridge)


@cache
def _solve(
    task: TaskDistribution, init: Initialization, alpha: float, noise: float, ridge: float
) -> tuple[float, float]:
    curve = solve_replica(task, init, alpha, noise_variance=noise, ridge=ridge)
    return float(curve.mse[0]), float(curve.tau[0])


class Independent(NamedTuple):
    """The curve of independent entries: noise and ridge are those of the case, or as stated."""

    noise: Formula = Formula(NOISE, (SIGMA,), lambda sigma: sigma**2)
    ridge: Formula = Formula(STRENGTH, (RIDGE,), lambda ridge: ridge)

    def latex(self) -> str:
        return rf"{self.noise.latex()}, \quad {self.ridge.latex()}"

    def __call__(self, case: Case, d: int, alpha: FloatArray) -> FloatArray:
        at = {SIGMA: case.noise_variance**0.5, R: CORRELATION}
        noise = float(defined(self.noise, NOISE, at))
        ridge = float(defined(self.ridge, STRENGTH, {RIDGE: case.ridge}))
        return np.array([solve(case, d, one, noise, ridge)[0] for one in alpha.tolist()])


def spectral_mean(ridge: Any, v: Any, r: Any) -> Any:
    """Return the mean of s/(ϱ + sv) over the spectrum s of the correlations r^|i−j|."""
    sum_, difference = ridge * (1 + r**2) + v * (1 - r**2), 2 * r * ridge
    return (1 - r**2) / sp.sqrt(sum_**2 - difference**2)


MEAN = Formula(F(RIDGE, V), (RIDGE, V, R), spectral_mean)


def of_spectrum(mean: Formula) -> Callable[..., Any]:
    """Return F(ϱ, v) as stated, for the correlation of the designs."""
    r = sp.Rational(str(CORRELATION))
    return lambda ridge, v: defined(mean, F(RIDGE, V), {RIDGE: ridge, V: v, R: r})


class CorrelatedFeatures(NamedTuple):
    """The curve of features that are correlated in directions unrelated to the coordinates.

    What Xᵀ(XXᵀ)⁻¹ makes of noise is as large for a Gaussian design with the noise σ_e²: for that
    tr(XXᵀ)⁻¹ is n²/(d − n), and here nm.
    """

    mean: Formula = MEAN
    trace: Formula = Formula(1 / M, (ALPHA, F(1, M)), lambda alpha, mean: mean / alpha)
    noise: Formula = Formula(
        NOISE, (SIGMA, ALPHA, M), lambda sigma, alpha, m: sigma**2 * m * (1 - alpha) / alpha
    )

    def latex(self) -> str:
        return (
            rf"{self.noise.latex()}, \quad {self.trace.latex()} \\ "
            rf"{self.mean.latex()}, \quad r = {CORRELATION:g}"
        )

    def variance(self, sigma: float, alpha: float) -> float:
        """Return σ_e² at one α."""
        excess = function_of(self.trace.name - self.trace({F: of_spectrum(self.mean)}), ALPHA, M)
        m = float(brentq(lambda one: float(excess(alpha, one)), 1e-6, 1e6, xtol=1e-14))
        return float(defined(self.noise, NOISE, {SIGMA: sigma, ALPHA: alpha, M: m}))

    def __call__(self, case: Case, d: int, alpha: FloatArray) -> FloatArray:
        if case.ridge:
            raise ValueError(f"the reference is without a ridge, got {case.ridge}")
        sigma = case.noise_variance**0.5
        return np.array(
            [solve(case, d, one, self.variance(sigma, one), 0.0)[0] for one in alpha.tolist()]
        )


class CorrelatedExamples(NamedTuple):
    """The curve of correlated examples with a ridge, by the R-transform of XᵀX = GᵀΣG.

    With v = (τ/α)E[η′], 1/τ is F, the mean of s/(ϱ + sv) over the spectrum of Σ; θ²/τ² is that of
    (σ²s + (p/α)s²)/(ϱ + sv)². A Gaussian design has τ = ϱ_e + v and θ² = σ_e² + p/α.
    """

    mean: Formula = MEAN
    ridge: Formula = Formula(STRENGTH, (F(RIDGE, V), V), lambda mean, v: 1 / mean - v)
    noise: Formula = Formula(
        NOISE,
        (SIGMA, P, ALPHA, F(RIDGE, V), sp.diff(F(RIDGE, V), RIDGE), sp.diff(F(RIDGE, V), V)),
        lambda sigma, p, alpha, mean, by_ridge, by_v: (
            -(sigma**2 * by_ridge + p / alpha * by_v) / mean**2 - p / alpha
        ),
    )

    def latex(self) -> str:
        return (
            rf"{self.ridge.latex()}, \quad {self.noise.latex()} \\ "
            rf"{self.mean.latex()}, \quad r = {CORRELATION:g}"
        )

    def __call__(self, case: Case, d: int, alpha: FloatArray) -> FloatArray:
        mean = {F: of_spectrum(self.mean)}
        pair = defined(self.ridge, STRENGTH, mean), defined(self.noise, NOISE, mean)
        effective = function_of(sp.Tuple(*pair), RIDGE, V, SIGMA, P, ALPHA)
        return np.array([_settled(case, d, one, effective) for one in alpha.tolist()])


def _settled(case: Case, d: int, alpha: float, effective: Callable[..., Any]) -> float:
    """Solve for the error, and the noise and ridge that depend on it, in turn."""
    noise, ridge, last = case.noise_variance, case.ridge, np.inf
    for _ in range(ITERATIONS):
        p, tau = solve(case, d, alpha, noise, ridge)
        if abs(p - last) <= SETTLED * p:
            return p
        sigma = case.noise_variance**0.5
        ridge, noise = map(float, effective(case.ridge, tau - ridge, sigma, p, alpha))
        last = p
    raise ArithmeticError(f"{case.name} at α = {alpha} does not settle, got p = {p}")


Expected = Independent | CorrelatedFeatures | CorrelatedExamples
