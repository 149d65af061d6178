"""Cost of imperfect pretraining, as ratios measured inside one process.

    80 data scales after pretraining on data   at most 40 times as long as after perfect pretraining
    one data scale                             at most 15 times
    time over data scales                      linear, or better
    peak allocation                            at most 4 times for 20 times the data scales, and at
                                               most 4 times for 5 times the nodes over c_FT, or more

With perfect pretraining c_FT is one number in each of four groups, after pretraining on data it has
some twenty nodes in each. States are taken in portions, so that memory does not grow with the
number of data scales times that of nodes.
"""

import tracemalloc

import numpy as np
from ratio import best_of, report

from numerics import (
    Initialization,
    Pretraining,
    TaskDistribution,
    solve_pipeline,
    solve_replica,
)
from numerics.initialization import REGIMES
from numerics.pipeline import averaged

TASK = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab="gaussian")
INIT = Initialization(1e-3, 0.0)
FEW = Pretraining(0.3, noise_variance=0.01)
GRID = np.linspace(0.01, 0.5, 80)


def ratio(init, grid):
    exact = best_of(20, lambda: solve_replica(TASK, init, grid))
    both = best_of(10, lambda: solve_pipeline(TASK, init, FEW, grid))
    return both, both / exact


def peak(grid):
    solve_pipeline(TASK, INIT, FEW, grid)
    tracemalloc.start()
    curve = solve_pipeline(TASK, INIT, FEW, grid)
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found, int(curve.nodes.max())


def test_curves_after_imperfect_and_perfect_pretraining(capsys):
    inits = {"baseline": INIT} | {
        name: Initialization(c, share * c, gamma) for name, (c, share, gamma) in REGIMES.items()
    }
    for points, limit in ((GRID, 40.0), (GRID[50:51], 15.0)):
        found = {name: ratio(init, points) for name, init in inits.items()}
        worst = max(times for _, times in found.values())
        listed = ", ".join(f"{name} {times:.0f}" for name, (_, times) in found.items())
        report(
            capsys,
            f"{points.size} points after imperfect pretraining, baseline "
            f"{1e3 * found['baseline'][0]:.1f} ms; times as long as after perfect: {listed}",
        )
        assert worst <= limit


def test_cost_is_linear_in_points(capsys):
    short, long = (
        best_of(3, lambda n=n: solve_pipeline(TASK, INIT, FEW, np.linspace(0.01, 0.5, n)))
        for n in (100, 800)
    )
    report(capsys, f"8 times the points: {long / short:.1f} times as long")
    assert long / short <= 10.0


def test_memory_is_flat(capsys, monkeypatch):
    few, nodes = peak(GRID)
    many, _ = peak(np.linspace(0.01, 0.5, 1600))
    monkeypatch.setattr(averaged, "_NODE_SHARES", ((8.0, 7.0, 0.8),))
    deep, more = peak(GRID)
    report(
        capsys,
        f"peak allocation, 80 points: {few / 2**20:.1f} MiB; 20 times the points: "
        f"{many / few:.2f} times; {more / nodes:.1f} times the nodes: {deep / few:.2f} times",
    )
    assert more >= 5 * nodes
    assert many <= 4.0 * few
    assert deep <= 4.0 * few
