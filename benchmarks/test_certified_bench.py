"""Cost of a proof, as ratios measured inside one process.

    one data scale, 12 digits     at most 25 times as long as float64
    80 data scales, 12 digits     at most 1 000 times as long, and at most 4 s on one core
    50 and 100 digits             at most 10 and 40 times as long as 12
    an interval of data scales    at most 20 times as long as one of them
    8 times the data scales       at most 12 times as long
    Taylor coefficients, order 6  in float64 at most a third of the time that enclosures take

float64 solves all data scales of a curve together, the certified solver one after the other: that
is most of the ratio of curves. Times are those of the processor, which other processes affect less.
"""

from fractions import Fraction

import numpy as np
from flint import arb
from ratio import best_of, report

from numerics import Initialization, TaskDistribution, solve_replica
from numerics.certified import Mixture, certified_path, certify_replica
from numerics.certified.exact import ball
from numerics.certified.series import expand_near

TASK = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab="gaussian")
INIT = Initialization(1e-3, 0.0)
GRID = np.linspace(0.01, 0.5, 80)
POINT = GRID[48:49]


def certified(alpha, digits=12):
    curve = certify_replica(TASK, INIT, alpha, digits=digits)
    assert all(curve.certified)
    return curve


def test_points_and_curves(capsys):
    for points, repeats, limit in ((POINT, 20, 25.0), (GRID, 3, 1000.0)):
        exact = best_of(20, lambda points=points: solve_replica(TASK, INIT, points))
        proved = best_of(repeats, lambda points=points: certified(points))
        report(
            capsys,
            f"{points.size} points certified to 12 digits: {1e3 * proved:.0f} ms, "
            f"{1e3 * proved / points.size:.1f} ms each; float64: {1e3 * exact:.2f} ms; "
            f"{proved / exact:.0f} times as long",
        )
        assert proved <= limit * exact
    assert proved <= 4.0


def test_digits(capsys):
    twelve, fifty, hundred = (
        best_of(10, lambda digits=digits: certified(POINT, digits)) for digits in (12, 50, 100)
    )
    report(
        capsys,
        f"50 digits: {1e3 * fifty:.0f} ms, {fifty / twelve:.1f} times as long as 12; "
        f"100 digits: {1e3 * hundred:.0f} ms, {hundred / twelve:.1f} times",
    )
    assert fifty <= 10.0 * twelve
    assert hundred <= 40.0 * twelve


def test_intervals(capsys):
    (middle,) = POINT
    point = best_of(10, lambda: certified(POINT))
    for half in (1e-6, 1e-3, 1e-2):
        whole = best_of(5, lambda half=half: certified(arb(middle, half)))
        report(
            capsys,
            f"an interval of the width {2 * half:g} around {middle:.2f}: {1e3 * whole:.0f} ms, "
            f"{whole / point:.1f} times as long as one data scale",
        )
        assert whole <= 20.0 * point


def test_cost_is_linear_in_points(capsys):
    short, long = (best_of(2, lambda n=n: certified(np.linspace(0.01, 0.5, n))) for n in (20, 160))
    report(capsys, f"8 times the points: {long / short:.1f} times as long")
    assert long <= 12.0 * short


def test_taylor_coefficients(capsys):
    path = certified_path(Mixture.pretrain_finetune("0.1", "0.1", "0.5", c="1e-3"), 14)
    alpha = Fraction("0.3")
    start = path.start(alpha)
    path.point(alpha)
    proved = best_of(10, lambda: path.series(alpha, 6))
    near = best_of(10, lambda: expand_near(path.problem, ball(alpha), start, 6))
    report(
        capsys,
        f"Taylor coefficients up to order 6: {1e3 * proved:.1f} ms enclosed, "
        f"{1e3 * near:.1f} ms in float64",
    )
    assert near <= proved / 3.0
