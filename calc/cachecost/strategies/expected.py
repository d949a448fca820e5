"""Queries by the stretch of constant rates in which they come: those that find their entry, write it anew or leave it
alone, and pings.

How many do what is told up to an instant, and a stretch has what was done up to its end less what was done up to its
beginning. Queries at even gaps are counted; of a law these are means, by closed form, or by simulation where none is
known. Inside office hours a law's queries are dealt to the instants at which they are expected.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from .. import money
from ..errors import NoClosedForm
from ..prices.usage import Batch
from ..workload.gaps import below
from ..workload.instants import _HOUR, _NOW, RUNGS
from ..workload.workload import EVEN, POISSON, Workload
from . import hits

if TYPE_CHECKING:
    from ..workload.instants import Part
    from .plan import Plan

_NONE = Fraction(0)
_MICROSECOND = timedelta(microseconds=1)
Count = Fraction | int
AS_EXPECTED = "closed form, priced when queries are expected"


class Met(NamedTuple):
    """How many queries `missed`, `read` or were sent `plain`, and how many pings read and wrote."""

    missed: Count = 0
    read: Count = 0
    plain: Count = 0
    ping_reads: Count = 0
    ping_writes: Count = 0

    def more(self, found: hits.Later, queries: Count) -> Met:
        """This, and what so many later queries meet."""
        each = (found.missed, found.read, found.plain, found.ping_reads, found.ping_writes)
        return Met(*(mine + queries * Fraction(share) for mine, share in zip(self, each, strict=True)))

    def less(self, other: Met) -> Met:
        return Met(*(mine - theirs for mine, theirs in zip(self, other, strict=True)))


Until = Callable[[timedelta | None], Met]
"""What was met earlier than a time after the start; None is for ever."""


def plain(plan: Plan, queries: int) -> Iterator[Batch]:
    """So many queries that cache nothing."""
    for start, count in come(plan, queries):
        yield Batch(plan.plain_request, number(count), start, plan.workload.prompt)


def batches(plan: Plan, queries: int) -> Iterator[Batch]:
    """So many queries of a plan, stretch by stretch."""
    if plan.workload.arrivals == EVEN:
        yield from _even(plan, queries)
        return
    for start, met in _met(plan, queries):
        yield from as_met(plan, start, met)


def as_met(plan: Plan, start: datetime, met: Met) -> Iterator[Batch]:
    """The requests of one stretch."""
    terms, prompt = plan.terms(start), plan.workload.prompt
    found = [(terms.missed, met.missed), (terms.read, met.read), (plan.plain_request, met.plain)]
    if plan.seen_twice:
        found.insert(0, found.pop())
    for usage, count in found:
        if count:
            yield Batch(usage, number(count), start, prompt)
    if met.ping_reads and terms.cached:
        yield Batch(terms.reading(terms.cached), number(met.ping_reads), start, terms.cached)
    if met.ping_writes and terms.cached:
        yield Batch(terms.reading(0, written=terms.cached), number(met.ping_writes), start, terms.cached)


def number(count: Count) -> money.Number:
    """A count of queries: whole, or with all its digits where these end."""
    return int(count) if count.denominator == 1 else money.settled(Fraction(count))


def come(plan: Plan, queries: int) -> Iterator[tuple[datetime, Count]]:
    """How many of so many queries come in stretches of the same rates, by the start of the first of these."""
    if by_law(plan.workload, queries):
        for start, part in _parts(plan, queries):
            yield start, part.first + part.later
        return
    found = arrived(plan, queries)
    for start, met in _parted(plan, reach(plan, queries), lambda before: Met(sum(found(before)))):
        yield start, met.missed


def by_law(work: Workload, queries: int) -> bool:
    """Whether queries come by a law of which the mean number up to any instant is known."""
    if work.office or work.arrivals == EVEN:
        return False
    from ..workload import instants

    return work.arrivals != POISSON or 1 < queries <= instants.MOST


def reach(plan: Plan, queries: int) -> timedelta:
    """By when all of so many queries have come."""
    work = plan.workload
    if not by_law(work, queries):
        return work.span(queries)
    from ..workload import instants

    return instants.reach(work, queries)


def arrived(plan: Plan, queries: int) -> Callable[[timedelta | None], tuple[Count, Count]]:
    """The chance that the first query has come earlier than a time after the start, and the mean number of later ones;
    None is for ever."""
    work = plan.workload
    if by_law(work, queries):
        from ..workload import instants

        return lambda before: (
            (Fraction(1), Fraction(queries - 1))
            if before is None
            else (
                Fraction(instants.first(work, queries, before)),
                Fraction(instants.later(work, queries, before)),
            )
        )

    def counted(before: timedelta | None) -> tuple[Count, Count]:
        done = queries if before is None else work.before(queries, work.start + before)
        return min(1, done), max(0, done - 1)

    return counted


def told(plan: Plan, queries: int) -> str | None:
    """How expected numbers are known; None where queries are counted one by one."""
    found = plan.later(queries).told
    if plan.workload.arrivals == EVEN or len(plan.stretches.starts(reach(plan, queries))) == 1:
        return found
    try:
        _check(plan, queries)
    except NoClosedForm:
        if not _dealt(plan, queries):
            return plan.simulated(queries).told
        return found and AS_EXPECTED
    return found


def _dealt(plan: Plan, queries: int) -> bool:
    """Whether a law's queries are dealt to the instants at which they are expected."""
    return plan.workload.office is not None or not by_law(plan.workload, queries)


def _met(plan: Plan, queries: int) -> Iterator[tuple[datetime, Met]]:
    work = plan.workload
    span = reach(plan, queries)
    if len(plan.stretches.starts(span)) == 1:
        yield work.start, _average(plan, queries)(None)
        return
    try:
        _check(plan, queries)
    except NoClosedForm:
        if _dealt(plan, queries):
            yield from _parted(plan, work.span(queries), _average(plan, queries))
        else:
            yield from plan.simulated(queries).stretches
        return
    for start, part in _parts(plan, queries):
        met = Met(plain=part.first) if plan.seen_twice else Met(missed=part.first)
        yield start, met.more(hits.later(plan, queries, part), queries - 1) if queries > 1 else met


def _parted(plan: Plan, span: timedelta, until: Until) -> Iterator[tuple[datetime, Met]]:
    """What is met in each stretch up to a time after the start."""
    starts, done = plan.stretches.starts(span), Met()
    everything = until(None)
    for start, end in pairwise([*starts, None]):
        assert start is not None
        now = until(end - plan.workload.start) if end else everything
        if now != done:
            yield start, now.less(done)
        if now == everything:
            return
        done = now


def _parts(plan: Plan, queries: int) -> Iterator[tuple[datetime, Part]]:
    """What a law says of all stretches of the same rates together, by the start of the first of them.

    A mean gap of weeks meets thousands of stretches but a handful of different rates, so each is priced once.
    """
    from ..workload import instants

    work, by = plan.workload, arrived(plan, queries)
    starts = plan.stretches.starts(reach(plan, queries))
    # No query comes in the stretches that begin after all have come.
    starts = starts[: bisect_left(starts, True, lo=1, key=lambda start: sum(by(start - work.start)) == queries)]
    ends = tuple(start - work.start for start in starts[1:])
    alike: dict[Hashable, list[int]] = {}
    for place, start in enumerate(starts):
        alike.setdefault(plan.stretches.rates(start), []).append(place)
    for places in alike.values():
        yield starts[places[0]], instants.Part(work, queries, ends, tuple(places))


def _average(plan: Plan, queries: int) -> Until:
    """The same share of the later queries at every instant."""
    by = arrived(plan, queries)

    def until(before: timedelta | None) -> Met:
        first, later = by(before)
        met = Met(plain=first) if plan.seen_twice else Met(missed=first)
        return met.more(plan.later(queries), later) if later else met

    return until


def _check(plan: Plan, queries: int) -> None:
    """NoClosedForm where means up to an instant are not known, as where terms of caching change."""
    if not by_law(plan.workload, queries) or len(plan.sizes(queries)) > 1:
        raise NoClosedForm("no closed form is known for what is met in a stretch of rates", word="arrivals")

    check(plan)


def _even(plan: Plan, queries: int) -> Iterator[Batch]:
    """Queries at even gaps, counted: all that can find an entry do so with the same chance. Where terms change, the
    next query reads what was cached under the old ones and is still cached under the new, and writes the rest."""
    work = plan.workload
    can, share = _finders(plan, queries)
    sent, dropped = pings(plan, queries)
    stood = done = 0
    for start, end in pairwise([*plan.stretches.starts(work.span(queries)), None]):
        assert start is not None
        terms, come = plan.terms(start), queries if end is None else work.before(queries, end)
        read = (can(come) - can(done)) * share
        since = (
            start if stood or not plan.pinged or done == queries else max(start, work.start + work.at(done, queries))
        )
        if come > done:
            grown = (can(done + 1) - can(done)) * share if stood < terms.cached else 0
            if grown and stood:
                yield Batch(terms.request(stood), number(grown), start, work.prompt)
            never = plan.seen_twice and (queries < 2 or bool(plan.later(queries).late))
            plain = come - done if never else int(plan.seen_twice and not done)
            missed = come - done - read - plain + (grown if not stood else 0)
            yield from as_met(plan, start, Met(missed, read - grown, plain))
            stood, done = terms.cached, come
        if terms.cached and stood and (count := sent(end) - sent(since)):
            yield from as_met(plan, start, Met(ping_reads=count * (1 - dropped), ping_writes=count * dropped))


def _finders(plan: Plan, queries: int) -> tuple[Callable[[int], int], Count]:
    """How many of the first so many can find an entry, which is the same number of all; and how many of these do."""
    if queries < 2:
        return (lambda _: 0), 0
    asked, found, ttl, gap = plan.assumptions, plan.later(queries), plan.ttl, plan.workload.step(queries)
    if plan.seen_twice:
        idle = timedelta(microseconds=-(-gap.numerator // gap.denominator))
        lost = asked.eviction.at(idle) if asked.eviction else _NONE
        return (lambda n: 0 if found.late else max(0, n - 2)), Fraction(asked.hit_share) * (1 - lost)
    if ttl is not None and not plan.refresh and not asked.eviction:
        cycle = int(ttl // _MICROSECOND // gap) + 1 if gap else queries
        return (lambda n: n - -(-n // cycle)), Fraction(asked.hit_share)
    return (lambda n: max(0, n - 1)), int(found.read) if found.read in (0, 1) else Fraction(found.read)


def pings(plan: Plan, queries: int) -> tuple[Callable[[datetime | None], int], Fraction]:
    """How many pings are sent earlier than an instant (None: in all), and the share that finds no entry. Those of a
    query all come before the next one."""
    work, ttl, eviction = plan.workload, plan.ttl, plan.assumptions.eviction
    if not plan.pinged or queries < 2 or not ttl:
        return (lambda _: 0), _NONE
    gap = work.step(queries)
    each = below(gap, ttl, ttl, plan.assumptions.pings)

    def until(instant: datetime | None) -> int:
        last = queries - 1 if instant is None else work.before(queries, instant) - 1
        if instant is None or not 0 <= last < queries - 1:
            return max(0, last) * each
        return last * each + below((instant - work.start) // _MICROSECOND - gap * last, ttl, ttl, each)

    return until, eviction.at(ttl) if eviction else _NONE


def check(plan: Plan) -> None:
    """NoClosedForm where it is not known what such a plan meets before an instant, or by too long a sum alone."""
    if plan.ttl is not None and not plan.refresh:
        raise NoClosedForm("no closed form is known where a read does not refresh the entry", word="arrivals")
    work = plan.workload
    if not plan.pinged or not plan.ttl or (plan.assumptions.pings or RUNGS) < RUNGS:
        return
    longest = 56 / work.rate * _HOUR if work.rate is not None else Fraction((work.over or _NOW) // _MICROSECOND)
    if longest / (plan.ttl // _MICROSECOND) > RUNGS:  # e^-56 is less than the last decimal that is kept
        raise NoClosedForm("pings after a query are too many to sum up", word="arrivals")
