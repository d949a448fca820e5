"""What would have to change for another strategy to win: the nearest number of queries, gap or hit share.

Numbers of queries come from the break-even machinery, hit shares from crossing straight lines, and gaps from a search
over whole seconds with the engine's own totals; each says how far it was looked.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from .. import money
from ..bills.bill import Bill
from ..bills.break_even import break_even
from ..bills.candidates import contenders, plans, priced
from ..bills.warnings import turns_served
from ..errors import BadWorkload, NotInForce, NotSold
from ..prices.sheet import PriceSheet
from ..strategies.assumptions import Assumptions
from ..strategies.names import AUTOMATIC, STORED, WRITTEN
from ..units import MICROSECOND
from ..workload.workload import EVEN, MAX_QUERIES, Workload

QUERIES, GAP, HIT_SHARE = "queries", "gap", "hit_share"
NEAR = 200
"""Numbers of queries tried one by one on either side where bills are no straight lines."""
LONGEST_GAP = timedelta(days=30)
LONGEST_SPAN = timedelta(days=366)
_SECOND = timedelta(seconds=1)
_HOUR = 3600

Value = int | timedelta | Fraction


class Threshold(NamedTuple):
    """The nearest value, above (`rises`) or below the workload's own, at which `winner` is the cheapest. Of a hit
    share it is the tie, beyond which the other wins; at a number of queries or a gap the other wins already."""

    axis: str
    rises: bool
    value: Value
    winner: str


class Looked(NamedTuple):
    """How far was looked on one axis, both ends inclusive; `high` None: every value that a workload may have."""

    axis: str
    low: Value
    high: Value | None


Found = tuple[list[Threshold], Looked]


def by_queries(bills: Sequence[Bill], best: Bill, queries: int) -> Found:
    """The nearest numbers of queries at which another of these bills, simpler ones first, is the smallest."""
    if best.plan.workload.times or any(bill.pieces is None for bill in bills):
        return _tried(bills, best, queries)
    at = bills.index(best)
    below, above = [], []
    for place, bill in enumerate(bills):
        # The simpler of two bills that are equal wins.
        for first, last in () if bill is best else break_even(bill, best, ties=place < at).intervals:
            if first > queries:
                above.append(first)
            elif last is not None and last < queries:
                below.append(last)
    candidates = [(max(below), False)] if below else []
    candidates += [(min(above), True)] if above and min(above) <= MAX_QUERIES else []
    thresholds = [Threshold(QUERIES, rises, n, winner) for n, rises in candidates if (winner := _smallest(bills, n))]
    return thresholds, Looked(QUERIES, 1, None)


def _tried(bills: Sequence[Bill], best: Bill, queries: int) -> Found:
    """The same one by one, as far as `NEAR` on either side, and not beyond instants that were given."""
    work = best.plan.workload
    served = turns_served(best.plan.card, work)
    most = queries if work.times else min(MAX_QUERIES, queries + NEAR)
    most = most if served is None else min(most, served)
    fewer, more = range(queries - 1, max(0, queries - 1 - NEAR), -1), range(queries + 1, most + 1)
    return _search(QUERIES, queries, fewer, more, winner=partial(_smallest, bills), best=best.plan.strategy)


def _smallest(bills: Sequence[Bill], queries: int) -> str | None:
    """The strategy of the smallest total, the simpler one at a tie; None where so many queries have no price."""
    try:
        return min(bills, key=lambda bill: bill.total(queries)).plan.strategy
    except (NotSold, NotInForce, BadWorkload):
        return None


def by_gap(sheet: PriceSheet, workload: Workload, assumptions: Assumptions, best: str) -> Found | None:
    """The nearest gaps in whole seconds at which another strategy wins; None where nothing spreads the queries.

    The gap is `every`, the window `over`, or the mean gap of a `rate`. Looked at are times that double from the
    workload's own, and each at which an entry or a cache comes to its end; a change between two is bisected.
    """
    own = _gap(workload)
    if own is None or workload.queries < 2:
        return None

    def winner(seconds: int) -> str | None:
        try:
            return priced(sheet, spread_by(workload, seconds), assumptions, offer=contenders).best[0].plan.strategy
        except (NotSold, NotInForce, BadWorkload):
            return None

    gaps = 1 if workload.over is not None else workload.queries - 1
    # More gaps than fill the longest span would be more than a length of time can hold.
    several = min(workload.queries - 1, LONGEST_SPAN // LONGEST_GAP + 1) if gaps == 1 else 1
    most = max(int(min(LONGEST_GAP * several, LONGEST_SPAN / gaps) / _SECOND), 1)
    least = 0 if workload.rate is None and workload.arrivals == EVEN else 1
    steps = sorted({*_doubling(own, max(most, int(2 * own))), *_ends(sheet, workload, assumptions)})
    below, above = [step for step in reversed(steps) if least <= step < own], [step for step in steps if step > own]
    length = timedelta(seconds=float(own))
    return _search(GAP, length, below, above, winner=winner, best=best, value=lambda step: step * _SECOND)


def spread_by(workload: Workload, seconds: int) -> Workload:
    """The same workload with another gap, window or mean gap."""
    if workload.rate is not None:
        return replace(workload, rate=Fraction(_HOUR, seconds))
    length = timedelta(seconds=seconds)
    return replace(workload, every=length) if workload.over is None else replace(workload, over=length)


def _gap(workload: Workload) -> Fraction | None:
    """Seconds of the workload's own gap, window or mean gap."""
    if workload.rate is not None:
        return _HOUR / workload.rate
    length = workload.every if workload.over is None else workload.over
    return None if length is None else Fraction(length // MICROSECOND, 10**6)


def _doubling(own: Fraction, most: int) -> Iterator[int]:
    """0, whole seconds that halve down from one's own and double up to the most, and its two neighbours."""
    below, above = -(-own // 1) - 1, own // 1 + 1
    yield from (below, 0, most)
    while below > 1:
        below //= 2
        yield below
    while above < most:
        yield above
        above *= 2


def _ends(sheet: PriceSheet, workload: Workload, assumptions: Assumptions) -> Iterator[int]:
    """Seconds at which a gap or window outlives an entry or a cache, and one second more."""
    gaps = workload.queries - 1
    caching = sheet.card(workload.start).caching
    lives = [plan.ttl for plan in plans(sheet, workload, assumptions)]
    spans = [assumptions.hold, caching.stored.default_ttl if caching.stored else None]
    for life in filter(None, [*(ttl and ttl * gaps for ttl in lives), *spans]):
        seconds = life // _SECOND if workload.over is not None else life // (_SECOND * gaps)
        yield from (seconds, seconds + 1)


def _search(
    axis: str,
    own: Value,
    below: Iterable[int],
    above: Iterable[int],
    *,
    winner: Callable[[int], str | None],
    best: str,
    value: Callable[[int], Value] = int,
) -> Found:
    """The nearest change on either side of a workload's own value, each side tried outwards, and how far was looked."""
    points, reached = [], []
    for rises, probes in ((False, below), (True, above)):
        end, name = _first_change(probes, winner, best)
        reached.append(own if end is None else value(end))
        if end is not None and name is not None:
            points.append(Threshold(axis, rises, value(end), name))
    return points, Looked(axis, *reached)


def _first_change(
    probes: Iterable[int], winner: Callable[[int], str | None], best: str
) -> tuple[int | None, str | None]:
    """The first whole number, outwards, at which another wins, with its name; else the last probe that has a price."""
    same: int | None = None
    for probe in probes:
        name = winner(probe)
        if name is None:
            break
        if name == best:
            same = probe
            continue
        other = probe
        while same is not None and abs(other - same) > 1:
            middle = (same + other) // 2
            between = winner(middle)
            if between == best or between is None:
                same = middle
            else:
                other, name = middle, between
        return other, name
    return same, None


def by_hit_share(bills: Sequence[Bill], best: Bill) -> Found | None:
    """The nearest hit shares at which another bill ties with the best one and beyond which it wins.

    A bill is a straight line in the share; None where no strategy depends on it, or one is no such line.
    """
    if not any(bill.plan.kind in (AUTOMATIC, WRITTEN) and bill.plan.cached for bill in bills):
        return None
    straight = {bill: line for bill in bills if (line := _line(bill))}
    if len(straight) < len(bills):
        return None
    base, slope = straight[best]
    ties = sorted((base - other) / (steep - slope) for other, steep in straight.values() if steep != slope)
    own = Fraction(best.plan.assumptions.hit_share)
    thresholds = []
    for rises, shares in (
        (False, [t for t in reversed(ties) if 0 < t <= own]),
        (True, [t for t in ties if own <= t < 1]),
    ):
        winners = ((share, _beyond(straight, share, rises=rises)) for share in shares)
        nearest = next((each for each in winners if each[1] != best.plan.strategy), None)
        thresholds += [Threshold(HIT_SHARE, rises, *nearest)] if nearest else []
    return thresholds, Looked(HIT_SHARE, Fraction(0), Fraction(1))


def _line(bill: Bill) -> tuple[Fraction, Fraction] | None:
    """Total at a hit share of 0, and what the whole share adds; None where the bill is no straight line in it."""
    queries = bill.plan.workload.queries
    if bill.plan.kind == STORED:
        return bill.exact_total(queries), Fraction(0)
    shares = (Decimal(0), money.exact(Fraction(1, 2)), Decimal(1))
    low, middle, high = (Bill(bill.plan.but(hit_share=share)).exact_total(queries) for share in shares)
    return (low, high - low) if 2 * middle == low + high else None


def _beyond(straight: dict[Bill, tuple[Fraction, Fraction]], share: Fraction, *, rises: bool) -> str:
    """The strategy that is the cheapest just beyond a share: the smallest there, and of those the fastest to fall."""
    way = 1 if rises else -1
    best = min(straight, key=lambda bill: (straight[bill][0] + share * straight[bill][1], way * straight[bill][1]))
    return best.plan.strategy
