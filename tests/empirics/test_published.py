"""The published runs in both systems of units."""

from dataclasses import replace

import numpy as np
import pytest

from empirics.published import (
    Run,
    data_from_published,
    data_to_published,
    from_published,
    published,
    to_published,
)

N, D = 295, 5000


def test_published_run_in_our_units():
    run = from_published(published(gamma=10.0), N, D)
    assert run.learning_rate == pytest.approx(1 / D)
    assert run.threshold == pytest.approx(1e-4 / (N / D))
    assert run.gamma == pytest.approx(10 / np.sqrt(2))
    assert (run.look_every, run.most_epochs) == (5000, 5_000_000)
    assert run.options == {
        "learning_rate": run.learning_rate,
        "threshold": run.threshold,
        "look_every": 5000,
        "most_epochs": 5_000_000,
    }


def test_there_and_back():
    run = Run(0.03, 2e-3, gamma=0.7, noise_variance=0.2, look_every=7, most_epochs=11)
    again = to_published(from_published(run, N, D), N, D)
    for name, value in vars(run).items():
        assert getattr(again, name) == pytest.approx(value, rel=1e-15)


def test_variance_of_data():
    rng = np.random.default_rng(1)
    inputs = rng.standard_normal((40, 500)) / np.sqrt(500)
    ours = data_from_published(inputs, 40, 500)
    assert ours.var() * 40 == pytest.approx(1.0, rel=0.03)
    assert data_to_published(ours, 40, 500) == pytest.approx(inputs, rel=1e-15)


def test_noise_is_scaled_as_labels():
    run = from_published(published(noise_variance=0.04), N, D)
    assert run.noise_variance == pytest.approx(0.04 * float(data_from_published(1.0, N, D)) ** 2)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"learning_rate": 0.0}, "learning_rate must satisfy > 0, got learning_rate=0"),
        ({"threshold": -1.0}, "threshold must satisfy > 0"),
        ({"gamma": -0.1}, "gamma must satisfy >= 0"),
        ({"noise_variance": -0.1}, "noise_variance must satisfy >= 0"),
        ({"noise_variance": float("nan")}, "noise_variance must be finite"),
        ({"look_every": 0}, "look_every must be an integer >= 1"),
        ({"look_every": 2.5}, "look_every must be an integer >= 1, got look_every=2.5"),
        ({"most_epochs": 0}, "most_epochs must be an integer >= 1"),
    ],
)
def test_bad_runs(change, named):
    with pytest.raises(ValueError, match=named):
        replace(published(), **change)


@pytest.mark.parametrize("convert", [from_published, to_published])
def test_bad_sizes(convert):
    with pytest.raises(ValueError, match="n must be an integer >= 1, got n=0"):
        convert(published(), 0, D)
    with pytest.raises(ValueError, match="d must be an integer >= 1, got d=-2"):
        convert(published(), N, -2)
