"""The tasks of a sweep, each with a key that identifies its result.

A task is a function, a configuration and a seed. Its key is the SHA-256 of the canonical JSON of
these and of the code version, so that a stored result is used again only if a new run would give
the same.

The code version is a hash over the syntax trees of the modules that the result depends on. A
changed line of the training code changes it; comments, docstrings, layout and files that the
function does not import do not. By default these modules are that of the function and all that it
imports, directly or not, from its own package and from `numerics` and `empirics`. A function that
stands among unrelated ones declares its modules with `depends_on`; the hash then covers the body of
the function and those modules with their imports. Data files and versions of libraries are not
covered: a task that depends on them must name them in its configuration.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib
import inspect
import json
import math
import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar, cast

from empirics.imports import closure, source_path

Scalar = str | int | float | bool | None
Rows = list[dict[str, Scalar]]
TaskFunction = Callable[[dict[str, Any], int], Rows]
_F = TypeVar("_F", bound=Callable[..., Any])

FOLLOWED = ("numerics", "empirics")
_REFERENCE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", flags=re.ASCII)
_LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True)
class Task:
    """One piece of work, and the key of its result.

    Attributes
    ----------
    function
        ``"package.module:name"`` of a function of (configuration, seed) that returns rows: a list
        of dictionaries of JSON scalars. Numbers that are not finite must be given as None.
    configuration
        Finite JSON values by name; copied, and passed to the function as a new dictionary.
    seed
        0 ≤ seed < 2⁶³.

    Raises
    ------
    ValueError
        If one of these breaks its requirement.
    """

    function: str
    configuration: Mapping[str, Any] = field(compare=False)
    seed: int
    # The canonical JSON of the configuration, which comparisons use: 1 and 1.0 differ.
    text: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        _require_reference(self.function)
        if not isinstance(self.configuration, Mapping):
            raise ValueError(f"a configuration must be a mapping, got {self.configuration!r}")
        if type(self.seed) is not int or not 0 <= self.seed <= _LARGEST_SEED:
            raise ValueError(f"seed must be an int with 0 <= seed < 2**63, got {self.seed!r}")
        text = canonical_json(self.configuration)
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "configuration", MappingProxyType(json.loads(text)))

    def __reduce__(self) -> tuple[type[Task], tuple[str, dict[str, Any], int]]:
        return Task, (self.function, json.loads(self.text), self.seed)

    @property
    def code_version(self) -> str:
        """Hash of the sources that the result depends on."""
        return code_version(self.function)

    @property
    def key(self) -> str:
        """SHA-256, in hexadecimal, of function, configuration, code version and seed."""
        whole = f'["{self.function}",{self.text},"{self.code_version}",{self.seed}]'
        return hashlib.sha256(whole.encode("ascii")).hexdigest()


def canonical_json(value: Any) -> str:
    """Return the canonical JSON of `value`: names sorted, no spaces, ASCII, shortest digits.

    Raises
    ------
    ValueError
        If it holds anything but JSON values, or a number that is not finite.
    """
    return json.dumps(
        _plain(value, "configuration"), sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def rows_json(rows: Any) -> list[str]:
    """Return each row as JSON, its names in the order given.

    Raises
    ------
    ValueError
        If `rows` is not a list of dictionaries of finite JSON scalars.
    """
    if not isinstance(rows, list):
        raise ValueError(f"a task must return a list of rows, got {type(rows).__name__}")
    texts = []
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            raise ValueError(f"row {number} must be a dictionary, got {type(row).__name__}")
        plain = _plain(row, f"row {number}")
        for name, value in plain.items():
            if isinstance(value, (dict, list)):
                raise ValueError(f"row {number} must hold scalars, got {value!r} for {name!r}")
        texts.append(json.dumps(plain, separators=(",", ":"), allow_nan=False))
    return texts


def _require_reference(function: Any) -> None:
    """Raise ValueError unless this is a reference; `import_module` raises various errors."""
    if not isinstance(function, str) or not _REFERENCE.fullmatch(function):
        raise ValueError(f"a task function must read like package.module:name, got {function!r}")


def resolve(function: str) -> TaskFunction:
    """Return the function of a reference.

    Raises
    ------
    ValueError
        If there is none, or the reference does not read like package.module:name.
    """
    _require_reference(function)
    module, _, name = function.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"there is no task function {function}: {error}") from error
    if not callable(found):
        raise ValueError(f"a task function must be callable, got {function} = {found!r}")
    return cast(TaskFunction, found)


def depends_on(*modules: str) -> Callable[[_F], _F]:
    """Declare the modules that the results of a task function depend on, besides its own body.

    Functions of the same module that it calls are not covered: move them to one of the modules.
    """

    def declare(function: _F) -> _F:
        function.depends = modules  # type: ignore[attr-defined]
        return function

    return declare


@functools.cache
def code_version(function: str) -> str:
    """Return the code version of a task function, as of the first call in this process.

    Raises
    ------
    ValueError
        If the function, or the source of a module that it depends on, is not found.
    """
    found = resolve(function)
    own = function.partition(":")[0]
    roots: tuple[str, ...] = getattr(found, "depends", (own,))
    parts = [
        f"{name}:{_digest(source_path(name).read_text(encoding='utf-8'))}"
        for name in _closure(roots, own)
    ]
    if hasattr(found, "depends"):
        body = textwrap.dedent(inspect.getsource(inspect.unwrap(found)))
        parts.append(f"{function}:{_digest(body)}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def dependencies(function: str) -> list[str]:
    """Return the names of the modules that the code version of a task function covers, sorted."""
    own = function.partition(":")[0]
    return _closure(getattr(resolve(function), "depends", (own,)), own)


def _closure(roots: tuple[str, ...], own: str) -> list[str]:
    packages = {*FOLLOWED, *(name.partition(".")[0] for name in (own, *roots))}
    return closure(roots, lambda name: name.partition(".")[0] in packages)


def _source(module: str) -> str:
    return source_path(module).read_text(encoding="utf-8")


def _digest(source: str) -> str:
    return hashlib.sha256(_skeleton(ast.parse(source)).encode()).hexdigest()


def _skeleton(node: Any) -> str:
    """Return a syntax tree as text: no positions, docstrings or empty fields.

    The text of `ast.dump` differs between versions of Python.
    """
    if isinstance(node, list):
        return "[" + ",".join(map(_skeleton, node)) + "]"
    if not isinstance(node, ast.AST):
        return f"{type(node).__name__} {node!r}"
    fields = []
    for name, value in ast.iter_fields(node):
        if name == "body" and isinstance(value, list) and _documented(node):
            value = value[1:]
        if value is not None and value != [] and name not in ("kind", "type_comment"):
            fields.append(f"{name}={_skeleton(value)}")
    return f"{type(node).__name__}({','.join(fields)})"


def _documented(node: ast.AST) -> bool:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return isinstance(node, kinds) and ast.get_docstring(node, clean=False) is not None


def _plain(value: Any, where: str) -> Any:
    """Return `value` with tuples as lists; raise ValueError for what JSON cannot hold."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _writable(value, where)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{where} must hold finite numbers, or None, got {value!r}")
        return float(value)
    if isinstance(value, Mapping):
        for name in value:
            if not isinstance(name, str):
                raise ValueError(f"{where} must have strings as names, got {name!r}")
            _writable(name, where)
        return {str(name): _plain(item, f"{where}[{name!r}]") for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, f"{where}[{index}]") for index, item in enumerate(value)]
    raise ValueError(f"{where} must hold JSON values, got {value!r} ({type(value).__name__})")


def _writable(text: str, where: str) -> str:
    """Raise ValueError for halves of a surrogate pair, which no exported file can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{where} must hold text that UTF-8 can encode, got {text!r}") from None
    return text
