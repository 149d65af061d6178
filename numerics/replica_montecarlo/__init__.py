"""The paper's Monte-Carlo replica solver (Appendix E.2), as a baseline: its public names."""

from numerics.replica_montecarlo.curve import (
    MonteCarloReplicaCurve,
    convert_loss_convention,
    solve_replica_montecarlo,
    solve_task_montecarlo,
)

__all__ = [
    "MonteCarloReplicaCurve",
    "convert_loss_convention",
    "solve_replica_montecarlo",
    "solve_task_montecarlo",
]
