"""Inequalities that a plan of empirics/recorded judges, at looks and by Holm's correction.

A look is at the first whole seeds of the plan, whichever others are recorded too. What one decides
stays decided, what it leaves open is judged at the next; each has its own error probability. The
test is Student's, two-sided, of differences within a seed; that a mean lies between two bounds is
shown by two one-sided tests, that it does not by a two-sided one, and the smaller p-value counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from empirics.vision import plan, results
from empirics.vision.protocol import PROTOCOLS
from verify.claim import Check, Control, Evidence
from verify.claims.vision import _effects as effects
from verify.claims.vision._values import Inequality, Within, differences
from verify.methods.equivalence import LEVEL, Estimate, holm
from verify.methods.relations import Relation

# Seeds of a look that a contrast may lack: those in which a network diverged.
LOST = 1


class Look(NamedTuple):
    """So many of the plan's first seeds, and the error probability of a family there."""

    seeds: int
    level: float


@dataclass(frozen=True)
class Planned(effects.Inequalities):
    """Inequalities of a family that a plan judges.

    Attributes
    ----------
    inequalities
        What is stated.
    others
        All others that are judged together with them.
    plan
        Its name.
    """

    others: tuple[Inequality, ...]
    plan: str

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_protocol([value for one in self.others for value in one.values])

    @property
    def family(self) -> tuple[Inequality, ...]:
        """All that are judged together, those that are stated first."""
        return (*self.inequalities, *self.others)

    def judged(self) -> str:
        """Return the looks in words, and how many are judged together."""
        seeds, _, looks = _rules(self.plan)
        shown = (f"{one.seeds} seeds from {seeds[0]} on at level {one.level:g}" for one in looks)
        return f"{', then '.join(shown)}; one of {len(self.family)} in Holm's correction"


def _rules(name: str) -> tuple[tuple[int, ...], set[tuple[str, float, float]], list[Look]]:
    """Return a plan's seeds, the places (study, factor, n) that make one whole, and its looks."""
    planned = plan.read(name)
    places = {
        (study, value, float(n))
        for one in planned.rounds
        for study in one.studies
        for value in one.values
        for n in PROTOCOLS[planned.protocol].sizes
    }
    looks = [Look(one["seeds"], one["alpha"]) for one in planned.judged["stopping"]["looks"]]
    return planned.seeds, places, looks


def _whole(protocol: str, places: set[tuple[str, float, float]]) -> set[int]:
    """Return the seeds that have a row, be it of a network that diverged, at each of the places."""
    found: dict[int, set[tuple[str, float, float]]] = {}
    for row in results.read(protocol):
        place = str(row["study"]), float(str(row["factor"])), float(str(row["n"]))
        found.setdefault(int(float(str(row["seed"]))), set()).add(place)
    return {seed for seed, own in found.items() if own >= places}


class Tested(NamedTuple):
    """An inequality at a look: p-value, whether the data favour it, and the estimate in words."""

    p: float
    favoured: bool
    words: str


def _tested(inequality: Inequality, seeds: Sequence[int]) -> Tested:
    """Test an inequality on the seeds of a look; p is 1 where more than `LOST` of them lack it."""
    by_seed = {s: one for s, one in differences(inequality.values).items() if s in seeds}
    found = Estimate.of([*by_seed.values()])
    half = found.half_width(LEVEL)
    if isinstance(inequality, Within):
        middle = 0.5 * (inequality.low + inequality.high)
        moved = Estimate(found.value - middle, found.error, found.freedom)
        margin = 0.5 * (inequality.high - inequality.low)
        inside = moved.equivalence_p(margin)
        outside = min(1.0, 2.0 * moved.difference_p(margin))
        p, favoured = min(inside, outside), inside < outside
    else:
        if not inequality.relation.strict:
            raise ValueError(f"one side must exceed the other, got {inequality.relation}")
        moved = Estimate(found.value - inequality.by, found.error, found.freedom)
        p, above = moved.two_sided_p(), moved.value > 0.0
        favoured = above == (inequality.relation is Relation.ABOVE)
    lost = [seed for seed in seeds if seed not in by_seed]
    words = (
        f"{inequality.shown(str)}: mean {found.value:+.4f}, {100 * (1 - LEVEL):g} % interval, not "
        f"corrected, [{found.value - half:+.4f}, {found.value + half:+.4f}], seeds lost: {lost}"
    )
    return Tested(p if len(lost) <= LOST else 1.0, favoured, words)


def decide(statement: Planned) -> Evidence:
    """Judge each inequality, among its family, at the looks that the record reaches."""
    seeds, places, looks = _rules(statement.plan)
    whole = _whole(statement.values[0].study.protocol, places)
    verdicts: dict[int, bool] = {}
    margins = dict.fromkeys(range(len(statement.inequalities)), -1.0)
    steps: list[str] = []
    against: dict[str, str] | None = None
    for look in looks:
        chosen = seeds[: look.seeds]
        missing = [seed for seed in chosen if seed not in whole]
        if missing:
            steps.append(f"look at {look.seeds} seeds: not reached, {missing} are not whole")
            break
        tested = [_tested(member, chosen) for member in statement.family]
        adjusted = holm([member.p for member in tested]).tolist()
        for i, one in enumerate(statement.inequalities):
            if i in verdicts:
                continue
            (_, favoured, words), p = tested[i], adjusted[i]
            margins[i] = look.level - p if favoured else -look.level
            said = "open"
            if p <= look.level:
                verdicts[i], said = favoured, "shown" if favoured else "refuted"
            steps.append(f"look at {look.seeds} seeds: {words}, p = {p:.3g}: {said}")
            if verdicts.get(i) is False:
                against = {"inequality": one.shown(str), "at": steps[-1]}
    holds = False if against else True if len(verdicts) == len(margins) else None
    levels = {f"level at {one.seeds} seeds": one.level for one in looks}
    return Evidence(holds, "; ".join(steps), min(margins.values()), against, tuple(steps), levels)


def checks(statement: Planned, *controls: Control) -> tuple[Check]:
    """Return the check of a statement by its plan, skipped by name without a record."""
    return effects.checks(
        statement,
        *controls,
        decided=decide,
        name="t tests at the looks of a plan",
        reason="at its look every p-value is below the level, in the stated direction",
    )
