"""Plans of statistical checks: every check has one, and it is older than what it judges."""

import json
import re
import subprocess
import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from empirics import diagonal_record, end_points
from empirics.experiments import SLABS
from verify import plans, registry
from verify.claim import Method
from verify.plans import PlanError, parse, plan_of

ROOT = Path(__file__).parents[2]
EVERY = [
    (claim, check)
    for claim in registry.load(("verify.claims",)).claims.values()
    for check in claim.checks
]
CHECKS = [(claim, check) for claim, check in EVERY if check.method is Method.STATISTICS]
ENTRY = """[[plan]]
claims = ["a.*"]
checks = ["one"]
margin = "0.1"
floor = "none"
family = "f"
sides = "s"
seeds = "1"
stopping = "once"
fixed = "abc"
"""


def git(*arguments):
    found = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    return found.stdout if found.returncode == 0 else None


@cache
def history():
    return git("rev-parse", "--is-shallow-repository") == "false\n"


needs_history = pytest.mark.skipif(not history(), reason="needs the project's history in git")
of_every_plan = pytest.mark.parametrize(
    "plan", plans.plans(), ids=lambda plan: f"{plan.claims[0]} {plan.checks[0]}"
)


@pytest.mark.parametrize(
    ("claim", "check"), CHECKS, ids=[f"{claim.id}: {check.name}" for claim, check in CHECKS]
)
def test_every_statistical_check_has_one_plan(claim, check):
    plan = plan_of(claim.id, check.name)
    assert plan is not None
    assert plan.fixed or plan.after, "a plan is fixed, or says what was chosen after looking"


def test_every_plan_is_of_a_check():
    for plan in plans.plans():
        covered = [c.id for c, check in EVERY if plan.covers(c.id, check.name)]
        assert covered, plan.claims
        for pattern in plan.claims:
            assert any(replace(plan, claims=(pattern,)).covers(c.id, k.name) for c, k in EVERY), (
                pattern
            )


def numbers(text):
    return set(re.findall(r"\d+\.\d+", text))


@pytest.mark.parametrize(
    ("claim", "check", "shown"),
    [
        ("training.replica-curve", "end points, every curve", {"1.5"}),
        ("training.replica-curve", "end points, one factor on p", {"0.01"}),
        ("training.replica-curve", "end points, one factor on c_FT", {"0.1"}),
        ("crosscheck.free-energy", "recorded problems", {"0.01"}),
        ("crosscheck.free-energy", "training errors of recorded problems", {"0.03"}),
        ("pipeline.finite-size", "recorded problems", {"0.2"}),
        ("pipeline.finite-size", "the best factor on E", {"0.01"}),
        ("pipeline.finite-size", "mean scales of recorded problems", {"0.2"}),
        ("pipeline.trained-networks", "mean errors of ten problems", {"0.3"}),
        ("training.published-networks", "published errors", {"0.1"}),
        ("training.recorded-flow", "every third setting at two α", {"0.05"}),
        ("training.recorded-flow", "every setting and α", {"0.05"}),
        ("training.recorded-flow", "one factor on c_FT", {"0.02"}),
    ],
)
def test_margins_of_plans_are_those_that_decide(claim, check, shown):
    (found,) = [k for c, k in EVERY if (c.id, k.name) == (claim, check)]
    decided = numbers(found.subject.latex()) | numbers(found.reason) | {f"{found.tolerance:g}"}
    assert shown <= numbers(plan_of(claim, check).margin)
    assert shown <= decided


def header(record):
    lines = (ROOT / record).read_text("utf-8").splitlines()
    pairs = (line[2:].partition(": ") for line in lines if line.startswith("# "))
    return {name: value for name, _, value in pairs}


@needs_history
@pytest.mark.parametrize(
    "plan", plans.plans(), ids=lambda plan: f"{plan.claims[0]} {plan.checks[0]}"
)
def test_a_plan_is_older_than_the_record_it_judges(plan):
    """Its revision is an ancestor of that of the code that made the record."""
    if not plan.fixed:
        assert plan.after
        return
    assert git("cat-file", "-e", f"{plan.fixed}:{plan.stands}") is not None
    for record in plan.record:
        name = Path(record).name
        if not (ROOT / record).is_file() or ("published" in name and "vision" not in name):
            continue  # not made yet, or made by others
        code = header(record)["code"].split(",")[0].strip()
        assert git("merge-base", "--is-ancestor", plan.fixed, code) is not None, (record, code)
        # It was not there when the plan was fixed, or has been extended since.
        before = git("show", f"{plan.fixed}:{record}") or ""
        now = (ROOT / record).read_text("utf-8")
        assert len(before.splitlines()) < len(now.splitlines()), f"{record} was there before"


@needs_history
@pytest.mark.parametrize(
    "plan", plans.plans(), ids=lambda plan: f"{plan.claims[0]} {plan.checks[0]}"
)
def test_a_plan_says_what_it_said_when_it_was_fixed(plan):
    if not plan.fixed or plan.stands != plans.PLANS:
        return
    then = parse(git("show", f"{plan.fixed}:{plans.PLANS}"))
    (before,) = [one for one in then if (one.claims, one.checks) == (plan.claims, plan.checks)]
    changed = {
        name
        for name, value in vars(plan).items()
        if value != getattr(before, name) and name not in ("fixed", "after")
    }
    assert not changed or plan.after, f"changed since it was fixed: {changed}"


@needs_history
@pytest.mark.parametrize("slab", ["gaussian", "sign"])
def test_records_of_end_points_name_their_plan(slab):
    name = f"empirics/recorded/{end_points.record_name(slab)}"
    named = re.fullmatch(r"verify/plans\.toml at (\w+)", header(name)["plan"])
    fixed = {plan.fixed for plan in plans.plans() if name in plan.record}
    assert fixed == {named[1]}


def test_a_plan_is_printed_with_what_was_chosen_after_looking():
    (plan,) = parse(ENTRY + 'after = "the margin"\n')
    assert plan.text == (
        "Margin: 0.1; floor: none; family: f; sides: s; seeds: 1; stopping rule: once. "
        "Fixed at revision abc. Chosen after looking: the margin."
    )
    assert plan.covers("a.b", "one")
    assert not plan.covers("a.b", "two")
    assert not plan.covers("b.a", "one")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[[plan]", "must be TOML"),
        (ENTRY.replace('margin = "0.1"\n', ""), "must be whole: .*margin"),
        (ENTRY + "colour = 1\n", "got also .'colour'."),
        (ENTRY.replace('"0.1"', "0.1"), "margin of a plan must be a str, got 0.1"),
        (ENTRY.replace('["one"]', '"one"'), "checks of a plan must be a list"),
    ],
)
def test_what_is_no_plan_is_refused(text, named):
    with pytest.raises(PlanError, match=named):
        parse(text)


def test_two_plans_of_one_check_are_refused(monkeypatch):
    monkeypatch.setattr(plans, "plans", lambda: parse(ENTRY + ENTRY))
    with pytest.raises(PlanError, match="must have one plan, got 2"):
        plan_of("a.b", "one")
    assert plan_of("b.a", "one") is None


def test_the_vision_plan_is_there():
    plan = plan_of("vision.published-kappa-accuracy", "t tests at the looks of a plan")
    assert json.loads((ROOT / plan.stands).read_text("utf-8"))["families"]


@needs_history
@pytest.mark.parametrize("slab", SLABS)
def test_records_of_trained_networks_name_their_plan(slab):
    name = f"empirics/recorded/{diagonal_record.record_name(slab)}"
    named = re.fullmatch(r"verify/plans\.toml at (\w+), margins at (\w+)", header(name)["plan"])
    planned, margins = (
        tomllib.loads(git("show", f"{revision}:{plans.PLANS}"))["records"]
        for revision in named.groups()
    )
    assert git("merge-base", "--is-ancestor", named[1], header(name)["code"]) is not None
    now = tomllib.loads((ROOT / plans.PLANS).read_text("utf-8"))["records"]
    for field in ("seeds", "alpha", "stopping", "lost", "judged"):
        assert now[name][field] == planned[name][field]
    gaussian = f"empirics/recorded/{diagonal_record.record_name('gaussian')}"
    assert now[gaussian]["margin"] == margins[gaussian]["margin"]
