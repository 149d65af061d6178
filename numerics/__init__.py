"""The quantities of the theory as numbers: float64 kernels, multiprecision, and solvers."""

from __future__ import annotations

from numerics.initialization import Initialization
from numerics.interpolation import minimum_penalty
from numerics.pipeline import Pretraining, solve_pipeline
from numerics.replica import (
    ConvergenceError,
    ReplicaCurve,
    count_fixed_points,
    potential,
    solve_replica,
)
from numerics.tasks import CoordinateGroup, TaskDistribution

__all__ = [
    "ConvergenceError",
    "CoordinateGroup",
    "Initialization",
    "Pretraining",
    "ReplicaCurve",
    "TaskDistribution",
    "count_fixed_points",
    "minimum_penalty",
    "potential",
    "solve_pipeline",
    "solve_replica",
]
