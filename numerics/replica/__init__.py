"""The exact replica solver (Proposition 4.2, Appendix C): its public names.

From the top: `saddle` evaluates the function whose saddle point is the solution; `solve` poses
the problem; `curve` holds the results; `newton` solves the two equations; `equations` evaluates
them and their derivatives from moments of the scalar channel. The moments come from `quadrature`
(c_FT > 0; with `nodes` and `kernel`) or from `soft_threshold` (c_FT = 0): either is a
`MomentFunction` of `equations`, and a third would be one, too.
"""

from numerics.replica.curve import PARAMETERS, ConvergenceError, ReplicaCurve
from numerics.replica.saddle import POTENTIAL_RANGE, potential
from numerics.replica.solve import ALPHA_RANGE, count_fixed_points, solve_replica

__all__ = [
    "ALPHA_RANGE",
    "PARAMETERS",
    "POTENTIAL_RANGE",
    "ConvergenceError",
    "ReplicaCurve",
    "count_fixed_points",
    "potential",
    "solve_replica",
]
