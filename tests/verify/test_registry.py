"""The register: clashes, dangling names and circles are fatal; selection is by id and tier."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.verify import sample_claims
from verify import registry
from verify.__main__ import main
from verify.claim import Check, Control, Method
from verify.registry import Registry, RegistryError
from verify.run import runner
from verify.run.record import RunRecord

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = "tests.verify.sample_claims"
PROVED = registry.load((SAMPLES,))["good.proved"]


def variant(**changes):
    return replace(PROVED, **changes)


def test_duplicate_ids_are_fatal():
    register = Registry()
    register.add(PROVED, "one")
    with pytest.raises(RegistryError, match=r"good\.proved is registered by one and by two"):
        register.add(PROVED, "two")
    with pytest.raises(RegistryError, match="registered"):
        registry.register(PROVED)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"requires": ("no.such",)}, r"unknown claims \['no\.such'\]"),
        ({"twin": "no.such"}, "unknown claims"),
        ({"requires": ("good.proved",)}, "circle"),
    ],
)
def test_references_are_validated(changes, message):
    register = Registry()
    register.add(variant(**changes), "one")
    with pytest.raises(RegistryError, match=message):
        register.validate()


def test_a_refuted_claim_and_its_twin_differ_in_verdict():
    register = Registry()
    first = variant(id="a.a", twin="b.b")
    register.add(first, "one")
    register.add(variant(id="b.b", twin="a.a"), "one")
    with pytest.raises(RegistryError, match="agree in verdict"):
        register.validate()


def test_load_takes_the_claims_of_the_named_modules_only():
    samples = registry.load((SAMPLES,))
    assert set(samples.modules.values()) == {sample_claims.__name__}
    assert not set(samples.claims) & set(registry.load().claims)


def test_a_module_that_cannot_be_imported_is_named():
    with pytest.raises(RegistryError, match=r"no\.such\.module"):
        registry.load(("no.such.module",))


GOOD = """
from tests.verify.sample_claims import equals_four
from verify.claim import Check, Claim, Control, Method
from verify.registry import register

def claim(identifier, requires=()):
    check = Check("count", Method.SYMBOLIC, equals_four, 4, Control("five", 5))
    register(Claim(identifier, "t", "s", "x", "here", (check,), requires=requires))

"""


@pytest.fixture
def half_broken(tmp_path, monkeypatch):
    """A package of claims with one good module, one that needs the broken one, and that one."""
    folder = tmp_path / "half_broken"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "sound_one.py").write_text(GOOD + 'claim("sound.one")')
    (folder / "sound_two.py").write_text(GOOD + 'claim("sound.two", ("cracked.one",))')
    (folder / "cracked_one.py").write_text(GOOD + 'claim("cracked.one")\n1 / 0\n')
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "half_broken"
    for module in ("sound_one", "sound_two", "cracked_one"):
        registry._REGISTRY.drop(f"half_broken.{module}")
    for name in [name for name in sys.modules if name.partition(".")[0] == "half_broken"]:
        del sys.modules[name]


def test_a_broken_module_leaves_the_others_their_verdicts(half_broken):
    for _ in range(2):
        loaded = registry.load((half_broken,))
        assert sorted(loaded.claims) == ["sound.one", "sound.two"]
        (reason,) = loaded.broken.values()
        assert reason == "ZeroDivisionError: division by zero (cracked_one.py:11)"
    assert loaded.lines["sound.one"] == 8
    record = runner.run(runner.Options(packages=(half_broken,), jobs=2))
    assert [(claim.id, claim.verdict.value) for claim in record.claims] == [
        ("sound.one", "PROVED"),
        ("sound.two", "BLOCKED"),
        ("unreadable.cracked_one", "INCONCLUSIVE"),
    ]
    assert not record.succeeded
    assert "requires cracked.one, which no readable module states" in record.claims[1].reason
    assert "could not be imported: ZeroDivisionError" in record.claims[2].reason


def test_a_broken_module_leaves_workers_to_the_others_from_the_command_line(half_broken, tmp_path):
    # In a process of its own: the server that forks workers is made once, and knows this path.
    done = subprocess.run(
        [sys.executable, "-m", "verify", "run", "--claims", half_broken, "--json", "record.json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    claims = RunRecord.read(tmp_path / "record.json").claims
    assert {claim.id: claim.verdict.value for claim in claims} == {
        "sound.one": "PROVED",
        "sound.two": "BLOCKED",
        "unreadable.cracked_one": "INCONCLUSIVE",
    }


def test_a_broken_module_spoils_only_the_selection_that_it_is_part_of(half_broken, capsys):
    sound = runner.Options(packages=(half_broken,), only=("sound.one",))
    assert runner.run(sound).succeeded
    cracked = runner.Options(packages=(half_broken,), only=("cracked.*",))
    assert [claim.id for claim in runner.run(cracked).claims] == ["unreadable.cracked_one"]
    assert main(["list", "--claims", half_broken]) == 1
    assert "half_broken.cracked_one cannot be imported: Zero" in capsys.readouterr().out
    assert main(["show", "--claims", half_broken, "cracked.one"]) == 2
    assert "cannot be imported: Zero" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("x = (", "SyntaxError: '(' was never closed (cracked_one.py, line 1)"),
        ("raise SystemExit(3)", "SystemExit: 3 (cracked_one.py:1)"),
        (
            GOOD + "claim('Upper.Case')",
            "ValueError: claim id must read topic.statement in lower case, got 'Upper.Case' "
            "(cracked_one.py:8)",
        ),
        ("class Odd(BaseException): pass\nraise Odd('x')", "Odd: x (cracked_one.py:2)"),
        ("raise ValueError('\\x1b[31m')", "ValueError: \ufffd[31m (cracked_one.py:1)"),
    ],
)
def test_whatever_a_module_raises_is_reported_in_a_line(half_broken, tmp_path, source, said):
    (tmp_path / half_broken / "cracked_one.py").write_text(source)
    loaded = registry.load((half_broken,))
    assert loaded.broken == {f"{half_broken}.cracked_one": said}
    assert len(loaded) == 2
    with pytest.raises(RegistryError) as refused:
        registry.load((f"{half_broken}.cracked_one",))
    assert str(refused.value) == f"cannot import the claims of {half_broken}.cracked_one: {said}"


def test_the_id_of_a_broken_module_in_a_record_selects_it(half_broken):
    loaded = registry.load((half_broken,))
    assert registry.select_broken(loaded, ["unreadable.cracked_one"]) == ["half_broken.cracked_one"]
    assert registry.select_broken(loaded, ["unreadable.sound_one"]) == []


def test_an_interrupted_import_is_named(half_broken, tmp_path, capsys):
    (tmp_path / half_broken / "cracked_one.py").write_text("raise KeyboardInterrupt")
    assert main(["list", "--claims", half_broken]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert said == (
        "verify: interrupted while half_broken.cracked_one was being imported; "
        "no record was written"
    )


def test_a_module_that_registers_nothing_is_distinguished_from_a_tier_without_checks():
    with pytest.raises(ValueError, match="no claim is registered"):
        registry.select(Registry(), [], "quick")
    full = registry.load((SAMPLES,))
    with pytest.raises(ValueError, match="no claim that matches has a check in the quick tier"):
        registry.select(full, ["good.full"], "quick")


def test_a_file_in_place_of_its_module(half_broken, capsys):
    assert main(["list", "--claims", f"{half_broken}.py"]) == 1
    assert "name the module, without .py" in " ".join(capsys.readouterr().err.split())


def test_select_by_pattern_and_tier():
    samples = registry.load((SAMPLES,))
    assert [c.id for c in registry.select(samples, ["good.p*"], "quick")] == ["good.proved"]
    quick = {c.id for c in registry.select(samples, [], "quick")}
    full = {c.id for c in registry.select(samples, [], "full")}
    assert full - quick == {"good.full"}
    with pytest.raises(ValueError, match="'typo'"):
        registry.select(samples, ["good.*", "typo"], "quick")


# --- Topics: a claim's path is its id ------------------------------------------------------------


@pytest.fixture
def wings(tmp_path, monkeypatch):
    """A package with two topics; one claim requires another, one stands in its twin's file."""
    files = {
        "__init__": "",
        "left/__init__": "",
        "left/_shared": "import does_not_exist_and_must_not_be_imported",
        "left/base": GOOD + 'claim("left.base")',
        "left/one_wing": GOOD + 'claim("left.one-wing", ("left.base",))\nclaim("left.its-twin")',
        "left/cracked": "1 / 0",
        "right/__init__": "",
        "right/deep/__init__": "",
        "right/deep/far": GOOD + 'claim("right.far", ("left.one-wing",))',
    }
    for name, source in files.items():
        path = tmp_path / "wings" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "wings"
    for name in [name for name in sys.modules if name.partition(".")[0] == "wings"]:
        registry._REGISTRY.drop(name)
        del sys.modules[name]


def imported():
    """Names of the modules below the package of topics that have been imported."""
    return {name for name in sys.modules if name.startswith("wings.") and name.count(".") > 1}


def test_every_topic_is_searched_to_any_depth(wings):
    loaded = registry.load((wings,))
    assert list(loaded.claims) == ["left.base", "left.its-twin", "left.one-wing", "right.far"]
    assert loaded.broken == {
        "wings.left.cracked": "ZeroDivisionError: division by zero (cracked.py:1)"
    }
    assert loaded.modules["right.far"] == "wings.right.deep.far"


@pytest.mark.parametrize(
    ("pattern", "claims", "modules"),
    [
        ("left.base", ["left.base"], {"left.base"}),
        ("left.one-wing", ["left.base", "left.one-wing"], {"left.base", "left.one_wing"}),
        (
            "left.its-twin",
            ["left.its-twin"],
            {"left.base", "left.one_wing"},
        ),
        ("left.*", ["left.base", "left.its-twin", "left.one-wing"], {"left.base", "left.one_wing"}),
        (
            "right.far",
            ["left.base", "left.one-wing", "right.far"],
            {"left.base", "left.one_wing", "right.deep", "right.deep.far"},
        ),
    ],
)
def test_only_what_can_state_the_claim_and_what_it_requires_is_imported(
    wings, pattern, claims, modules
):
    assert list(registry.load((wings,), (pattern,)).claims) == claims
    assert imported() == {f"wings.{module}" for module in modules}


def test_a_pattern_finds_all_of_its_topic_whatever_was_imported_before(wings):
    registry.load((wings,), ("left.base",))
    assert list(registry.load((wings,), ("left.*",)).claims) == [
        "left.base",
        "left.its-twin",
        "left.one-wing",
    ]


def test_a_claim_is_found_where_it_is_registered_and_imported_where_it_is_not(wings, monkeypatch):
    claim, module = registry.find((wings,), "left.base")
    assert (claim.id, module) == ("left.base", "wings.left.base")
    assert imported() == {"wings.left.base"}
    with pytest.raises(KeyError):
        registry.find((wings,), "left.no-such")
    monkeypatch.setattr(registry, "load", lambda *_: pytest.fail("it is registered"))
    assert registry.find((wings,), "left.base") == (claim, module)


def test_the_claims_of_a_run_are_what_its_pattern_matches(wings):
    record = runner.run(runner.Options(packages=(wings,), only=("right.far",), jobs=1))
    assert [(claim.id, claim.verdict.value) for claim in record.claims] == [("right.far", "PROVED")]


def test_a_claim_in_the_folder_of_another_topic_is_refused(wings, tmp_path):
    (tmp_path / "wings/right/stray.py").write_text(GOOD + 'claim("left.stray")')
    with pytest.raises(RegistryError, match=r"left\.stray must not stand in the folder right"):
        registry.load((wings,))


def test_modules_beside_the_folder_of_a_topic_are_searched_for_it(wings, tmp_path):
    (tmp_path / "wings/flat.py").write_text(GOOD + 'claim("left.flat")')
    assert "left.flat" in registry.load((wings,), ("left.*",))


def test_an_unknown_id_is_named(wings):
    for pattern in ("nosuch.x", "left.nosuch", "no*.x"):
        said = re.escape(f"no claim has an id that matches {pattern!r}")
        with pytest.raises(ValueError, match=said):
            runner.run(runner.Options(packages=(wings,), only=(pattern,)))


@pytest.mark.parametrize(
    "pattern", ["left.cracked", "left.*", "left_cracked", "unreadable.left_cracked"]
)
def test_a_broken_module_of_a_topic_is_selected_by_its_path(wings, pattern):
    loaded = registry.load((wings,))
    assert registry.select_broken(loaded, [pattern]) == ["wings.left.cracked"]
    assert registry.select_broken(loaded, ["right.*"]) == []
    assert loaded.unreadable("wings.left.cracked") == "unreadable.left_cracked"


def test_the_path_of_every_claim_is_its_id():
    """Or that of its true twin; claims that differ in one word share a file without that word."""
    loaded = registry.load()
    lost = []
    for claim in loaded:
        topic, _, statement = claim.id.partition(".")
        folder, _, file = loaded.modules[claim.id].removeprefix("verify.claims.").partition(".")
        words = iter(statement.split("-"))
        shared = all(word in words for word in file.split("_"))
        beside = claim.twin is not None and loaded.modules[claim.twin] == loaded.modules[claim.id]
        if folder != topic.replace("-", "_") or not (shared or beside):
            lost.append((claim.id, loaded.modules[claim.id]))
    assert not lost


# --- A statement that is written once ------------------------------------------------------------

TEXT = """Two and two (Section 1, eq. (2)).

    Two and two
    are four.

    This is for the reader of the code.
    """
CHECK = Check("count", Method.SYMBOLIC, sample_claims.equals_four, 4, Control("five", 5))


class Printed(int):
    """A number that prints itself as the statement."""

    def latex(self):
        return f"2 + 2 = {self:d}"


@pytest.fixture
def forget():
    """Take back what a test registers."""
    before = set(registry._REGISTRY.claims)
    yield
    for identifier in set(registry._REGISTRY.claims) - before:
        for held in (
            registry._REGISTRY.claims,
            registry._REGISTRY.modules,
            registry._REGISTRY.lines,
        ):
            del held[identifier]


def test_title_source_and_sentence_are_those_of_the_text(forget):
    claim = registry.state("a.sum", TEXT, (CHECK,), latex="2 + 2 = 4")
    assert (claim.title, claim.source) == ("Two and two", "Section 1, eq. (2)")
    assert (claim.sentence, claim.latex) == ("Two and two are four.", "2 + 2 = 4")


def test_what_is_not_decided_is_kept(forget):
    claim = registry.state("a.sum", TEXT, (CHECK,), latex="4", not_decided=("for three",))
    assert claim.not_decided == ("for three",)
    assert registry.state("a.other", TEXT, (CHECK,), latex="4").not_decided == ()


def test_the_formula_is_what_the_subject_prints(forget):
    assert registry.state("a.sum", TEXT, (replace(CHECK, subject=Printed(4)),)).latex == "2 + 2 = 4"
    changed = registry.state("a.other", TEXT, (CHECK, replace(CHECK, name="b", subject=Printed(5))))
    assert changed.latex == "2 + 2 = 5"


@pytest.mark.parametrize(
    "text", ["", "Two and two.\n\nAre four.", "Two (Section 1).", "Two (Section 1)\n\nAre four."]
)
def test_a_text_of_another_form_is_refused(text):
    with pytest.raises(ValueError, match=r"text of claim a\.sum must read “Title \(source\)\.”"):
        registry.state("a.sum", text, (CHECK,), latex="x")


def test_the_formula_is_that_of_the_strongest_check(forget):
    numbers = replace(
        CHECK, name="b", method=Method.FLOAT64, tolerance=1.0, reason="one", subject=Printed(5)
    )
    claim = registry.state("a.sum", TEXT, (numbers, replace(CHECK, subject=Printed(4))))
    assert claim.latex == "2 + 2 = 4"
    with pytest.raises(ValueError, match=r"subject of its strongest checks .* got neither"):
        registry.state("a.other", TEXT, (numbers, CHECK))


def test_without_docstrings_the_reason_is_named():
    with pytest.raises(ValueError, match="python -OO leaves docstrings out"):
        registry.state("a.sum", None, (CHECK,), latex="x")


def test_a_formula_is_printed_or_given_by_hand_not_both():
    with pytest.raises(ValueError, match="got neither"):
        registry.state("a.sum", TEXT, (CHECK,))
    with pytest.raises(ValueError, match="got both"):
        registry.state("a.sum", TEXT, (replace(CHECK, subject=Printed(4)),), latex="x")
