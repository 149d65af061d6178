"""The register of claims: filled by importing the claim modules, then checked as a whole."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import traceback
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from graphlib import CycleError, TopologicalSorter
from types import ModuleType

from verify.claim import SUPPORTING, Check, Claim, Fault, Tier
from verify.decoding import clean

DEFAULT_PACKAGE = "verify.claims"

_HEADING = re.compile(r"(?P<title>.*\S) \((?P<source>(?:[^()]|\([^()]*\))*)\)\.")


class RegistryError(Exception):
    """The register of claims contradicts itself: the suite cannot run."""


@dataclass
class Registry:
    """Claims by id, in the order of their registration.

    Attributes
    ----------
    packages
        Where they were looked for.
    claims
        The claims, by id.
    modules, lines
        Where each was registered.
    broken
        Modules that could not be imported, and why; what they state is unknown.
    """

    packages: tuple[str, ...] = ()
    claims: dict[str, Claim] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int | None] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)

    def add(self, claim: Claim, module: str, line: int | None = None) -> Claim:
        """Register `claim`, defined in `module`; a second claim of the same id is fatal."""
        if claim.id in self:
            raise RegistryError(
                f"claim id {claim.id} is registered by {self.modules[claim.id]} and by {module}"
            )
        self.claims[claim.id] = claim
        self.modules[claim.id] = module
        self.lines[claim.id] = line
        return claim

    def drop(self, module: str) -> None:
        """Forget what `module` registered."""
        for identifier in [name for name, found in self.modules.items() if found == module]:
            del self.claims[identifier], self.modules[identifier], self.lines[identifier]

    def __iter__(self) -> Iterator[Claim]:
        return iter(self.claims.values())

    def __len__(self) -> int:
        return len(self.claims)

    def __getitem__(self, identifier: str) -> Claim:
        return self.claims[identifier]

    def __contains__(self, identifier: object) -> bool:
        return identifier in self.claims

    def unreadable(self, module: str) -> str:
        """Return the id under which a record reports a broken module."""
        return "unreadable." + re.sub(r"[.-]", "_", _identifier(module, self.packages))

    def validate(self, *, whole: bool = True) -> None:
        """Raise RegistryError if a `requires` or `twin` dangles, or requirements form a circle.

        If a module is broken, its claims are unknown, and no reference counts as dangling. In a
        part of the register (`whole` is False) a twin may be missing.
        """
        for claim in self:
            named = [*claim.requires, *([claim.twin] if claim.twin and whole else [])]
            unknown = [name for name in named if name not in self]
            if unknown and not self.broken:
                raise RegistryError(f"claim {claim.id} refers to unknown claims {unknown}")
            if claim.twin in self and self[claim.twin or ""].expected is claim.expected:
                raise RegistryError(f"claim {claim.id} and its twin {claim.twin} agree in verdict")
        try:
            TopologicalSorter({claim.id: claim.requires for claim in self}).prepare()
        except CycleError as error:
            raise RegistryError(f"claims require each other in a circle: {error.args[1]}") from None


def register(claim: Claim) -> Claim:
    """Add `claim` to the register of the running process; called by claim modules at import."""
    return _REGISTRY.add(claim, *_calling_place())


def state(
    identifier: str,
    text: str | None,
    checks: tuple[Check, ...],
    *,
    latex: str = "",
    assumptions: tuple[str, ...] = (),
    requires: tuple[str, ...] = (),
    twin: str | None = None,
    fault: Fault | None = None,
    not_decided: tuple[str, ...] = (),
) -> Claim:
    """Register a claim whose title, source and sentence stand in `text`, its module's docstring.

    Parameters
    ----------
    identifier, checks, assumptions, requires, twin, fault, not_decided
        As in `Claim`.
    text
        "Title (source).", an empty line, and the statement in one paragraph. Further paragraphs
        are for the reader of the code.
    latex
        The statement as display mathematics, if no subject of a check has a method `latex`;
        otherwise the subject of the first check that earns the claim's verdict prints it.

    Raises
    ------
    ValueError
        If the text has another form, or if both `latex` and a subject print the statement, or
        neither.
    """
    if text is None:
        raise ValueError(f"claim {identifier} has no text: python -OO leaves docstrings out")
    heading, _, rest = inspect.cleandoc(text).partition("\n\n")
    found = _HEADING.fullmatch(" ".join(heading.split()))
    sentence = " ".join(rest.partition("\n\n")[0].split())
    if found is None or not sentence:
        raise ValueError(
            f"the text of claim {identifier} must read “Title (source).”, an empty line, and the "
            f"statement, got {heading!r}"
        )
    strongest = min((SUPPORTING.index(check.method.supports) for check in checks), default=0)
    printed = [
        check.latex
        for check in checks
        if check.latex and SUPPORTING.index(check.method.supports) == strongest
    ]
    if bool(printed) == bool(latex):
        raise ValueError(
            f"claim {identifier} must show its statement as a subject of its strongest checks "
            f"prints it, or by `latex` where none does, got {'both' if printed else 'neither'}"
        )
    return register(
        Claim(
            identifier,
            found["title"],
            sentence,
            latex or printed[0],
            found["source"],
            checks,
            assumptions,
            requires,
            twin,
            fault,
            not_decided,
        )
    )


def forget(module: str) -> None:
    """Drop what a module registered before it failed, so that the next attempt does not clash."""
    _REGISTRY.drop(module)


def load(packages: Iterable[str] = (DEFAULT_PACKAGE,), only: Iterable[str] = ()) -> Registry:
    """Import the claim modules of the given packages (or the modules themselves) and validate.

    Parameters
    ----------
    packages
        Packages, searched to any depth, or single modules. Modules whose names begin with an
        underscore hold what claims share; only claims import them.
    only
        Patterns of claim ids; without any, everything is imported. Otherwise only modules whose
        path, read as an id, may match are imported, and those that state what their claims require.

    Returns
    -------
    The claims registered by those packages, ordered by id. `broken` names the modules within a
    package that cannot be imported; the claims of all others are registered.

    Raises
    ------
    RegistryError
        If ids clash, references dangle, dependencies form a circle, or a package (or a module that
        is named itself) cannot be imported.
    """
    names, patterns = tuple(packages), tuple(only)
    chosen = Registry(names)
    for name in names:
        _import_package(name)
    if not patterns:
        for name in names:
            for module in modules(name):
                _import_module(module, chosen)
    wanted = deque(patterns)
    asked = set(wanted)
    while wanted:
        pattern = wanted.popleft()
        for name in names:
            _import_stating(name, pattern, chosen)
        required = {
            requirement
            for identifier, module in _REGISTRY.modules.items()
            if fnmatchcase(identifier, pattern) and _within(module, names)
            for requirement in _REGISTRY[identifier].requires
        }
        wanted.extend(sorted(required - asked))
        asked |= required
    for identifier in sorted(_REGISTRY.claims):
        module = _REGISTRY.modules[identifier]
        if _within(module, names) and (
            not patterns or any(fnmatchcase(identifier, pattern) for pattern in asked)
        ):
            _require_own_topic(identifier, module, names)
            chosen.add(_REGISTRY[identifier], module, _REGISTRY.lines[identifier])
    chosen.validate(whole=not patterns)
    return chosen


def find(packages: Iterable[str], identifier: str) -> tuple[Claim, str]:
    """Return a claim and the module that states it, which is imported if it was not before."""
    names = tuple(packages)
    if identifier not in _REGISTRY or not _within(_REGISTRY.modules[identifier], names):
        load(names, (identifier,))
    return _REGISTRY[identifier], _REGISTRY.modules[identifier]


def modules(package: str) -> list[str]:
    """Import a package, and return the names of its claim modules, which are not imported."""
    return list(_search(package, getattr(importlib.import_module(package), "__path__", ())))


def candidates(package: str, pattern: str) -> Iterator[list[str]]:
    """Yield the modules of a package that may state a claim whose id matches `pattern`.

    First the module at that path, if the pattern is an id; then those of its topic, because a false
    reading is in the file of its true twin; then all. Only the package itself is imported.
    """
    found = modules(package)
    topic = f"{package}.{pattern.partition('.')[0].replace('-', '_')}."
    inside = [module for module in found if module.startswith(topic)]
    flat = [module for module in found if "." not in module.removeprefix(f"{package}.")]
    yield [module for module in found if _identifier(module, (package,)) == pattern]
    yield [*inside, *flat] if inside else []
    yield found


def select(registry: Registry, globs: Iterable[str], tier: Tier) -> list[Claim]:
    """Return the claims with a check in `tier` whose id matches one of `globs`, if there are any.

    Raises
    ------
    ValueError
        If a pattern matches no registered claim, or no claim is left to decide.
    """
    patterns = tuple(globs)
    if not (patterns or len(registry) or registry.broken):
        raise ValueError("no claim is registered: a claim module calls verify.registry.register")
    for pattern in patterns:
        named = any(fnmatchcase(claim.id, pattern) for claim in registry)
        if not (named or select_broken(registry, [pattern])):
            raise ValueError(
                f"no claim has an id that matches {pattern!r}; ids read topic.statement, and "
                f"`list` names them all"
            )
    chosen = [
        claim
        for claim in registry
        if (not patterns or any(fnmatchcase(claim.id, pattern) for pattern in patterns))
        and claim.checks_in(tier)
    ]
    if not chosen and not select_broken(registry, patterns):
        raise ValueError(f"no claim that matches has a check in the {tier} tier")
    return chosen


def select_broken(registry: Registry, globs: Iterable[str]) -> list[str]:
    """Return the broken modules whose path, read as an id, matches one of `globs`, if any.

    The module `topic/one_statement.py` matches as `topic.one-statement`, as `topic_one_statement`
    and as `unreadable.topic_one_statement`, its id in a record. Without patterns all are selected.
    """
    given = tuple(globs)
    patterns = [*given, *(re.sub(r"[.-]", "_", pattern) for pattern in given)]
    chosen = []
    for module in registry.broken:
        identifier = _identifier(module, registry.packages)
        names = (identifier, re.sub(r"[.-]", "_", identifier), registry.unreadable(module))
        if not given or any(fnmatchcase(name, pattern) for name in names for pattern in patterns):
            chosen.append(module)
    return chosen


def _identifier(module: str, packages: Iterable[str]) -> str:
    """Return the path of a module below its package, written as the id of a claim."""
    inside = next((p for p in packages if module.startswith(f"{p}.")), module.rpartition(".")[0])
    return module.removeprefix(f"{inside}.").replace("_", "-")


def _require_own_topic(identifier: str, module: str, packages: Iterable[str]) -> None:
    """Refuse a claim in the folder of another topic, where its pattern would not find it."""
    folder, dot, _ = _identifier(module, packages).partition(".")
    if dot and folder != identifier.partition(".")[0]:
        raise RegistryError(f"claim {identifier} must not stand in the folder {folder}: {module}")


def _within(module: str, packages: Iterable[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in packages)


def _search(package: str, paths: Iterable[str]) -> Iterator[str]:
    """Yield the modules below `paths`, at any depth, without importing any."""
    for info in pkgutil.iter_modules(paths):
        if info.name.startswith("_"):
            continue
        module = f"{package}.{info.name}"
        if not info.ispkg:
            yield module
            continue
        spec = info.module_finder.find_spec(info.name, None)
        yield from _search(module, (spec and spec.submodule_search_locations) or ())


def _import_package(name: str) -> None:
    """Import a package or module that the caller named; an error if that fails."""
    try:
        _import(name)
    except (RegistryError, KeyboardInterrupt):
        raise
    except BaseException as error:
        hint = "; name the module, without .py" if name.endswith(".py") else ""
        raise RegistryError(
            f"cannot import the claims of {name}: {_failure(error)}{hint}"
        ) from error


def _import_stating(package: str, pattern: str, chosen: Registry) -> None:
    """Import the fewest modules that state a claim whose id matches `pattern`."""
    for found in filter(None, candidates(package, pattern)):
        for module in found:
            _import_module(module, chosen)
        if any(
            fnmatchcase(identifier, pattern) and _within(module, (package,))
            for identifier, module in _REGISTRY.modules.items()
        ):
            return


def _import_module(module: str, chosen: Registry) -> None:
    """Import a module; if it fails, put it among the broken ones, with the reason."""
    if module in chosen.broken:
        return
    try:
        _import(module)
    except (RegistryError, KeyboardInterrupt):
        raise
    except BaseException as error:  # noqa: BLE001 - every user of `load` reports it
        forget(module)
        chosen.broken[module] = _failure(error)


def _import(name: str) -> ModuleType:
    """Import a module; if interrupted, say which one, as its import may hang."""
    try:
        return importlib.import_module(name)
    except KeyboardInterrupt as error:
        raise KeyboardInterrupt(f"while {name} was being imported") from error


def _failure(error: BaseException) -> str:
    """Return what was raised, and the last place outside the import machinery and `Claim`."""
    ours = (__file__, importlib.__file__, inspect.getfile(Claim))
    places = [
        f" ({frame.filename.rpartition('/')[2]}:{frame.lineno})"
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith("<") and frame.filename not in ours
    ]
    return clean(f"{type(error).__name__}: {error}{places[-1] if places else ''}")


def _calling_place() -> tuple[str, int | None]:
    """Return the module and the line that call into this module."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__") == __name__:
        frame = frame.f_back
    return (str(frame.f_globals["__name__"]), frame.f_lineno) if frame else ("__main__", None)


# The one mutable global: claim modules add to it once, at import.
_REGISTRY = Registry()
