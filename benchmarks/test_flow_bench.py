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
from numerics.gradient_flow import Method, finetune_flow

# d, α, c, γ
PROBLEMS = ((20, 0.5, 1e-6, 0.0), (60, 0.5, 1e-3, 0.0), (24, 0.85, 1e-3, 0.0), (30, 0.8, 1e-3, 3.0))


def problem(d, alpha, c, gamma):
    init = Initialization(c, 0.0, gamma)
    task = TaskDistribution.pretrain_finetune(0.4, 0.4, 0.5)
    sample = task.sample(d, alpha, np.random.default_rng(0))
    exact = minimum_penalty(sample.X, sample.y, init.finetune_scale(sample.beta_pt)).beta
    return init, sample, exact


def test_the_default_integrator_is_the_fastest(capsys):
    seconds = dict.fromkeys(get_args(Method), 0.0)
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
