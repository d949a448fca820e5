"""An answer goes into a file in the format of its suffix, whole or not at all, and never over what was read."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from .. import replay_logs as logs
from ..command import SCRIPT, Ran, environment, run

ASK = ("-c", "100K", "-n", "10", "-q", "0", "-a", "0")
BEGINS = {"x.csv": "model,version,", "x.json": "{", "X.MD": "10 queries over", "x.markdown": "10 queries over"}
BEGINS |= {"x.txt": "10 queries over", "x": "10 queries over"}


def limited(*arguments: str | Path, size: int = 512) -> Ran:
    """A command that may write no file larger than so many bytes, as where the disk is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "dont_write_bytecode", True)  # Python would keep modules cut off at the limit
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            return run(*arguments)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("name", BEGINS)
def test_the_suffix_chooses_the_format(tmp_path: Path, name: str) -> None:
    assert run("compare", "gpt-4o", *ASK, "-o", tmp_path / name) == (0, "", "")
    written = (tmp_path / name).read_text()
    assert written.startswith(BEGINS[name])
    assert ("| --- " in written or "|---" in written) == (name.lower().endswith(("md", "markdown")))


def test_two_formats_on_one_command_line_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON was printed whatever --format said; a setting gives way to the flag."""
    refused = run("compare", "gpt-4o", *ASK, "--json", "--format", "csv")
    assert refused == (2, "", "cachecost: --json: the format is csv too; leave one of the two out\n")
    assert run("compare", "gpt-4o", *ASK, "--json", "--format", "json").json["schema_version"] == 1
    monkeypatch.setenv("CACHECOST_FORMAT", "csv")
    assert run("compare", "gpt-4o", *ASK, "--json").json["schema_version"] == 1


@pytest.mark.parametrize(
    "command",
    [
        ("compare", "gpt-4o", *ASK),
        ("plan", "gpt-4o", *ASK),
        ("curve", "gpt-4o", "-c", "1K", "-q", "0", "-a", "0"),
        ("sweep", "gpt-4o", *ASK, "--sweep", "queries=1..3:3"),
        ("quote", "gpt-4o", "--input", "2K"),
        ("show", "gpt-4o"),
        ("prices", "history", "gpt-4o"),
        ("fanout", "claude-opus-5-5", "-c", "100K", "--requests", "3"),
    ],
)
def test_every_command_writes_json_and_csv_by_suffix_and_refuses_other_suffixes(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    assert run(*command, "-o", tmp_path / "x.json").code == 0
    json.loads((tmp_path / "x.json").read_text())
    assert run(*command, "-o", tmp_path / "x.csv") == (0, "", "")
    assert (tmp_path / "x.csv").read_text() == run(*command, "--format", "csv").out
    for name in ("x.xlsx", "x.html", "x.csv.gz", "x.svg"):
        refused = run(*command, "-o", tmp_path / name)
        assert (refused.code, refused.out, "expected .json, .csv, .md" in refused.err) == (2, "", True)
        assert not (tmp_path / name).exists()


def test_a_replay_writes_html_and_parquet_by_suffix(tmp_path: Path) -> None:
    log = logs.write(tmp_path)
    assert run("replay", log, "-o", tmp_path / "r.html").code == 0
    assert (tmp_path / "r.html").read_text().startswith("<!doctype html>")
    assert run("replay", log, "-o", tmp_path / "r.parquet").code == 0
    assert (tmp_path / "r.parquet").read_bytes().startswith(b"PAR1")
    assert run("replay", log, "--format", "focus", "-o", tmp_path / "f.csv").code == 0
    assert run("replay", log, "--emit-sql", "duckdb", "-o", tmp_path / "q.sql").code == 0


@pytest.mark.parametrize("said", [["--json"], ["--format", "json"], ["--format", "table"]])
def test_a_suffix_and_another_format_are_refused(tmp_path: Path, said: list[str]) -> None:
    refused = run("compare", "gpt-4o", *ASK, *said, "-o", tmp_path / "x.csv")
    assert (refused.code, "x.csv ends in .csv, and the format is" in refused.err) == (2, True)
    assert not (tmp_path / "x.csv").exists()


def test_the_suffix_wins_over_a_format_in_the_settings(tmp_path: Path) -> None:
    (tmp_path / ".cachecost.toml").write_text("format = 'markdown'\n")
    assert run("compare", "gpt-4o", *ASK, "-o", "x.csv", cwd=tmp_path) == (0, "", "")
    assert (tmp_path / "x.csv").read_text().startswith("model,version,")


def test_records_are_written_one_a_line(tmp_path: Path) -> None:
    record = b'{"id": 1, "model": "gpt-4o", "usage": {"input": 1}}\n'
    assert run("quote", "--from", "-", "-o", tmp_path / "x.jsonl", stdin=record) == (0, "", "")
    assert json.loads((tmp_path / "x.jsonl").read_text())["id"] == 1
    refused = run("quote", "--from", "-", "-o", tmp_path / "x.csv", stdin=record)
    assert (refused.code, "expected .jsonl, .ndjson, .json" in refused.err) == (2, True)


def test_a_dash_is_stdout(tmp_path: Path) -> None:
    question = ("quote", "gpt-4o", "--input", "2K", "--at", "2026-11-01")
    assert run(*question, "-o", "-", cwd=tmp_path) == run(*question)
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_and_a_device_are_written_to_as_they_are(tmp_path: Path) -> None:
    place = tmp_path / "answer.json"
    with place.open("wb") as shell:
        question = [SCRIPT, "quote", "gpt-4o", "--input", "2K", "--json", "-o", "/dev/stdout"]
        subprocess.run(question, stdout=shell, env=environment(), check=True)
    assert json.loads(place.read_text())["currency"] == "USD"
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["cat", tmp_path / "pipe"], stdout=subprocess.PIPE) as reader:
        assert run("quote", "gpt-4o", "--input", "2K", "--json", "-o", tmp_path / "pipe").code == 0
        assert reader.stdout is not None
        assert json.loads(reader.stdout.read())["currency"] == "USD"


# -- no output is an input ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flag", ["--out", "--checkpoint"])
@pytest.mark.parametrize("link", ["itself", "symbolic", "hard", "dots"])
def test_a_log_is_never_written_over(tmp_path: Path, flag: str, link: str) -> None:
    """By whatever name the same file is given; its bytes stay as they were."""
    log = logs.write(tmp_path, "log.jsonl")
    before = log.read_bytes()
    other = {"itself": log, "dots": tmp_path / ".." / tmp_path.name / "log.jsonl"}.get(link, tmp_path / "other.jsonl")
    if link == "symbolic":
        other.symlink_to(log)
    if link == "hard":
        other.hardlink_to(log)
    for logged in (log, tmp_path):
        refused = run("replay", logged, "--json", flag, other)
        assert (refused.code, refused.out, log.read_bytes()) == (2, "", before)
        assert "is a file that this command reads; name another one" in refused.err


@pytest.mark.parametrize("flag", ["--out", "--checkpoint"])
def test_a_link_to_itself_cannot_be_written(tmp_path: Path, flag: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    refused = run("replay", logs.write(tmp_path), flag, tmp_path / "loop")
    assert (refused.code, refused.out, "loop cannot be written" in refused.err) == (2, "", True)


def test_nothing_else_that_is_read_is_written_over(tmp_path: Path) -> None:
    """Records, instants, documents, settings and price sheets."""
    records, times, words = tmp_path / "r.jsonl", tmp_path / "times", tmp_path / "words.txt"
    settings, page = tmp_path / ".cachecost.toml", tmp_path / "prices" / "openai" / "gpt-4o.yaml"
    records.write_text('{"id": 1, "model": "gpt-4o", "usage": {"input": 1}}\n')
    times.write_text("2026-11-01\n2026-11-02\n")
    words.write_text("some words")
    settings.write_text("region = ''\n")
    page.parent.mkdir(parents=True)
    page.write_bytes((Path(__file__).parents[2] / "pricing" / "openai" / "gpt-4o.yaml").read_bytes())
    compare, rest = ("compare", "gpt-4o"), ("-q", "0", "-a", "0")
    for question in (
        ("quote", "--from", records, "-o", records),
        (*compare, "-c", "1K", *rest, "--times", times, "-o", times),
        (*compare, "-f", words, *rest, "-o", words),
        (*compare, "-f", words.parent, *rest, "-o", words),
        (*compare, *ASK, "--format", "table", "-o", settings),
        (*compare, *ASK, "--format", "table", "--prices", tmp_path / "prices", "-o", page),
        ("curve", "gpt-4o", "-f", words, *rest, "--chart", words),
    ):
        before = {path: path.read_bytes() for path in (records, times, words, settings, page)}
        refused = run(*question, cwd=tmp_path)
        assert (refused.code, "is a file that this command reads" in refused.err) == (2, True), (question, refused)
        assert before == {path: path.read_bytes() for path in before}


def test_what_comes_from_stdin_is_not_written_over(tmp_path: Path) -> None:
    log = logs.write(tmp_path, "log.jsonl")
    before = log.read_bytes()
    with log.open("rb") as stdin:
        question = [SCRIPT, "replay", "-", "--json", "-o", log]
        refused = subprocess.run(question, stdin=stdin, capture_output=True, env=environment(), check=False)
    assert (refused.returncode, log.read_bytes()) == (2, before)


def test_two_outputs_are_two_files(tmp_path: Path) -> None:
    question = ("curve", "gpt-4o", "-c", "1K", "-q", "0", "-a", "0")
    place = tmp_path / "x.vl.json"
    refused = run(*question, "--chart", place, "-o", place)
    assert (refused.code, "is written by --" in refused.err) == (2, True)


# -- whole, or not at all -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("flag", "name"), [("-o", "x.json"), ("-o", "x.txt"), ("--chart", "x.vl.json")])
def test_a_full_disk_leaves_the_old_file_whole(tmp_path: Path, flag: str, name: str) -> None:
    """Exit 2, no half of a new file, and nothing beside it."""
    place = tmp_path / name
    place.write_text("as it was")
    ran = limited("curve", "gpt-4o", "-c", "1K", "-n", "1..50", "-q", "0", "-a", "0", flag, place)
    assert (ran.code, "cannot be written: File too large" in ran.err) == (2, True)
    assert (place.read_text(), list(tmp_path.iterdir())) == ("as it was", [place])


def test_a_full_disk_leaves_records_reports_and_checkpoints_whole(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    place, log = tmp_path / "out" / "x", logs.write(tmp_path)
    for flags in (["--json", "-o"], ["--format", "parquet", "-o"], ["--format", "html", "-o"], ["--checkpoint"]):
        ran = limited("replay", log, *flags, place, size=400)
        assert (ran.code, "cannot be written: File too large" in ran.err) == (2, True), ran.err
        assert list(place.parent.iterdir()) == []


def test_a_full_disk_for_temporary_files_is_a_refusal(tmp_path: Path) -> None:
    """The requests of a log pass through a file on their way into the database."""
    ran = limited("replay", logs.write(tmp_path), size=64)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "cannot be written: File too large; make room, or name another folder with --spill" in ran.err


def test_permissions_and_links_stay(tmp_path: Path) -> None:
    place, link = tmp_path / "answer.json", tmp_path / "link.json"
    place.write_text("old")
    place.chmod(0o640)
    link.symlink_to(place)
    assert run("quote", "gpt-4o", "--input", "2K", "-o", link).code == 0
    assert (link.is_symlink(), place.stat().st_mode & 0o777) == (True, 0o640)
    assert json.loads(place.read_text())["currency"] == "USD"


def test_a_chart_for_each_file_that_is_named(tmp_path: Path) -> None:
    charts = ("--chart", tmp_path / "a.vl.json", "--chart", tmp_path / "b.vl.json")
    assert run("curve", "gpt-4o", "-c", "1K", "-q", "0", "-a", "0", *charts).code == 0
    assert (tmp_path / "a.vl.json").read_bytes() == (tmp_path / "b.vl.json").read_bytes() != b""
    refused = run(
        "curve", "gpt-4o", "-c", "1K", "-q", "0", "-a", "0", "--chart", tmp_path / "c.svg", "--chart", "d.gif"
    )
    assert (refused.code, "d.gif is of no known kind" in refused.err) == (2, True)
    assert not (tmp_path / "c.svg").exists()
