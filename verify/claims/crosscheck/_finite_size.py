"""Errors of finite networks against the replica curve, setting by setting and α by α.

The deviation at dimension d is log(p_d/p), with p the replica error for the shares that d
coordinates really have; for c_FT = 0, where a finite network can recover its teacher exactly, it is
p_d/p − 1. Its mean is extrapolated in 1/d. A margin is a part of p or of α, whichever allows more:
where the curve falls steeply, p is known only as well as α is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from empirics.finite_size import Curve, Recorded, scales_of
from numerics import Initialization, TaskDistribution, solve_replica
from numerics.tasks import CoordinateGroup
from numerics.validation import FloatArray
from verify.claim import Comparison, Evidence
from verify.methods.equivalence import Estimate, extrapolate, holm

LEVEL = 0.05
_STEP = 0.01  # in log α, for the slope of a curve

Reference = Callable[[Curve, int, FloatArray], FloatArray]


@dataclass(frozen=True)
class Margin:
    """What counts as no deviation.

    Attributes
    ----------
    error
        Largest log-ratio of errors.
    alpha
        Largest log-ratio of α between points of the curve with these errors.
    """

    error: float
    alpha: float = 0.0


def stated(curve: Curve, d: int, alpha: FloatArray) -> FloatArray:
    """Return the replica error of a curve with the shares of d coordinates, at each α."""
    return _solve(curve.composed(d), curve.setting.initialization, alpha, curve.noise_variance)


def doubled_scale(curve: Curve, d: int, alpha: FloatArray) -> FloatArray:
    """Return the error for 2 c_FT in place of c_FT: c, λ, γ² and |β_PT| are all doubled."""
    init, task = curve.setting.initialization, curve.composed(d)
    twice = Initialization(2 * init.c, 2 * init.lam, np.sqrt(2) * init.gamma)
    groups = tuple(
        CoordinateGroup(g.name, g.probability, 2 * g.pt_magnitude, g.slab, g.ft_amplitude)
        for g in task.groups
    )
    return _solve(TaskDistribution(groups, task.pretrained), twice, alpha, curve.noise_variance)


def half_readout(curve: Curve, d: int, alpha: FloatArray) -> FloatArray:
    """Return the error with γ²/2 in place of γ²."""
    return stated(_with(curve, gamma=curve.setting.gamma / np.sqrt(2)), d, alpha)


def swapped_lambda(curve: Curve, d: int, alpha: FloatArray) -> FloatArray:
    """Return the error with λ's sign swapped."""
    return stated(_with(curve, relative_scale=-curve.setting.relative_scale), d, alpha)


def wrong_overlap(curve: Curve, d: int, alpha: FloatArray) -> FloatArray:
    """Return the error for an overlap that is off by 1/4."""
    overlap = curve.setting.overlap
    if overlap is None:
        return stated(curve, d, alpha)
    return stated(_with(curve, overlap=overlap + (0.25 if overlap == 0 else -0.25)), d, alpha)


def noise_over_alpha(curve: Curve, d: int, alpha: FloatArray) -> FloatArray:
    """Return the error with θ² = (σ² + p)/α, the convention of inputs with variance 1/d."""
    task, init = curve.composed(d), curve.setting.initialization
    return np.array([_solve(task, init, a, curve.noise_variance / a)[0] for a in alpha])


def _with(curve: Curve, **changes: Any) -> Curve:
    return replace(curve, setting=replace(curve.setting, **changes))


def _solve(
    task: TaskDistribution, init: Initialization, alpha: FloatArray | float, noise: float
) -> FloatArray:
    return _cached(task, init, tuple(np.atleast_1d(alpha).tolist()), noise)


@cache
def _cached(
    task: TaskDistribution, init: Initialization, alpha: tuple[float, ...], noise: float
) -> FloatArray:
    return np.asarray(solve_replica(task, init, alpha, noise_variance=noise).mse)


@dataclass(frozen=True)
class Deviation:
    """What remains of a curve's deviation at one α when d goes to infinity.

    Attributes
    ----------
    curve, alpha
        Where.
    expected
        The replica error.
    estimate
        The extrapolated deviation.
    margin
        Within which it counts as none.
    samples
        Deviations by dimension.
    """

    curve: str
    alpha: float
    expected: float
    estimate: Estimate
    margin: float
    samples: dict[int, FloatArray]


def deviations(
    recorded: Recorded, curves: Sequence[Curve], reference: Reference, margin: Margin
) -> tuple[Deviation, ...]:
    """Extrapolate the deviations of all curves from a reference, at every α where it is not 0.

    A reference of 0 (exact recovery) leaves nothing to compare in ratios; a dimension with one seed
    says nothing about scatter. Both are left out.
    """
    alphas = np.unique(recorded.alpha)
    found = []
    for curve in curves:
        errors = recorded.errors[curve.name]
        known = ~np.isnan(errors)
        dimensions = [int(d) for d in np.unique(recorded.d[known])]
        expected = {d: reference(curve, d, alphas) for d in dimensions}
        margins = _margins(curve, dimensions[-1], alphas, reference, margin)
        smooth = bool(scales_of(curve).any())
        for j, alpha in enumerate(alphas):
            if min(expected[d][j] for d in dimensions) == 0.0:
                continue
            samples = {}
            for d in dimensions:
                here = known & (recorded.d == d) & (recorded.alpha == alpha)
                if np.count_nonzero(here) < 2:
                    continue
                ratio = errors[here] / expected[d][j]
                samples[d] = np.log(ratio) if smooth else ratio - 1.0
            estimate = extrapolate(list(samples), list(samples.values()))
            value = float(expected[dimensions[-1]][j])
            found.append(Deviation(curve.name, float(alpha), value, estimate, margins[j], samples))
    return tuple(found)


def _margins(
    curve: Curve, d: int, alphas: FloatArray, reference: Reference, margin: Margin
) -> FloatArray:
    """Return the margin of log p at each α, (A,), with |d log p/d log α| by differences."""
    if margin.alpha == 0.0:
        return np.full(alphas.size, margin.error)
    ahead = reference(curve, d, alphas * np.exp(_STEP))
    behind = reference(curve, d, alphas * np.exp(-_STEP))
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.abs(np.log(ahead / behind)) / (2 * _STEP)
    return np.maximum(margin.error, np.where(np.isfinite(slope), margin.alpha * slope, 0.0))


def equivalent(found: Sequence[Deviation], roads: tuple[str, str]) -> Evidence:
    """Decide that all deviations vanish within their margins, at the level 5 % after Holm.

    It holds if all are equivalent to 0; it is refuted if one lies outside its margin for sure.
    """
    same = holm([one.estimate.equivalence_p(one.margin) for one in found])
    apart = holm([one.estimate.difference_p(one.margin) for one in found])
    values = np.array([abs(one.estimate.value) for one in found])
    shares = values / np.array([one.margin for one in found])
    outside = int(np.argmin(apart))
    weakest = int(np.argmax(same))
    data = {
        "comparisons": len(found),
        "largest adjusted p of equivalence": float(same.max()),
        "median deviation": float(np.median(values)),
        "largest deviation in margins": float(shares.max()),
        "Bonferroni": float(
            min(1.0, len(found) * max(o.estimate.equivalence_p(o.margin) for o in found))
        ),
        "equivalent within 5 % of p": _count_within(found, 0.05),
        "equivalent within 10 % of p": _count_within(found, 0.1),
    }
    if apart[outside] < LEVEL:
        return Evidence(
            False,
            f"{found[outside].curve} at α = {found[outside].alpha:g} deviates by "
            f"{found[outside].estimate.value:+.3g}, {shares[outside]:.3g} margins",
            figure=float(apart[outside]),
            counterexample=_report(found[outside]),
            steps=_table(found),
            data=data,
        )
    if same[weakest] >= LEVEL:
        weak = [one.curve for one, p in zip(found, same, strict=True) if p >= LEVEL]
        return Evidence(
            None,
            f"{len(weak)} of {len(found)} comparisons are not precise enough, first {weak[0]}",
            figure=float(same[weakest]),
            steps=_table(found),
            data={**data, "weakest": _report(found[weakest])},
        )
    return Evidence(
        True,
        f"{len(found)} points of the curves within their margins, median deviation "
        f"{np.median(values):.2g}",
        figure=float(same.max()),
        steps=_table(found),
        data=data,
        comparisons=(
            Comparison("error p as d → ∞", roads, float(shares.max()), "of the margin"),
            Comparison("error p as d → ∞, median", roads, float(np.median(values)), "log-ratio"),
        ),
    )


def _count_within(found: Sequence[Deviation], margin: float) -> int:
    """Return for how many of the comparisons equivalence within `margin` is shown, after Holm."""
    return int(np.sum(holm([one.estimate.equivalence_p(margin) for one in found]) < LEVEL))


def _table(found: Sequence[Deviation]) -> tuple[str, ...]:
    """Return one line for each slab, experiment and α: number, median and largest deviation."""
    groups: dict[str, list[Deviation]] = {}
    for one in found:
        slab, experiment = one.curve.split()[:2]
        groups.setdefault(f"{slab} slab, {experiment}, α = {one.alpha:g}", []).append(one)
    lines = []
    for name, members in groups.items():
        values = [abs(one.estimate.value) for one in members]
        share = max(abs(one.estimate.value) / one.margin for one in members)
        lines.append(
            f"{name}: {len(members)} points, median deviation {np.median(values):.3g}, largest "
            f"{max(values):.3g}, at most {share:.2g} margins"
        )
    return tuple(lines)


def _report(one: Deviation) -> dict[str, str]:
    return {
        "curve": one.curve,
        "alpha": repr(one.alpha),
        "replica error": repr(one.expected),
        "deviation": repr(one.estimate.value),
        "standard error": repr(one.estimate.error),
        "margin": repr(one.margin),
        "by dimension": ", ".join(
            f"{d}: {sample.mean():+.4f} ({sample.size} seeds)" for d, sample in one.samples.items()
        ),
    }
