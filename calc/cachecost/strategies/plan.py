"""A strategy for a workload on one sheet, turned into the usage to expect.

A strategy deals the N queries into batches of requests that are alike: the same usage at the same rates. What kinds
there are says `offer`; rooms beside this one deal for stored caches, given times and conversations.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from .. import money
from ..errors import NotSold
from ..prices.caching import Lifetime, Stored
from ..prices.card import RateCard, Row
from ..prices.sheet import PriceSheet
from ..prices.usage import Batch, Usage
from ..units import show_duration
from ..workload.workload import EVEN, Workload
from . import expected, hits, stored
from .assumptions import PER, Assumptions
from .names import AUTOMATIC, FRESH, KEEP_ALIVE, SECOND_SIGHT, STORED, WRITTEN, kept_alive, not_sold, parsed, sold
from .spread import Stretches

if TYPE_CHECKING:
    from . import simulated

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


_MICROSECOND = timedelta(microseconds=1)


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
        self.cached = self._cacheable(self.card, workload.context)
        self.plain_request = _used(workload.prompt, workload.answer)
        self._terms: dict[datetime, Terms] = {}
        now = self.terms(workload.start)
        self.read_request, self.missed_request = now.read, now.missed
        self.stretches = Stretches(workload.start, sheet, assumptions.service)
        self._later: dict[int, hits.Later] = {}
        self._simulated: dict[int, simulated.Simulated] = {}

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
    def free(self) -> bool:
        """Whether the row asks no money for anything."""
        return not any(rate.value for rate in self.row.rates.values())

    @property
    def minimum(self) -> int | None:
        terms = getattr(self.card.caching, self.kind, None)
        return terms.min_tokens if terms else None

    def _cacheable(self, card: RateCard, tokens: int) -> int:
        """How many of so many tokens this strategy can cache under a card: whole blocks, none below the minimum."""
        if self.kind == FRESH:
            return 0
        terms = getattr(card.caching, self.kind)
        if terms is None:
            raise NotSold(f"{self.sheet.version(card)} no longer sells {self.strategy!r}")
        if tokens < (terms.min_tokens or 0):
            return 0
        block = getattr(terms, "block", None) or 1
        return int(tokens // block * block)

    def terms(self, at: datetime) -> Terms:
        """What the requests of this plan use in the stretch of constant rates that begins at an instant."""
        if at not in self._terms:
            work = self.workload
            row = self.row if at == work.start else self.row_of(work.prompt, at)
            cached = self._cacheable(self.sheet.card(at), work.context)
            self._terms[at] = Terms(self, cached, named=f"cache_read:{self.kind}" in row.rates)
        return self._terms[at]

    def sized(self, prompt: int, at: datetime) -> Terms:
        """The same where a whole prompt is to be cached, at an instant."""
        row = self.row_of(prompt, at)
        cached = self._cacheable(self.sheet.card(at), prompt)
        return Terms(self, cached, named=f"cache_read:{self.kind}" in row.rates)

    def sizes(self, queries: int) -> set[int]:
        """How many tokens of the context can be cached while so many queries come: one number, unless the terms of
        caching change among them."""
        work = self.workload
        changed = self.sheet.changes(work.start, work.start + work.span(queries))
        return {self.cached, *(self._cacheable(card, work.context) for card in changed)}

    def batches(self, queries: int) -> Iterator[Batch]:
        """Requests alike, for so many queries; counts add up to `queries`, beside creation, pings and token-hours."""
        if self.workload.grows:
            from . import conversation

            yield from conversation.batches(self, queries)
        elif self.kind == STORED and self.cached and self.idle is None:
            yield from stored.batches(self, queries)
        elif self.kind == STORED and self.idle is not None and self.sizes(queries) != {0}:
            yield from stored.idle_batches(self, queries)
        elif self.kind in (FRESH, STORED) or self.sizes(queries) == {0}:
            yield from expected.plain(self, queries)
        elif self.workload.times and self.workload.arrivals == EVEN:
            from . import given_times

            yield from given_times.batches(self, queries)
        else:
            yield from expected.batches(self, queries)

    def later(self, queries: int) -> hits.Later:
        """What a later query does, of two queries or more."""
        if queries not in self._later:
            self._later[queries] = hits.later(self, queries)
        return self._later[queries]

    def simulated(self, queries: int) -> simulated.Simulated:
        """What so many queries that come by a law meet in each stretch, where no closed form is known."""
        if queries not in self._simulated:
            from . import simulated

            self._simulated[queries] = simulated.stretched(self, queries)
        return self._simulated[queries]

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
        if queries < 2 or self.sizes(queries) == {0}:
            return None
        if self.kind == STORED:
            return stored.told(self, queries)
        return expected.told(self, queries) if not self.workload.grows else self.later(queries).told

    def creating(self, tokens: int | None = None) -> Usage:
        """The tokens of a creation, at the input rate where that is asked for and the card would bill it otherwise."""
        tokens = tokens or self.cached
        otherwise = self._stored.creation != "input" or "creation" in self.row_of(tokens).rates
        if self.creation == "input" and otherwise:
            return Usage.created_as_input(tokens)
        return Usage(creation=tokens)

    def hold(self, queries: int) -> Fraction:
        """Microseconds for which the stored cache stands."""
        if self.assumptions.hold is not None:
            return Fraction(self.assumptions.hold // _MICROSECOND)
        return max(self.workload.stay(queries), Fraction(self._stored.default_ttl // _MICROSECOND))

    def held(self, queries: int) -> timedelta:
        """The same as it is shown, to the microsecond below."""
        return timedelta(microseconds=int(self.hold(queries)))

    @property
    def _stored(self) -> Stored:
        assert self.card.caching.stored is not None
        return self.card.caching.stored

    def billed(self, queries: int) -> Fraction:
        """Microseconds for which rent is paid."""
        return self.billed_for(self.hold(queries))

    def billed_for(self, hold: Fraction) -> Fraction:
        """The same for a cache that stands for so many: in started units, or at least the TTL where that is billed."""
        if self._stored.billed_for == "ttl":
            hold = max(hold, Fraction(self._stored.default_ttl // _MICROSECOND))
        return self.in_units(hold)

    def in_units(self, length: Fraction) -> Fraction:
        """Microseconds of rent for so many: started minutes or hours count whole, seconds to the moment."""
        unit = PER[self.billed_per] // _MICROSECOND
        return length if self.billed_per == "second" else Fraction(-(-length // unit) * unit)

    @property
    def billed_per(self) -> str:
        return self.assumptions.billed_per or self._stored.billed_per

    @property
    def creation(self) -> str:
        return self.assumptions.creation or self._stored.creation


class Terms:
    """Requests of a plan while one rate card is in force: `cached` tokens of the context can be cached. `named`:
    whether reads have a rate of this kind's own."""

    def __init__(self, plan: Plan, cached: int, *, named: bool) -> None:
        self.plan, self.cached, self.named = plan, cached, named

    @property
    def read(self) -> Usage:
        return self.request(self.cached)

    @property
    def missed(self) -> Usage:
        return self.request(0)

    def request(self, read: int) -> Usage:
        """One query that reads so many of the tokens that can be cached, and writes the others where that is due."""
        work = self.plan.workload
        written = self.cached - read if self.plan.kind == WRITTEN else 0
        return self.reading(read, plain=work.prompt - read - written, answer=work.answer, written=written)

    def reading(self, tokens: int, *, plain: int = 0, answer: int = 0, written: int = 0) -> Usage:
        """A request that reads so many tokens of this kind's cache and writes so many."""
        ttl = self.plan.written_as.partition(":")[2]
        return _used(plain, answer, self.plan.kind if self.named else "", tokens, ttl, written)


@lru_cache(maxsize=4096)
def _used(plain: int, answer: int, kind: str = "", read: int = 0, ttl: str = "", written: int = 0) -> Usage:
    """One request. Alike on many models, so it is kept."""
    return Usage(
        input=plain,
        cache_read={kind: read} if kind and read else read,
        cache_write={ttl: written} if written else 0,
        output=answer,
    )
