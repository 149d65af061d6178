"""Errors of finite networks against the replica curve, setting by setting and α by α.

The deviation at dimension d is log(p_d/p), with p the replica error for the shares that d
coordinates really have; for c_FT = 0, where a finite network can recover its teacher exactly, it is
p_d/p − 1. Its mean is extrapolated in 1/d. A margin is a part of p or of α, whichever allows more:
where the curve falls steeply, p is known only as well as α is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from empirics.finite_problems import Curve, scales_of
from empirics.finite_size import Recorded, curves_at
from numerics import Initialization, TaskDistribution, solve_replica
from numerics.validation import FloatArray
from verify.claim import Comparison, Control, Evidence
from verify.claims.crosscheck._scale import BETA_PT, GAMMA, LAM, C
from verify.methods.bounds import deviation
from verify.methods.equivalence import (
    LEVEL,
    Estimate,
    decide_equivalence,
    extrapolate,
    holm,
    spread,
)
from verify.methods.formula import Formula, defined
from verify.methods.notation import Mean, number
from verify.methods.on_arrays import arguments, on_arrays
from verify.methods.relations import Limit, Relation, Side

_WIDE = 0.3  # a margin of log p that is more than a third of p
_STEP = 0.01  # in log α, for the slope of a curve
_SIZE = 4.0  # β_PT in the units of the statement; all powers of 1 are the same


ALPHA, OMEGA, SIGMA, P, P_FOUND = sp.symbols(r"alpha omega sigma p \hat{p}_d", real=True)
THETA, D, SLOPE = sp.symbols("theta d s", real=True)
REPLICA = sp.Function("p")


class Margin(NamedTuple):
    """What counts as no deviation: log-ratios of errors, or of the α that have these errors.

    The slope of the curve, s = d log p/d log α, turns one into the other.
    """

    error: Any
    alpha: float = 0.0
    deviation: sp.Expr = sp.log(P_FOUND / P)
    relation: Relation = Relation.AT_MOST
    limit: Limit = Limit(D, sp.oo)

    def __str__(self) -> str:
        """Say what counts as no deviation."""
        steep = f", or {self.alpha:.6g} in log α where that is more" if self.alpha else ""
        return f"{float(self.error):.6g} in log p{steep}"

    @property
    def formula(self) -> Formula:
        """The bound, as the page shows it."""

        def most(slope: Any) -> Any:
            return sp.Max(self.error, self.alpha * sp.Abs(slope)) if self.alpha else self.error

        left = sp.Abs(Mean(self.deviation))
        return Formula(left, (SLOPE,), most, self.relation, limit=self.limit)


class Reference(NamedTuple):
    """The replica error that finite networks are held to, p(α, β_PT, c, λ, γ², ω), and its θ²."""

    error: Formula = Formula(
        P,
        (ALPHA, BETA_PT, C, LAM, GAMMA, OMEGA),
        lambda alpha, beta, c, lam, gamma, omega: REPLICA(alpha, beta, c, lam, gamma**2, omega),
    )
    noise: Formula = Formula(
        THETA**2, (SIGMA, P, ALPHA), lambda sigma, p, alpha: sigma**2 + p / alpha
    )

    def reading(self, body: Callable[..., Any]) -> Reference:
        """Return the reference whose error is that of other parameters."""
        return self._replace(error=replace(self.error, body=body))

    def scaled(self, factor: float) -> Reference:
        """Return the reference whose c_FT is this factor larger."""
        k = sp.nsimplify(factor, rational=True) if factor == round(factor, 6) else factor
        return self.reading(
            lambda a, b, c, lam, g, w: REPLICA(a, k * b, k * c, k * lam, k * g**2, w)
        )

    def latex(self) -> str:
        """Return what the error is computed with."""
        return rf"{self.error.latex()}, \quad {self.noise.latex()}"

    def __call__(self, curve: Curve, d: int, alpha: FloatArray) -> FloatArray:
        """Return the error of a curve with the shares of d coordinates, at each α."""
        setting = curve.setting
        init = setting.initialization
        values = {BETA_PT: _SIZE, C: _SIZE * init.c, LAM: _SIZE * init.lam}
        values |= {GAMMA: _SIZE**0.5 * init.gamma, ALPHA: alpha, OMEGA: setting.overlap or 0.0}
        at, *sizes, omega = arguments(defined(self.error, P), REPLICA, values)
        size, c, lam, gamma_squared = (one / _SIZE for one in sizes)
        init = Initialization(c, lam, np.sqrt(gamma_squared))
        if setting.overlap is not None:
            setting = replace(setting, overlap=omega)
        task = replace(curve, setting=setting).composed(d)
        if size != 1.0:
            groups = tuple(replace(g, pt_magnitude=size * g.pt_magnitude) for g in task.groups)
            task = TaskDistribution(groups, task.pretrained)
        variance = _label_noise(self.noise.name, self.noise())
        known = [{SIGMA: curve.noise_variance**0.5, ALPHA: float(one)} for one in alpha]
        noise = [float(on_arrays(variance, one)) for one in known]
        if len({*noise}) == 1:
            return _solve(task, init, tuple(at), noise[0])
        return np.array(
            [_solve(task, init, (a,), one)[0] for a, one in zip(at, noise, strict=True)]
        )


@cache
def _label_noise(left: Any, right: Any) -> Any:
    """Solve an equation for θ, and return what of θ² is noise: the solver adds p/α.

    Raises
    ------
    ValueError
        If the equation does not say what θ² is, or if p enters there in another way.
    """
    found = {sp.simplify(theta**2 - P / ALPHA) for theta in sp.solve(left - right, THETA)}
    if len(found) != 1 or found & {sp.nan} or P in next(iter(found)).free_symbols:
        raise ValueError(f"θ² must be what is noise, and p/α, got {left} = {right}")
    return found.pop()


@cache
def _solve(
    task: TaskDistribution, init: Initialization, alpha: tuple[float, ...], noise: float
) -> FloatArray:
    return np.asarray(solve_replica(task, init, alpha, noise_variance=noise).mse)


def require_planned(rows: Iterable[tuple[float, ...]], plan: Iterable[tuple[float, ...]]) -> None:
    """Raise ArithmeticError if a record lacks planned rows, or has others."""
    found = sorted(rows)
    if found != sorted(plan):
        raise ArithmeticError(f"the file must have the rows planned, got {len(found)} others")


def root_gap(error: float, kept: float) -> float:
    """Return how far two errors are apart, of their roots: |β̂ − β*| is known to rounding."""
    return float(abs(error**0.5 - kept**0.5) / (kept**0.5 + 1e-4))


class Copy(NamedTuple):
    """What is said to lie in a file: its errors times `factor`, from seeds plus `shift`."""

    factor: float = 1.0
    shift: int = 0

    def latex(self) -> str:
        """Return what recorded errors are said to be, of which seed."""
        times = "" if self.factor == 1.0 else rf"{number(self.factor)}\, "
        seed = f"s + {self.shift}" if self.shift else "s"
        return rf"\hat p_{{s, \text{{recorded}}}} = {times}\hat p_{{{seed}}}"


# What a file is no copy of.
OTHERS = (
    Control("errors larger by 10⁻⁶", Copy(factor=1 + 1e-6)),
    Control("seeds off by one", Copy(shift=1)),
)


class Deviation(NamedTuple):
    """What remains of a curve's deviation at one α when d goes to infinity."""

    curve: str
    alpha: float
    expected: float  # the replica error
    estimate: Estimate  # the extrapolated deviation
    margin: float  # within which it counts as none
    samples: dict[int, FloatArray]  # deviations by dimension


def deviations(
    recorded: Recorded,
    curves: Sequence[Curve],
    reference: Reference | Callable[..., FloatArray],
    margin: Margin,
    measured: Callable[[int, float], Sequence[Curve]] = curves_at,
) -> tuple[Deviation, ...]:
    """Extrapolate the deviations of all curves from a reference, at every α where it is not 0.

    A reference of 0 (exact recovery) leaves nothing to compare in ratios; a dimension with one seed
    says nothing about scatter. Both are left out. ArithmeticError if a curve lacks an error where
    it is `measured`, at (d, α), or its reference is 0 though it cannot recover its teacher.
    """
    alphas = np.unique(recorded.alpha)
    rows = list(zip(recorded.d, recorded.alpha, strict=True))
    planned = {(d, a): {curve.name for curve in measured(int(d), a)} for d, a in set(rows)}
    found, formula = [], margin.formula
    for curve in curves:
        errors = recorded.errors[curve.name]
        known = np.array([curve.name in planned[row] for row in rows])
        if not np.array_equal(known, np.isfinite(errors)):
            raise ArithmeticError(
                f"{curve.name} must have {known.sum()} errors, all finite, got "
                f"{np.isfinite(errors).sum()} finite ones, {np.isfinite(errors[known]).sum()} there"
            )
        dimensions = [int(d) for d in np.unique(recorded.d[known])]
        expected = {d: reference(curve, d, alphas) for d in dimensions}
        margins = _margins(curve, dimensions[-1], alphas, reference, margin)
        smooth = bool(scales_of(curve).any())
        for j, alpha in enumerate(alphas):
            if any(expected[d][j] == 0.0 for d in dimensions):
                if smooth:
                    raise ArithmeticError(f"{curve.name} must have an error, got 0 at α = {alpha}")
                continue
            here = known & (recorded.alpha == alpha)
            pairs = {d: (errors[here & (recorded.d == d)], expected[d][j]) for d in dimensions}
            samples = {
                d: deviation(formula, {P_FOUND: found_errors, P: one})
                if smooth
                else found_errors / one - 1.0
                for d, (found_errors, one) in pairs.items()
                if found_errors.size > 1
            }
            estimate = extrapolate(list(samples), list(samples.values()))
            value = float(expected[dimensions[-1]][j])
            found.append(Deviation(curve.name, float(alpha), value, estimate, margins[j], samples))
    return tuple(found)


def _margins(
    curve: Curve,
    d: int,
    alphas: FloatArray,
    reference: Reference | Callable[..., FloatArray],
    margin: Margin,
) -> FloatArray:
    """Return the margin of log p at each α, (A,), with |d log p/d log α| by differences."""
    formula = margin.formula
    limit = formula.towards.variable, formula.towards.to, formula.towards.side
    if margin.relation is not Relation.AT_MOST or limit != (D, sp.oo, Side.BOTH):
        raise ValueError(f"deviations vanish as d → ∞ within a margin, got {formula}")
    if margin.alpha == 0.0:
        return np.full(alphas.size, float(margin.error))
    ahead = reference(curve, d, alphas * np.exp(_STEP))
    behind = reference(curve, d, alphas * np.exp(-_STEP))
    if np.isnan(ahead + behind).any():
        raise ArithmeticError(f"the reference of {curve.name} must be a number, got {ahead}")
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.abs(np.log(ahead / behind)) / (2 * _STEP)
    slopes = np.where(np.isfinite(slope), slope, 0.0)
    return np.array([float(formula.side({SLOPE: one})) for one in slopes.tolist()])


def equivalent(found: Sequence[Deviation]) -> Evidence:
    """Decide that all deviations vanish within their margins.

    ValueError if there is nothing to compare, or a deviation or a margin is not finite.
    """
    estimates, margins = [one.estimate for one in found], [one.margin for one in found]
    values = np.array([abs(one.value) for one in estimates])
    shares = values / margins
    if not (values.size and np.isfinite(shares).all()):
        raise ValueError(f"deviations in margins must be finite, got {shares.tolist()}")
    decision = decide_equivalence(estimates, margins)
    worst, steps = found[decision.decisive], _table(found)
    largest, median = float(shares.max()), float(np.median(values))
    bare = [one.equivalence_p(margin) for one, margin in zip(estimates, margins, strict=True)]
    data: dict[str, Any] = {
        "comparisons": len(found),
        "median deviation": median,
        "largest deviation in margins": largest,
        "largest margin": float(np.max(margins)),
        "Bonferroni": float(np.minimum(1.0, len(found) * np.max(bare))),
    }
    for part in (0.05, 0.1):
        within = holm([one.equivalence_p(part) for one in estimates]) < LEVEL
        data[f"equivalent within {100 * part:g} % of p"] = int(within.sum())
    if decision.holds:
        wide = int(np.sum(np.array(margins) > _WIDE))
        text = (
            f"{len(found)} points of the curves within their margins, {spread(margins)} in log p "
            f"and above {_WIDE:g} at {wide} of them; median deviation"
        )
        methods = ("finite networks", "replica curve")
        comparisons = (
            Comparison(
                "error p as d → ∞",
                methods,
                largest,
                f"of the margin, which is {spread(margins)} in log p",
            ),
            Comparison("error p as d → ∞, median", methods, median, "log-ratio"),
        )
        return Evidence(True, f"{text} {median:.2g}", decision.p, None, steps, data, comparisons)
    if decision.holds is None:
        first = found[decision.failing[0]].curve
        few = f"{len(decision.failing)} of {len(found)} comparisons are not precise enough"
        data["weakest"] = _report(worst)
        return Evidence(None, f"{few}, first {first}", decision.p, steps=steps, data=data)
    off = f"{worst.estimate.value:+.3g}, {shares[decision.decisive]:.3g} margins"
    text = f"{worst.curve} at α = {worst.alpha:g} deviates by {off}"
    return Evidence(False, text, decision.p, _report(worst), steps, data)


def _table(found: Sequence[Deviation]) -> tuple[str, ...]:
    """Return one line for each slab, experiment and α: number, median and largest deviation."""
    groups: dict[str, list[Deviation]] = {}
    for one in found:
        slab, experiment = one.curve.split()[:2]
        groups.setdefault(f"{slab} slab, {experiment}, α = {one.alpha:g}", []).append(one)
    lines = []
    for name, members in groups.items():
        values = np.array([abs(one.estimate.value) for one in members])
        share = np.max(values / [one.margin for one in members])
        lines.append(
            f"{name}: {len(members)} points, median deviation {np.median(values):.3g}, largest "
            f"{values.max():.3g}, at most {share:.2g} margins"
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
