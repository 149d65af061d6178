"""Tests in the environment of the workers; the same examples in every run.

What passed once passes again. `nox -s fuzz` draws new ones.
"""

import os

# SymPy reads it when it is imported first.
os.environ.setdefault("SYMPY_GROUND_TYPES", "python")

from hypothesis import settings

settings.register_profile("reproducible", derandomize=True)
settings.load_profile("reproducible")
