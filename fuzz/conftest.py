"""Writes how many examples were drawn to the file that FUZZ_COUNTS names."""

import json
import os
from pathlib import Path

from fuzz.depth import DRAWN


def pytest_sessionfinish(session, exitstatus):
    if "FUZZ_COUNTS" in os.environ:
        Path(os.environ["FUZZ_COUNTS"]).write_text(json.dumps(DRAWN), encoding="utf-8")
