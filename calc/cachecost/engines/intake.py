"""Files that the database reads by itself, each looked through to its last row, and their requests as columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..logs.values import given
from ..replay.ledger import FileCount
from ..replay.traffic import NONE, Traffic, Who
from .checks import accounted, counting, in_table, kept, repeats, whole
from .machine import ask
from .plain import Rows, line_of
from .shapes import asking
from .sources import rows_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Array = Any
BATCH = 1 << 18
"""Requests that are handed over at once."""
_NAMES = ("model", "provider", "service", "region")


class Ready(NamedTuple):
    """A file that needs no reader: its rows, and what became of its lines."""

    rows: Rows
    account: FileCount


class Batch(NamedTuple):
    """Some requests of a file in its order: `at` in microseconds since 1970, counts by line of the bill; `who`,
    `session` and `project` as the traffic numbers them."""

    at: Array
    counts: dict[str, Array]
    who: Array
    session: Array
    project: Array


def ready(connection: DuckDBPyConnection, paths: Sequence[Path], done: Callable[[Path], None]) -> dict[Path, Ready]:
    """The files that can be read as columns; not those whose duplicates can only be told line by line."""
    known, found = {path: rows_of(connection, path) for path in paths}, dict[Path, Ready]()
    with counting(known) as lines:
        known = kept(connection, known, always=True)
        for path, rows in known.items():
            account = rows and _sound(connection, path, rows, lines)
            if rows and account:
                found[path] = Ready(rows, account)
            done(path)
    repeated = repeats(connection, {path: found[path].rows if path in found else None for path in known})
    return {path: each for path, each in found.items() if path not in repeated}


def _sound(
    connection: DuckDBPyConnection, path: Path, rows: Rows, lines: Callable[[Path], int | None]
) -> FileCount | None:
    """The account of a file whose rows are all counts at a time; None where one is not."""
    if not whole(connection, rows):
        return None
    odd = f"COALESCE(BOOL_OR({rows.odd}), FALSE)" if rows.odd else "FALSE"
    answer = ask(connection, f'SELECT COUNT(*), COUNT("at"), {odd} FROM {rows.source}')
    if not answer:
        return None
    ((read, timed, strange),) = answer
    return None if strange or timed < read else accounted(path, rows, read, lines)


def whos(connection: DuckDBPyConnection, rows: Rows) -> list[Who]:
    """Every combination of names in a file."""
    told = [name for name in _NAMES if name in rows.labels]
    if not told:
        return [_who(rows.shape, {})]
    answer = ask(connection, f"SELECT DISTINCT {', '.join(told)} FROM {rows.source}") or []
    return [_who(rows.shape, dict(zip(told, (each or "" for each in row), strict=True))) for row in answer]


def batches(connection: DuckDBPyConnection, rows: Rows, traffic: Traffic) -> Iterator[Batch]:
    """The requests of a file, a batch at a time, however many there are."""
    rows = in_table(connection, rows, "log_in_hand") or rows
    coded = {name: _numbers(connection, rows, name, traffic) for name in ("session", "project")}
    told = ['epoch_us("at") AS "at"', *(name for name in _NAMES if name in rows.labels)]
    told += [f"{_code(name)} AS {name}" for name, numbers in coded.items() if len(numbers) > 1]
    told += [f'COALESCE("{name}", 0)::BIGINT AS "{name}"' for name in rows.counts]
    for batch in connection.sql(f"SELECT {', '.join(told)} FROM {rows.source}").to_arrow_reader(BATCH):
        columns = dict(zip(batch.schema.names, batch.columns, strict=True))
        counts = {line_of(name): columns[name].to_numpy(zero_copy_only=False) for name in rows.counts}
        at = columns["at"].to_numpy(zero_copy_only=False)
        session, project = (_numbered(columns.get(name), numbers, len(at)) for name, numbers in coded.items())
        yield Batch(at, counts, _asking(rows.shape, columns, traffic, len(at)), session, project)


def _code(name: str) -> str:
    """The number of a name in the database: 0 where none is given."""
    return f"COALESCE(enum_code(CAST(NULLIF({name}, '') AS every_{name})) + 1, 0)"


def _numbers(connection: DuckDBPyConnection, rows: Rows, name: str, traffic: Traffic) -> Array:
    """For every number of a name in the database that in the traffic; only that for none where the log has no such
    name. The database tells millions of sessions apart, since a dictionary of Python takes a microsecond for each
    request."""
    import numpy as np

    names: list[Any] = []
    if name in rows.labels and ask(connection, f"SELECT 1 FROM {rows.source} WHERE {name} <> '' LIMIT 1"):
        connection.execute(f"DROP TYPE IF EXISTS every_{name}")
        every = f"SELECT DISTINCT {name} FROM {rows.source} WHERE {name} <> ''"
        connection.execute(f"CREATE TYPE every_{name} AS ENUM ({every})")
        names = connection.execute(f"SELECT UNNEST(enum_range(NULL::every_{name}))").fetchall()
    numbers = iter(traffic.numbers(name, (each for (each,) in names if given(each))))
    return np.array([NONE, *(next(numbers) if given(each) else NONE for (each,) in names)], np.int64)


def _numbered(column: Any, numbers: Array, size: int) -> Array:
    """The numbers of names; NONE where one is not given."""
    import numpy as np

    return np.full(size, NONE, np.int64) if column is None else numbers[column.to_numpy(zero_copy_only=False)]


def _asking(shape: str, columns: Mapping[str, Any], traffic: Traffic, size: int) -> Array:
    """The number of each request's names."""
    import numpy as np

    code, told = np.zeros(size, np.int64), dict[str, list[str]]()
    for name in _NAMES:
        if name in columns:
            coded = columns[name].dictionary_encode()
            told[name] = [each or "" for each in coded.dictionary.to_pylist()] + [""]
            code = code * len(told[name]) + _places(coded, len(told[name]) - 1)
    found, places = np.unique(code, return_inverse=True)
    asking = []
    for each in found.tolist():
        names = {}
        for name in reversed(told):
            each, place = divmod(each, len(told[name]))
            names[name] = told[name][place]
        asking.append(_who(shape, names))
    return np.array(traffic.numbers("who", asking), np.int64)[places]


def _places(coded: Any, missing: int) -> Array:
    return coded.indices.fill_null(missing).to_numpy(zero_copy_only=False).astype("int64")


def _who(shape: str, told: Mapping[str, str]) -> Who:
    return Who(*asking(shape, told), thinking=False)
