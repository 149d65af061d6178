"""Checks against theories that are wrong by a known amount: what they notice is known as well."""

import json
import math
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from empirics.two_stage import TwoStages
from numerics import (
    Initialization,
    Pretraining,
    TaskDistribution,
    solve_pipeline,
    solve_replica,
)
from numerics.multiprecision import replica_fixed_point
from verify import __main__ as command_line
from verify import registry
from verify.claim import Method
from verify.claims.pipeline._two_stages import REPLICA, STATED, expected
from verify.decoding import DecodingError, decode
from verify.run import power, worker
from verify.run.noticed import BY_NAME, COLUMNS, DUE, NEVER, NOTHING_USED, Noticed, Power
from verify.run.perturbation import Perturbation, of_groups, of_pipeline, of_task

ROOT = Path(__file__).resolve().parents[3]
P = 0.4914681  # of the baseline at this α, by curves.reference-values
ALPHA = 0.17126582
MARGIN, WIDTH = 0.1, 0.03  # of the logarithm, and of its interval

CLAIMS = f'''"""A measured error, known to a width, is that of the theory (Section 0).

The statement.
"""
import math
import time
from functools import cache

import numpy as np

from numerics import Initialization, TaskDistribution, minimum_penalty, solve_replica
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.registry import register

TASK = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab="gaussian")
INIT = Initialization(1e-3, 0.0)
MEASURED = []


@cache
def measured():
    """Return what networks would show; each time that it is measured is noted."""
    MEASURED.append(float(np.sum(minimum_penalty(np.eye(2, 3), [1.0, 2.0], 1.0).beta)))
    return {P}


@cache
def theory(alpha, factor):
    curve = solve_replica(TASK, INIT, alpha)
    return factor * float(curve.mse[0])


def near(factor):
    away = abs(math.log(measured() / theory({ALPHA}, factor)))
    holds = True if away + {WIDTH} < {MARGIN} else False if away - {WIDTH} > {MARGIN} else None
    return Evidence(holds, f"away {{away}}", away if holds else None)


def blind(factor):
    theory({ALPHA}, 1.0)
    return Evidence(factor == 1.0, "the curve is solved, and not looked at", 0.0)


def alone(factor):
    return Evidence(measured() * factor < 1.0, "nothing of the theory", 0.0)


def raises(factor):
    solved = theory({ALPHA}, factor)
    if abs(solved / {P} - 1.0) > 0.25:
        raise ArithmeticError("far away")
    return Evidence(factor == 1.0, "only far away is noticed", 0.0)


def hangs(factor):
    time.sleep(600)


def state(name, decide, method=Method.STATISTICS, subject=1.0, **more):
    control = Control("ten times", 10.0)
    how = {{"tolerance": 1.0, "reason": "a margin"}}
    check = Check("count", method, decide, subject, control, **how)
    register(Claim(f"power.{{name}}", "Title", "Sentence.", "x", "Section 0", (check,), **more))


state("near", near)
state("blind", blind)
state("alone", alone)
state("raises", raises)
state("hangs", hangs)
state("wrong", near, subject=3.0)
state("proved", alone, Method.SYMBOLIC)
'''


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of claims, importable here and in processes started here; a ledger of its own."""
    folder = tmp_path / "power_package"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "power.py").write_text(CLAIMS)
    monkeypatch.syspath_prepend(str(tmp_path))
    paths = os.pathsep.join((str(tmp_path), str(ROOT)))
    monkeypatch.setenv("PYTHONPATH", paths)
    monkeypatch.setattr(power, "PATH", tmp_path / "power.json")
    power._read.cache_clear()
    yield "power_package"
    registry.forget("power_package.power")
    for name in ("power_package", "power_package.power"):
        sys.modules.pop(name, None)
    power._read.cache_clear()


def tried(package, name):
    loaded = registry.load((package,))
    pairs = power.chosen(loaded, [loaded[f"power.{name}"]], "quick")
    (outcome,) = power.run(loaded, pairs)
    return outcome


def in_a_process(code, *paths):
    """Run code in a fresh interpreter and return the JSON that it prints."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((*map(str, paths), str(ROOT)))}
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def on_the_ladder(logarithm):
    """Return the smallest error that was tried and is more than this in the logarithm."""
    return next(size for size in power.COARSE if math.log1p(size) > logarithm)


def test_the_smallest_error_is_the_one_computed_by_hand(package):
    found = tried(package, "near").power
    error = next(one for one in found.found if one.kind == "p")
    noticed, refuted = on_the_ladder(MARGIN - WIDTH), on_the_ladder(MARGIN + WIDTH)
    assert error == Noticed("p", 1.0, (noticed, noticed), (refuted, refuted))
    assert (noticed, refuted) == (0.1, 0.15)
    assert (found.roads, found.answers) == (("solve_replica",), "solve_replica")
    # What the check does not read, or what is not there, is not among the errors: γ = 0.
    assert [one.kind for one in found.found] == ["p", "c_FT", "slab", "α"]
    assert found.text.startswith("p 10 % (refuted: 15 %), c_FT ")


def test_errors_of_what_is_put_in_are_those_of_the_curve(package):
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab="gaussian")
    init = Initialization(1e-3, 0.0)

    def p(kind, factor):
        wrong = Perturbation(kind, factor)
        return solve_replica(*of_task(wrong, task, init, ALPHA)).mse[0]

    found = {one.kind: one for one in tried(package, "near").power.found}
    for name, largest in (("c_FT", 1.0), ("α", 0.3)):
        kind, sizes = BY_NAME[name], [size for size in power.COARSE if size <= largest]
        for sign, end in zip((1, -1), found[name].noticed, strict=True):
            away = {size: abs(math.log(p(kind, (1 + size) ** sign) / P)) for size in sizes}
            assert end == next((s for s, far in away.items() if far > MARGIN - WIDTH), None)


def test_what_is_read_and_not_used_and_what_is_not_asked_for(package):
    assert [one.kind for one in tried(package, "blind").power.found] == ["c_FT", "slab", "α"]
    assert tried(package, "blind").power.found[0].outcome == "not up to 100 %"
    alone = tried(package, "alone").power
    assert (alone.found, alone.roads) == ((), ())
    assert alone.text == NOTHING_USED


def test_an_exception_leaves_undecided(package):
    error = tried(package, "raises").power.found[0]
    assert error == Noticed("p", 1.0, (0.3, 0.5), (None, None))
    assert error.outcome == "50 % (undecided)"


def test_a_check_that_does_not_hold_has_no_entry(package, capsys):
    outcome = tried(package, "wrong")
    assert outcome.power is None
    assert "must hold with the theory as it is" in outcome.problem
    loaded = registry.load((package,))
    assert power.known(outcome.check, outcome.claim, "power_package.power").text == NEVER
    assert command_line.main(["power", "--claims", package, "--only", "power.wrong"]) == 1
    assert "not tried: ValueError: the check must hold" in " ".join(capsys.readouterr().out.split())
    assert [claim.id for claim, _ in power.due(loaded, [(outcome.claim, outcome.check)])]


SIDES = """
import json
import numpy as np
from verify.run.perturbation import Perturbation, install
from verify.run.noticed import BY_NAME
import numerics
names = ("minimum_penalty", "Initialization", "TaskDistribution")
kept = {name: getattr(numerics, name) for name in names}
theory = install(["power_package"])
task = numerics.TaskDistribution.pretrain_finetune(0.2, 0.2, 0.5)
init = numerics.Initialization(0.1, 0.05, 0.3)

def sides():
    sample = task.sample(30, 0.5, np.random.default_rng(0))
    scale = init.finetune_scale(sample.beta_pt)
    estimate = numerics.minimum_penalty(sample.X, sample.y, scale).beta
    measured = [sample.y.tolist(), scale.tolist(), task.penalty_scales(init).tolist()]
    return [*measured, estimate.tolist()], float(numerics.solve_replica(task, init, 0.5).mse[0])

right = sides()
theory.settle()
wrong = {}
for name, kind in BY_NAME.items():
    with theory.perturbed(Perturbation(kind, 1.5)):
        wrong[name] = sides()
again = sides()
assert all(getattr(numerics, name) is value for name, value in kept.items())
print(json.dumps([right, wrong, again]))
"""


def test_only_the_theory_is_wrong_and_only_meanwhile():
    right, wrong, again = in_a_process(SIDES)
    assert right == again
    assert all(measured == right[0] for measured, _ in wrong.values())
    assert wrong["p"][1] == pytest.approx(1.5 * right[1], rel=1e-15)
    for name in ("c_FT", "γ²", "slab", "α"):
        assert abs(wrong[name][1] / right[1] - 1) > 1e-3
    assert [wrong[name][1] for name in ("τ", "θ", "F")] == [right[1]] * 3


CACHED = """
import json
from verify import registry
from verify.run.perturbation import Perturbation, install
from verify.run.noticed import BY_NAME
from verify.run.perturbed import power
theory = install(["power_package"])
claim, module = registry.find(["power_package"], "power.near")
(check,) = claim.checks
found = power(check, theory)
import power_package.power as stated
with theory.perturbed(Perturbation(BY_NAME["p"], 1.0)):
    same = check.decide(check.subject)
print(json.dumps([len(stated.MEASURED), check.decide(check.subject).summary, same.summary]))
"""


def test_what_is_measured_is_measured_once_and_the_theory_forgotten(package, tmp_path):
    count, after, same = in_a_process(CACHED, tmp_path)
    claim, _ = registry.find((package,), "power.near")
    plain = worker.examine(claim.checks[0], claim.checks[0].subject)
    assert count == 1
    assert after == same == plain.summary


REAL = """
import json
from verify import registry
from verify.run.perturbation import Perturbation, install
from verify.run.noticed import BY_NAME
from verify.run.worker import examine
theory = install(["verify.claims"])
claim, _ = registry.find(["verify.claims"], {claim!r})
check = next(check for check in claim.checks if check.name == {check!r})
theory.settle()
with theory.perturbed(Perturbation(BY_NAME[{kind!r}], 1.0)):
    found = examine(check, check.subject)
print(json.dumps([found.holds, found.figure, found.summary]))
"""


@pytest.mark.parametrize(
    ("identifier", "name", "kind"),
    [
        ("crosscheck.rademacher-design", "large scales, closer", "p"),
        ("crosscheck.rademacher-design", "large scales, closer", "c_FT"),
        ("training.sparsity-gain-reversal", "end points", "α"),
        ("curves.reference-values", "float64 against 34 digits", "p"),
    ],
)
def test_an_error_of_nothing_is_the_ordinary_run(identifier, name, kind):
    claim, _ = registry.find((registry.DEFAULT_PACKAGE,), identifier)
    check = next(check for check in claim.checks if check.name == name)
    plain = worker.examine(check, check.subject)
    code = REAL.format(claim=identifier, check=name, kind=kind)
    assert in_a_process(code) == [True, plain.figure, plain.summary]


@pytest.mark.parametrize("k", [1.25, 0.5])
def test_c_ft_times_k_is_the_solution_with_scaled_penalties(k):
    wrong = Perturbation(BY_NAME["c_FT"], k)
    task = TaskDistribution.pretrain_finetune(0.2, 0.1, 0.5, slab="sign", pt_amplitude=0.7)
    single = TaskDistribution.single_task(0.1, slab="gaussian")
    init = Initialization(1e-2, -0.5e-2, 0.3)
    for one in (task, single):
        put_in, scaled, alpha = of_task(wrong, one, init, 0.3)
        scales = k * one.penalty_scales(init)
        assert put_in.penalty_scales(scaled) == pytest.approx(scales, rel=1e-15)
        groups = [
            (group.probability, scale, "zero" if group.slab == "zero" else law(group))
            for group, scale in zip(one.groups, one.penalty_scales(init), strict=True)
        ]
        exact = replica_fixed_point(*of_groups(wrong, groups, 0.3), digits=15)
        stated = [(share, k * scale, law) for share, scale, law in groups]
        assert exact.mse == replica_fixed_point(stated, 0.3, digits=15).mse
        found = solve_replica(put_in, scaled, alpha).mse[0]
        assert found == pytest.approx(float(exact.mse), rel=1e-11)


def law(group):
    return group.slab, group.ft_amplitude


@pytest.mark.parametrize("k", [1.3, 0.5])
def test_after_pretraining_on_data_every_scale_is_as_much_larger_too(k):
    """Teacher, c, λ, γ² and noise in other units: what is learnt, and c_FT, is k times as much."""
    stages = TwoStages(0.2, 0.1, 0.5, "sign", "gaussian", 0.1, -0.5, 0.2, 0.4, 0.01, 0.3)
    first = Pretraining(stages.alpha_pt, stages.noise_variance_pt)
    own = stages.task, stages.initialization, first, 0.3
    wrong = of_pipeline(Perturbation(BY_NAME["c_FT"], k), *own)
    times = replace(STATED.error, body=lambda alpha, scale, s: REPLICA(alpha, k * scale, s**2))
    expected_error = expected(STATED._replace(error=times), stages)
    assert float(solve_pipeline(*wrong).mse[0]) == pytest.approx(expected_error, rel=1e-10)
    ridge = Pretraining(0.4, 0.01, ridge=0.3)
    scaled = of_pipeline(Perturbation(BY_NAME["c_FT"], k), *own[:2], ridge, 0.3)
    right, larger = (solve_pipeline(*one).pretraining for one in ((*own[:2], ridge, 0.3), scaled))
    assert (larger.tau, larger.theta) == pytest.approx((k * right.tau, k * right.theta), rel=1e-10)
    more = of_pipeline(Perturbation(BY_NAME["α"], 1.1), *own)
    assert more[:3] == own[:3]
    assert more[3] == pytest.approx(0.33)


def test_a_solver_that_asks_another_is_wrong_once():
    code = """
from verify.run.noticed import BY_NAME
from verify.run.perturbation import Perturbation, install
import json
theory = install(["verify.claims"])
from numerics import Initialization, Pretraining, TaskDistribution, solve_pipeline, solve_replica
task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5)
own = Initialization(1e-3, 0.0), Pretraining(2.0), 0.3
found = []
for name in ("c_FT", "p"):
    curves = []
    for solve, given in ((solve_pipeline, own), (solve_replica, own[::2])):
        solve(task, *given)
        theory.road = solve.__name__
        with theory.perturbed(Perturbation(BY_NAME[name], 1.5)):
            curves.append(float(solve(task, *given).mse[0]))
    found.append(curves)
print(json.dumps([found, sorted(theory.called)]))
"""
    found, called = in_a_process(code)
    for by_pipeline, by_replica in found:
        assert by_pipeline == pytest.approx(by_replica, rel=1e-12)
    assert called == ["solve_pipeline", "solve_replica"]


def test_a_wrong_scale_of_fine_tuning_leaves_pretraining_as_it_was():
    code = """
from verify.run.noticed import BY_NAME
from verify.run.perturbation import Perturbation, install
import json
theory = install(["verify.claims"])
from numerics import Initialization, Pretraining, TaskDistribution, solve_pipeline
task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5)
own = task, Initialization(1e-3, 0.0), Pretraining(0.3, 0.01, ridge=0.01), 0.3
curves = [solve_pipeline(*own)]
with theory.perturbed(Perturbation(BY_NAME["c_FT"], 1.5)):
    curves.append(solve_pipeline(*own))
first = [one.pretraining for one in curves]
print(json.dumps([[float(one.mse[0]) for one in curves]]
    + [[one.tau, one.theta, one.mse] for one in first]))
"""
    errors, right, wrong = in_a_process(code)
    assert wrong == right
    assert errors[1] > 1.05 * errors[0]


def test_claims_that_are_imported_already_cannot_be_given_another_theory():
    code = "import verify.claims.curves.reference_values\nfrom verify.run.perturbation import "
    code += "install\ntry:\n  install(['verify.claims'])\nexcept RuntimeError as error:\n  "
    found = in_a_process(code + "import json; print(json.dumps(str(error)))")
    assert found.startswith("claims must not be imported before the theory, got verify.claims.")


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([True, True, True, True], (None, None)),
        ([True, None, None, False], (2, 4)),
        ([False, False, False, False], (1, 1)),
        ([True, True, None, None], (3, None)),
        ([None, None, None, None], (1, None)),
    ],
)
def test_the_smallest_size_is_found(verdicts, expected):
    assert power.smallest(lambda size: verdicts[size - 1], [1, 2, 3, 4]) == expected


def test_the_worse_direction_counts():
    both = Noticed("p", 1.0, (0.05, 0.1), (None, 0.3))
    assert (both.smallest, both.smallest_refuted, both.outcome) == (0.1, None, "10 % (undecided)")
    assert Noticed("p", 1.0, (0.05, None), (0.1, None)).outcome == "not up to 100 %"
    assert Noticed("p", 1e-3, (1e-9, 2e-9), (1e-9, 2e-9)).outcome == "2e−09 (refuted)"
    slab = {(): "not noticed", (1.0,): "undecided", (1.0, 1.0): "refuted"}
    for known, said in slab.items():
        ends = (*known, None, None)[:2]
        assert Noticed("slab", 0.0, ends[:1], ends[1:]).outcome == said
    with pytest.raises(DecodingError, match="a kind of error must be one of"):
        decode(Noticed, {"kind": "x", "largest": 1.0, "noticed": [], "refuted": []})


def test_an_entry_is_kept_and_due_once_its_claim_changes(package, tmp_path, capsys):
    outcome = tried(package, "near")
    again = power.known(outcome.check, outcome.claim, "power_package.power")
    assert again == outcome.power
    loaded = registry.load((package,))
    pairs = power.chosen(loaded, list(loaded), "quick")
    assert {claim.id for claim, _ in power.due(loaded, pairs)} == {
        "power.alone",
        "power.blind",
        "power.hangs",
        "power.raises",
        "power.wrong",
    }
    source = tmp_path / "power_package" / "power.py"
    source.write_text(f"{source.read_text()}\n# changed\n")
    changed = power.known(outcome.check, outcome.claim, "power_package.power")
    assert changed.due
    assert changed.text.endswith(DUE)
    arguments = ["power", "--claims", package, "--only", "power.near", "--changed", "--jobs", "1"]
    assert command_line.main(arguments) == 0
    assert "power.near: count" in capsys.readouterr().out
    assert command_line.main(arguments) == 0
    assert "no claim has changed" in capsys.readouterr().out
    power.prune(registry.Registry())
    assert json.loads((tmp_path / "power.json").read_text()) == {}


def test_another_record_makes_an_entry_due(package, tmp_path, monkeypatch):
    outcome = tried(package, "near")
    monkeypatch.setattr(power, "ROOT", tmp_path)
    (tmp_path / "record.csv").write_text("1")
    digests = []
    for text in ("1", "2"):
        (tmp_path / "record.csv").write_text(text)
        power._checksum.cache_clear()
        digests.append(power.digest("power_package.power", outcome.check, ("record.csv",)))
    power._checksum.cache_clear()
    assert len({*digests, outcome.power.digest}) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "no.such.claim"], "no claim has an id that matches 'no.such.claim'"),
        (["--only", "power.proved"], "a claim must have a statistical check"),
        (["--limit-factor", "0"], "limit_factor must be positive, got 0.0"),
        (["--jobs", "0"], "--jobs"),
    ],
)
def test_bad_usage_is_status_2(package, capsys, arguments, message):
    try:
        status = command_line.main(["power", "--claims", package, *arguments])
    except SystemExit as stopped:
        status = stopped.code
    assert status == 2
    assert message in " ".join(capsys.readouterr().err.split())


def test_a_false_claim_is_not_tried():
    loaded = registry.load((registry.DEFAULT_PACKAGE,), ("replica.published-error-bars",))
    with pytest.raises(ValueError, match=r"replica\.published-error-bars has none"):
        power.chosen(loaded, [loaded["replica.published-error-bars"]], "quick")


def test_a_check_that_takes_too_long_is_stopped(package):
    loaded = registry.load((package,))
    pairs = power.chosen(loaded, [loaded["power.near"]], "quick")
    (outcome,) = power.run(loaded, pairs, limit_factor=1e-9)
    assert outcome.problem.startswith("stopped after its limit of ")


def test_who_stops_a_run_keeps_what_was_found_and_leaves_nothing_running(package):
    loaded = registry.load((package,))
    pairs = power.chosen(loaded, [loaded["power.hangs"], loaded["power.blind"]], "quick")
    found = power.run(loaded, pairs, jobs=2)
    assert next(found).claim.id == "power.blind"
    started = time.monotonic()
    found.close()
    assert time.monotonic() - started < 60
    assert [claim.id for claim, _ in power.due(loaded, pairs)] == ["power.hangs"]


def test_every_statistical_check_has_an_entry_that_is_current_or_said_to_be_due():
    loaded = registry.load()
    for claim, check in power.chosen(loaded, list(loaded), "quick"):
        if check.method is not Method.STATISTICS or worker.missing_needs(check):
            continue
        found = power.known(check, claim, loaded.modules[claim.id])
        assert found.digest, f"{claim.id}: {check.name} needs `python -m verify power --changed`"
        assert found.text.endswith(DUE) is found.due


def test_the_handbook_has_the_table_of_the_ledger():
    page = (ROOT / "docs" / "power.md").read_text(encoding="utf-8")
    assert power.markdown() in page
    assert all(f"| {column} " in power.markdown() for column in COLUMNS)


def test_a_power_is_read_as_it_was_written():
    error = Noticed("c_FT", 1.0, (0.05, None), (None, None))
    found = Power((error,), ("solve_replica",), "solve_replica", ("a.csv",), "x", method="float64")
    written = json.loads(json.dumps(power.asdict(found)))
    assert decode(Power, written) == found
