"""Which errors of the theory a check notices: the kinds of errors, and what is found of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from verify.claim import Method


@dataclass(frozen=True)
class Kind:
    """A kind of error.

    Attributes
    ----------
    name
        What is wrong, as it is printed.
    column
        Under which the page shows it.
    words
        The same in words.
    fields
        What a solver answers with the error, and in which power; none where it is put in.
    largest
        The largest relative error that is tried.
    sized
        Whether it has a size; else it is made or not.
    """

    name: str
    column: str
    words: str
    fields: Mapping[str, int] = field(default_factory=dict)
    largest: float = 1.0
    sized: bool = True

    @property
    def directions(self) -> tuple[int, ...]:
        """Exponents of the factor: times and divided by it."""
        return (1, -1) if self.sized else (1,)


KINDS = (
    Kind("p", "p", "the error p", {"mse": 1, "group_mse": 1, "mse_gradient": 1}),
    Kind("τ", "τ, θ", "the strength τ", {"tau": 1}),
    Kind("θ", "τ, θ", "the effective noise θ", {"theta": 1, "theta_squared": 2}),
    Kind(
        "F",
        "F",
        "the mean penalty, and with it the free energy; or ψ",
        {"penalty": 1, "group_penalty": 1, "objective": 1, "ψ": 1},
    ),
    Kind("c_FT", "c_FT", "c_FT of every coordinate"),
    Kind("γ²", "γ²", "γ² in c_FT"),
    Kind("slab", "other slab", "the other slab, of the same second moment", sized=False),
    # At twice its α a problem may have another kind of solution, or none.
    Kind("α", "α", "α", largest=0.3),
)
BY_NAME = {kind.name: kind for kind in KINDS}
COLUMNS = tuple(dict.fromkeys(kind.column for kind in KINDS))
STATISTICS = Method.STATISTICS.value
NOTHING_USED = "uses no solution of the theory"
DUE = "due: the claim has changed since"
NEVER = "due: never tried"


@dataclass(frozen=True)
class Noticed:
    """What a check makes of one kind of error.

    Attributes
    ----------
    kind
        Its name, of `perturbation.KINDS`.
    largest
        The largest relative error that was tried; 0 for an error without a size.
    noticed
        The smallest with which the check no longer holds, one for the value times 1 + error and one
        for the value divided by that; None where it holds even with the largest.
    refuted
        The smallest with which it says that the statement is false, in the same way.
    """

    kind: str
    largest: float
    noticed: tuple[float | None, ...]
    refuted: tuple[float | None, ...]

    def __post_init__(self) -> None:
        if self.kind not in BY_NAME:
            raise ValueError(f"a kind of error must be one of {[*BY_NAME]}, got {self.kind!r}")

    @property
    def smallest(self) -> float | None:
        """The smallest error that is noticed whichever way the value is wrong; None if none is."""
        return _worse(self.noticed)

    @property
    def smallest_refuted(self) -> float | None:
        """The smallest that is refuted, likewise."""
        return _worse(self.refuted)

    @property
    def outcome(self) -> str:
        """What becomes of the error, in few words."""
        if not BY_NAME[self.kind].sized:
            known = (self.smallest is not None) + (self.smallest_refuted is not None)
            return ("not noticed", "undecided", "refuted")[known]
        if self.smallest is None:
            return f"not up to {size(self.largest)}"
        later = "undecided" if self.smallest_refuted is None else "refuted"
        if self.smallest_refuted not in (None, self.smallest):
            later += f": {size(self.smallest_refuted)}"
        return f"{size(self.smallest)} ({later})"


@dataclass(frozen=True)
class Power:
    """Which errors of the theory a check notices.

    Attributes
    ----------
    found
        What it makes of each kind of error that it could notice: of what it takes from the theory.
    roads
        The solvers of the theory that it calls; none where it uses no solution of the theory.
    answers
        The one of these whose answers were wrong.
    files
        Records that it read, relative to the root.
    digest
        Identifies the code of its claim and these records; "" if it was never tried.
    revision, machine, seconds
        Where it was tried, and how long that took, of its processor.
    method
        How it decides: only rows of statistical checks are in the tables.
    due
        Whether the claim has changed since.
    """

    found: tuple[Noticed, ...]
    roads: tuple[str, ...] = ()
    answers: str = ""
    files: tuple[str, ...] = ()
    digest: str = ""
    revision: str = ""
    machine: str = ""
    seconds: float = 0.0
    method: str = ""
    due: bool = False

    @property
    def text(self) -> str:
        """The smallest errors noticed, in one sentence without a full stop.

        "" of a check without scatter that takes nothing of the theory's solutions.
        """
        if not self.digest:
            return NEVER
        if not (self.found or self.method == STATISTICS):
            return ""
        said = [f"{one.kind} {one.outcome}" for one in self.found]
        found = ", ".join(said) or NOTHING_USED
        return f"{found}; {DUE}" if self.due else found

    def under(self, column: str) -> str:
        """Return what stands in a column of the tables; "" where it depends on none of that."""
        here = [one for one in self.found if BY_NAME[one.kind].column == column]
        alone = sum(kind.column == column for kind in KINDS) == 1
        return "; ".join(one.outcome if alone else f"{one.kind} {one.outcome}" for one in here)


def size(error: float | None) -> str:
    """Return a relative error in per cent, or as a power of ten where it is small."""
    if error is None:
        return "none"
    return f"{100 * error:.3g} %" if error >= 5e-4 else f"{error:.0e}".replace("e-", "e−")


def _worse(errors: Sequence[float | None]) -> float | None:
    known = [error for error in errors if error is not None]
    return max(known) if known and len(known) == len(errors) else None
