"""What recorded files say of the machine, against what its kernel says."""

import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from empirics.provenance import hardware, versions

MEMINFO = Path("/proc/meminfo")


@pytest.mark.skipif(not MEMINFO.is_file(), reason="needs /proc/meminfo to compare with")
def test_hardware():
    kib = int(re.search(r"MemTotal:\s+(\d+) kB", MEMINFO.read_text())[1])
    cores, machine, memory = re.fullmatch(r"(\d+)-core (\S+) CPU, (\d+) GiB", hardware()).groups()
    assert int(cores) == os.cpu_count()
    assert machine == os.uname().machine
    assert int(memory) == pytest.approx(kib / 2**20, abs=0.51)


def test_versions():
    python = ".".join(map(str, sys.version_info[:3]))
    assert versions("numpy", "no-such-package") == (
        f"Python {python}, numpy {np.__version__}, no-such-package not installed"
    )
