"""From JSON values to dataclasses: fields of their declared types, texts that are printable.

A record of a run is JSON that this program wrote, perhaps another version of it and on another
machine. Unknown verdicts, texts in place of numbers and infinite numbers are refused, with the
place and the value; characters that a terminal would obey are replaced.
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
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

DEPTH = 40
"""Lists and objects within each other that data of any type may have; writing them is recursive."""

T = TypeVar("T")

# Control characters other than newline and tab, and what UTF-8 or XML cannot hold: the output of a
# check may contain terminal colours, or bytes that are not text.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SHOWN = 60
_NAMES = {str: "text", bool: "true or false", int: "an integer", float: "a number"}


class DecodingError(ValueError):
    """A JSON value is not what the place where it stands requires."""


def loads(text: str | bytes) -> Any:
    """Return the JSON values of `text`, their numbers finite.

    Raises
    ------
    DecodingError
        If it is not JSON in UTF-8, holds NaN or an infinity, or what Python cannot read: lists
        within lists beyond the depth of its stack, integers of thousands of digits.
    """
    try:
        return json.loads(text, parse_constant=_finite, parse_float=_finite)
    except DecodingError:
        raise
    except (ValueError, RecursionError) as error:
        raise DecodingError(f"not JSON: {error}") from None


def decode(kind: type[T], value: Any, where: str = "") -> T:
    """Return the dataclass `kind` made from the object `value`.

    Keys that the dataclass does not have are passed over; a key that is missing takes the
    field's default, or, where the field's metadata has a name "formerly", the value under that
    name. Unprintable characters in texts become U+FFFD.

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
        key = field.name if field.name in value else field.metadata.get("formerly", field.name)
        if key in value:
            taken[field.name] = _convert(hints[field.name], value[key], place)
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
    """Return `value` converted to the type `hint`."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any:
        return _printable(value)
    if isinstance(hint, types.UnionType):
        # Some type, or None.
        return None if value is None else _convert(arguments[0], value, where)
    if origin is tuple:
        if not isinstance(value, list):
            raise _refusal(where, "a list", value)
        # A type that ends in `...` is that of a list of any length.
        kinds = arguments[:1] * len(value) if arguments[-1] is Ellipsis else arguments
        if len(value) != len(kinds):
            raise _refusal(where, f"a list of {len(kinds)}", value)
        return tuple(
            _convert(kind, entry, f"{where}[{position}]")
            for position, (kind, entry) in enumerate(zip(kinds, value, strict=True))
        )
    if origin is Mapping:
        if not isinstance(value, dict):
            raise _refusal(where, "an object", value)
        return {
            clean(key): _convert(arguments[1], entry, f"{where}.{key}")
            for key, entry in value.items()
        }
    if dataclasses.is_dataclass(hint):
        return decode(hint, value, where)  # type: ignore[arg-type]
    return _scalar(hint, value, where)


def _scalar(hint: Any, value: Any, where: str) -> Any:
    if issubclass(hint, Enum):
        try:
            return hint(value)
        except ValueError:
            raise _refusal(where, f"one of {', '.join(m.value for m in hint)}", value) from None
    if hint is float and type(value) is int:
        # In JSON 1 and 1.0 are the same number.
        return _finite(str(value))
    if type(value) is not hint:
        raise _refusal(where, _NAMES[hint], value)
    return clean(value) if hint is str else value


def _printable(value: Any, depth: int = 0) -> Any:
    """Return JSON values of any kind, their texts printable."""
    if depth > DEPTH:
        raise DecodingError(f"JSON must be nested at most {DEPTH} deep")
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(key): _printable(entry, depth + 1) for key, entry in value.items()}
    return [_printable(entry, depth + 1) for entry in value] if isinstance(value, list) else value


def _refusal(where: str, wanted: str, value: Any) -> DecodingError:
    shown = json.dumps(value)
    cut = shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"
    return DecodingError(f"{where} must be {wanted}, got {cut}")


def _finite(text: str) -> float:
    """Return the number; JSON that Python writes may hold NaN, Infinity and -Infinity."""
    number = float(text)
    if not math.isfinite(number):
        raise DecodingError(f"numbers must be finite, got {text:.{_SHOWN}}")
    return number
