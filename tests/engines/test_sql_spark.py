"""The emitted SQL of Spark, run by Spark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cachecost.engines.spark import session
from cachecost.engines.sql import COUNTS, NAMES, edges, emit

from .. import engine_logs as logs
from ..spark_here import FEW, MARKS
from ..warehouses import DAILY, OTHERS, billed, entered, every_edge, rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = MARKS
KINDS = {"at": "TIMESTAMP"} | dict.fromkeys((*NAMES, "session"), "STRING") | dict.fromkeys(COUNTS, "BIGINT")
COLUMNS = ", ".join(f"{name} {kind}" for name, kind in KINDS.items())


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    with session("local[1]", FEW) as spark:
        yield spark


@pytest.fixture(scope="module")
def lines(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log, which Spark knows as `requests`; a count of nothing and a word of nothing are absent there."""
    place = tmp_path_factory.mktemp("sql")
    messages = [{name: value or None for name, value in row.items()} for row in rows()]
    table = logs.write_csv(place / "log.csv", messages)
    spark.read.csv(table.as_uri(), schema=COLUMNS, header=True, enforceSchema=True).createOrReplaceTempView("requests")
    return logs.write_lines(place / "log.jsonl", rows())


@pytest.mark.parametrize(("zone", "ansi"), [("UTC", "true"), ("Pacific/Auckland", "false")])
@pytest.mark.parametrize("by", [(), DAILY])
def test_spark_itself_finds_the_same_sums(
    spark: SparkSession, lines: Path, by: tuple[str, ...], zone: str, ansi: str
) -> None:
    """The query as emitted, in a session of UTC with ANSI's rules, and half a day off without them."""
    spark.conf.set("spark.sql.session.timeZone", zone)
    spark.conf.set("spark.sql.ansi.enabled", ansi)
    result = [row.asDict() for row in spark.sql(emit("spark", "requests", every_edge(), by)).collect()]
    assert entered(result, by) == billed(lines, by)


@pytest.mark.parametrize("ansi", ["true", "false"])
def test_spark_adds_up_more_than_its_columns_hold(spark: SparkSession, ansi: str) -> None:
    """Three rows of 2**62 tokens are 13,835,058,055,282,163,712; as whole numbers of 64 bits they would be below 0."""
    spark.conf.set("spark.sql.ansi.enabled", ansi)
    one = f"SELECT TIMESTAMP '2026-01-01 00:00:00+00:00' AS at, 4611686018427387904 AS input, {OTHERS} FROM RANGE(3)"
    (row,) = spark.sql(emit("spark", f"({one})", edges([]))).collect()
    assert (row["count"], int(row["input"])) == (3, 3 * 2**62)
