"""Both stages from data, and further ones, over the whole domain."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fuzz.depth import fuzzes
from fuzz.strategies import anything, attempt, everyday
from fuzz.test_replica import fair_initializations, scales, strengths
from numerics.pipeline import coefficient_law, pretraining, solve, stages
from numerics.tasks import TaskDistribution

slabs = st.sampled_from(["sign", "gaussian"])
loads = st.one_of(
    st.floats(1e-3, 1.0),
    st.floats(1e-3, 1e3),
    st.sampled_from([1e-3, 0.5, 1.0, 1.0 - 1e-9, 1.0 + 1e-9, 1e12, math.inf]),
)


@st.composite
def tasks(draw):
    """Tasks whose coefficients follow either law, in both stages."""
    densities = [draw(st.one_of(st.floats(1e-3, 1.0), st.sampled_from([0.1, 1.0]))) for _ in "123"]
    return TaskDistribution.from_densities(
        *densities,
        slab=draw(slabs),
        pt_slab=draw(slabs),
        pt_amplitude=draw(st.one_of(st.just(1.0), everyday)),
        ft_amplitude=draw(st.one_of(st.none(), everyday)),
    )


@st.composite
def pretrainings(draw):
    alpha, noise, ridge = draw(loads), draw(strengths), draw(strengths)
    if alpha == 1.0 and noise > 0.0 and ridge == 0.0:
        noise = 0.0
    return pretraining.Pretraining(alpha, noise, ridge)


@fuzzes(3000, solve.solve_pipeline, pretraining.solve_pretraining)
@given(
    task=tasks(), init=fair_initializations(), first=pretrainings(), alpha=scales,
    noise=strengths, ridge=strengths,
)  # fmt: skip
def test_both_stages(task, init, first, alpha, noise, ridge):
    problem = f"{task} {init} {first} {alpha!r} noise={noise!r} ridge={ridge!r}"
    learnt = attempt(pretraining.solve_pretraining, task, init, first)
    assert learnt is not None, problem
    assert learnt.mse >= 0.0
    assert np.allclose(task.probabilities @ learnt.group_mse, learnt.mse, rtol=1e-9)
    curve = attempt(
        solve.solve_pipeline, task, init, first, alpha, noise_variance=noise, ridge=ridge
    )
    assert curve is not None, "all arguments are in range"
    assert curve.converged.all(), problem
    assert curve.mse_gradient.shape == (6, curve.alpha.size)
    assert (curve.mse >= 0.0).all()
    known = np.isfinite(curve.mse) & (curve.mse > 1e-290)
    assert (curve.relative_error[known] < 1e-10).all(), problem
    total = task.probabilities @ curve.group_mse
    assert np.allclose(total[known], curve.mse[known], rtol=1e-8), problem


@fuzzes(
    2000, coefficient_law.finetune_scales, coefficient_law.CoefficientLaw.trapezoid,
    coefficient_law.CoefficientLaw.magnitude_cdf, coefficient_law.ScaleRule.gauss,
)  # fmt: skip
@given(
    init=fair_initializations(), tau=strengths, theta=strengths, slab=slabs,
    amplitude=st.one_of(st.just(0.0), everyday),
)  # fmt: skip
def test_laws_of_the_coefficient(init, tau, theta, slab, amplitude):
    tau = tau if theta else 0.0
    law = coefficient_law.CoefficientLaw(init.c, tau, theta, slab, amplitude)
    whole = law.trapezoid()
    for rule in (whole, *whole.gauss(1.0, 0.5)):
        assert (rule.weight > 0.0).all()
        assert (rule.y >= 0.0).all()
        assert np.isclose(rule.weight.sum(), 1.0, rtol=1e-12)
        found = attempt(coefficient_law.finetune_scales, init, rule.y)
        if found is not None:
            assert (np.diff(found[np.argsort(rule.y)]) >= 0.0).all()
    magnitudes = np.sort([0.0, amplitude, theta, 1e9])
    share = law.magnitude_cdf(magnitudes)
    assert (np.diff(share) >= 0.0).all()
    assert (share >= 0.0).all()
    assert (share <= 1.0).all()


@st.composite
def sequences(draw):
    """Up to four stages, with the groups of their teachers."""
    count = draw(st.integers(1, 4))
    shares = np.array([draw(st.floats(0.05, 1.0)) for _ in range(draw(st.integers(1, 3)))])
    groups = [
        stages.StageGroup(
            f"group {index}",
            float(share),
            tuple(
                (slab, 0.0 if slab == "zero" else draw(st.floats(0.1, 10.0)))
                for slab in draw(
                    st.lists(
                        st.sampled_from(["zero", "sign", "gaussian"]),
                        min_size=count, max_size=count,
                    )
                )
            ),
        )
        for index, share in enumerate(shares / shares.sum())
    ]  # fmt: skip
    data = [
        stages.Stage(draw(st.floats(0.01, 2.0)), draw(st.floats(1e-3, 1.0)), draw(strengths), gamma)
        for gamma in draw(st.lists(st.floats(1e-3, 1.0), min_size=count, max_size=count))
    ]
    return groups, data


@fuzzes(400, stages.solve_stages)
@given(problem=sequences(), init=fair_initializations())
def test_stages(problem, init):
    groups, data = problem
    curves = attempt(stages.solve_stages, groups, init, data)
    saddle = init.lam == -init.c or init.initial_weights[0] == 0.0
    infinite = any(stage.alpha[0] == 1.0 and stage.ridge == 0.0 for stage in data[:-1])
    assert curves is not None or saddle or infinite, f"{problem} {init}"
    for curve in curves or ():
        total = np.array([group.probability for group in groups]) @ curve.group_mse
        known = np.isfinite(curve.mse)
        assert np.allclose(total[known], curve.mse[known], rtol=1e-8), f"{problem} {init}"


@fuzzes(4000, pretraining.Pretraining, stages.Stage, stages.StageGroup)
@given(values=st.lists(anything, min_size=4, max_size=4))
def test_records_of_anything(values):
    attempt(pretraining.Pretraining, *values[:3])
    attempt(stages.Stage, *values)
    attempt(stages.StageGroup, "one", values[0], ((values[1], values[2]),))
    attempt(stages.StageGroup, "one", values[0], values[3])
    attempt(stages.solve_stages, values[0], values[1], values[2])
    attempt(solve.solve_pipeline, *values)
