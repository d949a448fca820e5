"""The words of a question that can be varied, and the totals of every strategy along one such axis.

Bills are straight lines in the size of a prompt, in the number of queries and in the hit share, between a few known
edges: a stretch between two of them is quoted at its ends and drawn from there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Any, NamedTuple

from .. import money
from ..bills.bill import Bill
from ..bills.candidates import plans
from ..errors import NotSold
from ..prices.quote import LineItem
from ..prices.sheet import PriceSheet
from ..strategies.assumptions import Assumptions
from ..strategies.batches import batches
from ..strategies.names import FRESH, STORED
from ..strategies.outcomes import later
from ..strategies.plan import Later, Plan
from ..workload.series import decimal, exp, ln
from ..workload.workload import EVEN, Workload

FACTOR = 100
"""From this ratio of last to first on, points are spaced by a factor."""
OF_WORKLOAD = ("context", "question", "answer", "queries", "every", "over", "rate")
OF_ASSUMPTIONS = ("hold", "hit_share")
AXES = OF_WORKLOAD + OF_ASSUMPTIONS
SIZES = ("context", "question", "answer")
INNER = (*SIZES, "hit_share", "queries", "hold")
"""Axes in the order in which they are preferred for the stretches that are drawn straight."""
FEW = 4
"""Points of a stretch that are quoted one by one, since drawing it takes as many quotes."""
Value = int | Decimal | Fraction | timedelta
Conversations = dict[tuple[str, tuple[int, ...], money.Number, Later], Decimal]
"""Totals by strategy, sizes, share of hits and what a later turn finds."""


class Axis(NamedTuple):
    """A word of the workload or the assumptions, and the values that it takes, rising."""

    name: str
    values: tuple[Value, ...]


def spaced(first: Fraction, last: Fraction, points: int, *, grain: Fraction | None = None) -> list[Fraction]:
    """So many numbers from first to last, both exact, each once: by a factor where last is `FACTOR` times first or
    more, otherwise evenly. Those between are whole multiples of `grain`, or have four digits where there is none."""
    steps = points - 1
    if last == first or not steps:
        return [first]
    by_factor = first > 0 and last / first >= FACTOR
    if by_factor:
        power = Fraction(ln(last / first))
        between = [first * Fraction(exp(power * k / steps)) for k in range(1, steps)]
    else:
        between = [first + (last - first) * k / steps for k in range(1, steps)]
    whole = set[Fraction]()
    for value in between:
        fourth_digit = Fraction(10) ** (decimal(value).adjusted() - 3) if by_factor else None
        fine = grain or fourth_digit
        whole.add(round(value / fine) * fine if fine else value)
    return [first, *sorted(value for value in whole if first < value < last), last]


@dataclass(frozen=True, slots=True)
class Point:
    """The question at one point of the axes."""

    sheet: PriceSheet
    workload: Workload
    assumptions: Assumptions
    strategies: tuple[str, ...]
    conversations: Conversations = field(default_factory=dict, compare=False, repr=False)

    def at(self, name: str, value: Value) -> Point:
        """The same question with another value of one word."""
        changed: dict[str, Any] = {name: value}
        if name == "queries":
            return replace(self, workload=self.workload.first(**changed))
        if name in OF_WORKLOAD:
            return replace(self, workload=replace(self.workload, **changed))
        return replace(self, assumptions=replace(self.assumptions, **changed))

    def plan(self, strategy: str) -> Plan:
        return Plan(strategy, self.workload, self.sheet, self.assumptions)


@dataclass(slots=True)
class AxisTotals:
    """Totals along one axis by strategy, None where it is not sold; those of `fresh`; the reason of every refusal."""

    fresh: list[Decimal | None]
    totals: dict[str, list[Decimal | None]] = field(default_factory=dict)
    refused: list[NotSold] = field(default_factory=list)


def column_of(point: Point, axis: Axis) -> AxisTotals:
    """The totals along an axis, everything else as at a point."""
    column = AxisTotals([None] * len(axis.values))
    for begin, values in _stretches(point, axis):
        _fill(column, point, axis, begin, values)
    return column


def _fill(column: AxisTotals, point: Point, axis: Axis, begin: int, values: Sequence[Any]) -> None:
    """The totals along a stretch; point by point where something is not sold at one of them."""
    first, end = point.at(axis.name, values[0]), begin + len(values)
    try:
        offered = [plan.strategy for plan in plans(first.sheet, first.workload, first.assumptions, point.strategies)]
        fresh = column.fresh[begin:end] = _totals(point, axis.name, values, FRESH)
        for strategy in offered:
            totals = column.totals.setdefault(strategy, [None] * len(axis.values))
            try:
                totals[begin:end] = fresh if strategy == FRESH else _totals(point, axis.name, values, strategy)
            except NotSold as error:
                if len(values) > 1:
                    raise
                column.refused.append(NotSold(f"{strategy}: {error}"))
    except NotSold as error:
        if len(values) == 1:
            column.refused.append(error)
            return
        for place, value in enumerate(values, begin):
            _fill(column, point, axis, place, (value,))


def _stretches(point: Point, axis: Axis) -> Iterator[tuple[int, Sequence[Any]]]:
    """The axis cut where a row or a minimum may change: where each piece begins, and its values."""
    if axis.name == "queries" or (axis.name in INNER and not point.workload.grows):
        edges = _edges(point, axis.name) if axis.name in SIZES else []
        for _, group in groupby(enumerate(axis.values), key=lambda each: edges and bisect_right(edges, each[1])):
            places, bills_of_places = zip(*group, strict=True)
            yield places[0], bills_of_places
    else:
        yield from ((place, (value,)) for place, value in enumerate(axis.values))


def _edges(point: Point, name: str) -> list[int]:
    """Sizes from which on another row, minimum or line may count."""
    sheet, work = point.sheet, point.workload
    rows = [row for card in sheet.cards for row in card.rows]
    bands = [row.output if name == "answer" else row.prompt for row in rows]
    ends = {edge for band in bands for edge in (band.low, 0 if band.high is None else band.high + 1)}
    if name == "answer":
        return sorted(ends | {1})
    if name == "question":
        return sorted({edge - work.context for edge in ends} | {1})
    kinds = [getattr(card.caching, kind) for card in sheet.cards for kind in card.caching.kinds]
    ends |= {kind.min_tokens or 0 for kind in kinds}
    blocks = {getattr(kind, "block", None) or 1 for kind in kinds}
    return sorted(
        {edge - work.question for edge in ends} | {-(edge // -block) * block for edge in ends for block in blocks}
    )


def _totals(point: Point, name: str, values: Sequence[Any], strategy: str) -> list[Decimal]:
    kind = strategy.partition(":")[0]

    def plan(value: Any) -> Plan:
        return point.at(name, value).plan(strategy)

    def lines(value: Any) -> Sequence[LineItem]:
        here = plan(value)
        return Bill(here).lines(here.workload.queries)

    if name == "queries":
        return over_queries(Bill(plan(values[-1])), values)
    if point.workload.grows:
        return [_of_turns(plan(value), point.conversations) for value in values]
    if (name == "hold" and kind != STORED) or (name == "hit_share" and kind in (FRESH, STORED)):
        return [_total_of(lines(values[0]))] * len(values)  # no bill of this kind depends on it
    if name in INNER and name != "hold":
        return _straight(lines, values, block=plan(values[0]).block if name == "context" else 0)
    return [_total_of(lines(value)) for value in values]


def over_queries(bill: Bill, values: Sequence[int]) -> list[Decimal]:
    """Totals at numbers of queries, in any order; the bill's workload holds the largest of them."""
    rising, starts = sorted(set(values)), bill.pieces
    totals: dict[int, Decimal] = {}
    if starts is not None:
        for _, group in groupby(rising, key=lambda n: bisect_right(starts, n)):
            stretch = [*group]
            totals |= zip(stretch, _straight(bill.lines, stretch), strict=True)
    elif len(rising) > 1 and (steps := _steps(bill, rising[-1])):
        done, total = 0, Decimal(0)
        for end, cost in steps:
            each = money.EXACT.divide(cost, Decimal(end - done))
            within = rising[bisect_right(rising, done) : bisect_right(rising, end)]
            totals |= {n: money.EXACT.fma(each, n - done, total) for n in within}
            done, total = end, money.add(total, cost)
    else:
        totals = {n: bill.total(n) for n in rising}
    return [totals[n] for n in values]


def _steps(bill: Bill, queries: int) -> list[tuple[int, Decimal]]:
    """(last query, cost) of the first query, then of the others by the stretch of constant rates in which they come;
    empty where what a query costs may depend on how many there are."""
    plan, work = bill.plan, bill.plan.workload
    even = work.gap and work.arrivals == EVEN and not work.grows
    uneven = plan.kind == STORED or plan.pinged or plan.seen_twice or plan.assumptions.eviction or not plan.refresh
    if not even or uneven or len(plan.sizes(queries)) != 1:
        return []
    groups = {at: [*group] for at, group in groupby(batches(plan, queries), key=lambda batch: batch.at)}
    ends = [*(work.before(queries, at - work.start) for at in [*groups][1:]), queries]
    parts = [(1, [*batches(plan, 1)]), *zip(ends, groups.values(), strict=True)]
    if any(isinstance(batch.times, Fraction) for _, part in parts for batch in part):
        return []
    costs = [
        (end, money.total(money.times(times, bill.of_one(usage, at, prompt)) for usage, times, at, prompt in part))
        for end, part in parts
    ]
    # the first stretch begins with the first query
    costs[1:2] = [(end, money.subtract(cost, costs[0][1])) for end, cost in costs[1:2] if end > 1]
    return costs


def _of_turns(plan: Plan, known: Conversations) -> Decimal:
    """The total of a conversation. Where rates stay, pauses count only by what a turn finds: then it is kept."""
    work = plan.workload
    if plan.kind == STORED or plan.sheet.meter.standing() or len(plan.stretches.starts(work.span(work.queries))) > 1:
        return Bill(plan).total(work.queries)
    sizes = (work.context, work.question, work.answer, work.tools, work.queries)
    key = (plan.strategy, sizes, plan.assumptions.hit_share, later(plan, 2))
    if key not in known:
        known[key] = Bill(plan).total(work.queries)
    return known[key]


def _straight(lines: Callable[[Any], Sequence[LineItem]], values: Sequence[Any], *, block: int = 0) -> list[Decimal]:
    """Totals of quantities that grow evenly with a value, and with what it has over its last whole block, where only
    whole ones are cached: drawn through the quotes of three points. Every point is quoted where other quotes show that
    they do not grow so."""
    first = values[0]
    measures = [(value - first, value % block - first % block if block else 0) for value in values]
    (x1, y1), last = measures[-1], len(values) - 1
    if last < FEW or not x1:
        return [_total_of(lines(value)) for value in values]
    # The third point lies off the line from the first to the last; where none does, one measure follows the other.
    third = next((place for place, (x, y) in enumerate(measures) if x * y1 != y * x1), None)
    x2, y2 = measures[third] if third else (0, 1)
    area = Fraction(x1) * y2 - Fraction(x2) * y1
    start, end, off = (  # money by line and price of one unit, exact
        {(line.name, line.each): Fraction(line.quantity) * Fraction(line.each) for line in lines(values[place])}
        for place in (0, last, third or 0)
    )
    constant = slope = rise = Decimal(0)
    endless = []
    for line in {**start, **end, **off}:
        begin = start.get(line, Fraction(0))
        up, aside = end.get(line, Fraction(0)) - begin, off.get(line, Fraction(0)) - begin
        terms = begin, (up * y2 - aside * y1) / area, (aside * Fraction(x1) - up * Fraction(x2)) / area
        decimals = [money.exact(term) for term in terms]
        if all(Fraction(decimal) == term for decimal, term in zip(decimals, terms, strict=True)):
            constant, slope, rise = map(money.add, (constant, slope, rise), decimals)
        else:
            endless.append(terms)  # its digits never end: cut at every point by itself, as in a bill

    def total(place: int) -> Decimal:
        x, y = measures[place]
        drawn = money.EXACT.fma(rise, y, money.EXACT.fma(slope, x, constant))
        for a, b, c in endless:
            drawn = money.add(drawn, money.exact(a + b * Fraction(x) + c * y))
        return drawn

    if any(total(place) != _total_of(lines(values[place])) for place in (last // 2, last - 1)):
        return [_total_of(lines(value)) for value in values]
    return [total(place) for place in range(len(values))]


def _total_of(lines: Sequence[LineItem]) -> Decimal:
    return money.total(line.amount for line in lines)
