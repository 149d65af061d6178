"""What of the paper a statement is about: its `source`, read as sections and items of the paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from verify.report.paper import BEYOND, OUTLINE, PAPER, Item, Place

_LABEL = r"\(?(?:[A-E](?:\.\d+)*|\d+(?:\.\d+)*|IV|I{1,3})[a-h]?\)?(?![A-Za-z])"
_NAMED = re.compile(
    r"(?P<quoted>“[^”]*”)"
    r"|\b(?P<word>Section|Appendi(?:x|ces)|Theorem|Proposition|Lemma|Corollary|Definition|Figure|Fig"
    rf"|Experiment|[Rr]egime|[Ee]q(?:uation)?)s?\.?\s*"
    rf"(?P<labels>{_LABEL}(?:\s*(?:,\s*and|,|and|to|[-–])\s*{_LABEL})*)"
    # Such as “of Azulay et al.”: the items of another paper.
    r"(?P<elsewhere>\s+of\s+[A-Z])?"
)
_PART = re.compile(rf"(?P<to>to|[-–])?\s*(?P<label>{_LABEL})")
_WORDS = {
    **{"Appendices": "Appendix", "Fig": "Figure", "Regime": "regime"},
    **dict.fromkeys(("Eq", "eq", "Equation", "equation"), "eq."),
}
_SECTIONS = ("Section", "Appendix")
_QUOTED = ""


@dataclass(frozen=True)
class Unknown:
    """A reference to what the paper does not have, and the nearest that it has."""

    text: str
    nearest: str

    def __str__(self) -> str:
        return f"the paper has no {self.text}; the nearest is {self.nearest}"


@dataclass(frozen=True)
class Named:
    """What a source names of the paper.

    Attributes
    ----------
    places
        Sections, in its order, each once; `BEYOND` if it names none. Equations, and what is in
        quotation marks, count only if nothing else is named: usually they stand beside their
        section.
    items
        Items, in the order of the paper.
    unknown
        References to what the paper does not have.
    """

    places: tuple[Place, ...]
    items: tuple[Item, ...]
    unknown: tuple[Unknown, ...]


def read(source: str) -> Named:
    """Return what `source` names: "eqs. 2-3 and 15", "Propositions 5.1 and B.1", “two pathways”."""
    found: list[Place] = []
    beside: list[Place] = []
    numbers: set[int] = set()
    unknown: dict[Unknown, None] = {}
    for word, first, last in _references(source):
        for label in (first, last):
            if not (_find(word, label) or (word in _SECTIONS and _is_section(label))):
                unknown[_unknown(word, label)] = None
        at = _between(word, first, last)
        numbers |= set(at)
        sections = _sections(first, last) if word in _SECTIONS else [_ITEMS[n][1] for n in at]
        (beside if word in ("eq.", _QUOTED) else found).extend(sections)
    return Named(
        tuple(dict.fromkeys(found or beside)) or (BEYOND,),
        tuple(_ITEMS[number][0] for number in sorted(numbers)),
        tuple(unknown),
    )


def places(source: str) -> tuple[Place, ...]:
    """Return the sections that `source` names, as `read` does."""
    return read(source).places


def order(place: Place) -> int:
    """Return the position of `place` in the paper."""
    return OUTLINE.index(place)


def _references(source: str) -> Iterator[tuple[str, str, str]]:
    """Yield the references in `source`: the word, and the first and last label of a range."""
    for named in _NAMED.finditer(source):
        if named["quoted"]:
            yield _QUOTED, named["quoted"], named["quoted"]
        elif not named["elsewhere"]:
            ranges: list[tuple[str, str]] = []
            for part in _PART.finditer(named["labels"]):
                label = part["label"].strip("()")
                ranges.append((ranges.pop()[0] if part["to"] else label, label))
            word = _WORDS.get(named["word"], named["word"])
            yield from ((word, first, last) for first, last in ranges)


def _find(word: str, label: str) -> tuple[int, ...]:
    """Return the numbers of the items with this label: one, or the panels of a figure."""
    if (word, label) in _NUMBERS:
        return (_NUMBERS[word, label],)
    panels = [n for (kind, other), n in _NUMBERS.items() if (kind, other[:-1]) == (word, label)]
    whole = _NUMBERS.get((word, label.rstrip("abcdefgh")))
    return tuple(panels) if word == "Figure" and panels else () if whole is None else (whole,)


def _between(word: str, first: str, last: str) -> list[int]:
    """Return the numbers of the items from `first` to `last`, those of the same word only."""
    ends = [*_find(word, first), *_find(word, last)]
    if first == last or not (_find(word, first) and _find(word, last)):
        return ends
    kin = {number for (kind, _), number in _NUMBERS.items() if kind == word}
    return sorted(kin & set(range(min(ends), max(ends) + 1)))


def _is_section(label: str) -> bool:
    return any(f"{place.key}.".startswith(f"{label}.") for place in PAPER)


def _sections(first: str, last: str) -> list[Place]:
    """Return the sections from `first` to `last`, each with all its subsections."""
    ends = [*_section(first), *_section(last)]
    if first == last or not (_section(first) and _section(last)):
        return ends
    numbers = [order(place) for place in ends]
    return list(OUTLINE[min(numbers) : max(numbers) + 1])


def _section(label: str) -> list[Place]:
    """Return the section of a label, its subsections, or the section that it would be part of."""
    while label and not _is_section(label):
        label = label.rpartition(".")[0]
    return [place for place in PAPER if label and f"{place.key}.".startswith(f"{label}.")]


def _unknown(word: str, label: str) -> Unknown:
    """Say what the paper has that is nearest to this reference."""
    text = f"{word} {label}".strip()
    known = {_ITEMS[n][0].name: other for (kind, other), n in _NUMBERS.items() if kind == word}
    if word in _SECTIONS:
        known |= {place.heading.partition(":")[0]: place.key for place in PAPER}
    if label.isdigit() and word in ("eq.", "Figure", "Experiment"):
        apart = {name: abs(int(known[name].rstrip("abcdefgh")) - int(label)) for name in known}
        return Unknown(text, min(apart, key=apart.__getitem__))
    names = list(known) or [item.name for item, _ in _ITEMS]
    return Unknown(text, get_close_matches(text, names, n=1, cutoff=0.0)[0])


def _numbered() -> Iterator[tuple[tuple[str, str], int]]:
    """Yield the word and each label of every item, and its number."""
    for number, (item, _) in enumerate(_ITEMS):
        for word, first, last in _references(item.name):
            span = range(int(first), int(last) + 1) if word == "eq." else (first,)
            yield from (((word, str(label)), number) for label in span)


_ITEMS = [(item, place) for place, members in PAPER.items() for item in members]
_NUMBERS = dict(_numbered())
