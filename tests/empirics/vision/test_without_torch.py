"""Without torch the command line explains itself, and protocols can still be read."""

import subprocess
import sys

HIDE = "import sys; sys.modules['torch'] = None; "


def python(program):
    return subprocess.run(
        [sys.executable, "-c", HIDE + program], capture_output=True, text=True, check=False
    )


def test_a_command_names_what_it_needs():
    process = python("from empirics.vision.__main__ import main; sys.exit(main(['factors']))")
    assert process.returncode == 1
    assert process.stderr.startswith("error: this command needs torch, which is not installed")
    assert "Traceback" not in process.stderr


def test_bad_usage_is_reported_first():
    process = python("from empirics.vision.__main__ import main; main(['run', '--study', 'none'])")
    assert process.returncode == 2
    assert "invalid choice: 'none'" in process.stderr


def test_another_missing_module_is_not_hidden():
    program = (
        "import empirics.vision.__main__ as line\n"
        "def broken(options): import no_such_module\n"
        "line.factors = broken\n"
        "line.main(['factors'])"
    )
    process = python(program)
    assert process.returncode == 1
    assert "ModuleNotFoundError: No module named 'no_such_module'" in process.stderr
