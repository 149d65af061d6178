"""Quantities of the scalar channel z = β* + θZ, and means of expressions of them."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

import mpmath
import numpy as np
import sympy as sp

from numerics.multiprecision import finetune_scale
from theory.implicit_bias import penalty
from verify.claims.replica._channel import DIGITS, Channel
from verify.methods.formula import inserted

ESTIMATE, TARGET, Z = sp.symbols(r"\hat\beta \beta^* Z", real=True)
RESPONSE, SCALE = sp.symbols(r"\eta' c_{FT}", positive=True)
RANDOM = frozenset({ESTIMATE, TARGET, Z, RESPONSE})  # c_FT is so where it has several values
q = sp.Function("q")

Average = Callable[[Any], Any]


def known(means: Mapping[Any, Any]) -> Average:
    """Return the mean, as a function of what it is of: a combination of those whose mean is known.

    What they do not depend on is a constant, but for what is random in the scalar channel.
    """
    means = {of.doit(): value for of, value in means.items()}
    random = RANDOM.union({SCALE}, *(of.free_symbols for of in means))

    def mean(of: Any) -> Any:
        total = sp.Integer(0)
        for term in sp.Add.make_args(sp.expand(of.doit())):
            factor, what = term.as_independent(*random, as_Add=False)
            if what != 1 and what not in means:
                raise ValueError(f"the mean must be one of those of {[*means]}, got that of {what}")
            total += factor * (1 if what == 1 else means[what])
        return total

    return mean


def at_each(of: Any) -> Any:
    """Return what a mean is of: means are equal where both sides are so at each point."""
    return of


class Group(NamedTuple):
    """Share of the coordinates, their c_FT, and the law of their β*: "zero", "sign", "gaussian"."""

    share: Any
    scale: Any
    slab: str
    size: Any = 0

    def mean(self, of: Any) -> Any:
        """Return the mean of an expression of β*, c_FT and q over β*, to mpmath's precision.

        Raises
        ------
        ValueError
            If it is not a real number, or has other symbols.
        """
        scale, size = mpmath.mpmathify(self.scale), mpmath.mpmathify(self.size)
        return _mean(of, scale, self.slab == "gaussian", size, mpmath.mp.dps)


@cache
def _mean(of: Any, scale: Any, gaussian: bool, size: Any, digits: int) -> Any:
    """Return the mean of an expression over one law of β*; controls ask for it, too."""
    function = _function_of(of, (TARGET, SCALE), "mpmath")
    with mpmath.workdps(digits):
        if gaussian:
            found = mpmath.quad(
                lambda z: function(size * z, scale) * mpmath.npdf(z), [-14, -1, 0, 1, 14]
            )
        else:
            try:
                found = (function(size, scale) + function(-size, scale)) / 2
            except ZeroDivisionError:
                raise ValueError(f"the mean must be finite, got that of {of} at {size}") from None
    if mpmath.im(found):
        raise ValueError(f"the mean must be real, got {found} for {of}")
    return found


def over(groups: Iterable[Group]) -> Average:
    """Return the mean over all coordinates, as a function of what it is of."""
    groups = tuple(groups)

    def mean(of: Any) -> Any:
        with mpmath.workdps(DIGITS):
            return sp.sympify(sum(mpmath.mpmathify(one.share) * one.mean(of) for one in groups))

    return mean


def scales_of(task: Any, init: Any) -> list[float]:
    """Return the scale that fine-tuning starts with in each group of a task of `numerics`.

    That is c_FT by mpmath: what is compared with the float64 solver must not take it from there.
    """
    start = init.c, init.lam, init.gamma
    return [float(finetune_scale(group.pt_magnitude, *start, digits=20)) for group in task.groups]


def groups_of(task: Any, init: Any) -> list[Group]:
    """Return the groups of a task of `numerics`, with their `scales_of`."""
    shares, scales = task.probabilities, scales_of(task, init)
    return [
        Group(float(share), scale, group.slab, float(group.ft_amplitude))
        for share, scale, group in zip(shares, scales, task.groups, strict=True)
    ]


def over_channel(channel: Channel) -> Average:
    """Return the mean over Z, to some 20 digits, of an expression of Z, β̂, η′, β*, c_FT and q."""

    def mean(of: Any) -> Any:
        with mpmath.workdps(DIGITS):
            return sp.sympify(channel.mean(_function(of, channel, "mpmath")))

    return mean


def over_channel_in_float64(channel: Channel) -> Average:
    """Return the same to rounding."""
    return lambda of: channel.mean_in_float64(_function(of, channel, "numpy"))


def over_groups_in_float64(groups: Iterable[Group], theta: float, tau: float) -> Average:
    """Return the mean over coordinates whose β* is 0 or of one size, and over Z, to rounding."""
    groups = tuple(groups)
    shares = [float(one.share) for one in groups]

    def mean(of: Any) -> float:
        channels = (Channel(one.size, theta, tau, one.scale) for one in groups)
        found = [over_channel_in_float64(channel)(of) for channel in channels]
        return float(np.average(found, weights=shares))

    return mean


def _function(of: Any, channel: Channel, module: str) -> Callable[..., Any]:
    function = _function_of(of, (Z, ESTIMATE, RESPONSE, TARGET, SCALE), module)
    number = mpmath.mpf if module == "mpmath" else float
    fixed = number(channel.target), number(channel.scale)
    return lambda z, estimate, response: function(z, estimate, response, *fixed)


def _function_of(of: Any, quantities: tuple[Any, ...], module: str) -> Callable[..., Any]:
    """Return an expression of these quantities and q as a function of numbers."""
    expression = inserted(of, {q: lambda beta: penalty(beta, SCALE)})
    if others := expression.free_symbols - {*quantities}:
        raise ValueError(f"means are of functions of {quantities}, got also {others}")
    return sp.lambdify(quantities, expression, module)  # type: ignore[no-any-return]
