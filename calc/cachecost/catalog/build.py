"""A page without faults -> the engine's sheet: bands from words, rates from what is printed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from .. import money
from ..hours import Window
from ..prices.caching import Automatic, Caching, Lifetime, Stored, Written
from ..prices.card import DUE, STANDARD, Allowance, Band, Dispute, Limits, Rate, RateCard, Reserved, Row, Term
from ..prices.sheet import PriceSheet
from ..prices.usage import MODALITIES, PARTS
from .page import CardWords, DisputedReading, Fees, LimitsWords, RegionWords, RowWords, SheetWords, WrittenWords


def compile_sheet(words: SheetWords) -> PriceSheet:
    """The engine's sheet of a page without faults."""
    cards: list[RateCard] = []
    for card in words.rate_cards:
        sold = next((each for each in reversed(cards) if each.status != "cancelled"), None)
        if sold and card.status == "withdrawn":  # the last rates, marked as no longer sold
            cards.append(replace(sold, sources=tuple(card.source), **_about(card)))
        else:
            cards.append(_card(card, words.limits))
    return PriceSheet(
        provider=words.provider,
        model=words.model,
        name=words.name,
        currency=words.unit.split()[0],
        checked=max(_reading_days(words)),
        cards=tuple(cards),
        aliases=tuple(words.aliases),
        note=words.note,
        maker=words.maker,
        resells=words.resells,
        aliases_in={region: tuple(ids) for region, ids in words.aliases_in.items()},
    )


def _reading_days(words: SheetWords) -> Iterator[date]:
    """Every day on which the page says that its sources were read."""
    for card in words.rate_cards:
        yield from (part.seen for part in (card, card.fees, card.allowance) if part and part.seen)
        stored = [card.caching.stored.disputed.given] if card.caching.stored else []
        for disputed in (*stored, *(row.disputed for row in card.tiers)):
            yield from (reading.seen for readings in disputed.values() for reading in readings)


def _about(card: CardWords) -> dict[str, Any]:
    """What a card says of itself, and not of its rates."""
    return {name: getattr(card, name) for name in ("effective", "seen", "status", "confidence", "note")}


def _card(card: CardWords, limits: LimitsWords) -> RateCard:
    fees = fees_of(card.fees)
    rows = tuple(row.with_fees(fees) for row in map(row_of, card.tiers))
    own, free = card.limits or LimitsWords(), card.allowance
    return RateCard(
        **_about(card),
        rows=rows,
        sources=tuple(dict.fromkeys(each for part in (card, card.fees, free) for each in (part and part.source) or ())),
        caching=_caching(card),
        promised_until=card.promised_until,
        limits=Limits(
            own.context or limits.context,
            own.input or limits.input,
            limits.output if own.output is None else own.output,
        ),
        regions={name: each.factor if isinstance(each, RegionWords) else each for name, each in card.regions.items()},
        not_in={name: tuple(each.not_) for name, each in card.regions.items() if isinstance(each, RegionWords)},
        disputes=tuple(_disputes(card, rows)),
        reserved=Reserved(**dict(card.reserved)) if card.reserved else None,
        allowance=Allowance(free.free, free.per, free.shared) if free else None,
    )


def row_of(row: RowWords, rates: Mapping[str, Rate] | None = None) -> Row:
    """The engine's row; `rates`: its rates where they are known, or none of them where only its place is asked."""
    hours = row.window
    return Row(
        rates=({} if row.not_sold else rates_of(row)) if rates is None else rates,
        service=row.service,
        prompt=band(row, "prompt"),
        output=band(row, "output"),
        thinking=None if row.thinking is None else row.thinking == "on",
        window=Window(tuple(hours.hours), hours.days, hours.zone, frozenset(hours.closed_on)) if hours else None,
        not_sold=row.not_sold,
        free=row.free == "yes",
        note=row.note,
    )


def rates_of(row: RowWords) -> dict[str, Rate]:
    """Line name -> rate, in the order in which a quote lists its lines."""
    printed: dict[str, Decimal | None] = {"input": row.input}
    if isinstance(row.cache_read, dict):
        printed |= {f"cache_read:{kind}": value for kind, value in row.cache_read.items()}
    else:
        printed["cache_read"] = row.cache_read
    printed |= {f"cache_write:{ttl}": value for ttl, value in (row.cache_write or {}).items()}
    printed |= {"creation": row.creation, "output": row.output, "reasoning": row.reasoning}
    rents = {
        "storage": row.storage_per_hour
        if row.storage_per_minute is None
        else money.multiply(row.storage_per_minute, Decimal(60))
    }
    for modality in MODALITIES:
        if rated := getattr(row, modality):
            printed |= {f"{modality}.{part}": getattr(rated, part) for part in PARTS}
            printed |= {f"{modality}.cache_write:{ttl}": value for ttl, value in (rated.cache_write or {}).items()}
            rents[f"{modality}.storage"] = rated.storage_per_hour
    rates = {
        name: Rate(value, unit, money.per_million(value))
        for unit, values in (("tokens", printed), ("token-hours", rents))
        for name, value in values.items()
        if value is not None
    }
    return rates | fees_of(row.fees)


def fees_of(fees: Fees | None) -> dict[str, Rate]:
    """Line name -> fee; those for a request come first."""
    return {
        f"fee.{name}": Rate(fee, "requests" if f"fee.{name}" in DUE else "calls", fee)
        for name, fee in (fees.given if fees else {}).items()
    }


def _written(ttls: tuple[str, ...], w: WrittenWords) -> Written:
    refresh, apart = w.refresh == "yes", tuple(w.apart)
    return Written(ttls, w.min_tokens, w.block, w.default_ttl, refresh, w.lifetime_from, w.breakpoints, apart)


def _caching(card: CardWords) -> Caching:
    a, w, s = card.caching.automatic, card.caching.written, card.caching.stored
    rows = sorted(card.tiers, key=lambda row: row.service != STANDARD)
    ttls = next((tuple(row.cache_write) for row in rows if row.cache_write), ())
    lifetime = Lifetime(a.lifetime.least, a.lifetime.most) if a and a.lifetime else None
    return Caching(
        automatic=Automatic(a.min_tokens, a.block, lifetime, a.note) if a else None,
        written=_written(ttls, w) if w else None,
        stored=Stored(s.default_ttl, s.min_tokens, s.creation, s.billed_for, s.billed_per) if s else None,
    )


def _disputes(card: CardWords, rows: tuple[Row, ...]) -> Iterator[Dispute]:
    if stored := card.caching.stored:
        for name, readings in stored.disputed.given.items():
            yield Dispute(("stored", name), getattr(stored, name), _others(readings))
    for index, row in enumerate(card.tiers):
        for name, readings in row.disputed.items():
            yield Dispute((index, name), rows[index].rates[name].value, _others(readings))


def _others(readings: Iterable[DisputedReading[Any]]) -> tuple[tuple[Term, str], ...]:
    return tuple((reading.value, reading.source) for reading in readings)


def band(row: RowWords, axis: str) -> Band:
    over, start = getattr(row, f"{axis}_over"), getattr(row, f"{axis}_from")
    up_to, below = getattr(row, f"{axis}_up_to"), getattr(row, f"{axis}_below")
    low = over + 1 if over is not None else start if start is not None else 0
    return Band(low, up_to if up_to is not None else below - 1 if below is not None else None)
