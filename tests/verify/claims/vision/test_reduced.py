"""Claims on the reduced study: what their sentences say is what the record shows, by the plan."""

import re

import pytest

from empirics.vision import plan, results
from empirics.vision.protocol import PROTOCOLS
from verify import registry
from verify.claims.vision import _values as records
from verify.claims.vision import fixed_statistics as fixed
from verify.claims.vision import reduced
from verify.claims.vision import reduced_dimension as signatures
from verify.claims.vision import reduced_kappa as apart
from verify.claims.vision._effects import Statement, decide
from verify.methods.relations import Relation

PLAN = plan.read("vision-reduced")


@pytest.mark.parametrize("protocol", ["reduced", "reduced-fixed-statistics"])
def test_the_record_is_of_the_planned_seeds_and_whole(protocol):
    planned_run, rows = plan.read(f"vision-{protocol}"), results.read(protocol)
    assert planned_run.protocol == protocol
    assert {row["seed"] for row in rows} == set(planned_run.seeds)
    assert planned_run.judged["stopping"]["seeds"] == len(planned_run.seeds) == reduced.SEEDS
    places = [(row["study"], row["seed"], row["factor"], row["n"]) for row in rows]
    planned = {
        (study, seed, float(f"{value:.6g}"), n)
        for one in planned_run.rounds
        for study in one.studies
        for value in one.values
        for seed in planned_run.seeds
        for n in PROTOCOLS[protocol].sizes
    }
    assert set(places) == planned
    assert len(places) == len(planned)
    # None is lost, and all are pretrained: no exception of the plan had to be made.
    assert all(row["accuracy"] is not None for row in rows)
    assert {row["pretraining_reason"] for row in rows} == {"converged"}
    pilot = {row["seed"] for row in results.read("reduced-pilot")}
    assert not pilot & set(planned_run.seeds)


def verdict(*inequalities, family=16):
    return decide(Statement(inequalities, reduced.SEEDS, family)).holds


@pytest.mark.parametrize("name", reduced.NAMES)
def test_the_reduced_claims_say_what_is_decided_of_single_n(name):
    by_size = {
        n: verdict(records.Greater(reduced.slope(name, (n,)), relation=Relation.BELOW))
        for n in reduced.SIZES
    }
    assert False not in by_size.values()
    assert tuple(n for n, holds in by_size.items() if holds) == reduced.FALLS_AT[name]
    sentence = registry.load(("verify.claims",))[f"vision.reduced-{name}-accuracy"].sentence
    assert " ".join(reduced.by_size(name).split()) in " ".join(sentence.split())
    assert ("not decided at n = 96" in sentence) == (name == "gamma")


def test_parts_of_the_signature_are_said_in_the_direction_in_which_they_are_decided():
    """PR falls if log(before/after) is above 0; it falls the more if its slope is below."""
    words = {0: ("lower", "higher"), 2: ("PR falls the more", "less"), 3: ("closer", "farther")}
    for (part, holds), text in signatures.SAID.items():
        assert words[part][not holds] in text
        assert words[part][holds] not in text
    relations = [one.relation for i, one in enumerate(signatures.parts("kappa")) if i != 1]
    assert relations == [Relation.ABOVE, Relation.BELOW, Relation.ABOVE]


def test_kappa_with_fixed_statistics_is_decided_by_itself_at_the_largest_n():
    by_size = [
        verdict(records.Greater(fixed.slope((n,)), relation=Relation.BELOW), family=4)
        for n in fixed.SIZES
    ]
    assert by_size == [None, None, None, True]
    (check,) = registry.load(("verify.claims",))["vision.fixed-statistics-kappa-accuracy"].checks
    assert (check.subject.family, check.subject.seeds) == (1, 16)


@pytest.mark.parametrize("name", reduced.NAMES)
def test_the_signatures_pages_say_all_that_is_decided(name):
    """In the reading that decides part by part, in the others as a whole."""
    parts = [verdict(part) for part in signatures.parts(name)]
    assert parts[1] is False
    decided = {i: holds for i, holds in enumerate(parts) if i != 1 and holds is not None}
    assert decided == signatures.DECIDED[name]
    readings = {
        features: verdict(*signatures.parts(name, features)) for features in signatures.OTHERS
    }
    otherwise = {one: holds for one, holds in readings.items() if holds is not False}
    assert otherwise == signatures.OTHERWISE[name]
    turned = {}
    for features in signatures.OTHERS:
        other = [verdict(part) for part in signatures.parts(name, features)]
        if parts_ := tuple(i for i, holds in decided.items() if other[i] is (not holds)):
            turned[features] = parts_
    assert turned == signatures.REVERSED.get(name, {})
    less = {
        features: verdict(signatures.unshared(name, features=features))
        for features in signatures.OTHERS
    }
    assert {f: holds for f, holds in less.items() if not holds} == signatures.MORE_THAN[name]


@pytest.mark.parametrize("name", reduced.NAMES)
def test_what_reverses_with_n_is_said(name):
    for quantity in (records.FALL, records.UNSHARED):
        signs = [
            verdict(records.Greater(signatures.slope(name, quantity, (n,)))) for n in reduced.SIZES
        ]
        other = tuple(
            n
            for n, sign in zip(reduced.SIZES, signs, strict=True)
            if None not in (sign, signs[-1]) and sign is not signs[-1]
        )
        said = signatures.REVERSED_AT.get(name, ()) if quantity is records.UNSHARED else ()
        assert other == said


def test_that_kappa_is_a_rate_within_the_margin_is_open_and_no_difference_is_shown():
    for beside in apart.EFFECTS[:2]:
        assert verdict(beside.inequality, family=apart.FAMILY) is None
        value, low, high, less = beside.inequality
        assert (low, high) == (-0.02, 0.02)
        for relation in (Relation.ABOVE, Relation.BELOW):
            one = records.Greater(value, less, relation=relation)
            assert verdict(one, family=apart.FAMILY) is None


def test_the_sentence_on_rates_has_the_intervals_of_the_record():
    words = {
        "rates": records.Greater(apart.RATES, apart.UNSCALED),
        "rates less both": apart.EFFECTS[0].inequality,
        "weights": apart.EFFECTS[1].inequality,
    }
    assert set(words) == set(apart.INTERVALS)
    sentence = registry.load(("verify.claims",))["vision.reduced-kappa-rate"].sentence
    for name, one in words.items():
        found = decide(Statement((one,), reduced.SEEDS, apart.FAMILY)).summary
        ends = [float(end) for end in re.findall(r"[+-]\d\.\d+", found.partition("interval")[2])]
        said = apart.INTERVALS[name]
        assert said in sentence
        assert [float(end) for end in re.findall(r"-?\d\.\d+", said)] == [
            round(end, 3) for end in ends
        ]


def test_families_are_those_of_the_plan():
    families = PLAN.judged["families"]
    assert len(families["accuracy"]["members"]) == len(reduced.NAMES) == 4
    assert families["accuracy-by-n"]["members"] == "4 factors at 4 n"
    assert families["signature"]["members"] == "4 factors with 4 quantities each"
    assert len(families["signature"]["quantities"]) == len(signatures.PARTS) == 4
    assert signatures.FAMILY == 16
    assert families["learning-rate"]["margin"] == apart.MARGIN == 0.02
    assert len(families["learning-rate"]["members"]) == apart.FAMILY == 4
    loaded = registry.load(("verify.claims",)).claims
    sizes = {
        claim.id.rpartition("-")[2]: claim.checks[0].subject.simultaneous
        for claim in loaded.values()
        if claim.id.startswith("vision.reduced-")
    }
    assert sizes == {"accuracy": 4, "signature": 16, "dimension": 16, "rate": 4}
    for claim in loaded.values():
        if claim.id.startswith("vision.reduced-"):
            subject = claim.checks[0].subject
            assert subject.seeds == 16
            assert {beside.family for beside in subject.beside if hasattr(beside, "family")} <= (
                {16} if claim.id != "vision.reduced-kappa-rate" else {1, 4}
            )
    assert [beside.family for beside in apart.EFFECTS] == [4, 4, 1]
