r"""What examples of pretraining and of fine-tuning are worth in each other.

Both stages learn from data, α_PT d and αd examples, and the error E(α_PT, α) is that of
`numerics.solve_pipeline`. One more example of a stage changes it by (1/d) ∂E/∂α_PT or (1/d) ∂E/∂α.
One example of pretraining is therefore worth

    (∂E/∂α_PT) / (∂E/∂α)   examples of fine-tuning,

and one example of fine-tuning is worth the inverse in examples of pretraining. Along a line of
constant error dα/dα_PT is minus the former: that many examples of fine-tuning can be left out for
one more of pretraining. At the cheapest split of a budget, unless it is at an end or a kink, an
example of each stage is worth its price.

With noise it matters what an example is. The variances of the labels' noise hold for inputs of the
variance 1/n, all of which shrink as n grows: at fixed σ² an example more makes all others noisier.
With `noise_convention="1/d"` the variance is that where inputs have the variance 1/d; then examples
are alike whatever their number, σ² = s²/α in either stage, and derivatives are those at fixed s².
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.initialization import Initialization
from numerics.pipeline import Pretraining, solve_pipeline
from numerics.replica import ReplicaCurve
from numerics.replica.solve import checked_alpha
from numerics.tasks import TaskDistribution
from numerics.validation import FloatArray, finite_scalar

NoiseConvention = Literal["1/n", "1/d"]
"""Variance of the inputs where the variance of the labels' noise is measured."""

_LARGEST_NOISE = 1e3


@dataclass(frozen=True)
class ExchangeRates:
    """Errors at P × A pairs of data scales, and what an example of either stage changes.

    Attributes
    ----------
    alpha_pt, alpha
        Data scales of pretraining, (P,), and of fine-tuning, (A,).
    mse
        Error of fine-tuning, (P, A); NaN where not `converged`.
    relative_error
        Its estimated relative error, (P, A).
    mse_pt
        Error of pretraining, (P,).
    slope_pt, slope_ft
        ∂E/∂α_PT and ∂E/∂α, (P, A); NaN where they do not exist, as at α_PT = 1.
    converged
        Whether the equations were solved, (P, A).
    """

    alpha_pt: FloatArray
    alpha: FloatArray
    mse: FloatArray
    relative_error: FloatArray
    mse_pt: FloatArray
    slope_pt: FloatArray
    slope_ft: FloatArray
    converged: NDArray[np.bool_]

    @property
    def finetuning_per_pretraining(self) -> FloatArray:
        """How many fine-tuning examples one pretraining example is worth, (P, A).

        Negative where one of them lowers the error and the other raises it; infinite where only
        pretraining changes it, and NaN where neither does.
        """
        return _ratio(self.slope_pt, self.slope_ft)

    @property
    def pretraining_per_finetuning(self) -> FloatArray:
        """How many pretraining examples one fine-tuning example is worth, (P, A).

        Negative where one of them lowers the error and the other raises it; infinite where only
        fine-tuning changes it, so that no number is enough, and NaN where neither does.
        """
        return _ratio(self.slope_ft, self.slope_pt)


def exchange_rates(
    task: TaskDistribution,
    init: Initialization,
    alpha_pt: ArrayLike,
    alpha: ArrayLike,
    *,
    noise_variance_pt: float = 0.0,
    ridge_pt: float = 0.0,
    noise_variance: float = 0.0,
    ridge: float = 0.0,
    noise_convention: NoiseConvention = "1/n",
    throw: bool = True,
) -> ExchangeRates:
    """Return errors and rates of exchange at all pairs of the data scales.

    Parameters
    ----------
    task, init
        As in `numerics.solve_pipeline`.
    alpha_pt
        Data scales of pretraining, at least 1e-3, also infinite; a number or shape (P,).
    alpha
        Data scales of fine-tuning in [1e-3, 1e3], a number or shape (A,).
    noise_variance_pt, noise_variance
        Variances of the labels' noise in pretraining and in fine-tuning.
    ridge_pt, ridge
        Strengths in pretraining and in fine-tuning, held fixed; 0 interpolates.
    noise_convention
        ``"1/n"``: the variances, as everywhere in this package, hold for inputs of the variance
        1/n and are held fixed. ``"1/d"``: for inputs of the variance 1/d, so that examples are
        alike whatever their number.
    throw
        Whether to raise an error if the equations of fine-tuning were not solved at some pair.

    Raises
    ------
    ValueError
        If an argument is out of range, or the task has no pretraining.
    PretrainingError, ConvergenceError
        If the equations of a stage were not solved.
    """
    noises = Noises(noise_variance_pt, noise_variance, noise_convention)
    scales_pt = _pretraining_scales(alpha_pt)
    scales = checked_alpha(alpha)
    shape = scales_pt.size, scales.size
    mse, relative, slope_pt, slope_ft = (np.full(shape, np.nan) for _ in range(4))
    mse_pt, converged = np.empty(shape[0]), np.zeros(shape, dtype=np.bool_)
    for row, scale in enumerate(scales_pt.tolist()):
        pretraining = Pretraining(scale, noises.pretraining(scale), ridge_pt)
        for part, noise in noises.portions(scales):
            curve = solve_pipeline(
                task,
                init,
                pretraining,
                scales[part],
                noise_variance=noise,
                ridge=ridge,
                throw=throw,
            )
            mse_pt[row] = curve.pretraining.mse
            mse[row, part], relative[row, part] = curve.mse, curve.relative_error
            converged[row, part] = curve.converged
            slope_pt[row, part], slope_ft[row, part] = _slopes(curve, pretraining, noises)
    return ExchangeRates(scales_pt, scales, mse, relative, mse_pt, slope_pt, slope_ft, converged)


@dataclass(frozen=True)
class Noises:
    """Variances of the labels' noise, and what they are at given data scales for inputs 1/n."""

    variance_pt: float
    variance: float
    convention: NoiseConvention

    def __post_init__(self) -> None:
        if self.convention not in get_args(NoiseConvention):
            raise ValueError(
                f"noise_convention must be one of {get_args(NoiseConvention)}, got "
                f"{self.convention!r}"
            )
        for name, value in (
            ("noise_variance_pt", self.variance_pt),
            ("noise_variance", self.variance),
        ):
            number = finite_scalar(name, value)
            if not 0.0 <= number <= _LARGEST_NOISE:
                raise ValueError(f"{name} must lie in [0, {_LARGEST_NOISE:g}], got {number!r}")
            object.__setattr__(self, name.removeprefix("noise_"), number)

    @property
    def are_of_examples(self) -> bool:
        """Whether examples have the same noise whatever their number."""
        return self.convention == "1/d"

    def pretraining(self, alpha: float) -> float:
        """Return σ_PT² for inputs of the variance 1/n; ValueError if it is too large."""
        return self._for_inputs_of_n("_pt", self.variance_pt, alpha)

    def finetuning(self, alpha: float) -> float:
        """Return σ² for inputs of the variance 1/n; ValueError if it is too large."""
        return self._for_inputs_of_n("", self.variance, alpha)

    def _for_inputs_of_n(self, stage: str, variance: float, alpha: float) -> float:
        if not self.are_of_examples:
            return variance
        if variance > _LARGEST_NOISE * alpha:
            raise ValueError(
                f"noise_variance{stage} / alpha{stage} must be at most {_LARGEST_NOISE:g} with the "
                f"convention 1/d, got {variance!r} / {alpha!r}"
            )
        return variance / alpha

    def portions(self, alpha: FloatArray) -> Iterator[tuple[slice, float]]:
        """Yield parts of the data scales that have one variance in fine-tuning, and that."""
        if self.variance == 0.0 or not self.are_of_examples:
            yield slice(None), self.variance
            return
        for index, scale in enumerate(alpha):
            yield slice(index, index + 1), self.finetuning(float(scale))


def _slopes(
    curve: ReplicaCurve, pretraining: Pretraining, noises: Noises
) -> tuple[FloatArray, FloatArray]:
    """Return ∂E/∂α_PT and ∂E/∂α, each (A,), with what is to be held fixed of the noise."""
    named = dict(zip(curve.parameters, curve.mse_gradient, strict=True))
    in_pt, in_ft = named["alpha_pt"], named["alpha"]
    if noises.are_of_examples:
        if pretraining.noise_variance > 0.0:
            deviation = math.sqrt(pretraining.noise_variance)
            in_pt = in_pt - 0.5 * deviation / pretraining.alpha * named["sigma_pt"]
        if noises.variance > 0.0:
            in_ft = in_ft - noises.variance / curve.alpha**2 * curve.mse_noise_slope
    return in_pt, in_ft


def _pretraining_scales(value: ArrayLike) -> FloatArray:
    """Return data scales of pretraining, also infinite ones, as an array of one dimension."""
    try:
        raw = np.asarray(value)
    except ValueError:  # ragged nested sequences
        raw = np.asarray(None)
    if raw.dtype.kind not in "fiu" or raw.ndim > 1 or not raw.size or np.ma.is_masked(value):
        raise ValueError(
            f"alpha_pt must be a number or a list of numbers that is not empty, got {value!r:.60}"
        )
    scales = np.atleast_1d(raw).astype(np.float64)
    for scale in scales.tolist():
        Pretraining(scale)
    return scales


def _ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Return the quotient: infinite over 0, without a sign, and NaN for 0 over 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = numerator / denominator
    return np.asarray(np.where(np.isinf(quotient) & (denominator == 0.0), math.inf, quotient) + 0.0)
