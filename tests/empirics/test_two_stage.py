"""Both stages from data: how instances are drawn, solved, and followed as flows."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from empirics import finite_problems, two_stage
from empirics.finite_problems import UnsolvedError
from empirics.two_stage import TwoStages, draw, follow, learnt_scale, pretrained, solve
from numerics import Initialization, minimum_penalty

PROBLEM = TwoStages(0.2, 0.1, 0.5, "gaussian", "gaussian", 0.1, -0.5, 0.2, 0.4, 0.1, 0.3, 0.2)
SIGNS = replace(PROBLEM, slab="sign", pt_slab="sign", noise_variance_pt=0.0, noise_variance=0.0)


def rng(seed=3):
    return np.random.default_rng(seed)


class TestDraw:
    def test_sizes_groups_and_laws(self):
        drawn = draw(SIGNS, 100, rng())
        before, after = drawn.pretraining, drawn.finetuning
        assert before.X.shape == (40, 100)
        assert after.X.shape == (30, 100)
        names = np.array([one.name for one in SIGNS.task.groups])[drawn.group]
        assert {name: int(np.sum(names == name)) for name in names} == {
            "overlap": 5,
            "new": 5,
            "pt-only": 15,
            "none": 75,
        }
        active = (names == "overlap") | (names == "pt-only")
        assert (np.abs(before.truth) == active).all()
        assert np.abs(after.truth[drawn.group < 2]) == pytest.approx(np.sqrt(10))
        assert (before.y == before.X @ before.truth).all()
        assert (after.y == after.X @ after.truth).all()

    def test_gaussian_coefficients_have_the_law_s_second_moment_and_no_order(self):
        drawn = draw(PROBLEM, 400, rng())
        before, after = (stage.truth[drawn.group == 0] for stage in drawn[:2])
        assert np.mean(after**2) == pytest.approx(10.0)
        assert np.mean(before**2) == pytest.approx(1.0)
        assert (np.diff(np.abs(after)) >= 0).all()
        assert not (np.diff(np.abs(before)) >= 0).all()

    def test_noise_and_inputs_have_the_stated_variances(self):
        drawn = draw(PROBLEM, 1000, rng())
        for stage, noise in zip(drawn[:2], (0.1, 0.2), strict=True):
            n = stage.y.size
            assert stage.X.var() * n == pytest.approx(1.0, rel=0.01)
            assert (stage.y - stage.X @ stage.truth).var() == pytest.approx(noise, rel=0.25)


class TestSolve:
    def test_fine_tuning_has_the_scale_of_what_was_learnt(self):
        drawn, init = draw(PROBLEM, 60, rng()), PROBLEM.initialization
        ends = solve("it", init, drawn)
        before, after = drawn.pretraining, drawn.finetuning
        assert ends.pretrained == pytest.approx(minimum_penalty(before.X, before.y, 0.1).beta)
        scale = init.finetune_scale(ends.pretrained)
        assert learnt_scale(init, ends.pretrained) == pytest.approx(scale, rel=1e-12)
        assert ends.finetuned == pytest.approx(minimum_penalty(after.X, after.y, scale).beta)
        perfect = minimum_penalty(after.X, after.y, init.finetune_scale(before.truth)).beta
        assert np.abs(ends.finetuned - perfect).max() > 0.01

    @pytest.mark.parametrize("alpha_pt", [1.0, 1.5])
    def test_with_as_many_examples_as_coordinates_it_is_least_squares(self, alpha_pt):
        stage = draw(replace(PROBLEM, alpha_pt=alpha_pt), 40, rng()).pretraining
        found = pretrained("it", PROBLEM.initialization, stage)
        assert found == pytest.approx(np.linalg.lstsq(stage.X, stage.y, rcond=None)[0], rel=1e-6)

    def test_an_unsolved_problem_is_named(self, monkeypatch):
        few = partial(minimum_penalty, max_iterations=1)
        monkeypatch.setattr(finite_problems, "minimum_penalty", few)
        drawn = draw(PROBLEM, 40, rng())
        with pytest.raises(UnsolvedError, match="pretraining of it: "):
            solve("it", PROBLEM.initialization, drawn)
        monkeypatch.setattr(two_stage, "pretrained", lambda *_: drawn.pretraining.truth)
        with pytest.raises(UnsolvedError, match="fine-tuning of it: "):
            solve("it", PROBLEM.initialization, drawn)


class TestFollow:
    @pytest.mark.parametrize("alpha_pt", [0.5, 1.5])
    def test_the_flow_of_both_stages_ends_at_the_two_solutions(self, alpha_pt):
        problem = replace(SIGNS, rho_pt=0.4, rho_ft=0.3, c=0.3, alpha_pt=alpha_pt, alpha=0.5)
        drawn = draw(problem, 16, rng())
        flow = follow("it", problem.initialization, drawn)
        convex = solve("it", problem.initialization, drawn)
        assert flow.pretrained == pytest.approx(convex.pretrained, abs=1e-6)
        assert flow.finetuned == pytest.approx(convex.finetuned, abs=1e-6)

    def test_flows_that_do_not_end_say_which_stage(self):
        drawn = draw(SIGNS, 20, rng())
        with pytest.raises(UnsolvedError, match="pretraining of it did not end"):
            follow("it", SIGNS.initialization, drawn, longest=1e-3)
        at_rest = drawn.pretraining._replace(y=np.zeros(drawn.pretraining.y.size))
        with pytest.raises(UnsolvedError, match="fine-tuning of it did not end"):
            follow("it", SIGNS.initialization, drawn._replace(pretraining=at_rest), longest=1e-3)


def test_names_tell_problems_apart():
    quiet = replace(PROBLEM, noise_variance=0.0, noise_variance_pt=0.0)
    assert "noise_pt=0.1 alpha=0.3 noise=0.2" in PROBLEM.name
    assert "noise" not in quiet.name
    assert PROBLEM.initialization == Initialization(0.1, -0.05, 0.2)
