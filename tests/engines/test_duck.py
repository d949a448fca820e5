"""Big logs through DuckDB: the same whole tokens as the readers of `logs/` find, record by record."""

from __future__ import annotations

import gzip
import os
import signal
import threading
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from cachecost import Usage
from cachecost.engines import duck, groups
from cachecost.engines.checks import counting
from cachecost.engines.machine import Machine, connected
from cachecost.engines.sources import rows_of
from cachecost.engines.sums import Sums
from cachecost.errors import BadLog, CachecostError
from cachecost.logs.names import Names
from cachecost.prices.quote import quote
from cachecost.replay.classes import edges
from cachecost.replay.ledger import Ledger
from cachecost.replay.tally import price

from .. import engine_logs as logs

pytest.importorskip("duckdb", reason="the extra `logs` is not installed")


def _by_query(path: Path) -> bool:
    """Whether the database itself could add the file up."""
    with connected(Machine(threads=1)) as connection:
        rows = rows_of(connection, path)
        with counting({path: rows}) as lines:
            return duck._by_query(connection, path, rows, Sums(Names(logs.CATALOG)), lines) is not None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One log in every container."""
    place = tmp_path_factory.mktemp("logs")
    rows = logs.plain_rows(600)
    lines = logs.write_lines(place / "log.jsonl", rows)
    logs.write_csv(place / "log.csv", rows)
    logs.write_parquet(place / "log.parquet", lines)
    logs.write_parquet(place / "naive.parquet", lines, at="TIMESTAMP")
    logs.write_parquet(place / "text.parquet", lines, at="VARCHAR")
    (place / "log.jsonl.gz").write_bytes(gzip.compress(lines.read_bytes()))
    return place


NAMES = ("log.jsonl", "log.csv", "log.parquet", "naive.parquet", "text.parquet", "log.jsonl.gz")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("by", [(), ("day", "session")])
def test_a_plain_log_adds_up_as_its_readers_add_it_up(folder: Path, name: str, by: tuple[str, ...]) -> None:
    """Tokens by set of rates, and what stays unpriced and why, are the same to the last token."""
    assert _by_query(folder / name)
    ours, account = logs.by_duck([folder / name], by)
    theirs, other = logs.by_python([folder / name], by)
    assert (ours.tallies, ours.unpriced, ours.priced) == (theirs.tallies, theirs.unpriced, theirs.priced)
    assert account.total == other.total


def test_the_bill_of_the_sums_is_the_sum_of_the_quotes(folder: Path) -> None:
    """Priced one by one by the heart of the engine, the requests cost what their sums cost, in exact decimals."""
    spent = {"USD": Decimal(0), "CNY": Decimal(0)}
    for row in logs.plain_rows(600):
        used = Usage(
            input=row["input"],
            cache_read=row["cache_read"],
            cache_write={"5m": row["cache_write_5m"]},
            output=row["output"],
        )
        try:
            sheet = logs.CATALOG.sheet(row["model"])
            at = datetime.fromisoformat(row["at"])
            spent[sheet.currency] += quote(used, sheet, at=at, service=row["service"] or "standard").total
        except CachecostError:
            continue
    sums, _ = logs.by_duck([folder / "log.parquet"])
    priced = price(sums.whole, sums.sheets)
    ours = {"USD": Decimal(0), "CNY": Decimal(0)}
    for key, item in priced.items:
        ours[sums.sheets[key.sheet].sheet.currency] += item.amount
    assert ours == spent
    assert all(spent.values()) or spent["CNY"] == 0 < spent["USD"]


def test_one_thread_and_two_find_the_same(folder: Path) -> None:
    """Whole numbers add up in any order."""
    one, _ = logs.by_duck([folder / "log.parquet"], threads=1)
    two, _ = logs.by_duck([folder / "log.parquet"], threads=2)
    assert one.tallies == two.tallies


@pytest.mark.parametrize("shape", logs.MESSAGES)
def test_messages_of_vendors_add_up_as_their_readers_add_them_up(shape: str, tmp_path: Path) -> None:
    """Inclusive and exclusive counts, TTLs, services and regions come out the same from SQL and from Python."""
    drawn = Random(7)
    path = logs.write_lines(tmp_path / "log.jsonl", [logs.MESSAGES[shape](drawn, number) for number in range(1_500)])
    assert _by_query(path)
    ours, _ = logs.by_duck([path], ("session", "day"))
    theirs, _ = logs.by_python([path], ("session", "day"))
    assert (ours.tallies, ours.unpriced, ours.priced) == (theirs.tallies, theirs.unpriced, theirs.priced)
    assert ours.priced > 300


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
def test_an_odd_line_is_refused_by_its_number_and_the_rest_counts(line: bytes, folder: Path, tmp_path: Path) -> None:
    """What DuckDB would round, accept or stumble over is left to the readers, who say which line it was."""
    path = tmp_path / "odd.jsonl"
    path.write_bytes((folder / "log.jsonl").read_bytes() + line + b"\n")
    ours, account = logs.by_duck([path])
    theirs, other = logs.by_python([path])
    assert ours.tallies == theirs.tallies
    assert account.total == other.total
    assert account.total.malformed + account.total.skipped == 1
    assert [fault.line for fault in account.malformed] == [601] * account.total.malformed


FINE = {
    "text as a number": b'{"at":"2026-11-01","model":"gemini-2.5-pro","input":"12"}',
    "no time": b'{"model":"gemini-2.5-pro","input":1}',
    "another name": b'{"at":"2026-11-01","model":"o\'brien \\"x\\"","input":1}',
    "a known name that the sample missed": b'{"at":"2026-11-01","model":"gemini-2.5-flash","input":1}',
    "clocks that jump back": b'{"at":"1999-01-01T00:00:00+02:00","model":"gemini-2.5-pro","input":1}',
}


@pytest.mark.parametrize("line", FINE.values(), ids=list(FINE))
def test_a_rare_line_is_no_odd_one(line: bytes, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names and times that come up late are found in a second pass, and what has no time is listed as unpriced."""
    monkeypatch.setattr("cachecost.engines.query.SAMPLE", 100)
    path = tmp_path / "rare.jsonl"
    path.write_bytes((folder / "log.jsonl").read_bytes() + line + b"\n")
    assert _by_query(path)
    ours, account = logs.by_duck([path])
    theirs, _ = logs.by_python([path])
    assert (ours.tallies, ours.unpriced) == (theirs.tallies, theirs.unpriced)
    assert account.total.read == 601


def test_row_groups_of_one_stretch_are_added_up_without_a_look_at_their_times(tmp_path: Path) -> None:
    """In the order of time most groups lie between two changes of rates; in disorder none does: the sums are alike."""
    import duckdb

    rows = sorted(logs.plain_rows(9_000), key=lambda row: str(row["at"]))
    rows = [row for row in rows if not row["model"].startswith("deepseek")]
    lines = logs.write_lines(tmp_path / "log.jsonl", rows)
    table = f'(SELECT * REPLACE (CAST("at" AS TIMESTAMPTZ) AS "at") FROM read_json(\'{lines}\'))'
    mixed = f'(SELECT * FROM {table} ORDER BY hash("at"))'
    found = []
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1; SET TimeZone = 'UTC'")
        for name, source in (("sorted", table), ("mixed", mixed)):
            path = tmp_path / f"{name}.parquet"
            connection.execute(f"COPY (FROM {source}) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)")
            cut = edges(Sums(Names(logs.CATALOG)).known((model, "") for model in ("claude-sonnet-4-5", "glm-4.5")))
            found.append(groups.parts(connection, str(path), cut))
    (theirs, _), *ours = (logs.by_python([lines], ("day",)), *map(_by_day, ("sorted", "mixed"), [tmp_path] * 2))
    assert [part.stretch for part in found[1]] == [None]
    assert len({part.stretch for part in found[0]}) > 1
    assert all(sums.tallies == theirs.tallies and sums.unpriced == theirs.unpriced for sums in ours)


def _by_day(name: str, place: Path) -> Sums:
    return logs.by_duck([place / f"{name}.parquet"], ("day",))[0]


@pytest.mark.parametrize("column", ["model", "service", "provider"])
def test_a_name_that_changes_late_is_no_longer_the_first(
    column: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log of one name for its first rows and of another after them is not priced as if nothing had changed."""
    monkeypatch.setattr("cachecost.engines.query.SAMPLE", 5)
    late = {"model": "gemini-2.5-flash", "service": "batch", "provider": "nobody"}
    row = {"at": "2026-11-01", "provider": "google", "model": "gemini-2.5-pro", "service": "standard", "input": 3}
    path = logs.write_lines(tmp_path / "log.jsonl", [row] * 9 + [row | {column: late[column]}])
    ours, theirs = logs.by_duck([path])[0], logs.by_python([path])[0]
    assert (ours.tallies, ours.unpriced) == (theirs.tallies, theirs.unpriced)
    assert len(ours.tallies[()].sums) + len(ours.unpriced) == 2


@pytest.mark.parametrize("name", ["log.jsonl", "log.csv", "log.jsonl.gz"])
def test_lines_with_nothing_on_them_stand_in_the_account(name: str, folder: Path, tmp_path: Path) -> None:
    """Every line of a file has its heading, by whichever road it was read: 600 rows, and the blank lines apart."""
    data = (folder / name).read_bytes()
    more = gzip.compress(b"\n\n") if name.endswith(".gz") else b"\n\n"
    path = tmp_path / name
    path.write_bytes(data + more)
    account, other = logs.by_duck([path])[1].total, logs.by_python([path])[1].total
    assert account == other
    assert (account.blank, account.read, account.accounted) == (2, 600, account.entries)


def test_two_records_on_one_line_are_left_to_the_reader(tmp_path: Path) -> None:
    """More rows than lines: whatever the database made of them, the account is the reader's."""
    path = tmp_path / "log.jsonl"
    row = b'{"at":"2026-11-01","model":"gemini-2.5-pro","input":3}'
    path.write_bytes(row + b"\n" + row + b" " + row + b"\n")
    ours, theirs = logs.by_duck([path]), logs.by_python([path])
    assert ours[0].tallies == theirs[0].tallies
    assert ours[1].total == theirs[1].total


def test_a_log_too_big_to_be_kept_is_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether text is parsed once into a table or anew for every question, the sums are the same."""
    kept, _ = logs.by_duck([folder / "log.jsonl"])
    monkeypatch.setattr("cachecost.engines.checks.KEPT", 0)
    again, _ = logs.by_duck([folder / "log.jsonl"])
    assert kept.tallies == again.tallies


def test_an_id_counts_once_within_a_file_and_across_files(tmp_path: Path) -> None:
    """The second record of an id is a repeat wherever it stands: 3 + 4 tokens, not 3 + 3 + 4 + 4."""
    row = {"at": "2026-11-01", "model": "gemini-2.5-pro", "output": 0}
    one = logs.write_lines(tmp_path / "1.jsonl", [row | {"id": "a", "input": 3}, row | {"id": "a", "input": 3}])
    two = logs.write_lines(tmp_path / "2.jsonl", [row | {"id": "b", "input": 4}])
    three = logs.write_csv(tmp_path / "3.csv", [row | {"id": "b", "input": 4}])
    sums, ledger = logs.by_duck([one, two, three])
    assert (sums.whole.total("input"), ledger.total.duplicate) == (7, 2)


def test_a_log_cut_off_in_its_gzip_keeps_what_came_before(folder: Path, tmp_path: Path) -> None:
    """The cut is told, and nothing before it is lost."""
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes((folder / "log.jsonl.gz").read_bytes()[:-2_000])
    ours, account = logs.by_duck([path])
    theirs, _ = logs.by_python([path])
    assert ours.tallies == theirs.tallies
    assert any("in the middle of what was packed" in fault.message for fault in account.malformed)


def test_a_disk_that_fills_while_spilling_is_told(tmp_path: Path) -> None:
    """Groups by the million do not fit 30 MB of memory and 1 MB of disk: refused with what to do, and nothing added."""
    import duckdb

    path = tmp_path / "wide.parquet"
    rows = "SELECT TIMESTAMPTZ '2026-11-01 00:00:00+00' AS \"at\", 'gemini-2.5-pro' AS model, 1::BIGINT AS input, "
    rows += "repeat(i::VARCHAR, 20) AS session FROM range(600000) t(i)"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({rows}) TO '{path}' (FORMAT parquet)")
    small = Machine(threads=1, memory="30MB", disk="1MB", folder=str(tmp_path))
    sums = Sums(Names(logs.CATALOG), ("session",))
    with pytest.raises(BadLog, match=r"memory or disk do not suffice.*--memory"):
        duck.tally([str(path)], sums, ledger=Ledger(), machine=small)
    assert sums.tallies == {}


def test_an_interrupt_leaves_whole_files_added_and_no_part_of_one(folder: Path) -> None:
    """Ctrl-C after the first of three files: its sums stand as if it had been the only one."""
    sums, told = Sums(Names(logs.CATALOG)), []

    def done(path: Path) -> None:
        told.append(path)
        os.kill(os.getpid(), signal.SIGINT)

    files = [str(folder / name) for name in ("log.csv", "log.parquet", "naive.parquet")]
    with pytest.raises(KeyboardInterrupt):
        duck.tally(files, sums, ledger=Ledger(), done=done)
    first, _ = logs.by_duck([folder / "log.csv"])
    assert told == [folder / "log.csv"]
    assert sums.tallies == first.tallies


def test_an_interrupt_ends_a_long_query() -> None:
    """The database itself gives up when somebody else asks it to, and that is an interrupt, not a fault of the log."""

    def wait() -> None:
        with connected(Machine(threads=1)) as connection:
            threading.Timer(0.3, connection.interrupt).start()
            connection.execute("SELECT SUM(a.range * b.range) FROM range(10000000) a, range(10000000) b").fetchall()

    with pytest.raises(KeyboardInterrupt):
        wait()
