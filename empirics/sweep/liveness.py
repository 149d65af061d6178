"""Whether a recorded process is still alive: the identity of a process, and its check."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Identity:
    """A process, identified so that no later process can be mistaken for it.

    Attributes
    ----------
    host, pid
        Its machine, and its number there.
    birth
        Boot of the machine, process namespace and start time; empty where the system has none.
    """

    host: str
    pid: int
    birth: str

    @classmethod
    def current(cls) -> Identity:
        """Return the identity of this process."""
        pid = os.getpid()
        return cls(platform.node(), pid, ":".join((*_realm(), _start(pid) or "")))

    def is_dead(self) -> bool:
        """Whether the process has certainly ended; False where this cannot be known."""
        boot, space, start = self.birth.split(":")
        here_boot, here_space = _realm()
        if self.host != platform.node() or not boot or not here_boot:
            return False
        if boot != here_boot:
            return True
        return space == here_space and _start(self.pid) != start


def _realm() -> tuple[str, str]:
    """Return the boot of this machine and the process namespace; empty where there is no /proc."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        space = os.readlink("/proc/self/ns/pid").strip("pid:[]")
    except OSError:
        return "", ""
    return boot, space


def _start(pid: int) -> str | None:
    """Return the start time of a process, in clock ticks since the boot; None if it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The name, in parentheses, may contain any character.
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]
