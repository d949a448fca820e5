"""What a worker of a cluster does: a part of the log priced by the readers of `logs/`, or some sessions weighed.

A part answers with one row of what it added up and one for each request and each id, told so that any other worker
understands it.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import unquote, urlparse

from ..logs.entries import Entry, json_line
from ..logs.names import Names
from ..logs.reader import Reading
from ..logs.repeats import Noted, Place
from ..replay.account import Account, Rating
from ..replay.epochs import Epochs
from ..replay.heaps import Share, shares
from ..replay.ledger import Ledger
from ..replay.run import Run, Span
from ..replay.tally import Key
from ..replay.traffic import NONE, Traffic, Who
from ..replay.whatif import Other, Weights, WhatIf

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
    traffic: Traffic


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

    names: Names
    rating: Rating
    by: tuple[str, ...]
    span: Span
    others: tuple[Epochs, ...]
    firsts: Mapping[tuple[str, str], Place]

    def run(self) -> Run:
        """An empty run."""
        account = Account(self.names.sheet, now=self.rating.now, as_of=self.rating.as_of, by=self.by)
        return Run(account, Ledger(), self.span)


@dataclass(frozen=True)
class Part:
    """A part of a log, in Arrow batches, into rows of `PART`. `files`: the place of each file in the log."""

    asked: Question
    files: Mapping[str, int]

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        run, noted = self.asked.run(), Noted(self.asked.firsts, in_order=False)
        reading, places, number = Reading(run.ledger, seen=noted), list[Place](), 0
        lines = run.ledger.open("")
        for batch in batches:
            for record in batch.to_pylist():
                lines.name, start = _path(str(record.pop(_FILE))), record.pop(_START) or 0
                noted.place = (self.files.get(lines.name, 0), start, number)
                text = record["value"].encode() if set(record) == {"value"} else None
                entry = Entry(0, record) if text is None else json_line(0, text + b"\n")
                for item in reading.entry(entry, lines):
                    run.take(item)
                places += [noted.place] * (len(run.traffic) - len(places))
                number += 1
        yield from rows_of(run, noted, places, self.asked.others)


@cache
def _path(address: str) -> str:
    return unquote(urlparse(address).path)


def rows_of(run: Run, noted: Noted, places: Iterable[Place], others: Iterable[Epochs]) -> Iterator[Any]:
    """All that a run has come to, as rows in batches."""
    run.settle()
    rows: list[dict[str, Any]] = []
    for row in _rows(run, noted, places, others):
        rows.append(row)
        if len(rows) == HEAP:
            yield _batch(rows)
            rows.clear()
    yield _batch(rows)


def _rows(run: Run, noted: Noted, places: Iterable[Place], others: Iterable[Epochs]) -> Iterator[dict[str, Any]]:
    traffic, common = run.traffic, dict[tuple[Any, ...], bytes]()
    keys, whos, lines, sessions = traffic.known, traffic.whos, traffic.lines, [*traffic.sessions, None]
    columns = {name: getattr(traffic, name) for name in COUNTS}
    for row, place in enumerate(places):
        key, who, line = traffic.key[row], traffic.who[row], traffic.line[row]
        several, blocks = traffic.several.get(row, ()), traffic.blocks.get(row, ())
        asked = (key, who, line, several, blocks)
        if asked not in common:
            told = Common(None if key == NONE else keys[key], whos[who], "" if line == NONE else lines[line])
            common[asked] = pickle.dumps(told._replace(several=several, blocks=blocks))
        yield {
            "kind": TRACED if blocks else ROW,
            "state": common[asked],
            "session": sessions[traffic.session[row]],
            **{name: column[row] for name, column in columns.items()},
            **dict(zip(PLACE, place, strict=True)),
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
    told = Traffic()
    told.beside, told.sums, told.timeless, told.wholes = *traffic.asides, traffic.wholes
    return Sum(
        run.account.state(),
        run.account.named,
        run.ledger,
        run.outside,
        bool(traffic.sessions),
        shares(traffic),
        others,
        told,
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
        for batch in batches:
            for row in batch.to_pylist():
                begins = row["session"] is None or (rows and row["session"] != rows[-1]["session"])
                if len(rows) >= HEAP and begins:
                    weights.merge(self.asked.weigh(self.heap(rows)))
                    rows.clear()
                rows.append(row)
        weights.merge(self.asked.weigh(self.heap(rows)))
        yield _batch([{"kind": SUM, "state": pickle.dumps(weights)}])

    def heap(self, rows: Iterable[Mapping[str, Any]]) -> Traffic:
        """Rows as traffic whose keys count through those of the whole log."""
        heap, common = Traffic(), dict[bytes, Common]()
        for key in self.asked.keys:
            heap.place(key)
        columns = {name: getattr(heap, name) for name in COUNTS}
        for place, row in enumerate(rows):
            state = bytes(row["state"])
            told = common.get(state) or common.setdefault(state, pickle.loads(state))
            for name, column in columns.items():
                column.append(row[name])
            heap.key.append(NONE if told.key is None else heap.place(told.key))
            heap.who.append(heap.numbers("who", [told.who])[0])
            heap.line.append(heap.numbers("line", [told.line])[0] if told.line else NONE)
            session = row["session"]
            heap.session.append(NONE if session is None else heap.numbers("session", [session])[0])
            heap.project.append(NONE)
            if told.several:
                heap.several[place] = told.several
            if told.blocks:
                heap.blocks[place] = told.blocks
        heap.settled = len(heap)
        return heap
