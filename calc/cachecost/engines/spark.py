"""Logs too big for one machine: the same fold on a cluster, each part of the log into its own sums of whole tokens.

Spark splits and reads the files, `mapInArrow` hands every part to the readers of `logs/`, and what comes back are a few
rows of integers, which are added up here; no decimal passes through Spark. cachecost must be installed on the workers.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from json import loads
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadLog, CachecostError
from ..logs.files import found
from ..logs.formats import FORMATS
from ..logs.ledger import FileCount, Ledger
from ..logs.names import Names
from ..logs.reader import Reading
from ..logs.remark import Record
from ..logs.request import Request
from ..replay.tally import Key, Tally
from .hushed import hushed
from .sources import told_by
from .sums import Sums, fold

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

PART = "kind string, told array<string>, epoch bigint, place int, number string"
CELL, UNPRICED, PRICED, MODEL, ROW, WRONG = "cell", "unpriced", "priced", "model", "row", "wrong"


def tally(
    paths: Sequence[str],
    sums: Sums,
    *,
    ledger: Ledger,
    master: str = "local[*]",
    settings: Iterable[tuple[str, str]] = (),
) -> Sums:
    """Add the logs to the sums on the cluster of `master`; shapes that cannot be split are read here, one by one.

    Raises BadLog where pyspark or Java are missing, a path means no file, or an id comes twice: a repeat can only be
    dropped where the whole log is seen.
    """
    reading, parts = Reading(ledger), _parts(found(paths))
    for path in parts.pop(("", ""), []):
        fold(reading.file(path), sums, ledger)
    fold(reading.rest(), sums, ledger)
    if parts:
        with session(master, settings) as spark:
            for (kind, shape), files in parts.items():
                _add(_frame(spark, kind, files), Fold(sums.names, sums.by, shape), files, sums, ledger)
    return sums


def _parts(files: Sequence[Path]) -> dict[tuple[str, str], list[Path]]:
    """The files by how Spark reads them and by their shape; under empty names those that it cannot split."""
    parts: dict[tuple[str, str], list[Path]] = {}
    for path in files:
        parts.setdefault(told_by(path) or ("", ""), []).append(path)
    return parts


@contextmanager
def session(master: str, settings: Iterable[tuple[str, str]] = ()) -> Iterator[SparkSession]:
    """A session in UTC; BadLog where there is no Spark."""
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise BadLog('pyspark is missing: install it with pip install "cachecost[spark]"') from None
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    wanted = {"spark.sql.session.timeZone": "UTC", "spark.ui.enabled": "false", "spark.log.level": "ERROR"}
    wanted["spark.ui.showConsoleProgress"] = "false"
    try:
        builder: Any = SparkSession.builder.master(master).appName("cachecost")
        for name, value in (wanted | dict(settings)).items():
            builder = builder.config(name, value)
        with hushed():
            spark: SparkSession = builder.getOrCreate()
    except (PySparkException, OSError) as error:
        raise BadLog(f"spark does not start: {str(error).splitlines()[0][:160]}; it needs Java 17 or later") from None
    try:
        yield spark
    except PySparkException as error:
        raise BadLog(f"spark: {str(error).splitlines()[0][:200]}") from None
    finally:
        spark.stop()


def _frame(spark: SparkSession, kind: str, files: Sequence[Path]) -> DataFrame:
    names = [path.resolve().as_uri() for path in files]
    if kind == "parquet":
        return spark.read.option("mergeSchema", "true").parquet(*names)
    return spark.read.text(names)


@dataclass(frozen=True)
class Fold:
    """A part of a log, in Arrow batches, into rows of `PART`: what a worker is sent and does."""

    names: Names
    by: tuple[str, ...]
    shape: str

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        import pyarrow  # type: ignore[import-untyped]

        sums, rows = Sums(self.names, self.by), list[tuple[str, list[str | None], int, int, str]]()
        for batch in batches:
            for record in batch.to_pylist():
                rows += self._one(record, sums)
        rows += _told(sums)
        columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], [], [], []]
        types = (pyarrow.string(), pyarrow.list_(pyarrow.string()), pyarrow.int64(), pyarrow.int32(), pyarrow.string())
        arrays = [pyarrow.array(column, kind) for column, kind in zip(columns, types, strict=True)]
        yield pyarrow.RecordBatch.from_arrays(arrays, ["kind", "told", "epoch", "place", "number"])

    def _one(self, record: Record, sums: Sums) -> Iterator[tuple[str, list[str | None], int, int, str]]:
        """Add one record to the sums; its id, and what is wrong with it, as rows."""
        try:
            read = _parsed(record["value"]) if set(record) == {"value"} else record
            items = FORMATS[self.shape].read(read) if read is not None else []
        except (CachecostError, ValueError, RecursionError) as error:
            yield WRONG, [str(error)[:200]], 0, 0, "1"
            return
        for item in items:
            if isinstance(item, Request):
                sums.take(item)
                yield ROW, [item.id], 0, 0, "1"


def _parsed(line: str) -> Record | None:
    """The record of a line; None where nothing stands on it."""
    if not line.strip():
        return None
    record = loads(line)
    if not isinstance(record, dict):
        raise BadLog("is not a record; expected an object in braces")
    return record


def _told(sums: Sums) -> Iterator[tuple[str, list[str | None], int, int, str]]:
    for group, tally in sums.tallies.items():
        for key, line, count in tally.cells():
            yield CELL, [key.sheet, key.service, key.region, line, *group], key.epoch, key.row, str(count)
    for (model, reason), count in sums.unpriced.items():
        yield UNPRICED, [model, reason], 0, 0, str(count)
    for model, provider in sums.models:
        yield MODEL, [model, provider], 0, 0, "1"
    yield PRICED, [], 0, 0, str(sums.priced)


def _add(frame: DataFrame, part: Fold, files: Sequence[Path], sums: Sums, ledger: Ledger) -> None:
    """Run the fold and add up what comes back; nothing is added where an id came twice."""
    from pyspark.sql import functions

    rows = frame.mapInArrow(part, PART).persist()
    ids = rows.where(f"kind = '{ROW}'").select(functions.element_at("told", 1).alias("id"))
    twice = ids.where("id IS NOT NULL").groupBy("id").count().where("count > 1").head(1)
    if twice:
        raise BadLog(f"id {twice[0]['id']} comes twice: a cluster cannot drop repeats; use --engine duckdb or python")
    account = FileCount(f"{len(files)} files on Spark", part.shape)
    account.read = account.requests = ids.count()
    _enter([row.asDict() for row in rows.where(f"kind <> '{ROW}'").collect()], sums, ledger, account)
    account.entries = account.read + account.malformed
    ledger.files.append(account)
    rows.unpersist()


def _enter(rows: Iterable[dict[str, Any]], sums: Sums, ledger: Ledger, account: FileCount) -> None:
    for row in rows:
        told, number = row["told"], int(row["number"])
        if row["kind"] == CELL:
            sheet, service, region, line, *group = told
            key = Key(sheet, service, region, row["epoch"], row["place"])
            sums.tallies.setdefault(tuple(group), Tally()).add(key, line, number)
        elif row["kind"] == UNPRICED:
            sums.leave(told[0], told[1], number)
        elif row["kind"] == MODEL:
            sums.epochs(told[0], told[1])
        elif row["kind"] == PRICED:
            sums.priced += number
        else:
            ledger.refuse(account, 0, told[0])
