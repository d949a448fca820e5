"""How the bill and the verdict change with what was only guessed: one or two words of a workload over a range.

Every cell is what `compare` answers at that point, to the last digit.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import chain, pairwise, product
from math import prod
from typing import NamedTuple

from ..bills.candidates import next_change
from ..bills.measures import counted_range
from ..bills.warnings import notices, refused
from ..errors import BadWorkload
from ..prices.caching import Lifetime
from ..prices.sheet import PriceSheet
from ..prices.warnings import Refusal
from ..strategies.assumptions import Assumptions
from ..strategies.names import AUTOMATIC, FRESH, STORED, WRITTEN
from ..units import show_duration
from ..workload.workload import Workload
from .lines import AXES, INNER, Axis, AxisTotals, Point, Value, column_of

MAX_CELLS = 1_000_000
MAX_WARNED = 2_500
"""Most cells that are given all warnings of `compare`: each takes a millisecond, a hundred times its bills."""
UNWARNED = (
    f"ranges and the other warnings of compare are left out over {MAX_WARNED:,} cells; ask for fewer points, or "
    "compare one of them",
)


class Cell(NamedTuple):
    """One point: the values of the axes; the total of each strategy of the grid, None where it is not sold; the
    cheapest, the simpler one at a tie. `fresh` is None where the point has no price at all. `refusal`: why the vendor
    would not serve the point's requests, so that nothing is the cheapest there."""

    values: tuple[Value, ...]
    fresh: Decimal | None
    totals: tuple[Decimal | None, ...]
    cheapest: str | None
    total: Decimal | None
    refusal: Refusal | None = None
    longest: Decimal | None = None
    """The total of `automatic` if its entries live as long as the vendor may keep them; None where it is the same."""
    warnings: tuple[tuple[str, ...], ...] = ()
    """What `compare` warns of, for each strategy of the grid; nothing where the grid has no warnings to tell."""
    estimated: tuple[tuple[Decimal, Decimal] | None, ...] = ()
    """Lowest and highest total of each strategy over the tokens that a document may have, where they are estimated."""

    @property
    def status(self) -> str:
        return self.refusal.status if self.refusal else "ok" if self.fresh is not None else "not_sold"

    @property
    def savings_ratio(self) -> Fraction | None:
        if not self.fresh or self.total is None:
            return None
        return 1 - Fraction(self.total) / Fraction(self.fresh)


class Grid:
    """The bill of every strategy that is sold, or of those named, at every point of one or two axes.

    `today` dates the warning about an old sheet; without it, or over `MAX_WARNED` cells, only refusals are given.
    `counted`: the fewest and the most tokens of a document which were only estimated; each cell then has a range, but
    not over so many cells.

    `cells` come in the order of `itertools.product` over the axes, the last one fastest. `left_out` says why points or
    strategies have no price. `lifetime`: the lives that the vendor names for automatic entries, where some total
    depends on them.

    Raises BadWorkload on axes that cannot be, what `compare` raises on a point that cannot be asked, and NotSold where
    no point has a price.
    """

    def __init__(
        self,
        sheet: PriceSheet,
        workload: Workload,
        assumptions: Assumptions,
        axes: Sequence[Axis],
        *,
        strategies: Sequence[str] = (),
        today: date | None = None,
        counted: tuple[int, int] | None = None,
    ) -> None:
        _check(axes)
        point = Point(sheet, workload, assumptions, tuple(strategies))
        for axis in axes:
            for end in (axis.values[0], axis.values[-1]):
                point.at(axis.name, end)
        totals = _totals(point, axes)
        refused = {str(error): error for error in totals.refused}
        names = tuple(sorted(totals.totals, key=_simpler))
        if not names:
            raise next(iter(refused.values()))
        longest: Sequence[Decimal | None] = [None] * len(totals.fresh)
        lifetime = _open_lifetime(point, axes) if AUTOMATIC in names else None
        if lifetime:
            named = f"{AUTOMATIC}:{show_duration(lifetime.most)}"
            at_most = _totals(replace(point, strategies=(named,)), axes).totals[named]
            pairs = zip(totals.totals[AUTOMATIC], at_most, strict=True)
            longest = [None if total == most else most for total, most in pairs]
        cells = [*_cells(axes, totals, names, longest, _refusals(axes, point))]
        if today and len(cells) <= MAX_WARNED:
            cells = [*_warned(cells, names, axes, point, today, counted)]
        elif today:
            cells = [cell if cell.refusal else cell._replace(warnings=(UNWARNED,) * len(names)) for cell in cells]
        self.sheet, self.version = sheet, sheet.version(sheet.card(workload.start))
        self.workload, self.assumptions, self.axes = workload, assumptions, axes
        self.strategies, self.cells, self.left_out = names, cells, [*refused]
        self.lifetime = lifetime if any(cell.longest is not None for cell in cells) else None

    def ends(self, cell: Cell, strategy: str) -> tuple[Decimal, Decimal] | None:
        """The lowest and the highest total of a strategy at a point; None where it has no price."""
        place = self.strategies.index(strategy)
        total, estimated = cell.totals[place], cell.estimated and cell.estimated[place]
        if total is None:
            return None
        longest = cell.longest if strategy == AUTOMATIC and cell.longest is not None else total
        ends = (total, longest, *(estimated or ()))
        return min(ends), max(ends)


def _totals(point: Point, axes: Sequence[Axis]) -> AxisTotals:
    """The totals at every point, in the order of the axes. Of two axes the one whose bills are drawn straight is run
    along, for each value of the other."""
    if len(axes) == 1:
        return column_of(point, axes[0])
    first_along = _rank(axes[0], point.workload) < _rank(axes[1], point.workload)
    along, other = axes if first_along else reversed(axes)
    columns = [column_of(point.at(other.name, value), along) for value in other.values]

    def joined(lists: Sequence[list[Decimal | None]]) -> list[Decimal | None]:
        return [*chain.from_iterable(zip(*lists, strict=True) if first_along else lists)]

    nothing: list[Decimal | None] = [None] * len(along.values)
    names = dict.fromkeys(chain.from_iterable(column.totals for column in columns))
    totals = {name: joined([column.totals.get(name, nothing) for column in columns]) for name in names}
    refused = [error for column in columns for error in column.refused]
    return AxisTotals(joined([column.fresh for column in columns]), totals, refused)


def _open_lifetime(point: Point, axes: Sequence[Axis]) -> Lifetime | None:
    """The range of lives of automatic entries; None where there is none, or time does not pass between queries."""
    automatic = point.sheet.card(point.workload.start).caching.automatic
    lifetime = automatic.lifetime if automatic else None
    passes = point.workload.spread or any(axis.name in ("every", "over", "rate") for axis in axes)
    return lifetime if lifetime and passes and lifetime.least < lifetime.most else None


def _refusals(axes: Sequence[Axis], point: Point) -> Iterator[Refusal | None]:
    """Of each cell, why its requests are over a limit of a card in force. None is asked about where the corners of the
    grid, which have the largest requests and the longest spans, are served and no other card begins."""

    def workload_at(values: Sequence[Value]) -> Workload:
        return _asked_at(point, axes, values).workload

    sheet, start = point.sheet, point.workload.start
    corners = [workload_at(ends) for ends in product(*((axis.values[0], axis.values[-1]) for axis in axes))]
    changes = sheet.changes(start, start + max(each.span(each.queries) for each in corners))
    all_served = not changes and not any(refused(sheet, each) for each in corners)
    for values in product(*(axis.values for axis in axes)):
        yield None if all_served else refused(sheet, workload_at(values))


def _asked_at(point: Point, axes: Sequence[Axis], values: Sequence[Value]) -> Point:
    for axis, value in zip(axes, values, strict=True):
        point = point.at(axis.name, value)
    return point


def _warned(
    cells: Sequence[Cell],
    names: Sequence[str],
    axes: Sequence[Axis],
    point: Point,
    today: date,
    counted: tuple[int, int] | None,
) -> Iterator[Cell]:
    """The cells with the warnings of each strategy that has a price there, and its range; equal ones are stored
    once."""
    known: dict[tuple[tuple[str, ...], ...], tuple[tuple[str, ...], ...]] = {}
    for cell in cells:
        here = _asked_at(point, axes, cell.values)
        change = next_change(here.sheet, here.workload, here.assumptions) if cell.fresh is not None else ()
        plans = [None if total is None else here.plan(name) for name, total in zip(names, cell.totals, strict=True)]
        ranges = [counted_range(plan, *counted) if plan and counted else None for plan in plans]
        texts = tuple(
            (*notices(plan, today=today), *change, *(open_.warnings if open_ else ())) if plan else ()
            for plan, open_ in zip(plans, ranges, strict=True)
        )
        estimated = tuple(open_ and (open_.low, open_.high) for open_ in ranges) if counted else ()
        yield cell._replace(warnings=known.setdefault(texts, texts), estimated=estimated)


def _check(axes: Sequence[Axis]) -> None:
    if not 1 <= len(axes) <= 2:
        raise BadWorkload(f"expected one axis or two, not {len(axes)}", word="sweep")
    for name, values in axes:
        if name not in AXES:
            raise BadWorkload(f"{name!r} is no axis; expected {', '.join(AXES)}", word="sweep")
        if not values or any(after <= before for before, after in pairwise(values)):  # type: ignore[operator]
            raise BadWorkload(f"{name}: expected values that rise", word="sweep")
    if len({name for name, _ in axes}) < len(axes):
        raise BadWorkload(f"{axes[0].name} is given twice; give another axis", word="sweep")
    refuse_too_many(prod(len(axis.values) for axis in axes))


def refuse_too_many(cells: int) -> None:
    if cells > MAX_CELLS:
        raise BadWorkload(
            f"{cells:,} cells are too many; expected up to {MAX_CELLS:,}, so give fewer points", word="sweep"
        )


def _rank(axis: Axis, workload: Workload) -> int:
    if workload.grows and axis.name == "queries":
        return -1
    return INNER.index(axis.name) if axis.name in INNER else len(INNER)


def _simpler(strategy: str) -> int:
    """The order in which a card offers its strategies; those of one kind stay as they were found."""
    kinds = (FRESH, AUTOMATIC, WRITTEN, STORED)
    kind = strategy.partition(":")[0]
    return kinds.index(kind) if kind in kinds else len(kinds)


def _cells(
    axes: Sequence[Axis],
    column: AxisTotals,
    names: Sequence[str],
    longest: Sequence[Decimal | None],
    refusals: Iterable[Refusal | None],
) -> Iterator[Cell]:
    totals = zip(*(column.totals[name] for name in names), strict=True)
    points = product(*(axis.values for axis in axes))
    for values, fresh, each, most, refusal in zip(points, column.fresh, totals, longest, refusals, strict=True):
        if refusal:
            yield Cell(values, fresh, each, None, None, refusal, warnings=((refusal.warning,),) * len(names))
            continue
        cheapest = total = None
        for name, its in zip(names, each, strict=True):
            if its is not None and (total is None or its < total):
                cheapest, total = name, its
        yield Cell(values, fresh, each, cheapest, total, longest=most)
