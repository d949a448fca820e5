"""What several answers say beside a total: when caching pays, what is left open, what other pauses would do."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from math import ceil
from typing import Any

from ... import money
from ...bills.break_even import BreakEven
from ...bills.measures import Lives
from ...bills.price_changes import PriceChange
from ...bills.spacing import STEP, Spacing
from ...prices.caching import Lifetime
from ...prices.card import Dispute
from ..figures import NOUNS, amount, by_size, duration, intervals, listed, many, span
from ..labels import a_policy
from ..records import CardStatus, Count, Fields, Text, Version, of


class BreakEvenRecord(Fields):
    """The numbers of queries at which caching pays: `intervals` of first and last, null without end."""

    first: Count | None
    intervals: list[tuple[int, int | None]]
    stable_from: Count | None
    horizon: Count | None


def breaks_even(pays: BreakEven | None, *, turns: bool) -> str:
    """`4 queries`, `2-4`, `6, 8+`, `never`: from which number of queries on, or at which ones, caching pays."""
    if pays and pays.first is not None and pays.stable_from == pays.first:
        return many(pays.first, *NOUNS[turns])
    tried = f" of {pays.horizon:,} tried" if pays and pays.intervals and pays.horizon else ""
    return intervals(pays, "+", "-") + tried


class LivesRecord(Fields):
    """The totals at the shortest and at the longest life of automatic entries."""

    least: timedelta
    most: timedelta
    total_at_least: Decimal = of("at_least")
    total_at_most: Decimal = of("at_most")


def lived(lives: Lives, currency: str) -> str:
    """`$0.2378 to $1.25, since the vendor keeps an automatic cache for 5 min to 1 h after its last use; ...`."""
    low, high = sorted((lives.at_least, lives.at_most))
    return f"{span((low, high), currency)}, since {why_a_range(lives)}"


def why_a_range(lives: Lives | Lifetime) -> str:
    """Why there is a range, without its amounts."""
    least, most = duration(lives.least), duration(lives.most)
    lifetime = f"the vendor keeps an automatic cache for {least} to {most} after its last use"
    return f"{lifetime}; counted here as lost after {least}"


def open_end(end: int) -> Any:
    """The field of the lowest or the highest total that a bill may have; the total itself where nothing is open."""
    return of(lambda bill: bill.ends[end])


class ReadingRecord(Fields):
    """What another source says of a disputed term."""

    value: str = of(0)
    source: str = of(1)


class DisputeRecord(Fields):
    """A term on which sources contradict each other: what is taken here, and the others with who says so."""

    term: Text = of("name")
    taken: str
    others: list[ReadingRecord]


def disputed(dispute: Dispute) -> str:
    """`stored.creation is input here, but free at https://…`."""
    others = ", ".join(f"{value} at {source}" for value, source in dispute.others)
    return f"{dispute.name} is {dispute.taken} here, but {others}"


class SafeRecord(Fields):
    """The cheapest strategy whose bill stays the same; `up_to` null whatever the pause."""

    strategy: Text
    total: Decimal
    up_to: timedelta | None


class SpacingRecord(Fields):
    """The bill on the other side of a time to live; `text` says it to people."""

    ttl: timedelta
    gap: timedelta | None
    total: Decimal
    safe: SafeRecord | None
    text: Text = of(lambda spacing: near(spacing) or _beyond(spacing))


def _beyond(spacing: Spacing) -> str:
    return f"if the queries come more than {duration(spacing.ttl)} apart: {amount(spacing.total, spacing.currency)}"


def near(spacing: Spacing | None) -> str:
    """`1 s later every query would miss: $37.50; written:1h costs $0.45 more and is safe up to 1 h`; nothing where no
    spacing was asked about."""
    if spacing is None or spacing.gap is None:
        return ""
    ttl, gap, safe = spacing.ttl, spacing.gap, spacing.safe
    if spacing.by_law:
        mean = timedelta(seconds=round(gap.total_seconds())) or gap
        pause = f"{duration(2 * mean)} apart on average in place of {duration(mean)}"
    elif spacing.mixed:
        where = "within the life of an entry" if spacing.late else "longer than an entry lives"
        pause = f"pauses of {duration(ttl if spacing.late else ttl + STEP)} in place of {duration(gap)}, {where}"
    elif spacing.late:
        pause = f"at most {duration(ttl)} apart, within the life of an entry"
    else:
        later = timedelta(seconds=ceil((ttl + STEP - gap).total_seconds()))
        pause = f"{duration(later)} later every query would miss"
    text = f"{pause}: {amount(spacing.total, spacing.currency)}"
    if safe is None:
        return text
    more = money.subtract(safe.total, spacing.planned)
    costs = f"{amount(abs(more), spacing.currency)} {'less' if more < 0 else 'more'}" if more else "the same"
    if safe.up_to is None:
        reach = "is safe whatever the pause"
    elif spacing.by_law:
        reach = f"keeps entries for {duration(safe.up_to)}, which few queries outlast"
    else:
        reach = f"is safe up to {duration(safe.up_to)}"
    return f"{text}; {a_policy(safe.strategy)} costs {costs} and {reach}"


def apart(spaced: Iterable[tuple[str, Spacing | None]]) -> str:
    """`If the queries come further apart: $37.50 with a 5-min cache beyond 5 min (say how far with --every).`"""
    texts = [
        f"{amount(each.total, each.currency)} with {name} beyond {duration(each.ttl)}"
        for name, each in spaced
        if each and each.gap is None
    ]
    return f"If the queries come further apart: {', '.join(texts)} (say how far with --every)." if texts else ""


def apart_in_short(spaced: Iterable[tuple[str, Spacing | None]]) -> str:
    """`if queries come further apart: Claude Opus 5.5 $38.04 beyond 5 min, GPT-5.6 Luna $1.91 beyond 30 min`, dearest
    first; without the name where there is one alone."""
    beyond = sorted((each for _, each in spaced if each and each.gap is None), key=lambda each: -each.total)
    names = {id(each): name for name, each in spaced}
    texts = [f"{names[id(each)]} {_sized(each.total, each.currency)} beyond {duration(each.ttl)}" for each in beyond]
    return f"if queries come further apart: {listed([text.strip() for text in texts], 2)}"


def _sized(value: Decimal, currency: str) -> str:
    return by_size([value], currency)[value]


def change_in_words(change: PriceChange, currency: str) -> str:
    """What is announced, the bill of the same queries from that day on, and which strategy is the cheapest."""
    if change.total is None or change.then is None:
        return change.announcement
    same = change.then == change.now
    verdict = f"{a_policy(change.then)} {'stays' if same else 'becomes'} the cheapest"
    return f"{change.announcement}: the same from that day on costs {amount(change.total, currency)}; {verdict}"


def short_change(change: PriceChange, currency: str) -> str:
    """`rates change on 2027-01-01, then $1.02`."""
    announced = change.announcement.partition(" (scheduled)")[0].partition(",")[0]
    return announced if change.total is None else f"{announced}, then {_sized(change.total, currency)}"


class PriceChangeRecord(Fields):
    """Another rate card that applies soon, and what wins then."""

    version: Version
    status: CardStatus = of("card.status")
    days_after: int | None
    then: str | None
    total: Decimal | None
