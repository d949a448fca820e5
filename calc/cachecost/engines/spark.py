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
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadLog
from ..files.installed import install
from ..logs.files import files_of
from ..logs.names import Names
from ..logs.reader import Reading
from ..logs.repeats import Noted, Place
from ..replay.answer import Answer, answer
from ..replay.epochs import Epochs
from ..replay.ledger import FileCount
from ..replay.request import Charge, Request
from ..replay.run import Run
from ..replay.whatif import Survey, Weights, WhatIf
from .machine import Machine, database
from .sources import split_by
from .worker import ANSWER, ID, PLACE, PLACED, ROW, SUM, Question, Reader, Sum, Weigher

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

STDERR = 2
MOST = 1_000_000
"""Ids that may come twice: every worker is told of them."""


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


class Replay:
    """A log on a cluster: `read` it into a run, then ask `what_if`; both while the session is open."""

    def __init__(self, spark: SparkSession, names: Names, run: Run, others: Sequence[Epochs] = ()) -> None:
        self._spark, self._run = spark, run
        self._question = Question(names, run.account.rating, run.account.by, run.span, tuple(others), {})
        self._surveys = [Survey.empty() for _ in (run, *others)]
        self._rows: list[DataFrame] = []

    def read(self, paths: Sequence[str]) -> None:
        """Price the logs; files that cannot be split are read here, one by one. A log with repeats is read twice, since
        which record of an id is the first is only known when all have been seen.

        Raises BadLog where a path means no file, or more ids come twice than a worker can be told of.
        """
        files = files_of(paths)
        heads = {path: split_by(path) for path in files}
        answers = self._answers(files, heads)
        if firsts := _firsts(answers):
            self._question = replace(self._question, firsts=firsts)
            for rows in answers:
                rows.unpersist()
            answers = self._answers(files, heads)
        split = sum(head is not None for head in heads.values())
        whole = FileCount(f"{split} {'file' if split == 1 else 'files'} on Spark")
        for number, rows in enumerate(answers):
            for row in rows.where(f"kind = '{SUM}'").select("state").collect():
                self._take(pickle.loads(row["state"]), whole if number else None)
        self._run.ledger.files += [whole] if split else []
        self._rows = answers

    def what_if(self, policies: Sequence[str] = ()) -> Answer:
        """Every policy on the models of the log, then on the others; and what was lost."""
        run, weights = self._run, Weights()
        what_if = WhatIf(
            run.account,
            self._surveys[0].keys,
            self._surveys,
            others=self._question.others,
            names=policies,
            wholes=run.traffic.wholes,
        )
        rows = reduce(lambda one, other: one.unionByName(other), self._rows).where(f"kind = '{ROW}'")
        gathered = rows.repartition("scope").sortWithinPartitions("scope", *PLACE)
        for row in gathered.mapInArrow(Weigher(self._question, what_if), ANSWER).select("state").collect():
            weights = weights.plus(pickle.loads(row["state"]))
        return answer(what_if, weights, run.account, run.traffic)

    def _answers(self, files: Sequence[Path], heads: Mapping[Path, tuple[str, str] | None]) -> list[DataFrame]:
        """The answers of all parts, kept for further questions; those of files that cannot be split first."""
        places = {str(path.resolve()): number for number, path in enumerate(files)}
        kinds: dict[tuple[str, str], list[Path]] = {}
        for path in files:
            if head := heads[path]:
                kinds.setdefault(head, []).append(path)
        parts = [_frame(self._spark, kind, those) for (kind, _), those in kinds.items()]
        there = [frame.mapInArrow(Reader(self._question, places), ANSWER).persist() for frame in parts]
        here = self._here({path: number for number, path in enumerate(files) if heads[path] is None}, len(files))
        return [here, *there]

    def _here(self, files: Mapping[Path, int], end: int) -> DataFrame:
        """The answer of files that only one reader can read, one by one."""
        import pyarrow as arrow  # type: ignore[import-untyped]

        noted = Noted(self._question.firsts, in_order=True)
        with database(Machine()) as duck:
            run = self._question.run(duck, strict=self._run.ledger.strict)
            reading = Reading(run.ledger, seen=noted)

            def items() -> Iterator[Request | Charge]:
                for path, number in files.items():
                    reading.between = lambda account, number=number: setattr(
                        noted, "place", (number, 0, account.entries)
                    )
                    yield from reading.file(path)
                for row, item in enumerate(reading.rest()):
                    noted.place = (end, 0, row)
                    yield item

            batches = list(self._question.answers(run, noted, items()))
        return self._spark.createDataFrame(arrow.Table.from_batches(batches), ANSWER)

    def _take(self, part: Sum, whole: FileCount | None) -> None:
        """Add up what a part of the log came to; its lines too where they are parts of a `whole`."""
        run, traffic = self._run, self._run.traffic
        for lines in part.ledger.files:
            if whole:
                whole.add(lines)
            else:
                run.ledger.files.append(lines)
        run.account.merge(part.account, part.named)
        run.ledger.merge(part.ledger)
        run.outside += part.outside
        for survey, more in zip(self._surveys, part.surveys, strict=True):
            survey.merge(more)
        for tally, cells in zip(traffic.asides, part.asides, strict=True):
            tally.merge(cells)
        traffic.wholes += part.wholes


def _firsts(answers: Sequence[DataFrame]) -> dict[tuple[str, str], Place]:
    """Ids that come twice, and where first."""
    from pyspark.sql import functions

    ids = reduce(lambda one, other: one.unionByName(other), answers).where(f"kind = '{ID}'")
    first_uses = ids.groupBy("scope", "id").agg(
        functions.count("*").alias("many"), functions.min(functions.struct(*PLACE)).alias("first")
    )
    twice = first_uses.where("many > 1").limit(MOST + 1).collect()
    if len(twice) > MOST:
        raise BadLog(f"more than {MOST:,} ids come twice: a cluster cannot drop so many; use --engine duckdb or python")
    return {(row["scope"], row["id"]): tuple(row["first"]) for row in twice}


def _frame(spark: SparkSession, kind: str, files: Sequence[Path]) -> DataFrame:
    from pyspark.sql import functions

    names = [path.resolve().as_uri() for path in files]
    read = spark.read.parquet(*names) if kind == "parquet" else spark.read.text(names)
    return read.select("*", *(functions.col(column).alias(name) for name, column in PLACED.items()))
