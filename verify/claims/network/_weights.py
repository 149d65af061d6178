"""The weights of a coordinate: as the page shows them, and as integrated training leaves them."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from theory.network import Weights
from verify.methods import flow
from verify.methods.formula import named, shown

NAMES = Weights("w_+", "v_+", "w_-", "v_-")
SHOWN = Weights(*named(*NAMES))


def equations(left: str, body: Callable[..., Weights], *arguments: Any) -> str:
    """Return the LaTeX of the four equations `left` = `body`; W in `left` stands for the weight."""
    with sp.evaluate(False):
        formulas = body(*arguments)
    hidden_plus, readout_plus, hidden_minus, readout_minus = (
        f"{left.replace('W', name)} = {shown(formula)}"
        for name, formula in zip(NAMES, formulas, strict=True)
    )
    return rf"{hidden_plus},\quad {readout_plus} \\ {hidden_minus},\quad {readout_minus}"


def squared_norm(w: Weights) -> Any:
    """Return N, the sum of the squares of the four weights."""
    return w.w_plus**2 + w.v_plus**2 + w.w_minus**2 + w.v_minus**2


@cache
def trained(
    seed: int, examples: int, starts: tuple[tuple[float, float], ...]
) -> list[tuple[float, float, flow.State]]:
    """Train five coordinates from each (c, λ/c); return c, λ and the weights at the end."""
    rng = np.random.default_rng(seed)
    return [
        (
            c,
            ratio * c,
            flow.train(flow.initial_state(c, ratio * c, 5), *flow.random_task(rng, examples, 5)),
        )
        for c, ratio in starts
    ]
