"""What the cache still has of a live session: which tokens of its last prompt, and for how long.

Every request of a session says what it read and wrote (or, where a vendor caches by itself, how long its prompt was).
A request that reads N tokens uses the first N of the prefix and starts their lives again; what was cached beyond them
belongs to a prompt that has changed, and is never read. What it writes follows, the longer life first, as Anthropic
asks: https://platform.claude.com/docs/en/build-with-claude/prompt-caching#mixing-different-ttls.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby, takewhile
from typing import NamedTuple

from .. import units
from ..errors import BadWorkload
from ..prices.caching import Automatic, Written, cacheable
from ..prices.card import RateCard
from ..prices.usage import Usage
from ..strategies.names import AUTOMATIC, FRESH, WRITTEN

COLD, WARM, UNKNOWN = "cold", "warm", "unknown"
NOW = timedelta(0)


class Call(NamedTuple):
    """One request of a session: its instant, with a zone, and what it used."""

    at: datetime
    usage: Usage


class CacheEntry(NamedTuple):
    """So many tokens of the prefix, behind those of the entries before it. Last used `at`, they can be read for `least`
    after that, and never after the `most`; None where that is not known. `ttl`: of written ones, empty where it is not
    known."""

    tokens: int
    at: datetime
    least: timedelta
    most: timedelta | None
    ttl: str = ""

    def lives(self, now: datetime) -> bool:
        """Whether it can certainly be read: a request exactly at the end of a life still hits, as in a replay."""
        return now - self.at <= self.least

    def may_live(self, now: datetime) -> bool:
        return self.most is None or now - self.at <= self.most


class Cache(NamedTuple):
    """The cached prefix of a session in order, the `strategy` by which its requests cache, and its last request."""

    entries: tuple[CacheEntry, ...]
    strategy: str
    last: Call

    @property
    def tokens(self) -> int:
        return sum(entry.tokens for entry in self.entries)

    def alive(self, now: datetime) -> int:
        """Tokens that the next request certainly finds. An entry behind a dead one is not found either, since a prefix
        is read from its beginning."""
        return sum(entry.tokens for entry in takewhile(lambda each: each.lives(now), self.entries))

    def possible(self, now: datetime) -> int:
        """The most tokens that it may find."""
        return sum(entry.tokens for entry in takewhile(lambda each: each.may_live(now), self.entries))

    def state(self, now: datetime) -> str:
        """`warm`, also where only the beginning is, `cold`, or `unknown` where the vendor does not say."""
        alive, possible = self.alive(now), self.possible(now)
        return COLD if not possible else WARM if alive == possible else UNKNOWN

    def time_left(self, now: datetime) -> timedelta | None:
        """How long the first of the entries that are alive still lives; None where none is."""
        living = takewhile(lambda each: each.lives(now), self.entries)
        return min((each.at + each.least - now for each in living), default=None)

    @property
    def longer(self) -> tuple[str, int]:
        """The life of the first entries where it is another than that of new ones, and their tokens."""
        ttl = self.strategy.partition(":")[2]
        first = self.entries[0].ttl if self.entries else ""
        if first in ("", ttl):
            return "", 0
        return first, sum(entry.tokens for entry in takewhile(lambda each: each.ttl == first, self.entries))


def cached(calls: Sequence[Call], card: RateCard) -> Cache:
    """What the requests of a session left in the cache, all of one model and in order. BadWorkload without any."""
    if not calls:
        raise BadWorkload("a session without a request; expected at least one")
    strategy, terms = _strategy(calls, card), card.caching
    entries: tuple[CacheEntry, ...] = ()
    if strategy == AUTOMATIC and terms.automatic:
        entries = tuple(_automatic(calls[-1], terms.automatic))
    elif strategy != FRESH and terms.written:
        for call in calls:
            writes = _writes(call.usage, terms.written).items()
            lives = ((tokens, ttl, units.duration(ttl)) for ttl, tokens in writes)
            written = (CacheEntry(tokens, call.at, life, life, ttl) for tokens, ttl, life in lives)
            entries = tuple(_joined((*_read(entries, call, terms.written), *written)))
    return Cache(entries, strategy, calls[-1])


def _strategy(calls: Sequence[Call], card: RateCard) -> str:
    """How a session caches: as its last write says, or by itself; `fresh` where nothing of it was cached."""
    written = card.caching.written
    if written:
        for call in reversed(calls):
            if ttls := list(_writes(call.usage, written)):
                return f"{WRITTEN}:{ttls[-1]}"
    if card.caching.automatic:
        return AUTOMATIC
    if written and any(call.usage.read for call in calls):
        return f"{WRITTEN}:{written.usual_ttl}"
    return FRESH


def _writes(usage: Usage, written: Written) -> dict[str, int]:
    """Tokens written by life, the longest first."""
    writes = {
        name.partition(":")[2] or written.usual_ttl: int(count)
        for name, count in usage.quantities
        if name.startswith("cache_write")
    }
    return dict(sorted(writes.items(), key=lambda each: units.duration(each[0]), reverse=True))


def _automatic(call: Call, terms: Automatic) -> Iterator[CacheEntry]:
    """The whole prompt of a request, where the vendor caches by itself."""
    if tokens := cacheable(terms, call.usage.prompt):
        life = terms.lifetime
        yield CacheEntry(tokens, call.at, *((life.least, life.most) if life else (NOW, None)))


def _read(entries: Sequence[CacheEntry], call: Call, written: Written) -> Iterator[CacheEntry]:
    """The entries that a request read, used anew where a read does that. What it read beyond all that is known was
    written before the part of the log that is known."""
    left = call.usage.read
    for entry in entries:
        if left > 0:
            yield entry._replace(tokens=min(left, entry.tokens), at=call.at if written.refresh else entry.at)
            left -= entry.tokens
    if left > 0:
        lives = sorted(map(units.duration, written.ttls))
        least = lives[0] if written.refresh else NOW
        yield CacheEntry(left, call.at, least, lives[-1], written.ttls[0] if len(lives) == 1 else "")


def _joined(entries: Iterable[CacheEntry]) -> Iterator[CacheEntry]:
    """Neighbours that were used at the same time and live as long as one entry: a long session has few entries."""
    for terms, alike in groupby(entries, key=lambda each: each[1:]):
        yield CacheEntry(sum(each.tokens for each in alike), *terms)
