"""A check on a log never passes on what could not be priced: no bill is not a bill of zero."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest

from .. import replay_logs as logs
from ..command import run
from ..conftest import ROOT

ENGINES = ["python", "duckdb"]
UNPRICED = "1 of 5 requests could not be priced"


def mixed(folder: Path, name: str = "log.jsonl") -> Path:
    """The four requests that have a price, and one of a model that no sheet claims."""
    return logs.write(folder, name, rows=[*logs.ROWS, logs.UNKNOWN])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.jsonl", b"", "the log holds no request"),
        ("empty.jsonl.gz", gzip.compress(b"", mtime=0), "the log holds no request"),
        ("page.log", b"<html>\n", "1 line could not be read"),
        ("foreign.csv", b"foo,bar\n1,2\n", "1 file could not be read; cachecost logs lists the formats that are read"),
        ("utf16.jsonl", '{"model": "gpt-4o"}\n'.encode("utf-16"), "could not be read"),
        ("unknown.jsonl", json.dumps(logs.UNKNOWN).encode(), "1 of 1 request could not be priced"),
    ],
)
def test_a_log_without_one_priced_request_exits_3(
    tmp_path: Path, engine: str, name: str, content: bytes, reason: str
) -> None:
    """With or without a check, with or without the what-if; the report is printed, and stderr gives the reason."""
    (tmp_path / name).write_bytes(content)
    for more in (["--json"], ["--paid-only", "--fail-over", "1000"]):
        ran = run("replay", tmp_path / name, "--engine", engine, *more)
        assert (ran.code, reason in ran.err, ran.out != "") == (3, True, True), (more, ran.err)
        assert ran.err.startswith("cachecost: nothing could be priced: ")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("check", "more"),
    [
        (["--strict"], []),
        (["--fail-over", "1000"], ["--paid-only", "--json"]),
        (["--fail-over", "1000"], ["--paid-only", "--format", "csv"]),
    ],
)
def test_a_check_does_not_pass_on_a_part_of_the_log(
    tmp_path: Path, engine: str, check: list[str], more: list[str]
) -> None:
    """Exit 3 and the number of requests without a price; without a check the same report is exit 0."""
    log = mixed(tmp_path)
    ran = run("replay", log, "--engine", engine, *check, *more)
    assert (ran.code, ran.err) == (3, f"cachecost: {UNPRICED}\n")
    assert run("replay", log, "--engine", engine, *more).code == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_a_line_or_a_file_that_cannot_be_read_fails_a_check(tmp_path: Path, engine: str) -> None:
    """What could be read stays within the budget, and the cost of the rest is not known."""
    log, foreign = logs.write(tmp_path, "log.jsonl"), tmp_path / "foreign.csv"
    foreign.write_text("foo,bar\n1,2\n")
    ran = run("replay", log, foreign, "--engine", engine, "--paid-only", "--fail-over", "1000")
    assert (ran.code, ran.err) == (3, "cachecost: 1 file could not be read\n")
    log.write_text(log.read_text() + '{"broken\n')
    ran = run("replay", log, "--engine", engine, "--paid-only", "--fail-over", "1000")
    assert (ran.code, ran.err) == (3, "cachecost: 1 line could not be read\n")


def test_a_checkpoint_does_not_open_the_check(tmp_path: Path) -> None:
    ran = run("replay", mixed(tmp_path), "--checkpoint", tmp_path / "kept", "--fail-over", "1000")
    assert (ran.code, (tmp_path / "kept").exists()) == (3, False)


def test_more_than_the_budget_is_exit_1_whatever_else_is_missing(tmp_path: Path) -> None:
    """1.35915 were paid for sure, so the budget of a dollar is exceeded."""
    ran = run("replay", mixed(tmp_path), "--paid-only", "--fail-over", "1")
    assert (ran.code, ran.err) == (
        1,
        f"cachecost: what was paid, 1.35915 USD, is over 1; see --fail-over\ncachecost: {UNPRICED}\n",
    )


def test_a_time_without_requests_is_no_bill_of_zero(tmp_path: Path) -> None:
    ran = run("replay", logs.write(tmp_path), "--since", "2026-11-20", "--fail-over", "1")
    assert (ran.code, ran.err) == (
        3,
        "cachecost: nothing could be priced: the log holds no request in the time asked for\n",
    )


def test_records_that_are_no_requests_do_not_fail_a_check(tmp_path: Path) -> None:
    """A line of another program between the requests, and a file without a line, hold no bill."""
    log = logs.write(tmp_path, "log.jsonl")
    log.write_text('{"level": "info", "msg": "started"}\n' + log.read_text())
    (tmp_path / "empty.jsonl").touch()
    assert run("replay", log, tmp_path / "empty.jsonl", "--fail-over", "1000", "--strict").code == 0


def test_a_record_of_no_known_format_that_counts_tokens_fails_a_check(tmp_path: Path) -> None:
    """It is likely a request of a tool that is not read yet, and its price is not known."""
    log = logs.write(tmp_path, "log.jsonl")
    log.write_text(log.read_text() + '{"engine": "new", "stats": {"promptTokens": 50000}}\n')
    ran = run("replay", log, "--paid-only", "--fail-over", "1000")
    assert (ran.code, ran.err) == (3, "cachecost: 1 line could not be read\n")
    assert "no known format has keys such as engine, stats, and it counts tokens" in ran.out


@pytest.mark.parametrize("shape", ["table", "json", "markdown", "html"])
def test_the_headline_counts_what_has_no_price(tmp_path: Path, shape: str) -> None:
    warning = " ".join(run("replay", mixed(tmp_path), "--format", shape).out.split())
    assert f"{UNPRICED}." in warning


def test_the_record_counts_what_was_read_and_what_has_a_price(tmp_path: Path) -> None:
    """Five read: four with a price and one without; since the second day two read, and three outside."""
    answer = run("replay", mixed(tmp_path), "--json").json
    assert (answer["requests_read"], answer["requests"], answer["unpriced"]) == (5, 4, 1)
    answer = run("replay", mixed(tmp_path), "--since", "2026-11-02", "--paid-only", "--json").json
    assert (answer["requests_read"], answer["requests"], answer["unpriced"]) == (5, 1, 1)
    assert answer["accounting"]["outside"] == 3


def test_the_help_names_the_exit_codes() -> None:
    warning = " ".join(run("replay", "--help").out.split())
    assert "Exit 3: nothing could be priced" in warning


def test_cost_reports_are_compared_with_usage(tmp_path: Path) -> None:
    """1,000 output tokens of Opus 4.8 at 25.00 are 2.5 cents, stated as 2.4: 4% of 2.5, more than 1%, less than 5%."""
    bucket = {"starting_at": "2026-11-01T00:00:00Z", "ending_at": "2026-11-02T00:00:00Z"}
    usage = {
        "uncached_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": 1_000,
        "model": "claude-opus-4-8",
    }
    cost = {"amount": "2.4", "currency": "USD", "description": "Output Tokens", "model": "claude-opus-4-8"}
    for name, result in (("usage", usage), ("cost", cost)):
        page = {"data": [{**bucket, "results": [result]}], "has_more": False, "next_page": None}
        (tmp_path / f"{name}.json").write_text(json.dumps(page))
    logs_of = (tmp_path / "usage.json", tmp_path / "cost.json", "--reconcile")
    strict, loose = run("replay", *logs_of, "1%"), run("replay", *logs_of, "5%", "--json")
    assert strict.code == 1
    assert "cost reports differ by more than 1%: anthropic/claude-opus-4-8 (USD)" in strict.err
    assert "Reconciled with cost reports" in strict.out
    (row,) = loose.json["reconciled"]
    assert (row["day"], row["line"], row["computed"], row["stated"]) == ("2026-11-01", "output", "0.025", "0.024")
    assert (row["difference"], row["cause"]) == ("-0.001", "rounding to a cent")
    rows = list(csv.DictReader(run("replay", *logs_of, "5%", "--format", "csv").out.splitlines()))
    assert [(row["model"], row["stated"]) for row in rows] == [("anthropic/claude-opus-4-8", "0.024")]


def test_usage_without_a_cost_report_is_not_reconciled() -> None:
    """Costs that the rows themselves state are compared without being asked for; they are no invoice."""
    code, out, err = run("replay", ROOT / "tests" / "golden" / "four-requests.jsonl", "--reconcile", "1%")
    assert (code, out) == (2, "")
    assert "--reconcile: none of the files is a cost report or an invoice" in err
