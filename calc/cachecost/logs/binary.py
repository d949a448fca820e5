"""Rows of files that are no text as records: of Parquet, and of databases of SQLite."""

from collections.abc import Collection, Iterator
from contextlib import closing
from io import BufferedReader
from pathlib import Path
from typing import Any

from ..errors import BadLog
from ..files.installed import install
from ..files.reading import is_file
from .entries import Entry

BATCH = 8_192


def parquet(stream: BufferedReader) -> Iterator[Entry]:
    """One record a row, numbered from 1; BadLog where the file is broken, comes from a pipe, or pyarrow is missing."""
    try:
        from pyarrow import ArrowException  # type: ignore[import-untyped]
        from pyarrow.parquet import ParquetFile  # type: ignore[import-untyped]
    except ImportError:
        raise BadLog(f"is Parquet, which needs another package: {install('logs')}") from None
    if not stream.seekable():
        raise BadLog("is Parquet, which is read from its end: give the file by its name, not through a pipe")
    done = 0
    try:
        file: Any = ParquetFile(stream)
        for batch in file.iter_batches(batch_size=BATCH):
            for number, record in enumerate(batch.to_pylist(), done + 1):
                yield Entry(number, record)
            done += batch.num_rows
    except (ArrowException, OSError, ValueError, OverflowError) as error:
        raise BadLog(f"is broken Parquet after row {done:,}: {str(error)[:120]}") from None


def sqlite(name: str, tables: Collection[str]) -> Iterator[Entry]:
    """One record a row, numbered from 1. BadLog where the file is broken, is no file, or has none of the tables.

    The database is read and never written, also while another program has it open.
    """
    import sqlite3

    path = Path(name)
    if not is_file(path):
        raise BadLog(
            "is a database of SQLite, which cannot be read through a pipe or packed: give the file by its name"
        )
    done = 0
    try:
        with closing(_opened(path)) as database:
            known = [table for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            wanted = [table for table in known if table in tables]
            if not wanted:
                raise BadLog(f"is a database of SQLite without a known table; expected {' or '.join(sorted(tables))}")
            for table in wanted:
                cursor = database.execute(f'SELECT * FROM "{table}"')  # a name of ours
                names = [column[0] for column in cursor.description]
                for row in cursor:
                    done += 1
                    yield Entry(done, dict(zip(names, row, strict=True)))
    except sqlite3.Error as error:
        raise BadLog(f"is a broken database of SQLite after row {done:,}: {error}") from None


def _opened(path: Path) -> Any:
    """A connection that only reads. Where its folder cannot be written, a log of changes beside it is left out."""
    import sqlite3

    for how in ("mode=ro", "mode=ro&immutable=1"):
        database = sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True)
        database.text_factory = lambda data: data.decode(errors="replace")
        try:
            database.execute("SELECT 1 FROM sqlite_master")
        except sqlite3.Error as error:
            database.close()
            if not isinstance(error, sqlite3.OperationalError):  # not a matter of where it lies
                raise
        else:
            return database
    raise BadLog("cannot be opened as a database of SQLite")
