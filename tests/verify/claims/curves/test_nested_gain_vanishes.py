"""The gain that large scales leave: its moments, its rate, and statements that it refutes."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from numerics.certified import certify_replica
from verify.claims.curves import nested_gain_vanishes as vanishing
from verify.claims.curves._margins import errors
from verify.claims.curves._quantities import setting
from verify.claims.curves.reference_values import mixture
from verify.methods.relations import Limit

STATED = vanishing.STATED


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(vanishing, "INITS", ({"c": 100.0}, {"gamma": 100.0}))
    monkeypatch.setattr(vanishing, "ALPHAS", ("0.6",))
    monkeypatch.setattr(vanishing, "SPARSER", (0.04,))


@pytest.mark.parametrize("slab", ["gaussian", "sign"])
def test_fourth_moments_are_those_of_teachers(slab):
    curve = setting(slab, 0.1, 1.0)
    beta = curve.task.sample(400_000, 1e-5, np.random.default_rng(0)).beta_ft
    assert vanishing.fourth_moment(curve) == pytest.approx((beta**4).mean(), rel=0.05)
    assert (beta**2).mean() == pytest.approx(1.0, rel=0.02)


def test_the_stated_limit_holds_and_others_do_not(few):
    found = vanishing.decide(STATED)
    assert found.figure < 6
    assert set(found.data["largest"]) == {"c = 100", "gamma = 100"}
    for control in vanishing.CONTROLS:
        assert vanishing.decide(control.subject).figure > 10
    linear = replace(STATED, name=vanishing.C_FT * sp.log(vanishing.P_1 / vanishing.P_2))
    assert vanishing.decide(linear).figure > 10


def test_gains_are_enclosed(monkeypatch):
    monkeypatch.setattr(vanishing, "WIDER", ({"c": 10.0}, {"c": 1e6}, {"gamma": 100.0}))
    monkeypatch.setattr(vanishing, "SPARSER", (0.01,))
    assert vanishing.enclose(vanishing.NEAR).holds is True
    assert vanishing.enclose(replace(vanishing.NEAR, most="5.14")).holds is False
    for control in vanishing.OF_NEAR:
        assert vanishing.enclose(control.subject).holds is False


@pytest.mark.parametrize("slab", ["gaussian", "sign"])
def test_what_is_enclosed_has_the_scale_and_moments_of_its_curve(slab):
    curve = setting(slab, 0.04, 1.0, c=0.3, ratio=-0.99, gamma=1.7)
    scale = float(curve.initialization.finetune_scale(0.0))
    assert float(vanishing.scale(curve)) == pytest.approx(scale, rel=1e-14)
    exact = float(vanishing.exact_fourth_moment(curve))
    assert exact == pytest.approx(vanishing.fourth_moment(curve), rel=1e-14)


def test_what_is_not_certified_is_open(monkeypatch):
    (point,) = certify_replica(mixture(setting("sign", 0.1, 1.0)), None, "0.3").points
    lost = replace(point, reason="too far")
    monkeypatch.setattr(vanishing, "enclosed", lambda *_: lost)
    found = vanishing.enclose(vanishing.NEAR)
    assert found.holds is None
    assert "too far" in found.summary


def test_other_limits_and_quantities_are_refused(few):
    for limit in (Limit(vanishing.C_FT, 1), Limit(vanishing.ALPHA, sp.oo)):
        with pytest.raises(ValueError, match="c_FT must grow"):
            vanishing.decide(replace(STATED, limit=limit))
    with pytest.raises(ValueError, match="must make a number"):
        vanishing.decide(replace(STATED, name=STATED.name + sp.Symbol("x")))


def test_another_solver_finds_the_same_gain():
    """In float64, where c is not so large that rounding takes the gain."""
    alpha, init = np.array([0.2, 0.5]), {"c": 300.0, "ratio": 0.5}
    dense, sparse = (setting("sign", rho, 1.0, **init) for rho in (0.1, 0.01))
    found = np.log(errors(dense, alpha) / errors(sparse, alpha)) * (2 * 450.0) ** 2
    moments = {vanishing.M_2: 100.0, vanishing.M_1: 10.0}
    limits = [float(STATED({vanishing.ALPHA: float(a), **moments})) for a in alpha]
    assert found == pytest.approx(limits, rel=1e-3)
