"""Moments of the scalar channel: adaptive quadrature, differences, nodes, refinement."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from numerics.replica.quadrature import ChannelGroups
from numerics.replica.solve import MOMENTS

MIXED = ChannelGroups(
    np.array([0.2, 0.3, 0.1, 0.4]),
    np.array([0.3, 0.05, 2.0, 0.05]),
    np.array([0.0, 1.5, 0.0, 0.0]),
    np.array([2.0, 0.0, 0.1, 0.0]),
)
STATES = np.log([[0.2, 1.0, 7.0], [0.04, 1.0, 3.0]])


def single(scale, sign=0.0, gaussian=0.0):
    return ChannelGroups(*(np.array([value]) for value in (1.0, scale, sign, gaussian)))


def by_adaptive_quadrature(scale, sign, gaussian, tau, theta):
    """E[η′], E[1 − η′], E[(β̂ − β*)²]/θ², E[(β̂ − z)²]/θ², E[β*β̂], E[β̂²] and E[q(β̂)]."""
    spread = np.hypot(theta, gaussian)
    shrink, rest = gaussian**2 / spread**2, (theta * gaussian / spread) ** 2

    def answer(z):
        if z == 0.0:
            return 0.0

        def condition(b):
            return b - z + 0.5 * tau * np.arcsinh(b / scale)

        return brentq(condition, min(z, 0.0), max(z, 0.0), xtol=1e-15, rtol=1e-14)

    def at(z):
        estimate = answer(z)
        radius = np.hypot(scale, estimate)
        response = radius / (radius + 0.5 * tau)
        target = sign if sign else shrink * z
        return np.array(
            [
                response,
                1.0 - response,
                ((estimate - target) ** 2 + rest) / theta**2,
                (estimate - z) ** 2 / theta**2,
                target * estimate,
                estimate**2,
                0.5 * (scale - radius + estimate * np.arcsinh(estimate / scale)),
            ]
        )

    def integrand(z, which):
        density = np.exp(-0.5 * ((z - sign) / spread) ** 2) / (spread * np.sqrt(2.0 * np.pi))
        return at(z)[which] * density

    pieces = np.concatenate([sign + spread * np.array([-12, -4, 0, 4, 12.0]), [0.0]])
    pieces.sort()
    return [
        sum(
            quad(integrand, left, right, args=(which,), epsabs=1e-13, epsrel=1e-11, limit=300)[0]
            for left, right in pairwise(pieces)
        )
        for which in range(7)
    ]


@pytest.mark.parametrize(
    ("scale", "sign", "gaussian"),
    [
        (0.3, 0.0, 0.0),
        (0.3, 0.0, 0.4),
        (0.3, 0.0, 3.0),
        (0.3, 2.0, 0.0),
        (0.3, 0.27, 0.0),
        (5.0, 0.1, 0.0),
    ],
)
@pytest.mark.parametrize(("tau", "theta"), [(0.5, 1.0), (4.0, 0.7)])
def test_moments_by_adaptive_quadrature(scale, sign, gaussian, tau, theta):
    found = MOMENTS(single(scale, sign, gaussian), np.log([tau]), np.log([theta**2]), detailed=True)
    details = found.in_detail()
    ours = [found.response, found.one_minus_response, found.error, found.residual]
    ours += [details.cross_moment, details.second_moment, details.group_penalty[0]]
    truth = by_adaptive_quadrature(scale, sign, gaussian, tau, theta)
    assert np.concatenate(ours) == pytest.approx(truth, rel=1e-9)
    assert (found.relative_error < 1e-12).all()


def test_slopes_are_what_differences_say():
    h = 1e-5

    def moments(groups, x, y):
        found = MOMENTS(groups, x, y)
        # Squares in the units of β, over θ² at the middle.
        units = np.exp(y - STATES[1])
        return np.array([found.response, found.error * units, found.residual * units])

    found = MOMENTS(MIXED, *STATES, detailed=True)
    slopes = np.array([found.response_slope, found.error_slope, found.residual_slope])
    for axis in range(2):
        step = h * np.eye(2)[axis][:, None]
        ahead, behind = moments(MIXED, *(STATES + step)), moments(MIXED, *(STATES - step))
        assert slopes[:, axis] == pytest.approx((ahead - behind) / (2.0 * h), rel=1e-7, abs=1e-9)
    details = found.details
    scale_slopes = [
        details.response_scale_slope,
        details.error_scale_slope,
        details.residual_scale_slope,
    ]
    for group in range(4):
        factor = np.exp(h * np.eye(4)[group])
        ahead, behind = (
            moments(
                ChannelGroups(
                    MIXED.probability,
                    MIXED.scale * factor**sign,
                    MIXED.sign_amplitude,
                    MIXED.gaussian_amplitude,
                ),
                *STATES,
            )
            for sign in (1.0, -1.0)
        )
        expected = (ahead - behind) / (2.0 * h)
        assert np.array(scale_slopes)[:, group] == pytest.approx(expected, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("amplitude", [0.999, 1.001])
def test_both_forms_of_the_gaussian_slab_meet(amplitude):
    """At b = θ the form of E[(β̂ − β*)²] changes."""
    found, edge = (
        MOMENTS(single(0.1, 0.0, b), np.array([0.3]), np.array([0.0]), detailed=True)
        for b in (amplitude, 1.0)
    )
    assert found.error == pytest.approx(edge.error, rel=3e-3)
    assert found.error_slope == pytest.approx(edge.error_slope, rel=1e-2)
    assert found.details.error_scale_slope == pytest.approx(
        edge.details.error_scale_slope, rel=1e-2
    )


@pytest.mark.parametrize("groups", [MIXED, single(1e-12), single(1e-9, 3.0), single(1e3, 0.0, 1.0)])
def test_coarse_sums_know_seven_digits(groups):
    fine = MOMENTS(groups, *STATES)
    coarse = MOMENTS(groups, *STATES, coarse=True)
    assert (coarse.nodes < fine.nodes).all()
    for name in ("response", "one_minus_response", "error", "residual"):
        assert getattr(coarse, name) == pytest.approx(getattr(fine, name), rel=2e-6)


def test_rows_may_need_very_different_numbers_of_nodes():
    """A mixture of rich and lazy groups at states far from each other."""
    groups = ChannelGroups(
        np.array([0.5, 0.5]), np.array([1e-12, 1e5]), np.array([0.0, 0.0]), np.array([1e-3, 30.0])
    )
    x, y = np.log([1e-6, 1.0, 1e6]), np.log([1e-12, 1.0, 1e3])
    together = MOMENTS(groups, x, y, detailed=True)
    for index in range(3):
        alone = MOMENTS(groups, x[[index]], y[[index]], detailed=True)
        for name in ("response", "one_minus_response", "error", "residual"):
            ours = getattr(together, name)[index]
            assert ours == pytest.approx(getattr(alone, name)[0], rel=1e-13, abs=0)


@pytest.mark.parametrize("count", [1, 40, 700])
def test_many_rows_are_integrated_as_each_alone(count):
    """Rows share blocks of memory, each with at least the nodes that it needs."""
    rng = np.random.default_rng(count)
    x, y = rng.uniform(-8.0, 8.0, (2, count))
    groups = single(0.3, gaussian=2.0)
    together, coarse = MOMENTS(groups, x, y), MOMENTS(groups, x, y, coarse=True)
    for index in rng.choice(count, min(count, 25), replace=False):
        alone = MOMENTS(groups, x[[index]], y[[index]])
        for name in ("response", "one_minus_response", "error", "residual"):
            ours = getattr(together, name)[index]
            assert ours == pytest.approx(getattr(alone, name)[0], rel=1e-13, abs=0)
        # Without refinement: a row that shares more nodes may need no refinement.
        least = MOMENTS(groups, x[[index]], y[[index]], coarse=True).nodes[0]
        assert coarse.nodes[index] >= least
