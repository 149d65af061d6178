"""Mutants of a source file: one operator, sign, constant or function changed in each.

Only code that computes is changed. Docstrings, annotations, messages, arguments of `raise`, and
numbers that set a layout or a waiting time (`figsize=`, `timeout=`, ...) are left alone; so are
seeds, of which any serves, and the controls of claims: another false statement is as false, and
one that is true makes its check toothless.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

_BINARY: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.Pow: ("**", "*"),
}
_COMPARE: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", ">="),
    ast.LtE: ("<=", ">"),
    ast.Gt: (">", "<="),
    ast.GtE: (">=", "<"),
}
_FUNCTIONS = {
    "sinh": "cosh",
    "cosh": "sinh",
    "tanh": "sinh",
    "coth": "tanh",
    "asinh": "atanh",
    "arcsinh": "arctan",
    "log1p": "expm1",
    "expm1": "log1p",
    "exp": "cosh",
    "log": "log1p",
    "sqrt": "cbrt",
    "hypot": "maximum",
}


# Keywords of calls whose values set a layout, a waiting time or a seed.
_NO_RESULT = frozenset(
    ("figsize", "dpi", "fontsize", "labelsize", "linewidth", "markersize", "limit", "timeout")
) | {"seed"}
# Names of seeds and controls, and what makes controls.
_ARBITRARY = re.compile(r"(.*_)?SEEDS?|CONTROLS?|controls")
_MAKE_CONTROLS = frozenset(("Control", "but"))


@dataclass(frozen=True)
class Mutant:
    """One change of one file: the characters [start, end) of its text replaced.

    `context` is the text of its line, `scope` the function or class around it, and `nth` counts the
    mutants of a scope that are alike in all this.
    """

    file: str
    line: int
    start: int
    end: int
    before: str
    after: str
    context: str
    scope: str = ""
    nth: int = 1

    @property
    def name(self) -> str:
        """Short description: the place, the old text and the new."""
        return f"{self.file}:{self.line}: {self.before!r} -> {self.after!r}  in  {self.context}"

    @property
    def key(self) -> str:
        """What an excuse is given for: the file, the change and its line's text."""
        return f"{self.file} | {self.before} -> {self.after} | {self.context}"

    @property
    def identity(self) -> str:
        """What tells it from all others, wherever its line is and whatever else there is."""
        return f"{self.key} | {self.scope} | {self.nth}"

    def rank(self, seed: int) -> str:
        """Its place in the order of a draw: a hash, of nothing but the mutant and the seed."""
        return hashlib.sha256(f"{seed}\n{self.identity}".encode()).hexdigest()

    def apply(self, text: str) -> str:
        """Return `text` with the change made."""
        if text[self.start : self.end] != self.before:
            raise ValueError(f"the file is not the one that the mutant was made from: {self.name}")
        return text[: self.start] + self.after + text[self.end :]


def mutants_of(root: Path, file: str) -> list[Mutant]:
    """Return all mutants of `root/file`, in the order of their place in it."""
    text = (root / file).read_text(encoding="utf-8")
    finder = _Finder(file, text)
    finder.visit(ast.parse(text))
    alike: Counter[str] = Counter()
    numbered = []
    for mutant in sorted(finder.found, key=lambda mutant: (mutant.start, mutant.after)):
        alike[mutant.identity] += 1
        numbered.append(replace(mutant, nth=alike[mutant.identity]))
    return numbered


def choose(root: Path, strata: Sequence[Sequence[str]], count: int, seed: int) -> list[Mutant]:
    """Draw `count` mutants, as evenly as possible from the strata (lists of files).

    Of each stratum those of the lowest rank are drawn. A change in one file so changes the draw by
    the mutants that it makes and unmakes, and by one of the highest rank for each.
    """
    queues = [
        iter(
            sorted(
                (mutant for file in files for mutant in mutants_of(root, file)),
                key=lambda mutant: mutant.rank(seed),
            )
        )
        for files in strata
    ]
    chosen: list[Mutant] = []
    while len(chosen) < count and queues:
        for queue in list(queues):
            mutant = next(queue, None)
            if mutant is None:
                queues.remove(queue)
            elif len(chosen) < count:
                chosen.append(mutant)
    return chosen


class _Finder(ast.NodeVisitor):
    """Collects the mutants of one parsed file."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.lines = text.splitlines(keepends=True)
        self.offsets = [0]
        for line in self.lines:
            self.offsets.append(self.offsets[-1] + len(line))
        self.scope: tuple[str, ...] = ()
        self.found: list[Mutant] = []

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        outer, self.scope = self.scope, (*self.scope, node.name)
        self.generic_visit(node)
        self.scope = outer

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if _ARBITRARY.fullmatch(node.name):
            return
        outer, self.scope = self.scope, (*self.scope, node.name)
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            if default is not None:
                self.visit(default)
        for statement in node.body:
            self.visit(statement)
        self.scope = outer

    def visit_Assign(self, node: ast.Assign) -> None:
        """Skip what is assigned to the name of seeds or controls."""
        if not any(_ARBITRARY.fullmatch(getattr(target, "id", "")) for target in node.targets):
            self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_Raise(self, node: ast.Raise) -> None:
        """Skip what is raised."""

    def visit_keyword(self, node: ast.keyword) -> None:
        """Skip numbers that set a layout or a waiting time."""
        if node.arg not in _NO_RESULT:
            self.visit(node.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Skip the text of messages."""

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        self.generic_visit(node)
        if type(node.op) in _BINARY and not _is_text(node.left):
            token, other = _BINARY[type(node.op)]
            self._between(node.left, node.right, token, other, node.lineno)

    def visit_Compare(self, node: ast.Compare) -> None:
        self.generic_visit(node)
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            if type(operator) in _COMPARE:
                token, other = _COMPARE[type(operator)]
                self._between(left, right, token, other, node.lineno)
            left = right

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        self.generic_visit(node)
        if isinstance(node.op, ast.USub):
            start = self._offset(node.lineno, node.col_offset)
            self._add(start, start + 1, "+", node.lineno)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
            return
        start = self._offset(node.lineno, node.col_offset)
        end = self._offset(node.lineno, node.end_col_offset or node.col_offset)
        changed = node.value + 1 if abs(node.value) < 1e6 else node.value * 2
        if node.value != 0 and abs(node.value) < 1e-3:
            changed = node.value * 1e3
        self._add(start, end, repr(changed), node.lineno)

    def visit_Call(self, node: ast.Call) -> None:
        name = getattr(node.func, "attr", None)
        if {name, getattr(node.func, "id", None)} & _MAKE_CONTROLS:
            return
        self.generic_visit(node)
        if name in _FUNCTIONS and isinstance(node.func, ast.Attribute):
            end = self._offset(node.func.end_lineno or 0, node.func.end_col_offset or 0)
            self._add(end - len(name), end, _FUNCTIONS[name], node.lineno)

    def _between(self, left: ast.expr, right: ast.expr, token: str, other: str, line: int) -> None:
        start = self._offset(left.end_lineno or 0, left.end_col_offset or 0)
        end = self._offset(right.lineno, right.col_offset)
        found = self.text.find(token, start, end)
        if found >= 0:
            self._add(found, found + len(token), other, line)

    def _offset(self, line: int, column: int) -> int:
        # ast counts columns in UTF-8 bytes.
        prefix = self.lines[line - 1].encode()[:column].decode()
        return self.offsets[line - 1] + len(prefix)

    def _add(self, start: int, end: int, after: str, line: int) -> None:
        context = " ".join(self.lines[line - 1].split())
        before = self.text[start:end]
        scope = ".".join(self.scope)
        self.found.append(Mutant(self.file, line, start, end, before, after, context, scope))


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def iterate_files(root: Path, patterns: list[str]) -> Iterator[str]:
    """Yield the files below `root` that match any pattern, except `__init__.py`."""
    for pattern in patterns:
        for path in sorted(root.glob(pattern)):
            if path.name != "__init__.py":
                yield path.relative_to(root).as_posix()
