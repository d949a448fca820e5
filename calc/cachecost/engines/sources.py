"""How a file is handed to the database: told by its first records, as Parquet, CSV or lines of JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import SEEK_END, BufferedReader, BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

from ..errors import BadLog, CachecostError
from ..logs import entries
from ..logs.files import opened
from ..logs.formats import sniff
from ..logs.parquet import columns_of
from ..logs.parquet import rows as parquet_rows
from ..replay.request import Request, Unread
from .machine import Duck
from .plain import JSON_COLUMNS, Rows, parquet, text
from .shapes import json_source, place_of
from .sql import quoted

FIRST, SPREAD = 200, 200
"""Records at the beginning of a file, and all over it, that are looked at before it is given to the database."""
LOOKED = "Read by DuckDB: unknown keys of JSON were looked for in a few hundred records of each file."
LONGEST = 1 << 20
"""Bytes of a line that is looked at there."""


def rows_of(database: Duck, path: Path) -> Rows | None:
    """The file as canonical rows; None where only its reader in `logs/` knows it."""
    kind, records = _begin(path, but="parquet")
    if kind == "parquet":
        columns = database.describe(f"read_parquet({quoted(str(path))})")
        return parquet(str(path), columns) if _is_plain(columns) else None
    if not records or not _is_ordinary(records):
        return None
    found = _csv(database, path, records) if kind == "csv" else _lines(path, records)
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


def told_by(path: Path) -> tuple[str, str] | None:
    """How a cluster can read a file in parts (`parquet` or `jsonl`), and what files must share to be read together: the
    columns and types of a table. None where it cannot, or where later records tell more of earlier ones."""
    kind, records = _begin(path)
    shapes = {shape.name: shape for record in records if (shape := sniff(record))}
    if (
        kind not in ("parquet", "jsonl")
        or len(shapes) != 1
        or any(each.repeats or each.begin for each in shapes.values())
    ):
        return None
    return kind, str(columns_of(path)) if kind == "parquet" else ""


def _begin(path: Path, but: str = "") -> tuple[str, list[Any]]:
    """What kind a file is and its first records; none of the kind `but`, or where it breaks off or is another thing."""
    try:
        with opened(path) as stream:
            kind = entries.kind(stream.bytes)
            if kind in ("document", "sqlite", but):
                return kind, []
            read = {"parquet": parquet_rows, "csv": entries.rows}.get(kind, entries.json_values)
            records = [each.record for each in islice(read(stream.bytes), FIRST) if each.record is not None]
            if kind == "jsonl" and not stream.packed:
                records += _further(path)
            return kind, [] if stream.cut else records
    except BadLog:
        return "", []


def _further(path: Path) -> Iterator[Any]:
    """Records from all over a text of lines, since the shape of a log can change in its middle."""
    with path.open("rb") as file:
        size = file.seek(0, SEEK_END)
        for step in range(1, SPREAD):
            file.seek(size * step // SPREAD)
            file.readline(LONGEST)
            record = next(entries.json_values(BufferedReader(BytesIO(file.readline(LONGEST)))), None)
            if record and record.record is not None:
                yield record.record


def _csv(database: Duck, path: Path, records: list[Any]) -> Rows | None:
    shape = sniff(records[0])
    if shape is None or shape.name != "plain":
        return None
    table = f"read_csv({quoted(str(path))}, header=true, all_varchar=true)"
    columns = database.describe(table)
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
