"""The rent of caches that are never deleted, for people and programs."""

from collections.abc import Sequence
from decimal import Decimal

from ...bills.forgotten import Forgotten
from ...bills.warnings import LeftOut
from ..figures import amount, cited, count, many
from ..records import Answered, Count, Currency, Fields, ModelId, Text, Version, fields, of, record, records, rows
from ..reply import FIGURES, Page, Reply
from ..table import Table
from .survey import LeftOutRecord, between, reasons_left_out


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

    forgotten: list[RentRecord]
    left_out: list[LeftOutRecord]
    sentence: Text
    counted: str | None


def reply(
    forgottens: Sequence[Forgotten], left_out: Sequence[LeftOut] = (), counted: str = "", *, top: int | None = None
) -> Reply:
    """Rents in every form; people are shown the dearest `top`. `counted` says how a document was counted."""
    return Reply(
        page=lambda: Page(
            "",
            [table(forgottens[:top])],
            list(reasons_left_out(left_out)),
            [cited(each.sheet, each.version) for each in forgottens[:top][:3]],
            sentence(forgottens),
            about=[counted],
        ),
        record=lambda: record(
            ForgottenRecord,
            None,
            forgotten=forgottens,
            left_out=left_out,
            sentence=sentence(forgottens),
            counted=counted or None,
        ),
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
    return (
        f"A cache of {many(each.tokens, 'token')} on {each.sheet.id} that is never deleted costs {day} a day, "
        f"{month} in 30 days."
    )
