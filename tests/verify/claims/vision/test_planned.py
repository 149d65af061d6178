"""Looks of a plan: which seeds count, what is decided when, and in which family."""

import math

import numpy as np
import pytest
from scipy import stats

from empirics.vision import results
from empirics.vision.protocol import PROTOCOLS
from verify import registry
from verify.claims.vision import _planned as planned
from verify.claims.vision import _values as records
from verify.claims.vision import published
from verify.methods.relations import Relation
from verify.run import worker

SEEDS = tuple(range(100, 110))


def test_the_looks_are_those_of_the_plan():
    seeds, places, looks = planned.rules(published.PLAN)
    assert seeds == SEEDS
    assert looks == ((6, 0.03), (10, 0.02))
    factors = {"kappa": (1, 0.125), "gamma": (1, 0.125), "scale": (1, 2, 0.25)}
    sizes = PROTOCOLS["published"].sizes
    assert places == {(s, f, n) for s, values in factors.items() for f in values for n in sizes}


def kappa(by_seed, others=0.5):
    """Return a record in which κ = 1/8 is better by these, and γ and c by about `others`."""

    def read(protocol, table="accuracy", folder=None):
        rows = []
        for study, value, n in planned.rules(published.PLAN)[1]:
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

    def by_seed(self, seeds=None):
        return dict(zip(SEEDS, self.factor, strict=True))

    def __str__(self):
        return "fraction"


def test_what_no_test_decides_is_refused():
    one = published.HIGHER["kappa"]
    others = records.signature(published.last_stage("kappa", "reduced"), 0.125, 1.0)
    with pytest.raises(ValueError, match="of one protocol"):
        planned.Planned((one,), others, published.PLAN)
    with pytest.raises(ValueError, match="of the plan's protocol 'published', got 'reduced'"):
        planned.Planned(others, (), published.PLAN)
    value = Made(published.last_stage("kappa"), (1.0, 1.01) * 5, records.SHARED_FRACTION)
    weak = records.Greater(value, relation=Relation.AT_LEAST)
    with pytest.raises(ValueError, match="one side must exceed the other"):
        planned._tested(weak, SEEDS)


# --- Networks that diverged, parts that are decided and parts that are open -----------------------


def beside_diverged(kappa_effect, lost, places):
    """Return a record in which c = 2 diverged in some seeds, at these n."""

    def read(protocol, table="accuracy", folder=None):
        rows = kappa(kappa_effect)(protocol, table)
        for row in rows:
            gone = (row["study"], row["factor"]) == ("scale", 2.0) and row["n"] in places
            if gone and row["seed"] in lost:
                row["accuracy"] = None
        if table == "representation":
            return [row for row in rows if row["accuracy"] is not None]
        return rows

    return read


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("places", [(10.0,), PROTOCOLS["published"].sizes])
def test_a_contrast_that_lost_seeds_leaves_the_others_of_its_family(monkeypatch, count, places):
    read = beside_diverged(noisy(1.0, 6, SURE), SEEDS[:count], places)
    assert judged(monkeypatch, read) is True
    monkeypatch.setattr(results, "read", read)
    records.table.cache_clear()
    (check,) = registry.load()["vision.published-scale-accuracy"].checks
    found = worker.examine(check, check.subject)
    records.table.cache_clear()
    assert found.holds is (True if count == 1 else None)
    assert f"seeds lost: {list(SEEDS[:count])}" in found.steps[0]


def test_a_seed_that_one_side_lacks_is_left_out(monkeypatch):
    """Not held against 0: c = 1 alone would be half a unit above it."""
    read = beside_diverged(noisy(1.0, 6, SURE), (100,), (10.0,))
    monkeypatch.setattr(results, "read", read)
    records.table.cache_clear()
    for seeds in (None, SEEDS):
        found = records.differences(published.HIGHER["scale"].values, seeds)
        assert sorted(found) == list(SEEDS[1:6])
    records.table.cache_clear()


def test_a_network_that_converged_without_a_representation_leaves_its_seed_unfinished(monkeypatch):
    def without(protocol, table="accuracy", folder=None):
        rows = kappa(noisy(1.0, 6, SURE))(protocol, table)
        return [r for r in rows if table == "accuracy" or (r["seed"], r["n"]) != (103.0, 500.0)]

    assert judged(monkeypatch, without) is None
    assert "[103] are not whole" in judged(monkeypatch, without, steps=True)


def test_a_look_that_decides_all_is_the_last(monkeypatch):
    whole = noisy(1.0, 6, SURE) | dict.fromkeys(SEEDS[6:], math.nan)
    assert judged(monkeypatch, kappa(whole)) is True
    assert "10 seeds" not in judged(monkeypatch, kappa(whole), steps=True).partition("from")[0]


def test_all_of_the_family_are_in_the_correction_of_the_second_look(monkeypatch):
    """Also those that the first has decided: here c and γ, which are of no effect later on."""
    for p, holds in ((0.006, True), (0.015, None)):
        ten = noisy(1.0, 10, p)

        def read(protocol, table="accuracy", folder=None, ten=ten):
            rows = kappa(ten, others=0.5)(protocol, table)
            for row in rows:
                if row["study"] != "kappa" and row["seed"] > 105:
                    row["accuracy"] *= -1.5
            return rows

        assert judged(monkeypatch, kappa({s: ten[s] for s in SEEDS[:6]})) is None
        assert judged(monkeypatch, read) is holds


def test_the_interval_beside_is_of_95_per_cent():
    value = Made(published.last_stage("kappa"), (1.0, 1.02) * 5, records.SHARED_FRACTION)
    low, high = stats.ttest_1samp((1.0, 1.02) * 5, 0.0).confidence_interval(0.95)
    for one in (records.Greater(value), records.Within(value, 0.9, 1.1)):
        words = planned._tested(one, SEEDS).words
        assert f"95 % interval, not corrected, [{low:+.4f}, {high:+.4f}]" in words
