"""The minimiser that fine-tuning selects (Theorem 4.1): its public names.

`solve` poses the problem and certifies the solution, `dual_newton` solves the smooth part, and
`basis_pursuit` the ℓ1 problem of the coordinates with c_FT = 0.
"""

from numerics.interpolation.solve import minimum_penalty
from numerics.penalty_problem import InfeasibleError

__all__ = ["InfeasibleError", "minimum_penalty"]
