"""The rent of caches that are never deleted, for people and programs."""

from collections.abc import Sequence
from decimal import Decimal

from ...bills.rents import Forgotten
from ...bills.warnings import LeftOut
from ..figures import amount, cited, count, many
from ..records import (
    LATER,
    Answered,
    Count,
    Currency,
    Fields,
    ModelId,
    Text,
    Version,
    fields,
    of,
    record,
    records,
    rows,
)
from ..reply import FIGURES, Page, Reply
from ..table import Table
from .survey import FEW, LeftOutRecord, between, reasons_left_out


class RentRecord(Fields):
    """What a cache of a model costs that is never deleted."""

    model: ModelId = of("sheet.id")
    version: Version
    terms: list[str] = of("version.terms")
    currency: Currency = of("sheet.currency")
    tokens: Count
    hour: Decimal
    day: Decimal
    days_30: Decimal = of("month")
    days_30_low: Decimal = of(lambda rent: (rent.ends or (rent.month,))[0])
    days_30_high: Decimal = of(lambda rent: (rent.ends or (rent.month,))[-1])


class ForgottenRecord(Answered):
    """Rents of many models, dearest first."""

    forgotten: list[RentRecord] = of(lambda forgottens: forgottens)
    left_out: list[LeftOutRecord]
    sentence: Text = of(lambda forgottens: sentence(forgottens))
    counted: str | None = LATER


def reply(forgottens: Sequence[Forgotten], left_out: Sequence[LeftOut] = (), *, top: int | None = None) -> Reply:
    """Rents in every form; people are shown the dearest `top`."""
    shown = forgottens[:top]
    cites = [cited(each.sheet, each.version) for each in shown[:FEW]]
    return Reply(
        page=lambda: Page("", [table(shown)], [*reasons_left_out(left_out)], cites, sentence(forgottens)),
        record=lambda: record(ForgottenRecord, forgottens, left_out=left_out),
        rows=lambda: rows(fields(RentRecord), records(RentRecord, forgottens)),
    )


def table(forgottens: Sequence[Forgotten]) -> Table:
    lines = (
        {
            "model": each.sheet.id,
            "tokens": count(each.tokens),
            "per hour": amount(each.hour, each.sheet.currency),
            "per day": amount(each.day, each.sheet.currency),
            "in 30 days": amount(each.month, each.sheet.currency),
            "range": between(each.ends, each.sheet.currency),
        }
        for each in forgottens
    )
    return Table.of(lines, FIGURES, spare=("tokens",)).without_empty("range")


def sentence(forgottens: Sequence[Forgotten]) -> str:
    """`A cache of 1,000,000 tokens on google/gemini-2.5-pro that is never deleted costs $108.00 a day.`"""
    each = forgottens[0]
    day, month = amount(each.day, each.sheet.currency), amount(each.month, each.sheet.currency)
    month += f" ({open_})" if (open_ := between(each.ends, each.sheet.currency)) else ""
    cache = f"A cache of {many(each.tokens, 'token')} on {each.sheet.id} that is never deleted"
    return f"{cache} costs {day} a day, {month} in 30 days."
