"""The mutation session: what it changes, what it runs, what it counts, and how it goes on."""

import ast
import json
import time
from concurrent.futures import ThreadPoolExecutor

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


def test_seeds_and_controls_are_left_alone(project):
    path = project / "theory/arbitrary.py"
    path.write_text(
        "SEED = 41\nLIVE_SEEDS = {250: range(1000)}\n"
        "CONTROLS = (2 * x,)\nWRONG = Control('', 2 * x)\n"
        "def controls(stated):\n    return stated.but('', lambda: 3)\n"
        "CHECK = Check('', decide, CONTROLS, 1e-9, seed=43)\n",
        encoding="utf-8",
    )
    assert [m.before for m in mutants_of(project, "theory/arbitrary.py")] == ["1e-9"]


def test_every_mutant_parses_and_differs(project):
    for mutant in mutants_of(project, "theory/shape.py"):
        changed = mutant.apply(SOURCE)
        assert changed != SOURCE
        ast.parse(changed)


def test_a_mutant_of_another_text_is_refused(project):
    mutant = mutants_of(project, "theory/shape.py")[0]
    with pytest.raises(ValueError, match="not the one that the mutant was made from"):
        mutant.apply("x" * len(SOURCE))


def test_the_draw_is_spread_over_strata(project):
    strata = [["theory/shape.py"], ["theory/other.py"]]
    drawn = choose(project, strata, 6, seed=1)
    assert [m.file for m in drawn[:2]] == ["theory/shape.py", "theory/other.py"]
    assert sum(m.file == "theory/other.py" for m in drawn) == 3
    assert drawn == choose(project, strata, 6, seed=1)
    assert drawn != choose(project, strata, 6, seed=2)
    assert len(choose(project, strata, 100, seed=1)) == 10


def test_the_lowest_ranked_are_drawn(project):
    both = [["theory/other.py", "theory/shape.py"]]
    ranks = [mutant.rank(1) for mutant in choose(project, both, 5, seed=1)]
    pool = [mutant.rank(1) for file in both[0] for mutant in mutants_of(project, file)]
    assert ranks == sorted(pool)[:5]
    # A smaller draw is the beginning of a larger one, in any order of the files.
    assert choose(project, both, 3, seed=1) == choose(project, both, 5, seed=1)[:3]
    assert choose(project, [both[0][::-1]], 5, seed=1) == choose(project, both, 5, seed=1)


def test_a_change_of_one_file_leaves_the_draw_of_others(project):
    both = [["theory/other.py", "theory/shape.py"]]

    def drawn():
        return [mutant.identity for mutant in choose(project, both, 6, seed=1)]

    before = drawn()
    # The line moves, and other lines come.
    (project / "theory/other.py").write_text("\n\nfrom theory import shape\nB = 7 * 8\nA = 1 + 2\n")
    after = drawn()
    new = [name for name in after if "B = 7 * 8" in name]
    assert [name for name in after if name not in new] == before[: len(before) - len(new)]


def test_mutants_that_look_alike_are_told_apart(project):
    text = "def f(x):\n    return x + 2 + 2\n\n\ndef g(x):\n    return x + 2 + 2\n"
    (project / "theory/twice.py").write_text(text)
    found = mutants_of(project, "theory/twice.py")
    assert len(found) == 8
    assert len({mutant.key for mutant in found}) == 2
    assert len({mutant.identity for mutant in found}) == len({m.rank(1) for m in found}) == 8
    # Only the order within a function counts, not what is in another.
    (project / "theory/twice.py").write_text(text.replace("x + 2 + 2", "x", 1))
    assert {m.identity for m in mutants_of(project, "theory/twice.py")} < {
        m.identity for m in found
    }


def test_the_cheapest_comes_first(project):
    names = [command.name for command in killers.killers(project, "theory/shape.py")]
    assert names == ["tests tests/theory/test_shape.py", "tests tests/test_all.py", "its claims"]
    # Claims that lean on it through another module count.
    assert killers.claims_of(project, "theory.shape") == ["a.b", "a.not-b"]
    assert killers.claims_of(project, "verify.claims.a.b") == ["a.b", "a.not-b"]
    # Ids that are put together are patterns.
    assert killers.claims_of(project, "verify.claims.a._made") == ["a.per-*-factor", "a*per*factor"]


def test_claims_are_run_in_parts_the_closest_first(project):
    for number in range(60):
        text = f"import theory.shape\nstate('z.n{number}', 'text')\n"
        (project / f"verify/claims/a/n{number}.py").write_text(text)
    commands = killers.killers(project, "theory/shape.py")
    names = [command.name for command in commands]
    assert names[2:] == [
        "its claims",
        "claims that rest on it, from the 13th",
        "claims that rest on it, from the 49th",
    ]
    asked = [word for command in commands[2:] for word in command.arguments if word[1:2] == "."]
    assert len(asked) == len(set(asked)) == 62
    # Those that import it directly come before those that do so through another module.
    assert asked[-2:] == ["a.b", "a.not-b"]


def test_a_file_of_claims_has_its_own_claims_first(project):
    (project / "tests/verify/claims/a").mkdir(parents=True)
    (project / "tests/verify/claims/a/test_b.py").write_text("from verify.claims.a import b\n")
    found = killers.killers(project, "verify/claims/a/b.py")
    assert [command.name for command in found] == [
        "its claims",
        "tests tests/verify/claims/a/test_b.py",
    ]
    # Other parts of verify have the whole quick tier last.
    (project / "verify/run.py").write_text("A = 1\n")
    assert killers.killers(project, "verify/run.py") == [killers.VERIFY]


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


def test_tests_beside_those_of_a_module_come_after_its_claims(project):
    (project / "theory/outer.py").write_text("import theory.other\n")
    (project / "tests/theory/test_other.py").write_text("import theory.other\n")
    (project / "tests/theory/test_outer.py").write_text("import theory.outer\n")
    names = [command.name for command in killers.killers(project, "theory/other.py")]
    assert names == [
        "tests tests/theory/test_other.py",
        "its claims",
        "tests tests/theory/test_outer.py",
    ]


class Scripted(run.Session):
    """A session whose commands fail as a table says, in copies and in the unchanged project."""

    def __init__(self, tmp_path, in_copy, unchanged):
        super().__init__(1.0, None, tmp_path / "unchanged")
        self.table = {True: in_copy, False: unchanged}
        self.asked = []

    def _failures(self, folder, command):
        changed = folder.name != "unchanged"
        self.asked.append((command.name, changed))
        return frozenset(self.table[changed].get(command.name, ()))


TESTS = killers.Command("tests", ())
CLAIMS = killers.Command("claims", ("-m", "verify", "run", "--only", "a.*"))
COMMANDS = [TESTS, CLAIMS, killers.VERIFY]


def test_the_first_that_fails_kills(tmp_path):
    session = Scripted(tmp_path, {"claims": ["a.c", "a.b"], "verify": ["a.b"]}, {})
    assert session.first_to_notice(tmp_path / "copy", COMMANDS) == "claims: a.b"
    assert ("verify", True) not in session.asked


def test_what_fails_anyway_kills_nothing(tmp_path):
    session = Scripted(tmp_path, {"tests": ["fails"]}, {"tests": ["fails"]})
    assert session.first_to_notice(tmp_path / "copy", COMMANDS) is None
    assert session.first_to_notice(tmp_path / "copy", COMMANDS) is None
    # Asked once of the unchanged project, and not run again.
    assert session.asked.count(("tests", False)) == 1
    assert session.asked.count(("tests", True)) == 1


def test_a_claim_that_fails_anyway_hides_no_other(tmp_path):
    session = Scripted(tmp_path, {"claims": ["a.b"]}, {"claims": ["a.b"]})
    assert session.first_to_notice(tmp_path / "copy", COMMANDS) is None
    session.table[True] = {"claims": ["a.b", "a.c"]}
    assert session.first_to_notice(tmp_path / "copy", COMMANDS) == "claims: a.c"
    assert session.asked.count(("claims", False)) == 1


@pytest.mark.parametrize(
    ("program", "failures"),
    [
        ("write([('a.b', False), ('a.c', True)]); status(1)", ["a.b"]),
        ("write([('a.b', False)])", []),
        ("write([('a.b', True)]); status(1)", ["ends with status 1 and without a verdict"]),
        ("status(3)", ["ends with status 3 and without a verdict"]),
        ("open(record, 'w').write('[]'); status(1)", ["ends with status 1 and without a verdict"]),
    ],
)
def test_claims_that_fail_are_read_from_the_record(monkeypatch, tmp_path, program, failures):
    prelude = (
        "import json, sys; record, status = sys.argv[-1], sys.exit\n"
        "write = lambda claims: open(record, 'w').write(json.dumps({'claims': "
        "[{'id': name, 'acceptable': fine} for name, fine in claims]}))\n"
    )
    monkeypatch.setattr(killers, "_DECIDE", ("-c", prelude + program))
    command = killers.Command("claims", killers._DECIDE)
    folder = tmp_path / "copy"
    folder.mkdir()
    folder.with_suffix(".json").write_text("that of an earlier mutant")
    session = run.Session(60.0, None, tmp_path)
    assert session._failures(folder, command) == frozenset(failures)


SLEEP = killers.Command("sleep", ("-c", "import time; time.sleep(60)"))


def test_a_command_without_end_kills_and_is_ended(tmp_path):
    (tmp_path / "copy").mkdir()
    session = run.Session(0.2, None, tmp_path)
    assert session._failures(tmp_path / "copy", SLEEP) == {"no end within 0.2 s"}
    assert not session.running


def test_what_is_interrupted_has_no_outcome(tmp_path):
    session = run.Session(60.0, None, tmp_path)
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(session._failures, tmp_path, SLEEP)
        while not session.running:
            time.sleep(0.01)
        session.stop()
        with pytest.raises(run.StoppedError):
            done.result(timeout=30)


def test_an_interrupted_session_keeps_what_it_has(monkeypatch, tmp_path, capsys):
    tried = []

    def notice(self, copy, commands):
        tried.append(copy)
        if len(tried) > 2:
            self.stop()
            raise run.StoppedError
        return "tests"

    monkeypatch.setattr(run.Session, "first_to_notice", notice)
    monkeypatch.setattr(run, "_copy_project", lambda copy: _copy_one(copy))
    kept = tmp_path / "kept.json"
    arguments = ["--count", "9", "--jobs", "1", "--resume", str(kept), "theory/positivity.py"]
    assert run.main(arguments) == 0
    assert "7 of 9 were not tried: the session ended before" in capsys.readouterr().out
    assert len(tried) == 3
    assert len(json.loads(kept.read_text())["mutants"]) == 2


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
    # Again: all are known, and a larger draw holds the smaller one.
    assert run.main(arguments) == 1
    assert len(tried) == 4
    assert run.main([*arguments, "--count", "6"]) == 1
    assert len(tried) == 6
    # What could notice them has changed: the survivors are tried once more.
    monkeypatch.setattr(run, "NOTICING", ["mutation/mutants.py"])
    assert run.main(arguments) == 1
    assert len(tried) == 8
    # With an excuse a survivor is none, and need not be tried again for that.
    survivors = [o["key"] for o in json.loads(kept.read_text())["mutants"] if not o["killed_by"]]
    monkeypatch.setattr(run, "_excuses", lambda: dict.fromkeys(survivors, "no effect"))
    monkeypatch.setattr(run, "NOTICING", ["mutation/run.py"])
    assert run.main(arguments) == 0
    assert len(tried) == 8


def test_outcomes_of_a_changed_file_are_not_used(monkeypatch, tmp_path):
    tried = []
    monkeypatch.setattr(
        run.Session, "first_to_notice", lambda self, copy, _: tried.append(copy) or "tests"
    )
    monkeypatch.setattr(run, "_copy_project", lambda copy: _copy_one(copy))
    kept = tmp_path / "kept.json"
    arguments = ["--count", "2", "--jobs", "1", "--resume", str(kept), "theory/positivity.py"]
    assert run.main(arguments) == 0
    content = json.loads(kept.read_text())
    content["mutants"][0]["source"] = "another file's"
    kept.write_text(json.dumps(content))
    assert run.main(arguments) == 0
    assert len(tried) == 3


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
