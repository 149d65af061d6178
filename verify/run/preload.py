"""What the server that forks the workers does once for all of them, before it forks any.

The server imports this module, which loads the claims of the run that the environment names, and
the modules that several of their checks need; for a run of many checks it also makes the theory's
shared derivations. What fails is left to the runner, or to the workers that need it, which report
it.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import gc
import importlib
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from verify.run.processes import PRELOAD

MANY = 30
"""Checks of a run for which shared derivations are made before its first worker is forked.

They take as long as two or three checks would take for theirs, and the first workers wait."""
LONGEST = 20.0
"""Seconds that they may take: half a second is usual. Then the server ends, and the runner starts
one that prepares nothing."""
_PR_SET_PDEATHSIG = 1


def load(packages: list[str], only: list[str], tier: Any) -> None:
    """Prepare what several checks need of the claims that `registry.select` chooses."""
    from verify import registry

    chosen = registry.select(registry.load(packages, only), only, tier)
    checks = [check for claim in chosen for check in claim.checks_in(tier)]
    needed = Counter(name for check in checks for name in check.needs)
    for name, times in needed.items():
        if times > 1:
            with contextlib.suppress(Exception, SystemExit):
                importlib.import_module(name)
    if len(checks) >= MANY:
        importlib.import_module("verify.provers")  # corrects the signs that SymPy finds
        from theory import shared

        # What hangs shall hang in the worker that needs it, which has a limit.
        faulthandler.dump_traceback_later(LONGEST, exit=True)
        try:
            shared.derive_all()
        finally:
            faulthandler.cancel_dump_traceback_later()


@contextlib.contextmanager
def ending_with(runner: int) -> Iterator[None]:
    """Let the kernel kill this process if its parent, the process `runner`, ends meanwhile.

    An import may hang, in compiled code too, and then nothing else would notice.
    """
    if sys.platform != "linux":
        yield
        return
    prctl = ctypes.CDLL(None).prctl
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != runner:
        os._exit(1)
    try:
        yield
    finally:
        prctl(_PR_SET_PDEATHSIG, 0)


def serve(text: str) -> None:
    """Load the selection that `text` holds as JSON. Whatever a module raises, the server lives."""
    with contextlib.suppress(BaseException):
        selection = json.loads(text)
        with ending_with(selection.pop("runner")):
            load(**selection)
    # No worker has to search all that for garbage again: with torch that takes a quarter second.
    gc.collect()
    gc.freeze()
    # What a check makes is little to what it may have, and hardly any of it is in circles.
    gc.set_threshold(50_000, 20, 50)
    # The server was started with interrupts ignored; workers shall have Python's own handler.
    signal.signal(signal.SIGINT, signal.default_int_handler)


# Only the server has the variable; what it forks or starts does not inherit it.
if PRELOAD in os.environ:
    serve(os.environ.pop(PRELOAD))
