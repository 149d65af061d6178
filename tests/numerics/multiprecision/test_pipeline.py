"""Both stages from data in mpmath: known values, another method, limits, metamorphoses."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from mpmath import mp, mpf

from numerics import Initialization, Pretraining, TaskDistribution, solve_pipeline
from numerics.multiprecision import (
    ReplicaError,
    finetune_scale,
    pipeline_fixed_point,
    pipeline_groups,
    replica_fixed_point,
)
from numerics.multiprecision import averaged_channel as averaged_module
from numerics.multiprecision import integer_kernel as kernel_module
from numerics.multiprecision.channel import ChannelGroup, channel_moments
from numerics.multiprecision.integer_kernel import IntegerKernel, kernel_bits
from numerics.multiprecision.precision import exact

ONE = ("sign", 1)
MIXED = (
    ("0.1", ONE, ("gaussian", 2)),
    ("0.2", ("gaussian", "0.7"), ("sign", "1.5")),
    ("0.2", "zero", ("gaussian", 2)),
    ("0.5", "zero", "zero"),
)
BOTH = {
    "noise_variance_pt": "0.02",
    "ridge_pt": "0.1",
    "noise_variance": "0.01",
    "ridge": "0.05",
}
# (τ, θ) near the solutions of MIXED at c = 0.1, λ = −0.02, γ = 0.1, α_PT = 0.5 and α = 0.4.
NEAR = {"start": ("0.7", "1.2"), "start_pt": ("0.4", "0.4")}


def teacher(rho_pt, rho_ft, overlap):
    return pipeline_groups(rho_pt, rho_ft, overlap, slab="gaussian", digits=30)


def relative(first, second):
    with mp.workdps(40):
        return float(abs(mpf(first) / mpf(second) - 1))


@pytest.mark.parametrize(
    ("shares", "init", "alphas", "starts", "errors"),
    [
        (
            ("0.1", "0.1", 1), ("1e-3", 0, 0), ("0.3", "0.3"),
            ((0.167063, 0.412817), (0.441285, 0.480621)),
            ("0.051125390309329758023", "0.069298964229494359974"),
        ),
        (
            ("0.1", "0.1", "0.5"), ("1e-3", 0, 0), ("0.2", "0.3"),
            ((0.408, 0.622), (0.651162, 1.009384)),
            ("0.077475303269666022326", "0.30565676871648363989"),
        ),
        (
            ("0.1", "0.04", 1), ("1e-2", "-0.0099", 0), ("0.25", "0.25"),
            ((0.366, 0.5106), (0.0668787, 0.1355716)),
            ("0.065179956116933230384", "0.0045949155201899659944"),
        ),
        (
            ("0.2", "0.1", 0), ("0.1", 0, "0.1"), ("0.5", "0.4"),
            ((0.37, 0.41), (1.452137, 0.957445)),
            ("0.085170581172516228732", "0.36668068800800568607"),
        ),
    ],
    ids=["reuse", "half", "features", "new"],
)  # fmt: skip
def test_known_errors(shares, init, alphas, starts, errors):
    """Rows of the design's table, six digits of each by an independent prototype."""
    found = pipeline_fixed_point(
        teacher(*shares), *init, *alphas, digits=13, start_pt=starts[0], start=starts[1]
    )
    assert relative(found.mse_pt, errors[0]) < 2e-13
    assert relative(found.mse, errors[1]) < 2e-13
    assert found.residual < 1e-13
    assert (found.digits, len(found.group_mse)) == (13, len(teacher(*shares)))


def test_equations_hold_by_integration_over_z():
    """Another method: float64, grids in both z, proximal operators by bisection."""
    c, lam, gamma, alpha_pt, alpha = 0.1, -0.02, 0.1, 0.5, 0.4
    found = pipeline_fixed_point(
        MIXED, "0.1", "-0.02", "0.1", "0.5", "0.4", **BOTH, **NEAR, digits=10
    )
    x = np.linspace(-9, 9, 2001)
    density = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi) * (x[1] - x[0])

    def estimates(z, tau, scale):
        low, high = np.zeros_like(z), np.abs(z)
        for _ in range(50):
            middle = (low + high) / 2
            above = middle + tau / 2 * np.arcsinh(middle / scale) > np.abs(z)
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return np.copysign((low + high) / 2, z)

    def expectations(prior, tau, theta, scale):
        """E[η′] and E[(β̂ − β*)²]; a Gaussian β* by its conditional law given z."""
        slab, a = (prior[0], float(prior[1])) if prior != "zero" else ("sign", 0.0)
        spread = math.hypot(theta, a) if slab == "gaussian" else theta
        z = (0.0 if slab == "gaussian" else a) + spread * x
        mean = z * (a / spread) ** 2 if slab == "gaussian" else a
        variance = (a * theta / spread) ** 2 if slab == "gaussian" else 0.0
        estimate = estimates(z, tau, scale)
        slope = 1 / (1 + tau / (2 * np.hypot(scale, estimate)))
        return slope @ density, ((estimate - mean) ** 2 + variance) @ density

    tau_pt, theta_pt = float(found.tau_pt), float(found.theta_pt)
    tau, theta = float(found.tau), float(found.theta)
    first = second = np.zeros(2)
    # c_FT by Gauss-Hermite quadrature over z, smooth where β̂/c is not large.
    points, weights = np.polynomial.hermite_e.hermegauss(40)
    weights = weights / math.sqrt(2 * math.pi)
    for (probability, before, after), mse in zip(MIXED, found.group_mse, strict=True):
        first = first + float(probability) * np.array(expectations(before, tau_pt, theta_pt, c))
        slab, a = (before[0], float(before[1])) if before != "zero" else ("sign", 0.0)
        spread = math.hypot(theta_pt, a) if slab == "gaussian" else theta_pt
        z = (0.0 if slab == "gaussian" else a) + spread * points
        learned = estimates(z, tau_pt, c)
        scales = (c + lam) * (1 + np.hypot(1, learned / c)) + gamma**2
        means = weights @ np.array([expectations(after, tau, theta, s) for s in scales])
        assert means[1] == pytest.approx(float(mse), rel=1e-3)
        second = second + float(probability) * means
    for (response, error), (t, level), n, ridge, noise, mse in (
        (first, (tau_pt, theta_pt), alpha_pt, 0.1, 0.02, found.mse_pt),
        (second, (tau, theta), alpha, 0.05, 0.01, found.mse),
    ):
        assert error == pytest.approx(float(mse), rel=1e-4)
        assert ridge / t + response / n == pytest.approx(1, rel=1e-4)
        assert noise + error / n == pytest.approx(level**2, rel=1e-4)


def test_digits_claimed_are_correct():
    arguments = MIXED, "0.1", "-0.02", "0.1", "0.5", "0.4"
    few, many = (pipeline_fixed_point(*arguments, **BOTH, **NEAR, digits=d) for d in (10, 22))
    for name in ("mse_pt", "tau_pt", "theta_pt", "mse", "tau", "theta"):
        assert relative(getattr(few, name), getattr(many, name)) < 2e-10, name
    for ours, truth in zip(few.group_mse, many.group_mse, strict=True):
        assert abs(ours - truth) < 1e-10 * many.theta**2
    assert many.residual < mpf(10) ** -22
    assert 0 < few.nodes < many.nodes
    total = sum(mpf(p) * e for (p, _, _), e in zip(MIXED, many.group_mse, strict=True))
    assert relative(total, many.mse) < 1e-15


@pytest.mark.parametrize("alpha_pt", [1, "2.5", math.inf, "inf", mp.inf])
def test_perfect_pretraining_is_the_problem_of_one_stage(alpha_pt):
    groups = teacher("0.1", "0.1", "0.5")
    found = pipeline_fixed_point(groups, "1e-2", 0, "0.3", alpha_pt, "0.3", digits=20)
    single = replica_fixed_point(
        [
            (p, finetune_scale(0 if before == "zero" else 1, "1e-2", 0, "0.3"), after)
            for p, before, after in groups
        ],
        "0.3",
        digits=20,
    )
    assert (found.mse_pt, found.tau_pt, found.theta_pt) == (0, 0, 0)
    for name in ("mse", "tau", "theta"):
        assert relative(getattr(found, name), getattr(single, name)) < 2e-20


def test_perfect_pretraining_is_the_limit_of_much_data():
    groups = teacher("0.1", "0.1", "0.5")
    perfect = pipeline_fixed_point(groups, "1e-2", 0, "0.3", 1, "0.3", digits=12)
    missing = Fraction(1, 10**7)
    near = pipeline_fixed_point(
        groups, "1e-2", 0, "0.3", 1 - missing, "0.3", digits=10, start=("0.6", "0.9")
    )
    assert 0 < near.mse_pt < float(missing)
    assert 0 < abs(near.mse / perfect.mse - 1) < float(missing)


def test_least_squares_leaves_normal_errors():
    """Noise on β̂_PT is a Gaussian slab more, known without noise."""
    noisy = pipeline_fixed_point(
        [("0.4", ("gaussian", "0.4"), ("gaussian", 2)), ("0.6", "zero", "zero")],
        "0.5", 0, 0, "1.5", "0.4", noise_variance_pt="0.03", digits=12,
    )  # fmt: skip
    assert relative(noisy.mse_pt, "0.09") < 1e-11
    assert relative(noisy.theta_pt, "0.3") < 1e-11
    assert noisy.tau_pt == 0
    known = pipeline_fixed_point(
        [("0.4", ("gaussian", "0.5"), ("gaussian", 2)), ("0.6", ("gaussian", "0.3"), "zero")],
        "0.5", 0, 0, "inf", "0.4", digits=12,
    )  # fmt: skip
    assert relative(noisy.mse, known.mse) < 3e-12
    endless = pipeline_fixed_point(
        [(1, "zero", ("gaussian", 2))], 1, 0, 0, "inf", 2, noise_variance_pt="0.25"
    )
    assert endless.mse_pt == mpf("0.25")


def test_scales_of_a_gaussian_prior_by_quadrature_over_groups():
    """Smooth in β̂_PT at c = 2: sixteen groups of known scales stand for the law."""
    found = pipeline_fixed_point(
        [(1, ("gaussian", "0.5"), ("gaussian", 2))], 2, 0, 0, "inf", "0.4", digits=12
    )
    points, weights = np.polynomial.hermite_e.hermegauss(32)
    groups = [
        (2 * w / math.sqrt(2 * math.pi), finetune_scale(float(b) / 2, 2, 0), ("gaussian", 2))
        for b, w in zip(points, weights, strict=True)
        if b > 0
    ]
    assert relative(found.mse, replica_fixed_point(groups, "0.4", digits=12).mse) < 1e-11


def test_limits_in_which_pretraining_does_not_show():
    # c → ∞: both stages tend to the minimum norm; λ = −c: c_FT = γ², whatever β̂_PT.
    lazy = pipeline_fixed_point(teacher("0.1", "0.1", 1), "1e15", 0, 0, "0.3", "0.4", digits=10)
    assert relative(lazy.mse_pt, "0.07") < 1e-9
    assert relative(lazy.mse, "0.6") < 1e-9
    groups = [("0.3", ONE, ("sign", 2)), ("0.7", "zero", "zero")]
    readout = pipeline_fixed_point(groups, 1, -1, "0.1", "0.5", "0.6", digits=10)
    single = replica_fixed_point([(p, "0.01", b) for p, _, b in groups], "0.6", digits=10)
    assert relative(readout.mse, single.mse) < 2e-10


def test_fine_tuning_on_data_that_determine_the_coefficients():
    found = pipeline_fixed_point(MIXED, "0.1", 0, 0, "0.5", "2.5", noise_variance="0.3", digits=15)
    assert (found.tau, found.nodes) == (0, 0)
    assert relative(found.mse, "0.5") < 1e-14
    assert all(error == found.mse for error in found.group_mse)
    alone = replica_fixed_point([(p, "0.1", before) for p, before, _ in MIXED], "0.5", digits=15)
    assert relative(found.mse_pt, alone.mse) < 2e-15


def test_restated_problems_have_the_same_solution():
    arguments = "0.1", "-0.02", "0.1", "0.5", "0.4"
    whole = pipeline_fixed_point(MIXED, *arguments, **BOTH, **NEAR, digits=8)
    split = (*MIXED[::-1][:3], ("0.06", *MIXED[0][1:]), ("0.04", *MIXED[0][1:]))
    again = pipeline_fixed_point(split, *arguments, **BOTH, **NEAR, digits=8)
    assert relative(again.mse, whole.mse) < 1e-8
    assert relative(again.group_mse[3], whole.group_mse[0]) < 1e-7
    # Units of β: scales, amplitudes, ridge and τ grow with s; noise variance and error with s².
    grown = pipeline_fixed_point(
        [
            (p, *("zero" if law == "zero" else (law[0], exact("a", law[1]) * 100) for law in laws))
            for p, *laws in MIXED
        ],
        10, -2, 1, "0.5", "0.4",
        noise_variance_pt=200, ridge_pt=10, noise_variance=100, ridge=5,
        start=(70, 120), start_pt=(40, 40), digits=8,
    )  # fmt: skip
    assert relative(grown.mse, 10**4 * whole.mse) < 1e-7
    assert relative(grown.mse_pt, 10**4 * whole.mse_pt) < 1e-7


def test_start_saves_the_search():
    arguments = [("0.3", ONE, ("sign", 2)), ("0.7", "zero", "zero")], 1, 0, 0, "0.5", "0.6"
    unaided = pipeline_fixed_point(*arguments, digits=8)
    near = pipeline_fixed_point(*arguments, digits=8, start=(unaided.tau, unaided.theta))
    assert relative(near.mse, unaided.mse) < 1e-8
    assert near.iterations < unaided.iterations


@pytest.mark.parametrize(("slab", "amplitude"), [("zero", "0"), ("sign", "1.5"), ("gaussian", "2")])
@pytest.mark.parametrize(
    ("tau", "theta", "scale"),
    [("0.3", "0.6", "0.02"), ("1e-3", "1e-2", "3"), ("20", "1.7", "1e-6"), ("1", "2", "1e12")],
)
@pytest.mark.parametrize("digits", [12, 40])
def test_moments_in_integers_agree_with_those_of_the_channel(
    slab, amplitude, tau, theta, scale, digits
):
    context = mpmath.MPContext()
    context.dps = digits + 20
    step, level, c = (context.mpf(value) for value in (tau, theta, scale))
    group = ChannelGroup(Fraction(1), exact("c", scale), slab, exact("a", amplitude))
    expected = channel_moments(context, [group], step, level**2, digits)
    kernel = IntegerKernel(context, step, level, kernel_bits(digits, 60))
    found = kernel.moments((slab, exact("a", amplitude)), c, digits)
    for i in range(3):
        size = max(1, abs(expected.response[i]))
        assert abs(found.values[i] - expected.response[i]) < size * context.mpf(10) ** (2 - digits)
        error = expected.error[i] / level**2
        size = max(1, abs(error))
        assert abs(found.values[3 + i] - error) < size * context.mpf(10) ** (2 - digits)


def test_groups_of_the_teacher():
    groups = pipeline_groups(
        "0.2", "0.1", "0.5", slab="sign", pt_slab="gaussian", pt_amplitude="3/4"
    )
    assert [float(share) for share, _, _ in groups] == [0.05, 0.05, 0.15, 0.75]
    before = ("gaussian", Fraction(3, 4))
    assert [laws[0] for _, *laws in groups] == [before, "zero", before, "zero"]
    assert [laws[1][0] for _, *laws in groups] == ["sign", "sign", "z", "z"]
    assert abs(groups[0][2][1] ** 2 - 10) < 1e-13
    assert len(teacher("0.1", "0.1", 1)) == 2
    with pytest.raises(ValueError, match="pt_slab must be 'sign' or 'gaussian', got 'zero'"):
        pipeline_groups("0.2", "0.1", "0.5", slab="sign", pt_slab="zero")
    with pytest.raises(ValueError, match="share of the group pt-only must be >= 0"):
        pipeline_groups("0.1", "0.5", 1, slab="sign")


def test_nodes_beyond_the_table_are_those_of_a_longer_one(monkeypatch):
    context = mpmath.MPContext()
    table = kernel_module.HyperbolicTable(context, 8, 120)
    long = table.between(1001, 2001), [table.sinh(j) for j in (3, 1500)]
    monkeypatch.setattr(kernel_module, "_TABULATED", 64)
    short = kernel_module.HyperbolicTable(context, 8, 120)
    beyond = short.between(1001, 2001), [short.sinh(j) for j in (3, 1500)]
    for one, other in zip((*long[0], long[1]), (*beyond[0], beyond[1]), strict=True):
        assert len(one) == len(other) > 1
        for a, b in zip(one, other, strict=True):
            assert abs(a - b) <= 2**24  # rounding of 2^11 steps, at sinh 8 < 2^11, and room
    assert short.sinh(1500) / 2**120 == pytest.approx(math.sinh(1500 / 256), rel=1e-14)


def test_a_narrow_channel_far_out_settles():
    # Near θ = 2e-4 a coefficient of 9 at scale 4e-6 needs steps of 2^-17 in u, at u = 15.
    task = TaskDistribution.pretrain_finetune(0.1, 0.0113, 0.22, slab="sign", pt_slab="gaussian")
    found = solve_pipeline(task, Initialization(2e-6, 0.0), Pretraining(0.129, ridge=0.0069), 0.716)
    many = pipeline_fixed_point(
        pipeline_groups("0.1", "0.0113", "0.22", slab="sign", pt_slab="gaussian", digits=15),
        "2e-6", 0, 0, "0.129", "0.716",
        ridge_pt="0.0069",
        start=(Fraction(float(found.tau[0])), Fraction(float(found.theta[0]))),
        start_pt=(Fraction(found.pretraining.tau), Fraction(found.pretraining.theta)),
        digits=10,
    )  # fmt: skip
    assert relative(many.mse, found.mse[0]) < 1e-9


@pytest.mark.parametrize(
    ("module", "name", "limit", "message"),
    [
        (averaged_module, "_MOST_NODES", 8, "law of c_FT after pretraining on a sign prior not"),
        (kernel_module, "_MOST_NODES", 8, "prior at scale .* not settled with steps of 2"),
    ],
)
def test_quadrature_cut_short_says_so(monkeypatch, module, name, limit, message):
    monkeypatch.setattr(module, name, limit)
    with pytest.raises(ReplicaError, match=message):
        pipeline_fixed_point(MIXED, "0.1", 0, 0, "0.5", "0.4", start_pt=NEAR["start_pt"], digits=8)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"c": 0}, "absolute scale must satisfy c > 0, got c=0"),
        ({"lam": 2}, r"must satisfy \|lam\| <= c, got lam=2, c=1"),
        ({"gamma": -1}, "gamma >= 0, got gamma=-1"),
        ({"lam": -1}, r"c_FT > 0 is required \(lam > -c or gamma > 0\), got .* lam=-1, gamma=0"),
        ({"alpha_pt": 0}, "alpha_pt must satisfy alpha_pt > 0, got 0"),
        ({"alpha_pt": "-inf"}, "alpha_pt must be a finite real number, got '-inf'"),
        ({"alpha_pt": math.nan}, "alpha_pt must be a finite real number, got nan"),
        ({"alpha": 0}, "alpha must satisfy alpha > 0, got 0"),
        ({"alpha": math.inf}, "alpha must be a finite real number, got inf"),
        ({"noise_variance_pt": -1}, "noise_variance_pt >= 0, got -1"),
        ({"ridge_pt": -1}, "ridge_pt >= 0, got -1"),
        ({"noise_variance": -1}, "noise_variance >= 0, got -1"),
        ({"ridge": -1}, "ridge >= 0, got -1"),
        ({"alpha_pt": "inf", "ridge_pt": "0.5"}, r"ridge_pt must be 0 at alpha_pt = inf, got 0\.5"),
        ({"alpha_pt": 1, "noise_variance_pt": 1}, "diverges at alpha_pt = 1 with noise: ridge_pt"),
        ({"alpha": 1, "noise_variance": 1}, "diverges at alpha = 1 with noise: ridge > 0"),
        ({"groups": [(1, "zero", ONE)]}, "a nonzero prior or noise_variance_pt > 0 is required"),
        ({"groups": [(1, ONE, "zero")]}, "a nonzero prior or noise_variance > 0 is required"),
        ({"groups": [("0.5", ONE, ONE)]}, "probabilities must sum to 1, got 0.5"),
        ({"groups": [(2, ONE, ONE), (-1, ONE, ONE)]}, "probability >= 0, got -1"),
        ({"groups": [(1, ("sign", 0), ONE)]}, "pretraining prior amplitude > 0, got 0"),
        ({"groups": [(1, "uniform", ONE)]}, "pretraining prior must be 'zero', .* got 'uniform'"),
        ({"groups": [(1, ONE, ("laplace", 1))]}, "fine-tuning prior must be 'zero'"),
        ({"digits": 0}, "digits must be an integer >= 1, got 0"),
        ({"start": (0, 1)}, "start tau must satisfy start tau > 0, got 0"),
        ({"start_pt": (1, -1)}, "start theta must satisfy start theta > 0, got -1"),
    ],
)
def test_invalid_problems_are_named(change, message):
    data = {"groups": MIXED, "c": 1, "lam": 0, "gamma": 0, "alpha_pt": "0.5", "alpha": "0.5"}
    with pytest.raises(ValueError, match=message):
        pipeline_fixed_point(**(data | change))
