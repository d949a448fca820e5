"""From which number of queries on caching pays: every N at which the cached bill is below the fresh one.

At equal bills nothing is saved and the simpler strategy, sending everything fresh, is the best one, so such an N does
not pay: neither where nothing can be cached, nor at one query to an automatic cache, nor where a premium has just come
back. The same rule ranks answers, so that `best`, the savings and the numbers of queries never contradict each other.

Bills are straight lines in N between a few known points, so each piece is solved exactly; where rates change
while the queries come, every N up to a horizon is tried instead.
"""

from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple, Protocol

from ..errors import BadWorkload, NotSold
from ..strategies.names import AUTOMATIC, STORED
from ..strategies.plan import Plan
from ..units import MICROSECOND
from ..workload.workload import EVEN, RANDOM

HORIZON = 200
"""Numbers of queries tried one by one where bills are no straight lines."""
Interval = tuple[int, int | None]
"""Numbers of queries from the one to the other, both among them; None is for ever."""
_FAR = datetime.max.replace(tzinfo=UTC)


class _Billed(Protocol):
    def exact_total(self, queries: int) -> Fraction: ...
    @property
    def pieces(self) -> list[int] | None: ...
    @property
    def horizon(self) -> int: ...


class BreakEven(NamedTuple):
    """`first`: smallest N at which the cached bill is below the fresh one, None if none is. `intervals`: all such N,
    [from, to] inclusive, `to` None for ever. `stable_from`: from here on every N is. `horizon`: None where this holds
    for every N, otherwise the largest N that was tried."""

    first: int | None
    intervals: tuple[Interval, ...]
    stable_from: int | None
    horizon: int | None = None


def break_even(cached: _Billed, fresh: _Billed, *, ties: bool = False, known: int = 0) -> BreakEven:
    """The set of N at which `cached` costs less than `fresh`, or with `ties` not more. `known`: a number of queries
    whose bills have been worked out already."""
    mine, theirs, horizon = cached.pieces, fresh.pieces, None
    if mine is None or theirs is None:  # every N is a piece, up to the horizon
        horizon = cached.horizon
        edges: list[int | None] = [*range(1, horizon + 2)]
    else:
        edges = [*sorted({1, *mine, *theirs}), None]
    intervals: list[Interval] = []
    for first, after in pairwise(edges):
        assert first is not None
        try:
            interval = _solve(cached, fresh, first, after and after - 1, ties=ties, known=known)
        except (NotSold, BadWorkload):
            if horizon is None:
                raise
            horizon = first - 1  # later queries can no longer be priced
            break
        if interval and intervals and intervals[-1][1] == interval[0] - 1:
            intervals[-1] = (intervals[-1][0], interval[1])
        elif interval:
            intervals.append(interval)
    if not intervals:
        return BreakEven(None, (), None, horizon)
    begin, end = intervals[-1]
    return BreakEven(intervals[0][0], tuple(intervals), begin if end == horizon else None, horizon)


def _saved(cached: _Billed, fresh: _Billed, queries: int) -> Fraction:
    return fresh.exact_total(queries) - cached.exact_total(queries)


def _solve(cached: _Billed, fresh: _Billed, first: int, last: int | None, *, ties: bool, known: int) -> Interval | None:
    """The N of one straight piece that pay; they lie side by side."""
    saved = _saved(cached, fresh, first)
    pays = saved > 0 or (ties and not saved)
    if last == first:
        return (first, last) if pays else None
    other = known if known > first and (last is None or known <= last) else first + 1
    slope = (_saved(cached, fresh, other) - saved) / (other - first)
    if slope == 0:
        return (first, last) if pays else None
    # After so many steps, whole or not, the two bills are equal; a tie is the last or first N that pays, or just not.
    steps = -saved / slope
    if slope > 0:
        to_tie = -(-steps.numerator // steps.denominator) if ties else steps.numerator // steps.denominator + 1
        begin = first + max(0, to_tie)
        return (begin, last) if last is None or begin <= last else None
    if not pays:
        return None
    to_tie = steps.numerator // steps.denominator if ties else -(-steps.numerator // steps.denominator) - 1
    end = first + to_tie
    return (first, end if last is None else min(end, last))


def affine_from(plan: Plan) -> list[int] | None:
    """Numbers of queries at which the total changes its slope; None where it is not made of such pieces."""
    work, assumed, ttl = plan.workload, plan.assumptions, plan.ttl
    # The first queries do something else than later ones: pings need two of them, a second sight three.
    uneven = plan.pinged or plan.seen_twice or plan.idle is not None or assumed.eviction is not None
    if work.grows or work.times or rates_may_change(plan) or (uneven and work.over):
        return None
    # The share of the queries that come too late depends on how many there are.
    if ttl is not None and (work.arrivals == RANDOM or (not plan.refresh and work.spread)):
        return None
    if plan.idle is not None and plan.billed_per != "second":
        return None
    pieces = {1, 2, 3} if uneven or work.over else {1}
    if ttl is not None and work.over:  # from so many on they come within the TTL
        pieces.add(-(-work.over // (ttl or MICROSECOND)) + 1)
    if plan.kind == STORED and plan.cached and work.gap:
        # Rent is a started unit at a time where the cache stands until the last query.
        if work.arrivals != EVEN or (assumed.hold is None and plan.billed_per != "second"):
            return None
        # The last query before the cache is gone; at a rate N queries take N gaps, at a given gap they take N - 1.
        stays = int((assumed.hold or plan.stored.default_ttl) // MICROSECOND // work.gap) + 1
        pieces |= {stays, stays + 1}
    if plan.kind == STORED and plan.cached and work.over and assumed.hold is not None and assumed.hold < work.over:
        return None
    return sorted(pieces)


def never_dearer(plan: Plan) -> bool:
    """Whether no query can cost more than sent fresh, at no instant: no fee, and no read above input."""
    cards = (plan.card, *plan.sheet.changes(plan.workload.start, _FAR))
    return plan.kind == AUTOMATIC and all(
        row.rates["input"].value >= read.value and "fee.cache_hit" not in row.fees
        for card in cards
        for row in card.rows
        for name in ("cache_read", f"cache_read:{AUTOMATIC}")
        if (read := row.rates.get(name))
    )


def rates_may_change(plan: Plan) -> bool:
    """Whether a later query could meet other rates than the first."""
    work = plan.workload
    return bool(work.gap or work.over) and plan.stretches.change(None if work.gap else work.over)
