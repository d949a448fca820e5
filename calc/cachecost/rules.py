"""What the words of a price sheet mean together: a page of the right shape -> an engine sheet, or its faults.

A fault is a path into the page (`("rate_cards", 1, "tiers", 0, "cache_read")`) and a message.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise, product

from . import money
from .page import CardWords, LimitsWords, Reading, RowWords, SheetWords, StoredWords, _number
from .sheet import (
    STANDARD,
    Automatic,
    Band,
    Caching,
    Dispute,
    Limits,
    PriceSheet,
    Rate,
    RateCard,
    Row,
    Stored,
    Term,
    Window,
    Written,
)
from .usage import MODALITIES, PARTS

Path = tuple[str | int, ...]
Found = Iterator[tuple[Path, str]]
_TERMS = {
    "creation": ("input", "rate", "free"),
    "billed_for": ("life", "ttl"),
    "billed_per": ("second", "minute", "hour"),
}


def compile_sheet(words: SheetWords) -> PriceSheet:
    """The engine's sheet of a page without faults."""
    cards: list[RateCard] = []
    for card in words.rate_cards:
        sold = next((each for each in reversed(cards) if each.status != "cancelled"), None)
        cards.append(_withdrawn(card, sold) if sold and card.status == "withdrawn" else _card(card, words.limits))
    return PriceSheet(
        provider=words.provider,
        model=words.model,
        name=words.name,
        currency=words.unit.split()[0],
        checked=words.checked,
        cards=tuple(cards),
        aliases=tuple(words.aliases),
        note=words.note,
        maker=words.maker,
        aliases_in={region: tuple(ids) for region, ids in words.aliases_in.items()},
    )


def faults(words: SheetWords, *, today: date) -> Found:
    """Everything that a page of the right shape still says wrongly."""
    if words.checked > today:
        yield ("checked",), f"{words.checked} lies in the future; expected a day up to {today}"
    yield from _name_faults(words)
    for index, (before, after) in enumerate(pairwise(words.rate_cards), start=1):
        if before.effective == after.effective:
            yield (
                ("rate_cards", index, "effective"),
                "two cards begin at this instant; expected one card an instant",
            )
        elif before.effective > after.effective:
            yield ("rate_cards", index, "effective"), "begins before the card above it; expected oldest first"
    if words.rate_cards[0].status in ("withdrawn", "cancelled"):
        yield (
            ("rate_cards", 0, "status"),
            f"the first card cannot be {words.rate_cards[0].status}; expected rates first",
        )
    for index, card in enumerate(words.rate_cards):
        for path, message in _card_faults(card, today):
            yield ("rate_cards", index, *path), message


def _name_faults(words: SheetWords) -> Found:
    """A name stands once, and an id that names a region names one that some card knows."""
    names = {words.model}
    given: list[tuple[Path, str]] = [(("aliases", index), alias) for index, alias in enumerate(words.aliases)]
    for region, ids in words.aliases_in.items():
        given += [(("aliases_in", region, index), alias) for index, alias in enumerate(ids)]
    for path, alias in given:
        if alias in names:
            yield path, f"{alias} is given twice; a name stands once, and the model itself is no alias"
        names.add(alias)
    known = dict.fromkeys(region for card in words.rate_cards for region in card.regions)
    for region in words.aliases_in:
        if region not in known:
            yield ("aliases_in", region), f"no card has a region of this name ({', '.join(known) or 'none'})"


def _card_faults(card: CardWords, today: date) -> Found:
    if card.seen > today:
        yield ("seen",), f"{card.seen} lies in the future; expected the day on which the source was read"
    if card.status == "withdrawn":
        for key in ("limits", "regions", "caching", "tiers"):
            if key in card.model_fields_set:
                yield (key,), "given, but a withdrawn model is no longer sold; leave it out"
        return
    if not card.tiers:
        yield ("tiers",), "missing; expected at least one row of rates"
        return
    for index, row in enumerate(card.tiers):
        for path, message in _row_faults(row, card):
            yield ("tiers", index, *path), message
    yield from _terms_faults(card)
    yield from _readings_faults(card, today)
    if not any(_band_fault(row, axis) for row in card.tiers for axis in ("prompt", "output")):
        yield from _coverage(card)


def _row_faults(row: RowWords, card: CardWords) -> Found:
    for axis in ("prompt", "output"):
        if fault := _band_fault(row, axis):
            yield fault
    if row.not_sold:
        if _rates(row):
            yield ("not_sold",), "given beside rates; expected rates, or the reason why there are none"
        return
    if row.input is None:
        yield ("input",), "missing; expected the rate of uncached prompt tokens"
    if row.output is None:
        yield ("output",), "missing; expected the rate of answer tokens"
    caching = card.caching
    if row.cache_write is not None and caching.written is None:
        yield ("cache_write",), "given, but caching.written is not; add its terms or remove the rate"
    if _storage(row) and caching.stored is None:
        yield _storage(row), "given, but caching.stored is not; add its terms or remove the rate"
    if row.storage_per_hour is not None and row.storage_per_minute is not None:
        yield (
            ("storage_per_minute",),
            "given beside storage_per_hour; expected the one that the vendor prints",
        )
    if row.creation is not None and "rate" not in _creations(caching.stored):
        yield ("creation",), "given, but caching.stored.creation is not `rate`; say so there or remove the rate"
    kinds = [kind for kind in ("automatic", "written", "stored") if getattr(caching, kind)]
    reads = {("cache_read",): row.cache_read} | {
        (modality, "cache_read"): rates.cache_read for modality in MODALITIES if (rates := getattr(row, modality))
    }
    for path in (path for path, rate in reads.items() if rate is not None and not kinds):
        yield path, "given, but the card has no caching; add its terms or remove the rate"
    if isinstance(row.cache_read, dict):
        for kind in sorted(set(map(str, row.cache_read)).difference(kinds)):
            yield ("cache_read", kind), f"given, but caching.{kind} is not; add its terms or remove the rate"
    if row.service != "standard":
        return
    if kinds and row.cache_read is None:
        yield (
            ("cache_read",),
            f"missing, but the card sells caching ({', '.join(kinds)}); a missing rate is never zero",
        )
    if isinstance(row.cache_read, dict):
        for kind in sorted(set(kinds).difference(map(str, row.cache_read))):
            yield (
                ("cache_read",),
                f"{kind}: missing, but caching.{kind} is sold; a missing rate is never zero",
            )
    if caching.written and row.cache_write is None:
        yield ("cache_write",), "missing, but caching.written is sold; a missing rate is never zero"
    if caching.stored and not _storage(row):
        yield ("storage_per_hour",), "missing, but caching.stored is sold; a missing rate is never zero"
    if row.creation is None and "rate" in _creations(caching.stored):
        yield ("creation",), "missing, but caching.stored.creation is `rate`; a missing rate is never zero"


def _creations(stored: StoredWords | None) -> set[str]:
    """How creating a cache is billed, in every reading."""
    return {stored.creation, *(other.value for other in stored.disputed.get("creation", ()))} if stored else set()


def _storage(row: RowWords) -> Path:
    if row.storage_per_hour is not None:
        return ("storage_per_hour",)
    return ("storage_per_minute",) if row.storage_per_minute is not None else ()


def _terms_faults(card: CardWords) -> Found:
    written = card.caching.written
    ttls = {frozenset(row.cache_write) for row in card.tiers if row.cache_write and row.service == "standard"}
    if len(ttls) > 1:
        yield ("tiers",), "the rows sell different TTLs; expected the same in every standard row"
    if written and written.default_ttl and ttls and written.default_ttl not in frozenset.union(*ttls):
        sold = ", ".join(dict.fromkeys(ttl for row in card.tiers for ttl in row.cache_write or ()))
        yield ("caching", "written", "default_ttl"), f"{written.default_ttl} has no write rate; expected one of {sold}"


def _readings_faults(card: CardWords, today: date) -> Found:
    """What disputed readings say of terms and rates that they cannot have."""
    stored = card.caching.stored
    for name, readings in stored.disputed.items() if stored else ():
        path: Path = ("caching", "stored", "disputed", name)
        if name not in _TERMS:
            yield path, f"not a term that can be disputed ({', '.join(_TERMS)})"
            continue
        for index, reading in enumerate(readings):
            if reading.value not in _TERMS[name]:
                yield (*path, index, "value"), f"{reading.value!r} is not one of {', '.join(_TERMS[name])}"
        yield from _unread(readings, path, today)
    for tier, row in enumerate(card.tiers):
        rates = {} if row.not_sold else _rates(row)
        for name, readings in row.disputed.items():
            path = ("tiers", tier, "disputed", name)
            if name not in rates:
                yield path, f"not a rate of this row ({', '.join(rates) or 'it has none'})"
                continue
            for index, reading in enumerate(readings):
                try:
                    _number(reading.value)
                except ValueError as error:
                    yield (*path, index, "value"), f"{reading.value!r}: {error}"
            yield from _unread(readings, path, today)


def _unread(readings: list[Reading], path: Path, today: date) -> Found:
    for index, reading in enumerate(readings):
        if reading.seen > today:
            message = f"{reading.seen} lies in the future; expected the day on which the source was read"
            yield (*path, index, "seen"), message


def _band_fault(row: RowWords, axis: str) -> tuple[Path, str] | None:
    lows = [f"{axis}_{word}" for word in ("over", "from") if getattr(row, f"{axis}_{word}") is not None]
    highs = [f"{axis}_{word}" for word in ("up_to", "below") if getattr(row, f"{axis}_{word}") is not None]
    for words in (lows, highs):
        if len(words) > 1:
            return (words[1],), f"given beside {words[0]}; expected one of the two"
    band = _band(row, axis)
    if band.high is not None and band.high < band.low:
        ends = " and ".join(f"{word} {getattr(row, word):,}" for word in lows + highs)
        expected = "the smaller number first" if lows else "at least 1"
        return (highs[0],), f"no {axis} fits {ends}; expected {expected}"
    return None


def _band(row: RowWords, axis: str) -> Band:
    over, start = getattr(row, f"{axis}_over"), getattr(row, f"{axis}_from")
    up_to, below = getattr(row, f"{axis}_up_to"), getattr(row, f"{axis}_below")
    low = over + 1 if over is not None else start if start is not None else 0
    return Band(low, up_to if up_to is not None else below - 1 if below is not None else None)


def _coverage(card: CardWords) -> Found:
    """Every prompt and answer size, mode, service and minute is priced by exactly one row."""
    services = dict.fromkeys(row.service for row in card.tiers)
    if "standard" not in services:
        yield ("tiers",), "no row of the standard service; expected rows without `service`"
    for service in services:
        rows = [(index, row) for index, row in enumerate(card.tiers) if row.service == service]
        thinking = (True, False) if any(row.thinking for _, row in rows) else (None,)
        for prompt, output, mode in product(_edges(rows, "prompt"), _edges(rows, "output"), thinking):
            fitting = [
                (index, row)
                for index, row in rows
                if prompt in _band(row, "prompt")
                and output in _band(row, "output")
                and (mode is None or row.thinking is None or (row.thinking == "on") == mode)
            ]
            case = f"service {service}, a prompt of {prompt:,} tokens" + (
                f", an answer of {output:,}" if output else ""
            )
            case += "" if mode is None else f", thinking {'on' if mode else 'off'}"
            standing = [index for index, row in fitting if row.window is None]
            if not standing and fitting:
                message = f"only rows with a window price {case}; expected one without, for the hours outside"
                yield ("tiers", fitting[0][0], "window"), message
                break
            if not standing:
                yield ("tiers",), f"no row prices {case}; expected one row for every prompt size"
                break
            if len(standing) > 1:
                yield ("tiers", standing[1]), f"two rows price {case}; expected one"
                break
            if clash := _clash([(index, row) for index, row in fitting if row.window is not None]):
                yield ("tiers", clash[0], "window"), f"two rows price {case} {clash[1]}; expected one"
                break


def _edges(rows: list[tuple[int, RowWords]], axis: str) -> list[int]:
    """One size from every stretch of sizes in which no row begins or ends."""
    bands = [_band(row, axis) for _, row in rows]
    return sorted({0} | {band.low for band in bands} | {band.high + 1 for band in bands if band.high is not None})


def _clash(rows: list[tuple[int, RowWords]]) -> tuple[int, str] | None:
    """The second of two windowed rows that are open in the same minute of a week, and that minute."""
    zones = {row.window.zone for _, row in rows if row.window}
    if len(zones) > 1:
        return rows[1][0], f"in windows of different zones ({', '.join(sorted(zones))})"
    taken: set[int] = set()
    for index, row in rows:
        assert row.window is not None
        minutes = _minutes(_window(row))
        if both := taken & minutes:
            day, minute = divmod(min(both), 1440)
            return (
                index,
                f"on {'Mon Tue Wed Thu Fri Sat Sun'.split()[day]} at {minute // 60:02}:{minute % 60:02}",
            )
        taken |= minutes
    return None


def _minutes(window: Window) -> set[int]:
    found: set[int] = set()
    for day, (begin, end) in product(window.days, window.hours):
        first, last = begin.hour * 60 + begin.minute, end.hour * 60 + end.minute
        span = range(first, last if last > first else last + 1440)
        found |= {(day * 1440 + minute) % 10080 for minute in span}
    return found


def _window(row: RowWords) -> Window:
    words = row.window
    assert words is not None
    return Window(tuple(words.hours), words.days, words.zone, frozenset(words.closed_on))


def _withdrawn(card: CardWords, last: RateCard) -> RateCard:
    """The end of a model: its last rates, marked as no longer sold."""
    return replace(
        last,
        effective=card.effective,
        status="withdrawn",
        sources=tuple(card.source),
        seen=card.seen,
        note=card.note,
        confidence=card.confidence,
    )


def _card(card: CardWords, limits: LimitsWords) -> RateCard:
    rows = tuple(_row(row) for row in card.tiers)
    own = card.limits or LimitsWords()
    return RateCard(
        effective=card.effective,
        rows=rows,
        sources=tuple(card.source),
        seen=card.seen,
        caching=_caching(card),
        status=card.status,
        confidence=card.confidence,
        note=card.note,
        promised_until=card.promised_until,
        limits=Limits(own.context or limits.context, own.output or limits.output),
        regions=dict(card.regions),
        disputes=tuple(_disputes(card, rows)),
    )


def _row(row: RowWords) -> Row:
    return Row(
        rates={} if row.not_sold else _rates(row),
        service=row.service,
        prompt=_band(row, "prompt"),
        output=_band(row, "output"),
        thinking=None if row.thinking is None else row.thinking == "on",
        window=_window(row) if row.window else None,
        not_sold=row.not_sold,
        note=row.note,
    )


def _rates(row: RowWords) -> dict[str, Rate]:
    """Line name -> rate, in the order in which a quote lists its lines."""
    printed: dict[str, Decimal | None] = {"input": row.input}
    if isinstance(row.cache_read, dict):
        printed |= {f"cache_read:{kind}": value for kind, value in row.cache_read.items()}
    else:
        printed["cache_read"] = row.cache_read
    printed |= {f"cache_write:{ttl}": value for ttl, value in (row.cache_write or {}).items()}
    printed |= {"creation": row.creation, "output": row.output}
    for modality in MODALITIES:
        printed |= {f"{modality}.{part}": getattr(getattr(row, modality), part, None) for part in PARTS}
    found = {
        name: Rate(value, "tokens", money.per_million(value)) for name, value in printed.items() if value is not None
    }
    storage = (
        row.storage_per_hour if row.storage_per_minute is None else money.multiply(row.storage_per_minute, Decimal(60))
    )
    if storage is not None:
        found["storage"] = Rate(storage, "token-hours", money.per_million(storage))
    for name in ("request", "cache_hit"):
        fee = getattr(row.fees, name, None)
        if fee is not None:
            found[f"fee.{name}"] = Rate(fee, "requests", fee)
    return found


def _caching(card: CardWords) -> Caching:
    a, w, s = card.caching.automatic, card.caching.written, card.caching.stored
    rows = sorted(card.tiers, key=lambda row: row.service != STANDARD)
    ttls = next((tuple(row.cache_write) for row in rows if row.cache_write), ())
    return Caching(
        automatic=Automatic(a.min_tokens, a.block, a.lifetime) if a else None,
        written=Written(ttls, w.min_tokens, w.block, w.default_ttl, w.refresh == "yes", w.lifetime_from, w.breakpoints)
        if w
        else None,
        stored=_stored(s) if s else None,
    )


def _stored(words: StoredWords) -> Stored:
    return Stored(words.default_ttl, words.min_tokens, words.creation, words.billed_for, words.billed_per)


def _disputes(card: CardWords, rows: tuple[Row, ...]) -> Iterator[Dispute]:
    if stored := card.caching.stored:
        for name, readings in stored.disputed.items():
            taken = getattr(stored, name)
            others: tuple[tuple[Term, str], ...] = tuple((r.value, r.source) for r in readings)
            yield Dispute(("stored", name), taken, others)
    for index, row in enumerate(card.tiers):
        for name, readings in row.disputed.items():
            others = tuple((_number(reading.value), reading.source) for reading in readings)
            yield Dispute((index, name), rows[index].rates[name].value, others)
