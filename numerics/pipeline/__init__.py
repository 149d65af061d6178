"""Pretraining and fine-tuning from data, exactly: public names.

From the top: `solve` gives the error of fine-tuning with its derivatives through both stages, and
`stages` that of any number of stages; `averaged` solves the equations where c_FT has a law, whose
channel is that of `channel`; `pretraining` solves the first stage; `coefficient_law` has the law of
what it learnt. The equations and Newton's method are those of `numerics.replica`.
"""

from numerics.pipeline.coefficient_law import CoefficientLaw
from numerics.pipeline.pretraining import (
    Pretraining,
    PretrainingError,
    PretrainingSolution,
    solve_pretraining,
)
from numerics.pipeline.solve import PIPELINE_PARAMETERS, PipelineCurve, solve_pipeline
from numerics.pipeline.stages import Stage, StageGroup, solve_stages

__all__ = [
    "PIPELINE_PARAMETERS",
    "CoefficientLaw",
    "PipelineCurve",
    "Pretraining",
    "PretrainingError",
    "PretrainingSolution",
    "Stage",
    "StageGroup",
    "solve_pipeline",
    "solve_pretraining",
    "solve_stages",
]
