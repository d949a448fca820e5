"""A stored cache turned into requests: created, read while it stands, and rented by the token-hour.

Under an idle time-out (`stored:15m`) it is deleted when nobody read it for so long, and the query that returns creates
it again; it stands for the time-out after the last query too.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from . import money
from .assumptions import PER
from .errors import BadWorkload, NoClosedForm
from .expected import dealt
from .usage import Batch, Usage

if TYPE_CHECKING:
    from .strategy import Plan

MOST = 1_000_000
"""Most stands of a cache that are billed one by one."""
_MICROSECOND = timedelta(microseconds=1)
_HOUR = 3_600_000_000
_ONE_TOKEN_HOUR = Usage(storage=1)


def batches(plan: Plan, queries: int) -> Iterator[Batch]:
    """A cache that stands from the first query until its hold is over; later queries are sent plain."""
    work, reads_first = plan.workload, plan.assumptions.first_query == "reads"
    if plan.creation != "free" and reads_first:
        yield Batch(plan.creating(), 1, work.start, plan.cached)
    standing = work.up_to(queries, plan.hold(queries))
    creating = 0 if reads_first else min(1, queries)
    for usage, first, last in (
        (plan.plain_request, 0, creating),
        (plan.read_request, creating, standing),
        (plan.plain_request, max(standing, creating), queries),
    ):
        if last > first:
            yield from dealt(plan, usage, queries, first, last, 1)
    yield from rent(plan, queries)


def rent(plan: Plan, queries: int) -> Iterator[Batch]:
    """Token-hours of a stored cache, one batch for every stretch of constant rates."""
    yield from _rented(plan, plan.workload.start, plan.billed(queries), plan.stretches.starts(plan.billed(queries)))


def _rented(plan: Plan, begin: datetime, length: timedelta, starts: list[datetime]) -> Iterator[Batch]:
    """Token-hours of one stand by the stretches that it reaches into."""
    end = begin + length
    for start, stop in zip(starts, [*starts[1:], max(end, starts[-1])], strict=True):
        since, until = max(start, begin), min(stop, end)
        if until > since:
            yield Batch(_ONE_TOKEN_HOUR, _token_hours(plan, until - since), start, plan.cached)


def _token_hours(plan: Plan, length: timedelta) -> Fraction:
    return Fraction(plan.cached * (length // _MICROSECOND), _HOUR)


def idle_batches(plan: Plan, queries: int) -> Iterator[Batch]:
    """A cache that is deleted when idle: `again` of the later queries create it anew."""
    again, _, _ = anew(plan, queries)
    if plan.assumptions.first_query == "creates":
        yield from dealt(plan, plan.plain_request, queries, 0, 1, 1)
        if again:
            yield from dealt(plan, plan.plain_request, queries, 1, queries, again)
        if again != 1 and queries > 1:
            yield from dealt(plan, plan.read_request, queries, 1, queries, money.rest(again))
    else:
        if plan.creation != "free":
            yield Batch(plan.creating(), 1, plan.workload.start, plan.cached)
            for start, count in plan.stretches.spread(queries, 1, queries) if again else ():
                yield Batch(plan.creating(), money.by(count, again), start, plan.cached)
        yield from dealt(plan, plan.read_request, queries, 0, queries, 1)
    yield from _idle_rent(plan, queries)


def anew(plan: Plan, queries: int) -> tuple[money.Number, Fraction, str | None]:
    """Share of the later queries that find the cache deleted, mean hours for which it stood before each of them, and
    how both are known."""
    assert plan.idle is not None
    if queries < 2:
        return 0, Fraction(0), None
    law = plan.workload.gaps(queries)
    try:
        return money.settled(law.longer(plan.idle)), law.idle(plan.idle), law.told
    except NoClosedForm:
        from . import sampling

        return sampling.anew(plan, queries)


def _idle_rent(plan: Plan, queries: int) -> Iterator[Batch]:
    work, idle = plan.workload, plan.idle
    assert idle is not None
    starts = plan.stretches.starts(work.span(queries) + idle)
    _, mean, told = anew(plan, queries)
    if told is None and (len(starts) > 1 or PER[plan.billed_per] != PER["second"]):
        yield from _each_stand(plan, queries, starts)
        return
    if told is not None and PER[plan.billed_per] != PER["second"]:
        raise BadWorkload(
            "billed_per: rent by started minutes or hours is known here only where instants are; give every or times"
        )
    for start, count in plan.stretches.spread(queries, 0, queries - 1) if queries > 1 else ():
        yield Batch(_ONE_TOKEN_HOUR, mean * plan.cached * count, start, plan.cached)
    last = plan.stretches.at(work.span(queries))
    yield Batch(_ONE_TOKEN_HOUR, _token_hours(plan, idle), last, plan.cached)


def _each_stand(plan: Plan, queries: int, starts: list[datetime]) -> Iterator[Batch]:
    """Rent stand by stand, each paid in started units, at the rates of its own instants."""
    unit = PER[plan.billed_per]
    for begin, length in stands(plan, queries):
        billed = length if unit == PER["second"] else -(-length // unit) * unit
        yield from _rented(plan, begin, billed, starts)


def stands(plan: Plan, queries: int) -> Iterator[tuple[datetime, timedelta]]:
    """Since when and for how long the cache stands, each time that it does."""
    work, idle = plan.workload, plan.idle
    assert idle is not None
    if queries > MOST:
        raise BadWorkload(f"queries: {queries:,} stands of a cache are too many to tell apart; expected {MOST:,}")
    begin = last = timedelta(0)
    for k in range(1, queries):
        at = work.at(k, queries)
        if at - last > idle:
            yield work.start + begin, last + idle - begin
            begin = at
        last = at
    yield work.start + begin, last + idle - begin
