"""Which fields of a statement the steps of its proof read.

A proof that does not read a field of the statement would be the same whatever stands there. So
the runner hands `decide` a copy of the statement that notes which of its fields are read, and
`prove_all` takes the note after every step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any

from verify.methods.near_misses import near_misses, parts_of

# What was read since the last `taken()`; a worker decides one check at a time.
_read: dict[str, None] = {}


def watched(value: Any, place: str = "") -> Any:
    """Return a copy of a statement, of the same types, that notes which of its fields are read.

    Fields that are named tuples, dataclasses or objects made from their fields are watched in turn,
    also in a tuple or list. Anything else is returned as it is.
    """
    parts = parts_of(value)
    if parts is None:
        return value
    held = {
        name: watched(part, f"{place}.{name}" if place else name)
        for name, (part, _) in parts.items()
    }
    changed = any(held[name] is not part for name, (part, _) in parts.items())
    if isinstance(value, (tuple, list)) and not hasattr(value, "_fields"):
        return type(value)(held.values()) if changed else value
    if isinstance(value, dict):
        return held if changed else value
    noted = {
        name: tuple(_unwatched(part, held[name], f"{place}.{name}" if place else name))
        for name, (part, _) in parts.items()
    }
    return _noting(value, held, noted)


def _unwatched(part: Any, held: Any, place: str) -> Iterator[str]:
    """Yield the places within a field that note nothing by themselves when they are read."""
    if held is part:
        yield place
    elif isinstance(held, (tuple, list, dict)) and not hasattr(held, "_fields"):
        inner = parts_of(held) or {}
        for name, (one, _) in (parts_of(part) or {}).items():
            yield from _unwatched(one, inner[name][0], f"{place}.{name}")


def taken() -> tuple[str, ...]:
    """Return the fields read since the last call, in the order of their first reading."""
    found = tuple(_read)
    _read.clear()
    return found


def unread(subject: Any, read: set[str]) -> list[str]:
    """Return the fields that state something (have near misses) and are not among those `read`."""
    if watched(subject) is subject:
        return []
    places = dict.fromkeys(miss.place for miss in near_misses(subject))
    return [place for place in places if not any(_overlap(place, other) for other in read)]


def _overlap(one: str, other: str) -> bool:
    """Whether one place is the other, or within it; "" is the whole."""
    whole = not (one and other)
    return whole or f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _noting(value: Any, held: dict[str, Any], noted: dict[str, tuple[str, ...]]) -> Any:
    """Return a copy of `value` with other fields, which notes their places when they are read."""
    kind: Any = type(value)

    def read(self: Any, name: str) -> Any:
        _read.update(dict.fromkeys(noted.get(name, ())))
        return kind.__getattribute__(self, name)

    members: dict[str, Any] = {"__getattribute__": read, "__module__": kind.__module__}
    if isinstance(value, tuple):
        names = tuple(held)

        def item(self: Any, index: Any) -> Any:
            chosen = names[index]
            for name in (chosen,) if isinstance(chosen, str) else chosen:
                _read.update(dict.fromkeys(noted[name]))
            return tuple.__getitem__(self, index)

        def items(self: Any) -> Any:
            return (item(self, i) for i in range(len(names)))

        members |= {"__slots__": (), "__getitem__": item, "__iter__": items}
        return tuple.__new__(type(kind.__name__, (kind,), members), held.values())
    if is_dataclass(value):
        # Two dataclasses are equal only if they are of one class.
        members |= {"__eq__": lambda _, other: value == other, "__hash__": lambda _: hash(value)}
    copy: Any = object.__new__(type(kind.__name__, (kind,), members))
    # Fields may be in slots; attributes that are no fields are not.
    for name, part in (getattr(value, "__dict__", {}) | held).items():
        object.__setattr__(copy, name, part)
    return copy
