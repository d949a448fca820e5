"""Totals for many numbers of queries, or for many times that a cache is held, each from what the one before cost.

Where rates change among the queries a bill is no straight line, but a query's own cost does not depend on how many
come after it, nor a turn's; and the rent of a stored cache does not depend on how its queries are spread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from .. import money
from ..bills.bill import Bill
from ..strategies.conversation import turn_by_turn
from ..strategies.expected import by_law
from ..strategies.hits import Later, later
from ..strategies.names import FRESH, STORED
from ..strategies.plan import Plan
from ..workload.workload import EVEN

Rents = dict[tuple[timedelta, int], Decimal]
"""Rent by the time held and the tokens that are stored."""
Talks = dict[tuple[str, tuple[int, ...], money.Number, Later], Decimal]
"""Totals of conversations by strategy, sizes, share of hits and what a later turn finds."""
RENT = "storage"
Shares = tuple[money.Number, money.Number, money.Number]
"""Of the later queries, those that miss their entry, that read it and that are sent plain."""


def runs(plan: Plan) -> bool:
    """Whether what a later query does is the same for every number of queries, and known in decimals."""
    work, asked = plan.workload, plan.assumptions
    if work.times or work.over or work.grows or plan.kind == STORED:
        return False
    if plan.pinged or plan.seen_twice or asked.eviction or not (plan.refresh or plan.ttl is None):
        return False
    if len(plan.sizes(work.queries)) > 1:
        return False
    return not (by_law(work, work.queries) or any(isinstance(share, Fraction) for share in _later(plan)))


def over_queries(bill: Bill, values: Sequence[int]) -> list[Decimal | None]:
    """Totals for rising numbers of queries of a plan that `runs`; its workload holds the last of them."""
    plan = bill.plan
    work, later = plan.workload, _later(plan)
    starts = plan.stretches.starts(work.span(values[-1]))
    ends = [*(work.before(values[-1], start) for start in starts[1:]), values[-1]]
    first = plan.missed_request
    found: list[Decimal | None] = []
    total, done, place = bill.of_one(first), 1, 0
    each = _cost(bill, later, starts[0])
    for value in values:
        while ends[place] < value:
            total, done = money.EXACT.fma(each, max(0, ends[place] - done), total), max(done, ends[place])
            place += 1
            each = _cost(bill, later, starts[place])
        found.append(money.EXACT.fma(each, value - done, total))
    return found


def over_turns(bill: Bill, values: Sequence[int]) -> list[Decimal | None]:
    """Totals for rising numbers of turns of a conversation without rent; its workload holds the last of them."""
    total, totals = Decimal(0), [Decimal(0)]
    for batches in turn_by_turn(bill.plan, values[-1]):
        for usage, times, at, prompt in batches:
            if isinstance(times, Fraction):
                return [bill.total(value) for value in values]
            total = money.EXACT.fma(bill.of_one(usage, at, prompt), times, total)
        totals.append(total)
    return [totals[value] for value in values]


def of_turns(plan: Plan, talks: Talks) -> Decimal:
    """The total of one conversation. Kept in `talks` where rates stay: then pauses tell only by what a turn finds."""
    work = plan.workload
    if plan.kind == STORED or len(plan.stretches.starts(work.span(work.queries))) > 1:
        return Bill(plan).total(work.queries)
    sizes = (work.context, work.question, work.answer, work.tools, work.queries)
    key = (plan.strategy, sizes, plan.assumptions.hit_share, plan.later(2))
    if key not in talks:
        talks[key] = Bill(plan).total(work.queries)
    return talks[key]


def shares_a_window(plan: Plan) -> bool:
    """Whether nothing changes with the number of queries in a window but the share of those that come in time."""
    work = plan.workload
    if not work.over or work.grows or plan.kind == STORED or not (plan.simple or plan.ttl is None):
        return False
    if plan.pinged or plan.seen_twice or plan.assumptions.eviction or len(plan.sizes(work.queries)) > 1:
        return False
    return work.arrivals == EVEN or len(plan.stretches.starts(work.over)) == 1


def over_window(bill: Bill, values: Sequence[int]) -> list[Decimal | None]:
    """Totals for rising numbers of queries of a plan that shares a window."""
    plan = bill.plan
    work = plan.workload
    starts = plan.stretches.starts(work.span(2))
    first, late = bill.of_one(plan.missed_request), [bill.of_one(plan.terms(at).missed, at) for at in starts]
    gains = [money.subtract(bill.of_one(plan.terms(at).read, at), each) for at, each in zip(starts, late, strict=True)]
    found: list[Decimal | None] = []
    for value in values:
        read = later(plan, value).read if value > 1 and plan.cached else 0
        assert not isinstance(read, Fraction)
        edges = [1, *(max(1, work.before(value, at)) for at in starts[1:]), value]
        total = first
        for place, (begin, end) in enumerate(pairwise(edges)):
            total = money.EXACT.fma(money.EXACT.fma(gains[place], read, late[place]), end - begin, total)
        found.append(total)
    return found


def _later(plan: Plan) -> Shares:
    """What a later query does, in shares."""
    if plan.kind == FRESH or not plan.cached or plan.workload.queries < 2:
        return 0, 0, 1
    shares = plan.later(plan.workload.queries)
    return shares.missed, shares.read, shares.plain


def _cost(bill: Bill, later: Shares, at: datetime) -> Decimal:
    """What a later query costs at an instant."""
    total, terms = Decimal(0), bill.plan.terms(at)
    for usage, share in zip((terms.missed, terms.read, bill.plan.plain_request), later, strict=True):
        if share:
            assert not isinstance(share, Fraction)
            total = money.EXACT.fma(bill.of_one(usage, at), share, total)
    return total


def over_hold(plan: Plan, at: Callable[[timedelta], Plan], values: Sequence[timedelta], rents: Rents) -> list[Decimal]:
    """Totals of a stored cache held for so long each, rising; `at` is the plan at one of them. Rent is kept in `rents`;
    beside it a bill changes only with the number of queries that come while the cache stands."""
    work, queries = plan.workload, plan.workload.queries
    constant = len(plan.stretches.starts(work.span(queries))) == 1
    unit = Bill(plan)
    gain = money.subtract(unit.of_one(plan.read_request), unit.of_one(plan.plain_request)) if constant else Decimal(0)
    found, rest, stood = [], Decimal(0), -1
    for value in values:
        standing = work.up_to(queries, Fraction(value // timedelta.resolution)) if plan.cached else 0
        if stood < 0 or (standing != stood and not constant):
            rest = _beside_rent(at(value), value, rents)
        elif standing != stood:
            rest = money.EXACT.fma(gain, standing - stood, rest)
        stood = standing
        found.append(money.add(rest, _rent(at, plan, value, rents)))
    return found


def _beside_rent(plan: Plan, value: timedelta, rents: Rents) -> Decimal:
    lines = Bill(plan).lines(plan.workload.queries)
    rents[value, plan.cached] = money.total(line.amount for line in lines if line.name == RENT)
    return money.total(line.amount for line in lines if line.name != RENT)


def _rent(at: Callable[[timedelta], Plan], plan: Plan, value: timedelta, rents: Rents) -> Decimal:
    key = (value, plan.cached)
    if key not in rents:
        _beside_rent(at(value), value, rents)
    return rents[key]
