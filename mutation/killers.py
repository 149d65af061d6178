"""What could notice a mutant: tests, claims and the golden table, likely and cheap ones first."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGES = ("theory", "numerics", "empirics", "verify")
# The claims that depend on a module are run in parts: the closest, then so many at a time.
_CLOSEST_CLAIMS = 12
_MORE_CLAIMS = 36
_FEW_TESTS = 3
_REGISTER = ("state", "Claim")
_DECIDE = ("-m", "verify", "run")


@dataclass(frozen=True)
class Command:
    """Arguments of Python, and the name that the outcome has for them."""

    name: str
    arguments: tuple[str, ...]

    @property
    def decides_claims(self) -> bool:
        """Whether it is a run of claims, each of which can fail by itself."""
        return self.arguments[: len(_DECIDE)] == _DECIDE


REGRESS = Command("regress", ("-m", "regression.check"))
# More patience than on a quiet machine: a check that ends late must not count as one that fails.
VERIFY = Command("verify", (*_DECIDE, "--limit-factor", "3"))


def killers(root: Path, file: str) -> list[Command]:
    """Return the commands to run for a mutant of `file`, the likely and cheap ones first.

    The tests that mirror its module or import it; the claims that are closest to it; the golden
    table, where float64 or mpmath could have changed; the other tests of its package; and all other
    claims that import it, directly or not. A file of claims has its own claims first. What decides
    all claims alike, in `verify`, has the whole quick tier last.
    """
    module = file.removesuffix(".py").replace("/", ".")
    tests, beside = ([_tests((test,)) for test in found] for found in tests_of(root, file))
    claims = claims_of(root, module)
    closest, more = claims[:_CLOSEST_CLAIMS], claims[_CLOSEST_CLAIMS:]
    first = [_claims("its claims", closest)] if closest else []
    rest = [
        _claims(f"claims that rest on it, from the {_CLOSEST_CLAIMS + at + 1}th", part)
        for at in range(0, len(more), _MORE_CLAIMS)
        if (part := more[at : at + _MORE_CLAIMS])
    ]
    if file.startswith("verify/claims/"):
        return [*first, *tests, *beside, *rest]
    golden = [REGRESS] if module in _reached(root, "regression.check") else []
    whole = [VERIFY] if file.startswith("verify/") else []
    return [*tests, *first, *golden, *beside, *(whole or rest)]


def _claims(name: str, claims: list[str]) -> Command:
    only = [word for claim in claims for word in ("--only", claim)]
    return Command(name, (*VERIFY.arguments, *only))


def _tests(paths: tuple[str, ...]) -> Command:
    options = ("-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly")
    return Command(f"tests {' '.join(paths)}", ("-m", "pytest", *options, *paths))


def tests_of(root: Path, file: str) -> tuple[list[str], list[str]]:
    """Return the test files of a module, and further ones of its package that reach it.

    The first are named after it, or import it directly, or if there are none of these come to it
    through the fewest other modules; the others stand beside those that are named after it.
    """
    package, _, stem = file.removesuffix(".py").rpartition("/")
    module = file.removesuffix(".py").replace("/", ".")
    folder = root / "tests" / package
    named = sorted(folder.glob(f"test_{stem.strip('_')}*.py"))
    others = [path for path in sorted((root / "tests").rglob("test_*.py")) if path not in named]
    direct = [path for path in others if module in _imports(path)]
    direct.sort(key=lambda path: path.parent != folder)
    reached = {path: _reached_from(root, path) for path in others}
    through = sorted(
        (path for path in others if module in reached[path] and path not in direct),
        key=lambda path: len(reached[path]),
    )
    closest = direct if named or direct else through
    first = [*named, *closest[:_FEW_TESTS]]
    beside = [path for path in through if path.parent == folder and path not in first]
    one, other = ([path.relative_to(root).as_posix() for path in p] for p in (first, beside))
    return one, other


def claims_of(root: Path, module: str) -> list[str]:
    """Return the ids of the claims whose module is `module`, or imports it, directly or not.

    The closest come first: its own, those of modules that import it directly, and among the others
    those that import the least besides.
    """
    found = []
    for path in sorted((root / "verify/claims").rglob("*.py")):
        name = ".".join(path.relative_to(root).with_suffix("").parts)
        reached = _reached(root, name)
        if name == module or module in reached:
            distance = (name != module, module not in _imports(path), len(reached))
            found.append((distance, _stated(path, path.relative_to(root / "verify/claims"))))
    found.sort(key=lambda pair: pair[0])
    return list(dict.fromkeys(identifier for _, ids in found for identifier in ids))


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
