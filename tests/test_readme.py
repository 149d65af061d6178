"""What the README shows is what happens."""

import doctest
import re
from pathlib import Path

import pytest

from verify import registry
from verify.__main__ import main

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
NOXFILE = (ROOT / "noxfile.py").read_text(encoding="utf-8")


def test_python_examples_print_what_they_say():
    results = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert results.attempted > 3
    assert results.failed == 0


def test_the_two_commands_come_first():
    commands = re.findall(r"^\$ (.*)$", README, flags=re.MULTILINE)
    assert commands[:2] == ["python3 -m pip install nox && nox -s verify", "nox -s tests"]


def test_every_session_named_exists():
    sessions = set(re.findall(r"^def (\w+)\(session", NOXFILE, flags=re.MULTILINE))
    table = README.split("## Other sessions")[1].split("##")[0]
    named = set(
        re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)))
    )
    assert named
    assert named <= sessions


def test_every_claim_named_exists():
    claims = registry.load().claims
    named = re.findall(r"python -m verify show ([\w.-]+)", README)
    assert named
    assert all(name in claims for name in named)
    topics = {name.partition(".")[0] for name in claims}
    assert topics == set(re.findall(r"^\| `([\w-]+)\.\*`", README, flags=re.MULTILINE))


def test_every_file_named_exists():
    named = re.findall(r"\]\(([\w./-]+)\)|`((?:verify|theory|numerics)/[\w./-]*\w\.py)`", README)
    assert named
    assert all((ROOT / (link or path)).exists() for link, path in named)


@pytest.mark.parametrize(
    "command", re.findall(r"^    python -m verify (list|show [^ ]+)", README, re.M)
)
def test_commands_of_verify_run(capsys, command):
    assert main(command.split()) == 0
    assert capsys.readouterr().out
