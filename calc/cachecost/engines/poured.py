"""Files that need no reader into a run: columns from the database, priced over arrays, a batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..prices.usage import Usage
from ..replay.account import UNPRICED
from ..replay.epochs import Epochs, instant, microseconds
from ..replay.request import Request
from ..replay.run import Run
from ..replay.traffic import NONE
from .checks import unknown_keys
from .intake import Batch, Ready, batches, ready, whos
from .machine import Machine, connected
from .shapes import PROJECTIONS
from .sources import LOOKED

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Array = Any


@contextmanager
def poured(
    paths: Sequence[Path], run: Run, *, machine: Machine, others: Sequence[Epochs], done: Callable[[Path], None]
) -> Iterator[Callable[[Path, Callable[[int], None]], bool]]:
    """What adds a file to the run where the database can read it by itself, and tells how many of its bytes are done;
    False, and nothing added, for all others. `done` is told of every file that has been looked through."""
    with connected(machine) as connection:
        files = {
            path: each
            for path, each in ready(connection, paths, done).items()
            if not _thinks(connection, each, run, others)
        }

        def pour(path: Path, show: Callable[[int], None]) -> bool:
            file = files.pop(path, None)
            if file is not None:
                _add(connection, path, file, run, show)
            return file is not None

        yield pour


def _thinks(connection: DuckDBPyConnection, file: Ready, run: Run, others: Sequence[Epochs]) -> bool:
    """Whether rates may depend on thoughts, which only the readers of vendors' answers know of."""
    if file.rows.shape not in PROJECTIONS:
        return False
    sheets = list(others)
    for who in whos(connection, file.rows):
        try:
            sheets.append(run.account.epochs(who.model, who.provider))
        except UNPRICED:
            continue
    return any(row.thinking is not None for each in sheets for card in each.cards for row in card.rows)


def _add(connection: DuckDBPyConnection, path: Path, file: Ready, run: Run, show: Callable[[int], None]) -> None:
    """The requests of a file in their order. Stopped, its account says how far it was read."""
    if file.rows.text == "jsonl":
        run.ledger.note(LOOKED)
    run.ledger.unknown.update(unknown_keys(connection, file.rows))
    account, size = file.account, max(1, file.account.read)
    run.ledger.files.append(account)
    done, weight = 0, path.stat().st_size
    for batch in batches(connection, file.rows, run.traffic):
        _pour(batch, run)
        done += len(batch.at)
        show(weight * done // size)
        if run.stop.asked and done < size:
            account.entries -= account.read - done
            account.read = account.requests = done
            raise KeyboardInterrupt


def _pour(batch: Batch, run: Run) -> None:
    """Some requests; those that take part in no what-if, and those that write more than one line, one by one."""
    inside = _inside(batch.at, run)
    run.outside += int((~inside).sum())
    rows = _Rows(batch, run)
    begin = 0
    for place in [*np.flatnonzero(inside & rows.apart).tolist(), len(batch.at)]:
        mine = begin + np.flatnonzero(inside[begin:place])
        run.traffic.extend(rows.columns(mine), len(mine))
        if place < len(batch.at):
            run.alone(rows.request(place))
        begin = place + 1
    run.settle()


def _inside(at: Array, run: Run) -> Array:
    found = np.ones(len(at), bool)
    if run.span.since is not None:
        found &= at >= microseconds(run.span.since)
    if run.span.until is not None:
        found &= at < microseconds(run.span.until)
    return found


class _Rows:
    """A batch as the traffic keeps it. `apart`: requests without text in their prompt, and those that write more than
    one line."""

    def __init__(self, batch: Batch, run: Run) -> None:
        self._batch = batch
        nothing = np.zeros(len(batch.at), np.int64)
        self._written = [line for line in batch.counts if line.startswith("cache_write")]
        put = sum((batch.counts[line] for line in self._written), nothing)
        read = batch.counts.get("cache_read", nothing)
        prompt = batch.counts.get("input", nothing) + read + put
        line, several = np.full(len(batch.at), NONE, np.int64), nothing.copy()
        for name in self._written:
            has = batch.counts[name] > 0
            several += has
            if has.any():
                line[has] = run.traffic.numbers("line", [name])[0]
        self.apart = (prompt == 0) | (several > 1)
        names = ("whos", "sessions", "projects") if self.apart.any() else ()
        self._names = {name: getattr(run.traffic, name) for name in names}
        self._told = {"at": batch.at, "who": batch.who, "session": batch.session, "project": batch.project}
        self._told |= {"prompt": prompt, "output": batch.counts.get("output", nothing)}
        self._told |= {"read": read, "put": put, "line": line}

    def columns(self, mine: Array) -> dict[str, bytes]:
        return {name: column[mine].astype(np.int64).tobytes() for name, column in self._told.items()}

    def request(self, place: int) -> Request:
        """One of them as a reader would have told it."""
        batch = self._batch
        counts = {line: int(count[place]) for line, count in batch.counts.items()}
        put = {line.partition(":")[2]: counts[line] for line in self._written if counts[line]}
        who = self._names["whos"][batch.who[place]]
        return Request(
            at=instant(int(batch.at[place])),
            model=who.model,
            usage=Usage(
                input=counts.get("input", 0),
                cache_read=counts.get("cache_read", 0),
                cache_write=put[""] if list(put) == [""] else put,
                output=counts.get("output", 0),
            ),
            provider=who.provider,
            service=who.service,
            region=who.region,
            session=_name(self._names["sessions"], int(batch.session[place])),
            project=_name(self._names["projects"], int(batch.project[place])),
        )


def _name(names: Sequence[str], number: int) -> str | None:
    return None if number == NONE else names[number]
