"""The page: one self-contained HTML file, drawn from the record of a run alone.

Everything that a record holds is treated as text from anywhere and escaped; the only markup that
enters the page are its own template, style and script, and MathML that `verify.typesetting`
rebuilt. A content security policy in the page forbids whatever else could load or run.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from verify.claim import SUPPORTING, Verdict
from verify.record import CheckResult, ClaimResult, RunRecord, write_whole
from verify.registry import DEFAULT_PACKAGE
from verify.typesetting import Line, typeset

SIZE_BOUND = 5_000_000
"""Bytes that a page may have; a record that would exceed it is shown with its long texts cut."""

# Characters kept of each text, tried in turn until the page fits.
_TEXT_BOUNDS = (20_000, 2_000, 300)
_RECORD_BOUND = 1_500_000
_ANCHOR = re.compile(r"[a-z0-9][a-z0-9_-]*(\.[a-z0-9_-]+)+")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Link:
    """Another claim, as one refers to it; without an anchor it is not part of the run."""

    id: str
    title: str = ""
    anchor: str | None = None
    label: str = ""


@dataclass(frozen=True)
class Statement:
    """A claim's result with what the page needs around it."""

    result: ClaimResult
    anchor: str
    topic: str
    lines: tuple[Line, ...]
    requires: tuple[Link, ...]
    required_by: tuple[Link, ...]
    twin: Link | None
    corrects: tuple[Link, ...]
    command: str

    @property
    def label(self) -> str:
        """The verdict, or that a check is toothless."""
        return _label(self.result)

    @property
    def methods(self) -> tuple[str, ...]:
        """Methods of its checks, each once, in their order."""
        return tuple(dict.fromkeys(check.method for check in self.result.checks))

    @property
    def decisive(self) -> CheckResult | None:
        """The check that the verdict rests on."""
        return self.result.strongest

    @property
    def path(self) -> str:
        """The file that states it."""
        return self.result.module.replace(".", "/") + ".py"


@dataclass(frozen=True)
class Overview:
    """What the summary counts beyond the record's own counts."""

    methods: tuple[tuple[str, int], ...]
    controls: int
    controls_missed: int
    several: int
    supported: int


def write(record: RunRecord, path: Path) -> None:
    """Write the page of `record` to `path`, whole or not at all."""
    write_whole(path, render(record))


def render(record: RunRecord) -> str:
    """Return the page of `record` as one HTML document of at most `SIZE_BOUND` bytes.

    Long outputs are cut, and say so, as far as that bound requires.

    Raises
    ------
    ValueError
        If the page is too large even with its long texts cut.
    """
    size = 0
    content = _content(record)
    for bound in _TEXT_BOUNDS:
        template = _environment(bound).from_string(_asset("page.html"))
        page = _UNPRINTABLE.sub("\ufffd", template.render(content))
        size = len(page.encode())
        if size <= SIZE_BOUND:
            return page
    raise ValueError(f"a page must have at most {SIZE_BOUND} bytes, got {size}")


def _content(record: RunRecord) -> dict[str, Any]:
    """Return everything that the template refers to, by name."""
    style, script = _asset("page.css"), _asset("page.js")
    statements = _statements(record)
    topics: dict[str, list[Statement]] = {}
    for statement in statements:
        topics.setdefault(statement.topic, []).append(statement)
    return {
        "record": record,
        "summary": record.summary(),
        "overview": _overview(record),
        "statements": statements,
        "topics": topics,
        "troubled": [s for s in statements if not s.result.acceptable],
        "skipped": [s for s in statements if s.result.verdict is Verdict.SKIPPED],
        "skipped_checks": [
            (s, check)
            for s in statements
            for check in s.result.checks
            if check.verdict is Verdict.SKIPPED and s.result.verdict is not Verdict.SKIPPED
        ],
        "false_as_printed": [s for s in statements if s.result.expected is Verdict.REFUTED],
        "labels": sorted({s.label for s in statements}, key=_label_order),
        "methods": sorted({method for s in statements for method in s.methods}),
        "environment": _facts(record.environment),
        "download": _download(record),
        "Verdict": Verdict,
        "style": Markup(style),
        "script": Markup(script),
        "style_hash": _hash(style),
        "script_hash": _hash(script),
    }


def _environment(text_bound: int) -> jinja2.Environment:
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters |= {
        "number": _number,
        "duration": _duration,
        "cut": partial(_cut, bound=text_bound),
        "json": partial(json.dumps, indent=1, ensure_ascii=False, default=str),
        "formula": Markup,
        "fragment": lambda anchor: "#" + quote(anchor, safe=".-_"),
        "slug": lambda text: re.sub(r"[^a-z0-9]+", "-", str(text).lower()).strip("-"),
        "plural": lambda count, one, many=None: (
            f"{count} {one if count == 1 else many or one + 's'}"
        ),
    }
    environment.tests |= {"within": _within, "open_at_first": _open_at_first}
    return environment


def _asset(name: str) -> str:
    return resources.files("verify").joinpath("templates", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """Return the source expression that lets exactly this inline text through."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _statements(record: RunRecord) -> tuple[Statement, ...]:
    anchors = _anchors(record.claims)
    links = {
        claim.id: Link(claim.id, claim.title, anchor, _label(claim))
        for claim, anchor in zip(record.claims, anchors, strict=True)
    }

    def link(identifier: str) -> Link:
        return links.get(identifier, Link(identifier))

    return tuple(
        Statement(
            result=claim,
            anchor=anchor,
            topic=claim.id.partition(".")[0],
            lines=typeset(claim.latex),
            requires=tuple(link(name) for name in claim.requires),
            required_by=tuple(link(c.id) for c in record.claims if claim.id in c.requires),
            twin=link(claim.twin) if claim.twin else None,
            corrects=tuple(link(c.id) for c in record.claims if c.twin == claim.id),
            command=_command(claim),
        )
        for claim, anchor in zip(record.claims, anchors, strict=True)
    )


def _anchors(claims: Iterable[ClaimResult]) -> list[str]:
    """Return the claims' ids where these can serve, and otherwise names made for the purpose."""
    anchors: list[str] = []
    for number, claim in enumerate(claims, start=1):
        fit = _ANCHOR.fullmatch(claim.id) and claim.id not in anchors
        # No id of a claim begins with a dot, and no other id of the page holds one.
        anchors.append(claim.id if fit else f".{number}")
    return anchors


def _command(claim: ClaimResult) -> str:
    tier = " --tier full" if any(check.tier == "full" for check in claim.checks) else ""
    home = claim.module.startswith(DEFAULT_PACKAGE + ".")
    package = "" if home else f" --claims {shlex.quote(claim.module)}"
    return f"python -m verify run{package}{tier} --only {shlex.quote(claim.id)}"


def _label(claim: ClaimResult) -> str:
    return "TOOTHLESS" if claim.toothless else claim.verdict.value


def _label_order(label: str) -> int:
    order = [verdict.value for verdict in Verdict]
    return order.index(label) if label in order else len(order)


def _overview(record: RunRecord) -> Overview:
    checks = [check for claim in record.claims for check in claim.checks]
    variants = [variant for check in checks for variant in check.control]
    supported = [claim for claim in record.claims if claim.verdict in SUPPORTING]
    return Overview(
        methods=tuple(Counter(check.method for check in checks).most_common()),
        controls=len(variants),
        controls_missed=sum(not variant.told_apart for variant in variants),
        several=sum(
            len({check.method for check in claim.checks if check.verdict in SUPPORTING}) > 1
            for claim in supported
        ),
        supported=len(supported),
    )


def _facts(environment: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the environment as names and texts; a mapping within it is spread out."""
    facts: list[tuple[str, str]] = []
    for name, value in environment.items():
        if isinstance(value, Mapping):
            facts += [(str(inner), str(found)) for inner, found in value.items()]
        elif isinstance(value, (list, tuple)):
            facts.append((name, ", ".join(map(str, value)) or "all"))
        else:
            facts.append((name, str(value)))
    return facts


def _download(record: RunRecord) -> str | None:
    """Return the record as a data URL; None if it is too large, or is not JSON."""
    try:
        text = json.dumps(record.as_dict(), indent=1, allow_nan=False)
    except (TypeError, ValueError):
        return None
    encoded = base64.b64encode(text.encode()).decode()
    return f"data:application/json;base64,{encoded}" if len(encoded) <= _RECORD_BOUND else None


def _number(value: float | None) -> str:
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


def _duration(seconds: float) -> str:
    if not math.isfinite(seconds):
        return str(seconds)
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def _cut(text: object, bound: int) -> str:
    whole = str(text)
    if len(whole) <= bound:
        return whole
    return f"{whole[:bound]} … [{len(whole) - bound} more characters are in the record]"


def _within(check: CheckResult) -> bool:
    return (
        check.figure is not None and check.tolerance is not None and check.figure <= check.tolerance
    )


def _open_at_first(check: CheckResult) -> bool:
    """Whether a reader should see the evidence at once: it did not go as it should."""
    return check.toothless or check.verdict is Verdict.INCONCLUSIVE
