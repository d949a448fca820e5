"""What a worker of a cluster does: a part of the log priced by the readers of `logs/`, or some sessions weighed.

A part answers with one row of what it added up and one for each request and each id, told so that any other worker
understands it.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import BufferedReader, BytesIO
from typing import Any, NamedTuple
from urllib.parse import unquote, urlparse

from ..logs.entries import Entry, json_values
from ..logs.names import Names as Models
from ..logs.reader import Reading
from ..logs.repeats import Noted, Place
from ..replay.account import Account, Rating
from ..replay.epochs import Epochs
from ..replay.ledger import Ledger
from ..replay.policies import Database
from ..replay.run import Run, Span
from ..replay.tally import Key, Tally
from ..replay.traffic import LOGGED, NONE, Names, Traffic, Who, Whole, written
from ..replay.whatif import Other, Share, Weights, WhatIf, shares
from .machine import Machine, database

SUM, ID, ROW, TRACED = "sum", "id", "row", "traced"
"""Kinds of rows: what a part came to, an id, a request, a request whose prompt is told by block ids."""
COUNTS = ("at", "prompt", "rest", "output", "read", "put")
PLACE = ("file", "start", "number")
TEXTS = ("kind", "scope", "id", "session")
PART = ", ".join(
    [*(f"{name} string" for name in TEXTS), "state binary", *(f"{name} bigint" for name in (*COUNTS, *PLACE))]
)
HEAP = 1 << 16
"""Requests that are weighed together, a kilobyte each; more only where one session has more."""
WORKER = Machine(threads=1)
_FILE, _START = "cachecost file", "cachecost start"
PLACED = {_FILE: "_metadata.file_path", _START: "_metadata.file_block_start"}
"""Columns that say where a record stood, and what Spark calls them."""


class Sum(NamedTuple):
    """What a part of the log came to."""

    account: Mapping[str, Any]
    named: list[tuple[str, str]]
    ledger: Ledger
    outside: int
    sessions: bool
    shares: dict[Key | None, Share]
    others: list[Other]
    asides: tuple[Tally, Tally, Tally]
    wholes: list[Whole]


class Common(NamedTuple):
    """What requests have in common: their rates (None without), who asks, the line that they write, or several."""

    key: Key | None
    who: Who
    line: str
    several: tuple[tuple[str, int], ...] = ()
    blocks: tuple[int, ...] = ()


@dataclass(frozen=True)
class Question:
    """What is asked of every part of a log. `firsts`: where ids that come twice come first."""

    names: Models
    rating: Rating
    by: tuple[str, ...]
    span: Span
    others: tuple[Epochs, ...]
    firsts: Mapping[tuple[str, str], Place]

    def run(self, database: Database) -> Run:
        """An empty run."""
        account = Account(self.names.sheet, now=self.rating.now, as_of=self.rating.as_of, by=self.by)
        return Run(account, Ledger(), database, self.span)


@dataclass(frozen=True)
class Part:
    """A part of a log, in Arrow batches, into rows of `PART`. `files`: the place of each file in the log."""

    asked: Question
    files: Mapping[str, int]

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        with database(WORKER) as duck:
            run, noted = self.asked.run(duck), Noted(self.asked.firsts, in_order=False)
            places = list(self._read(batches, run, noted))
            yield from rows_of(run, noted, places, self.asked.others)

    def _read(self, batches: Iterable[Any], run: Run, noted: Noted) -> Iterator[Place]:
        """Read all records into the run; where each request stood."""
        reading, number, count = Reading(run.ledger, seen=noted), 0, 0
        lines = run.ledger.open("")
        for batch in batches:
            for record in batch.to_pylist():
                lines.name, start = _path(str(record.pop(_FILE))), record.pop(_START) or 0
                noted.place = (self.files.get(lines.name, 0), start, number)
                for entry in _entries(record):
                    for item in reading.entry(entry, lines):
                        run.take(item)
                yield from [noted.place] * (run.traffic.count - count)
                number, count = number + 1, run.traffic.count


def _entries(record: dict[str, Any]) -> Iterator[Entry]:
    """The records of a row, which is a line of text or a record itself."""
    if set(record) != {"value"}:
        return iter([Entry(0, record)])
    text = BytesIO(record["value"].encode() + b"\n")
    return (entry._replace(line=0) for entry in json_values(BufferedReader(text)))


@cache
def _path(address: str) -> str:
    return unquote(urlparse(address).path)


def rows_of(run: Run, noted: Noted, places: Sequence[Place], others: Iterable[Epochs]) -> Iterator[Any]:
    """All that a run has come to, as rows in batches."""
    run.settle()
    rows: list[dict[str, Any]] = []
    for row in _rows(run, noted, places, others):
        rows.append(row)
        if len(rows) == HEAP:
            yield _batch(rows)
            rows.clear()
    yield _batch(rows)


def _rows(run: Run, noted: Noted, places: Sequence[Place], others: Iterable[Epochs]) -> Iterator[dict[str, Any]]:
    traffic, common = run.traffic, dict[tuple[Any, ...], bytes]()
    keys, whos, lines = traffic.known, list(traffic.whos), list(traffic.lines)
    named = (
        "place",
        "moment",
        "prompt",
        "rest",
        "output",
        "read",
        "put",
        "key",
        "who",
        "line",
        "several",
        "blocks",
        "name",
    )
    query = f"SELECT {', '.join(named)} FROM requests LEFT JOIN sessions ON number = session ORDER BY place"
    for batch in traffic.database.batches(query):
        for told in batch:
            row = dict(zip(named, told, strict=True))
            several, blocks = written(row, lines) if row["several"] else (), tuple(row["blocks"] or ())
            asked = (row["key"], row["who"], row["line"], several, blocks)
            if asked not in common:
                key, line = (
                    None if row["key"] is None else keys[row["key"]],
                    "" if row["line"] == NONE else lines[row["line"]],
                )
                common[asked] = pickle.dumps(Common(key, whos[row["who"]], line, several, blocks))
            yield {
                "kind": TRACED if blocks else ROW,
                "state": common[asked],
                "session": row["name"],
                "at": row["moment"],
                **{name: row[name] for name in COUNTS[1:]},
                **dict(zip(PLACE, places[row["place"]], strict=True)),
            }
            if blocks:
                del common[asked]
    for scope, identity, place in noted.told:
        yield {"kind": ID, "scope": scope, "id": identity, **dict(zip(PLACE, place, strict=True))}
    yield {"kind": SUM, "state": pickle.dumps(_summed(run, others))}


def _summed(run: Run, sheets: Iterable[Epochs]) -> Sum:
    """What a run came to, but for its single requests."""
    others, traffic = [Other(epochs) for epochs in sheets], run.traffic
    for other in others:
        other.see(traffic, run.account.rating)
    return Sum(
        run.account.state(),
        run.account.named,
        run.ledger,
        run.outside,
        bool(traffic.database.rows("SELECT 1 FROM sessions LIMIT 1")),
        shares(traffic),
        others,
        traffic.asides,
        traffic.wholes,
    )


def _batch(rows: list[dict[str, Any]]) -> Any:
    import pyarrow as arrow  # type: ignore[import-untyped]

    columns = [(name, arrow.string()) for name in TEXTS]
    columns += [("state", arrow.binary()), *((name, arrow.int64()) for name in (*COUNTS, *PLACE))]
    return arrow.RecordBatch.from_pylist(rows, arrow.schema(columns))


@dataclass(frozen=True)
class Weigher:
    """Sessions one after another, each in the order of time, into what they come to."""

    asked: WhatIf

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        weights, rows = Weights(), list[dict[str, Any]]()
        with database(WORKER) as duck:
            for batch in batches:
                for row in batch.to_pylist():
                    begins = row["session"] is None or (rows and row["session"] != rows[-1]["session"])
                    if len(rows) >= HEAP and begins:
                        weights.merge(self.weigh(rows, duck))
                        rows.clear()
                    rows.append(row)
            weights.merge(self.weigh(rows, duck))
        yield _batch([{"kind": SUM, "state": pickle.dumps(weights)}])

    def weigh(self, rows: Iterable[Mapping[str, Any]], duck: Database) -> Weights:
        """What requests come to."""
        traffic, common, sessions = Traffic(duck), dict[bytes, Common](), Names()
        for key in self.asked.keys:
            traffic.place(key)
        logged = []
        for place, row in enumerate(rows):
            state = bytes(row["state"])
            told = common.get(state) or common.setdefault(state, pickle.loads(state))
            values = {name: row[name] for name in COUNTS[1:]} | {
                "place": place,
                "moment": row["at"],
                "who": traffic.whos.setdefault(told.who, len(traffic.whos)),
                "session": None if row["session"] is None else sessions.number(row["session"]),
                "line": traffic.lines.setdefault(told.line, len(traffic.lines)) if told.line else NONE,
                "several": traffic.by_line(told.several) if told.several else None,
                "blocks": list(told.blocks) or None,
                "key": None if told.key is None else traffic.place(told.key),
            }
            logged.append([values.get(name) for name in LOGGED])
        duck.load("requests", LOGGED, logged)
        return self.asked.weigh(traffic)
