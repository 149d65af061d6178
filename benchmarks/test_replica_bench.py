"""Cost of an exact error curve, as ratios measured inside one process.

    80 data scales, four groups                      at most 30 ms on one core
    the Monte-Carlo algorithm on the same grid       at least 2 500 times as long
    time over grid points, and over groups           linear, or better
    peak allocation                                  stated

The Monte-Carlo algorithm is timed at a few points of the grid, with the published settings, and
scaled to all of them: its points are solved one after the other, forwards and backwards. It is
this project's implementation of it, whose denoiser is fast; bounds leave room for busy machines.
"""

import sys
import time
import tracemalloc
from dataclasses import replace

import numpy as np

from numerics import Initialization, TaskDistribution, solve_replica
from numerics.replica_montecarlo import solve_task_montecarlo

TASK = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab="gaussian")
INIT = Initialization(1e-3, 0.0)
GRID = np.linspace(0.01, 0.5, 80)
TIMED = 4


def report(capsys, text):
    with capsys.disabled():
        sys.stdout.write(f"\n{text}\n")


def best_of(repeats, function):
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def test_curve_and_the_monte_carlo_algorithm(capsys):
    exact = best_of(9, lambda: solve_replica(TASK, INIT, GRID))
    some = GRID[np.linspace(5, 75, TIMED).astype(int)]
    sampled = best_of(1, lambda: solve_task_montecarlo(TASK, INIT, some, samples=80_000, seed=0))
    whole = sampled * GRID.size / TIMED
    report(
        capsys,
        f"80 points: {1e3 * exact:.1f} ms; Monte Carlo, scaled from {TIMED} points: {whole:.0f} s, "
        f"{whole / exact:.0f} times as long",
    )
    assert exact <= 0.030
    assert whole >= 2_500 * exact


def test_cost_is_linear_in_points_and_groups(capsys):
    short, long = (
        best_of(5, lambda n=n: solve_replica(TASK, INIT, np.linspace(0.01, 0.5, n)))
        for n in (200, 1600)
    )
    halves = TaskDistribution(
        tuple(replace(g, probability=g.probability / 4) for g in TASK.groups for _ in range(4))
    )
    few, many = (best_of(5, lambda t=t: solve_replica(t, INIT, GRID)) for t in (TASK, halves))
    report(
        capsys,
        f"8 times the points: {long / short:.1f} times as long; "
        f"4 times the groups: {many / few:.1f} times",
    )
    assert long / short <= 10.0
    assert many / few <= 5.0


def test_memory(capsys):
    solve_replica(TASK, INIT, GRID)
    tracemalloc.start()
    solve_replica(TASK, INIT, GRID)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    report(capsys, f"peak allocation, 80 points: {peak / 2**20:.2f} MiB")
    assert peak <= 8 * 2**20
