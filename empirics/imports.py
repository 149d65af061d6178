"""Which modules a module imports, directly or not, read from their sources."""

from __future__ import annotations

import ast
import functools
import importlib.util
from collections.abc import Callable, Iterable
from pathlib import Path


def closure(roots: Iterable[str], follow: Callable[[str], bool]) -> list[str]:
    """Return the modules `roots` and all that they import and one may `follow`, sorted by name.

    Raises
    ------
    ValueError
        If the source of one is not found.
    """
    seen: set[str] = set()
    waiting = list(roots)
    while waiting:
        module = waiting.pop()
        if module not in seen:
            seen.add(module)
            waiting += filter(follow, imports(source_path(module), module))
    return sorted(seen)


@functools.cache
def imports(path: Path, module: str) -> tuple[str, ...]:
    """Return the modules that the source of `module` names in import statements, anywhere in it.

    The source is read once; only the names in it are kept.
    """
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = importlib.util.resolve_name("." * node.level + base, package)
            for alias in node.names:
                member = f"{base}.{alias.name}"
                found.append(member if _is_module(member) else base)
    return tuple(found)


def source_path(module: str) -> Path:
    """Return the file of a module's source.

    Raises
    ------
    ValueError
        If it is not found.
    """
    try:
        spec = importlib.util.find_spec(module)
    except ImportError:
        spec = None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        raise ValueError(f"a code version needs the source of {module}, which was not found")
    return Path(spec.origin)


def _is_module(name: str) -> bool:
    if name.partition(".")[0] == name:
        return False
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False
