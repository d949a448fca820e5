"""A strategy for a workload on one sheet: its rates, its times to live, and what one request of it uses.

How many requests of each kind there are say `batches` and the modules beside this one, which take a plan and a number
of queries; what they count is a `Met`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from ..errors import BadWorkload, NotSold
from ..prices.caching import Lifetime, Stored, cacheable
from ..prices.card import RateCard, Row
from ..prices.sheet import PriceSheet
from ..prices.usage import Usage
from ..workload.workload import Workload
from .assumptions import Assumptions
from .names import AUTOMATIC, FRESH, KEEP_ALIVE, KEPT, SECOND_SIGHT, STORED, WRITTEN, not_sold, parsed, sells, sold
from .stretches import Stretches

T = TypeVar("T")
Count = Fraction | int


class Plan:
    """One strategy for one workload on one sheet; NotSold where the sheet does not sell it to this workload.

    `kind`: `fresh`, `automatic`, `written` or `stored`. `ttl`: how long an entry can be read after its last use, None
    where that has no end. `idle`: how long a stored cache may be idle before it is deleted. `pinged`, `seen_twice`:
    kept alive by pings, or written by the second query. `cached`: tokens of the context that can be cached when
    the workload starts.
    """

    def __init__(self, strategy: str, workload: Workload, sheet: PriceSheet, assumptions: Assumptions) -> None:
        self.strategy = strategy
        self.workload = workload
        self.sheet = sheet = sheet.served(assumptions.serving)
        self.assumptions = assumptions
        self.card = sheet.card(workload.start)
        self.row = self.row_of(workload.prompt)
        name = parsed(strategy)
        self.pinged, self.seen_twice = name.kind == KEEP_ALIVE, name.kind == SECOND_SIGHT
        self.written_as = name.sold
        self.kind, _, self.entry = name.sold.partition(":")
        if self.kind == KEPT:  # stored on a self-hosted machine
            self.kind = STORED
        self.idle = name.length if self.kind == STORED else None
        self.hit_share: Count = 1 if assumptions.hit_share == 1 else Fraction(assumptions.hit_share)
        self.ttl = name.length if self.kind == WRITTEN else None
        if self.kind == AUTOMATIC:
            self.ttl = name.length or (self.lifetime.least if self.lifetime else None)
        elif (
            self.ttl is not None and self.card.caching.written and self.card.caching.written.lifetime_from == "request"
        ):
            self.ttl = max(timedelta(0), self.ttl - assumptions.generation)
        if not sells(self.card, self.row, self.written_as):
            offer = ", ".join(sold(self.card, self.row))
            message = f"{sheet.version(self.card)} does not sell {strategy!r} to this workload; it sells {offer}"
            raise not_sold(self.card, self.row, (strategy,), message, sheet)
        if self.pinged and not self.ttl:
            message = "the entry is dead before its answer ends, so no ping can keep it alive"
            raise BadWorkload(message, word="generation")
        self.cached = self._cacheable(self.card, workload.context)
        self._terms: dict[tuple[datetime, int | None], RequestsOnCard] = {}
        self.stretches = Stretches(workload.start, sheet, assumptions.service)
        self._known: dict[tuple[str, int], Any] = {}

    def once(self, name: str, queries: int, worked_out: Callable[[], T]) -> T:
        """Something about a number of queries that several questions need, worked out the first time."""
        key = (name, queries)
        if key not in self._known:
            self._known[key] = worked_out()
        known: T = self._known[key]
        return known

    @cached_property
    def plain_request(self) -> Usage:
        return self.sheet.meter.request(self.workload.prompt, self.workload.answer)

    @property
    def read_request(self) -> Usage:
        """One query that reads the cache when the workload starts."""
        return self.terms(self.workload.start).request(self.cached)

    @property
    def missed_request(self) -> Usage:
        """One query then that reads nothing, and writes what it can."""
        return self.terms(self.workload.start).request(0)

    @property
    def lifetime(self) -> Lifetime | None:
        """How long the card says that an automatic entry can be read after its last use; None where it does not say."""
        automatic = self.card.caching.automatic if self.kind == AUTOMATIC else None
        return automatic.lifetime if automatic else None

    def but(
        self,
        *,
        strategy: str | None = None,
        workload: Workload | None = None,
        sheet: PriceSheet | None = None,
        **assumed: Any,
    ) -> Plan:
        """The same plan with something else in its place; `assumed` are fields of the assumptions."""
        assumptions = replace(self.assumptions, **assumed) if assumed else self.assumptions
        return Plan(strategy or self.strategy, workload or self.workload, sheet or self.sheet, assumptions)

    @property
    def refresh(self) -> bool:
        """Whether a read starts the TTL again."""
        written = self.card.caching.written if self.kind == WRITTEN else None
        return written is None or written.refresh

    def row_of(self, prompt: int, at: datetime | None = None) -> Row:
        """The row that prices a prompt of this size at an instant, or when the workload starts."""
        assumed, at = self.assumptions, at or self.workload.start
        return self.sheet.row(
            self.sheet.card(at),
            at=at,
            prompt=prompt,
            service=assumed.service,
            output=self.workload.answer,
            thinking=assumed.thinking,
            region=assumed.region,
        )

    @property
    def dropped(self) -> Count:
        """Share of the pings that meet no entry, since it was evicted before."""
        eviction = self.assumptions.eviction
        return eviction.at(self.ttl) if eviction and self.ttl else 0

    def by_effect(self, pings: Count) -> tuple[Count, Count]:
        """Pings that read, and those that write since the entry was lost."""
        return pings * (1 - self.dropped), pings * self.dropped

    @property
    def free(self) -> bool:
        return not any(rate.value for rate in self.row.rates.values())

    @property
    def minimum(self) -> int | None:
        terms = getattr(self.card.caching, self.kind, None)
        return terms.min_tokens if terms else None

    @property
    def block(self) -> int:
        """Tokens of a prompt are cached in whole blocks of so many."""
        return getattr(getattr(self.card.caching, self.kind, None), "block", None) or 1

    def _cacheable(self, card: RateCard, tokens: int) -> int:
        """How many of so many tokens this strategy can cache under a card."""
        if self.kind == FRESH:
            return 0
        terms = getattr(card.caching, self.kind)
        if terms is None:
            raise NotSold(f"{self.sheet.version(card)} no longer sells {self.strategy!r}")
        return cacheable(terms, tokens)

    def terms(self, at: datetime, prompt: int | None = None) -> RequestsOnCard:
        """What requests use in the stretch of constant rates that begins at an instant: those of the workload, whose
        context is cached, or those of another prompt, which is cached as a whole."""
        if (at, prompt) not in self._terms:
            size, tokens = (self.workload.prompt, self.workload.context) if prompt is None else (prompt, prompt)
            cached = self._cacheable(self.sheet.card(at), tokens)
            own_rate = f"cache_read:{self.kind}" in self.row_of(size, at).rates
            self._terms[at, prompt] = RequestsOnCard(self, size, cached, self.kind if own_rate else "")
        return self._terms[at, prompt]

    def sizes(self, queries: int) -> set[int]:
        """How many tokens of the context can be cached while so many queries come: one number, unless the terms of
        caching change among them."""
        work = self.workload
        changed = self.sheet.changes(work.start, work.start + work.span(queries), of_rates=True)
        return {self.cached, *(self._cacheable(card, work.context) for card in changed)}

    @property
    def stored(self) -> Stored:
        assert self.card.caching.stored is not None
        return self.card.caching.stored

    @property
    def billed_per(self) -> str:
        """`second`, `minute` or `hour`: the units in which rent is paid once they have begun."""
        return self.assumptions.billed_per or self.stored.billed_per

    @property
    def creation(self) -> str:
        """How a creation is billed: `input`, `rate` or `free`."""
        return self.assumptions.creation or self.stored.creation


class RequestsOnCard(NamedTuple):
    """Requests of a plan while one rate card is in force: of their `prompt` so many tokens can be `cached`. `read_as`:
    the kind of cache whose reads are billed, where the card has a read rate for that kind."""

    plan: Plan
    prompt: int
    cached: int
    read_as: str

    def request(self, read: int) -> Usage:
        """One query that reads so many of the tokens that can be cached, and writes the others where that is due."""
        written = self.cached - read if self.plan.kind == WRITTEN else 0
        return self.reading(read, self.prompt - read - written, self.plan.workload.answer, written)

    def reading(self, tokens: int, plain: int = 0, answer: int = 0, written: int = 0) -> Usage:
        """A request that reads so many tokens of this kind's cache and writes so many."""
        plan = self.plan
        return plan.sheet.meter.request(plain, answer, self.read_as, tokens, plan.entry, written)


class Met(NamedTuple):
    """How many queries `missed` their entry, `read` it or were sent `plain` beside it, and how many pings read it, and
    wrote it since it was lost."""

    missed: Count = 0
    read: Count = 0
    plain: Count = 0
    ping_reads: Count = 0
    ping_writes: Count = 0

    def plus(self, other: Met, times: Count = 1) -> Met:
        """This, and so many times the other."""
        return Met(*[mine + times * theirs if theirs else mine for mine, theirs in zip(self, other, strict=True)])


class Later(NamedTuple):
    """What a later query meets on average, its pings among it. Of the misses, `late` came after the TTL and `lost` met
    an evicted entry. `basis`: by closed form or by simulation; None where queries were counted."""

    met: Met
    late: Count = 0
    lost: Count = 0
    basis: str | None = None
