"""What the vendors leave open, or the asker knows better."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from ..errors import BadWorkload
from ..money import Number
from ..prices.card import STANDARD
from ..selfhosted.serving import AS_ON_PAGES, Serving
from ..workload.series import LONGEST
from ..workload.workload import MAX_QUERIES

PER = {"second": timedelta(seconds=1), "minute": timedelta(minutes=1), "hour": timedelta(hours=1)}


@dataclass(frozen=True)
class Assumptions:
    """What the vendors leave open, or the asker knows better; None takes what the rate card says.

    `hit_share`: share of later queries that hit, 0..1, where time alone lets them (default 1).
    `hold`: how long a stored cache exists (default: the span of the workload, at least the default TTL).
    `creation`: `input` or `free`. `first_query`: `reads` a cache created before it, or itself `creates` it.
    `billed_per`: rent by started `second`, `minute` or `hour`. `generation`: how long an answer takes, which is taken
    off the TTL where the vendor counts it from the start of the request. `pings`: the most pings of a kept-alive entry
    after a query, after which it dies (default: no end of them). `eviction`: entries that are lost before their time.
    `serving`: how deployments serve.
    """

    hit_share: Number = 1
    hold: timedelta | None = None
    creation: str | None = None
    first_query: str = "reads"
    billed_per: str | None = None
    service: str = STANDARD
    region: str | None = None
    thinking: bool = False
    generation: timedelta = timedelta(0)
    pings: int | None = None
    eviction: Eviction | None = None
    serving: Serving = AS_ON_PAGES

    def __post_init__(self) -> None:
        if not 0 <= self.hit_share <= 1:
            raise BadWorkload(f"expected a share from 0 to 1, not {self.hit_share}", word="hit_share")
        if self.hold is not None and not timedelta(0) <= self.hold <= LONGEST:
            raise BadWorkload(f"expected a duration of 0 to {LONGEST.days:,} days", word="hold")
        if not timedelta(0) <= self.generation <= LONGEST:
            raise BadWorkload("expected a duration of 0 or more", word="generation")
        if self.pings is not None and not 0 <= self.pings <= MAX_QUERIES:
            raise BadWorkload(f"expected 0 to {MAX_QUERIES:,}, not {self.pings:,}", word="pings")
        if self.eviction is not None:
            checked(self.eviction)
        for name, value, known in (
            ("creation", self.creation, ("input", "free", None)),
            ("first_query", self.first_query, ("reads", "creates")),
            ("billed_per", self.billed_per, (*PER, None)),
        ):
            if value not in known:
                raise BadWorkload(f"expected {' or '.join(k for k in known if k)}, not {value!r}", word=name)


class Eviction(NamedTuple):
    """`steps`: idle times, rising, and the share of entries lost that were idle longer than this, up to the next step;
    the last one holds from there on. `name` as it was asked for; a preset has a `source` and the day it was `seen`."""

    name: str
    steps: tuple[tuple[timedelta, Fraction], ...]
    source: str = ""
    seen: date | None = None

    def at(self, idle: timedelta) -> Fraction:
        """Share lost of the entries that were idle for exactly so long."""
        return next((share for begin, share in reversed(self.steps) if idle > begin), Fraction(0))

    def lost(self, longer: Callable[[timedelta], Fraction], ttl: timedelta | None) -> Fraction:
        """Expected share of the queries in time whose entry is lost, where this share of pauses is `longer`: each step
        adds what it loses more than the one before, of all longer pauses but those beyond the TTL."""
        total = share = Fraction(0)
        for begin, more in self.steps:
            if ttl is None or begin < ttl:
                total += (more - share) * longer(begin)
                share = more
        return total if ttl is None else total - share * longer(ttl)


def checked(eviction: Eviction) -> Eviction:
    """The same, or BadWorkload where its steps do not rise or its shares are none."""
    if not eviction.steps or any(later <= earlier for (earlier, _), (later, _) in pairwise(eviction.steps)):
        raise BadWorkload("expected steps of rising idle times, such as 10m:8%,20m:13%", word="eviction")
    if any(not 0 <= share <= 1 for _, share in eviction.steps):
        raise BadWorkload("expected shares from 0 to 1, such as 10m:8%,20m:13%", word="eviction")
    return eviction
