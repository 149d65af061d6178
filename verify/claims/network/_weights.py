"""The weights of a coordinate: as the page shows them, and as integrated training leaves them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from theory.network import NAMES, Weights, absolute_scale, relative_scale
from verify.methods import flow
from verify.methods.formula import Formula
from verify.methods.notation import as_written, named, shown
from verify.methods.relations import Limit, Side

SHOWN = Weights(*named(*NAMES))
WEIGHT, WEIGHT_AT = sp.Symbol("W"), sp.Function("W")
INVARIANTS = (C, LAM_PLUS, LAM_MINUS) = named("c", r"\lambda_+", r"\lambda_-")

ROUNDING = "the integrator's local tolerance is 1e-10; the weights are of order one"


@dataclass(frozen=True)
class OfWeights(Formula):
    """A formula for each of the four weights: W on the left side, W(t) too, stands for the weight.

    `body` returns the four right sides by their names in `Weights`.
    """

    def side(self, at: Mapping[Any, Any] | None = None) -> Weights:
        """Return the right sides, with values inserted for symbols."""
        return Weights(**super().side(at))

    def latex(self) -> str:
        """Return the four equations, a pathway in a line."""
        with as_written():
            formulas = Weights(**self.body(*self.symbols))
        w_plus, v_plus, w_minus, v_minus = (
            f"{self._left_of(weight)} {self.relation} {shown(formula)}"
            for weight, formula in zip(SHOWN, formulas, strict=True)
        )
        return rf"{w_plus},\quad {v_plus} \\ {w_minus},\quad {v_minus}"

    def _left_of(self, weight: sp.Symbol) -> str:
        if isinstance(self.name, str):
            return self.name.replace("W", shown(weight))
        name = self.name.replace(WEIGHT_AT, sp.Function(weight.name))
        return shown(name.xreplace({WEIGHT: weight}))


def invariants(w: Weights) -> dict[sp.Symbol, Any]:
    """Return what c, λ₊ and λ₋ are at these weights, by the symbols that are shown."""
    lam_plus, lam_minus = relative_scale(w)
    return {C: absolute_scale(w), LAM_PLUS: lam_plus, LAM_MINUS: lam_minus}


def from_above(limit: Limit) -> Limit:
    """Return a limit of λ, which is at least −c: to −c from above only.

    Raises
    ------
    ValueError
        If it is another one.
    """
    if limit.side is not Side.ABOVE:
        raise ValueError(f"λ ≥ −c must go to −c from above, got {limit}")
    return limit


def squared_norm(w: Weights) -> Any:
    """Return N, the sum of the squares of the four weights."""
    return w.w_plus**2 + w.v_plus**2 + w.w_minus**2 + w.v_minus**2


@cache
def trained(
    seed: int, examples: int, starts: tuple[tuple[float, float], ...]
) -> list[tuple[float, float, flow.State]]:
    """Train five coordinates from each (c, λ/c); return c, λ and the weights at the end."""
    rng, ends = np.random.default_rng(seed), []
    for c, ratio in starts:
        task = flow.random_task(rng, examples, 5)
        ends.append((c, ratio * c, flow.train(flow.initial_state(c, ratio * c, 5), *task)))
    return ends
