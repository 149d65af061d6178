"""More than one stage of fine-tuning."""

import math

import numpy as np
import pytest

import numerics.pipeline.averaged as averaged
from numerics import Initialization, Pretraining, TaskDistribution, minimum_penalty, solve_pipeline
from numerics.pipeline import Stage, StageGroup, solve_stages, stages
from numerics.replica import ConvergenceError

SIZE = math.sqrt(10.0)
ZERO = ("zero", 0.0)
GROUPS = [
    StageGroup("all", 0.05, (("sign", 1.0), ("gaussian", SIZE), ("sign", 2.0))),
    StageGroup("second", 0.05, (ZERO, ("gaussian", SIZE), ZERO)),
    StageGroup("first and third", 0.05, (("gaussian", 1.0), ZERO, ("sign", 2.0))),
    StageGroup("none", 0.85, (ZERO, ZERO, ZERO)),
]
STAGES = [Stage(0.3, 0.01), Stage(0.5, gamma=0.1), Stage([0.2, 0.3], gamma=0.05)]
INIT = Initialization(1e-2, -5e-3)


@pytest.mark.parametrize("alpha_pt", [0.3, 1.5])
def test_two_stages_are_the_pipeline(alpha_pt):
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab="gaussian")
    alpha = [0.2, 0.5, 1.2]
    groups = [
        StageGroup(g.name, g.probability, (
            ("sign", g.pt_magnitude) if g.pt_magnitude else ZERO, (g.slab, g.ft_amplitude),
        ))
        for g in task.groups
    ]  # fmt: skip
    first, second = solve_stages(
        groups, INIT, [Stage(alpha_pt, 0.01), Stage(alpha, 0.02, gamma=0.1)]
    )
    exact = solve_pipeline(
        task, Initialization(INIT.c, INIT.lam, 0.1), Pretraining(alpha_pt, 0.01), alpha,
        noise_variance=0.02,
    )  # fmt: skip
    assert first.mse == pytest.approx([exact.pretraining.mse], rel=1e-12)
    assert second.mse == pytest.approx(exact.mse, rel=1e-12)
    assert second.group_mse == pytest.approx(exact.group_mse, rel=1e-11)
    assert second.group_penalty == pytest.approx(exact.group_penalty, rel=1e-11)
    assert second.mse_gradient[3] == pytest.approx(exact.mse_gradient[3], rel=1e-10)
    assert np.isnan(second.mse_gradient[:3, :2]).all()


def test_three_stages_agree_with_the_law_itself(monkeypatch):
    *_, third = solve_stages(GROUPS, INIT, STAGES)
    monkeypatch.setattr(averaged, "_NODE_SHARES", ((3.0, 2.0, 1.0),))
    monkeypatch.setattr(stages.ScaleRule, "gauss", _many(stages.ScaleRule.gauss))
    *_, finest = solve_stages(GROUPS, INIT, STAGES)
    assert (finest.nodes > 2 * third.nodes).all()
    assert third.mse == pytest.approx(finest.mse, rel=1e-11)


def _many(gauss):
    return lambda rule, *shares: gauss(rule, *(1.5 * share for share in shares))


def test_three_stages_on_data():
    """Three convex problems on data of d = 1000, 6 seeds, with the recursion of the weights."""
    curves = solve_stages(GROUPS, INIT, [*STAGES[:2], Stage(0.3, gamma=0.05)])
    found = np.array([_on_data(np.random.default_rng(seed)) for seed in range(6)])
    deviation = found.mean(axis=0) - [curve.mse[0] for curve in curves]
    assert np.abs(deviation).max() < 0.2 * found.mean()
    assert (np.abs(deviation) < 4.0 * found.std(axis=0, ddof=1) / math.sqrt(6)).all()


def _on_data(rng, d=1000):
    w0, v0 = INIT.initial_weights
    hidden, output, errors = np.full(d, w0), np.full(d, v0), []
    for index, (alpha, noise, gamma) in enumerate(
        [(0.3, 0.01, 0.1), (0.5, 0.0, 0.05), (0.3, 0.0, 0.0)]
    ):
        teacher = np.concatenate(
            [_draw(*group.slabs[index], round(group.probability * d), rng) for group in GROUPS]
        )
        n = round(alpha * d)
        X = rng.standard_normal((n, d)) / math.sqrt(n)
        y = X @ teacher + math.sqrt(noise) * rng.standard_normal(n)
        c, lam = hidden**2 + output**2, hidden**2 - output**2
        found = minimum_penalty(X, y, c).beta
        errors.append(np.mean((found - teacher) ** 2))
        # Layer weights at the end of a stage (Appendix B.1).
        radius, tilted = np.hypot(c, found), np.sqrt(1.0 - (lam / c) ** 2) * found
        plus, minus = (0.5 * (lam + radius + sign * tilted) for sign in (1.0, -1.0))
        product = 0.5 * (c + lam * radius / c)
        hidden = np.sqrt(plus + minus + 2.0 * product)
        output = np.full(d, gamma)
    return errors


def _draw(slab, size, count, rng):
    if slab == "gaussian":
        return size * rng.standard_normal(count)
    return size * rng.choice([-1.0, 1.0], count)


def test_a_stage_that_recovers_its_teacher():
    groups = [StageGroup("one", 0.2, (("sign", 1.0), ("sign", 1.0))),
              StageGroup("none", 0.8, (ZERO, ZERO))]  # fmt: skip
    first, second = solve_stages(groups, INIT, [Stage(1.5), Stage(0.3)])
    assert first.mse[0] == 0.0
    task = TaskDistribution.pretrain_finetune(0.2, 0.2, 1.0, ft_amplitude=1.0)
    exact = solve_pipeline(task, INIT, Pretraining(math.inf), 0.3)
    assert second.mse == pytest.approx(exact.mse, rel=1e-13)


def test_bad_input():
    with pytest.raises(ValueError, match=r"probability must lie in \(0, 1\], got 0\.0"):
        StageGroup("none", 0.0, (ZERO,))
    with pytest.raises(ValueError, match=r"slab must be one of .* got \('laplace', 1\.0\)"):
        StageGroup("one", 1.0, (("laplace", 1.0),))
    with pytest.raises(ValueError, match="name of a group must be a string, got 3"):
        StageGroup(3, 1.0, (ZERO,))
    with pytest.raises(ValueError, match=r"a slab must be one of .* got \(array"):
        StageGroup("one", 1.0, ((np.array(["sign", "x"]), 1.0),))
    with pytest.raises(ValueError, match=r"slabs must be a list or tuple .* got 0\.5"):
        StageGroup("one", 1.0, 0.5)
    with pytest.raises(ValueError, match=r"a slab must be .* got 'sign'"):
        StageGroup("one", 1.0, ("sign", 1.0))
    with pytest.raises(ValueError, match="groups must be StageGroup records"):
        solve_stages([0.3], INIT, STAGES)
    with pytest.raises(ValueError, match=r"slab 'zero' must lie in \[0, 0\], got 1\.0"):
        StageGroup("one", 1.0, (("zero", 1.0),))
    with pytest.raises(ValueError, match=r"slab 'sign' must lie in \[1e-100, 1e\+100\], got 0\.0"):
        StageGroup("one", 1.0, (("sign", 0.0),))
    with pytest.raises(ValueError, match=r"alpha must lie in \[0\.001, 1000\], got alpha=0\.0"):
        Stage(0.0)
    with pytest.raises(ValueError, match="must satisfy gamma >= 0, got gamma=-1"):
        Stage(0.3, gamma=-1.0)
    with pytest.raises(ValueError, match="noise_variance must be finite"):
        Stage(0.3, math.nan)
    with pytest.raises(ValueError, match="init must be an Initialization, got None"):
        solve_stages(GROUPS, None, STAGES)
    with pytest.raises(ValueError, match=r"groups must be a list or tuple .* empty, got \[\]"):
        solve_stages([], INIT, STAGES)
    with pytest.raises(ValueError, match="stages must be Stage records"):
        solve_stages(GROUPS, INIT, [0.3, 0.3, 0.3])
    with pytest.raises(ValueError, match="one slab for each of the 2 stages, got 3 in the group"):
        solve_stages(GROUPS, INIT, STAGES[:2])
    with pytest.raises(ValueError, match="must have one alpha, got 2 in stage 1"):
        solve_stages(GROUPS, INIT, [Stage([0.3, 0.4]), *STAGES[1:]])
    with pytest.raises(ValueError, match=r"infinite\), got noise_variance=0\.1 in stage 2"):
        solve_stages(GROUPS, INIT, [STAGES[0], Stage(1.0, 0.1), STAGES[2]])
    with pytest.raises(ValueError, match=r"must sum to 1, got sum=0\.15"):
        solve_stages(GROUPS[:3], INIT, STAGES)
    with pytest.raises(ValueError, match=r"is required .* in stage 2"):
        solve_stages([StageGroup("one", 1.0, (("sign", 1.0), ZERO))], INIT, STAGES[:2])
    with pytest.raises(ValueError, match=r"must be positive and finite in stage 2, got scale=0\.0"):
        solve_stages(
            [StageGroup("one", 1.0, (("sign", 1.0), ("sign", 1.0)))],
            Initialization(1.0, -1.0), [Stage(0.3), Stage(0.3)],
        )  # fmt: skip


def test_a_stage_that_was_not_solved_is_named(monkeypatch):
    original = averaged.finished
    monkeypatch.setattr(
        averaged, "finished", lambda problem, state, *rest: original(problem, state + 1e-3, *rest)
    )
    with pytest.raises(ConvergenceError, match=r"did not converge .* noise_variance to stage 1"):
        solve_stages(GROUPS, INIT, STAGES)
