"""The minimiser that fine-tuning is said to end at (Theorem 4.1), for a stated scale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numerics import Initialization, minimum_penalty
from numerics.validation import FloatArray
from verify.claim import Control
from verify.claims.crosscheck._scale import WRONG_SCALES, FinetuneScale, stated_scale

ARGMIN = r"\operatorname{argmin}_{X\beta = y} \sum_i q_{k_i}(\beta_i)"
SCALE = r"\tfrac{1}{2} \sqrt{k} = "


@dataclass(frozen=True)
class Minimiser:
    """The interpolating β of least penalty, for a scale that is a formula of (β_PT, c, λ, γ)."""

    scale: FinetuneScale = stated_scale

    def latex(self) -> str:
        """Return the scale; what ends at the minimiser is for others to say."""
        return SCALE + self.scale.written()

    def of(self, sample: Any, init: Initialization) -> FloatArray:
        """Return the minimiser on a sample."""
        return minimum_penalty(sample.X, sample.y, self.scale(init, sample.beta_pt)).beta


def scale_controls(state: Callable[[Minimiser], Any]) -> tuple[Control, ...]:
    """Return the false variants of a statement about the minimiser."""
    return tuple(Control(why, state(Minimiser(scale))) for why, scale in WRONG_SCALES.items())
