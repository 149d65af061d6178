"""Figures drawn beside a run: whatever happens to them, the run goes on."""

import sys
import time

import pytest

from verify.report import drawing as module
from verify.report.drawing import Drawing


@pytest.fixture
def command(monkeypatch, tmp_path):
    """Replace what draws by a script."""

    def replace(script):
        path = tmp_path / "script.py"
        path.write_text(script)
        start = module.subprocess.Popen

        def popen(arguments, **options):
            assert arguments[1:4] == ["-m", "verify.figures.page", "--out"]
            return start([sys.executable, str(path)], **options)

        monkeypatch.setattr(module.subprocess, "Popen", popen)

    return replace


def test_success_has_nothing_to_tell(command, tmp_path):
    command("print('drawn')")
    with Drawing(tmp_path) as drawing:
        assert drawing.finish() == ""


def test_failure_tells_its_last_line(command, tmp_path):
    command("import os\nos.write(1, b'\\xff')\nraise ValueError('no data')")
    with Drawing(tmp_path) as drawing:
        assert drawing.finish() == "ValueError: no data"


def test_a_silent_failure_tells_its_status(command, tmp_path):
    command("raise SystemExit(3)")
    with Drawing(tmp_path) as drawing:
        assert drawing.finish() == "ended with status 3"


def test_what_takes_too_long_is_ended(command, tmp_path):
    command("import time\ntime.sleep(600)")
    started = time.monotonic()
    with Drawing(tmp_path) as drawing:
        assert drawing.finish(patience=0.2) == "stopped 0.2 s after the last check"
        process = drawing._process
    assert process.returncode < 0
    assert time.monotonic() - started < 60


def test_an_interrupted_run_leaves_no_drawing_behind(command, tmp_path):
    command("import time\ntime.sleep(600)")
    drawing = Drawing(tmp_path)
    with pytest.raises(KeyboardInterrupt), drawing:
        raise KeyboardInterrupt
    assert drawing._process.returncode < 0


def test_finish_outside_of_the_context_is_refused(tmp_path):
    with pytest.raises(RuntimeError, match="within the context"):
        Drawing(tmp_path).finish()
