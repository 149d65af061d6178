"""False statements about what pretraining leaves, on few instances."""

import numpy as np
import pytest

from verify.claims.pipeline import pretrained_law
from verify.claims.pipeline._two_stages import LEARNING, WRONG_LEARNING
from verify.claims.pipeline.pretrained_law import (
    LEVELS,
    TWO,
    decide,
    instances,
    of_problems,
    quantiles,
)

FEW = of_problems(TWO, 200, range(40), 0.12)


def test_it_holds_of_few_instances_and_no_false_law_does():
    assert decide(FEW).holds is True
    for law in WRONG_LEARNING.values():
        assert decide(FEW._replace(law=law)).holds is False


@pytest.mark.parametrize("problem", TWO)
@pytest.mark.parametrize("part", ["active", "inactive"])
def test_quantiles_rise_and_scales_are_those_of_sizes(problem, part):
    values, scales = quantiles(LEARNING, problem, part)
    assert len(values) == len(scales) == len(LEVELS)
    assert (np.diff(values) > 0.0).all()
    assert (np.diff(scales) > 0.0).all()
    _, teacher = quantiles(WRONG_LEARNING["pretraining perfect: c_FT(β*_PT)"], problem, part)
    assert teacher != pytest.approx(scales)


def test_teachers_of_random_signs_are_made_positive():
    first = instances(TWO[0], 200, range(3))[0]
    assert np.mean(first.coefficients["active"]) > 0.2
    assert first.coefficients["active"].size == 40
    assert (first.scales["active"] > 0.0).all()


def test_margins_are_said():
    assert FEW.margins() == "0.12 in probability"
    shown = pretrained_law.of_problems(TWO, 10, range(1), 0.1).latex()
    assert r"\lvert" in shown or "|" in shown
