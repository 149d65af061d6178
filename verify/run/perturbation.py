"""Errors put into the theory, so that one sees which of them a check notices.

`install` replaces the solvers of the limit d → ∞ in `numerics` (`ROADS`) before claims import them;
from then on a process can ask for a `Perturbation`. What is measured stays as it is: networks and
minimisers of finite problems, their samples, and c_FT as `Initialization` gives it to them.

* An error of what is *put in* (c_FT, γ², α, the law of β*) is made in every solver: the theory is
  wrong, and no solver of it knows better. So where two solvers are compared it cancels.
* An error of the *answer* (p, τ, θ, the free energy) is made in one solver: in the first of `ROADS`
  that the check calls.

c_FT times k is c_FT of k times β_PT, c, λ and γ², as it has the unit of these.

Measuring takes most of the time of a check, and is cached by the claims. So that a process can try
many perturbations, caches of claims are watched: what was computed with an answer of the theory is
forgotten before the next, and the rest is kept.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, is_dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from numerics.initialization import Initialization
from numerics.tasks import CoordinateGroup, TaskDistribution
from numerics.validation import Slab
from verify.run.noticed import Kind

WATCHED = ("verify.", "empirics.")
"""Packages whose caches are watched, besides those of the claims."""
_OTHER: Mapping[str, Slab] = {"sign": "gaussian", "gaussian": "sign", "zero": "zero"}


@dataclass(frozen=True)
class Perturbation:
    """An error of one kind: the true value times a factor; for the slab, the other one."""

    kind: Kind
    factor: float = 1.0


@dataclass(frozen=True)
class Road:
    """A solver of the theory: its name, where it is, and how its arguments are perturbed."""

    name: str
    module: str
    put_in: Callable[..., tuple[Any, ...]]
    answers: bool = True
    cannot: tuple[str, ...] = ()  # kinds that its arguments cannot express
    keeps: tuple[str, ...] = ()  # fields of its answer that no error of what is put in reaches
    alpha: int = 2  # place of α among its arguments


def of_task(
    wrong: Perturbation, task: Any, init: Any, alpha: Any, *more: Any
) -> tuple[Any, Any, Any, Any]:
    """Return task, initialisation, α and what else is given, perturbed."""
    kind, k = wrong.kind.name, wrong.factor
    if kind == "c_FT":
        task = _with_groups(task, lambda group: replace(group, pt_magnitude=k * group.pt_magnitude))
        init = Initialization(k * init.c, k * init.lam, k**0.5 * init.gamma)
    elif kind == "γ²":
        init = replace(init, gamma=k**0.5 * init.gamma)
    elif kind == "slab":
        task = _with_groups(task, lambda group: replace(group, slab=_OTHER[group.slab]))
    elif kind == "α":
        alpha = k * np.asarray(alpha, dtype=float)
        alpha = float(alpha) if alpha.ndim == 0 else alpha
    return task, init, alpha, *more


def of_pipeline(
    wrong: Perturbation, task: Any, init: Any, pretraining: Any, alpha: Any, *more: Any
) -> tuple[Any, ...]:
    """Return task, initialisation, pretraining, α and what else is given, perturbed.

    With the teacher and c of pretraining its noise and ridge are larger, so that all it learns is.
    What the answer says of pretraining itself stays as it was (`Road.keeps`).
    """
    task, init, alpha, *rest = of_task(wrong, task, init, alpha, *more)
    if wrong.kind.name == "c_FT":
        k = wrong.factor
        noise, ridge = k * k * pretraining.noise_variance, k * pretraining.ridge
        pretraining = replace(pretraining, noise_variance=noise, ridge=ridge)
    return task, init, pretraining, alpha, *rest


def _with_groups(
    task: TaskDistribution, change: Callable[[CoordinateGroup], CoordinateGroup]
) -> TaskDistribution:
    return TaskDistribution(tuple(map(change, task.groups)), task.pretrained)


def of_groups(wrong: Perturbation, groups: Any, alpha: Any, *more: Any) -> tuple[Any, Any, Any]:
    """Return groups (share, c_FT, law), α and what else is given, perturbed."""
    kind, k = wrong.kind.name, wrong.factor
    if kind == "c_FT":
        groups = [(share, _times(scale, k), law) for share, scale, law in groups]
    elif kind == "slab":
        groups = [
            (share, scale, law if law == "zero" else (_OTHER[law[0]], *law[1:]))
            for share, scale, law in groups
        ]
    elif kind == "α":
        alpha = _times(alpha, k)
    return groups, alpha, *more


def _times(value: Any, k: float) -> Any:
    """Return k times a number of any type, exact where it is."""
    if isinstance(value, int | float | str | Fraction):
        return Fraction(value) * Fraction(k)
    return value * k


ROADS = (
    Road("solve_replica", "numerics.replica", of_task),
    Road("state_evolution", "numerics.state_evolution", of_task),
    Road("replica_fixed_point", "numerics.multiprecision", of_groups, cannot=("γ²",)),
    Road("potential", "numerics.replica", of_task),
    Road("solve_pipeline", "numerics.pipeline.solve", of_pipeline, alpha=3, keeps=("pretraining",)),
    Road("solve_task_montecarlo", "numerics.replica_montecarlo", of_task, answers=False),
)


class Theory:
    """The theory of a process: how it is perturbed, and what is taken of its answers."""

    def __init__(self) -> None:
        self.wrong: Perturbation | None = None
        self.road = ""  # which gives wrong answers
        self.called: set[str] = set()  # roads
        self.read: set[tuple[str, str]] = set()  # roads and fields of their answers
        self.moved: set[str] = set()  # what is put in, and matters: "c_FT", "γ²"
        self.caches = Caches()
        self._within = False  # a solver that asks another one
        self._solved: dict[Any, Any] = {}

    @contextmanager
    def perturbed(self, wrong: Perturbation | None) -> Iterator[None]:
        """Let the theory be wrong meanwhile, or right for None; caches hold nothing else of it."""
        self.caches.forget()
        self.wrong = wrong
        try:
            yield
        finally:
            self.wrong = None
            self.caches.forget()

    def uses(self, kind: Kind) -> bool:
        """Return whether what was called and read depends on what is wrong in this kind of error.

        Not if a solver that was called cannot be asked for it.
        """
        if kind.fields:
            return any((self.road, name) in self.read for name in kind.fields)
        called = [road for road in ROADS if road.name in self.called]
        if not called or any(kind.name in road.cannot for road in called):
            return False
        return kind.name in ("slab", "α") or kind.name in self.moved

    def settle(self) -> None:
        """Choose the solver whose answers are perturbed, of those that were called."""
        names = [road.name for road in ROADS if road.answers and road.name in self.called]
        self.road = next(iter(names), "")

    def solver(self, road: Road, solve: Callable[..., Any]) -> Callable[..., Any]:
        """Return what claims call in place of a solver."""
        bind = inspect.signature(solve).bind

        @functools.wraps(solve)
        def perturbed(*arguments: Any, **named: Any) -> Any:
            if self._within:
                return solve(*arguments, **named)
            self._within = True
            try:
                return answered(*arguments, **named)
            finally:
                self._within = False

        def answered(*arguments: Any, **named: Any) -> Any:
            self.caches.taint()
            self.called.add(road.name)
            bound, wrong = bind(*arguments, **named), self.wrong
            given, options = bound.args, bound.kwargs
            if wrong is not None and not wrong.kind.fields:
                found = solve(*road.put_in(wrong, *given), **options)
                if road.keeps:
                    right = self._once(road, solve, given, options)
                    found = replace(found, **{name: getattr(right, name) for name in road.keeps})
                own = getattr(found, "alpha", None)
                return (
                    found if own is None else replace(found, alpha=np.atleast_1d(given[road.alpha]))
                )
            found = self._once(road, solve, given, options)
            if wrong is None:
                self._note(given)
                return _watched(found, road.name, self.read)
            return _answer(found, wrong) if road.name == self.road else found

        return perturbed

    def _once(self, road: Road, solve: Any, given: tuple[Any, ...], options: Any) -> Any:
        """Solve what was not solved before: an error of the answer needs no new one."""
        key = road.name, tuple(map(_key, given)), tuple((n, _key(o)) for n, o in options.items())
        try:
            if key not in self._solved:
                self._solved[key] = solve(*given, **options)
        except TypeError:
            return solve(*given, **options)
        return self._solved[key]

    def _note(self, given: tuple[Any, ...]) -> None:
        """Note whether c_FT and γ have a value other than 0."""
        task, init = given[:2]
        if not isinstance(init, Initialization) or not (task.pretrained and init.is_saddle):
            self.moved.add("c_FT")
        if isinstance(init, Initialization) and task.pretrained and init.gamma > 0.0:
            self.moved.add("γ²")


def _key(value: Any) -> Any:
    """Return what stands for an argument in a key; lists and arrays by their values."""
    if isinstance(value, np.ndarray):
        return value.shape, value.tobytes()
    return tuple(map(_key, value)) if isinstance(value, list | tuple) else value


def _answer(found: Any, wrong: Perturbation) -> Any:
    """Return an answer with the fields of a kind of error times its factor."""
    powers = wrong.kind.fields
    if not is_dataclass(found):
        return found * wrong.factor ** powers.get("ψ", 0)
    present = {name: power for name, power in powers.items() if hasattr(found, name)}
    changed = {name: getattr(found, name) * wrong.factor**n for name, n in present.items()}
    return replace(found, **changed)  # type: ignore[type-var]


def _watched(found: Any, road: str, read: set[tuple[str, str]]) -> Any:
    """Return an answer that notes in `read` which of its fields are."""
    if not is_dataclass(found):
        read.add((road, "ψ"))
        return found
    kind: Any = type(found)

    class Watched(kind):  # type: ignore[misc]
        def __getattribute__(self, name: str) -> Any:
            read.add((road, name))
            return super().__getattribute__(name)

    watched = object.__new__(Watched)
    object.__getattribute__(watched, "__dict__").update(vars(found))
    return watched


class Caches:
    """Caches that know which of their values were computed with an answer of the theory."""

    def __init__(self) -> None:
        self._computing: list[bool] = []  # of the calls under way, the innermost last
        self._stores: list[dict[Any, tuple[Any, bool]]] = []

    def taint(self) -> None:
        """Note that the theory was asked: of what is being computed, all depends on its answer."""
        self._computing = [True] * len(self._computing)

    def forget(self) -> None:
        """Drop what depends on the theory."""
        for store in self._stores:
            for key in [key for key, (_, tainted) in store.items() if tainted]:
                del store[key]

    def cached(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that computes nothing twice, of which `forget` knows."""
        store: dict[Any, tuple[Any, bool]] = {}
        self._stores.append(store)

        @functools.wraps(function)
        def once(*given: Any, **options: Any) -> Any:
            key = functools._make_key(given, options, typed=False)
            if key in store:
                value, tainted = store[key]
                if tainted:
                    self.taint()
                return value
            self._computing.append(False)
            try:
                value = function(*given, **options)
            finally:
                tainted = self._computing.pop()
            store[key] = value, tainted
            return value

        once.cache_clear = store.clear  # type: ignore[attr-defined]
        return once


def install(packages: Iterable[str]) -> Theory:
    """Put the theory of this process between claims and the solvers of `numerics`.

    Raises
    ------
    RuntimeError
        If a claim of one of the packages is imported already: it holds the solvers as they are.
    """
    claims = tuple(packages)
    early = [
        name
        for name, module in sys.modules.items()
        if any(name.startswith(f"{package}.") for package in claims)
        or (name in claims and not hasattr(module, "__path__"))
    ]
    if early:
        raise RuntimeError(f"claims must not be imported before the theory, got {early[0]}")
    theory = Theory()
    for road in ROADS:
        solve = getattr(importlib.import_module(road.module), road.name)
        wrapped = theory.solver(road, solve)
        for name, module in list(sys.modules.items()):
            if name.partition(".")[0] == "numerics":
                for own in [own for own, value in vars(module).items() if value is solve]:
                    setattr(module, own, wrapped)
    _watch_caches(theory.caches, (*WATCHED, *claims))
    return theory


def _watch_caches(caches: Caches, prefixes: tuple[str, ...]) -> None:
    """Let functions of these modules that are cached from now on be cached by `caches`."""
    plain, bounded = functools.cache, functools.lru_cache

    def watched(function: Any) -> bool:
        return callable(function) and f"{function.__module__}.".startswith(prefixes)

    def cache(function: Any) -> Any:
        return caches.cached(function) if watched(function) else plain(function)

    def lru_cache(maxsize: Any = 128, typed: bool = False) -> Any:
        if callable(maxsize):
            return cache(maxsize) if watched(maxsize) else bounded(maxsize)
        rest = bounded(maxsize, typed)
        return lambda function: cache(function) if watched(function) else rest(function)

    functools.cache, functools.lru_cache = cache, lru_cache
