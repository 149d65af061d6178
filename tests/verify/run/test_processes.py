"""Worker processes: their surroundings, how their end is noticed and described."""

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

from verify.run import preload, processes

ROOT = Path(__file__).resolve().parents[3]

SETTINGS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "PYTHONHASHSEED")


def waits(seconds):
    os.setsid()
    time.sleep(seconds)


def started(seconds):
    process = multiprocessing.get_context("spawn").Process(target=waits, args=(seconds,))
    process.start()
    return process


def test_workers_have_one_thread_and_a_fixed_hash_seed(monkeypatch):
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    with processes.worker_environment():
        assert [os.environ[name] for name in SETTINGS] == ["1", "3", "1", "0"]
    assert [os.environ.get(name) for name in SETTINGS] == [None, "3", None, None]


def test_the_environment_is_restored_after_an_error(monkeypatch):
    monkeypatch.delenv("PYTHONHASHSEED", raising=False)
    with pytest.raises(ZeroDivisionError), processes.worker_environment():
        raise ZeroDivisionError
    assert "PYTHONHASHSEED" not in os.environ


STATED = """
from verify.claim import Check, Control, Evidence, Method
from verify.registry import state
def claim(name, *needs):
    control = Control("false", False)
    decide = lambda holds: Evidence(holds, "", 0.0)
    check = Check("c", Method.FLOAT64, decide, True, control, 1.0, "a sum", needs=needs)
    state(name, "A title (a source).\\n\\nA sentence.", (check,), latex="1 = 1")
"""


def preloaded(folder, expression, **selection):
    """Return what the expression is in a server that has loaded the claims of the package."""
    selection = {"packages": ["stated"], "only": [], "tier": "quick", **selection}
    code = f"import os, sys, verify.run.preload; from verify import registry; print({expression})"
    environment = os.environ | {
        "PYTHONPATH": f"{folder}:{ROOT}",
        preload.SELECTION: json.dumps(selection | {"runner": os.getpid()}),
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
    one, two = ('"this", "colorsys", "no_such_module"', '"cmd", "colorsys", "no_such_module"')
    (package / "one.py").write_text(STATED + f'claim("one.a", {one})')
    (package / "two.py").write_text(STATED + f'claim("two.a", {two})')
    (package / "half.py").write_text(STATED + 'claim("half.a")\n1 / 0')
    return tmp_path


def test_the_server_loads_claims_and_what_several_of_them_need(stated):
    needed = "[name for name in ('colorsys', 'cmd', 'this') if name in sys.modules]"
    assert preloaded(stated, needed) == "['colorsys']"
    assert preloaded(stated, needed, only=["two.*"]) == "[]"
    assert preloaded(stated, "sorted(registry._REGISTRY.claims)") == "['one.a', 'two.a']"


def test_the_server_lives_whatever_it_is_to_load(stated):
    for selection in ({"packages": ["no_such"]}, {"only": ["no.such"]}):
        assert preloaded(stated, "'alive'", **selection) == "alive"
    (stated / "stated/__init__.py").write_text("raise SystemExit(3)")
    assert preloaded(stated, "'alive'") == "alive"


def test_workers_do_not_inherit_what_the_server_was_to_load(stated):
    assert preloaded(stated, f"{preload.SELECTION!r} in os.environ") == "False"


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for a process by its descriptor")
def test_a_server_whose_import_hangs_ends_with_its_runner(stated):
    (stated / "stated/hangs.py").write_text("import time; time.sleep(600)")
    code = (
        "import os; from multiprocessing import forkserver; from verify.run import processes\n"
        "processes.start_server(['stated'], [], 'quick')\n"
        "print(forkserver._forkserver._forkserver_pid, flush=True)\n"
        "input()"
    )
    runner = subprocess.Popen(
        [sys.executable, "-c", code],
        **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True},
        env=os.environ | {"PYTHONPATH": f"{stated}:{ROOT}"},
    )
    end = os.pidfd_open(int(runner.stdout.readline()))
    assert select.select([end], [], [], 3.0)[0] == []
    runner.kill()
    assert select.select([end], [], [], 30.0)[0] == [end]
    os.close(end)
    runner.communicate()


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
