"""From JSON values to dataclasses: every field held to its type, nothing taken on trust.

A record of a run may come from anywhere. What is read here has no unknown verdict, no text where
a number belongs, no number that is infinite, no control character that a terminal would obey,
and no nesting that could exhaust the stack; each refusal names the place and the value.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
import types
from collections.abc import Hashable, Mapping
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

DEPTH = 40
"""Lists and objects within each other that a JSON text may have."""

T = TypeVar("T")

# Control characters but for newline and tab, those that turn the direction of writing (a number
# could be read backwards), halves of a surrogate pair, and the two characters that XML refuses:
# none of them is text, and a terminal or a browser obeys some.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_SHOWN = 60


class DecodingError(ValueError):
    """A JSON value is not what the place where it stands requires."""


def loads(text: str | bytes) -> Any:
    """Return the JSON values of `text`; numbers are finite and nesting is bounded.

    Raises
    ------
    DecodingError
        If it is not JSON in UTF-8, is nested deeper than `DEPTH`, or holds NaN or an infinity.
    """
    try:
        found = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except RecursionError:
        raise DecodingError(f"JSON must be nested at most {DEPTH} deep") from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DecodingError(f"not JSON: {error}") from None
    except ValueError as error:
        raise DecodingError(str(error)) from None
    _require_depth(found)
    return found


def decode(kind: type[T], value: Any, where: str = "") -> T:
    """Return the dataclass `kind` made from the object `value`.

    Keys that the dataclass does not have are passed over; a key that is missing takes the
    field's default. Unprintable characters in texts become U+FFFD.

    Raises
    ------
    DecodingError
        If a field without a default is missing, or a value is not of the field's type.
    """
    if not isinstance(value, dict):
        raise _refusal(where or "the top level", "an object", value)
    known: Any = kind
    taken, hints = {}, _hints(known)
    for field in dataclasses.fields(known):
        place = f"{where}.{field.name}" if where else field.name
        if field.name in value:
            taken[field.name] = _convert(hints[field.name], value[field.name], place)
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise DecodingError(f"{place} is missing")
    try:
        return kind(**taken)
    except ValueError as error:
        raise DecodingError(f"{where or 'the top level'}: {error}") from None


def clean(text: str) -> str:
    """Return `text` with every unprintable character replaced by U+FFFD."""
    return _UNPRINTABLE.sub("\ufffd", text)


@cache
def _hints(kind: Hashable) -> dict[str, Any]:
    return get_type_hints(kind)


def _convert(hint: Any, value: Any, where: str) -> Any:
    """Return `value` as the type `hint` wants it."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any:
        return _plain(value)
    if origin in (Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        (inner,) = (argument for argument in arguments if argument is not type(None))
        return _convert(inner, value, where)
    if origin is tuple:
        return _sequence(arguments, value, where)
    if origin is Mapping:
        if not isinstance(value, dict):
            raise _refusal(where, "an object", value)
        return {
            clean(key): _convert(arguments[1], entry, f"{where}.{key[:_SHOWN]}")
            for key, entry in value.items()
        }
    if dataclasses.is_dataclass(hint):
        return decode(hint, value, where)  # type: ignore[arg-type]
    return _scalar(hint, value, where)


def _sequence(arguments: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    """Return a list as a tuple: of any length where the type ends in `...`, of its own otherwise.

    A tuple is let through as a list is: `dataclasses.asdict` keeps tuples.
    """
    if not isinstance(value, (list, tuple)):
        raise _refusal(where, "a list", value)
    if arguments[-1] is Ellipsis:
        kinds = [arguments[0]] * len(value)
    elif len(value) == len(arguments):
        kinds = list(arguments)
    else:
        raise _refusal(where, f"a list of {len(arguments)}", value)
    return tuple(
        _convert(kind, entry, f"{where}[{position}]")
        for position, (kind, entry) in enumerate(zip(kinds, value, strict=True))
    )


def _scalar(hint: Any, value: Any, where: str) -> Any:
    if hint is float:
        # JSON does not tell 1 from 1.0, and a boolean is an int to Python only.
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise _refusal(where, "a number", value)
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise _refusal(where, "a finite number", value)
        return number
    if hint is int and isinstance(value, bool):
        raise _refusal(where, "an integer", value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        try:
            return hint(value)
        except ValueError:
            raise _refusal(where, f"one of {', '.join(m.value for m in hint)}", value) from None
    if not isinstance(value, hint):
        names = {str: "text", bool: "true or false", int: "an integer"}
        raise _refusal(where, names.get(hint, hint.__name__), value)
    return clean(value) if isinstance(value, str) else value


def _plain(value: Any) -> Any:
    """Return JSON values of any kind, their texts printable."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    return value


def _refusal(where: str, wanted: str, value: Any) -> DecodingError:
    shown = clean(json.dumps(value, ensure_ascii=True, default=repr))
    if len(shown) > _SHOWN:
        shown = shown[:_SHOWN] + "…"
    return DecodingError(f"{where} must be {wanted}, got {shown}")


def _refuse_constant(name: str) -> float:
    raise DecodingError(f"numbers must be finite, got {name}")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise DecodingError(f"numbers must be finite, got {text[:_SHOWN]}")
    return number


def _require_depth(value: Any) -> None:
    """Walk through `value` level by level, without recursion."""
    level = [value]
    for _ in range(DEPTH):
        level = [
            entry
            for outer in level
            if isinstance(outer, (dict, list))
            for entry in (outer.values() if isinstance(outer, dict) else outer)
        ]
    if any(isinstance(entry, (dict, list)) for entry in level):
        raise DecodingError(f"JSON must be nested at most {DEPTH} deep")
