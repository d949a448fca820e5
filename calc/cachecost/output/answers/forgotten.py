"""The rent of caches that are never deleted, for people and programs."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ...bills.forgotten import Forgotten
from ...bills.warnings import LeftOut
from ..figures import amount, cited, count
from ..records import Answered, Count, Currency, Fields, ModelId, Text, Version, fields, of, record, records, rows
from ..reply import FIGURES, Page, Reply
from ..table import Table
from .survey import LeftOutRecord, left


class RentRecord(Fields):
    """What a cache of a model costs that is never deleted."""

    model: ModelId = of("sheet.id")
    version: Version
    currency: Currency = of("sheet.currency")
    tokens: Count
    hour: Decimal
    day: Decimal
    days_30: Decimal = of("month")


class ForgottenRecord(Answered):
    """Rents of many models, dearest first."""

    forgotten: list[RentRecord]
    left_out: list[LeftOutRecord]
    sentence: Text


def reply(forgottens: Sequence[Forgotten], left_out: Sequence[LeftOut] = (), *, top: int | None = None) -> Reply:
    """Rents in every form; people are shown the dearest `top`."""
    return Reply(
        page=lambda: Page(
            "",
            [table(forgottens[:top])],
            list(left(left_out)),
            [cited(each.sheet, each.version) for each in forgottens[:top][:3]],
            sentence(forgottens),
        ),
        record=lambda: record(
            ForgottenRecord, None, forgotten=forgottens, left_out=left_out, sentence=sentence(forgottens)
        ),
        rows=lambda: rows(fields(RentRecord), records(RentRecord, forgottens)),
    )


def table(forgottens: Sequence[Forgotten]) -> Table:
    """A row a model, dearest first."""
    cells = [
        [
            each.sheet.id,
            count(each.tokens),
            *(amount(rent, each.sheet.currency) for rent in (each.hour, each.day, each.month)),
        ]
        for each in forgottens
    ]
    return Table(["model", "tokens", "per hour", "per day", "in 30 days"], cells, FIGURES, spare=("tokens",))


def sentence(forgottens: Sequence[Forgotten]) -> str:
    """`A cache of 1,000,000 tokens on google/gemini-2.5-pro that is never deleted costs $108.00 a day.`"""
    each = forgottens[0]
    day, month = amount(each.day, each.sheet.currency), amount(each.month, each.sheet.currency)
    return (
        f"A cache of {count(each.tokens)} tokens on {each.sheet.id} that is never deleted costs {day} a day, "
        f"{month} in 30 days."
    )
