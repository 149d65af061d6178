"""Effects over seeds: what the interval says, and what is read from recorded results."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from empirics.vision import plan, results
from empirics.vision.protocol import PROTOCOLS
from verify import registry
from verify.claim import Check, Control, Method, Verdict
from verify.claims.vision import _effects as effects
from verify.claims.vision import fixed_statistics as fixed
from verify.claims.vision import reduced
from verify.claims.vision import reduced_dimension as signatures
from verify.claims.vision import reduced_kappa as apart
from verify.claims.vision._effects import Statement, decide
from verify.methods.relations import Relation
from verify.run import worker

CONTROL = Control("another", None)
PUBLISHED = [
    f"vision.published-{study}-{what}"
    for study in ("kappa", "scale", "gamma")
    for what in ("accuracy", "signature")
]
STUDY = effects.Study("reduced", "kappa", (96.0,))


class Made(effects.Value):
    """A value with the given numbers, one for each seed."""

    def by_seed(self):
        return dict(enumerate(self.factor))

    def __str__(self):
        return "effect"


def shown(*numbers):
    return Made(STUDY, numbers, effects.ACCURACY)


def difference(*numbers, by=0.0):
    return effects.Greater(shown(*numbers), by=by)


def found(*inequalities, **more):
    check = Check("effects", Method.STATISTICS, decide, None, CONTROL, above=0.0, reason="strict")
    return worker.examine(check, Statement(inequalities, **more))


def test_interval_is_students():
    values = [0.1, 0.4, 0.2, 0.3, 0.25]
    low, high = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    evidence = found(difference(*values))
    assert evidence.figure == pytest.approx(low)
    assert f"mean +0.2500, interval [{low:+.4f}, {high:+.4f}], 5 seeds" in evidence.summary


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
    evidence = found(difference(*values, by=by))
    assert evidence.holds is holds
    assert (evidence.counterexample is not None) == (holds is False)
    assert (evidence.figure > 0.0) == (holds is True)


@pytest.mark.parametrize(
    ("low", "high", "holds"),
    [(0.9, 1.1, True), (1.2, 1.4, False), (0.5, 0.8, False), (0.9, 1.0, None), (1.0, 1.1, None)],
)
def test_an_equivalence_is_shown_inside_and_refuted_outside(low, high, holds):
    values = [0.97, 1.0, 1.03, 1.01]
    evidence = found(effects.Within(shown(*values), low, high))
    assert evidence.holds is holds
    ends = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    expected = min(ends[0] - low, high - ends[1])
    assert evidence.figure == pytest.approx(expected)
    against = effects.Within(
        shown(*(value + 5.0 for value in values)), low, high, shown(*[5.0] * 4)
    )
    assert found(against).holds is holds


def test_a_family_widens_the_interval_of_each():
    one = difference(0.3, 0.31, 0.29)
    for family in (1, 3, 16):
        evidence = found(one, family=family)
        low, _ = stats.ttest_1samp([0.3, 0.31, 0.29], 0.0).confidence_interval(1 - 0.05 / family)
        assert evidence.figure == pytest.approx(low)
    with pytest.raises(ValueError, match="a family must be of 2 or more, got 1"):
        Statement((one, one), family=1)


def test_what_lacks_more_seeds_than_may_be_lost_is_open():
    one = difference(0.3, 0.31, 0.29)
    for planned, holds in ((0, True), (3, True), (5, True), (6, None)):
        evidence = found(one, seeds=planned)
        assert evidence.holds is holds
        assert ("3 of 6 seeds are missing" in str(evidence.steps)) == (holds is None)
    assert found(difference(-0.3, -0.31, -0.29), seeds=6).holds is None


def test_what_stands_beside_decides_nothing_and_has_its_own_family():
    one, other = difference(0.3, 0.31, 0.29), difference(-0.3, -0.31, -0.29)
    evidence = found(one, beside=(effects.Beside("the other", other, 4),))
    assert evidence.holds is True
    assert len(evidence.steps) == 2
    low, high = stats.ttest_1samp([-0.3, -0.31, -0.29], 0.0).confidence_interval(1 - 0.05 / 4)
    text = f"decides nothing: the other: mean -0.3000, interval [{low:+.4f}, {high:+.4f}]"
    assert text in evidence.steps[1]
    assert evidence.figure == found(one).figure


def test_every_inequality_must_hold_and_the_level_is_shared():
    good, bad = difference(0.3, 0.31, 0.29), difference(-0.3, -0.31, -0.29)
    both = found(good, good)
    assert both.holds is True
    assert both.data["corrected level"] == pytest.approx(0.025)
    assert both.figure < found(good).figure
    assert found(good, bad).holds is False
    assert found(good, difference(1, -1, 0.5)).holds is None


@pytest.mark.parametrize("values", [(0.3, math.nan, 0.29), (0.3, 0.31, math.inf), (0.3, 0.31)])
def test_no_verdict_on_what_is_no_number_or_on_too_few_seeds(values):
    with pytest.raises(ValueError, match="values must"):
        found(difference(*values))


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
def test_margins_that_overflow_are_never_confirmed_wherever_they_stand():
    good, beyond = difference(0.5, 0.51, 0.52), difference(1e308, 1.5e308, 1.7e308)
    for inequalities in ((good, beyond), (beyond, good), (beyond,)):
        assert found(*inequalities).holds is not True


def fabricated(protocol, table="accuracy", folder=None):
    """Results in which small factors are better, PR falls and ENSD is PR after, but for noise.

    At the factor 1 neither holds.
    """
    assert protocol == "published"
    rng = np.random.default_rng(len(table))
    rows = []
    for study in ("kappa", "scale", "gamma"):
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
    effects.table.cache_clear()
    yield
    effects.table.cache_clear()


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


@pytest.mark.parametrize("name", ["study", "factor", "by", "quantity", "slope", "less"])
def test_what_is_compared_is_what_is_shown(name):
    study = effects.Study("reduced", "kappa", (96.0,))
    more, less = study.at(4.0, effects.SHARED_FRACTION), study.at(0.125, effects.SHARED_FRACTION)
    other = {
        "study": effects.Greater(more, less._replace(study=study._replace(name="gamma"))),
        "factor": effects.Greater(more, less._replace(factor=0.5)),
        "by": effects.Greater(more, less, 0.1),
        "quantity": effects.Greater(more, less._replace(quantity=effects.FALL)),
        "slope": effects.Greater(more._replace(factor=effects.PerDoubling((0.125, 4.0))), less),
        "less": effects.Greater(more),
    }[name]
    assert Statement((other,)).latex() != Statement((effects.Greater(more, less),)).latex()
    if name == "by":
        assert other.margins(0.3, 0.4) != effects.Greater(more, less).margins(0.3, 0.4)
    else:
        assert effects.differences(other.values) != effects.differences((more, less))


def test_all_values_are_of_one_protocol():
    one, two = (
        STUDY._replace(protocol=name).at(1.0, effects.ACCURACY) for name in ("reduced", "published")
    )
    for mixed in (
        (effects.Greater(one, two),),
        (effects.Greater(two, one),),
        (effects.Greater(one), effects.Greater(two)),
    ):
        with pytest.raises(ValueError, match="of one protocol"):
            Statement(mixed)
    for beside in (effects.Beside("it", effects.Greater(two), 1), effects.Fits("it", two)):
        with pytest.raises(ValueError, match="of one protocol"):
            Statement((effects.Greater(one),), beside=(beside,))
    assert "published protocol" in Statement((effects.Greater(two, two),)).latex()
    assert "published protocol" not in Statement((effects.Greater(one, one),)).latex()


def test_what_is_shown_once_is_the_same_of_all():
    small, large = (STUDY._replace(sizes=(n,)) for n in (10.0, 96.0))
    with pytest.raises(ValueError, match="both sides must be of the same n"):
        Statement((effects.Greater(small.at(1.0, effects.FALL), large.at(1.0, effects.FALL)),))
    other = STUDY._replace(features=effects.Features("stem"))
    mixed = tuple(effects.Greater(one.at(1.0, effects.FALL)) for one in (STUDY, other))
    with pytest.raises(ValueError, match="must be of the same features"):
        Statement(mixed)
    for values in ((1.0,), (1.0, 1.0)):
        with pytest.raises(ValueError, match="over two values or more, each once"):
            effects.PerDoubling(values).weights()


def test_each_n_is_shown_with_what_is_stated_of_it():
    def better(*sizes, factor=0.125):
        study = STUDY._replace(sizes=sizes)
        return effects.Greater(study.at(factor, effects.ACCURACY), study.at(1.0, effects.ACCURACY))

    assert r"\text{means over seeds}\ n = 50:" in Statement((better(50.0),)).latex()
    assert r"seeds and over}\ n = 10, 50:" in Statement((better(10.0, 50.0),)).latex()
    each = Statement((better(10.0), better(50.0))).latex()
    assert r"at each of}\ n = 10, 50:" in each
    assert each.count("0.125") == 1
    both = Statement((better(10.0, 50.0), better(10.0, 50.0, factor=0.5), better(96.0)))
    assert both.latex().count("means over") == 2


def test_features_are_shown_if_any_value_is_of_them():
    accuracy = effects.Greater(STUDY.at(1.0, effects.ACCURACY))
    features = effects.Greater(STUDY.at(1.0, effects.FALL))
    assert "features" not in Statement((accuracy,)).latex()
    shown = Statement((accuracy, features)).latex()
    assert "centred features of layer4, evaluation mode, before: after pretraining" in shown
    other = STUDY._replace(features=effects.Features("stem", "training", "raw"))
    shown = Statement((effects.Greater(other.at(1.0, effects.FALL)),)).latex()
    assert "features, not centred, of stem, training mode, before: after the resc" in shown


def test_a_slope_is_that_of_least_squares():
    values = (0.125, 0.5, 1.0, 4.0)
    weights = effects.PerDoubling(values).weights()
    heights = [3.0, -1.0, 0.5, 2.0]
    expected = stats.linregress(np.log2(values), heights).slope
    assert sum(weights[v] * h for v, h in zip(values, heights, strict=True)) == pytest.approx(
        expected
    )


@pytest.mark.parametrize("over", ["factor", "n"])
def test_slopes_are_read_from_the_record(monkeypatch, over):
    def lines(protocol, table="accuracy", folder=None):
        return [
            {
                **{"study": "kappa", "seed": float(seed), "factor": factor, "n": n},
                "accuracy": seed + 2.0 * math.log2(factor) + 3.0 * math.log2(n),
            }
            for seed in range(4)
            for factor in (0.125, 1.0, 4.0)
            for n in (10.0, 50.0)
        ]

    monkeypatch.setattr(results, "read", lines)
    effects.table.cache_clear()
    sizes = effects.PerDoubling((10.0, 50.0)) if over == "n" else (10.0, 50.0)
    factor = effects.PerDoubling((0.125, 1.0, 4.0)) if over == "factor" else 1.0
    slopes = STUDY._replace(sizes=sizes).at(factor, effects.ACCURACY).by_seed()
    effects.table.cache_clear()
    expected = {"factor": 2.0, "n": 3.0}[over]
    assert slopes == {seed: pytest.approx(expected) for seed in range(4)}


def test_fits_by_n_are_nested(monkeypatch):
    rng = np.random.default_rng(0)
    sizes = (10.0, 20.0, 50.0, 96.0)
    noise = 0.01 * rng.standard_normal((20, 4))

    def fit(shape):
        def lines(protocol, table="accuracy", folder=None):
            return [
                {
                    **{"study": "kappa", "seed": float(seed), "factor": 1.0, "n": n},
                    "accuracy": shape[i] + noise[seed, i],
                }
                for seed in range(20)
                for i, n in enumerate(sizes)
            ]

        monkeypatch.setattr(results, "read", lines)
        effects.table.cache_clear()
        fits = effects.Fits("it", STUDY._replace(sizes=sizes).at(1.0, effects.ACCURACY))
        text = str(fits)
        effects.table.cache_clear()
        assert "20 seeds" in text
        return [float(p) for p in re.findall(r"p = ([\d.e-]+)", text)]

    same, line = fit([0.3] * 4)
    assert min(same, line) > 0.05
    same, line = fit([0.1 * math.log(n) for n in sizes])
    assert same < 1e-6
    assert line > 0.05
    same, line = fit([0.0, 0.3, 0.0, 0.3])
    assert max(same, line) < 1e-6


def verdict(*inequalities, family=16):
    return decide(Statement(inequalities, family, reduced.SEEDS)).holds


@pytest.mark.parametrize("name", reduced.NAMES)
def test_the_reduced_claims_say_what_is_decided_of_single_n(name):
    by_size = {
        n: verdict(effects.Greater(reduced.slope(name, (n,)), relation=Relation.BELOW))
        for n in reduced.SIZES
    }
    assert False not in by_size.values()
    assert tuple(n for n, holds in by_size.items() if holds) == reduced.FALLS_AT[name]


def test_kappa_with_fixed_statistics_is_decided_by_itself_at_the_largest_n():
    by_size = [
        verdict(effects.Greater(fixed.slope((n,)), relation=Relation.BELOW), family=4)
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
    less = {
        features: verdict(signatures.unshared(name, features=features))
        for features in signatures.OTHERS
    }
    assert {f: holds for f, holds in less.items() if not holds} == signatures.MORE_THAN[name]


@pytest.mark.parametrize("name", reduced.NAMES)
def test_what_reverses_with_n_is_said(name):
    for quantity in (effects.FALL, effects.UNSHARED):
        signs = [
            verdict(effects.Greater(signatures.slope(name, quantity, (n,)))) for n in reduced.SIZES
        ]
        other = tuple(
            n
            for n, sign in zip(reduced.SIZES, signs, strict=True)
            if None not in (sign, signs[-1]) and sign is not signs[-1]
        )
        said = signatures.REVERSED_AT.get(name, ()) if quantity is effects.UNSHARED else ()
        assert other == said


def test_that_kappa_is_a_rate_within_the_margin_is_open_and_no_difference_is_shown():
    for beside in apart.EFFECTS[:2]:
        assert verdict(beside.inequality, family=apart.FAMILY) is None
        value, low, high, less = beside.inequality
        assert (low, high) == (-0.02, 0.02)
        for relation in (Relation.ABOVE, Relation.BELOW):
            one = effects.Greater(value, less, relation=relation)
            assert verdict(one, family=apart.FAMILY) is None


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
        claim.id.rpartition("-")[2]: claim.checks[0].subject.family
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


def test_half_the_weights_leave_most_networks_at_chance_with_few_images():
    rows = [r for r in results.read("lippl-lindsey-resnet18") if r["study"] == "all-weights"]
    few = {
        (r["factor"], int(r["seed"])): r["accuracy"]
        for r in rows
        if (r["factor"] in (0.5, 1.0)) and r["n"] == 10.0
    }
    halves, wholes = ([few[f, seed] for seed in range(50)] for f in (0.5, 1.0))
    assert (halves.count(0.5), wholes.count(0.5)) == (31, 7)
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
    assert {(row["reading"], row["centring"]) for row in stages} == {("training", "raw")}


def test_a_recorded_value_that_is_no_number_is_never_confirmed(monkeypatch):
    def spoiled(protocol, table="accuracy", folder=None, read=results.read):
        rows = read(protocol, table)
        return [{**rows[0], "accuracy": math.nan}, *rows[1:]] if table == "accuracy" else rows

    spoilt = results.read("reduced")[0]
    monkeypatch.setattr(results, "read", spoiled)
    effects.table.cache_clear()
    loaded = registry.load()
    (check,) = loaded[f"vision.reduced-{spoilt['study']}-accuracy"].checks
    result = worker.run_check(check)
    effects.table.cache_clear()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "values must be finite" in result.summary
