"""Rate cards for people: a list of models, one sheet with its history."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import partial
from itertools import groupby
from operator import itemgetter

from ... import money
from ...errors import NotInForce
from ...prices.caching import Lifetime
from ...prices.card import STANDARD, Band, RateCard, Row
from ...prices.sheet import PriceSheet
from ...prices.warnings import tier_text
from ...units import show_duration, show_instant
from ..answers.measures import disputed
from ..figures import count, rate
from ..records import record
from ..reply import Page, Reply
from ..screen import Screen
from ..table import Table
from . import records

SHORT = 30
"""Characters of a row's name that still make a heading."""
WIDTH = 40
"""Of the longest bar."""


def models_reply(sold: Sequence[tuple[PriceSheet, RateCard]]) -> Reply:
    return Reply(
        page=lambda: Page("", [models_table(sold)], airy=False),
        record=lambda: record(records.ModelsRecord, sold),
        rows=lambda: records.models_table(sold),
    )


def models_table(listed: Sequence[tuple[PriceSheet, RateCard]]) -> Table:
    """A row a model: which caching it sells, its longest prompt, what its standard rates begin at, since when."""
    rows = []
    for sheet, card in listed:
        row, caching = card.plain_row(), ", ".join(card.caching.kinds) or "not sold"
        reads = dict.fromkeys(_rate(row, name, sheet) for name in row.rates if name.startswith("cache_read"))
        rates = (_rate(row, "input", sheet), " / ".join(reads) or "-", _rate(row, "output", sheet))
        longest = count(card.limits.prompt) if card.limits.prompt else "-"
        gone = " (withdrawn)" if card.status == "withdrawn" else ""
        rows.append([sheet.id + gone, caching, longest, *rates, f"{card.effective:%Y-%m-%d}"])
    headings = ["model", "caching", "prompt", "input", "cache_read", "output", "since"]
    figures = ("prompt", "input", "cache_read", "output")
    return Table(headings, rows, figures, spare=("since", "output", "caching", "prompt"))


def sheet_reply(sheet: PriceSheet, at: datetime | None = None, confirmed: str = "") -> Reply:
    """A model in every form: on a terminal the card in force `at` an instant, else all rates over time. `confirmed`:
    which datasets have its rates, in a sentence."""
    sources = [confirmed] if confirmed else []
    drawing = partial(_over_time, sheet) if at is None else partial(_in_force, sheet, at)
    return Reply(
        page=lambda: Page("", [rates_table(sheet, sheet.cards)], drawing=drawing, airy=False, sources=sources),
        record=lambda: record(records.SheetRecord, sheet, confirmed=confirmed or None),
        rows=lambda: rates_table(sheet, sheet.cards),
    )


def _in_force(sheet: PriceSheet, at: datetime, screen: Screen) -> None:
    """The card in force, what is to come, and the standard rates over time."""
    screen.paragraph(f"{sheet.name} ({sheet.id}), {sheet.currency} per 1M tokens, source read {sheet.checked}", "bold")
    if sheet.aliases:
        screen.paragraph(f"Also {', '.join(sheet.aliases)}", "dim")
    if sheet.resells:
        screen.paragraph(f"Resells {sheet.resells}", "dim")
    if sheet.note:
        screen.paragraph(sheet.note)
    try:
        _card(screen, sheet, sheet.card(at))
    except NotInForce as error:
        screen.paragraph(f"! {error}", "yellow")
    for card in sheet.cards:
        if card.effective > at:
            screen.paragraph(f"! {to_come(sheet, card)}", "yellow")
    screen.text("\nHistory of the standard rates", "bold")
    same = groupby(sheet.cards, lambda card: (card.status, [row.rates for row in card.rows if row.service == STANDARD]))
    screen.table(rates_table(sheet, [next(cards) for _, cards in same], STANDARD))


def _over_time(sheet: PriceSheet, screen: Screen) -> None:
    """All rates as a table and as bars, and the terms of caching."""
    screen.text(f"{sheet.name} ({sheet.id}), {sheet.currency} per 1M tokens", "bold")
    screen.table(rates_table(sheet, sheet.cards))
    screen.text("")
    for line in bars(sheet, screen.width):
        screen.text(line)
    for line in caching_over_time(sheet):
        screen.paragraph(line)


def to_come(sheet: PriceSheet, card: RateCard) -> str:
    """`from 2027-01-01 (scheduled): input $1.50, cache_read $0.15, output $7.50 (standard, any size)`."""
    when = f"from {show_instant(card.effective)} ({card.status})"
    if card.status == "withdrawn":
        return f"{when}: {card.note or 'no longer sold'}"
    rates = (
        ", ".join(f"{name} {rate(each.value, sheet.currency)}" for name, each in row.rates.items())
        + f" ({row_name(row)})"
        for row in card.rows
        if row.service == STANDARD and row.rates
    )
    return f"{when}: {'; '.join(rates)}"


def _card(screen: Screen, sheet: PriceSheet, card: RateCard) -> None:
    screen.text("")
    screen.paragraph(f"In force: {sheet.version(card)} ({card.status}, confidence {card.confidence})", "bold")
    screen.table(card_table(sheet, card))
    for terms in caching_terms(card):
        screen.paragraph(terms)
    if limits := [f"{name} {value:,}" for name, value in vars(card.limits).items() if value is not None]:
        screen.paragraph(f"limits: {', '.join(limits)}")
    if card.regions:  # `eu x 1.1 without fast and ultrafast`
        lacking = {name: f" without {' and '.join(those)}" for name, those in card.not_in.items() if those}
        regions = (f"{name} x {factor}{lacking.get(name, '')}" for name, factor in card.regions.items())
        screen.paragraph(f"regions: {', '.join(regions)}")
    if capacity := card.reserved:
        free = ", cached reads free" if capacity.cache_read == "free" else ""
        unit = f"{rate(capacity.per_hour, sheet.currency)} per {capacity.unit} and hour"
        screen.paragraph(f"reserved: {unit}, {capacity.tokens_per_minute:,} tokens a minute{free}")
    if given := card.allowance:
        screen.paragraph("free: " + "; ".join(f"{name}, {given.text(name)}" for name in given.free))
    for dispute in card.disputes:
        screen.paragraph(f"! {disputed(dispute)}", "yellow")
    if card.note:
        screen.paragraph(card.note)
    for row in card.rows:
        if row.note:
            screen.paragraph(f"{row.service}, {tier_text(row.prompt)}: {row.note}", "dim")
    for source in card.sources:
        screen.paragraph(f"Source: {source} (seen {card.seen})", "dim")


def caching_terms(card: RateCard) -> list[str]:
    """A line for each kind of caching: `automatic: min_tokens 1,024, lifetime 5m to 1h`."""
    kinds = ((kind, getattr(card.caching, kind)) for kind in card.caching.kinds)
    lines = ((kind, [f"{name} {term(value)}" for name, value in vars(terms).items() if value]) for kind, terms in kinds)
    return [f"{kind}: {', '.join(each)}" for kind, each in lines]


def term(value: object) -> str:
    """A term of a price sheet that is no rate, for people."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Decimal):
        return money.text(value)
    if isinstance(value, Band):
        return tier_text(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, tuple | frozenset) and not isinstance(value, Lifetime):
        parts = value if isinstance(value, tuple) else sorted(value)
        return ("-" if parts and isinstance(parts[0], time) else "/").join(map(term, parts))
    return show_duration(value) if isinstance(value, timedelta) else str(value)


def card_table(sheet: PriceSheet, card: RateCard) -> Table:
    """A line of rates a row, the rates as columns turned to rows where there are few rows."""
    names = list(dict.fromkeys(name for row in card.rows for name in row.rates))
    heads = [row_name(row) for row in card.rows]
    if len(heads) == len(set(heads)) and len(heads) <= 3 and max(map(len, heads)) <= SHORT:
        cells = [[name, *(_rate(row, name, sheet) for row in card.rows)] for name in names]
        return Table(["rate", *heads], cells, heads)
    cells = [[head, *(_rate(row, name, sheet) for name in names)] for head, row in zip(heads, card.rows, strict=True)]
    return Table(["row", *names], cells, names)


def _rate(row: Row, name: str, sheet: PriceSheet) -> str:
    if name not in row.rates:
        return "-"
    value = row.rates[name].value
    return "free" if row.free and not value else rate(value, sheet.currency)


def row_name(row: Row) -> str:
    """`standard, up to 200,000`: what tells one row of a card from another."""
    parts = [row.service, "any size" if row.prompt == Band() else tier_text(row.prompt)]
    if row.output != Band():
        parts.append(f"answer {tier_text(row.output)}")
    if row.thinking is not None:
        parts.append(f"thinking {'on' if row.thinking else 'off'}")
    if row.window:
        parts.append(records.hours(row.window))
    return ", ".join(parts)


def rates_table(sheet: PriceSheet, cards: Sequence[RateCard], service: str = "") -> Table:
    """Every row of every card, or those of one service, oldest first."""
    rows = [(card, row) for card in cards for row in card.rows if row.rates and service in ("", row.service)]
    names = list(dict.fromkeys(name for _, row in rows for name in row.rates))
    lines = [
        [show_instant(card.effective), card.status, row_name(row), *(_rate(row, name, sheet) for name in names)]
        for card, row in rows
    ]
    return Table(["from", "status", "row", *names], lines, names, spare=("status", "storage", "output"))


def _ever_sold(sheet: PriceSheet) -> list[RateCard]:
    return [card for card in sheet.cards if card.status not in ("cancelled", "withdrawn")]


def bars(sheet: PriceSheet, width: int | None) -> list[str]:
    """A bar for every rate of the smallest prompts on every card that changes it."""
    cards = [(show_instant(card.effective), card.plain_row().rates) for card in _ever_sold(sheet)]
    width_of_bars = min(WIDTH, (width or 80) - 32)
    lines = []
    for name in dict.fromkeys(name for _, rates in cards for name in rates):
        values = [(when, rates[name].value) for when, rates in cards if name in rates]
        top = max(value for _, value in values)
        lines.append(name)
        for value, same in groupby(values, key=itemgetter(1)):
            length = round(value / top * width_of_bars) if top else 0
            lines.append(f"  {next(same)[0]:<18} {rate(value, sheet.currency):>8} {'█' * length}")
    return lines


def caching_over_time(sheet: PriceSheet) -> list[str]:
    """The caching terms of every card that changes them, lifetimes included: `2026-07-09: automatic: ...`."""
    lines: list[str] = []
    for terms, same in groupby(_ever_sold(sheet), caching_terms):
        since = show_instant(next(same).effective)
        if terms or lines:
            lines += [f"{since}: {each}" for each in terms or ["no caching is sold"]]
    return lines
