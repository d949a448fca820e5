"""Rows of Parquet as records, a few thousand at a time."""

from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any

from ..errors import BadLog
from ..files.installed import install
from .entries import Entry

BATCH = 8_192


def rows(stream: BufferedReader) -> Iterator[Entry]:
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


def columns_of(path: Path) -> Any:
    """The columns of a file and their types, as pyarrow tells them."""
    from pyarrow.parquet import read_schema

    return read_schema(path).remove_metadata()
