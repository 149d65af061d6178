"""Monte-Carlo error bars and the sampled teacher: configurations, and shares that are known."""

import numpy as np
import pytest

from numerics import solve_replica
from numerics.replica_montecarlo import solve_task_montecarlo
from numerics.replica_montecarlo.channel import draw, task_groups
from verify import registry
from verify.claims.replica import montecarlo_agreement, sampled_teacher

ALPHA = 0.17126582


def test_the_published_configuration_is_decided():
    claim = registry.load(("verify.claims",)).claims["replica.published-error-bars"]
    configurations = {
        check.name: (check.tier, check.subject.samples, check.decide.args[1])
        for check in claim.checks
    }
    whole = {"ridge": 1e-6, "noise_convention": "1/d", "tolerance": 1e-6, "max_iterations": 900}
    for name, (tier, samples, options) in configurations.items():
        published = name.startswith("as published")
        assert published or name.startswith("undamped")
        assert samples == 80_000
        assert options == whole | {"damping": 0.25 if published else 1.0}
        assert tier == "full" or not published
    places = [(check.name.partition(",")[0], check.subject.alpha) for check in claim.checks]
    assert len(set(places)) == len(places) == 4


def test_the_undamped_solution_is_the_published_one():
    found = [
        solve_task_montecarlo(
            *montecarlo_agreement.baseline(),
            ALPHA,
            samples=4000,
            seed=1,
            **montecarlo_agreement.PUBLISHED,
            damping=damping,
        )
        for damping in (0.25, 1.0)
    ]
    assert found[0].converged[0]
    assert found[1].mse[0] == pytest.approx(found[0].mse[0], rel=1e-5)
    bars = [one.standard_error[0] for one in found]
    assert bars[1] == pytest.approx(bars[0], rel=1e-4)


def test_a_teacher_of_draws_has_their_densities_and_moments():
    task, init = montecarlo_agreement.baseline()
    draws = draw(task_groups(task, init), 2000, np.random.default_rng(3))
    drawn = sampled_teacher.teacher_of(draws, init.finetune_scale([0.0, 1.0]))
    assert drawn.second_moment == pytest.approx(np.mean(draws.teacher**2), rel=1e-12)
    active = sum(g.probability for g in drawn.groups if g.slab == "gaussian")
    assert active == pytest.approx(np.mean(draws.teacher != 0), rel=1e-12)
    known = {(g.pt_magnitude, g.slab): g.probability for g in task.groups}
    for group in drawn.groups:
        assert group.probability == pytest.approx(known[group.pt_magnitude, group.slab], abs=0.03)


@pytest.mark.parametrize(("own", "share"), [(1.0, 1.0), (0.0, 0.0), (0.5, 0.75)])
def test_a_share_is_what_the_teacher_explains(monkeypatch, own, share):
    """An error (1 − own) of which is left if a teacher explains the part `own` of its logarithm."""
    whole = np.random.default_rng(0).standard_normal(20)
    monkeypatch.setattr(sampled_teacher, "logarithms", lambda alpha: (whole, (1 - own) * whole))
    found = sampled_teacher.decide(sampled_teacher.Share(ALPHA, 0.25, 0.8))
    assert found.data["share"] == pytest.approx(share)
    assert (found.figure > 0) == (0.25 < share < 0.8)


def test_draws_that_are_not_those_of_the_estimate_are_refused(monkeypatch):
    monkeypatch.setattr(sampled_teacher, "SAMPLES", 500)
    monkeypatch.setattr(sampled_teacher, "SEEDS", 2)
    sampled_teacher.logarithms.cache_clear()
    whole, left = sampled_teacher.logarithms(ALPHA)
    task, init = montecarlo_agreement.baseline()
    assert whole.shape == left.shape == (2,)
    assert np.abs(whole).max() > 1e-3
    assert float(solve_replica(task, init, ALPHA).mse[0]) == pytest.approx(0.4914681)
    sampled_teacher.logarithms.cache_clear()
    others = draw(task_groups(task, init), 500, np.random.default_rng(99))
    monkeypatch.setattr(sampled_teacher, "draw", lambda mixture, samples, rng: others)
    with pytest.raises(ArithmeticError, match="draws of seed 0"):
        sampled_teacher.logarithms(ALPHA)
    sampled_teacher.logarithms.cache_clear()
