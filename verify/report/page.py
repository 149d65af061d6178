"""The page: one self-contained HTML file, drawn from the record of a run and from its figures.

Everything in a record is treated as untrusted text and escaped. The only markup in the page is that
of its own templates, style and script, and the MathML that `verify.report.typesetting` rebuilt.
Figures are embedded as images, which run nothing. A content security policy in the page forbids
everything else that could load or run.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from verify.claim import Fault, Verdict
from verify.decoding import clean
from verify.registry import DEFAULT_PACKAGE
from verify.report import formatting
from verify.report.coverage import coverage
from verify.report.crosschecks import glossary, matrices, parted
from verify.report.findings import findings
from verify.report.pictures import Picture, carrying
from verify.report.places import order
from verify.report.power import noticed
from verify.report.statements import by_place, overview, statements
from verify.run.record import RunRecord, write_whole

SIZE_BOUND = 5_000_000
"""Bytes that a page may have; one that would exceed it carries less, and says so."""

# Tried in turn: characters kept of each text, whether tables and pictures are included.
_ATTEMPTS = (
    *((20_000, True, True), (20_000, False, True), (2_000, False, True)),
    *((2_000, False, False), (300, False, False)),
)
_RECORD_BOUND = 1_500_000


def write(record: RunRecord, path: Path, shown: Iterable[Picture] = ()) -> None:
    """Write the page of `record` to `path`, whole or not at all."""
    write_whole(path, render(record, shown))


def render(record: RunRecord, shown: Iterable[Picture] = ()) -> str:
    """Return the page of `record`, with the given figures, as one HTML document.

    It has at most `SIZE_BOUND` bytes. As far as that bound requires, tables, pictures and long
    outputs are left out or cut, and the page says so. ValueError if it is too large even so.
    """
    figures = tuple(shown)
    content = _content(record)
    for text_bound, with_tables, with_pictures in _ATTEMPTS:
        carried = figures if with_tables else carrying(figures, ())
        if not with_pictures:
            carried = tuple(one.left_out("this page has no room for it") for one in carried)
        made = formatting.environment(jinja2.FunctionLoader(_asset), text_bound)
        page = clean(made.get_template("page.html").render(content, pictures=carried))
        size = len(page.encode())
        if size <= SIZE_BOUND:
            return page
    raise ValueError(f"a page must have at most {SIZE_BOUND} bytes, got {size}")


def _content(record: RunRecord) -> dict[str, Any]:
    """Return everything that the templates refer to, by name, except the figures."""
    style, script = _asset("page.css"), _asset("page.js")
    made = statements(record)
    found = {claim.label for claim in record.claims}
    compared = matrices(record.claims)
    return {
        "record": record,
        "summary": record.summary(),
        "overview": overview(record),
        "statements": made,
        "by_place": by_place(made),
        "paper": coverage(record.claims),
        # What a part of the suite does not decide may be decided in another part.
        "whole": not record.environment.get("only")
        and all(claim.module.startswith(f"{DEFAULT_PACKAGE}.") for claim in record.claims),
        "troubled": [s for s in made if not s.result.acceptable],
        "skipped": [s for s in made if s.result.verdict is Verdict.SKIPPED],
        "skipped_checks": [
            (s, check)
            for s in made
            for check in s.result.checks
            if check.verdict is Verdict.SKIPPED and s.result.verdict is not Verdict.SKIPPED
        ],
        "findings": findings(made),
        "matrices": compared,
        "noticed": noticed(made),
        "known": {s.result.id: s for s in made},
        "parted": parted(record.claims),
        "glossary": glossary(compared),
        "labels": [label for label in (*Verdict, "TOOTHLESS") if label in found],
        "methods": sorted({method for s in made for method in s.methods}),
        "places": sorted({place for s in made for place in s.places}, key=order),
        "facts": _facts(record.environment),
        "environment": {name: _short(value) for name, value in record.environment.items()},
        "download": _download(record),
        "Verdict": Verdict,
        "Fault": Fault,
        "style": Markup(style),
        "script": Markup(script),
        "style_hash": source_hash(style),
        "script_hash": source_hash(script),
    }


def _asset(name: str) -> str:
    return resources.files("verify.report").joinpath("templates", name).read_text(encoding="utf-8")


def source_hash(text: str) -> str:
    """Return the source expression that lets exactly this inline text through."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _facts(environment: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the environment as names and texts; a mapping within it is spread out."""
    facts: list[tuple[str, str]] = []
    for name, value in environment.items():
        inner = value if isinstance(value, Mapping) else {name: _short(value) or "all"}
        facts += [(str(key), str(found)) for key, found in inner.items()]
    return facts


def _short(value: Any) -> str:
    """Return a value of the environment as one text; a list becomes its items."""
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _download(record: RunRecord) -> str | None:
    """Return the record as a data URL; None if it is too large, or is not JSON."""
    try:
        text = json.dumps(record.as_dict(), indent=1, allow_nan=False)
    except (TypeError, ValueError):
        return None
    encoded = base64.b64encode(text.encode()).decode()
    return f"data:application/json;base64,{encoded}" if len(encoded) <= _RECORD_BOUND else None
