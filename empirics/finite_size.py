r"""Errors of finite networks at their exact end point, for comparison with the replica curve.

For every distinct setting of Experiments 1-4 (Appendix E.2), both slabs, a few noisy ones, and
several data scales α, this draws instances in d dimensions, solves min Σ q(βᵢ; c_FT,ᵢ) subject to
Xβ = y (Theorem 4.1), and keeps (1/d)‖β̂ − β*‖². One row is one design X: all settings of both
slabs are solved on it, so their errors are correlated and X is drawn once.

    python -m empirics.finite_size --out FILE        continues an incomplete FILE

Groups have the sizes nearest to their shares (`exact_group_sizes`), and the m coefficients of a
Gaussian slab are the law's quantiles (means of m slices of equal probability of |z|, scaled to the
law's second moment) with random signs: the theory holds for all sequences of teachers whose
empirical law converges, and this one converges fastest. Random magnitudes would add a
fluctuation of order 1/√m, which at ρ_FT = 0.01 and d = 250 is one of m = 2.5 coefficients.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from scipy.special import ndtri

from empirics.experiments import SLABS, Setting, settings
from empirics.provenance import hardware, versions
from numerics.interpolation import minimum_penalty
from numerics.tasks import CoordinateGroup, TaskDistribution, exact_group_sizes
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
LARGEST_SWEPT = 2000  # baselines beyond
LARGEST_PROGRAMME = 300  # examples of the linear programmes of c_FT = 0
NOISE_VARIANCE = 0.2
RECORDED = "finite_size.csv"


class UnsolvedError(RuntimeError):
    """The certificate of a minimiser is not valid."""


@dataclass(frozen=True)
class Curve:
    """A curve of Experiments 1-4, with the variance of the label noise.

    Attributes
    ----------
    setting
        Task and initialisation.
    noise_variance
        σ², with inputs of variance 1/n.
    """

    setting: Setting
    noise_variance: float = 0.0

    @property
    def name(self) -> str:
        """Column of the recorded file."""
        noise = f" noise={self.noise_variance:g}" if self.noise_variance else ""
        return f"{self.setting.slab} {self.setting.experiment} {self.setting.label}{noise}"

    @property
    def baseline(self) -> bool:
        """Whether nothing is swept: the settings of the largest dimension."""
        return self.setting.label.endswith("baseline") and not self.noise_variance

    def composed(self, d: int) -> TaskDistribution:
        """Return the task with the shares that d coordinates actually have."""
        task = self.setting.task
        sizes = exact_group_sizes(task.probabilities, d)
        groups = tuple(
            CoordinateGroup(g.name, size / d, g.pt_magnitude, g.slab, g.ft_amplitude)
            for g, size in zip(task.groups, sizes, strict=True)
        )
        return TaskDistribution(groups, task.pretrained)


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


def scales_of(curve: Curve) -> FloatArray:
    """Return the penalty's scale in each group of the task, (G,); 0 everywhere at the saddle."""
    return curve.setting.task.penalty_scales(curve.setting.initialization)


def _law(setting: Setting) -> object:
    """Return all that the error depends on: shares of the pairs (scale, law of the coefficient)."""
    shares: dict[tuple[float, str, float], float] = {}
    for group, scale in zip(setting.task.groups, scales_of(Curve(setting)), strict=True):
        kind = (float(scale), group.slab, group.ft_amplitude)
        shares[kind] = shares.get(kind, 0.0) + group.probability
    return tuple(sorted((kind, round(share, 12)) for kind, share in shares.items()))


def draw(d: int, alpha: float, seed: int) -> tuple[FloatArray, dict[object, FloatArray]]:
    """Draw the design (n, d), n = αd, and one teacher (d,) for each task of `curves`.

    Curves of one task share their teacher. Coordinates are in the order of their groups, which is
    no restriction because the columns of X are exchangeable.
    """
    n = round(alpha * d)
    rng = np.random.default_rng([seed, d, n])
    X = rng.standard_normal((n, d)) / np.sqrt(n)
    teachers: dict[object, FloatArray] = {}
    for curve in curves():
        key = teacher_of(curve)
        if key not in teachers:
            groups = curve.setting.task.groups
            sizes = exact_group_sizes(curve.setting.task.probabilities, d)
            parts = [_slab(g, int(m), rng) for g, m in zip(groups, sizes, strict=True)]
            teachers[key] = np.concatenate(parts)
    return X, teachers


def teacher_of(curve: Curve) -> object:
    """Return the key of a curve's teacher in `draw`'s table."""
    return (curve.setting.slab, curve.setting.rho_ft, curve.setting.overlap)


def _slab(group: CoordinateGroup, size: int, rng: np.random.Generator) -> FloatArray:
    if group.slab == "zero" or size == 0:
        return np.zeros(size)
    signs = rng.choice([-1.0, 1.0], size=size)
    if group.slab == "sign":
        return group.ft_amplitude * signs
    edges = ndtri(0.5 + np.arange(size) / (2 * size))
    density = np.append(np.exp(-(edges**2) / 2), 0.0)
    magnitudes = density[:-1] - density[1:]  # means of the slices of |z|, up to a factor
    return np.asarray(group.ft_amplitude * signs * magnitudes / np.sqrt(np.mean(magnitudes**2)))


def problem(
    curve: Curve, X: FloatArray, teachers: Mapping[object, FloatArray], seed: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return labels (n,), scales c_FT (d,) and teacher (d,) of a curve on a design of `draw`."""
    truth = teachers[teacher_of(curve)]
    sizes = exact_group_sizes(curve.setting.task.probabilities, truth.size)
    y = X @ truth
    if curve.noise_variance:
        noise = np.random.default_rng([seed, truth.size, y.size, 1]).standard_normal(y.size)
        y = y + np.sqrt(curve.noise_variance) * noise
    return y, np.repeat(scales_of(curve), sizes), truth


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
        found = minimum_penalty(X, y, scale)
        if not found.converged:
            raise UnsolvedError(
                f"{curve.name} at d={d}, alpha={alpha}, seed={seed}: {found.status.value}, "
                f"gap {found.gap:.3e}, infeasibility {found.infeasibility:.3e}"
            )
        errors[curve.name] = float(np.mean((found.beta - truth) ** 2))
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
    rows = list(csv.reader(line for line in text.splitlines() if not line.startswith("#")))
    names, body = rows[0], rows[1:]
    for number, row in enumerate(body):
        if len(row) != len(names):
            raise ValueError(f"row {number} must have {len(names)} fields, got {len(row)}")
    table = np.array([[float(cell) if cell else np.nan for cell in row] for row in body])
    table = table.reshape(len(body), len(names))
    columns = dict(zip(names, table.T, strict=True))
    return Recorded(columns.pop("d"), columns.pop("alpha"), columns.pop("seed"), columns)


def curves_at(d: int, alpha: float) -> tuple[Curve, ...]:
    """Return the curves that are measured at (d, α).

    All of them up to d = 2000, but linear programmes (c_FT = 0) only up to 300 examples; the
    baselines beyond.
    """
    if d > LARGEST_SWEPT:
        return tuple(curve for curve in curves() if curve.baseline)
    if round(alpha * d) > LARGEST_PROGRAMME:
        return tuple(curve for curve in curves() if scales_of(curve).any())
    return curves()


def plan() -> Iterator[tuple[int, float, int]]:
    """Yield (d, α, seed) of every row: half of the seeds everywhere, then the others."""
    for half in (0, 1):
        for d, counts in SEEDS.items():
            for alpha, count in zip(ALPHAS, counts, strict=True):
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
    names = [curve.name for curve in curves()]
    columns = ",".join(["d", "alpha", "seed", *names]) + "\n"
    text = out.read_text(encoding="utf-8") if out.exists() else ""
    if text and columns not in text:
        raise ValueError(f"{out} must have a column for each curve, or not exist")
    rows = text.partition(columns)[2]
    rows = rows[: rows.rfind("\n") + 1]
    found = load(columns + rows)
    done = set(zip(found.d.tolist(), found.alpha.tolist(), found.seed.tolist(), strict=True))
    todo = [row for row in plan() if row not in done]
    out.write_text(_header(revision) + columns + rows, encoding="utf-8")
    with out.open("a", encoding="utf-8") as stream:
        for d, alpha, seed in todo:
            errors = measure(d, alpha, seed, curves_at(d, alpha))
            cells = [f"{errors[name]:.11g}" if name in errors else "" for name in names]
            stream.write(",".join([str(d), f"{alpha:g}", str(seed), *cells]) + "\n")
            stream.flush()
    return len(todo)


def _header(revision: str) -> str:
    lines = (
        "Error (1/d)|beta - beta*|^2 of the penalty's minimiser in finite networks: one row a "
        "design X, one column a curve.",
        "command: python -m empirics.finite_size --out FILE --revision CODE",
        f"code: {revision}",
        f"hardware: {hardware()}; on one core",
        f"versions: {versions('numpy', 'scipy')}",
        "seeds: 0, 1, ... for each (d, alpha), in the column `seed`",
        f"begun: {datetime.now(UTC).date().isoformat()}",
    )
    return "".join(f"# {line}\n" for line in lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m empirics.finite_size", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="file to create or to continue")
    parser.add_argument(
        "--revision", default="unknown", help="revision of the code, for the header"
    )
    chosen = parser.parse_args(arguments)
    sys.stdout.write(f"{produce(chosen.out, chosen.revision)} new rows\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
