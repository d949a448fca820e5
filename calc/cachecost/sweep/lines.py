"""The totals of every strategy along one axis, all else being the same.

Bills are straight lines in the size of a prompt, in the number of queries, in the hit share and in the time that a
cache is held, between a few known edges: a stretch between two of them is drawn, and nothing is worked out twice that
the swept words do not touch.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import groupby
from typing import Any

from ..bills.bill import Bill
from ..bills.candidates import plans
from ..errors import NotSold
from ..prices.quote import LineItem
from ..prices.sheet import PriceSheet
from ..strategies.assumptions import Assumptions
from ..strategies.names import FRESH, STORED
from ..strategies.plan import Plan
from ..workload.workload import EVEN, Workload
from .axes import INNER, OF_WORKLOAD, SIZES, Axis, Value
from .running import Rents, Talks, of_turns, over_hold, over_queries, over_turns, over_window, runs, shares_a_window
from .straight import FEW, straight, total_of


@dataclass(frozen=True, slots=True)
class Asked:
    """The question at one point of the axes. `other`: the axis across the columns; `rents`, `talks` and `told` are
    shared by all columns, the last holds the totals of stretches that the other axis does not touch."""

    sheet: PriceSheet
    workload: Workload
    assumptions: Assumptions
    strategies: tuple[str, ...]
    other: str | None = None
    rents: Rents = field(default_factory=dict, compare=False, repr=False)
    talks: Talks = field(default_factory=dict, compare=False, repr=False)
    told: dict[tuple[str, Value, int], list[Decimal | None]] = field(default_factory=dict, compare=False, repr=False)

    def at(self, name: str, value: Value) -> Asked:
        changed: dict[str, Any] = {name: value}
        if name in OF_WORKLOAD:
            return replace(self, workload=replace(self.workload, **changed))
        return replace(self, assumptions=replace(self.assumptions, **changed))

    def plan(self, strategy: str) -> Plan:
        return Plan(strategy, self.workload, self.sheet, self.assumptions)

    def lines(self, strategy: str) -> tuple[LineItem, ...]:
        return Bill(self.plan(strategy)).lines(self.workload.queries)


@dataclass(slots=True)
class Column:
    """Totals along one axis by strategy, None where it is not sold; fresh ones beside, and every refusal."""

    fresh: list[Decimal | None]
    totals: dict[str, list[Decimal | None]] = field(default_factory=dict)
    refused: list[NotSold] = field(default_factory=list)


def column_of(asked: Asked, axis: Axis) -> Column:
    column = Column([None] * len(axis.values))
    for begin, values in _stretches(asked, axis):
        _fill(column, asked, axis, begin, values)
    return column


def _fill(column: Column, asked: Asked, axis: Axis, begin: int, values: Sequence[Any]) -> None:
    """The totals along a stretch; point by point where something is not sold at one of them."""
    first, end = asked.at(axis.name, values[0]), begin + len(values)
    try:
        offered = [plan.strategy for plan in plans(first.sheet, first.workload, first.assumptions, asked.strategies)]
        fresh = column.fresh[begin:end] = _totals(asked, axis.name, values, FRESH)
        for strategy in offered:
            totals = column.totals.setdefault(strategy, [None] * len(axis.values))
            try:
                totals[begin:end] = fresh if strategy == FRESH else _totals(asked, axis.name, values, strategy)
            except NotSold as error:
                if len(values) > 1:
                    raise
                column.refused.append(NotSold(f"{strategy}: {error}"))
    except NotSold as error:
        if len(values) == 1:
            column.refused.append(error)
            return
        for place, value in enumerate(values, begin):
            _fill(column, asked, axis, place, (value,))


def _stretches(asked: Asked, axis: Axis) -> Iterator[tuple[int, Sequence[Any]]]:
    """The axis cut where a row or a minimum may change: where each piece begins, and its values."""
    if asked.workload.grows and axis.name != "queries":
        yield from ((place, (value,)) for place, value in enumerate(axis.values))
    elif axis.name in SIZES:
        edges = _edges(asked, axis.name)
        for _, group in groupby(enumerate(axis.values), key=lambda each: bisect_right(edges, each[1])):
            places, found = zip(*group, strict=True)
            yield places[0], found
    elif axis.name in INNER:
        yield 0, axis.values
    else:
        yield from ((place, (value,)) for place, value in enumerate(axis.values))


def _edges(asked: Asked, name: str) -> list[int]:
    """Sizes from which on another row, minimum or line may count."""
    sheet, work = asked.sheet, asked.workload
    rows = [row for card in sheet.cards for row in card.rows]
    bands = [row.output for row in rows] if name == "answer" else [row.prompt for row in rows]
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


def _totals(asked: Asked, name: str, values: Sequence[Any], strategy: str) -> list[Decimal | None]:
    """The totals of one strategy along a stretch, once where the other axis does not touch them."""
    key = (strategy, values[0], len(values))
    if asked.other is None or not _leaves(asked.other, strategy):
        return _worked_out(asked, name, values, strategy)
    if key not in asked.told:
        asked.told[key] = _worked_out(asked, name, values, strategy)
    return asked.told[key]


def _leaves(name: str, strategy: str) -> bool:
    """Whether an axis leaves the bill of a strategy as it is."""
    kind = strategy.partition(":")[0]
    return (name == "hold" and kind != STORED) or (name == "hit_share" and kind in (FRESH, STORED))


def _worked_out(asked: Asked, name: str, values: Sequence[Any], strategy: str) -> list[Decimal | None]:
    if asked.workload.grows and name != "queries":
        return [of_turns(asked.at(name, value).plan(strategy), asked.talks) for value in values]
    if _leaves(name, strategy):
        return [total_of(asked.at(name, values[0]).lines(strategy))] * len(values)
    if name == "queries" and len(values) > 1:
        return _over_queries(asked, values, strategy)
    if (
        name == "hold"
        and strategy == STORED
        and len(values) > FEW
        and not (asked.workload.grows or asked.workload.times)
        and asked.workload.arrivals == EVEN
    ):

        def held(value: Any) -> Plan:
            return asked.at(name, value).plan(strategy)

        return [*over_hold(held(values[0]), held, values, asked.rents)]

    def lines(value: Any) -> tuple[LineItem, ...]:
        return asked.at(name, value).lines(strategy)

    if name in SIZES or name == "hit_share":
        block = _block(asked.at(name, values[0]).plan(strategy)) if name == "context" else 1
        return straight(lines, values, block)
    return [total_of(lines(value)) for value in values]


def _block(plan: Plan) -> int:
    """Tokens that are cached only together."""
    return getattr(getattr(plan.card.caching, plan.kind, None), "block", None) or 1


def _over_queries(asked: Asked, values: Sequence[int], strategy: str) -> list[Decimal | None]:
    """Totals at numbers of queries, cut where the slope of the bill changes."""
    bill = Bill(asked.at("queries", values[-1]).plan(strategy))
    if bill.plan.workload.grows and bill.plan.kind != STORED:
        return over_turns(bill, values)
    starts = bill.pieces
    if starts is None and runs(bill.plan):
        return over_queries(bill, values)
    if starts is None and shares_a_window(bill.plan):
        return over_window(bill, values)
    if starts is None:
        return [bill.total(n) for n in values]
    found: list[Decimal | None] = []
    for _, group in groupby(values, key=lambda n: bisect_right(starts, n)):
        found += straight(bill.lines, list(group), 1)
    return found
