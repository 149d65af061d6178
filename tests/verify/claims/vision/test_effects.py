"""Effects over seeds: what the interval says, and what is read from recorded results."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from empirics.vision import results
from verify import registry
from verify.claim import Verdict
from verify.claims.vision import _effects as seed_effects
from verify.claims.vision._effects import Effect, Statement, decide, interval
from verify.methods.equivalence import holm
from verify.run import worker

PUBLISHED = [
    f"vision.published-{study}-{what}"
    for study in ("kappa", "scale", "gamma", "all-weights")
    for what in ("accuracy", "signature")
]


def effect(*values):
    return Effect("effect", lambda: dict(enumerate(values)))


def test_interval_is_students():
    values = [0.1, 0.4, 0.2, 0.3, 0.25]
    expected = stats.ttest_1samp(values, 0.0).confidence_interval(0.9)
    found = interval(values, 0.1)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert (found.mean, found.seeds) == (pytest.approx(0.25), 5)
    with pytest.raises(ValueError, match="at least 3 of them, got 2"):
        interval([1.0, 2.0], 0.05)


def test_coverage_of_the_interval():
    rng = np.random.default_rng(0)
    inside = [
        found.low <= 1.0 <= found.high
        for found in (interval(rng.normal(1.0, 2.0, 5).tolist(), 0.05) for _ in range(2000))
    ]
    # 2000 trials at 95 %: four standard errors are 2 %.
    assert abs(np.mean(inside) - 0.95) < 0.02


@pytest.mark.parametrize(
    ("values", "relation", "bound", "holds"),
    [
        ((0.3, 0.31, 0.29), "greater", 0.0, True),
        ((-0.3, -0.31, -0.29), "greater", 0.0, False),
        ((0.3, -0.3, 0.1), "greater", 0.0, None),
        ((0.3, 0.31, 0.29), "greater", 0.5, False),
        ((0.01, -0.01, 0.0), "within", 0.1, True),
        ((0.3, 0.31, 0.29), "within", 0.1, False),
        ((-0.3, -0.31, -0.29), "within", 0.1, False),
        ((0.3, -0.3, 0.1), "within", 0.1, None),
    ],
)
def test_which_side_the_interval_lies(values, relation, bound, holds):
    evidence = decide(Statement((effect(*values),), relation, bound))
    assert evidence.holds is holds
    assert (evidence.counterexample is not None) == (holds is False)
    if relation == "greater" and holds is not None and bound == 0.0:
        assert decide(Statement((effect(*values),), relation, bound).reversed()).holds is not holds


def test_every_effect_must_hold_and_the_level_is_shared():
    good, bad, open_ = effect(0.3, 0.31, 0.29), effect(-0.3, -0.31, -0.29), effect(1, -1, 0.5)
    both = decide(Statement((good, good), "greater", 0.0))
    assert both.holds is True
    assert both.data["corrected level"] == pytest.approx(0.025)
    single = decide(Statement((good,), "greater", 0.0))
    assert both.figure < single.figure
    assert decide(Statement((good, bad), "greater", 0.0)).holds is False
    assert decide(Statement((good, open_), "greater", 0.0)).holds is None


def fabricated(protocol, table="accuracy", folder=None):
    """Results in which small factors are better, PR falls and ENSD is PR after, but for noise."""
    assert protocol == "published"
    rng = np.random.default_rng(len(table))
    rows = []
    for study in ("kappa", "scale", "gamma", "all-weights"):
        for factor in (0.125, 0.25, 0.5, 1.0, 2.0):
            for n in (10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0):
                for seed in range(6):
                    row = {"study": study, "seed": float(seed), "factor": factor, "n": n}
                    # The seed's own level is far above the effect: only pairing shows it.
                    level = 0.1 * seed + 0.01 * rng.standard_normal()
                    if table == "accuracy":
                        rows.append({**row, "accuracy": 0.2 + level - 0.05 * math.log2(factor)})
                        continue
                    rows += [
                        {
                            **row,
                            "stage": stage,
                            "centring": "centred",
                            "pr_before": 20.0 + level,
                            "pr_after": 10.0 + level,
                            "ensd": 9.8 + level,
                        }
                        for stage in ("layer3", "layer4")
                    ]
    return rows


@pytest.fixture
def recorded(monkeypatch):
    monkeypatch.setattr(results, "read", fabricated)
    for cached in (seed_effects.accuracies, seed_effects.representations):
        cached.cache_clear()
    yield
    for cached in (seed_effects.accuracies, seed_effects.representations):
        cached.cache_clear()


@pytest.mark.parametrize("identifier", PUBLISHED)
def test_published_claims_decide_what_is_recorded(recorded, identifier):
    (check,) = registry.load()[identifier].checks
    result = worker.run_check(replace(check, needs_files=()))
    assert result.verdict is Verdict.CONFIRMED
    assert not result.toothless
    assert all(variant.told_apart for variant in result.control)


@pytest.mark.parametrize("identifier", PUBLISHED)
def test_published_claims_are_refuted_by_the_opposite(recorded, identifier, monkeypatch):
    def opposite(protocol, table="accuracy", folder=None):
        rows = fabricated(protocol, table)
        for row in rows:
            if table == "accuracy":
                row["accuracy"] = 1.0 - row["accuracy"]
            else:
                row["pr_before"], row["pr_after"] = row["pr_after"], row["pr_before"]
        return rows

    monkeypatch.setattr(results, "read", opposite)
    (check,) = registry.load()[identifier].checks
    assert worker.run_check(replace(check, needs_files=())).verdict is Verdict.REFUTED


@pytest.mark.parametrize("identifier", PUBLISHED)
def test_published_claims_say_what_is_not_recorded_yet(recorded, identifier, monkeypatch):
    study = identifier.removeprefix("vision.published-").rpartition("-")[0]

    def others(protocol, table="accuracy", folder=None):
        return [row for row in fabricated(protocol, table) if row["study"] != study]

    monkeypatch.setattr(results, "read", others)
    (check,) = registry.load()[identifier].checks
    result = worker.run_check(replace(check, needs_files=()))
    assert result.verdict is Verdict.INCONCLUSIVE
    assert f"the recorded results must have {study} at factor" in result.summary


@pytest.mark.parametrize("identifier", PUBLISHED)
def test_published_claims_are_skipped_by_the_name_of_their_file(identifier):
    (check,) = registry.load()[identifier].checks
    missing = [name for name in check.needs_files if "published" in name]
    assert missing == list(check.needs_files) != []
    result = worker.run_check(
        replace(check, needs_files=tuple(f"{name}.absent" for name in missing))
    )
    assert result.verdict is Verdict.SKIPPED
    assert all(name in result.summary for name in missing)


def test_claims_on_the_reduced_study_stand_corrected_for_their_number():
    loaded = registry.load(("verify.claims",))
    claims = [c for c in loaded.claims.values() if c.id.startswith("vision.reduced-")]
    tails = []
    for claim in claims:
        statement = claim.checks[0].subject
        (one,) = statement.effects
        values = np.array(list(one.differences().values())) - statement.bound
        side = "less" if claim.expected is Verdict.REFUTED else "greater"
        tails.append(stats.ttest_1samp(values, 0.0, alternative=side).pvalue)
    assert len(tails) == 9
    assert holm(tails).max() < 0.05
