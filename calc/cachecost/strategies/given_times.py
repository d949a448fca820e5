"""Queries at given instants: hits and misses counted one by one, each query and ping at the rates of its instant.

Where entries are lost before their time, or only a share of the queries hits, each query counts by its expectation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction

from ..prices.usage import Batch
from ..workload.arrivals import NOW
from .counts import Met
from .expected import as_met, number
from .plan import Plan

_PLAIN, _MISSED = -1, 0
"""Instead of the tokens that a query finds cached: it leaves the cache alone, or it finds nothing."""


def batches(plan: Plan, queries: int) -> Iterator[Batch]:
    """A cache under the workload's own times, by the stretches of constant rates."""
    work, eviction = plan.workload, plan.assumptions.eviction
    starts = plan.stretches.starts(work.span(queries))
    walk = _Walk(plan, [start - work.start for start in starts[1:]], [plan.terms(start).cached for start in starts])
    found = Counter(walk.queries(work.times[:queries]))
    reads: dict[int, dict[int, Fraction]] = {place: {} for place in range(len(starts))}
    missed, plain = [Fraction(0)] * len(starts), [Fraction(0)] * len(starts)
    for (place, tokens, idle), count in found.items():
        if tokens == _PLAIN:
            plain[place] += count
            continue
        alive = count * Fraction(plan.assumptions.hit_share) if tokens else Fraction(0)
        alive *= 1 - (eviction.at(idle) if eviction and idle else 0)
        missed[place] += count - alive
        reads[place][tokens] = reads[place].get(tokens, Fraction(0)) + alive
    for place, start in enumerate(starts):
        terms, pings = plan.terms(start), walk.pings[place]
        whole = reads[place].pop(terms.cached, Fraction(0))
        yield from as_met(plan, start, Met(missed[place], whole, plain[place], *plan.by_effect(pings)))
        for tokens, reading in reads[place].items():
            if reading:
                yield Batch(terms.request(tokens), number(reading), start, work.prompt)


class _Walk:
    """The queries one after another, under stretches that end at `ends` and in which so much can be `cached`."""

    def __init__(self, plan: Plan, ends: list[timedelta], cached: list[int]) -> None:
        self.plan, self.ends, self.cached = plan, ends, cached
        self.pings = [0] * len(cached)

    def queries(self, times: tuple[timedelta, ...]) -> Iterator[tuple[int, int, timedelta | None]]:
        """Of each query the stretch in which it comes, the tokens that it finds cached, and how long they were idle
        where that tells."""
        plan, ttl = self.plan, self.plan.ttl if self.plan.ttl is not None else timedelta.max
        timed = plan.assumptions.eviction is not None
        place, before, touched, twice = 0, 0, times[0], False
        last = None
        for after in times:
            was = place
            while place < len(self.ends) and after >= self.ends[place]:
                place += 1
            idle = after - last if last is not None else NOW
            if plan.pinged and before:
                idle -= ttl * self._ping(last or NOW, idle, was)
            late = (idle if plan.refresh else after - touched) > ttl
            found = min(before, self.cached[place]) if not late else _MISSED
            if plan.seen_twice:
                seen, twice = twice, last is not None and not late
                found = found if seen and twice else _MISSED if twice else _PLAIN
            if found == _MISSED or plan.refresh:
                touched = after
            last, before = after, self.cached[place]
            yield place, found, idle if timed else None

    def _ping(self, since: timedelta, gap: timedelta, place: int) -> int:
        """How many pings follow a query, each counted in its own stretch."""
        ttl, most = self.plan.ttl, self.plan.assumptions.pings
        assert ttl is not None
        number = max(0, -(gap // -ttl) - 1)  # the query itself is the last read of the gap
        number = number if most is None else min(number, most)
        sent = 0
        while sent < number:
            by = number
            if place < len(self.ends):
                by = min(number, max(sent, -((since - self.ends[place]) // ttl) - 1))
            self.pings[place] += by - sent
            sent, place = by, place + 1
        return number
