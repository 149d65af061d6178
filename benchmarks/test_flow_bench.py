"""Which of SciPy's integrators solves the flow fastest: one table, all methods, one process.

Problems: the published scales c = 1e-6 and 1e-3, a lazy start, and nearly as many examples as
coordinates, where the slowest direction is far slower than the fastest. Every method must end at
the minimiser; the default, LSODA, must be the fastest over all problems within a factor 1.5.
"""

import time
from typing import get_args

import numpy as np
from ratio import report

from numerics import Initialization, TaskDistribution, minimum_penalty
from numerics.gradient_flow import Method, finetune_flow, mirror_flow

# d, α, c, γ
PROBLEMS = ((20, 0.5, 1e-6, 0.0), (60, 0.5, 1e-3, 0.0), (24, 0.85, 1e-3, 0.0), (30, 0.8, 1e-3, 3.0))


def problem(d, alpha, c, gamma):
    init = Initialization(c, 0.0, gamma)
    task = TaskDistribution.pretrain_finetune(0.4, 0.4, 0.5)
    sample = task.sample(d, alpha, np.random.default_rng(0))
    exact = minimum_penalty(sample.X, sample.y, init.finetune_scale(sample.beta_pt)).beta
    return init, sample, exact


def test_the_default_integrator_is_the_fastest(capsys):
    # RK23 is for stopped flows: to the accuracy of the default it takes a thousand times the steps.
    seconds = dict.fromkeys((one for one in get_args(Method) if one != "RK23"), 0.0)
    lines = []
    for arguments in PROBLEMS:
        init, sample, exact = problem(*arguments)
        start = init.pretraining_layer_weights(sample.beta_pt)
        cells = []
        for method in seconds:
            began = time.process_time()
            flow = finetune_flow(start, init, sample.X, sample.y, method=method)
            took = time.process_time() - began
            seconds[method] += took
            error = np.abs(flow.beta[-1] - exact).max() / np.abs(exact).max()
            cells.append(f"{method} {took:.2f} s, {flow.evaluations} evaluations")
            assert flow.converged, (arguments, method, flow.message)
            assert error < 1e-6, (arguments, method, error)
        lines.append(f"d, alpha, c, gamma = {arguments}: " + "; ".join(cells))
    report(capsys, "\n".join(lines))
    assert seconds["LSODA"] <= 1.5 * min(seconds.values()), seconds


def test_a_stopped_flow_is_fastest_at_low_order(capsys):
    """At the published threshold a large flow is not stiff: stability limits the steps."""
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab="gaussian")
    sample = task.sample(1000, 0.45, np.random.default_rng(0))
    scale = Initialization(1e-6, 0.0).finetune_scale(sample.beta_pt)
    stop = {"target": 1e-4 / 0.45, "looks": 1.0, "rtol": 1e-5, "atol": 1e-7}
    cells, seconds, ends = [], {}, []
    for method in ("RK23", "RK45", "DOP853", "LSODA"):
        began = time.process_time()
        flow = mirror_flow(scale, sample.X, sample.y, method=method, **stop)
        seconds[method] = time.process_time() - began
        assert flow.converged
        ends.append(flow.beta[-1])
        cells.append(f"{method} {seconds[method]:.2f} s, {flow.evaluations} evaluations")
    report(capsys, "stopped, d = 1000, alpha = 0.45: " + "; ".join(cells))
    assert np.abs(np.array(ends) - ends[0]).max() < 2e-3 * np.abs(ends[0]).max()
    assert seconds["RK23"] <= 1.5 * min(seconds.values()), seconds
