"""Claims that end in every possible way, for the tests of the runner and the command line."""

import ctypes
import os
import time

from verify.claim import Check, Claim, Control, Evidence, Method, Verdict
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


def sample(identifier, decide=equals_four, *, method=Method.SYMBOLIC, requires=(), **options):
    claim_options = {k: options.pop(k) for k in ("expected", "twin") if k in options}
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
            **({"expected": method.supports} | claim_options),
        )
    )


sample("good.proved")
sample("good.certified", method=Method.ENCLOSURE)
sample("good.confirmed", method=Method.FLOAT64, tolerance=0.5, reason="half a unit", seed=7)
sample("good.dependent", requires=("good.proved",))
sample("good.full", method=Method.STATISTICS, tier="full")
sample(
    "good.false-as-printed",
    subject=5,
    control=Control("two and two are four", 4, must_hold=True),
    expected=Verdict.REFUTED,
    twin="good.proved",
)
sample("bad.refuted", subject=5)
sample("bad.toothless", accepts_all)
sample("bad.undecided", undecided)
sample("bad.undecided-control", lambda value: equals_four(4) if value == 4 else undecided(value))
sample("bad.blocked", requires=("bad.refuted", "good.proved"))
sample("bad.blocked-again", requires=("bad.blocked",))
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
