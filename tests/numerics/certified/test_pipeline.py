"""Both stages enclosed: known digits, other solvers, limits; what the proof claims; saboteurs."""

import cmath
import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx

from numerics import Initialization, Pretraining, TaskDistribution, solve_pipeline
from numerics.certified import (
    ExactPretraining,
    Mixture,
    NotCertifiedError,
    averaged,
    certify_pipeline,
    certify_replica,
    fixed_point,
    pipeline,
)
from numerics.certified.averaged import AveragedChannel, Law, Scales, TwoStageGroup
from numerics.certified.channel import Accuracy, State
from numerics.multiprecision import pipeline_fixed_point
from numerics.tasks import CoordinateGroup

# Rows of the design's table: ρ_PT, ρ_FT, ω; c, λ/c, γ; α_PT, α; E_PT and E to twenty digits by
# mpmath.
TABLE = (
    (
        ("0.1", "0.1", 1), ("1e-3", 0, 0), ("0.3", "0.3"),
        ("0.051125390309329758023", "0.069298964229494359974"),
    ),
    (
        ("0.1", "0.1", "0.5"), ("1e-3", 0, 0), ("0.2", "0.3"),
        ("0.077475303269666022326", "0.30565676871648363989"),
    ),
    (
        ("0.1", "0.04", 1), ("1e-2", "-0.99", 0), ("0.25", "0.25"),
        ("0.065179956116933230384", "0.0045949155201899659944"),
    ),
    (
        ("0.2", "0.1", 0), ("0.1", 0, "0.1"), ("0.5", "0.4"),
        ("0.085170581172516228732", "0.36668068800800568607"),
    ),
)  # fmt: skip
REUSE = TaskDistribution.pretrain_finetune(0.1, 0.1, 1.0, slab="gaussian")
SMALL = Initialization(1e-3, 0.0)


def written(row, digits, **given):
    """Certify a row of the table, its numbers as they are written."""
    shares, (c, relative, gamma), (alpha_pt, alpha), _ = row
    mixture = Mixture.pretrain_finetune(
        *shares, c=c, relative_scale=relative, gamma=gamma, slab="gaussian"
    )
    return certify_pipeline(
        mixture, None, ExactPretraining.of(alpha_pt), alpha, digits=digits, **given
    )


def holds(ball, text):
    """Whether a ball holds the number that a text gives, right to its last digit."""
    places = len(text.partition(".")[2])
    return bool((ball - arb(text)).abs_lower() <= arb(10) ** -places)


@pytest.mark.parametrize("row", TABLE, ids=["reuse", "half", "features", "new"])
def test_known_errors(row):
    found = written(row, 10)
    (point,) = found.points
    assert (point.certified, point.reason) == (True, "")
    assert holds(found.pretraining.mse, row[-1][0])
    assert holds(point.mse, row[-1][1])
    assert point.mse.rel_accuracy_bits() > 3.33 * 10


def test_many_digits():
    (error,) = written(TABLE[0], 18).mse
    assert holds(error, TABLE[0][-1][1])
    assert error.rel_accuracy_bits() > 3.33 * 18


def random_problem(rng):
    """Return a task, an initialisation, data of pretraining, α, σ² and ϱ."""
    before, after = rng.uniform(0.05, 0.4, 2)
    overlap = rng.uniform(0.0, min(1.0, before / after))
    task = TaskDistribution.pretrain_finetune(
        before,
        after,
        overlap,
        slab=str(rng.choice(["sign", "gaussian"])),
        pt_slab=str(rng.choice(["sign", "gaussian"])),
    )
    c = 10.0 ** rng.uniform(-4, 0.5)
    relative, gamma = rng.choice([-0.99, 0.0, 0.9]), rng.choice([0.0, 0.1, 1.0])
    pretraining = Pretraining(
        float(rng.choice([rng.uniform(0.05, 0.9), rng.uniform(1.1, 3.0)])),
        float(rng.choice([0.01, 0.3])),
        float(rng.choice([0.0, 0.1])),
    )
    strengths = float(rng.choice([0.0, 0.02])), float(rng.choice([0.0, 0.05]))
    return (
        (task, Initialization(c, relative * c, gamma), pretraining),
        rng.uniform(0.05, 0.9),
        strengths,
    )


@pytest.mark.parametrize("seed", range(3))
def test_against_mpmath(seed):
    (task, init, pretraining), alpha, (noise, ridge) = random_problem(np.random.default_rng(seed))
    near = solve_pipeline(
        task, init, pretraining, alpha, noise_variance=noise, ridge=ridge, throw=False
    )
    starts = {"start": (near.tau[0], near.theta[0])}
    if near.pretraining.tau:
        starts["start_pt"] = near.pretraining.tau, near.pretraining.theta

    def prior(slab, amplitude):
        return (slab, amplitude) if amplitude else "zero"

    other = pipeline_fixed_point(
        [
            (
                Fraction(group.probability),
                prior(group.pt_slab, group.pt_magnitude),
                prior(group.slab, group.ft_amplitude),
            )
            for group in task.groups
        ],
        init.c,
        init.lam,
        init.gamma,
        pretraining.alpha,
        alpha,
        noise_variance_pt=pretraining.noise_variance,
        ridge_pt=pretraining.ridge,
        noise_variance=noise,
        ridge=ridge,
        digits=11,
        **starts,
    )
    found = certify_pipeline(
        task, init, pretraining, alpha, noise_variance=noise, ridge=ridge, digits=8
    )
    (point,) = found.points
    assert point.certified
    pairs = (
        (point.mse, other.mse),
        (point.tau, other.tau),
        (point.theta, other.theta),
        (found.pretraining.mse, other.mse_pt),
        (found.pretraining.theta, other.theta_pt),
        *zip(point.group_mse, other.group_mse, strict=True),
    )
    for ball, number in pairs:
        # To the digits of mpmath's number, those of θ² for a group's error.
        room = 2e-11 * max(abs(float(number)), float(other.theta) ** 2)
        assert (ball + arb(0, room)).contains(arb(str(number)))
        assert ball.rad() < 1e-7 * max(float(number), float(other.theta) ** 2)


@pytest.mark.parametrize("seed", range(100, 103))
def test_against_float64(seed):
    problem, alpha, (noise, ridge) = random_problem(np.random.default_rng(seed))
    strengths = {"noise_variance": noise, "ridge": ridge}
    other = solve_pipeline(*problem, alpha, throw=False, **strengths)
    (point,) = certify_pipeline(*problem, alpha, digits=8, **strengths).points
    error = float(other.mse[0])
    assert point.certified
    assert (point.mse + arb(0, 1e-9 * error)).contains(arb(error))
    slope = float(other.mse_gradient[3, 0]) * alpha / error
    assert (point.log_error_slope + arb(0, 1e-6)).contains(arb(slope))
    assert (point.training_error == 0) == (ridge == 0)


@pytest.mark.parametrize("seed", [1, 4, 7, 8])
def test_slopes_against_float64(seed):
    problem, alpha, (noise, ridge) = random_problem(np.random.default_rng(seed))
    strengths = {"noise_variance": noise, "ridge": ridge}
    other = solve_pipeline(*problem, alpha, throw=False, **strengths)
    (point,) = certify_pipeline(*problem, alpha, digits=8, slopes=True, **strengths).points
    pairs = (
        (point.log_error_slope, other.mse_gradient[3, 0] * alpha),
        (point.pretraining_slope, other.mse_gradient[4, 0] * problem[2].alpha),
    )
    for ball, number in pairs:
        slope = float(number / other.mse[0])
        assert (ball + arb(0, 1e-9 * max(1.0, abs(slope)))).contains(arb(slope))
        assert ball.rad() < 1e-7


class TestSaboteurs:
    """What is wrong does not hold the truth."""

    def test_wrong_scale(self, monkeypatch):
        monkeypatch.setattr(
            Scales,
            "at",
            lambda scales, cosh: (
                arb(str(float(scales.c + scales.lam))) * cosh + arb(float(scales.gamma)) ** 2
            ),
        )
        (point,) = written(TABLE[1], 8).points
        assert point.certified
        assert not holds(point.mse, TABLE[1][-1][1])

    def test_steps_too_long_for_their_bound(self, monkeypatch):
        right = averaged.rule_for

        def wrong(*given, **limits):
            rule = right(*given, **limits)
            return replace(rule, step=rule.step * 4, first=rule.first // 4, last=rule.last // 4 + 1)

        monkeypatch.setattr(averaged, "rule_for", wrong)
        try:
            (point,) = written(TABLE[0], 10).points
        except ValueError:  # the two enclosures of p do not meet
            return
        assert not (point.certified and holds(point.mse, TABLE[0][-1][1]))

    def test_noise_of_pretraining_left_out(self, monkeypatch):
        right = AveragedChannel.__init__

        def wrong(channel, groups, scales, tau, theta_squared, *rest):
            right(channel, groups, scales, tau, theta_squared * arb("0.99"), *rest)

        monkeypatch.setattr(AveragedChannel, "__init__", wrong)
        (point,) = written(TABLE[0], 8).points
        assert not holds(point.mse, TABLE[0][-1][1])


def channel():
    groups = (
        TwoStageGroup("both", Fraction(1, 5), Law("sign", Fraction(1)), Law("sign", Fraction(2))),
        TwoStageGroup(
            "new", Fraction(1, 5), Law("gaussian", Fraction(1)), Law("gaussian", Fraction(3))
        ),
        TwoStageGroup("none", Fraction(3, 5), Law("zero", Fraction(0)), Law("zero", Fraction(0))),
    )
    scales = Scales(Fraction(1, 50), Fraction(-1, 100), Fraction(1, 10))
    return AveragedChannel(groups, scales, arb(0.3), arb(0.1))


class TestIdentities:
    """Between integrals of different functions: E[η′] + E[1 − η′] = 1, p = θ²(2E[η′] − 1) + B."""

    state = State(arb(0.4), arb(0.2))

    def moments(self, log_accuracy):
        accuracy = Accuracy(log_accuracy, log_accuracy)
        direct = channel().direct_moments(self.state, accuracy, slopes=False)
        residual = channel().residual_moments(self.state, accuracy, slopes=False)
        return *direct, *residual

    @pytest.mark.parametrize("log_accuracy", [-5.0, -15.0, -40.0])
    def test_hold(self, log_accuracy):
        with ctx.workprec(120):
            response, error, rest, squares = (one.value for one in self.moments(log_accuracy))
            whole = response + rest
            stein = self.state.theta_squared * (2 * response - 1) + squares
            assert whole.contains(1)
            assert error.overlaps(stein)
            assert whole.rad() < 10 * math.exp(log_accuracy)

    def test_fail_with_steps_too_long_for_their_bound(self, monkeypatch):
        right = averaged.rule_for

        def wrong(*given, **limits):
            rule = right(*given, **limits)
            return replace(rule, step=rule.step * 3, first=rule.first // 3, last=rule.last // 3 + 1)

        monkeypatch.setattr(averaged, "rule_for", wrong)
        with ctx.workprec(120):
            response, _, rest, _ = (one.value for one in self.moments(-40.0))
            assert not (response + rest).contains(1)

    def test_slopes(self):
        """Differences of enclosures hold the derivatives, as moments are nearly linear."""
        with ctx.workprec(160):
            accuracy, step = Accuracy(-32.0, -32.0), arb("1e-5")
            ends = [
                State(self.state.tau * (sign * step).exp(), self.state.theta_squared)
                for sign in (1, -1)
            ]
            for form in ("direct_moments", "residual_moments"):
                take = getattr(channel(), form)
                high, low = (take(end, accuracy, slopes=False) for end in ends)
                there = take(self.state, accuracy, slopes=True)
                for one, two, at in zip(high, low, there, strict=True):
                    slope = (one.value - two.value) / (2 * step)
                    assert abs(slope - at.in_tau) < 1e-8


def estimates(z, scale, half_tau, steps=400):
    """Return β̂ and η′ at z for a complex scale, followed from |scale| along its argument."""
    u = np.arcsinh(z / abs(scale)).astype(complex)
    for share in np.linspace(0.0, 1.0, steps):
        turned = abs(scale) * cmath.exp(1j * cmath.phase(scale) * share)
        for _ in range(60 if share == 0.0 else 6):
            off = turned * np.sinh(u) + half_tau * u - z
            u = u - off / (turned * np.cosh(u) + half_tau)
    assert np.abs(scale * np.sinh(u) + half_tau * u - z).max() < 1e-10
    radius = scale * np.cosh(u)
    return scale * np.sinh(u), radius / (radius + half_tau)


class TestComplexScales:
    """The lemma of `numerics.certified.averaged`: bounds where Re C > 0."""

    z = np.linspace(-6.0, 6.0, 241)

    @pytest.mark.parametrize("phase", [0.3, -0.7, 1.2, 1.5, -1.55])
    @pytest.mark.parametrize("size", [1e-3, 0.1, 3.0])
    def test_bounds(self, phase, size):
        estimate, slope = estimates(self.z, size * cmath.exp(1j * phase), 0.2)
        allowed = np.abs(self.z) * (1 + 1e-12) + 1e-12
        assert (np.abs(slope - 0.5) <= 0.5 + 1e-12).all()
        assert (np.abs(estimate) <= allowed).all()
        assert (np.abs(self.z - estimate) <= allowed).all()
        assert (np.abs(estimate - 0.3 * self.z) <= allowed).all()

    def test_fail_beyond_the_half_plane(self):
        _, slope = estimates(self.z, 0.1 * cmath.exp(2.4j), 0.2)
        assert (np.abs(slope - 0.5) > 0.5).any()

    def test_scales_on_the_strip_are_in_it(self):
        x = np.linspace(-30.0, 30.0, 601)
        for b in (0.1, 0.4, 0.7):
            scale = 0.003 * (1 + np.cosh(x + 1j * b)) + 0.01
            assert (np.abs(np.angle(scale)) <= b).all()


class TestLimits:
    """Where c_FT is one number in each group, or does not matter."""

    def test_perfect_pretraining(self):
        perfect = certify_pipeline(REUSE, SMALL, Pretraining(1.0), [0.2, 0.3], digits=12)
        single = certify_replica(REUSE, SMALL, [0.2, 0.3], digits=12)
        assert perfect.pretraining.mse == 0
        for one, other in zip(perfect.mse, single.mse, strict=True):
            assert one.overlaps(other)
            assert one.rel_accuracy_bits() > 3.33 * 12

    def test_nearly_perfect_pretraining(self):
        single = certify_replica(REUSE, SMALL, 0.3).mse[0]
        noisy = certify_pipeline(REUSE, SMALL, Pretraining(math.inf, 1e-12), 0.3).mse[0]
        assert abs(noisy / single - 1) < 1e-6
        assert not noisy.overlaps(single)

    def test_many_magnitudes_recovered(self):
        task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, pt_slab="gaussian")
        other = solve_pipeline(task, SMALL, Pretraining(2.0), 0.3)
        found = certify_pipeline(task, SMALL, Pretraining(2.0), 0.3)
        assert (found.pretraining.tau, found.pretraining.theta) == (0, 0)
        assert (found.mse[0] + arb(0, 1e-12)).contains(arb(float(other.mse[0])))

    def test_magnitudes_by_rational_numbers(self):
        """A mixture whose numbers are those of the task in float64."""
        task = TaskDistribution.pretrain_finetune(0.25, 0.25, 0.5, pt_slab="gaussian")
        init, data = Initialization(0.125, 0.0), Pretraining(0.5, 0.25)
        exact = Mixture.pretrain_finetune("1/4", "1/4", "1/2", c="1/8", pt_slab="gaussian")
        signs = Mixture.pretrain_finetune("1/4", "1/4", "1/2", c="1/8")
        error = certify_pipeline(task, init, data, 0.25).mse[0]
        assert error.overlaps(certify_pipeline(exact, None, data, 0.25).mse[0])
        assert not error.overlaps(certify_pipeline(signs, None, data, 0.25).mse[0])
        # Where c_FT does not matter, nor does its law.
        (point,) = certify_pipeline(exact, None, data, 2.0, noise_variance=0.5).points
        assert (point.mse, point.tau) == (1, 0)

    def test_slopes_where_more_pretraining_changes_nothing(self):
        for pretraining in (Pretraining(2.0), Pretraining(math.inf, 0.1)):
            (point,) = certify_pipeline(REUSE, SMALL, pretraining, 0.3, slopes=True).points
            assert point.pretraining_slope == 0
        (point,) = certify_pipeline(REUSE, SMALL, Pretraining(1.0), 0.3, slopes=True).points
        assert math.isnan(float(point.pretraining_slope))

    def test_least_squares_pretraining(self):
        found = certify_pipeline(REUSE, SMALL, Pretraining(4.0, 0.75), 0.3).pretraining
        assert (found.tau, found.mse) == (0, 1)

    def test_no_scale_left(self):
        init = Initialization(1e-3, -1e-3)
        (point,) = certify_pipeline(REUSE, init, Pretraining(0.3), 0.3, digits=8).points
        assert point.mse.overlaps(certify_replica(REUSE, init, 0.3, digits=8).mse[0])

    def test_least_squares_finetuning(self):
        (point,) = certify_pipeline(REUSE, SMALL, Pretraining(0.3), 2.0, noise_variance=0.5).points
        assert (point.mse, point.tau) == (1, 0)

    def test_nothing_to_learn_in_pretraining(self):
        task = TaskDistribution((CoordinateGroup("all", 1.0, 0.0, "sign", 1.0),))
        found = certify_pipeline(task, SMALL, Pretraining(0.3), 0.5)
        assert found.pretraining.mse == 0
        assert found.mse[0].overlaps(certify_replica(task, SMALL, 0.5).mse[0])

    def test_split_groups(self):
        """Halves of the groups are the same task."""
        halves = tuple(
            replace(group, probability=group.probability / 2)
            for group in REUSE.groups
            for _ in range(2)
        )
        whole = certify_pipeline(REUSE, SMALL, Pretraining(0.3), 0.3).points[0]
        split = certify_pipeline(TaskDistribution(halves), SMALL, Pretraining(0.3), 0.3).points[0]
        assert whole.mse.overlaps(split.mse)
        assert split.group_mse[0].overlaps(whole.group_mse[0])
        assert split.group_mse[1].overlaps(whole.group_mse[0])


class TestRefusals:
    def test_out_of_reach(self):
        found = certify_pipeline(REUSE, SMALL, Pretraining(1e4, ridge=0.1), 0.3)
        assert found.certified == (False,)
        assert "beyond 1000 with a ridge" in found.points[0].reason
        assert not found.mse[0].is_finite()
        assert not found.pretraining.certified

    def test_pretraining_not_certified(self, monkeypatch):
        def stop(*_, **__):
            raise NotCertifiedError("no box")

        monkeypatch.setattr(fixed_point, "_enclose", stop)
        (point,) = certify_pipeline(REUSE, SMALL, Pretraining(0.3), 0.3).points
        assert (point.certified, point.reason) == (False, "pretraining: no box")
        assert len(point.group_mse) == len(REUSE.groups)

    def test_no_start(self, monkeypatch):
        monkeypatch.setattr(pipeline, "float_pipeline_states", lambda *_: np.full((2, 1), math.nan))
        (point,) = certify_pipeline(REUSE, SMALL, Pretraining(0.3), 0.3).points
        assert "float64 finds no solution" in point.reason

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"task": "task"}, "task must be a TaskDistribution"),
            ({"task": TaskDistribution.single_task(0.1)}, "must have a pretraining stage"),
            ({"pretraining": 0.3}, "must be a Pretraining or ExactPretraining"),
            ({"alpha": 1e-4}, "alpha must lie in"),
            ({"alpha": arb("0.3", "0.1")}, "alpha must be a number"),
            ({"alpha": []}, "alpha must not be empty"),
            ({"digits": 2}, r"digits must be an integer in \[3, 60\]"),
            ({"noise_variance": -1}, "noise_variance must lie in"),
            ({"ridge": 2000}, "ridge must lie in"),
            (
                {"task": TaskDistribution((CoordinateGroup("all", 1.0, 1.0, "zero"),))},
                "beta\\* != 0 in fine-tuning, or noise_variance > 0, is required",
            ),
            ({"task": Mixture.of(REUSE, SMALL)}, "init must be None"),
        ],
    )
    def test_arguments(self, given, message):
        usual = {"task": REUSE, "init": SMALL, "pretraining": Pretraining(0.3), "alpha": 0.3}
        with pytest.raises(ValueError, match=message):
            certify_pipeline(**(usual | given))

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            (("1e-4",), "alpha of pretraining must be >= 1e-3"),
            (("1", "0.1"), "must not be 1 with noise"),
            (("0.3", -1), "noise_variance of pretraining must lie in"),
            (("0.3", 0, "2000"), "ridge of pretraining must lie in"),
            (("many",), "alpha must be a finite number"),
        ],
    )
    def test_data_of_pretraining(self, given, message):
        with pytest.raises(ValueError, match=message):
            ExactPretraining.of(*given)
