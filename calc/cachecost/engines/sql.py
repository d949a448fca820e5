"""The sums of a log as SQL: whole tokens per set of rates, from one builder for seven databases. No money in it.

The query has three storeys: rows with absent counts as nothing, rows with their classes, sums per class. Inner names
differ from those of the table, since ClickHouse reads an alias before a column of the same name. Databases differ in
quotes, instants, days, and sums that wrap.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple

from ..errors import BadQuantity
from ..logs.counts import ttl_of
from ..replay.epochs import Epochs, instant
from ..replay.survey import ends, tree
from ..units import show_instant

NAMES = ("provider", "model", "service", "region")
WRITTEN = ("cache_write", "cache_write_5m", "cache_write_30m", "cache_write_1h")
COUNTS = ("input", "cache_read", *WRITTEN, "output")
CLASSES = ("epoch", "prompt", "answer")
DAY = "day"


class Dialect(NamedTuple):
    """Templates of one database. `instant` and `day` (of a column, in UTC); `wide` keeps a sum from wrapping."""

    quoted: str
    instant: str
    day: str
    wide: str = "{}"
    upper: bool = False

    def column(self, name: str) -> str:
        """Quoted, since `at` and `input` are words of some grammars; Snowflake keeps what was unquoted in capitals."""
        return self.quoted.format(name.upper() if self.upper else name)

    def time(self, at: int) -> str:
        """An instant, in microseconds since 1970, as a literal that says its zone."""
        text = instant(at).strftime("%Y-%m-%d %H:%M:%S.%f")
        return self.instant.format(text.removesuffix(".000000"))


DIALECTS: Mapping[str, Dialect] = {
    # sum of BIGINT is HUGEINT: https://duckdb.org/docs/stable/sql/functions/aggregates
    "duckdb": Dialect('"{}"', "TIMESTAMPTZ '{}+00'", "CAST({} AT TIME ZONE 'UTC' AS DATE)"),
    # a sum of INT64 that overflows is an error:
    # https://cloud.google.com/bigquery/docs/reference/standard-sql/aggregate_functions#sum
    "bigquery": Dialect("`{}`", "TIMESTAMP '{}+00:00'", "DATE({}, 'UTC')"),
    # a sum is NUMBER(38, 0): https://docs.snowflake.com/en/sql-reference/functions/sum
    "snowflake": Dialect(
        '"{}"',
        "TO_TIMESTAMP_TZ('{} +0000', 'YYYY-MM-DD HH24:MI:SS TZHTZM')",
        "TO_DATE(CONVERT_TIMEZONE('UTC', {}))",
        upper=True,
    ),
    # a sum of BIGINT wraps outside ANSI mode, and a decimal with decimals is cut; 38 digits without any do neither:
    # https://spark.apache.org/docs/latest/sql-ref-ansi-compliance.html; its dates are those of the session's zone, so
    # days are counted: https://spark.apache.org/docs/latest/api/sql/index.html#date_from_unix_date
    "spark": Dialect(
        "`{}`",
        "TIMESTAMP '{}+00:00'",
        "DATE_FROM_UNIX_DATE(CAST(UNIX_SECONDS({}) DIV 86400 AS INT))",
        "CAST({} AS DECIMAL(38, 0))",
    ),
    # an overflow is an error: https://trino.io/docs/current/functions/aggregate.html#sum
    "trino": Dialect('"{}"', "TIMESTAMP '{} UTC'", "CAST({} AT TIME ZONE 'UTC' AS DATE)"),
    # a sum of Int64 wraps: https://clickhouse.com/docs/sql-reference/aggregate-functions/reference/sum
    "clickhouse": Dialect("`{}`", "toDateTime64('{}', 6, 'UTC')", "toDate({}, 'UTC')", "toInt128({})"),
    # a sum of bigint is numeric: https://www.postgresql.org/docs/current/functions-aggregate.html
    "postgres": Dialect('"{}"', "TIMESTAMPTZ '{}+00'", "CAST({} AT TIME ZONE 'UTC' AS DATE)"),
}


class Edges(NamedTuple):
    """Where classes of requests end. Times are microseconds since 1970 UTC.

    `instants` begin a stretch each, the first stretch lies before them all; `stretches` numbers them, alike where all
    sheets have the same rates (so one number for all nights), and `times` holds one instant of every number.
    `sizes`, `answers`: token counts at which the next class begins.
    """

    instants: tuple[int, ...]
    stretches: tuple[int, ...]
    times: tuple[int, ...]
    sizes: Sequence[int]
    answers: Sequence[int]


def edges(sheets: Sequence[Epochs], span: tuple[int, int] | None = None) -> Edges:
    """The edges of these sheets inside a span of time (first and last), or of all their cards."""
    starts = [start for sheet in sheets for start in sheet.starts] or [0]
    first, last = span or (min(starts) - 1, max(starts))
    known: dict[tuple[Hashable, ...], int] = {}
    instants, stretches, times = list[int](), list[int](), list[int]()
    for at in (first, *sorted({at for sheet in sheets for at in sheet.edges(first, last + 1)})):
        stretch = known.setdefault(tuple(sheet.state(at) for sheet in sheets), len(known))
        times += [at] if stretch == len(times) else []
        if stretch not in stretches[-1:]:
            instants.append(at)
            stretches.append(stretch)
    rows = [row for sheet in sheets for card in sheet.cards for row in card.rows]
    return Edges(
        instants=tuple(instants[1:]),
        stretches=tuple(stretches),
        times=tuple(times),
        sizes=ends(row.prompt.high for row in rows),
        answers=ends(row.output.high for row in rows),
    )


def largest(cuts: Sequence[int], place: int) -> int:
    """The largest count of a class where it has an end, otherwise its smallest."""
    return cuts[place] - 1 if place < len(cuts) else (cuts[-1] if cuts else 0)


def emit(name: str, source: str, edges: Edges, by: Sequence[str] = ()) -> str:
    """The integer aggregation for a warehouse: one row per set of rates, told by a representative of its class.

    `source`: what to read from, with an instant `at` and all of `NAMES` and `COUNTS`. `by`: further columns to sum
    apart by; `day` is the day of the instant, in UTC. BadQuantity with all dialects for another name.

    Columns: the names, those of `by`, `epoch` (an instant of the class, as text; absent where the row had none),
    `prompt` and `answer` (sizes), `count` of rows, `requests` and `hits`, and the summed counts.
    """
    if name not in DIALECTS:
        raise BadQuantity(f"{name!r} is no dialect of SQL known here; expected one of {', '.join(DIALECTS)}")
    speaks, columns = DIALECTS[name], (*NAMES, *by, *CLASSES)
    keys = [f"k_{column}" for column in columns]
    lines = [f"{key} AS {speaks.column(column)}" for key, column in zip(keys, columns, strict=True)]
    lines.append(f"COUNT(*) AS {speaks.column('count')}")
    lines += [f"SUM(CASE WHEN n_{what} > 0 THEN 1 ELSE 0 END) AS {speaks.column(name)}" for what, name in _COUNTERS]
    lines += [f"SUM({speaks.wide.format(f'n_{name}')}) AS {speaks.column(name)}" for name in COUNTS]
    inner = f"{select(_classes(by, edges, speaks))}\nFROM (\n{indented(_plain(source, by, speaks))}\n) AS plain"
    query = f"{select(lines)}\nFROM (\n{indented(inner)}\n) AS classed\nGROUP BY {', '.join(keys)}"
    return "\n".join([*_HEAD, query, ""])


_HEAD = (
    "-- Whole tokens per set of rates: one row for each class of requests that pay the same.",
    "-- The column of instants must carry its zone, or the session must run in UTC. Absent counts are nothing.",
)
_COUNTERS = (("any", "requests"), ("cache_read", "hits"))


def _classes(by: Sequence[str], edges: Edges, speaks: Dialect) -> list[str]:
    """The columns of the middle storey: the keys, the counts, and how much the request had in all."""
    prompt = " + ".join(f"n_{name}" for name in COUNTS if name != "output")
    return [
        *(f"k_{name}" for name in (*NAMES, *by)),
        *(f"n_{name}" for name in COUNTS),
        f"{prompt} + n_output AS n_any",
        f"{_epoch(edges, speaks)} AS k_epoch",
        f"{_size(f'({prompt})', edges.sizes)} AS k_prompt",
        f"{_size('n_output', edges.answers)} AS k_answer",
    ]


def _plain(source: str, by: Sequence[str], speaks: Dialect) -> str:
    """The innermost query: the rows of the log under names that differ from its own, absent counts as 0."""
    at = speaks.column("at")
    lines = [f"{at} AS k_at", *(f"COALESCE({speaks.column(name)}, '') AS k_{name}" for name in NAMES)]
    lines += [f"{speaks.day.format(at) if name == DAY else speaks.column(name)} AS k_{name}" for name in by]
    lines += [f"COALESCE({speaks.column(name)}, 0) AS n_{name}" for name in COUNTS]
    return f"{select(lines)}\nFROM {source}"


def _epoch(edges: Edges, speaks: Dialect) -> str:
    """The stretch of time; nothing where the row has no instant, which no comparison would notice."""
    names = [f"'{show_instant(instant(at))}'" for at in edges.times]
    cuts, leaves = [speaks.time(at) for at in edges.instants], [names[each] for each in edges.stretches]
    return f"CASE WHEN k_at IS NULL THEN NULL ELSE {tree('k_at', cuts, leaves)} END"


def _size(value: str, cuts: Sequence[int]) -> str:
    leaves = [str(largest(cuts, place)) for place in range(len(cuts) + 1)]
    return tree(value, [str(cut) for cut in cuts], leaves)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def named(name: str) -> str:
    """The name of a column as SQL quotes it."""
    return '"' + name.replace('"', '""') + '"'


def given(text: str) -> str:
    """A text, or NULL where it says nothing: `values.given` in SQL."""
    # the first letter decides for most texts, at a tenth of the cost: neither empty, nor a space, nor an n
    plain = f"ascii({text}) NOT IN (0, 9, 10, 11, 12, 13, 32, 78, 110)"
    return f"CASE WHEN {plain} THEN {text} WHEN lower(trim({text}, {_SPACE})) NOT IN ('', {_EMPTY}) THEN {text} END"


_SPACE = "' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)"
_EMPTY = "'nan', 'null', 'none', 'n/a', 'na'"


def select(lines: Sequence[str]) -> str:
    return "SELECT\n" + ",\n".join(f"  {line}" for line in lines)


def indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def line_of(count: str) -> str:
    """The name of a line of the bill: `cache_write_5m` is `cache_write:5m`."""
    ttl = ttl_of(count) if count.startswith("cache_write_") else None
    return f"cache_write:{ttl}" if ttl else count
