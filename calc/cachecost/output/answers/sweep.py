"""A sweep for people and programs: a table along one axis, letters of the cheapest strategy over two, records."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import chain, repeat
from string import ascii_lowercase
from typing import Any

from ... import money
from ...strategies.names import AUTOMATIC
from ...sweep.grid import Cell, Grid
from ...units import MICROSECOND, show_duration
from ..figures import amount, cited, duration, many, percent, plain, signed, span
from ..labels import policy
from ..records import LATER, OfOneModel, Point, Record, RecordFields, by_its_type, of, of_model, record, rows
from ..reply import Page, Reply
from ..screen import Screen
from ..table import Table
from .measures import FEW, each_once, why_a_range
from .question import INPUTS, AssumptionsRecord, WorkloadRecord, inputs_of, question

_DIGITS = re.compile(r"[\d,.]*\d")
NOTHING = "."
"""Stands where no strategy has a price."""


class AxisRecord(RecordFields):
    """A word of the question that was varied, and its values."""

    name: str
    values: list[Point]


class CellRangeRecord(RecordFields):
    """The totals between which the life of automatic entries leaves the bill."""

    strategy: str = of(0)
    low: Decimal = of(1)
    high: Decimal = of(2)


class CellRecord(RecordFields):
    """A point of a sweep, after its values by the names of the axes: `totals` by strategy, null where not sold, and the
    lowest and highest where the life of automatic entries or the estimated tokens of a document leave them open."""

    open = True
    totals: dict[str, Decimal]
    totals_low: dict[str, Decimal] | None
    totals_high: dict[str, Decimal] | None
    range: CellRangeRecord | None
    fresh: Decimal | None
    status: str
    warnings: list[str]
    cheapest: str | None
    total: Decimal | None
    savings_ratio: Decimal | None


class SweptWorkloadRecord(WorkloadRecord):
    """What was asked, but for what was varied."""

    partial = True


class SweptAssumptionsRecord(AssumptionsRecord):
    """What was assumed, but for what was varied."""

    partial = True


class GridRecord(OfOneModel):
    """`cells` in the order of the axes, the last one fastest."""

    workload: SweptWorkloadRecord = of(lambda grid: _but_swept(record(WorkloadRecord, grid.workload), grid))
    assumptions: SweptAssumptionsRecord = of(lambda grid: _but_swept(record(AssumptionsRecord, grid.assumptions), grid))
    axes: list[AxisRecord]
    strategies: list[str]
    labels: dict[str, str] = of(lambda grid: {name: policy(name) for name in grid.strategies})
    cells: list[CellRecord] = of(lambda grid: [_cell(cell, grid) for cell in grid.cells])
    left_out: list[str]
    counted: str | None = LATER


def shown(value: Any) -> str:
    """A value of an axis: `100,000`, `5m`, `0.25`."""
    if isinstance(value, timedelta):
        return show_duration(value)
    return f"{value:,}" if isinstance(value, int) else money.text(money.rounded(value, 6))


def letters(strategies: Sequence[str]) -> dict[str, str]:
    """A letter for each strategy, from its name as far as there are enough: f fresh, w written:5m, h written:1h."""
    letters_by_name: dict[str, str] = {}
    for name in strategies:
        wanted = [name[0], *reversed(name), *ascii_lowercase, *ascii_lowercase.upper()]
        letters_by_name[name] = next(each for each in wanted if each.isalpha() and each not in letters_by_name.values())
    return letters_by_name


def reply(grid: Grid) -> Reply:
    """A sweep in every form: over two axes a map on a terminal."""
    axes = [axis.name for axis in grid.axes]
    return Reply(
        page=lambda: Page(
            question([grid], grid.assumptions.service, but=axes),
            [table(grid)],
            notes(grid),
            [cited(grid.sheet, grid.version)],
            drawing=partial(_map, grid) if len(axes) == 2 else None,
            airy=False,
        ),
        record=lambda: record(GridRecord, grid),
        rows=lambda: exact_table(grid),
    )


def notes(grid: Grid) -> list[str]:
    """Every warning once with the number of its cells, those alike but for their numbers together; and what is open or
    has no price."""
    alike: dict[str, list[str]] = {}
    for cell in grid.cells:
        for text in cell_warnings(cell, grid, policy):
            alike.setdefault(_DIGITS.sub("0", text), []).append(text)
    lines, cells = [], len(grid.cells)
    for texts in alike.values():
        differ = ", with other numbers in some; see --json" if len(set(texts)) > 1 else ""
        some = f" (in {len(texts):,} of {cells:,} cells{differ})" if len(texts) < cells or differ else ""
        lines.append(f"{texts[0]}{some}")
    if grid.lifetime:
        some = f"in {sum(cell.longest is not None for cell in grid.cells):,} of {cells:,} cells the bill differs"
        differs = f"{some} if it lives for {duration(grid.lifetime.most)}, see --format csv"
        lines.append(f"{policy(AUTOMATIC)}: {why_a_range(grid.lifetime)}; {differs}")
    lines += [f"left out: {note}" for note in grid.left_out[:FEW]]
    more = len(grid.left_out) - FEW
    return [*lines, f"left out: {more:,} more; --json has them all"] if more > 0 else lines


def cell_warnings(cell: Cell, grid: Grid, named: Callable[[str], str] = str) -> list[str]:
    """Each warning of a cell once, after the strategies that have it, as they are named, where not every one that has a
    price does."""
    warned = zip(grid.strategies, cell.warnings, cell.totals, strict=True) if cell.warnings else ()
    return each_once([(named(name), texts) for name, texts, total in warned if total is not None])


def _marked(grid: Grid) -> list[bool]:
    """Whether the cheapest strategy of each cell has a warning that most cells do not have, even with other numbers."""

    def of_cheapest(cell: Cell) -> set[str]:
        texts = dict(zip(grid.strategies, cell.warnings, strict=False)).get(cell.cheapest or "", ())
        return {_DIGITS.sub("0", text) for text in texts}

    warned = [of_cheapest(cell) for cell in grid.cells]
    often, priced = Counter(chain.from_iterable(warned)), sum(cell.cheapest is not None for cell in grid.cells)
    return [any(2 * often[text] <= priced for text in texts) for texts in warned]


def table(grid: Grid) -> Table:
    """One axis: a row a point, a column a strategy. Two: a row for each value of the second, a column for each of the
    first, the cheapest strategy where they meet. `!` marks a cell whose cheapest strategy has a warning
    that most others lack."""
    best = [
        cell.status if cell.refusal else f"{policy(cell.cheapest) if cell.cheapest else '-'}{' !' if mark else ''}"
        for cell, mark in zip(grid.cells, _marked(grid), strict=True)
    ]
    if len(grid.axes) == 2:
        across, up = grid.axes
        lines = [[shown(value), *best[place :: len(up.values)]] for place, value in enumerate(up.values)]
        return Table([f"{up.name} \\ {across.name}", *map(shown, across.values)], lines)
    name = grid.axes[0].name
    cells = [
        [
            shown(cell.values[0]),
            *(_bill(grid, cell, name) for name in grid.strategies),
            cheapest,
            signed(cell.savings_ratio),
        ]
        for cell, cheapest in zip(grid.cells, best, strict=True)
    ]
    labels = [*map(policy, grid.strategies)]
    return Table([name, *labels, "cheapest", "saved"], cells, (name, *labels, "saved"), spare=("saved",))


def _bill(grid: Grid, cell: Cell, strategy: str) -> str:
    """A total; its range where the tokens of a document are an estimate."""
    total, ends = cell.totals[grid.strategies.index(strategy)], grid.ends(cell, strategy)
    if total is None or ends is None or cell.refusal:
        return "-"
    return span(ends, grid.sheet.currency) if cell.estimated else amount(total, grid.sheet.currency)


def _map(grid: Grid, screen: Screen) -> None:
    """The first axis to the right, the second downwards, a letter a cell; on a narrow terminal not every column."""
    marks = letters(grid.strategies)
    across, down = grid.axes
    margin = max(len(down.name), *(len(shown(value)) for value in down.values))
    width = max(1, (screen.width - margin - 1) // 2) if screen.width else len(across.values)
    step = -(-len(across.values) // width)
    columns = range(0, len(across.values), step)
    first, last = shown(across.values[0]), shown(across.values[columns[-1]])
    title = f"{across.name}: {first} to {last}, left to right"
    screen.text(f"{down.name:>{margin}}  {title}", "bold")
    size, warned = len(down.values), _marked(grid)
    for row, value in enumerate(down.values):
        places = [column * size + row for column in columns]
        line = (marks.get(grid.cells[place].cheapest or "", NOTHING) + " !"[warned[place]] for place in places)
        screen.text(f"{shown(value):>{margin}}  {''.join(line).rstrip()}")
    if step > 1:
        screen.paragraph(f"One column of {step} is shown here; --format csv has all {len(across.values):,}.", "dim")
    won = Counter(cell.cheapest for cell in grid.cells)
    for name in grid.strategies:
        share = percent(Fraction(won[name], len(grid.cells)))
        cells = f"{won[name]:,} of {len(grid.cells):,} cells ({share})"
        screen.paragraph(f"  {marks[name]} {policy(name)}: cheapest in {cells}", indent="    ")
    refused = sum(cell.refusal is not None for cell in grid.cells)
    if refused:
        screen.text(f"  {NOTHING} would be refused: {many(refused, 'cell')}")
    if any(warned):
        screen.text(f"  ! with a warning that most others lack: {many(sum(warned), 'cell')}")
    if unsold := won[None] - refused:
        screen.text(f"  {NOTHING} no price: {many(unsold, 'cell')}")


COLUMNS = "strategy total total_low total_high savings savings_ratio cheapest status warnings".split()


def exact_table(grid: Grid) -> Table:
    """A row a point and strategy, every digit: for CSV. Durations are in seconds. There may be 100,000 rows."""
    names = [f"{axis.name}_seconds" if isinstance(axis.values[0], timedelta) else axis.name for axis in grid.axes]
    lead, lines = of_model(grid), []
    for cell in grid.cells:
        values = (Fraction(each // MICROSECOND, 10**6) if isinstance(each, timedelta) else each for each in cell.values)
        place = [*lead.values(), *(plain(each) or "" for each in values)]
        for name, total, warned in zip(grid.strategies, cell.totals, cell.warnings or repeat(()), strict=False):
            if total is not None and cell.fresh is not None:
                saved = money.subtract(cell.fresh, total)
                ratio = plain(Fraction(saved) / Fraction(cell.fresh)) or "" if cell.fresh else ""
                amounts = map(money.text, (total, *(grid.ends(cell, name) or ()), saved))
                cheapest = "true" if name == cell.cheapest else "false"
                lines.append([*place, name, *amounts, ratio, cheapest, cell.status, "; ".join(warned)])
    inputs = _but_swept(inputs_of(grid.sheet, grid.workload, grid.assumptions.service), grid)
    columns = [name for name in INPUTS if name in inputs]
    (cells,) = rows(columns, [inputs]).rows
    return Table([*lead, *names, *COLUMNS, *columns], [[*line, *cells] for line in lines])


def _cell(cell: Cell, grid: Grid) -> Record:
    """A point for programs: its values by the names of the axes, and its totals by strategy."""
    is_open = cell.longest is not None or bool(cell.estimated)
    ends = {name: grid.ends(cell, name) or (None, None) for name in grid.strategies} if is_open else {}
    place = {axis.name: by_its_type(value) for axis, value in zip(grid.axes, cell.values, strict=True)}
    return place | record(
        CellRecord,
        cell,
        totals=dict(zip(grid.strategies, cell.totals, strict=True)),
        totals_low={name: low for name, (low, _) in ends.items()} or None,
        totals_high={name: high for name, (_, high) in ends.items()} or None,
        range=None if cell.longest is None else (AUTOMATIC, *ends[AUTOMATIC]),
        warnings=cell_warnings(cell, grid),
    )


def _but_swept(record: Record, grid: Grid) -> Record:
    """What was asked but for the words that took several values."""
    swept = {axis.name for axis in grid.axes}
    return {key: value for key, value in record.items() if key.removesuffix("_per_hour") not in swept}
