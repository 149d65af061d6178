"""Pretraining and fine-tuning from data, exactly: public names.

From the top: `solve` gives the error of fine-tuning with its derivatives through both stages;
`channel` averages the channel of fine-tuning over c_FT; `pretraining` solves the first stage;
`coefficient_law` has the law of what it learnt. The equations and their solution are those of
`numerics.replica`.
"""

from numerics.pipeline.coefficient_law import CoefficientLaw
from numerics.pipeline.pretraining import (
    Pretraining,
    PretrainingError,
    PretrainingSolution,
    solve_pretraining,
)
from numerics.pipeline.solve import PIPELINE_PARAMETERS, PipelineCurve, solve_pipeline

__all__ = [
    "PIPELINE_PARAMETERS",
    "CoefficientLaw",
    "PipelineCurve",
    "Pretraining",
    "PretrainingError",
    "PretrainingSolution",
    "solve_pipeline",
    "solve_pretraining",
]
