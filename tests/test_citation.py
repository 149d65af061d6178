"""CITATION.cff, changelog and package name the same version."""

import re
import tomllib

from tests.documents import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _field(name: str) -> str:
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    (found,) = re.findall(rf"^{name}: (.+)$", text, flags=re.M)
    return found.strip('"')


def test_the_citation_names_this_version():
    assert _field("version") == PROJECT["version"].removesuffix(".dev0")
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", _field("date-released"))
    assert _field("license") == PROJECT["license"]
    assert _field("cff-version") == "1.2.0"


def test_the_changelog_knows_this_version():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[(.+?)\] - (.+)$", text, flags=re.M)
    released = [version for version, date in headings if date != "unreleased"]
    assert released[0] == PROJECT["version"]
    assert len(headings) - len(released) <= 1
