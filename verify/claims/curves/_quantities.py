"""What Section 5.3 compares: the errors of Experiments 1-3, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import sympy as sp

from empirics.experiments import Setting, Slab
from verify.claims.curves._margins import Inequalities, Line, Quantity, Region


def setting(
    slab: Slab,
    rho_ft: float,
    overlap: float,
    *,
    c: float = 1e-3,
    ratio: float = 0.0,
    gamma: float = 0.0,
) -> Setting:
    """Return a curve of Experiments 1-3; with the baseline initialisation by default."""
    return Setting("section 5.3", "", rho_ft, overlap, c, ratio, gamma, slab)


def error(slab: Slab, rho_ft: float, overlap: float, **init: float) -> Quantity:
    """Return the error of one curve."""
    return Quantity("p", lambda p: p, (setting(slab, rho_ft, overlap, **init),))


def ratio(numerator: Setting, denominator: Setting) -> Quantity:
    """Return the ratio of two errors."""
    return Quantity("R", lambda p, q: p / q, (numerator, denominator))


def overlap_gap(slab: Slab, **init: float) -> Quantity:
    """Return the ratio of the errors at ω = 0 and ω = 1, ρ_FT = 0.1 (Experiment 1)."""
    return ratio(setting(slab, 0.1, 0.0, **init), setting(slab, 0.1, 1.0, **init))


def overlap_difference(slab: Slab, **init: float) -> Quantity:
    """Return the error at ω = 0 less that at ω = 1, ρ_FT = 0.1 (Experiment 1)."""
    pair = setting(slab, 0.1, 0.0, **init), setting(slab, 0.1, 1.0, **init)
    return Quantity("D", lambda p, q: p - q, pair, scale=np.asarray)


def sparsity_gain(slab: Slab, **init: float) -> Quantity:
    """Return the ratio of the errors at ρ_FT = 0.9 and ρ_FT = 0.1, ω = 0 (Experiment 2)."""
    return ratio(setting(slab, 0.9, 0.0, **init), setting(slab, 0.1, 0.0, **init))


def nested_gain(slab: Slab, rho_ft: float, **init: float) -> Quantity:
    """Return the ratio of the errors at ρ_FT = 0.1 and at `rho_ft`, ω = 1 (Experiment 3)."""
    return ratio(setting(slab, 0.1, 1.0, **init), setting(slab, rho_ft, 1.0, **init))


def exponential(exponent: float) -> Quantity:
    """Return e to a power: a bound on ratios."""
    return Quantity("e", lambda: sp.exp(exponent, evaluate=False), ())


def swept(
    quantity: Callable[..., Quantity],
    parameter: str,
    *rows: tuple[Slab, float, float, Region, str],
) -> Inequalities:
    """Return a table: slab, parameter of the larger quantity and of the smaller, α, and value.

    `parameter` is "c", "ratio" (λ/c) or "gamma"; the value is that of `Line`.
    """

    def line(slab: Slab, high: float, low: float, holds: Region, value: str) -> Line:
        larger, smaller = (quantity(slab, **{parameter: each}) for each in (high, low))
        return Line(larger, smaller, holds, value=value)

    return Inequalities(tuple(line(*row) for row in rows))
