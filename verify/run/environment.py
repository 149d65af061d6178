"""The environment of a run: what a reader needs in order to repeat it."""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from empirics.provenance import version
from verify.registry import DEFAULT_PACKAGE

_PACKAGES = (
    *("sympy", "mpmath", "python-flint", "numpy", "scipy", "cvxpy", "clarabel", "scs"),
    *("matplotlib", "torch", "torchvision", "z3-solver"),
)


def describe(
    *, tier: str, only: Sequence[str], packages: Sequence[str] = (DEFAULT_PACKAGE,)
) -> dict[str, Any]:
    """Return the environment of this process as JSON values."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": run_command(tier, only, packages),
        "tier": tier,
        "only": list(only),
        "revision": revision(),
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "packages": {name: found for name in _PACKAGES if (found := version(name))},
    }


def run_command(tier: str, only: Sequence[str], packages: Sequence[str]) -> str:
    """Return the command of a run."""
    command = ["python -m verify run"]
    if tuple(packages) != (DEFAULT_PACKAGE,):
        command += [f"--claims {shlex.quote(package)}" for package in packages]
    if tier != "quick":
        command.append(f"--tier {tier}")
    command += [f"--only {shlex.quote(pattern)}" for pattern in only]
    return " ".join(command)


def revision() -> str:
    """Return the commit of this code, marked if the tree differs; "unknown" outside git."""
    root = Path(__file__).resolve().parents[2]
    try:
        commit = _git(root, "rev-parse", "HEAD")
        changed = _git(root, "status", "--porcelain")
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return f"{commit} with local changes" if changed else commit


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True, timeout=10
    ).stdout.strip()


def _processor() -> str:
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
