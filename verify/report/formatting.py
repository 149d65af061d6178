"""How values read in print: numbers, durations, texts that are too long."""

from __future__ import annotations

import json
import math
import re
from functools import partial
from urllib.parse import quote

import jinja2
from markupsafe import Markup, escape

from verify.report.typesetting import typeset

# A letter, an underscore, and what the paper sets below it.
_SUBSCRIPT = re.compile(
    r"(?<![^\W\d]|\.)([A-Za-zͰ-Ͽℓ])_(FT|PT|shared|new|[0-9a-z])(?![^\W⁰¹²³⁴-⁹]|\.\w)"
)


def environment(loader: jinja2.BaseLoader, text_bound: int) -> jinja2.Environment:
    """Return a template environment that escapes all it is given and cuts texts at the bound."""
    made = jinja2.Environment(
        loader=loader,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters |= {
        "number": number,
        "duration": duration,
        "size": size,
        "cut": partial(cut, bound=text_bound),
        "prose": partial(prose, bound=text_bound),
        "typeset": typeset,
        "json": partial(json.dumps, indent=1, ensure_ascii=False, default=str),
        "formula": Markup,
        "fragment": lambda anchor: "#" + quote(anchor, safe=".-_"),
        "slug": lambda text: re.sub(r"[^a-z0-9]+", "-", str(text).lower()).strip("-"),
        "plural": plural,
    }
    return made


def number(value: float | None) -> str:
    """Return `value` to three digits, with a power of ten where it needs one."""
    if value is None:
        return "none"
    mantissa, _, exponent = f"{value:.3g}".partition("e")
    mantissa = mantissa.replace("-", "\u2212").replace("inf", "∞")
    if not exponent:
        return mantissa
    power = str(int(exponent)).replace("-", "\u2212")
    factor = "" if mantissa == "1" else f"{mantissa} × "
    return Markup("{}10<sup>{}</sup>").format(factor, power)


def duration(seconds: float) -> str:
    """Return a time in seconds, or in minutes where it is long."""
    if not math.isfinite(seconds):
        return str(seconds)
    if seconds < 9.995:
        return f"{seconds:.2f} s"
    whole = round(seconds)
    return f"{whole} s" if whole < 120 else f"{whole // 60} min {whole % 60} s"


def size(count: int) -> str:
    """Return a number of bytes in kB or MB."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"


def cut(text: object, bound: int) -> str:
    """Return `text`, or its beginning and how much of it is left out."""
    whole = str(text)
    if len(whole) <= bound:
        return whole
    return f"{whole[:bound]} … [{len(whole) - bound} more characters are in the record]"


def prose(text: object, bound: int) -> Markup:
    """Return `text`, escaped and cut, with subscripts such as that of c_FT set as such."""
    return Markup(_SUBSCRIPT.sub(r"\1<sub>\2</sub>", str(escape(cut(text, bound)))))


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return the count with the noun in its form."""
    return f"{count} {one if count == 1 else many or one + 's'}"
