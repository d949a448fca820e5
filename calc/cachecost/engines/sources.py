"""How a file is handed to the database: told by its first records, as Parquet, CSV or lines of JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadLog
from ..logs import entries
from ..logs.files import opened
from ..logs.formats import sniff
from ..logs.parquet import rows
from .machine import ask, describe
from .plain import JSON_COLUMNS, Rows, parquet, text
from .shapes import json_source, place_of
from .sql import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KEPT = 1 << 30
"""Bytes of logs up to which their rows are kept, so that text is parsed once; above, the disk might not hold them."""
FIRST = 200
"""Records that are looked at before a file is given to the database."""
CHUNK = 1 << 20


def rows_of(connection: DuckDBPyConnection, path: Path) -> Rows | None:
    """The file as canonical rows; None where only its reader in `logs/` knows it."""
    kind, records = _begin(path, but="parquet")
    if kind == "parquet":
        columns = describe(connection, f"read_parquet({quoted(str(path))})")
        return parquet(str(path), columns) if _is_plain(columns) else None
    if not records:
        return None
    found = _csv(connection, path, records) if kind == "csv" else _lines(path, records)
    return found and replace(found, text=kind)


def kept(connection: DuckDBPyConnection, known: Mapping[Path, Rows | None]) -> dict[Path, Rows | None]:
    """The same rows, read from text into tables where they have ids: once for repeats, names and sums together."""
    if sum(path.stat().st_size for path in known) > KEPT:
        return dict(known)
    return {path: _kept(connection, rows, f"log_{number}") for number, (path, rows) in enumerate(known.items())}


def _kept(connection: DuckDBPyConnection, rows: Rows | None, name: str) -> Rows | None:
    if rows is None or not rows.odd or "id" not in rows.labels:
        return rows
    made = ask(connection, f"CREATE TEMP TABLE {name} AS SELECT * FROM {rows.source}")
    return None if made is None else replace(rows, source=name)


def lines_of(path: Path) -> int:
    """How many lines a text has, as an editor numbers them."""
    with opened(path) as stream:
        count, last = 0, b""
        while chunk := stream.bytes.read(CHUNK):
            count, last = count + chunk.count(b"\n"), chunk
    return count + bool(last and not last.endswith(b"\n"))


def told_by(path: Path) -> tuple[str, str] | None:
    """How a cluster can read a file in parts (`parquet` or `jsonl`), and the shape of all its first records."""
    kind, records = _begin(path)
    shapes = {shape.name if (shape := sniff(record)) else "" for record in records}
    if kind not in ("parquet", "jsonl") or len(shapes) != 1 or shapes & {"", "claude_code", "mooncake", "burstgpt"}:
        return None
    return kind, shapes.pop()


def _begin(path: Path, but: str = "") -> tuple[str, list[Any]]:
    """What kind a file is and its first records; none of the kind `but`, or where it breaks off or is another thing."""
    try:
        with opened(path) as stream:
            kind = entries.kind(stream.bytes)
            if kind in ("document", but):
                return kind, []
            read = {"parquet": rows, "csv": entries.rows}.get(kind, entries.json_lines)
            records = [each.record for each in islice(read(stream.bytes), FIRST) if each.record is not None]
            return kind, [] if stream.cut else records
    except BadLog:
        return "", []


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
    return text(
        f"read_json({quoted(str(path))}, format='newline_delimited', columns={{{told}}})", columns, may_lack=True
    )


def _is_plain(columns: dict[str, str]) -> bool:
    return "at" in columns and any(name in columns for name in ("input", "output", "cache_read"))
