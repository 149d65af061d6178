"""Published results on both stages from data, as facts: 18 trained networks, 23 Monte-Carlo points.

They come from the authors' repository, which the files name; they hold none of its code. The
published noise of pretraining has the standard deviation σ₀ where inputs have variance 1/d. Here
inputs have variance 1/n_PT: they and the labels are larger by √(d/n_PT), and the noise has the
variance σ_PT² = σ₀² d/n_PT = σ₀²/α_PT (`empirics.published`). The training error 10⁻⁴ at which
published networks stop is 10⁻⁴/α_PT, and 10⁻⁴/α.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from empirics.measured_rows import read_columns
from empirics.published import Run, from_published, published
from empirics.two_stage import TwoStages
from numerics.validation import FloatArray

NETWORKS, MONTECARLO = "two-stage-published-networks.csv", "two-stage-published-montecarlo.csv"
_COLUMNS = (
    "alpha_pt",
    "sigma0_pt_published",
    "alpha",
    "seed",
    "d",
    "rho_pt",
    "rho_ft",
    "omega",
    "c",
    "lam",
    "gamma_published",
    "pt_error",
    "error",
)
_POINTS = ("alpha_pt", "omega", "alpha", "error")


@dataclass(frozen=True)
class Networks:
    """Published networks of one pretraining, fine-tuned at some data scales.

    Attributes
    ----------
    alpha_pt, sigma0_pt
        n_PT/d, and the published standard deviation of its label noise.
    alpha
        n/d of fine-tuning, shape (A,).
    d
        Number of coordinates.
    rho_pt, rho_ft, overlap, c, lam
        Task and initialisation; γ = 0.
    pt_errors
        ‖β̂_PT − β*_PT‖²/d of each seed, shape (S,).
    errors
        ‖β̂_FT − β*_FT‖²/d, shape (S, A).
    """

    alpha_pt: float
    sigma0_pt: float
    alpha: FloatArray
    d: int
    rho_pt: float
    rho_ft: float
    overlap: float
    c: float
    lam: float
    pt_errors: FloatArray
    errors: FloatArray

    @property
    def run(self) -> Run:
        """How pretraining was run, in this project's units."""
        own = published(noise_variance=self.sigma0_pt**2)
        return from_published(own, round(self.alpha_pt * self.d), self.d)

    def stages(self, alpha: float) -> TwoStages:
        """Return the problem at a data scale, in this project's units."""
        return TwoStages(
            self.rho_pt,
            self.rho_ft,
            self.overlap,
            "gaussian",
            "sign",
            self.c,
            self.lam / self.c,
            0.0,
            self.alpha_pt,
            self.run.noise_variance,
            alpha,
        )


class Point(NamedTuple):
    """A point of a published Monte-Carlo curve."""

    alpha_pt: float
    overlap: float
    alpha: float
    error: float


def networks(text: str | None = None) -> tuple[Networks, ...]:
    """Return published networks by pretraining; by default from the file of this package.

    Raises
    ------
    ValueError
        If the file has other columns, a cell is not a finite number, γ is not 0, or a pretraining
        lacks a seed at a data scale, or has it twice.
    """
    columns = _columns(text, NETWORKS, _COLUMNS)
    if columns["gamma_published"].any():
        raise ValueError("gamma_published must be 0 of these networks")
    settings = [name for name in _COLUMNS if name not in ("alpha", "seed", "pt_error", "error")]
    keys = list(zip(*(columns[name].tolist() for name in settings), strict=True))
    found = []
    for key in dict.fromkeys(keys):
        rows = np.array([one == key for one in keys])
        alpha, seed = columns["alpha"][rows], columns["seed"][rows]
        alphas, seeds = np.unique(alpha), np.unique(seed)
        order = np.lexsort((alpha, seed))
        shape = seeds.size, alphas.size
        grid = [(s, a) for s in seeds for a in alphas]
        if [(s, a) for s, a in zip(seed[order], alpha[order], strict=True)] != grid:
            raise ValueError(f"each seed must be there once at each alpha, got {alpha} and {seed}")
        before, after = (columns[name][rows][order].reshape(shape) for name in _COLUMNS[-2:])
        if (before != before[:, :1]).any():
            raise ValueError("pt_error of a seed must be the same at each alpha")
        at = dict(zip(settings, key, strict=True))
        found.append(
            Networks(
                at["alpha_pt"],
                at["sigma0_pt_published"],
                alphas,
                int(at["d"]),
                at["rho_pt"],
                at["rho_ft"],
                at["omega"],
                at["c"],
                at["lam"],
                before[:, 0],
                after,
            )
        )
    return tuple(found)


def montecarlo(text: str | None = None) -> tuple[Point, ...]:
    """Return the points of published Monte-Carlo curves; by default from this package's file.

    Raises
    ------
    ValueError
        If the file has other columns, or a cell is not a finite number.
    """
    columns = _columns(text, MONTECARLO, _POINTS)
    return tuple(Point(*row) for row in zip(*(columns[n].tolist() for n in _POINTS), strict=True))


def _columns(text: str | None, name: str, names: tuple[str, ...]) -> dict[str, FloatArray]:
    if text is None:
        text = (files("empirics") / "recorded" / name).read_text(encoding="utf-8")
    columns = read_columns(text)
    if tuple(columns) != names:
        raise ValueError(f"{name} must have the columns {names}, got {[*columns]}")
    for column, values in columns.items():
        if not np.isfinite(values).all():
            row = int(np.flatnonzero(~np.isfinite(values))[0])
            raise ValueError(f"{column} must be finite, got {values[row]} in row {row}")
    return columns
