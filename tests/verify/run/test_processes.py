"""Worker processes: their surroundings, how their end is noticed and described."""

import contextlib
import json
import multiprocessing
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from verify.run import preload, processes, runner

ROOT = Path(__file__).resolve().parents[3]

SETTINGS = (
    *("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"),
    *("PYTHONHASHSEED", "SYMPY_GROUND_TYPES"),
)


def waits(seconds):
    os.setsid()
    time.sleep(seconds)


def started(seconds):
    process = multiprocessing.get_context("spawn").Process(target=waits, args=(seconds,))
    process.start()
    return process


def test_workers_have_one_thread_a_fixed_hash_seed_and_sympy_numbers_of_its_own(monkeypatch):
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    with processes.worker_environment():
        assert [os.environ[name] for name in SETTINGS] == ["1", "3", "1", "0", "python"]
    assert [os.environ.get(name) for name in SETTINGS] == [None, "3", None, None, None]


def test_the_environment_is_restored_after_an_error(monkeypatch):
    monkeypatch.delenv("PYTHONHASHSEED", raising=False)
    with pytest.raises(ZeroDivisionError), processes.worker_environment():
        raise ZeroDivisionError
    assert "PYTHONHASHSEED" not in os.environ


STATED = """
from verify.claim import Check, Control, Evidence, Method
from verify.registry import state
def claim(name, *needs, **how):
    control = Control("false", False)
    decide = lambda holds: Evidence(holds, "", 0.0)
    check = Check("c", Method.FLOAT64, decide, True, control, 1.0, "a sum", needs=needs, **how)
    state(name, "A title (a source).\\n\\nA sentence.", (check,), latex="1 = 1")
"""


def preloaded(folder, expression, **selection):
    """Return what the expression is in a server that has loaded the claims of the package."""
    selection = {"packages": ["stated"], "only": [], "tier": "quick", **selection}
    code = f"import os, sys, verify.run.preload; from verify import registry; print({expression})"
    environment = os.environ | {
        "PYTHONPATH": f"{folder}:{ROOT}",
        processes.PRELOAD: json.dumps(selection | {"runner": os.getpid()}),
    }
    ended = subprocess.run(
        [sys.executable, "-c", code], env=environment, text=True, capture_output=True, timeout=60
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout.strip()


@pytest.fixture
def stated(tmp_path):
    package = tmp_path / "stated"
    package.mkdir()
    (package / "__init__.py").touch()
    (tmp_path / "breaks.py").write_text("raise RuntimeError")
    needs = '"colorsys", "no_such_module", "breaks", "chunk"'
    (package / "one.py").write_text(STATED + f'claim("one.a", "this", {needs})')
    (package / "two.py").write_text(STATED + f'claim("two.a", "cmd", {needs})')
    (package / "full.py").write_text(STATED + 'claim("full.a", "this", tier="full")')
    (package / "half.py").write_text(STATED + 'claim("half.a")\n1 / 0')
    return tmp_path


def test_the_server_loads_claims_and_what_several_of_them_need(stated):
    needed = "[name for name in ('colorsys', 'cmd', 'this', 'chunk') if name in sys.modules]"
    assert preloaded(stated, needed) == "['colorsys', 'chunk']"
    assert preloaded(stated, needed, only=["two.*"]) == "[]"
    assert preloaded(stated, needed, tier="full").splitlines()[-1] == (
        "['colorsys', 'this', 'chunk']"
    )
    loaded = preloaded(stated, "sorted(registry._REGISTRY.claims)")
    assert loaded == "['full.a', 'one.a', 'two.a']"
    assert preloaded(stated, "__import__('gc').get_freeze_count() > 0") == "True"


def test_the_server_makes_shared_derivations_for_a_run_of_many_checks(stated):
    (stated / "stated/three.py").write_text(
        "from theory.shared import shared\n"
        + STATED
        + "fails = shared(lambda: 1 / 0)\n"
        + 'derived = shared(lambda: print("made", end="; "))\n'
        + f'for number in range({preload.MANY}): claim(f"three.a{{number}}")'
    )
    again = "__import__('stated.three').three.derived()"
    assert preloaded(stated, again) == "made; None"
    # For a few checks, each makes what it needs.
    assert preloaded(stated, "'begins'", only=["three.a1"]) == "begins"


def test_a_shared_derivation_that_hangs_does_no_harm(stated):
    for other in ("one", "two", "full", "half"):
        (stated / f"stated/{other}.py").unlink()
    (stated / "stated/three.py").write_text(
        "import sys, time\n"
        "from theory.shared import shared\n"
        + STATED
        + "hangs = shared(lambda: time.sleep(100))\n"
        + 'if server := sys.modules.get("verify.run.preload"): server.LONGEST = 6\n'
        + f'for number in range({preload.MANY}): claim(f"three.a{{number}}", limit=5.0)'
    )
    command = [sys.executable, "-m", "verify", "run", "--claims", "stated"]
    paths = {"PYTHONPATH": f"{stated}:{ROOT}"}
    ended = subprocess.run(
        command, env=os.environ | paths, text=True, capture_output=True, timeout=90
    )
    assert ended.returncode == 0
    assert f"{preload.MANY} CONFIRMED" in ended.stdout
    assert "Timeout" in ended.stderr  # and where


@pytest.mark.parametrize("error", ["SystemExit(3)", "KeyboardInterrupt", "BaseException"])
def test_the_server_lives_whatever_it_is_to_load(stated, error):
    for selection in ({"packages": ["no_such"]}, {"only": ["no.such"]}, {"tier": "no"}):
        assert preloaded(stated, "'alive'", **selection) == "alive"
    (stated / "stated/__init__.py").write_text(f"raise {error}")
    assert preloaded(stated, "'alive'") == "alive"


def test_what_a_claim_module_does_to_signals_is_left_as_it_is(stated):
    (stated / "stated/one.py").write_text("import signal; signal.signal(signal.SIGALRM, print)")
    shown = "__import__('signal').getsignal(14) is print"
    assert preloaded(stated, shown) == "True"


def test_workers_do_not_inherit_what_the_server_was_to_load(stated):
    assert preloaded(stated, f"{processes.PRELOAD!r} in os.environ") == "False"


SURROUNDINGS = """
import os, signal
from sympy.external.gmpy import GROUND_TYPES
with open(os.environ["IMPORTED"], "a") as file:
    print(os.getpid(), file=file)
def decide(name):
    found = {
        "threads": os.environ.get("OMP_NUM_THREADS") == "1",
        "hashes": os.environ.get("PYTHONHASHSEED") == "0" and hash("a") == int(os.environ["HASH"]),
        "variable": "VERIFY_PRELOAD" not in os.environ,
        "interrupts": signal.getsignal(signal.SIGINT) is signal.default_int_handler,
        "numbers": GROUND_TYPES == "python",
    }
    return Evidence(found.get(name, False), str(found), 0.0)
for name in ("threads", "hashes", "variable", "interrupts", "numbers"):
    checks = (Check("c", Method.FLOAT64, decide, name, Control("false", "no"), 1.0, "a sum"),)
    state(f"one.{name}", "A title (a source).\\n\\nA sentence.", checks, latex="1 = 1")
"""


def test_workers_are_forked_with_the_claims_loaded_and_in_a_fixed_environment(stated):
    (stated / "stated/one.py").write_text(STATED + SURROUNDINGS)
    for other in ("two", "full", "half"):
        (stated / f"stated/{other}.py").unlink()
    fixed = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    of_a = [sys.executable, "-c", "print(hash('a'))"]
    hashed = subprocess.check_output(of_a, env=fixed | {"PYTHONHASHSEED": "0"}, text=True).strip()
    imported = stated / "imported"
    fixed |= {"PYTHONPATH": f"{stated}:{ROOT}", "HASH": hashed, "IMPORTED": str(imported)}
    # A value that somebody else has given the variable is of no consequence.
    fixed |= {processes.PRELOAD: "not JSON"}
    command = [sys.executable, "-m", "verify", "run", "--claims", "stated"]
    ended = subprocess.run(command, env=fixed, text=True, capture_output=True, timeout=120)
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout
    assert len(imported.read_text().split()) == 2  # by the runner and by the server


@pytest.mark.parametrize("early", [True, False])
def test_the_server_starts_before_the_claims_are_loaded_where_it_may(monkeypatch, early):
    events = []
    monkeypatch.setattr(processes, "EARLY", early)
    monkeypatch.setattr(processes, "start_server", lambda *of: events.append(of))
    loads = runner.registry.load
    monkeypatch.setattr(runner.registry, "load", lambda *of: events.append("load") or loads(*of))
    chosen = (("tests.verify.sample_claims",), ("good.proved",), "quick")
    options = runner.Options(packages=chosen[0], only=chosen[1])
    monkeypatch.setattr(runner.registry, "select", lambda *_: pytest.fail("that was all"))
    with pytest.raises(pytest.fail.Exception):
        runner.run(options)
    assert events == [*([chosen] if early else []), "load", chosen]


def test_a_server_that_cannot_be_started_is_left_to_the_checks(monkeypatch):
    def refused():
        raise OSError("no more processes")

    monkeypatch.setattr("multiprocessing.forkserver.ensure_running", refused)
    processes.start_server(("verify.claims",), (), "quick")
    assert processes.PRELOAD not in os.environ


HANGS = [
    "import time; time.sleep(600)",
    "import itertools; max(itertools.repeat(1))",
    "import signal, time; signal.signal(signal.SIGALRM, signal.SIG_IGN); time.sleep(600)",
]


@pytest.mark.skipif(not processes.EARLY, reason="there the server starts after the imports")
@pytest.mark.parametrize("hangs", HANGS)
def test_a_server_whose_import_hangs_ends_with_its_runner(stated, hangs):
    (stated / "stated/hangs.py").write_text(hangs)
    code = (
        "from multiprocessing import forkserver; from verify.run import processes\n"
        "processes.start_server(['stated'], [], 'quick')\n"
        "print(forkserver._forkserver._forkserver_pid, flush=True)\n"
        "input()"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", code],
        **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True},
        env=os.environ | {"PYTHONPATH": f"{stated}:{ROOT}"},
    )
    server = int(starter.stdout.readline())
    end = os.pidfd_open(server)
    try:
        assert select.select([end], [], [], 3.0)[0] == []
        starter.kill()
        assert select.select([end], [], [], 30.0)[0] == [end]
    finally:
        starter.kill()
        with contextlib.suppress(ProcessLookupError):
            os.kill(server, signal.SIGKILL)
        os.close(end)
        starter.communicate()


def test_an_end_is_noticed_and_described():
    process = started(600)
    end = processes.end_of(process)
    assert select.select([end], [], [], 0.1)[0] == []
    assert process.exitcode is None
    processes.kill(process)
    assert select.select([end], [], [], 30)[0] == [end]
    process.join(30)
    assert process.exitcode == -signal.SIGKILL
    processes.kill(process)  # once more, of one that is gone


def test_a_process_that_never_began_needs_no_end():
    processes.kill(multiprocessing.get_context("spawn").Process(target=waits, args=(1,)))


@pytest.mark.parametrize("length", [0, 10, 4_000, 7_999, 8_000, 50_000])
def test_both_ends_of_long_output_are_kept(tmp_path, length):
    path = tmp_path / "output.txt"
    path.write_bytes(b"first" + b"." * length + b"last")
    kept = processes.printed(path)
    assert kept.startswith("first")
    assert kept.endswith("last")
    assert len(kept) <= 8_050
    left_out = length + 9 - 8_000
    assert (f"[{left_out} bytes left out]" in kept) == (left_out > 0)
    if left_out <= 0:
        assert len(kept) == length + 9


def test_what_is_not_printable_is_replaced(tmp_path):
    path = tmp_path / "output.txt"
    path.write_bytes(b"one\ttwo\n\x1b[31m\x00\xff\xc3\xa9")
    assert processes.printed(path) == "one\ttwo\n\ufffd[31m\ufffd\ufffd\u00e9"
    assert processes.printed(tmp_path / "missing.txt") == ""
