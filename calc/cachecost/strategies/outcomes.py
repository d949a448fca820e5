"""What a later query does to a cache, on average: reads it, writes it again, or is sent plain; and the pings before it.

A written entry without pings is one that is pinged at most 0 times, so both are one formula: an entry of TTL T under at
most K pings can be read up to (K+1) T after the query before.
"""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from .. import money
from ..errors import BadWorkload, NoClosedForm
from ..workload.arrivals import CLOSED, Law
from ..workload.within import Within
from .counts import Later
from .plan import Plan

_NONE, _ALL = Fraction(0), Fraction(1)


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
    share, eviction, ttl = plan.assumptions.hit_share, plan.assumptions.eviction, plan.ttl
    come = law.share if isinstance(law, Within) else _ALL
    if ttl is None and eviction is None:
        return _in_time(share, come)
    if plan.seen_twice:
        return _seen_twice(plan, queries, law, come)
    pings = dropped = late = lost = _NONE
    most = plan.assumptions.pings if plan.pinged else 0
    if not plan.refresh and ttl is not None:
        if eviction:
            raise NoClosedForm
        late = (law.misses_without_refresh(ttl) - 1) / (queries - 1)
        late = late if law.basis is None else Fraction(money.rounded(late, money.GRAIN))
    elif plan.pinged and not ttl:
        raise BadWorkload("the entry is dead before its answer ends, so no ping can keep it alive", word="generation")
    else:
        late = law.share_longer(ttl * (most + 1)) if ttl is not None and most is not None else late
        lost = _lost(plan, law, most)
        if plan.pinged and ttl is not None:
            pings = law.pings(ttl, most) if isinstance(law, Within) else law.expected_pings(ttl, ttl, most)
            dropped = plan.dropped
    basis = law.basis or (CLOSED if lost or dropped else None)
    if not late and not lost and not pings:
        return _in_time(share, come)._replace(basis=basis)
    missed = come - (come - late - lost) * Fraction(share)
    return Later(
        money.settled(come - missed),
        money.settled(missed),
        ping_reads=money.settled(pings * (1 - dropped)),
        ping_writes=money.settled(pings * dropped),
        late=late,
        lost=lost,
        basis=basis,
    )


def _in_time(share: money.Number, come: Fraction) -> Later:
    """Where nothing but the share of hits tells reads from misses."""
    if come == 1:
        return Later(share, money.rest(share))
    return Later(money.settled(come * Fraction(share)), money.settled(come - come * Fraction(share)))


def _lost(plan: Plan, law: Law, most: int | None) -> Fraction:
    """Share of the later queries that come in time and meet an entry that was evicted since its last touch."""
    eviction, ttl = plan.assumptions.eviction, plan.ttl
    if eviction is None:
        return _NONE
    if ttl is None or most == 0:
        return eviction.lost(law.share_longer, ttl)

    def idle(longer_than: timedelta) -> Fraction:
        return law.expected_pings(longer_than, ttl, None if most is None else most + 1)

    return eviction.lost(idle, ttl)


def _seen_twice(plan: Plan, queries: int, law: Law, come: Fraction) -> Later:
    """Written by the second query in time: 1 + (N-1)(1-p) are plain, p + (N-2) p (1-p) write and (N-2) p p read where
    pauses are independent and each is in time with probability p."""
    eviction, ttl = plan.assumptions.eviction, plan.ttl
    assert ttl is not None
    if not plan.refresh:
        raise BadWorkload("second-sight needs entries that a read refreshes; name written instead", word="strategy")
    late = law.share_longer(ttl)
    read = lost = _NONE
    if queries > 2:
        pairs = Fraction(queries - 2, queries - 1)
        lost = pairs * eviction.lost(lambda idle: law.share_of_pairs(ttl, idle), ttl) if eviction else lost
        read = pairs * (law.share_of_pairs(ttl, None) - law.share_of_pairs(ttl, ttl)) - lost
    read *= Fraction(plan.assumptions.hit_share)
    return Later(
        money.settled(read),
        money.settled(come - late - read),
        plain=money.settled(late),
        late=late,
        lost=lost,
        basis=law.basis or (CLOSED if lost else None),
    )


def pings(plan: Plan, queries: int) -> money.Number:
    """Pings for each later query of so many, where there are any."""
    if not plan.pinged or not plan.cached or queries < 2:
        return 0
    found = later(plan, queries)
    return money.plus(found.ping_reads, found.ping_writes)
