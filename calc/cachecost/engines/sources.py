"""How a file is handed to the database: told by its first records, as Parquet, CSV or lines of JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from io import SEEK_END, BufferedReader, BytesIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadLog, CachecostError
from ..logs import entries
from ..logs.files import opened
from ..logs.formats import sniff
from ..logs.ledger import FileCount
from ..logs.parquet import columns_of
from ..logs.parquet import rows as parquet_rows
from ..logs.remark import Unread
from ..logs.request import Request
from ..logs.values import LARGEST
from .machine import ask, describe
from .plain import JSON_COLUMNS, Rows, parquet, text
from .shapes import json_source, place_of, quoted_name
from .sql import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KEPT = 1 << 33
"""Bytes of logs up to which their rows are kept, so that text is parsed once; above, the disk might not hold them."""
FIRST, SPREAD = 200, 200
"""Records at the beginning of a file, and all over it, that are looked at before it is given to the database."""
LOOKED = "Read by DuckDB: keys of JSON that nobody knows were looked for in some hundred records of each file."
LONGEST = 1 << 20
"""Bytes of a line that is looked at there."""
CHUNK = 1 << 20


def rows_of(connection: DuckDBPyConnection, path: Path) -> Rows | None:
    """The file as canonical rows; None where only its reader in `logs/` knows it."""
    kind, records = _begin(path, but="parquet")
    if kind == "parquet":
        columns = describe(connection, f"read_parquet({quoted(str(path))})")
        return parquet(str(path), columns) if _is_plain(columns) else None
    if not records or not _is_ordinary(records):
        return None
    found = _csv(connection, path, records) if kind == "csv" else _lines(path, records)
    return found and replace(found, text=kind)


def _is_ordinary(records: list[Any]) -> bool:
    """Whether the readers understand the first records and find nothing to remark on; unknown columns of our own table
    are counted where it is read."""
    for record in records:
        shape = sniff(record)
        try:
            items = shape.read(record) if shape else [None]
        except CachecostError:
            return False
        allowed = (Request, Unread) if shape and shape.name == "plain" else Request
        if not all(isinstance(item, allowed) for item in items):
            return False
    return True


def kept(
    connection: DuckDBPyConnection, known: Mapping[Path, Rows | None], *, always: bool = False
) -> dict[Path, Rows | None]:
    """The same rows, read from text into tables, so that it is parsed once for all questions. Without `always` only
    those with ids, of which more than one is asked."""
    if sum(path.stat().st_size for path in known) > KEPT:
        return dict(known)
    return {
        path: in_table(connection, rows, f"log_{number}") if rows and (always or "id" in rows.labels) else rows
        for number, (path, rows) in enumerate(known.items())
    }


def in_table(connection: DuckDBPyConnection, rows: Rows, name: str) -> Rows | None:
    """Rows of text read once, in their order; None where the text is not what its beginning promised."""
    if not rows.odd or rows.source == name:
        return rows
    made = ask(connection, f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM {rows.source}")
    return None if made is None else replace(rows, source=name)


def repeats(connection: DuckDBPyConnection, known: Mapping[Path, Rows | None]) -> set[Path]:
    """Files whose duplicates can only be told line by line: those with an id that comes twice in files of one shape, or
    with any id where some file (None) needs its reader, which may hold the same. Two ids of one hash only cost time.
    """
    if None in known.values():
        return {path for path, rows in known.items() if rows and _has_ids(connection, rows)}
    shapes: dict[str, dict[Path, Rows]] = {}
    for path, rows in known.items():
        if rows and "id" in rows.labels:
            shapes.setdefault(rows.shape, {})[path] = rows
    repeated: set[Path] = set()
    for group in shapes.values():
        union = " UNION ALL ".join(f"SELECT id FROM {rows.source}" for rows in group.values())
        ids = f"SELECT hash(id) AS id FROM ({union}) WHERE id IS NOT NULL AND id <> ''"
        if ask(connection, f"SELECT 1 FROM ({ids}) GROUP BY id HAVING COUNT(*) > 1 LIMIT 1") != []:
            repeated |= set(group)
    return repeated


def _has_ids(connection: DuckDBPyConnection, rows: Rows) -> bool:
    return "id" in rows.labels and ask(connection, f"SELECT 1 FROM {rows.source} WHERE id <> '' LIMIT 1") != []


def whole(connection: DuckDBPyConnection, rows: Rows) -> bool:
    """Whether the integer columns of a Parquet file hold counts of tokens, and every row has one: the file states the
    ends of each and how many there are."""
    if not rows.checked:
        return True
    ends = ", ".join(f'MIN("{name}"), MAX("{name}"), COUNT("{name}")' for name in rows.checked)
    answer = ask(connection, f"SELECT COUNT(*), {ends} FROM {rows.source}")
    if not answer:
        return False
    ((many, *told),) = answer
    if not all(end is None or 0 <= end <= LARGEST for end in (*told[::3], *told[1::3])):
        return False
    if many in told[2::3]:
        return True
    nothing = f"COALESCE({', '.join(map(quoted_name, rows.checked))}) IS NULL"
    return ask(connection, f"SELECT 1 FROM {rows.source} WHERE {nothing} LIMIT 1") == []


def unknown_keys(connection: DuckDBPyConnection, rows: Rows) -> dict[str, int]:
    """How often a column that nobody knows has a value; told as the readers tell it."""
    if not rows.unknown:
        return {}
    counts = ", ".join(
        f"COUNT(*) FILTER (lower(trim(CAST({quoted_name(name)} AS VARCHAR))) NOT IN ('', {_EMPTY}))"
        for name in rows.unknown
    )
    (told,) = ask(connection, f"SELECT {counts} FROM {rows.source}") or [()]
    return {f"{rows.shape}: {name}": count for name, count in zip(rows.unknown, told, strict=False) if count}


_EMPTY = "'nan', 'null', 'none', 'n/a', 'na'"


@contextmanager
def counting(known: Mapping[Path, Rows | None]) -> Iterator[Callable[[Path], int | None]]:
    """Counts the lines of texts while the database reads them: how many one has, None where it is cut."""
    with ThreadPoolExecutor(1) as beside:
        counts = {path: beside.submit(_count, path) for path, rows in known.items() if rows and rows.text}
        try:
            yield lambda path: counts[path].result()
        finally:
            beside.shutdown(cancel_futures=True)


def _count(path: Path) -> int | None:
    count, last = 0, b""
    with opened(path) as stream:
        while chunk := stream.bytes.read(CHUNK):
            count, last = count + chunk.count(b"\n"), chunk
        return None if stream.cut else count + bool(last and not last.endswith(b"\n"))


def accounted(path: Path, rows: Rows, read: int, lines: Callable[[Path], int | None]) -> FileCount | None:
    """Every line of a file under its heading; None where lines and rows do not match, so that its reader must look."""
    account = FileCount(str(path), rows.shape, entries=read, read=read, requests=read)
    if rows.text:
        count = lines(path)
        if count is None:
            return None
        account.entries, account.header = count, int(rows.text == "csv")
        account.blank = count - account.header - read
    return account if account.blank == 0 or (account.blank > 0 and rows.text == "jsonl") else None


def told_by(path: Path) -> tuple[str, str] | None:
    """How a cluster can read a file in parts (`parquet` or `jsonl`), and what files must share to be read together: the
    columns and types of a table. None where it cannot, or where later records tell more of earlier ones."""
    kind, records = _begin(path)
    shapes = {shape.name: shape for record in records if (shape := sniff(record))}
    if kind not in ("parquet", "jsonl") or len(shapes) != 1 or any(shape.repeats for shape in shapes.values()):
        return None
    return kind, str(columns_of(path)) if kind == "parquet" else ""


def _begin(path: Path, but: str = "") -> tuple[str, list[Any]]:
    """What kind a file is and its first records; none of the kind `but`, or where it breaks off or is another thing."""
    try:
        with opened(path) as stream:
            kind = entries.kind(stream.bytes)
            if kind in ("document", but):
                return kind, []
            read = {"parquet": parquet_rows, "csv": entries.rows}.get(kind, entries.json_lines)
            records = [each.record for each in islice(read(stream.bytes), FIRST) if each.record is not None]
            if kind == "jsonl" and not stream.packed:
                records += _further(path)
            return kind, [] if stream.cut else records
    except BadLog:
        return "", []


def _further(path: Path) -> Iterator[Any]:
    """Records from all over a text of lines: whoever changes what he logs does so in the middle."""
    with path.open("rb") as file:
        size = file.seek(0, SEEK_END)
        for step in range(1, SPREAD):
            file.seek(size * step // SPREAD)
            file.readline(LONGEST)
            record = next(entries.json_lines(BufferedReader(BytesIO(file.readline(LONGEST)))), None)
            if record and record.record is not None:
                yield record.record


def _csv(connection: DuckDBPyConnection, path: Path, records: list[Any]) -> Rows | None:
    shape = sniff(records[0])
    if shape is None or shape.name != "plain":
        return None
    table = f"read_csv({quoted(str(path))}, header=true, all_varchar=true)"
    columns = describe(connection, table)
    return text(table, columns) if set(columns) == set(records[0]) else None


def _lines(path: Path, records: list[Any]) -> Rows | None:
    shapes = {shape.name if (shape := sniff(record)) else "" for record in records}
    if len(shapes) != 1:
        return None
    name = shapes.pop()
    if name == "plain":
        return _plain_lines(path, records)
    places = {place_of(record) for record in records}
    place = places.pop()
    if places or place is None or name not in _PROJECTED:
        return None
    source, odd, counts = json_source(str(path), name, place)
    labels = ("provider", "model", "service", "region", "session", "project", "id")
    return Rows(source, counts, labels, odd=odd, shape=name)


_PROJECTED = ("anthropic_message", "openai_chat", "openai_responses")


def _plain_lines(path: Path, records: list[Any]) -> Rows | None:
    if any("usage" in record or not isinstance(record.get("at"), str) for record in records):
        return None
    keys = {key for record in records for key in record if key.startswith("cache_write_")}
    columns = JSON_COLUMNS | dict.fromkeys(sorted(keys), "VARCHAR")
    told = ", ".join(f"{quoted(name)}: {quoted(kind)}" for name, kind in columns.items())
    return text(f"read_json({quoted(str(path))}, format='newline_delimited', columns={{{told}}})", columns)


def _is_plain(columns: dict[str, str]) -> bool:
    return "at" in columns and any(name in columns for name in ("input", "output", "cache_read"))
