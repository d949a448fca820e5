"""Ways to serve a workload: fresh, automatic, written, stored; each turned into the usage to expect.

A strategy deals the N queries into batches of requests that are alike: the same usage at the same rates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from . import conversation, keepalive, money, quantities, schedule
from .errors import BadWorkload, NotSold
from .sheet import STANDARD, PriceSheet, RateCard, Row, Stored
from .usage import Batch, Usage
from .workload import LONGEST, POISSON, RANDOM, Workload

FRESH, AUTOMATIC, WRITTEN, STORED = "fresh", "automatic", "written", "stored"
KEEP_ALIVE = "keep-alive"
"""Written for a TTL and read by pings, so that no entry ever dies; served where it is asked for by name."""
_PER = {"second": timedelta(seconds=1), "minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
_ONE_TOKEN_HOUR = Usage(storage=1)


@dataclass(frozen=True)
class Assumptions:
    """What the vendors leave open, or the asker knows better; None takes what the rate card says.

    `hit_share`: share of later queries that hit, 0..1, where time alone lets them (default 1).
    `hold`: how long a stored cache stands (default: the span of the workload, at least the default TTL).
    `creation`: `input` or `free`. `first_query`: `reads` a cache created before it, or itself `creates` it.
    `billed_per`: rent by started `second`, `minute` or `hour`. `generation`: how long an answer takes, which is taken
    off the TTL where the vendor counts it from the start of the request.
    """

    hit_share: Decimal = Decimal(1)
    hold: timedelta | None = None
    creation: str | None = None
    first_query: str = "reads"
    billed_per: str | None = None
    service: str = STANDARD
    region: str | None = None
    thinking: bool = False
    generation: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        if not 0 <= self.hit_share <= 1:
            raise BadWorkload(f"hit_share: expected a share from 0 to 1, not {self.hit_share}")
        if self.hold is not None and not timedelta(0) <= self.hold <= LONGEST:
            raise BadWorkload(f"hold: expected a duration of 0 to {LONGEST.days:,} days")
        if not timedelta(0) <= self.generation <= LONGEST:
            raise BadWorkload("generation: expected a duration of 0 or more")
        for name, value, known in (
            ("creation", self.creation, ("input", "free", None)),
            ("first_query", self.first_query, ("reads", "creates")),
            ("billed_per", self.billed_per, (*_PER, None)),
        ):
            if value not in known:
                raise BadWorkload(f"{name}: expected {' or '.join(k for k in known if k)}, not {value!r}")


def sold(card: RateCard, row: Row) -> tuple[str, ...]:
    """Every strategy that the row has rates for: `fresh`, `automatic`, `written:5m`, `written:1h`, `stored`."""
    caching, rates = card.caching, row.rates
    found = [FRESH]
    if caching.automatic and _reads(AUTOMATIC, row):
        found.append(AUTOMATIC)
    if caching.written and _reads(WRITTEN, row):
        found += [f"{WRITTEN}:{ttl}" for ttl in caching.written.ttls if f"cache_write:{ttl}" in rates]
    if caching.stored and _reads(STORED, row) and "storage" in rates:
        found.append(STORED)
    return tuple(found)


def kept_alive(card: RateCard, offer: tuple[str, ...]) -> list[str]:
    """The strategies of an offer that pings can keep alive: written ones that a read refreshes."""
    if not card.caching.written or not card.caching.written.refresh:
        return []
    return [name.replace(WRITTEN, KEEP_ALIVE, 1) for name in offer if name.startswith(f"{WRITTEN}:")]


def _reads(kind: str, row: Row) -> bool:
    return "cache_read" in row.rates or f"cache_read:{kind}" in row.rates


class Plan:
    """One strategy for one workload on one sheet; `batches(N)` is what N queries will use."""

    def __init__(self, strategy: str, workload: Workload, sheet: PriceSheet, assumptions: Assumptions) -> None:
        self.strategy = strategy
        self.workload = workload
        self.sheet = sheet
        self.assumptions = assumptions
        self.card = sheet.card(workload.start)
        self.row = self.row_of(workload.prompt)
        kind, _, ttl = strategy.partition(":")
        self.pinged = kind == KEEP_ALIVE
        kind = WRITTEN if self.pinged else kind
        self.kind = kind
        self.written_as = f"{kind}:{ttl}" if ttl else kind
        self.ttl = self._alive(quantities.duration(ttl)) if ttl else None
        if self.written_as not in (offer := sold(self.card, self.row)):
            raise NotSold(
                f"{sheet.version(self.card)} does not sell {strategy!r} to this workload; it sells {', '.join(offer)}"
            )
        self.cached = self._cacheable()
        self._plain = Usage(input=workload.prompt, output=workload.answer)
        self.read_request = self._request(f"cache_read:{kind}")
        self.write_request = self._request(f"cache_write:{ttl}") if ttl else self._plain
        self._epochs: dict[timedelta, list[datetime]] = {}

    def _alive(self, ttl: timedelta) -> timedelta:
        """How long an entry can be read after its answer: the TTL, less the answer's time where that counts."""
        written = self.card.caching.written
        counts = written is not None and written.lifetime_from == "request"
        return max(timedelta(0), ttl - self.assumptions.generation) if counts else ttl

    @property
    def refresh(self) -> bool:
        """Whether a read starts the TTL again."""
        return self.card.caching.written is None or self.card.caching.written.refresh

    def rows(self, queries: int) -> Iterator[tuple[Row, int]]:
        """The rows that so many queries meet, and how many meet each."""
        for start, count in self._spread(queries, 0, queries):
            yield self.row_of(self.workload.prompt, start), count

    def row_of(self, prompt: int, at: datetime | None = None) -> Row:
        """The row that prices a prompt of this size at an instant, or when the workload starts."""
        asked, at = self.assumptions, at or self.workload.start
        return self.sheet.card(at).row(
            at=at,
            prompt=prompt,
            service=asked.service,
            output=self.workload.answer,
            thinking=asked.thinking,
            region=asked.region,
        )

    @property
    def minimum(self) -> int | None:
        terms = getattr(self.card.caching, self.kind, None)
        return terms.min_tokens if terms else None

    def _cacheable(self) -> int:
        """Tokens of the context that this strategy can cache: whole blocks, none below the minimum."""
        if self.kind == FRESH or self.workload.context < (self.minimum or 0):
            return 0
        block = getattr(getattr(self.card.caching, self.kind), "block", None) or 1
        return self.workload.context // block * block

    def _request(self, name: str) -> Usage:
        """One query whose cacheable tokens go under `name`, the rest plain."""
        if not self.cached:
            return self._plain
        part, _, key = name.partition(":")
        plain = self.workload.prompt - self.cached
        if part == "cache_write":
            return Usage(input=plain, cache_write={key: self.cached}, output=self.workload.answer)
        return self.reading(self.cached, plain=plain, answer=self.workload.answer)

    def batches(self, queries: int) -> Iterator[Batch]:
        """Requests alike, for so many queries; counts add up to `queries`, beside creation and token-hours."""
        if self.workload.grows:
            yield from conversation.batches(self, queries)
            return
        if self.workload.times and self.ttl is not None and self.cached:
            yield from schedule.batches(self, queries)
            return
        stored = self.kind == STORED and self.cached > 0
        if stored and self.creation != "free" and self.assumptions.first_query == "reads":
            yield Batch(self.creating(), 1, self.workload.start, self.cached)
        for usage, first, last, weight in self._segments(queries):
            for start, count in self._spread(queries, first, last):
                yield Batch(usage, money.by(count, weight), start, self.workload.prompt)
        if self.pinged and self.cached and queries > 1:
            for start, count in self._spread(queries, 1, queries):
                yield Batch(self.reading(self.cached), money.by(count, self.pings), start, self.workload.prompt)
        if stored:
            yield from self.rent(queries)

    @property
    def named(self) -> bool:
        """Whether reads have a rate of this kind's own."""
        return f"cache_read:{self.kind}" in self.row.rates

    def reading(self, tokens: int, *, plain: int = 0, answer: int = 0) -> Usage:
        """A request that reads so many tokens of this kind's cache."""
        return Usage(input=plain, cache_read={self.kind: tokens} if self.named else tokens, output=answer)

    @property
    def pings(self) -> money.Number:
        """Pings for each later query, expected where arrivals are: each is a read that answers nothing."""
        work = self.workload
        assert self.ttl is not None
        if not self.ttl:
            raise BadWorkload("generation: the entry is dead before its answer ends, so no ping can keep it alive")
        if work.arrivals == RANDOM or (work.over and not work.gap):
            raise BadWorkload("strategy: pings are counted for a gap or a rate; give every or rate")
        if work.arrivals == POISSON:
            assert work.rate is not None
            return money.rounded(keepalive.poisson_reads(work.rate, self.ttl) - 1, money.GRAIN)
        return keepalive.pings(work.gap, self.ttl)

    def creating(self) -> Usage:
        """The tokens of a creation, at the input rate where that is asked for and the card would bill it otherwise."""
        otherwise = self._stored.creation != "input" or "creation" in self.row_of(self.cached).rates
        if self.creation == "input" and otherwise:
            return Usage.created_as_input(self.cached)
        return Usage(creation=self.cached)

    def _segments(self, queries: int) -> list[tuple[Usage, int, int, money.Number]]:
        """(usage, from query, to query exclusive, share of them)."""
        plain, read, write = self._plain, self.read_request, self.write_request
        share: money.Number = self.assumptions.hit_share
        if not self.cached:
            return [(plain, 0, queries, 1)]
        if self.kind == STORED:
            standing = self.workload.up_to(queries, self.hold(queries))
            creating = min(1, queries) if self.assumptions.first_query == "creates" else 0
            parts = [
                (plain, 0, creating),
                (read, creating, standing),
                (plain, max(standing, creating), queries),
            ]
            return [(usage, first, last, 1) for usage, first, last in parts if last > first]
        missed = write if self.kind == WRITTEN else plain
        if self.ttl is not None and not self.pinged:
            missing = self.workload.missing(queries, self.ttl, refresh=self.refresh)
            if missing == 1:
                return [(missed, 0, queries, 1)]
            share = money.by(share, money.rest(missing))
        later = [(read, 1, queries, share), (missed, 1, queries, money.rest(share))]
        return [(missed, 0, 1, 1), *(part for part in later if part[3] and queries > 1)]

    def _spread(self, queries: int, first: int, last: int) -> Iterator[tuple[datetime, int]]:
        """Queries first..last-1 by stretches of constant rates: the stretch's start, and how many fall in it."""
        starts = self.epochs(self.workload.span(queries))
        if len(starts) == 1:
            yield starts[0], last - first
            return
        edges = [0, *(self.workload.before(queries, start) for start in starts[1:]), queries]
        for start, begin, end in zip(starts, edges, edges[1:], strict=False):
            if (count := min(end, last) - max(begin, first)) > 0:
                yield start, count

    def epochs(self, span: timedelta) -> list[datetime]:
        """The starts of all stretches of constant rates from the workload's start to `span` after it."""
        if span not in self._epochs:
            self._epochs[span] = self._find_epochs(span)
        return self._epochs[span]

    def _find_epochs(self, span: timedelta) -> list[datetime]:
        begin = self.workload.start
        if not span:
            return [begin]
        end = begin + span
        changes = [card.effective for card in self.sheet.changes(begin, end)]
        edges = set(changes)
        for start, stop in zip([begin, *changes], [*changes, end + timedelta(microseconds=1)], strict=True):
            rows = self.sheet.card(start).rows
            for window in {row.window for row in rows if row.window and row.service == self.assumptions.service}:
                edges |= set(window.edges(start, stop))
        return sorted({begin} | edges)

    def hold(self, queries: int) -> timedelta:
        """How long the stored cache stands."""
        if self.assumptions.hold is not None:
            return self.assumptions.hold
        return max(self.workload.stay(queries), self._stored.default_ttl)

    @property
    def _stored(self) -> Stored:
        assert self.card.caching.stored is not None
        return self.card.caching.stored

    def billed(self, queries: int) -> timedelta:
        """How long rent is paid: the time that it stands, in started units, or the TTL where that is billed."""
        hold = self.hold(queries)
        if self._stored.billed_for == "ttl":
            hold = max(hold, self._stored.default_ttl)
        unit = _PER[self.billed_per]
        return hold if unit == _PER["second"] else -(-hold // unit) * unit

    @property
    def billed_per(self) -> str:
        return self.assumptions.billed_per or self._stored.billed_per

    @property
    def creation(self) -> str:
        return self.assumptions.creation or self._stored.creation

    def rent(self, queries: int) -> Iterator[Batch]:
        """Token-hours of a stored cache, one batch for every stretch of constant rates."""
        start, tokens = self.workload.start, self.cached
        length = self.billed(queries)
        starts = self.epochs(length)
        for begin, end in zip(starts, [*starts[1:], start + length], strict=True):
            if begin == end:
                continue
            microseconds = (end - begin) // timedelta(microseconds=1)
            hours = Fraction(tokens * microseconds, 3_600_000_000)
            yield Batch(_ONE_TOKEN_HOUR, hours, begin, tokens)

    def affine_from(self) -> list[int] | None:
        """Numbers of queries at which the total changes its slope; None where it is not made of such pieces."""
        work, asked = self.workload, self.assumptions
        pieces = {1, 2, 3}
        if work.times or (self.ttl is not None and not self.refresh and (work.gap or work.over)):
            return None
        if self._rates_may_change() or work.grows or (work.arrivals == RANDOM and self.ttl is not None):
            return None
        if self.ttl is not None and work.over:
            pieces.add(-(-work.over // (self.ttl or timedelta.resolution)) + 1)
        if self.kind == STORED and self.cached and work.gap:
            standing = asked.hold if asked.hold is not None else self._stored.default_ttl
            pieces.add(standing // work.gap + 2)
            if asked.hold is None and self.billed_per != "second":
                return None
        if self.kind == STORED and self.cached and work.over and asked.hold is not None and asked.hold < work.over:
            return None
        return sorted(pieces)

    def never_dearer(self) -> bool:
        """Whether no query can cost more than sent fresh, at no instant: no fee, and no read above input."""
        cards = (self.card, *self.sheet.changes(self.workload.start, datetime.max.replace(tzinfo=UTC)))
        return self.kind == AUTOMATIC and all(
            row.rates["input"].value >= read.value and "fee.cache_hit" not in row.fees
            for card in cards
            for row in card.rows
            for name in ("cache_read", f"cache_read:{AUTOMATIC}")
            if (read := row.rates.get(name))
        )

    def _rates_may_change(self) -> bool:
        """Whether a later query could meet other rates than the first."""
        if not self.workload.gap and not self.workload.over:
            return False
        far = datetime.max.replace(tzinfo=UTC)
        end = far if self.workload.gap else self.workload.start + (self.workload.over or timedelta(0))
        windows = any(row.window for row in self.card.rows if row.service == self.assumptions.service)
        return windows or any(card.rows != self.card.rows for card in self.sheet.changes(self.workload.start, end))
