"""The scalar channel on random draws: its denoiser, its derivatives, the draws, batch means."""

from dataclasses import replace

import numpy as np
import pytest

from numerics.replica_montecarlo.channel import (
    ScalarGroup,
    batch_means_error,
    draw,
    evaluate_channel,
    moment_jacobian,
    newton_denoiser,
)
from tests.numerics.replica_montecarlo.cases import ACTIVE, BASELINE


@pytest.mark.parametrize("scale", [1e-100, 1e-12, 1e-3, 1.0, 1e6, 1e50])
@pytest.mark.parametrize("tau", [1e-12, 1e-3, 1.0, 1e4])
def test_denoiser_inverts_the_explicit_observation(scale, tau):
    # z(u) = c sinh u + tau u / 2 is explicit, and b = c sinh u is its answer. Beyond
    # u = asinh(1e3/c), b would exceed 1e3.
    top = np.arcsinh(1e3 / scale)
    u = np.concatenate([-np.geomspace(1e-8, 1.0, 40)[::-1], [0.0], np.geomspace(1e-8, 1.0, 40)])
    u = u * top
    expected = scale * np.sinh(u)
    z = expected + 0.5 * tau * u
    found = newton_denoiser(z, tau, scale)
    # b moves by h |u| eps when z does by a rounding error with tau >> h.
    width = np.hypot(scale, expected)
    assert np.max(np.abs(found - expected) / (width * (1.0 + np.abs(u)))) < 4e-15
    assert found[40] == 0.0


@pytest.mark.parametrize("guess", [0.0, 1e-30, 1e-3, 1.0, 1e10, -5.0])
def test_denoiser_forgets_a_bad_guess(guess):
    z = np.linspace(-4.0, 4.0, 401)
    start = np.full_like(z, guess)
    found = newton_denoiser(z, 0.7, 1e-5, start)
    np.testing.assert_allclose(found, newton_denoiser(z, 0.7, 1e-5), rtol=1e-12, atol=1e-17)


def test_denoiser_that_cannot_settle_says_so(monkeypatch):
    monkeypatch.setattr("numerics.replica_montecarlo.channel._NEWTON_LIMIT", 1)
    with pytest.raises(ArithmeticError, match="did not settle at 3 points"):
        newton_denoiser(np.array([1.0, 2.0, 3.0]), 1.0, 1e-3, np.array([0.9, 0.1, 0.2]))


def test_slope_is_the_derivative_of_the_estimate():
    draws = draw(BASELINE, 4000, np.random.default_rng(3))
    tau, theta2 = 0.4, 0.5
    channel = evaluate_channel(draws, theta2, tau)
    step = 1e-6
    shifted = [
        evaluate_channel(replace(draws, teacher=draws.teacher + sign * step), theta2, tau).estimate
        for sign in (1.0, -1.0)
    ]
    numerical = (shifted[0] - shifted[1]) / (2.0 * step)
    # Third derivatives reach 1/INACTIVE² and more: step² times that bounds the difference.
    assert np.max(np.abs(numerical - channel.slope)) < 1e-5


def test_moment_jacobian_is_the_derivative_along_the_draws():
    draws = draw(BASELINE, 5000, np.random.default_rng(4))
    theta2, tau = 0.6, 0.3

    def moments(x, y):
        channel = evaluate_channel(draws, x, y)
        return np.array([channel.squared_error.mean(), channel.slope.mean()])

    step = 1e-5
    numerical = np.stack(
        [
            (moments(theta2 + step, tau) - moments(theta2 - step, tau)) / (2 * step),
            (moments(theta2, tau + step) - moments(theta2, tau - step)) / (2 * step),
        ],
        axis=1,
    )
    exact = moment_jacobian(draws, evaluate_channel(draws, theta2, tau), theta2, tau)
    np.testing.assert_allclose(numerical, exact, rtol=1e-5)


def test_draws_follow_the_mixture():
    draws = draw(BASELINE, 200_000, np.random.default_rng(5))
    share = sum(block.stop - block.start for scale, block in draws.blocks if scale == ACTIVE)
    assert share / 200_000 == pytest.approx(0.1, abs=4 * np.sqrt(0.09 / 200_000))
    assert np.mean(draws.teacher**2) == pytest.approx(1.0, abs=4 * np.sqrt(29 / 200_000))
    assert abs(np.mean(draws.teacher * draws.noise)) < 4 / np.sqrt(200_000)
    np.testing.assert_array_equal(np.sort(draws.order), np.arange(200_000))
    edges = [0, *(block.stop for _, block in draws.blocks)]
    assert edges == [*(block.start for _, block in draws.blocks), 200_000]


def test_sign_slab_has_two_values():
    draws = draw([ScalarGroup(1.0, 1.0, "sign", 2.5)], 10_000, np.random.default_rng(6))
    assert set(np.unique(draws.teacher)) == {-2.5, 2.5}
    assert abs(draws.teacher.mean()) < 4 * 2.5 / 100


def test_batch_means_use_the_stated_number_of_batches():
    values = np.random.default_rng(7).standard_normal(20_000) ** 2
    for size, batches in ((5, 5), (999, 5), (1200, 6), (10_000, 50), (20_000, 50)):
        part = values[:size]
        means = np.array([chunk.mean() for chunk in np.array_split(part, batches)])
        spread = np.sum((means - means.mean()) ** 2) / (batches - 1)
        assert batch_means_error(part) == pytest.approx(np.sqrt(spread / batches), rel=1e-12, abs=0)
    # chi(49)/7 lies within 0.7 .. 1.33 at 99.9 %.
    assert 0.7 < batch_means_error(values) / (np.std(values) / np.sqrt(20_000)) < 1.33
