"""The replica fixed points of the golden table, and how they are solved again."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from numerics import Initialization, ReplicaCurve, TaskDistribution, solve_replica
from numerics.certified import CertifiedPoint, Mixture, certify_replica
from numerics.multiprecision import (
    ReplicaFixedPoint,
    pretrain_finetune_groups,
    replica_fixed_point,
)

_TEACHER = ("rho_pt", "rho_ft", "overlap", "c", "lam", "gamma")


def problems() -> dict[str, dict[str, str]]:
    """Return the problems by name: teacher, initialisation, α, noise and ridge, all strings."""
    baseline = {
        "rho_pt": "0.1", "rho_ft": "0.1", "overlap": "0.5", "slab": "gaussian",
        "c": "1e-3", "lam": "0", "gamma": "0",
        "alpha": "0.3635443", "noise_variance": "0", "ridge": "0",
    }  # fmt: skip
    changes: dict[str, dict[str, str]] = {
        "baseline": {},
        "baseline below the transition": {"alpha": "0.17126582"},
        "sign slab": {"slab": "sign", "alpha": "0.3"},
        "few samples": {"alpha": "0.001"},
        "nearly interpolating": {"alpha": "0.99", "slab": "sign"},
        "tiny error": {"c": "1e-18", "alpha": "0.95", "slab": "sign"},
        "interpolation peak": {"c": "1e-6", "overlap": "0", "alpha": "0.09"},
        "minimum norm": {"c": "1e6", "alpha": "0.4"},
        "relative scale": {"lam": "-9.99e-4", "alpha": "0.3"},
        "readout": {"gamma": "0.7", "alpha": "0.3"},
        "noise": {"noise_variance": "0.01", "alpha": "0.5"},
        "noise and ridge": {"noise_variance": "0.01", "ridge": "0.05", "alpha": "0.5"},
        "overdetermined with ridge": {"noise_variance": "0.1", "ridge": "0.2", "alpha": "2.5"},
    }
    return {name: baseline | change for name, change in changes.items()}


def solve(
    problem: dict[str, str], digits: int, start: tuple[str, str] | None = None
) -> ReplicaFixedPoint:
    """Solve one problem; `start` = (τ, θ) saves the search."""
    slab = problem["slab"]
    groups = pretrain_finetune_groups(
        *(problem[name] for name in _TEACHER),
        slab="sign" if slab == "sign" else "gaussian",
        digits=digits,
    )
    return replica_fixed_point(
        groups,
        problem["alpha"],
        noise_variance=problem["noise_variance"],
        ridge=problem["ridge"],
        digits=digits,
        start=start,
    )


def solve_in_float64(problem: dict[str, str]) -> ReplicaCurve:
    """Solve one problem by the float64 solver; a curve of one point."""
    shares = (float(problem[name]) for name in ("rho_pt", "rho_ft", "overlap"))
    task = TaskDistribution.pretrain_finetune(
        *shares, slab="sign" if problem["slab"] == "sign" else "gaussian"
    )
    return solve_replica(
        task,
        Initialization(*(float(problem[name]) for name in ("c", "lam", "gamma"))),
        float(problem["alpha"]),
        noise_variance=float(problem["noise_variance"]),
        ridge=float(problem["ridge"]),
    )


def enclose(problem: dict[str, str], digits: int) -> CertifiedPoint:
    """Enclose the solution of one problem by the certified solver, its numbers as written."""
    scale, lam = (Fraction(Decimal(problem[name])) for name in ("c", "lam"))
    mixture = Mixture.pretrain_finetune(
        *(problem[name] for name in ("rho_pt", "rho_ft", "overlap")),
        c=scale,
        relative_scale=lam / scale,
        gamma=problem["gamma"],
        slab="sign" if problem["slab"] == "sign" else "gaussian",
    )
    curve = certify_replica(
        mixture,
        None,
        problem["alpha"],
        noise_variance=problem["noise_variance"],
        ridge=problem["ridge"],
        digits=digits,
    )
    return curve.points[0]
