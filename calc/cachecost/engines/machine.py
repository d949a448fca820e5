"""The database inside the process: what it may take of the machine, and its faults in words."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, mkstemp
from typing import TYPE_CHECKING, Any

from ..errors import BadLog

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


BATCH = 1 << 16
"""Rows that are fetched at once."""


@dataclass(frozen=True)
class EngineLimits:
    """What the engine may take: `threads` (all of them where None), `memory` and `disk` such as `2GB`, and the folder
    to which it spills (one of the system's for temporary files where None)."""

    threads: int | None = None
    memory: str | None = None
    disk: str | None = None
    folder: str | None = None


class Duck:
    """A `policies.Database`: a connection, and a folder for temporary files."""

    def __init__(self, connection: DuckDBPyConnection, folder: str) -> None:
        self.connection, self._folder = connection, folder

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of an answer. A Ctrl-C ends the query as KeyboardInterrupt, and leaves the database as it was."""
        with _interrupted():
            return self.connection.execute(query).fetchall()

    def ask(self, query: str) -> list[tuple[Any, ...]] | None:
        """The same; None where the log is not what its first records promised."""
        import duckdb

        try:
            return self.rows(query)
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            if "No space left" in str(error):
                raise
            return None

    def describe(self, table: str) -> dict[str, str]:
        """The columns of a table and their types; none where it cannot be read so."""
        return {name: kind for name, kind, *_ in self.ask(f"DESCRIBE SELECT * FROM {table}") or []}

    def batches(self, query: str) -> Iterator[list[tuple[Any, ...]]]:
        """The same, some at a time."""
        cursor = self.connection.cursor()
        with _interrupted():
            cursor.execute(query)
            while rows := cursor.fetchmany(BATCH):
                yield rows

    def load(self, table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]], source: str = "") -> None:
        """A table, made anew from rows, with these names and types of columns; '' is NULL. `source`: a query over them
        whose answer is the table instead."""
        if not rows:
            declared = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            self.rows(f"CREATE OR REPLACE TABLE {table} ({declared})")
            return
        # through a file, since a text is read many times as fast as values that are handed over one by one
        handle, name = mkstemp(suffix=".csv", dir=self._folder)
        path = Path(name)
        try:
            with os.fdopen(handle, "w", newline="", encoding="utf-8", errors="replace") as file:
                csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC).writerows(rows)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise BadLog(
                f"{self._folder} cannot be written: {error.strerror}; make room, or name another folder with --spill"
            ) from None
        types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
        # a carriage return may be part of a name: in quotes, and with new_line, DuckDB does not end a line there
        reading = "header = false, auto_detect = false, parallel = false, quote = '\"', new_line = '\\n'"
        read = f"read_csv('{path}', {reading}, columns = {{{types}}})"
        query = f"WITH {table} AS NOT MATERIALIZED (FROM {read}) {source}" if source else f"FROM {read}"
        self.rows(f"CREATE OR REPLACE TABLE {table} AS {query}")
        path.unlink()


@contextmanager
def _interrupted() -> Iterator[None]:
    import duckdb

    try:
        yield
    except duckdb.InterruptException:
        raise KeyboardInterrupt from None


@contextmanager
def database(machine: EngineLimits) -> Iterator[Duck]:
    """A database in memory that keeps to the machine's limits and downloads nothing; its faults as BadLog."""
    import duckdb

    with _spill_folder(machine.folder) as folder:
        try:
            with duckdb.connect(config=_settings(machine, folder)) as connection:
                connection.execute("SET TimeZone = 'UTC'")
                # the bar would be drawn on standard output, in the middle of an answer
                connection.execute("SET enable_progress_bar = false")
                yield Duck(connection, folder)
        except duckdb.OutOfMemoryException as error:
            raise BadLog(_too_little(error)) from None
        except duckdb.Error as error:
            full = "No space left" in str(error)
            raise BadLog(_too_little(error) if full else f"duckdb: {str(error).splitlines()[0][:200]}") from None


def _too_little(error: Exception) -> str:
    what = str(error).splitlines()[0][:200]
    return f"memory or disk do not suffice: {what}; give more with --memory or --disk, or another folder with --spill"


@contextmanager
def _spill_folder(folder: str | None) -> Iterator[str]:
    """A temporary folder inside the one to spill to, removed when it is no longer needed."""
    try:
        temporary = TemporaryDirectory(prefix="cachecost-", dir=folder)
    except OSError as error:
        raise BadLog(
            f"{folder}: {error.strerror or error}; name a folder that can be written to", word="spill"
        ) from None
    with temporary as path:
        yield path


def _settings(machine: EngineLimits, folder: str) -> dict[str, Any]:
    wanted = {
        "threads": machine.threads,
        "memory_limit": machine.memory,
        "max_temp_directory_size": machine.disk,
        "temp_directory": f"{folder}/spill",  # DuckDB removes it whenever nothing is spilled
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    return {name: value for name, value in wanted.items() if value is not None}
