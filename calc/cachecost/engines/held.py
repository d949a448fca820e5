"""Requests of a log too large for memory, held by the database: columns in, whole sessions out in the order of time."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..replay.heaps import Share
from ..replay.traffic import KEPT, NONE
from .machine import Machine, connected

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Array = Any
HEAP = 1 << 20
"""Requests of a heap, and more only where one session has more."""
BATCH = 1 << 17
_COLUMNS = (*KEPT, "place")


@contextmanager
def held(machine: Machine) -> Iterator[Held]:
    """A store that spills to disk; BadLog where duckdb is missing, or memory and disk do not suffice."""
    with connected(machine) as connection:
        yield Held(connection)


class Held:
    """A `heaps.Store` in a table of the database."""

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self._connection = connection
        columns = ", ".join(f'"{name}" BIGINT' for name in _COLUMNS)
        connection.execute(f"CREATE TABLE held ({columns})")

    def add(self, columns: Mapping[str, array[int]]) -> None:
        import numpy as np
        import pyarrow as arrow  # type: ignore[import-untyped]

        table = arrow.table({name: arrow.array(np.frombuffer(columns[name], np.int64)) for name in _COLUMNS})
        self._connection.register("fresh", table)
        self._connection.execute("INSERT INTO held SELECT * FROM fresh")
        self._connection.unregister("fresh")

    def shares(self) -> dict[int, Share]:
        query = f'SELECT "key", COUNT(*), COUNT(*) FILTER (session = {NONE}) FROM held GROUP BY "key"'
        return {key: Share(requests, alone) for key, requests, alone in self._connection.execute(query).fetchall()}

    def chunks(self) -> Iterator[dict[str, bytes]]:
        return map(_as_bytes, _heaps(self._batches(""), whole=False))

    def heaps(self) -> Iterator[dict[str, bytes]]:
        sessions = self._batches(f'WHERE session <> {NONE} ORDER BY session, "at", place')
        yield from map(_as_bytes, _heaps(sessions, whole=True))
        yield from map(_as_bytes, _heaps(self._batches(f"WHERE session = {NONE}"), whole=False))

    def _batches(self, rest: str) -> Iterator[dict[str, Array]]:
        # a cursor of its own, since another question may be asked while this one is answered
        for batch in self._connection.cursor().sql(f"SELECT * FROM held {rest}").to_arrow_reader(BATCH):
            yield {name: column.to_numpy() for name, column in zip(_COLUMNS, batch.columns, strict=True)}


def _heaps(batches: Iterator[dict[str, Array]], *, whole: bool) -> Iterator[dict[str, Array]]:
    """Batches together until they are a heap; `whole`: cut where a session ends."""
    import numpy as np

    waiting, enough = list[dict[str, Array]](), HEAP
    for batch in batches:
        waiting.append(batch)
        if sum(len(each["at"]) for each in waiting) < enough:
            continue
        heap = _joined(waiting)
        session = heap["session"]
        end = int(np.searchsorted(session, session[-1])) if whole else len(session)
        enough = HEAP if end else 2 * len(session)
        if end:
            yield {name: column[:end] for name, column in heap.items()}
        waiting = [{name: column[end:] for name, column in heap.items()}]
    if waiting and len((heap := _joined(waiting))["at"]):
        yield heap


def _joined(parts: list[dict[str, Array]]) -> dict[str, Array]:
    import numpy as np

    return {name: np.concatenate([part[name] for part in parts]) for name in _COLUMNS}


def _as_bytes(heap: dict[str, Array]) -> dict[str, bytes]:
    return {name: column.tobytes() for name, column in heap.items()}
