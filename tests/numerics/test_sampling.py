"""Finite instances: the stream of samples, and both stages with the same teachers."""

import numpy as np
import pytest

from numerics import TaskDistribution
from numerics.sampling import Stage, draw_teachers


def task(**laws):
    return TaskDistribution.pretrain_finetune(0.2, 0.1, 0.5, **laws)


@pytest.mark.parametrize(
    ("slab", "mode", "values"),
    [
        ("sign", "exact", [-0.14690788277396724, 4.834866937222362, 2.0, -6.324555320336758]),
        ("sign", "iid", [0.06324494295094876, -1.3504560248368438, 2.0, -15.811388300841896]),
        (
            "gaussian",
            "exact",
            [0.14617998621543707, -0.5693165861817839, -0.8861098229480893, -7.298861196145367],
        ),
    ],
)
def test_the_stream_of_a_sample_stays(slab, mode, values):
    """Records are made from it, so that a seed must name the same instance in every version."""
    found = task(slab=slab, pt_slab=slab).sample(
        40, 0.3, np.random.default_rng(5), noise_variance=0.1, group_sizes=mode
    )
    firsts = [found.X[0, 0], found.y[3], found.beta_pt.sum(), found.beta_ft.sum()]
    assert firsts == pytest.approx(values, rel=1e-13, abs=0)


@pytest.mark.parametrize("pt_slab", ["sign", "gaussian"])
def test_both_stages_have_the_same_teachers_and_inputs_of_their_own(pt_slab):
    drawn = task(slab="gaussian", pt_slab=pt_slab, pt_amplitude=2.0).sample_pipeline(
        2000,
        0.5,
        0.25,
        np.random.default_rng(7),
        noise_variance_pt=0.09,
        noise_variance=0.04,
    )
    before, after = drawn.pretraining, drawn.finetuning
    assert before.X.shape == (1000, 2000)
    assert after.X.shape == (500, 2000)
    assert before.X.var() == pytest.approx(1e-3, rel=5e-3)
    assert after.X.var() == pytest.approx(2e-3, rel=5e-3)
    assert (before.beta_pt == after.beta_pt).all()
    assert (before.beta_ft == after.beta_ft).all()
    active = before.beta_pt[before.beta_pt != 0.0]
    assert active.size == 400
    assert np.count_nonzero(before.beta_pt * before.beta_ft) == 100
    assert np.mean(active**2) == pytest.approx(4.0, rel=0.2)
    assert (set(np.abs(active)) == {2.0}) == (pt_slab == "sign")
    assert (before.y - before.X @ before.beta_pt).var() == pytest.approx(0.09, rel=0.2)
    assert (after.y - after.X @ after.beta_ft).var() == pytest.approx(0.04, rel=0.2)
    correlation = np.corrcoef(before.X[:500].ravel(), after.X.ravel())[0, 1]
    assert abs(correlation) < 5e-3


def test_a_pipeline_without_noise_has_the_teachers_of_a_sample():
    seeds = (np.random.default_rng(3) for _ in range(2))
    one, both = (
        task().sample(30, 0.4, next(seeds)),
        task().sample_pipeline(30, 0.6, 0.4, next(seeds)),
    )
    assert (one.beta_pt == both.finetuning.beta_pt).all()
    assert (one.beta_ft == both.pretraining.beta_ft).all()
    assert (both.pretraining.y == both.pretraining.X @ one.beta_pt).all()
    assert (both.finetuning.y == both.finetuning.X @ one.beta_ft).all()


def test_group_sizes_of_a_pipeline_may_vary():
    counts = {
        np.count_nonzero(
            task().sample_pipeline(200, 0.1, 0.1, np.random.default_rng(s), group_sizes="iid")[0][2]
        )
        for s in range(8)
    }
    assert len(counts) > 2


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        ((0, 0.5, 0.5), {}, "d must be an integer >= 1, got d=0"),
        (
            (10, 0.01, 0.5),
            {},
            r"n_pt = round\(alpha_pt d\) must be at least 1, got n_pt=0 for alph",
        ),
        ((10, 0.5, 0.01), {}, r"n = round\(alpha d\) must be at least 1, got n=0 for alpha=0\.01"),
        ((10, 0.5, 0.5), {"noise_variance_pt": -1.0}, "noise_variance_pt must be >= 0, got noise_"),
        ((10, 0.5, 0.5), {"noise_variance": -1.0}, r"noise_variance must be >= 0, got .*=-1\.0"),
        ((10, 0.5, 0.5), {"group_sizes": "some"}, "group_sizes must be 'exact' or 'iid', got gr"),
    ],
)
def test_bad_pipelines(arguments, options, said):
    with pytest.raises(ValueError, match=said):
        task().sample_pipeline(*arguments, np.random.default_rng(0), **options)


def test_a_single_task_has_no_pipeline():
    with pytest.raises(ValueError, match=r"must be pretrained .* got pretrained=False"):
        TaskDistribution.single_task(0.5).sample_pipeline(9, 0.5, 0.5, np.random.default_rng(0))


def test_noise_is_added_to_the_labels_only_where_there_is_some():
    teacher = np.ones(6)
    X, y = Stage(4, 0.0).draw(teacher, np.random.default_rng(1))
    assert (y == X @ teacher).all()
    noisy = Stage(4, 0.25).draw(teacher, np.random.default_rng(1))
    assert (noisy[0] == X).all()
    assert (noisy[1] != y).all()


def test_groups_have_their_own_laws():
    groups = task(slab="gaussian", pt_slab="gaussian").groups
    before, after = draw_teachers(groups, 20, np.random.default_rng(2), "exact")
    assert np.count_nonzero(before) == 4
    assert np.count_nonzero(after) == 2
