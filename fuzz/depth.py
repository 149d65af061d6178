"""How many examples each test draws, and how many it drew."""

from __future__ import annotations

import functools
import os
from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, settings

# Share of the full number of examples; a test draws some even at depth 0.
DEPTH = float(os.environ.get("FUZZ_DEPTH", "0.002"))
_FEWEST = 3
# Tests with fewer examples than this are slow: what fails is shown as drawn, not reduced.
_COSTLY = 500

DRAWN: Counter[str] = Counter()
TARGETS: set[str] = set()


def fuzzes(examples: int, *targets: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark a property test: how many examples it draws at full depth, and what it tries.

    Parameters
    ----------
    examples
        Number of examples at depth 1.
    targets
        The functions and classes whose contract the test holds.
    """
    for target in targets:
        TARGETS.add(named(target))

    def mark(test: Callable[..., Any]) -> Callable[..., Any]:
        inner = test.hypothesis.inner_test  # type: ignore[attr-defined]

        @functools.wraps(inner)
        def counted(*arguments: Any, **keywords: Any) -> Any:
            DRAWN[f"{inner.__module__}.{inner.__name__}"] += 1
            return inner(*arguments, **keywords)

        test.hypothesis.inner_test = counted  # type: ignore[attr-defined]
        return settings(
            max_examples=max(_FEWEST, round(examples * DEPTH)),
            deadline=None,
            phases=[phase for phase in Phase if examples > _COSTLY or phase is not Phase.shrink],
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        )(test)

    return mark


def named(target: Any) -> str:
    """Return a name that is the same wherever the target is imported from."""
    function = getattr(target, "__func__", getattr(target, "fget", target))
    function = getattr(function, "__wrapped__", function)
    return f"{function.__module__}.{function.__qualname__}"
