"""The weights of a coordinate: as the page shows them, and as integrated training leaves them."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from theory.network import Weights
from verify.methods import flow
from verify.methods.formula import Formula, named, shown

NAMES = Weights("w_+", "v_+", "w_-", "v_-")
SHOWN = Weights(*named(*NAMES))

ROUNDING = "the integrator's local tolerance is 1e-10; the weights are of order one"


@dataclass(frozen=True)
class OfWeights(Formula):
    """A formula for each of the four weights: W in `name` stands for the weight.

    Attributes
    ----------
    where
        What precedes the four, in LaTeX.
    """

    where: str = ""

    def latex(self) -> str:
        """Return the four equations, a pathway in a line."""
        with sp.evaluate(False):
            formulas = self.body(*self.symbols)
        w_plus, v_plus, w_minus, v_minus = (
            f"{self.name.replace('W', name)} = {shown(formula)}"
            for name, formula in zip(NAMES, formulas, strict=True)
        )
        return rf"{self.where}{w_plus},\quad {v_plus} \\ {w_minus},\quad {v_minus}"


def conserved(name: str, form: Any) -> Formula:
    """Return the statement that a function of the weights is conserved."""
    return Formula(name, (SHOWN,), form, r" = \text{const}")


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
