"""What a worker of a cluster does: a part of the log is read and priced by the readers of `logs/`, or sessions weighed.

Answers are rows of `ANSWER`: what a part came to, each id, and each request, so that sessions can be gathered.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from io import BufferedReader, BytesIO
from typing import Any, NamedTuple
from urllib.parse import unquote, urlparse

from ..logs.entries import Entry, json_values
from ..logs.names import Names
from ..logs.reader import Reading
from ..logs.repeats import Noted, Place
from ..replay.account import Account, Rating
from ..replay.epochs import Epochs
from ..replay.ledger import Ledger
from ..replay.request import Charge, Request
from ..replay.run import Run, Span
from ..replay.tally import Tally
from ..replay.traffic import Whole
from ..replay.whatif import Survey, Weights, WhatIf, surveyed
from .machine import Duck, Machine, database

SUM, ID, ROW = "sum", "id", "row"
"""Kinds of answers: what a part came to, an id, a request. `scope` of an id is its format; of a request, what it shares
prompts with: its session, all requests with block ids, or nothing but itself. `state` is pickled."""
PLACE = ("file", "start", "number")
ANSWER = "kind string, scope string, id string, state binary, file bigint, start bigint, number bigint"
MANY = 1 << 16
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
    surveys: list[Survey]
    asides: tuple[Tally, Tally, Tally]
    wholes: list[Whole]


@dataclass(frozen=True)
class Question:
    """The question for every part of a log. `firsts`: where ids that come twice come first."""

    names: Names
    rating: Rating
    by: tuple[str, ...]
    span: Span
    others: tuple[Epochs, ...]
    firsts: Mapping[tuple[str, str], Place]

    def run(self, duck: Duck, *, strict: bool = False) -> Run:
        """An empty run."""
        account = Account(
            self.names.sheet, now=self.rating.now, as_of=self.rating.as_of, region=self.rating.region, by=self.by
        )
        return Run(account, Ledger(strict), duck, self.span)

    def answers(self, run: Run, noted: Noted, items: Iterable[Request | Charge]) -> Iterator[Any]:
        """All that a run of these items comes to, in batches; `noted` has the place of each."""
        rows: list[dict[str, Any]] = []
        for item in items:
            run.take(item)
            if isinstance(item, Request) and item.at and item.at in self.span and item.lasting is None:
                alone = " ".join(map(str, noted.place))
                scope = "blocks" if item.blocks else f"session {item.session}" if item.session else alone
                rows.append(_row(ROW, noted.place, scope=scope, state=pickle.dumps(item)))
            if len(rows) == MANY:
                yield _batch(rows)
                rows.clear()
        run.settle()
        rows += (_row(ID, place, scope=scope, id=identity) for scope, identity, place in noted.identities)
        surveys = surveyed(run.traffic, self.rating, self.others)
        come_to = Sum(
            run.account.state(),
            run.account.named,
            run.ledger,
            run.outside,
            surveys,
            run.traffic.asides,
            run.traffic.wholes,
        )
        yield _batch([*rows, _row(SUM, state=pickle.dumps(come_to))])


@dataclass(frozen=True)
class Reader:
    """A part of a log, in Arrow batches, into answers. `files`: the place of each file in the log."""

    question: Question
    files: Mapping[str, int]

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        with database(WORKER) as duck:
            run, noted = self.question.run(duck), Noted(self.question.firsts, in_order=False)
            yield from self.question.answers(run, noted, self._items(batches, run.ledger, noted))

    def _items(self, batches: Iterable[Any], ledger: Ledger, noted: Noted) -> Iterator[Request | Charge]:
        reading, lines = Reading(ledger, seen=noted), ledger.open("")
        for number, record in enumerate(record for batch in batches for record in batch.to_pylist()):
            lines.name, start = _path(str(record.pop(_FILE))), record.pop(_START) or 0
            noted.place = (self.files.get(lines.name, 0), start, number)
            for entry in _entries(record):
                yield from reading.entry(entry, lines)


@dataclass(frozen=True)
class Weigher:
    """Requests, those of one scope side by side in the order of the log, into what they come to."""

    question: Question
    what_if: WhatIf

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        weights, waiting, last = Weights(), list[Request](), None
        for row in (row for batch in batches for row in batch.to_pylist()):
            if len(waiting) >= MANY and row["scope"] != last:
                weights = weights.plus(self.weigh(waiting))
                waiting.clear()
            waiting.append(pickle.loads(row["state"]))
            last = row["scope"]
        yield _batch([_row(SUM, state=pickle.dumps(weights.plus(self.weigh(waiting))))])

    def weigh(self, requests: Iterable[Request]) -> Weights:
        """What requests come to."""
        with database(WORKER) as duck:
            run = self.question.run(duck)
            for key in self.what_if.keys:
                run.traffic.place(key)
            for request in requests:
                run.take(request)
            run.settle()
            return self.what_if.weigh(run.traffic, is_part=True)


def _entries(record: dict[str, Any]) -> Iterator[Entry]:
    """The records of a row, which is a line of text or a record itself."""
    if set(record) != {"value"}:
        return iter([Entry(0, record)])
    text = BytesIO(record["value"].encode() + b"\n")
    return (entry._replace(line=0) for entry in json_values(BufferedReader(text)))


@cache
def _path(address: str) -> str:
    return unquote(urlparse(address).path)


def _row(kind: str, place: Place = (0, 0, 0), **more: Any) -> dict[str, Any]:
    return {"kind": kind, **more, **dict(zip(PLACE, place, strict=True))}


def _batch(rows: list[dict[str, Any]]) -> Any:
    import pyarrow as arrow  # type: ignore[import-untyped]

    kinds = {"string": arrow.string(), "binary": arrow.binary(), "bigint": arrow.int64()}
    columns = (column.split(" ") for column in ANSWER.split(", "))
    return arrow.RecordBatch.from_pylist(rows, arrow.schema([(name, kinds[kind]) for name, kind in columns]))
