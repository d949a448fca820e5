"""Our own table in Parquet as rows of counts: its typed columns are read where they stand, without a copy.

One odd row (a fraction, a negative count, a day's sum), and the whole file is left to the reader.
"""

from collections.abc import Iterable, Mapping

from ..logs.counts import ttl_of
from ..logs.formats.plain import columns_of
from ..logs.values import LARGEST
from .projection import Rows, instant
from .sql import COUNTS, NAMES, WRITTEN, named, quoted

INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
FLOATS = ("FLOAT", "DOUBLE")
ZONED, NAIVE = "TIMESTAMP WITH TIME ZONE", ("TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S")
READERS_ONLY = ("creation", "usage", "thinking", "blocks", "paid", "prompt_tokens", "total", "requests", "batch")
"""Columns of our own table that only its reader understands: a row that has a value there is odd."""
LABELS = (*NAMES, "session", "project", "id")


def parquet(file: str, columns: Mapping[str, str]) -> Rows | None:
    """Our own table in Parquet, with these columns and types; None where some need a reader in `logs/`."""
    counts = _counts(columns)
    labels = [name for name in LABELS if name in columns]
    kinds = [("at", (ZONED, *NAIVE, "VARCHAR")), *((name, ("VARCHAR", *INTEGERS)) for name in labels)]
    kinds += ((name, (*INTEGERS, *FLOATS)) for name in counts)
    ours = columns_of(tuple(columns))
    is_own = all(name == column for name, column in ours.of.items()) and all(map(_is_write, ours.ttls))
    if not is_own or not all(columns.get(name) in allowed for name, allowed in kinds):
        return None
    wrong, at = [], 'CAST("at" AS TIMESTAMPTZ)' if columns["at"] in NAIVE else '"at"'
    if columns["at"] == "VARCHAR":
        at = instant('"at"')
        wrong += [f'"at" IS NOT NULL AND {at} IS NULL', 'strlen("at") <= 10']  # a date alone sums up a day
    floats = [name for name in counts if columns[name] in FLOATS]
    # NaN is a count that was not given
    far = f"NOT isnan({{0}}) AND {{0}} NOT BETWEEN 0 AND {LARGEST}"
    wrong += [f"({{0}} <> floor({{0}}) OR {far})".format(named(name)) for name in floats]
    wrong += [f"{named(name)} IS NOT NULL" for name in READERS_ONLY if name in columns]
    parts = [f'COALESCE("{name}", 0)' for name in counts if name.startswith("cache_write_")]
    if parts and "cache_write" in counts:
        wrong.append(f"COALESCE(cache_write, 0) > 0 AND {' + '.join(parts)} > 0")
    is_counted = "file_row_number" not in map(str.lower, columns)
    table = f"read_parquet({quoted(file)}{', file_row_number = true' if is_counted else ''})"
    unknown = {name: f"unknown {number}" for number, name in enumerate(ours.unknown)}
    lines = {"at": at, "place": "file_row_number" if is_counted else "ROW_NUMBER() OVER () - 1"}
    lines |= {name: f"CAST({named(name)} AS VARCHAR)" if columns[name] in INTEGERS else named(name) for name in labels}
    # DuckDB casts 1.5 to 2 and says nothing
    lines |= {
        name: f"TRY_CAST(NULLIF({named(name)}, 'NaN') AS BIGINT)" if name in floats else named(name) for name in counts
    }
    lines |= {alias: named(name) for name, alias in unknown.items()}
    lines |= {"odd": " OR ".join(f"COALESCE({each}, FALSE)" for each in wrong)} if wrong else {}
    selected = ", ".join(f"{expression} AS {named(name)}" for name, expression in lines.items())
    ends = [f'MIN("{name}") < 0 OR MAX("{name}") > {LARGEST}' for name in counts]  # which Parquet states by itself
    full = ", ".join(f"COUNT({named(name)})" for name in counts)
    odd = [*(["BOOL_OR(odd)"] if wrong else []), *ends, f"COUNT(*) > GREATEST({full})", 'COUNT(*) > COUNT("at")']
    is_odd = " OR ".join(f"COALESCE({each}, FALSE)" for each in odd)
    return Rows(f"(SELECT {selected} FROM {table})", counts, labels, "parquet", "plain", is_odd, "place", unknown)


def _counts(columns: Iterable[str]) -> list[str]:
    columns = list(columns)
    others = [name for name in columns if _is_write(name) and name not in WRITTEN]
    fixed = [name for name in COUNTS if name in columns and name != "output"]
    return [*fixed, *others, *(["output"] if "output" in columns else [])]


def _is_write(name: str) -> bool:
    return name.startswith("cache_write_") and bool(ttl_of(name))
