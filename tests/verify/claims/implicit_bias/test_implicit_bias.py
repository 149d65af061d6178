"""A number that is lost is never taken for agreement; what is changed in a statement shows."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
import sympy as sp

from verify.claim import Method, Verdict
from verify.claims.implicit_bias import dual, minimiser, penalty, saddle, saddle_limit
from verify.methods import flow
from verify.methods.relations import Limit
from verify.registry import load
from verify.run.worker import run_check


def check_of(identifier, method):
    (check,) = (c for c in load(only=[identifier])[identifier].checks if c.method is method)
    return check


@pytest.fixture
def fresh() -> Iterator[None]:
    minimiser.trained.cache_clear()
    yield
    minimiser.trained.cache_clear()


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize(
    ("identifier", "phases"),
    [
        ("implicit-bias.pretraining-lambda-free", 1),
        ("implicit-bias.minimiser", 2),
        ("implicit-bias.saddle-limit", 2),
    ],
)
def test_a_lost_weight_refutes(monkeypatch, identifier, phases):
    train, calls = flow.train, count(1)

    def lossy(state, X, y):
        end = train(state, X, y)
        # In the last phase of the first network only.
        return end._replace(w_minus=end.w_minus * np.nan) if next(calls) == phases else end

    monkeypatch.setattr(flow, "train", lossy)
    assert run_check(check_of(identifier, Method.FLOW)).verdict is Verdict.REFUTED


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize(
    "identifier",
    [
        "implicit-bias.pretraining-lambda-free",
        "implicit-bias.minimiser",
        "implicit-bias.saddle-limit",
    ],
)
@pytest.mark.parametrize("learns", [True, False])
def test_a_network_that_learns_nothing_refutes(monkeypatch, identifier, learns):
    """β = 0 lies below every norm and in every row space; it was CONFIRMED once."""
    train = flow.train
    monkeypatch.setattr(
        flow, "train", lambda state, X, y: train(state, X, y if learns else np.zeros_like(y))
    )
    verdict = run_check(check_of(identifier, Method.FLOW)).verdict
    assert verdict is (Verdict.CONFIRMED if learns else Verdict.REFUTED)


def test_a_lost_value_of_the_kernel_refutes(monkeypatch):
    compute = penalty.kernels.penalty

    def lossy(beta, c):
        return np.float64(np.nan) if beta == 1.0 else compute(beta, c)

    monkeypatch.setattr(penalty.kernels, "penalty", lossy)
    assert run_check(check_of("implicit-bias.penalty", Method.FLOAT64)).verdict is Verdict.REFUTED


def test_a_lost_optimum_refutes(monkeypatch):
    minimise, calls = dual.minimize, count(1)

    def lossy(function, *arguments, **options):
        found = minimise(function, *arguments, **options)
        found.fun = np.nan if next(calls) == 1 else found.fun
        return found

    monkeypatch.setattr(dual, "minimize", lossy)
    assert run_check(check_of("implicit-bias.dual", Method.CONVEX)).verdict is Verdict.REFUTED


def test_a_changed_constant_is_refuted_and_shown():
    turned = minimiser.THEOREM.but(
        "", root_k=lambda b, c, lam, g: minimiser.root_k(b, c, lam, g) - 2 * g**2
    )
    check = check_of("implicit-bias.minimiser", Method.SYMBOLIC)
    assert run_check(replace(check, subject=turned.subject)).verdict is Verdict.REFUTED
    assert turned.subject.latex() != minimiser.THEOREM.latex()


@pytest.mark.parametrize(
    ("root_k", "verdict"),
    [
        (lambda c: 2 * c, Verdict.PROVED),
        (lambda c: 2 * c + 1, Verdict.REFUTED),
        (lambda c: 3 * c, Verdict.REFUTED),
    ],
)
def test_the_scale_of_woodworths_penalty_is_decided(root_k, verdict):
    check = check_of("implicit-bias.woodworth-factor-two", Method.SYMBOLIC)
    stated = check.subject.but("", root_k=root_k).subject
    assert run_check(replace(check, subject=stated)).verdict is verdict


@pytest.mark.parametrize("gamma", [0.5, sp.Rational(1, 2)])
def test_a_fraction_of_a_readout_is_not_cut_off(gamma):
    assert saddle.decide(saddle.STATED).holds is True
    assert saddle.decide(saddle.STATED.but("", gamma=lambda: gamma).subject).holds is False


def test_a_limit_shows_where_it_is_taken():
    stated = saddle_limit.STATED
    there = replace(stated.selected, limit=Limit(saddle_limit.gamma, 2))
    elsewhere = stated.but("", relative=lambda c: c, selected=there).subject.latex()
    assert elsewhere.startswith(r"\lambda = c \\ \lim_{\gamma \to 2} \beta_{FT}")
