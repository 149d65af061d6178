"""The replica fixed point in mpmath: known values, limits, an independent method, metamorphoses."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from mpmath import mp, mpf

from numerics.multiprecision import (
    PrecisionError,
    ReplicaError,
    finetune_scale,
    pretrain_finetune_groups,
    replica_fixed_point,
    replica_potential,
)
from numerics.multiprecision import channel as channel_module
from numerics.multiprecision import fixed_point as fixed_point_module
from numerics.multiprecision import saddle as saddle_module
from numerics.multiprecision.channel import ChannelGroup, channel_moments
from numerics.multiprecision.precision import exact

MIXED = (
    ("0.2", "0.03", ("gaussian", "2")),
    ("0.3", "1e-4", ("sign", "1.5")),
    ("0.5", "0.2", "zero"),
)


def baseline(c="1e-3", overlap="0.5", slab="gaussian", digits=30, **others):
    return pretrain_finetune_groups("0.1", "0.1", overlap, c, 0, slab=slab, digits=digits, **others)


def difference(first, second):
    with mp.workdps(80):
        return max(
            float(abs(getattr(first, name) / getattr(second, name) - 1))
            for name in ("mse", "tau", "theta")
        )


@pytest.mark.parametrize(
    ("alpha", "mse", "places"), [("0.17126582", 0.49146810, 5e-9), ("0.3635443", 0.0240707, 5e-8)]
)
def test_baseline(alpha, mse, places):
    solution = replica_fixed_point(baseline(), alpha, digits=20)
    assert abs(float(solution.mse) - mse) < places
    # noiseless: θ² = p/α
    assert abs(solution.theta**2 * mpf(alpha) / solution.mse - 1) < 1e-14


VALUES = ("penalty", "training_error", "cross_moment", "second_moment", "objective")


@pytest.mark.parametrize("noise", ["0", "0.1"])
@pytest.mark.parametrize("ridge", ["0", "0.2"])
def test_digits_claimed_are_correct(noise, ridge):
    few, many = (
        replica_fixed_point(baseline(digits=60), "0.3", noise_variance=noise, ridge=ridge, digits=d)
        for d in (25, 50)
    )
    assert difference(few, many) < 1e-24
    with mp.workdps(80):
        for name in VALUES:
            ours, truth = getattr(few, name), getattr(many, name)
            assert abs(ours - truth) <= mpf("1e-24") * abs(truth), name
    assert many.residual < mpf(10) ** -50
    assert (few.digits, many.digits) == (25, 50)
    assert 0 < few.nodes < many.nodes


@pytest.mark.parametrize("digits", [5, 30])
def test_next_to_as_many_data_as_coordinates(digits):
    """E[η′] = α differs from 1 in its tenth digit only; noise gives p → σ²/(1 − α)."""
    missing = Fraction(1, 10**10)
    groups = [(1, "0.01", ("gaussian", "2"))]
    found = replica_fixed_point(groups, 1 - missing, noise_variance="0.25", digits=digits)
    assert float(found.mse * mpf("1e-10")) == pytest.approx(0.25, rel=1e-5)


def test_error_of_1e_minus_33_keeps_its_digits():
    groups = baseline(c="1e-18", slab="sign", digits=60)
    few, many = (replica_fixed_point(groups, "0.95", digits=d) for d in (15, 30))
    assert 1e-35 < many.mse < 1e-30
    assert difference(few, many) < 1e-14


def test_minimum_norm_limit():
    # c → ∞: p = (1 − α) E[β*²] and q → β²/(4 c_FT), c_FT = 2c, with corrections of order 1/c²
    for slab in ("gaussian", "sign"):
        solution = replica_fixed_point(baseline(c="1e20", slab=slab), "0.4", digits=30)
        assert abs(solution.mse / mpf("0.6") - 1) < 1e-38 + 1e-29
        assert abs(solution.second_moment / mpf("0.4") - 1) < 1e-15
        assert abs(solution.cross_moment / mpf("0.4") - 1) < 1e-15
        assert abs(solution.penalty * mpf("8e20") / mpf("0.4") - 1) < 1e-15


def test_null_error_without_data_and_peak_of_pretrained_coordinates():
    assert abs(replica_fixed_point(baseline(), "1e-3", digits=12).mse - 1) < 1e-2
    peak = replica_fixed_point(baseline(c="1e-6", overlap="0"), "0.09", digits=12)
    assert 2.30 < peak.mse < 2.34


@pytest.mark.parametrize("c", ["1e-12", "1", "1e6"])
@pytest.mark.parametrize("alpha", ["1e-3", "0.5", "0.97"])
def test_found_unaided_from_rich_to_lazy(c, alpha):
    solution = replica_fixed_point(baseline(c=c, slab="sign"), alpha, digits=12)
    assert solution.residual < 1e-12
    assert 0 < solution.mse < 1.01


@pytest.mark.parametrize(
    ("alpha", "noise", "ridge"),
    [
        ("0.5", "0.01", "0"),
        ("0.5", "0.01", "0.3"),
        ("1", "0.2", "0.1"),
        ("3", "0.2", "0.5"),
        ("0.4", "0", "0"),
    ],
)
def test_equations_hold_by_integration_over_z(alpha, noise, ridge):
    """Another method: float64, uniform grid in z, proximal operator by bisection."""
    solution = replica_fixed_point(MIXED, alpha, noise_variance=noise, ridge=ridge, digits=16)
    tau, theta = float(solution.tau), float(solution.theta)
    response = error = mean_penalty = cross = second = envelope = 0.0
    for probability, scale, slab in MIXED:
        probability, scale = float(probability), float(scale)
        kind, amplitude = ("zero", 0.0) if slab == "zero" else (slab[0], float(slab[1]))
        # Truths with weights; z − β* on a grid fine enough for the kink-like bends at small scales.
        if kind == "gaussian":
            x, weights = np.polynomial.hermite_e.hermegauss(120)
            truths, weights = amplitude * x, weights / math.sqrt(2 * math.pi)
        else:
            truths, weights = np.array([amplitude]), np.ones(1)
        x = np.linspace(-9, 9, 6001)
        density = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi) * (x[1] - x[0])
        z = truths[:, None] + theta * x
        low, high = np.zeros_like(z), np.abs(z)
        for _ in range(60):
            middle = (low + high) / 2
            above = middle + tau / 2 * np.arcsinh(middle / scale) > np.abs(z)
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        estimate = np.copysign((low + high) / 2, z)
        slope = 1 / (1 + tau / (2 * np.hypot(scale, estimate)))
        response += probability * float(weights @ (slope @ density))
        error += probability * float(weights @ ((estimate - truths[:, None]) ** 2 @ density))
        level = np.arcsinh(estimate / scale) * estimate - np.hypot(scale, estimate) + scale
        mean_penalty += probability * float(weights @ (level / 2 @ density))
        cross += probability * float(weights @ (truths[:, None] * estimate @ density))
        second += probability * float(weights @ (estimate**2 @ density))
        moreau = (estimate - z) ** 2 / (2 * tau) + level / 2
        envelope += probability * float(weights @ (moreau @ density))
    a = float(alpha)
    assert mean_penalty == pytest.approx(float(solution.penalty), rel=1e-6)
    assert cross == pytest.approx(float(solution.cross_moment), rel=1e-6)
    assert second == pytest.approx(float(solution.second_moment), rel=1e-6)
    training = (float(ridge) * theta / tau) ** 2
    assert training == pytest.approx(float(solution.training_error), rel=1e-12, abs=0)
    misfit = a * training / (2 * float(ridge)) if training else 0.0
    assert mean_penalty + misfit == pytest.approx(float(solution.objective), rel=1e-6)
    # The potential away from its saddle point, too: b and θ enter by its other terms.
    b = theta / tau
    value = replica_potential(MIXED, alpha, theta, b, noise_variance=noise, ridge=ridge, digits=16)
    terms = b / 2 * (float(noise) / theta + theta) - float(ridge) * b**2 / 2
    assert terms + (envelope - b * theta / 2) / a == pytest.approx(float(value), rel=1e-5)
    assert error == pytest.approx(float(solution.mse), rel=1e-6)
    assert float(ridge) / tau + response / a == pytest.approx(1, rel=1e-6)
    assert float(noise) + error / a == pytest.approx(theta**2, rel=1e-6)


def test_ridge_limit_of_a_determined_problem():
    """α > 1: least squares without ridge, and its continuation to small ridge."""
    least_squares = replica_fixed_point(MIXED, "2.5", noise_variance="0.3", digits=20)
    assert least_squares.tau == 0
    assert abs(least_squares.mse - mpf("0.5")) < 1e-15
    small = replica_fixed_point(MIXED, "2.5", noise_variance="0.3", ridge="1e-12", digits=20)
    assert 0 < abs(small.mse / least_squares.mse - 1) < 1e-9
    assert replica_fixed_point(MIXED, 1).mse == 0
    for name in ("penalty", "training_error", "cross_moment", "second_moment"):
        assert abs(getattr(small, name) / getattr(least_squares, name) - 1) < 1e-9
    assert least_squares.objective == mp.inf
    assert small.objective > 1e10
    interpolating = replica_fixed_point(MIXED, "2.5", digits=20)
    close = replica_fixed_point(MIXED, "2.5", noise_variance="1e-20", digits=20)
    assert abs(interpolating.penalty / close.penalty - 1) < 1e-8
    assert interpolating.objective == interpolating.penalty
    assert interpolating.training_error == 0
    assert interpolating.second_moment == interpolating.cross_moment
    assert abs(interpolating.second_moment - mpf("1.475")) < 1e-15


@pytest.mark.parametrize(
    ("alpha", "noise", "ridge"), [("0.5", "0", "0"), ("0.5", "0.01", "0.3"), ("3", "0.2", "0.5")]
)
def test_the_fixed_point_is_the_saddle_of_the_potential(alpha, noise, ridge):
    data = {"noise_variance": noise, "ridge": ridge}
    solution = replica_fixed_point(MIXED, alpha, **data, digits=30)
    with mp.workdps(40):
        theta, b = solution.theta, solution.theta / solution.tau
        step = mpf("1e-8")

        def potential(in_theta, in_b):
            shift = step * in_theta, step * in_b
            return replica_potential(
                MIXED, alpha, theta * (1 + shift[0]), b * (1 + shift[1]), **data, digits=30
            )

        here = potential(0, 0)
        assert abs(mpf(alpha) * here / solution.objective - 1) < mpf("1e-27")
        for direction, sign in (((1, 0), 1), ((0, 1), -1)):
            ahead, behind = potential(*direction), potential(*(-x for x in direction))
            assert abs(ahead - behind) < mpf("1e-20") * here
            assert sign * (ahead + behind - 2 * here) > mpf("1e-18") * here


def test_digits_of_the_potential_survive_cancellation():
    """Where β̂ is tiny, E[e] is bθ/2 but for a few of its digits."""
    arguments = MIXED, "0.001", "1e12", "1e-12"
    few, many = (replica_potential(*arguments, digits=d) for d in (15, 40))
    assert abs(few / many - 1) < 1e-14


def test_correlations_far_below_the_noise_keep_their_digits():
    """E[β*β̂] = a² E[η′] for a ≪ θ, and E[η′] = α without ridge."""
    groups = [("0.5", "0.1", ("sign", "1e-30")), ("0.5", "0.1", "zero")]
    found = replica_fixed_point(groups, "0.3", noise_variance=1, digits=20)
    assert abs(found.cross_moment / mpf("0.15e-60") - 1) < 1e-15


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"theta": 0}, "theta must satisfy theta > 0, got 0"),
        ({"b": -1}, "b must satisfy b > 0, got -1"),
        ({"alpha": 0}, "alpha must satisfy alpha > 0, got 0"),
        ({"noise_variance": -1}, "noise_variance >= 0, got -1"),
        ({"ridge": -1}, "ridge >= 0, got -1"),
        ({"digits": 0}, "digits must be an integer >= 1, got 0"),
        ({"groups": [(1, 0, "zero")]}, "scale must satisfy scale > 0, got 0"),
    ],
)
def test_invalid_potentials_are_named(change, message):
    data = {"groups": MIXED, "alpha": "0.5", "theta": 1, "b": 1} | change
    with pytest.raises(ValueError, match=message):
        replica_potential(**data)


def test_a_potential_that_does_not_settle_says_so(monkeypatch):
    monkeypatch.setattr(channel_module, "_MOST_INTERVALS", 32)
    with pytest.raises(ReplicaError, match="not settled with 32 intervals"):
        replica_potential(MIXED, "0.3", 1, 1)
    monkeypatch.undo()
    monkeypatch.setattr(saddle_module, "_MOST_REFINEMENTS", 1)
    with pytest.raises(PrecisionError, match="40 digits not settled"):
        replica_potential(MIXED, "0.001", "1e12", "1e-12", digits=40)


def test_restated_problems_have_the_same_solution():
    data = {"noise_variance": "0.01", "ridge": "0.05", "digits": 30}
    whole = replica_fixed_point(MIXED, "0.5", **data)
    split = (
        ("0.05", *MIXED[0][1:]),
        MIXED[2],
        *MIXED[1:2],
        ("0.15", *MIXED[0][1:]),
        ("0", 1, "zero"),
    )
    assert difference(replica_fixed_point(split, "0.5", **data), whole) < 1e-29
    # Units of β: scales, amplitudes, ridge and τ grow with s; noise variance and error with s².
    s = 1000
    scaled = tuple(
        (p, exact("c", c) * s, "zero" if slab == "zero" else (slab[0], exact("a", slab[1]) * s))
        for p, c, slab in MIXED
    )
    grown = replica_fixed_point(scaled, "0.5", noise_variance=10**4, ridge=50, digits=30)
    with mp.workdps(40):
        for name, factor in (("mse", s * s), ("tau", s), ("theta", s)):
            assert abs(getattr(grown, name) / (factor * getattr(whole, name)) - 1) < mpf(10) ** -28


def test_start_saves_the_search_and_a_bad_one_does_no_harm():
    groups = baseline()
    unaided = replica_fixed_point(groups, "0.3", digits=20)
    near = replica_fixed_point(groups, "0.3", digits=20, start=(unaided.tau * 1.01, unaided.theta))
    assert difference(near, unaided) < 1e-19
    assert near.iterations < unaided.iterations
    astray = replica_fixed_point(groups, "0.3", digits=20, start=("1e-80", "1e60"))
    assert difference(astray, unaided) < 1e-19


@pytest.mark.parametrize(("slab", "amplitude"), [("zero", "0"), ("sign", "1.5"), ("gaussian", "2")])
@pytest.mark.parametrize(("tau", "theta_squared"), [("0.3", "0.4"), ("1e-3", "1e-4"), ("20", "3")])
def test_derivatives_of_the_moments(slab, amplitude, tau, theta_squared):
    group = ChannelGroup(exact("p", 1), exact("c", "0.02"), slab, exact("a", amplitude))
    context = mpmath.MPContext()
    context.dps = 50

    def moments(shift_tau, shift_theta):
        return channel_moments(
            context,
            [group],
            context.mpf(tau) * context.exp(shift_tau),
            context.mpf(theta_squared) * context.exp(shift_theta),
            30,
        )

    step = context.mpf(10) ** -9
    here = moments(0, 0)
    for index, (right, left) in enumerate(
        [(moments(step, 0), moments(-step, 0)), (moments(0, step), moments(0, -step))], start=1
    ):
        for name in ("response", "error"):
            slope = (getattr(right, name)[0] - getattr(left, name)[0]) / (2 * step)
            value = getattr(here, name)
            assert abs(slope - value[index]) < 1e-13 * abs(value[0])


def test_groups_of_the_teacher():
    groups = pretrain_finetune_groups(
        "0.2", "0.1", "0.5", 1, "0.5", "0.1", slab="sign", pt_amplitude="3/4"
    )
    assert [float(share) for share, _, _ in groups] == [0.05, 0.05, 0.15, 0.75]
    pretrained, other = finetune_scale("3/4", 1, "0.5", "0.1"), finetune_scale(0, 1, "0.5", "0.1")
    for (_, scale, slab), expected in zip(groups, (pretrained, other) * 2, strict=True):
        assert abs(scale / expected - 1) < 1e-14
        if slab != "zero":
            assert abs(slab[1] ** 2 - 10) < 1e-13
    assert len(baseline(overlap=1)) == 2


def test_a_search_cut_short_says_so(monkeypatch):
    monkeypatch.setattr(fixed_point_module, "_MOST_SEARCH_STEPS", 2)
    with pytest.raises(ReplicaError, match=r"not bracketed|not found"):
        replica_fixed_point(baseline(), "0.3", digits=12)


def test_newton_cut_short_says_so(monkeypatch):
    monkeypatch.setattr(fixed_point_module, "_MOST_NEWTON_STEPS", 1)
    with pytest.raises(ReplicaError, match="did not reach 30 digits in 1 steps"):
        replica_fixed_point(baseline(), "0.3", digits=30)


def test_quadrature_cut_short_says_so(monkeypatch):
    monkeypatch.setattr(channel_module, "_MOST_INTERVALS", 32)
    with pytest.raises(ReplicaError, match="not settled with 32 intervals"):
        replica_fixed_point(baseline(), "0.3", digits=12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"alpha": 0}, "alpha must satisfy alpha > 0, got 0"),
        ({"noise_variance": -1}, "noise_variance >= 0, got -1"),
        ({"ridge": -1}, "ridge >= 0, got -1"),
        ({"digits": 0}, "digits must be an integer >= 1, got 0"),
        ({"groups": [("0.5", 1, ("sign", 1))]}, "probabilities must sum to 1, got 0.5"),
        ({"groups": [(1, 0, ("sign", 1))]}, "scale must satisfy scale > 0, got 0"),
        ({"groups": [(1, 1, ("sign", 0))]}, "slab amplitude > 0, got 0"),
        ({"groups": [(1, 1, "uniform")]}, "slab must be 'zero', .* got 'uniform'"),
        ({"groups": [(1, 1, ("laplace", 1))]}, "slab must be 'zero'"),
        ({"groups": [(2, 1, "zero"), (-1, 1, "zero")]}, "probability >= 0, got -1"),
        ({"groups": [(1, 1, "zero")]}, "a nonzero slab or noise_variance > 0 is required"),
        ({"alpha": 1, "noise_variance": 1}, "diverges at alpha = 1 with noise"),
        ({"start": (0, 1)}, "start tau must satisfy start tau > 0, got 0"),
    ],
)
def test_invalid_problems_are_named(arguments, message):
    data = {"groups": MIXED, "alpha": "0.5"} | arguments
    with pytest.raises(ValueError, match=message):
        replica_fixed_point(data.pop("groups"), data.pop("alpha"), **data)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("0.1", "0.5", 1), "share of the group pt-only must be >= 0"),
        (("0.9", "0.5", "0.1"), "share of the group none must be >= 0"),
        (("0.1", "0.1", "1.5"), "share of the group new must be >= 0"),
        (("0.1", "1e300", "1e300"), r"share of the group new must be >= 0, got -1\.0e\+600"),
        (("0.1", 0, "0.5"), "rho_ft must satisfy rho_ft > 0, got 0"),
    ],
)
def test_impossible_teachers_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        pretrain_finetune_groups(*arguments, 1, 0, slab="sign")
    for amplitude in (0, -1.5):
        with pytest.raises(ValueError, match=f"ft_amplitude > 0, got {amplitude}"):
            pretrain_finetune_groups("0.1", "0.1", 1, 1, 0, slab="sign", ft_amplitude=amplitude)
    with pytest.raises(ValueError, match="slab must be 'sign' or 'gaussian', got 'zero'"):
        pretrain_finetune_groups("0.1", "0.1", 1, 1, 0, slab="zero")
