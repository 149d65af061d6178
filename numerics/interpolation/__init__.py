"""The minimiser that fine-tuning selects (Theorem 4.1): its public name.

`solve` poses the problem and certifies the answer, `dual_newton` solves the smooth part, and
`basis_pursuit` the ℓ1 problem of the coordinates with c_FT = 0.
"""

from numerics.interpolation.solve import minimum_penalty

__all__ = ["minimum_penalty"]
