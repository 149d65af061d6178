"""The mutation session: what it changes, what it runs, what it counts, and how it goes on."""

import ast
import json

import pytest

from mutation import killers, run
from mutation.mutants import choose, mutants_of

SOURCE = '''"""Docstring with 1 + 1."""

SIZE: int = 3


def area(x: float, scale: float = 2.0) -> float:
    """Return x * scale."""
    if x < 0:
        raise ValueError(f"x must be >= {0}, got {x + 1}")
    return math.sinh(x) * scale - draw(figsize=(1, 2))
'''


@pytest.fixture
def project(tmp_path):
    for name in ("theory", "verify/claims/a", "tests/theory"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "theory/shape.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "theory/other.py").write_text("from theory import shape\nA = 1 + 2\n")
    (tmp_path / "tests/theory/test_shape.py").write_text("import theory.shape\n")
    (tmp_path / "tests/test_all.py").write_text("from theory.shape import area\n")
    claims = {
        "b": "from theory import other\nstate('a.b', 'text')\nstate('a.not-b', 'text')\n",
        "per_factor": "from verify.claims.a._made import make\nmake('one')\n",
        "_made": "def make(one):\n    state(f'a.per-{one}-factor', 'text')\n",
        "__init__": "",
    }
    for name, source in claims.items():
        (tmp_path / f"verify/claims/a/{name}.py").write_text(source)
    return tmp_path


def test_what_is_changed(project):
    found = {(m.before, m.after) for m in mutants_of(project, "theory/shape.py")}
    assert found == {
        ("3", "4"), ("2.0", "3.0"), ("<", ">="), ("0", "1"), ("*", "/"), ("-", "+"),
        ("sinh", "cosh"),
    }  # fmt: skip


def test_every_mutant_parses_and_differs(project):
    for mutant in mutants_of(project, "theory/shape.py"):
        changed = mutant.apply(SOURCE)
        assert changed != SOURCE
        ast.parse(changed)


def test_a_mutant_of_another_text_is_refused(project):
    mutant = mutants_of(project, "theory/shape.py")[0]
    with pytest.raises(ValueError, match="not the one that the mutant was made from"):
        mutant.apply("x" * len(SOURCE))


def test_the_draw_is_spread_over_strata_and_files(project):
    strata = [["theory/shape.py"], ["theory/other.py"]]
    drawn = choose(project, strata, 6, seed=1)
    assert [m.file for m in drawn[:2]] == ["theory/shape.py", "theory/other.py"]
    assert sum(m.file == "theory/other.py" for m in drawn) == 3
    assert drawn == choose(project, strata, 6, seed=1)
    assert drawn != choose(project, strata, 6, seed=2)
    assert len(choose(project, strata, 100, seed=1)) == 10


def test_the_cheapest_comes_first(project):
    names = [command.name for command in killers.killers(project, "theory/shape.py")]
    assert names == ["tests tests/theory/test_shape.py", "tests tests/test_all.py", "its claims"]
    # Claims that lean on it through another module count.
    assert killers.claims_of(project, "theory.shape") == ["a.b", "a.not-b"]
    assert killers.claims_of(project, "verify.claims.a.b") == ["a.b", "a.not-b"]
    # Ids that are put together are patterns.
    assert killers.claims_of(project, "verify.claims.a._made") == ["a.per-*-factor", "a*per*factor"]


def test_modules_without_tests_get_the_closest_that_reach_them(project):
    (project / "theory/inner.py").write_text("A = 1\n")
    (project / "theory/outer.py").write_text("import theory.inner\n")
    (project / "tests/test_far.py").write_text("import theory.outer, theory.other\n")
    (project / "tests/theory/test_outer.py").write_text("import theory.outer\n")
    names = [command.name for command in killers.killers(project, "theory/inner.py")]
    assert names == ["tests tests/theory/test_outer.py", "tests tests/test_far.py"]
    # What nothing reaches has its claims.
    names = [command.name for command in killers.killers(project, "theory/other.py")]
    assert names == ["tests tests/test_far.py", "its claims"]


class Scripted(run.Session):
    """A session whose commands fail as a table says, in copies and in the unchanged project."""

    def __init__(self, tmp_path, in_copy, unchanged):
        super().__init__(1.0, None, tmp_path / "unchanged")
        self.table = {True: in_copy, False: unchanged}
        self.asked = []

    def _failure(self, folder, command):
        changed = folder.name != "unchanged"
        self.asked.append((command.name, changed))
        return command.name if command.name in self.table[changed] else None


COMMANDS = [killers.Command(name, ()) for name in ("tests", "claims", "all")]


def test_the_first_that_fails_kills(tmp_path):
    session = Scripted(tmp_path, {"claims", "all"}, set())
    assert session.first_to_notice(tmp_path / "copy", COMMANDS) == "claims"
    assert ("all", True) not in session.asked


def test_what_fails_anyway_kills_nothing(tmp_path):
    session = Scripted(tmp_path, {"tests"}, {"tests"})
    assert session.first_to_notice(tmp_path / "copy", COMMANDS) is None
    assert session.first_to_notice(tmp_path / "copy", COMMANDS) is None
    # Asked once of the unchanged project, and not run again.
    assert session.asked.count(("tests", False)) == 1
    assert session.asked.count(("tests", True)) == 1


def test_a_session_counts_and_goes_on(monkeypatch, tmp_path, capsys):
    """On this project, with commands that cost nothing: what starts with "-" is noticed."""
    tried = []

    def notice(self, copy, commands):
        tried.append(copy.name)
        return "tests" if len(tried) % 2 else None

    monkeypatch.setattr(run.Session, "first_to_notice", notice)
    monkeypatch.setattr(run, "COPIED", ["theory/positivity.py"])
    monkeypatch.setattr(run, "_copy_project", lambda copy: _copy_one(copy))
    kept = tmp_path / "kept.json"
    arguments = ["--count", "4", "--jobs", "1", "--resume", str(kept), "theory/positivity.py"]
    assert run.main(arguments) == 1
    output = capsys.readouterr().out
    assert "2 of 4 mutants killed (50.0%); 0 equivalent; 2 survived" in output
    assert output.count("survivor: theory/positivity.py | ") == 2
    assert len(json.loads(kept.read_text())["mutants"]) == 4
    # Again: the killed are known, the survivors are tried once more.
    assert run.main(arguments) == 1
    assert len(tried) == 6


def _copy_one(copy):
    (copy / "theory").mkdir(parents=True)
    source = run.ROOT / "theory/positivity.py"
    (copy / "theory/positivity.py").write_text(source.read_text(encoding="utf-8"), encoding="utf-8")


def test_bad_usage_is_reported(tmp_path, capsys):
    assert run.main(["nothing/*.py"]) == 2
    assert "no file matches" in capsys.readouterr().err
    for options in (["--count", "0"], ["--jobs", "x"], ["--minutes", "-1"]):
        with pytest.raises(SystemExit):
            run.main(options)
    damaged = tmp_path / "kept.json"
    damaged.write_text('{"mutants": [{}]}')
    with pytest.raises(SystemExit, match="holds no outcomes"):
        run.main(["--count", "1", "--resume", str(damaged), "theory/positivity.py"])


def test_excuses_name_mutants_that_exist():
    """Each reason in `equivalent.json` belongs to a change that can still be drawn."""
    excuses = json.loads((run.ROOT / "mutation/equivalent.json").read_text(encoding="utf-8"))
    files = {key.partition(" | ")[0] for key in excuses}
    known = {mutant.key for file in files for mutant in mutants_of(run.ROOT, file)}
    assert set(excuses) <= known
