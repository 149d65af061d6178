"""Where both stages end, as two convex problems whose scales are those that are stated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from empirics.two_stage import Instance, Stage
from numerics import Initialization, minimum_penalty
from numerics.validation import FloatArray
from verify.claims.crosscheck._scale import BETA_PT, C_FT, STATED_SCALE, C, evaluated, own
from verify.methods.formula import Formula, defined
from verify.methods.on_arrays import arguments, on_arrays

PT_END, FT_END = sp.symbols(r"\hat\beta_{PT} \hat\beta_{FT}", real=True)
TEACHER = sp.Symbol(r"\beta_{PT}^*", real=True)
_FITS = 1e-9  # residual of labels without noise, relative
LEAST = {end: sp.Function(name) for end, name in ((PT_END, "B_{PT}"), (FT_END, "B_{FT}"))}


class Ends(NamedTuple):
    """Where pretraining and fine-tuning end, and whose c_FT is that of fine-tuning."""

    pretraining: Formula = Formula(PT_END, (C,), lambda c: LEAST[PT_END](c))
    finetuning: Formula = Formula(FT_END, (C_FT,), lambda c: LEAST[FT_END](c))
    scale: Formula = STATED_SCALE
    learnt: Formula = Formula(BETA_PT, (PT_END,), lambda found: found)

    def latex(self) -> str:
        """Return both ends, and the scale of the second."""
        ends = rf"{self.pretraining.latex()}, \quad {self.finetuning.latex()}"
        return rf"{ends} \\ {self.scale.latex()}, \quad {self.learnt.latex()}"

    def found(self, init: Initialization, drawn: Instance) -> tuple[FloatArray, FloatArray]:
        """Return the ends of both stages on given data, (d,) each; NaN if unsolved."""
        scales = own(init)
        first = least(self.pretraining, PT_END, drawn.pretraining, scales)
        learnt = on_arrays(
            defined(self.learnt, BETA_PT), {PT_END: first, TEACHER: drawn.pretraining.truth}
        )
        of_second = {**scales, C_FT: evaluated(self.scale, init, learnt)}
        return first, least(self.finetuning, FT_END, drawn.finetuning, of_second)


def least(formula: Formula, end: Any, stage: Stage, scales: Mapping[Any, Any]) -> FloatArray:
    """Return the minimiser that a formula says an end is, at scales by symbol; NaN if unsolved.

    Where more than d examples fit no β, it is least squares whatever the scale is.
    """
    (scale,) = arguments(defined(formula, end), LEAST[end], scales)
    n, d = stage.X.shape
    if n > d:
        beta = np.linalg.lstsq(stage.X, stage.y, rcond=None)[0]
        if np.linalg.norm(stage.X @ beta - stage.y) > _FITS * np.linalg.norm(stage.y):
            return np.asarray(beta)
    found = minimum_penalty(stage.X, stage.y, np.broadcast_to(scale, stage.truth.shape))
    return found.beta if found.converged else np.nan * found.beta


def of_the_teacher(stated: Ends) -> Ends:
    """Return the false statement that fine-tuning has c_FT of the teacher."""
    return stated._replace(learnt=replace(stated.learnt, symbols=(TEACHER,)))


def at_first_scale(stated: Ends) -> Ends:
    """Return the false statement that fine-tuning has the scale c of pretraining."""
    return stated._replace(finetuning=replace(stated.finetuning, symbols=(C,)))
