"""What became of all near misses of each check when they were last tried, as committed data.

`python -m verify falsify --update` writes it; an ordinary run, which tries a few only, shows it
beside each check as long as neither the statement nor the code of its claim has changed since.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from verify.claim import Check, Claim, Tier
from verify.decoding import decode, loads
from verify.methods.near_misses import NearMiss
from verify.registry import Registry
from verify.run.falsify import Extent, NearMisses, digest, misses
from verify.run.record import RunRecord, write_whole

PATH = Path(__file__).resolve().parents[1] / "near_misses.json"


def current(
    check: Check, claim: Claim, module: str, made: list[NearMiss] | None = None
) -> NearMisses | None:
    """Return what became of the near misses of a check as it is now; None if none are on record.

    `made` are those near misses, if they have been made.
    """
    entry = _read().get(claim.id, {}).get(check.name)
    if entry is None:
        return None
    found = decode(NearMisses, entry)
    made = misses(check, claim) if made is None else made
    return found if found.digest == digest(made, module, claim.id) else None


def extent(asked: Extent, known: NearMisses | None) -> Extent:
    """Return "fields" where an ordinary run draws, and of the statement as it is none are known."""
    return "fields" if asked == "drawn" and known is None else asked


def changed(loaded: Registry, tier: Tier) -> list[str]:
    """Return the ids of claims with a check whose near misses have not been tried as it is now."""
    return [
        claim.id
        for claim in loaded
        if any(
            (made := misses(check, claim))
            and current(check, claim, loaded.modules[claim.id], made) is None
            for check in claim.checks_in(tier)
        )
    ]


def update(record: RunRecord) -> None:
    """Keep what a run that tried all near misses found, beside what others found before."""
    entries = {claim: dict(checks) for claim, checks in _read().items()}
    for claim in record.claims:
        for check in claim.checks:
            if check.near_misses is not None:
                found = asdict(check.near_misses)
                del found["idle"]
                entries.setdefault(claim.id, {})[check.name] = found
    write_whole(PATH, json.dumps(entries, indent=1, sort_keys=True) + "\n")
    _read.cache_clear()


@cache
def _read() -> dict[str, Any]:
    found: dict[str, Any] = loads(PATH.read_bytes()) if PATH.is_file() else {}
    return found
