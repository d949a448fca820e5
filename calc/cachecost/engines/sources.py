"""How a file is handed to an engine, detected from its first records: as Parquet, CSV or lines of JSON."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from io import SEEK_END, BufferedReader, BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

from ..errors import BadLog, CachecostError
from ..logs import binary, entries
from ..logs.files import opened
from ..logs.flat import value
from ..logs.format import Format
from ..logs.formats import FORMATS, Detector, plain, sniff
from ..logs.values import Record
from ..replay.request import Charge, FormatNote, Request, Unread
from .machine import Duck
from .parquet import parquet
from .projection import Rows, placed, project
from .sql import quoted

FIRST, SPREAD = 100, 100
"""Records at the beginning of a file, and all over it, that are looked at before it is given to the database."""
LOOKED = f"Read by DuckDB: unknown keys of JSON were looked for in {FIRST + SPREAD} records of each file."
LONGEST = 1 << 20
"""Bytes of a line that is looked at there."""


def rows_of(database: Duck, path: Path) -> Rows | None:
    """The file as rows of counts; None where only its reader in `logs/` knows it."""
    kind, records = _begin(path, but="parquet")
    if kind == "parquet":
        columns = database.describe(f"read_parquet({quoted(str(path))})")
        is_plain = any(name in columns for name in ("input", "output", "cache_read"))
        return parquet(str(path), columns) if is_plain else None
    detect = Detector().format
    shapes = [(record, found.name if (found := detect(record)) else "") for record in records]
    if kind not in ("csv", "jsonl") or not (known := Counter(name for _, name in shapes if name)):
        return None
    shape = FORMATS[known.most_common(1)[0][0]]
    ours = [record for record, name in shapes if name == shape.name]
    others = [record for record, name in shapes if name != shape.name]
    names = tuple(dict.fromkeys(key for record in ours for key in record))
    notes, is_known = _notes(shape, ours, is_json=kind == "jsonl")
    unknown: Sequence[str] = ()
    if shape is plain.FORMAT and all(_is_alike(record, names) for record in ours):
        shape, unknown = plain.declared(names), plain.columns_of(names).unknown
    whole = placed(shape, ours) if shape.is_declared and is_known else None
    if whole is None or not whole.fields.at:
        return None
    if any(value(record, whole.fields.input) is not None for record in others):
        return None  # what they count may be something else
    rows = project(str(path), whole, ours, names if kind == "csv" else None, unknown)
    return rows and rows._replace(notes=notes)


def shapes_of(path: Path) -> set[str]:
    """The formats of a text's records, as those that are looked at tell; none where they do not: where one is in no
    known format, or may be a page of several, and where most of a text is packed."""
    kind, records = _begin(path)
    shapes = [shape for record in records if (shape := sniff(record))]
    if kind not in ("csv", "jsonl") or not shapes or len(shapes) < len(records):
        return set()
    with opened(path) as stream:
        is_known = kind == "csv" or not stream.packed or shapes[0].begin
    return {shape.name for shape in shapes} if is_known else set()


def _is_alike(record: Record, names: tuple[str, ...]) -> bool:
    """Whether the columns of a record of our own table mean what they mean in the whole of it."""
    one, whole = plain.columns_of(tuple(record)), plain.columns_of(names)
    return one.of.items() <= whole.of.items() and one.counting == whole.counting


def _notes(shape: Format, records: Sequence[Record], *, is_json: bool) -> tuple[list[str], bool]:
    """What is to be said of a log, and whether the database can tell all that these records say: no unknown key holds
    tokens, and amounts of money have the digits of a floating number, which it makes of them in JSON."""
    notes, is_known = dict.fromkeys([f"{shape.name}: {shape.note}"] if shape.note else []), True
    for record in records:
        with suppress(CachecostError):
            for item in shape.read(record):
                if isinstance(item, FormatNote):
                    notes[item.message] = None
                is_known = is_known and (shape.name == "plain" or not isinstance(item, Unread | Charge))
                if is_json and isinstance(item, Request) and (paid := item.paid) is not None:
                    shown = (Decimal(repr(float(paid))), Decimal(int(paid)))
                    is_known = is_known and paid.as_tuple() in [each.as_tuple() for each in shown]
    return list(notes), is_known


def split_by(path: Path, forced: Format | None = None) -> tuple[str, str] | None:
    """How a cluster can read a file in parts (`parquet` or `jsonl`), and what files must share to be read together: the
    columns and types of a table. None where it cannot, or where later records tell more of earlier ones. `forced`: the
    format that all records are read as."""
    kind, records = _begin(path)
    shapes = {shape.name: shape for record in records if (shape := forced or sniff(record))}
    depends = any(each.repeats or each.begin for each in shapes.values())
    if kind not in ("parquet", "jsonl") or len(shapes) != 1 or depends:
        return None
    if kind == "jsonl":
        return kind, ""
    from pyarrow.parquet import read_schema  # type: ignore[import-untyped]

    return kind, str(read_schema(path).remove_metadata())


def _begin(path: Path, but: str = "") -> tuple[str, list[Any]]:
    """What kind a file is and its first records; none of the kind `but`, or where it breaks off or is another thing;
    the first alone where later ones depend on it."""
    try:
        with opened(path) as stream:
            kind = entries.kind(stream.bytes)
            if kind in ("document", "sqlite", but):
                return kind, []
            read = {"parquet": binary.parquet, "csv": entries.rows}.get(kind, entries.json_values)
            found = (each.record for each in read(stream.bytes) if each.record is not None)
            first = next(found, None)
            shape = None if first is None else sniff(first)
            if first is None or (shape and shape.begin):
                return kind, [] if first is None else [first]  # such a file is of one format as a rule
            records = [first, *islice(found, FIRST - 1)]
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
