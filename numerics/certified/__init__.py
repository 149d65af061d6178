"""Error curves with a proof attached: Arb's balls hold the truth (Proposition 4.2).

`certify_replica` encloses the error at single data scales and over whole intervals of them,
`certify_pipeline` that after pretraining on data. They share no formula's code with the float64 and
mpmath solvers; the first tell them where to look.
"""

from numerics.certified.arguments import ExactPretraining
from numerics.certified.bounds import float_bounds
from numerics.certified.exact import Mixture
from numerics.certified.fixed_point import Interval, NotCertifiedError
from numerics.certified.path import Arc, Path
from numerics.certified.pipeline import (
    CertifiedPipelineCurve,
    CertifiedPipelinePoint,
    CertifiedPretraining,
    certify_pipeline,
)
from numerics.certified.solution import CertifiedSolution, CertifiedSolutions
from numerics.certified.solve import (
    CertifiedCurve,
    CertifiedPoint,
    certified_path,
    certify_replica,
)

__all__ = [
    "Arc",
    "CertifiedCurve",
    "CertifiedPipelineCurve",
    "CertifiedPipelinePoint",
    "CertifiedPoint",
    "CertifiedPretraining",
    "CertifiedSolution",
    "CertifiedSolutions",
    "ExactPretraining",
    "Interval",
    "Mixture",
    "NotCertifiedError",
    "Path",
    "certified_path",
    "certify_pipeline",
    "certify_replica",
    "float_bounds",
]
