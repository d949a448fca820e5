"""How a file is handed to an engine, detected from its first records: as Parquet, CSV or lines of JSON."""

from __future__ import annotations

from collections.abc import Iterator
from io import SEEK_END, BufferedReader, BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

from ..errors import BadLog, CachecostError
from ..logs import entries
from ..logs.files import opened
from ..logs.format import Format
from ..logs.formats import sniff
from ..logs.parquet import columns_of
from ..logs.parquet import rows as parquet_rows
from ..replay.request import Request, Unread
from .columns import VENDORS, Rows, parquet, paths_of, plain_lines, text, vendor_lines
from .machine import Duck
from .sql import quoted

FIRST, SPREAD = 200, 200
"""Records at the beginning of a file, and all over it, that are looked at before it is given to the database."""
LOOKED = "Read by DuckDB: unknown keys of JSON were looked for in a few hundred records of each file."
LONGEST = 1 << 20
"""Bytes of a line that is looked at there."""


def rows_of(database: Duck, path: Path) -> Rows | None:
    """The file as rows of counts; None where only its reader in `logs/` knows it."""
    kind, records = _begin(path, but="parquet")
    if kind == "parquet":
        columns = database.describe(f"read_parquet({quoted(str(path))})")
        is_plain = any(name in columns for name in ("input", "output", "cache_read"))
        return parquet(str(path), columns) if is_plain else None
    names = {shape.name if (shape := sniff(record)) else "" for record in records}
    if len(names) != 1 or not all(map(_is_ordinary, records)):
        return None
    (name,) = names
    if kind == "csv" and name == "plain":
        table = f"read_csv({quoted(str(path))}, header=true, all_varchar=true)"
        columns = database.describe(table)
        return text(kind, table, columns) if set(columns) == set(records[0]) else None
    if kind == "jsonl" and name == "plain":
        return plain_lines(str(path), records)
    places = {paths_of(record) for record in records} if kind == "jsonl" and name in VENDORS else set()
    place = places.pop() if len(places) == 1 else None
    return place and vendor_lines(str(path), name, place)


def _is_ordinary(record: Any) -> bool:
    """Whether the readers understand a record and find nothing to remark on; unknown columns of our own table are
    counted where it is read."""
    shape = sniff(record)
    try:
        items = shape.read(record) if shape else [None]
    except CachecostError:
        return False
    allowed = (Request, Unread) if shape and shape.name == "plain" else Request
    return all(isinstance(item, allowed) for item in items)


def split_by(path: Path, forced: Format | None = None) -> tuple[str, str] | None:
    """How a cluster can read a file in parts (`parquet` or `jsonl`), and what files must share to be read together: the
    columns and types of a table. None where it cannot, or where later records tell more of earlier ones. `forced`: the
    format that all records are read as."""
    kind, records = _begin(path)
    shapes = {shape.name: shape for record in records if (shape := forced or sniff(record))}
    depends = any(each.repeats or each.begin for each in shapes.values())
    if kind not in ("parquet", "jsonl") or len(shapes) != 1 or depends:
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
