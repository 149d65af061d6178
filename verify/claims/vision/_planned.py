"""Inequalities that a plan of empirics/recorded judges, at looks and by Holm's correction.

A look is at the first whole seeds of the plan, whichever others are recorded too. What one decides
stays decided, what it leaves open is judged at the next, with all of the family in Holm's
correction again; each look has an error probability of its own. The test is Student's, two-sided,
of differences within a seed; that a mean lies between two bounds is shown by two one-sided tests,
that it does not by a two-sided one, and the smaller p-value counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from empirics.vision import plan, results
from empirics.vision.protocol import PROTOCOLS
from verify.claim import Check, Control, Evidence
from verify.claims.vision import _effects as effects
from verify.claims.vision._values import Greater, Inequality, Within, differences
from verify.methods.equivalence import LEVEL, Estimate, holm
from verify.methods.relations import Relation

# Seeds of a look that a contrast may lack: those in which a network diverged.
LOST = 1
Place = tuple[str, float, float]


class Look(NamedTuple):
    """So many of the plan's first seeds, and the error probability of a family there."""

    seeds: int
    level: float


class Rules(NamedTuple):
    """Of a plan: its seeds, the places (study, factor, n) that make one whole, and its looks."""

    seeds: tuple[int, ...]
    places: frozenset[Place]
    looks: tuple[Look, ...]


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
    beside
        In words, what is judged beside it by the same plan, and decides nothing.
    """

    others: tuple[Inequality, ...]
    plan: str
    beside: tuple[tuple[str, Planned], ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_protocol([value for one in self.others for value in one.values])
        of_plan, protocol = plan.read(self.plan).protocol, self.values[0].study.protocol
        if protocol != of_plan:
            raise ValueError(f"values must be of the plan's protocol {of_plan!r}, got {protocol!r}")

    @property
    def family(self) -> tuple[Inequality, ...]:
        """All that are judged together, those that are stated first."""
        return (*self.inequalities, *self.others)

    def judged(self) -> str:
        """Return the looks in words, and how many are judged together."""
        seeds, _, looks = rules(self.plan)
        shown = (f"{one.seeds} seeds from {seeds[0]} on at level {one.level:g}" for one in looks)
        return f"{', then '.join(shown)}; one of {len(self.family)} in Holm's correction"


def rules(name: str) -> Rules:
    """Return the rules of a plan."""
    planned = plan.read(name)
    places = frozenset(
        (study, value, float(n))
        for one in planned.rounds
        for study in one.studies
        for value in one.values
        for n in PROTOCOLS[planned.protocol].sizes
    )
    looks = (Look(one["seeds"], one["alpha"]) for one in planned.judged["stopping"]["looks"])
    return Rules(planned.seeds, places, tuple(looks))


def _measured(protocol: str) -> dict[int, set[Place]]:
    """Return where each seed has an accuracy and a representation.

    A network that diverged has a row, and neither in it.
    """
    rows = [row for row in results.read(protocol) if row["factor"] is not None]
    represented = {
        (results.seed_of(row), results.place_of(row))
        for row in results.read(protocol, "representation")
        if row["factor"] is not None
    }
    found: dict[int, set[Place]] = {}
    for row in rows:
        seed, place = results.seed_of(row), results.place_of(row)
        if row["accuracy"] is None or (seed, place) in represented:
            found.setdefault(seed, set()).add(place)
    return found


class Tested(NamedTuple):
    """An inequality at a look: p-value, whether the data favour it, and the estimate in words."""

    p: float
    favoured: bool
    words: str


def _tested(inequality: Inequality, seeds: Sequence[int]) -> Tested:
    """Test an inequality on the seeds of a look; p is 1 where more than `LOST` of them lack it."""
    if isinstance(inequality, Greater) and not inequality.relation.strict:
        raise ValueError(f"one side must exceed the other, got {inequality.relation}")
    by_seed = differences(inequality.values, seeds)
    lost = [seed for seed in seeds if seed not in by_seed]
    said = f"{inequality.shown(str)}: seeds lost: {lost or 'none'}"
    if len(lost) > LOST:
        return Tested(1.0, False, f"{said}, {LOST} may be")
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
        moved = Estimate(found.value - inequality.by, found.error, found.freedom)
        p, above = moved.two_sided_p(), moved.value > 0.0
        favoured = above == (inequality.relation is Relation.ABOVE)
    low, high = found.value - half, found.value + half
    interval = f"{100 * (1 - LEVEL):g} % interval, not corrected, [{low:+.4f}, {high:+.4f}]"
    return Tested(p, favoured, f"{said}, mean {found.value:+.4f}, {interval}")


def decide(statement: Planned) -> Evidence:
    """Judge each inequality, among its family, at the looks that the record reaches."""
    return _judged(statement, _measured(statement.values[0].study.protocol))


def _judged(statement: Planned, measured: Mapping[int, set[Place]]) -> Evidence:
    seeds, places, looks = rules(statement.plan)
    whole = {seed for seed, own in measured.items() if own >= places}
    verdicts: dict[int, bool] = {}
    margins = [-1.0] * len(statement.inequalities)
    steps: list[str] = []
    against: dict[str, str] | None = None
    for look in looks:
        if len(verdicts) == len(margins):
            break
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
    summary = "; ".join(steps)
    said_of = {True: "holds", False: "does not hold", None: "is open"}
    for name, other in statement.beside:
        found = _judged(other, measured)
        steps += [f"beside, decides nothing: {name}: it {said_of[found.holds]}"]
        steps += [f"beside, {name}: {step}" for step in found.steps]
    return Evidence(holds, summary, min(margins), against, tuple(steps), levels)


def not_planned(statement: effects.Statement) -> Evidence:
    """Leave open what is recorded before it is planned."""
    return Evidence(
        None, f"open: nothing of {statement.latex()} is planned, whatever is recorded of it"
    )


def checks(statement: Planned, *controls: Control) -> tuple[Check]:
    """Return the check of a statement by its plan, skipped by name without a record."""
    return effects.checks(
        statement,
        *controls,
        decided=decide,
        name="t tests at the looks of a plan",
        reason="at its look every p-value is at most the level, in the stated direction",
    )
