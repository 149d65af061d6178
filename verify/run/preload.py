"""What the server that forks the workers imports, once for all of them, before it forks any.

Importing this module imports the modules that the environment names. One that fails is left to the
workers that need it, which report it.
"""

import importlib
import os

from verify import registry

MODULES = "VERIFY_PRELOAD"

for _name in os.environ.get(MODULES, "").split():
    try:
        importlib.import_module(_name)
    except BaseException:  # noqa: BLE001 - the server has to live, whatever a module raises
        registry.forget(_name)
