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
from functools import partial, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadLog
from ..files.installed import install
from ..logs.files import found
from ..logs.names import Names
from ..logs.reader import Reading
from ..logs.repeats import Noted, Place
from ..replay.epochs import Epochs
from ..replay.ledger import FileCount
from ..replay.run import Run
from ..replay.tally import Key
from ..replay.whatif import NO_REQUESTS, Found, Other, Share, Weights, WhatIf, answer
from .hushed import hushed
from .machine import Machine, database
from .sources import told_by
from .worker import ID, PART, PLACE, PLACED, ROW, SUM, TRACED, Part, Question, Sum, Weigher, rows_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

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
        with hushed():
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


def _said(error: Exception) -> str:
    """The one line of a fault of Spark that says what happened."""
    lines = str(error).splitlines()
    return next((line.removeprefix(": ") for line in lines if "Exception:" in line), lines[0] if lines else "")[:200]


class Replay:
    """A log on a cluster: `read` it into a run, then ask `what_if`; both while the session is open."""

    def __init__(self, spark: SparkSession, names: Names, run: Run, others: Sequence[Epochs] = ()) -> None:
        self._spark, self._run = spark, run
        rating, by, span = run.account.rating, tuple(run.account.by), run.span
        self._asked = Question(names, rating, by, span, tuple(others), {})
        self._others = [Other(epochs) for epochs in others]
        self._shares: dict[Key | None, Share] = {}
        self._rows: list[DataFrame] = []
        self._sessions = False

    def read(self, paths: Sequence[str]) -> None:
        """Price the logs; files that cannot be split are read here, one by one. A log with repeats is read twice, since
        which record of an id is the first is only known when all have been seen.

        Raises BadLog where a path means no file, or more ids come twice than a worker can be told of.
        """
        files = found(paths)
        heads = {path: told_by(path) for path in files}
        answers = self._answers(files, heads)
        if firsts := _firsts(answers):
            self._asked = replace(self._asked, firsts=firsts)
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

    def what_if(self, names: Sequence[str] = ()) -> Found:
        """Every policy on the models of the log, then on the others; and what was lost."""
        account, traffic = self._run.account, self._run.traffic
        asked = WhatIf(
            account,
            traffic.known,
            self._shares,
            sessions=self._sessions,
            wholes=traffic.wholes,
            others=self._others,
            names=names,
        )
        told = Weights()
        for each in self._weighed(asked):
            told.merge(each)
        return answer(asked, told, account, traffic)

    def _weighed(self, what_if: WhatIf) -> Iterator[Weights]:
        """What sessions come to, gathered by workers; requests with block ids are weighed here, in the log's order."""
        from pyspark.sql import functions

        every, weigher = reduce(lambda one, other: one.unionByName(other), self._rows), Weigher(what_if)
        if traced := every.where(f"kind = '{TRACED}'").orderBy(*PLACE).collect():
            with database(Machine()) as duck:
                yield weigher.weigh([row.asDict() for row in traced], duck)
        apart = functions.coalesce("session", functions.concat_ws(" ", *PLACE))
        gathered = every.where(f"kind = '{ROW}'").repartition(apart).sortWithinPartitions("session", "at", *PLACE)
        for row in gathered.mapInArrow(weigher, PART).select("state").collect():
            yield pickle.loads(row["state"])

    def _answers(self, files: Sequence[Path], heads: Mapping[Path, tuple[str, str] | None]) -> list[DataFrame]:
        """The answers of all parts, kept for further questions; those of files that cannot be split first."""
        places = {str(path.resolve()): number for number, path in enumerate(files)}
        kinds: dict[tuple[str, str], list[Path]] = {}
        for path in files:
            if head := heads[path]:
                kinds.setdefault(head, []).append(path)
        parts = [_frame(self._spark, kind, those) for (kind, _), those in kinds.items()]
        there = [frame.mapInArrow(Part(self._asked, places), PART).persist() for frame in parts]
        here = self._here({path: number for number, path in enumerate(files) if heads[path] is None}, len(files))
        return [here, *there]

    def _here(self, files: Mapping[Path, int], end: int) -> DataFrame:
        """The answer of files that only one reader can read, one by one."""
        import pyarrow as arrow  # type: ignore[import-untyped]

        noted = Noted(self._asked.firsts, in_order=True)
        with database(Machine()) as duck:
            run, places = self._asked.run(duck), list[Place]()
            run.ledger.strict = self._run.ledger.strict
            reading = Reading(run.ledger, seen=noted)
            for path, number in files.items():
                reading.between = partial(_placed, noted, number)
                for item in reading.file(path):
                    run.take(item)
                    places += [noted.place] * (run.traffic.count - len(places))
            for item in reading.rest():
                run.take(item)
            places += [(end, 0, row) for row in range(len(places), run.traffic.count)]
            batches = list(rows_of(run, noted, places, self._asked.others))
        return self._spark.createDataFrame(arrow.Table.from_batches(batches), PART)

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
        self._sessions = self._sessions or part.sessions
        for key, share in part.shares.items():
            self._shares[key] = self._shares.get(key, NO_REQUESTS).plus(share)
            if key is not None:
                traffic.place(key)
        for mine, theirs in zip(self._others, part.others, strict=True):
            mine.merge(theirs)
        for tally, more in zip(traffic.asides, part.asides, strict=True):
            tally.merge(more)
        traffic.wholes += part.wholes


def _placed(noted: Noted, file: int, account: FileCount) -> None:
    noted.place = (file, 0, account.entries)


def _firsts(answers: Sequence[DataFrame]) -> dict[tuple[str, str], Place]:
    """Ids that come twice, and where first."""
    from pyspark.sql import functions

    ids = reduce(lambda one, other: one.unionByName(other), answers).where(f"kind = '{ID}'")
    found = ids.groupBy("scope", "id").agg(
        functions.count("*").alias("many"), functions.min(functions.struct(*PLACE)).alias("first")
    )
    twice = found.where("many > 1").limit(MOST + 1).collect()
    if len(twice) > MOST:
        raise BadLog(f"more than {MOST:,} ids come twice: a cluster cannot drop so many; use --engine duckdb or python")
    return {(row["scope"], row["id"]): tuple(row["first"]) for row in twice}


def _frame(spark: SparkSession, kind: str, files: Sequence[Path]) -> DataFrame:
    from pyspark.sql import functions

    names = [path.resolve().as_uri() for path in files]
    read = spark.read.parquet(*names) if kind == "parquet" else spark.read.text(names)
    return read.select("*", *(functions.col(column).alias(name) for name, column in PLACED.items()))
