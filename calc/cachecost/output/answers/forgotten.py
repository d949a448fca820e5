"""The rent of caches that nobody deletes, for people and programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...bills.survey import Forgotten, LeftOut
from ..figures import amount, count, plain
from ..records import SCHEMA_VERSION, Record
from ..reply import FIGURES
from ..table import Table
from .advice import text


def forgotten_table(found: Sequence[Forgotten], *, exact: bool = False, top: int | None = None) -> Table:
    """A row a model, dearest first."""
    if exact:
        headings = "model version currency tokens hour day days_30".split()
        return Table(headings, [[text(value) for value in _of_forgotten(each).values()] for each in found])
    rows = [
        [
            each.sheet.id,
            count(each.tokens),
            *(amount(rent, each.sheet.currency) for rent in (each.hour, each.day, each.month)),
        ]
        for each in found[:top]
    ]
    return Table(["model", "tokens", "per hour", "per day", "in 30 days"], rows, FIGURES, spare=("tokens",))


def forgotten_sentence(found: Sequence[Forgotten]) -> str:
    """`A cache of 1,000,000 tokens on google/gemini-2.5-pro that nobody deletes costs $108.00 a day.`"""
    each = found[0]
    day, month = amount(each.day, each.sheet.currency), amount(each.month, each.sheet.currency)
    return (
        f"A cache of {count(each.tokens)} tokens on {each.sheet.id} that nobody deletes costs {day} a day, "
        f"{month} in 30 days."
    )


def _of_forgotten(each: Forgotten) -> Record:
    return {
        "model": each.sheet.id,
        "version": each.version,
        "currency": each.sheet.currency,
        "tokens": each.tokens,
        "hour": plain(each.hour),
        "day": plain(each.day),
        "days_30": plain(each.month),
    }


def of_forgotten(found: Sequence[Forgotten], left_out: Iterable[LeftOut]) -> Record:
    return {
        "schema_version": SCHEMA_VERSION,
        "forgotten": [_of_forgotten(each) for each in found],
        "left_out": [each._asdict() for each in left_out],
        "sentence": forgotten_sentence(found),
    }
