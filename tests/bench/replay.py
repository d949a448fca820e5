"""What-ifs over logs: requests a second, five times to live against one, losses, and a trace with block ids."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime

from cachecost.catalog.catalog import Catalog
from cachecost.engines.machine import Duck, EngineLimits, database
from cachecost.replay.clairvoyant import least
from cachecost.replay.epochs import Epochs, microseconds
from cachecost.replay.losses import lost
from cachecost.replay.policies import offered, policy, tallies
from cachecost.replay.survey import survey
from cachecost.replay.traffic import LOGGED, RequestTable

SHEET = Epochs(Catalog().sheet("claude-sonnet-4-5"))
SHEETS = {SHEET.name: SHEET}
START = microseconds(datetime(2026, 8, 1, tzinfo=UTC))
WEEK = 7 * 86_400 * 10**6
LIVES = ("5m", "10m", "30m", "1h", "2h")


def best(call: Callable[[], object], rounds: int = 3) -> float:
    """Seconds of the fastest round."""
    taken = []
    for _ in range(rounds):
        begin = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begin)
    return min(taken)


def logged(duck: Duck, requests: int, many: int) -> RequestTable:
    """Requests of so many sessions over a week, with reads and writes."""
    traffic = RequestTable(duck)
    traffic.lines["cache_write:5m"] = 0
    values = {
        "place": "i",
        "moment": f"{START} + CAST(hash(i * 3) % {WEEK} AS BIGINT)",
        "session": f"CAST(hash(i) % {many} AS BIGINT)",
        "prompt": "prompt",
        "size": "prompt",
        "output": "CAST(1 + hash(i * 5) % 1000 AS BIGINT)",
        "read": "read",
        "put": "CAST(hash(i * 11) % (prompt - read + 1) AS BIGINT)",
        "line": "0",
        "key": "CAST(hash(i * 13) % 2 AS INTEGER)",
    }
    columns = ", ".join(values.get(name, "NULL") for name in LOGGED)
    prompts = f"SELECT i, CAST(500 + hash(i * 7) % 99500 AS BIGINT) AS prompt FROM range({requests}) t(i)"
    duck.rows(
        f"INSERT INTO requests SELECT {columns} FROM "
        f"(SELECT *, CAST(hash(i * 17) % (prompt + 1) AS BIGINT) AS read FROM ({prompts}))"
    )
    return traffic


def conversations(requests: int = 12_000) -> list[tuple[object, ...]]:
    """A trace of about 290,000 touches of blocks: conversations that grow, all with one first block."""
    drawn, fresh = random.Random(1), iter(range(1, 10**9))
    messages: list[tuple[object, ...]] = []
    open_: list[list[int]] = []
    for number in range(requests):
        if not open_ or drawn.random() < 0.4:
            open_.append([0])
        path = drawn.choice(open_[-400:])
        path += [next(fresh) for _ in range(drawn.randrange(1, 25))]
        messages.append((number, START + number * 300_000, 0, 512 * len(path) + 100, 300, None, list(path)))
    return messages


def replays() -> None:
    """One life, five lives in one pass, losses; and block ids."""
    keys = {0: SHEET.key(START, 10_000), 1: SHEET.key(START, 10_000, service="batch")}
    one = [policy("written:5m")]
    five = [policy(f"written:{life}")._replace(ttl="5m") for life in LIVES]
    many = 10_000_000
    with database(EngineLimits(threads=2, memory="2GB")) as duck:
        traffic = logged(duck, many, 1_000_000)
        requests = survey(duck, "requests", keys, SHEETS)
        single, several = (
            best(lambda p=p: tallies(requests, p), 1)  # type: ignore[misc]
            for p in (one, five)
        )
        print(f"what-if of {many:,} requests, one TTL   {many / single / 1e6:8.1f} M requests a second")
        print(f"  five TTLs in one pass take {several / single:.2f} times as long")
        taken = best(lambda: lost(requests, list(traffic.lines)), 1)
        print(f"losses of {many:,} requests  {taken:8.1f} s\n")
    messages = conversations()
    columns = ("place", "moment", "key", "prompt", "output", "session", "blocks")
    with database(EngineLimits(threads=2)) as duck:
        rows = (dict(zip(columns, each, strict=True)) for each in messages)
        duck.load("told", LOGGED, [list(map(each.get, LOGGED)) for each in rows])
        first = {0: keys[0]}
        touches, policies = sum(len(row[-1]) for row in messages), offered(first.values(), SHEETS)  # type: ignore[arg-type]
        trace = survey(duck, "told", first, SHEETS)
        taken = best(lambda: tallies(trace, policies))
        bound = best(lambda: least(trace), 1)
        print(f"trace of {len(messages):,} requests, {touches:,} touches of blocks")
        print(f"  {len(policies)} policies together      {taken * 1e3:8.1f} ms")
        print(f"  the clairvoyant bound       {bound * 1e3:8.1f} ms\n")


if __name__ == "__main__":
    replays()
