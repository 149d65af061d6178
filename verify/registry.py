"""The register of claims: filled by importing the claim modules, then checked as a whole."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from graphlib import CycleError, TopologicalSorter

from verify.claim import Claim, Tier

DEFAULT_PACKAGE = "verify.claims"


class RegistryError(Exception):
    """The register of claims contradicts itself: the suite cannot run."""


@dataclass
class Registry:
    """Claims by id, in the order of their registration."""

    claims: dict[str, Claim] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)

    def add(self, claim: Claim, module: str) -> Claim:
        """Register `claim`, defined in `module`; a second claim of the same id is fatal."""
        if claim.id in self:
            raise RegistryError(
                f"claim id {claim.id} is registered by {self.modules[claim.id]} and by {module}"
            )
        self.claims[claim.id] = claim
        self.modules[claim.id] = module
        return claim

    def __iter__(self) -> Iterator[Claim]:
        return iter(self.claims.values())

    def __len__(self) -> int:
        return len(self.claims)

    def __getitem__(self, identifier: str) -> Claim:
        return self.claims[identifier]

    def __contains__(self, identifier: object) -> bool:
        return identifier in self.claims

    def validate(self) -> None:
        """Raise RegistryError if a `requires` or `twin` dangles, or requirements form a circle."""
        for claim in self:
            named = [*claim.requires, *([claim.twin] if claim.twin else [])]
            unknown = [name for name in named if name not in self]
            if unknown:
                raise RegistryError(f"claim {claim.id} refers to unknown claims {unknown}")
            if claim.twin is not None and self[claim.twin].expected is claim.expected:
                raise RegistryError(f"claim {claim.id} and its twin {claim.twin} agree in verdict")
        try:
            TopologicalSorter({claim.id: claim.requires for claim in self}).prepare()
        except CycleError as error:
            raise RegistryError(f"claims require each other in a circle: {error.args[1]}") from None


def register(claim: Claim) -> Claim:
    """Add `claim` to the register of the running process; called by claim modules at import."""
    module = _calling_module()
    return _REGISTRY.add(claim, module)


def load(packages: Iterable[str] = (DEFAULT_PACKAGE,)) -> Registry:
    """Import every module of the given packages (or the modules themselves) and validate.

    Returns
    -------
    The claims registered by those packages, ordered by id.

    Raises
    ------
    RegistryError
        If ids clash, references dangle, dependencies form a circle, or a module fails to import.
    """
    names = tuple(packages)
    for name in names:
        _import_all(name)
    chosen = Registry()
    for identifier in sorted(_REGISTRY.claims):
        module = _REGISTRY.modules[identifier]
        if any(module == name or module.startswith(name + ".") for name in names):
            chosen.add(_REGISTRY[identifier], module)
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
    for pattern in patterns:
        if not any(fnmatchcase(claim.id, pattern) for claim in registry):
            raise ValueError(f"no claim has an id that matches {pattern!r}")
    chosen = [
        claim
        for claim in registry
        if (not patterns or any(fnmatchcase(claim.id, pattern) for pattern in patterns))
        and (tier == "full" or any(check.tier == "quick" for check in claim.checks))
    ]
    if not chosen:
        raise ValueError(f"no claim that matches has a check in the {tier} tier")
    return chosen


def _import_all(name: str) -> None:
    try:
        module = importlib.import_module(name)
        for info in pkgutil.iter_modules(getattr(module, "__path__", ())):
            importlib.import_module(f"{name}.{info.name}")
    except RegistryError:
        raise
    except Exception as error:
        raise RegistryError(f"cannot import the claims of {name}: {error!r}") from error


def _calling_module() -> str:
    frame = inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__") == __name__:
        frame = frame.f_back
    return str(frame.f_globals["__name__"]) if frame is not None else "__main__"


# A register is state by nature: claim modules add to it once, at import.
_REGISTRY = Registry()
