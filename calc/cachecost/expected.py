"""Queries dealt in expected shares: those that find their entry, write it anew or leave it alone, and pings.

Where rates change among queries that come by a law, each stretch has its own shares: who comes early comes soon after
another, and the first who comes writes. With pings, with a second sight or inside office hours this is not known, and
queries are dealt to the stretch at which they are expected.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from . import money
from .offer import STORED
from .shares import Later
from .usage import Batch, Usage
from .workload import EVEN, POISSON

if TYPE_CHECKING:
    from .strategy import Plan

_NOBODY = Later(0, 0)
_NONE = (Fraction(0), Fraction(0), Fraction(0))


def batches(plan: Plan, queries: int) -> Iterator[Batch]:
    """So many queries of a plan whose requests do not change with time but by what they find."""
    if by_law(plan, queries):
        yield from _by_law(plan, queries)
    elif not plan.cached:
        yield from dealt(plan, plan.plain_request, queries, 0, queries, 1)
    else:
        yield from _alike(plan, queries)


def _alike(plan: Plan, queries: int) -> Iterator[Batch]:
    """The same shares of the later queries at every instant."""
    missed = plan.missed_request
    first = plan.plain_request if plan.seen_twice else missed
    found = plan.later(queries) if queries > 1 else _NOBODY
    if found.missed == 1 and first is missed:
        yield from dealt(plan, missed, queries, 0, queries, 1)
    else:
        yield from dealt(plan, first, queries, 0, 1, 1)
        for usage, share in (
            (plan.read_request, found.read),
            (missed, found.missed),
            (plan.plain_request, found.plain),
        ):
            if share:
                yield from dealt(plan, usage, queries, 1, queries, share)
    if found.ping_reads:
        yield from dealt(plan, plan.reading(plan.cached), queries, 1, queries, found.ping_reads)
    if found.ping_writes:
        yield from dealt(plan, plan.rewriting(plan.cached), queries, 1, queries, found.ping_writes)


def dealt(plan: Plan, usage: Usage, queries: int, first: int, last: int, share: money.Number) -> Iterator[Batch]:
    """A share of the queries first..last-1 of so many, by stretches of constant rates."""
    for start, count in plan.stretches.spread(queries, first, last):
        yield Batch(usage, money.by(count, share), start, plan.workload.prompt)


def by_law(plan: Plan, queries: int) -> bool:
    """Whether rates change among queries that come by a law, and each stretch's own shares are known."""
    work = plan.workload
    if work.arrivals == EVEN or work.office or plan.kind == STORED or plan.pinged or plan.seen_twice:
        return False
    if not (plan.refresh or plan.ttl is None):
        return False
    from . import instants

    if work.arrivals == POISSON and not 1 < queries <= instants.MOST:
        return False
    return len(plan.stretches.starts(instants.reach(work, queries))) > 1


def _by_law(plan: Plan, queries: int) -> Iterator[Batch]:
    prompt, share = plan.workload.prompt, Fraction(plan.assumptions.hit_share)
    for start, openings, come, without in _stretched(plan, queries):
        read = (come - without) * share if plan.cached else Fraction(0)
        if read:
            yield Batch(plan.read_request, money.settled(read), start, prompt)
        if missed := openings + come - read:
            yield Batch(plan.missed_request, money.settled(missed), start, prompt)


def come(plan: Plan, queries: int) -> Iterator[tuple[datetime, money.Number]]:
    """How many of so many queries come in each stretch of constant rates."""
    if not by_law(plan, queries):
        yield from plan.stretches.spread(queries, 0, queries)
        return
    for start, openings, later, _ in _stretched(plan, queries):
        yield start, openings + later


def _stretched(plan: Plan, queries: int) -> Iterator[tuple[datetime, Fraction, Fraction, Fraction]]:
    """Of each stretch its start, the chance that the first query comes in it, the mean number of later ones, and how
    many of these find nothing."""
    from . import instants

    work = plan.workload
    starts = plan.stretches.starts(instants.reach(work, queries))
    told = Fraction(0), Fraction(0), Fraction(0)
    for start, end in zip(starts, [*starts[1:], None], strict=True):
        before = end - work.start if end else None
        first = Fraction(instants.first(work, queries, before)) if before else Fraction(1)
        later = Fraction(instants.later(work, queries, before)) if before else Fraction(queries - 1)
        without = _without(plan, queries, before)
        if (stretch := (first - told[0], later - told[1], without - told[2])) != _NONE:
            yield start, *stretch
        told = first, later, without
        if first == 1 and later == queries - 1:
            return


def _without(plan: Plan, queries: int, before: timedelta | None) -> Fraction:
    """Mean number of the later queries before an instant (None: of all) that come too late or find nothing."""
    from . import instants

    work, eviction = plan.workload, plan.assumptions.eviction
    if not plan.cached or queries < 2 or (plan.ttl is None and eviction is None):
        return Fraction(0)
    if before is None:
        found = plan.later(queries)
        return (found.late + found.lost) * (queries - 1)

    def longer(than: timedelta, *, before: timedelta) -> Fraction:
        return Fraction(instants.later(work, queries, before, than=than))

    after = partial(longer, before=before)
    late = after(plan.ttl) if plan.ttl is not None else Fraction(0)
    return late + (eviction.lost(after, plan.ttl) if eviction else 0)
