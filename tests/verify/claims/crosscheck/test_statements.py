"""What is shown is decided; NaN confirms nothing; the full tier's functions run at a small size."""

from pathlib import Path

import numpy as np
import pytest

import verify
from numerics import Initialization
from verify.claims.crosscheck import _gaps, metamorphic, minimiser, pretraining_few
from verify.claims.crosscheck._scale import FinetuneScale, stated_scale
from verify.registry import load

FILES = Path(verify.__file__).parent.glob("claims/crosscheck/[a-z]*.py")
IDS = [f"crosscheck.{path.stem.replace('_', '-')}" for path in FILES]
CLAIMS = [claim for claim in load(only=IDS) if claim.id.startswith("crosscheck.")]
INITS = [Initialization(c, r * c, g) for c, r, g in ((1e-3, -0.9, 0.05), (0.5, 0.5, 2.0))]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_every_false_variant_is_shown_as_another_formula(claim):
    for check in claim.checks:
        if check.latex is None:
            assert check.name == "recorded rows measured again"
            continue
        shown = {control.subject.latex() for control in check.controls}
        assert len(shown) == len(check.controls)
        assert check.latex not in shown


@pytest.mark.parametrize("init", INITS)
def test_scale_as_stated_is_that_of_the_network(init):
    beta = np.array([0.0, 1e-4, -1.0, 30.0])
    assert stated_scale(init, beta) == pytest.approx(init.finetune_scale(beta), rel=1e-14)
    assert FinetuneScale(lambda b, c, lam, g: c)(init, beta).tolist() == [init.c] * 4
    weights = init.pretraining_layer_weights(beta)
    hidden = np.abs(weights.w_plus) + np.abs(weights.w_minus)
    wrong = FinetuneScale(minimiser.absolute_sum)(init, beta)
    assert wrong == pytest.approx(hidden**2 + init.gamma**2, rel=1e-12)


def test_a_symmetry_is_evaluated_as_it_is_shown():
    X, P, b = np.arange(6.0).reshape(2, 3), np.eye(3)[:, [2, 0, 1]], np.array([1.0, 2.0, 3.0])
    values = {"X": X, "P": P, "b": b, "s": 3.0}
    assert metamorphic.product("X P", **values).tolist() == X[:, [2, 0, 1]].tolist()
    assert metamorphic.product("P^T b", **values).tolist() == b[[2, 0, 1]].tolist()
    assert metamorphic.product("s b", **values).tolist() == (3 * b).tolist()


def test_nan_is_infinitely_far_and_gives_no_comparison():
    gaps = _gaps.Gaps()
    for distance in (1e-9, np.nan, 1e-8):
        _gaps.note(gaps, distance, "β", ("one", "other"), where={"at": distance})
    found = gaps.measured("{worst}")
    assert found.figure == np.inf
    assert found.comparisons == ()
    assert found.held_to(1.0, None).counterexample == {"methods": "one and other", "at": "nan"}


def test_a_solver_that_returns_nan_once_is_refuted(monkeypatch):
    solve, calls = metamorphic.minimum_penalty, []

    def broken(*problem):
        calls.append(problem)
        found = solve(*problem)
        if len(calls) == 17:
            found.beta[3] = np.nan
        return found

    monkeypatch.setattr(metamorphic, "minimum_penalty", broken)
    assert metamorphic.decide(metamorphic.STATED).held_to(1e-6, None).holds is False


# The full tier's problems in few dimensions, from few seeds or steps: what they decide is open.
SMALL = {
    "crosscheck.amp-minimiser": {"d": 60, "steps": 300},
    "crosscheck.amp-state-evolution": {"d": 200, "seeds": range(4), "steps": 3},
    "crosscheck.certified-solutions": {"d": 250, "every": 40},
    "crosscheck.decoupling": {"d": 100, "seeds": range(4)},
    "crosscheck.effective-parameters": {"d": 100, "seeds": range(4)},
    "crosscheck.minimiser": {"problems": 14, "sizes": (5, 8), "first": 3},
    "crosscheck.recovery-threshold": {"densities": (0.1,), "dimensions": (50,), "trials": 60},
}


@pytest.mark.parametrize("identifier", SMALL)
def test_full_tier_runs_at_a_small_size(identifier):
    (claim,) = (claim for claim in CLAIMS if claim.id == identifier)
    (check,) = (check for check in claim.checks if check.tier == "full")
    for subject in (check.subject, *(control.subject for control in check.controls)):
        small = subject._replace(**SMALL[identifier])
        if hasattr(small, "problems") and isinstance(small.problems, tuple):
            small = small._replace(problems=small.problems[::5] or small.problems)
        assert check.decide(small).figure is not None


@pytest.mark.parametrize("leads", [pretraining_few.LEARNT, pretraining_few.TEACHER])
def test_scale_is_shown_for_the_coefficients_that_it_is_computed_from(leads):
    assert leads + "}" in pretraining_few.TwoPhases(leads=leads).latex()
