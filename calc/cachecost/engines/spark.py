"""Logs that take one machine too long to read: Spark splits the files and its workers read the records.

`mapInArrow` hands every part to `Parser`, and what its records say comes back in the order of the log, to be counted,
priced and weighed here like any other log. cachecost must be installed on the workers.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from io import BufferedReader, BytesIO
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlparse

from ..errors import BadLog
from ..files.installed import install
from ..logs.entries import Entry, json_values
from ..logs.reader import AUTO, Reading
from ..replay.ledger import Ledger
from ..replay.run import Run
from .sources import split_by

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

STDERR = 2


@contextmanager
def session(master: str, settings: Iterable[tuple[str, str]] = ()) -> Iterator[SparkSession]:
    """A session in UTC; BadLog where there is no Spark."""
    try:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise BadLog(f"pyspark is missing: {install('spark')}") from None
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    before = signal.getsignal(signal.SIGINT)
    wanted = {"spark.sql.session.timeZone": "UTC", "spark.ui.enabled": "false", "spark.log.level": "ERROR"}
    wanted["spark.ui.showConsoleProgress"] = "false"
    try:
        builder: Any = SparkSession.builder.master(master).appName("cachecost")
        for name, value in (wanted | dict(settings)).items():
            builder = builder.config(name, value)
        with _silent():
            spark: SparkSession = builder.getOrCreate()
    except (PySparkException, Py4JError, OSError) as error:
        raise BadLog(
            f"spark does not start: {_said(error)}; it needs Java 17 or later and a --master that answers"
        ) from None
    try:
        yield spark
    except (PySparkException, Py4JError) as error:
        raise BadLog(f"spark: {_said(error)}") from None
    finally:
        spark.stop()
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)  # Spark leaves its own behind


@contextmanager
def _silent() -> Iterator[None]:
    """Processes that are started inside have nowhere to write their remarks; what fails is still raised."""
    saved, nowhere = os.dup(STDERR), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, STDERR)
    try:
        yield
    finally:
        os.dup2(saved, STDERR)
        os.close(saved)
        os.close(nowhere)


def _said(error: Exception) -> str:
    """The one line of a fault of Spark that says what happened."""
    lines = str(error).splitlines()
    return next((line.removeprefix(": ") for line in lines if "Exception:" in line), lines[0] if lines else "")[:200]


FILE, START = "cachecost file", "cachecost start"
PLACED = {FILE: "_metadata.file_path", START: "_metadata.file_block_start"}
"""Columns that say where a record stood, and what Spark calls them."""
PLACE = ("file", "start", "number")
ANSWER = "file bigint, start bigint, number bigint, state binary"
"""What a worker hands back: records of one piece of a file, pickled, and the number of the first of them there."""
MANY = 1 << 10
"""Records that are handed back together."""


@dataclass(frozen=True)
class Parser:
    """What a worker does: a part of a log, in Arrow batches, into `ANSWER`. `files`: the place of each file in the log;
    `format_of` and `labels`: as `Reading` takes them."""

    files: Mapping[str, int]
    format_of: str = AUTO
    labels: tuple[str, ...] = ()

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        import pyarrow as arrow  # type: ignore[import-untyped]

        reading = Reading(Ledger(), format_of=self.format_of, labels=self.labels)
        kinds = [arrow.field(name, arrow.int64()) for name in PLACE]
        schema = arrow.schema([*kinds, arrow.field("state", arrow.binary())])
        rows = (row for batch in batches for row in batch.to_pylist())
        places = ((row.pop(FILE), row.pop(START) or 0, row) for row in rows)
        for (address, start), piece in groupby(places, key=itemgetter(0, 1)):
            name = unquote(urlparse(address).path)
            records = (each for *_, row in piece for entry in _entries(row) for each in reading.parsed(entry, name))
            number = 0
            while chunk := list(islice(records, MANY)):
                place = dict(zip(PLACE, (self.files[name], start, number), strict=True))
                yield arrow.RecordBatch.from_pylist([place | {"state": pickle.dumps(chunk)}], schema)
                number += len(chunk)


def pourer(spark: SparkSession, paths: Sequence[Path], run: Run, reading: Reading) -> Callable[[Path], bool]:
    """What adds a file to the run where a cluster can split it; False, and nothing added, for all others. `paths`: all
    files, in the order in which they are added."""
    heads = {path: head for path in paths if (head := split_by(path, reading.format))}
    parser = Parser({str(path.resolve()): number for number, path in enumerate(heads)}, *reading.question)
    kinds: dict[tuple[str, str], list[Path]] = {}
    for path, head in heads.items():
        kinds.setdefault(head, []).append(path)
    chunks = _chunks([_frame(spark, kind, files) for (kind, _), files in kinds.items()], parser)
    numbers = {path: number for number, path in enumerate(heads)}
    by_file = groupby(chunks, key=itemgetter("file"))
    waiting = next(by_file, None)

    def pour(path: Path) -> bool:
        nonlocal waiting
        if path not in numbers:
            return False
        account = run.ledger.open(str(path))
        if waiting and waiting[0] == numbers[path]:
            for chunk in waiting[1]:
                for parsed in pickle.loads(chunk["state"]):
                    for item in reading.counted(parsed, account):
                        run.take(item)
                if run.stop.is_set():
                    raise KeyboardInterrupt
            waiting = next(by_file, None)
        return True

    return pour


def _chunks(frames: Sequence[DataFrame], parser: Parser) -> Iterator[Any]:
    """The answers of all workers in the order of the log."""
    if not frames:
        return iter(())
    answers = reduce(lambda one, other: one.unionByName(other), (each.mapInArrow(parser, ANSWER) for each in frames))
    # kept, since sorting looks at them first
    return iter(answers.persist().sort(*PLACE).toLocalIterator(prefetchPartitions=True))


def _entries(record: dict[str, Any]) -> Iterator[Entry]:
    """The records of a row, which is a line of text or a record itself."""
    if set(record) != {"value"}:
        return iter([Entry(0, record)])
    text = BytesIO(record["value"].encode() + b"\n")
    return (entry._replace(line=0) for entry in json_values(BufferedReader(text)))


def _frame(spark: SparkSession, kind: str, files: Sequence[Path]) -> DataFrame:
    from pyspark.sql import functions

    names = [path.resolve().as_uri() for path in files]
    read = spark.read.parquet(*names) if kind == "parquet" else spark.read.text(names)
    return read.select("*", *(functions.col(column).alias(name) for name, column in PLACED.items()))
