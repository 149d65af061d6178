"""What could notice a mutant: tests, claims and the golden table, the cheapest first."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGES = ("theory", "numerics", "empirics", "verify")
# If more claims than this depend on a module, the whole quick tier is run instead of them.
_FEW_CLAIMS = 12
_FEW_TESTS = 3
_REGISTER = ("state", "Claim")


@dataclass(frozen=True)
class Command:
    """Arguments of Python, and the name that the outcome has for them."""

    name: str
    arguments: tuple[str, ...]


REGRESS = Command("regress", ("-m", "regression.check"))
VERIFY = Command("verify", ("-m", "verify", "run"))


def killers(root: Path, file: str) -> list[Command]:
    """Return the commands to run for a mutant of `file`, in order.

    First the tests that mirror its module or import it; then the claims that import it, directly
    or not, if they are few; then the golden table, where float64 or mpmath could have changed, and
    all claims of the quick tier.
    """
    module = file.removesuffix(".py").replace("/", ".")
    found = [_tests((test,)) for test in tests_of(root, file)]
    claims = claims_of(root, module)
    if claims and len(claims) <= _FEW_CLAIMS:
        only = [word for claim in claims for word in ("--only", claim)]
        found.append(Command("its claims", (*VERIFY.arguments, *only)))
    if module in _reached(root, "regression.check"):
        found.append(REGRESS)
    if len(claims) > _FEW_CLAIMS or file.startswith("verify/"):
        found.append(VERIFY)
    return found


def _tests(paths: tuple[str, ...]) -> Command:
    options = ("-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly")
    return Command(f"tests {' '.join(paths)}", ("-m", "pytest", *options, *paths))


def tests_of(root: Path, file: str) -> list[str]:
    """Return the test files of a module: those named after it, and the closest that import it.

    The closest import it directly or, if none does, through the fewest other modules.
    """
    package, _, stem = file.removesuffix(".py").rpartition("/")
    module = file.removesuffix(".py").replace("/", ".")
    named = sorted((root / "tests" / package).glob(f"test_{stem.strip('_')}*.py"))
    others = [path for path in sorted((root / "tests").rglob("test_*.py")) if path not in named]
    closest = [path for path in others if module in _imports(path)]
    if not named and not closest:
        reached = {path: _reached_from(root, path) for path in others}
        closest = sorted(
            (path for path in others if module in reached[path]),
            key=lambda path: len(reached[path]),
        )
    return [path.relative_to(root).as_posix() for path in [*named, *closest[:_FEW_TESTS]]]


def claims_of(root: Path, module: str) -> list[str]:
    """Return the ids of the claims whose module is `module`, or imports it, directly or not."""
    ids = []
    for path in sorted((root / "verify/claims").rglob("*.py")):
        name = ".".join(path.relative_to(root).with_suffix("").parts)
        if name == module or module in _reached(root, name):
            ids += _stated(path, path.relative_to(root / "verify/claims"))
    return ids


def _stated(path: Path, inside: Path) -> list[str]:
    """Return the ids, or patterns of ids, of the claims that a file registers.

    If a function elsewhere registers them, the path gives the pattern, because the claims of one
    file differ in one word.
    """
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _REGISTER:
            named = [keyword.value for keyword in node.keywords if keyword.arg == "id"]
            found += [_pattern(one) for one in (*node.args[:1], *named)]
    if not found and not path.name.startswith("_"):
        topic, *words = "-".join(inside.with_suffix("").parts).replace("_", "-").split("-")
        found = [f"{topic}*{'*'.join(words)}"]
    return found


def _pattern(text: ast.expr) -> str:
    """Return the text of an expression, with `*` for each value inserted in it."""
    if isinstance(text, ast.JoinedStr):
        return "".join(_pattern(part) for part in text.values)
    return str(text.value) if isinstance(text, ast.Constant) else "*"


@cache
def _reached(root: Path, module: str) -> frozenset[str]:
    """Return the modules of this project that `module` imports, directly or not."""
    path = _path(root, module)
    return frozenset() if path is None else _reached_from(root, path)


@cache
def _reached_from(root: Path, start: Path) -> frozenset[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for name in _imports(waiting.pop()):
            path = None if name in seen else _path(root, name)
            if path is not None:
                seen.add(name)
                waiting.append(path)
    return frozenset(seen)


def _path(root: Path, module: str) -> Path | None:
    base = root / module.replace(".", "/")
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None


@cache
def _imports(path: Path) -> frozenset[str]:
    """Return the dotted names that a file imports; for `from a import b` both a and a.b."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)
