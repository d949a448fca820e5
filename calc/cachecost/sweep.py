"""How the bill and the verdict change with what was only guessed: one or two words of a workload over a range.

Every cell is what `compare` answers at that point, to the last digit. Bills are straight lines in the size of a
prompt, in the number of queries and in the hit share between a few known edges, so a stretch between two edges is
quoted at its ends and drawn from there; a point inside must agree, otherwise every point is quoted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from itertools import chain, groupby, pairwise, product
from typing import Any, NamedTuple

from . import money
from .bill import Bill, plans
from .errors import BadWorkload, NotSold
from .quote import LineItem
from .sheet import PriceSheet
from .strategy import AUTOMATIC, FRESH, STORED, WRITTEN, Assumptions, Plan
from .workload import Workload

MAX_CELLS = 1_000_000
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
_WIDE = Context(prec=50, rounding=ROUND_HALF_EVEN)
_DIGITS = 4

Value = int | Decimal | Fraction | timedelta


class Axis(NamedTuple):
    """A word of the workload or the assumptions, and the values that it takes, rising."""

    name: str
    values: tuple[Value, ...]


class Cell(NamedTuple):
    """One point: the values of the axes; the total of each strategy of the grid, None where it is not sold; the
    cheapest, the simpler one at a tie. `fresh` is None where the point has no price at all."""

    values: tuple[Value, ...]
    fresh: Decimal | None
    totals: tuple[Decimal | None, ...]
    cheapest: str | None
    total: Decimal | None

    @property
    def savings_ratio(self) -> Fraction | None:
        """What the cheapest strategy saves of the fresh bill."""
        if not self.fresh or self.total is None:
            return None
        return 1 - Fraction(self.total) / Fraction(self.fresh)


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells in the order of `itertools.product` over the axes, the last one fastest. `left_out` says why points or
    strategies have no price."""

    sheet: PriceSheet
    version: str
    workload: Workload
    assumptions: Assumptions
    axes: tuple[Axis, ...]
    strategies: tuple[str, ...]
    cells: tuple[Cell, ...]
    left_out: tuple[str, ...] = ()


def spaced(first: Fraction, last: Fraction, points: int, *, grain: Fraction | None = None) -> list[Fraction]:
    """So many numbers from first to last, both exact, each once: by a factor where last is `FACTOR` times first or
    more, otherwise evenly. Those between are whole multiples of `grain`, or have four digits where there is none."""
    steps = points - 1
    if last == first or not steps:
        return [first]
    if first > 0 and last / first >= FACTOR:
        power = _WIDE.ln(_decimal(last / first))
        between = [first * Fraction(_WIDE.exp(_WIDE.divide(_WIDE.multiply(power, k), steps))) for k in range(1, steps)]
        grain_of: Callable[[Fraction], Fraction] = lambda value: grain or _short(value)  # noqa: E731
    else:
        between = [first + (last - first) * k / steps for k in range(1, steps)]
        grain_of = lambda _: grain or Fraction(0)  # noqa: E731
    whole = [round(value / fine) * fine if (fine := grain_of(value)) else value for value in between]
    return [first, *sorted({value for value in whole if first < value < last}), last]


def _short(value: Fraction) -> Fraction:
    """The place of a number's fourth digit."""
    return Fraction(10) ** (_WIDE.create_decimal(_decimal(value)).adjusted() - _DIGITS + 1)


def _decimal(value: Fraction) -> Decimal:
    return _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))


def sweep(
    sheet: PriceSheet,
    workload: Workload,
    assumptions: Assumptions,
    axes: Sequence[Axis],
    *,
    strategies: Sequence[str] = (),
) -> Grid:
    """The bill of every strategy that is sold, or of those named, at every point of one or two axes.

    Raises BadWorkload on axes that cannot be, what `compare` raises on a point that cannot be asked, and NotSold
    where no point has a price.
    """
    _check(axes)
    asked = _Asked(sheet, workload, assumptions, tuple(strategies))
    for axis in axes:
        for end in (axis.values[0], axis.values[-1]):
            asked.at(axis.name, end)
    if len(axes) == 1:
        columns = [_column(asked, axes[0])]
        inner_first = False
    else:
        inner_first = _rank(axes[0]) < _rank(axes[1])
        outer, inner = (axes[1], axes[0]) if inner_first else (axes[0], axes[1])
        columns = [_column(asked.at(outer.name, value), inner) for value in outer.values]
    refused = list(dict.fromkeys(chain.from_iterable(column.refused for column in columns)))
    names = tuple(sorted(dict.fromkeys(chain.from_iterable(column.totals for column in columns)), key=_simpler))
    if not names:
        raise NotSold(refused[0])
    cells = _cells(axes, columns, names, inner_first=inner_first)
    version = sheet.version(sheet.card(workload.start))
    return Grid(sheet, version, workload, assumptions, tuple(axes), names, cells, tuple(refused))


def _check(axes: Sequence[Axis]) -> None:
    if not 1 <= len(axes) <= 2:
        raise BadWorkload(f"sweep: expected one axis or two, not {len(axes)}")
    for name, values in axes:
        if name not in AXES:
            raise BadWorkload(f"sweep: {name!r} is no axis; expected {', '.join(AXES)}")
        if not values or any(after <= before for before, after in pairwise(values)):  # type: ignore[operator]
            raise BadWorkload(f"sweep: {name}: expected values that rise")
    if len({name for name, _ in axes}) < len(axes):
        raise BadWorkload(f"sweep: {axes[0].name} is given twice; give another axis")
    cells = 1
    for axis in axes:
        cells *= len(axis.values)
    if cells > MAX_CELLS:
        raise BadWorkload(f"sweep: {cells:,} cells are too many; expected up to {MAX_CELLS:,}, so give fewer points")


def _rank(axis: Axis) -> int:
    return INNER.index(axis.name) if axis.name in INNER else len(INNER)


def _simpler(strategy: str) -> int:
    """The order in which a card offers its strategies; those of one kind stay as they were found."""
    kinds = (FRESH, AUTOMATIC, WRITTEN, STORED)
    kind = strategy.partition(":")[0]
    return kinds.index(kind) if kind in kinds else len(kinds)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The question at one point of the axes."""

    sheet: PriceSheet
    workload: Workload
    assumptions: Assumptions
    strategies: tuple[str, ...]

    def at(self, name: str, value: Value) -> _Asked:
        changed: dict[str, Any] = {name: value}
        if name in OF_WORKLOAD:
            return replace(self, workload=replace(self.workload, **changed))
        return replace(self, assumptions=replace(self.assumptions, **changed))

    def plan(self, strategy: str) -> Plan:
        return Plan(strategy, self.workload, self.sheet, self.assumptions)

    def lines(self, strategy: str) -> tuple[LineItem, ...]:
        return Bill(self.plan(strategy)).lines(self.workload.queries)


@dataclass(slots=True)
class _Column:
    """Totals along one axis by strategy, None where it is not sold; fresh ones beside, and every refusal."""

    fresh: list[Decimal | None]
    totals: dict[str, list[Decimal | None]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)


def _column(asked: _Asked, axis: Axis) -> _Column:
    column = _Column([None] * len(axis.values))
    for begin, values in _stretches(asked, axis):
        _fill(column, asked, axis, begin, values)
    return column


def _fill(column: _Column, asked: _Asked, axis: Axis, begin: int, values: Sequence[Any]) -> None:
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
                column.refused.append(f"{strategy}: {error}")
    except NotSold as error:
        if len(values) == 1:
            column.refused.append(str(error))
            return
        for place, value in enumerate(values, begin):
            _fill(column, asked, axis, place, (value,))


def _stretches(asked: _Asked, axis: Axis) -> Iterator[tuple[int, Sequence[Any]]]:
    """The axis cut where a row or a minimum may change: where each piece begins, and its values."""
    if asked.workload.grows:
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


def _edges(asked: _Asked, name: str) -> list[int]:
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


def _totals(asked: _Asked, name: str, values: Sequence[Any], strategy: str) -> list[Decimal | None]:
    """The totals of one strategy along a stretch."""
    kind = strategy.partition(":")[0]
    same = (name == "hold" and kind != STORED) or (name == "hit_share" and kind in (FRESH, STORED))
    if same and not asked.workload.grows:
        return [_total(asked.at(name, values[0]).lines(strategy))] * len(values)
    if name == "queries" and len(values) > 1:
        return _over_queries(asked, values, strategy)

    def lines(value: Any) -> tuple[LineItem, ...]:
        return asked.at(name, value).lines(strategy)

    if name in SIZES or name == "hit_share":
        block = _block(asked.at(name, values[0]).plan(strategy)) if name == "context" else 1
        return _straight(lines, values, block)
    return [_total(lines(value)) for value in values]


def _block(plan: Plan) -> int:
    """Tokens that are cached only together."""
    return getattr(getattr(plan.card.caching, plan.kind, None), "block", None) or 1


def _over_queries(asked: _Asked, values: Sequence[int], strategy: str) -> list[Decimal | None]:
    """Totals at numbers of queries, cut where the slope of the bill changes."""
    bill = Bill(asked.at("queries", values[-1]).plan(strategy))
    starts = bill.pieces
    if starts is None:
        return [_total(bill.lines(n)) for n in values]
    found: list[Decimal | None] = []
    for _, group in groupby(values, key=lambda n: bisect_right(starts, n)):
        found += _straight(bill.lines, list(group), 1)
    return found


def _total(lines: Sequence[LineItem]) -> Decimal:
    return money.total(line.amount for line in lines)


def _straight(lines: Callable[[Any], Sequence[LineItem]], values: Sequence[Any], block: int) -> list[Decimal | None]:
    """Totals of quantities that grow evenly, and by blocks; each point is quoted where they turn out not to."""
    first, last, middle = values[0], values[-1], values[len(values) // 2]
    far = first + (last - first) // block * block if block > 1 else last
    if len(values) <= FEW or far == first:
        return [_total(lines(value)) for value in values]
    start, end = _quantities(lines(first)), _quantities(lines(far))
    run = Fraction(far - first)
    slope = {key: (end.get(key, 0) - start.get(key, 0)) / run for key in {**start, **end}}
    over = dict.fromkeys(slope, Fraction(0))
    if block > 1:
        near = _quantities(lines(first + 1))
        jump = (first + 1) % block - first % block
        if near.keys() - slope.keys():
            return [_total(lines(value)) for value in values]
        over = {key: (near.get(key, 0) - start.get(key, 0) - slope[key]) / jump for key in slope}
    drawn = _Drawn.of({key: (start.get(key, Fraction(0)), slope[key], over[key]) for key in slope})

    def total(value: Any) -> Decimal:
        return drawn.at(value - first, value % block - first % block if block > 1 else 0)

    if any(total(value) != _total(lines(value)) for value in (middle, last)):
        return [_total(lines(value)) for value in values]
    return [total(value) for value in values]


def _quantities(lines: Sequence[LineItem]) -> dict[tuple[str, Decimal], Fraction]:
    """Quantities by line and money for one."""
    return {(line.name, line.each): Fraction(line.quantity) for line in lines}


class _Drawn(NamedTuple):
    """constant + slope x way + over x rest: in decimals, beside lines whose digits never end and are cut one by one."""

    constant: Decimal
    slope: Decimal
    over: Decimal
    endless: tuple[tuple[Fraction, Fraction, Fraction], ...]

    @classmethod
    def of(cls, quantities: Mapping[tuple[str, Decimal], tuple[Fraction, Fraction, Fraction]]) -> _Drawn:
        sums, endless = [Decimal(0)] * 3, []
        for (_, each), terms in quantities.items():
            amounts = [term * Fraction(each) for term in terms]
            ends = [money.exact(amount) for amount in amounts]
            if any(Fraction(end) != amount for end, amount in zip(ends, amounts, strict=True)):
                endless.append((amounts[0], amounts[1], amounts[2]))
            else:
                sums = [money.add(so_far, end) for so_far, end in zip(sums, ends, strict=True)]
        return cls(sums[0], sums[1], sums[2], tuple(endless))

    def at(self, way: int | Decimal, rest: int) -> Decimal:
        total = money.EXACT.fma(self.slope, way, self.constant)
        if rest:
            total = money.EXACT.fma(self.over, rest, total)
        for constant, slope, over in self.endless:
            total = money.add(total, money.exact(constant + slope * Fraction(way) + over * rest))
        return total


def _cells(
    axes: Sequence[Axis], columns: Sequence[_Column], names: Sequence[str], *, inner_first: bool
) -> tuple[Cell, ...]:
    """One cell a point, in the order of the axes."""
    places = [range(len(axis.values)) for axis in axes]
    nothing: list[Decimal | None] = [None] * max(len(axis.values) for axis in axes)
    lists = [[column.totals.get(name, nothing) for name in names] for column in columns]
    found = []
    for place, values in zip(product(*places), product(*(axis.values for axis in axes)), strict=True):
        if len(axes) == 1:
            outer, inner = 0, place[0]
        else:
            outer, inner = (place[1], place[0]) if inner_first else (place[0], place[1])
        totals = tuple([each[inner] for each in lists[outer]])
        cheapest = total = None
        for name, each in zip(names, totals, strict=True):
            if each is not None and (total is None or each < total):
                cheapest, total = name, each
        found.append(Cell(values, columns[outer].fresh[inner], totals, cheapest, total))
    return tuple(found)
