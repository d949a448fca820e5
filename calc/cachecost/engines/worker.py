"""What a worker of a cluster does: a part of the log priced by the readers of `logs/`, or some sessions weighed.

A part answers with one row of what it added up and one for each request, told so that any other worker understands it.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from json import loads
from typing import Any, NamedTuple
from urllib.parse import unquote, urlparse

from ..errors import BadLog, CachecostError
from ..logs.formats import FORMATS
from ..logs.ledger import FileCount, Ledger
from ..logs.names import Names
from ..logs.remark import Record
from ..logs.request import Charge, Request
from ..replay.account import Account, Rating
from ..replay.epochs import Epochs
from ..replay.run import Run, Span
from ..replay.tally import Key
from ..replay.traffic import NONE, Share, Traffic, Who
from ..replay.whatif import Other, Weights, WhatIf

SUM, ID, ROW = "sum", "id", "row"
NUMBERS = ("at", "prompt", "rest", "output", "read", "put", "file", "start", "number")
PART = f"kind string, state binary, id string, session string, {', '.join(f'{name} bigint' for name in NUMBERS)}"
HEAP = 1 << 19
"""Requests that are weighed together, and more only where one session has more."""
_FILE, _START = "cachecost file", "cachecost start"
PLACED = {_FILE: "_metadata.file_path", _START: "_metadata.file_block_start"}
"""Columns that say where a record stood, and what Spark calls them."""


class Sum(NamedTuple):
    """What a part of the log came to."""

    account: Mapping[str, Any]
    named: list[tuple[str, str]]
    ledger: Ledger
    lines: FileCount
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
    several: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Part:
    """How a part of a log is read: what its records are, and what was asked. `files`: the place of each in the log."""

    names: Names
    shape: str
    rating: Rating
    by: tuple[str, ...]
    span: Span
    others: tuple[Epochs, ...]
    files: Mapping[str, int]

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        run, lines, ids = self.run(), FileCount(format=self.shape), list[str]()
        places: list[tuple[int, int, int]] = []
        for batch in batches:
            for record in batch.to_pylist():
                lines.name, start = _path(str(record.pop(_FILE))), record.pop(_START) or 0
                file = self.files.get(lines.name, 0)
                lines.entries += 1
                for item in self._items(record, lines, run.ledger):
                    if isinstance(item, Request) and item.id is not None:
                        ids.append(item.id)
                    run.take(item)
                places += [(file, start, lines.entries)] * (len(run.traffic) - len(places))
        run.settle()
        yield from rows_of(run, places)
        yield _batch([{"kind": ID, "id": each} for each in ids])
        yield _batch([{"kind": SUM, "state": pickle.dumps(summed(run, lines, self.others))}])

    def run(self) -> Run:
        account = Account(self.names.sheet, now=self.rating.now, as_of=self.rating.as_of, by=self.by)
        return Run(account, Ledger(), self.span)

    def _items(self, record: Record, lines: FileCount, ledger: Ledger) -> list[Request | Charge]:
        """What a record asks money for; it stands under its heading then."""
        try:
            read = _parsed(record["value"]) if set(record) == {"value"} else record
            items = FORMATS[self.shape].read(read) if read is not None else []
        except (CachecostError, ValueError, RecursionError) as error:
            ledger.refuse(lines, 0, str(error)[:200])
            return []
        if read is None:
            lines.blank += 1
            return []
        wanted = ledger.take(lines, 0, self.shape, items)
        lines.read += bool(wanted)
        lines.requests += sum(isinstance(each, Request) for each in wanted)
        lines.charges += sum(isinstance(each, Charge) for each in wanted)
        return wanted


@cache
def _path(address: str) -> str:
    return unquote(urlparse(address).path)


def _parsed(line: str) -> Record | None:
    """The record of a line; None where nothing stands on it."""
    if not line.strip():
        return None
    record = loads(line)
    if not isinstance(record, dict):
        raise BadLog("is not a record; expected an object in braces")
    return record


def summed(run: Run, lines: FileCount, sheets: Iterable[Epochs]) -> Sum:
    """What a run came to, but for its single requests."""
    others = [Other(epochs) for epochs in sheets]
    for other in others:
        other.see(run.traffic, run.account.rating)
    told = Traffic()
    told.beside, told.sums, told.timeless = run.traffic.beside, run.traffic.sums, run.traffic.timeless
    told.wholes = run.traffic.wholes
    return Sum(
        run.account.state(),
        run.account.named,
        run.ledger,
        lines,
        run.outside,
        bool(run.traffic.sessions),
        run.traffic.shares(),
        others,
        told,
    )


def rows_of(run: Run, places: Iterable[tuple[int, int, int]]) -> Iterator[Any]:
    """The requests of a run as rows, with what they have in common beside them; those with block ids left out."""
    traffic = run.traffic
    keys, whos, lines, sessions = traffic.known, traffic.whos, traffic.lines, [*traffic.sessions, None]
    common: dict[tuple[Any, ...], bytes] = {}
    rows: list[dict[str, Any]] = []
    for row, (file, start, number) in enumerate(places):
        if row in traffic.blocks:
            continue
        several = traffic.several.get(row, ())
        asked = (traffic.key[row], traffic.who[row], traffic.line[row], several)
        if asked not in common:
            key, who, line, _ = asked
            told = Common(keys[key] if key != NONE else None, whos[who], lines[line] if line != NONE else "", several)
            common[asked] = pickle.dumps(told)
        numbers = {name: getattr(traffic, name)[row] for name in ("at", "prompt", "rest", "output", "read", "put")}
        numbers |= {"file": file, "start": start, "number": number, "session": sessions[traffic.session[row]]}
        rows.append({"kind": ROW, "state": common[asked], **numbers})
        if len(rows) == HEAP:
            yield _batch(rows)
            rows.clear()
    yield _batch(rows)


def _batch(rows: list[dict[str, Any]]) -> Any:
    import pyarrow as arrow  # type: ignore[import-untyped]

    texts = [("kind", arrow.string()), ("state", arrow.binary()), ("id", arrow.string()), ("session", arrow.string())]
    return arrow.RecordBatch.from_pylist(rows, arrow.schema([*texts, *((name, arrow.int64()) for name in NUMBERS)]))


@dataclass(frozen=True)
class Weigher:
    """Sessions one after another, each in the order of time, into what they come to."""

    asked: WhatIf

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        weights, rows = Weights(), list[dict[str, Any]]()
        for batch in batches:
            for row in batch.to_pylist():
                if len(rows) >= HEAP and row["session"] != rows[-1]["session"]:
                    weights.merge(self.asked.weigh(self._heap(rows)))
                    rows.clear()
                rows.append(row)
        weights.merge(self.asked.weigh(self._heap(rows)))
        yield _batch([{"kind": SUM, "state": pickle.dumps(weights)}])

    def _heap(self, rows: list[dict[str, Any]]) -> Traffic:
        """Rows as traffic whose keys count through those of the whole log."""
        heap, common = Traffic(), dict[bytes, Common]()
        for key in self.asked.keys:
            heap.place(key)
        for place, row in enumerate(rows):
            told = common.get(row["state"]) or common.setdefault(row["state"], pickle.loads(row["state"]))
            for name in ("at", "prompt", "rest", "output", "read", "put"):
                getattr(heap, name).append(row[name])
            heap.key.append(NONE if told.key is None else heap.place(told.key))
            heap.who.append(heap.numbers("who", [told.who])[0])
            heap.line.append(heap.numbers("line", [told.line])[0] if told.line else NONE)
            session = row["session"]
            heap.session.append(NONE if session is None else heap.numbers("session", [session])[0])
            heap.project.append(NONE)
            if told.several:
                heap.several[place] = told.several
        heap.settled = len(rows)
        return heap
