"""Our own plain table as a database reads it: named columns in Parquet, CSV or lines of JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..logs.counts import ttl_of
from ..logs.formats.plain import KNOWN
from ..logs.values import LARGEST
from .shapes import instant_of, not_whole, quoted_name, whole
from .sql import COUNTS, NAMES, WRITTEN, quoted

INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
FLOATS = ("FLOAT", "DOUBLE")
ZONED, NAIVE = ("TIMESTAMP WITH TIME ZONE",), ("TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S", "DATE")
LEFT = ("creation", "usage", "thinking", "blocks", "paid")
"""Columns that only the readers of `logs/` understand: a row that has a value there is odd."""
LABELS = (*NAMES, "session", "project", "id")
JSON_COLUMNS = {
    # counts as text: DuckDB would read `true` as the number 1
    "at": "VARCHAR",
    **dict.fromkeys(LABELS, "VARCHAR"),
    **dict.fromkeys((*COUNTS, "cache_write_12h", "cache_write_24h"), "VARCHAR"),
    **dict.fromkeys(LEFT, "JSON"),
}


@dataclass(frozen=True)
class Rows:
    """A log as canonical rows: a table to read from, its counts, its labels, and when a row is odd.

    `checked`: integer columns of a Parquet file, whose least and largest values it states by itself. `text`: what lines
    it has, `csv` or `jsonl`. `place`: the column that counts its rows. `unknown`: columns without a meaning here.
    """

    source: str
    counts: Sequence[str]
    labels: Sequence[str]
    odd: str = ""
    checked: Sequence[str] = ()
    text: str = ""
    shape: str = "plain"
    place: str = "rowid"
    unknown: Sequence[str] = ()


def parquet(file: str, columns: Mapping[str, str]) -> Rows | None:
    """The rows of a Parquet file with these columns and types; None where some need a reader in `logs/`."""
    counts = _counts(columns)
    kinds = {columns[name] for name in counts}
    if columns.get("at") not in (*ZONED, *NAIVE, "VARCHAR") or not kinds <= {*INTEGERS, *FLOATS}:
        return None
    labels = [name for name in LABELS if name in columns]
    numbers = [name for name in labels if columns[name] in INTEGERS]
    if any(columns[name] != "VARCHAR" for name in labels if name not in numbers):
        return None
    table, strange = f"read_parquet({quoted(file)})", any(name in columns for name in LEFT)
    if numbers:
        texts = ", ".join(f"CAST({name} AS VARCHAR) AS {name}" for name in numbers)
        table = f"(SELECT * REPLACE ({texts}) FROM read_parquet({quoted(file)}, file_row_number = true))"
    whole_ones = [name for name in counts if columns[name] in INTEGERS]
    plainly = columns["at"] in (*ZONED, "TIMESTAMP") and not _twice(counts) and not strange
    if len(whole_ones) == len(counts) and plainly:
        return Rows(table, counts, labels, checked=counts, place="file_row_number", unknown=_unknown(columns))
    floats = [name for name in counts if columns[name] in FLOATS]
    return _projected(table, columns, counts, labels, floats)


def text(table: str, columns: Mapping[str, str]) -> Rows | None:
    """The rows of a CSV file or of lines of JSON, whose counts are read as floating numbers."""
    counts = _counts(columns)
    if "at" not in columns or not counts:
        return None
    return _projected(table, columns, counts, [name for name in LABELS if name in columns], counts)


def _projected(
    table: str, columns: Mapping[str, str], counts: Sequence[str], labels: Sequence[str], floats: Sequence[str]
) -> Rows:
    at, odd = ('CAST("at" AS TIMESTAMPTZ)', "FALSE")
    if columns["at"] == "VARCHAR":
        at, odd = instant_of('"at"', number=False)
    values = {name: whole(_cast(name)) if name in floats else quoted_name(name) for name in counts}
    wrong = [odd, *(not_whole(_cast(name)) for name in floats)]
    wrong += [f"{quoted_name(name)} NOT BETWEEN 0 AND {LARGEST}" for name in counts if name not in floats]
    wrong += [f"{quoted_name(name)} IS NOT NULL" for name in LEFT if name in columns]
    wrong.append(f"COALESCE({', '.join(quoted_name(name) for name in counts)}) IS NULL")
    if _twice(counts):
        parts = " + ".join(f"COALESCE({_cast(name)}, 0)" for name in counts if name.startswith("cache_write_"))
        wrong.append(f"COALESCE({_cast('cache_write')}, 0) > 0 AND {parts} > 0")
    lines = [f'{at} AS "at"', *labels, *(f"{value} AS {quoted_name(name)}" for name, value in values.items())]
    lines.append(f"{' OR '.join(f'COALESCE({each}, FALSE)' for each in wrong)} AS odd")
    unknown = _unknown(columns)
    lines += map(quoted_name, unknown)
    return Rows(f"(SELECT {', '.join(lines)} FROM {table})", counts, labels, odd="odd", unknown=unknown)


def _cast(name: str) -> str:
    return f"CAST({quoted_name(name)} AS DOUBLE)"


def _counts(columns: Mapping[str, str]) -> list[str]:
    fixed = [name for name in COUNTS if name in columns and name != "output"]
    others = [name for name in columns if _is_write(name) and name not in WRITTEN]
    return [*fixed, *others, *(["output"] if "output" in columns else [])]


def _twice(counts: Sequence[str]) -> bool:
    """Whether tokens could be written with a TTL and without one in the same row."""
    return "cache_write" in counts and any(name.startswith("cache_write_") for name in counts)


def _unknown(columns: Mapping[str, str]) -> list[str]:
    return [name for name in columns if name not in KNOWN and not _is_write(name)]


def _is_write(name: str) -> bool:
    return name.startswith("cache_write_") and bool(ttl_of(name))


def line_of(count: str) -> str:
    """The name of a line of the bill: `cache_write_5m` is `cache_write:5m`."""
    ttl = ttl_of(count) if count.startswith("cache_write_") else None
    return f"cache_write:{ttl}" if ttl else count
