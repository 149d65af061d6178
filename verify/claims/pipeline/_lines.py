"""Inequalities along α, each with the α where it holds: of what two stages of training do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

import numpy as np

from numerics import Initialization, TaskDistribution
from numerics.validation import FloatArray
from verify.claim import Control, Measurement
from verify.claims.curves._crossings import FULL_RANGE, signs
from verify.claims.curves._margins import EVERYWHERE, Region, shifted
from verify.methods.notation import number
from verify.methods.relations import Relation

RANGE = f"{FULL_RANGE[0]:g} ≤ α ≤ {FULL_RANGE[1]:g}"
REASON = "to which crossings are located"
# Logarithms of errors that differ by less are those of one number.
ALIKE = 1e-11


class Setting(NamedTuple):
    """Teacher and initialisation."""

    slab: Any
    rho_pt: float
    rho_ft: float
    overlap: float
    c: float
    ratio: float
    gamma: float

    @property
    def task(self) -> TaskDistribution:
        """Distribution of the teachers, β*_PT = ±1."""
        densities = self.rho_pt, self.rho_ft, self.overlap
        return TaskDistribution.pretrain_finetune(*densities, slab=self.slab)

    @property
    def init(self) -> Initialization:
        """Initialisation, with λ from λ/c."""
        return Initialization(self.c, self.ratio * self.c, self.gamma)

    @property
    def name(self) -> str:
        """Slab, overlap and initialisation, in words."""
        init = f"(c, λ/c, γ) = ({self.c:g}, {self.ratio:g}, {self.gamma:g})"
        return f"{self.slab} slab, ω = {self.overlap:g}, {init}"

    def latex(self) -> str:
        """Return slab, teacher and initialisation."""
        names = r"\rho_{PT}", r"\rho_{FT}", r"\omega", "c", r"\lambda/c", r"\gamma"
        given = (f"{name} = {number(value)}" for name, value in zip(names, self[1:], strict=True))
        return rf"\text{{{self.slab} slab}},\, " + r",\, ".join(given)


class Line(Protocol):
    """An inequality, and where it is said to hold."""

    setting: Setting
    holds: Region

    @property
    def name(self) -> str:
        """What is compared, in words."""

    @property
    def left_latex(self) -> str:
        """What is compared, before the relation."""

    @property
    def right_latex(self) -> str:
        """And after it."""


@dataclass(frozen=True)
class Lines:
    """Inequalities `left` `relation` `right`, of which each holds where stated, and only there."""

    lines: tuple[Any, ...]
    relation: Relation = Relation.BELOW

    def latex(self) -> str:
        """Return the settings, and the inequalities of each."""
        rows = []
        for setting in dict.fromkeys(line.setting for line in self.lines):
            rows.append(rf"{setting.latex()}:")
            rows += [
                rf"\qquad {line.left_latex} {self.relation} {line.right_latex} \quad "
                rf"{line.holds.latex()}"
                for line in self.lines
                if line.setting == setting
            ]
        return r" \\ ".join(rows)

    def holding(self, change: Callable[[Region], Region]) -> Lines:
        """Return the inequalities, stated for other α."""
        lines = tuple(line._replace(holds=change(line.holds)) for line in self.lines)
        return replace(self, lines=lines)

    def with_fields(self, **fields: Any) -> Lines:
        """Return the inequalities with other fields of every line."""
        return replace(self, lines=tuple(line._replace(**fields) for line in self.lines))

    def controls(self) -> tuple[Control, ...]:
        """Return the opposite inequalities, and the same ones for other α."""
        other = Relation.ABOVE if self.relation is Relation.BELOW else Relation.BELOW
        found = [Control("reversed inequalities", replace(self, relation=other))]
        if any(line.holds.crossings for line in self.lines):
            found += [
                Control("crossings moved by 10⁻⁵", self.holding(shifted)),
                Control("read at every α", self.holding(lambda _: EVERYWHERE)),
            ]
        return tuple(found)


def located(
    stated: Lines, sides: Callable[[Any, FloatArray], tuple[FloatArray, FloatArray]]
) -> Measurement:
    """Find where each inequality holds; return the largest distance from where it is said to.

    Parameters
    ----------
    stated
        The inequalities.
    sides
        Returns the two sides of a line at values of α, of order one or on a logarithmic scale.

    Raises
    ------
    ValueError
        If the relation is not strict: a crossing belongs to neither side.
    """
    if not stated.relation.strict:
        raise ValueError(f"what changes at a crossing must be < or >, got {stated.relation}")
    farthest, steps, where = -1.0, [], {}
    for line in stated.lines:

        def margin(alpha: FloatArray, line: Any = line) -> FloatArray:
            found = np.asarray(stated.relation.margin(*sides(line, alpha)))
            return np.where(np.abs(found) > ALIKE, found, 0.0)

        found = Region(*signs(margin))
        away = distance(found, line.holds)
        name = f"{line.name}, {line.setting.name}"
        steps.append(f"{name}: holds on {found.described}")
        if away > farthest:
            farthest, where = (
                away,
                {
                    "inequality": name,
                    "holds on": found.described,
                    "stated on": line.holds.described,
                },
            )
    text = f"{len(steps)} inequalities, crossings within {farthest:.3g}"
    return Measurement(farthest, text, where, steps=tuple(steps))


def distance(found: Region, stated: Region) -> float:
    """Return the largest distance of crossings; infinite where their number or order differs."""
    if found.begins != stated.begins or len(found.crossings) != len(stated.crossings):
        return float("inf")
    return float(np.abs(np.subtract(found.crossings, stated.crossings)).max(initial=0.0))
