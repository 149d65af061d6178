"""Imports for all workers at once: the server that forks them imports this module first.

It imports the modules that the environment names. If an import fails, the workers that need the
module report it.
"""

import contextlib
import importlib
import os

MODULES = "VERIFY_PRELOAD"

for _name in os.environ.get(MODULES, "").split():
    with contextlib.suppress(BaseException):
        importlib.import_module(_name)
