"""What-ifs over logs: requests a second over arrays, five times to live against one, and a trace with block ids."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np

from cachecost.catalog.catalog import Catalog
from cachecost.replay import blocks_swift, clairvoyant, losses_swift, sessions, sessions_swift
from cachecost.replay.blocks import Trace
from cachecost.replay.columns import Columns
from cachecost.replay.epochs import Epochs, microseconds
from cachecost.replay.losses import Asked, Losses
from cachecost.replay.policy import Policy, offered, policy
from cachecost.replay.tally import Key, key_of

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


def logged(requests: int, many: int) -> Columns:
    """Requests of so many sessions over a week, sorted by time."""
    drawn = np.random.Generator(np.random.PCG64(1))
    prompt = drawn.integers(500, 100_000, requests)
    at = np.sort(drawn.integers(START, START + WEEK, requests))
    output, session = drawn.integers(1, 1_000, requests), drawn.integers(0, many, requests)
    return Columns(at, drawn.integers(0, 2, requests), prompt, prompt, output, session)


def conversations(requests: int = 12_000) -> Trace:
    """A trace of about 290,000 touches of blocks: conversations that grow, all with one first block."""
    drawn, fresh = random.Random(1), iter(range(1, 10**9))
    told = Trace([], [], [], [], [])
    open_: list[list[int]] = []
    for number in range(requests):
        if not open_ or drawn.random() < 0.4:
            open_.append([0])
        path = drawn.choice(open_[-400:])
        path += [next(fresh) for _ in range(drawn.randrange(1, 25))]
        row = (START + number * 300_000, 0, 512 * len(path) + 100, 300, tuple(path))
        for column, value in zip(told, row, strict=True):
            column.append(value)  # type: ignore[attr-defined]
    return told


def wasted(columns: Columns, keys: list[Key]) -> None:
    """What was spent for nothing: over arrays, against one request after another."""
    drawn = np.random.Generator(np.random.PCG64(2))
    read = drawn.integers(0, columns.prompt + 1)
    put, line = drawn.integers(0, columns.prompt - read + 1), np.zeros(len(read), np.int64)
    told = losses_swift.Requests(columns.session, columns.key, columns.at, read, put, line, columns.prompt)
    taken = best(lambda: losses_swift.lost(SHEETS, keys, ["cache_write:5m"], told, {}), 1)
    few = losses_swift.Requests(*(column[:200_000].tolist() for column in told))
    rows = list(zip(*few, strict=True))

    def one_by_one() -> None:
        losses = Losses(SHEETS)
        for session, key, at, got, wrote, _, prompt in rows:
            losses.follow(session, at, keys[key], Asked(prompt, got, wrote), (("cache_write:5m", wrote),))

    many, slow = len(read), best(one_by_one, 1) / len(rows)
    print(
        f"losses of {many:,} requests       {taken:8.1f} s, {slow * many / taken:.0f} times as fast as the plain road\n"
    )


def replays() -> None:
    """Sessions over arrays, against the same in plain Python; five lives against one; and block ids."""
    keys = [key_of(SHEET, START, 10_000), key_of(SHEET, START, 10_000, service="batch")]
    one = [policy("written:5m")]
    five = [policy(f"written:{life}")._replace(ttl="5m") for life in LIVES]
    columns, few = logged(10_000_000, 1_000_000), logged(200_000, 20_000)

    def fold(road: type, policies: list[Policy], told: Columns) -> None:
        folded = road(keys, SHEETS, policies)
        folded.feed(told)
        folded.tallies()

    single, several = (best(lambda p=p: fold(sessions_swift.Fold, p, columns)) for p in (one, five))  # type: ignore[misc]
    plain_few = Columns(*(column.tolist() for column in few))
    slow = best(lambda: fold(sessions.Fold, one, plain_few), 1)
    many = len(columns.at)
    print(f"what-if of {many:,} requests, one TTL   {many / single / 1e6:8.1f} M requests a second")
    print(f"  five TTLs in one pass take {several / single:.2f} times as long")
    print(f"  {(many / single) / (len(few.at) / slow):.0f} times as fast as the plain road\n")
    wasted(columns, keys)
    told = conversations()
    touches, policies = sum(map(len, told.blocks)), offered(keys[:1], SHEETS)
    taken = best(lambda: blocks_swift.replay(told, keys[:1], SHEETS, policies))
    least = best(lambda: clairvoyant.of_blocks(told, keys[:1], SHEETS), 1)
    print(f"trace of {len(told.at):,} requests, {touches:,} touches of blocks")
    print(f"  {len(policies)} policies together      {taken * 1e3:8.1f} ms")
    print(f"  the clairvoyant bound       {least * 1e3:8.1f} ms\n")


if __name__ == "__main__":
    replays()
