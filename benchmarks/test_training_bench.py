"""Throughput of training, as ratios measured inside one process.

    128 networks that share inputs, d = 500, α over the published grid, against the same networks
    trained one by one                                        at least 5 times the throughput
    a batch in which all but one network stop early           at most 1.5 times that one alone

Throughput is networks·epochs per second, at a fixed number of epochs. Alone, a network is bound
by reading its inputs twice an epoch; in a group the inputs are read for all of them. The loop is
trained by the same function; against four weights updated out of place the ratio is larger. Both
are timed in CPU seconds of one thread, so that other processes do not enter: the second core
speeds up matrix products, which a group consists of, and not the passes over memory of a single
network, and can only add to the ratio.
"""

import json

import numpy as np
import pytest
from ratio import best_of, report

from empirics.diagonal import initial_state, train
from empirics.diagonal_tasks import curve_data
from empirics.experiments import SCALES, sweep_tasks
from numerics import Initialization
from numerics.initialization import LayerWeights

torch = pytest.importorskip("torch")

D, EPOCHS, SINGLES = 500, 120, 6
ALPHAS = SCALES["paper"].alphas[1::3]


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def problem(alpha):
    """The networks of all experiments at one data scale; a rate at which none stops or diverges."""
    configuration = json.loads(sweep_tasks("all", "smoke")[0].text) | {"d": D, "alpha": alpha}
    data = curve_data(configuration, 6)
    start = initial_state(Initialization(1e-3, 0.0), data.y.shape[0], D)
    return start, data.X, data.y


def fixed(start, X, y):
    found = train(start, X, y, learning_rate=1e-6, threshold=1e-30, most_epochs=EPOCHS)
    assert (found.epochs == EPOCHS).all()


def test_a_group_has_five_times_the_throughput_of_its_networks(capsys):
    grouped = alone = 0.0
    for alpha in ALPHAS:
        start, X, y = problem(alpha)
        count = y.shape[0]
        group = LayerWeights(*(w[None] for w in vars(start).values()))
        single = [
            (LayerWeights(*(w[i : i + 1] for w in vars(start).values())), X[None], y[i : i + 1])
            for i in range(SINGLES)
        ]
        together = best_of(5, lambda a=(group, X[None], y[None]): fixed(*a)) / count
        apart = best_of(5, lambda many=single: [fixed(*one) for one in many]) / SINGLES
        grouped, alone = grouped + together, alone + apart
        report(
            capsys,
            f"alpha = {alpha:g}: {EPOCHS / together:.0f} networks·epochs/s in a group of {count}, "
            f"{EPOCHS / apart:.0f} one by one: {apart / together:.1f} times",
        )
    report(capsys, f"over {len(ALPHAS)} data scales: {alone / grouped:.1f} times the throughput")
    assert alone / grouped >= 5.0


def test_networks_that_stopped_cost_nothing(capsys):
    start, X, y = problem(0.255)
    lasting = LayerWeights(*(w[:1] for w in vars(start).values()))
    easy = y.copy()
    easy[1:] *= 1e-9
    options = {"learning_rate": 1e-6, "threshold": 1e-12, "most_epochs": 3000}
    group = LayerWeights(*(w[None] for w in vars(start).values()))
    found = train(group, X[None], easy[None], **options)
    assert list(np.flatnonzero(found.epochs[0])) == [0]
    whole = best_of(3, lambda: train(group, X[None], easy[None], **options))
    alone = best_of(3, lambda: train(lasting, X[None], easy[:1], **options))
    report(capsys, f"one of {y.shape[0]} networks still trains: {whole / alone:.2f} times it alone")
    assert whole / alone <= 1.5
