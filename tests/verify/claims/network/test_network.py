"""A number that is lost is never taken for agreement; what is changed in a statement shows."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
import sympy as sp

from numerics import Initialization
from verify.claim import Method, Verdict
from verify.claims.network import (
    _weights,
    conservation,
    finetune_scale,
    invariants_complete,
    rebalance_zero,
    sign_change,
)
from verify.methods import flow
from verify.registry import load
from verify.run.worker import run_check


def check_of(identifier, method):
    (check,) = (c for c in load(only=[identifier])[identifier].checks if c.method is method)
    return check


@pytest.fixture
def fresh() -> Iterator[None]:
    caches = (_weights.trained, finetune_scale.measured)
    for trained in caches:
        trained.cache_clear()
    yield
    for trained in caches:
        trained.cache_clear()


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize(
    ("identifier", "phases"),
    [
        ("network.conservation", 1),
        ("network.layer-weights", 1),
        ("network.sign-change", 1),
        ("network.signed-sum", 1),
        ("network.finetune-scale", 2),
    ],
)
def test_a_lost_weight_refutes(monkeypatch, identifier, phases):
    train, calls = flow.train, count(1)

    def lossy(state, X, y):
        end = train(state, X, y)
        if next(calls) % phases:
            return end
        lost = np.where(np.arange(len(end.w_minus)) == 0, np.nan, 1.0)
        return end._replace(w_minus=end.w_minus * lost, v_minus=end.v_minus * lost)

    monkeypatch.setattr(flow, "train", lossy)
    result = run_check(check_of(identifier, Method.FLOW))
    assert result.verdict is Verdict.REFUTED
    assert "nan" in str(result.counterexample)


def test_a_lost_value_of_the_kernel_refutes(monkeypatch):
    compute = Initialization.finetune_scale

    def lossy(init, beta):
        return np.float64(np.nan) if beta == 1e6 else compute(init, beta)

    monkeypatch.setattr(Initialization, "finetune_scale", lossy)
    assert run_check(check_of("network.finetune-scale", Method.FLOAT64)).verdict is Verdict.REFUTED


def test_a_threshold_that_is_no_number_refutes():
    check = check_of("network.sign-change", Method.FLOW)
    nowhere = sign_change.STATED.but("", lambda c, lam: sp.sqrt(-lam)).subject
    assert run_check(replace(check, subject=nowhere)).verdict is Verdict.REFUTED


def test_a_changed_sign_is_refuted_and_shown():
    turned = conservation.STATED.but("", c=lambda w: w.w_plus * w.w_minus - w.v_plus * w.v_minus)
    check = check_of("network.conservation", Method.SYMBOLIC)
    assert run_check(replace(check, subject=turned.subject)).verdict is Verdict.REFUTED
    assert "{c} = {w_+} {w_-} - {v_+} {v_-}" in turned.subject.latex()


def test_the_count_of_invariants_is_that_of_the_forms():
    shown = invariants_complete.Complete(invariants_complete.STATED.forms[:2]).latex()
    assert "4d - d = 2d" in shown


def test_each_weight_has_its_equation():
    first, second, third, scale = rebalance_zero.STATED.latex().split(r" \\ ")
    assert first == r"{w_+}^{FT}(0) = {w_+} + {w_-},\quad {v_+}^{FT}(0) = \gamma"
    assert second == r"{w_-}^{FT}(0) = {w_+} + {w_-},\quad {v_-}^{FT}(0) = \gamma"
    assert third == r"{\beta^{FT}(0)} = 0"
    assert scale.startswith("{c_{FT}} = ") or scale.startswith("c_{FT} = ")
