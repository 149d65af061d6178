"""The published errors as they come with the code: conversions, and files that are refused."""

import math
from importlib.resources import files

import numpy as np
import pytest

from empirics.published_networks import RECORDED, load


@pytest.fixture(scope="module")
def text():
    return (files("empirics") / "recorded" / RECORDED).read_text(encoding="utf-8")


def condition(**wanted):
    (found,) = [
        one
        for one in load()
        if all(math.isclose(getattr(one, name), value) for name, value in wanted.items())
    ]
    return found


def test_the_file_says_where_it_is_from(text):
    for word in ("source: the authors' repository Nico31415/toy-unlearning", "read 2026-11-28"):
        assert word in text
    for word in ("gamma_published", "lam", "threshold_published", "run"):
        assert f"\n# {word}: " in text


def test_there_are_225_networks_in_17_conditions(text):
    found = load()
    assert len(found) == 17
    assert sum(one.errors.size for one in found) == 225
    assert sorted({one.errors.size for one in found}) == [7, 8, 14]
    assert load(text)[3].errors == pytest.approx(found[3].errors)


def test_conditions_are_in_this_projects_units():
    one = condition(gamma_published=1.0, alpha=0.304)
    assert one.n == 1520
    assert one.setting.gamma == pytest.approx(math.sqrt(0.5))
    assert one.run.learning_rate == pytest.approx(1 / 5000)
    assert one.run.threshold == pytest.approx(1e-4 / 0.304)
    assert one.looks == pytest.approx(1.0)
    assert one.longest == pytest.approx(1000.0)
    assert one.errors.mean() == pytest.approx(0.2657, abs=5e-5)


def test_lambda_is_absolute():
    one = condition(alpha=0.402)
    init = one.setting.initialization
    assert (init.c, init.lam) == pytest.approx((1e-3, -0.999e-3))
    assert one.setting.slab == "gaussian"
    # c_FT = (c + λ)(1 + √(1 + β²/c²)) + γ², by hand at β_PT = 1
    scale = init.finetune_scale(np.ones(1))
    assert scale[0] == pytest.approx(1e-6 * (1 + math.sqrt(1 + 1e6)))


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("\nrho_pt,", "\nrho,", "must have the columns"),
        (",0,0.96927412", ",0,", "error must be finite, got nan in row 0"),
        (",0,0.96927412", ",0,-0.9", "error must be positive, got -0.9 in row 0"),
        (",0,0.96927412", ",1,0.9", "a run must occur once in a condition"),
        (",0.059,5000,1e-4,0,0.96", ",0.059,4999,1e-4,0,0.96", "alpha d must be a whole number"),
        (",0.059,5000,1e-4,0,0.96", ",0.059,5000,0,0,0.96", "threshold_published must be positive"),
        ("\n0.1,0.1,0.5,1,0,0,0.059", "\n0.2,0.1,0.5,1,0,0,0.059", "rho_pt must be 0.1, got 0.2"),
        (",0,0.96927412", ",0", "row 0 must have 11 fields"),
    ],
)
def test_other_files_are_refused(text, old, new, named):
    assert old in text
    with pytest.raises(ValueError, match=named):
        load(text.replace(old, new, 1))
