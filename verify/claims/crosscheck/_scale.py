"""c_FT as Theorem 4.1 states it, written once for all that is compared with networks."""

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from numerics import Initialization
from numerics.validation import FloatArray
from verify.methods.formula import named, written


class FinetuneScale:
    """c_FT as `body` of (β_PT, c, λ, γ): shown as it is written, and evaluated on arrays."""

    def __init__(self, body: Callable[..., Any]) -> None:
        self.body = body
        symbols = sp.symbols("beta c lambda gamma", real=True)
        self._evaluate = sp.lambdify(symbols, body(*symbols), "numpy")

    def __call__(self, init: Initialization, beta_pt: Any) -> FloatArray:
        """Return c_FT in the shape of `beta_pt`."""
        try:
            found = self._evaluate(np.asarray(beta_pt), init.c, init.lam, init.gamma)
        except ZeroDivisionError:
            raise ValueError(f"c_FT must have a value at every β_PT, got {self.latex()}") from None
        return np.asarray(np.broadcast_to(found, np.shape(beta_pt)))

    def latex(self, beta_pt: str = r"\beta_{PT}") -> str:
        """Return c_FT as the page shows it, at a β_PT of another name if so wished."""
        return f"c_{{FT}} = {self.written(beta_pt)}"

    def written(self, beta_pt: str = r"\beta_{PT}") -> str:
        """Return the right side of that."""
        return written(self.body, *named(beta_pt), *sp.symbols("c lambda gamma"))


def _stated(beta: Any, c: Any, lam: Any, gamma: Any) -> Any:
    return (c + lam) * (1 + sp.sqrt(1 + (beta / c) ** 2)) + gamma**2


# As Theorem 4.1 states it: the one c_FT that this topic and its followers compare with.
stated_scale = FinetuneScale(_stated)
WRONG_SCALES = {
    "c_FT twice as large": FinetuneScale(lambda *of: 2 * _stated(*of)),
    "γ²/2 for γ²": FinetuneScale(lambda b, c, lam, g: _stated(b, c, lam, g) - g**2 / 2),
    "−λ for λ": FinetuneScale(lambda b, c, lam, g: _stated(b, c, -lam, g)),
}
