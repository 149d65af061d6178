"""Claims on the published protocol: what they state, and by which plan they are judged."""

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from empirics.vision import plan, results
from verify import plans, registry
from verify.claim import Verdict
from verify.claims.vision import _planned as planned
from verify.claims.vision import _values as records
from verify.claims.vision import published
from verify.methods.relations import Relation
from verify.run import worker

ROOT = Path(__file__).parents[4]
STUDIES = ("kappa", "scale", "gamma")
BY_PLAN = [
    *(f"vision.published-{study}-accuracy" for study in STUDIES),
    *(f"vision.published-{study}-signature" for study in ("kappa", "gamma")),
]
UNPLANNED = "vision.published-scale-signature"
PUBLISHED = [*BY_PLAN, UNPLANNED]
SEEDS = tuple(range(100, 110))
PLAN = plan.read(published.PLAN)


def fabricated(protocol, table="accuracy", folder=None, seeds=SEEDS):
    """Results in which small factors are better, PR falls and ENSD is PR after, but for noise.

    At the factor 1 neither holds.
    """
    assert protocol == "published"
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
                            "centring": centring,
                            "pr_before": 20.0 + level,
                            "pr_after": (20.0 if factor == 1.0 else 10.0) + level,
                            "ensd": 9.8 + level,
                            "ensd_inputs": 9.8 + level,
                        }
                        for stage in ("layer3", "layer4")
                        for centring in ("centred", "raw")
                    ]
    return rows


@pytest.fixture
def recorded(monkeypatch):
    monkeypatch.setattr(results, "read", fabricated)
    records.table.cache_clear()
    yield
    records.table.cache_clear()


@pytest.mark.parametrize("identifier", BY_PLAN)
def test_published_claims_decide_what_is_recorded(recorded, identifier):
    (check,) = registry.load()[identifier].checks
    result = worker.run_check(replace(check, needs_files=()))
    assert result.verdict is Verdict.CONFIRMED
    assert not result.toothless
    assert all(variant.told_apart for variant in result.control)


@pytest.mark.parametrize("identifier", BY_PLAN)
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


@pytest.mark.parametrize("identifier", BY_PLAN)
def test_published_claims_say_what_is_not_recorded_yet(recorded, identifier, monkeypatch):
    study = identifier.removeprefix("vision.published-").rpartition("-")[0]

    def others(protocol, table="accuracy", folder=None):
        return [row for row in fabricated(protocol, table) if row["study"] != study]

    monkeypatch.setattr(results, "read", others)
    (check,) = registry.load()[identifier].checks
    result = worker.run_check(replace(check, needs_files=()))
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "are not whole" in result.summary


def test_what_is_not_planned_is_open_whatever_is_recorded(recorded):
    (check,) = registry.load()[UNPLANNED].checks
    assert worker.examine(check, check.subject).holds is None
    assert plans.plan_of(UNPLANNED, check.name).stopping.startswith("not planned yet")


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
    shared = {parts[1].value.quantity.columns[0], parts[3].more.quantity.columns[0]}
    assert shared == {signature["readings"]["first"]["shared_dimensions"]}
    assert "Holm's" in PLAN.judged["correction"]
    for identifier in BY_PLAN:
        (check,) = registry.load()[identifier].checks
        assert check.decide is planned.decide
        assert check.subject.plan == published.PLAN
        of_plan = published.HIGHER.values() if "accuracy" in identifier else parts
        assert len(check.subject.family) == len(of_plan) == (3 if "accuracy" in identifier else 8)
        assert set(check.subject.family) == set(of_plan)


def of_signature(changed, seeds=SEEDS[:6]):
    """Return fabricated results with some columns of κ = 1/8 replaced."""

    def read(protocol, table="accuracy", folder=None):
        rows = fabricated(protocol, table, seeds=seeds)
        for row in rows:
            if table == "representation" and (row["study"], row["factor"]) == ("kappa", 0.125):
                row.update(changed(row))
        return rows

    return read


def signature_of_kappa(monkeypatch, read):
    monkeypatch.setattr(results, "read", read)
    records.table.cache_clear()
    (check,) = registry.load()["vision.published-kappa-signature"].checks
    found = worker.examine(check, check.subject)
    records.table.cache_clear()
    return found


def test_one_part_that_is_shown_does_not_show_them_all(monkeypatch):
    """ENSD about its margin: the part on it is open, the others are shown."""

    def open_(row):
        return {"ensd": (1.1 + 0.03 * math.sin(row["seed"] ** 2)) * row["pr_after"]}

    found = signature_of_kappa(monkeypatch, of_signature(open_))
    first = [step for step in found.steps if step.startswith("look at 6")]
    assert [step.rpartition(": ")[2] for step in first] == ["shown", "open", "shown", "shown"]
    assert found.holds is None
    assert found.figure < 0.0
    shown = signature_of_kappa(monkeypatch, of_signature(lambda row: {}))
    assert shown.holds is True
    assert 0.0 < shown.figure < 0.03


def test_a_part_that_is_decided_is_not_judged_again(monkeypatch):
    """PR falls in the first six seeds and rises in the others; ENSD is about its margin."""

    def changed(row):
        before = 20.0 if row["seed"] < 106 else 1.0
        ensd = (1.1 + 0.03 * math.sin(row["seed"] ** 2)) * row["pr_after"]
        return {"pr_before": before, "ensd": ensd}

    found = signature_of_kappa(monkeypatch, of_signature(changed, SEEDS))
    looks = [step for step in found.steps if step.startswith("look at")]
    first, second = ([s for s in looks if s.startswith(f"look at {n} ")] for n in (6, 10))
    falls = "log(pr_before/pr_after) at κ = 0.125, n = 500 > 0"
    assert [step.endswith("shown") for step in first if falls in step] == [True]
    assert not [step for step in second if falls in step]
    assert len(second) == 1
    assert found.holds is None


def test_other_readings_are_judged_beside_and_decide_nothing(monkeypatch):
    def otherwise(row):
        return {"ensd": 2.0 * row["pr_after"]} if row["centring"] == "raw" else {}

    found = signature_of_kappa(monkeypatch, of_signature(otherwise))
    assert found.holds is True
    beside = [step for step in found.steps if step.startswith("beside, decides nothing")]
    said = {step.split(": ")[1]: step.split(": ")[2] for step in beside}
    assert said["layer4, raw, ensd"] == "it does not hold"
    assert said["layer4, centred, ensd_inputs"] == "it holds"
    assert said["layer4, raw, ensd, in training mode"] == "it is open"
    readings = PLAN.judged["families"]["signature"]["readings"]
    planned_readings = {
        f"{centring}, {column}"
        for centring in readings["centrings"]
        for column in readings["shared_dimensions"]
    }
    first = f"{readings['first']['centring']}, {readings['first']['shared_dimensions']}"
    assert set(said) == {
        *(f"layer4, {one}" for one in planned_readings - {first}),
        *(f"layer3, {one}" for one in planned_readings),
        "layer4, raw, ensd, in training mode",
    }


def test_what_is_further_to_be_estimated_is_that_of_the_plan():
    members = PLAN.judged["families"]["accuracy-further"]["members"]
    assert {
        name: (one.more.factor, one.less.factor, list(one.more.study.sizes))
        for name, one in published.FURTHER.items()
    } == {one["study"]: (one["higher"], one["lower"], one["sizes"]) for one in members}
    for name in published.FURTHER:
        (check,) = registry.load()[f"vision.published-{name}-accuracy"].checks
        ((_, beside),) = check.subject.beside
        assert set(beside.family) == set(published.FURTHER.values())
        assert beside.inequalities == (published.FURTHER[name],)


def test_records_that_the_plan_judges_are_of_its_machine_and_seeds():
    """Those of the CPU, which no claim reads yet, and what is made of them."""
    folder = ROOT / "empirics/recorded"
    paths = {
        name: folder / results.file_name(name, "accuracy")
        for name in ("published-cpu", "published")
    }
    recorded = {name: path for name, path in paths.items() if path.is_file()}
    assert "published-cpu" in recorded
    assert PLAN.machine.device == "cpu"
    for name, path in recorded.items():
        lines = path.read_text("utf-8").splitlines()
        (devices,) = [line for line in lines if line.startswith("# devices:")]
        assert re.fullmatch(r"# devices: CPU \(eager, float32, torch [\d.+cpu]+\)", devices)
        assert {row["seed"] for row in results.read(name)} <= set(PLAN.seeds)


def test_sentences_say_what_is_stated():
    loaded = registry.load(("verify.claims",)).claims
    for study in STUDIES:
        sentence = " ".join(loaded[f"vision.published-{study}-accuracy"].sentence.split())
        one, word = published.HIGHER[study], records.WORDS[study]
        assert one.relation is Relation.ABOVE
        more, less = (f"{word} = {value.factor:g}" for value in one.values)
        assert sentence.endswith(f"is higher at {more} than at {less}.")
        sentence = " ".join(loaded[f"vision.published-{study}-signature"].sentence.split())
        assert sentence.endswith(
            "PR is lower after fine-tuning than before, and ENSD is PR within a tenth; and PR "
            f"falls more, and ENSD is closer to PR, than at {word} = 1. Of centred features, in "
            "evaluation mode."
        )
    looks = f"seeds {SEEDS[0]} to {SEEDS[5]} of the plan, or {SEEDS[0]} to {SEEDS[-1]} for what"
    assert published.PUBLISHED[1].startswith(looks)
