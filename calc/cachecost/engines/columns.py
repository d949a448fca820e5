"""Logs that a database reads by itself, as rows of counts in SQL, and which rows it must not touch.

The first records of a file say where things stand. A row that is not like them (a fraction, a negative count, parts
that are not their sum) is odd: one odd row, and the whole file is left to the readers of `logs/`, which know them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..logs.counts import ttl_of
from ..logs.envelope import PROJECTS, SESSIONS, TIMES, opened
from ..logs.format import Projection, Record
from ..logs.formats import FORMATS
from ..logs.formats.plain import columns_of
from ..logs.values import LARGEST, THOUSANDS, given
from ..logs.values import region as region_of
from ..logs.values import service as service_of
from ..replay.request import Product
from .sql import COUNTS, NAMES, WRITTEN, quoted

INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
FLOATS = ("FLOAT", "DOUBLE")
ZONED, NAIVE = "TIMESTAMP WITH TIME ZONE", ("TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S")
READERS_ONLY = ("creation", "usage", "thinking", "blocks", "paid", "prompt_tokens", "total", "requests", "batch")
"""Columns of our own table that only its reader understands: a row that has a value there is odd."""
A_DAY = 'strlen("at") <= 10'
"""A date alone: the row sums up a day."""
LABELS = (*NAMES, "session", "project", "id")


VENDORS: Mapping[str, Projection] = {name: shape.projection for name, shape in FORMATS.items() if shape.projection}


@dataclass(frozen=True)
class Rows:
    """A log as rows of counts: a table to read from, with `at`, the counts and the labels.

    `odd`: whether some row is odd, as an aggregate. `kind`: `parquet`, `csv` or `jsonl`. `shape`: the format of the
    log. `place`: the column that counts rows. `unknown`: the columns that have no meaning here, by their names in the
    log.
    """

    source: str
    counts: Sequence[str]
    labels: Sequence[str]
    odd: str
    kind: str
    shape: str = "plain"
    place: str = "rowid"
    unknown: Mapping[str, str] | None = None


def product(shape: str, names: Mapping[str, str]) -> Product:
    """What was bought, from the names of a row: only our own table has regions in the words of the sheets."""
    region = names.get("region", "")
    where = region_of(region) if shape in VENDORS else region if given(region) else None
    service = service_of(names.get("service", ""))
    return Product(names.get("model", ""), names.get("provider", ""), service, where, False)


def parquet(file: str, columns: Mapping[str, str]) -> Rows | None:
    """Our own table in Parquet, with these columns and types; None where some need a reader in `logs/`."""
    counts = _counts(columns)
    labels = [name for name in LABELS if name in columns]
    kinds = [("at", (ZONED, *NAIVE, "VARCHAR")), *((name, ("VARCHAR", *INTEGERS)) for name in labels)]
    kinds += ((name, (*INTEGERS, *FLOATS)) for name in counts)
    if not is_own(columns) or not all(columns.get(name) in allowed for name, allowed in kinds):
        return None
    wrong, at = [], 'CAST("at" AS TIMESTAMPTZ)' if columns["at"] in NAIVE else '"at"'
    if columns["at"] == "VARCHAR":
        at, odd = _instant('"at"', number=False)
        wrong += [odd, A_DAY]
    floats = [name for name in counts if columns[name] in FLOATS]
    wrong += [_not_whole(named(name)) for name in floats]
    wrong += [f"{named(name)} IS NOT NULL" for name in READERS_ONLY if name in columns]
    wrong += _written_twice(counts, named)
    place = "file_row_number" if "file_row_number" not in map(str.lower, columns) else "ROW_NUMBER() OVER () - 1"
    table = f"read_parquet({quoted(file)}{', file_row_number = true' if place == 'file_row_number' else ''})"
    ends = [f'MIN("{name}") < 0 OR MAX("{name}") > {LARGEST}' for name in counts]  # which Parquet states by itself
    full = ", ".join(f"COUNT({named(name)})" for name in counts)
    return _rows(
        "parquet",
        table,
        at,
        {name: f"CAST({named(name)} AS VARCHAR)" if columns[name] in INTEGERS else named(name) for name in labels},
        {name: _whole(named(name)) if name in floats else named(name) for name in counts},
        wrong,
        _unknown(columns),
        aggregates=[*ends, f"COUNT(*) > GREATEST({full})"],
        place=place,
    )


def text(kind: str, table: str, names: Iterable[str]) -> Rows | None:
    """Our own table as text, all columns of it."""
    names = list(names)
    counts = _counts(names)
    if "at" not in names or not counts or not is_own(names):
        return None
    at, odd = _instant('"at"', number=False)
    numbers = {name: f"TRY_CAST({named(name)} AS DOUBLE)" for name in counts}
    wrong = [odd, A_DAY]
    wrong += [f"{named(name)} IS NOT NULL AND {number} IS NULL" for name, number in numbers.items()]
    wrong += [_not_whole(number) for number in numbers.values()]
    wrong += [f"regexp_full_match({named(name)}, '{THOUSANDS}')" for name in counts]
    wrong += [f"{named(name)} IS NOT NULL" for name in READERS_ONLY if name in names]
    wrong += [f"COALESCE({', '.join(map(named, counts))}) IS NULL", *_written_twice(counts, numbers.__getitem__)]
    labels = {name: named(name) for name in LABELS if name in names}
    return _rows(
        kind, table, at, labels, {name: _whole(each) for name, each in numbers.items()}, wrong, _unknown(names)
    )


def plain_lines(file: str, records: Sequence[Record]) -> Rows | None:
    """Our own table in lines of JSON, with the keys of some records."""
    if not all("usage" not in each and isinstance(each.get("at"), str) and is_own(each) for each in records):
        return None
    keys = dict.fromkeys([*LABELS, *COUNTS, *READERS_ONLY, *(key for record in records for key in record)])
    return text("jsonl", _json(file, {key: (key,) for key in keys}), keys)


Path = tuple[str, ...]
"""The keys that lead to a value in a record of JSON."""


class Paths(NamedTuple):
    """Where a record of a vendor keeps things: its answer, its time (a number or text), its session and its project;
    empty where it has none. The answer may be the record itself."""

    body: Path
    at: Path
    is_number: bool
    session: Path
    project: Path


def paths_of(record: Record) -> Paths | None:
    """Where things stand in a record; None where they stand too deep, or it belongs to a batch."""
    envelope = opened(record)
    if len(envelope.around) > 1 or envelope.is_batch:
        return None
    body = next((key for key, value in record.items() if value is envelope.body), None)
    if envelope.around and body is None:
        return None
    inside = (body,) if envelope.around and body is not None else ()

    def path(keys: Sequence[str]) -> Path:
        for start, each in ((inside, envelope.body), *(((), outer) for outer in envelope.around)):
            for key in keys:
                if given(each.get(key)):
                    return (*start, key)
        return ()

    time = envelope.first(TIMES)
    is_number = isinstance(time, int) and not isinstance(time, bool)
    at = path(TIMES)
    if at and not is_number and not isinstance(time, str):
        return None
    return Paths(inside, at, is_number, path(SESSIONS), path(PROJECTS))


def vendor_lines(file: str, shape: str, paths: Paths) -> Rows:
    """Lines of JSON with the answers of a vendor."""
    vendor = VENDORS[shape]
    texts = {"text at": paths.at, "text session": paths.session, "text project": paths.project}
    texts |= {name: (*paths.body, *path.split(".")) for name, path in vendor.texts.items()}
    texts |= {f"text {name}": (*paths.body, name) for name in ("provider", "model", "id")}
    numbers = {name: (*paths.body, *path.split(".")) for name, path in vendor.numbers.items()}
    lines = [f'TRY_CAST("{name}" AS DOUBLE) AS "{name}"' for name in numbers]
    strange = " OR ".join(f'"{name}" IS NOT NULL AND TRY_CAST("{name}" AS DOUBLE) IS NULL' for name in numbers)
    texts = {name: path for name, path in texts.items() if path}
    table = f"(SELECT * REPLACE ({', '.join(lines)}), {strange} AS strange FROM {_json(file, numbers | texts)})"
    at, odd = "CAST(NULL AS TIMESTAMPTZ)", "FALSE"
    if paths.at:
        at, odd = _instant('"text at"', number=paths.is_number)
    labels = {"service": vendor.service, "region": vendor.region}
    labels |= {name: f'"text {name}"' for name in LABELS if f"text {name}" in texts}
    labels["provider"] = vendor.provider
    wrong = ["strange", odd, *vendor.odd, *map(_not_whole, vendor.counts.values())]
    counts = {name: _whole(expression) for name, expression in vendor.counts.items()}
    return _rows("jsonl", table, at, labels, counts, wrong, [], shape=shape)


def _rows(
    kind: str,
    table: str,
    at: str,
    labels: Mapping[str, str],
    counts: Mapping[str, str],
    wrong: Sequence[str],
    unknown: Sequence[str],
    *,
    aggregates: Sequence[str] = (),
    place: str = "",
    **more: Any,
) -> Rows:
    """Rows of a table, from the expressions over its columns that give them."""
    strange = {name: f"unknown {number}" for number, name in enumerate(unknown)}
    lines = {"at": at, **labels, **counts, **{alias: named(name) for name, alias in strange.items()}}
    lines |= {"place": place} if place else {}
    lines |= {"odd": " OR ".join(f"COALESCE({each}, FALSE)" for each in wrong)} if wrong else {}
    selected = ", ".join(f"{expression} AS {named(name)}" for name, expression in lines.items())
    odd = [*(["BOOL_OR(odd)"] if wrong else []), *aggregates]
    return Rows(
        f"(SELECT {selected} FROM {table})",
        list(counts),
        list(labels),
        " OR ".join(f"COALESCE({each}, FALSE)" for each in odd),
        kind,
        place="place" if place else "rowid",
        unknown=strange,
        **more,
    )


def _json(file: str, paths: Mapping[str, Path]) -> str:
    """Lines of JSON as columns of text; what no path leads to is passed over unread."""
    tree: dict[str, Any] = {}
    for path in paths.values():
        below = tree
        for key in path[:-1]:
            below = below.setdefault(key, {})
        below[path[-1]] = None
    declared = ", ".join(f"{quoted(key)}: {quoted(_type(below))}" for key, below in tree.items())
    selected = ", ".join(f"{'.'.join(map(named, path))} AS {named(name)}" for name, path in paths.items())
    reading = "format = 'newline_delimited', records = true"
    return f"(SELECT {selected} FROM read_json({quoted(file)}, {reading}, columns = {{{declared}}}))"


def _type(below: Mapping[str, Any] | None) -> str:
    """The type of an object with these keys; text for all else, which is JSON where it is no text."""
    if below is None:
        return "VARCHAR"
    return f"STRUCT({', '.join(f'{named(key)} {_type(each)}' for key, each in below.items())})"


def _instant(column: str, *, number: bool) -> tuple[str, str]:
    """The expression of an instant written as text or as seconds since 1970, and when it is odd."""
    if number:
        seconds = f"TRY_CAST({column} AS DOUBLE)"
        value = f"make_timestamptz(CAST(TRY_CAST({column} AS BIGINT) * 1000000 AS BIGINT))"
        return value, f"{column} IS NOT NULL AND ({seconds} IS NULL OR {_not_whole(seconds)} OR {seconds} >= 1e11)"
    value = f"TRY_CAST({column} AS TIMESTAMPTZ)"
    strange = f"strlen({column}) > 35 OR contains({column}, '/') OR NOT ({column} >= '1' AND {column} < '3')"
    return value, f"{column} IS NOT NULL AND ({value} IS NULL OR {strange})"


def _whole(number: str) -> str:
    """A count that was read as a floating number, since DuckDB reads 1.5 as the whole number 2 and says nothing."""
    return f"TRY_CAST(NULLIF({number}, 'NaN'::DOUBLE) AS BIGINT)"


def _not_whole(number: str) -> str:
    """Whether a floating number is no count within reason; NaN is a count that was not given."""
    return f"({number} <> floor({number}) OR NOT isnan({number}) AND {number} NOT BETWEEN 0 AND {LARGEST})"


def _counts(columns: Iterable[str]) -> list[str]:
    columns = list(columns)
    others = [name for name in columns if _is_write(name) and name not in WRITTEN]
    fixed = [name for name in COUNTS if name in columns and name != "output"]
    return [*fixed, *others, *(["output"] if "output" in columns else [])]


def _written_twice(counts: Sequence[str], number: Any) -> list[str]:
    """When tokens are written with a TTL and without one in the same row."""
    parts = [f"COALESCE({number(name)}, 0)" for name in counts if name.startswith("cache_write_")]
    if not parts or "cache_write" not in counts:
        return []
    return [f"COALESCE({number('cache_write')}, 0) > 0 AND {' + '.join(parts)} > 0"]


def _unknown(columns: Iterable[str]) -> list[str]:
    return list(columns_of(tuple(columns)).unknown)


def is_own(columns: Iterable[str]) -> bool:
    """Whether all columns have the first of their names, by which a database knows them."""
    ours = columns_of(tuple(columns))
    return all(name == column for name, column in ours.of.items()) and all(map(_is_write, ours.ttls))


def _is_write(name: str) -> bool:
    return name.startswith("cache_write_") and bool(ttl_of(name))


def line_of(count: str) -> str:
    """The name of a line of the bill: `cache_write_5m` is `cache_write:5m`."""
    ttl = ttl_of(count) if count.startswith("cache_write_") else None
    return f"cache_write:{ttl}" if ttl else count


def named(name: str) -> str:
    """The name of a column as SQL quotes it."""
    return '"' + name.replace('"', '""') + '"'
