"""The handbook's table of what is proved once only is true of the claims that it names."""

import re
from pathlib import Path

import pytest

from verify import registry
from verify.claim import Method, Verdict
from verify.run.worker import run_check

PAGE = Path(__file__).parents[3] / "docs/second-prover.md"
NAMED = re.findall(r"^\| `([a-z.-]+)` \|", PAGE.read_text(encoding="utf-8"), flags=re.M)


def test_the_table_names_claims_that_are_to_be_proved():
    claims = registry.load()
    assert NAMED
    assert {claims[identifier].expected for identifier in NAMED} == {Verdict.PROVED}


@pytest.mark.parametrize("identifier", [name for name in NAMED if name.startswith("network.")])
def test_what_is_named_is_proved_once_only(identifier):
    claim = registry.load(only=(identifier,))[identifier]
    checks = [check for check in claim.checks_in("quick") if check.method is Method.SYMBOLIC]
    assert not all(run_check(check).proved_twice for check in checks)
