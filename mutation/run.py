"""`nox -s mutants`: draw mutants of the formulas and count those that the suite notices.

Each mutant is put into a copy of the project. `regression.check`, the quick tier of `verify`
and the tests of the mutant's own module are run there, the claims of its own topic first; a mutant
is killed by the first of them that fails, which is named: what only a test notices is a check of
arguments, or a helper that no claim leans on. One that lives through all of them is a survivor: it
is listed, and the exit status is 1 unless `equivalent.json` gives the reason why that change
changes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from mutation.mutants import Mutant, choose, iterate_files, mutants_of

ROOT = Path(__file__).resolve().parent.parent
FORMULAS = ["theory/*.py", "numerics/penalty*.py", "numerics/regimes.py"]
# The claims that speak of a file's formulas, tried before all the others.
TOPICS = {
    "theory/network.py": ["network.*"],
    "theory/implicit_bias.py": ["implicit-bias.*"],
    "theory/regimes.py": ["regimes.*"],
    "theory/replica.py": ["replica.*"],
}
COPIED = ["theory", "numerics", "empirics", "verify", "regression", "tests", "pyproject.toml"]


# Seconds after which a command counts as hung: several times what the quick tier takes.
_HANG = 900


@dataclass(frozen=True)
class Outcome:
    """What became of one mutant."""

    mutant: str
    key: str
    killed_by: str | None
    excuse: str | None
    seconds: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the session and return its exit status."""
    options = _parser().parse_args(arguments)
    console = Console(highlight=False, emoji=False, soft_wrap=True)
    files = list(iterate_files(ROOT, options.files or FORMULAS))
    if not files:
        raise SystemExit(f"mutants: no file matches {options.files}")
    total = sum(len(mutants_of(ROOT, file)) for file in files)
    chosen = choose(ROOT, files, options.count, options.seed)
    excuses: dict[str, str] = json.loads((ROOT / "mutation/equivalent.json").read_text("utf-8"))
    console.print(f"{len(chosen)} of {total} mutants of {len(files)} files, seed {options.seed}")
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Path(folder)
        _copy_project(copy)
        healthy = _first_failure(copy, _commands(None))
        if healthy is not None:
            console.print(f"the unchanged project already fails {healthy}: nothing can be measured")
            return 2
        outcomes = []
        for number, mutant in enumerate(chosen, start=1):
            outcomes.append(_try(copy, mutant, excuses))
            console.print(f"{number:3d}. {_told(outcomes[-1])}", markup=False)
    return _conclude(outcomes, options, console)


def _try(copy: Path, mutant: Mutant, excuses: dict[str, str]) -> Outcome:
    started = time.perf_counter()
    target = copy / mutant.file
    original = target.read_text(encoding="utf-8")
    target.write_text(mutant.apply(original), encoding="utf-8")
    try:
        killer = _first_failure(copy, _commands(mutant))
    finally:
        target.write_text(original, encoding="utf-8")
    excuse = excuses.get(mutant.key) if killer is None else None
    return Outcome(mutant.name, mutant.key, killer, excuse, time.perf_counter() - started)


def _commands(mutant: Mutant | None) -> list[tuple[str, list[str]]]:
    regress = ("regress", ["-m", "regression.check"])
    verify = ("verify", ["-m", "verify", "run"])
    if mutant is None:
        return [regress, verify]
    own = [glob for name, globs in TOPICS.items() if mutant.file == name for glob in globs]
    topic = [(f"verify {g}", ["-m", "verify", "run", "--only", g]) for g in own]
    tests = ("the tests", ["-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *_tests(mutant)])
    return [*topic, regress, verify, tests]


def _tests(mutant: Mutant) -> list[str]:
    """Return the tests that mirror the mutant's module; those of its package if none does."""
    package, _, module = mutant.file.rpartition("/")
    mirror = f"tests/{package}/test_{module}"
    return [mirror] if (ROOT / mirror).is_file() else [f"tests/{package}"]


def _first_failure(copy: Path, commands: list[tuple[str, list[str]]]) -> str | None:
    for name, command in commands:
        environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            process = subprocess.run(
                [sys.executable, *command],
                cwd=copy,
                env=environment,
                capture_output=True,
                check=False,
                timeout=_HANG,
            )
        except subprocess.TimeoutExpired:
            return f"{name} (no end within {_HANG} s)"
        if process.returncode != 0:
            return name
    return None


def _copy_project(copy: Path) -> None:
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, copy / name)


def _told(outcome: Outcome) -> str:
    if outcome.killed_by is not None:
        fate = f"killed by {outcome.killed_by}"
    elif outcome.excuse is not None:
        fate = f"equivalent: {outcome.excuse}"
    else:
        fate = "SURVIVED"
    return f"{fate}  [{outcome.seconds:.0f} s]  {outcome.mutant}"


def _conclude(outcomes: list[Outcome], options: argparse.Namespace, console: Console) -> int:
    killed = sum(outcome.killed_by is not None for outcome in outcomes)
    excused = sum(outcome.excuse is not None for outcome in outcomes)
    survivors = len(outcomes) - killed - excused
    relevant = len(outcomes) - excused
    rate = killed / relevant if relevant else 1.0
    console.print(
        f"{killed} of {relevant} mutants killed ({rate:.1%}); {excused} equivalent; "
        f"{survivors} survived"
    )
    if options.json is not None:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        content = {"seed": options.seed, "rate": rate, "mutants": [asdict(o) for o in outcomes]}
        options.json.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 1 if survivors else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mutation.run", description=__doc__)
    parser.add_argument("--count", type=int, default=30, help="mutants to draw (default: 30)")
    parser.add_argument("--seed", type=int, default=1, help="of the draw (default: 1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the outcomes here")
    parser.add_argument(
        "files", nargs="*", help=f"patterns of files (default: {' '.join(FORMULAS)})"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
