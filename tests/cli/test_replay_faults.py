"""Logs as the world has them: cut, mixed, empty, unreadable; told, survived or refused, and never counted twice."""

from __future__ import annotations

import gzip
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from cachecost.cli import progress, replay_run
from cachecost.logs import entries

from .. import replay_logs as logs
from ..command import Ran, run

EVERY_ROAD = pytest.mark.parametrize("engine", ["python", "duckdb"])


def lawful(ran: Ran) -> Any:
    """The report, whose lines and requests add up."""
    result = ran.json
    total = result["accounting"]["total"]
    counts = ("read", "duplicate", "skipped", "malformed", "blank", "header", "continued")
    assert total["entries"] == sum(total[name] for name in counts)
    unpriced = sum(each["requests"] for each in result["accounting"]["unpriced"])
    assert total["requests"] == result["accounting"]["priced"] + unpriced + result["accounting"]["outside"]
    return result


@EVERY_ROAD
def test_a_truncated_gzip_is_read_to_its_cut(tmp_path: Path, engine: str) -> None:
    """What came before is priced, and the cut is reported."""
    rows = [logs.ROWS[0] | {"id": str(n), "project": random.Random(n).randbytes(40).hex()} for n in range(400)]
    whole = gzip.compress(logs.as_lines(rows).encode())
    (tmp_path / "log.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    answer = lawful(run("replay", tmp_path, "--engine", engine, "--json"))
    assert 100 < answer["requests"] < 400
    assert "the file ends in the middle of what was packed" in answer["accounting"]["malformed"][-1]["message"]
    refused = run("replay", tmp_path, "--engine", engine, "--strict")
    assert (refused.code, refused.out) == (2, "")


@EVERY_ROAD
def test_a_last_line_that_is_cut_is_malformed(tmp_path: Path, engine: str) -> None:
    """The others cost what they cost."""
    (tmp_path / "log.jsonl").write_text(logs.as_lines([*logs.ROWS, logs.ROWS[0]])[:-30])
    answer = lawful(run("replay", tmp_path, "--engine", engine, "--json"))
    assert answer["totals"] == {"USD": logs.TOTAL}
    (fault,) = answer["accounting"]["malformed"]
    assert (fault["line"], "is cut off" in fault["message"]) == (5, True)


@EVERY_ROAD
def test_formats_may_be_mixed_in_a_folder(tmp_path: Path, engine: str) -> None:
    """The same four requests in three formats, of which two share their ids: eight are counted."""
    logs.write(tmp_path, "a.csv")
    logs.write(tmp_path, "b.jsonl.gz")
    (tmp_path / "c.jsonl").write_text(logs.as_messages(logs.ROWS))
    answer = lawful(run("replay", tmp_path, "--engine", engine, "--json"))
    assert (answer["requests"], answer["accounting"]["total"]["duplicate"]) == (8, 4)
    assert answer["totals"] == {"USD": "2.7183"}  # 2 x 1.35915


@EVERY_ROAD
def test_the_order_of_a_log_changes_nothing(tmp_path: Path, engine: str) -> None:
    """Times that go back, and a clock that jumped to 1971 and to 2999: what-if and losses go by time, not by line."""
    rows = [
        row | {"at": at}
        for row, at in zip(logs.ROWS, ("1971-01-01", "2026-11-01", "2026-11-02", "2999-01-01"), strict=True)
    ]
    rows = [*logs.ROWS, *(row | {"id": f"x{row['id']}"} for row in rows)]
    messages = []
    for name, order in (("a", rows), ("b", rows[::-1])):
        (tmp_path / name).mkdir()
        answer = lawful(run("replay", logs.write(tmp_path / name, "log.jsonl", order), "--engine", engine, "--json"))
        messages.append({part: answer[part] for part in ("requests", "totals", "lost", "what_if", "first", "last")})
    assert messages[0] == messages[1]
    assert messages[0]["requests"] == 7  # in 1971 the model had no rates


def test_a_line_without_end_is_stepped_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer than what is read at once: malformed with its number, and the next line is read."""
    monkeypatch.setattr(entries, "LONGEST", 1_000)
    monkeypatch.setattr(entries, "CHUNK", 500)
    (first, *rest) = logs.as_lines(logs.ROWS).splitlines(keepends=True)
    long = '{"model": "' + "x" * 100_000 + '"}\n'
    (tmp_path / "log.jsonl").write_text("".join([first, long, *rest]))
    answer = lawful(run("replay", tmp_path / "log.jsonl", "--json"))
    assert answer["totals"] == {"USD": logs.TOTAL}
    assert [each["line"] for each in answer["accounting"]["malformed"]] == [2]


@EVERY_ROAD
@pytest.mark.external
def test_a_line_of_a_gigabyte_takes_no_gigabyte(tmp_path: Path, engine: str) -> None:
    """A real one, of zeros that take no disk: malformed with its number, the rest priced, memory bounded."""
    path, most = tmp_path / "log.jsonl", "import resource, subprocess, sys; p = subprocess.run(sys.argv[1:]); "
    most += (
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, file=sys.stderr); sys.exit(p.returncode)"
    )
    with path.open("wb") as file:
        file.write(logs.as_lines(logs.ROWS[:2]).encode())
        file.seek(2**30, os.SEEK_CUR)
        file.write(b"\n" + logs.as_lines(logs.ROWS[2:]).encode())
    command = [str(Path(sys.executable).parent / "cachecost"), "replay", path, "--engine", engine, "--json"]
    ran = subprocess.run([sys.executable, "-c", most, *command], capture_output=True, text=True, check=True)
    result = lawful(Ran(0, ran.stdout, ""))
    assert result["totals"] == {"USD": logs.TOTAL}
    assert [each["line"] for each in result["accounting"]["malformed"]] == [3]
    assert int(ran.stderr) < 600


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.jsonl", b"", "empty: "),
        ("binary.jsonl", bytes(range(256)) * 20, "is neither UTF-8 text nor JSON"),
        ("broken.parquet", b"PAR1" + bytes(200), "broken Parquet"),
        ("words.txt", b"Dear diary,\ntoday nobody asked anything.\n", "is not JSON"),
    ],
)
def test_a_file_that_is_no_log_is_told(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    """Nothing is priced, which is no bill of zero (exit 3); nothing breaks, and the report gives the reason."""
    (tmp_path / name).write_bytes(content)
    ran = run("replay", tmp_path / name)
    assert (ran.code, ran.err.startswith("cachecost: nothing could be priced: ")) == (3, True)
    assert ran.out.startswith("Nothing could be priced")
    assert message in ran.out


def test_a_folder_without_logs_is_refused(tmp_path: Path) -> None:
    """Exit 2, and what a log is called."""
    refused = run("replay", tmp_path)
    assert (refused.code, refused.out) == (2, "")
    assert "no logs in this folder; expected files such as *.jsonl" in refused.err


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name, with the reason of the system."""

    def forbidden(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(replay_run, "CountingFile", forbidden)
    refused = run("replay", logs.write(tmp_path, "log.jsonl"))
    assert (refused.code, refused.out) == (2, "")
    assert "log.jsonl: cannot be read: Permission denied; name a file that can be" in refused.err


def test_parquet_without_its_extra_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is reported as unread, with the command."""
    log = logs.write(tmp_path, "log.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    ran = run("replay", log)
    assert '[logs]"' in ran.out.replace("\n", " ")
    refused = run("replay", log, "--format", "parquet", "-o", tmp_path / "x.parquet")
    assert (refused.code, '[logs]"' in refused.err) == (2, True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize("shape", ["table", "json", "csv", "html", "focus", "markdown", "parquet"])
def test_a_full_disk_is_told(tmp_path: Path, shape: str) -> None:
    """One line, exit 2, whatever was to be written."""
    refused = run("replay", logs.write(tmp_path), "--format", shape, "-o", "/dev/full")
    assert refused.code == 2
    assert "/dev/full cannot be written" in refused.err
    assert len(refused.err.splitlines()) == 1


def test_a_checkpoint_on_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the checkpoint that stood there before stands."""
    kept = tmp_path / "kept"

    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    refused = run("replay", logs.write(tmp_path), "--checkpoint", kept)
    assert (refused.code, "kept cannot be written: No space left on device" in refused.err) == (2, True)
    assert not kept.exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", place], capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield place
    subprocess.run(["umount", place], check=True)


def many(folder: Path) -> Path:
    """Six hundred thousand requests in five thousand sessions."""
    import duckdb

    path = folder / "many.parquet"
    rows = "SELECT TIMESTAMPTZ '2026-11-01 00:00:00+00' + INTERVAL (i) SECOND AS \"at\", 'gemini-2.5-pro' AS model, "
    rows += "5000::BIGINT AS input, 's' || (i % 5000) AS session FROM range(600000) t(i)"
    duckdb.execute(f"COPY ({rows}) TO '{path}' (FORMAT parquet)")
    return path


def test_a_disk_that_fills_while_requests_are_held_is_told(tmp_path: Path, small_disk: Path) -> None:
    """53 MB of requests do not go into 30 MB of memory and a disk of 2: exit 2, what to do, and nothing left behind."""
    small = ("--engine", "duckdb", "--memory", "30MB", "--threads", "1", "--spill", small_disk)
    refused = run("replay", many(tmp_path), *small)
    assert (refused.code, refused.out) == (2, "")
    assert re.search(r"memory or disk do not suffice: .*; give more with --memory or --disk, or another", refused.err)
    assert list(small_disk.iterdir()) == []


def test_a_limit_of_disk_is_kept(tmp_path: Path) -> None:
    """The same where the disk has room and only so much of it may be used; with enough, it is priced."""
    log, small = many(tmp_path), ("--engine", "duckdb", "--memory", "30MB", "--threads", "1")
    assert "memory or disk do not suffice" in run("replay", log, *small, "--disk", "1MB").err
    answer = run("replay", log, *small, "--disk", "1GB", "--json").json
    # 600,000 x 5,000 x 1.25 per 1M
    assert answer["totals"] == {"USD": "3750"}


@pytest.mark.parametrize("engine", ["python", "duckdb"])
def test_a_signal_stops_between_two_requests(tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real Ctrl-C in the middle of the second file: all that was read until then is reported, and adds up."""
    for name in "abc":
        logs.write(tmp_path, f"{name}.csv", [row | {"id": f"{name}{row['id']}"} for row in logs.ROWS])
    if engine == "duckdb":  # one file goes to its reader, and the signal comes while it does
        (tmp_path / "b.csv").write_text((tmp_path / "b.csv").read_text() + "broken,line\n")
    read = replay_run.read_file

    def signalling(path: Path, *rest: Any) -> None:
        if path.name == "b.csv":
            os.kill(os.getpid(), signal.SIGINT)
        read(path, *rest)

    monkeypatch.setattr(replay_run, "read_file", signalling)
    ran = run("replay", tmp_path, "--engine", engine, "--json")
    assert (ran.code, ran.err) == (130, "cachecost: stopped\n")
    result = lawful(ran._replace(code=0, err=""))
    assert result["stopped"]
    assert result["requests"] == 5  # the first file, and the first line of the second
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_signal_while_policies_are_weighed_leaves_what_was_paid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bill is printed, with a remark that the rest was not computed."""

    def signalling(*rest: Any, **more: Any) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        signal.pause()

    monkeypatch.setattr(sys.modules["cachecost.cli.replay"], "what_if", signalling)
    ran = run("replay", logs.write(tmp_path), "--json")
    assert (ran.code, ran.err) == (130, "cachecost: stopped\n")
    result = lawful(ran._replace(code=0, err=""))
    assert result["totals"] == {"USD": logs.TOTAL}
    assert result["what_if"] == []
    assert "Only what was paid: stopped before other policies were weighed." in result["notes"]


def test_a_second_signal_does_not_wait() -> None:
    """Who asks twice is heard at once."""
    stop = Event()
    with progress.unbroken(stop, waiting=False):
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.is_set()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
