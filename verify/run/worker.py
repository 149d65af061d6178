"""What runs inside a worker process: one check, its controls, and a result that can be sent."""

from __future__ import annotations

import faulthandler
import functools
import importlib
import importlib.resources
import inspect
import io
import json
import math
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from verify import registry
from verify.claim import Check, Control, Evidence, Measurement, Method, Verdict
from verify.methods import reading
from verify.methods.formula import named_twice
from verify.provers.again import prove_again
from verify.provers.goals import noted
from verify.run import falsify
from verify.run.record import CheckResult, VariantResult

RESULT_LIMIT = 16 * 2**20
"""Bytes that the result of one check may have, its evidence included."""
FILE_LIMIT = 2**30
"""Bytes of one file that a check may write, what it prints included."""


_ROOT = Path(__file__).resolve().parents[2]


class InvalidEvidenceError(Exception):
    """A check returned something that cannot count as evidence."""


def work(
    packages: tuple[str, ...],
    claim_id: str,
    check_name: str,
    destination: str,
    output: str,
    memory_limit: int | None,
    near_misses: falsify.Extent,
) -> None:
    """Entry point of a worker process: run one check and leave its result as JSON.

    The result goes to the file `destination`, whole or not at all; what the check prints, and the
    traceback of a crash, to the file `output`. The process then ends at once, whatever threads or
    exit handlers the check has left behind.
    """
    _isolate(output, memory_limit)
    claim, module = registry.find(packages, claim_id)
    check = next(check for check in claim.checks if check.name == check_name)
    result = run_check(check, lambda: falsify.try_out(check, claim, module, near_misses, examine))
    message = _message(check, result)
    partial = Path(f"{destination}.part")
    partial.write_bytes(message)
    partial.replace(destination)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _message(check: Check, result: CheckResult) -> bytes:
    """Return `result` as JSON, or why it cannot be sent."""
    try:
        message = json.dumps(asdict(result), allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        problem = f"its evidence is not JSON: {error}"
    except MemoryError:
        problem = "ran out of memory over its evidence"
    else:
        if len(message) <= RESULT_LIMIT:
            return message
        problem = f"its evidence must have at most {RESULT_LIMIT} bytes, got {len(message)}"
    refused = blank_result(check, Verdict.INCONCLUSIVE, problem, result.seconds)
    return json.dumps(asdict(refused)).encode()


def run_check(
    check: Check, near_misses: Callable[[], falsify.NearMisses | None] = lambda: None
) -> CheckResult:
    """Run `check`, its controls and near misses here; exceptions become INCONCLUSIVE results."""
    started = time.perf_counter()
    try:
        missing = missing_needs(check)
        if missing:
            text = f"needs {', '.join(missing)}, not found here"
            return blank_result(check, Verdict.SKIPPED, text)
        return _falsified(_decided(check, started), near_misses)
    except MemoryError:
        problem, output = "ran out of memory", ""
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever is raised is reported
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{os.path.basename(last.filename)}:{last.lineno}"
        problem = f"raised {type(error).__name__}: {error} ({where})"
        output = traceback.format_exc()
    taken = time.perf_counter() - started
    return blank_result(check, Verdict.INCONCLUSIVE, problem, taken, output)


def _decided(check: Check, started: float) -> CheckResult:
    """Return the result of `check`, which began at `started`, from its evidence and controls."""
    with noted() as proved:
        evidence = _examined(check)
    again = prove_again(proved) if evidence.holds and check.method is Method.SYMBOLIC else ()
    # Someone who changes a sign may turn the statement into one of its controls: then the statement
    # is refuted and the control holds. The check distinguishes the two all the same.
    turned = evidence.holds is False and not any(c.must_hold for c in check.controls)
    variants = tuple(_judge(check, control, turned=turned) for control in check.controls)
    blind = [] if evidence.holds is None else [v.variant for v in variants if not v.told_apart]
    summary = evidence.summary
    if blind:
        verdict = Verdict.INCONCLUSIVE
        summary = _toothless(blind[0], summary)
    elif evidence.holds is None:
        verdict = Verdict.INCONCLUSIVE
    else:
        verdict = check.method.supports if evidence.holds else Verdict.REFUTED
    return replace(
        blank_result(check, verdict, summary, time.perf_counter() - started),
        figure=_json_number(evidence.figure),
        toothless=bool(blind),
        counterexample=_texts(evidence.counterexample),
        steps=tuple(evidence.steps),
        control=variants,
        data=dict(evidence.data),
        comparisons=tuple(evidence.comparisons),
        reads=tuple(evidence.reads),
        second_proofs=again,
    )


def _toothless(variant: str, summary: str) -> str:
    return f"toothless: does not distinguish the statement from “{variant}” ({summary})"


def _examined(check: Check) -> Evidence:
    """Examine a check: every field that states something must be read by it.

    A field that nothing reads could be anything, and the evidence would be the same.
    """
    reading.taken()
    evidence = examine(check, reading.watched(check.subject))
    read = {*reading.taken(), *(name for step in evidence.reads for name in step)}
    unread = reading.unread(check.subject, read) if evidence.holds else []
    twice = named_twice(check.subject) if evidence.holds else []
    if twice:
        text = f"the statement names {', '.join(twice)} by text, and has it as a symbol"
        return replace(evidence, holds=None, summary=f"{text} ({evidence.summary})")
    if unread:
        text = f"the check reads no {', '.join(unread)} of the statement ({evidence.summary})"
        return replace(evidence, holds=None, summary=text)
    if evidence.reads:
        return evidence
    # A decision that is not made step by step reads what it reads for all of them.
    return replace(evidence, reads=(tuple(sorted(read)),) * len(evidence.steps))


def _falsified(
    result: CheckResult, near_misses: Callable[[], falsify.NearMisses | None]
) -> CheckResult:
    """Add what the check makes of near misses; one that it accepts makes it toothless.

    A near miss of a refuted statement may be the true one; only of a false claim that is known.
    """
    refuted = result.verdict is Verdict.REFUTED
    if result.verdict is Verdict.INCONCLUSIVE or (
        refuted and not any(control.must_hold for control in result.control)
    ):
        return result
    started = time.perf_counter()
    found = near_misses()
    seconds = result.seconds + time.perf_counter() - started
    if found is None or not found.accepted:
        return replace(result, near_misses=found, seconds=seconds)
    return replace(
        result,
        verdict=Verdict.INCONCLUSIVE,
        toothless=True,
        summary=_toothless(found.accepted[0], result.summary),
        near_misses=found,
        seconds=seconds,
    )


def blank_result(
    check: Check, verdict: Verdict, summary: str, seconds: float = 0.0, output: str = ""
) -> CheckResult:
    """Return the result of a check that gave no evidence."""
    return CheckResult(
        name=check.name,
        method=check.method.value,
        verdict=verdict,
        summary=summary,
        tier=check.tier,
        latex=check.latex or "",
        tolerance=check.tolerance,
        above=check.above,
        reason=check.reason,
        seconds=seconds,
        seed=check.seed,
        output=output,
        location=location(check.decide),
    )


def location(decide: Callable[..., Any]) -> str:
    """Return file and line where `decide` is defined, relative to the root of the project.

    "" for what is not written in Python.
    """
    function = decide.func if isinstance(decide, functools.partial) else decide
    # An object that is called like a function has its code in its class.
    of_class = getattr(type(function).__call__, "__code__", None)
    code = getattr(inspect.unwrap(function), "__code__", of_class)
    if code is None:
        return ""
    path = Path(code.co_filename)
    shown = path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else Path(path.name)
    return f"{shown.as_posix()}:{code.co_firstlineno}"


def missing_needs(check: Check) -> list[str]:
    """Names of the modules and data files that `check` needs and that are not here."""
    missing: list[str] = []
    for name in check.needs:
        try:
            importlib.import_module(name)
        except ImportError as error:
            # A module of this project may be present although something that it imports is not.
            absent = error.name if isinstance(error, ModuleNotFoundError) else None
            missing.append(absent or name)
    for name in check.needs_files:
        package, _, inside = name.partition("/")
        if not importlib.resources.files(package).joinpath(inside).is_file():
            missing.append(name)
    return list(dict.fromkeys(missing))


def examine(check: Check, subject: Any) -> Evidence:
    """Apply `decide` to a subject, and check its result against the rules for evidence.

    InvalidEvidenceError if the result is not evidence, or says that the statement holds although
    its figure violates the check's tolerance or bound.
    """
    found = check.decide(subject)
    if isinstance(found, Measurement):
        try:
            return found.held_to(check.tolerance, check.above)
        except ValueError as error:
            raise InvalidEvidenceError(str(error)) from None
    if not isinstance(found, Evidence):
        raise InvalidEvidenceError(f"decide must return Evidence, got {type(found).__name__}")
    if not (found.holds is None or isinstance(found.holds, bool)):
        raise InvalidEvidenceError(f"holds must be True, False or None, got {found.holds!r}")
    try:
        _json_number(found.figure)
    except (TypeError, ValueError, OverflowError):
        raise InvalidEvidenceError(
            f"figure must be a real number or None, got {found.figure!r}"
        ) from None
    if found.holds and check.bound is not None:
        if found.figure is None or not math.isfinite(found.figure):
            raise InvalidEvidenceError(
                f"a check with a tolerance or a bound must give a finite figure, got {found.figure}"
            )
        if not check.keeps(found.figure):
            wanted = "above the tolerance" if check.above is None else "not above the bound"
            raise InvalidEvidenceError(
                f"holds, but its figure {found.figure!r} is {wanted} {check.bound!r}"
            )
    return found


def _judge(check: Check, control: Control, *, turned: bool) -> VariantResult:
    evidence = examine(check, control.subject)
    return VariantResult(
        variant=control.variant,
        must_hold=control.must_hold,
        holds=evidence.holds,
        told_apart=evidence.holds is control.must_hold or (turned and evidence.holds is True),
        summary=evidence.summary,
        counterexample=_texts(evidence.counterexample),
    )


def _texts(values: Any) -> dict[str, str] | None:
    return None if values is None else {str(key): str(value) for key, value in values.items()}


def _json_number(value: Any) -> float | None:
    """Return `value` as a float that JSON can hold; an infinite or undefined figure has none."""
    return float(value) if value is not None and math.isfinite(value) else None


def _isolate(output: str, memory_limit: int | None) -> None:
    """Own process group, own output, bounded memory: nothing this check does reaches the others."""
    if hasattr(os, "setsid"):
        os.setsid()
    descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), errors="backslashreplace")
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), errors="backslashreplace")
    faulthandler.enable(file=sys.stderr)
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_LIMIT, FILE_LIMIT))
        if memory_limit is not None:
            resource.setrlimit(resource.RLIMIT_AS, (memory_limit, memory_limit))
