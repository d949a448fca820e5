"""A stored cache turned into requests: created, read while it stands, and rented by the token-hour.

Under an idle time-out (`stored:15m`) it is deleted when no query read it for so long, and the next query creates it
again; it stands for the time-out after the last query too. A cache keeps the tokens that it was created with.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from .. import money
from ..errors import BadWorkload, NoClosedForm
from ..prices.usage import Batch, Usage
from ..units import HOUR, MICROSECOND, hours
from ..workload.arrivals import CLOSED
from ..workload.workload import EVEN
from .assumptions import PER
from .counts import Count
from .expected import AS_EXPECTED, arrivals, number, plain, reach
from .plan import Plan

MOST = 1_000_000
"""Most stands of a cache that are billed one by one."""
_NONE = Fraction(0)
_LONGEST_UNIT = Fraction(HOUR)
_ONE_TOKEN_HOUR = Usage(storage=1)


def batches(plan: Plan, queries: int) -> Iterator[Batch]:
    """A cache that stands from the start until its hold is over; later queries are sent plain."""
    reads_first = plan.assumptions.first_query == "reads"
    if plan.creation != "free" and reads_first:
        yield Batch(creating(plan), 1, plan.workload.start, plan.cached)
    length = hold(plan, queries)
    arrived, standing = arrivals(plan, queries), _standing(plan, queries, length)
    done: tuple[Count, Count] = (0, 0)
    for start, end in pairwise([*plan.stretches.starts(reach(plan, queries)), None]):
        assert start is not None
        first, later = arrived(end - plan.workload.start if end else None)
        read = min(later, standing[1]) + (min(first, standing[0]) if reads_first else 0)
        sent = first + later - read
        if sent > done[1] and not (reads_first or done[1]):
            yield from _sent(plan, sent - done[1], start)
            yield from _read(plan, read - done[0], start)
        else:
            yield from _read(plan, read - done[0], start)
            yield from _sent(plan, sent - done[1], start)
        if first + later == queries:
            break
        done = read, sent
    yield from rent(plan, length)


def rent(plan: Plan, length: Count) -> Iterator[Batch]:
    """Token-hours of a cache that stands once, for so many microseconds."""
    paid = billed(plan, length)
    return _Rent(plan, paid).of(0, paid, plan.cached)


def hold(plan: Plan, queries: int) -> Count:
    """Microseconds for which the cache stands."""
    if plan.assumptions.hold is not None:
        return plan.assumptions.hold // MICROSECOND
    return max(plan.workload.stay(queries), plan.stored.default_ttl // MICROSECOND)


def billed(plan: Plan, length: Count) -> Count:
    """Microseconds of rent for a cache that stands for so many: at least the TTL where that is billed."""
    if plan.stored.billed_for == "ttl":
        length = max(length, plan.stored.default_ttl // MICROSECOND)
    return _in_units(plan, length)


def _in_units(plan: Plan, length: Count) -> Count:
    """Microseconds of rent for so many: started minutes or hours count whole, seconds to the moment."""
    unit = PER[plan.billed_per] // MICROSECOND
    return length if plan.billed_per == "second" else -(-length // unit) * unit


def creating(plan: Plan, tokens: int | None = None) -> Usage:
    """The tokens of a creation, at the input rate where that is asked for and the card would bill it otherwise."""
    tokens = tokens or plan.cached
    otherwise = plan.stored.creation != "input" or "creation" in plan.row_of(tokens).rates
    return _created(tokens, as_input=plan.creation == "input" and otherwise)


@lru_cache(maxsize=1024)
def _created(tokens: int, *, as_input: bool) -> Usage:
    return Usage.created_as_input(tokens) if as_input else Usage(creation=tokens)


def _standing(plan: Plan, queries: int, length: Count) -> tuple[Count, Count]:
    """The chance that the first query comes while the cache stands, and how many later ones do."""
    if plan.workload.by_law(queries):
        return arrivals(plan, queries)(timedelta(microseconds=int(length)))
    standing = plan.workload.up_to(queries, length)
    return min(1, standing), max(0, standing - 1)


def outlived(plan: Plan, queries: int) -> Count:
    """How many queries come after the cache is gone."""
    return queries - sum(_standing(plan, queries, hold(plan, queries)))


def basis(plan: Plan, queries: int) -> str | None:
    """How expected numbers are known; None where queries are counted one by one."""
    one_rate = len(plan.stretches.starts(reach(plan, queries))) == 1
    if plan.idle is not None:
        found = recreations(plan, queries)[2]
        return found if plan.workload.by_law(queries) or one_rate else found and AS_EXPECTED
    if plan.workload.arrivals == EVEN or (one_rate and not outlived(plan, queries)):
        return None
    return CLOSED if plan.workload.by_law(queries) else AS_EXPECTED


def _reading(plan: Plan, start: datetime, tokens: int = 0) -> Usage:
    work, cached = plan.workload, tokens or plan.cached
    return plan.terms(start).reading(cached, plain=work.prompt - cached, answer=work.answer)


def _read(plan: Plan, count: Count, start: datetime) -> Iterator[Batch]:
    if count > 0:
        yield Batch(_reading(plan, start), number(count), start, plan.workload.prompt)


def _sent(plan: Plan, count: Count, start: datetime) -> Iterator[Batch]:
    if count > 0:
        yield Batch(plan.plain_request, number(count), start, plan.workload.prompt)


class _Rent:
    """Token-hours by the stretches of constant rates, up to so many microseconds after the start."""

    def __init__(self, plan: Plan, until: Count) -> None:
        self.starts = plan.stretches.starts(timedelta(microseconds=int(until)))
        self.edges = [(start - plan.workload.start) // MICROSECOND for start in self.starts]

    def of(self, since: Count, length: Count, tokens: int) -> Iterator[Batch]:
        """Of one stand that begins so many microseconds after the start."""
        until = since + length
        for place in range(bisect_right(self.edges, since) - 1, len(self.edges)):
            stop = min(until, self.edges[place + 1]) if place + 1 < len(self.edges) else until
            if (stands := stop - max(since, self.edges[place])) > 0:
                yield Batch(_ONE_TOKEN_HOUR, Fraction(stands * tokens, HOUR), self.starts[place], tokens)
            if stop == until:
                return


def idle_batches(plan: Plan, queries: int) -> Iterator[Batch]:
    """A cache that is deleted when idle: the queries that find it deleted create it again."""
    assert plan.idle is not None
    starts = plan.stretches.starts(reach(plan, queries) + plan.idle)
    law = recreations(plan, queries)[2]
    if law is not None and plan.billed_per != "second":
        raise BadWorkload(
            "rent by started minutes or hours is known here only where instants are; give every or times",
            word="billed_per",
        )
    if law is not None and not plan.cached:
        yield from plain(plan, queries)
        return
    if law is None and (len(starts) > 1 or plan.billed_per != "second"):
        yield from _each_stand(plan, queries)
        return
    creates, until, done = plan.assumptions.first_query == "creates", _until(plan, queries), _Idle()
    free, rents = creates or plan.creation == "free", []
    for start, end in pairwise([*starts, None]):
        assert start is not None
        now = until(end - plan.workload.start if end else None)
        come, created, stood = (mine - before for mine, before in zip(now, done, strict=True))
        if created and not free:
            yield Batch(creating(plan), number(created), start, plan.cached)
        yield from _sent(plan, created if creates else 0, start)
        yield from _read(plan, come - created if creates else come, start)
        rents.append(Batch(_ONE_TOKEN_HOUR, stood * plan.cached, start, plan.cached))
        done = now
    yield from (rent for rent in rents if rent.times)


class _Idle(NamedTuple):
    """Mean numbers of queries that came and of creations, and mean hours for which the cache stood."""

    come: Count = 0
    created: Count = 0
    stood: Fraction = _NONE


def _until(plan: Plan, queries: int) -> Callable[[timedelta | None], _Idle]:
    """The means up to a time after the start; None is for ever. Where a law's are not known, every later query has the
    same share."""
    law, idle, arrived = plan.workload.by_law(queries), plan.idle, arrivals(plan, queries)
    assert idle is not None
    again, mean, _ = recreations(plan, queries)

    def until(before: timedelta | None) -> _Idle:
        first, later = arrived(before)
        if before is not None and law:
            return _Idle(first + later, first + Fraction(law.later(before, idle)), law.standing(idle, before))
        after = hours(idle) if later == queries - 1 else _NONE
        return _Idle(first + later, first + later * Fraction(again), later * mean + after)

    return until


def _each_stand(plan: Plan, queries: int) -> Iterator[Batch]:
    """Query by query: each creates the cache where it finds none and the terms of its instant allow one."""
    work, idle = plan.workload, plan.idle
    assert idle is not None
    if queries > MOST:
        raise BadWorkload(
            f"{queries:,} stands of a cache are too many to tell apart; expected {MOST:,}", word="queries"
        )
    creates, free = plan.assumptions.first_query == "creates", plan.creation == "free"
    lasts = Fraction(idle // MICROSECOND)
    starts = plan.stretches.starts(work.span(queries))
    stands: list[tuple[Count, Count, int]] = []
    counts: dict[tuple[datetime, str, int], int] = {}
    place, size, begin, last = 0, 0, _NONE, _NONE
    for k in range(queries):
        at = work.moment(k, queries)
        while place + 1 < len(starts) and work.start + timedelta(microseconds=int(at)) >= starts[place + 1]:
            place += 1
        done = []
        if size and at - last > lasts:
            stands.append((begin, last + lasts - begin, size))
            size = 0
        if not size and (size := plan.terms(starts[place]).cached):
            begin = at
            done = ["plain"] if creates else ["read"] if free else ["creation", "read"]
        for what in done or ["read" if size else "plain"]:
            key = (starts[place], what, size if what != "plain" else 0)
            counts[key] = counts.get(key, 0) + 1
        last = at
    if size:
        stands.append((begin, last + lasts - begin, size))
    for (start, what, tokens), count in sorted(counts.items(), key=lambda each: (each[0][1] != "creation", each[0][0])):
        if what == "creation":
            yield Batch(creating(plan, tokens), count, start, tokens)
        else:
            usage = plan.plain_request if what == "plain" else _reading(plan, start, tokens)
            yield Batch(usage, count, start, work.prompt)
    rent = _Rent(plan, last + _in_units(plan, lasts) + _LONGEST_UNIT)
    for since, length, tokens in stands:
        yield from rent.of(since, _in_units(plan, length), tokens)


def recreations(plan: Plan, queries: int) -> tuple[money.Number, Fraction, str | None]:
    """Share of the later queries that find the cache deleted, mean hours for which it stood before each of them, and
    how both are known."""
    assert plan.idle is not None
    if queries < 2:
        return 0, Fraction(0), None
    law = plan.workload.law(queries)
    try:
        return money.settled(law.share_longer(plan.idle)), law.mean_hours_up_to(plan.idle), law.basis
    except NoClosedForm:
        from . import simulated

        return simulated.recreations(plan, queries)
