"""What the server that forks the workers imports, once for all of them, before it forks any.

Importing this module loads the claims of the run that the environment names, and the modules that
several of their checks need, while the runner loads the claims for itself. What fails is left to
the runner, or to the workers that need it, which report it.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from typing import Any

from verify import registry

SELECTION = "VERIFY_PRELOAD"
# Seconds between two looks at whether the runner still lives.
_INTERVAL = 1.0


def load(packages: list[str], only: list[str], tier: Any) -> None:
    """Import the claims that `registry.select` chooses, and what several of their checks need."""
    chosen = registry.select(registry.load(packages, only), only, tier)
    checks = (check for claim in chosen for check in claim.checks if check.tier in ("quick", tier))
    needed = Counter(name for check in checks for name in check.needs)
    for name in (name for name, times in needed.items() if times > 1):
        with contextlib.suppress(Exception, SystemExit):
            importlib.import_module(name)


@contextlib.contextmanager
def ending_with(runner: int) -> Iterator[None]:
    """End this process if the process `runner` is no longer its parent: an import may hang."""

    def look(*_: object) -> None:
        if os.getppid() != runner:
            os._exit(1)

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, _INTERVAL, _INTERVAL)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


# Only the server has the variable; what it forks or starts does not inherit it.
if _text := os.environ.pop(SELECTION, ""):
    _selection = json.loads(_text)
    # The server has to live, whatever a module raises.
    with ending_with(_selection.pop("runner")), contextlib.suppress(BaseException):
        load(**_selection)
    # No worker has to search all that for garbage again: with torch that takes a quarter second.
    gc.collect()
    gc.freeze()
