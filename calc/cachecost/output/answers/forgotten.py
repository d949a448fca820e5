"""The rent of caches that are never deleted, for people and programs."""

from collections.abc import Sequence

from ...bills.survey import Forgotten, LeftOut
from ..figures import amount, cited, count
from ..records import fields, record, rows
from ..reply import FIGURES, Page, Reply
from ..table import Table
from .records import ForgottenRecord, RentRecord
from .survey import left


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
            ForgottenRecord, forgottens, forgotten=forgottens, left_out=left_out, sentence=sentence(forgottens)
        ),
        rows=lambda: rows(fields(RentRecord), (record(RentRecord, each) for each in forgottens)),
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
