"""Queries at known instants, at even gaps or given: hits and misses counted, each query and ping at the rates of its
instant.

What the first so many queries do is the same however many follow; a stretch of constant rates has what was done up to
its end less what was done up to its beginning. Where entries are lost before their time, or only a share of the queries
hits, each query counts by its expectation.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise

from ..prices.usage import Batch
from ..units import MICROSECOND
from ..workload.arrivals import Even, below
from .expected import as_met, first_query, number
from .outcomes import later, later_of
from .plan import Count, Met, Plan

First = Callable[[int], Met]
"""What the first so many queries meet, with the pings between them."""


def batches(plan: Plan, queries: int) -> Iterator[Batch]:
    """So many queries, stretch by stretch. Where terms change, the next query reads what was cached under the old ones
    and is still cached under the new, and writes the rest."""
    work, first = plan.workload, _first_queries(plan, queries)
    sent = pings_before(plan, queries) if plan.pinged else None
    cached_before = done = 0
    for start, end in plan.stretches.spans(work.span(queries)):
        terms, come = plan.terms(start), queries if end is None else work.before(queries, end)
        since = start - work.start
        if sent and not cached_before and done < queries:  # no ping before the first query of all
            since = max(since, work.at(done, queries))
        if come > done:
            met = first(come).plus(first(done), -1) if done else first(come)
            # The first query of the stretch reads only what was cached before it, and writes what else can be.
            grown = first(done + 1).read - first(done).read if cached_before < terms.cached else 0
            if grown and cached_before:
                yield Batch(terms.request(cached_before), number(grown), start, work.prompt)
            yield from as_met(
                plan, start, Met(met.missed + (0 if cached_before else grown), met.read - grown, met.plain)
            )
            cached_before, done = terms.cached, come
        if sent and terms.cached and cached_before and (count := sent(end) - sent(since)):
            yield from as_met(plan, start, Met(0, 0, 0, *plan.by_effect(count)))


def pings_before(plan: Plan, queries: int) -> Callable[[timedelta | None], Count]:
    """How many pings are sent earlier than a time after the start (None: in all). Those of a query all come before the
    next one."""
    work, ttl, first = plan.workload, plan.ttl, _first_queries(plan, queries)
    if ttl is None or not plan.pinged:
        return lambda _: 0

    def pings(pauses: int) -> Count:
        met = first(pauses + 1)
        return met.ping_reads + met.ping_writes

    def until(after: timedelta | None) -> Count:
        last = queries - 1 if after is None else work.before(queries, after) - 1
        if last < 0:
            return 0
        if after is None or last == queries - 1:
            return pings(queries - 1)
        gone = after // MICROSECOND - work.moment(last, queries)
        return pings(last) + below(gone, ttl, ttl, int(pings(last + 1) - pings(last)))

    return until


def _first_queries(plan: Plan, queries: int) -> First:
    # a lost entry is written anew, and how long that lives decides over the queries after it
    simulated = bool(plan.assumptions.eviction) and not plan.refresh
    if plan.workload.times and not simulated:
        return plan.once("given", 0, lambda: _given(plan))
    return _on_average(plan, queries, simulated=simulated)


def _on_average(plan: Plan, queries: int, *, simulated: bool) -> First:
    """By the law of an even gap, which so many queries share; or as later queries meet on average in a simulation."""

    def met(number: int) -> Met:
        if number < 2:
            return first_query(plan, number)
        if number == queries or simulated:
            query = later(plan, queries)
        else:
            query = later_of(plan, number, Even(plan.workload.step(queries), number))
        return first_query(plan, 1).plus(query.met, number - 1)

    return met


def _given(plan: Plan) -> First:
    """Query by query, and added up."""
    times, eviction = plan.workload.times, plan.assumptions.eviction
    ttl = plan.ttl if plan.ttl is not None else timedelta.max
    reads: list[Count] = [0]
    plain, pings = [0], [0]
    written, seen = times[0], False
    for k, (before, at) in enumerate(pairwise((times[0], *times))):
        sent = below(Fraction((at - before) // MICROSECOND), ttl, ttl, plan.assumptions.pings) if plan.pinged else 0
        idle = at - before - ttl * sent if sent else at - before
        in_time = k > 0 and (idle if plan.refresh else at - written) <= ttl
        reads_entry = in_time and (seen or not plan.seen_twice)
        written, seen = written if in_time else at, in_time
        chance = plan.hit_share * (1 - eviction.at(idle)) if eviction else plan.hit_share
        reads.append(reads[-1] + (chance if reads_entry else 0))
        plain.append(plain[-1] + (plan.seen_twice and not in_time))
        pings.append(pings[-1] + sent)

    def met(number: int) -> Met:
        read, otherwise = reads[number], plain[number]
        return Met(number - read - otherwise, read, otherwise, *plan.by_effect(pings[number]))

    return met
