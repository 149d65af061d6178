"""The same examples in every run: what passed once passes again. `nox -s fuzz` draws new ones."""

from hypothesis import settings

settings.register_profile("reproducible", derandomize=True)
settings.load_profile("reproducible")
