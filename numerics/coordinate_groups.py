r"""Groups of coordinates: their shares, and which shares a task of four can have (Section 3.3).

A group's coordinates share |β_PT| and the law of β_FT. `numerics.tasks` combines groups.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from numerics.validation import FloatArray, finite_scalar, require

Slab = Literal["zero", "sign", "gaussian"]

_SLABS = ("zero", "sign", "gaussian")
_AMPLITUDE_RANGE = (1e-100, 1e100)
_SHARE_ROUNDING = 16 * float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class CoordinateGroup:
    """Coordinates which share |β_PT| and the distribution of their fine-tuning coefficient.

    Attributes
    ----------
    name
        What the group is called in results.
    probability
        Share of the coordinates, in [0, 1].
    pt_magnitude
        |β_PT|, non-negative; without influence in a single task.
    slab
        ``"zero"`` (β_FT = 0), ``"sign"`` (±ft_amplitude, equally likely) or ``"gaussian"``
        (N(0, ft_amplitude²)).
    ft_amplitude
        Size of β_FT: positive, in [1e-100, 1e100], except for slab ``"zero"``, where it is 0.

    Raises
    ------
    ValueError
        If one of them is out of its range.
    """

    name: str
    probability: float
    pt_magnitude: float
    slab: Slab
    ft_amplitude: float = 0.0

    def __post_init__(self) -> None:
        for field in ("probability", "pt_magnitude", "ft_amplitude"):
            object.__setattr__(self, field, finite_scalar(field, getattr(self, field)))
        if not 0.0 <= self.probability <= 1.0:
            raise ValueError(f"probability must lie in [0, 1], got {self.probability!r}")
        if not 0.0 <= self.pt_magnitude <= _AMPLITUDE_RANGE[1]:
            raise ValueError(f"pt_magnitude must lie in [0, 1e100], got {self.pt_magnitude!r}")
        if self.slab not in _SLABS:
            raise ValueError(f"slab must be one of {_SLABS}, got slab={self.slab!r}")
        if self.slab == "zero":
            if self.ft_amplitude != 0.0:
                raise ValueError(
                    f"ft_amplitude must be 0 for the slab 'zero', got {self.ft_amplitude!r}"
                )
        elif not _AMPLITUDE_RANGE[0] <= self.ft_amplitude <= _AMPLITUDE_RANGE[1]:
            raise ValueError(
                f"ft_amplitude must be positive, in [1e-100, 1e100], got {self.ft_amplitude!r}"
            )

    @property
    def second_moment(self) -> float:
        """E[β_FT²] within the group."""
        return self.ft_amplitude**2


def exact_group_sizes(probabilities: FloatArray, d: int) -> NDArray[np.intp]:
    """Return integers that sum to `d`, each within 1 of d times its share (largest remainders)."""
    wanted = np.asarray(probabilities, dtype=np.float64) * d
    # A share such as 0.1 is not exact: 0.1 · 30 must count as 3, not as 2 and a remainder.
    whole = np.floor(wanted + 1e-9).astype(np.intp)
    order = np.argsort(whole - wanted, kind="stable")
    whole[order[: d - int(whole.sum())]] += 1
    return whole


def share(name: str, value: float) -> float:
    """Return a share of the coordinates; raise ValueError unless it is a number in [0, 1]."""
    number = finite_scalar(name, value)
    if not 0.0 <= number <= 1.0:
        raise ValueError(f"{name} must lie in [0, 1], got {name}={number!r}")
    return number


def rounded(difference: float) -> float:
    """Return 0 for a difference of shares that is 0 but for rounding."""
    return 0.0 if abs(difference) <= _SHARE_ROUNDING else difference


def active_slab(slab: Slab) -> Slab:
    """Return a slab that is not a point mass at 0; raise ValueError for any other."""
    if slab not in ("sign", "gaussian"):
        raise ValueError(f"slab must be 'sign' or 'gaussian', got slab={slab!r}")
    return slab


def four_groups(
    shares: Sequence[float], slab: Slab, pt_amplitude: float, ft_amplitude: float | None
) -> tuple[CoordinateGroup, ...]:
    """Return overlap, new, pt-only and none; raise ValueError for a bad slab or amplitude."""
    active_slab(slab)
    size = 1.0 / math.sqrt(shares[0] + shares[1]) if ft_amplitude is None else ft_amplitude
    before = finite_scalar("pt_amplitude", pt_amplitude)
    require(before >= 0.0, "pt_amplitude must be >= 0", "pt_amplitude", before)
    return (
        CoordinateGroup("overlap", shares[0], before, slab, size),
        CoordinateGroup("new", shares[1], 0.0, slab, size),
        CoordinateGroup("pt-only", shares[2], before, "zero"),
        CoordinateGroup("none", shares[3], 0.0, "zero"),
    )


def infeasible(
    rho_pt: float, rho_ft: float, overlap: float, shares: tuple[float, float, float, float]
) -> str:
    """Name the group whose share would be negative, and the overlaps that would do."""
    low = max(0.0, 1.0 - (1.0 - rho_pt) / rho_ft)
    high = min(1.0, rho_pt / rho_ft)
    broken = (
        f"rho_pt - overlap rho_ft >= 0 (pt-only coordinates), got {shares[2]:.6g}"
        if shares[2] < 0.0
        else f"1 - rho_pt - (1 - overlap) rho_ft >= 0 (coordinates in neither), got {shares[3]:.6g}"
    )
    return (
        f"the groups must satisfy {broken} for rho_pt={rho_pt!r}, rho_ft={rho_ft!r}, "
        f"overlap={overlap!r}; these densities allow an overlap in [{low:.6g}, {high:.6g}]"
    )
