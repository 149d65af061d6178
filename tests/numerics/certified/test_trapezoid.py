"""The trapezoidal rule leaves out no more than is proved, whatever the channel."""

import math

import numpy as np
import pytest
from flint import arb, ctx

from numerics.certified import trapezoid
from numerics.certified.trapezoid import Channel, IntegrationError, rule_for


def drawn(rng):
    """Return a channel of any kind: narrow or wide, lazy or rich, at 0 or far from it."""
    scale, half_tau, spread = 10.0 ** rng.uniform([-8, -4, -3], [4, 2, 2])
    mean = float(rng.choice([0.0, 1.0, 30.0])) * spread
    return Channel(arb(half_tau), arb(scale), arb(spread), arb(mean))


def moment(channel, rule, power):
    """Return ∫ X^power (R + t) φ(X) du/S, with what the rule leaves out."""
    total = arb(0)
    for index, (u, sinh, cosh) in enumerate(rule.nodes()):
        x = channel.argument(sinh, u)
        weight = (-x * x / 2).exp() * (channel.scale * cosh + channel.half_tau)
        total += x**power * weight / (2 if rule.even and not index else 1)
    factor = arb(rule.step) / (channel.spread * (2 * arb.pi()).sqrt()) * (2 if rule.even else 1)
    return factor * total + rule.error


@pytest.mark.parametrize("seed", range(40))
def test_moments_of_the_normal_law_lie_in_their_balls(seed):
    # ∫ Xⁿ φ dX in the variable u: (n − 1)!!, whatever C, t, S and m.
    channel = drawn(np.random.default_rng(seed))
    with ctx.workprec(160):
        for accuracy in (3.0, 20.0, 60.0):
            for power in (2, 4):
                rule = rule_for(channel, accuracy, power)
                assert moment(channel, rule, power).contains(trapezoid._odd_product(power))
                assert moment(channel, rule, 0).contains(1)
                assert float(rule.error.rad()) <= math.exp(-accuracy)


@pytest.mark.parametrize("seed", range(10))
def test_one_rule_serves_every_channel_of_its_balls(seed):
    rng = np.random.default_rng(seed)
    channel = drawn(rng)
    with ctx.workprec(100):
        parts = (channel.half_tau, channel.scale, channel.spread, channel.mean)
        wide = Channel(*(one * arb(1, 0.05) for one in parts))
        rule = rule_for(wide, 10.0)
        for _ in range(4):
            one = Channel(*(part * arb(rng.uniform(0.951, 1.049)) for part in parts))
            assert moment(one, rule, 2).contains(1)


def test_balls_too_wide_for_a_window_are_refused():
    unsure = Channel(arb(1), arb(1), arb(1, 1), arb(0))
    with pytest.raises((IntegrationError, ValueError)):
        rule_for(unsure, 10.0)


def test_an_integral_of_too_many_nodes_is_refused(monkeypatch):
    monkeypatch.setattr(trapezoid, "_MOST_NODES", 10)
    with pytest.raises(IntegrationError, match="more than 10"):
        rule_for(Channel(arb(1), arb(1), arb(1), arb(0)), 30.0)


CHANNELS = (
    (0.5, 1e-3, 1.0, 0.0),
    (0.5, 1e-3, 1.0, 3.0),
    (0.5, 1e-3, 1e-3, 1.0),
    (0.5, 1e-3, 1e-3, -1.0),
    (0.0, 1e-3, 1e-6, 1.0),
    (1e-5, 1e3, 1.0, 30.0),
    (30.0, 1e-9, 1.0, 5.0),
    (1.0, 1e-300, 1.0, 1.0),
)


@pytest.mark.parametrize("given", CHANNELS)
def test_a_window_is_the_one_that_a_search_from_0_finds(monkeypatch, given):
    channel, asked = Channel(*map(arb, given)), []
    argument = Channel.argument

    def counted(self, sinh, u):
        asked.append(u)
        return argument(self, sinh, u)

    monkeypatch.setattr(Channel, "argument", counted)
    with ctx.workprec(120):
        found = rule_for(channel, 40.0)
        few = len(asked)
        monkeypatch.setattr(trapezoid, "_least_index", lambda *_: -trapezoid._FARTHEST)
        again = rule_for(channel, 40.0)
    assert (found.first, found.last) == (again.first, again.last)
    assert found.error.overlaps(again.error)
    assert few <= 8 < len(asked) - few


@pytest.mark.parametrize(
    "given", [(1.0, 1e300, 1e-10, 1.0), (0.0, 0.0, 1.0, 1.0), (1.0, math.inf, 1.0, 0.0)]
)
def test_a_channel_out_of_range_is_refused(given):
    with ctx.workprec(120), pytest.raises(IntegrationError):
        rule_for(Channel(*map(arb, given)), 40.0)


def test_an_index_that_float64_cannot_tell_is_none():
    for given in ((1e-3, 0.5, 1.0, 0.0), (1e-3, 0.5, 1.0, 1e-320), (math.nan, 0.5, 1.0, 0.1)):
        assert trapezoid._least_index(*given) == -trapezoid._FARTHEST
