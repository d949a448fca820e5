"""What a later query does to a cache, on average: reads it, writes it again, or is sent plain; and the pings before it.

A written entry without pings is one that is pinged at most 0 times, so both are one formula: an entry of TTL T under at
most K pings can be read up to (K+1) T after the query before.
"""

from fractions import Fraction
from functools import partial

from ..errors import BadWorkload, NoClosedForm
from ..workload.arrivals import CLOSED, Law
from .plan import Count, Later, Met, Plan


def later(plan: Plan, queries: int) -> Later:
    """What a later query does, of two queries or more; by simulation where no closed form is known."""

    def worked_out() -> Later:
        try:
            return later_of(plan, queries, plan.workload.law(queries))
        except NoClosedForm:
            from . import simulated

            return simulated.later(plan, queries)

    return plan.once("later", queries, worked_out)


def later_of(plan: Plan, queries: int, law: Law) -> Later:
    """The same under a law. Of one that is `Within` stretches, those queries alone that come there, as shares of all
    later ones. Raises NoClosedForm."""
    eviction, ttl = plan.assumptions.eviction, plan.ttl
    come = law.share
    if plan.seen_twice:
        return _seen_twice(plan, queries, law, come)
    late: Count = 0
    lost: Count = 0
    pings: Count = 0
    if ttl is not None and not plan.refresh:
        if eviction:
            raise NoClosedForm
        late = law.late_without_refresh(ttl)
    else:
        most = plan.assumptions.pings if plan.pinged else 0
        touches = None if most is None else most + 1
        if ttl is not None and touches is not None:
            late = law.share_longer(ttl * touches)
        if eviction:  # idle for longer than t: the pause ends more than t after the last query or ping before it
            idle = partial(law.expected_pings, step=ttl, most=touches) if ttl and touches != 1 else law.share_longer
            lost = eviction.lost(idle, ttl)
        if plan.pinged and ttl is not None:
            pings = law.pings(ttl, most)
    read = (come - late - lost) * plan.hit_share
    closed = lost or (plan.pinged and plan.dropped)
    basis = None if ttl is None and not eviction else law.basis or (CLOSED if closed else None)
    return Later(Met(come - read, read, 0, *plan.by_effect(pings)), late, lost, basis)


def _seen_twice(plan: Plan, queries: int, law: Law, come: Count) -> Later:
    """Written by the second query in time: 1 + (N-1)(1-p) are plain, p + (N-2) p (1-p) write and (N-2) p p read where
    pauses are independent and each is in time with probability p."""
    eviction, ttl = plan.assumptions.eviction, plan.ttl
    assert ttl is not None
    if not plan.refresh:
        raise BadWorkload("second-sight needs entries that a read refreshes; name written instead", word="strategy")
    late = law.share_longer(ttl)
    read: Count = 0
    lost: Count = 0
    if queries > 2:
        pairs = Fraction(queries - 2, queries - 1)
        lost = pairs * eviction.lost(lambda idle: law.share_of_pairs(ttl, idle), ttl) if eviction else lost
        read = (pairs * (law.share_of_pairs(ttl, None) - law.share_of_pairs(ttl, ttl)) - lost) * plan.hit_share
    return Later(Met(come - late - read, read, late), late, lost, law.basis or (CLOSED if lost else None))


def pings(plan: Plan, queries: int) -> Count:
    """Pings for each later query of so many, where there are any."""
    if not plan.pinged or not plan.cached or queries < 2:
        return 0
    met = later(plan, queries).met
    return met.ping_reads + met.ping_writes
