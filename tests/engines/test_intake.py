"""Logs that DuckDB reads by itself: the same whole tokens as the readers of `logs/` find, record by record."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from random import Random

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest

from cachecost.engines import intake, sources
from cachecost.engines.machine import Duck, EngineLimits, database
from cachecost.errors import BadLog
from cachecost.logs.names import Names
from cachecost.logs.reader import Reading
from cachecost.replay.account import Account
from cachecost.replay.ledger import Ledger
from cachecost.replay.run import Run
from cachecost.replay.tally import price

from .. import engine_logs as logs

BY = ("session",)
ADDED_UP = "calls charges least most parts priced relative spans sums timeless stated".split()
"""What an account adds up."""


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer records are looked at first than these small logs have."""
    monkeypatch.setattr(sources, "FIRST", 20)
    monkeypatch.setattr(sources, "SPREAD", 20)


def the_same(ours: Run, theirs: Run) -> bool:
    """Tokens by set of rates, day and session; what has no price and why; times; and every line of the files."""
    assert all(getattr(ours.account, name) == getattr(theirs.account, name) for name in ADDED_UP)
    assert ours.ledger.unpriced == theirs.ledger.unpriced
    assert ours.ledger.total == theirs.ledger.total
    return True


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One log in every container."""
    place = tmp_path_factory.mktemp("logs")
    rows = logs.plain_rows(300)
    lines = logs.write_lines(place / "log.jsonl", rows)
    logs.write_csv(place / "log.csv", rows)
    logs.write_parquet(place / "log.parquet", lines)
    logs.write_parquet(place / "naive.parquet", lines, at="TIMESTAMP")
    logs.write_parquet(place / "text.parquet", lines, at="VARCHAR")
    (place / "log.jsonl.gz").write_bytes(gzip.compress(lines.read_bytes()))
    return place


@pytest.mark.parametrize(
    "name", ["log.jsonl", "log.csv", "log.parquet", "naive.parquet", "text.parquet", "log.jsonl.gz"]
)
def test_a_plain_log_adds_up_as_its_readers_add_it_up(folder: Path, name: str) -> None:
    """Tokens by set of rates, and what stays unpriced and why, are the same to the last token."""
    assert the_same(logs.added("columns", folder / name, by=BY), logs.added("python", folder / name, by=BY))


def test_the_bill_of_the_sums_is_the_sum_of_the_quotes(folder: Path) -> None:
    """Priced one by one by the heart of the engine, the requests cost what their sums cost, in exact decimals."""
    spent = {"USD": Decimal(0), "CNY": Decimal(0)}
    for row in logs.plain_rows(300):
        if paid := logs.cost(row):
            spent[paid[0]] += paid[1]
    account = logs.added("duckdb", folder / "log.parquet", threads=2).account
    ours = {"USD": Decimal(0), "CNY": Decimal(0)}
    for key, item in price(account.whole(), account.sheets).items:
        ours[account.sheets[key.sheet].sheet.currency] += item.amount
    assert ours == spent
    assert spent["USD"]


@pytest.mark.parametrize("shape", logs.MESSAGES)
def test_messages_of_vendors_add_up_as_their_readers_add_them_up(shape: str, tmp_path: Path) -> None:
    """Inclusive and exclusive counts, TTLs, services and regions come out the same from SQL and from Python."""
    drawn = Random(7)
    path = logs.write_lines(tmp_path / "log.jsonl", [logs.MESSAGES[shape](drawn, number) for number in range(300)])
    ours = logs.added("columns", path, by=BY)
    assert the_same(ours, logs.added("python", path, by=BY))
    assert ours.account.priced > 60


ODD = {
    "malformed": b'{"at": nope}',
    "a fraction": b'{"at":"2026-11-01T00:00:00Z","model":"gemini-2.5-pro","input":1.5}',
    "below nothing": b'{"at":"2026-11-01T00:00:00Z","model":"gemini-2.5-pro","input":-1}',
    "beyond reason": b'{"at":"2026-11-01T00:00:00Z","model":"gemini-2.5-pro","input":1000000000001}',
    "true": b'{"at":"2026-11-01","model":"gemini-2.5-pro","input":true}',
    "a zone by name": b'{"at":"2026-11-01T00:00:00 Europe/Berlin","model":"gemini-2.5-pro","input":1}',
    "a list": b"[1, 2]",
    "no tokens at all": b'{"at":"2026-11-01","model":"gemini-2.5-pro"}',
    "two kinds of written": b'{"at":"2026-11-01","model":"claude-opus-5-5","cache_write":5,"cache_write_1h":6}',
    "cut": b'{"at":"2026-11-01","model":"gemini-2.',
}


@pytest.mark.parametrize("line", ODD.values(), ids=list(ODD))
def test_an_odd_line_is_refused_by_its_number_and_the_rest_counts(line: bytes, tmp_path: Path) -> None:
    """What DuckDB would round, accept or stumble over is left to the readers, who say which line it was: the 51st."""
    rows = [json.dumps(row).encode() for row in logs.plain_rows(60)]
    path = tmp_path / "odd.jsonl"
    path.write_bytes(b"\n".join([*rows[:50], line, *rows[50:], b""]))
    left = b"cache_write" in line or not line.endswith(b"}") or line == ODD["malformed"]
    ours, theirs = logs.added("duckdb" if left else "columns", path), logs.added("python", path)
    assert the_same(ours, theirs)
    assert ours.ledger.malformed == theirs.ledger.malformed
    assert {fault.line for fault in ours.ledger.malformed} <= {51}
    assert (ours.ledger.total.read, ours.ledger.total.malformed + ours.ledger.total.skipped) == (60, 1)


@pytest.mark.parametrize(("odd", "engine"), [(25, "columns"), (26, "python")])
def test_a_quarter_of_all_lines_may_be_odd(odd: int, engine: str, tmp_path: Path) -> None:
    """25 of 100 lines go to their reader one by one; where there are more it reads them all. Either way each is refused
    by its number, and an id of one that comes twice counts once: 5 + 7 + 7 tokens of odd lines."""
    rows = [json.dumps(logs.plain_rows(1)[0])] * (100 - odd)
    shared = '{"at":"2026-11-01T00:00:00Z","model":"gemini-2.5-pro","requests":2'
    sums = [f'{shared},"input":5,"id":"a"}}', f'{shared},"input":5,"id":"a"}}', *[f'{shared},"input":7}}'] * 2]
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join([*rows[:60], *sums, *['{"at": nope}'] * (odd - 4), *rows[60:], ""]))
    ours, theirs = logs.added("duckdb", path, by=BY), logs.added("python", path, by=BY)
    assert the_same(ours, theirs)
    assert ours.ledger.malformed == theirs.ledger.malformed
    assert (ours.ledger.total.malformed, ours.ledger.total.duplicate) == (odd - 4, 1)
    assert read_by(path) == engine


@pytest.mark.parametrize(("more", "engine"), [(0, "columns"), (1, "python")])
def test_small_files_are_left_to_their_readers(
    more: int, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database reads files that have so many bytes on average; in CSV the same requests lie in a fifth of them."""
    rows = logs.plain_rows(60)
    files = [logs.write_lines(tmp_path / "1.jsonl", rows), logs.write_csv(tmp_path / "2.csv", rows)]
    sizes = [file.stat().st_size for file in files]
    monkeypatch.setattr(intake, "SMALL", (sizes[0] + 5 * sizes[1]) // 2 + more)
    assert read_by(*files) == engine


def read_by(*paths: Path, others: Sequence[Path] = ()) -> str:
    """What reads all of these logs beside others: `columns`, the database by itself, or `python`."""
    run = Run(Account(Names(logs.CATALOG).sheet, now=0), Ledger(), logs.memory())
    pour = intake.pourer(run.traffic.database, [*others, *paths], run, Reading(run.ledger), lambda past: None)
    (by,) = {"columns" if pour(path) else "python" for path in paths}
    return by


FINE = {
    "text as a number": b'{"at":"2026-11-01T00:00:00Z","model":"gemini-2.5-pro","input":"12"}',
    "another name": b'{"at":"2026-11-01T00:00:00Z","model":"o\'brien \\"x\\"","input":1}',
    "a known name": b'{"at":"2026-11-01T00:00:00Z","model":"gemini-2.5-flash","input":1}',
    "clocks that jump back": b'{"at":"1999-01-01T00:00:00+02:00","model":"gemini-2.5-pro","input":1}',
    "a time since a trace began": b'{"at":"1970-01-01T00:10:00Z","model":"gemini-2.5-pro","input":1}',
}


@pytest.mark.parametrize("line", FINE.values(), ids=list(FINE))
def test_a_rare_line_is_no_odd_one(line: bytes, tmp_path: Path) -> None:
    """Names and times that come up late, after all records that are looked at first, are read like any other."""
    path = logs.write_lines(tmp_path / "rare.jsonl", logs.plain_rows(60))
    path.write_bytes(path.read_bytes() + line + b"\n")
    assert the_same(logs.added("columns", path), logs.added("python", path))


SUMS = {
    "a day": {"at": "2026-11-01", "input": 5},
    "several requests": {"at": "2026-11-01T10:00:00Z", "input": 5, "requests": 3},
    "other names": {"timestamp": "2026-11-01T10:00:00Z", "prompt_tokens": 9, "cached_tokens": 4},
    "a total": {"at": "2026-11-01T10:00:00Z", "input": 9, "cache_read": 4, "total": 9},
}


@pytest.mark.parametrize("row", SUMS.values(), ids=list(SUMS))
@pytest.mark.parametrize(("container", "late"), [("csv", False), ("jsonl", False), ("jsonl", True), ("parquet", False)])
def test_sums_and_other_names_mean_the_same_in_every_container(
    container: str, row: dict[str, object], late: bool, tmp_path: Path
) -> None:
    """Sums and other names for columns mean the same whatever holds them; 5 tokens of fresh input in each."""
    record = {"model": "gemini-2.5-pro", **row}
    records = [*logs.plain_rows(60), record] if late else [record]
    path = logs.write_lines(tmp_path / "log.jsonl", records)
    if container == "csv":
        path = logs.write_csv(tmp_path / "log.csv", records)
    elif container == "parquet":
        pq.write_table(pa.Table.from_pylist(records), tmp_path / "log.parquet")
        path = tmp_path / "log.parquet"
    ours = logs.added("duckdb", path)
    assert the_same(ours, logs.added("python", path))
    if len(records) == 1:
        assert ours.account.whole().total("input") == 5


@pytest.mark.parametrize("column", ["model", "service", "provider"])
def test_a_name_that_changes_late_is_no_longer_the_first(column: str, tmp_path: Path) -> None:
    """A log of one name for its first rows and of another after them is not priced as if nothing had changed."""
    late = {"model": "gemini-2.5-flash", "service": "batch", "provider": "nobody"}
    row = {"at": "2026-11-01", "provider": "google", "model": "gemini-2.5-pro", "service": "standard", "input": 3}
    path = logs.write_lines(tmp_path / "log.jsonl", [row] * 9 + [row | {column: late[column]}])
    ours = logs.added("duckdb", path)
    assert the_same(ours, logs.added("python", path))
    assert len(ours.account.whole().sums) + len(ours.ledger.unpriced) == 2


def test_a_nul_in_a_table_is_text_like_any_other(tmp_path: Path) -> None:
    """NUL is UTF-8: a label keeps it, and there is no doubt about its line."""
    path = tmp_path / "log.csv"
    row = "2026-11-01T10:00:00Z,gemini-2.5-pro,1000,{}\n".format
    path.write_text("at,model,input,session\n" + row("a") + row("a\0b") + row("\0"))
    ours, theirs = logs.added("columns", path, by=BY), logs.added("python", path, by=BY)
    assert the_same(ours, theirs)
    assert ours.ledger.doubts == theirs.ledger.doubts == []
    assert {ours.account.label(part, "session") for part in ours.account.parts} == {"a", "a\0b", "\0"}


@pytest.mark.parametrize("name", ["log.jsonl", "log.csv", "log.jsonl.gz"])
def test_blank_lines_are_counted(name: str, folder: Path, tmp_path: Path) -> None:
    """Every line of a file has its heading with each reader: 300 rows, and two blank lines apart."""
    path = tmp_path / name
    path.write_bytes((folder / name).read_bytes() + (gzip.compress(b"\n\n") if name.endswith(".gz") else b"\n\n"))
    total = logs.added("duckdb", path).ledger.total
    assert total == logs.added("python", path).ledger.total
    assert (total.blank, total.read, total.accounted) == (2, 300, total.entries)


def test_two_records_on_one_line_are_left_to_the_reader(tmp_path: Path) -> None:
    """More rows than lines: whatever the database made of them, the account is the reader's."""
    path = tmp_path / "log.jsonl"
    row = b'{"at":"2026-11-01","model":"gemini-2.5-pro","input":3}'
    path.write_bytes(row + b"\n" + row + b" " + row + b"\n")
    assert the_same(logs.added("duckdb", path), logs.added("python", path))


def test_an_id_counts_once_within_a_file_and_across_files(tmp_path: Path) -> None:
    """The second record of an id is a repeat wherever it stands: 3 + 4 tokens, not 3 + 3 + 4 + 4."""
    row = {"at": "2026-11-01", "model": "gemini-2.5-pro", "output": 0}
    one = logs.write_lines(tmp_path / "1.jsonl", [row | {"id": "a", "input": 3}, row | {"id": "a", "input": 3}])
    two = logs.write_lines(tmp_path / "2.jsonl", [row | {"id": "b", "input": 4}])
    three = logs.write_csv(tmp_path / "3.csv", [row | {"id": "b", "input": 4}])
    run = logs.added("duckdb", one, two, three)
    assert (run.account.whole().total("input"), run.ledger.total.duplicate) == (7, 2)


def test_a_file_that_needs_its_reader_takes_along_those_of_its_own_format_alone(tmp_path: Path) -> None:
    """The same id in two formats means two requests; in one format it counts once, whichever file needs its reader. A
    file of which only a reader can say what it holds, such as a page, may hold ids of every format."""
    plain = [{"at": "2026-11-01T10:00:00Z", "model": "gemini-2.5-pro", "input": 3, "output": 0, "id": "a"}] * 2
    usage = {"input_tokens": 4, "output_tokens": 0}
    message = {"type": "message", "id": "a", "model": "claude-opus-4-8", "usage": usage}
    answers = [{"timestamp": "2026-11-01T10:00:00Z", "response": message}]
    ours = logs.write_lines(tmp_path / "1.jsonl", plain)  # needs its reader: an id comes twice
    other = logs.write_lines(tmp_path / "2.jsonl", answers)
    assert read_by(other, others=[ours]) == "columns"
    run = logs.added("duckdb", ours, other)
    assert (run.account.whole().total("input"), run.ledger.total.duplicate) == (7, 1)
    alike = logs.write_lines(tmp_path / "3.jsonl", plain[:1])
    assert read_by(alike, others=[ours]) == "python"
    page = tmp_path / "4.json"
    page.write_text(json.dumps({"data": plain}))
    assert read_by(other, others=[page]) == "python"
    packed = tmp_path / "5.jsonl.gz"  # its end, which is cut, may hold anything
    packed.write_bytes(gzip.compress(ours.read_bytes())[:-9])
    assert read_by(other, others=[packed]) == "python"
    # all records of a transcript are in its format
    session = logs.write_lines(tmp_path / "6.jsonl", [{"type": "summary", "summary": "", "leafUuid": "u"}])
    assert read_by(other, others=[session]) == "columns"


def test_an_odd_record_is_a_repeat_of_one_in_a_file_of_its_own_format(tmp_path: Path) -> None:
    """An answer of Anthropic among plain rows, which comes again in a log of such answers: 3 x 3 + 4 tokens."""
    row = {"at": "2026-11-01T10:00:00Z", "model": "gemini-2.5-pro", "input": 3, "output": 0}
    usage = {"input_tokens": 4, "output_tokens": 0}
    message = {"type": "message", "id": "a", "model": "claude-opus-4-8", "usage": usage}
    odd = {"timestamp": "2026-11-01T10:00:00Z", "response": message}
    ours = logs.write_lines(tmp_path / "1.jsonl", [row, row, row, odd])
    other = logs.write_lines(tmp_path / "2.jsonl", [odd])
    for engine in ("python", "duckdb"):
        run = logs.added(engine, ours, other)
        assert (run.account.whole().total("input"), run.ledger.total.duplicate) == (13, 1)


def test_a_file_that_the_database_gives_up_on_leaves_nothing_behind(tmp_path: Path) -> None:
    """One has an id twice, one is odd in half of its lines."""
    row = {"at": "2026-11-01T10:00:00Z", "model": "gemini-2.5-pro", "input": 3, "output": 0}
    twice = logs.write_lines(tmp_path / "1.jsonl", [row | {"id": "a"}] * 2)
    odd = logs.write_lines(tmp_path / "2.jsonl", [row, row | {"input": [1]}])
    fine = logs.write_lines(tmp_path / "3.jsonl", [row])
    run = Run(Account(Names(logs.CATALOG).sheet, now=0), Ledger(), logs.memory())
    database = run.traffic.database
    intake.pourer(database, [twice, odd, fine], run, Reading(run.ledger), lambda past: None)
    tables = database.rows("SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'log_%'")
    assert tables == [("log_2",)]


def test_a_log_cut_off_in_its_gzip_keeps_what_came_before(folder: Path, tmp_path: Path) -> None:
    """The cut is reported, and nothing before it is lost."""
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes((folder / "log.jsonl.gz").read_bytes()[:-2_000])
    run = logs.added("duckdb", path)
    assert run.account.priced > 0
    assert any("in the middle of what was packed" in fault.message for fault in run.ledger.malformed)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_column_may_have_the_name_by_which_rows_are_counted(kind: str, tmp_path: Path) -> None:
    """What DuckDB calls `rowid` or `file_row_number` may be a column of a log, unknown to the readers."""
    row = {"at": "2026-11-01T10:00:00Z", "model": "nobody-9", "input": 3, "rowid": "x", "file_row_number": "y"}
    path = logs.write_csv(tmp_path / "log.csv", [row] * 3)
    if kind == "parquet":
        lines = logs.write_lines(tmp_path / "log.jsonl", [row] * 3)
        path = logs.write_parquet(tmp_path / "log.parquet", lines)
    assert the_same(logs.added("columns", path), logs.added("python", path))


def test_a_disk_that_fills_while_spilling_is_told(tmp_path: Path) -> None:
    """Sessions by the hundred thousand do not fit 30 MB of memory and 1 MB of disk: refused with what to do."""

    def group() -> None:
        with database(EngineLimits(threads=1, memory="30MB", disk="1MB", folder=str(tmp_path))) as duck:
            wide = "SELECT repeat(i::VARCHAR, 20) AS session FROM range(600000) t(i)"
            duck.rows(f"SELECT MAX(n) FROM (SELECT COUNT(*) AS n FROM ({wide}) GROUP BY session)")

    with pytest.raises(BadLog, match=r"memory or disk do not suffice.*--memory"):
        group()


def test_an_interrupt_ends_a_long_query() -> None:
    """The database itself gives up when it is interrupted, and that is a Ctrl-C, not a fault of the log."""

    ended = threading.Event()

    def interrupt(duck: Duck) -> None:
        while not ended.wait(0.05):  # the first one may come before the query has begun
            duck.connection.interrupt()

    def wait() -> None:
        with database(EngineLimits(threads=1)) as duck:
            knocking = threading.Thread(target=interrupt, args=(duck,))
            knocking.start()
            try:
                duck.rows("SELECT SUM(a.range * b.range) FROM range(10000000) a, range(10000000) b")
            finally:
                ended.set()
                knocking.join()

    with pytest.raises(KeyboardInterrupt):
        wait()
