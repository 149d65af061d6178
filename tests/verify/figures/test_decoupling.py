"""The figure of the decoupling: its tables at a small size, and a drawing made from them."""

import numpy as np
import pytest

from verify.claims.crosscheck._instances import GROUPS
from verify.figures import decoupling
from verify.figures.__main__ import FIGURES
from verify.figures.figure import column


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(decoupling, "DIMENSION", 120)
    monkeypatch.setattr(decoupling, "SEEDS", range(8))
    monkeypatch.setattr(decoupling, "TRAJECTORY_DIMENSION", 200)
    monkeypatch.setattr(decoupling, "TRAJECTORY_SEEDS", range(3))
    monkeypatch.setattr(decoupling, "STEPS", 4)
    return decoupling.tables()


def test_tables_and_drawing(small):
    assert FIGURES["decoupling"] is decoupling.FIGURE
    for slab in decoupling.SLABS:
        for group in GROUPS:
            where = {"slab": slab, "group": group}
            expected = column(small["quantiles"], "channel", **where)
            found = column(small["quantiles"], "finite", **where)
            assert expected == sorted(expected)
            assert found == sorted(found)
            # 24 coordinates of 8 seeds in a group: a tenth of the range is what they allow.
            reach = expected[-1] - expected[0]
            middle = slice(10, 40)
            assert np.abs(np.subtract(expected, found))[middle].max() < 0.15 * reach
        steps = column(small["trajectories"], "step", slab=slab)
        assert steps == [0.0, 1.0, 2.0, 3.0, 4.0]
        predicted = column(small["trajectories"], "state_evolution", slab=slab)
        mean = column(small["trajectories"], "mean", slab=slab)
        assert np.abs(np.log(np.divide(mean, predicted))).max() < 0.4
    drawing = decoupling.draw(small)
    assert len(drawing.axes) == len(decoupling.SLABS) * (len(GROUPS) + 1)


def test_a_diverging_run_stops_the_figure(monkeypatch):
    def diverging(X, y, scale, **options):
        from numerics.amp import amp

        return amp(3.0 * X, y, scale, **{**options, "iterations": 200})

    monkeypatch.setattr(decoupling, "amp", diverging)
    problem = decoupling.Problem("sign", decoupling.INIT)
    with pytest.raises(ArithmeticError, match="1/n"):
        decoupling.trajectory_rows(problem)
