"""Where basis pursuit begins to recover a sparse teacher: frequencies, logistic fit, location."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import expit

from numerics import minimum_penalty
from numerics.validation import FloatArray
from verify.methods.equivalence import Estimate

RECOVERED = 1e-6  # largest |β̂ − β*|, with β* of size 1


@dataclass(frozen=True)
class Trials:
    """Of each trial, n/d, and whether the teacher was recovered (0 or 1); both of shape (T,)."""

    alpha: FloatArray
    recovered: FloatArray


@cache
def recoveries(rho: float, d: int, window: tuple[float, float], count: int, seed: int) -> Trials:
    """Draw sparse teachers of ρd signs and solve min ‖β‖₁ subject to Xβ = Xβ*.

    α runs evenly through the window; each trial draws its own X.
    """
    rng = np.random.default_rng([seed, d])
    active = round(rho * d)
    sizes = np.rint(d * np.linspace(*window, count)).astype(int)
    outcomes = []
    for n in sizes:
        X = rng.standard_normal((n, d)) / np.sqrt(n)
        truth = np.zeros(d)
        truth[:active] = rng.choice([-1.0, 1.0], size=active)
        found = minimum_penalty(X, X @ truth, 0.0)
        distance = float(np.abs(found.beta - truth).max())
        if not np.isfinite(distance):
            raise ArithmeticError(f"no answer at rho={rho}, d={d}, n={n}")
        outcomes.append(float(distance <= RECOVERED))
    return Trials(sizes / d, np.array(outcomes))


def locate(trials: Trials) -> tuple[Estimate, float]:
    """Fit P(recovered) = 1/(1 + exp(−(α − a)/s)) by maximum likelihood; return a, and s.

    ValueError if all trials ended alike, or success and failure are perfectly separated by α.
    """
    alpha, outcome = trials.alpha, trials.recovered
    failed, done = alpha[outcome == 0.0], alpha[outcome == 1.0]
    if failed.size == 0 or done.size == 0 or failed.max() < done.min():
        raise ValueError("trials must overlap in alpha: some recovered below some that did not")
    centre, spread = float(alpha.mean()), float(alpha.std())
    x = np.stack([np.ones_like(alpha), (alpha - centre) / spread], axis=1)
    slope = np.zeros(2)
    for _ in range(100):
        rate = expit(x @ slope)
        information = (x * (rate * (1 - rate))[:, None]).T @ x
        step = np.linalg.solve(information, x.T @ (outcome - rate))
        slope = slope + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-10:
            break
    covariance = np.linalg.inv(information)
    zero = -slope[0] / slope[1]
    gradient = np.array([-1.0, -zero]) / slope[1]
    error = float(np.sqrt(gradient @ covariance @ gradient))
    place = Estimate(centre + spread * float(zero), spread * error, alpha.size - 2.0)
    return place, spread / float(slope[1])
