"""The figure of the saddle: its tables, and a drawing made from them."""

import numpy as np
import pytest

from numerics import Initialization, solve_replica
from verify.figures import saddle
from verify.figures.__main__ import FIGURES
from verify.figures.figure import column


@pytest.fixture(scope="module")
def small():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(saddle, "POINTS", 61)
        yield saddle.tables()


@pytest.mark.parametrize("panel", saddle.INITS)
def test_both_lines_cross_at_the_fixed_point_and_the_solver_ends_there(small, panel):
    assert FIGURES["saddle"] is saddle.FIGURE
    task = saddle._task()
    curve = solve_replica(task, Initialization(*saddle.INITS[panel]), saddle.ALPHA)
    theta, b = float(curve.theta[0]), float(curve.theta[0] / curve.tau[0])
    path = [column(small["path"], one, panel=panel) for one in ("theta", "b")]
    np.testing.assert_allclose([one[-1] for one in path], [theta, b], rtol=1e-9)
    assert len(path[0]) == curve.iterations[0]
    for table, along, across in (("valley", "b", "theta"), ("crest", "theta", "b")):
        at = {"theta": theta, "b": b}
        near = np.argmin(np.abs(np.subtract(column(small[table], along, panel=panel), at[along])))
        # Parabolas through three points of a grid of five per cent.
        assert column(small[table], across, panel=panel)[near] == pytest.approx(
            at[across], rel=2e-3
        )
    value = np.array(column(small["landscape"], "value", panel=panel)).reshape(61, 61)
    assert value[30].argmin() == 30
    assert value[:, 30].argmax() == 30
    assert value[30, 30] == pytest.approx(float(curve.objective[0]), rel=1e-9)


def test_least_entries():
    x = np.arange(7.0)
    rows = np.array([(x - 2.25) ** 2, (x - 4.0) ** 2, x**2, -(x**2)])
    np.testing.assert_allclose(saddle.lowest(rows), [2.25, 4.0, np.nan, np.nan])


def test_drawing(small):
    drawing = saddle.draw(small)
    panels = [axis for axis in drawing.axes if axis.get_title()]
    assert [axis.get_title() for axis in panels] == ["rich", "lazy"]
    assert all(len(axis.get_lines()) == 3 for axis in panels)
