"""The code and commands that a Markdown page shows, and what it takes to try them.

Fences say what they hold. ``python``: a session with prompts, or code; all of a page share one
namespace; code whose first line is ``# name.py`` is saved under that name instead. ``console``:
commands after ``$``, each followed by what it prints, if that is shown, and by ``(exit status N)``,
if that is not 0. A console block that begins with ``# Not run in the tests: why`` is only parsed;
so are the commands of nox and pip everywhere, as they make environments.
"""

from __future__ import annotations

import argparse
import ast
import doctest
import importlib
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "CONTRIBUTING.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md")))

NOT_RUN = "# Not run in the tests:"
_FENCE = re.compile(r"^(?P<fence>`{3,})(?P<kind>[^\n`]*)\n(?P<text>.*?)^(?P=fence)$", re.M | re.S)
_STATUS = re.compile(r"\(exit status (\d+)\)")
_FILE = re.compile(r"# ([\w/]+\.py)\n")
_OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
# Seconds after which a command of the documentation counts as hung.
_PATIENCE = 300
# Programs that a page may name without their arguments being looked at.
_FOREIGN = {
    "cd",
    "git",
    "export",
    "ls",
    "cat",
    "sbatch",
    "srun",
    "ssh",
    "dask",
    "source",
    ".",
    "tee",
}


class DocumentError(AssertionError):
    """A page shows something that does not work."""


@dataclass(frozen=True)
class Block:
    """One fenced block of a page."""

    page: str
    line: int
    kind: str
    text: str

    @property
    def place(self) -> str:
        """File and line of its first line."""
        return f"{self.page}:{self.line}"


@dataclass(frozen=True)
class Command:
    """One command of a console block, and what the page says that it does."""

    place: str
    text: str
    shown: str
    status: int
    run: bool


def blocks(page: str, text: str | None = None) -> list[Block]:
    """Return the fenced blocks of a page, in their order."""
    content = (ROOT / page).read_text(encoding="utf-8") if text is None else text
    found = []
    for match in _FENCE.finditer(content):
        line = content.count("\n", 0, match.start()) + 2
        kind = match["kind"].strip()
        found.append(Block(page, line, kind, match["text"]))
    return found


def commands(block: Block) -> list[Command]:
    """Split a console block into its commands."""
    lines = block.text.splitlines()
    run = not block.text.startswith(NOT_RUN)
    found: list[Command] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        index += 1
        if not line.startswith("$ "):
            if line.strip() and not line.startswith("#"):
                raise DocumentError(f"{block.place}: neither a command nor its output: {line!r}")
            continue
        place = f"{block.page}:{block.line + index - 1}"
        text = line[2:]
        while text.endswith("\\"):
            text = text[:-1] + lines[index].removeprefix("> ")
            index += 1
        shown: list[str] = []
        while index < len(lines) and not lines[index].startswith("$ "):
            shown.append(lines[index])
            index += 1
        status = 0
        if shown and (stated := _STATUS.fullmatch(shown[-1].strip())):
            status = int(stated[1])
            shown.pop()
        printed = "\n".join(shown).strip()
        found.append(Command(place, text, printed, status, run and not _makes_environment(text)))
    return found


def try_page(page: str, folder: Path, text: str | None = None) -> None:
    """Do all that a page shows, in `folder`; raise DocumentError at the first that fails."""
    namespace: dict[str, Any] = {"__name__": "__page__"}
    here = Path.cwd()
    os.chdir(folder)
    try:
        for block in blocks(page, text):
            _try(block, folder, namespace)
    finally:
        os.chdir(here)


def _try(block: Block, folder: Path, namespace: dict[str, Any]) -> None:
    if block.kind == "python" and (name := _FILE.match(block.text)):
        path = folder / name[1]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
    elif block.kind == "python" and ">>>" in block.text:
        _run_session(block, namespace)
    elif block.kind == "python":
        exec(compile("\n" * (block.line - 1) + block.text, block.page, "exec"), namespace)
    elif block.kind == "console":
        for command in commands(block):
            (run_command if command.run else parse_command)(command, folder)
    elif block.kind == "bash":
        _check_script(block, folder)
    elif block.kind == "json":
        json.loads(block.text)
    elif block.kind == "toml":
        tomllib.loads(block.text)
    elif block.kind != "text" and not block.kind.startswith("{"):
        raise DocumentError(f"{block.place}: a block must say what it holds, got {block.kind!r}")


def _run_session(block: Block, namespace: dict[str, Any]) -> None:
    test = doctest.DocTestParser().get_doctest(
        block.text, namespace, block.place, block.page, block.line - 1
    )
    report: list[str] = []
    results = doctest.DocTestRunner(optionflags=_OPTIONS).run(
        test, out=report.append, clear_globs=False
    )
    # The names that it defined are there for the blocks that follow.
    namespace.update(test.globs)
    if results.failed:
        raise DocumentError("".join(report))


def run_command(command: Command, folder: Path) -> None:
    """Run one command in `folder` and hold what it prints and returns to what the page shows."""
    environment = {
        **os.environ,
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))),
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "100",
        "TERM": "dumb",
    }
    process = subprocess.run(
        ["bash", "-c", command.text],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    report = f"{command.place}: $ {command.text}\n{process.stdout}{process.stderr}"
    if process.returncode != command.status:
        raise DocumentError(f"{report}\nexit status {process.returncode}, not {command.status}")
    if command.shown and not agrees(process.stdout, command.shown):
        raise DocumentError(f"{report}\nwhere the page shows\n{command.shown}")


def agrees(printed: str, shown: str) -> bool:
    """Say whether `shown` is what was printed: "..." stands for anything, white space is alike."""
    text = " ".join(printed.split())
    first, *others = (" ".join(part.split()) for part in shown.split("..."))
    if not others:
        return text == first
    if not text.startswith(first) or not text[len(first) :].endswith(others[-1]):
        return False
    place, end = len(first), len(text) - len(others[-1])
    for part in others[:-1]:
        found = text.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True


def parse_command(command: Command, folder: Path) -> None:
    """Hold the arguments of a command that is not run to the programs' own parsers."""
    for words in _simple_commands(command.text):
        try:
            _parse_words(words, folder)
        except DocumentError as error:
            raise DocumentError(f"{command.place}: $ {command.text}\n{error}") from None


def _parse_words(words: list[str], folder: Path) -> None:
    if words[:2] == ["nice", "-n"]:
        words = words[3:]
    program, *arguments = words
    name = Path(program).name
    if name == "nox":
        _parse_nox(arguments)
    elif name == "pip":
        _parse_pip(arguments)
    elif name in ("python", "python3"):
        if arguments[:1] != ["-m"] or len(arguments) < 2:
            raise DocumentError(f"python must be given a module, got {shlex.join(arguments)}")
        if not (folder / f"{arguments[1]}.py").is_file():  # one that the page shows
            _parse_module(arguments[1], arguments[2:])
    elif name not in _FOREIGN:
        raise DocumentError(f"a page may not name the program {program!r}")


def _parse_module(module: str, arguments: list[str]) -> None:
    if module == "pip":
        _parse_pip(arguments)
    elif module == "nox":
        _parse_nox(arguments)
    elif module == "pytest":
        paths = [word.partition("::")[0] for word in arguments if word.startswith("tests")]
        missing = [path for path in paths if not (ROOT / path).exists()]
        if missing:
            raise DocumentError(f"no such tests: {missing}")
    elif module not in ("venv", "build"):
        parse_arguments(module, arguments)


def parse_arguments(module: str, arguments: list[str]) -> None:
    """Let the program `python -m module` parse its arguments, and stop it there."""
    original = argparse.ArgumentParser.parse_args

    def parse_and_stop(self: argparse.ArgumentParser, *given: Any, **named: Any) -> Any:
        original(self, *given, **named)
        raise _ParsedError

    def refuse(self: argparse.ArgumentParser, message: str) -> Any:
        raise DocumentError(f"{self.prog}: {message}")

    program = _program(module)
    with (
        mock.patch.object(argparse.ArgumentParser, "parse_args", parse_and_stop),
        mock.patch.object(argparse.ArgumentParser, "error", refuse),
    ):
        try:
            program.main(arguments)
        except _ParsedError:
            return
    raise DocumentError(f"python -m {module} must parse its arguments by argparse")


class _ParsedError(Exception):
    """The arguments were parsed; the program goes no further."""


def _program(module: str) -> Any:
    for name in (f"{module}.__main__", module):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name not in (name, module, f"{module}.__main__"):
                raise
    raise DocumentError(f"there is no module {module}")


def _parse_nox(arguments: list[str]) -> None:
    before, _, after = (
        (arguments, "", [])
        if "--" not in arguments
        else (arguments[: arguments.index("--")], "--", arguments[arguments.index("--") + 1 :])
    )
    if before == ["-l"]:
        return
    if len(before) < 2 or before[0] != "-s":
        raise DocumentError(f"nox must be given sessions by -s, got {before}")
    known = sessions()
    for session in before[1:]:
        if session not in known:
            raise DocumentError(f"there is no session {session!r}")
        last = known[session]
        if after and last[:2] == ["python", "-m"]:
            _parse_module(last[2], [*last[3:], *after])


def sessions() -> dict[str, list[str]]:
    """Return the sessions of noxfile.py, each with the words of its last command."""
    tree = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    found = {}
    for node in tree.body:
        if not (isinstance(node, ast.FunctionDef) and node.decorator_list):
            continue
        runs = [
            [word.value for word in call.args if isinstance(word, ast.Constant)]
            for call in ast.walk(node)
            if isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and call.func.attr == "run"
        ]
        found[node.name] = runs[-1] if runs else []
    return found


def _parse_pip(arguments: list[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = set(project["project"]["optional-dependencies"])
    groups = set(project["dependency-groups"])
    for word, following in zip(arguments, [*arguments, ""][1:], strict=True):
        named = re.fullmatch(r"(?:\.|finetuning-bias)\[([\w,-]+)\]", word)
        unknown = set(named[1].split(",")) - extras if named else set()
        if unknown:
            raise DocumentError(f"there is no extra {sorted(unknown)}")
        if word == "--group" and following not in groups:
            raise DocumentError(f"there is no dependency group {following!r}")


def _check_script(block: Block, folder: Path) -> None:
    """Check a shell script: its syntax, and the arguments of the commands of this project."""
    checked = subprocess.run(
        ["bash", "-n"], input=block.text, capture_output=True, text=True, check=False
    )
    if checked.returncode:
        raise DocumentError(f"{block.place}: {checked.stderr}")
    joined = block.text.replace("\\\n", " ")
    for line in joined.splitlines():
        if re.match(r"\s*(srun .*?)?(python3?|nox)\b", line):
            text = line[re.search(r"\b(python3?|nox)\b", line).start() :]  # type: ignore[union-attr]
            parse_command(Command(block.place, text, "", 0, False), folder)


def _makes_environment(text: str) -> bool:
    return any(
        Path(words[0]).name in ("nox", "pip") or words[1:3] in (["-m", "pip"], ["-m", "venv"])
        for words in _simple_commands(text)
    )


def _simple_commands(text: str) -> Iterator[list[str]]:
    """Yield the simple commands of a line of shell, redirections and assignments left out."""
    text = re.sub(r"\d?>&\d", "", re.sub(r"\$\{?\w+\}?", "1", text))
    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.wordchars += "=:%@,+^"
    words: list[str] = []
    skip = False
    for token in lexer:
        if skip:
            skip = False
        elif set(token) <= set("<>&") and set(token) & set("<>"):
            skip = True
        elif set(token) <= set("&|;()"):
            if words:
                yield words
            words = []
        elif words or not re.match(r"\w+=", token):
            words.append(token)
    if words:
        yield words
