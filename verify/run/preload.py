"""What the server that forks the workers imports, once for all of them, before it forks any.

Importing this module imports the modules that the environment names. One that fails is left to the
workers that need it, which report it.
"""

import contextlib
import importlib
import os

MODULES = "VERIFY_PRELOAD"

for _name in os.environ.get(MODULES, "").split():
    with contextlib.suppress(BaseException):
        importlib.import_module(_name)
