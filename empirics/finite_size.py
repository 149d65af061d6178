r"""Errors of finite networks at their exact end point, for comparison with the replica curve.

For every distinct setting of Experiments 1-4 (Appendix E.2), both slabs, a few noisy ones, and
several data scales α, this draws instances in d dimensions, solves min Σ q(βᵢ; c_FT,ᵢ) subject to
Xβ = y (Theorem 4.1), and keeps (1/d)‖β̂ − β*‖². One row is one design X: all settings of both
slabs are solved on it, so their errors are correlated and X is drawn once.

    python -m empirics.finite_size --out FILE        continues an incomplete FILE

Instances are those of `empirics.finite_problems`.

The plan beyond α = 0.28
------------------------
The rows of `ALPHAS` were measured first. Those of `FURTHER_ALPHAS` were planned afterwards, before
any of them was measured, for the data scales at which Section 5.3 is refuted. A pilot with seeds
from 10⁶ on (14 at d = 500 and 6 at d = 1000, α = 0.35 and 0.45) chose dimensions, seeds and margins
by cost and scatter: the standard deviation of log p is some 1.8/√d of the slope in log α, whatever
the curve, and a line in 1/d from 500 and 1000 left no deviation that its error did not explain
(root mean square 0.97 and 1.15 of it); d = 250 smears the threshold near 0.35. Curves: all with
c_FT > 0, 140. Stopping rule: all rows of `further_plan` are measured once with the committed code,
and none is added after looking.

Estimates are made as for the first data scales. Decided at level 0.05 (Holm), apart from these:

1. Each of the 420 points lies within 2 dB, or 20 % in α where the curve is steep, as d → ∞.
2. Of all multiples of p, for each slab and α (6), the one that fits the curves best is within 2 %
   of p.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from empirics.experiments import SLABS, Setting, settings
from empirics.finite_problems import (
    Curve,
    coordinate_scales,
    draw_design,
    draw_labels,
    draw_teacher,
    scales_of,
    solved,
)
from empirics.measured_rows import Key, command_line, extend, header, read_columns
from numerics.validation import FloatArray

EXPERIMENTS = ("reuse", "new-features", "nested-features", "single-task")
ALPHAS = (0.04, 0.12, 0.28)
# Number of seeds in each dimension for each α: few examples scatter more, and cost less.
SEEDS: Mapping[int, tuple[int, int, int]] = {
    250: (64, 48, 48),
    500: (64, 48, 32),
    1000: (64, 40, 20),
    2000: (40, 24, 20),
    5000: (6, 4, 2),
}
FURTHER_ALPHAS = (0.35, 0.45, 0.7)
FURTHER_SEEDS: Mapping[int, tuple[int, int, int]] = {500: (64, 64, 64), 1000: (44, 44, 44)}
LARGEST_SWEPT = 2000  # baselines beyond
LARGEST_PROGRAMME = 300  # examples of the linear programmes of c_FT = 0
NOISE_VARIANCE = 0.2
RECORDED = "finite_size.csv"


@cache
def curves() -> tuple[Curve, ...]:
    """Return every distinct curve of Experiments 1-4 in both slabs, and a noisy one per scale c.

    Settings whose penalties have the same law count once: λ in a single task, ω where c_FT = 0.
    """
    found: dict[object, Curve] = {}
    for slab in SLABS:
        for experiment in EXPERIMENTS:
            for setting in settings(experiment, slab):
                found.setdefault(_law(setting), Curve(setting))
    noisy = [
        Curve(curve.setting, NOISE_VARIANCE)
        for curve in found.values()
        if curve.setting.overlap == 0.5 and curve.setting.label.split()[-1] in ("baseline", "c=1")
    ]
    return (*found.values(), *noisy)


def _law(setting: Setting) -> object:
    """Return all that the error depends on: shares of the pairs (scale, law of the coefficient)."""
    shares: dict[tuple[float, str, float], float] = {}
    for group, scale in zip(setting.task.groups, scales_of(Curve(setting)), strict=True):
        kind = (float(scale), group.slab, group.ft_amplitude)
        shares[kind] = shares.get(kind, 0.0) + group.probability
    return tuple(sorted((kind, round(share, 12)) for kind, share in shares.items()))


def draw(d: int, alpha: float, seed: int) -> tuple[FloatArray, dict[object, FloatArray]]:
    """Draw the design (n, d), n = αd, and one teacher (d,) for each task of `curves`.

    Curves of one task share their teacher.
    """
    n = round(alpha * d)
    rng = np.random.default_rng([seed, d, n])
    X = draw_design(n, d, rng)
    teachers: dict[object, FloatArray] = {}
    for curve in curves():
        key = teacher_of(curve)
        if key not in teachers:
            teachers[key] = draw_teacher(curve, d, rng)
    return X, teachers


def teacher_of(curve: Curve) -> object:
    """Return the key of a curve's teacher in `draw`'s table."""
    return (curve.setting.slab, curve.setting.rho_ft, curve.setting.overlap)


def problem(
    curve: Curve, X: FloatArray, teachers: Mapping[object, FloatArray], seed: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return labels (n,), scales c_FT (d,) and teacher (d,) of a curve on a design of `draw`."""
    truth = teachers[teacher_of(curve)]
    noise = np.random.default_rng([seed, truth.size, X.shape[0], 1])
    y = draw_labels(curve, X, truth, noise)
    return y, coordinate_scales(curve, truth.size), truth


def measure(d: int, alpha: float, seed: int, chosen: Sequence[Curve]) -> dict[str, float]:
    """Return (1/d)‖β̂ − β*‖² of every chosen curve on the same design.

    Raises
    ------
    UnsolvedError
        If a minimiser's certificate fails.
    """
    X, teachers = draw(d, alpha, seed)
    errors = {}
    for curve in chosen:
        y, scale, truth = problem(curve, X, teachers, seed)
        where = f"{curve.name} at d={d}, alpha={alpha}, seed={seed}"
        errors[curve.name] = float(np.mean((solved(where, X, y, scale).beta - truth) ** 2))
    return errors


@dataclass(frozen=True)
class Recorded:
    """The recorded errors.

    Attributes
    ----------
    d, alpha, seed
        Of each row, shape (N,).
    errors
        Name of a curve to its errors, (N,); NaN where it was not measured.
    """

    d: FloatArray
    alpha: FloatArray
    seed: FloatArray
    errors: Mapping[str, FloatArray]


def load(text: str | None = None) -> Recorded:
    """Read recorded errors from the text of a file; by default the one of this package.

    Raises
    ------
    ValueError
        If a row does not have as many fields as the file has columns.
    """
    if text is None:
        text = (files("empirics") / "recorded" / RECORDED).read_text(encoding="utf-8")
    columns = read_columns(text)
    return Recorded(columns.pop("d"), columns.pop("alpha"), columns.pop("seed"), columns)


def curves_at(d: int, alpha: float) -> tuple[Curve, ...]:
    """Return the curves that are measured at (d, α).

    All of them up to d = 2000, but linear programmes (c_FT = 0) only up to 300 examples and at
    `ALPHAS`; the baselines beyond.
    """
    if d > LARGEST_SWEPT:
        return tuple(curve for curve in curves() if curve.baseline)
    if round(alpha * d) > LARGEST_PROGRAMME or alpha in FURTHER_ALPHAS:
        return tuple(curve for curve in curves() if scales_of(curve).any())
    return curves()


def plan() -> Iterator[tuple[int, float, int]]:
    """Yield (d, α, seed) of every row at `ALPHAS`: half of the seeds, then the others."""
    yield from _rows(ALPHAS, SEEDS)


def further_plan() -> Iterator[tuple[int, float, int]]:
    """Yield (d, α, seed) of every row at `FURTHER_ALPHAS`, in the same order."""
    yield from _rows(FURTHER_ALPHAS, FURTHER_SEEDS)


def _rows(
    alphas: Sequence[float], seeds: Mapping[int, Sequence[int]]
) -> Iterator[tuple[int, float, int]]:
    for half in (0, 1):
        for d, counts in seeds.items():
            for alpha, count in zip(alphas, counts, strict=True):
                middle = (count + 1) // 2
                for seed in range(middle) if half == 0 else range(middle, count):
                    yield d, alpha, seed


def produce(out: Path, revision: str) -> int:
    """Measure the rows that `out` lacks and append them; return their number.

    An incomplete last row is measured again.

    Raises
    ------
    ValueError
        If `out` exists and has other columns.
    """
    return extend_errors(
        out,
        "in finite networks: one row a design X, one column a curve.",
        "empirics.finite_size",
        revision,
        [curve.name for curve in curves()],
        (*plan(), *further_plan()),
        lambda d, alpha, seed: measure(d, alpha, seed, curves_at(d, alpha)),
    )


def extend_errors(
    out: Path,
    where: str,
    module: str,
    revision: str,
    names: Sequence[str],
    plan: Iterable[tuple[int, float, int]],
    measured: Callable[[int, float, int], Mapping[str, float]],
) -> int:
    """Measure the errors of a plan that `out` lacks and append them; return the number of rows.

    Parameters
    ----------
    out
        The file, made if it does not exist.
    where
        Of what the errors are, and what a row and a column stand for, for the header.
    module, revision
        As in `header`.
    names
        Of the errors, one for each column.
    plan
        (d, α, seed) of all rows.
    measured
        Function from these to the errors by name, of some names or all.

    Raises
    ------
    ValueError
        If `out` exists and has other columns.
    """

    def cells(key: Key) -> list[str]:
        errors = measured(int(key[0]), key[1], int(key[2]))
        return [f"{errors[name]:.11g}" if name in errors else "" for name in names]

    head = header(
        f"Error (1/d)|beta - beta*|^2 of the penalty's minimiser {where}",
        module,
        revision,
        {"seeds": "0, 1, ... for each (d, alpha), in the column `seed`"},
    )
    return extend(out, head, ("d", "alpha", "seed"), names, plan, cells)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    return command_line("empirics.finite_size", __doc__ or "", produce, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
