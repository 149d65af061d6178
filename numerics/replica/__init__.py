"""The exact replica solver (Proposition 4.2, Appendix C): its public names.

From the top: `solve` poses the problem, `newton` solves the two equations, `curve` holds and
finishes results, `equations` evaluates them and their slopes on moments of the scalar channel,
which `quadrature` (c_FT > 0; with `nodes` and `kernel`) or `soft_threshold` (c_FT = 0) compute.
"""

from numerics.replica.curve import PARAMETERS, ConvergenceError, ReplicaCurve
from numerics.replica.solve import ALPHA_RANGE, count_fixed_points, solve_replica

__all__ = [
    "ALPHA_RANGE",
    "PARAMETERS",
    "ConvergenceError",
    "ReplicaCurve",
    "count_fixed_points",
    "solve_replica",
]
