"""Disagreements with other datasets, for people."""

from __future__ import annotations

from collections.abc import Sequence

from ...review.datasets import Agreement, Disagreement
from ..figures import plain
from ..records import SCHEMA_VERSION, Record
from ..table import Table


def disagreements_table(found: Sequence[Disagreement]) -> Table:
    rows = [
        [
            each.sheet.id,
            each.rate.service,
            f"{each.rate.prompt:,}",
            each.rate.line,
            plain(each.ours) or "none",
            plain(each.rate.value) or "",
            each.reason or "NOT EXPLAINED",
            each.source,
        ]
        for each in found
    ]
    headings = ["model", "service", "prompt", "rate", "ours", "theirs", "why", "our source"]
    return Table(headings, rows, ("prompt", "ours", "theirs"))


def as_text(dataset: str, found: Agreement) -> str:
    told = f"{found.checked:,} rates compared with {dataset}"
    tail = f"{len(found.disagreements):,} disagree, {len(found.unexplained):,} of them unexplained"
    every = len(found.known) + len(found.unknown)
    covered = f"{len(found.known):,} of its {every:,} models with a cache price, at providers kept here, have a sheet."
    missing = [f"Without: {', '.join(found.unknown)}"] if found.unknown else []
    parts = [disagreements_table(found.disagreements).as_text(), ""] if found.disagreements else []
    return "\n".join([*parts, f"{told}: {tail}.", covered, *missing])


def as_record(found: Agreement) -> Record:
    return {
        "schema_version": SCHEMA_VERSION,
        "known": list(found.known),
        "checked": found.checked,
        "unknown": list(found.unknown),
        "disagreements": [
            {
                "model": each.sheet.id,
                "service": each.rate.service,
                "prompt": each.rate.prompt,
                "line": each.rate.line,
                "ours": plain(each.ours),
                "theirs": plain(each.rate.value),
                "reason": each.reason,
                "source": each.source,
            }
            for each in found.disagreements
        ],
    }
