"""The error curve after pretraining on data."""

import math
from dataclasses import fields, replace

import numpy as np
import pytest
from scipy.special import ndtri

import numerics.pipeline.averaged as averaged
from numerics import Initialization, Pretraining, TaskDistribution, solve_pipeline, solve_replica
from numerics.pipeline import PIPELINE_PARAMETERS, PretrainingError, pretraining
from numerics.replica import ConvergenceError, ReplicaCurve
from numerics.tasks import CoordinateGroup

# rho_PT, rho_FT, omega, c, lambda, gamma, alpha_PT, alpha: E_PT, E, E after perfect pretraining.
KNOWN = [
    ((0.1, 0.1, 1.0, 1e-3, 0.0, 0.0, 0.3, 0.3), 0.0511254, 0.0692990, 5.705e-05),
    ((0.1, 0.1, 0.5, 1e-3, 0.0, 0.0, 0.2, 0.3), 0.0774753, 0.3056568, 0.0911658),
    ((0.1, 0.04, 1.0, 1e-2, -0.0099, 0.0, 0.25, 0.25), 0.0651800, 0.0045949, 1.904e-04),
    ((0.2, 0.1, 0.0, 0.1, 0.0, 0.1, 0.5, 0.4), 0.0851706, 0.3666807, 0.4166976),
]


@pytest.mark.parametrize(("setting", "first", "second", "perfect"), KNOWN)
def test_known_values(setting, first, second, perfect):
    *shares, c, lam, gamma, alpha_pt, alpha = setting
    task = TaskDistribution.pretrain_finetune(*shares, slab="gaussian")
    init = Initialization(c, lam, gamma)
    curve = solve_pipeline(task, init, Pretraining(alpha_pt), alpha)
    assert curve.pretraining.mse == pytest.approx(first, abs=5e-8)
    assert curve.mse[0] == pytest.approx(second, abs=5e-8)
    assert curve.relative_error[0] < 1e-12
    exact = solve_pipeline(task, init, Pretraining(math.inf), alpha)
    assert exact.mse[0] == pytest.approx(perfect, abs=5e-8)


def drawn(rng):
    """A random problem: task, initialisation, pretraining, alpha, and the rest."""
    rho_pt, rho_ft = 10 ** rng.uniform(-2, -0.2, 2)
    low, high = max(0.0, 1.0 - (1.0 - rho_pt) / rho_ft), min(1.0, rho_pt / rho_ft)
    slab, pt_slab = rng.choice(["sign", "gaussian"], 2)
    task = TaskDistribution.pretrain_finetune(
        rho_pt, rho_ft, rng.uniform(low, high), slab=slab, pt_slab=pt_slab
    )
    c = 10 ** rng.uniform(-8, 1)
    ratio = rng.choice([-1.0, 0.0, 1.0, -1.0 + 10 ** rng.uniform(-5, 0)])
    gamma = 10 ** rng.uniform(-3, 0) if ratio == -1.0 else rng.choice([0.0, 0.1])
    first = Pretraining(
        rng.choice([10 ** rng.uniform(-3, -0.05), rng.uniform(0.1, 0.9), rng.uniform(1.1, 9.0)]),
        rng.choice([0.01, 10 ** rng.uniform(-5, 0)]),
        rng.choice([0.0, 0.0, 10 ** rng.uniform(-4, 0)]),
    )
    rest = {"noise_variance": rng.choice([0.0, 0.05]), "ridge": rng.choice([0.0, 0.0, 0.1])}
    return task, Initialization(c, ratio * c, gamma), first, rng.uniform(0.02, 0.98), rest


def test_gauss_rules_agree_with_the_laws_themselves(monkeypatch):
    rng = np.random.default_rng(18)
    problems = [drawn(rng) for _ in range(25)]
    found = [solve_pipeline(*problem[:4], **problem[4]) for problem in problems]
    monkeypatch.setattr(averaged, "_NODE_SHARES", ((1e9, 1e9, 1.0),))  # all nodes
    for problem, curve in zip(problems, found, strict=True):
        finest = solve_pipeline(*problem[:4], **problem[4])
        assert finest.nodes[0] > curve.nodes[0]
        assert curve.mse == pytest.approx(finest.mse, rel=1e-11, abs=0.0)
        assert curve.relative_error[0] < 1e-11
        assert curve.mse_gradient == pytest.approx(
            finest.mse_gradient, rel=1e-7, abs=1e-10 * finest.mse[0]
        )


def test_the_last_rung_is_the_law_itself(monkeypatch):
    """Where no Gauss rule is accepted, all nodes of the law are used, with the same result."""
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5)
    arguments = (task, Initialization(1e-6, 0.0), Pretraining(0.2), [0.3, 0.6])
    usual = solve_pipeline(*arguments)
    monkeypatch.setattr(averaged, "_NODE_SHARES", ((0.3, 0.2, 0.2),))
    rough = solve_pipeline(*arguments)
    assert (rough.nodes > 5 * usual.nodes).all()
    assert rough.mse == pytest.approx(usual.mse, rel=1e-11)


def test_derivatives_are_those_of_the_error():
    rng = np.random.default_rng(3)
    for _ in range(8):
        task, init, first, alpha, rest = drawn(rng)
        at = np.array([
            init.c, init.relative_scale, init.gamma, alpha,
            first.alpha, math.sqrt(first.noise_variance),
        ])  # fmt: skip
        curve = solve_pipeline(task, init, first, alpha, **rest)

        def error(x, task=task, first=first, rest=rest):
            moved = Pretraining(x[4], x[5] ** 2, first.ridge)
            begin = Initialization(x[0], x[1] * x[0], x[2])
            return solve_pipeline(task, begin, moved, x[3], **rest).mse[0]

        for index, name in enumerate(PIPELINE_PARAMETERS):
            if (name == "lambda/c" and abs(at[1]) > 0.99) or (name == "gamma" and at[2] == 0.0):
                continue  # there is no other side
            step = np.zeros(6)
            step[index] = 1e-4 * (at[index] or 1.0)
            near, far = (error(at + k * step) - error(at - k * step) for k in (1.0, 2.0))
            numeric = (8.0 * near - far) / (12.0 * step[index])
            numeric *= init.c if name == "log c" else 1.0
            assert curve.mse_gradient[index, 0] == pytest.approx(
                numeric, rel=1e-6, abs=1e-7 * curve.mse[0]
            ), name


@pytest.mark.parametrize("first", [Pretraining(math.inf), Pretraining(1.0), Pretraining(2.5)])
@pytest.mark.parametrize("ridge", [0.0, 0.05])
def test_perfect_pretraining_is_the_replica_curve_bit_for_bit(first, ridge):
    task = TaskDistribution.pretrain_finetune(0.1, 0.2, 0.4, slab="gaussian")
    init, alpha = Initialization(1e-3, -5e-4, 0.01), np.linspace(0.05, 1.5, 9)
    arguments = {"noise_variance": 0.01, "ridge": ridge}
    curve = solve_pipeline(task, init, first, alpha, **arguments)
    exact = solve_replica(task, init, alpha, **arguments)
    for field in fields(ReplicaCurve):
        if field.name not in ("mse_gradient", "threshold", "group_names"):
            assert np.array_equal(getattr(curve, field.name), getattr(exact, field.name)), field
    assert np.array_equal(curve.mse_gradient[:4], exact.mse_gradient)
    slopes = curve.mse_gradient[4:]
    assert np.isnan(slopes).all() if first.alpha == 1.0 else (slopes == 0.0).all()
    assert (curve.pretraining.tau, curve.pretraining.theta, curve.pretraining.mse) == (0, 0, 0)


@pytest.mark.parametrize("pt_slab", ["sign", "gaussian"])
def test_there_is_no_derivative_at_the_kink_but_with_a_ridge(pt_slab):
    task = TaskDistribution.pretrain_finetune(0.1, 0.2, 0.4, pt_slab=pt_slab)
    init = Initialization(1e-3, 0.0)
    kink = solve_pipeline(task, init, Pretraining(1.0), 0.3)
    assert np.isnan(kink.mse_gradient[4:]).all()
    assert np.isfinite(kink.mse_gradient[:4]).all()
    smooth = solve_pipeline(task, init, Pretraining(1.0, 0.0, 0.1), 0.3)
    assert np.isfinite(smooth.mse_gradient).all()
    blank = TaskDistribution.pretrain_finetune(0.0, 0.2, 0.0, pt_slab=pt_slab)
    nothing = solve_pipeline(blank, init, Pretraining(1.0, 0.0, 0.1), 0.3)
    assert (nothing.mse_gradient[4:] == 0.0).all()


def test_a_little_noise_is_almost_perfect_pretraining():
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5)
    init = Initialization(1e-2, 0.0)
    perfect = solve_replica(task, init, 0.4).mse[0]
    excess = np.array(
        [
            solve_pipeline(task, init, Pretraining(2.0, noise), 0.4).mse[0] / perfect - 1.0
            for noise in (1e-8, 1e-10)
        ]
    )
    # Of first order in the variance.
    assert excess[0] / excess[1] == pytest.approx(100.0, rel=1e-2)


def test_no_pretraining_data_leave_the_scale_of_zero():
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5)
    init = Initialization(0.1, 0.02, 0.1)
    nothing = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, pt_amplitude=0.0)
    blank = solve_replica(nothing, init, 0.4).mse[0]
    after = [
        solve_pipeline(task, init, Pretraining(alpha_pt), 0.4).mse[0] for alpha_pt in (1e-3, 1e-2)
    ]
    assert abs(after[0] / blank - 1.0) < 0.15 * abs(after[1] / blank - 1.0)


def test_least_squares_in_pretraining_continue_the_equations():
    """With a vanishing ridge the equations at alpha_PT > 1 tend to the closed form."""
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, pt_slab="gaussian")
    init = Initialization(1e-2, 5e-3, 0.1)
    exact = solve_pipeline(task, init, Pretraining(1.5, 0.1), 0.4)
    near = solve_pipeline(task, init, Pretraining(1.5, 0.1, 1e-9), 0.4)
    assert exact.pretraining.theta**2 == pytest.approx(0.3, rel=1e-15)
    assert near.pretraining.theta == pytest.approx(exact.pretraining.theta, rel=1e-7)
    assert near.mse == pytest.approx(exact.mse, rel=1e-7)
    assert near.mse_gradient == pytest.approx(exact.mse_gradient, rel=1e-6)


@pytest.mark.parametrize("alpha", [1e6, math.inf])
def test_unlimited_data_with_a_ridge_shrink(alpha):
    """(tau, theta) tend to (ridge, sigma): the proximal step, without any noise of sampling."""
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5)
    curve = solve_pipeline(task, Initialization(1e-2, 0.0), Pretraining(alpha, 0.04, 0.2), 0.4)
    assert curve.pretraining.tau == pytest.approx(0.2, rel=1e-5)
    assert curve.pretraining.theta == pytest.approx(0.2, rel=1e-5)
    still = solve_pipeline(task, Initialization(1e-2, 0.0), Pretraining(alpha, 0.0, 0.2), 0.4)
    assert still.pretraining.theta < 1e-3
    assert still.converged.all()


def test_the_saddle_forgets_pretraining():
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, pt_slab="gaussian")
    plain = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5)
    init = Initialization(1e-3, -1e-3)
    curve = solve_pipeline(task, init, Pretraining(0.2, 0.1), [0.2, 0.4])
    exact = solve_replica(plain, init, [0.2, 0.4])
    assert np.array_equal(curve.mse, exact.mse)
    assert np.array_equal(curve.threshold, exact.threshold)
    assert (curve.mse_gradient[4:] == 0.0).all()
    assert curve.pretraining.mse > 0.0


def test_a_gaussian_teacher_spreads_the_scale_even_of_perfect_pretraining():
    task = TaskDistribution.pretrain_finetune(0.2, 0.1, 1.0, pt_slab="gaussian")
    init = Initialization(1e-2, 0.0)
    curve = solve_pipeline(task, init, Pretraining(math.inf), 0.3)
    count = 2000
    magnitudes = ndtri(0.5 + 0.5 * (np.arange(count) + 0.5) / count)
    slices = tuple(
        replace(
            group,
            name=f"{group.name} {index}",
            probability=group.probability / count,
            pt_magnitude=size,
            pt_slab="sign",
        )
        for group in task.groups
        for index, size in enumerate(group.pt_magnitude * magnitudes)
    )
    sliced = solve_replica(TaskDistribution(slices), init, 0.3)
    assert curve.mse[0] == pytest.approx(sliced.mse[0], rel=1e-5)
    assert curve.pretraining.mse == 0.0


def test_group_errors_add_up():
    task = TaskDistribution.pretrain_finetune(0.2, 0.1, 0.3)
    curve = solve_pipeline(
        task, Initialization(1e-3, 0.0), Pretraining(0.4, 0.1), [0.2, 1.5], noise_variance=0.1
    )
    assert task.probabilities @ curve.group_mse == pytest.approx(curve.mse, rel=1e-13)
    assert task.probabilities @ curve.group_penalty == pytest.approx(curve.penalty, rel=1e-13)
    first = curve.pretraining
    assert task.probabilities @ first.group_mse == pytest.approx(first.mse, rel=1e-13)


def test_overdetermined_fine_tuning_does_not_depend_on_pretraining():
    task = TaskDistribution.pretrain_finetune(0.2, 0.1, 0.3)
    curve = solve_pipeline(
        task, Initialization(1e-3, 0.0), Pretraining(0.4), [1.2, 2.0], noise_variance=0.1
    )
    assert curve.mse == pytest.approx([0.6, 0.2], rel=1e-14)
    assert (curve.mse_gradient[[0, 1, 2, 4, 5]] == 0.0).all()
    assert (curve.penalty > 0.0).all()


def test_states_in_portions(monkeypatch):
    """The result does not depend on how many states are taken at once."""
    task = TaskDistribution.pretrain_finetune(0.2, 0.1, 0.3)
    arguments = (task, Initialization(1e-3, 0.0), Pretraining(0.4), np.linspace(0.1, 0.9, 40))
    whole = solve_pipeline(*arguments)
    monkeypatch.setattr("numerics.pipeline.channel._PORTION", 200)
    parts = solve_pipeline(*arguments)
    assert parts.mse == pytest.approx(whole.mse, rel=1e-13)
    assert parts.group_penalty == pytest.approx(whole.group_penalty, rel=1e-12)


def test_bad_input():
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5)
    init, first = Initialization(1e-3, 0.0), Pretraining(0.3)
    with pytest.raises(ValueError, match="must have a pretraining stage, got a single task"):
        solve_pipeline(TaskDistribution.single_task(0.1), init, first, 0.3)
    with pytest.raises(ValueError, match=r"pretraining must be a Pretraining, got 0\.3"):
        solve_pipeline(task, init, 0.3, 0.3)
    with pytest.raises(ValueError, match="task must be a TaskDistribution"):
        solve_pipeline(None, init, first, 0.3)
    with pytest.raises(ValueError, match="init must be an Initialization"):
        solve_pipeline(task, None, first, 0.3)
    with pytest.raises(ValueError, match=r"alpha must lie in \[0\.001, 1000\], got alpha=0\.0"):
        solve_pipeline(task, init, first, 0.0)
    with pytest.raises(ValueError, match=r"noise_variance must lie in .* got noise_variance=-1"):
        solve_pipeline(task, init, first, 0.3, noise_variance=-1)
    blank = TaskDistribution((CoordinateGroup("none", 1.0, 1.0, "zero"),))
    with pytest.raises(ValueError, match="beta\\* != 0 or noise_variance > 0 is required"):
        solve_pipeline(blank, init, first, 0.3)
    with pytest.raises(ValueError, match="c_FT must be within the range of float64"):
        solve_pipeline(task, Initialization(1e-3, 0.0, 1e200), first, 0.3)


def test_points_that_were_not_solved_are_named(monkeypatch):
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5)
    arguments = (task, Initialization(1e-3, 0.0), Pretraining(0.3), [0.2, 0.4])
    original = averaged.finished

    def spoilt(problem, state, *rest):
        return original(problem, state + np.where(problem.alpha > 0.3, 1e-3, 0.0), *rest[:1], 1)

    monkeypatch.setattr(averaged, "finished", spoilt)
    with pytest.raises(ConvergenceError, match=r"1 of 2 data scales, alpha=0\.4"):
        solve_pipeline(*arguments)
    curve = solve_pipeline(*arguments, throw=False)
    assert curve.converged.tolist() == [True, False]
    assert np.isnan(curve.mse[1])
    assert np.isnan(curve.mse_gradient[:, 1]).all()


def test_pretraining_that_was_not_solved_is_named(monkeypatch):
    original = pretraining.solve_fixed_points

    def spoilt(problem):
        found = original(problem)
        return type(found)(
            found.state, found.equations, found.iterations, found.remaining,
            np.zeros_like(found.converged),
        )  # fmt: skip

    monkeypatch.setattr(pretraining, "solve_fixed_points", spoilt)
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5)
    with pytest.raises(PretrainingError, match=r"did not converge at alpha=0\.3"):
        solve_pipeline(task, Initialization(1e-3, 0.0), Pretraining(0.3), 0.2)
