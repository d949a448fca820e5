"""What the vendors leave open, or the asker knows better."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from .errors import BadWorkload
from .eviction import Eviction, checked
from .money import Number
from .sheet import STANDARD
from .workload import LONGEST, MAX_QUERIES

PER = {"second": timedelta(seconds=1), "minute": timedelta(minutes=1), "hour": timedelta(hours=1)}


@dataclass(frozen=True)
class Assumptions:
    """What the vendors leave open, or the asker knows better; None takes what the rate card says.

    `hit_share`: share of later queries that hit, 0..1, where time alone lets them (default 1).
    `hold`: how long a stored cache stands (default: the span of the workload, at least the default TTL).
    `creation`: `input` or `free`. `first_query`: `reads` a cache created before it, or itself `creates` it.
    `billed_per`: rent by started `second`, `minute` or `hour`. `generation`: how long an answer takes, which is taken
    off the TTL where the vendor counts it from the start of the request. `pings`: the most pings of a kept-alive entry
    after a query, after which it dies (default: no end of them). `eviction`: entries that are lost before their time.
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

    def __post_init__(self) -> None:
        if not 0 <= self.hit_share <= 1:
            raise BadWorkload(f"hit_share: expected a share from 0 to 1, not {self.hit_share}")
        if self.hold is not None and not timedelta(0) <= self.hold <= LONGEST:
            raise BadWorkload(f"hold: expected a duration of 0 to {LONGEST.days:,} days")
        if not timedelta(0) <= self.generation <= LONGEST:
            raise BadWorkload("generation: expected a duration of 0 or more")
        if self.pings is not None and not 0 <= self.pings <= MAX_QUERIES:
            raise BadWorkload(f"pings: expected 0 to {MAX_QUERIES:,}, not {self.pings:,}")
        if self.eviction is not None:
            checked(self.eviction)
        for name, value, known in (
            ("creation", self.creation, ("input", "free", None)),
            ("first_query", self.first_query, ("reads", "creates")),
            ("billed_per", self.billed_per, (*PER, None)),
        ):
            if value not in known:
                raise BadWorkload(f"{name}: expected {' or '.join(k for k in known if k)}, not {value!r}")
