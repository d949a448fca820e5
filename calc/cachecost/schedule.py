"""Queries at given instants: hits and misses told one by one, each at the rates of its own instant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from . import keepalive, money
from .usage import Batch

if TYPE_CHECKING:
    from .strategy import Plan


def bursts(queries: int, size: int, apart: timedelta) -> tuple[timedelta, ...]:
    """When so many queries come in bursts of `size` at once, a time `apart`; the last burst may be smaller."""
    return tuple(apart * (k // size) for k in range(queries))


def batches(plan: Plan, queries: int) -> Iterator[Batch]:
    """A written cache under the workload's own times: a query later than the TTL writes anew, the others read."""
    work, share = plan.workload, plan.assumptions.hit_share
    times, ttl = work.times[:queries], plan.ttl
    assert ttl is not None
    reads: Counter[datetime] = Counter()
    writes: Counter[datetime] = Counter()
    pings: Counter[datetime] = Counter()
    starts = plan.epochs(work.span(queries))
    epoch, touched = 0, times[0]
    for k, after in enumerate(times):
        while epoch + 1 < len(starts) and work.start + after >= starts[epoch + 1]:
            epoch += 1
        at = starts[epoch]
        hit = k > 0 and (after - touched <= ttl or plan.pinged)
        if not hit or plan.refresh:
            touched = after
        reads[at] += hit
        writes[at] += not hit
        if hit and plan.pinged:
            pings[at] += keepalive.pings(after - times[k - 1], ttl)
    missed = money.subtract(Decimal(1), share)
    for at in starts:
        rewritten = money.by(reads[at], missed)
        if writes[at] or rewritten:
            yield Batch(plan.write_request, money.plus(writes[at], rewritten), at, work.prompt)
        if reads[at] and share:
            yield Batch(plan.read_request, money.by(reads[at], share), at, work.prompt)
        if pings[at]:
            yield Batch(plan.reading(plan.cached), pings[at], at, work.prompt)
