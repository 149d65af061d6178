r"""Tasks: the teachers of pretraining and fine-tuning, and data from them (Section 3.3).

Coordinates come in groups. Within a group the coefficient of pretraining is ±a, with random signs,
or N(0, a²); that of fine-tuning follows a slab: 0, random signs ±a, or N(0, a²). The paper's four
groups,
for densities ρ_PT, ρ_FT and overlap ω (ρ_FT = ρ_PT ρ_shared + (1 − ρ_PT) ρ_new,
ω = ρ_PT ρ_shared / ρ_FT), have the shares

    overlap   active in both          ω ρ_FT
    new       active in fine-tuning   (1 − ω) ρ_FT
    pt-only   active in pretraining   ρ_PT − ω ρ_FT
    none      active in neither       1 − ρ_PT − (1 − ω) ρ_FT

and exist if none of these is negative. Data: n = αd inputs X_ij ~ N(0, 1/n), y = Xβ_FT + ε.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self, get_args

import numpy as np

from numerics.initialization import Initialization
from numerics.sampling import (
    GroupSizes,
    PipelineSample,
    TaskSample,
    checked_stage,
    draw_teachers,
    exact_group_sizes,
)
from numerics.validation import (
    ActiveSlab,
    FloatArray,
    Slab,
    finite_scalar,
    require,
)

__all__ = [
    "CoordinateGroup",
    "PipelineSample",
    "Slab",
    "TaskDistribution",
    "TaskSample",
    "exact_group_sizes",
]

AMPLITUDE_RANGE = (1e-100, 1e100)
_SHARE_ROUNDING = 16 * float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class CoordinateGroup:
    """Coordinates whose coefficients in pretraining and in fine-tuning follow the same laws.

    Attributes
    ----------
    name
        Name of the group in results.
    probability
        Share of the coordinates, in [0, 1].
    pt_magnitude
        |β_PT|, or its standard deviation, in [0, 1e100]; not used in a single task.
    slab
        ``"zero"`` (β_FT = 0), ``"sign"`` (±ft_amplitude, equally likely) or ``"gaussian"``
        (N(0, ft_amplitude²)).
    ft_amplitude
        Size of β_FT: positive, in [1e-100, 1e100], except for slab ``"zero"``, where it is 0.
    pt_slab
        ``"sign"`` (β_PT = ±pt_magnitude, the paper) or ``"gaussian"`` (N(0, pt_magnitude²), for
        `numerics.solve_pipeline`). With pt_magnitude = 0 the two are one law, which is then called
        ``"sign"``.

    Raises
    ------
    ValueError
        If one of them is out of range.
    """

    name: str
    probability: float
    pt_magnitude: float
    slab: Slab
    ft_amplitude: float = 0.0
    pt_slab: ActiveSlab = "sign"

    def __post_init__(self) -> None:
        for field in ("probability", "pt_magnitude", "ft_amplitude"):
            object.__setattr__(self, field, finite_scalar(field, getattr(self, field)))
        if not 0.0 <= self.probability <= 1.0:
            raise ValueError(f"probability must lie in [0, 1], got {self.probability!r}")
        if not 0.0 <= self.pt_magnitude <= AMPLITUDE_RANGE[1]:
            raise ValueError(f"pt_magnitude must lie in [0, 1e100], got {self.pt_magnitude!r}")
        if self.pt_slab not in get_args(ActiveSlab):
            raise ValueError(
                f"pt_slab must be one of {get_args(ActiveSlab)}, got pt_slab={self.pt_slab!r}"
            )
        if self.pt_magnitude == 0.0:
            object.__setattr__(self, "pt_slab", "sign")
        if self.slab not in get_args(Slab):
            raise ValueError(f"slab must be one of {get_args(Slab)}, got slab={self.slab!r}")
        if self.slab == "zero":
            if self.ft_amplitude != 0.0:
                raise ValueError(
                    f"ft_amplitude must be 0 for the slab 'zero', got {self.ft_amplitude!r}"
                )
        elif not AMPLITUDE_RANGE[0] <= self.ft_amplitude <= AMPLITUDE_RANGE[1]:
            raise ValueError(
                f"ft_amplitude must be positive, in [1e-100, 1e100], got {self.ft_amplitude!r}"
            )

    @property
    def second_moment(self) -> float:
        """E[β_FT²] within the group."""
        return self.ft_amplitude**2


@dataclass(frozen=True)
class TaskDistribution:
    """Distribution of the teachers over coordinates.

    Attributes
    ----------
    groups
        Groups of positive probability; the probabilities sum to 1.
    pretrained
        Whether the network was pretrained, so that the penalty of a group has the scale
        c_FT(β_PT); if not, fine-tuning is the only task and the scale is c everywhere.

    Raises
    ------
    ValueError
        If the probabilities do not sum to 1 within 1e-9 (they are then divided by their sum).
    """

    groups: tuple[CoordinateGroup, ...]
    pretrained: bool = True

    def __post_init__(self) -> None:
        groups = tuple(self.groups)
        for group in groups:
            if not isinstance(group, CoordinateGroup):
                raise ValueError(f"groups must be CoordinateGroup records, got {group!r}")
        total = math.fsum(group.probability for group in groups)
        if not abs(total - 1.0) <= 1e-9:
            raise ValueError(f"group probabilities must sum to 1, got sum={total!r}")
        present = tuple(
            replace(group, probability=group.probability / total)
            for group in groups
            if group.probability > 0.0
        )
        object.__setattr__(self, "groups", present)

    @classmethod
    def pretrain_finetune(
        cls,
        rho_pt: float,
        rho_ft: float,
        overlap: float,
        *,
        slab: ActiveSlab = "sign",
        pt_amplitude: float = 1.0,
        ft_amplitude: float | None = None,
        pt_slab: ActiveSlab = "sign",
    ) -> Self:
        """Return the paper's task: sparse teachers of pretraining and fine-tuning that overlap.

        Parameters
        ----------
        rho_pt, rho_ft
            Shares of the coordinates active in pretraining, in [0, 1], and fine-tuning, in (0, 1].
        overlap
            ω, the share of the fine-tuning coordinates that were active in pretraining.
        slab
            Law of the active fine-tuning coefficients, ``"sign"`` (the paper) or ``"gaussian"``.
        pt_amplitude
            |β_PT| of the active coordinates, or its standard deviation.
        ft_amplitude
            Size of the active fine-tuning coefficients; None means 1/√ρ_FT, so that E[β_FT²] = 1.
        pt_slab
            Law of the active pretraining coefficients, ``"sign"`` (the paper) or ``"gaussian"``.

        Raises
        ------
        ValueError
            If a number is out of range, or a group would have a negative share. The message
            names the inequality and the overlaps that these densities allow.
        """
        before = _share("rho_pt", rho_pt)
        after = _share("rho_ft", rho_ft)
        require(after > 0.0, "rho_ft must be positive", "rho_ft", after)
        both_share = _share("overlap", overlap)
        both = both_share * after
        shares = (
            both,
            (1.0 - both_share) * after,
            _without_rounding(before - both),
            _without_rounding(1.0 - before - (1.0 - both_share) * after),
        )
        if min(shares) < 0.0:
            raise ValueError(_infeasible_message(before, after, both_share, shares))
        return cls(_four_groups(shares, slab, pt_amplitude, ft_amplitude, pt_slab))

    @classmethod
    def from_densities(
        cls,
        rho_pt: float,
        rho_shared: float,
        rho_new: float,
        *,
        slab: ActiveSlab = "sign",
        pt_amplitude: float = 1.0,
        ft_amplitude: float | None = None,
        pt_slab: ActiveSlab = "sign",
    ) -> Self:
        """Return the paper's task by the densities within the two kinds of coordinates.

        Parameters
        ----------
        rho_pt
            Share of the coordinates active in pretraining.
        rho_shared, rho_new
            Shares of the coordinates active, and inactive, in pretraining that are active in
            fine-tuning: ρ_FT = ρ_PT ρ_shared + (1 − ρ_PT) ρ_new.
        slab, pt_amplitude, ft_amplitude, pt_slab
            As in `pretrain_finetune`.

        Raises
        ------
        ValueError
            If a number is out of range, or nothing is active in fine-tuning.
        """
        before = _share("rho_pt", rho_pt)
        shared, new = _share("rho_shared", rho_shared), _share("rho_new", rho_new)
        shares = (
            before * shared,
            (1.0 - before) * new,
            before * (1.0 - shared),
            (1.0 - before) * (1.0 - new),
        )
        if shares[0] + shares[1] == 0.0:
            raise ValueError(
                "rho_ft = rho_pt rho_shared + (1 - rho_pt) rho_new must be positive, got "
                f"rho_pt={before!r}, rho_shared={shared!r}, rho_new={new!r}"
            )
        return cls(_four_groups(shares, slab, pt_amplitude, ft_amplitude, pt_slab))

    @classmethod
    def single_task(
        cls, rho: float, *, slab: ActiveSlab = "sign", amplitude: float | None = None
    ) -> Self:
        """Return a sparse task learnt from scratch (Experiment 4): the penalty has scale c.

        Parameters
        ----------
        rho
            Share of the active coordinates, in (0, 1].
        slab
            ``"sign"`` or ``"gaussian"``.
        amplitude
            Size of the active coefficients; None means 1/√rho.

        Raises
        ------
        ValueError
            If a number is out of range.
        """
        density = _share("rho", rho)
        require(density > 0.0, "rho must be positive", "rho", density)
        size = 1.0 / math.sqrt(density) if amplitude is None else amplitude
        return cls(
            (
                CoordinateGroup("active", density, 0.0, _active_slab("slab", slab), size),
                CoordinateGroup("none", 1.0 - density, 0.0, "zero"),
            ),
            pretrained=False,
        )

    @property
    def probabilities(self) -> FloatArray:
        """Shares of the groups, shape (G,)."""
        return np.array([group.probability for group in self.groups])

    @property
    def second_moment(self) -> float:
        """E[β_FT²], the error of the null estimate."""
        return math.fsum(group.probability * group.second_moment for group in self.groups)

    def penalty_scales(self, init: Initialization) -> FloatArray:
        """Return the scale of each group's penalty, shape (G,): c_FT(β_PT), or c in a single task.

        Source: Theorem 4.1. Raises ValueError where a scale is beyond the range of float64, or if
        |β_PT| is not one number in each group.
        """
        if not self.pretrained:
            return np.full(len(self.groups), init.c)
        for group in self.groups:
            if group.pt_slab == "gaussian":
                raise ValueError(
                    "|beta_PT| must be one number in each group (elsewhere: solve_pipeline), got "
                    f"pt_slab='gaussian' in the group {group.name!r}"
                )
        return init.finetune_scale(self._pt_magnitudes())

    def penalty_scale_derivatives(self, init: Initialization) -> FloatArray:
        """Return the derivatives of `penalty_scales` in log c, λ/c and γ, shape (3, G)."""
        derivatives = np.zeros((3, len(self.groups)))
        if not self.pretrained:
            derivatives[0] = init.c
            return derivatives
        radius = np.hypot(init.c, self._pt_magnitudes())
        derivatives[0] = (init.c + init.lam) * (1.0 + init.c / radius)
        derivatives[1] = init.c + radius
        derivatives[2] = 2.0 * init.gamma
        return derivatives

    def sample(
        self,
        d: int,
        alpha: float,
        rng: np.random.Generator,
        *,
        noise_variance: float = 0.0,
        group_sizes: GroupSizes = "exact",
    ) -> TaskSample:
        """Draw a finite instance.

        Parameters
        ----------
        d
            Number of coordinates, at least 1.
        alpha
            n/d; n = round(alpha d) must be at least 1.
        rng
            Source of randomness.
        noise_variance
            Variance σ² of the label noise.
        group_sizes
            ``"exact"``: as near to d times the shares as integers are (largest remainders), in
            random places; ``"iid"``: each coordinate draws its group.

        Raises
        ------
        ValueError
            If an argument is out of range.
        """
        stage = checked_stage(d, alpha, noise_variance)
        beta_pt, beta_ft = draw_teachers(self.groups, int(d), rng, group_sizes)
        return TaskSample(*stage.draw(beta_ft, rng), beta_pt, beta_ft)

    def sample_pipeline(
        self,
        d: int,
        alpha_pt: float,
        alpha: float,
        rng: np.random.Generator,
        *,
        noise_variance_pt: float = 0.0,
        noise_variance: float = 0.0,
        group_sizes: GroupSizes = "exact",
    ) -> PipelineSample:
        """Draw a finite instance of both stages, with inputs of their own and the same teachers.

        Parameters
        ----------
        d, rng, group_sizes
            As in `sample`.
        alpha_pt, alpha
            Examples of pretraining and of fine-tuning over d; both round to one at least.
        noise_variance_pt, noise_variance
            Variances σ_PT² and σ² of the label noise.

        Raises
        ------
        ValueError
            If an argument is out of range, or the task is a single one.
        """
        if not self.pretrained:
            raise ValueError("a task must be pretrained to have two stages, got pretrained=False")
        before = checked_stage(d, alpha_pt, noise_variance_pt, "_pt")
        after = checked_stage(d, alpha, noise_variance)
        teachers = draw_teachers(self.groups, int(d), rng, group_sizes)
        pretraining, finetuning = (
            TaskSample(*stage.draw(teacher, rng), *teachers)
            for stage, teacher in zip((before, after), teachers, strict=True)
        )
        return PipelineSample(pretraining, finetuning)

    def _pt_magnitudes(self) -> FloatArray:
        return np.array([group.pt_magnitude for group in self.groups])


def _share(name: str, value: float) -> float:
    """Return a share of the coordinates; raise ValueError unless it is a number in [0, 1]."""
    number = finite_scalar(name, value)
    if not 0.0 <= number <= 1.0:
        raise ValueError(f"{name} must lie in [0, 1], got {name}={number!r}")
    return number


def _without_rounding(difference: float) -> float:
    """Return a difference of shares, or 0 if it is not larger than rounding."""
    return 0.0 if abs(difference) <= _SHARE_ROUNDING else difference


def _active_slab(name: str, slab: ActiveSlab) -> ActiveSlab:
    """Return a slab that is not a point mass at 0; raise ValueError for any other."""
    if slab not in get_args(ActiveSlab):
        raise ValueError(f"{name} must be 'sign' or 'gaussian', got {name}={slab!r}")
    return slab


def _four_groups(
    shares: Sequence[float],
    slab: ActiveSlab,
    pt_amplitude: float,
    ft_amplitude: float | None,
    pt_slab: ActiveSlab,
) -> tuple[CoordinateGroup, ...]:
    """Return overlap, new, pt-only and none; raise ValueError for a bad slab or amplitude."""
    _active_slab("slab", slab)
    _active_slab("pt_slab", pt_slab)
    size = 1.0 / math.sqrt(shares[0] + shares[1]) if ft_amplitude is None else ft_amplitude
    before = finite_scalar("pt_amplitude", pt_amplitude)
    require(before >= 0.0, "pt_amplitude must be >= 0", "pt_amplitude", before)
    return (
        CoordinateGroup("overlap", shares[0], before, slab, size, pt_slab),
        CoordinateGroup("new", shares[1], 0.0, slab, size),
        CoordinateGroup("pt-only", shares[2], before, "zero", pt_slab=pt_slab),
        CoordinateGroup("none", shares[3], 0.0, "zero"),
    )


def _infeasible_message(
    rho_pt: float, rho_ft: float, overlap: float, shares: tuple[float, float, float, float]
) -> str:
    """Say which share would be negative, and which overlaps these densities allow."""
    low = max(0.0, 1.0 - (1.0 - rho_pt) / rho_ft)
    high = min(1.0, rho_pt / rho_ft)
    violated = (
        f"rho_pt - overlap rho_ft >= 0 (pt-only coordinates), got {shares[2]:.6g}"
        if shares[2] < 0.0
        else f"1 - rho_pt - (1 - overlap) rho_ft >= 0 (coordinates in neither), got {shares[3]:.6g}"
    )
    return (
        f"the groups must satisfy {violated} for rho_pt={rho_pt!r}, rho_ft={rho_ft!r}, "
        f"overlap={overlap!r}; these densities allow an overlap in [{low:.6g}, {high:.6g}]"
    )
