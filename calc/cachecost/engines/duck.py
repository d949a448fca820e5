"""Logs of any size on one machine: DuckDB reads, sorts and spills, and adds up whole tokens per set of rates.

Each file is one query, so that what is done stays done. A file that holds anything out of the ordinary goes to the
readers of `logs/`, line by line; nothing is priced twice and nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..logs.files import found
from ..logs.ledger import FileCount, Ledger
from ..logs.reader import Reading
from ..logs.values import LARGEST
from .machine import Machine, ask, connected
from .plain import Rows
from .query import Query
from .sources import kept, lines_of, rows_of
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
) -> Sums:
    """Add the logs to the sums. `done` is told of every file that has been added, for a progress bar or a checkpoint.

    Raises BadLog where duckdb is missing, a path means no file, memory or disk do not suffice, or somebody interrupts;
    what `done` was told of has been added then, and nothing else.
    """
    reading = Reading(ledger)
    with connected(machine or Machine()) as connection:
        # sums have no order
        connection.execute("SET preserve_insertion_order = false")
        files = found(paths)
        known = kept(connection, {path: rows_of(connection, path) for path in files})
        repeated = _repeats(connection, known)
        for path in files:
            account = None if path in repeated else _by_query(connection, path, known[path], sums)
            if account is None:
                fold(reading.file(path), sums, ledger)
            else:
                ledger.files.append(account)
            if done:
                done(path)
        fold(reading.rest(), sums, ledger)
    return sums


def _repeats(connection: DuckDBPyConnection, known: Mapping[Path, Rows | None]) -> set[Path]:
    """Files whose requests have ids of which some come twice, within a file or across files: their readers drop the
    repeats. Ids are kept apart by shape, as the readers do. Two ids of one hash only cost time."""
    shapes: dict[str, dict[Path, Rows]] = {}
    for path, rows in known.items():
        if rows and "id" in rows.labels:
            shapes.setdefault(rows.shape, {})[path] = rows
    repeated: set[Path] = set()
    for group in shapes.values():
        union = " UNION ALL ".join(f"SELECT id FROM {rows.source}" for rows in group.values())
        ids = f"SELECT hash(id) AS id FROM ({union}) WHERE id IS NOT NULL AND id <> ''"
        if ask(connection, f"SELECT 1 FROM ({ids}) GROUP BY id HAVING COUNT(*) > 1 LIMIT 1") != []:
            repeated |= set(group)
    return repeated


def _by_query(connection: DuckDBPyConnection, path: Path, rows: Rows | None, sums: Sums) -> FileCount | None:
    """Add a file by one query and account for its rows; None, and nothing added, where it needs its reader."""
    if rows is None or not _whole(connection, rows):
        return None
    part = Sums(sums.names, sums.by)
    read = Query(connection, rows, part).run()
    account = None if read is None else _account(path, rows, read)
    if account is not None:
        sums.merge(part)
    return account


def _account(path: Path, rows: Rows, read: int) -> FileCount | None:
    """Every line of a file under its heading; None where lines and rows do not match, so that its reader must look."""
    account = FileCount(str(path), rows.shape, entries=read, read=read, requests=read)
    if rows.text:
        account.entries = lines_of(path)
        account.header = int(rows.text == "csv")
        account.blank = account.entries - account.header - read
    return account if account.blank == 0 or (account.blank > 0 and rows.text == "jsonl") else None


def _whole(connection: DuckDBPyConnection, rows: Rows) -> bool:
    """Whether the integer columns of a Parquet file hold counts of tokens: the file itself states their ends."""
    if not rows.checked:
        return True
    ends = ", ".join(f'MIN("{name}"), MAX("{name}")' for name in rows.checked)
    answer = ask(connection, f"SELECT {ends} FROM {rows.source}")
    return bool(answer) and all(end is None or 0 <= end <= LARGEST for end in (answer or [()])[0])
