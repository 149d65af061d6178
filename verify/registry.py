"""The register of claims: filled by importing the claim modules, then checked as a whole."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from graphlib import CycleError, TopologicalSorter
from types import ModuleType

from verify.claim import Claim, Tier
from verify.decoding import clean

DEFAULT_PACKAGE = "verify.claims"


class RegistryError(Exception):
    """The register of claims contradicts itself: the suite cannot run."""


@dataclass
class Registry:
    """Claims by id, in the order of their registration.

    Attributes
    ----------
    claims
        The claims, by id.
    modules, lines
        Where each was registered.
    broken
        Modules that could not be imported, and why; what they state is unknown.
    """

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

    def validate(self) -> None:
        """Raise RegistryError if a `requires` or `twin` dangles, or requirements form a circle.

        Where a module is broken, what it would have registered is not known: nothing dangles then.
        """
        for claim in self:
            named = [*claim.requires, *([claim.twin] if claim.twin else [])]
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


def load(packages: Iterable[str] = (DEFAULT_PACKAGE,)) -> Registry:
    """Import every module of the given packages (or the modules themselves) and validate.

    Returns
    -------
    The claims registered by those packages, ordered by id. A module within a package that cannot
    be imported is named in `broken`, and the others are there.

    Raises
    ------
    RegistryError
        If ids clash, references dangle, dependencies form a circle, or a package (or a module that
        is named itself) cannot be imported.
    """
    names = tuple(packages)
    chosen = Registry()
    for name in names:
        chosen.broken |= _import_all(name)
    for identifier in sorted(_REGISTRY.claims):
        module = _REGISTRY.modules[identifier]
        if any(module == name or module.startswith(name + ".") for name in names):
            chosen.add(_REGISTRY[identifier], module, _REGISTRY.lines[identifier])
    chosen.validate()
    return chosen


def select(registry: Registry, globs: Iterable[str], tier: Tier) -> list[Claim]:
    """Claims whose id matches one of `globs` (all if there are none) with a check in `tier`.

    Raises
    ------
    ValueError
        If a pattern matches no claim of the register at all, or no claim is left to decide.
    """
    patterns = tuple(globs)
    if not (len(registry) or registry.broken):
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
        and (tier == "full" or any(check.tier == "quick" for check in claim.checks))
    ]
    if not chosen and not select_broken(registry, patterns):
        raise ValueError(f"no claim that matches has a check in the {tier} tier")
    return chosen


def select_broken(registry: Registry, globs: Iterable[str]) -> list[str]:
    """Broken modules whose file name, by the rule that ids give it, matches one of `globs`.

    A module for `topic.one-statement` is called `topic_one_statement`; the id that a record gives
    it, `unreadable.topic_one_statement`, selects it too. No patterns select all.
    """
    given = tuple(globs)
    patterns = [*given, *(re.sub(r"[.-]", "_", pattern) for pattern in given)]
    return [
        module
        for module in registry.broken
        if not given
        or any(
            fnmatchcase(name, pattern)
            for name in (module.rpartition(".")[2], unreadable(module))
            for pattern in patterns
        )
    ]


def unreadable(module: str) -> str:
    """Return the id under which a record holds what became of a broken module."""
    return f"unreadable.{module.rpartition('.')[2]}"


def _import_all(name: str) -> dict[str, str]:
    """Import a package and all modules in it; return those that fail, with the reason."""
    try:
        package = _import(name)
    except (RegistryError, KeyboardInterrupt):
        raise
    except BaseException as error:
        hint = "; name the module, without .py" if name.endswith(".py") else ""
        raise RegistryError(
            f"cannot import the claims of {name}: {_failure(error)}{hint}"
        ) from error
    broken = {}
    for info in pkgutil.iter_modules(getattr(package, "__path__", ())):
        module = f"{name}.{info.name}"
        try:
            _import(module)
        except (RegistryError, KeyboardInterrupt):
            raise
        except BaseException as error:  # noqa: BLE001 - told by every user of `load`
            # What it registered before it failed would otherwise clash with the next attempt.
            _REGISTRY.drop(module)
            broken[module] = _failure(error)
    return broken


def _import(name: str) -> ModuleType:
    """Import a module; whoever interrupts that, one that hangs say, is told which it was."""
    try:
        return importlib.import_module(name)
    except KeyboardInterrupt as error:
        raise KeyboardInterrupt(f"while {name} was being imported") from error


def _failure(error: BaseException) -> str:
    """Return what was raised, and the last place that is not of importing or making a claim."""
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


# A register is state by nature: claim modules add to it once, at import.
_REGISTRY = Registry()
