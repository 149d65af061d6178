"""Distributions of teachers, and samples of them."""

import math
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fuzz.depth import fuzzes
from fuzz.strategies import anything, attempt, everyday, number
from fuzz.test_kernels import initializations
from numerics.initialization import Initialization
from numerics.tasks import CoordinateGroup, TaskDistribution, exact_group_sizes

shares = st.one_of(st.floats(0.0, 1.0), st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]), anything)
slabs = st.sampled_from(["sign", "gaussian", "zero", "sign", "gaussian", "cauchy", None])
sizes = st.one_of(st.none(), everyday, anything)


def _holds(task: TaskDistribution) -> None:
    assert math.isclose(math.fsum(task.probabilities), 1.0, rel_tol=1e-12)
    assert (task.probabilities > 0.0).all()
    assert task.second_moment >= 0.0


@fuzzes(6000, TaskDistribution.pretrain_finetune, TaskDistribution.second_moment)
@given(rho_pt=shares, rho_ft=shares, overlap=shares, slab=slabs, before=sizes, after=sizes)
def test_pretraining_and_finetuning(rho_pt, rho_ft, overlap, slab, before, after):
    options = {} if before is None else {"pt_amplitude": before}
    task = attempt(
        TaskDistribution.pretrain_finetune,
        rho_pt, rho_ft, overlap, slab=slab, ft_amplitude=after, **options,
    )  # fmt: skip
    if task is not None:
        _holds(task)


@fuzzes(3000, TaskDistribution.from_densities)
@given(rho_pt=shares, shared=shares, new=shares, slab=slabs, after=sizes)
def test_densities(rho_pt, shared, new, slab, after):
    task = attempt(
        TaskDistribution.from_densities, rho_pt, shared, new, slab=slab, ft_amplitude=after
    )
    if task is not None:
        _holds(task)


@fuzzes(2000, TaskDistribution.single_task)
@given(rho=shares, slab=slabs, amplitude=sizes)
def test_single_tasks(rho, slab, amplitude):
    task = attempt(TaskDistribution.single_task, rho, slab=slab, amplitude=amplitude)
    if task is not None:
        _holds(task)
        assert not task.pretrained


groups = st.builds(
    lambda *values: attempt(CoordinateGroup, *values),
    st.sampled_from(["a", "b", ""]),
    st.one_of(st.floats(0.0, 1.0), st.sampled_from([0.0, 0.5, 1.0]), anything),
    st.one_of(everyday, st.just(0.0), anything),
    slabs,
    st.one_of(everyday, st.just(0.0), anything),
)


@fuzzes(
    4000,
    CoordinateGroup,
    CoordinateGroup.second_moment,
    TaskDistribution,
    TaskDistribution.probabilities,
    TaskDistribution.penalty_scales,
    TaskDistribution.penalty_scale_derivatives,
)
@given(drawn=st.lists(groups, max_size=3), pretrained=st.booleans(), values=initializations())
def test_groups(drawn, pretrained, values):
    kept = tuple(group for group in drawn if group is not None)
    total = sum(group.probability for group in kept)
    if total > 0.0:
        kept = tuple(replace(g, probability=g.probability / total) for g in kept)
    task = attempt(TaskDistribution, kept, pretrained)
    assert (task is None) == (total == 0.0)
    init = attempt(Initialization, *values)
    if task is None or init is None:
        return
    _holds(task)
    scales = attempt(task.penalty_scales, init)
    if scales is not None:
        assert scales.shape == (len(task.groups),)
        assert np.isfinite(scales).all()
        with np.errstate(all="ignore"):
            assert task.penalty_scale_derivatives(init).shape == (3, len(task.groups))


@fuzzes(2500, TaskDistribution.sample)
@given(
    rho_pt=st.floats(0.0, 1.0),
    rho_ft=st.floats(1e-3, 1.0),
    d=st.one_of(st.integers(-1, 40), st.just(True)),
    alpha=st.one_of(st.floats(0.0, 3.0), number),
    noise=st.one_of(everyday, number),
    mode=st.sampled_from(["exact", "iid", "other"]),
    seed=st.integers(0, 5),
)
def test_samples(rho_pt, rho_ft, d, alpha, noise, mode, seed):
    task = TaskDistribution.from_densities(rho_pt, rho_ft, rho_ft, slab="gaussian")
    if isinstance(alpha, float) and math.isfinite(alpha) and abs(alpha) > 10.0:
        alpha = 0.5  # A valid request for more memory than there is.
    rng = np.random.default_rng(seed)
    drawn = attempt(task.sample, d, alpha, rng, noise_variance=noise, group_sizes=mode)
    if drawn is not None:
        n = round(float(alpha) * d)
        assert drawn.X.shape == (n, d)
        assert drawn.y.shape == (n,)
        assert drawn.beta_pt.shape == drawn.beta_ft.shape == (d,)
        assert np.isfinite(drawn.X).all()
        assert np.isfinite(drawn.y).all()


@fuzzes(1500, TaskDistribution.sample_pipeline)
@given(
    pt_slab=st.sampled_from(["sign", "gaussian"]),
    d=st.one_of(st.integers(-1, 40), st.just(True)),
    alphas=st.tuples(*2 * [st.one_of(st.floats(0.0, 3.0), st.sampled_from([math.nan, "1"]))]),
    noises=st.tuples(*2 * [st.one_of(everyday, number)]),
    mode=st.sampled_from(["exact", "iid", "other"]),
)
def test_pipelines(pt_slab, d, alphas, noises, mode):
    task = TaskDistribution.from_densities(0.3, 0.2, 0.1, pt_slab=pt_slab)
    drawn = attempt(
        task.sample_pipeline, d, *alphas, np.random.default_rng(0),
        noise_variance_pt=noises[0], noise_variance=noises[1], group_sizes=mode,
    )  # fmt: skip
    if drawn is not None:
        for stage, alpha in zip(drawn, alphas, strict=True):
            assert stage.X.shape == (round(float(alpha) * d), d)
            assert np.isfinite(stage.y).all()


@fuzzes(3000, exact_group_sizes)
@given(parts=st.lists(st.floats(0.0, 1.0), min_size=1, max_size=6), d=st.integers(1, 10**6))
def test_group_sizes(parts, d):
    total = math.fsum(parts)
    if total < 1e-300:
        return
    probabilities = np.array(parts) / total
    found = exact_group_sizes(probabilities, d)
    assert found.sum() == d
    assert (found >= 0).all()
    assert (np.abs(found - probabilities * d) <= 1.0 + 1e-6).all()
