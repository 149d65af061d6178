"""Hardware and versions of a measurement, for the headers of committed files."""

from __future__ import annotations

import os
import platform
from importlib import metadata


def hardware() -> str:
    """Return number and kind of the cores, and the memory in GiB."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()}-core {platform.machine()} CPU, {memory:.0f} GiB"


def versions(*packages: str) -> str:
    """Return the versions of Python and of the named distributions."""
    return f"Python {platform.python_version()}, " + ", ".join(
        f"{package} {version(package) or 'not installed'}" for package in packages
    )


def version(package: str) -> str | None:
    """Return the version of a distribution, None where it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
