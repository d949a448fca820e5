"""Logs too big for one machine: the same replay on a cluster, each part of the log priced where it lies.

Spark splits and reads the files, `mapInArrow` hands every part to `worker`, and what comes back are sums of whole
tokens, which are added up here; no decimal passes through Spark. Sessions are gathered and weighed the same way.
cachecost must be installed on the workers.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadLog
from ..logs.files import found
from ..logs.ledger import FileCount
from ..logs.names import Names
from ..logs.reader import Reading
from ..replay.epochs import Epochs
from ..replay.run import Run
from ..replay.tally import Key
from ..replay.traffic import Share
from ..replay.whatif import Found, Other, Weights, WhatIf, answer
from .hushed import hushed
from .sources import told_by
from .worker import ID, PART, PLACED, ROW, SUM, Part, Sum, Weigher, rows_of, summed

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_IN_TIME = ("session", "at", "file", "start", "number")


@contextmanager
def session(master: str, settings: Iterable[tuple[str, str]] = ()) -> Iterator[SparkSession]:
    """A session in UTC; BadLog where there is no Spark."""
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise BadLog('pyspark is missing: install it with pip install "cachecost[spark]"') from None
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    before = signal.getsignal(signal.SIGINT)
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
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)  # Spark leaves its own behind


class Replay:
    """A log on a cluster: `read` it into a run, then ask `what_if`; both while the session is open."""

    def __init__(self, spark: SparkSession, names: Names, run: Run, others: Sequence[Epochs] = ()) -> None:
        self._spark, self._names, self._run = spark, names, run
        self._others = [Other(epochs) for epochs in others]
        self._shares: dict[Key | None, Share] = {}
        self._rows: list[DataFrame] = []
        self._sessions = False

    def read(self, paths: Sequence[str]) -> None:
        """Price the logs; files that cannot be split are read here, one by one.

        Raises BadLog where a path means no file, or an id comes twice: a repeat can only be dropped where the whole log
        is seen.
        """
        files = found(paths)
        here = self._here([path for path in files if told_by(path) is None], files)
        parts: dict[tuple[str, str], list[Path]] = {}
        for path in files:
            if how := told_by(path):
                parts.setdefault(how, []).append(path)
        places = {str(path.resolve()): number for number, path in enumerate(files)}
        answers = [self._part(kind, shape, those, places) for (kind, shape), those in parts.items()]
        for rows, those in zip(answers, parts.values(), strict=True):
            self._take(rows, FileCount(f"{len(those)} files on Spark"))
        self._rows = [*answers, *here]

    def what_if(self, names: Sequence[str] = ()) -> Found:
        """Every policy on the models of the log, then on the others; and what was lost."""
        traffic = self._run.traffic
        asked = WhatIf(
            self._run.account,
            traffic.known,
            self._shares,
            sessions=self._sessions,
            wholes=traffic.wholes,
            others=self._others,
            names=names,
        )
        told = Weights()
        if traffic.blocks:
            told.merge(asked.weigh(traffic))
        if self._rows:
            for each in self._weighed(asked):
                told.merge(each)
        return answer(asked, told, self._run.account, traffic)

    def _weighed(self, asked: WhatIf) -> Iterator[Weights]:
        from pyspark.sql import functions

        alone = functions.concat_ws(" ", "file", "start", "number")
        rows = reduce(lambda one, other: one.unionByName(other), self._rows).where(f"kind = '{ROW}'")
        gathered = rows.repartition(functions.coalesce("session", alone)).sortWithinPartitions(*_IN_TIME)
        for row in gathered.mapInArrow(Weigher(asked), PART).select("state").collect():
            yield pickle.loads(row["state"])

    def _part(self, kind: str, shape: str, files: Sequence[Path], places: Mapping[str, int]) -> DataFrame:
        """The answers of a part of the log, kept for the second question."""
        run, frame = self._run, _frame(self._spark, kind, files)
        by, others = tuple(run.account.by), tuple(each.epochs for each in self._others)
        return frame.mapInArrow(
            Part(self._names, shape, run.account.rating, by, run.span, others, places), PART
        ).persist()

    def _take(self, rows: DataFrame, account: FileCount) -> None:
        """Add up what the workers found; nothing is added where an id came twice."""
        ids = rows.where(f"kind = '{ID}'").select("id")
        twice = ids.groupBy("id").count().where("count > 1").head(1)
        if twice:
            raise BadLog(
                f"id {twice[0]['id']} comes twice: a cluster cannot drop repeats; use --engine duckdb or python"
            )
        for row in rows.where(f"kind = '{SUM}'").select("state").collect():
            self._merge(pickle.loads(row["state"]), account)
        self._run.ledger.files.append(account)

    def _merge(self, part: Sum, account: FileCount) -> None:
        run = self._run
        run.account.merge(part.account, part.named)
        run.ledger.merge(part.ledger)
        account.add(part.lines)
        run.outside += part.outside
        self._count(part)
        traffic = run.traffic
        for mine, theirs in zip(traffic.asides, part.traffic.asides, strict=True):
            mine.merge(theirs)
        traffic.wholes += part.traffic.wholes

    def _count(self, part: Sum) -> None:
        self._sessions = self._sessions or part.sessions
        for key, share in part.shares.items():
            self._shares[key] = self._shares.get(key, Share(0, 0)).plus(share)
            if key is not None:
                self._run.traffic.place(key)
        for mine, theirs in zip(self._others, part.others, strict=True):
            mine.merge(theirs)

    def _here(self, paths: Sequence[Path], files: Sequence[Path]) -> list[DataFrame]:
        """Files that only one reader can read, one by one. Their requests go to the cluster, where their sessions may
        have others."""
        run, reading = self._run, Reading(self._run.ledger)
        places: list[tuple[int, int, int]] = []
        for path in paths:
            file = files.index(path)
            for item in reading.file(path):
                run.take(item)
                places += [(file, 0, len(run.traffic))] * (len(run.traffic) - len(places))
        for item in reading.rest():
            run.take(item)
        run.settle()
        places += [(len(files), 0, row) for row in range(len(places), len(run.traffic))]
        self._count(summed(run, FileCount(), [each.epochs for each in self._others]))
        import pyarrow as arrow  # type: ignore[import-untyped]

        table = arrow.Table.from_batches(list(rows_of(run, places)))
        run.traffic.taken_out()
        return [self._spark.createDataFrame(table)] if table.num_rows else []


def _frame(spark: SparkSession, kind: str, files: Sequence[Path]) -> DataFrame:
    from pyspark.sql import functions

    names = [path.resolve().as_uri() for path in files]
    read = spark.read.option("mergeSchema", "true").parquet(*names) if kind == "parquet" else spark.read.text(names)
    return read.select("*", *(functions.col(column).alias(name) for name, column in PLACED.items()))
