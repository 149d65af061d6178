"""Numbers of which the first digits are stated, as decimal texts."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any


def after(text: str) -> str:
    """Return the decimal text one unit of the last place further from zero."""
    number = Decimal(text)
    unit = Decimal(10) ** int(number.as_tuple().exponent)
    return str(number + unit.copy_sign(number))


def begins(number: Any, text: str, read: Callable[[str], Any]) -> bool:
    """Whether a number, of the kind that `read` makes of a text, begins with these digits."""
    sign = -1 if Decimal(text).is_signed() else 1
    near, far = (sign * read(end) for end in (text, after(text)))
    return bool(near <= sign * number) and bool(sign * number < far)
