r"""Errors of finite networks whose design X is not Gaussian: the plan, and how it is carried out.

The replica curve is for X with independent N(0, 1/n) entries. Here the same problems are solved on
designs of other laws, all of mean 0 and variance 1/n for each entry (`DESIGNS`), made from the same
Gaussian matrix, with the same teachers and the same label noise: a row of the file is one
(d, α, seed), a column a design and a case, which is a curve and the strength ϱ of a ridge.

    python -m empirics.designs --out FILE        continues an incomplete FILE

The plan, fixed before any row of the file was measured. Pilots with seeds 9000-9019 at d = 1000,
not part of the file, had chosen designs, cases and what is expected.

* Every deviation log(p_d/p) from a curve p is extrapolated in 1/d over `SEEDS`; all tests of one
  statement are corrected for their number (Holm) at level 0.05. All rows of `plan` are measured,
  none is added after looking, and no case is left out but noiseless interpolation on correlated
  examples, where X = LG has the Gaussian design's interpolators.
* Expected to lie on the curve, within 1 dB or 10 % in α (`WIDE`), at both α: all cases on
  Rademacher, sparse and Student designs; on correlated features in random order all that
  interpolate without noise. On the first two, within 5 % (`CLOSE`) where c ≥ 1 or γ ≥ 1 and there
  is neither noise nor a ridge.
* Expected to deviate, by at least 1 dB (`LEAST`) at α = 0.28: with four entries a row, the baseline
  without ridge, the noisy baseline and λ/c = −0.99, both slabs; with features that are correlated
  in the order of the groups, the baseline, λ/c = −0.99 and the single task of c = 0.001, Gaussian
  slab, without noise or ridge; with correlated examples, the noisy baseline and that with a ridge,
  both slabs. By at least 5 % (`LEAST_NOISY`) at α = 0.28: with correlated features in random order,
  the noisy baseline, both slabs.
* Expected of all designs: γ = 10, the lazy case, on the curve within 10 % (`LAZY`).
* Expected within `WIDE` of a corrected curve, at both α: correlated examples with noise or a ridge,
  and correlated features in random order with noise, for the noise and ridge that the design's
  spectrum turns them into.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from scipy.signal import lfilter

from empirics.finite_problems import Curve, solved
from empirics.finite_size import Recorded, curves, draw, extend_errors, load, problem
from empirics.measured_rows import command_line
from numerics.validation import FloatArray

ALPHAS = (0.12, 0.28)
SEEDS: Mapping[int, int] = {250: 40, 500: 40, 1000: 40, 2000: 24}
SHARE = 0.1  # of non-zero entries, sparse design
ENTRIES = 4  # non-zero entries of each row, where they are few
FREEDOM = 3.0  # degrees of freedom of Student's t: finite variance, infinite fourth moment
CORRELATION = 0.8  # r of AR(1): entries at distance k have correlation r^k
RIDGE = 0.5
# In log p. Within the first, or as much as 10 % in α make.
WIDE, WIDE_ALPHA = math.log(10) / 10, 0.1
CLOSE, LAZY = 0.05, 0.1
LEAST, LEAST_NOISY = math.log(10) / 10, 0.05
RECORDED = "designs.csv"

_LABELS = (
    "reuse omega=0.5 rho_ft=0.1 baseline",
    "reuse omega=0.5 rho_ft=0.1 lam/c=-0.99",
    "reuse omega=0.5 rho_ft=0.1 gamma=1",
    "reuse omega=0.5 rho_ft=0.1 gamma=10",
    "single-task rho=0.1 c=0.001 lam/c=-1",
    "single-task rho=0.1 c=1 lam/c=-1",
    "reuse omega=0.5 rho_ft=0.1 baseline noise=0.2",
)


@dataclass(frozen=True)
class Case(Curve):
    """A curve of `finite_size`, with a ridge.

    Attributes
    ----------
    ridge
        ϱ of (1/2ϱ)‖y − Xβ‖² + Σ q; 0 interpolates.
    """

    ridge: float = 0.0

    @property
    def name(self) -> str:
        """Column of the recorded file, without the design."""
        return super().name + (f" ridge={self.ridge:g}" if self.ridge else "")

    @property
    def interpolates(self) -> bool:
        """Whether Xβ̂ = Xβ*: there is neither noise nor a ridge."""
        return not (self.noise_variance or self.ridge)


@cache
def cases() -> tuple[Case, ...]:
    """Return the cases: seven curves of each slab, and the baselines with a ridge."""
    known = {curve.name: curve for curve in curves()}
    chosen = [known[f"{slab} {label}"] for slab in ("gaussian", "sign") for label in _LABELS]
    plain = [Case(curve.setting, curve.noise_variance) for curve in chosen]
    return (*plain, *(Case(case.setting, 0.0, RIDGE) for case in plain if case.baseline))


def _gaussian(gaussian: FloatArray, _rng: np.random.Generator) -> FloatArray:
    return gaussian


def _rademacher(gaussian: FloatArray, _rng: np.random.Generator) -> FloatArray:
    return np.copysign(1.0 / math.sqrt(len(gaussian)), gaussian)


def _sparse(gaussian: FloatArray, rng: np.random.Generator) -> FloatArray:
    return np.where(rng.random(gaussian.shape) < SHARE, gaussian / math.sqrt(SHARE), 0.0)


def _few(gaussian: FloatArray, rng: np.random.Generator) -> FloatArray:
    places = np.argpartition(rng.random(gaussian.shape), ENTRIES, axis=1)[:, :ENTRIES]
    X = np.zeros_like(gaussian)
    values = np.take_along_axis(gaussian, places, axis=1)
    np.put_along_axis(X, places, values * math.sqrt(gaussian.shape[1] / ENTRIES), axis=1)
    return X


def _student(gaussian: FloatArray, rng: np.random.Generator) -> FloatArray:
    return np.asarray(gaussian * np.sqrt((FREEDOM - 2.0) / rng.chisquare(FREEDOM, gaussian.shape)))


def _features_in_order(gaussian: FloatArray, _rng: np.random.Generator) -> FloatArray:
    return autoregressive(gaussian, CORRELATION, axis=1)


def _features(gaussian: FloatArray, rng: np.random.Generator) -> FloatArray:
    return _features_in_order(gaussian, rng)[:, rng.permutation(gaussian.shape[1])]


def _examples(gaussian: FloatArray, _rng: np.random.Generator) -> FloatArray:
    return autoregressive(gaussian, CORRELATION, axis=0)


def autoregressive(gaussian: FloatArray, r: float, axis: int) -> FloatArray:
    """Return entries of covariance r^|i − j| along one axis, from independent ones of variance 1.

    Parameters
    ----------
    gaussian
        Independent entries of one variance, (n, d); that variance is kept.
    r
        Correlation of neighbours, −1 < r < 1.
    axis
        0 correlates the rows (examples), 1 the columns (features).

    Raises
    ------
    ValueError
        If r is not such a number.
    """
    if not -1.0 < r < 1.0:
        raise ValueError(f"correlation must satisfy -1 < r < 1, got r={r!r}")
    innovations = np.moveaxis(math.sqrt(1.0 - r * r) * gaussian, axis, 0)
    innovations[0] = np.moveaxis(gaussian, axis, 0)[0]
    return np.moveaxis(np.asarray(lfilter([1.0], [1.0, -r], innovations, axis=0)), 0, axis)


# What makes each design (n, d) of a matrix of independent N(0, 1/n) entries. Features in order have
# neighbours in the same group; elsewhere the order has nothing to do with the groups.
DESIGNS: Mapping[str, Callable[[FloatArray, np.random.Generator], FloatArray]] = {
    "gaussian": _gaussian,
    "rademacher": _rademacher,
    "sparse": _sparse,
    "four-per-row": _few,
    "student": _student,
    "correlated-features": _features,
    "features-in-order": _features_in_order,
    "correlated-examples": _examples,
}


def measured_on(design: str) -> tuple[Case, ...]:
    """Return the cases of a design: all, but without interpolation on correlated examples.

    Raises
    ------
    ValueError
        If there is no such design.
    """
    if design not in DESIGNS:
        raise ValueError(f"design must be one of {list(DESIGNS)}, got {design!r}")
    if design == "correlated-examples":
        return tuple(case for case in cases() if not case.interpolates)
    return cases()


def column(design: str, case: Case) -> str:
    """Return the column of the recorded file."""
    return f"{design}: {case.name}"


def columns() -> tuple[str, ...]:
    """Return all columns of errors."""
    return tuple(column(design, case) for design in DESIGNS for case in measured_on(design))


def instance(
    design: str, d: int, alpha: float, seed: int
) -> tuple[FloatArray, dict[object, FloatArray]]:
    """Return a design (n, d), n = αd, and the teachers (d,) of `finite_size.draw`.

    Raises
    ------
    ValueError
        If there is no such design.
    """
    measured_on(design)
    gaussian, teachers = draw(d, alpha, seed)
    rng = np.random.default_rng([seed, d, len(gaussian), 2])
    return DESIGNS[design](gaussian, rng), teachers


def measure(
    design: str, d: int, alpha: float, seed: int, chosen: Sequence[Case]
) -> dict[str, float]:
    """Return (1/d)‖β̂ − β*‖² of the chosen cases on a design, by column.

    Raises
    ------
    UnsolvedError
        If a minimiser's certificate fails.
    """
    X, teachers = instance(design, d, alpha, seed)
    errors = {}
    for case in chosen:
        y, scale, truth = problem(case, X, teachers, seed)
        name = column(design, case)
        where = f"{name} at d={d}, alpha={alpha}, seed={seed}"
        errors[name] = float(np.mean((solved(where, X, y, scale, case.ridge).beta - truth) ** 2))
    return errors


def plan() -> Iterator[tuple[int, float, int]]:
    """Yield (d, α, seed) of every row, seed by seed."""
    for seed in range(max(SEEDS.values())):
        for d, count in SEEDS.items():
            if seed < count:
                for alpha in ALPHAS:
                    yield d, alpha, seed


def recorded(text: str | None = None) -> Recorded:
    """Read recorded errors, by `column`; by default the file of this package."""
    if text is None:
        text = (files("empirics") / "recorded" / RECORDED).read_text(encoding="utf-8")
    return load(text)


def produce(out: Path, revision: str) -> int:
    """Measure the rows that `out` lacks and append them; return their number.

    An incomplete last row is measured again.

    Raises
    ------
    ValueError
        If `out` exists and has other columns.
    """

    def measured(d: int, alpha: float, seed: int) -> dict[str, float]:
        errors: dict[str, float] = {}
        for design in DESIGNS:
            errors |= measure(design, d, alpha, seed, measured_on(design))
        return errors

    return extend_errors(
        out,
        "on designs of several laws: one row an instance, one column a design and a case.",
        "empirics.designs",
        revision,
        columns(),
        plan(),
        measured,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    return command_line("empirics.designs", __doc__ or "", produce, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
