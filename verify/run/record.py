"""What a run leaves behind: results of checks and claims, their summary, and the JSON record.

The record is the single source of everything that is shown: the terminal table, the page and
later reports are drawn from it, never from the run itself.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from verify.claim import SUPPORTING, Bounded, Claim, Comparison, Fault, SecondProof, Verdict
from verify.decoding import DecodingError, decode, loads
from verify.run.falsify import NearMisses
from verify.run.noticed import Power

SCHEMA = 1
SIZE_LIMIT = 64 * 2**20
"""Bytes that a record read from a file may have."""
# So many fields of a statement are named one by one where a step reads them.
_MANY_FIELDS = 12


class RecordError(ValueError):
    """A file is not a record of a run that this version can read."""


@dataclass(frozen=True)
class VariantResult:
    """How a check judged one of its controls."""

    variant: str
    must_hold: bool
    holds: bool | None
    told_apart: bool
    summary: str
    counterexample: Mapping[str, str] | None = None


@dataclass(frozen=True)
class CheckResult(Bounded):
    """Outcome of one check, its controls included.

    `latex` is what the check decides, as its subject prints it: all of the claim's, or a part, or
    something beside it; "" if the subject does not print itself.
    `near_misses` were tried in this run; `all_near_misses` is what became of all of them when they
    were last tried, if neither the statement nor the code of its claim has changed since.
    `power` is which errors of the theory it noticed when it was last put to any, of a statistical
    check also that it never was. `plan` says what a statistical check was held to, and since when.
    """

    name: str
    method: str
    verdict: Verdict
    summary: str
    tier: str = "quick"
    latex: str = ""
    figure: float | None = None
    tolerance: float | None = None
    above: float | None = None
    reason: str = ""
    seconds: float = 0.0
    seed: int | None = None
    toothless: bool = False
    counterexample: Mapping[str, str] | None = None
    steps: tuple[str, ...] = ()
    control: tuple[VariantResult, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    comparisons: tuple[Comparison, ...] = ()
    reads: tuple[tuple[str, ...], ...] = ()
    second_proofs: tuple[SecondProof, ...] = ()
    near_misses: NearMisses | None = None
    all_near_misses: NearMisses | None = None
    power: Power | None = None
    plan: str = ""
    output: str = ""
    location: str = ""

    @property
    def label(self) -> str:
        """The verdict, or that it is toothless."""
        return "TOOTHLESS" if self.toothless else self.verdict.value

    @property
    def proved_twice(self) -> bool:
        """Whether a second prover proved again all that SymPy proved, trivial parts aside."""
        proofs = [proof for proof in self.second_proofs if not proof.trivial]
        proved = self.verdict is Verdict.PROVED and bool(proofs)
        return proved and all(proof.by for proof in proofs)

    @property
    def second(self) -> str:
        """What a second prover made of the proof, in words; "" if none was asked."""
        parts = [proof for proof in self.second_proofs if not proof.trivial]
        again = Counter(proof.by for proof in parts if proof.by)
        reasons: dict[str, list[str]] = {}
        for proof in parts:
            if not proof.by:
                reasons.setdefault(proof.reason, []).append(f"“{proof.step}”")
        said = []
        if parts:
            engines = " and ".join(f"{engine} ({count})" for engine, count in again.items())
            also = f", also by {engines}" if again else ""
            said.append(f"{again.total()} of {len(parts)} parts proved twice{also}")
        said += [f"once only {', '.join(steps)}: {reason}" for reason, steps in reasons.items()]
        if same := len(self.second_proofs) - len(parts):
            said.append(f"{same} with the same expression on both sides, as SymPy computed them")
        return "; ".join(said)

    def reads_of(self, step: int) -> tuple[str, ...]:
        """Return the fields of the statement that a step reads, as far as it is on record.

        What all steps read alike is said once, with the first; of many fields the parts of the
        statement that they are of are named, and how many of each there are.
        """
        if len(self.reads) != len(self.steps) or (step and len(set(self.reads)) == 1):
            return ()
        if len(self.reads[step]) <= _MANY_FIELDS:
            return self.reads[step]
        parts = Counter(name.partition(".")[0] for name in self.reads[step])
        return tuple(f"{part} ({n} fields)" if n > 1 else part for part, n in parts.items())


@dataclass(frozen=True)
class ClaimResult:
    """Outcome of one claim: the statement, as it was run, and its checks."""

    id: str
    title: str
    statement: str
    latex: str
    source: str
    assumptions: tuple[str, ...]
    requires: tuple[str, ...]
    twin: str | None
    module: str
    verdict: Verdict
    expected: Verdict
    reason: str
    checks: tuple[CheckResult, ...]
    line: int | None = None
    fault: Fault | None = None
    not_decided: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Seconds that its checks took together."""
        return sum(check.seconds for check in self.checks)

    @property
    def toothless(self) -> tuple[str, ...]:
        """Names of its checks that did not distinguish a control from the statement."""
        return tuple(check.name for check in self.checks if check.toothless)

    @property
    def label(self) -> str:
        """The verdict, or that a check is toothless."""
        return "TOOTHLESS" if self.toothless else self.verdict.value

    @property
    def proved_twice(self) -> bool:
        """Whether it is PROVED, and each of its proofs was proved again, every part of it."""
        proofs = [check for check in self.checks if check.verdict is Verdict.PROVED]
        return self.verdict is Verdict.PROVED and all(check.proved_twice for check in proofs)

    @property
    def acceptable(self) -> bool:
        """Whether the run may succeed with this outcome.

        A claim that is skipped because something that its checks need is missing does not fail the
        run; it is counted and named as skipped, never as passed.
        """
        return not self.toothless and self.verdict in (self.expected, Verdict.SKIPPED)

    @property
    def strongest(self) -> CheckResult | None:
        """The check that the verdict rests on."""
        agreeing = [check for check in self.checks if check.verdict is self.verdict]
        return next(iter(agreeing or self.checks), None)


@dataclass(frozen=True)
class RunRecord:
    """A whole run."""

    claims: tuple[ClaimResult, ...]
    environment: Mapping[str, Any]
    seconds: float

    @property
    def succeeded(self) -> bool:
        """Whether there are claims, and each is as expected or skipped, and none toothless."""
        return bool(self.claims) and all(claim.acceptable for claim in self.claims)

    def summary(self) -> dict[str, Any]:
        """Count by verdict, and name everything that needs a reader's attention."""
        counts = Counter(claim.verdict for claim in self.claims)
        return {
            "claims": len(self.claims),
            "checks": sum(len(claim.checks) for claim in self.claims),
            "verdicts": {verdict.value: counts.get(verdict, 0) for verdict in Verdict},
            "proved_twice": sum(claim.proved_twice for claim in self.claims),
            "unexpected": [c.id for c in self.claims if not c.acceptable and not c.toothless],
            "toothless": [f"{c.id}: {name}" for c in self.claims for name in c.toothless],
            "skipped": [c.id for c in self.claims if c.verdict is Verdict.SKIPPED],
            "skipped_checks": [
                f"{claim.id}: {check.name}"
                for claim in self.claims
                for check in claim.checks
                if check.verdict is Verdict.SKIPPED
            ],
            "succeeded": self.succeeded,
            "seconds": self.seconds,
        }

    def as_dict(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {
            "schema": SCHEMA,
            "claims": [
                {**asdict(claim), "seconds": claim.seconds, "acceptable": claim.acceptable}
                for claim in self.claims
            ],
            "summary": self.summary(),
            "environment": dict(self.environment),
        }

    def write(self, path: Path) -> None:
        """Write the record to `path` as JSON, whole or not at all."""
        text = json.dumps(self.as_dict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        write_whole(path, text)

    @staticmethod
    def read(path: Path) -> RunRecord:
        """Read what `write` wrote; RecordError if it cannot be, or is not of this schema."""
        try:
            size = path.stat().st_size
            if size > SIZE_LIMIT:
                raise RecordError(f"{path} must have at most {SIZE_LIMIT} bytes, got {size}")
            raw = loads(path.read_bytes())
        except (OSError, DecodingError) as error:
            raise RecordError(f"cannot read a record from {path}: {error}") from error
        if not isinstance(raw, dict) or raw.get("schema") != SCHEMA:
            found = raw.get("schema") if isinstance(raw, dict) else type(raw).__name__
            raise RecordError(f"{path} must be a record of schema {SCHEMA}, got {found!r:.60}")
        summary = raw.get("summary")
        seconds = summary.get("seconds") if isinstance(summary, dict) else None
        try:
            return decode(RunRecord, {**raw, "seconds": seconds})
        except DecodingError as error:
            raise RecordError(f"{path} is not a complete record: {error}") from error


# What a result holds of its claim as it is.
_KEPT = (
    *("id", "title", "latex", "source", "assumptions", "not_decided", "requires"),
    *("twin", "expected", "fault"),
)


def claim_result(
    claim: Claim,
    module: str,
    checks: Iterable[CheckResult],
    *,
    line: int | None = None,
    without: tuple[Verdict, str] | None = None,
) -> ClaimResult:
    """Combine the checks of `claim`; `without` them, its verdict and reason are those given."""
    results = tuple(checks)
    verdict, reason = without or _overall(results)
    return ClaimResult(
        **{name: getattr(claim, name) for name in _KEPT},
        statement=claim.sentence,
        module=module,
        verdict=verdict,
        reason=reason,
        checks=results,
        line=line,
    )


def unreadable_result(identifier: str, module: str, problem: str) -> ClaimResult:
    """Return the result that represents the claims of a module that could not be imported."""
    return ClaimResult(
        id=identifier,
        title=f"Claims of {module}",
        statement="What this module states could not be read.",
        latex="",
        source="",
        assumptions=(),
        requires=(),
        twin=None,
        module=module,
        verdict=Verdict.INCONCLUSIVE,
        expected=Verdict.PROVED,
        reason=f"{module} could not be imported: {problem}",
        checks=(),
    )


def write_whole(path: Path, text: str) -> None:
    """Write `text` to `path` through a temporary file beside it, so that no half file is left.

    A link, a pipe or a device is written to as it is: it must not be replaced by a file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink() or (path.exists() and not path.is_file()):
        path.write_text(text, encoding="utf-8")
        return
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def _overall(checks: tuple[CheckResult, ...]) -> tuple[Verdict, str]:
    """Verdict of a claim: one refutation refutes, one undecided check keeps it open.

    Else the strongest support is its own.
    """
    for decisive in (Verdict.REFUTED, Verdict.INCONCLUSIVE, *SUPPORTING):
        for check in checks:
            if check.verdict is decisive:
                return decisive, f"{check.name}: {check.summary}"
    return Verdict.SKIPPED, "; ".join(f"{check.name}: {check.summary}" for check in checks)


def check_from(message: bytes) -> CheckResult:
    """Rebuild the result of a check from JSON text; DecodingError if it is something else."""
    return decode(CheckResult, loads(message))
