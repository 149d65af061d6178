"""What is stated of published runs of both stages, and what of it the numbers rule out."""

from dataclasses import replace

import numpy as np
import pytest

from empirics.published_two_stage import networks
from verify.claims.pipeline import published_runs
from verify.claims.pipeline.published_runs import (
    ABOVE,
    CONTROLS,
    OF_TEACHER,
    STATED,
    TEACHERS,
    decide,
    decide_excess,
    decide_sampled,
    expected,
    ridge,
)


@pytest.fixture
def narrow(monkeypatch):
    """Put in a covariance like that of finite problems, which take half a minute."""
    deviations = ([0.053, 0.16, 0.169, 0.194], [0.113, 0.168, 0.288, 0.423])
    correlated = 0.5 * np.eye(4) + 0.5
    tables = [correlated * np.outer(one, one) for one in deviations]
    monkeypatch.setattr(published_runs, "covariance", lambda index: tables[index])


def test_published_networks_are_within_their_scatter_and_controls_are_not(narrow):
    assert decide(STATED).figure > 0.05
    for control in CONTROLS:
        assert decide(control.subject).figure < 0.05, control.variant


def test_the_ridge_trains_to_the_published_threshold_and_hardly_shows_with_few_examples():
    few, many = networks()
    assert ridge(few) == pytest.approx(0.0106, rel=0.01)
    assert ridge(many) == pytest.approx(0.00565, rel=0.01)
    without = replace(STATED.error, body=lambda a, a_pt, s, r: STATED.error.body(a, a_pt, s, 0 * r))
    gap = expected(STATED, few) - expected(STATED._replace(error=without), few)
    assert np.abs(gap).max() < 0.01


def test_the_sampled_teacher_accounts_for_points_and_its_parts_do_not():
    assert decide_sampled(OF_TEACHER).figure < 1.0
    for control in TEACHERS:
        assert decide_sampled(control.subject).figure > 1.0, control.variant
    assert decide_excess(ABOVE).figure > 0.0


def test_another_statement_is_refused():
    with pytest.raises(ValueError, match="must be stated"):
        decide(STATED._replace(mean=replace(STATED.mean, name=ABOVE.least.name)))
    with pytest.raises(ValueError, match="must be at most"):
        decide_sampled(OF_TEACHER._replace(near=ABOVE.least))
