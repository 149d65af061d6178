"""Certified curves: what is certified agrees with float64; every other argument is refused."""

import itertools
import math
from fractions import Fraction

import numpy as np
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from fuzz.depth import fuzzes
from fuzz.strategies import anything, attempt, number
from fuzz.test_multiprecision import exact_numbers
from fuzz.test_pipeline import pretrainings
from fuzz.test_pipeline import tasks as two_stage_tasks
from fuzz.test_replica import fair_initializations, scales, strengths, tasks
from numerics import curve_export, solve_pipeline, solve_replica
from numerics.certified import bounds, exact, fixed_point, pipeline, solve

digits = st.integers(3, 18)


def _disagrees(ball, value, relative_error):
    """Whether a ball lies certainly farther from a float64 number than its error estimate."""
    if not math.isfinite(value):
        return ball.is_finite()
    return bool(abs(ball - arb(value)) > arb(value) * arb(relative_error))


@fuzzes(400, solve.certify_replica, solve.problem_of, curve_export.bound_columns)
@given(
    task=tasks(), init=fair_initializations(), alpha=scales, noise=strengths, ridge=strengths,
    digits=digits,
)  # fmt: skip
def test_certified_errors_hold_those_of_float64(task, init, alpha, noise, ridge, digits):
    options = {"noise_variance": noise, "ridge": ridge}
    found = attempt(solve.certify_replica, task, init, alpha, **options, digits=digits)
    assert found is not None, "all arguments are in range"
    curve = solve_replica(task, init, alpha, **options)
    problem = f"{task} {init} {alpha!r} noise={noise!r} ridge={ridge!r}"
    for index, point in enumerate(found.points):
        assert point.certified == (point.reason == "")
        columns = curve_export.bound_columns(point)
        if not point.certified:
            assert point.mse.is_nan()
            assert math.isnan(columns["mse_low"])
            continue
        assert columns["mse_low"] <= columns["mse_high"]
        value, error = curve.mse[index], curve.relative_error[index]
        assert not _disagrees(point.mse, value, error), f"{point.mse} {value!r} {problem}"
        if point.mse.is_finite() and point.mse > 0:
            assert point.mse.rel_accuracy_bits() >= 3.3 * digits
        shares = [group.share for group in exact.Mixture.of(task, init).groups]
        parts = zip(shares, point.group_mse, strict=True)
        total = sum((exact.ball(share / sum(shares)) * one for share, one in parts), arb(0))
        assert not point.mse.is_finite() or total.overlaps(point.mse), problem


@fuzzes(40, solve.certify_replica)
@given(
    task=tasks(), init=fair_initializations(), alpha=st.floats(0.01, 0.99),
    width=st.floats(-9.0, -2.0), noise=strengths, place=st.floats(0.0, 1.0),
)  # fmt: skip
def test_balls_of_data_scales_hold_what_lies_between(task, init, alpha, width, noise, place):
    radius = alpha * 10.0**width
    whole = attempt(
        solve.certify_replica, task, init, arb(alpha, radius), noise_variance=noise, digits=5
    )
    inside = Fraction(alpha) + Fraction(radius) * (2 * Fraction(place) - 1)
    point = attempt(solve.certify_replica, task, init, inside, noise_variance=noise, digits=12)
    if whole is not None and whole.points[0].certified and point.points[0].certified:
        for name in ("mse", "tau", "theta", "degrees_of_freedom", "penalty"):
            wide, narrow = (getattr(found.points[0], name) for found in (whole, point))
            assert wide.overlaps(narrow), f"{name} {wide} {narrow}"


@fuzzes(1500, solve.certify_replica)
@given(
    task=tasks(),
    init=fair_initializations(),
    alpha=st.one_of(scales, anything, st.lists(exact_numbers, max_size=3)),
    noise=st.one_of(strengths, exact_numbers),
    ridge=st.one_of(strengths, exact_numbers),
    digits=st.one_of(st.integers(-1, 20), anything),
)
def test_arguments_of_certified_curves(task, init, alpha, noise, ridge, digits):
    options = {"noise_variance": noise, "ridge": ridge}
    one = attempt(solve.certify_replica, task, init, 0.3, **options, digits=5)
    assert one is None or len(one.points) == 1
    other = attempt(solve.certify_replica, task, init, alpha, digits=4)
    assert other is None or len(other.points) == np.size(alpha)
    last = attempt(solve.certify_replica, task, init, 0.3, digits=digits)
    assert last is None or last.digits == digits


@fuzzes(600, solve.certify_replica, solve.certified_path)
@given(task=st.one_of(tasks(), anything), init=st.one_of(fair_initializations(), anything))
def test_tasks_of_certified_curves(task, init):
    attempt(solve.certify_replica, task, init, 0.3, digits=4)
    attempt(solve.certified_path, task)


@fuzzes(
    300,
    exact.Mixture.pretrain_finetune,
    exact.Mixture.single_task,
    exact.rational,
    exact.ball,
    exact.ends,
    exact.as_float,
)
@given(
    shares=st.tuples(*(st.one_of(st.floats(0.0, 1.0), exact_numbers) for _ in "123")),
    slab=st.sampled_from(["sign", "gaussian", "x"]),
    init=st.tuples(exact_numbers, st.one_of(st.floats(-1.0, 1.0), exact_numbers), exact_numbers),
    alpha=st.floats(0.05, 0.95),
)
def test_exact_mixtures(shares, slab, init, alpha):
    c, ratio, gamma = init
    attempt(exact.Mixture.single_task, shares[0], c=c, slab=slab)
    mixture = attempt(
        exact.Mixture.pretrain_finetune,
        *shares, c=c, relative_scale=ratio, gamma=gamma, slab=slab,
    )  # fmt: skip
    if mixture is None:
        return
    assert sum(group.share for group in mixture.groups) == 1
    assert mixture.second_moment == 1
    for group, enclosed in zip(mixture.groups, mixture.enclosed(), strict=True):
        assert enclosed.share.contains(exact.ball(group.share))
        low, high = exact.ends(enclosed.share)
        assert low <= group.share <= high
        assert math.isclose(exact.as_float(enclosed.share), group.share)


@fuzzes(20, solve.certified_path)
@given(task=tasks(), init=fair_initializations(), alpha=st.floats(0.05, 0.9))
def test_paths(task, init, alpha):
    path = attempt(solve.certified_path, exact.Mixture.of(task, init))
    if path is None:
        return
    low = Fraction(alpha)
    interval = fixed_point.Interval(low, low * Fraction(101, 100))
    arcs = attempt(
        lambda: list(path.arcs(interval, 200)), refusals=(fixed_point.NotCertifiedError,)
    )
    if arcs is not None:
        assert (arcs[0].alpha.low, arcs[-1].alpha.high) == (interval.low, interval.high)
        assert all(one.alpha.high == other.alpha.low for one, other in itertools.pairwise(arcs))


@fuzzes(2500, bounds.float_bounds)
@given(middle=number.map(float), radius=number.map(float), precision=st.integers(2, 200))
def test_float_bounds(middle, radius, precision):
    with ctx.workprec(precision):
        ball = arb(middle) * arb(middle) * arb(radius) + arb(0, radius if radius > 0 else 0)
        low, high = attempt(bounds.float_bounds, ball)
    if ball.is_nan():
        assert math.isnan(low)
        assert math.isnan(high)
    elif ball.is_finite():
        assert low <= exact.ends(ball)[0]
        assert exact.ends(ball)[1] <= high
    else:
        assert math.inf in (-low, high)


@fuzzes(25, pipeline.certify_pipeline)
@given(
    task=two_stage_tasks(), init=fair_initializations(), first=pretrainings(),
    alpha=st.floats(0.01, 10.0), noise=strengths, ridge=strengths,
)  # fmt: skip
def test_certified_errors_of_both_stages_hold_those_of_float64(
    task, init, first, alpha, noise, ridge
):
    options = {"noise_variance": noise, "ridge": ridge}
    found = attempt(pipeline.certify_pipeline, task, init, first, alpha, **options, digits=6)
    assert found is not None, "all arguments are in range"
    curve = solve_pipeline(task, init, first, alpha, **options)
    problem = f"{task} {init} {first} {alpha!r} noise={noise!r} ridge={ridge!r}"
    for index, point in enumerate(found.points):
        assert point.certified == (point.reason == "")
        if point.certified:
            value, error = curve.mse[index], curve.relative_error[index]
            assert not _disagrees(point.mse, value, error), f"{point.mse} {value!r} {problem}"
