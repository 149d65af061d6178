"""Networks of a domain in float64, at which the kernels are evaluated."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import numpy as np
import sympy as sp

from numerics import Initialization
from numerics.validation import FloatArray
from theory.positivity import Orthant
from theory.regimes import E, G, S
from verify.claims.regimes._language import require_networks


def networks(
    domain: tuple[Orthant, ...], tried: Mapping[sp.Symbol, Sequence[float]], c: float
) -> Iterator[tuple[FloatArray, Initialization]]:
    """Yield |β_PT| ≥ 0, an array, and the initialisation of networks in each case of a domain.

    Parameters
    ----------
    domain
        What is stated; with its boundary, the coordinates that may be 0 are 0, too.
    tried
        Positive values of the canonical coordinates e, s and g, for those that no case fixes.
    c
        The absolute scale.

    Raises
    ------
    ValueError
        If the domain holds what is no network with c_FT > 0.
    """
    require_networks(domain)
    for case in domain:
        own = {
            symbol: [0.0, *values] if symbol in case.nonnegative else [*values]
            for symbol, values in tried.items()
        } | {symbol: [float(value)] for symbol, value in case.fixed}
        excess = np.array(own[E])
        for s, g in product(own[S], own[G]):
            yield np.sqrt(excess * (excess + 2 * c)), Initialization(c, (s - 1) * c, np.sqrt(g))
