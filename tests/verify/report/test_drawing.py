"""Figures drawn beside a run: whatever happens to them, the run goes on."""

import sys
import time

import pytest

from verify.report import drawing as module
from verify.report.drawing import drawing


@pytest.fixture
def command(monkeypatch, tmp_path):
    """Replace what draws by a script; return a list that the process will be in."""
    started = []

    def replace(script):
        path = tmp_path / "script.py"
        path.write_text(script)
        start = module.subprocess.Popen

        def popen(arguments, **options):
            assert arguments[1:4] == ["-m", "verify.figures.page", "--out"]
            started.append(start([sys.executable, str(path)], **options))
            return started[-1]

        monkeypatch.setattr(module.subprocess, "Popen", popen)
        return started

    return replace


def test_success_has_nothing_to_tell(command, tmp_path):
    command("print('drawn')")
    with drawing(tmp_path) as finish:
        assert finish() == ""


def test_failure_tells_its_last_line(command, tmp_path):
    command("import os\nos.write(1, b'\\xff')\nraise ValueError('no data')")
    with drawing(tmp_path) as finish:
        assert finish() == "ValueError: no data"


def test_a_silent_failure_tells_its_status(command, tmp_path):
    command("raise SystemExit(3)")
    with drawing(tmp_path) as finish:
        assert finish() == "ended with status 3"


def test_what_takes_too_long_is_ended(command, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    processes = command("import time\ntime.sleep(600)")
    started = time.monotonic()
    with drawing(tmp_path) as finish:
        assert finish() == "stopped 0.2 s after the last check"
    assert processes[0].returncode < 0
    assert time.monotonic() - started < 60


def test_an_interrupted_run_leaves_no_drawing_behind(command, tmp_path):
    processes = command("import time\ntime.sleep(600)")
    with pytest.raises(KeyboardInterrupt), drawing(tmp_path):
        raise KeyboardInterrupt
    assert processes[0].returncode < 0
