"""What several answers say beside a total: when caching pays, what is left open, what other pauses would do; and notes
for people, in full, or the three that could cost most, in short."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from math import ceil
from typing import NamedTuple

from ... import money
from ...bills.break_even import BreakEven
from ...bills.candidates import PriceChange
from ...bills.measures import Lives
from ...bills.spacing import STEP, Spacing
from ...prices.caching import Lifetime
from ...prices.card import Dispute, RateCard
from ...prices.warnings import Refusal
from ...workload.workload import Workload
from ..figures import NOUNS, amount, duration, intervals, listed, many, sized, span
from ..labels import a_policy
from ..records import CardStatus, Count, RecordFields, Text, Version, of


class BreakEvenRecord(RecordFields):
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


class LivesRecord(RecordFields):
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


class ReadingRecord(RecordFields):
    """What another source says of a disputed term."""

    value: str = of(0)
    source: str = of(1)


class DisputeRecord(RecordFields):
    """A term on which sources contradict each other: what is taken here, and the others with who says so."""

    term: Text = of("name")
    taken: str
    others: list[ReadingRecord]


def disputed(dispute: Dispute) -> str:
    """`stored.creation is input here, but free at https://…`."""
    others = ", ".join(f"{value} at {source}" for value, source in dispute.others)
    return f"{dispute.name} is {dispute.taken} here, but {others}"


class SafeRecord(RecordFields):
    """The cheapest strategy whose bill stays the same; `up_to` null whatever the pause."""

    strategy: Text
    total: Decimal
    up_to: timedelta | None


class SpacingRecord(RecordFields):
    """The bill on the other side of a time to live; `text` says it to people."""

    ttl: timedelta
    gap: timedelta | None
    total: Decimal
    safe: SafeRecord | None
    text: Text = of(lambda spacing: near(spacing) or _beyond(spacing))


def _beyond(spacing: Spacing) -> str:
    return f"if the queries come more than {duration(spacing.ttl)} apart: {amount(spacing.total, spacing.currency)}"


def takers(refusal: Refusal | None, work: Workload) -> str:
    """Where to look for models that take a prompt which is too long for one, with a space before it."""
    if refusal is None or refusal.kind not in ("context", "input"):
        return ""
    return f" Models that take it: cachecost models --fits {work.largest_prompt() + work.answer}."


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


class PriceChangeRecord(RecordFields):
    """Another rate card that applies soon, and what wins then."""

    version: Version
    status: CardStatus = of("card.status")
    days_after: int | None
    then: str | None
    total: Decimal | None


FEW = 3
"""Notes beside a block; the others are shown by --verbose."""
Spaced = tuple[str, Spacing | None]
"""What a bill is for, and what other pauses between the queries would make of it."""
WHOLE = Decimal("Infinity")
"""The cost of what leaves no bill at all: a model that is left out, or will be withdrawn."""


class Note(NamedTuple):
    """A note in full, and in short for the block. `cost`: the money by which a bill of the block could rise, None where
    that is not known. `aside`: it is about none of the bills that the block shows."""

    text: str
    short: str = ""
    cost: Decimal | None = Decimal(0)
    aside: bool = False


def more(other: Decimal, total: Decimal) -> Decimal:
    """By how much another total is above one; 0 where it is below."""
    return max(Decimal(0), money.subtract(other, total))


def risk(spacing: Spacing | None) -> Decimal:
    """By how much other pauses raise a bill."""
    return Decimal(0) if spacing is None else more(spacing.total, spacing.planned)


def of_change(change: PriceChange, total: Decimal, currency: str) -> Note:
    """What is announced, beside a bill of this total: the bill of the same queries from that day on, and which strategy
    is then the cheapest; in short `rates change on 2027-01-01, then $1.02`."""
    text = change.announcement
    short = text.partition(" (scheduled)")[0].partition(",")[0]
    if change.total is None or change.then is None:
        return Note(text, short, WHOLE)
    text += f": the same from that day on costs {amount(change.total, currency)}; {a_policy(change.then)}"
    verdict = "stays" if change.then == change.now else "becomes"
    bill = sized(change.total, currency)
    return Note(f"{text} {verdict} the cheapest", f"{short}, then {bill}", more(change.total, total))


def apart(spaced: Iterable[Spaced], shown: Iterable[Spaced] = ()) -> Iterator[Note]:
    """`If the queries come further apart: $37.50 with a 5-min cache beyond 5 min (say how far with --every).`, of bills
    by the names of what they are for; in short those that are shown, dearest first: `if queries come further apart:
    Claude Opus 5.5 $38.04 beyond 5 min, GPT-5.6 Luna $1.91 beyond 30 min`. Nothing where a spacing was asked about."""
    texts = [
        f"{amount(each.total, each.currency)} with {name} beyond {duration(each.ttl)}"
        for name, each in spaced
        if each and each.gap is None
    ]
    beyond = [(name, each) for name, each in shown if each and each.gap is None]
    beyond.sort(key=lambda pair: -pair[1].total)
    shorts = [f"{name} {sized(each.total, each.currency)} beyond {duration(each.ttl)}".strip() for name, each in beyond]
    cost = max((risk(each) for _, each in beyond), default=Decimal(0))
    if texts:
        text = f"If the queries come further apart: {', '.join(texts)} (say how far with --every)."
        yield Note(text, f"if queries come further apart: {listed(shorts, 2)}", cost, aside=not beyond)


def of_card(warnings: Iterable[str], card: RateCard) -> Iterator[Note]:
    """Warnings about a bill. What the card itself says against its rates may be worth any money, and is long."""
    for text in warnings:
        doubtful = text == card.caution
        yield Note(text, text.partition(": ")[0] if doubtful else "", None if doubtful else Decimal(0))


def _rank(note: Note) -> tuple[Decimal, bool]:
    """What raises a bill of the block comes first, by how much; then what may raise it, and last what does not."""
    cost = Decimal(0) if note.aside else note.cost
    return -(cost or Decimal(0)), cost is not None


def full(notes: Iterable[Note]) -> list[str]:
    """All of them, each once."""
    return list(dict.fromkeys(note.text for note in sorted(notes, key=_rank)))


def brief(notes: Sequence[Note]) -> list[str]:
    """`... · ... · 2 more notes (-v)`, the costliest few about what is shown in one line; none where there are none."""
    costliest = sorted((note for note in notes if not note.aside), key=_rank)[:FEW]
    texts = list(dict.fromkeys(note.short or note.text for note in costliest))
    more = len(full(notes)) - len(texts)
    rest = [f"{more:,} {'more ' if texts else ''}note{'' if more == 1 else 's'} (-v)"] if more > 0 else []
    return [" · ".join([*texts, *rest])] if texts or rest else []


def each_once(warned: Sequence[tuple[str, Sequence[str]]], few: int | None = None) -> list[str]:
    """Each warning once, after the names that have it where not every one has; of more than a few names the first."""
    texts = dict.fromkeys(text for _, texts in warned for text in texts)
    about = {text: [name for name, texts in warned if text in texts] for text in texts}
    return [text if len(names) == len(warned) else f"{listed(names, few)}: {text}" for text, names in about.items()]
