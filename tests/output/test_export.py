"""`prices export`: the whole catalogue in one dated file."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.command import run

PAGE = """\
provider: acme
model: one
name: One
unit: USD per 1M tokens
aliases: []
rate_cards:
  - effective: 2026-01-01
    source: [https://acme.dev/prices, https://acme.dev/news]
    seen: 2026-01-02
    caching:
      automatic: {}
    regions: {eu: {factor: 1.1, not: [batch]}}
    tiers:
      - input: 2.00
        cache_read: 0.20
        output: 0.30
      - service: batch
        input: 1.00
        cache_read: 0.10
        output: 0.15
  - effective: 2026-02-01
    status: cancelled
    source: https://acme.dev/plan
    seen: 2026-01-02
    rest: as above
    tiers:
      - input: 9.00
  - effective: 2026-03-01T16:00Z
    confidence: medium
    note: One source.
    source: https://acme.dev/prices
    seen: 2026-03-02
    tiers:
      - input: 0.10
        output: 0.30
  - effective: 2026-06-01
    status: withdrawn
    source: https://acme.dev/end
    seen: 2026-03-02
"""
COLUMNS = "from to service region kind rate seen confidence".split()
FIRST, SECOND = ("2026-01-01T00:00:00Z", "2026-03-01T16:00:00Z"), ("2026-03-01T16:00:00Z", "2026-06-01T00:00:00Z")
ROWS = [  # in the EU all times 1.1, and no batch; the cancelled card never was in force, the withdrawn one has none
    (*FIRST, "standard", "", "input", "2", "2026-01-02", "high"),
    (*FIRST, "standard", "", "cache_read", "0.2", "2026-01-02", "high"),
    (*FIRST, "standard", "", "output", "0.3", "2026-01-02", "high"),
    (*FIRST, "batch", "", "input", "1", "2026-01-02", "high"),
    (*FIRST, "batch", "", "cache_read", "0.1", "2026-01-02", "high"),
    (*FIRST, "batch", "", "output", "0.15", "2026-01-02", "high"),
    (*FIRST, "standard", "eu", "input", "2.2", "2026-01-02", "high"),
    (*FIRST, "standard", "eu", "cache_read", "0.22", "2026-01-02", "high"),
    (*FIRST, "standard", "eu", "output", "0.33", "2026-01-02", "high"),
    (*SECOND, "standard", "", "input", "0.1", "2026-03-02", "medium"),
    (*SECOND, "standard", "", "output", "0.3", "2026-03-02", "medium"),
]


@pytest.fixture
def prices(tmp_path: Path) -> str:
    page = tmp_path / "prices" / "acme" / "one.yaml"
    page.parent.mkdir(parents=True)
    page.write_text(PAGE, encoding="utf-8")
    return str(tmp_path / "prices")


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_every_rate_has_the_time_for_which_it_holds_and_where_it_was_read(prices: str) -> None:
    rows = table(run("prices", "export", "--prices", prices).out)
    assert [tuple(row[name] for name in COLUMNS) for row in rows] == ROWS
    assert {(row["model"], row["provider"], row["currency"], row["unit"]) for row in rows} == {
        ("acme/one", "acme", "USD", "tokens")
    }
    assert rows[0]["sources"] == "https://acme.dev/prices; https://acme.dev/news"


def test_json_csv_and_parquet_have_the_same_rows(prices: str, tmp_path: Path) -> None:
    answer: dict[str, Any] = run("prices", "export", "--prices", prices, "--json").json
    assert (answer["schema_version"], answer["dated"]) == (1, "2026-03-02")
    assert [tuple(row[name] or "" for name in COLUMNS) for row in answer["rates"]] == ROWS
    assert run("prices", "export", "--prices", prices, "--format", "parquet", "--out", str(tmp_path)).code == 0
    file = tmp_path / "cachecost-prices-2026-03-02.parquet"
    written = duckdb.sql(f"""SELECT strftime("from" AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ'),
        strftime("to" AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ'),
        service, coalesce(region, ''), kind, rate, seen::VARCHAR, confidence FROM '{file}'""").fetchall()
    assert written == ROWS


def test_a_join_by_day_meets_one_rate(prices: str, tmp_path: Path) -> None:
    """100,000 tokens of input: $0.20 on 28 February at $2, $0.01 on 2 March at $0.10, nothing once it is withdrawn."""
    file = tmp_path / "rates.parquet"
    assert run("prices", "export", "--prices", prices, "--out", str(file)).code == 0
    bills = duckdb.sql(f"""SELECT day::VARCHAR, 100000 * rate::DECIMAL(18, 9) / 1000000 FROM '{file}',
        (VALUES (DATE '2026-02-28'), (DATE '2026-03-02'), (DATE '2026-06-01')) asked(day)
        WHERE "from" <= day AND (day < "to" OR "to" IS NULL)
        AND kind = 'input' AND service = 'standard' AND region IS NULL ORDER BY day""").fetchall()
    assert [(day, float(bill)) for day, bill in bills] == [("2026-02-28", 0.2), ("2026-03-02", 0.01)]


def test_parquet_is_not_written_to_a_terminal(prices: str) -> None:
    refused = run("prices", "export", "--prices", prices, "--format", "parquet")
    assert refused.code == 2
    assert "expected a file such as prices.parquet" in refused.err
