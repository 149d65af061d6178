"""ℓ and PD of a network that decimal texts give: by balls, to 50 digits and in float64.

The closed forms are those of regimes.lorder-closed-form and regimes.pd-closed-form.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import sympy as sp
from flint import arb

from numerics import Initialization, multiprecision, regimes
from theory.regimes import ABSOLUTE, BETA_FT, BETA_PT, GAMMA, RATIO
from verify.claims.regimes._language import ELL, PD, printed
from verify.methods.notation import number

Network = Mapping[sp.Symbol, str]
# What a portrait shows, by symbol.
Pair = dict[sp.Symbol, Any]

_COORDINATES = (ABSOLUTE, RATIO, GAMMA, BETA_PT, BETA_FT)
PRECISION = 400


def require_network(network: Network) -> None:
    """Raise ValueError unless these are all coordinates of a network with λ > −c and β_FT ≠ 0."""
    if {*network} != {*_COORDINATES}:
        raise ValueError(f"c, λ/c, γ, |β_PT| and |β_FT| must be given, got {dict(network)}")
    c, ratio, gamma, pretrained, own = (Decimal(network[symbol]) for symbol in _COORDINATES)
    if not (c > 0 and -1 < ratio <= 1 and gamma >= 0 and pretrained >= 0 and own > 0):
        raise ValueError(f"must be a network with λ > −c and β_FT ≠ 0, got {dict(network)}")


def enclosed(network: Mapping[sp.Symbol, Any]) -> Pair:
    """Enclose (ℓ, PD) of all networks with coordinates in these balls, or of decimal texts."""
    c, ratio, gamma, pretrained, own = (arb(network[symbol]) for symbol in _COORDINATES)
    radius = (c**2 + pretrained**2).sqrt()
    scale = (1 + ratio) * (c + radius) + gamma**2
    a = (own / scale).asinh()
    order = a / (a - (a / 2).tanh())
    transfer = (1 + ratio) * pretrained**2 / (radius * scale)
    return {ELL: order, PD: -(order - 1) * transfer}


def to_fifty_digits(network: Network) -> Pair:
    """Compute (ℓ, PD) from exact decimals."""
    c, ratio, gamma, pretrained, own = (network[symbol] for symbol in _COORDINATES)
    initial = c, str(Decimal(ratio) * Decimal(c)), gamma
    scale = multiprecision.finetune_scale(pretrained, *initial, digits=60)
    dependence = multiprecision.pretraining_dependence(pretrained, own, *initial)
    return {ELL: multiprecision.l_order(own, scale), PD: dependence}


def in_float64(network: Network) -> Pair:
    """Compute (ℓ, PD) by the kernels."""
    c, ratio, gamma, pretrained, own = (float(network[symbol]) for symbol in _COORDINATES)
    init = Initialization(c, ratio * c, gamma)
    order = regimes.l_order(own, init.finetune_scale(pretrained))
    return {ELL: order, PD: regimes.pretraining_dependence(pretrained, own, init)}


def listed(network: Network) -> str:
    """Return the LaTeX of coordinates with their values."""
    return r",\ ".join(f"{printed(symbol)} = {number(at)}" for symbol, at in network.items())
