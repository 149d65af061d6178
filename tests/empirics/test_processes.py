"""Worker processes: their number, their environment, and how they ended."""

import argparse
import os
import signal

import pytest

from empirics.processes import ONE_THREAD, environment_defaults, exit_text, positive_int


def test_a_number_of_processes_is_positive():
    assert positive_int("3") == 3
    with pytest.raises(argparse.ArgumentTypeError, match="must be at least 1, got 0"):
        positive_int("0")
    with pytest.raises(ValueError, match="two"):
        positive_int("two")


def test_defaults_leave_what_is_set_and_are_removed(monkeypatch):
    for name in ONE_THREAD:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    with environment_defaults(ONE_THREAD):
        assert [os.environ[name] for name in ONE_THREAD] == ["3", "1", "1"]
    assert [os.environ.get(name) for name in ONE_THREAD] == ["3", None, None]
    with pytest.raises(ZeroDivisionError), environment_defaults(ONE_THREAD):
        raise ZeroDivisionError
    assert [os.environ.get(name) for name in ONE_THREAD] == ["3", None, None]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (None, "still running"),
        (0, "exit status 0"),
        (3, "exit status 3"),
        (-signal.SIGSEGV, "killed by SIGSEGV"),
        (-signal.SIGTERM, "killed by SIGTERM"),
        (-1000, "killed by signal 1000"),
    ],
)
def test_how_a_process_ended(code, text):
    assert exit_text(code) == text
