"""Queries by the stretch of constant rates in which they come: those that read their entry, write it again or leave it
alone, and pings.

How many do what is known up to an instant, and a stretch has what was done up to its end less what was done up to its
beginning. Queries at even gaps are counted; of a law these are means, by closed form, or by simulation where none is
known. Inside office hours a law's queries are dealt to the instants at which they are expected.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from .. import money
from ..prices.usage import Batch
from ..units import HOUR, MICROSECOND
from ..workload.arrivals import NOW, below
from ..workload.within import RandomLaw, Within
from ..workload.workload import EVEN
from .counts import Count, Met, Simulated
from .outcomes import later, later_of
from .plan import Plan

AS_EXPECTED = "closed form, priced when queries are expected"
MOST_PINGS = 1_000
"""Most pings after a query whose instants are summed up."""
_NONE = Fraction(0)
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
    if len(plan.stretches.starts(reach(plan, queries))) == 1:
        yield plan.workload.start, queries
        return
    if law := plan.workload.by_law(queries):
        for start, within in _same_rates(plan, law):
            yield start, within.first + within.later
        return
    arrived = arrivals(plan, queries)
    for start, met in _by_stretch(plan, reach(plan, queries), lambda before: Met(sum(arrived(before)))):
        yield start, met.missed


def reach(plan: Plan, queries: int) -> timedelta:
    """By when all of so many queries have come."""
    law = plan.workload.by_law(queries)
    return law.reach() if law else plan.workload.span(queries)


def arrivals(plan: Plan, queries: int) -> Callable[[timedelta | None], tuple[Count, Count]]:
    """The chance that the first query has come earlier than a time after the start, and the mean number of later ones;
    None is for ever."""
    work, law = plan.workload, plan.workload.by_law(queries)

    def arrived(before: timedelta | None) -> tuple[Count, Count]:
        if before is not None and law:
            return Fraction(law.first(before)), Fraction(law.later(before))
        done = queries if before is None else work.before(queries, work.start + before)
        return min(1, done), max(0, done - 1)

    return arrived


def basis(plan: Plan, queries: int) -> str | None:
    """How expected numbers are known; None where queries are counted one by one."""
    found = later(plan, queries).basis
    if (
        plan.workload.arrivals == EVEN
        or len(plan.stretches.starts(reach(plan, queries))) == 1
        or _in_parts(plan, queries)
    ):
        return found
    return found and AS_EXPECTED if plan.workload.by_law(queries) is None else _simulated(plan, queries).basis


def _met(plan: Plan, queries: int) -> Iterator[tuple[datetime, Met]]:
    """What the queries of a law meet: by stretches of the same rates where the law knows their means; by simulation
    where it does not; and all alike, at the instants at which they are expected, where it knows no instants."""
    work, law = plan.workload, plan.workload.by_law(queries)
    if len(plan.stretches.starts(reach(plan, queries))) == 1:
        yield work.start, _alike(plan, queries)(None)
    elif law is None:
        yield from _by_stretch(plan, work.span(queries), _alike(plan, queries))
    elif _in_parts(plan, queries):
        for start, within in _same_rates(plan, law):
            met = Met(plain=within.first) if plan.seen_twice else Met(missed=within.first)
            yield start, met.more(later_of(plan, queries, within), queries - 1) if queries > 1 else met
    else:
        yield from _simulated(plan, queries).stretches


def _simulated(plan: Plan, queries: int) -> Simulated:
    """What so many queries that come by a law meet in each stretch, where no closed form is known."""
    from . import simulated

    return plan.once("simulated", queries, lambda: simulated.stretched(plan, queries))


def _by_stretch(plan: Plan, span: timedelta, until: Until) -> Iterator[tuple[datetime, Met]]:
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


def _same_rates(plan: Plan, law: RandomLaw) -> Iterator[tuple[datetime, Within]]:
    """What a law says of all stretches of the same rates together, by the start of the first of them.

    A mean gap of weeks meets thousands of stretches but a handful of different rates, so each is priced once.
    """
    begin, arrived = plan.workload.start, arrivals(plan, law.queries)
    starts = plan.stretches.starts(law.reach())
    # No query comes in the stretches that begin after all have come.
    starts = starts[: bisect_left(starts, True, lo=1, key=lambda start: sum(arrived(start - begin)) == law.queries)]
    ends = tuple(start - begin for start in starts[1:])
    alike: dict[Hashable, list[int]] = {}
    for place, start in enumerate(starts):
        alike.setdefault(plan.stretches.rates(start), []).append(place)
    for places in alike.values():
        yield starts[places[0]], Within(law, ends, tuple(places))


def _alike(plan: Plan, queries: int) -> Until:
    """The same share of the later queries at every instant."""
    arrived = arrivals(plan, queries)

    def until(before: timedelta | None) -> Met:
        first, rest = arrived(before)
        met = Met(plain=first) if plan.seen_twice else Met(missed=first)
        return met.more(later(plan, queries), rest) if rest else met

    return until


def _in_parts(plan: Plan, queries: int) -> bool:
    """Whether it is known what the plan meets before an instant: not where terms of caching change or a read does not
    refresh, nor where pings after a query are too many to sum up."""
    work, ttl = plan.workload, plan.ttl
    if not work.by_law(queries) or len(plan.sizes(queries)) > 1 or (ttl is not None and not plan.refresh):
        return False
    if not plan.pinged or not ttl or (plan.assumptions.pings or MOST_PINGS) < MOST_PINGS:
        return True
    # e^-56 is less than the last decimal that is kept.
    longest = 56 / work.rate * HOUR if work.rate is not None else Fraction((work.over or NOW) // MICROSECOND)
    return longest / (ttl // MICROSECOND) <= MOST_PINGS


def _even(plan: Plan, queries: int) -> Iterator[Batch]:
    """Queries at even gaps, counted: all that can find an entry do so with the same chance. Where terms change, the
    next query reads what was cached under the old ones and is still cached under the new, and writes the rest."""
    work = plan.workload
    can, share = _readers(plan, queries)
    sent = pings_before(plan, queries)
    never = plan.seen_twice and (queries < 2 or bool(later(plan, queries).late))
    cached_before = done = 0
    for start, end in pairwise([*plan.stretches.starts(work.span(queries)), None]):
        assert start is not None
        terms, come = plan.terms(start), queries if end is None else work.before(queries, end)
        since = start
        if plan.pinged and not cached_before and done < queries:  # no ping before the first query of all
            since = max(start, work.start + work.at(done, queries))
        if come > done:
            read = (can(come) - can(done)) * share
            # The first query of the stretch reads only what was cached before it, and writes what else can be.
            grown = (can(done + 1) - can(done)) * share if cached_before < terms.cached else 0
            if grown and cached_before:
                yield Batch(terms.request(cached_before), number(grown), start, work.prompt)
            plain = come - done if never else int(plan.seen_twice and not done)
            missed = come - done - read - plain + (0 if cached_before else grown)
            yield from as_met(plan, start, Met(missed, read - grown, plain))
            cached_before, done = terms.cached, come
        if terms.cached and cached_before and (count := sent(end) - sent(since)):
            yield from as_met(plan, start, Met(0, 0, 0, *plan.by_effect(count)))


def _readers(plan: Plan, queries: int) -> tuple[Callable[[int], int], Count]:
    """How many of the first so many can find an entry, which is the same number of all; and how many of these do."""
    if queries < 2:
        return (lambda _: 0), 0
    asked, met, ttl, gap = plan.assumptions, later(plan, queries), plan.ttl, plan.workload.step(queries)
    if plan.seen_twice:
        idle = timedelta(microseconds=-(-gap.numerator // gap.denominator))
        lost = asked.eviction.at(idle) if asked.eviction else _NONE
        return (lambda n: 0 if met.late else max(0, n - 2)), Fraction(asked.hit_share) * (1 - lost)
    if ttl is not None and not plan.refresh and not asked.eviction:
        cycle = int(ttl // MICROSECOND // gap) + 1 if gap else queries
        return (lambda n: n - -(-n // cycle)), Fraction(asked.hit_share)
    return (lambda n: max(0, n - 1)), int(met.read) if met.read in (0, 1) else Fraction(met.read)


def pings_before(plan: Plan, queries: int) -> Callable[[datetime | None], int]:
    """How many pings are sent earlier than an instant (None: in all). Those of a query all come before the next one."""
    work, ttl = plan.workload, plan.ttl
    if not plan.pinged or queries < 2 or not ttl:
        return lambda _: 0
    gap = work.step(queries)
    each = below(gap, ttl, ttl, plan.assumptions.pings)

    def until(instant: datetime | None) -> int:
        last = queries - 1 if instant is None else work.before(queries, instant) - 1
        if instant is None or not 0 <= last < queries - 1:
            return max(0, last) * each
        return last * each + below((instant - work.start) // MICROSECOND - gap * last, ttl, ttl, each)

    return until
