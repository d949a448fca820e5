"""Parts of a Parquet file whose rows all lie in one stretch of time, told by the file's own statistics.

Logs are written in the order of time, so most of their row groups lie between two changes of rates. Read as runs of row
numbers, of which DuckDB opens only the groups that they meet: https://duckdb.org/docs/stable/data/parquet/metadata
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from ..replay.classes import Edges, place
from .machine import ask
from .sql import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MANY = 32
"""Runs above which a file is read as one: each costs a look at its end."""


class Part(NamedTuple):
    """Rows of a log: on what condition (none: all), and the number of their stretch where they share one."""

    where: str = ""
    stretch: int | None = None


WHOLE = (Part(),)


def parts(connection: DuckDBPyConnection, path: str, edges: Edges) -> tuple[Part, ...]:
    """The parts of a Parquet file, together all of it: runs of one stretch, and what is mixed."""
    told = ask(
        connection,
        "SELECT path_in_schema, row_group_num_rows, epoch_us(TRY_CAST(stats_min_value AS TIMESTAMPTZ)), "
        f"epoch_us(TRY_CAST(stats_max_value AS TIMESTAMPTZ)), stats_null_count FROM parquet_metadata({quoted(path)}) "
        "WHERE path_in_schema IN ('at', 'file_row_number') ORDER BY row_group_id",
    )
    if not told or any(row[0] != "at" for row in told):
        return WHOLE
    runs = _runs(told, edges)
    mixed = [where for where, stretch in runs if stretch is None]
    if len(runs) > MANY or len(mixed) == len(runs):
        return WHOLE
    alike = tuple(run for run in runs if run.stretch is not None)
    return (Part(" OR ".join(mixed)), *alike) if mixed else alike


def _runs(told: list[Any], edges: Edges) -> list[Part]:
    """Neighbouring row groups of one stretch as one part each, by the numbers of their rows."""
    runs, begin = list[Part](), 0
    for stretch, groups in groupby(told, lambda row: _stretch(row, edges)):
        end = begin + sum(row[1] for row in groups)
        runs.append(Part(f"file_row_number BETWEEN {begin} AND {end - 1}", stretch))
        begin = end
    return runs


def _stretch(group: Sequence[Any], edges: Edges) -> int | None:
    """The stretch of a row group; None where it has several, or the file does not say."""
    _, _, first, last, absent = group
    if first is None or last is None or absent != 0:
        return None
    found = set(edges.stretches[place(edges.instants, first) : place(edges.instants, last) + 1])
    return found.pop() if len(found) == 1 else None
