"""The quantities of the theory as numbers: float64 kernels, multiprecision, and solvers."""

from __future__ import annotations

from numerics.initialization import Initialization

__all__ = ["Initialization"]
