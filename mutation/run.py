"""`nox -s mutants`: draw mutants of the four packages and count those that something notices.

Each mutant is put into a copy of the project. There the commands that could notice it run, the
likely and cheap ones first (`mutation.killers`); the first that fails kills the mutant and is
named. A command or a claim that fails on the unchanged project as well does not count. A mutant
that survives all of them is listed, and the exit status is 1 unless `equivalent.json` says why the
change has no effect. Status 2: bad usage, or nothing could be measured.

With --resume, a session goes on where another one stopped: a mutant is not tried again if it was
killed or excused and its file is as it was, or if it survived and nothing has changed that could
notice it.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from queue import Queue
from typing import Any

from rich.console import Console

from mutation.killers import PACKAGES, Command, killers
from mutation.mutants import Mutant, choose, iterate_files, mutants_of

ROOT = Path(__file__).resolve().parent.parent
FORMULAS = [f"{package}/**/*.py" for package in PACKAGES]
COPIED = [*PACKAGES, "regression", "tests", "fuzz", "docs", "pyproject.toml", "noxfile.py"]
COPIED += ["README.md", "CONTRIBUTING.md", "mutation", "CHANGELOG.md", "LICENSE", "CITATION.cff"]
# What can notice a mutant: a change in it gives a survivor another chance.
NOTICING = [*PACKAGES, "regression", "tests", "fuzz", "docs", "pyproject.toml", "README.md"]


@dataclass(frozen=True)
class Outcome:
    """What became of one mutant.

    Attributes
    ----------
    mutant, key, identity
        Its description, what an excuse for it would name, and what it alone is known by.
    source, project
        Digests of the file that it changes, and of everything that can notice it.
    killed_by
        What noticed it; None for a survivor.
    excuse
        Why the change has no effect, if that is known.
    seconds
        Wall-clock time spent on it.
    """

    mutant: str
    key: str
    source: str
    killed_by: str | None
    excuse: str | None
    seconds: float
    identity: str = ""
    project: str = ""

    @property
    def package(self) -> str:
        """Package of the file that it changes."""
        return self.key.partition("/")[0]


class StoppedError(Exception):
    """The session was interrupted."""


@dataclass
class Session:
    """State of one session: copies to work in, and what fails without any mutant."""

    patience: float
    copies: Queue[Path]
    unchanged: Path
    anyway: dict[Command, frozenset[str]] = field(default_factory=dict)
    trying: threading.Lock = field(default_factory=threading.Lock)
    running: set[subprocess.Popen[bytes]] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopped: threading.Event = field(default_factory=threading.Event)

    def first_to_notice(self, copy: Path, commands: Sequence[Command]) -> str | None:
        """Return the first command that fails in `copy` only, and what in it does."""
        for command in commands:
            if self.anyway.get(command) and not command.decides_claims:
                continue
            failures = self._failures(copy, command)
            if failures and (noticed := failures - self._anyway(command)):
                return f"{command.name}: {min(noticed)}" if command.decides_claims else command.name
        return None

    def _anyway(self, command: Command) -> frozenset[str]:
        """Return what fails in the unchanged project, too; each command is tried once."""
        with self.trying:
            if command not in self.anyway:
                self.anyway[command] = self._failures(self.unchanged, command)
            return self.anyway[command]

    def _failures(self, folder: Path, command: Command) -> frozenset[str]:
        """Return what fails: claims by their ids, if it decides any, or the whole command."""
        record = folder.with_suffix(".json")
        record.unlink(missing_ok=True)
        how = ("--json", str(record)) if command.decides_claims else ()
        status = self._status(folder, (*command.arguments, *how))
        if status is None:
            return frozenset([f"no end within {self.patience:g} s"])
        if not (status and command.decides_claims):
            return frozenset(["fails"] if status else [])
        try:
            claims: list[Any] = json.loads(record.read_text(encoding="utf-8"))["claims"]
            failed = frozenset(str(claim["id"]) for claim in claims if not claim["acceptable"])
        except (OSError, ValueError, LookupError, TypeError):
            failed = frozenset()
        return failed or frozenset([f"ends with status {status} and without a verdict"])

    def _status(self, folder: Path, arguments: Sequence[str]) -> int | None:
        """Run Python in `folder`; return its exit status, or None if it does not end in time."""
        environment = {
            **os.environ,
            "PYTHONPATH": str(folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        with self.lock:
            self.running.add(process)
        try:
            status = process.wait(self.patience)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            with self.lock:
                self.running.discard(process)
            _end(process)
        if self.stopped.is_set():
            raise StoppedError
        return status

    def stop(self) -> None:
        """End every command that runs; what it would have said is lost."""
        self.stopped.set()
        with self.lock:
            for process in self.running:
                _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a command that still runs, and what it has started: all is in its own process group."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the session and return its exit status."""
    options = _parser().parse_args(arguments)
    console = Console(highlight=False, emoji=False, soft_wrap=True)
    files = list(iterate_files(ROOT, options.files or FORMULAS))
    if not files:
        sys.stderr.write(f"mutants: no file matches {options.files}\n")
        return 2
    strata = [[f for f in files if f.startswith(f"{package}/")] for package in PACKAGES]
    total = sum(len(mutants_of(ROOT, file)) for file in files)
    chosen = choose(ROOT, [stratum for stratum in strata if stratum], options.count, options.seed)
    kept = _kept(options.resume)
    console.print(f"{len(chosen)} of {total} mutants of {len(files)} files, seed {options.seed}")
    outcomes = _try_all(chosen, kept, _excuses(), options, console)
    return _conclude(outcomes, len(chosen), options, console)


def _try_all(
    chosen: list[Mutant],
    kept: dict[str, Outcome],
    excuses: dict[str, str],
    options: argparse.Namespace,
    console: Console,
) -> list[Outcome]:
    outcomes: list[Outcome] = []
    project = _digest(NOTICING)
    end = time.monotonic() + 60.0 * options.minutes
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        session = Session(options.patience, Queue(), Path(folder) / "unchanged")
        _copy_project(session.unchanged)
        for number in range(options.jobs):
            copy = Path(folder) / f"copy-{number}"
            _copy_project(copy)
            session.copies.put(copy)

        def work(mutant: Mutant) -> Outcome | None:
            known = kept.get(mutant.identity)
            if known is not None and known.source == _digest([mutant.file]):
                if known.killed_by is not None:
                    return known
                if mutant.key in excuses or known.project == project:
                    return replace(known, excuse=excuses.get(mutant.key))
            if session.stopped.is_set() or time.monotonic() > end:
                return None
            try:
                return _try(session, mutant, excuses, project)
            except StoppedError:
                return None

        with ThreadPoolExecutor(options.jobs) as pool:
            try:
                for done in as_completed([pool.submit(work, mutant) for mutant in chosen]):
                    outcome = done.result()
                    if outcome is None:
                        continue
                    outcomes.append(outcome)
                    console.print(f"{len(outcomes):3d}. {_described(outcome)}", markup=False)
                    if options.resume is not None:
                        _keep(options.resume, {**kept, **{o.identity: o for o in outcomes}})
            except KeyboardInterrupt:
                console.print("interrupted")
                session.stop()
        for command, failed in session.anyway.items():
            if failed:
                what = ", ".join(sorted(failed))
                console.print(f"not counted, without a mutant too: {command.name}: {what}")
    return outcomes


def _try(session: Session, mutant: Mutant, excuses: dict[str, str], project: str) -> Outcome:
    started = time.perf_counter()
    copy = session.copies.get()
    target = copy / mutant.file
    original = target.read_text(encoding="utf-8")
    target.write_text(mutant.apply(original), encoding="utf-8")
    try:
        killer = session.first_to_notice(copy, killers(session.unchanged, mutant.file))
    finally:
        target.write_text(original, encoding="utf-8")
        session.copies.put(copy)
    return Outcome(
        mutant.name,
        mutant.key,
        _digest([mutant.file]),
        killer,
        excuses.get(mutant.key) if killer is None else None,
        time.perf_counter() - started,
        mutant.identity,
        project,
    )


def _digest(names: Iterable[str]) -> str:
    """Return the digest of files, and of the files in folders that may matter to a run."""
    found = hashlib.sha256()
    for name in names:
        inside = sorted((ROOT / name).rglob("*")) if (ROOT / name).is_dir() else [ROOT / name]
        for path in inside:
            if path.is_file() and path.suffix != ".pyc":
                found.update(f"{path.relative_to(ROOT).as_posix()}\n".encode())
                found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def _copy_project(copy: Path) -> None:
    copy.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.is_file():
            shutil.copy2(source, copy / name)


def _excuses() -> dict[str, str]:
    """Return why known survivors have no effect, by their keys."""
    found: dict[str, str] = json.loads((ROOT / "mutation/equivalent.json").read_text("utf-8"))
    return found


def _kept(path: Path | None) -> dict[str, Outcome]:
    """Read the outcomes of an earlier session; ValueError if the file holds something else."""
    if path is None or not path.is_file():
        return {}
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
        outcomes = [Outcome(**entry) for entry in found["mutants"]]
    except (ValueError, TypeError, KeyError) as error:
        raise SystemExit(f"mutants: {path} holds no outcomes: {error!r}") from error
    return {outcome.identity: outcome for outcome in outcomes if outcome.identity}


def _keep(path: Path, outcomes: dict[str, Outcome]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"mutants": [asdict(outcome) for outcome in outcomes.values()]}
    beside = path.with_name(f".{path.name}.part")
    beside.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
    beside.replace(path)


def _described(outcome: Outcome) -> str:
    if outcome.killed_by is not None:
        fate = f"killed by {outcome.killed_by}"
    elif outcome.excuse is not None:
        fate = f"equivalent: {outcome.excuse}"
    else:
        fate = "SURVIVED"
    return f"{fate}  [{outcome.seconds:.0f} s]  {outcome.mutant}"


def _conclude(
    outcomes: list[Outcome], drawn: int, options: argparse.Namespace, console: Console
) -> int:
    if not outcomes:
        console.print("no mutant was tried: nothing was measured")
        return 2
    for package in PACKAGES:
        part = [outcome for outcome in outcomes if outcome.package == package]
        if part:
            console.print(f"{package}: {_counted(part)}")
    console.print(_counted(outcomes))
    if len(outcomes) < drawn:
        console.print(
            f"{drawn - len(outcomes)} of {drawn} were not tried: the session ended before"
        )
    survivors = [o for o in outcomes if o.killed_by is None and o.excuse is None]
    for survivor in survivors:
        console.print(f"survivor: {survivor.key}", markup=False)
    if options.json is not None:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        content = {"seed": options.seed, "mutants": [asdict(outcome) for outcome in outcomes]}
        options.json.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 1 if survivors else 0


def _counted(outcomes: list[Outcome]) -> str:
    killed = sum(outcome.killed_by is not None for outcome in outcomes)
    excused = sum(outcome.excuse is not None for outcome in outcomes)
    relevant = len(outcomes) - excused
    rate = killed / relevant if relevant else 1.0
    return (
        f"{killed} of {relevant} mutants killed ({rate:.1%}); {excused} equivalent; "
        f"{relevant - killed} survived"
    )


def _positive(kind: type) -> Any:
    def read(text: str) -> Any:
        value = kind(text)
        if not value > 0:
            raise argparse.ArgumentTypeError(f"must be positive, got {text}")
        return value

    return read


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mutation.run",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    count, seconds = _positive(int), _positive(float)
    parser.add_argument("--count", type=count, default=60, help="mutants to draw (default: 60)")
    parser.add_argument("--seed", type=int, default=1, help="of the draw (default: 1)")
    parser.add_argument("--jobs", type=count, default=2, help="mutants at a time (default: 2)")
    parser.add_argument(
        "--minutes", type=seconds, default=float("inf"), help="after which none is begun"
    )
    parser.add_argument(
        "--patience", type=seconds, default=900.0, metavar="S", help="for a command (default: 900)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the outcomes here")
    parser.add_argument(
        "--resume", type=Path, metavar="FILE", help="keep outcomes here, and go on from them"
    )
    parser.add_argument(
        "files", nargs="*", help=f"patterns of files (default: {' '.join(FORMULAS)})"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
