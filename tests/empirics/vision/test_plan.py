"""Plans: the committed one names what there is, and what is not a plan is refused."""

import json
from importlib.resources import files

import pytest

from empirics.vision import plan
from empirics.vision.plan import PlanError
from empirics.vision.protocol import PROTOCOLS
from empirics.vision.results import REPRESENTATION
from empirics.vision.scaling import FACTORS

NAME = "vision-published-cpu"
SIMPLE = ("kappa", "scale", "gamma", "all-weights")


def members(planned):
    for name, family in planned.judged["families"].items():
        for member in family["members"]:
            yield name, member


def test_what_is_run():
    planned = plan.read(NAME)
    assert (planned.protocol, planned.machine.device) == ("published", "cpu")
    assert (planned.machine.precision, planned.machine.engine) == ("float32", "eager")
    assert planned.seeds == tuple(range(100, 110))
    assert [one.studies for one in planned.rounds] == [("kappa", "gamma"), ("scale",)]
    assert [one.values for one in planned.rounds] == [(1.0, 0.125), (1.0, 2.0, 0.25)]


def test_what_is_judged_is_run():
    planned = plan.read(NAME)
    run = {
        (study, value) for one in planned.rounds for study in one.studies for value in one.values
    }
    sizes = PROTOCOLS[planned.protocol].sizes
    for name, member in members(planned):
        assert member["study"] in FACTORS
        if "sizes" in member:
            assert {(member["study"], member[end]) for end in ("higher", "lower")} <= run
            assert set(member["sizes"]) <= set(sizes)
        else:
            assert {(member["study"], value) for value in (member["factor"], 1.0)} <= run
            assert member["quantity"] in planned.judged["families"][name]["quantities"]
    signature = planned.judged["families"]["signature"]
    assert signature["n"] in sizes
    assert set(signature["readings"]["shared_dimensions"]) <= set(REPRESENTATION)


@pytest.mark.parametrize("statistics", ["batch", "fixed"])
def test_the_reduced_study_is_of_sixteen_seeds_and_takes_kappa_apart(statistics):
    suffix = {"batch": "", "fixed": "-fixed-statistics"}[statistics]
    planned = plan.read(f"vision-reduced{suffix}")
    assert PROTOCOLS[planned.protocol].statistics == statistics
    assert planned.protocol == f"reduced{suffix}"
    assert planned.seeds == tuple(range(300, 316))
    assert planned.judged["stopping"]["seeds"] == len(planned.seeds)
    run = {study: one.values for one in planned.rounds for study in one.studies}
    if statistics == "fixed":
        assert run == {"kappa": (1.0, 2**-0.5, 2**-0.25)}
        return
    assert run.keys() == FACTORS.keys()
    assert all(
        set(values) == set(FACTORS[study].values)
        for study, values in run.items()
        if study in SIMPLE
    )
    assert run["kappa-rate"] == run["kappa-constant"] == (0.125,)
    sizes = PROTOCOLS["reduced"].sizes
    families = planned.judged["families"]
    assert families["accuracy"]["members"] == list(SIMPLE)
    assert families["signature"]["n"] in sizes
    assert len(families["learning-rate"]["members"]) == 4


def test_looks_are_whole_seeds_and_share_the_error_probability():
    planned = plan.read(NAME)
    looks = planned.judged["stopping"]["looks"]
    assert [look["seeds"] for look in looks] == [6, len(planned.seeds)]
    assert sum(look["alpha"] for look in looks) == pytest.approx(0.05)


def test_seeds_of_a_plan_can_be_chosen():
    planned = plan.read(NAME)
    assert planned.chosen(None) == planned.seeds
    assert planned.chosen([103, 101]) == (103, 101)
    with pytest.raises(ValueError, match=r"must be of the plan, .*, got \[3\]"):
        planned.chosen([100, 3])


@pytest.mark.parametrize(
    "change",
    [
        {"protocol": "secret"},
        {"device": "abacus"},
        {"precision": "float8"},
        {"rounds": [{"studies": ["lambda"], "factors": [1]}]},
        {"rounds": [{"studies": ["gamma"], "factors": [4]}]},
        {"protocol": "reduced", "rounds": [{"studies": ["gamma"], "factors": [0]}]},
        {"seeds": None},
    ],
)
def test_what_is_no_plan_is_refused(change, tmp_path):
    text = files("empirics").joinpath("recorded", f"{NAME}.plan.json").read_text("utf-8")
    whole = json.loads(text)
    whole["run"].update(change)
    (tmp_path / "x.plan.json").write_text(json.dumps(whole), encoding="utf-8")
    with pytest.raises(PlanError, match=r"x.plan.json must be a plan of this project"):
        plan.read("x", tmp_path)
    with pytest.raises(PlanError, match="there is no plan"):
        plan.read("y", tmp_path)
