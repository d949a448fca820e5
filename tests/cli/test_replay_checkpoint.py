"""A long reading can be stopped and taken up again: nothing is lost, nothing is counted twice."""

from __future__ import annotations

import io
import json
import os
import pickle
import signal
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cachecost.cli import checkpoint, replay_run
from cachecost.replay.epochs import RateKey
from cachecost.replay.tally import Tally

from .. import replay_logs as logs
from ..command import Ran, run

MODELS = ("claude-opus-4-8", "gpt-5.6-sol", "nope-1")
STOPPED = 130


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four files whose ids, sessions and answers reach over their ends, and a checkpoint after each of them."""
    monkeypatch.setattr(checkpoint, "PATIENCE", 0)
    place = tmp_path / "logs"
    place.mkdir()
    for file in range(4):
        rows = [
            {"at": f"2026-11-01T1{file}:0{n}:00Z", "model": MODELS[n % 3], "session": f"s{n % 2}", "input": 1_000 + n}
            | {"id": f"{file}-{n}" if n else f"first-{file // 2}", "output": 10, "cache_read": 5_000 * (n > 1)}
            | {"cache_write_5m": 0, "paid": "0.01"}
            for n in range(6)
        ]
        logs.write(place, f"{file}.jsonl", rows=rows)
    transcript = {"type": "assistant", "sessionId": "c", "requestId": "r", "timestamp": "2026-11-01T10:00:00Z"}
    for file, answer in enumerate((5, 90)):
        usage = {"input_tokens": 4, "cache_read_input_tokens": 0, "output_tokens": answer}
        message = {"id": "m", "model": MODELS[0], "usage": usage}
        with (place / f"{file}.jsonl").open("a") as log:
            log.write(json.dumps(transcript | {"message": message}) + "\n{broken\n")
    return place


def stopping(files: int, lines: int) -> Callable[..., None]:
    """What reads so many files, and stops after so many lines of the next as if Ctrl-C had been pressed there."""
    read, done = replay_run.read_file, list[Path]()

    def stopped(path: Path, run: Any, reading: Any, *rest: Any) -> None:
        between = reading.between

        def counting(account: Any) -> None:
            if len(done) == files and account.entries >= lines:
                run.stop.set()
            if between:
                between(account)

        reading.between = counting
        read(path, run, reading, *rest)
        reading.between = between
        done.append(path)

    return stopped


def stopped(folder: Path, files: int, *flags: str | Path, lines: int = 3) -> Ran:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replay_run, "read_file", stopping(files, lines))
        return run("replay", folder, "--checkpoint", folder.parent / "kept", *flags)


EXTERNAL = [pytest.param(*place, 1, marks=pytest.mark.external) for place in ((0, 5), (2, 5), (3, 1))]


@pytest.mark.parametrize(("files", "lines", "every"), [(0, 0, 1_000), (1, 1, 1), (2, 0, 1_000), *EXTERNAL])
def test_stopped_and_taken_up_is_as_if_never_stopped(
    folder: Path, monkeypatch: pytest.MonkeyPatch, files: int, lines: int, every: int
) -> None:
    """Whatever line it was stopped at, also with a checkpoint after every line: the same sums, what-if, duplicates,
    faults and lines."""
    monkeypatch.setattr(checkpoint, "EVERY", every)
    flags = ("--by", "session", "--json")
    whole = run("replay", folder, *flags).json
    first = stopped(folder, files, *flags, lines=lines)
    assert first.code == STOPPED
    more = f" and {lines} {'line' if lines == 1 else 'lines'} of {files}.jsonl" if lines else ""
    assert f"{files} of 4 files{more} are kept" in first.err
    again = run("replay", folder, "--checkpoint", folder.parent / "kept", *flags)
    assert again.json == whole
    assert not (folder.parent / "kept").exists()


def test_stopped_twice_in_one_file_is_as_if_never_stopped(folder: Path) -> None:
    """After the second line, then after the fourth, of a log in one piece."""
    one = folder / "0.jsonl"
    whole = run("replay", one, "--json").json
    for lines in (2, 4):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(replay_run, "read_file", stopping(0, lines))
            messages = run("replay", one, "--checkpoint", folder / "kept", "--json")
        assert (messages.code, f"0 of 1 files and {lines} lines of 0.jsonl are kept" in messages.err) == (STOPPED, True)
    assert run("replay", one, "--checkpoint", folder / "kept", "--json").json == whole


@pytest.mark.parametrize("name", ["log.csv", "log.jsonl.gz", "log.parquet"])
def test_a_log_of_any_shape_is_taken_up_in_its_middle(tmp_path: Path, name: str) -> None:
    """The heading of a table is an entry too."""
    log = logs.write(tmp_path, name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replay_run, "read_file", stopping(0, 2))
        assert run("replay", log, "--checkpoint", tmp_path / "kept").code == STOPPED
    again = run("replay", log, "--checkpoint", tmp_path / "kept", "--json")
    assert again.json == run("replay", log, "--json").json


def test_what_was_read_before_the_stop_is_told(folder: Path) -> None:
    """A report of it, that says that it is not the whole."""
    messages = stopped(folder, 2)
    assert messages.out.startswith("Stopped early. ")


def test_without_a_checkpoint_a_stop_still_tells_what_was_read(folder: Path) -> None:
    """Ctrl-C is an end and not a fault."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replay_run, "read_file", stopping(1, 2))
        messages = run("replay", folder)
    assert (messages.code, messages.err) == (STOPPED, "cachecost: stopped\n")
    assert messages.out.startswith("Stopped early. ")


def refused(folder: Path, *flags: str) -> str:
    """The one line by which a checkpoint is refused; nothing is answered and the checkpoint stays as it is."""
    kept = folder.parent / "kept"
    before = kept.read_bytes()
    ran = run("replay", folder, "--checkpoint", kept, *flags)
    assert (ran.code, ran.out, len(ran.err.splitlines()), kept.read_bytes()) == (2, "", 1, before)
    assert f"{kept}: " in ran.err
    assert "; delete it to begin anew, or name another file" in ran.err
    return ran.err


def test_another_reading_is_refused(folder: Path) -> None:
    """Other flags, other files, changed files, something else in its place: exit 2, why, and what to do."""
    stopped(folder, 2, "--paid-only")
    log, kept = folder / "0.jsonl", folder.parent / "kept"
    whole, text = kept.read_bytes(), log.read_bytes()
    assert "begun with another by" in refused(folder, "--paid-only", "--by", "project")
    assert "begun with another alias" in refused(folder, "--paid-only", "--alias", "nope-1=gpt-5.6-sol")
    log.write_bytes(b"{}\n")
    assert "0.jsonl has changed since" in refused(folder, "--paid-only")
    log.unlink()
    assert "which is not among these logs" in refused(folder, "--paid-only")
    log.write_bytes(text)
    kept.write_bytes(b"nothing")
    assert "it is damaged, or another version of cachecost wrote it" in refused(folder, "--paid-only")
    kept.write_bytes(whole)
    assert run("replay", folder, "--paid-only", "--checkpoint", kept).code == 0


def test_a_checkpoint_that_was_cut_or_changed_in_any_byte_is_damaged(folder: Path) -> None:
    """Six bytes with one bit turned, from the first to the last, and six ends."""
    stopped(folder, 2, "--paid-only")
    kept = folder.parent / "kept"
    whole = kept.read_bytes()
    for place in sorted({*range(0, len(whole), len(whole) // 5), len(whole) - 1}):
        kept.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        assert "it is damaged" in refused(folder, "--paid-only"), place
        kept.write_bytes(whole[:place])
        assert "it is damaged" in refused(folder, "--paid-only"), place


def test_other_content_in_a_whole_pack_is_damaged(folder: Path) -> None:
    """Valid content, packed by the same means behind the same header: one more request, or none of the keys."""
    stopped(folder, 2)
    kept = folder.parent / "kept"
    whole = kept.read_bytes()
    head = whole[: len(checkpoint.MAGIC) + 2 * checkpoint.DIGEST]
    content = zlib.decompress(whole[len(head) :])
    for other in (content.replace(b"claude", b"clauda"), *map(pickle.dumps, ({}, [], 1))):
        assert other != content
        kept.write_bytes(head + zlib.compress(other, 1))
        assert "it is damaged" in refused(folder)


def test_content_that_cannot_be_put_back_is_damaged_whatever_its_digest_says(folder: Path) -> None:
    """Another shape behind a digest that fits it: no key, each key missing or with a text for its value, a class that
    is not on the list, or no pickle at all."""
    stopped(folder, 2)
    kept = folder.parent / "kept"
    head = len(checkpoint.MAGIC) + checkpoint.DIGEST
    code, packed = checkpoint.code_digest(), kept.read_bytes()[head + checkpoint.DIGEST :]
    whole = checkpoint.Unpickler(io.BytesIO(zlib.decompress(packed))).load()
    forged: list[Any] = [{}, [], 1, whole | {"account": subprocess.run}]
    for name in whole.keys() - {"asked", "outside"}:
        forged += [{key: value for key, value in whole.items() if key != name}, whole | {name: "x"}]
    for content in (*map(pickle.dumps, forged), b"", b"none"):
        body = code + zlib.compress(content)
        kept.write_bytes(checkpoint.MAGIC + checkpoint._checksum(body) + body)
        assert "it is damaged" in refused(folder)


def test_a_checkpoint_of_other_code_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No number of a version has to be raised: any change to our modules makes it another version."""
    stopped(folder, 2, "--paid-only")
    monkeypatch.setattr(checkpoint, "code_digest", lambda: b"\0" * checkpoint.DIGEST)
    assert "another version of cachecost wrote it" in refused(folder, "--paid-only")


@pytest.mark.parametrize(("files", "lines"), [(1, 0), (0, 900)], ids=["after it", "inside it"])
def test_a_change_in_the_middle_of_a_log_is_noticed(tmp_path: Path, files: int, lines: int) -> None:
    """One digit of 300 KB, the size and the time of modification as they were; also where the log was read in part."""
    place = tmp_path / "logs"
    place.mkdir()
    rows = [dict(logs.ROWS[0], id=f"{number:05}", session=f"s{number:05}") for number in range(2_000)]
    for name in ("0.jsonl", "1.jsonl"):
        logs.write(place, name, rows=rows)
    assert stopped(place, files, "--paid-only", lines=lines).code == STOPPED
    log = place / "0.jsonl"
    before, text = log.stat(), log.read_text()
    log.write_text(text.replace('"00800", "input": 210', '"00800", "input": 910'))
    os.utime(log, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (log.stat().st_size, log.read_text() != text) == (before.st_size, True)
    assert f"{log.resolve()} has changed since" in refused(place, "--paid-only")


def test_a_checkpoint_that_is_no_file_is_refused(folder: Path) -> None:
    """A pipe would never end, and a folder holds nothing."""
    os.mkfifo(folder.parent / "kept")
    for place in (folder.parent / "kept", folder.parent):
        ran = run("replay", folder / "0.jsonl", "--checkpoint", place)
        assert (ran.code, ran.out) == (2, "")
        assert f"{place}: not a file; name another one" in ran.err


KILLED = """
import os, signal, sys
from cachecost.cli import checkpoint, main

checkpoint.PATIENCE, checkpoint.EVERY, within = 0, 1, checkpoint.Checkpoint.within

def killed(kept, file, **rest):
    within(kept, file, **rest)
    if (os.path.basename(file.name), file.entries) == ("1.jsonl", 4):
        os.kill(os.getpid(), signal.SIGKILL)

checkpoint.Checkpoint.within = killed
main()
"""


def test_a_command_that_was_killed_goes_on_where_it_was(folder: Path) -> None:
    """Killed without a warning after the fourth line of the second file; the rest makes the same report."""
    kept = folder.parent / "kept"
    command = [sys.executable, "-c", KILLED, "replay", str(folder), "--checkpoint", str(kept)]
    assert subprocess.run(command, capture_output=True).returncode == -signal.SIGKILL
    assert kept.exists()
    whole = run("replay", folder, "--json").json
    assert run("replay", folder, "--checkpoint", kept, "--json").json == whole


def test_a_log_that_came_since_is_read_too(folder: Path) -> None:
    """More files than before are no reason to begin anew."""
    stopped(folder, 3)
    logs.write(folder, "9.jsonl", rows=[logs.ROWS[0]])
    kept = run("replay", folder, "--checkpoint", folder.parent / "kept", "--json")
    assert kept.json == run("replay", folder, "--json").json


def test_what_is_kept_comes_back_as_it_was() -> None:
    """A tally; and a class that is not on the list is refused before anything of it is called."""
    tally = Tally([(RateKey("a/b", "batch", None, 16, 1), "input", 10**20)])
    kept = {1: (tally, {b"x" * 16})}
    assert checkpoint.Unpickler(io.BytesIO(pickle.dumps(kept))).load() == kept
    with pytest.raises(pickle.UnpicklingError):
        checkpoint.Unpickler(io.BytesIO(pickle.dumps(subprocess.run))).load()
