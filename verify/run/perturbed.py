"""What runs in a process of its own for `verify.run.power`: one check, and many wrong theories.

`python -m verify.run.perturbed REQUEST`, where the request is, as JSON, the packages of claims, the
ids of claim and check, and the file for the result.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from verify import registry
from verify.claim import Check, Evidence, Method
from verify.run.noticed import KINDS, Kind, Noticed, Power
from verify.run.perturbation import Perturbation, Theory, install
from verify.run.power import COARSE, FINE, ROOT, smallest
from verify.run.worker import examine

RECORDS = ROOT / "empirics" / "recorded"


def power(check: Check, theory: Theory, files: set[str] | None = None) -> Power:
    """Find the smallest errors of the theory that a check notices; `files` are those it has read.

    Raises
    ------
    ValueError
        If it does not hold with the theory as it is.
    """
    started = time.process_time()
    evidence = examine(check, check.subject)
    if evidence.holds is not True:
        raise ValueError(f"the check must hold with the theory as it is, got {evidence.summary}")
    theory.settle()
    tried = (noticed(check, theory, kind, evidence) for kind in KINDS if theory.uses(kind))
    return Power(
        tuple(one for one in tried if one is not None),
        tuple(sorted(theory.called)),
        theory.road,
        tuple(sorted(files or ())),
        seconds=round(time.process_time() - started, 1),
    )


def noticed(check: Check, theory: Theory, kind: Kind, right: Evidence) -> Noticed | None:
    """Find what a check makes of one kind of error, in both directions.

    None if the evidence is that with the `right` theory, to the last bit, whatever a solver
    answers: a check may read more of an answer than it uses, or use it in ratios only.
    """
    ladder = COARSE if check.method is Method.STATISTICS else FINE
    sizes = [one for one in ladder if one <= kind.largest] if kind.sized else [1.0]
    seen: list[Evidence | None] = []

    def verdict(error: float, sign: int) -> bool | None:
        seen.append(examined(check, theory, Perturbation(kind, (1.0 + error) ** sign)))
        return None if seen[-1] is None else seen[-1].holds

    ends = [smallest(partial(verdict, sign=sign), sizes) for sign in kind.directions]
    if kind.fields and all(repr(one) == repr(right) for one in seen):
        return None
    noticed, refuted = zip(*ends, strict=True)
    return Noticed(kind.name, sizes[-1] if kind.sized else 0.0, noticed, refuted)


def examined(check: Check, theory: Theory, wrong: Perturbation) -> Evidence | None:
    """Return what a check makes of a wrong theory; None, as undecided, where it raises."""
    with theory.perturbed(wrong):
        try:
            return examine(check, check.subject)
        except MemoryError:
            raise
        except (Exception, SystemExit):  # noqa: BLE001 - see above
            return None


def main(request: str) -> None:
    """Serve one request."""
    packages, claim, name, destination = json.loads(request)
    read: set[str] = set()

    def note(event: str, given: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(given[0], str | Path):
            path = Path(given[0])
            if path.is_relative_to(RECORDS):
                read.add(path.relative_to(ROOT).as_posix())

    sys.addaudithook(note)
    theory = install(packages)
    stated, _ = registry.find(packages, claim)
    check = next(check for check in stated.checks if check.name == name)
    answer: dict[str, Any]
    try:
        answer = asdict(power(check, theory, read))
    except Exception as error:  # noqa: BLE001 - whatever is raised is reported
        answer = {"problem": f"{type(error).__name__}: {error}"}
    Path(destination).write_text(json.dumps(answer, allow_nan=False), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
