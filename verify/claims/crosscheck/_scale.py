"""c_FT as Theorem 4.1 states it, written once for all that is compared with networks."""

from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp

from numerics import Initialization
from numerics.validation import FloatArray
from verify.methods.formula import Formula
from verify.methods.on_arrays import on_arrays

BETA_PT = sp.Symbol(r"\beta_{PT}", real=True)
C, LAM, GAMMA = sp.symbols("c lambda gamma", real=True)
C_FT = sp.Symbol("c_{FT}")


def _stated(beta: Any, c: Any, lam: Any, gamma: Any) -> Any:
    return (c + lam) * (1 + sp.sqrt(1 + (beta / c) ** 2)) + gamma**2


# As Theorem 4.1 states it: the one c_FT that this topic and its followers compare with.
STATED_SCALE = Formula(C_FT.name, (BETA_PT, C, LAM, GAMMA), _stated)
WRONG_SCALES = {
    why: replace(STATED_SCALE, body=body)
    for why, body in {
        "c_FT twice as large": lambda *of: 2 * _stated(*of),
        "γ²/2 for γ²": lambda b, c, lam, g: _stated(b, c, lam, g) - g**2 / 2,
        "−λ for λ": lambda b, c, lam, g: _stated(b, c, -lam, g),
    }.items()
}


def own(init: Initialization) -> dict[sp.Symbol, float]:
    """Return c, λ and γ of an initialisation, by symbol."""
    return {C: init.c, LAM: init.lam, GAMMA: init.gamma}


def evaluated(
    scale: Formula, init: Initialization, beta_pt: Any, symbol: sp.Symbol = BETA_PT
) -> FloatArray:
    """Return c_FT as it is stated, in the shape of `beta_pt`, for which `symbol` stands."""
    found = on_arrays(scale(), own(init) | {symbol: np.asarray(beta_pt)})
    return np.asarray(np.broadcast_to(found, np.shape(beta_pt)))
