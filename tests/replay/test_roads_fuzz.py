"""Whatever stands in a log, the database tells of it what its readers tell: odd values in any column."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cachecost.replay import run as running

from ..command import run

ODD: Mapping[str, list[Any]] = {
    "count": [0, 5, 2_000, 200_001, "12", "7 ", None, "", 1.0, 5.5, -1, True, 10**13, "nan", "1e3", "0x10"],
    "at": [
        *("2026-11-01", "2026-11-01 10:00:00", "2026-11-01T10:00:00+02:00", 1_793_527_200, 1_793_527_200.5, None, ""),
        *("1793527200", "yesterday", "2026-13-01", "20261101T100000Z", "1969-12-31T23:59:59Z", "0001-01-01T00:00:00Z"),
    ],
    "model": ["claude-opus-4-8", "nope", None, "", "CLAUDE-OPUS-4-8", "anthropic/claude-opus-4-8", 5, "gpt-5.6-sol"],
    "session": ["a", None, "", 5, "5", "é'\"\\", "NaN", " "],
    "service": ["", "Batch", "priority", "default", None],
    "region": ["us", "US", None, "global"],
    "id": ["x", "y", None, ""],
    "paid": ["0.5", 0.1, "x", None],
}
USUAL: Mapping[str, list[Any]] = {
    "count": [0, 10, 1_500, 200_001],
    "model": ["claude-opus-4-8", "gemini-2.5-pro"],
    "session": ["a", "b", "c"],
    "service": ["", "standard", "batch"],
    "region": [""],
    "id": [None],
    "paid": [None],
}
COUNTS = ("input", "cache_read", "cache_write", "cache_write_5m", "cache_write_1h", "output")
PARTS = ("requests", "first", "last", "totals", "classes", "by", "lost", "logged", "what_if", "rates")


def _value(drawn: Random, column: str, odd: float) -> Any:
    kind = "count" if column in COUNTS else column
    if drawn.random() < odd:
        return drawn.choice(ODD[kind])
    if kind == "at":
        return f"2026-11-01T{drawn.randint(0, 23):02}:{drawn.randint(0, 59):02}:00Z"
    return drawn.choice(USUAL[kind])


def _rows(drawn: Random) -> list[dict[str, Any]]:
    columns = ["at", "model", "input"]
    columns += drawn.sample([*COUNTS[1:], "session", "service", "region", "id", "paid"], drawn.randint(1, 7))
    odd = drawn.choice((0.0, 0.002, 0.02, 0.3))
    many = drawn.choice((3, 30, 200))
    return [{column: _value(drawn, column, odd) for column in columns} for _ in range(many)]


def as_lines(folder: Path, rows: list[dict[str, Any]], drawn: Random) -> None:
    kept = [{name: value for name, value in row.items() if value is not None or drawn.random() < 0.5} for row in rows]
    (folder / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in kept))


def as_csv(folder: Path, rows: list[dict[str, Any]], drawn: Random) -> None:
    with (folder / "log.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)


def as_parquet(folder: Path, rows: list[dict[str, Any]], drawn: Random) -> None:
    """Columns of one type where their values have one, of text otherwise; times mostly as such."""
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    begin, table = datetime(2026, 11, 1, tzinfo=UTC), {}
    for name in rows[0]:
        values = [row[name] for row in rows]
        if name == "at" and drawn.random() < 0.7:
            values = [begin + timedelta(seconds=drawn.randint(0, 90_000)) for _ in rows]
        try:
            table[name] = arrow.array(values)
        except (arrow.ArrowInvalid, arrow.ArrowTypeError):
            table[name] = arrow.array([None if value is None else str(value) for value in values])
    parquet.write_table(arrow.table(table), folder / "log.parquet")


def _told(*arguments: object) -> Any:
    """The report, which is printed also where no request of the log has a price (exit 3)."""
    ran = run(*arguments)
    assert ran.code in (0, 3), ran.err
    return json.loads(ran.out)


def _left(result: Any) -> dict[str, int]:
    return {each["model"]: each["requests"] for each in result["accounting"]["unpriced"]}


@pytest.mark.parametrize("shape", [as_lines, as_csv, as_parquet])
@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.external) for seed in range(2, 10))])
def test_the_database_tells_what_the_readers_tell(
    shape: Callable[..., None], seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole report, and sums alone; priced in several batches."""
    pytest.importorskip("duckdb", reason="the extra `logs` is not installed")
    drawn = Random(f"{shape.__name__} {seed}")
    shape(tmp_path, _rows(drawn), drawn)
    question = ("replay", tmp_path, "--by", "session", "--json")
    with monkeypatch.context() as patch:
        patch.setattr(running, "MANY", 20)
        first = _told(*question, "--model", "gpt-5.6-sol", "--engine", "python")
    whole = _told(*question, "--model", "gpt-5.6-sol", "--engine", "duckdb")
    sums = _told(*question, "--engine", "duckdb", "--paid-only")
    assert {part: whole[part] for part in PARTS} == {part: first[part] for part in PARTS}
    for part in ("totals", "classes", "by", "logged"):
        assert sums[part] == first[part], part
    for result in (whole, sums):
        assert _left(result) == _left(first)
        for part in ("total", "priced", "unknown_keys", "doubtful", "malformed"):
            assert result["accounting"][part] == first["accounting"][part], part
