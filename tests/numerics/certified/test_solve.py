"""Certified results: every ball holds the truth and is narrow; bad input is refused."""

import math
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx

from numerics import Initialization, TaskDistribution, solve_replica
from numerics.certified import Mixture, certified_path, certify_replica
from numerics.certified.exact import ExactGroup, ball
from tests.numerics.certified.cases import CASES, exact, holds, mixture, strengths

TASK = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5)
BASELINE = Initialization(1e-3, 0.0)
MAGNITUDES = Mixture.pretrain_finetune("0.1", "0.1", "0.5", c="1e-3", pt_slab="gaussian")


def single(task, init, alpha, **how):
    (point,) = certify_replica(task, init, alpha, **how).points
    return point


@pytest.mark.parametrize("name", CASES)
def test_every_ball_holds_the_truth(name):
    alpha, known = strengths(name)
    truth = exact(name)
    found = single(mixture(name), None, alpha, **known)
    assert found.certified, found.reason
    for field in ("mse", "tau", "theta", "penalty", "training_error", "objective"):
        assert holds(getattr(found, field), getattr(truth, field)), field


@pytest.mark.parametrize("name", CASES)
def test_the_error_has_the_digits_asked_for(name):
    alpha, known = strengths(name)
    for digits in (3, 12, 40):
        found = single(mixture(name), None, alpha, digits=digits, **known)
        assert found.certified, found.reason
        with ctx.workprec(200):
            assert found.mse.rad() <= abs(found.mse) * arb(10) ** -digits
            assert holds(found.mse, exact(name).mse)


@pytest.mark.parametrize("slab", ["sign", "gaussian"])
def test_floats_stand_for_the_numbers_that_they_are(slab):
    task = TaskDistribution.pretrain_finetune(0.2, 0.3, 0.4, slab=slab)
    init = Initialization(1e-2, -0.5e-2, 0.1)
    alpha = np.array([0.05, 0.5, 0.99])
    curve = solve_replica(task, init, alpha)
    found = certify_replica(task, init, alpha, digits=17)
    assert found.group_names == curve.group_names
    for index, point in enumerate(found.points):
        for name in ("mse", "tau", "theta", "degrees_of_freedom", "penalty"):
            value = getattr(point, name)
            assert float(abs(arb(float(getattr(curve, name)[index])) / value - 1).upper()) < 1e-12
        for group, error in enumerate(point.group_mse):
            assert float(error) == pytest.approx(curve.group_mse[group, index], rel=1e-12)
        slope = curve.mse_gradient[curve.parameters.index("alpha"), index]
        slope *= alpha[index] / curve.mse[index]
        assert float(point.log_error_slope) == pytest.approx(slope, rel=1e-9)


def test_decimal_texts_are_taken_as_written():
    as_text = single(mixture("baseline, sign slab"), None, "0.3", digits=30)
    as_float = single(mixture("baseline, sign slab"), None, 0.3, digits=30)
    assert not as_text.mse.overlaps(as_float.mse)
    assert holds(as_text.mse, exact("baseline, sign slab").mse)
    third = single(mixture("baseline, sign slab"), None, "1/3", digits=30)
    same = single(mixture("baseline, sign slab"), None, Fraction(1, 3), digits=30)
    assert third.mse.overlaps(same.mse)


@pytest.mark.parametrize(
    "name", ["baseline, Gaussian slab", "noise", "ridge", "strong ridge", "rich"]
)
@pytest.mark.parametrize("width", [1e-9, 1e-3, 3e-2])
def test_an_interval_holds_what_is_true_at_every_point_of_it(name, width):
    alpha, known = strengths(name)
    middle = float(alpha)
    found = single(mixture(name), None, arb(middle, width * middle), **known)
    assert found.certified, found.reason
    for place in (-0.99, -0.5, 0.1, 0.6, 0.99):
        at = Fraction(middle * (1.0 + place * width))
        inside = single(mixture(name), None, at, **known)
        for field in ("mse", "tau", "theta", "degrees_of_freedom", "penalty", "objective"):
            assert getattr(found, field).contains(getattr(inside, field)), field
        for wide, narrow in zip(found.group_mse, inside.group_mse, strict=True):
            assert wide.overlaps(narrow)


def test_an_interval_is_little_wider_than_the_errors_in_it():
    name = "baseline, Gaussian slab"
    low, high = (single(mixture(name), None, at) for at in ("0.29", "0.31"))
    found = single(mixture(name), None, ball(Fraction("0.29")).union(ball(Fraction("0.31"))))
    assert float(2 * found.mse.rad()) < 1.2 * float(low.mse - high.mse)


@pytest.mark.parametrize("alpha", [1.0, 1.5, 30.0])
@pytest.mark.parametrize("noise", [0.0, 0.3])
@pytest.mark.parametrize("lam", [0.0, -1e-3])
def test_at_many_data_without_ridge_least_squares_is_exact(alpha, noise, lam):
    init = Initialization(1e-3, lam)
    curve = solve_replica(TASK, init, alpha, noise_variance=noise)
    found = single(TASK, init, alpha, noise_variance=noise)
    assert found.certified
    for name in ("mse", "tau", "theta", "degrees_of_freedom", "penalty", "training_error"):
        value = getattr(found, name)
        expected = float(getattr(curve, name)[0])
        if math.isinf(expected):
            assert not value.is_finite()
        else:
            assert float(value) == pytest.approx(expected, rel=1e-12, abs=1e-300)
    if curve.threshold is not None:
        assert float(found.threshold) == curve.threshold[0] == 0.0


@pytest.mark.parametrize("slab", ["sign", "gaussian"])
@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_the_limit_of_l1(slab, noise):
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab=slab)
    init = Initialization(1e-3, -1e-3)
    alpha = np.array([0.05, 0.3, 0.5, 0.95])
    curve = solve_replica(task, init, alpha, noise_variance=noise)
    for index, point in enumerate(certify_replica(task, init, alpha, noise_variance=noise).points):
        assert point.certified, point.reason
        assert float(point.mse) == pytest.approx(curve.mse[index], rel=1e-11)
        assert float(point.threshold) == pytest.approx(curve.threshold[index], rel=1e-10)
        assert [float(one) for one in point.group_mse] == pytest.approx(
            curve.group_mse[:, index], rel=1e-9
        )


def test_a_ridge_in_the_limit_of_l1_leaves_nothing():
    init = Initialization(1e-3, -1e-3)
    curve = solve_replica(TASK, init, 0.4, noise_variance=0.2, ridge=0.1)
    found = single(TASK, init, 0.4, noise_variance=0.2, ridge=0.1)
    for name in ("mse", "tau", "theta", "training_error", "objective", "penalty"):
        assert float(getattr(found, name)) == pytest.approx(float(getattr(curve, name)[0]))


def test_the_weak_threshold_is_told_from_both_sides():
    task, init = TASK, Initialization(1e-3, -1e-3)
    low, high = 0.3, 0.4
    for _ in range(24):
        middle = (low + high) / 2
        if float(single(task, init, middle).mse.mid()) > 0:
            low = middle
        else:
            high = middle
    assert high - low < 1e-8
    # Donoho and Tanner's weak threshold at ρ = 0.1, as `solve_replica` has it.
    assert solve_replica(task, init, [low - 1e-7, high + 1e-7]).mse[1] == 0.0
    beside = single(task, init, arb(low, 1e-6))
    assert not beside.certified
    assert "threshold" in beside.reason


def test_what_is_out_of_reach_is_not_certified():
    found = single(TASK, BASELINE, arb(1, 0.1))
    assert not found.certified
    assert "ridge > 0" in found.reason
    assert found.mse.is_nan()
    below = single(TASK, BASELINE, "0." + "9" * 24)
    assert not below.certified
    assert "float64 finds no solution" in below.reason


def test_numbers_beyond_float64_are_not_certified():
    huge = Mixture.pretrain_finetune("0.1", "0.1", "0.5", c="1e300")
    assert "no window" in single(huge, None, "0.5").reason
    plain = Mixture.pretrain_finetune("0.1", "0.1", "0.5", c="1e-3")
    tiny = single(plain, None, "2", noise_variance="1e-615")
    assert "takes more than 200000 nodes" in tiny.reason


def test_nothing_is_lost_of_means_far_below_their_parts():
    tiny = Mixture(
        (ExactGroup("all", Fraction(1), None, "gaussian", Fraction(1, 10**40)),),
        Fraction(1),
        Fraction(0),
        Fraction(0),
    )
    for alpha in ("0.5", "2"):
        found = single(tiny, None, alpha)
        assert found.certified
        assert found.penalty.rel_accuracy_bits() > 35
        assert float(found.penalty) == pytest.approx(
            {"0.5": 1.25e-41, "2": 2.5e-41}[alpha], rel=1e-6
        )


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"alpha": 1e-4}, "alpha must lie in"),
        ({"alpha": 2000}, "alpha must lie in"),
        ({"alpha": math.nan}, "alpha must be a finite number"),
        ({"alpha": "a"}, "alpha must be a finite number"),
        ({"alpha": None}, "alpha must be a finite number"),
        ({"alpha": True}, "alpha must be a finite number"),
        ({"alpha": [0.3, [0.4]]}, "alpha must be a finite number"),
        ({"alpha": arb(0.3, 1)}, "alpha must lie in"),
        ({"alpha": arb.nan()}, "alpha must be finite"),
        ({"alpha": []}, "alpha must not be empty"),
        ({"alpha": "1e-99999999"}, "at most 1000 digits"),
        ({"digits": 2}, r"digits must be an integer in \[3, 100\]"),
        ({"digits": 12.0}, "digits must be an integer"),
        ({"noise_variance": -1}, "noise_variance must lie in"),
        ({"ridge": 1001}, "ridge must lie in"),
        ({"ridge": "x"}, "ridge must be a finite number"),
        ({"task": "task"}, "task must be a TaskDistribution"),
        ({"init": None}, "init must be an Initialization"),
        ({"task": mixture("rich")}, "init must be None"),
        ({"task": TaskDistribution.single_task(0.1), "alpha": -1}, "alpha must lie in"),
        (
            {"task": TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, pt_slab="gaussian")},
            "one number in each group",
        ),
        ({"task": MAGNITUDES, "init": None}, "one number in each group"),
    ],
)
def test_bad_input_is_refused_by_name_and_value(how, message):
    given = {"task": TASK, "init": BASELINE, "alpha": 0.3} | how
    with pytest.raises(ValueError, match=message):
        certify_replica(given.pop("task"), given.pop("init"), given.pop("alpha"), **given)


def test_a_path_needs_one_magnitude_in_each_group():
    with pytest.raises(ValueError, match="one number in each group"):
        certified_path(MAGNITUDES)


def test_the_law_of_what_is_not_pretrained_is_one():
    assert [group.pt_slab for group in MAGNITUDES.groups] == ["gaussian", "sign"] * 2
    assert ExactGroup("a", Fraction(1), None, "sign", Fraction(1), "gaussian").pt_slab == "sign"


GROUP = ExactGroup("all", Fraction(1), None, "sign", Fraction(1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"groups": ()}, "there must be groups"),
        (
            {"groups": (GROUP, ExactGroup("b", Fraction(1), Fraction(1), "zero", Fraction(0)))},
            "all pretrained or all of a single task",
        ),
        ({"c": Fraction(0)}, "c > 0"),
        ({"lam": Fraction(-2)}, "|lam| <= c"),
        ({"gamma": Fraction(-1)}, "gamma >= 0"),
        ({"c": 1.0}, "must be Fractions"),
    ],
)
def test_a_mixture_is_checked(change, message):
    given = {
        "groups": (GROUP,),
        "c": Fraction(1),
        "lam": Fraction(0),
        "gamma": Fraction(0),
    } | change
    with pytest.raises(ValueError, match=message.replace("|", r"\|")):
        Mixture(**given)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"share": Fraction(0)}, "share must be positive"),
        ({"share": Fraction(-1)}, "share must be a Fraction >= 0"),
        ({"share": 1.0}, "share must be a Fraction"),
        ({"slab": "Gaussian"}, "slab must be one of"),
        ({"slab": "zero"}, "exactly where amplitude_squared is 0"),
        ({"pt_slab": "zero"}, "pt_slab must be one of"),
        ({"pretrained": Fraction(-1)}, "pretrained must be a Fraction >= 0"),
    ],
)
def test_a_group_is_checked(change, message):
    given = {
        "name": "a",
        "share": Fraction(1),
        "pretrained": Fraction(1),
        "slab": "sign",
        "amplitude_squared": Fraction(1),
    } | change
    with pytest.raises(ValueError, match=message):
        ExactGroup(**given)


def test_a_teacher_must_exist():
    with pytest.raises(ValueError, match="every group must have a share >= 0"):
        Mixture.pretrain_finetune("0.1", "0.5", "0.9", c=1)
    with pytest.raises(ValueError, match="rho_ft must be positive"):
        Mixture.pretrain_finetune("0.1", "0", "0", c=1)
    with pytest.raises(ValueError, match="slab must be 'sign' or 'gaussian'"):
        Mixture.pretrain_finetune("0.1", "0.1", "0.5", c=1, slab="zero")
    nothing = Mixture(
        (ExactGroup("none", Fraction(1), None, "zero", Fraction(0)),),
        Fraction(1),
        Fraction(0),
        Fraction(0),
    )
    with pytest.raises(ValueError, match="noise_variance > 0, is required"):
        certify_replica(nothing, None, "0.3")
    assert certify_replica(nothing, None, "0.3", noise_variance=1).certified == (True,)
