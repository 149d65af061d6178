"""Moments and their derivatives: against 40 digits, against each other, against differences."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb, ctx

from numerics.certified import soft_threshold
from numerics.certified.channel import (
    Accuracy,
    State,
    bend,
    direct_moments,
    group_estimates,
    residual_moments,
)
from numerics.certified.exact import Group, Mixture
from numerics.multiprecision.channel import ChannelGroup, channel_estimates, channel_moments

FINE = Accuracy(-90.0, -90.0)
STATES = [(0.3, -0.2), (-2.0, -4.0), (2.0, 1.0), (-9.0, -14.0), (4.0, 5.0)]


def groups(slab, c="1e-3"):
    return Mixture.pretrain_finetune("0.1", "0.3", "0.2", c=c, slab=slab).enclosed()


def state(x, y, dx=0, dy=0):
    return State((arb(x) + dx).exp(), (arb(y) + dy).exp())


@pytest.mark.parametrize("slab", ["sign", "gaussian"])
@pytest.mark.parametrize("where", STATES)
def test_moments_are_those_of_another_quadrature(slab, where):
    with ctx.workprec(200):
        own = groups(slab)
        there = state(*where)
        direct = direct_moments(own, there, FINE)
        context = mpmath.MPContext()
        context.dps = 40
        exact = lambda one: Fraction(mpmath.mpf(one.mid().str(60, radius=False)).__str__())  # noqa: E731
        others = [
            ChannelGroup(exact(one.share), exact(one.scale), one.slab, exact(one.amplitude))
            for one in own
        ]
        tau, theta_squared = (
            context.mpf(one.str(50, radius=False)) for one in (there.tau, there.theta_squared)
        )
        found = channel_moments(context, others, tau, theta_squared, 30, tail_digits=10)
        for own_moment, other in zip(direct, (found.response, found.error), strict=True):
            for value, wanted in zip(own_moment, other, strict=True):
                gap = abs(value - arb(mpmath.nstr(wanted, 40)))
                assert gap < arb(10) ** -12 * (1 + abs(value))
        estimates = [group_estimates(one, there, 15) for one in own]
        mean = sum((g.share * e.penalty for g, e in zip(own, estimates, strict=True)), arb(0))
        wanted = channel_estimates(context, others, tau, theta_squared, 25).penalty
        assert abs(mean / arb(mpmath.nstr(wanted, 30)) - 1) < arb(10) ** -12


@pytest.mark.parametrize("slab", ["sign", "gaussian"])
@pytest.mark.parametrize("where", STATES)
def test_both_forms_agree(slab, where):
    with ctx.workprec(240):
        own, there = groups(slab), state(*where)
        one, error = direct_moments(own, there, FINE)
        rest, residual = residual_moments(own, there, FINE)
        assert (one.value + rest.value - 1).contains(0)
        assert (one.in_tau + rest.in_tau).contains(0)
        assert (one.in_theta + rest.in_theta).contains(0)
        # Stein's lemma
        stein = there.theta_squared * (2 * one.value - 1) + residual.value
        assert (stein - error.value).contains(0)
        first = bend(own, there, -80.0, residual=False)
        second = bend(own, there, -80.0, residual=True)
        assert all(a.overlaps(b) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("moments", [direct_moments, residual_moments])
@pytest.mark.parametrize("slab", ["sign", "gaussian"])
@pytest.mark.parametrize("where", STATES)
def test_derivatives_are_those_of_differences(moments, slab, where):
    with ctx.workprec(240):
        own, step = groups(slab), arb(2) ** -30
        at = lambda dx, dy: moments(own, state(*where, dx, dy), FINE)  # noqa: E731
        here = at(0, 0)
        for index in (0, 1):
            for name, move in (("in_tau", (step, 0)), ("in_theta", (0, step))):
                back = tuple(-one for one in move)
                difference = (at(*move)[index].value - at(*back)[index].value) / (2 * step)
                found = getattr(here[index], name)
                assert abs(found - difference) < arb(10) ** -14 * (1 + abs(here[index].value))


@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("slab", ["sign", "gaussian"])
@pytest.mark.parametrize("where", STATES)
def test_the_bend_is_that_of_differences(residual, slab, where):
    with ctx.workprec(240):
        own, step = groups(slab), arb(2) ** -30

        def gradient(dx, dy):
            there = state(*where, dx, dy)
            one, error = direct_moments(own, there, FINE)
            square = there.theta_squared
            return (
                error.in_tau - square * one.in_tau,
                error.in_theta - square * (one.value + one.in_theta),
            )

        found = bend(own, state(*where), -80.0, residual=residual)
        along_tau = [
            (a - b) / (2 * step) for a, b in zip(gradient(step, 0), gradient(-step, 0), strict=True)
        ]
        along_theta = [
            (a - b) / (2 * step) for a, b in zip(gradient(0, step), gradient(0, -step), strict=True)
        ]
        pairs = (
            (found.tau_tau, along_tau[0]),
            (found.tau_theta, along_tau[1]),
            (found.tau_theta, along_theta[0]),
            (found.theta_theta, along_theta[1]),
        )
        for value, difference in pairs:
            size = 1 + state(*where).theta_squared
            assert abs(value - difference) < arb(10) ** -13 * size


@pytest.mark.parametrize("slab", ["sign", "gaussian"])
def test_a_box_holds_what_is_true_at_its_points(slab):
    rng = np.random.default_rng(3)
    with ctx.workprec(100):
        own = groups(slab)
        for x, y in STATES:
            box = State((arb(x, 0.05)).exp(), (arb(y, 0.05)).exp())
            for moments in (direct_moments, residual_moments):
                wide = moments(own, box, Accuracy(-12.0, -12.0 + y))
                for _ in range(3):
                    dx, dy = rng.uniform(-0.05, 0.05, 2)
                    near = moments(own, state(x, y, arb(dx), arb(dy)), FINE)
                    for one, other in zip(wide, near, strict=True):
                        assert all(a.overlaps(b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("slab", ["zero", "sign", "gaussian"])
@pytest.mark.parametrize("where", [(0.3, -0.2), (-1.0, -1.0), (0.0, 2.0)])
def test_the_soft_threshold_has_the_derivatives_of_its_moments(slab, where):
    with ctx.workprec(200):
        own, step = [Group(arb(1), arb(0), arb(0 if slab == "zero" else 2), slab)], arb(2) ** -40
        for moments in (soft_threshold.direct_moments, soft_threshold.residual_moments):
            at = lambda dx, dy, of=moments: of(own, state(*where, dx, dy), FINE)  # noqa: E731
            here = at(0, 0)
            for index in (0, 1):
                for name, move in (("in_tau", (step, 0)), ("in_theta", (0, step))):
                    back = tuple(-one for one in move)
                    difference = (at(*move)[index].value - at(*back)[index].value) / (2 * step)
                    assert abs(getattr(here[index], name) - difference) < arb(10) ** -18
