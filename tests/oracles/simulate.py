"""A second, slow way to reckon a bill, in fractions and one query after another, and invented sheets to try it on.

`simulate` knows nothing of plans, batches, ladders or pieces: it walks the queries in order of time, keeps a cache
that expires, looks for the rates of every query by trying all rows, and adds up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from cachecost.catalog.catalog import Catalog
from cachecost.hours import Window
from cachecost.prices.caching import Automatic, Caching, Lifetime, Stored, Written
from cachecost.prices.card import Band, Rate, RateCard, Row
from cachecost.prices.sheet import PriceSheet
from cachecost.strategies.assumptions import Assumptions
from cachecost.workload.workload import Workload

MICROSECOND = timedelta(microseconds=1)
UNITS = {"second": timedelta(seconds=1), "minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
LENGTHS = {
    "5m": timedelta(minutes=5),
    "30m": timedelta(minutes=30),
    "1h": timedelta(hours=1),
    "12h": timedelta(hours=12),
}


class Unpriced(Exception):
    """No row has a rate for what was asked."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One question to both reckoners; `hits` says whether a query that finds a living entry reads it."""

    context: int
    question: int = 0
    answer: int = 0
    queries: int = 1
    start: datetime
    every: timedelta | None = None
    over: timedelta | None = None
    hold: timedelta | None = None
    creation: str | None = None
    first_query: str = "reads"
    billed_per: str | None = None
    hits: bool = True
    service: str = "standard"
    region: str | None = None
    thinking: bool = False


def asked(case: Case) -> tuple[Workload, Assumptions]:
    """The same question in the engine's words."""
    workload = Workload(
        case.context, case.question, case.answer, case.queries, case.start, every=case.every, over=case.over
    )
    return workload, Assumptions(
        hit_share=Decimal(case.hits),
        hold=case.hold,
        creation=case.creation,
        first_query=case.first_query,
        billed_per=case.billed_per,
        service=case.service,
        region=case.region,
        thinking=case.thinking,
    )


def open_in(window: Window, at: datetime) -> bool:
    """Whether a window that begins today or yesterday, on a day that counts, has not ended yet."""
    wall = at.astimezone(ZoneInfo(window.zone)).replace(tzinfo=None)
    for day in (wall.date(), wall.date() - timedelta(days=1)):
        if day.weekday() not in window.days or day in window.closed_on:
            continue
        for begin, end in window.hours:
            opens = datetime.combine(day, begin)
            closes = datetime.combine(day if end > begin else day + timedelta(days=1), end)
            if opens <= wall < closes:
                return True
    return False


def card_at(sheet: PriceSheet, at: datetime) -> RateCard:
    """The last card that has begun and was not cancelled."""
    begun = [card for card in sheet.cards if card.status != "cancelled" and card.effective <= at]
    if not begun:
        raise Unpriced
    return begun[-1]


def rates_at(sheet: PriceSheet, at: datetime, prompt: int, output: int, case: Case) -> dict[str, Fraction]:
    """Money for one unit of everything that is sold to such a request at such an instant."""
    card = card_at(sheet, at)
    fitting = [
        row
        for row in card.rows
        if row.service == case.service
        and row.prompt.low <= prompt
        and (row.prompt.high is None or prompt <= row.prompt.high)
        and row.output.low <= output
        and (row.output.high is None or output <= row.output.high)
        and (row.thinking is None or row.thinking == case.thinking)
        and (row.window is None or open_in(row.window, at))
    ]
    windowed = [row for row in fitting if row.window is not None]
    if len(windowed) > 1 or len(fitting) - len(windowed) > 1:
        raise AssertionError(f"{len(fitting)} rows price one request")
    chosen = (windowed or fitting)[:1]
    if not chosen or chosen[0].not_sold or (case.region and case.region not in card.regions):
        raise Unpriced
    factor = Fraction(card.regions[case.region]) if case.region else Fraction(1)
    return {
        name: Fraction(rate.value) * factor / (1 if rate.unit in ("requests", "calls") else 1_000_000)
        for name, rate in chosen[0].rates.items()
    }


def price(rates: Mapping[str, Fraction], *names: str) -> Fraction:
    """The rate under the first of these names that is sold."""
    for name in names:
        if name in rates:
            return rates[name]
    raise Unpriced


def instants(case: Case) -> list[Fraction]:
    """Microseconds after the start at which the queries come."""
    n = case.queries
    if case.every:
        return [Fraction(k * (case.every // MICROSECOND)) for k in range(n)]
    if case.over and n > 1:
        return [Fraction(k * (case.over // MICROSECOND), n - 1) for k in range(n)]
    return [Fraction(0)] * n


def simulate(sheet: PriceSheet, strategy: str, case: Case) -> Fraction:
    """What the queries cost in all; Unpriced where something is not sold."""
    kind, _, ttl = strategy.partition(":")
    prompt = case.context + case.question
    cached = cacheable(sheet, kind, case)
    total, expires = Fraction(0), None
    stands = Fraction(standing(sheet, case) // MICROSECOND) if kind == "stored" else Fraction(0)
    if kind == "stored" and cached:
        total += created(sheet, case, cached) + rent(sheet, case, cached)
    seen: dict[int, dict[str, Fraction]] = {}
    for k, when in enumerate(instants(case)):
        begun = int(when // 1)  # rates change on whole microseconds, so the one that has begun decides
        if begun not in seen:
            seen[begun] = rates_at(sheet, case.start + begun * MICROSECOND, prompt, case.answer, case)
        rates = seen[begun]
        reads = writes = False
        if kind == "automatic" and cached:
            reads = k > 0 and case.hits and (expires is None or when <= expires)
            life = card_at(sheet, case.start).caching.automatic.lifetime
            expires = when + life.least // MICROSECOND if life else None
        elif kind == "written" and cached:
            reads = case.hits and expires is not None and when <= expires
            writes = not reads
            expires = when + LENGTHS[ttl] // MICROSECOND
        elif kind == "stored" and cached:
            reads = when <= stands and not (k == 0 and case.first_query == "creates")
        plain = prompt - cached if reads or writes else prompt
        total += plain * price(rates, "input") + (case.answer * price(rates, "output") if case.answer else 0)
        total += rates.get("fee.request", 0)
        if reads:
            total += cached * price(rates, f"cache_read:{kind}", "cache_read") + rates.get("fee.cache_hit", 0)
        if writes:
            total += cached * price(rates, f"cache_write:{ttl}")
    return total


def cacheable(sheet: PriceSheet, kind: str, case: Case) -> int:
    """Tokens of the context that can be cached, by the terms in force at the start."""
    terms: Any = getattr(card_at(sheet, case.start).caching, kind, None)
    if terms is None or (terms.min_tokens is not None and case.context < terms.min_tokens):
        return 0
    block = getattr(terms, "block", None)
    return case.context - case.context % block if block else case.context


def standing(sheet: PriceSheet, case: Case) -> timedelta:
    """How long the stored cache stands: as asked, or the default TTL and longer while queries still come."""
    terms = card_at(sheet, case.start).caching.stored
    assert terms is not None
    if case.hold is not None:
        return case.hold
    last = (case.every or timedelta(0)) * (case.queries - 1) if case.over is None or case.queries == 1 else case.over
    return max(terms.default_ttl, last)


def created(sheet: PriceSheet, case: Case, cached: int) -> Fraction:
    """What it costs to create the cache before the first query."""
    terms = card_at(sheet, case.start).caching.stored
    assert terms is not None
    how = case.creation or terms.creation
    if how == "free" or case.first_query == "creates":
        return Fraction(0)
    rates = rates_at(sheet, case.start, cached, 0, case)
    return cached * price(rates, "creation" if how == "rate" else "input")


def rent(sheet: PriceSheet, case: Case, cached: int) -> Fraction:
    """Token-hours at the rates of the time; begun units count whole."""
    terms = card_at(sheet, case.start).caching.stored
    assert terms is not None
    length = standing(sheet, case)
    if terms.billed_for == "ttl":
        length = max(length, terms.default_ttl)
    unit = UNITS[case.billed_per or terms.billed_per]
    if unit > UNITS["second"]:
        while length % unit:
            length += unit - length % unit
    cuts = sorted(
        {case.start, case.start + length}
        | {cut for cut in _cuts(sheet, case.start, length) if case.start < cut < case.start + length}
    )
    return sum(
        (
            Fraction((end - begin) // MICROSECOND, 3_600_000_000)
            * cached
            * price(rates_at(sheet, begin, cached, 0, case), "storage")
            for begin, end in pairwise(cuts)
        ),
        Fraction(0),
    )


def _cuts(sheet: PriceSheet, start: datetime, length: timedelta) -> set[datetime]:
    """Every instant at which any rate of the sheet could change: too many do no harm."""
    result = {card.effective for card in sheet.cards}
    for window in {row.window for card in sheet.cards for row in card.rows if row.window}:
        zone = ZoneInfo(window.zone)
        first = start.astimezone(zone).date()
        for days in range(-1, length.days + 3):
            for hour in {time(0)} | {each for pair in window.hours for each in pair}:
                result.add(datetime.combine(first + timedelta(days=days), hour, zone).astimezone(UTC))
    return result


@cache
def real(catalog: Catalog) -> list[PriceSheet]:
    """Every sheet of the project, checked once."""
    return catalog.sheets()


# Invented sheets --------------------------------------------------------------------------------------------------

EPOCH = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
rates = st.decimals(min_value=0, max_value=99, places=4, allow_nan=False)
positive = st.decimals(min_value=Decimal("0.0001"), max_value=99, places=4, allow_nan=False)


def per_million(value: Decimal | str) -> Rate:
    """A rate per 1M tokens, shifted by hand."""
    return Rate(Decimal(value), "tokens", Decimal(value).scaleb(-6))


def token_hours(value: Decimal | str) -> Rate:
    return Rate(Decimal(value), "token-hours", Decimal(value).scaleb(-6))


def fee(value: Decimal | str) -> Rate:
    return Rate(Decimal(value), "requests", Decimal(value))


def invented(*cards: RateCard, currency: str = "USD", checked: date = date(2026, 11, 22)) -> PriceSheet:
    """A sheet of a made-up model."""
    return PriceSheet("nobody", "nothing", "Nothing", currency, checked, cards)


def card(*rows: Row, effective: datetime = EPOCH, **terms: Any) -> RateCard:
    return RateCard(effective, rows, ("https://example.org/",), effective.date(), **terms)


@st.composite
def _windows(draw: st.DrawFn) -> Window:
    begin, end = draw(
        st.sampled_from([(time(9), time(12)), (time(16, 30), time(0, 30)), (time(22), time(6)), (time(0), time(0))])
    )
    days = draw(st.sampled_from([frozenset(range(7)), frozenset(range(5)), frozenset({0, 2})]))
    closed = draw(st.sampled_from([frozenset(), frozenset({date(2026, 3, 3), date(2026, 3, 4)})]))
    return Window(((begin, end),), days, draw(st.sampled_from(["UTC", "Asia/Shanghai"])), closed)


@st.composite
def sheets(draw: st.DrawFn, *, changing: bool = True) -> PriceSheet:
    """Sheets with one to three cards, up to three tiers, any kinds of caching and, where changing, windows and
    rates that depend on the answer's size or on thinking."""
    kinds = draw(st.sets(st.sampled_from(["automatic", "written", "stored"]), min_size=1))
    ttls = tuple(draw(st.lists(st.sampled_from(list(LENGTHS)), min_size=1, max_size=2, unique=True)))
    minimum = draw(st.sampled_from([None, 0, 1024]))
    block = draw(st.sampled_from([None, 64, 128]))
    lives = sorted(draw(st.lists(st.sampled_from(list(LENGTHS.values())), max_size=2)))
    lifetime = Lifetime(lives[0], lives[-1]) if lives else None
    stored = Stored(
        default_ttl=draw(st.sampled_from(list(LENGTHS.values()))),
        min_tokens=minimum,
        creation=draw(st.sampled_from(["input", "rate", "free"])),
        billed_for=draw(st.sampled_from(["life", "ttl"])),
        billed_per=draw(st.sampled_from(list(UNITS))),
    )
    caching = Caching(
        automatic=Automatic(minimum, block, lifetime) if "automatic" in kinds else None,
        written=Written(ttls, minimum, block) if "written" in kinds else None,
        stored=stored if "stored" in kinds else None,
    )
    apart = draw(st.booleans())
    edges = sorted(draw(st.sets(st.sampled_from([999, 1_500, 4_000]), max_size=2))) if changing else []
    window = draw(st.none() | _windows()) if changing else None

    axes: list[dict[str, Any]] = [{}]
    if changing:
        short_long = [{"output": Band(0, 5)}, {"output": Band(6, None)}]
        axes = draw(st.sampled_from([axes, short_long, [{"thinking": True}, {"thinking": False}]]))

    def row(band: Band, window: Window | None, axis: dict[str, Any]) -> Row:
        result = {"input": per_million(draw(positive)), "output": per_million(draw(rates))}
        for kind in sorted(kinds):
            result[f"cache_read:{kind}" if apart else "cache_read"] = per_million(draw(rates))
        if "written" in kinds:
            result |= {f"cache_write:{ttl}": per_million(draw(rates)) for ttl in ttls}
        if "stored" in kinds:
            result |= {"storage": token_hours(draw(rates)), "creation": per_million(draw(rates))}
        for name in draw(st.sampled_from([(), ("fee.cache_hit",), ("fee.request", "fee.cache_hit")])):
            result[name] = fee(draw(st.decimals(0, 1, places=3, allow_nan=False)))
        return Row(result, prompt=band, window=window, **axis)

    bands = [Band(low, high) for low, high in zip([0, *(edge + 1 for edge in edges)], [*edges, None], strict=True)]
    after = st.timedeltas(timedelta(0), timedelta(hours=30))
    starts = {EPOCH - timedelta(days=30), *(EPOCH + wait for wait in draw(st.lists(after, max_size=2)) if changing)}
    cards = [
        card(
            *(
                row(band, open_, axis)
                for band in bands
                for open_ in ([None, window] if window else [None])
                for axis in axes
            ),
            effective=begin,
            caching=caching,
        )
        for begin in sorted(starts)
    ]
    return invented(*cards)


@st.composite
def cases(draw: st.DrawFn, *, start: st.SearchStrategy[datetime], most: int = 40) -> Case:
    """Workloads of every shape: all at once, every, over; with every switch."""
    minutes = st.integers(0, 20 * 60).map(lambda n: timedelta(minutes=n))
    gaps = st.sampled_from([*LENGTHS.values(), timedelta(seconds=301), timedelta(minutes=20)]) | st.timedeltas(
        timedelta(microseconds=1), timedelta(hours=3)
    )
    shape = draw(st.sampled_from(["once", "every", "over"]))
    return Case(
        context=draw(st.integers(1, 6_000) | st.sampled_from([999, 1_000, 1_024, 1_500, 1_501])),
        question=draw(st.sampled_from([0, 1, 300])),
        answer=draw(st.sampled_from([0, 7])),
        queries=draw(st.integers(1, most)),
        start=draw(start),
        every=draw(gaps) if shape == "every" else None,
        over=draw(minutes) if shape == "over" else None,
        hold=draw(st.none() | minutes),
        creation=draw(st.sampled_from([None, "input", "free"])),
        first_query=draw(st.sampled_from(["reads", "creates"])),
        billed_per=draw(st.sampled_from([None, *UNITS])),
        hits=draw(st.booleans()),
        thinking=draw(st.booleans()),
    )
