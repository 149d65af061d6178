"""Task functions for the tests of sweeps, and the sweeps that consist of them.

Where SWEEP_LOG names a file, each execution appends a line to it: the seed.
"""

import os
import signal
import time
from pathlib import Path

from empirics.sweep import Task

HERE = "tests.empirics.sweep.sweep_functions"


def _log(seed):
    if "SWEEP_LOG" in os.environ:
        file = os.open(os.environ["SWEEP_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, f"{seed}\n".encode())
        os.close(file)


def square(configuration, seed):
    """Two rows, after a pause."""
    _log(seed)
    time.sleep(configuration.get("seconds", 0.0))
    value = configuration["x"] ** 2 + seed
    return [{"square": value, "sign": "+"}, {"square": -value, "sign": "-", "extra": None}]


def busy(configuration, seed):
    """Keep one core busy, in Python."""
    total = seed
    for number in range(configuration["steps"]):
        total = (total * 1103515245 + number) % 2147483648
    return [{"total": total}]


def fails(configuration, seed):
    """Fail on odd seeds as long as the file `until` does not exist."""
    if seed % 2 and not Path(configuration["until"]).exists():
        raise ArithmeticError(f"seed {seed} is odd")
    return [{"seed_again": seed}]


def kills_its_worker(configuration, seed):
    """Die like a process that runs out of memory; only on the seed named."""
    _log(seed)
    if seed == configuration["victim"]:
        os.kill(os.getpid(), signal.SIGKILL)
    return [{"alive": True}]


def dies_once(configuration, seed):
    """Die unless the file exists, and make it."""
    flag = Path(configuration["flag"])
    if not flag.exists():
        flag.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return [{"alive": True}]


def hangs(configuration, seed):
    """Never return on odd seeds."""
    while seed % 2:
        time.sleep(1)
    return [{"seed_again": seed}]


def returns(configuration, seed):
    """Return what it was given, whether it is rows or not."""
    return configuration["rows"]


def returns_nan(configuration, seed):
    return [{"error": float("nan")}]


def exits(configuration, seed):
    raise SystemExit(3)


def raises(configuration, seed):
    kind = {"BaseException": BaseException, "GeneratorExit": GeneratorExit, "OSError": OSError}
    raise kind[configuration["kind"]](configuration["message"].encode().decode("unicode_escape"))


def squares(count, seconds=0.0):
    return [Task(f"{HERE}:square", {"x": 0.5 + n, "seconds": seconds}, n) for n in range(count)]


def kill_sweep(scale):
    """Return the sweep of the kill tests: 300 tasks of 20 ms, fewer of them for a smoke test."""
    return squares(*{"smoke": (60, 0.02), "desk": (300, 0.02), "paper": (2000, 0.0)}[scale])


def one_fails(scale):
    return [Task(f"{HERE}:fails", {"until": os.environ["SWEEP_UNTIL"]}, n) for n in range(5)]


def nothing(scale):
    return []
