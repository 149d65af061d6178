"""Worker processes: their surroundings, how their end is noticed and described."""

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


def test_what_can_be_imported_is_imported_once_for_all_workers():
    code = (
        "import sys, verify.run.preload\n"
        "assert 'verify.claims.network.flow' in sys.modules\n"
        "assert 'tests.verify.broken_at_import' not in sys.modules\n"
    )
    names = "no_such_module tests.verify.broken_at_import verify.claims.network.flow"
    environment = os.environ | {preload.MODULES: names}
    subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, check=True, timeout=60)


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
