"""A difference of price sheets for people: rates old and new, and what it does to five workloads."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from ..diff import Difference, Effect
from ..quantities import show_instant
from .cards import row_name
from .figures import amount, percent, plain, rate
from .record import SCHEMA_VERSION, Record
from .table import Table

MARK = "<!-- cachecost prices diff -->"
"""Stands first in the markdown, so that one comment can be found again and updated in place."""


def changes_table(found: Difference) -> Table:
    rows = [
        [
            change.model,
            show_instant(change.effective),
            row_name(change.row),
            change.line,
            _rate(change.old, change.currency),
            _rate(change.new, change.currency),
            _signed(change.ratio),
            "CORRECTION" if change.correction else "",
        ]
        for change in found.changes
    ]
    return Table(["model", "from", "row", "rate", "old", "new", "change", ""], rows, ("old", "new", "change"))


def effects_table(found: Difference) -> Table:
    rows = [
        [
            effect.model,
            effect.reference.name,
            f"{amount(effect.before[1], effect.currency)} {effect.before[0]}",
            f"{amount(effect.after[1], effect.currency)} {effect.after[0]}",
            _moved(effect),
            "FLIPS" if effect.flips else "",
        ]
        for effect in found.effects
    ]
    return Table(["model", "workload", "before", "after", "change", ""], rows, ("before", "after", "change"))


def summary(found: Difference) -> list[str]:
    """What happened, a sentence each, the loud ones first."""
    told = []
    if found.corrections:
        models = ", ".join(sorted({change.model for change in found.corrections}))
        told.append(f"CORRECTS {len(found.corrections)} rates of cards already in force: {models}. Past bills change.")
    flips = [effect for effect in found.effects if effect.flips]
    if flips:
        told.append(f"Flips {len(flips)} verdicts: {', '.join(sorted({effect.model for effect in flips}))}.")
    told += [f"New sheet: {id_}." for id_ in found.added]
    told += [f"REMOVED sheet: {id_}." for id_ in found.removed]
    if not told and not found.changes:
        told.append("No rate changes.")
    return told


def as_markdown(found: Difference) -> str:
    parts = [MARK, "### What this does to prices", *(f"- {line}" for line in summary(found))]
    if found.changes:
        parts += ["", changes_table(found).as_markdown()]
    if found.effects:
        parts += ["", "#### What it does to people", "", effects_table(found).as_markdown()]
    return "\n".join(parts)


def as_text(found: Difference) -> str:
    parts = list(summary(found))
    if found.changes:
        parts += ["", changes_table(found).as_text()]
    if found.effects:
        parts += ["", effects_table(found).as_text()]
    return "\n".join(parts)


def as_record(found: Difference) -> Record:
    return {
        "schema_version": SCHEMA_VERSION,
        "changes": [
            {
                "model": change.model,
                "effective": show_instant(change.effective),
                "row": row_name(change.row),
                "line": change.line,
                "old": plain(change.old),
                "new": plain(change.new),
                "ratio": plain(change.ratio),
                "correction": change.correction,
            }
            for change in found.changes
        ],
        "effects": [
            {
                "model": effect.model,
                "workload": effect.reference.name,
                "at": show_instant(effect.at),
                "before": {"strategy": effect.before[0], "total": plain(effect.before[1])},
                "after": {"strategy": effect.after[0], "total": plain(effect.after[1])},
                "flips": effect.flips,
            }
            for effect in found.effects
        ],
        "added": list(found.added),
        "removed": list(found.removed),
    }


def _rate(value: Decimal | None, currency: str) -> str:
    return "not sold" if value is None else rate(value, currency)


def _moved(effect: Effect) -> str:
    before, after = Fraction(effect.before[1]), Fraction(effect.after[1])
    return _signed(after / before - 1) if before else ""


def _signed(ratio: Fraction | None) -> str:
    if ratio is None:
        return ""
    return f"{'-' if ratio < 0 else '+'}{percent(ratio)}"
