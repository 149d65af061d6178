r"""Signs, monotonicity and rates of ℓ and PD over all networks (Propositions 5.1 and B.1).

In the canonical coordinates of `theory.regimes` the measures are rational, so that a bound is the
sign of a rational function on an orthant. The domain is: y > 0 (β_FT ≠ 0), c > 0, e, s, g ≥ 0 and
c_FT > 0, i.e. s and g do not vanish together; it is covered by the two cases s > 0 and g > 0.

Monotonicity needs one transcendental fact more, the elasticity of ℓ − 1,

    η = ∂log(ℓ−1)/∂log c_FT = −½ tanh(2h)·∂log(ℓ−1)/∂h,      0 < η < 1,

which is kept as η = ω/(1+ω) with ω > 0. The derivative of any function of the canonical
coordinates along any parameter is then rational again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

import sympy as sp

from theory.positivity import (
    Certificate,
    Orthant,
    exponential_certificate,
    rational_certificate,
    smooth_on_half_line,
)
from theory.regimes import (
    ABSOLUTE,
    BETA_FT,
    BETA_PT,
    GAMMA,
    RATIO,
    SCALE,
    E,
    G,
    H,
    S,
    Y,
    Z,
    canonical,
    in_argument,
    l_order_half_angle,
    penalty_by_integration,
    regime_point,
    require_zero,
    scale_from_invariants,
)
from theory.shared import shared

# ω of the module's docstring; ∈ (0, ∞) because 0 < η < 1 (the claim regimes.lorder-elasticity).
OMEGA = sp.Symbol("omega", positive=True)
T = sp.Symbol("t", positive=True)
# |β_PT| = e + d, and s = 2/(1 + w).
_BEYOND, _BELOW = sp.Symbol("d", positive=True), sp.Symbol("w", nonnegative=True)

# Digits of evaluations at a network; some 40 may cancel in y and e at the corners.
DIGITS = 90

# Positive at every network: y because β_FT ≠ 0.
_POSITIVE = frozenset({Y, ABSOLUTE, BETA_FT, OMEGA})
_ZERO = sp.Integer(0)

# Every network with c_FT > 0: λ > −c, or γ > 0.
ALL_NETWORKS = (
    Orthant(frozenset({S}), frozenset({E, G})),
    Orthant(frozenset({G}), frozenset({E, S})),
)
# β_PT ≠ 0 and λ > −c: the pretrained value has an influence.
COUPLED = (Orthant(frozenset({S, E}), frozenset({G})),)
# As COUPLED, and γ > 0.
COUPLED_REINITIALISED = (Orthant(frozenset({S, E, G})),)
# As COUPLED, and γ = 0.
COUPLED_AT_ZERO = (Orthant(frozenset({S, E}), fixed=((G, _ZERO),)),)
# β_PT = 0, λ > −c.
INACTIVE = (Orthant(frozenset({S}), frozenset({G}), ((E, _ZERO),)),)
# β_PT = 0, and λ > −c or γ > 0.
INACTIVE_ALL = (*INACTIVE, Orthant(frozenset({G}), frozenset({S}), ((E, _ZERO),)))


class Parameter(StrEnum):
    """What is varied while everything else is held."""

    BETA_FT = "log |beta_FT|"
    SCALE = "log c_FT"
    BETA_PT = "log |beta_PT|"
    RATIO = "lambda/c"
    GAMMA = "gamma^2"
    ABSOLUTE_AT_RATIO = "log c at fixed lambda/c"
    ABSOLUTE_AT_LAMBDA = "log c at fixed lambda"


@lru_cache(maxsize=None, typed=True)  # an equal float is inexact
def sign_on(
    expression: Any, domain: tuple[Orthant, ...] = ALL_NETWORKS, *, strict: bool = True
) -> Certificate | None:
    """Certificate that a function of the canonical coordinates is positive on `domain`.

    It may be a function of |β_PT|, too, and then is made rational. Where λ ≤ c is needed, s ≤ 2 is
    written as s = 2/(1+w) with w ≥ 0, and s = 0 is a case by itself.

    Raises
    ------
    ValueError
        If the domain has no case: of nothing, anything could be proved. If the expression has one
        of the two symbols that are inserted here.
    """
    if not domain:
        raise ValueError("a domain must have at least one case, got none")
    if clash := {_BEYOND, _BELOW} & sp.sympify(expression).free_symbols:
        raise ValueError(f"{clash} is inserted here: an expression must not have it already")
    cases = [replace(case, positive=case.positive | _POSITIVE) for case in domain]
    if BETA_PT in sp.sympify(expression).free_symbols:
        cases = [part for case in cases for part in _rational_magnitude(case)]
    certificate = rational_certificate(expression, cases, strict=strict)
    if certificate is None and S in sp.sympify(expression).free_symbols:
        bounded = [part for case in cases for part in _up_to_equal_scales(case)]
        certificate = rational_certificate(expression, bounded, strict=strict)
    return certificate


def _rational_magnitude(case: Orthant) -> Iterator[Orthant]:
    """Yield a case with |β_PT| = √(e(e+2c)) and c as rational functions: |β_PT| = e + d, d > 0."""
    fixed = dict(case.fixed)
    d = _BEYOND
    if E not in fixed:
        absolute = (ABSOLUTE, d * (2 * E + d) / (2 * E))
        yield Orthant(
            case.positive - {ABSOLUTE} | {E, d},
            case.nonnegative - {E},
            (*case.fixed, absolute, (BETA_PT, E + d)),
        )
    if E not in case.positive:
        others = tuple(one for one in case.fixed if one[0] != E)
        at_zero = ((E, _ZERO), (BETA_PT, _ZERO))
        yield Orthant(case.positive, case.nonnegative - {E}, (*others, *at_zero))


def _up_to_equal_scales(case: Orthant) -> Iterator[Orthant]:
    """Yield a case with λ ≤ c."""
    w = _BELOW
    if S in dict(case.fixed):
        yield case
        return
    positive, others = case.positive - {S}, case.nonnegative - {S}
    yield Orthant(positive, others | {w}, (*case.fixed, (S, 2 / (1 + w))))
    if S not in case.positive:
        yield Orthant(positive, others, (*case.fixed, (S, _ZERO)))


@shared
def elasticity() -> Any:
    """Return η(h) = ∂log(ℓ−1)/∂log c_FT: z = sinh 2h falls as c_FT grows."""
    excess = l_order_half_angle() - 1
    return -sp.diff(sp.log(excess), H) * sp.sinh(2 * H) / sp.diff(sp.sinh(2 * H), H)


@cache
def _displacement(parameter: Parameter) -> dict[sp.Symbol, Any]:
    """Return the derivatives of the coordinates e, c, s, g along a parameter."""
    excess = sp.sqrt(ABSOLUTE**2 + BETA_PT**2) - ABSOLUTE
    if parameter in (Parameter.BETA_FT, Parameter.SCALE):
        return {}
    if parameter is Parameter.BETA_PT:
        return {E: canonical(BETA_PT * sp.diff(excess, BETA_PT))}
    if parameter is Parameter.RATIO:
        return {S: sp.diff(1 + RATIO, RATIO)}
    if parameter is Parameter.GAMMA:
        return {G: sp.diff(GAMMA**2, GAMMA) / (2 * GAMMA)}
    moved = {E: canonical(ABSOLUTE * sp.diff(excess, ABSOLUTE)), ABSOLUTE: ABSOLUTE}
    if parameter is Parameter.ABSOLUTE_AT_LAMBDA:
        lam = sp.Symbol("lambda", real=True)
        ratio = ABSOLUTE * sp.diff(1 + lam / ABSOLUTE, ABSOLUTE)
        moved[S] = canonical(ratio.subs(lam, RATIO * ABSOLUTE))
    return moved


def derivative(expression: Any, parameter: Parameter) -> Any:
    """Differentiate a function of (y; e, c, s, g) along `parameter`, everything else held.

    The result is rational in these and ω. y moves with log z = log|β_FT| − log c_FT: from
    ℓ − 1 and its elasticity, dy/dlog z = −(ℓ−1)·η/(dℓ/dy).

    Raises
    ------
    ValueError
        If c_FT is varied by itself and the function depends on the network in another way too, or
        if it is no function of these coordinates.
    """
    others = sp.sympify(expression).free_symbols - {Y, E, ABSOLUTE, S, G}
    if others:
        raise ValueError(f"must depend on y, e, c, s and g alone, got {sorted(map(str, others))}")
    if parameter is Parameter.SCALE and sp.sympify(expression).free_symbols - {Y}:
        raise ValueError(f"must depend on c_FT through z alone, got {expression}")
    point, moved = regime_point(), _displacement(parameter)

    def direct(f: Any) -> Any:
        return sum((sp.diff(f, symbol) * speed for symbol, speed in moved.items()), sp.Integer(0))

    own = {Parameter.BETA_FT: 1, Parameter.SCALE: -1}.get(parameter, 0)
    log_argument = own - direct(point.scale) / point.scale
    eta = OMEGA / (1 + OMEGA)
    y_speed = -(point.l_order - 1) * eta / sp.diff(point.l_order, Y)
    return sp.factor(
        sp.cancel(sp.together(direct(expression) + sp.diff(expression, Y) * y_speed * log_argument))
    )


@shared
def logarithm_of_double_argument() -> Any:
    """Return log 2z as a function of t = asinh z, in a form whose limit at ∞ is plain."""
    correction = 1 - sp.exp(-2 * T)
    double_argument = 2 * sp.sinh(T).rewrite(sp.exp)
    require_zero(sp.expand(sp.exp(T) * correction - double_argument), "2z = e^t(1 − e^(−2t))")
    return T + sp.log(correction)


@shared
def inverse_excess() -> Any:
    """Return 1/(ℓ−1) as a function of t = asinh z, split into t − 1 and what decays."""
    written = T - 1 + 2 * T / (sp.exp(T) - 1)
    derived = 1 / (l_order_half_angle().subs(H, T / 2) - 1)
    require_zero((derived - written).rewrite(sp.exp), "1/(ℓ−1) = t − 1 + 2t/(e^t − 1)")
    return written


def decay_certificate(expression: Any, t: sp.Symbol) -> Certificate | None:
    """Prove f > 0 on t > 0 for an f that falls to 0 at ∞: −f′ > 0, and the limit is 0.

    f must be real and smooth for all t > 0: its logarithms are those of positive functions.
    """
    falling = exponential_certificate(-sp.diff(expression, t), t)
    if falling is None or not smooth_on_half_line(expression, t):
        return None
    limits = [sp.limit(term, t, sp.oo) for term in sp.Add.make_args(expression)]
    if not all(limit.is_finite for limit in limits) or sum(limits) != 0:
        return None
    steps = (f"{expression} decreases to 0 as {t} → ∞", *falling.steps)
    return Certificate(expression, True, falling.cases, steps)


@cache
def l_order_series(order: int) -> Any:
    """Return the Taylor polynomial of ℓ at z = 0 below z^order."""
    phi = in_argument(2 * penalty_by_integration() / SCALE)
    return sp.series(Z * sp.diff(phi, Z) / phi, Z, 0, order).removeO()


def at_network(expression: Any, network: Mapping[sp.Symbol, Any]) -> Any:
    """Evaluate a function of the canonical coordinates (and ω, z, h) at a network, 90 digits.

    Parameters
    ----------
    expression
        Function of y, e, c, s, g, ω, z, h, |β_FT| or |β_PT|.
    network
        Values of BETA_FT, BETA_PT, ABSOLUTE, RATIO and GAMMA.
    """
    # One number after the other: as a nested expression each would be evaluated many times.
    argument = sp.N((BETA_FT / scale_from_invariants()).subs(network), DIGITS)
    half = sp.N(sp.asinh(argument) / 2, DIGITS)
    eta = sp.N(elasticity().subs(H, half), DIGITS)
    magnitude, absolute = network[BETA_PT], network[ABSOLUTE]
    return sp.sympify(expression).subs(
        {
            OMEGA: eta / (1 - eta),
            Y: sp.N(half * sp.coth(half) - 1, DIGITS),
            E: sp.N(sp.sqrt(absolute**2 + magnitude**2) - absolute, DIGITS),
            S: 1 + network[RATIO],
            G: network[GAMMA] ** 2,
            Z: argument,
            H: half,
            ABSOLUTE: absolute,
            BETA_FT: network[BETA_FT],
            BETA_PT: magnitude,
        }
    )


def contains(domain: tuple[Orthant, ...], network: Mapping[sp.Symbol, Any]) -> bool:
    """Whether a network lies in one of the orthants (y and ω are always positive)."""
    own = {
        E: sp.sign(network[BETA_PT]),
        S: 1 + network[RATIO],
        G: network[GAMMA] ** 2,
        ABSOLUTE: network[ABSOLUTE],
    }
    return any(
        all(own[symbol] == value for symbol, value in case.fixed)
        and all(own[symbol] > 0 for symbol in case.positive if symbol in own)
        for case in domain
    )
