"""Price sheets for programs: a sheet with its cards, the models on sale, every rate flat."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple

from ...hours import DAYS, Window
from ...prices.caching import Lifetime
from ...prices.card import Rate, RateCard, Row
from ...prices.sheet import PriceSheet
from ...units import show_duration, show_instant
from ..answers.measures import DisputeRecord
from ..figures import plain
from ..records import (
    Answered,
    CardStatus,
    Count,
    Currency,
    ModelId,
    Record,
    RecordFields,
    Text,
    Version,
    fields,
    of,
    record,
    rows,
)
from ..table import Table

Caching = Annotated[dict[str, dict[str, Any]], ("description", "Kind of caching -> its terms.")]


class BandRangeRecord(RecordFields):
    """Numbers of tokens, both ends included; `to` null without end."""

    from_: Count = of("low")
    to: Count | None = of("high")


class WindowRecord(RecordFields):
    """The hours in which a row's rates hold."""

    hours: list[str] = of(lambda window: [f"{begin:%H:%M}-{end:%H:%M}" for begin, end in window.hours])
    days: list[Count] = of(lambda window: sorted(window.days))
    zone: Text
    closed_on: list[date] = of(lambda window: sorted(window.closed_on))


class RowRecord(RecordFields):
    """The rates for prompts and answers of some sizes."""

    service: str
    prompt: BandRangeRecord
    output: BandRangeRecord
    thinking: bool | None
    window: WindowRecord | None
    rates: dict[str, Decimal] = of(lambda row: {name: rate.value for name, rate in row.rates.items()})
    free: bool
    not_sold: str | None
    note: str | None


class LimitsRecord(RecordFields):
    """Most tokens of a request; null where the vendor does not say."""

    context: Count | None
    input: Count | None
    output: Count | None


class ReservedTermsRecord(RecordFields):
    """Capacity rented by the hour."""

    unit: str
    per_hour: Decimal
    tokens_per_minute: Count
    cache_read: Literal["free", "counted"]


class AllowanceRecord(RecordFields):
    """Calls of tools that are free each UTC day or month, by the name of their fee; models with the same word in
    `shared` have them together."""

    free: dict[str, Count]
    per: Literal["day", "month"]
    shared: str | None


class RateCardRecord(RecordFields):
    """All rates from one instant on."""

    version: Version
    effective: datetime
    status: CardStatus
    confidence: Literal["high", "medium", "low"]
    sources: list[str]
    seen: date
    note: str | None
    limits: LimitsRecord
    caching: Caching = of(lambda card: {kind: _terms(getattr(card.caching, kind)) for kind in card.caching.kinds})
    regions: dict[str, Decimal]
    reserved: ReservedTermsRecord | None
    allowance: AllowanceRecord | None
    not_in_regions: dict[str, list[str]] = of("not_in")
    disputed: list[DisputeRecord] = of("disputes")
    rows: list[RowRecord]


class SheetHead(RecordFields):
    """A model."""

    model: ModelId = of("id")
    name: Text
    currency: Currency
    checked: date
    aliases: list[str] = of(lambda sheet: sheet.names[1:])
    region: str | None
    resells: str | None
    note: str | None


class SheetRecord(SheetHead, Answered):
    """A model with all its rate cards, oldest first. `confirmed`: which datasets have the rates in force, and when they
    and the source were read; null where none was compared."""

    confirmed: Text | None
    rate_cards: list[RateCardRecord] = of(lambda sheet: [card_record(card, sheet) for card in sheet.cards])


class ComingRecord(RecordFields):
    """The rate card after the one in force."""

    effective: datetime
    status: CardStatus


class ModelRecord(SheetHead):
    """A model with its rate card in force; `since` is when its first card began, `next` the card that comes after."""

    maker: Text = of(lambda sheet: sheet.maker or sheet.provider)
    since: datetime
    card: RateCardRecord
    next: ComingRecord | None


class ModelsRecord(Answered):
    """The models on sale, and those withdrawn where they were asked for, each with its card in force."""

    models: list[ModelRecord] = of(lambda sold: [_model_record(sheet, card) for sheet, card in sold])


class Sold(NamedTuple):
    """A rate with all that says where and since when it holds."""

    sheet: PriceSheet
    card: RateCard
    version: str
    effective: str
    row: Row
    kind: str
    rate: Rate
    region: str | None
    to: str | None


class RateRecord(RecordFields):
    """Every rate flat: `prompt_to` and `output_to` null have no end; `thinking` and `window` null hold in every mode
    and at every time."""

    model: ModelId = of("sheet.id")
    provider: Text = of("sheet.provider")
    version: Version
    status: CardStatus = of("card.status")
    kind: Text
    service: Text = of("row.service")
    prompt_from: Count = of("row.prompt.low")
    prompt_to: Count | None = of("row.prompt.high")
    output_from: Count = of("row.output.low")
    output_to: Count | None = of("row.output.high")
    thinking: bool | None = of("row.thinking")
    window: str | None = of(lambda sold: sold.row.window and hours(sold.row.window))
    region: str | None
    unit: Text = of("rate.unit")
    rate: Decimal = of("rate.value")
    currency: Currency = of("sheet.currency")
    effective: Annotated[str, ("format", "date-time")]
    checked: date = of("sheet.checked")


class ExportedRecord(RateRecord):
    """A rate with the time for which it holds, `from` included and `to` not (null is open), and where it was read."""

    omits = frozenset({"effective"})
    from_: Annotated[str, ("format", "date-time")] = of("effective")
    to: Annotated[str, ("format", "date-time")] | None
    sources: list[str] = of("card.sources")
    seen: date = of("card.seen")
    confidence: Literal["high", "medium", "low"] = of("card.confidence")


class ExportRecord(Answered):
    """The whole catalogue as long rows, on the day on which a source of it was last read."""

    dated: date
    rates: list[ExportedRecord]


def card_record(card: RateCard, sheet: PriceSheet) -> Record:
    return record(RateCardRecord, card, version=sheet.version(card))


def _model_record(sheet: PriceSheet, card: RateCard) -> Record:
    live = [each for each in sheet.cards if each.status != "cancelled"]
    coming = next((each for each in live if each.effective > card.effective), None)
    shown = {"card": card_record(card, sheet), "next": coming and record(ComingRecord, coming)}
    return record(ModelRecord, sheet, since=live[0].effective, **shown)


def rates(sheet: PriceSheet, card: RateCard) -> list[Record]:
    return [record(RateRecord, each) for each in _flat(sheet, card)]


def exported(sheets: Iterable[PriceSheet]) -> Record:
    """Every rate of every card that was or will be sold, also as each region of its card bills it: the row of a region
    holds there alone."""
    sheets = list(sheets)
    flat = (each for sheet in sheets for card, end in _lives(sheet) for each in _flat(sheet, card, end, *card.regions))
    return record(ExportRecord, flat, dated=max(sheet.checked for sheet in sheets), rates=flat)


def _lives(sheet: PriceSheet) -> Iterator[tuple[RateCard, datetime | None]]:
    """The cards of a sheet, each with the instant at which the next one takes its place. A model that is withdrawn has
    no rates from then on."""
    live = [card for card in sheet.cards if card.status != "cancelled"]
    ends = [*(card.effective for card in live[1:]), None]
    return ((card, end) for card, end in zip(live, ends, strict=True) if card.status != "withdrawn")


def _flat(sheet: PriceSheet, card: RateCard, end: datetime | None = None, *regions: str) -> Iterator[Sold]:
    of_card, to = (sheet, card, sheet.version(card), _instant(card.effective)), _instant(end) if end else None
    for region in (sheet.region, *regions):
        for row in (card.in_region(region) if region else card).rows:
            for kind, rate in row.rates.items():
                yield Sold(*of_card, row, kind, rate, region, to)


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def rates_table(flat: Sequence[Record], declared: type[RecordFields] = RateRecord) -> Table:
    return rows(fields(declared), flat)


def models_table(sold: Sequence[tuple[PriceSheet, RateCard]]) -> Table:
    """A row a model with the standard rates of its smallest prompts; `cache_read` is the least of several."""
    columns = "model caching input cache_read output since status currency version checked"
    models = []
    for sheet, card in sold:
        rates = {name: rate.value for name, rate in card.plain_row().rates.items()}
        cells = {
            "caching": " ".join(card.caching.kinds),
            "input": plain(rates.get("input")),
            "cache_read": plain(min((rates[name] for name in rates if name.startswith("cache_read")), default=None)),
            "output": plain(rates.get("output")),
            "since": show_instant(card.effective),
            "status": card.status,
            "version": sheet.version(card),
        }
        models.append(record(SheetHead, sheet) | cells)
    return rows(columns, models)


def hours(window: Window) -> str:
    """`16:30-00:30 mon,tue Asia/Shanghai`: when a row's rates hold, in one cell."""
    spans = " ".join(f"{begin:%H:%M}-{end:%H:%M}" for begin, end in window.hours)
    days = "" if len(window.days) == 7 else " " + ",".join(DAYS[day] for day in sorted(window.days))
    return f"{spans}{days} {window.zone}"


def _terms(kind: Any) -> Record:
    return {name: _term(value) for name, value in vars(kind).items() if value is not None}


def _term(value: Any) -> Any:
    if isinstance(value, timedelta):
        return show_duration(value)
    return {name: _term(part) for name, part in value._asdict().items()} if isinstance(value, Lifetime) else value
