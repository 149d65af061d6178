"""The minimiser that fine-tuning is said to end at (Theorem 4.1), for a stated scale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp

from numerics import Initialization, minimum_penalty
from numerics.validation import FloatArray
from verify.claim import Control
from verify.methods.formula import written

SYMBOLS = sp.symbols("beta_PT c lambda gamma", real=True)
ARGMIN = r"\operatorname{argmin}_{X\beta = y} \sum_i q_{k_i}(\beta_i)"
SCALE = r"\tfrac{1}{2} \sqrt{k} = "


def finetune_scale(beta_pt: Any, c: Any, lam: Any, gamma: Any) -> Any:
    """c_FT of a network after pretraining."""
    return (c + lam) * (1 + sp.sqrt(1 + (beta_pt / c) ** 2)) + gamma**2


@dataclass(frozen=True)
class Minimiser:
    """The interpolating β of least penalty, for a scale that is a formula of (β_PT, c, λ, γ)."""

    scale: Callable[..., Any] = finetune_scale

    def latex(self) -> str:
        """Return the scale; what ends at the minimiser is for others to say."""
        return SCALE + written(self.scale, *SYMBOLS)

    @cached_property
    def _numbers(self) -> Callable[..., Any]:
        return sp.lambdify(SYMBOLS, self.scale(*SYMBOLS), "numpy")  # type: ignore[no-any-return]

    def scales(self, init: Initialization, beta_pt: FloatArray) -> FloatArray:
        """Return the scale of every coordinate."""
        return self._numbers(beta_pt, init.c, init.lam, init.gamma)  # type: ignore[no-any-return]

    def of(self, sample: Any, init: Initialization) -> FloatArray:
        """Return the minimiser on a sample."""
        return minimum_penalty(sample.X, sample.y, self.scales(init, sample.beta_pt)).beta


DOUBLED = Minimiser(lambda b, c, lam, g: 2 * finetune_scale(b, c, lam, g))
HALF = Minimiser(lambda b, c, lam, g: finetune_scale(b, c, lam, g) - g**2 / 2)
SWAPPED = Minimiser(lambda b, c, lam, g: finetune_scale(b, c, -lam, g))


def scale_controls(state: Callable[[Minimiser], Any]) -> tuple[Control, ...]:
    """Return the false variants of a statement about the minimiser."""
    return (
        Control("c_FT twice as large", state(DOUBLED)),
        Control("γ²/2 for γ²", state(HALF)),
        Control("−λ for λ", state(SWAPPED)),
    )
