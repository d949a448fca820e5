"""Big logs: a log priced against a mere scan of the same columns, against a loop over a library, and its memory."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from genai_prices import Usage as PeerUsage, calc_price

from cachecost.catalog.catalog import Catalog
from cachecost.engines.intake import pourer
from cachecost.engines.machine import EngineLimits, database
from cachecost.logs.names import Names
from cachecost.logs.reader import Reading
from cachecost.replay.account import Account
from cachecost.replay.ledger import Ledger
from cachecost.replay.run import Run
from cachecost.replay.tally import price

COUNTS = ("input", "cache_read", "cache_write_5m", "output")
ROWS = """SELECT TIMESTAMPTZ '2026-01-01 00:00:00+00' + INTERVAL (i * 27 // 10) SECOND AS "at",
['claude-sonnet-4-5', 'claude-opus-4-8', 'gpt-5.6-luna', 'gemini-2.5-pro', 'claude-haiku-4-5']
[1 + CAST(hash(i) % 5 AS INTEGER)] AS model, CAST(hash(i * 7) % 20000 AS BIGINT) AS input,
CAST(hash(i * 11) % 300000 AS BIGINT) AS cache_read,
CASE WHEN hash(i) % 5 IN (0, 1, 4) THEN CAST(hash(i * 13) % 30000 AS BIGINT) ELSE 0 END AS cache_write_5m,
CAST(hash(i * 17) % 4000 AS BIGINT) AS output{more} FROM range({rows}) t(i)"""
SESSION = ", 's' || (hash(i * 19) % 1000000) AS session"
# VmHWM, since what getrusage calls the largest set includes that of the process which started this one
BILL = (
    "import sys; sys.path.insert(0, sys.argv[2]); import engines; engines.bill(sys.argv[1]); "
    "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
)


def bill(path: str | Path, threads: int = 2) -> object:
    """The exact bill of a log, which the database reads by itself."""
    with database(EngineLimits(threads=threads, memory="1GB")) as duck:
        run = Run(Account(Names(Catalog()).sheet, now=0), Ledger(), duck)
        run.keep = False
        assert pourer(duck, [Path(path)], run, Reading(run.ledger), lambda done: None)(Path(path))
        return price(run.account.whole(), run.account.sheets).total


def turns(calls: dict[str, Callable[[], object]], rounds: int = 5) -> dict[str, float]:
    """Seconds of each call's fastest round, taken in turns so that they share the machine's moods."""
    taken = dict.fromkeys(calls, float("inf"))
    for _ in range(rounds):
        for name, call in calls.items():
            begin = time.perf_counter()
            call()
            taken[name] = min(taken[name], time.perf_counter() - begin)
    return taken


def made(path: Path, rows: int, more: str = "") -> Path:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")
        connection.execute(f"COPY ({ROWS.format(rows=rows, more=more)}) TO '{path}' (FORMAT parquet)")
    return path


def scan(query: str) -> None:
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(query).fetchall()


def loop(count: int = 2_000) -> float:
    """Requests a second of a loop over another library that knows dates and tiers."""
    used, at = (
        PeerUsage(input_tokens=100_000, cache_read_tokens=80_000, output_tokens=900),
        datetime(2026, 6, 1, tzinfo=UTC),
    )
    begin = time.perf_counter()
    for _ in range(count):
        calc_price(used, "gemini-2.5-pro", provider_id="google", genai_request_timestamp=at)
    return count / (time.perf_counter() - begin)


def parquet(folder: Path) -> None:
    """Ten million rows, dated rates and size tiers, against the sum of the same columns."""
    rows, path = 10_000_000, made(folder / "ten.parquet", 10_000_000)
    sums = ", ".join(f"SUM({name})" for name in COUNTS)
    floor = f"SELECT {sums}, SUM(epoch_us(\"at\")), SUM(length(model)) FROM read_parquet('{path}')"
    taken = turns({"floor": lambda: scan(floor), "bill": lambda: bill(path)})
    rate = rows / taken["bill"]
    print(
        f"log of {rows:,} rows        {taken['bill']:8.2f} s, {rate / 1e6:.1f} M rows a second, exact to the last digit"
    )
    print(f"  {taken['bill'] / taken['floor']:.2f} times a mere sum of its columns ({taken['floor']:.2f} s)")
    print(f"  {rate / loop():,.0f} times the rows a second of a loop over genai-prices")


def memory(folder: Path) -> None:
    """The largest resident set while fifty million rows are priced."""
    path = made(folder / "fifty.parquet", 50_000_000)
    messages = subprocess.check_output([sys.executable, "-c", BILL, str(path), str(Path(__file__).parent)])
    print(f"log of 50,000,000 rows        {int(messages) / 1024:8.0f} MB at most")


def messages(folder: Path) -> Path:
    """Messages of Anthropic as JSON lines, ids checked for repeats, against DuckDB's own reading of the file."""
    path, many = folder / "messages.jsonl", 300_000
    used = {
        "input_tokens": 900,
        "cache_creation_input_tokens": 2_000,
        "cache_read_input_tokens": 0,
        "output_tokens": 80,
    }
    body = {
        "type": "message",
        "model": "claude-opus-5-5",
        "content": [{"type": "text", "text": "x" * 300}],
        "usage": used,
    }
    with path.open("w", encoding="utf-8") as file:
        for number in range(many):
            file.write(json.dumps({"id": f"msg_{number}", "timestamp": "2026-11-01T10:00:00Z"} | body) + "\n")
    floor = f"SELECT COUNT(COLUMNS(*)) FROM read_json('{path}')"
    taken = turns({"floor": lambda: scan(floor), "bill": lambda: bill(path)}, rounds=3)
    print(f"{many:,} messages as JSON     {taken['bill']:8.2f} s, {many / taken['bill']:,.0f} a second")
    print(f"  {taken['bill'] / taken['floor']:.2f} times DuckDB's own read_json of the file")
    return path


def whole(folder: Path) -> None:
    """Seconds and the largest resident set of the whole report, every policy and all losses, with 1 GB for the
    database; the goal is 30 s and 2 GB on two cores."""
    rows, path = 10_000_000, made(folder / "sessions.parquet", 10_000_000, SESSION)
    command = [str(Path(sys.executable).parent / "cachecost"), "replay", str(path), "--memory", "1GB", "--json"]
    begin = time.perf_counter()
    messages = subprocess.check_output([sys.executable, "-c", REPORT, *command])
    taken, (policies, memory) = time.perf_counter() - begin, messages.split()
    print(f"whole report of {rows:,} rows  {taken:6.1f} s, {int(policies)} policies and all losses, 1,000,000 sessions")
    print(f"  {int(memory) / 1024:,.0f} MB at most, of which the database may take 1,000\n")


REPORT = """\
import json, resource, subprocess, sys
told = json.loads(subprocess.check_output(sys.argv[1:]))
print(len(told["what_if"]), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def cluster(path: Path) -> None:
    """The same messages by two workers of Spark: what the cluster costs at this size, and that the bill is the same."""
    if shutil.which("java") is None:
        print("Spark needs Java\n")
        return
    command, bills = [str(Path(sys.executable).parent / "cachecost"), "replay", str(path), "--json"], []
    for name, more in (("python", ()), ("duckdb", ()), ("spark", ("--master", "local[2]"))):
        begin = time.perf_counter()
        messages = json.loads(subprocess.check_output([*command, "--engine", name, *more]))
        bills.append((messages["totals"], messages["what_if"], messages["lost"]))
        print(f"  the whole report by {name:<10} {time.perf_counter() - begin:6.1f} s")
    print(f"  reports that differ from the first: {sum(each != bills[0] for each in bills)}\n")


def engines() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        parquet(folder)
        memory(folder)
        whole(folder)
        cluster(messages(folder))


if __name__ == "__main__":
    engines()
