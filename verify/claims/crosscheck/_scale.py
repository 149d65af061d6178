"""c_FT as Theorem 4.1 states it, written once for all that is compared with networks."""

from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp

from numerics import Initialization, TaskDistribution
from numerics.validation import FloatArray
from verify.methods.formula import Formula, defined
from verify.methods.on_arrays import on_arrays

BETA_PT = sp.Symbol(r"\beta_{PT}", real=True)
C, LAM, GAMMA = sp.symbols("c lambda gamma", real=True)
C_FT = sp.Symbol("c_{FT}")
# Units of β_PT in which coordinates are evaluated in turn: all powers of 1 are the same.
_UNITS = (4.0, 1.0, 0.25)


def _stated(beta: Any, c: Any, lam: Any, gamma: Any) -> Any:
    return (c + lam) * (1 + sp.sqrt(1 + (beta / c) ** 2)) + gamma**2


# As Theorem 4.1 states it: the one c_FT that this topic and its followers compare with.
STATED_SCALE = Formula(C_FT, (BETA_PT, C, LAM, GAMMA), _stated)
WRONG_SCALES = {
    why: replace(STATED_SCALE, body=body)
    for why, body in {
        "c_FT twice as large": lambda *of: 2 * _stated(*of),
        "γ²/2 for γ²": lambda b, c, lam, g: _stated(b, c, lam, g) - g**2 / 2,
        "−λ for λ": lambda b, c, lam, g: _stated(b, c, -lam, g),
    }.items()
}


class AsStated(TaskDistribution):
    """A task after pretraining whose c_FT is the stated one: for one of two methods compared."""

    @classmethod
    def of(cls, task: TaskDistribution) -> TaskDistribution:
        """Return the same task, with c_FT as stated."""
        return cls(task.groups, task.pretrained)

    def penalty_scales(self, init: Initialization) -> FloatArray:
        """Return the scale of each group's penalty, (G,)."""
        return evaluated(STATED_SCALE, init, [group.pt_magnitude for group in self.groups])


def own(init: Initialization) -> dict[sp.Symbol, float]:
    """Return c, λ and γ of an initialisation, by symbol."""
    return {C: init.c, LAM: init.lam, GAMMA: init.gamma}


def evaluated(
    scale: Formula, init: Initialization, beta_pt: Any, symbol: sp.Symbol = BETA_PT
) -> FloatArray:
    """Return c_FT as it is stated, in the shape of `beta_pt`, for which `symbol` stands.

    It has the unit of β_PT, c, λ and γ²: each is inserted in other units, and c_FT is taken back.
    """
    beta_pt = np.asarray(beta_pt, dtype=float)
    unit = np.resize(_UNITS, beta_pt.shape)
    sizes = {C: unit * init.c, LAM: unit * init.lam, GAMMA: np.sqrt(unit) * init.gamma}
    found = on_arrays(defined(scale, C_FT), sizes | {symbol: unit * beta_pt})
    return np.asarray(np.broadcast_to(found / unit, beta_pt.shape))
