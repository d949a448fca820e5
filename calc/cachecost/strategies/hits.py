"""What a later query does to a cache, on average: reads it, writes it anew, or is sent plain; and the pings before it.

A written entry without pings is one that is pinged at most 0 times, so both are one formula: an entry of TTL T under at
most K pings is found alive up to (K+1) T after the query before.
"""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from .. import money
from ..errors import BadWorkload, NoClosedForm
from ..workload.gaps import CLOSED, Gaps

if TYPE_CHECKING:
    from ..workload.instants import Part
    from .plan import Plan

_NONE = Fraction(0)


class Later(NamedTuple):
    """Shares of the later queries that `read`, that `missed` their entry, and that are sent `plain` beside; pings for
    each later query that read, and that wrote since the entry was lost. Of the misses, `late` came after the TTL and
    `lost` found their entry evicted. `told`: by closed form or by simulation; None where queries were counted."""

    read: money.Number
    missed: money.Number
    plain: money.Number = 0
    ping_reads: money.Number = 0
    ping_writes: money.Number = 0
    late: Fraction = _NONE
    lost: Fraction = _NONE
    told: str | None = None


def later(plan: Plan, queries: int, part: Part | None = None) -> Later:
    """Of two queries or more; where `part` is a law, of those alone that come in its stretches, as shares of all later
    ones. Without it falls back on a simulation where no closed form is known."""
    share, eviction = plan.assumptions.hit_share, plan.assumptions.eviction
    come = part.share if part else Fraction(1)
    if plan.ttl is None and eviction is None:
        read = money.by(come, share) if part else share
        return Later(read, money.settled(come - Fraction(read)) if part else money.rest(share))
    law = part or plan.workload.gaps(queries)
    if plan.simple and law.told is None:
        late = law.longer(plan.ttl) if plan.ttl is not None else _NONE
        return Later(share, money.rest(share)) if not late else _told(plan, law, late, _NONE, come)
    try:
        if plan.seen_twice:
            return _seen_twice(plan, law, queries, come)
        return _kept(plan, law, queries, part)
    except NoClosedForm:
        if part:
            raise
        from . import simulated

        return simulated.later(plan, queries)


def _kept(plan: Plan, law: Gaps, queries: int, part: Part | None) -> Later:
    """Written or automatic entries, with or without pings."""
    asked, ttl, come = plan.assumptions, plan.ttl, part.share if part else Fraction(1)
    most = asked.pings if plan.pinged else 0
    if not plan.refresh and ttl is not None:
        if asked.eviction:
            raise NoClosedForm("no closed form is known where a read does not refresh the entry", word="eviction")
        late = Fraction(plan.workload.missing(queries, ttl, refresh=False))
        return _told(plan, law, late, _NONE, come)
    if plan.pinged and not ttl:
        raise BadWorkload("the entry is dead before its answer ends, so no ping can keep it alive", word="generation")
    late = law.longer(ttl * (most + 1)) if ttl is not None and most is not None else _NONE
    lost = _lost(plan, law, most)
    if not plan.pinged or ttl is None:
        return _told(plan, law, late, lost, come)
    pings = part.pings(ttl, most) if part else law.rungs(ttl, ttl, most)
    dropped = asked.eviction.at(ttl) if asked.eviction else _NONE
    return _told(plan, law, late, lost, come, pings=pings, dropped=dropped)


def _lost(plan: Plan, law: Gaps, most: int | None) -> Fraction:
    """Share of the later queries that come in time and find their entry evicted since its last touch."""
    eviction, ttl = plan.assumptions.eviction, plan.ttl
    if eviction is None:
        return _NONE
    if ttl is None or most == 0:
        return eviction.lost(law.longer, ttl)

    def idle(longer_than: timedelta) -> Fraction:
        return law.rungs(longer_than, ttl, None if most is None else most + 1)

    return eviction.lost(idle, ttl)


def _told(
    plan: Plan,
    law: Gaps,
    late: Fraction,
    lost: Fraction,
    come: Fraction,
    *,
    pings: Fraction = _NONE,
    dropped: Fraction = _NONE,
) -> Later:
    """Of the share of the later queries that come at all."""
    missed, share = late + lost if lost else late, plan.assumptions.hit_share
    if share != 1:
        missed = come - (come - missed) * Fraction(share)
    return Later(
        money.settled(come - missed),
        money.settled(missed),
        ping_reads=money.settled(pings * (1 - dropped)) if pings else 0,
        ping_writes=money.settled(pings * dropped) if dropped else 0,
        late=late,
        lost=lost,
        told=law.told or (CLOSED if lost or dropped else None),
    )


def _seen_twice(plan: Plan, law: Gaps, queries: int, come: Fraction) -> Later:
    """Written by the second query in time: 1 + (N-1)(1-p) are plain, p + (N-2) p (1-p) write and (N-2) p p read where
    pauses are independent and each is in time with probability p."""
    eviction, ttl = plan.assumptions.eviction, plan.ttl
    assert ttl is not None
    if not plan.refresh:
        raise BadWorkload("second-sight needs entries that a read refreshes; name written instead", word="strategy")
    late = law.longer(ttl)
    read = lost = _NONE
    if queries > 2:
        pairs = Fraction(queries - 2, queries - 1)
        lost = pairs * eviction.lost(lambda idle: law.then(ttl, idle), ttl) if eviction else lost
        read = pairs * (law.then(ttl, None) - law.then(ttl, ttl)) - lost
    read *= Fraction(plan.assumptions.hit_share)
    return Later(
        money.settled(read),
        money.settled(come - late - read),
        plain=money.settled(late),
        late=late,
        lost=lost,
        told=law.told or (CLOSED if lost else None),
    )
