"""Published trained networks, as facts: 225 errors of fine-tuned networks in 17 conditions (E.2.6).

They come from the authors' repository, which the file names; it holds none of their code. A
condition is in the published units; `Condition` converts it. A published network is this project's
gradient flow to first order in the learning rate: with η = 1/d and a look at the training error
every 5000 epochs, it stops at the first of the times 5000/d, 2·5000/d, ... at which ‖Xβ − y‖²/n is
10⁻⁴ d/n at most.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from empirics.experiments import RHO_PT, Setting
from empirics.measured_rows import read_columns
from numerics.validation import FloatArray

RECORDED = "diagonal-published.csv"
# Of the published code: epochs between looks at the training error, and at most.
LOOK_EVERY, MOST_EPOCHS = 5000, 5_000_000
_COLUMNS = (
    "rho_pt",
    "rho_ft",
    "omega",
    "c",
    "lam",
    "gamma_published",
    "alpha",
    "d",
    "threshold_published",
    "run",
    "error",
)


@dataclass(frozen=True)
class Condition:
    """Networks of one task and initialisation at one data scale.

    Attributes
    ----------
    rho_ft, overlap
        Density of the fine-tuning teacher and its overlap with that of pretraining.
    c, lam, gamma_published
        Initialisation; λ is absolute, and the published code's γ sets readouts of γ/√2.
    alpha, d
        n/d, and the number of coordinates.
    threshold_published
        Training error at which training stops, of inputs with variance 1/d.
    errors
        ‖β̂ − β*‖²/d of each network, shape (R,).
    """

    rho_ft: float
    overlap: float
    c: float
    lam: float
    gamma_published: float
    alpha: float
    d: int
    threshold_published: float
    errors: FloatArray

    @property
    def n(self) -> int:
        """Number of examples."""
        return round(self.alpha * self.d)

    @property
    def gamma(self) -> float:
        """γ in this project's sense: the readouts after pretraining."""
        return self.gamma_published / math.sqrt(2.0)

    @property
    def setting(self) -> Setting:
        """Task and initialisation in this project's units."""
        ratio = self.lam / self.c
        return Setting(
            "published", self.name, self.rho_ft, self.overlap, self.c, ratio, self.gamma, "gaussian"
        )

    @property
    def threshold(self) -> float:
        """Training error ‖Xβ − y‖²/n at which training stops, of inputs with variance 1/n."""
        return self.threshold_published * self.d / self.n

    @property
    def looks(self) -> float:
        """Time of the flow between looks at the training error."""
        return LOOK_EVERY / self.d

    @property
    def longest(self) -> float:
        """Time of the flow after the most epochs."""
        return MOST_EPOCHS / self.d

    @property
    def name(self) -> str:
        """What it is, in a few words."""
        parts = [f"omega={self.overlap:g} rho_ft={self.rho_ft:g} c={self.c:g}"]
        parts += [f"lam={self.lam:g}"] if self.lam else []
        parts += [f"gamma={self.gamma_published:g}/sqrt2"] if self.gamma_published else []
        return " ".join([*parts, f"alpha={self.alpha:g}"])


def load(text: str | None = None) -> tuple[Condition, ...]:
    """Return the conditions in the order of the file; by default the one of this package.

    Raises
    ------
    ValueError
        If the file has other columns, a cell is not a finite number, an error or a size is not
        positive, αd is not a whole number, ρ_PT is not that of the experiments, or a condition
        has a run twice.
    """
    if text is None:
        text = (files("empirics") / "recorded" / RECORDED).read_text(encoding="utf-8")
    columns = read_columns(text)
    if tuple(columns) != _COLUMNS:
        raise ValueError(f"published networks must have the columns {_COLUMNS}, got {[*columns]}")
    for name, column in columns.items():
        _require(name, "be finite", column, np.isfinite(column))
    for name in ("error", "alpha", "d", "c", "threshold_published"):
        _require(name, "be positive", columns[name], columns[name] > 0)
    _require("rho_pt", f"be {RHO_PT:g}", columns["rho_pt"], columns["rho_pt"] == RHO_PT)
    n = columns["alpha"] * columns["d"]
    whole = (np.abs(n - np.round(n)) < 1e-9 * n) & (columns["d"] == np.round(columns["d"]))
    _require("alpha d", "be a whole number", n, whole)
    keys = list(zip(*(columns[name].tolist() for name in _COLUMNS[1:-2]), strict=True))
    found = []
    for key in dict.fromkeys(keys):
        rows = np.array([one == key for one in keys])
        runs = columns["run"][rows].tolist()
        if len(set(runs)) != len(runs):
            raise ValueError(f"a run must occur once in a condition, got runs {runs} at {key}")
        rho, overlap, c, lam, gamma, alpha, d, threshold = key
        errors = columns["error"][rows]
        found.append(Condition(rho, overlap, c, lam, gamma, alpha, int(d), threshold, errors))
    return tuple(found)


def _require(name: str, requirement: str, column: FloatArray, held: NDArray[np.bool_]) -> None:
    if not held.all():
        row = int(np.flatnonzero(~held)[0])
        raise ValueError(f"{name} must {requirement}, got {column[row]} in row {row}")
