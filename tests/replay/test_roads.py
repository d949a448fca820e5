"""However a log is read, by its readers few or many requests at once, or by the database, its report is the same."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cachecost.cli import replay_run
from cachecost.engines import sources
from cachecost.replay import run as running

from .. import engine_logs as made
from ..command import run

ROADS = ("few at once", "many at once", "columns")
PARTS = ("requests", "first", "last", "totals", "classes", "by", "lost", "logged", "what_if", "rates")
FLAGS = ("--by", "session", "--by", "project", "--model", "deepseek-chat", "--model", "qwen3-max")


@cache
def told(road: str, *arguments: str | Path) -> Any:
    """The report by one way, made once: in seven batches of requests or more, all at once, or by the database."""
    with pytest.MonkeyPatch.context() as patch:
        engine = "duckdb" if road == "columns" else "python"
        patch.setattr(running, "MANY", 40 if road == "few at once" else 10_000)
        patch.setattr(sources, "FIRST", 20)  # and as many all over the file: fewer records than these logs have
        patch.setattr(sources, "SPREAD", 20)
        return run("replay", *arguments, "--engine", engine, "--json").json


def the_same(first: Any, other: Any) -> None:
    for part in PARTS:
        assert other[part] == first[part], part
    for part in ("total", "priced", "unpriced", "outside"):
        assert other["accounting"][part] == first["accounting"][part], part
    notes = [each for each in other["notes"] if not each.startswith("Read by DuckDB")]
    assert notes == first["notes"]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Night hours, size tiers, answers in bands, small writes, unsold lines, an unknown model, two projects,
    written lines of one TTL and of two, requests of nothing but an answer, and times that go back."""
    drawn = Random(3)
    rows = made.plain_rows(260)
    for row in rows:
        row["project"] = drawn.choice(("p", "q", ""))
        row["cache_write_1h"] = drawn.choice((0, 0, 0, 2_000)) if "claude" in row["model"] else 0
        if drawn.random() < 0.02:
            row |= {"input": 0, "cache_read": 0, "cache_write_5m": 0, "cache_write_1h": 0}
    path = tmp_path_factory.mktemp("roads") / "log.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + "\n")
    return path


@pytest.mark.parametrize("road", ROADS[1:])
@pytest.mark.parametrize("more", [(), ("--since", "2025-06-01", "--until", "2026-07-01"), ("--as-of", "2026-06-01")])
def test_every_road_gives_one_report(plain: Path, road: str, more: tuple[str, ...]) -> None:
    """What was paid, what was lost, every policy, other models, and what has no price and why."""
    first = told("few at once", plain, *FLAGS, *more)
    assert first["accounting"]["unpriced"]
    assert {each["what"] for each in first["lost"]} == {"expiry", "writes never read"}
    the_same(first, told(road, plain, *FLAGS, *more))


def test_the_answers_of_a_vendor_take_every_road(tmp_path: Path) -> None:
    """Messages with services, regions and TTLs, in two files of which one is packed."""
    drawn = Random(5)
    texts = ["".join(json.dumps(made.anthropic(drawn, n)) + "\n" for n in range(at, at + 150)) for at in (0, 150)]
    (tmp_path / "1.jsonl").write_text(texts[0])
    (tmp_path / "2.jsonl.gz").write_bytes(gzip.compress(texts[1].encode()))
    first = told("few at once", tmp_path)
    for road in ROADS[1:]:
        the_same(first, told(road, tmp_path))


@pytest.mark.parametrize("odd", ['{"broken', '{"at": "2026-11-01", "model": "claude-opus-4-8", "input": 1.5}'])
def test_a_file_with_an_odd_line_goes_to_its_reader(plain: Path, tmp_path: Path, odd: str) -> None:
    """The line is reported with its number; the other file is read as before, and both are in the bill."""
    (tmp_path / "1.jsonl").write_text(plain.read_text())
    (tmp_path / "2.jsonl").write_text(plain.read_text().rstrip("\n") + f"\n{odd}\n")
    first, other = (told(road, tmp_path, *FLAGS) for road in ("many at once", "columns"))
    the_same(first, other)
    assert [each["line"] for each in other["accounting"]["malformed"]] == [261]


def test_ids_that_come_twice_count_once_by_every_road(tmp_path: Path) -> None:
    """Within a file and across files, also where one of them needs its reader."""
    row = {"at": "2026-11-01T10:00:00Z", "model": "claude-opus-4-8", "input": 1_000, "output": 1}
    for name, last in (("1", "{broken\n"), ("2", "")):
        rows = [row | {"id": f"{n}"} for n in (1, 2, 1, int(name) + 2)]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows) + last)
    first, other = (told(road, tmp_path) for road in ("many at once", "columns"))
    the_same(first, other)
    # ids 1, 2, 3, 4 at 1,000 x 5.00 + 25.00 per 1M
    assert (other["requests"], other["totals"]) == (4, {"USD": "0.0201"})
    assert other["accounting"]["total"]["duplicate"] == 4


def test_what_a_log_says_that_it_cost_is_never_lost(plain: Path, tmp_path: Path) -> None:
    """A file whose last line names an amount goes to its reader."""
    last = {"at": "2026-11-01T10:00:00Z", "model": "claude-opus-4-8", "input": 1, "paid": "0.5"}
    (tmp_path / "1.jsonl").write_text(plain.read_text().rstrip("\n") + f"\n{json.dumps(last)}\n")
    first, other = (told(road, tmp_path) for road in ("many at once", "columns"))
    the_same(first, other)
    assert [each["requests"] for each in other["logged"]] == [1]


@pytest.mark.parametrize("flags", [(), ("--paid-only",)])
@pytest.mark.parametrize("unpriced", ["2026-12-03T09:00:00Z", "1970-01-01T00:10:00Z", "2026-12-01T23:00:00Z"])
def test_first_and_last_are_of_what_has_a_price(tmp_path: Path, flags: tuple[str, ...], unpriced: str) -> None:
    """Later, in a trace, or on the same day: requests of a service that is not sold do not widen the time of two that
    cost something: 08:00 to 20:19:28 by each road."""
    known = {"model": "claude-opus-4-8", "input": 2_000, "output": 1}
    rows = [known | {"at": "2026-12-01T08:00:00Z"}, known | {"at": "2026-12-01T20:19:28Z"}]
    rows += [known | {"service": "warp", "at": unpriced}] * 3
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for engine in ("python", "duckdb"):
        report = run("replay", tmp_path, "--engine", engine, "--json", *flags).json
        assert (report["first"], report["last"]) == ("2026-12-01T08:00Z", "2026-12-01T20:19:28Z")


@pytest.mark.parametrize("numbers", [[7, 7, 8, None, 8], [7.0, 7.0, 8.5, None, 8.5]], ids=["whole", "broken"])
@pytest.mark.parametrize("engine", ["duckdb", "sums"])
def test_sessions_may_be_numbers(tmp_path: Path, numbers: list[Any], engine: str) -> None:
    """Whole numbers are names, as the readers read them; of other columns the readers decide, and find none."""
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    row = {"at": "2026-11-01T10:00:00Z", "model": "claude-opus-4-8", "input": 2_000, "cache_read": 0, "output": 1}
    rows = [row | {"session": number, "id": place} for place, number in enumerate(numbers)]
    times = arrow.array([datetime(2026, 11, 1, 10, minute, tzinfo=UTC) for minute in range(5)])
    table = arrow.Table.from_pylist(rows)
    parquet.write_table(table.set_column(0, "at", times), tmp_path / "log.parquet")
    first = run("replay", tmp_path, "--engine", "python", "--by", "session", "--json").json
    if engine == "sums":
        other = run("replay", tmp_path, "--engine", "duckdb", "--paid-only", "--by", "session", "--json").json
        assert (other["by"], other["totals"]) == (first["by"], first["totals"])
    else:
        the_same(first, run("replay", tmp_path, "--engine", "duckdb", "--by", "session", "--json").json)
    labels = {each["label"]: each["requests"] for each in first["by"]["session"]}
    assert labels == ({"7": 2, "8": 2, "unknown": 1} if type(numbers[0]) is int else {"unknown": 5})


def test_a_key_that_comes_up_in_the_middle_of_a_log_is_told(tmp_path: Path) -> None:
    """A vendor adds a count to its usage some day: the file goes to its reader, which counts how often."""
    drawn = Random(5)
    messages = [made.anthropic(drawn, n) for n in range(120)]
    for message in messages[90:]:
        message["usage"]["imagined_tokens"] = 7
    made.write_lines(tmp_path / "log.jsonl", messages)
    first, other = (told(road, tmp_path) for road in ("many at once", "columns"))
    the_same(first, other)
    assert other["accounting"]["unknown_keys"] == {"anthropic_message: usage.imagined_tokens": 30}


def test_columns_that_nobody_knows_are_counted_and_the_table_stays_a_table(tmp_path: Path) -> None:
    """Three of five rows have a colour; no row goes to a reader for it."""
    row = {"at": "2026-11-01T10:00:00Z", "model": "claude-opus-4-8", "input": 1_000, "output": 1, "colour": "red"}
    rows = [row, row, row | {"colour": "nan"}, row | {"colour": ""}, row]
    made.write_csv(tmp_path / "log.csv", rows)
    first, other = (told(road, tmp_path) for road in ("many at once", "columns"))
    the_same(first, other)
    assert first["accounting"]["unknown_keys"] == other["accounting"]["unknown_keys"] == {"plain: colour": 3}


def test_big_logs_ask_the_database_unasked(plain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a size on `auto` is the database, and the report is the same; so is what was paid, with --paid-only."""
    first = run("replay", plain, "--json").json
    monkeypatch.setattr(replay_run, "SOME", 0)
    answer = run("replay", plain, "--json").json
    assert any(note.startswith("Read by DuckDB") for note in answer["notes"])
    the_same(first, answer)
    for more in ((), ("--since", "2025-06-01", "--as-of", "2026-06-01", "--strict")):
        whole, paid = (
            json.loads(run("replay", plain, "--json", *more, *flags).out) for flags in ((), ("--paid-only",))
        )
        assert all(paid[part] == whole[part] for part in ("requests", "totals", "classes", "by", "accounting"))
        assert paid["what_if"] == paid["lost"] == []
