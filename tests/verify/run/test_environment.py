"""What a record says of the machine and the command that made it."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from importlib import metadata

import pytest

from verify.run import environment
from verify.run.environment import describe, revision


@pytest.mark.parametrize(
    ("tier", "only", "packages", "options"),
    [
        ("quick", (), (), ""),
        ("full", (), (), " --tier full"),
        ("quick", ("a.*", "b.c"), (), " --only 'a.*' --only b.c"),
        ("full", ("a.*",), (), " --tier full --only 'a.*'"),
        ("quick", ("it's",), ("mine", "more"), " --claims mine --claims more --only 'it'\"'\"'s'"),
    ],
)
def test_the_command_that_repeats_the_run(tier, only, packages, options):
    found = describe(tier=tier, only=only, packages=packages or ("verify.claims",))
    assert found["command"] == "python -m verify run" + options
    assert (found["tier"], found["only"]) == (tier, list(only))
    assert json.loads(json.dumps(found)) == found


def test_date_and_versions():
    found = describe(tier="quick", only=())
    age = datetime.now(UTC) - datetime.fromisoformat(found["date"])
    assert timedelta(0) <= age < timedelta(minutes=5)
    assert found["packages"]["sympy"] == metadata.version("sympy")
    assert found["packages"]["numpy"] == metadata.version("numpy")


def test_a_package_that_is_not_here_is_left_out(monkeypatch):
    monkeypatch.setattr(environment, "_PACKAGES", ("numpy", "no-such-package-here"))
    assert list(describe(tier="quick", only=())["packages"]) == ["numpy"]


def test_the_revision_is_that_of_the_folder_with_the_packages(monkeypatch):
    asked = []
    monkeypatch.setattr(environment, "_git", lambda root, *rest: asked.append(root) or "")
    revision()
    assert {(root / "verify" / "run").is_dir() for root in asked} == {True}


@pytest.mark.parametrize(
    ("changed", "shown"), [("", "abc123"), (" M file.py", "abc123 with local changes")]
)
def test_a_revision_is_marked_if_the_tree_differs(monkeypatch, changed, shown):
    answers = {"rev-parse": "abc123", "status": changed}
    monkeypatch.setattr(environment, "_git", lambda root, command, *rest: answers[command])
    assert revision() == shown


@pytest.mark.parametrize(
    "error",
    [
        FileNotFoundError("git"),
        subprocess.CalledProcessError(128, "git"),
        subprocess.TimeoutExpired("git", 10),
    ],
)
def test_outside_git_the_revision_is_unknown(monkeypatch, error):
    def fails(*arguments):
        raise error

    monkeypatch.setattr(environment, "_git", fails)
    assert revision() == "unknown"
