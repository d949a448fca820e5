"""Logs of any size on one machine: DuckDB reads, sorts and spills, and adds up whole tokens per set of rates.

Each file is one query, so that what is done stays done. A file that holds anything out of the ordinary goes to the
readers of `logs/`, line by line; nothing is priced twice and nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..logs.files import found
from ..logs.reader import Reading
from ..replay.account import RELATIVE
from ..replay.ledger import FileCount, Ledger
from .checks import accounted, counting, kept, repeats, unknown_keys, whole
from .machine import Machine, ask, connected
from .plain import Rows
from .query import Query
from .sources import LOOKED, rows_of
from .sums import Sums, fold

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def tally(
    paths: Sequence[str],
    sums: Sums,
    *,
    ledger: Ledger,
    machine: Machine | None = None,
    done: Callable[[Path], None] | None = None,
    apart: Callable[[Path], None] | None = None,
) -> Sums:
    """Add the logs to the sums. `done` is told of every file that has been added, for a progress bar or a checkpoint.
    `apart` takes the files that need their readers, and those with a request that is on no day of the calendar, for
    which sums have no rates.

    Raises BadLog where duckdb is missing, a path means no file, memory or disk do not suffice, or somebody interrupts;
    what `done` was told of has been added then, and nothing else.
    """
    reading = Reading(ledger)
    with connected(machine or Machine()) as connection:
        # sums have no order
        connection.execute("SET preserve_insertion_order = false")
        known = {path: rows_of(connection, path) for path in found(paths)}
        with counting(known) as lines:
            known = kept(connection, known)
            repeated = repeats(connection, known)
            for path, rows in known.items():
                dated = apart is None or (rows is not None and _is_dated(connection, rows))
                account = _by_query(connection, path, rows, sums, lines) if dated and path not in repeated else None
                if rows is None or account is None:
                    apart(path) if apart else fold(reading.file(path), sums, ledger)
                else:
                    ledger.files.append(account)
                    ledger.unknown.update(unknown_keys(connection, rows))
                    if rows.text == "jsonl":
                        ledger.note(LOOKED)
                if done:
                    done(path)
        fold(reading.rest(), sums, ledger)
    return sums


def _is_dated(connection: DuckDBPyConnection, rows: Rows) -> bool:
    """Whether every request has a time, and none counts from the beginning of a trace."""
    answer = ask(connection, f'SELECT COUNT(*) = COUNT("at"), epoch_us(MIN("at")) FROM {rows.source}')
    return bool(answer) and all(every and (first is None or first >= RELATIVE) for every, first in answer or ())


def _by_query(
    connection: DuckDBPyConnection, path: Path, rows: Rows | None, sums: Sums, lines: Callable[[Path], int | None]
) -> FileCount | None:
    """Add a file by one query and account for its rows; None, and nothing added, where it needs its reader."""
    if rows is None or not whole(connection, rows):
        return None
    part = Sums(sums.names, sums.by)
    read = Query(connection, rows, part).run()
    account = None if read is None else accounted(path, rows, read, lines)
    if account is not None:
        sums.merge(part)
    return account
