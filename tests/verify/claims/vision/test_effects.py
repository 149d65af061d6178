"""Effects over seeds: what the interval says, and what is read from recorded results."""

import math
import re

import numpy as np
import pytest
from scipy import stats

from empirics.vision import results
from verify import registry
from verify.claim import Check, Control, Method, Verdict
from verify.claims.vision import _effects as effects
from verify.claims.vision import _values as records
from verify.claims.vision._effects import Statement, decide
from verify.methods.near_misses import near_misses
from verify.run import worker

CONTROL = Control("another", None)
STUDY = records.Study("reduced", "kappa", (96.0,))


class Made(records.Value):
    """A value with the given numbers, one for each seed."""

    def by_seed(self, seeds=None):
        return dict(enumerate(self.factor))

    def __str__(self):
        return "effect"


def shown(*numbers):
    return Made(STUDY, numbers, records.ACCURACY)


def difference(*numbers, by=0.0):
    return records.Greater(shown(*numbers), by=by)


def found(*inequalities, seeds=None, **more):
    seeds = seeds or max(3, len(inequalities[0].values[0].factor))
    check = Check("effects", Method.STATISTICS, decide, None, CONTROL, above=0.0, reason="strict")
    return worker.examine(check, Statement(inequalities, seeds, **more))


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
    evidence = found(records.Within(shown(*values), low, high))
    assert evidence.holds is holds
    ends = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    expected = min(ends[0] - low, high - ends[1])
    assert evidence.figure == pytest.approx(expected)
    against = records.Within(
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
        Statement((one, one), 3, family=1)
    with pytest.raises(ValueError, match="seeds must be 3 or more, got 2"):
        Statement((one,), 2)


def test_what_lacks_more_seeds_than_may_be_lost_is_open():
    one = difference(0.3, 0.31, 0.29)
    for planned, holds in ((3, True), (5, True), (6, None)):
        evidence = found(one, seeds=planned)
        assert evidence.holds is holds
        assert ("3 of 6 seeds are missing" in str(evidence.steps)) == (holds is None)
    assert found(difference(-0.3, -0.31, -0.29), seeds=6).holds is None


def test_seeds_that_are_added_decide_nothing():
    evidence = found(difference(0.3, 0.31, 0.29, 0.3), seeds=3)
    assert evidence.holds is None
    assert "1 seeds more than the 3" in evidence.summary


def test_what_stands_beside_decides_nothing_and_has_its_own_family():
    one, other = difference(0.3, 0.31, 0.29), difference(-0.3, -0.31, -0.29)
    evidence = found(one, beside=(effects.Beside("the other", other, 4),))
    assert evidence.holds is True
    assert len(evidence.steps) == 2
    low, high = stats.ttest_1samp([-0.3, -0.31, -0.29], 0.0).confidence_interval(1 - 0.05 / 4)
    text = f"the other, effect > 0, one of 4: mean -0.3000, interval [{low:+.4f}, {high:+.4f}]"
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


@pytest.mark.parametrize("name", ["study", "factor", "by", "quantity", "slope", "less"])
def test_what_is_compared_is_what_is_shown(name):
    study = records.Study("reduced", "kappa", (96.0,))
    more, less = study.at(4.0, records.SHARED_FRACTION), study.at(0.125, records.SHARED_FRACTION)
    other = {
        "study": records.Greater(more, less._replace(study=study._replace(name="gamma"))),
        "factor": records.Greater(more, less._replace(factor=0.5)),
        "by": records.Greater(more, less, 0.1),
        "quantity": records.Greater(more, less._replace(quantity=records.FALL)),
        "slope": records.Greater(more._replace(factor=records.PerDoubling((0.125, 4.0))), less),
        "less": records.Greater(more),
    }[name]
    assert Statement((other,), 16).latex() != Statement((records.Greater(more, less),), 16).latex()
    if name == "by":
        assert other.margins(0.3, 0.4) != records.Greater(more, less).margins(0.3, 0.4)
    else:
        assert records.differences(other.values) != records.differences((more, less))


def test_all_values_are_of_one_protocol():
    one, two = (
        STUDY._replace(protocol=name).at(1.0, records.ACCURACY) for name in ("reduced", "published")
    )
    for mixed in (
        (records.Greater(one, two),),
        (records.Greater(two, one),),
        (records.Greater(one), records.Greater(two)),
    ):
        with pytest.raises(ValueError, match="of one protocol"):
            Statement(mixed, 16)
    for beside in (effects.Beside("it", records.Greater(two), 1), effects.Fits("it", two)):
        with pytest.raises(ValueError, match="of one protocol"):
            Statement((records.Greater(one),), 16, beside=(beside,))
    assert "published protocol" in Statement((records.Greater(two, two),), 16).latex()
    assert "published protocol" not in Statement((records.Greater(one, one),), 16).latex()


def test_what_is_shown_once_is_the_same_of_all():
    small, large = (STUDY._replace(sizes=(n,)) for n in (10.0, 96.0))
    with pytest.raises(ValueError, match="both sides must be of the same n"):
        Statement((records.Greater(small.at(1.0, records.FALL), large.at(1.0, records.FALL)),), 16)
    other = STUDY._replace(features=records.Features("stem"))
    mixed = tuple(records.Greater(one.at(1.0, records.FALL)) for one in (STUDY, other))
    with pytest.raises(ValueError, match="must be of the same features"):
        Statement(mixed, 16)
    for values in ((1.0,), (1.0, 1.0)):
        with pytest.raises(ValueError, match="over two values or more, each once"):
            records.PerDoubling(values).weights()


def test_each_n_is_shown_with_what_is_stated_of_it():
    def better(*sizes, factor=0.125):
        study = STUDY._replace(sizes=sizes)
        return records.Greater(study.at(factor, records.ACCURACY), study.at(1.0, records.ACCURACY))

    assert r"\text{means over seeds,}\ n = 50:" in Statement((better(50.0),), 16).latex()
    assert r"seeds and over}\ n = 10, 50:" in Statement((better(10.0, 50.0),), 16).latex()
    each = Statement((better(10.0), better(50.0)), 16).latex()
    assert r"at each of}\ n = 10, 50:" in each
    assert each.count("0.125") == 1
    both = Statement((better(10.0, 50.0), better(10.0, 50.0, factor=0.5), better(96.0)), 16)
    assert both.latex().count("means over") == 2


def test_features_are_shown_if_any_value_is_of_them():
    accuracy = records.Greater(STUDY.at(1.0, records.ACCURACY))
    features = records.Greater(STUDY.at(1.0, records.FALL))
    assert "features" not in Statement((accuracy,), 16).latex()
    shown = Statement((accuracy, features), 16).latex()
    assert "centred features of layer4, evaluation mode, before: after pretraining" in shown
    other = STUDY._replace(features=records.Features("stem", "training", "raw"))
    shown = Statement((records.Greater(other.at(1.0, records.FALL)),), 16).latex()
    assert "features, not centred, of stem, training mode, before: after the resc" in shown


def test_a_slope_is_that_of_least_squares():
    values = (0.125, 0.5, 1.0, 4.0)
    weights = records.PerDoubling(values).weights()
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
    records.table.cache_clear()
    sizes = records.PerDoubling((10.0, 50.0)) if over == "n" else (10.0, 50.0)
    factor = records.PerDoubling((0.125, 1.0, 4.0)) if over == "factor" else 1.0
    slopes = STUDY._replace(sizes=sizes).at(factor, records.ACCURACY).by_seed()
    records.table.cache_clear()
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
        records.table.cache_clear()
        fits = effects.Fits("it", STUDY._replace(sizes=sizes).at(1.0, records.ACCURACY))
        text = str(fits)
        records.table.cache_clear()
        assert "20 seeds" in text
        return [float(p) for p in re.findall(r"p = ([\d.e-]+)", text)]

    same, line = fit([0.3] * 4)
    assert min(same, line) > 0.05
    same, line = fit([0.1 * math.log(n) for n in sizes])
    assert same < 1e-6
    assert line > 0.05
    same, line = fit([0.0, 0.3, 0.0, 0.3])
    assert max(same, line) < 1e-6


def test_a_recorded_value_that_is_no_number_is_never_confirmed(monkeypatch):
    def spoiled(protocol, table="accuracy", folder=None, read=results.read):
        rows = read(protocol, table)
        return [{**rows[0], "accuracy": math.nan}, *rows[1:]] if table == "accuracy" else rows

    spoilt = results.read("reduced")[0]
    monkeypatch.setattr(results, "read", spoiled)
    records.table.cache_clear()
    loaded = registry.load()
    (check,) = loaded[f"vision.reduced-{spoilt['study']}-accuracy"].checks
    result = worker.run_check(check)
    records.table.cache_clear()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "values must be finite" in result.summary


BESIDE = [
    claim
    for claim in registry.load(("verify.claims",)).claims.values()
    if isinstance(claim.checks[0].subject, Statement) and claim.checks[0].subject.beside
]


@pytest.mark.parametrize("claim", BESIDE, ids=lambda claim: claim.id)
def test_what_stands_beside_is_shown_with_its_formula_and_family(claim):
    subject = claim.checks[0].subject
    shown = [one.stated for one in subject.beside]
    others = {value.study.name for one in subject.beside for value in one.values}
    if claim.id != "vision.reduced-kappa-rate":
        assert others == {value.study.name for value in subject.values}
    moved = [miss for miss in near_misses(subject) if miss.place.startswith("beside.")]
    assert len(moved) > len(shown)
    seen = 0
    for miss in moved:
        if ".protocol" in miss.place:
            continue  # the statement's own, or none is made
        try:
            other = [one.stated for one in miss.make().beside]
        except (ValueError, TypeError, ArithmeticError, KeyError):
            continue  # no statement is made of it
        assert other != shown, miss.name
        seen += 1
    assert seen > len(shown)
