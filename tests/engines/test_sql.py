"""The integer aggregation as SQL: seven dialects, one meaning."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import sys
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, strategies as st

from cachecost.engines.sql import COUNTS, DIALECTS, NAMES, edges, emit, largest, quoted
from cachecost.errors import BadQuantity
from cachecost.replay.survey import tree

from .. import engine_logs as logs
from ..conftest import ROOT
from ..warehouses import DAILY, OTHERS, SPAN, billed, entered, every_edge, rows, sheets

GOLDEN = ROOT / "tests" / "golden" / "sql"


@pytest.mark.parametrize("name", DIALECTS)
def test_the_text_of_a_dialect_is_as_it_was_read_by_a_person(name: str) -> None:
    """Quotes, literals of instants and the guard against sums that wrap, looked at when the file was kept."""
    text = emit(name, "requests", edges(sheets("claude-sonnet-4-5", "gemini-2.5-pro")), by=("day", "project"))
    golden = GOLDEN / f"{name}.sql"
    if os.environ.get("CACHECOST_KEEP_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DIALECTS)
def test_a_dialect_is_grammatical(name: str) -> None:
    """Another implementation of each grammar reads the query, and finds one select in another in a third."""
    sqlglot = pytest.importorskip("sqlglot", reason="sqlglot is not installed")
    tree = sqlglot.parse_one(emit(name, "requests", every_edge()), read=name)
    assert len(list(tree.find_all(sqlglot.exp.Select))) == 3
    assert not list(tree.find_all(sqlglot.exp.Command))


@pytest.mark.parametrize("name", DIALECTS)
def test_no_dialect_knows_of_money_or_floating_numbers(name: str) -> None:
    """Whole tokens only: no rate, no fraction, no floating type stands in the query."""
    text = emit(name, "requests", every_edge()).lower()
    assert not [word for word in ("double", "float", "real", "$", "decimal(38, 1") if word in text]


def test_a_dialect_that_nobody_knows_is_refused_with_those_that_are_known() -> None:
    """A typing error is answered with the list to choose from."""
    with pytest.raises(BadQuantity, match=r"'mysql' is no dialect.*duckdb, bigquery, snowflake"):
        emit("mysql", "requests", edges([]))


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
    known = sheets("deepseek-v4-pro", "deepseek-chat", "gemini-2.5-pro")
    assert any(sheet.windows for sheet in known)
    cut = edges(known, SPAN)
    for begin, end in pairwise((SPAN[0], *cut.instants, SPAN[1])):
        shown = cut.times[cut.stretches[bisect_right(cut.instants, begin)]]
        for at in (begin, max(begin, end - 1)):
            for sheet in known:
                assert sheet.state(at) == sheet.state(shown)
    assert len(cut.times) < len(cut.instants) / 10


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of many models, whose rates change by the month and by the hour."""
    return logs.write_lines(tmp_path_factory.mktemp("sql") / "log.jsonl", rows())


SPOKEN = [name for name in DIALECTS if name != "clickhouse"]
"""Those whose functions another implementation can say in DuckDB's words."""


@pytest.mark.parametrize("name", SPOKEN)
def test_every_dialect_finds_the_sums_that_the_readers_find(name: str, lines: Path) -> None:
    """Run by DuckDB, as it stands or as another implementation translates it, each finds every token."""
    duckdb = pytest.importorskip("duckdb", reason="the extra `logs` is not installed")
    sqlglot = pytest.importorskip("sqlglot", reason="sqlglot is not installed")
    query = emit(name, "requests", every_edge())
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
        result = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    assert entered(result) == billed(lines)


def _columns(of: Mapping[str, str]) -> str:
    """The columns of the made-up log, with the types that a database gives to instants, texts and counts."""
    kinds = {"at": of["at"]} | dict.fromkeys((*NAMES, "session"), of["text"])
    kinds |= dict.fromkeys(COUNTS, of["count"])
    return ", ".join(f"{of['quote']}{name}{of['quote']} {kind}" for name, kind in kinds.items())


@pytest.fixture(scope="module")
def table(lines: Path) -> Path:
    """The log as CSV, in which a count of nothing and a word of nothing are absent."""
    return logs.write_csv(
        lines.with_suffix(".csv"), [{name: value or None for name, value in row.items()} for row in rows()]
    )


def _same(answer: str, lines: Path, by: tuple[str, ...] = ()) -> bool:
    """Whether CSV that a database printed holds the sums that the readers find."""
    return entered(csv.DictReader(io.StringIO(answer)), by) == billed(lines, by)


def _program(name: str) -> str | None:
    """A program of PostgreSQL; Debian keeps those of the server off the PATH."""
    folders = [str(folder) for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join(folders))


@pytest.fixture(scope="module")
def postgres() -> Iterator[list[str]]:
    """A server of PostgreSQL of our own on a socket in a folder of our own: the command that talks to it."""
    programs = [_program(name) for name in ("initdb", "pg_ctl", "psql")]
    if not all(programs):
        pytest.skip("PostgreSQL is not installed")
    if os.geteuid() == 0 and not shutil.which("runuser"):
        pytest.skip("PostgreSQL does not run as root, and runuser is missing")
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # pytest's own may not be entered by anyone else
        place, user = Path(folder), []
        if os.geteuid() == 0:
            user = ["runuser", "-u", "nobody", "--"]
            shutil.chown(place, "nobody")
        options = f"-k {place} -c listen_addresses='' -c timezone=Pacific/Auckland"
        run = [*user, str(programs[1]), "-D", str(place / "data"), "-w", "-l", str(place / "log"), "-o", options]
        make = [*user, str(programs[0]), "-A", "trust", "-U", "us", str(place / "data")]
        for command in (make, [*run, "start"]):
            tried = subprocess.run(command, capture_output=True, text=True, cwd=place)
            if tried.returncode:
                pytest.skip(f"PostgreSQL does not start here: {tried.stderr[-200:]}")
        yield [str(programs[2]), "-h", folder, "-U", "us", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "--csv", "-q"]
        subprocess.run([*run, "-m", "immediate", "stop"], capture_output=True, check=True, cwd=place)


@pytest.mark.external
@pytest.mark.parametrize("by", [(), DAILY])
def test_postgresql_itself_finds_the_same_sums(
    postgres: list[str], lines: Path, table: Path, by: tuple[str, ...]
) -> None:
    """The query as emitted, run by the database that it is meant for, in a session that is half a day off UTC."""
    columns = _columns({"quote": '"', "at": "timestamptz", "text": "text", "count": "bigint"})
    script = f"CREATE TEMPORARY TABLE requests ({columns});\n\\copy requests FROM '{table}' CSV HEADER\n"
    query = emit("postgres", "requests", every_edge(), by) + ";"
    answer = subprocess.run(postgres, input=script + query, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert _same(answer.stdout, lines, by)


CLICKHOUSE = """
import sys
from chdb.session import Session
with Session() as session:
    for query in sys.stdin.read().split(";\\n"):
        print(session.query(query, "CSVWithNames"), end="")
"""


def _clickhouse(*script: str) -> str:
    """What ClickHouse prints, as a library in a separate process: https://clickhouse.com/docs/chdb"""
    if find_spec("chdb") is None:
        pytest.skip("chdb is not installed (extra `test-all`)")
    command = [sys.executable, "-c", CLICKHOUSE]
    answer = subprocess.run(command, input=";\n".join(script), capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


@pytest.mark.external
@pytest.mark.parametrize("by", [(), DAILY])
@pytest.mark.parametrize("at", ["DateTime64(6)", "DateTime('America/New_York')"])
def test_clickhouse_itself_finds_the_same_sums(lines: Path, table: Path, at: str, by: tuple[str, ...]) -> None:
    """The query as emitted, over columns that may be absent, in a session that is half a day off UTC."""
    kinds = {"at": f"Nullable({at})", "text": "LowCardinality(Nullable(String))", "count": "Nullable(Int64)"}
    columns = _columns({"quote": "`"} | kinds)
    read = f"SELECT * FROM file('{table}', CSVWithNames, {quoted(columns)})"
    answer = _clickhouse(
        "SET session_timezone = 'Pacific/Auckland'",
        f"CREATE TABLE requests ({columns}) ENGINE = Memory",
        f"INSERT INTO requests {read} SETTINGS date_time_input_format = 'best_effort'",
        emit("clickhouse", "requests", every_edge(), by),
    )
    assert _same(answer, lines, by)


@pytest.mark.external
def test_clickhouse_adds_up_more_than_its_columns_hold() -> None:
    """Three rows of 2**62 tokens are 13,835,058,055,282,163,712; as whole numbers of 64 bits they would be below 0."""
    one = "toDateTime('2026-01-01', 'UTC') AS `at`, toInt64(4611686018427387904) AS `input`"
    answer = _clickhouse(emit("clickhouse", f"(SELECT {one}, {OTHERS} FROM numbers(3))", edges([])))
    (row,) = csv.DictReader(io.StringIO(answer))
    assert (row["count"], row["input"]) == ("3", "13835058055282163712")


def test_a_class_is_shown_by_a_size_of_its_own() -> None:
    """200,000 and 200,001 tokens are of two classes, whose representatives are 200,000 and 200,001."""
    cuts = (200_001,)
    assert [largest(cuts, bisect_right(cuts, size)) for size in (0, 200_000, 200_001, 10**6)] == [200_000] * 2 + [
        200_001
    ] * 2
