"""Times for the ratios that benchmarks assert, and their report."""

import sys
import time


def report(capsys, text):
    """Print `text` past pytest's capture."""
    with capsys.disabled():
        sys.stdout.write(f"\n{text}\n")


def best_of(repeats, function, clock=time.process_time):
    """Return the shortest of the times that `function` takes, by default in CPU time."""
    times = []
    for _ in range(repeats):
        start = clock()
        function()
        times.append(clock() - start)
    return min(times)
