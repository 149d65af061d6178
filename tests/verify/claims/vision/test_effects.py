"""Effects over seeds: what the interval says, and what is read from recorded results."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from empirics.vision import results
from verify import registry
from verify.claim import Check, Control, Method, Verdict
from verify.claims.vision import _effects as effects
from verify.claims.vision._effects import Statement, decide
from verify.methods.equivalence import holm
from verify.run import worker

CONTROL = Control("another", None)
PUBLISHED = [
    f"vision.published-{study}-{what}"
    for study in ("kappa", "scale", "gamma", "all-weights")
    for what in ("accuracy", "signature")
]


class Difference:
    """An inequality with the given margins."""

    def __init__(self, *values, by=0.0):
        self.differences, self.by = values, by
        self.values = ()

    def margins(self):
        return {seed: value - self.by for seed, value in enumerate(self.differences)}

    def shown(self, value):
        return "effect"


def found(*inequalities):
    check = Check("effects", Method.STATISTICS, decide, None, CONTROL, above=0.0, reason="strict")
    return worker.examine(check, Statement(inequalities))


def test_interval_is_students():
    values = [0.1, 0.4, 0.2, 0.3, 0.25]
    low, high = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    evidence = found(Difference(*values))
    assert evidence.figure == pytest.approx(low)
    assert f"margin +0.2500, interval [{low:+.4f}, {high:+.4f}], 5 seeds" in evidence.summary


@pytest.mark.parametrize(
    ("values", "by", "holds"),
    [
        ((0.3, 0.31, 0.29), 0.0, True),
        ((-0.3, -0.31, -0.29), 0.0, False),
        ((0.3, -0.3, 0.1), 0.0, None),
        ((0.3, 0.31, 0.29), 0.5, False),
    ],
)
def test_which_side_the_interval_lies(values, by, holds):
    evidence = found(Difference(*values, by=by))
    assert evidence.holds is holds
    assert (evidence.counterexample is not None) == (holds is False)
    assert (evidence.figure > 0.0) == (holds is True)


def test_every_inequality_must_hold_and_the_level_is_shared():
    good, bad = Difference(0.3, 0.31, 0.29), Difference(-0.3, -0.31, -0.29)
    both = found(good, good)
    assert both.holds is True
    assert both.data["corrected level"] == pytest.approx(0.025)
    assert both.figure < found(good).figure
    assert found(good, bad).holds is False
    assert found(good, Difference(1, -1, 0.5)).holds is None


@pytest.mark.parametrize("values", [(0.3, math.nan, 0.29), (0.3, 0.31, math.inf), (0.3, 0.31)])
def test_no_verdict_on_what_is_no_number_or_on_too_few_seeds(values):
    with pytest.raises(ValueError, match="values must"):
        found(Difference(*values))


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
def test_margins_that_overflow_are_never_confirmed_wherever_they_stand():
    good, beyond = Difference(0.5, 0.51, 0.52), Difference(1e308, 1.5e308, 1.7e308)
    for inequalities in ((good, beyond), (beyond, good), (beyond,)):
        assert found(*inequalities).holds is not True


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
    effects.recorded.cache_clear()
    yield
    effects.recorded.cache_clear()


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
        (one,) = claim.checks[0].subject.inequalities
        side = "less" if claim.expected is Verdict.REFUTED else "greater"
        tails.append(stats.ttest_1samp(list(one.margins().values()), 0.0, alternative=side).pvalue)
    assert len(tails) == 9
    assert holm(tails).max() < 0.05


@pytest.mark.parametrize("name", ["study", "factor", "by", "quantity"])
def test_what_is_compared_is_what_is_shown(name):
    study = effects.Study("reduced", "kappa", (96.0,))
    more, less = study.at(4.0, effects.SHARED_FRACTION), study.at(0.125, effects.SHARED_FRACTION)
    other = {
        "study": effects.Greater(more, less._replace(study=study._replace(name="gamma"))),
        "factor": effects.Greater(more, less._replace(factor=0.5)),
        "by": effects.Greater(more, less, 0.1),
        "quantity": effects.Greater(more, less._replace(quantity=effects.DIMENSION_PT)),
    }[name]
    assert Statement((other,)).latex() != Statement((effects.Greater(more, less),)).latex()
    assert other.margins() != effects.Greater(more, less).margins()


@pytest.mark.parametrize(
    ("field", "other", "shown"),
    [("sizes", (50.0,), "n = 50"), ("protocol", "published", "published protocol")],
)
def test_what_is_shown_once_is_the_same_of_all_values(field, other, shown):
    study = effects.Study("reduced", "kappa", (96.0,))
    changed = study._replace(**{field: other})
    one, two = (each.at(1.0, effects.ACCURACY) for each in (study, changed))
    for mixed in (
        (effects.Greater(one, two),),
        (effects.Greater(two, one),),
        (effects.Greater(one), effects.Greater(two)),
    ):
        with pytest.raises(ValueError, match="one protocol and the same n"):
            Statement(mixed)
    assert shown in Statement((effects.Greater(two, two),)).latex()
    assert shown not in Statement((effects.Greater(one, one),)).latex()


def test_the_stage_is_shown_if_any_value_is_of_its_features():
    study = effects.Study("reduced", "kappa", (96.0,))
    accuracy = effects.Greater(study.at(1.0, effects.ACCURACY))
    features = effects.Greater(study.at(1.0, effects.DIMENSION_PT))
    stage = rf"{effects.CENTRING} features of {effects.STAGE}"
    assert stage not in Statement((accuracy,)).latex()
    assert stage in Statement((accuracy, features)).latex()


def test_a_recorded_value_that_is_no_number_is_never_confirmed(monkeypatch):
    def spoiled(protocol, table="accuracy", folder=None, read=results.read):
        rows = read(protocol, table)
        return [{**rows[0], "accuracy": math.nan}, *rows[1:]] if table == "accuracy" else rows

    spoilt = results.read("reduced")[0]
    monkeypatch.setattr(results, "read", spoiled)
    effects.recorded.cache_clear()
    loaded = registry.load()
    (check,) = loaded[f"vision.reduced-{spoilt['study']}-accuracy"].checks
    result = worker.run_check(check)
    effects.recorded.cache_clear()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "values must be finite" in result.summary
