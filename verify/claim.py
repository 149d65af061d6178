"""Claims as data: what is stated, where, what decides it, and what the decision may be.

A claim holds one statement and its checks. A check applies one function, `decide`, to the
statement (its `subject`) and, unchanged, to at least one `Control`: the statement made false
by a wrong constant, sign, factor or exponent. A check that does not distinguish the two decides
nothing; it is called toothless and counts as an error of the suite.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal

Tier = Literal["quick", "full"]
TIERS: tuple[Tier, ...] = ("quick", "full")


class Verdict(StrEnum):
    """What the evidence says about a statement."""

    PROVED = "PROVED"
    CERTIFIED = "CERTIFIED"
    CONFIRMED = "CONFIRMED"
    REFUTED = "REFUTED"
    INCONCLUSIVE = "INCONCLUSIVE"
    BLOCKED = "BLOCKED"
    SKIPPED = "SKIPPED"

    @property
    def meaning(self) -> str:
        """One sentence for the reader of a report."""
        return _MEANING[self]


_MEANING = {
    Verdict.PROVED: "an identity reduced to zero symbolically, or an inequality proved "
    "symbolically",
    Verdict.CERTIFIED: "a rigorous interval enclosure over the stated domain, its ends covered",
    Verdict.CONFIRMED: "independent numbers agree within the stated tolerance, or a statistical "
    "test passes",
    Verdict.REFUTED: "evidence against, with the counterexample kept",
    Verdict.INCONCLUSIVE: "the evidence does not decide, or a check did not run to its end",
    Verdict.BLOCKED: "a claim that this one requires did not come out as expected",
    Verdict.SKIPPED: "something the check needs is missing here, and named",
}

# Strongest first; what a claim shows is the strongest of its checks.
SUPPORTING = (Verdict.PROVED, Verdict.CERTIFIED, Verdict.CONFIRMED)


class Fault(StrEnum):
    """How a statement that is expected REFUTED is false; each value's text names it."""

    RANGE = "true on part of its range only"
    PRINTED = "false as printed"
    CODED = "false as commonly coded"
    READ = "false as it can be read"
    ESTIMATE = "a published estimate that is not the value"


class Method(StrEnum):
    """How a check decides."""

    SYMBOLIC = "symbolic"
    ENCLOSURE = "enclosure"
    MULTIPRECISION = "multiprecision"
    FLOAT64 = "float64"
    CONVEX = "convex"
    FLOW = "flow"
    TRAINING = "training"
    STATISTICS = "statistics"
    LITERATURE = "literature"

    @property
    def supports(self) -> Verdict:
        """The verdict that a check of this method earns when it holds."""
        if self is Method.SYMBOLIC:
            return Verdict.PROVED
        if self is Method.ENCLOSURE:
            return Verdict.CERTIFIED
        return Verdict.CONFIRMED

    @property
    def numerical(self) -> bool:
        """Whether a figure decides, which needs a tolerance or a bound."""
        return self not in (Method.SYMBOLIC, Method.ENCLOSURE)


@dataclass(frozen=True)
class Comparison:
    """A quantity computed by two independent methods, and how far apart the results are.

    Attributes
    ----------
    quantity
        What was compared, e.g. "minimiser β" or "generalisation error p".
    between
        The names of the two methods, e.g. ("dual Newton", "weights' flow").
    worst
        The worst disagreement over all that was compared, finite and not negative.
    measure
        In what it is measured: "relative", "absolute", "standard errors", ...
    """

    quantity: str
    # Records of version 0.1 hold the names under "roads".
    between: tuple[str, str] = field(metadata={"formerly": "roads"})
    worst: float
    measure: str = "relative"

    def __post_init__(self) -> None:
        if len(self.between) != 2 or self.between[0] == self.between[1]:
            raise ValueError(f"a comparison must be between two methods, got {self.between!r}")
        if not (math.isfinite(self.worst) and self.worst >= 0):
            raise ValueError(f"worst must be finite and >= 0, got worst={self.worst!r}")


@dataclass(frozen=True)
class SecondProof:
    """What a second, independent engine makes of something that SymPy proved.

    Attributes
    ----------
    step
        The identity, inequality or truth value, shortened.
    by
        The engine that proves it again; "" if none does.
    reason
        Why none does.
    trivial
        Whether the two sides are the same expression, so that nothing is left to prove.
    """

    step: str
    by: str = ""
    reason: str = ""
    trivial: bool = False


@dataclass(frozen=True)
class Evidence:
    """What a check found.

    Attributes
    ----------
    holds
        True if the statement stands, False if it is refuted, None if this evidence leaves it open.
    summary
        One line that says what was shown.
    figure
        The number that was held against the check's tolerance (a worst relative error, a margin).
    counterexample
        Where the statement fails: names to values, as text of full precision.
    steps
        The steps of a proof, in order, each readable by itself.
    data
        Further numbers for the record; JSON values only.
    comparisons
        Which methods were compared on which quantity; the report gathers them in one matrix.
    reads
        For each of the steps, the fields of the statement that it reads.
    """

    holds: bool | None
    summary: str
    figure: float | None = None
    counterexample: Mapping[str, str] | None = None
    steps: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    comparisons: tuple[Comparison, ...] = ()
    reads: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        # NumPy's truth values are not the ones that `is True` asks for.
        item = getattr(self.holds, "item", None)
        if item is not None:
            object.__setattr__(self, "holds", item())


@dataclass(frozen=True)
class Measurement:
    """What a numerical check measured; the tolerance or bound of the check decides.

    Attributes
    ----------
    figure
        The worst of what was measured: the largest gap, or the smallest margin. Not NaN.
    summary
        One line that says what was measured.
    where
        Where the worst was: names to values, as text of full precision. The counterexample of a
        statement that fails there.
    smallest
        True for a smallest margin, which must be above a bound; False for a largest gap, which
        must be at most a tolerance.
    data, comparisons, steps
        As in `Evidence`.
    """

    figure: float
    summary: str
    where: Mapping[str, str] = field(default_factory=dict)
    smallest: bool = False
    data: Mapping[str, Any] = field(default_factory=dict)
    comparisons: tuple[Comparison, ...] = ()
    steps: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "figure", float(self.figure))
        if math.isnan(self.figure):
            raise ValueError(f"a measurement must be a number or infinite, got {self.figure!r}")

    def held_to(self, tolerance: float | None, above: float | None) -> Evidence:
        """Return the evidence: figure <= tolerance for gaps, figure > above for margins.

        Raises
        ------
        ValueError
            If the bound that belongs to this kind of figure is None.
        """
        bound = above if self.smallest else tolerance
        if bound is None:
            kind = "a smallest margin to `above`" if self.smallest else "a largest gap to tolerance"
            raise ValueError(f"the check must hold {kind}, which it does not give")
        kept = self.figure > bound if self.smallest else self.figure <= bound
        holds = kept and math.isfinite(self.figure)
        return Evidence(
            holds,
            self.summary,
            figure=self.figure,
            counterexample=None if holds else dict(self.where),
            steps=self.steps,
            data=self.data,
            comparisons=self.comparisons if holds else (),
        )


@dataclass(frozen=True)
class Control:
    """A variant of the statement whose truth value is known to differ.

    Attributes
    ----------
    variant
        What is different in it, in words or as a formula.
    subject
        The variant itself, in the form that the check's `decide` takes.
    must_hold
        False for a falsified statement. True where the check's own subject is a false statement and
        the control is the corrected one: it catches a check that rejects everything.
    """

    variant: str
    subject: Any
    must_hold: bool = False


class Bounded:
    """What the figure of a check is held to: at most `tolerance`, or greater than `above`."""

    tolerance: float | None
    above: float | None

    @property
    def bound(self) -> float | None:
        """`tolerance` or `above`; None where there is neither."""
        return self.tolerance if self.tolerance is not None else self.above

    @property
    def bound_name(self) -> str:
        """What the bound is to the figure."""
        return "tolerance" if self.above is None else "to be above"

    def keeps(self, figure: float | None) -> bool:
        """Whether there are a figure and a bound, and the one keeps to the other."""
        if figure is None or self.bound is None:
            return False
        return figure <= self.bound if self.above is None else figure > self.bound


@dataclass(frozen=True)
class Check(Bounded):
    """One independent way to decide a claim.

    Attributes
    ----------
    name
        Unique within its claim.
    method
        How it decides; fixes the verdict that it can earn.
    decide
        Function from a subject to `Evidence`, or to a `Measurement` that the check's own tolerance
        or bound decides.
    subject
        The statement, as `decide` takes it. The page shows what its method `latex` returns, if it
        has one.
    control
        One variant, or several, that `decide` must distinguish from the statement.
    tolerance, above, reason
        What the evidence's figure is held to, and why: it must be at most `tolerance`, or greater
        than `above`. Checks of numbers have one of the two.
    tier
        "quick" runs always, "full" only with `--tier full`.
    limit
        Seconds after which the check is stopped and reported as such; controls included.
    needs
        Names of importable modules without which the check is skipped.
    needs_files
        Data files without which it is skipped, as "package/folder/file" of an importable package.
    seed
        The seed of every random draw that it makes, if it makes any.
    """

    name: str
    method: Method
    decide: Callable[[Any], Evidence | Measurement]
    subject: Any
    control: Control | tuple[Control, ...]
    tolerance: float | None = None
    reason: str = ""
    above: float | None = None
    tier: Tier = "quick"
    limit: float = 60.0
    needs: tuple[str, ...] = ()
    needs_files: tuple[str, ...] = ()
    seed: int | None = None

    def __post_init__(self) -> None:
        if not self.controls:
            raise ValueError(f"check {self.name!r} must have at least one control, got none")
        if self.tier not in TIERS:
            raise ValueError(f"check {self.name!r} must be of a tier in {TIERS}, got {self.tier!r}")
        if not self.limit > 0:
            raise ValueError(f"check {self.name!r} must have limit > 0 seconds, got {self.limit!r}")
        if self.tolerance is not None and self.above is not None:
            raise ValueError(f"check {self.name!r} must have a tolerance or a bound, got both")
        if self.bound is None and self.method.numerical:
            raise ValueError(
                f"check {self.name!r} is of numbers ({self.method}): it must have a tolerance, or "
                f"a bound that its figure is above"
            )
        if self.bound is not None and not math.isfinite(self.bound):
            raise ValueError(f"check {self.name!r} must be held to a number, got {self.bound!r}")
        if self.bound is not None and not self.reason:
            raise ValueError(f"check {self.name!r} must give the reason of its tolerance or bound")

    @property
    def controls(self) -> tuple[Control, ...]:
        """The controls, always as a tuple."""
        return self.control if isinstance(self.control, tuple) else (self.control,)

    @cached_property
    def latex(self) -> str | None:
        """The statement as its subject prints it; None if it does not print itself."""
        return printed(self.subject)


def printed(subject: Any) -> str | None:
    """Return what the method `latex` of a check's subject prints; None where it has none."""
    latex = getattr(subject, "latex", None)
    return str(latex()) if callable(latex) else None


@dataclass(frozen=True)
class Claim:
    r"""One statement of the paper, or about it.

    Attributes
    ----------
    id
        Permanent name, `topic.statement`, in lower case.
    title
        A few words.
    sentence
        The statement in one sentence of our own; Unicode mathematics.
    latex
        The statement as display mathematics, lines separated by ``\\\\``.
    source
        Section, theorem, proposition or equation.
    checks
        What decides it; at least one.
    assumptions
        The conditions under which it is stated.
    requires
        Ids of claims that it rests on; unless they come out as expected, it is blocked.
    twin
        The id of the corrected statement, exactly if this one is known to be false.
    fault
        How a statement with a twin is false. The report groups its findings by it.
    not_decided
        The parts of the sentence that no check decides, each in words; the page lists them.
    """

    id: str
    title: str
    sentence: str
    latex: str
    source: str
    checks: tuple[Check, ...]
    assumptions: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    twin: str | None = None
    fault: Fault | None = None
    not_decided: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        topic, _, statement = self.id.partition(".")
        if not (topic and statement) or self.id != self.id.lower() or " " in self.id:
            raise ValueError(f"claim id must read topic.statement in lower case, got {self.id!r}")
        if not self.checks:
            raise ValueError(f"claim {self.id} must have at least one check, got none")
        for field_name in ("assumptions", "requires", "not_decided"):
            if isinstance(text := getattr(self, field_name), str):
                raise ValueError(
                    f"{field_name} of claim {self.id} must be a tuple of texts, got {text!r}"
                )
        names = [check.name for check in self.checks]
        if len(set(names)) != len(names):
            raise ValueError(f"claim {self.id} must name its checks apart, got {names}")
        if self.fault is not None and self.twin is None:
            raise ValueError(f"claim {self.id} has a fault, but names no corrected twin")
        if self.twin is None and _strongest(self.checks) is not self.expected:
            raise ValueError(
                f"claim {self.id} must keep its strongest check in the quick tier: its verdict "
                f"would depend on the tier otherwise"
            )

    @property
    def expected(self) -> Verdict:
        """The verdict that it should have: what its strongest check earns, or REFUTED."""
        if self.twin is not None:
            return Verdict.REFUTED
        return _strongest(self.checks_in("quick") or self.checks)

    def checks_in(self, tier: Tier) -> tuple[Check, ...]:
        """Return the checks that run in a tier: in the full one all."""
        return tuple(check for check in self.checks if check.tier in ("quick", tier))


def _strongest(checks: Sequence[Check]) -> Verdict:
    return min((check.method.supports for check in checks), key=SUPPORTING.index)
