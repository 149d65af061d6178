"""Claims on what others have published: sentences held to the records, and the records whole."""

import re

import numpy as np
import pytest
from scipy import stats

from empirics.vision import results
from verify import registry
from verify.claim import Method
from verify.claims.vision import _values as records
from verify.claims.vision import published_all_weights as weights
from verify.claims.vision._effects import Statement, decide


def test_half_the_weights_leave_most_networks_at_chance_with_few_images():
    rows = [r for r in results.read("lippl-lindsey-resnet18") if r["study"] == "all-weights"]
    few = {
        (r["factor"], int(r["seed"])): r["accuracy"]
        for r in rows
        if (r["factor"] in (0.5, 1.0)) and r["n"] == 10.0
    }
    halves, wholes = ([few[f, seed] for seed in range(50)] for f in (0.5, 1.0))
    assert (halves.count(0.5), wholes.count(0.5)) == (weights.AT_CHANCE, 7)
    sentence = registry.load(("verify.claims",))["vision.published-all-weights-half"].sentence
    assert f"at n = 10, where {weights.AT_CHANCE} of the networks stay at chance" in (
        " ".join(sentence.split())
    )
    # Student's interval assumes what this is far from; ranks say the same.
    assert stats.wilcoxon(halves, wholes).pvalue < 0.05 / 7


def test_of_a_transformer_before_is_after_the_rescaling():
    rows = results.read("lippl-lindsey-vit", "representation")
    last = [row for row in rows if row["stage"] == "stage7"]
    means = {
        factor: np.mean([row["pr_before"] for row in last if row["factor"] == factor])
        for factor in (0.125, 1.0)
    }
    assert means == {0.125: pytest.approx(2.0, abs=0.05), 1.0: pytest.approx(23.7, abs=0.05)}


def test_published_results_are_whole():
    rows = [r for r in results.read("lippl-lindsey-resnet18") if r["study"] == "all-weights"]
    assert len(rows) == 50 * 7 * 5
    assert {row["seed"] for row in rows} == set(range(50))
    stages = results.read("lippl-lindsey-resnet18", "representation")
    assert len(stages) == 38 * 7 * 7 * 5
    # Of a single pixel the mean over pixels is the features.
    columns = ("pr_before", "pr_after", "ensd")
    last, pooled = (
        [[row[c] for c in columns] for row in stages if row["stage"] == name]
        for name in ("layer4", "pooled")
    )
    assert last == pooled
    rows = [r for r in results.read("lippl-lindsey-vit") if r["study"] == "all-weights"]
    assert len({(r["seed"], r["factor"], r["n"]) for r in rows}) == len(rows) == 1000
    stages = results.read("lippl-lindsey-vit", "representation")
    assert len(stages) == 28 * 8 * 5
    assert {(row["reading"], row["centring"]) for row in stages} == {("published", "raw")}


def test_at_which_n_an_eighth_shares_more_than_pr_counts():
    by_size = {}
    for beside in weights.ELSEWHERE:
        (n,), exceeds = beside.inequality.more.study.sizes, beside.inequality
        within = records.Within(exceeds.more, *records.ABOUT_ONE)
        by_size[n] = [
            decide(Statement((one,), weights.MEASURED, len(weights.SIZES))).holds
            for one in (exceeds, within)
        ]
    assert tuple(by_size) == weights.SIZES
    stated = {n: [True, False] for n in (*weights.EXCEEDS_AT, 500.0)}
    stated |= {n: [False, True] for n in weights.WITHIN_AT}
    stated |= {n: [None, None] for n in weights.OPEN_AT}
    assert by_size == stated


CLAIMS = [
    claim
    for claim in registry.load(("verify.claims",)).claims.values()
    if claim.id.startswith("vision.") and claim.checks[0].method is Method.STATISTICS
]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_every_sentence_names_seeds_n_protocol_and_how_features_were_read(claim):
    subject, sentence = claim.checks[0].subject, " ".join(claim.sentence.split())
    protocol = subject.values[0].study.protocol
    words = {
        "published": "At the published protocol",
        "published-gpu": "At the published protocol",
        "reduced": "In the reduced study",
        "reduced-fixed-statistics": "reduced study with batch normalisation by fixed numbers",
        "lippl-lindsey-resnet18": "ResNet-18 of Lippl and Lindsey on CIFAR-100",
        "lippl-lindsey-vit": "vision transformer of Lippl and Lindsey on CIFAR-100",
    }
    assert words[protocol] in sentence
    seeds = f"{subject.seeds} seeds" if isinstance(subject, Statement) else "6 or 10 seeds"
    assert seeds in sentence
    for value in subject.values:
        over = value.study.sizes
        for n in over.values if isinstance(over, records.PerDoubling) else over:
            assert re.search(rf"\b{n:g}\b", sentence), n
    for value in subject.measured:
        features = value.study.features
        assert {"centred": "entred features", "raw": "not centred"}[features.centring] in sentence
        mode = results.READINGS[features.reading][0].removesuffix(" not recorded")
        assert mode in sentence
        assert "last stage" in sentence


def test_families_are_as_large_as_what_they_were_chosen_from():
    """Factors besides 1, or sizes, or the inequalities of the claim."""
    factors, sizes = len(weights.FACTORS) - 1, len(weights.SIZES)
    expected = {
        "all-weights-accuracy": factors,
        "all-weights-monotone": factors * sizes,
        "all-weights-half": sizes,
        "all-weights-by-size": sizes + 1,
        "all-weights-signature": 4,
        "all-weights-dimension": 5,
        "transformer-accuracy": factors,
        "transformer-smaller": factors,
        "transformer-shared": 2,
        "transformer-signature": 2,
    }
    families = {
        claim.id.removeprefix("vision.published-"): claim.checks[0].subject.simultaneous
        for claim in CLAIMS
        if claim.id.startswith(("vision.published-all", "vision.published-transformer"))
    }
    assert families == expected
    assert {one.family for one in weights.BY_SIZE} == {factors * sizes}
    assert {one.family for one in weights.ELSEWHERE} == {sizes}
