"""The integer aggregation as SQL: seven dialects, one meaning."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cachecost.engines.classes import Edges, edges, largest, place, windowed
from cachecost.engines.dialects import DIALECTS
from cachecost.engines.plain import line_of
from cachecost.engines.sql import NAMES, Table, emit, tree
from cachecost.engines.sums import Class, Sums
from cachecost.errors import BadQuantity
from cachecost.logs.names import Names
from cachecost.quantities import instant
from cachecost.replay.epochs import Epochs, microseconds
from cachecost.replay.tally import HITS, REQUESTS

from . import engine_logs as logs
from .conftest import ROOT

GOLDEN = ROOT / "tests" / "golden" / "sql"
COUNTS = ("input", "cache_read", "cache_write_5m", "output")
TABLE = Table("requests", names=("model", "service"), counts=COUNTS, split=("cache_read", "cache_write_5m"))
SPAN = (microseconds(datetime(2025, 1, 1, tzinfo=UTC)), microseconds(datetime(2026, 12, 1, tzinfo=UTC)))


def _sheets(*names: str) -> list[Epochs]:
    return [Epochs(logs.CATALOG.sheet(name)) for name in names]


def _all() -> Edges:
    """The edges of every model in the made-up logs, peak hours included."""
    return edges(_sheets(*(name for name in logs.MODELS if name != "nobody-9")), SPAN)


@pytest.mark.parametrize("name", DIALECTS)
def test_the_text_of_a_dialect_is_as_it_was_read_by_a_person(name: str) -> None:
    """Quotes, literals of instants and the guard against sums that wrap, looked at when the file was kept."""
    table = Table("requests", by=("day", "project"))
    text = emit(name, table, edges(_sheets("claude-sonnet-4-5", "gemini-2.5-pro")))
    golden = GOLDEN / f"{name}.sql"
    if os.environ.get("CACHECOST_KEEP_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DIALECTS)
def test_a_dialect_is_grammatical(name: str) -> None:
    """Another implementation of each grammar reads the query, and finds one select in another in a third."""
    sqlglot = pytest.importorskip("sqlglot", reason="sqlglot is not installed")
    tree = sqlglot.parse_one(emit(name, TABLE, _all()), read=name)
    assert len(list(tree.find_all(sqlglot.exp.Select))) == 3
    assert not list(tree.find_all(sqlglot.exp.Command))


@pytest.mark.parametrize("name", DIALECTS)
def test_no_dialect_knows_of_money_or_floating_numbers(name: str) -> None:
    """Whole tokens only: no rate, no fraction, no floating type stands in the query."""
    text = emit(name, TABLE, _all()).lower()
    assert not [word for word in ("double", "float", "real", "$", "decimal(38, 1") if word in text]


def test_a_dialect_that_nobody_knows_is_refused_with_those_that_are_known() -> None:
    """A typing error is told with the list to choose from."""
    with pytest.raises(BadQuantity, match=r"'mysql' is no dialect.*duckdb, bigquery, snowflake"):
        emit("mysql", TABLE, edges([]))


@given(st.lists(st.integers(-50, 50), unique=True).map(sorted), st.integers(-60, 60))
def test_halving_finds_the_class_that_counting_finds(cuts: list[int], value: int) -> None:
    """The nested CASE, worked out here by hand, answers how many cuts a value has reached."""
    text = tree("x", [str(cut) for cut in cuts], [str(place) for place in range(len(cuts) + 1)])
    assert _worked(text.split(), value) == sum(cut <= value for cut in cuts)
    assert text.count("CASE WHEN") == len(cuts)


def _worked(words: list[str], value: int) -> int:
    """The value of `CASE WHEN x < CUT THEN ... ELSE ... END`."""
    word = words.pop(0)
    if word != "CASE":
        return int(word)
    below = value < int(words[3])
    del words[:5]
    first = _worked(words, value)
    words.pop(0)
    second = _worked(words, value)
    words.pop(0)
    return first if below else second


def test_every_class_has_a_representative_of_its_own_rates() -> None:
    """At each edge and a microsecond before it, each sheet is in the epoch that the class's instant is in."""
    sheets = _sheets("deepseek-v4-pro", "deepseek-chat", "gemini-2.5-pro")
    assert windowed(sheets)
    cut = edges(sheets, SPAN)
    for begin, end in pairwise((SPAN[0], *cut.instants, SPAN[1])):
        shown = cut.times[cut.stretches[place(cut.instants, begin)]]
        for at in (begin, max(begin, end - 1)):
            for sheet in sheets:
                assert _epoch(sheet, at) == _epoch(sheet, shown)
    assert len(cut.times) < len(cut.instants) / 10


def _epoch(sheet: Epochs, at: int) -> int | None:
    return sheet.at(at) if at >= sheet.starts[0] else None


def _entered(found: list[dict[str, Any]]) -> Sums:
    """The rows of a warehouse's answer as sums, each class placed by its representative."""
    sums = Sums(Names(logs.CATALOG))
    for row in found:
        words = {name: row[name] or "" for name in NAMES}
        of = Class(
            model=words["model"],
            provider=words["provider"],
            service=words["service"] or "standard",
            region=words["region"] or None,
            at=microseconds(instant(row["epoch"])),
            prompt=int(row["prompt"]),
            output=int(row["answer"]),
            small_write=int(row["small_write"]),
        )
        lines = {REQUESTS: int(row["requests"]), HITS: int(row["hits"])}
        lines |= {line_of(name): int(row[name]) for name in COUNTS}
        sums.add((), of, lines, int(row["count"]))
    return sums


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log in which some models are asked for reads and writes that they do not sell."""
    return logs.write_lines(tmp_path_factory.mktemp("sql") / "log.jsonl", logs.plain_rows(2_000))


SPOKEN = [name for name in DIALECTS if name != "clickhouse"]
"""Those whose functions another implementation can say in DuckDB's words."""


@pytest.mark.parametrize("name", SPOKEN)
def test_every_dialect_finds_the_sums_that_the_readers_find(name: str, lines: Path) -> None:
    """Run by DuckDB, as it stands or as another implementation translates it, each finds every token."""
    duckdb = pytest.importorskip("duckdb", reason="the extra `logs` is not installed")
    sqlglot = pytest.importorskip("sqlglot", reason="sqlglot is not installed")
    query = emit(name, TABLE, _all())
    if name != "duckdb":
        query = sqlglot.transpile(query, read=name, write="duckdb")[0]
    query = (
        query.replace("requests\n", "log\n").replace("FROM requests", "FROM log").replace("FROM REQUESTS", "FROM log")
    )
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        source = f'SELECT * REPLACE (CAST("at" AS TIMESTAMPTZ) AS "at") FROM read_json(\'{lines}\')'
        connection.execute(f"CREATE TABLE log AS {source}")
        answer = connection.execute(query)
        names = [column[0].lower() for column in answer.description]
        found = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    theirs, _ = logs.by_python([lines])
    ours = _entered(found)
    assert (ours.tallies, ours.unpriced) == (theirs.tallies, theirs.unpriced)


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """A server of PostgreSQL of our own on a socket in a folder of our own: the command that talks to it."""
    programs = [shutil.which(name) for name in ("initdb", "postgres", "psql", "pg_ctl")]
    if not all(programs):
        pytest.skip("PostgreSQL is not installed")
    if os.geteuid() == 0 and not shutil.which("runuser"):
        pytest.skip("PostgreSQL does not run as root, and runuser is missing")
    place = tmp_path_factory.mktemp("pg")
    data, user = place / "data", []
    if os.geteuid() == 0:
        user = ["runuser", "-u", "nobody", "--"]
        for folder in (place, *place.parents[:2]):
            folder.chmod(0o755)
        shutil.chown(place, "nobody")
    started = subprocess.run([*user, str(programs[0]), "-A", "trust", "-U", "us", str(data)], capture_output=True)
    options = f"-k {place} -c listen_addresses='' -c timezone=UTC"
    run = [*user, str(programs[3]), "-D", str(data), "-w", "-l", str(place / "log"), "-o", options]
    if started.returncode or subprocess.run([*run, "start"], capture_output=True).returncode:
        pytest.skip("PostgreSQL does not start here")
    yield [str(programs[2]), "-h", str(place), "-U", "us", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "--csv", "-q"]
    subprocess.run([*run, "-m", "immediate", "stop"], capture_output=True, check=True)


def test_postgresql_itself_finds_the_same_sums(postgres: list[str], lines: Path, tmp_path: Path) -> None:
    """The query as emitted, run by the database that it is meant for."""
    import csv
    import io
    import json

    rows = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    table = logs.write_csv(tmp_path / "log.csv", rows)
    columns = '"at" timestamptz, model text, service text, session text, '
    columns += "input bigint, cache_read bigint, cache_write_5m bigint, output bigint"
    script = f"CREATE TABLE requests ({columns});\n\\copy requests FROM '{table}' CSV HEADER\n"
    answer = subprocess.run(
        postgres, input=script + emit("postgres", TABLE, _all()) + ";", capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    theirs, _ = logs.by_python([lines])
    ours = _entered(list(csv.DictReader(io.StringIO(answer.stdout))))
    assert (ours.tallies, ours.unpriced) == (theirs.tallies, theirs.unpriced)


def test_a_class_is_shown_by_a_size_of_its_own() -> None:
    """200,000 and 200,001 tokens are of two classes, whose representatives are 200,000 and 200,001."""
    cuts = (200_001,)
    assert [largest(cuts, place(cuts, size)) for size in (0, 200_000, 200_001, 10**6)] == [200_000] * 2 + [200_001] * 2
