"""A check that needs a limit refuses a statement without one, in words and not by accident."""

import pytest

from verify import registry
from verify.methods.near_misses import parts_of
from verify.methods.relations import Limit


def without_a_limit(statement):
    """Yield the statement without each of its limits in turn, and where that was."""
    for name, (part, put) in (parts_of(statement) or {}).items():
        if isinstance(part, Limit):
            yield name, put(None)
        else:
            for place, changed in without_a_limit(part):
                yield f"{name}.{place}", put(changed)


CASES = [
    pytest.param(check, changed, id=f"{claim.id}, {check.name}: {place}")
    for claim in registry.load()
    for check in claim.checks_in("quick")
    for place, changed in without_a_limit(check.subject)
]


def test_there_are_statements_with_limits():
    assert len(CASES) > 20


@pytest.mark.parametrize(("check", "changed"), CASES)
def test_a_limit_that_is_not_stated_is_asked_for(check, changed):
    for module in check.needs:
        pytest.importorskip(module)
    with pytest.raises(ValueError, match=r"a limit of .* must be stated, got None"):
        check.decide(changed)
