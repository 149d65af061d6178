"""A check that needs a limit refuses a statement without one, in words and not by accident."""

from functools import partial

import pytest

from verify import registry
from verify.methods.near_misses import parts_of
from verify.methods.relations import Limit


def without_a_limit(statement):
    """Yield for each of its limits where it is, and what makes the statement without it."""
    for name, (part, put) in (parts_of(statement) or {}).items():
        if isinstance(part, Limit):
            yield name, partial(put, None)
        else:
            for place, make in without_a_limit(part):
                yield f"{name}.{place}", lambda put=put, make=make: put(make())


CASES = [
    pytest.param(check, make, id=f"{claim.id}, {check.name}: {place}")
    for claim in registry.load()
    for check in claim.checks_in("quick")
    for place, make in without_a_limit(check.subject)
]


def test_there_are_statements_with_limits():
    assert len(CASES) > 20


@pytest.mark.parametrize(("check", "make"), CASES)
def test_a_limit_that_is_not_stated_is_asked_for(check, make):
    for module in check.needs:
        pytest.importorskip(module)
    with pytest.raises(ValueError, match=r"a limit of .* must be stated, got None"):
        check.decide(make())
