"""Near misses are put to a check; one that it accepts without a reason makes it toothless."""

import json
import sys
import time
from dataclasses import replace

import pytest

from verify import __main__ as command_line
from verify import registry
from verify.claim import Control, Verdict
from verify.run import falsify, ledger, runner, worker

CLAIMS = '''"""Claims whose checks see one number, both, or one that may be larger."""
from typing import NamedTuple

import sympy as sp

from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import prove_all
from verify.registry import register


class Pair(NamedTuple):
    two: object = 2
    three: object = 3


def first(pair):
    return Evidence(pair.two == 2, "the first is 2")


def careless(pair):
    return Evidence({2: True}[pair.two] and pair.three == 3, "the first is 2")


def both(pair):
    return prove_all(steps(pair))


def steps(pair):
    yield "the first is 2", pair.two == 2
    yield "the second is 3", pair.three == 3


def at_most(pair):
    return Evidence(bool(pair.two == 2 and pair.three >= 3), "the second is at least 3")


def claim(name, decide, **more):
    control = more.pop("control", Control("the first is 1", Pair(1)))
    subject = more.pop("subject", Pair())
    check = Check("count", Method.SYMBOLIC, decide, subject, control)
    register(Claim(f"near.{name}", "Title", "Sentence.", "x", "Section 0", (check,), **more))


claim("blind", first)
claim("sharp", both)
claim("careless", careless)
claim("generous", at_most)
TRUE = Control("true", Pair(), must_hold=True)
claim("false", both, subject=Pair(1), control=TRUE, twin="near.sharp")
'''
REASONS = """[["near.generous"]]
edit = "three: 3 × 101/100"
because = "a weaker bound"

[["near.generous"]]
check = "count"
edit = ["three: 3 + *", "three: 3 → 4"]
because = "a weaker bound"
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of claims with its reasons, importable."""
    folder = tmp_path / "near_package"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "near.py").write_text(CLAIMS)
    (folder / "near_misses.toml").write_text(REASONS)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(ledger, "PATH", tmp_path / "ledger.json")
    ledger._read.cache_clear()
    falsify._read.cache_clear()
    yield "near_package"
    registry.forget("near_package.near")
    for name in ("near_package", "near_package.near"):
        sys.modules.pop(name, None)
    ledger._read.cache_clear()
    falsify._read.cache_clear()


def tried(package, name, extent="all"):
    claim = registry.load((package,))[f"near.{name}"]
    module = f"{package}.near"
    return falsify.try_out(claim.checks[0], claim, module, extent, worker.examine)


def test_every_near_miss_of_a_sharp_check_is_refuted(package):
    found = tried(package, "sharp")
    assert found.made == found.tried == found.refuted == 14
    assert found.accepted == found.idle == ()
    assert found.nearest == pytest.approx(0.01 / 3)


def test_a_field_that_no_step_reads_is_seen(package):
    found = tried(package, "blind")
    assert len(found.accepted) == 7
    assert all(name.startswith("three: ") for name in found.accepted)
    claim = registry.load((package,))["near.blind"]
    result = worker.run_check(claim.checks[0])
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "reads no three" in result.summary


def test_an_error_other_than_a_value_error_is_not_a_refusal(package):
    found = tried(package, "careless")
    assert (found.refuted, found.refused, len(found.accepted)) == (7, 0, 7)
    assert found.accepted[0] == "two: 2 × 101/100 (raised KeyError: 101/50)"


def test_a_value_error_is_a_refusal(package):
    claim = registry.load((package,))["near.sharp"]

    def refuse(check, subject):
        raise ValueError("the first must be 2")

    found = falsify.try_out(claim.checks[0], claim, f"{package}.near", "all", refuse)
    assert (found.refused, found.accepted) == (14, ())


def test_of_each_field_one_is_tried_that_no_reason_covers(package):
    claim = registry.load((package,))["near.generous"]
    (check,) = claim.checks
    made, known = falsify.misses(check, claim), falsify.reasons(f"{package}.near", claim.id)
    open_ones = {m.name for m in made if not any(r.covers(check, m) for r in known)}
    for seed in range(20):
        renamed = replace(claim, id=f"near.generous-{seed}")  # another draw
        found = falsify.chosen(made, check, renamed, "fields", known)
        assert {m.place for m in found if m.name in open_ones} == {"two", "three"}


def test_each_field_of_a_changed_statement_is_tried(package, monkeypatch):
    monkeypatch.setattr(falsify, "SHARE", 0.0)
    claim = registry.load((package,))["near.sharp"]
    check, module = claim.checks[0], f"{package}.near"
    assert ledger.extent("drawn", ledger.current(check, claim, module)) == "fields"
    found = [miss.place for miss in falsify.misses(check, claim, "fields")]
    assert found == ["two", "three"]
    options = runner.Options(packages=(package,), only=(claim.id,), near_misses="all", jobs=1)
    ledger.update(runner.run(options))
    known = ledger.current(check, claim, module)
    assert (ledger.extent("drawn", known), ledger.extent("none", None)) == ("drawn", "none")


def test_the_code_of_a_claim_is_what_it_imports_of_claims_and_the_theory():
    names = {path.name for path in falsify.sources("verify.claims.implicit_bias.minimiser")}
    assert {"minimiser.py", "kkt.py", "_symbols.py", "network.py", "implicit_bias.py"} <= names
    assert not names & {"identity.py", "flow.py"}


def test_the_record_says_which_step_read_which_field(package):
    claim = registry.load((package,))["near.sharp"]
    result = worker.run_check(claim.checks[0])
    assert result.verdict is Verdict.PROVED
    assert [result.reads_of(0), result.reads_of(1)] == [("two",), ("three",)]
    alike = replace(result, reads=(("two",), ("two",)))
    assert [alike.reads_of(0), alike.reads_of(1)] == [("two",), ()]
    many = replace(result, reads=(("two",), (*(f"three.{i}" for i in range(12)), "two")))
    assert many.reads_of(1) == ("three (12 fields)", "two")


def test_reasons_explain_and_those_not_needed_are_named(package, tmp_path):
    found = tried(package, "generous")
    assert (found.accepted, found.explained, found.idle) == ((), 3, ())
    with (tmp_path / "near_package" / "near_misses.toml").open("a") as file:
        file.write('[["near.generous"]]\nedit = "two: *"\nbecause = "false"\n')
    falsify._read.cache_clear()
    assert tried(package, "generous").idle == ("two: *",)


def test_reasons_of_another_form_are_refused(package, tmp_path):
    (tmp_path / "near_package" / "near_misses.toml").write_text('[["near.sharp"]]\nwhy = "1"\n')
    falsify._read.cache_clear()
    with pytest.raises(ValueError, match=r"near_misses\.toml must be tables"):
        tried(package, "sharp")


def test_a_reason_for_everything_is_refused(package, tmp_path):
    path = tmp_path / "near_package" / "near_misses.toml"
    path.write_text('[["near.sharp"]]\nedit = "*"\nbecause = "true"\n')
    falsify._read.cache_clear()
    with pytest.raises(ValueError, match="must say for which near misses"):
        tried(package, "sharp")


def test_reasons_stand_beside_a_module_that_is_in_no_package(tmp_path, monkeypatch):
    (tmp_path / "alone.py").write_text(CLAIMS.replace("near.", "alone."))
    (tmp_path / "near_misses.toml").write_text(REASONS.replace("near.", "alone."))
    monkeypatch.syspath_prepend(str(tmp_path))
    try:
        claim = registry.load(("alone",))["alone.generous"]
        assert (
            falsify.try_out(claim.checks[0], claim, "alone", "all", worker.examine).explained == 3
        )
    finally:
        registry.forget("alone")
        sys.modules.pop("alone", None)


def test_another_reason_is_another_ledger_entry(package, tmp_path):
    claim = registry.load((package,))["near.generous"]
    before = falsify.digest([], f"{package}.near", claim.id)
    (tmp_path / "near_package" / "near_misses.toml").write_text(REASONS.replace("weaker", "wider"))
    falsify._read.cache_clear()
    assert falsify.digest([], f"{package}.near", claim.id) != before


def test_of_a_false_statement_the_true_one_is_varied(package):
    assert tried(package, "false").refuted == 14


def test_the_draw_is_the_same_for_everybody_and_part_of_the_whole(package, monkeypatch):
    monkeypatch.setattr(falsify, "SHARE", 0.5)
    one = tried(package, "sharp", "drawn")
    assert one == tried(package, "sharp", "drawn")
    assert one.made == 14
    assert 2 <= one.tried <= 12
    claim = registry.load((package,))["near.sharp"]
    drawn = [{m.name for m in falsify.misses(claim.checks[0], claim, "drawn")}]
    monkeypatch.setattr(falsify, "SHARE", 0.8)
    drawn.append({m.name for m in falsify.misses(claim.checks[0], claim, "drawn")})
    assert drawn[0] < drawn[1]
    assert tried(package, "sharp", "none") is None


def test_an_accepted_near_miss_makes_a_check_toothless(package):
    claim = registry.load((package,))["near.generous"]
    falsify._read.cache_clear()
    check = claim.checks[0]
    found = falsify.NearMisses(made=3, tried=3, refuted=2, accepted=("three: 3 × 101/100",))
    result = worker.run_check(check, lambda: found)
    assert (result.verdict, result.toothless) == (Verdict.INCONCLUSIVE, True)
    assert "three: 3 × 101/100" in result.summary
    assert "ACCEPTED" in found.text


def test_a_refuted_statement_may_have_the_truth_beside_it(package):
    claim = registry.load((package,))["near.sharp"]
    check = claim.checks[0]
    pair = type(check.subject)
    turned = replace(check, subject=pair(2, 4), control=Control("wrong", pair(1, 3)))
    accepted = falsify.NearMisses(made=3, tried=3, refuted=2, accepted=("three: 4 → 3",))
    result = worker.run_check(turned, lambda: accepted)
    assert (result.verdict, result.toothless) == (Verdict.REFUTED, False)


def test_a_decision_without_end_is_not_accepted(package, monkeypatch):
    monkeypatch.setattr(falsify, "SECONDS", 0.05)
    claim = registry.load((package,))["near.sharp"]

    def hang(check, subject):
        while True:
            time.sleep(0.01)

    found = falsify.try_out(claim.checks[0], claim, f"{package}.near", "all", hang)
    assert (found.undecided, found.accepted) == (14, ())


def test_the_command_reports_and_keeps_the_counts(package, tmp_path, capsys):
    arguments = ["falsify", "--claims", package, "--jobs", "1"]
    status = command_line.main([*arguments, "--only", "near.sharp", "--update"])
    assert status == command_line.SUCCESS
    kept = json.loads((tmp_path / "ledger.json").read_text())
    assert kept["near.sharp"]["count"]["refuted"] == 14
    capsys.readouterr()
    status = command_line.main([*arguments, "--changed"])
    out = capsys.readouterr().out
    assert status == command_line.FAILURE
    assert "near.blind" in out
    assert "near.sharp: count" not in out


def test_what_all_near_misses_became_is_shown_until_the_claim_changes(package, tmp_path):
    loaded = registry.load((package,))
    assert set(ledger.changed(loaded, "quick")) == {claim.id for claim in loaded}
    options = runner.Options(packages=(package,), only=("near.sharp",), near_misses="all", jobs=1)
    ledger.update(runner.run(options))
    claim = loaded["near.sharp"]
    found = ledger.current(claim.checks[0], claim, f"{package}.near")
    assert found.refuted == 14
    assert "near.sharp" not in ledger.changed(loaded, "quick")
    with (tmp_path / "near_package" / "near.py").open("a") as file:
        file.write("# another line\n")
    assert ledger.current(claim.checks[0], claim, f"{package}.near") is None
