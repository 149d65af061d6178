r"""Statements in LaTeX as MathML, or a reason why not.

The converter's tree renders poorly in places, escapes nothing, and contains whatever the converter
did not understand. The tree is rebuilt here from the elements and attributes that every browser
shows, its spacing and brackets are corrected to what TeX would show, and it is serialised with
every character escaped. A formula with anything else in it is refused, and the page shows its
source instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import Converter

_ELEMENTS = (
    *("math", "mrow", "mstyle", "mpadded", "mphantom", "mspace", "mi", "mn", "mo", "mtext"),
    *("mfrac", "msqrt", "mroot", "msub", "msup", "msubsup", "munder", "mover", "munderover"),
    *("mmultiscripts", "mprescripts", "none", "mtable", "mtr", "mtd"),
)
_ATTRIBUTES = (
    *("display", "displaystyle", "scriptlevel", "mathvariant", "linethickness", "columnalign"),
    *("stretchy", "fence", "form", "separator", "lspace", "rspace", "minsize", "maxsize"),
    *("symmetric", "largeop", "movablelimits", "accent", "accentunder"),
    *("width", "height", "depth", "voffset"),
)
# The converter writes symbols as XML character references.
_REFERENCE = re.compile(r"&#x([0-9A-Fa-f]{4,5});")
_ESCAPED_PUNCTUATION = re.compile(r"\\([_%#$& ])")
_NAME_WITH_SPACE = re.compile(r"\\operatorname\*?\s*\{\s*arg\s*(?:\\[,;:! ])?\s*(min|max)\s*\}")
# What opens and closes groups, or breaks a row; other commands are passed over.
_TOKEN = re.compile(r"\\(?:begin|end)\s*\{[^{}]*\}|\\.|[{}]", re.DOTALL)
_EXTRA_SPACE = re.compile(r"\s*\[[^\]]*\]")

_ORDINARY_SYMBOLS = frozenset("∞∂∇∅⊤⊥∀∃")
# Categories of what is an operator: relations, and brackets of every kind.
_OPERATORS = frozenset(("Sm", "Ps", "Pe", "Pi", "Pf"))
_SIGNS = frozenset(("+", "−", "±", "∓"))
_BARS = frozenset("|‖∥")
_ACCENTS = frozenset("^~¯˙¨ˇ´`˘˜→⃗")
_SCRIPTS = frozenset(("msub", "msup", "msubsup", "munder", "mover", "munderover"))
_LIMITS = frozenset(("min", "max", "sup", "inf", "lim"))
# Elements taller than letters with scripts: brackets around them grow.
_TALL = frozenset(("mfrac", "msqrt", "mroot", "munder", "munderover", "mtable"))
_LARGE = frozenset("∑∏∫")
_PRIMES = ("′", "″", "‴", "⁗")
_THIN_SPACE = "0.167em"


class FormulaError(ValueError):
    """A formula that cannot be typeset; the message says why."""


@dataclass(frozen=True)
class Line:
    """One line of display mathematics."""

    source: str  # its LaTeX
    mathml: str | None  # the `math` element as text, escaped; None if it cannot be typeset
    problem: str = ""  # why not, where it cannot


def typeset(latex: str) -> tuple[Line, ...]:
    r"""Typeset every line of `latex`; lines end in ``\\`` outside braces and environments."""
    lines = []
    for source in split_lines(latex):
        try:
            lines.append(Line(source, to_mathml(source)))
        except FormulaError as error:
            lines.append(Line(source, None, str(error)))
    return tuple(lines)


def split_lines(latex: str) -> list[str]:
    r"""Split at each ``\\`` that stands in no group and no environment; drop empty lines."""
    lines, start, depth = [], 0, 0
    for token in _TOKEN.finditer(latex):
        depth += token[0].startswith(("{", r"\begin")) - token[0].startswith(("}", r"\end"))
        if depth == 0 and token[0] == r"\\":
            lines.append(latex[start : token.start()])
            space = _EXTRA_SPACE.match(latex, token.end())
            start = space.end() if space else token.end()
    lines.append(latex[start:])
    return [line.strip() for line in lines if line.strip()]


def to_mathml(latex: str) -> str:
    """Return one line of LaTeX as a `math` element in display style.

    FormulaError if it cannot be converted, or holds a command that is not mathematics.
    """
    source = _NAME_WITH_SPACE.sub(r"\\arg\1", latex)
    try:
        converted = Converter(display="block").convert_to_element(source)
    except Exception as error:  # noqa: BLE001 - the converter raises IndexError and the like, too
        reason = f"{type(error).__name__.removesuffix('Error')}: {error}".removesuffix(": ")
        raise FormulaError(f"not understood ({reason})") from None
    root = Element("math", {"display": "block"})
    for child in converted:
        root.append(_clean(child))
    _mend(root)
    if not any(leaf.text for leaf in _leaves(root)):
        raise FormulaError("shows nothing")
    return tostring(root, encoding="unicode")


def _clean(element: Element) -> Element:
    """Copy `element` with permitted elements and attributes only, its text as characters."""
    tag = element.tag
    if tag not in _ELEMENTS:
        raise FormulaError(f"<{tag}> is not shown by every browser")
    text = element.text or ""
    plain = _REFERENCE.sub(lambda found: chr(int(found[1], 16)), text)
    plain = _ESCAPED_PUNCTUATION.sub(r"\1", plain)
    plain = {r"\|": "‖"}.get(plain, plain)
    if "\\" in plain:
        raise FormulaError(f"unknown command {plain}")
    if tag != "mtext" and plain == "&":
        raise FormulaError("an alignment mark outside of an environment")
    if tag == "mtext" and plain.count("$") > 1:
        raise FormulaError("mathematics inside of text")
    if tag == "mo" and not plain and not len(element) and "form" not in element.attrib:
        raise FormulaError("an operator without a name")
    copy = Element("mrow" if tag == "mo" and len(element) else tag)
    copy.text = plain or None
    for name, value in element.attrib.items():
        if name not in _ATTRIBUTES:
            raise FormulaError(f"attribute {name}={value!r} is not permitted")
        copy.set(name, value)
    variant = copy.get("mathvariant", "normal")
    if variant != "normal" and tag != "mtext":
        # Browsers support only the upright variant; the others have characters of their own.
        copy.text = "".join(_styled(letter, variant) for letter in plain)
        del copy.attrib["mathvariant"]
    # Only an upright letter that is written as a reference differs from a variable.
    if tag == "mi" and len(plain) == 1 and plain.isascii() and plain.isalpha() and text != plain:
        copy.set("mathvariant", "normal")
    for child in element:
        copy.append(_clean(child))
    return copy


def _styled(letter: str, variant: str) -> str:
    """Return the mathematical letter or digit of that variant, as "bold-italic" or "bold"."""
    name = unicodedata.name(letter, "").removeprefix("LATIN ").removeprefix("GREEK ")
    style = variant.upper().replace("-", " ").replace("DOUBLE STRUCK", "DOUBLE-STRUCK")
    try:
        return unicodedata.lookup(f"MATHEMATICAL {style} {name.replace(' LETTER', '')}")
    except KeyError:
        raise FormulaError(f"{letter!r} has no form {variant}") from None


def _mend(element: Element) -> None:
    """Correct operators, names and spacing below `element`, innermost first."""
    for child in element:
        _mend(child)
    if element.tag == "mspace" and "negative" in element.get("width", ""):
        element.set("width", "0em")
    if element.tag == "mi":
        _mend_symbol(element)
    if element.tag == "mo":
        _mend_operator(element)
    if element.tag in _SCRIPTS and len(element) > 1:
        _mend_scripts(element)
    if element.tag in ("mrow", "math", "mtd", "mstyle", "msqrt"):
        _mend_brackets(element)
        _merge(element)
        _mark_signs(element)
        _space_names(element)
        for child in element:
            if element.tag == child.tag == "mrow" and len(child) == 1 and child[0].tag == "mo":
                # In braces of its own, an operator is an ordinary symbol.
                child[0].attrib.update(lspace="0", rspace="0")


def _mend_symbol(element: Element) -> None:
    """Turn relations and brackets that the converter took for identifiers into operators."""
    text = element.text or ""
    if text in _PRIMES:
        _set_primes(element, _primes(element))
    elif text == ":":
        element.tag = "mo"
    elif text == "∇" or "Α" <= text <= "Ω":
        element.set("mathvariant", "normal")
    elif text not in _ORDINARY_SYMBOLS and (category := _category(element)) in _OPERATORS:
        _turn(element, "mo", **({} if category == "Sm" else {"stretchy": "false"}))
        _mend_operator(element)


def _mend_operator(element: Element) -> None:
    text = element.text or ""
    if text in _ORDINARY_SYMBOLS:
        _turn(element, "mi")
        _mend_symbol(element)
    elif text == "/":
        element.attrib.update(lspace="0", rspace="0")
    elif text in _BARS and "form" not in element.attrib:
        # A bar has no space around it, unlike a relation, and stretches only where a size is given.
        element.attrib.update(lspace="0", rspace="0")
        element.set("stretchy", "true" if "minsize" in element.attrib else "false")
    elif len(text) == 1 and text.isalpha():
        _turn(element, "mi", mathvariant="normal")
    elif text in _LIMITS or (_is_name(element) and element.get("movablelimits") == "true"):
        element.attrib.update(movablelimits="true", lspace="0", rspace="0")
    elif _is_name(element):
        _turn(element, "mi")


def _mend_brackets(row: Element) -> None:
    r"""Let brackets of \left and \right grow only around what is tall, as TeX does."""
    for child in row:
        if child.tag == "mo" and child.text == "~":
            child.text = "∼"  # a relation
    ends = [child for child in row if child.get("form") in ("prefix", "postfix")]
    tall = any(
        part.tag in _TALL
        or (part.text or "") in _LARGE
        or (part.get("stretchy") == "true" and part not in ends)
        for part in row.iter()
    )
    if not tall:
        for end in ends:
            end.set("stretchy", "false")


def _mend_scripts(element: Element) -> None:
    base, script = element[0], element[-1]
    if base.tag == "mo" and base.get("movablelimits") == "true" and element.tag == "msub":
        element.tag = "munder"
    if (element.tag, base.tag) == ("msup", "msubsup") and _primes(base[-1]) and _primes(script):
        # The first prime after a subscript comes apart from the others, which are a script of it.
        _set_primes(base[-1], _primes(base[-1]) + _primes(script))
        element.tag = "msubsup"
        element[:] = list(base)
    if element.tag == "msup" and base.tag == "mrow" and [part.tag for part in base] == ["msub"]:
        # SymPy groups the subscript of a symbol: the power would stand to the right of it.
        element.tag = "msubsup"
        element[:] = [*base[0], script]
    if element.tag == "mover" and script.tag == "mo" and (script.text or "") in _ACCENTS:
        element.set("accent", "true")


def _turn(element: Element, tag: str, **attributes: str) -> None:
    """Make `element` one of another kind, with these attributes only."""
    element.tag = tag
    element.attrib.clear()
    element.attrib.update(attributes)


def _set_primes(element: Element, count: int) -> None:
    _turn(element, "mo", **{"class": "prime", "lspace": "0", "rspace": "0"})
    element.text = _PRIMES[count - 1] if count <= len(_PRIMES) else "′" * count


def _primes(element: Element) -> int:
    """Return how many primes `element` stands for."""
    return _PRIMES.index(element.text) + 1 if element.text in _PRIMES else 0


def _merge(row: Element) -> None:
    """Join neighbouring upright letters to one name, and a colon and an equals sign to one."""
    merged: list[Element] = []
    for child in row:
        previous = merged[-1] if merged else None
        if previous is not None and (
            (_is_upright(child) and _is_upright(previous))
            or (child.tag == previous.tag == "mo" and (previous.text, child.text) == (":", "="))
        ):
            previous.text = (previous.text or "") + (child.text or "")
        else:
            merged.append(child)
    row[:] = merged


def _mark_signs(row: Element) -> None:
    """Draw signs close to what follows, after a relation, a comma or an opening bracket."""
    before: Element | None = None
    for child in row:
        if child.tag == "mspace":
            continue
        if (
            before is not None
            and (child.tag, before.tag) == ("mo", "mo")
            and (child.text or "") in _SIGNS
            and (before.text or "") not in _BARS
            and not (_primes(before) or _closes(before) or before.get("form") == "postfix")
        ):
            child.set("form", "prefix")
        before = child


def _space_names(row: Element) -> None:
    """Set thin spaces around function names, but none before a bracket or beside an operator."""
    spaced = list(row[:1])
    for before, child in pairwise(list(row)):
        if _is_name(_base(child)):
            apart = _closes(before) or not _keeps_distance(before)
        else:
            apart = _is_name(_base(before)) and not (_keeps_distance(child) or _opens(child))
        if apart:
            spaced.append(Element("mspace", {"width": _THIN_SPACE}))
        spaced.append(child)
    row[:] = spaced


def _base(element: Element) -> Element:
    """Return what carries the scripts of `element`, or what its single-child groups hold."""
    while len(element) and (
        element.tag in _SCRIPTS or (element.tag == "mrow" and len(element) < 2)
    ):
        element = element[0]
    return element


def _is_name(element: Element) -> bool:
    text = (element.text or "").replace("\u2009", "").replace("\u2006", "")
    return element.tag in ("mi", "mo") and len(text) > 1 and text.isalpha()


def _is_upright(element: Element) -> bool:
    return element.tag == "mi" and element.get("mathvariant") == "normal"


def _keeps_distance(element: Element) -> bool:
    """Whether nothing needs to be added next to it: an operator, a space, or text."""
    return element.tag in ("mspace", "mtext") or (element.tag == "mo" and not _is_name(element))


def _opens(element: Element) -> bool:
    """Whether it begins with a bracket."""
    first = next(_leaves(element))
    return first.get("form") == "prefix" or (first.tag == "mo" and _category(first) == "Ps")


def _closes(element: Element) -> bool:
    return element.tag == "mo" and _category(element) == "Pe"


def _category(element: Element) -> str:
    """Return the Unicode category of the one character that `element` shows; "" of several."""
    text = element.text or ""
    return unicodedata.category(text) if len(text) == 1 else ""


def _leaves(element: Element) -> Iterator[Element]:
    return (leaf for leaf in element.iter() if len(leaf) == 0)
