"""Numbers of which the first digits are stated, as decimal texts."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation, localcontext
from typing import Any


def last_unit(text: str) -> Decimal:
    """Return one unit of the last place of a decimal text.

    Raises
    ------
    ValueError
        If it is no decimal number.
    """
    try:
        return Decimal(10) ** int(Decimal(text).as_tuple().exponent)
    except (InvalidOperation, ValueError) as error:
        raise ValueError(f"a decimal number is asked for, got {text!r}") from error


def after(text: str) -> str:
    """Return the decimal text one unit of the last place further from zero."""
    unit, number = last_unit(text), Decimal(text)
    with localcontext(prec=len(text) + 1):  # decimals are rounded to 28 digits else
        return str(number + unit.copy_sign(number))


def between(text: str) -> tuple[Decimal, Decimal]:
    """Return the bounds, in order, of the numbers that begin with these digits."""
    low, high = sorted((Decimal(after(text)), Decimal(text)))
    return low, high


def begins(number: Any, text: str, read: Callable[[str], Any]) -> bool | None:
    """Whether a number, of the kind that `read` makes of a text, begins with these digits.

    None if it is a ball that leaves it open.
    """
    sign = -1 if Decimal(text).is_signed() else 1
    near, far = (sign * read(end) for end in (text, after(text)))
    if near <= sign * number < far:
        return True
    return False if sign * number < near or far <= sign * number else None
