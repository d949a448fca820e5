"""A difference of price sheets for people: what is loud first, then bills of five workloads, then rates and terms."""

from datetime import datetime
from decimal import Decimal

from ...review.diff import Difference
from ...units import show_instant
from ..records import Answered, Currency, ModelId, RecordFields, of, record
from ..reply import Reply
from ..table import Table
from .difference_page import DifferencePage, cells_of, digits, summary, table_of, unchanged
from .sheets import row_name


class ChangeRecord(RecordFields):
    """A rate or a term that differs."""

    model: ModelId
    effective: datetime | None
    row: str | None = of(lambda change: change.row and row_name(change.row))
    line: str = of("name")
    old: str | None = of(lambda change: digits(change.old))
    new: str | None = of(lambda change: digits(change.new))
    ratio: Decimal | None
    correction: bool
    far: bool


class BillRecord(RecordFields):
    """The cheapest strategy of a workload, and its total."""

    strategy: str = of(lambda bill: bill[0][0])
    total: Decimal = of(lambda bill: bill[0][1])
    currency: Currency = of(lambda bill: bill[1])


class EffectRecord(RecordFields):
    """A reference workload before and after."""

    model: ModelId
    workload: str = of("reference.name")
    service: str | None
    region: str | None
    strategy: str | None
    at: datetime
    before: BillRecord | None = of(lambda effect: effect.before and (effect.before, effect.currencies[0]))
    after: BillRecord | None = of(lambda effect: effect.after and (effect.after, effect.currencies[1]))
    flips: bool
    far: bool


class EventRecord(RecordFields):
    """A rate card that came or went."""

    model: ModelId
    effective: datetime
    what: str
    status: str


class NewSheetRecord(RecordFields):
    """A new sheet beside its nearest relative."""

    model: ModelId = of("id")
    at: datetime
    rate_cards: int = of("cards")
    kin: str | None
    why: str | None = of(lambda new: new.why or None)
    rates: list[ChangeRecord]
    bills: list[EffectRecord]


class DifferenceRecord(Answered):
    """What differs between two folders of price sheets."""

    summary: list[str] = of(lambda changes: summary(changes))
    changes: list[ChangeRecord]
    effects: list[EffectRecord]
    unchanged_workloads: list[str] = of(lambda changes: unchanged(changes))
    events: list[EventRecord]
    added: list[str] = of(lambda changes: [new.id for new in changes.added])
    new_sheets: list[NewSheetRecord] = of("added")
    removed: list[str]
    only_notes: list[str]


def reply(difference: Difference, *, limit: int | None, command: str) -> Reply:
    return Reply(
        page=lambda: DifferencePage(difference, limit, command),
        record=lambda: record(DifferenceRecord, difference),
        rows=lambda: as_table(difference),
    )


def as_table(difference: Difference) -> Table:
    """Everything in rows for machines, every digit: events, bills, then rates and terms."""
    rows = [
        {"kind": each.what, "model": each.model, "at": show_instant(each.effective), "what": each.status}
        for each in difference.events
    ]
    rows += [{"kind": "removed sheet", "model": id_} for id_ in difference.removed]
    for new in difference.added:
        about = {"at": show_instant(new.at), "what": new.kin or "", "mark": new.why}
        rows.append({"kind": "new sheet", "model": new.id, **about})
        rows += [{"kind": "new bill"} | cells_of(each, exact=True) for each in new.bills]
        rows += [{"kind": "new rate"} | cells_of(each, exact=True) for each in new.rates]
    rows += [{"kind": "bill"} | cells_of(each, exact=True) for each in difference.effects]
    rows += [{"kind": "rate" if each.is_rate else "term"} | cells_of(each, exact=True) for each in difference.changes]
    rows += [{"kind": "only notes", "model": id_} for id_ in difference.only_notes]
    columns = {key: key for key in ("kind", "model", "at", "row", "what", "old", "new")}
    return table_of(columns | {"ratio": "moved", "mark": "mark"}, rows)
