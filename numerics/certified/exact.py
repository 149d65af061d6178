"""Exact numbers and what is made of them: the mixture of coordinates that is certified.

Every input is a rational number, as float64 and decimal texts are. What is irrational, c_FT and
1/√ρ_FT, is enclosed anew at each working precision.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, get_args

from flint import arb, fmpq

from numerics.initialization import Initialization
from numerics.tasks import TaskDistribution
from numerics.validation import ActiveSlab, Slab

Ball = Any
Real = float | int | str | Decimal | Fraction
"""A rational number: a finite float counts as it is stored, a text as it is written."""

# Longer numbers than these are no parameters of anything, and would take all memory.
_MOST_DIGITS = 1000


def rational(name: str, value: Any) -> Fraction:
    """Return a number, or a text such as "0.3", "1e-6" or "1/3", as a fraction.

    Raises
    ------
    ValueError
        If it is none, is not finite, or has more than 1000 digits before or behind the point.
    """
    if hasattr(value, "item") and getattr(value, "ndim", 0) == 0:
        value = value.item()
    if isinstance(value, str) and "/" not in value:
        try:
            value = Decimal(value)
        except InvalidOperation:
            raise ValueError(f"{name} must be a finite number, got {name}={value!r}") from None
    if isinstance(value, bool) or not isinstance(value, (float, int, str, Decimal, Fraction)):
        raise ValueError(f"{name} must be a finite number, got {name}={value!r}")
    if isinstance(value, Decimal) and value and abs(value.adjusted()) > _MOST_DIGITS:
        raise ValueError(f"{name} must have at most {_MOST_DIGITS} digits, got {name}={value}")
    try:
        return Fraction(value)
    except (ValueError, OverflowError, ZeroDivisionError):
        raise ValueError(f"{name} must be a finite number, got {name}={value!r}") from None


def ball(value: Fraction) -> Ball:
    """Enclose a fraction at the precision that is set."""
    return arb(fmpq(value.numerator, value.denominator))


def ends(value: Ball) -> tuple[Fraction, Fraction]:
    """Return the ends of a ball, which are rational."""
    return _exactly(value.lower()), _exactly(value.upper())


def _exactly(point: Ball) -> Fraction:
    mantissa, exponent = point.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


@dataclass(frozen=True)
class Group:
    """Coordinates of one kind, as balls at some precision.

    Attributes
    ----------
    share
        Share of the coordinates.
    scale
        C = c_FT, not negative; 0 stands for the limit of ℓ1.
    amplitude
        Size of β*: 0, a of the slab ±a, or b of the slab N(0, b²).
    slab
        The law of β*.
    """

    share: Ball
    scale: Ball
    amplitude: Ball
    slab: Slab


@dataclass(frozen=True)
class ExactGroup:
    """Coordinates of one kind, by rational numbers.

    Attributes
    ----------
    name
        Name of the group in results.
    share
        Share of the coordinates, up to a factor that all groups have in common.
    pretrained
        |β_PT|, or its standard deviation; None in a single task, where the scale of the penalty is
        c.
    slab
        The law of β*.
    amplitude_squared
        E[β*²] within the group.
    pt_slab
        ``"sign"`` (β_PT = ±pretrained) or ``"gaussian"`` (N(0, pretrained²), for
        `certify_pipeline`). Where β_PT = 0, or there is none, it is ``"sign"``.

    Raises
    ------
    ValueError
        If a number is out of range or no fraction, or the slab is no law.
    """

    name: str
    share: Fraction
    pretrained: Fraction | None
    slab: Slab
    amplitude_squared: Fraction
    pt_slab: ActiveSlab = "sign"

    def __post_init__(self) -> None:
        numbers = {"share": self.share, "amplitude_squared": self.amplitude_squared}
        if self.pretrained is not None:
            numbers["pretrained"] = self.pretrained
        for name, value in numbers.items():
            if not isinstance(value, Fraction) or value < 0:
                raise ValueError(f"{name} must be a Fraction >= 0, got {name}={value!r}")
        if self.share == 0:
            raise ValueError(f"share must be positive, got share={self.share!r}")
        if self.slab not in get_args(Slab):
            raise ValueError(f"slab must be one of {get_args(Slab)}, got slab={self.slab!r}")
        if self.pt_slab not in get_args(ActiveSlab):
            raise ValueError(
                f"pt_slab must be one of {get_args(ActiveSlab)}, got pt_slab={self.pt_slab!r}"
            )
        if not self.pretrained:
            object.__setattr__(self, "pt_slab", "sign")
        if (self.slab == "zero") != (self.amplitude_squared == 0):
            raise ValueError(
                "the slab must be 'zero' exactly where amplitude_squared is 0, got "
                f"slab={self.slab!r}, amplitude_squared={self.amplitude_squared!r}"
            )


@dataclass(frozen=True)
class Mixture:
    """Groups of coordinates and the initialisation (c, λ, γ), by rational numbers.

    Raises
    ------
    ValueError
        If there is no group, some are of a single task and some not, or c > 0, |λ| ≤ c and γ ≥ 0
        do not all hold.
    """

    groups: tuple[ExactGroup, ...]
    c: Fraction
    lam: Fraction
    gamma: Fraction

    def __post_init__(self) -> None:
        if len({group.pretrained is None for group in self.groups}) != 1:
            raise ValueError(
                "there must be groups, all pretrained or all of a single task, got "
                f"groups={self.groups!r}"
            )
        numbers = self.c, self.lam, self.gamma
        if not all(isinstance(one, Fraction) for one in numbers):
            raise ValueError(f"c, lam and gamma must be Fractions, got {numbers!r}")
        if not (self.c > 0 and abs(self.lam) <= self.c and self.gamma >= 0):
            raise ValueError(
                "the initialisation must have c > 0, |lam| <= c and gamma >= 0, got "
                f"c={self.c!r}, lam={self.lam!r}, gamma={self.gamma!r}"
            )

    @classmethod
    def of(cls, task: TaskDistribution, init: Initialization) -> Mixture:
        """Return the mixture of a task in float64, each of its numbers taken as it is stored.

        Raises
        ------
        ValueError
            If an argument has another type.
        """
        if not isinstance(task, TaskDistribution):
            raise ValueError(f"task must be a TaskDistribution, got {task!r}")
        if not isinstance(init, Initialization):
            raise ValueError(f"init must be an Initialization, got {init!r}")
        groups = tuple(
            ExactGroup(
                group.name,
                Fraction(group.probability),
                Fraction(group.pt_magnitude) if task.pretrained else None,
                group.slab,
                Fraction(group.ft_amplitude) ** 2,
                group.pt_slab,
            )
            for group in task.groups
        )
        return cls(groups, Fraction(init.c), Fraction(init.lam), Fraction(init.gamma))

    @classmethod
    def pretrain_finetune(
        cls,
        rho_pt: Real,
        rho_ft: Real,
        overlap: Real,
        *,
        c: Real,
        relative_scale: Real = 0,
        gamma: Real = 0,
        slab: Slab = "sign",
        pt_slab: ActiveSlab = "sign",
    ) -> Mixture:
        """Return the paper's task, with decimal texts as written.

        E[β*²] = 1, and E[β_PT²] = 1 where it is active.

        Parameters
        ----------
        rho_pt, rho_ft, overlap
            Shares of the coordinates active in pretraining and in fine-tuning, and the share of
            the latter that were active before.
        c, relative_scale, gamma
            Initialisation: c > 0, λ/c in [−1, 1] and γ ≥ 0.
        slab
            Law of the active fine-tuning coefficients, "sign" or "gaussian".
        pt_slab
            Law of the active pretraining coefficients, likewise; "gaussian" for `certify_pipeline`.

        Raises
        ------
        ValueError
            If a number is out of range, or a group would have a negative share.
        """
        before, after = rational("rho_pt", rho_pt), rational("rho_ft", rho_ft)
        both = rational("overlap", overlap) * after
        if slab not in ("sign", "gaussian"):
            raise ValueError(f"slab must be 'sign' or 'gaussian', got slab={slab!r}")
        if not after > 0:
            raise ValueError(f"rho_ft must be positive, got rho_ft={rho_ft!r}")
        shares = {
            ("overlap", 1, True): both,
            ("new", 0, True): after - both,
            ("pt-only", 1, False): before - both,
            ("none", 0, False): 1 - before - after + both,
        }
        if min(shares.values()) < 0:
            raise ValueError(
                "every group must have a share >= 0, got "
                f"rho_pt={rho_pt!r}, rho_ft={rho_ft!r}, overlap={overlap!r}"
            )
        scale, ratio = rational("c", c), rational("relative_scale", relative_scale)
        groups = tuple(
            ExactGroup(
                name,
                share,
                Fraction(size),
                slab if active else "zero",
                active / after + Fraction(0),
                pt_slab,
            )
            for (name, size, active), share in shares.items()
            if share > 0
        )
        return cls(groups, scale, ratio * scale, rational("gamma", gamma))

    @classmethod
    def single_task(cls, rho: Real, *, c: Real, slab: Slab = "sign") -> Mixture:
        """Return a task from scratch: a share ρ in (0, 1] is active, E[β*²] = 1, and c_FT = c.

        Raises
        ------
        ValueError
            If a number is out of range.
        """
        density, scale = rational("rho", rho), rational("c", c)
        if slab not in ("sign", "gaussian"):
            raise ValueError(f"slab must be 'sign' or 'gaussian', got slab={slab!r}")
        if not (0 < density <= 1 and scale > 0):
            raise ValueError(f"0 < rho <= 1 and c > 0 are required, got rho={rho!r}, c={c!r}")
        groups = [ExactGroup("active", density, None, slab, 1 / density)]
        if density < 1:
            groups.append(ExactGroup("none", 1 - density, None, "zero", Fraction(0)))
        return cls(tuple(groups), scale, Fraction(0), Fraction(0))

    @property
    def is_saddle(self) -> bool:
        """Whether c_FT = 0 in every group: the limit of ℓ1."""
        return self.lam == -self.c and self.gamma == 0 and self.groups[0].pretrained is not None

    @property
    def second_moment(self) -> Fraction:
        """E[β*²]."""
        total = sum((group.share for group in self.groups), Fraction(0))
        weighted = (group.share * group.amplitude_squared for group in self.groups)
        return sum(weighted, Fraction(0)) / total

    def enclosed(self) -> tuple[Group, ...]:
        """Return the groups as balls at the precision that is set.

        Theorem 4.1: c_FT = (1 + λ/c)(c + √(c² + β_PT²)) + γ².
        """
        total = sum((group.share for group in self.groups), Fraction(0))
        factor = ball(1 + self.lam / self.c)
        found = []
        for group in self.groups:
            scale = ball(self.c)
            if group.pretrained is not None:
                radius = ball(self.c**2 + group.pretrained**2).sqrt()
                scale = factor * (ball(self.c) + radius) + ball(self.gamma**2)
            size = ball(group.amplitude_squared).sqrt()
            found.append(Group(ball(group.share / total), scale, size, group.slab))
        return tuple(found)


def as_float(value: Ball) -> float:
    """Return a float near the middle of a ball: ±inf beyond the range of float64."""
    try:
        return float(value.mid())
    except OverflowError:
        return math.inf if value > 0 else -math.inf
