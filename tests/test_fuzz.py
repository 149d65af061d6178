"""The fuzz session itself: it counts, it covers, and it notices what is broken."""

import subprocess
import sys

import numpy as np
import pytest

from fuzz import __main__ as session
from fuzz.strategies import attempt, damaged, floats_of


def test_a_shallow_session_counts_its_examples(capfd):
    assert session.main(["--depth", "0", "--jobs", "1", "tasks"]) == 0
    output = capfd.readouterr().out
    assert "tasks" in output
    assert int(output.split()[1]) >= 6 * 3
    assert "nothing failed" in output


def test_every_public_function_of_the_numbers_is_covered():
    process = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "fuzz/test_complete.py"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout


def test_modules_that_do_not_exist_are_refused(capsys):
    assert session.main(["nothing"]) == 2
    assert "no module nothing; there are" in capsys.readouterr().err


@pytest.mark.parametrize("options", [["--depth", "-1"], ["--jobs", "0"], ["--seed", "x"]])
def test_bad_options_are_refused(options, capsys):
    with pytest.raises(SystemExit):
        session.main(options)
    assert "error: argument" in capsys.readouterr().err


def test_an_attempt_lets_only_the_documented_errors_pass():
    def refuse(error):
        raise error

    assert attempt(refuse, ValueError("x must be positive")) is None
    with pytest.raises(TypeError):
        attempt(refuse, TypeError("unexpected"))
    with pytest.raises(AssertionError, match="must say what it wants"):
        attempt(refuse, ValueError())
    with pytest.raises(RuntimeWarning):
        attempt(lambda: np.float64(1e308) * 10.0)


def test_damage_cuts_and_changes():
    assert damaged(b"abcdef", (1.0, [])) == b"abcdef"
    assert damaged(b"abcdef", (0.5, [(0.0, 65)])) == b"Abc"
    assert damaged(b"", (1.0, [(0.5, 1)])) == b""


def test_only_finite_real_numbers_count_as_valid():
    assert floats_of((1.0, np.ones(3)))[0].shape == (3,)
    for bad in (1j, "1", None, np.nan, [[1.0], [1.0, 2.0]]):
        assert floats_of((1.0, bad)) is None
    assert floats_of((np.ones(2), np.ones(3))) is None
