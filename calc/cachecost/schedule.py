"""Queries at given instants: hits and misses told one by one, each at the rates of its own instant.

Where entries are lost before their time, or only a share of the queries hits, each query counts by its expectation.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from . import keepalive, money
from .usage import Batch

if TYPE_CHECKING:
    from .strategy import Plan


def bursts(queries: int, size: int, apart: timedelta) -> tuple[timedelta, ...]:
    """When so many queries come in bursts of `size` at once, a time `apart`; the last burst may be smaller."""
    return tuple(apart * (k // size) for k in range(queries))


class _Met(NamedTuple):
    """What one query met: `read`, `missed` or sent `plain`, and the pings before it that read and that wrote."""

    read: money.Number = 0
    missed: money.Number = 0
    plain: money.Number = 0
    ping_reads: money.Number = 0
    ping_writes: money.Number = 0


def batches(plan: Plan, queries: int) -> Iterator[Batch]:
    """A cache under the workload's own times, by the stretches of constant rates."""
    work = plan.workload
    times = work.times[:queries]
    starts = plan.stretches.starts(work.span(queries))
    sums: dict[datetime, list[money.Number]] = {at: [0] * len(_Met._fields) for at in starts}
    epoch = 0
    for after, met in zip(times, _met(plan, times), strict=True):
        while epoch + 1 < len(starts) and work.start + after >= starts[epoch + 1]:
            epoch += 1
        here = sums[starts[epoch]]
        for place, share in enumerate(met):
            if share:
                here[place] = money.plus(here[place], share)
    queried = (plan.read_request, plan.missed_request, plan.plain_request)
    usages = (*queried, plan.reading(plan.cached), plan.rewriting(plan.cached))
    for at, counts in sums.items():
        hits = money.by(counts[0], plan.assumptions.hit_share)
        counts[1] = money.plus(counts[1], money.plus(counts[0], money.by(hits, -1)))
        counts[0] = hits
        for usage, count in zip(usages, counts, strict=True):
            if count:
                yield Batch(usage, money.settled(count) if isinstance(count, Fraction) else count, at, work.prompt)


def _met(plan: Plan, times: tuple[timedelta, ...]) -> Iterator[_Met]:
    ttl = plan.ttl if plan.ttl is not None else timedelta.max
    first = _Met(plain=1) if plan.seen_twice else _Met(missed=1)
    yield first
    touched, written = times[0], not plan.seen_twice
    for before, after in pairwise(times):
        if plan.seen_twice:
            late = after - before > ttl
            yield _Met(plain=1) if late else _found(plan, after - before) if written else _Met(missed=1)
            written = not late
            continue
        if plan.pinged:
            yield _pinged(plan, after - before, ttl)
            continue
        late = after - touched > ttl
        touched = after if late or plan.refresh else touched
        yield _Met(missed=1) if late else _found(plan, after - before)


def _found(plan: Plan, idle: timedelta) -> _Met:
    """A query in time, whose entry may be lost for all that."""
    lost = plan.assumptions.eviction.at(idle) if plan.assumptions.eviction else 0
    return _Met(read=1 - lost, missed=lost) if lost else _Met(read=1)


def _pinged(plan: Plan, gap: timedelta, ttl: timedelta) -> _Met:
    """A query after the pings that keep its entry, or after the last that were allowed."""
    number = keepalive.pings(gap, ttl)
    if plan.assumptions.pings is not None:
        number = min(number, plan.assumptions.pings)
    idle = gap - ttl * number
    met = _Met(missed=1) if idle > ttl else _found(plan, idle)
    lost = plan.assumptions.eviction.at(ttl) if plan.assumptions.eviction else 0
    return met._replace(ping_reads=number * (1 - lost), ping_writes=number * lost)
