"""The law of what is learnt, and the error with it, as formulas state them."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from empirics.two_stage import TwoStages
from numerics import solve_replica
from verify.claims.pipeline._two_stages import (
    LEARNING,
    REPLICA,
    STATED,
    WRONG,
    WRONG_LEARNING,
    Channel,
    channel,
    expected,
    mean_scales,
    solved,
    spreads,
    teacher_channel,
)

SIGNS = TwoStages(0.2, 0.1, 0.5, "gaussian", "sign", 1e-3, 0.0, 0.1, 0.3, 0.01, 0.3, 0.1)
GAUSSIAN = replace(SIGNS, pt_slab="gaussian", c=1e-2, relative_scale=-0.9)
BOTH = pytest.mark.parametrize("stages", [SIGNS, GAUSSIAN])


@pytest.mark.parametrize(
    "one",
    [Channel(1e-3, 0.2, 1.0, 0.3), Channel(1e-6, 0.05, 0.0, 1.0), Channel(2.0, 0.0, 0.0, 0.5)],
)
def test_a_law_has_the_quantiles_of_what_answers(one):
    rng = np.random.default_rng(1)
    z = one.centre + one.deviation * rng.standard_normal(20_000)
    learnt = np.array([one.c * np.sinh(one.answer(float(at))) for at in z[:4000]])
    u = np.arcsinh(learnt / one.c)
    assert one.seen(u) == pytest.approx(z[:4000], rel=1e-9, abs=1e-12)
    values, weights = one.spread()
    assert weights.sum() == pytest.approx(1.0, abs=1e-14)
    seen = one.seen(np.arcsinh(values / one.c))
    assert weights @ seen == pytest.approx(one.centre, abs=1e-9)
    assert weights @ (seen - one.centre) ** 2 == pytest.approx(one.deviation**2, rel=1e-9)
    for level in (0.1, 0.5, 0.9):
        assert np.mean(learnt < one.quantile(level)) == pytest.approx(level, abs=0.03)
        assert np.mean(np.abs(learnt) < one.size_quantile(level)) == pytest.approx(level, abs=0.03)


def test_without_noise_it_is_one_value():
    one = Channel(1e-3, 0.2, 1.0, 0.0)
    ((value,), (weight,)) = one.spread()
    assert weight == 1.0
    assert one.size_quantile(0.3) == one.quantile(0.7) == value
    assert value + 0.1 * np.arcsinh(value / 1e-3) == pytest.approx(1.0, rel=1e-12)


@BOTH
def test_the_stated_law_is_that_of_the_solver(stages):
    """Which has another rule, of Gauss, and means over c_FT within the channel."""
    assert expected(STATED, stages) == pytest.approx(float(solved(stages).mse[0]), rel=1e-11)
    for group, law in zip(stages.task.groups, solved(stages).pretraining.laws, strict=True):
        size = channel(LEARNING, stages, group).size_quantile(0.7)
        assert float(law.magnitude_cdf(size)) == pytest.approx(0.7, abs=1e-10)


def test_perfect_pretraining_is_the_error_of_a_scale_that_is_known():
    wrong = WRONG["pretraining perfect: c_FT(β*_PT)"]
    curve = solve_replica(SIGNS.task, SIGNS.initialization, 0.3, noise_variance=0.1)
    assert expected(wrong, SIGNS) == pytest.approx(float(curve.mse[0]), rel=1e-12)
    values, weights = teacher_channel(GAUSSIAN.task.groups[0]).spread()
    assert weights @ values**4 == pytest.approx(3.0, rel=1e-9)


@BOTH
@pytest.mark.parametrize("why", list(WRONG_LEARNING))
def test_wrong_laws_have_other_scales_and_errors(stages, why):
    assert abs(np.log(expected(WRONG[why], stages) / expected(STATED, stages))) > 0.02
    right, wrong = (mean_scales(one, stages) for one in (LEARNING, WRONG_LEARNING[why]))
    assert wrong != pytest.approx(right, rel=1e-3)


def test_the_mean_size_is_one_value_in_each_group():
    laws = spreads(WRONG_LEARNING["c_FT of the mean of |β̂_PT|"], GAUSSIAN)
    right = spreads(LEARNING, GAUSSIAN)
    for one, other in zip(laws, right, strict=True):
        assert one.values == pytest.approx([other.weights @ np.abs(other.values)])


def test_the_arguments_of_the_error_are_those_shown():
    twice = replace(STATED.error, body=lambda a, scale, s: REPLICA(a, 2 * scale, s**2))
    bare = replace(STATED.error, body=lambda a, scale, s: REPLICA(a, scale, s))
    right = expected(STATED, SIGNS)
    assert expected(STATED._replace(error=twice), SIGNS) != pytest.approx(right)
    noisier = expected(STATED._replace(error=bare), SIGNS)
    louder = replace(SIGNS, noise_variance=0.1**0.5)
    assert noisier == pytest.approx(expected(STATED, louder), rel=1e-12)
    assert "z_{1}" in STATED.latex()
    assert sp.latex(STATED.error.name) in STATED.latex()
