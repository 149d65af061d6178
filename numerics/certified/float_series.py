"""The channel's moments as power series in float64, which nothing is taken on.

A polynomial that solutions follow may be any one near them (`numerics.certified.series`): what it
misses is enclosed. So its coefficients come from sums in float64, over all nodes at once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from flint import arb_series

from numerics.certified.channel import State, channel_of
from numerics.certified.exact import Group, as_float
from numerics.certified.series import Moments, Series, View, columns, moments_of, view
from numerics.certified.trapezoid import rule_for
from numerics.validation import FloatArray

# −log of the error of an integral with K = 1: float64 has no more.
_LOG_ACCURACY = 37.0


class _Nodes(NamedTuple):
    """A group's nodes u, C sinh u − m there, and the columns to sum, shape (columns, nodes)."""

    group: Group
    u: FloatArray
    miss: FloatArray
    columns: FloatArray


def float_moments(groups: Sequence[Group], state: State, *, residual: bool) -> Moments:
    """Return a function that gives the moments near a state as power series.

    Raises
    ------
    IntegrationError
        If an integral is out of reach.
    """
    nodes = [_nodes(group, state, residual=residual) for group in groups]

    @np.errstate(all="ignore")
    def moments(tau: Series, theta_squared: Series) -> tuple[Series, Series]:
        one = two = arb_series([0], prec=tau.prec)
        for part in nodes:
            seen = view(part.group, theta_squared)
            sums = _sums(part, tau / 2, seen)
            first, second = moments_of(seen, sums, tau / 2, residual=residual)
            one, two = one + part.group.share * first, two + part.group.share * second
        return one, two

    return moments


@np.errstate(all="ignore")
def _nodes(group: Group, state: State, *, residual: bool) -> _Nodes:
    channel = channel_of(group, state)
    rule = rule_for(channel, _LOG_ACCURACY)
    scale = as_float(channel.scale)
    u = np.arange(rule.first, rule.last + 1, dtype=np.float64) * rule.step
    miss, radius = scale * np.sinh(u) - as_float(channel.mean), scale * np.cosh(u)
    found: FloatArray = np.array(columns(group, u, miss, radius, residual=residual))
    found *= rule.step / math.sqrt(2.0 * math.pi) * (2.0 if rule.even else 1.0)
    if rule.even:
        found[:, 0] /= 2.0
    return _Nodes(group, u, miss, found)


def _sums(nodes: _Nodes, t: Series, seen: View) -> list[Series]:
    length = t.prec
    half, drift = (
        np.array([as_float(one[k]) for k in range(length)])[:, None]
        for one in (seen.inverse, t * seen.inverse)
    )
    noise = half * nodes.miss + drift * nodes.u
    # −X²/2, of which the exponential is taken term by term.
    power = [-sum(noise[j] * noise[k - j] for j in range(k + 1)) / 2 for k in range(length)]
    weight = [np.exp(power[0])]
    for k in range(1, length):
        weight.append(sum(j * power[j] * weight[k - j] for j in range(1, k + 1)) / k)
    sums = nodes.columns @ np.array(weight).T
    return [arb_series(row.tolist(), prec=length) * seen.inverse for row in sums]
