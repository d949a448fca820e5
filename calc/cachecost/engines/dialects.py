"""What seven databases say differently where whole tokens are added up: quotes, instants, days, and sums that wrap."""

from collections.abc import Mapping
from typing import NamedTuple

from ..errors import BadQuantity
from ..replay.epochs import instant


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


def dialect(name: str) -> Dialect:
    """The dialect of this name; BadQuantity with all names otherwise."""
    if name not in DIALECTS:
        raise BadQuantity(f"{name!r} is no dialect of SQL known here; expected one of {', '.join(DIALECTS)}")
    return DIALECTS[name]
