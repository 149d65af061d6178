"""Claims on the published protocol: judged at the looks of a plan, by Holm's correction."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from empirics.vision import plan, results
from empirics.vision.protocol import PROTOCOLS
from verify import registry
from verify.claim import Verdict
from verify.claims.vision import _planned as planned
from verify.claims.vision import _values as records
from verify.claims.vision import published
from verify.methods.relations import Relation
from verify.run import worker

BY_PLAN = [
    *(f"vision.published-{study}-accuracy" for study in ("kappa", "scale", "gamma")),
    *(f"vision.published-{study}-signature" for study in ("kappa", "gamma")),
]
PUBLISHED = [*BY_PLAN, "vision.published-scale-signature"]
SEEDS = tuple(range(100, 110))
PLAN = plan.read(published.PLAN)


def fabricated(protocol, table="accuracy", folder=None, seeds=SEEDS):
    """Results in which small factors are better, PR falls and ENSD is PR after, but for noise.

    At the factor 1 neither holds.
    """
    assert protocol in ("published", "published-gpu")
    rng = np.random.default_rng(len(table))
    rows = []
    for study in ("kappa", "scale", "gamma"):
        for factor in (0.125, 0.25, 0.5, 1.0, 2.0):
            for n in (10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0):
                for seed in seeds:
                    row = {"study": study, "seed": float(seed), "factor": factor, "n": n}
                    # The seed's own level is far above the effect: only pairing shows it.
                    level = 0.02 * (seed - 100) + 0.01 * rng.standard_normal()
                    if table == "accuracy":
                        rows.append({**row, "accuracy": 0.2 + level - 0.05 * math.log2(factor)})
                        continue
                    rows += [
                        {
                            **row,
                            "reading": "evaluation",
                            "stage": stage,
                            "centring": "centred",
                            "pr_before": 20.0 + level,
                            "pr_after": (20.0 if factor == 1.0 else 10.0) + level,
                            "ensd": 9.8 + level,
                        }
                        for stage in ("layer3", "layer4")
                    ]
    return rows


@pytest.fixture
def recorded(monkeypatch):
    monkeypatch.setattr(results, "read", fabricated)
    records.table.cache_clear()
    yield
    records.table.cache_clear()


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
    said = f"must have {study} at factor" if identifier not in BY_PLAN else "are not whole"
    assert said in result.summary


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


# --- Looks ---------------------------------------------------------------------------------------


def test_the_families_are_those_of_the_plan():
    families = PLAN.judged["families"]
    stated = {
        name: (one.more.factor, one.less.factor, list(one.more.study.sizes))
        for name, one in published.HIGHER.items()
    }
    assert stated == {
        one["study"]: (one["higher"], one["lower"], one["sizes"])
        for one in families["accuracy"]["members"]
    }
    signature = families["signature"]
    assert signature["margins"]["shared"] == list(records.ABOUT_ONE)
    parts = ("pr-falls", "shared", "pr-falls-more", "shared-more")
    assert [(one["study"], one["quantity"]) for one in signature["members"]] == [
        (name, part) for name in published.SIGNATURES for part in parts
    ]
    assert {one["factor"] for one in signature["members"]} == {published.SMALL}
    parts = [one for part in published.SIGNATURES.values() for one in part]
    of = {value.study for one in parts for value in one.values}
    assert {(one.sizes, one.features) for one in of} == {
        ((signature["n"],), records.Features(signature["stage"], "evaluation", "centred"))
    }
    assert "Holm's" in PLAN.judged["correction"]
    for identifier in BY_PLAN:
        (check,) = registry.load()[identifier].checks
        assert check.decide is planned.decide
        assert check.subject.plan == published.PLAN
        of_plan = published.HIGHER.values() if "accuracy" in identifier else parts
        assert len(check.subject.family) == len(of_plan) == (3 if "accuracy" in identifier else 8)
        assert set(check.subject.family) == set(of_plan)


def test_the_looks_are_those_of_the_plan():
    seeds, places, looks = planned._rules(published.PLAN)
    assert seeds == SEEDS
    assert looks == [(6, 0.03), (10, 0.02)]
    factors = {"kappa": (1, 0.125), "gamma": (1, 0.125), "scale": (1, 2, 0.25)}
    sizes = PROTOCOLS["published"].sizes
    assert places == {(s, f, n) for s, values in factors.items() for f in values for n in sizes}


def kappa(by_seed, others=0.5):
    """Return a record in which κ = 1/8 is better by these, and γ and c by about `others`."""

    def read(protocol, table="accuracy", folder=None):
        rows = []
        for study, value, n in planned._rules(published.PLAN)[1]:
            for seed, effect in by_seed.items():
                row = {"study": study, "seed": float(seed), "factor": value, "n": n}
                gain = effect if study == "kappa" else others + 0.01 * math.sin(seed)
                better = value == (1.0 if study == "scale" else 0.125)
                rows.append({**row, "accuracy": None if gain is None else better * gain})
        return rows

    return read


def judged(monkeypatch, read, steps=False):
    monkeypatch.setattr(results, "read", read)
    records.table.cache_clear()
    (check,) = registry.load()["vision.published-kappa-accuracy"].checks
    evidence = worker.examine(check, check.subject)
    records.table.cache_clear()
    return " ".join(evidence.steps) if steps else evidence.holds


def noisy(mean, count, p):
    """Return numbers for seeds from 100 on with this sign of the mean and this p-value."""
    shape = np.sin(np.arange(count) ** 2 + 1.0)
    shape -= shape.mean()
    t = stats.t.isf(p / 2, count - 1)
    shape *= math.sqrt(count) / t / shape.std(ddof=1)
    assert stats.ttest_1samp(1.0 + shape, 0.0).pvalue == pytest.approx(p)
    return dict(zip(SEEDS, mean * (1.0 + shape), strict=False))


SURE, UNSURE = 0.001, 0.2


@pytest.mark.parametrize(("sign", "holds"), [(1.0, True), (-1.0, False)])
def test_what_the_first_look_decides_stays_decided(monkeypatch, sign, holds):
    first = noisy(sign, 6, SURE)
    assert judged(monkeypatch, kappa(first)) is holds
    against = {seed: -9.0 * sign * (1.0 + 0.01 * seed) for seed in SEEDS[6:]}
    assert judged(monkeypatch, kappa(first | against)) is holds


def test_what_it_leaves_open_is_judged_at_the_second_and_not_between(monkeypatch):
    whole = noisy(1.0, 10, SURE)
    first = {seed: whole[seed] for seed in SEEDS[:6]}
    spoilt = {**first, 100: -2.0, 101: 4.0}
    assert judged(monkeypatch, kappa(spoilt)) is None
    later = {seed: 1.0 + 0.001 * seed for seed in SEEDS[6:]}
    assert judged(monkeypatch, kappa(spoilt | dict(list(later.items())[:3]))) is None
    for sign, holds in ((1.0, True), (-1.0, False)):
        all_ten = noisy(sign, 10, 0.015)
        early = {seed: all_ten[seed] for seed in SEEDS[:6]}
        assert judged(monkeypatch, kappa(early)) is None
        assert judged(monkeypatch, kappa(all_ten)) is holds
    assert judged(monkeypatch, kappa(noisy(1.0, 10, UNSURE))) is None


def test_seeds_of_no_look_decide_nothing(monkeypatch):
    first = noisy(1.0, 6, UNSURE)
    others = {seed: 1.0 + 0.001 * seed for seed in range(4)}
    assert judged(monkeypatch, kappa(first)) is None
    assert judged(monkeypatch, kappa(first | others)) is None
    five = {seed: 1.0 + 0.001 * seed for seed in (*SEEDS[:5], 106, 107, 108, 109)}
    assert judged(monkeypatch, kappa(five)) is None
    assert "[105] are not whole" in judged(monkeypatch, kappa(five), steps=True)


def test_levels_are_those_of_the_look_after_holm(monkeypatch):
    """κ has the largest p-value of three that are small, and the smallest of three beside two."""
    for p, holds in ((0.029, True), (0.031, None)):
        assert judged(monkeypatch, kappa(noisy(1.0, 6, p))) is holds
    for p, holds in ((0.0099, True), (0.0101, None)):
        # γ and c of no effect: the smallest of three p-values is multiplied by three.
        read = kappa(noisy(1.0, 6, p), others=0.0)
        assert judged(monkeypatch, read) is holds


def test_a_seed_that_lacks_a_row_is_not_whole_and_one_that_diverged_is(monkeypatch):
    first = noisy(1.0, 6, SURE)

    def without(protocol, table="accuracy", folder=None):
        return kappa(first)(protocol)[:-1]

    assert judged(monkeypatch, without) is None
    assert judged(monkeypatch, kappa({**first, 103: None})) is True
    assert "seeds lost: [103]" in judged(monkeypatch, kappa({**first, 103: None}), steps=True)
    assert judged(monkeypatch, kappa({**first, 103: None, 104: None})) is None


@pytest.mark.parametrize(
    ("mean", "holds"), [(1.0, True), (1.3, False), (0.7, False), (1.1, None), (0.9, None)]
)
def test_a_fraction_is_inside_or_outside_of_its_margins(mean, holds):
    numbers = tuple(mean + 0.02 * math.sin(seed) for seed in SEEDS)
    value = Made(published.last_stage("kappa"), numbers, records.SHARED_FRACTION)
    tested = planned._tested(records.Within(value, *records.ABOUT_ONE), SEEDS)
    below, above = (
        stats.ttest_1samp(numbers, end, alternative=side).pvalue
        for end, side in zip(records.ABOUT_ONE, ("greater", "less"), strict=True)
    )
    inside, outside = max(below, above), 2 * min(1 - below, 1 - above)
    assert tested.p == pytest.approx(min(inside, outside, 1.0))
    assert (tested.favoured if tested.p < 0.03 else None) is holds


class Made(records.Value):
    """A value with given numbers, one for each seed of the plan."""

    def by_seed(self):
        return dict(zip(SEEDS, self.factor, strict=True))

    def __str__(self):
        return "fraction"


def test_what_no_test_decides_is_refused():
    one = published.HIGHER["kappa"]
    study = published.last_stage("kappa", "reduced")
    with pytest.raises(ValueError, match="of one protocol"):
        planned.Planned((one,), records.signature(study, 0.125, 1.0), published.PLAN)
    value = Made(published.last_stage("kappa"), (1.0, 1.01) * 5, records.SHARED_FRACTION)
    weak = records.Greater(value, relation=Relation.AT_LEAST)
    with pytest.raises(ValueError, match="one side must exceed the other"):
        planned._tested(weak, SEEDS)
