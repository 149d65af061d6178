"""Where in the paper a statement stands: its `source`, read as sections of the paper's outline."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A section of the paper; what has no section there is at `BEYOND`."""

    key: str
    title: str

    @property
    def heading(self) -> str:
        """Its number and title."""
        if self is BEYOND:
            return self.title
        return f"{'Appendix' if self.key[0].isalpha() else 'Section'} {self.key}: {self.title}"


BEYOND = Place("beyond", "Beyond the paper")
OUTLINE = (
    Place("3.1", "network architecture"),
    Place("3.2", "training, and the start of fine-tuning"),
    Place("3.3", "data"),
    Place("4.1", "implicit bias of fine-tuning"),
    Place("4.2", "error formula"),
    Place("5.1", "regimes in the limit"),
    Place("5.2", "phase portrait"),
    Place("5.3", "error curves"),
    Place("6", "vision experiments"),
    Place("A", "extended results"),
    Place("B.1", "derivation of the implicit bias"),
    Place("B.2", "derivation of ℓ-order and pretraining dependence"),
    Place("C.1", "derivation of the error formula"),
    Place("D", "vision experiments, extended"),
    Place("E.1", "implementation of Figure 2"),
    Place("E.2", "implementation of Figures 3 and 5"),
    Place("E.3", "implementation of Figure 4"),
    BEYOND,
)
_BY_KEY = {place.key: place for place in OUTLINE}

# The sections of theorems, figures and equations; sections are found by their own numbers.
_THEOREMS = {"4.1": "4.1", "4.2": "4.2", "5.1": "5.1", "B.1": "B.2"}
_FIGURES = {"2": "5.2", "3": "5.3", "4": "6", "5": "A"} | {str(n): "D" for n in range(6, 10)}
_EXPERIMENTS = {str(n): "5.3" for n in range(1, 5)}
_EQUATIONS = (
    *((1, 1, "3.1"), (2, 5, "3.2"), (6, 10, "3.3"), (11, 14, "4.1"), (15, 20, "4.2")),
    *((21, 28, "B.2"), (29, 40, "C.1"), (41, 46, "E.1")),
)

_LABEL = r"\(?(?:[A-E](?:\.\d+)*|\d+(?:\.\d+)*)[a-h]?\)?(?![A-Za-z])"
_NAMED = re.compile(
    r"\b(?P<kind>Section|Appendi(?:x|ces)|Theorem|Proposition|Lemma|Corollary|Figure|Fig|Experiment"
    rf"|[Ee]q)s?\.?\s*(?P<labels>{_LABEL}(?:(?:\s*(?:,|and|to|[-–])\s*){_LABEL})*)"
)
_PART = re.compile(rf"(?P<to>to|[-–])?\s*(?P<label>{_LABEL})")


def places(source: str) -> tuple[Place, ...]:
    """Return the places that `source` names, in its order, each once; `BEYOND` if it names none.

    Equations count only if nothing else is named: usually they are named beside their section.
    """
    found: list[Place] = []
    by_equation: list[Place] = []
    for named in _NAMED.finditer(source):
        kind = named["kind"].lower()
        for place in _labelled(kind, named["labels"]):
            (by_equation if kind == "eq" else found).append(place)
    return tuple(dict.fromkeys(found or by_equation)) or (BEYOND,)


def order(place: Place) -> int:
    """Return the position of `place` in the paper."""
    return OUTLINE.index(place)


def _labelled(kind: str, labels: str) -> list[Place]:
    """Return the places of labels such as "3.1-3.2", "E.2.1 and E.2.4" or "(11)-(14)"."""
    found: list[Place] = []
    for part in _PART.finditer(labels):
        located = _located(kind, part["label"].strip("()"))
        if part["to"] and found and located and kind != "eq":
            found += OUTLINE[order(found[-1]) + 1 : order(located[0])]
        found += located
    return found


def _located(kind: str, label: str) -> tuple[Place, ...]:
    """Return the place of one label; a section with subsections counts as all of them."""
    if kind.startswith(("section", "appendi")):
        while label and label not in _BY_KEY:
            parts = tuple(place for place in OUTLINE if place.key.startswith(f"{label}."))
            if parts:
                return parts
            label = label.rpartition(".")[0]
        return (_BY_KEY[label],) if label else ()
    if kind == "eq":
        number = int(label) if label.isdigit() and len(label) < 4 else 0
        return tuple(_BY_KEY[key] for low, high, key in _EQUATIONS if low <= number <= high)
    table = {"figure": _FIGURES, "fig": _FIGURES, "experiment": _EXPERIMENTS}.get(kind, _THEOREMS)
    key = table.get(label if table is _THEOREMS else label.rstrip("abcdefgh"))
    return (_BY_KEY[key],) if key else ()
