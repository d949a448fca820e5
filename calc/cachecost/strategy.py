"""A strategy for a workload on one sheet, turned into the usage to expect.

A strategy deals the N queries into batches of requests that are alike: the same usage at the same rates. What kinds
there are says `offer`; rooms beside this one deal for stored caches, given times and conversations.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from . import expected, money, shares, stored
from .assumptions import PER, Assumptions
from .offer import AUTOMATIC, FRESH, KEEP_ALIVE, SECOND_SIGHT, STORED, WRITTEN, kept_alive, not_sold, parsed, sold
from .quantities import show_duration
from .sheet import Lifetime, PriceSheet, Row, Stored
from .stretches import Stretches
from .usage import Batch, Usage
from .workload import EVEN, Workload

__all__ = [
    "AUTOMATIC",
    "FRESH",
    "KEEP_ALIVE",
    "SECOND_SIGHT",
    "STORED",
    "WRITTEN",
    "Assumptions",
    "Plan",
    "kept_alive",
    "sold",
]


class Plan:
    """One strategy for one workload on one sheet; `batches(N)` is what N queries will use."""

    def __init__(self, strategy: str, workload: Workload, sheet: PriceSheet, assumptions: Assumptions) -> None:
        self.strategy = strategy
        self.workload = workload
        self.sheet = sheet
        self.assumptions = assumptions
        self.card = sheet.card(workload.start)
        self.row = self.row_of(workload.prompt)
        asked = parsed(strategy)
        self.pinged, self.seen_twice = asked.kind == KEEP_ALIVE, asked.kind == SECOND_SIGHT
        self.written_as = asked.sold
        self.kind, _, ttl = asked.sold.partition(":")
        self.idle = asked.length if asked.kind == STORED else None
        self.ttl = self._alive(asked.length) if asked.length is not None and ttl else None
        if self.kind == AUTOMATIC:
            self.ttl = asked.length or (self.lifetime.least if self.lifetime else None)
        if self.written_as not in (offer := sold(self.card, self.row)):
            message = (
                f"{sheet.version(self.card)} does not sell {strategy!r} to this workload; it sells {', '.join(offer)}"
            )
            raise not_sold(self.card, self.row, (strategy,), message, sheet)
        self.cached = self._cacheable()
        self.plain_request = _used(workload.prompt, workload.answer)
        self.read_request = self._request(f"cache_read:{self.kind}")
        self.write_request = self._request(f"cache_write:{ttl}") if ttl else self.plain_request
        self.missed_request = self.write_request if self.kind == WRITTEN else self.plain_request
        self.stretches = Stretches(workload, sheet, assumptions.service)
        self._later: dict[int, shares.Later] = {}

    def _alive(self, ttl: timedelta) -> timedelta:
        """How long an entry can be read after its answer: the TTL, less the answer's time where that counts."""
        written = self.card.caching.written
        counts = written is not None and written.lifetime_from == "request"
        return max(timedelta(0), ttl - self.assumptions.generation) if counts else ttl

    @property
    def lifetime(self) -> Lifetime | None:
        """How long the card says that an automatic entry can be read after its last use; None where it does not say."""
        automatic = self.card.caching.automatic if self.kind == AUTOMATIC else None
        return automatic.lifetime if automatic else None

    def living(self, length: timedelta) -> Plan:
        """The same plan of an automatic cache whose entries live for so long after their last use."""
        name = f"{AUTOMATIC}:{show_duration(length)}"
        return Plan(name, self.workload, self.sheet, self.assumptions)

    @property
    def simple(self) -> bool:
        """Written once and read in time: no pings, no second sight, no eviction, and reads that refresh."""
        return not (self.pinged or self.seen_twice or self.assumptions.eviction) and self.refresh

    @property
    def refresh(self) -> bool:
        """Whether a read starts the TTL again."""
        written = self.card.caching.written if self.kind == WRITTEN else None
        return written is None or written.refresh

    def rows(self, queries: int) -> Iterator[tuple[Row, money.Number]]:
        """The rows that so many queries meet, and how many meet each."""
        for start, count in expected.come(self, queries):
            yield self.row_of(self.workload.prompt, start), count

    def row_of(self, prompt: int, at: datetime | None = None) -> Row:
        """The row that prices a prompt of this size at an instant, or when the workload starts."""
        asked, at = self.assumptions, at or self.workload.start
        return self.sheet.row(
            self.sheet.card(at),
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
            return self.plain_request
        name = name if self.named or name.startswith("cache_write") else "cache_read"
        return _used(self.workload.prompt - self.cached, self.workload.answer, name, self.cached)

    def batches(self, queries: int) -> Iterator[Batch]:
        """Requests alike, for so many queries; counts add up to `queries`, beside creation, pings and token-hours."""
        if self.workload.grows:
            from . import conversation

            yield from conversation.batches(self, queries)
        elif self.kind == STORED and self.cached:
            yield from stored.batches(self, queries) if self.idle is None else stored.idle_batches(self, queries)
        elif self.cached and self._told_one_by_one:
            from . import schedule

            yield from schedule.batches(self, queries)
        else:
            yield from expected.batches(self, queries)

    @property
    def _told_one_by_one(self) -> bool:
        work, eviction = self.workload, self.assumptions.eviction
        timed = self.ttl is not None or eviction is not None
        return bool(work.times) and work.arrivals == EVEN and timed and (self.refresh or eviction is None)

    def later(self, queries: int) -> shares.Later:
        """What a later query does, of two queries or more."""
        if queries not in self._later:
            self._later[queries] = shares.later(self, queries)
        return self._later[queries]

    def pings(self, queries: int) -> money.Number:
        """Pings for each later query of so many, where there are any."""
        if not self.pinged or not self.cached or queries < 2:
            return 0
        found = self.later(queries)
        return money.plus(found.ping_reads, found.ping_writes)

    @property
    def told(self) -> str | None:
        """How expected numbers are known: by closed form or simulated; None where queries are counted one by one."""
        queries = self.workload.queries
        if not self.cached or queries < 2:
            return None
        if self.kind == STORED:
            return None if self.idle is None else stored.anew(self, queries)[2]
        return self.later(queries).told

    def rewriting(self, tokens: int) -> Usage:
        """A ping that finds its entry of so many tokens evicted, and writes it."""
        return Usage(cache_write={self.written_as.partition(":")[2]: tokens})

    @property
    def named(self) -> bool:
        """Whether reads have a rate of this kind's own."""
        return f"cache_read:{self.kind}" in self.row.rates

    def reading(self, tokens: int, *, plain: int = 0, answer: int = 0) -> Usage:
        """A request that reads so many tokens of this kind's cache."""
        return Usage(input=plain, cache_read={self.kind: tokens} if self.named else tokens, output=answer)

    def creating(self) -> Usage:
        """The tokens of a creation, at the input rate where that is asked for and the card would bill it otherwise."""
        otherwise = self._stored.creation != "input" or "creation" in self.row_of(self.cached).rates
        if self.creation == "input" and otherwise:
            return Usage.created_as_input(self.cached)
        return Usage(creation=self.cached)

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
        unit = PER[self.billed_per]
        return hold if unit == PER["second"] else -(-hold // unit) * unit

    @property
    def billed_per(self) -> str:
        return self.assumptions.billed_per or self._stored.billed_per

    @property
    def creation(self) -> str:
        return self.assumptions.creation or self._stored.creation


@lru_cache(maxsize=4096)
def _used(plain: int, answer: int, name: str = "", cached: int = 0) -> Usage:
    """One request; the tokens of a cache go under the name of a line. Alike on many models, so it is kept."""
    part, _, key = name.partition(":")
    counts: Any = {key: cached} if key else cached
    return Usage(input=plain, output=answer, **({part: counts} if part else {}))
