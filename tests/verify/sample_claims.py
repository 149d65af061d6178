"""Claims that end in every possible way, for the tests of the runner and the command line."""

import atexit
import ctypes
import os
import resource
import signal
import sys
import threading
import time

from verify.claim import Check, Claim, Control, Evidence, Measurement, Method
from verify.registry import register


def equals_four(value):
    if value == 4:
        return Evidence(True, "it is four", figure=0.0, steps=("count", "compare"))
    return Evidence(
        False, "it is not four", figure=float(abs(value - 4)), counterexample={"n": value}
    )


def accepts_all(value):
    return Evidence(True, f"fine: {value}")


def undecided(value):
    return Evidence(None, "cannot tell")


def raises(value):
    raise ZeroDivisionError("one over nothing")


def hangs(value):
    time.sleep(600)


def segfaults(value):
    ctypes.string_at(0)


def exits(value):
    os._exit(3)


def prints_binary_and_dies(value):
    os.write(1, b"\xff\xfe\x00 rubbish \x1b[31m")
    os._exit(4)


def exhausts_memory(value):
    bytearray(2**40)


def not_evidence(value):
    return True


def not_json(value):
    return Evidence(value == 4, "odd data", data={"x": object()})


def above_tolerance(value):
    return Evidence(value == 4, "holds, it says", figure=2.0)


def starts_a_child_and_hangs(value):
    if os.fork() == 0:
        time.sleep(600)
    time.sleep(600)


def prints_without_end(value):
    # The limit is what a check may write to one file; here a smaller one, so that it is fast.
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))
    while True:
        sys.stdout.write("rubbish " * 1000)


def killed(value):
    os.kill(os.getpid(), signal.SIGKILL)


def kills_the_fork_server(value):
    os.kill(os.getppid(), signal.SIGKILL)
    # While this sleeps, others are running, and more are to be started.
    time.sleep(0.5)
    return equals_four(value)


def leaves_a_thread_and_a_child(value):
    threading.Thread(target=time.sleep, args=(600,)).start()
    if os.fork() == 0:
        time.sleep(600)
    atexit.register(time.sleep, 600)
    return equals_four(value)


def exits_by_exception(value):
    sys.exit("enough")


def recurses(value):
    return recurses(value)


def fills_the_pipe(value):
    return Evidence(True, "too much", data={"text": "x" * 2**25})


def nests_deeply(value):
    nested = []
    for _ in range(60):
        nested = [nested]
    return Evidence(value == 4, "deep", data={"nested": nested})


def hostile_texts(value):
    return Evidence(value == 4, "\x1b[31mred\x00\ud800", steps=("\x07",))


def large_but_fit(value):
    return Evidence(value == 4, "much", data={"text": "x" * 2**22})


def sample(identifier, decide=equals_four, *, method=Method.SYMBOLIC, requires=(), **options):
    twin = options.pop("twin", None)
    subject = options.pop("subject", 4)
    control = options.pop("control", Control("two and two are five", 5))
    return register(
        Claim(
            id=identifier,
            title=f"Sample {identifier}",
            sentence="Two and two are four.",
            latex=r"2 + 2 = 4 \\ x_{<} = \frac{a}{b}",
            source="Section 0",
            checks=(Check("count", method, decide, subject, control, **options),),
            requires=requires,
            twin=twin,
        )
    )


sample("good.proved")
sample("good.certified", method=Method.ENCLOSURE)
sample("good.confirmed", method=Method.FLOAT64, tolerance=0.5, reason="half a unit", seed=7)
sample("good.dependent", requires=("good.proved",))
sample("good.full", method=Method.STATISTICS, tier="full", tolerance=0.5, reason="half a unit")
sample(
    "good.measured",
    lambda value: Measurement(abs(value - 4.0), "distance from four"),
    method=Method.FLOAT64,
    tolerance=0.5,
    reason="half a unit",
)
sample(
    "bad.measured-without-its-bound",
    lambda value: Measurement(4.5 - value, "margin to four and a half", smallest=True),
    method=Method.FLOAT64,
    tolerance=0.5,
    reason="a tolerance, where the smallest margin must be above a bound",
)
sample(
    "good.false-as-printed",
    subject=5,
    control=Control("two and two are four", 4, must_hold=True),
    twin="good.proved",
)
sample("bad.refuted", subject=5)
sample("bad.toothless", accepts_all)
sample("bad.undecided", undecided)
sample("bad.undecided-control", lambda value: equals_four(4) if value == 4 else undecided(value))
sample("bad.blocked", requires=("bad.refuted", "good.proved"))
sample("bad.blocked-again", requires=("bad.blocked",))
sample("good.has-its-file", needs_files=("verify/claim.py",))
sample("bad.skipped-for-a-file", needs_files=("verify/claim.py", "verify/recorded/none.csv"))
sample("bad.skipped", needs=("a_module_that_does_not_exist",))
sample("bad.raises", raises)
sample("bad.hangs", hangs, limit=1.0)
sample("bad.forks-and-hangs", starts_a_child_and_hangs, limit=1.0)
sample("bad.segfaults", segfaults)
sample("bad.exits", exits)
sample("bad.prints-binary", prints_binary_and_dies)
sample("bad.exhausts-memory", exhausts_memory)
sample("bad.not-evidence", not_evidence)
sample("bad.not-json", not_json)
sample("bad.above-tolerance", above_tolerance, method=Method.FLOAT64, tolerance=1.0, reason="one")
sample("bad.control-crashes", lambda value: equals_four(value) if value == 4 else raises(value))
sample("bad.a-blocked-before-its-reason", requires=("bad.blocked-again",))
sample("bad.skipped-with-its-requirement", requires=("bad.skipped", "good.proved"))
sample("bad.skipped-in-turn", requires=("bad.skipped-with-its-requirement",))
sample("bad.blocked-and-skipped", requires=("bad.skipped", "bad.refuted"))
sample("bad.broken-need", needs=("tests.verify.broken_at_import",))
sample("bad.prints-without-end", prints_without_end)
sample("bad.killed", killed)
sample("bad.exits-by-exception", exits_by_exception)
sample("bad.recurses", recurses)
sample("bad.fills-the-pipe", fills_the_pipe)
sample("bad.nests-deeply", nests_deeply)
sample("good.kills-the-fork-server", kills_the_fork_server)
sample("good.leaves-a-thread-and-a-child", leaves_a_thread_and_a_child)
sample("good.large", large_but_fit)
sample("good.hostile-texts", hostile_texts)
