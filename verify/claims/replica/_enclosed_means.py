"""Means over β* and c_FT of a mixture, as balls."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import sympy as sp
from flint import acb, arb

from numerics.certified import Mixture
from theory.implicit_bias import penalty
from verify.claims.replica._means import SCALE, TARGET, known, q
from verify.methods.identity import equal

Ball = Any

SLOPE = sp.Derivative(q(TARGET), TARGET)
CURVATURE = sp.Derivative(q(TARGET), (TARGET, 2))
# Beyond so many standard deviations integrals over N(0, 1) are bounded.
_REACH = 14


class Means(NamedTuple):
    """The mean of an expression, in symbols, and the balls that these stand for."""

    mean: Callable[[Any], Any]
    values: Mapping[sp.Symbol, Ball]


def _named(values: Mapping[Any, Ball]) -> Means:
    names = {of: sp.Dummy() for of in values}
    return Means(known(names), {names[of]: value for of, value in values.items()})


def moments(mixture: Mixture) -> Means:
    """Return the means of β*², C, C² and Cβ*², C = c_FT."""
    groups = mixture.enclosed()

    def mean(of: Callable[[Any], Ball]) -> Ball:
        return sum((group.share * of(group) for group in groups), arb(0))

    return _named(
        {
            TARGET**2: mean(lambda one: one.amplitude**2),
            SCALE: mean(lambda one: one.scale),
            SCALE**2: mean(lambda one: one.scale**2),
            SCALE * TARGET**2: mean(lambda one: one.scale * one.amplitude**2),
        }
    )


def slopes(mixture: Mixture) -> Means:
    """Return the means of q′(β*)² and q″(β*); see `closed_forms`."""
    squared, curvature = arb(0), arb(0)
    for group in mixture.enclosed():
        scale, size = group.scale, group.amplitude
        of_group = _over_normal if group.slab == "gaussian" else _at
        one, two = of_group(scale, size)
        squared += group.share * one
        curvature += group.share * two
    return _named({SLOPE**2: squared, CURVATURE: curvature})


def closed_forms() -> tuple[tuple[str, Any], ...]:
    """Return what is integrated, as steps of a proof: the derivatives of q with scale c_FT."""
    slope = sp.diff(penalty(TARGET, SCALE), TARGET)
    curvature = 1 / (2 * sp.sqrt(TARGET**2 + SCALE**2))
    return (
        ("q′ = ½ asinh(β/c_FT)", equal(slope, sp.asinh(TARGET / SCALE) / 2)),
        ("q″ = ½/√(β² + c_FT²)", equal(sp.diff(slope, TARGET), curvature)),
    )


def _at(scale: Ball, size: Ball) -> tuple[Ball, Ball]:
    """Return q′² and q″ at ±`size`."""
    return ((size / scale).asinh() / 2) ** 2, 1 / (2 * (scale**2 + size**2).sqrt())


def _over_normal(scale: Ball, size: Ball) -> tuple[Ball, Ball]:
    """Return the means of q′² and q″ over N(0, size²).

    Both are even. Beyond the reach q″ is at most 1/(2C), and q′² at most β²/(2C)².
    """
    ratio = size / scale

    def root(z: Any, analytic: bool) -> Any:
        return (1 + (ratio * z) ** 2).sqrt(analytic=analytic)

    def squared(z: Any, analytic: bool) -> Any:
        return (root(z, analytic) + ratio * z).log(analytic=analytic) ** 2 / 4 * _weight(z)

    def curvature(z: Any, analytic: bool) -> Any:
        return _weight(z) / (2 * scale * root(z, analytic))

    reach = arb(_REACH)
    tail = (reach / arb(2).sqrt()).erfc()
    tail_of_square = tail + 2 * reach * _weight(reach)
    return (
        2 * acb.integral(squared, 0, _REACH).real + _up_to((ratio / 2) ** 2 * tail_of_square),
        2 * acb.integral(curvature, 0, _REACH).real + _up_to(tail / (2 * scale)),
    )


def _weight(z: Any) -> Any:
    """Return the standard normal density."""
    return (-z * z / 2).exp() / (2 * arb.pi()).sqrt()


def _up_to(bound: Ball) -> Ball:
    """Return a ball that holds all numbers from 0 to a bound."""
    return arb(0).union(bound.upper())
