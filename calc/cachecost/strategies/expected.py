"""Queries that come by a law, by the stretch of constant rates in which they come: how many read their entry, write it
again or leave it alone, and how many pings.

Their mean numbers are known up to an instant, and a stretch has what was met up to its end less what was met up to its
beginning: by closed form, or by simulation where none is known. Inside office hours a law's queries are dealt to the
instants at which they are expected.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from .. import money
from ..prices.usage import Batch
from ..workload.workload import EVEN
from .outcomes import later, later_of
from .plan import Count, Met, Plan

if TYPE_CHECKING:  # most queries come at even gaps and load no law of arrival at random
    from ..workload.within import RandomLaw, Within

AS_EXPECTED = "closed form, priced when queries are expected"
MOST_PINGS = 1_000
"""Most pings after a query whose instants are summed up."""
Until = Callable[[timedelta | None], tuple[Count, ...]]
"""What was counted earlier than a time after the start; None is for ever."""


def plain(plan: Plan, queries: int) -> Iterator[Batch]:
    """So many queries that cache nothing."""
    for start, count in come(plan, queries):
        yield Batch(plan.plain_request, number(count), start, plan.workload.prompt)


def batches(plan: Plan, queries: int) -> Iterator[Batch]:
    """So many queries that come by a law, stretch by stretch."""
    for start, met in _by_law(plan, queries)[0]:
        yield from as_met(plan, start, met)


def as_met(plan: Plan, start: datetime, met: Met) -> Iterator[Batch]:
    """The requests of one stretch, those that a first query makes before the others."""
    terms, prompt = plan.terms(start), plan.workload.prompt
    if plan.seen_twice and met.plain:
        yield Batch(plan.plain_request, number(met.plain), start, prompt)
    if met.missed:
        yield Batch(terms.request(0), number(met.missed), start, prompt)
    if met.read:
        yield Batch(terms.request(terms.cached), number(met.read), start, prompt)
    if met.ping_reads and terms.cached:
        yield Batch(terms.reading(terms.cached), number(met.ping_reads), start, terms.cached)
    if met.ping_writes and terms.cached:
        yield Batch(terms.reading(0, written=terms.cached), number(met.ping_writes), start, terms.cached)


def number(count: Count) -> money.Number:
    """A count of queries: whole, or with all its digits where these end."""
    return int(count) if count.denominator == 1 else money.settled(Fraction(count))


def come(plan: Plan, queries: int) -> Iterator[tuple[datetime, Count]]:
    """How many of so many queries come in stretches of the same rates, by the start of the first of these."""
    if at_one_rate(plan, queries):
        yield plan.workload.start, queries
        return
    if law := plan.workload.by_law(queries):
        for start, within in _same_rates(plan, law):
            yield start, within.first + within.later
        return
    arrived = arrivals(plan, queries)
    for start, (count,) in by_stretch(plan, reach(plan, queries), lambda before: (sum(arrived(before)),)):
        yield start, count


def reach(plan: Plan, queries: int) -> timedelta:
    """By when all of so many queries have come."""
    law = plan.workload.by_law(queries)
    return law.reach() if law else plan.workload.span(queries)


def at_one_rate(plan: Plan, queries: int) -> bool:
    """Whether all of so many queries come while rates stay as they are."""
    return len(plan.stretches.starts(reach(plan, queries))) == 1


def arrivals(plan: Plan, queries: int) -> Callable[[timedelta | None], tuple[Count, Count]]:
    """The chance that the first query has come earlier than a time after the start, and the mean number of later ones;
    None is for ever."""
    work, law = plan.workload, plan.workload.by_law(queries)

    def arrived(before: timedelta | None) -> tuple[Count, Count]:
        if before is not None and law:
            return Fraction(law.first(before)), Fraction(law.later(before))
        done = queries if before is None else work.before(queries, before)
        return min(1, done), max(0, done - 1)

    return arrived


def basis(plan: Plan, queries: int) -> str | None:
    """How expected numbers are known; None where queries are counted one by one."""
    return later(plan, queries).basis if plan.workload.arrivals == EVEN else _by_law(plan, queries)[1]


def _by_law(plan: Plan, queries: int) -> tuple[Iterable[tuple[datetime, Met]], str | None]:
    """What the queries of a law meet in each stretch, and how it is known: by stretches of the same rates where the law
    knows their means; by simulation where it does not; and all alike, at the instants at which they are expected, where
    it knows no instants."""
    work, law = plan.workload, plan.workload.by_law(queries)
    known = later(plan, queries).basis if queries > 1 else None
    if at_one_rate(plan, queries):
        return [(work.start, _alike(plan, queries)(None))], known
    if law is None:
        stretches = by_stretch(plan, work.span(queries), _alike(plan, queries))
        return ((start, Met(*met)) for start, met in stretches), known and AS_EXPECTED
    if _in_parts(plan, queries, law):
        return _in_same_rates(plan, law), known

    def simulated() -> tuple[list[tuple[datetime, Met]], str]:
        from .simulated import stretched

        return stretched(plan, queries)

    return plan.once("simulated", queries, simulated)


def _in_same_rates(plan: Plan, law: RandomLaw) -> Iterator[tuple[datetime, Met]]:
    for start, within in _same_rates(plan, law):
        met = first_query(plan, within.first)
        yield start, met.plus(later_of(plan, law.queries, within).met, law.queries - 1) if law.queries > 1 else met


def first_query(plan: Plan, count: Count) -> Met:
    """What the first query meets, where so many of it come."""
    return Met(plain=count) if plan.seen_twice else Met(missed=count)


def by_stretch(plan: Plan, span: timedelta, until: Until) -> Iterator[tuple[datetime, tuple[Count, ...]]]:
    """What is counted in each stretch up to a time after the start."""
    everything = until(None)
    done: tuple[Count, ...] = (0,) * len(everything)
    for start, end in plan.stretches.spans(span):
        now = everything if end is None else until(end)
        if now != done:
            yield start, tuple(mine - before for mine, before in zip(now, done, strict=True))
        if now == everything:
            return
        done = now


def _same_rates(plan: Plan, law: RandomLaw) -> Iterator[tuple[datetime, Within]]:
    """What a law says of all stretches of the same rates together, by the start of the first of them.

    A mean gap of weeks meets thousands of stretches but a handful of different rates, so each is priced once.
    """
    from ..workload.within import Within

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


def _alike(plan: Plan, queries: int) -> Callable[[timedelta | None], Met]:
    """The same share of the later queries at every instant."""
    arrived = arrivals(plan, queries)

    def until(before: timedelta | None) -> Met:
        first, others = arrived(before)
        return first_query(plan, first).plus(later(plan, queries).met, others) if others else first_query(plan, first)

    return until


def _in_parts(plan: Plan, queries: int, law: RandomLaw) -> bool:
    """Whether it is known what the plan meets before an instant: not where terms of caching change or a read does not
    refresh, nor where pings after a query are too many to sum up."""
    if len(plan.sizes(queries)) > 1 or (plan.ttl is not None and not plan.refresh):
        return False
    if not plan.pinged or plan.ttl is None or (plan.assumptions.pings or MOST_PINGS) < MOST_PINGS:
        return True
    return law.longest_pause / plan.ttl <= MOST_PINGS
