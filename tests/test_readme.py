"""What the README says is there, is there; what it shows is tried by `tests.test_docs`."""

import re

from tests.documents import ROOT, sessions
from verify import registry

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_two_commands_come_first():
    commands = re.findall(r"^\$ (.*)$", README, flags=re.MULTILINE)
    assert commands[:2] == ["python3 -m pip install nox && nox -s verify", "nox -s tests"]


def test_every_session_is_named():
    table = README.split("## Other sessions")[1].split("##")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, flags=re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named | {"verify", "tests"} == set(sessions())


def test_every_claim_named_exists():
    claims = registry.load().claims
    named = re.findall(r"python -m verify show ([\w.-]+)(?! *--claims)\b", README)
    assert "regimes.lorder-bounds" in named
    assert all(name in claims for name in named if not name.startswith("my."))


def test_every_topic_is_in_the_table():
    topics = {name.partition(".")[0] for name in registry.load().claims}
    assert topics == set(re.findall(r"^\| `([\w-]+)\.\*`", README, flags=re.MULTILINE))


def test_every_file_named_exists():
    named = re.findall(r"\]\(([\w./-]+)\)|`((?:verify|theory|numerics)/[\w./-]*\w\.py)`", README)
    assert named
    assert all((ROOT / (link or path)).exists() for link, path in named)


def test_a_statement_takes_ten_lines():
    block = README.split("# my_claims.py\n")[1].split("```")[0]
    assert len(block.splitlines()) <= 10
