"""The penalty, the regimes and the replica fixed point to any number of digits (mpmath).

Every function evaluates the formula as the paper writes it (Sections 3.1-3.2, Theorem 4.1,
Proposition 5.1, Appendices B.1, B.2 and C) and raises the precision where that form
cancels. It shares no code with the float64 kernels, which use rearranged forms: agreement of the
two is evidence for both.

Arguments are int, float (taken exactly), str ("0.1", "1/3", "1e-400"), Fraction or mpf; results
are `mpmath.mpf` rounded to the `digits` asked for. The precision of `mpmath.mp` is neither read
nor changed: each call computes in a context of its own, so calls may run in threads.
"""

from numerics.multiprecision.fixed_point import ReplicaError
from numerics.multiprecision.implicit_bias import (
    conjugate,
    conjugate_derivative,
    finetune_scale,
    layer_weights,
    penalty,
    penalty_curvature,
    penalty_derivative,
    proximal_derivative,
    proximal_operator,
)
from numerics.multiprecision.pipeline import PipelineFixedPoint, pipeline_fixed_point
from numerics.multiprecision.precision import PrecisionError
from numerics.multiprecision.regimes import (
    l_order,
    l_order_minus_one,
    one_minus_transfer,
    pretraining_dependence,
    transfer,
    two_minus_l_order,
)
from numerics.multiprecision.replica import ReplicaFixedPoint, replica_fixed_point
from numerics.multiprecision.saddle import replica_potential
from numerics.multiprecision.teacher import pipeline_groups, pretrain_finetune_groups

__all__ = [
    "PipelineFixedPoint",
    "PrecisionError",
    "ReplicaError",
    "ReplicaFixedPoint",
    "conjugate",
    "conjugate_derivative",
    "finetune_scale",
    "l_order",
    "l_order_minus_one",
    "layer_weights",
    "one_minus_transfer",
    "penalty",
    "penalty_curvature",
    "penalty_derivative",
    "pipeline_fixed_point",
    "pipeline_groups",
    "pretrain_finetune_groups",
    "pretraining_dependence",
    "proximal_derivative",
    "proximal_operator",
    "replica_fixed_point",
    "replica_potential",
    "transfer",
    "two_minus_l_order",
]
