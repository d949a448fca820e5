"""A sweep for people and programs: a table along one axis, letters of the cheapest strategy over two, records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from string import ascii_lowercase
from typing import Any

from .. import money
from ..quantities import show_duration
from ..sheet import Lifetime
from ..strategy import AUTOMATIC
from ..sweep import Cell, Grid
from .figures import amount, cited, duration, percent, plain
from .record import SCHEMA_VERSION, Record, of_assumptions, of_workload
from .screen import Screen
from .table import Table

NOTHING = "."
"""Stands where no strategy has a price."""


def shown(value: Any) -> str:
    """A value of an axis: `100,000`, `5m`, `0.25`."""
    if isinstance(value, timedelta):
        return show_duration(value)
    return f"{value:,}" if isinstance(value, int) else money.text(money.rounded(value, 6))


def letters(strategies: Sequence[str]) -> dict[str, str]:
    """A letter for each strategy, of its own name as far as there are enough: f fresh, w written:5m, h written:1h."""
    found: dict[str, str] = {}
    for name in strategies:
        wanted = [name[0], *reversed(name), *ascii_lowercase, *ascii_lowercase.upper()]
        found[name] = next(each for each in wanted if each.isalpha() and each not in found.values())
    return found


def on_screen(grid: Grid, counted: str = "") -> Screen:
    """The whole answer for a terminal or a pipe."""
    screen = Screen()
    sizes = {name: f"{getattr(grid.workload, name):,} of {name}" for name in ("question", "answer")}
    told = [text for name, text in sizes.items() if name not in {axis.name for axis in grid.axes}]
    if told:
        screen.paragraph(f"each query with {' and '.join(told)}", "bold")
    if counted:
        screen.paragraph(counted)
    if len(grid.axes) == 1:
        screen.table(table(grid))
    else:
        _map(grid, screen)
    if found := next((cell.refusal for cell in grid.cells if cell.refusal), None):
        screen.paragraph(f"! would be refused: the model {found.why}", "yellow")
    if grid.lifetime:
        screen.paragraph(f"! {AUTOMATIC}: {_open_lifetime(grid, grid.lifetime)}", "yellow")
    for note in grid.left_out[:3]:
        screen.paragraph(f"! left out: {note}", "yellow")
    if len(grid.left_out) > 3:
        screen.paragraph(f"! left out: {len(grid.left_out) - 3:,} more; --json has them all", "yellow")
    screen.paragraph(cited(grid.sheet, grid.version), "dim")
    return screen


def _open_lifetime(grid: Grid, lifetime: Lifetime) -> str:
    """What the life of automatic entries leaves open, in how many cells."""
    least, most = duration(lifetime.least), duration(lifetime.most)
    cells = f"{sum(cell.longest is not None for cell in grid.cells):,} of {len(grid.cells):,} cells"
    kept = f"the vendor keeps an automatic cache for {least} to {most} after its last use; counted here as lost after"
    return f"{kept} {least}; in {cells} the bill differs if it lives for {most}, see --format csv"


def table(grid: Grid) -> Table:
    """One axis: a row a point, a column a strategy. Two: a row for each value of the second, a column for each of the
    first, the cheapest strategy where they meet."""
    if len(grid.axes) == 2:
        across, up = grid.axes
        rows = [
            [
                shown(value),
                *(cell.status if cell.refusal else cell.cheapest or "" for cell in grid.cells[place :: len(up.values)]),
            ]
            for place, value in enumerate(up.values)
        ]
        return Table([f"{up.name} \\ {across.name}", *map(shown, across.values)], rows)
    currency, name = grid.sheet.currency, grid.axes[0].name
    rows = [
        [
            shown(cell.values[0]),
            *("-" if total is None or cell.refusal else amount(total, currency) for total in cell.totals),
            cell.status if cell.refusal else cell.cheapest or "-",
            _saved(cell),
        ]
        for cell in grid.cells
    ]
    headings = [name, *grid.strategies, "cheapest", "saved"]
    return Table(headings, rows, (name, *grid.strategies, "saved"), spare=("saved",))


def _saved(cell: Cell) -> str:
    ratio = cell.savings_ratio
    return "" if ratio is None else f"{'-' if ratio < 0 else ''}{percent(ratio)}"


def _map(grid: Grid, screen: Screen) -> None:
    """The first axis to the right, the second downwards, a letter a cell; on a narrow terminal not every column."""
    marks = letters(grid.strategies)
    across, down = grid.axes
    margin = max(len(down.name), *(len(shown(value)) for value in down.values))
    room = max(1, (screen.width - margin - 1) // 2) if screen.width else len(across.values)
    step = -(-len(across.values) // room)
    columns = range(0, len(across.values), step)
    first, last = shown(across.values[0]), shown(across.values[columns[-1]])
    head = f"{across.name}: {first} to {last}, left to right"
    screen.text(f"{down.name:>{margin}}  {head}", "bold")
    size = len(down.values)
    for row, value in enumerate(down.values):
        line = (marks.get(grid.cells[column * size + row].cheapest or "", NOTHING) for column in columns)
        screen.text(f"{shown(value):>{margin}}  {' '.join(line)}")
    if step > 1:
        screen.paragraph(f"One column of {step} is shown here; --format csv has all {len(across.values):,}.", "dim")
    won = Counter(cell.cheapest for cell in grid.cells)
    for name in grid.strategies:
        share = percent(Fraction(won[name], len(grid.cells)))
        screen.text(f"  {marks[name]} {name}: cheapest in {won[name]:,} of {len(grid.cells):,} cells ({share})")
    refused = sum(cell.refusal is not None for cell in grid.cells)
    if refused:
        screen.text(f"  {NOTHING} would be refused: {refused:,} cells")
    if unsold := won[None] - refused:
        screen.text(f"  {NOTHING} no price: {unsold:,} cells")


def long_table(grid: Grid) -> Table:
    """A row a point and strategy, every digit: for CSV. Durations are in seconds."""
    names = [f"{axis.name}_seconds" if isinstance(axis.values[0], timedelta) else axis.name for axis in grid.axes]
    headings = [
        "model",
        "version",
        "currency",
        *names,
        "strategy",
        "total",
        "total_low",
        "total_high",
        "savings",
        "savings_ratio",
        "cheapest",
        "status",
        "warnings",
    ]
    lead = [grid.sheet.id, grid.version, grid.sheet.currency]
    rows = []
    for cell in grid.cells:
        place = [_seconds(value) for value in cell.values]
        for name, total in zip(grid.strategies, cell.totals, strict=True):
            if total is not None and cell.fresh is not None:
                ends = map(money.text, grid.ends(cell, name) or ())
                row = [*lead, *place, name, money.text(total), *ends, *_savings(cell.fresh, total)]
                rows.append([*row, "true" if name == cell.cheapest else "false", cell.status, "; ".join(cell.warnings)])
    return Table(headings, rows)


def _savings(fresh: Decimal, total: Decimal) -> tuple[str, str]:
    saved = money.subtract(fresh, total)
    return money.text(saved), (plain(Fraction(saved) / Fraction(fresh)) or "") if fresh else ""


def _seconds(value: Any) -> str:
    if isinstance(value, timedelta):
        value = Fraction(value // timedelta(microseconds=1), 10**6)
    return plain(value) or ""


def of_grid(grid: Grid) -> Record:
    """The grid for machines: `cells` in the order of the axes, the last one fastest; `totals` null where not sold."""
    swept = {axis.name for axis in grid.axes}
    axes = [{"name": axis.name, "values": [_plain(value) for value in axis.values]} for axis in grid.axes]
    return {
        "schema_version": SCHEMA_VERSION,
        "model": grid.sheet.id,
        "version": grid.version,
        "currency": grid.sheet.currency,
        "workload": _without(of_workload(grid.workload), swept),
        "assumptions": _without(of_assumptions(grid.assumptions), swept),
        "axes": axes,
        "strategies": list(grid.strategies),
        "cells": [_of_cell(cell, grid) for cell in grid.cells],
        "left_out": list(grid.left_out),
    }


def _without(record: Record, names: set[str]) -> Record:
    """What was asked but for the words that took several values."""
    return {key: value for key, value in record.items() if key.removesuffix("_per_hour") not in names}


def _of_cell(cell: Cell, grid: Grid) -> Record:
    place = {axis.name: _plain(value) for axis, value in zip(grid.axes, cell.values, strict=True)}
    return place | {
        "totals": {name: plain(total) for name, total in zip(grid.strategies, cell.totals, strict=True)},
        "range": _range(cell, grid),
        "fresh": plain(cell.fresh),
        "status": cell.status,
        "warnings": list(cell.warnings),
        "cheapest": cell.cheapest,
        "total": plain(cell.total),
        "savings_ratio": plain(cell.savings_ratio),
    }


def _range(cell: Cell, grid: Grid) -> Record | None:
    """The totals between which the life of automatic entries leaves the bill; null where it changes nothing."""
    ends = grid.ends(cell, AUTOMATIC) if cell.longest is not None else None
    return ends and {"strategy": AUTOMATIC, "low": plain(ends[0]), "high": plain(ends[1])}


def _plain(value: Any) -> int | str | None:
    if isinstance(value, timedelta):
        return show_duration(value)
    return value if isinstance(value, int) else plain(value)
