"""Whole files of requests as columns: the database reads and checks them, and hands over numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..logs import values
from ..logs.files import opened
from ..logs.ledger import FileCount, Ledger
from ..logs.reader import Reading
from ..logs.request import Request
from ..logs.values import LARGEST
from ..replay.traffic import NONE, Who
from ..sheet import STANDARD
from .plain import Rows, line_of
from .shapes import REGIONS, SERVICES
from .sources import FIRST, rows_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Array = Any
BATCH = 1 << 17
CHUNK = 1 << 20
_NAMES = ("model", "provider", "service", "region")


class Codes(NamedTuple):
    """Names, and the number of one for each request; NONE where it has none."""

    names: list[str]
    number: Array


class File(NamedTuple):
    """One file of requests in its own order: `at` in microseconds since 1970, counts by line of the bill, codes for
    names; `ids` are hashes of what tells duplicates, none where the file has nothing of the kind."""

    account: FileCount
    at: Array
    counts: dict[str, Array]
    whos: list[Who]
    who: Array
    session: Codes
    project: Codes
    ids: Array | None


def loaded(connection: DuckDBPyConnection, path: Path) -> File | None:
    """A file as columns; None where some line of it needs a reader of `logs/`."""
    rows = rows_of(connection, path)
    if rows is None or not _is_ordinary(path):
        return None
    found = _batches(connection, rows)
    if found is None:
        return None
    account = _accounted(path, rows, len(found.at))
    return None if account is None else _file(account, rows, found)


class _Columns(NamedTuple):
    at: Array
    counts: dict[str, Array]
    names: dict[str, Codes]
    ids: Array | None


def _batches(connection: DuckDBPyConnection, rows: Rows) -> _Columns | None:
    """The columns of all rows; None where a row is odd, has no time, or is not what the first rows promised."""
    import duckdb

    labels = [name for name in (*_NAMES, "session", "project") if name in rows.labels]
    known: dict[str, dict[str, int]] = {name: {} for name in labels}
    parts: dict[str, list[Array]] = {name: [] for name in ("at", *rows.counts, *labels, *_identity(rows))}
    try:
        for batch in connection.sql(_query(rows, labels)).to_arrow_reader(BATCH):
            columns = dict(zip(batch.schema.names, batch.columns, strict=True))
            if columns["at"].null_count or columns["odd"].true_count:
                return None
            for name, numbers in parts.items():
                column = columns[name]
                told = name in known
                numbers.append(_encoded(known[name], column, name) if told else column.to_numpy(zero_copy_only=False))
            if any(not _are_counts(parts[name][-1]) for name in rows.counts):
                return None
    except (duckdb.OutOfMemoryException, duckdb.InterruptException):
        raise
    except duckdb.Error:
        return None
    whole = {name: _joined(numbers) for name, numbers in parts.items()}
    codes = {name: Codes(list(names), whole[name]) for name, names in known.items()}
    return _Columns(whole["at"], {name: whole[name] for name in rows.counts}, codes, whole.get("id"))


def _identity(rows: Rows) -> list[str]:
    return ["id"] if "id" in rows.labels else []


def _are_counts(numbers: Array) -> bool:
    return not len(numbers) or (int(numbers.min()) >= 0 and int(numbers.max()) <= LARGEST)


def _joined(parts: Sequence[Array]) -> Array:
    import numpy as np

    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _query(rows: Rows, labels: Sequence[str]) -> str:
    told = ['epoch_us("at") AS "at"', *labels]
    told += [f'COALESCE("{name}", 0)::BIGINT AS "{name}"' for name in rows.counts]
    told += [f"CASE WHEN {name} <> '' THEN hash({name}) ELSE 0 END AS {name}" for name in _identity(rows)]
    return f"SELECT {', '.join(told)}, {rows.odd or 'FALSE'} AS odd FROM {rows.source}"


def _encoded(known: dict[str, int], column: Any, name: str) -> Array:
    """The numbers of a batch of names; one of _NAMES that is not given is the empty one."""
    import numpy as np

    coded = column.dictionary_encode()
    numbers = [
        known.setdefault(each, len(known)) if each or name in _NAMES else NONE for each in coded.dictionary.to_pylist()
    ]
    missing = known.setdefault("", len(known)) if name in _NAMES and column.null_count else NONE
    return np.array([*numbers, missing], np.int64)[coded.indices.fill_null(len(numbers)).to_numpy(zero_copy_only=False)]


def _file(account: FileCount, rows: Rows, found: _Columns) -> File:
    import numpy as np

    code, told = np.zeros(len(found.at), np.int64), [name for name in _NAMES if name in found.names]
    for name in told:
        code = code * max(1, len(found.names[name].names)) + found.names[name].number
    _, first, who = np.unique(code, return_index=True, return_inverse=True)
    whos = []
    for place in first:
        names = {name: found.names[name].names[found.names[name].number[place]] for name in told}
        whos.append(_who(rows.shape, names))
    nobody = Codes([], np.full(len(found.at), NONE, np.int64))
    session, project = (found.names.get(name, nobody) for name in ("session", "project"))
    counts = {line_of(name): count for name, count in found.counts.items()}
    return File(account, found.at, counts, whos, who, session, project, found.ids)


def _who(shape: str, told: dict[str, str]) -> Who:
    service_of, region_of = _spoken(shape)
    return Who(
        told.get("model", ""),
        told.get("provider", ""),
        service_of(told.get("service", "")) or STANDARD,
        region_of(told.get("region", "")),
        thinking=False,
    )


def _spoken(shape: str) -> tuple[Callable[[object], str], Callable[[object], str | None]]:
    """How a shape writes its service and its region."""
    if shape in SERVICES:
        return SERVICES[shape], REGIONS[shape]
    return values.service, lambda region: str(region) or None


def _is_ordinary(path: Path) -> bool:
    """Whether the readers find nothing to remark on in the first records, and nothing that only they understand."""
    told = Ledger()
    first = list(islice(Reading(told).file(path), FIRST))
    remarks = told.unknown or told.doubted or told.malformed or told.skipped
    return not remarks and all(isinstance(each, Request) and each.paid is None for each in first)


def _accounted(path: Path, rows: Rows, read: int) -> FileCount | None:
    """Every line of the file under its heading; None where its lines are not its rows, or hold more than they say."""
    account = FileCount(str(path), rows.shape, entries=read, read=read, requests=read)
    if rows.source.startswith("read_parquet") or "read_parquet(" in rows.source:
        return account
    words = [b"paid", b"currency"] if rows.shape == "plain" else []
    lines = _lines(path, words)
    if lines is None or lines < read:
        return None
    account.entries = lines
    if "read_csv(" in rows.source:
        account.header = 1
        return account if lines == read + 1 else None
    account.blank = lines - read
    return account


def _lines(path: Path, words: Sequence[bytes]) -> int | None:
    """How many lines a text has; None where it is cut, or one of the words stands in it."""
    count, last = 0, b""
    with opened(path) as stream:
        while data := stream.bytes.read(CHUNK):
            if any(word in last + data for word in words):
                return None
            count += data.count(b"\n")
            last = data[-8:]
        return None if stream.cut else count + (not last.endswith(b"\n") and bool(last))
