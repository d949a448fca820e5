"""What caching wasted, found one request after another and over arrays: the same to the last token."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cachecost.replay import losses_swift, touches
from cachecost.replay.epochs import Epochs
from cachecost.replay.losses import EXPIRY, MINIMUM, NEVER_READ, Asked, Losses
from cachecost.replay.losses_swift import Requests
from cachecost.replay.tally import Key
from cachecost.replay.touches import MOST
from cachecost.replay.traffic import LOGGED, Traffic

from .tables import DUCK
from .test_losses import CATALOG, MINUTE, SONNET, START

GPT, GEMINI = (Epochs(CATALOG.sheet(name)) for name in ("azure/gpt-5.6-sol", "gemini-2.5-pro"))


def _changing() -> Epochs:
    """A sheet on whose second card entries live for an hour where nobody says how long."""
    before, now = SONNET.cards[:2]
    assert now.caching.written
    written = replace(now.caching.written, default_ttl="1h")
    cards = before, replace(now, caching=now.caching._replace(written=written))
    return Epochs(replace(SONNET.sheet, model="changing", cards=cards))


CHANGING = _changing()
SHEETS = {each.name: each for each in (SONNET, GPT, GEMINI, CHANGING)}
ONE = Key(SONNET.name, epoch=SONNET.at(START))
BATCH = ONE._replace(service="batch", row=1)
KEYS = [ONE, BATCH, *(Key(each.name, epoch=each.at(START)) for each in (GPT, GEMINI))]
KEYS += [Key(CHANGING.name, epoch=CHANGING.at(at)) for at in (CHANGING.starts[0], START)]
LINES = ["cache_write:5m", "cache_write:1h", "cache_write"]
MINUTES, HOUR, UNTOLD = range(3)
Several = dict[int, tuple[tuple[str, int], ...]]
Counts = Counter[tuple[str, Key, str]]


def told(rows: list[tuple[int, ...]]) -> Requests:
    """Rows of session, key, microseconds after the start, read, put, line and tokens sent plain."""
    columns = np.array(rows, np.int64).reshape(-1, 7).T
    session, key, after, read, put, line, plain = columns
    return Requests(session, key, START + after, read, put, np.where(put > 0, line, -1), read + put + plain)


def plainly(requests: Requests, several: Several) -> Counts:
    """The counts by the plain road, with the writes that wait when their session ends."""
    losses = Losses(SHEETS)
    rows = zip(*(column.tolist() for column in requests), strict=True)
    for place, (session, key, at, read, put, line, prompt) in enumerate(rows):
        if session != -1 and key != -1:
            written = several.get(place) or (((LINES[line], put),) if put else ())
            losses.follow(session, at, KEYS[key], Asked(prompt, read, put), written)
    return losses.counts()


def swiftly(requests: Requests, several: Several | None = None, *, chunk: int = 1 << 17, jumps: int = 32) -> Counts:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(losses_swift, "CHUNK", chunk)
        patch.setattr(touches, "JUMPS", jumps)
        return losses_swift.lost(SHEETS, KEYS, LINES, requests, several or {})


def alone(*rows: tuple[int, int, int], line: int = MINUTES) -> dict[tuple[str, str], int]:
    """What one session of Claude Sonnet lost, by reason and line, if not by the plain road: (minute, read, put)."""
    requests = told([(0, 0, at * MINUTE, read, put, line, 10) for at, read, put in rows])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(losses_swift._Fold, "_one_by_one", None)
        return {(what, line): tokens for (what, _, line), tokens in swiftly(requests).items()}


def test_a_write_meets_entries_of_several_ages() -> None:
    """3,000 tokens of minute 0 were dead in minute 6 and 2,000 of minute 2 were not: of 4,000 written then, 2,000 are
    not counted but take the place of others in vain, 1,000 are expiry, 1,000 new and never read."""
    lost = alone((0, 0, 3_000), (2, 0, 2_000), (6, 0, 4_000))
    # in vain: 2,000 of minute 0 under those of minute 2, these 2,000, and of the last the first 2,000 and 1,000
    assert lost == {(EXPIRY, LINES[0]): 1_000, (NEVER_READ, LINES[0]): 2_000 + 2_000 + 3_000}


def test_an_entry_dies_after_its_life_and_not_at_its_end() -> None:
    """In minute 5 that of minute 0 still lives, which was in vain; in minute 11 that of minute 5 has died: expiry, and
    neither the dead nor the repeat that nobody reads is counted besides."""
    lost = alone((0, 0, 2_000), (5, 0, 2_000), (11, 0, 2_000))
    assert lost == {(NEVER_READ, LINES[0]): 2_000, (EXPIRY, LINES[0]): 2_000}


def test_reads_beyond_what_was_written_stand_for_entries_too() -> None:
    """5,000 were read though 2,000 had been written; six minutes later all 5,000 have died. What was written in minute
    0 was read, and of the last write 500 are new and wait in vain."""
    assert alone((0, 0, 2_000), (1, 5_000, 0), (7, 0, 5_500)) == {
        (EXPIRY, LINES[0]): 5_000,
        (NEVER_READ, LINES[0]): 500,
    }


def test_a_shorter_prompt_reads_the_beginning() -> None:
    """1,500 of 4,000 were read; the rest was written again in minute 2 while it lived, and that was read."""
    assert alone((0, 0, 4_000), (1, 1_500, 0), (2, 1_500, 2_500), (3, 4_000, 0)) == {(NEVER_READ, LINES[0]): 2_500}


def test_hours_need_no_plain_road_where_what_is_read_was_written() -> None:
    """Reads of Claude's entries live as they were written, and nobody asks for its default of five minutes: the 300 of
    minute 50 were read, and 2,000 and 300 written again in minute 111 had died."""
    asked = (0, 0, 2_000), (50, 2_000, 300), (50, 2_300, 0), (111, 0, 2_400)
    assert alone(*asked, line=HOUR) == {(EXPIRY, LINES[1]): 2_300, (NEVER_READ, LINES[1]): 100}


def test_writes_below_the_minimum_touch_nothing() -> None:
    """1,023 without a read were billed plain, and the prompt of 1,033 is not below the minimum of 1,024."""
    assert alone((0, 0, 1_023), (1, 0, 1_023)) == {}
    assert alone((0, 0, 1_013), (1, 0, 900), (6, 0, 900), (12, 0, 900)) == {(MINIMUM, "input"): 910 + 910}


SIZES = st.sampled_from([0, 0, 500, 1_023, 1_024, 1_025, 1_500, 2_000, 3_000])
GAPS = st.sampled_from([0, 1, MINUTE, 5 * MINUTE, 5 * MINUTE + 1, 30 * MINUTE, 30 * MINUTE + 1, 60 * MINUTE + 1])
ROADS = {"chunk": st.sampled_from([1, 3, 1 << 17]), "jumps": st.sampled_from([0, 1, 2, 32])}


def rows_of(*, sessions: list[int], keys: list[int], lines: list[int]) -> Any:
    plain = st.sampled_from([1, 900, 1_100])
    columns = st.sampled_from(sessions), st.sampled_from(keys), GAPS, SIZES, SIZES, st.sampled_from(lines), plain
    return st.lists(st.tuples(*columns), max_size=24)


def in_time(rows: list[tuple[int, ...]]) -> Requests:
    """Gaps turned into times."""
    found, at = [], 0
    for session, key, gap, *rest in rows:
        at += gap
        found.append((session, key, at, *rest))
    return told(found)


@settings(max_examples=50)
@given(rows_of(sessions=[0], keys=[0, 1], lines=[MINUTES]), ROADS["chunk"], ROADS["jumps"])
def test_one_session_with_one_life_needs_no_plain_road(rows, chunk, jumps) -> None:
    """Gaps below, at and above the life, prompts that shrink and grow, and reads of more than anybody wrote."""
    requests = in_time(rows)
    expected = plainly(requests, {})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(losses_swift._Fold, "_one_by_one", None)
        assert swiftly(requests, chunk=chunk, jumps=jumps) == expected


@settings(max_examples=50)
@given(
    rows_of(sessions=[-1, 0, 1, 2, 3], keys=[-1, *range(len(KEYS))], lines=[MINUTES, HOUR, UNTOLD]),
    st.sets(st.integers(0, 23), max_size=2),
    ROADS["chunk"],
    ROADS["jumps"],
)
def test_sessions_of_all_kinds_are_told_alike(rows, split, chunk, jumps) -> None:
    """Several sheets and lives in one session, writes of two lines, requests without a session or a price."""
    requests = in_time(rows)
    several: Several = {}
    for place in split & set(range(len(rows))):
        put = int(requests.put[place])
        several[place] = (LINES[MINUTES], put // 3), (LINES[HOUR], put - put // 3)
    assert swiftly(requests, several, chunk=chunk, jumps=jumps) == plainly(requests, several)


@settings(max_examples=40)
@given(rows_of(sessions=[0, 1], keys=[4, 5], lines=[MINUTES, HOUR, UNTOLD]))
def test_a_sheet_may_change_how_long_entries_live(rows) -> None:
    """A write that names no TTL lives as long as its card says, and so does what is read and was never written."""
    requests = in_time(rows)
    assert swiftly(requests) == plainly(requests, {})


def drawn(size: int, sessions: int, seed: int) -> tuple[Requests, Several]:
    """Conversations that grow, are cut and sent again with any pause, each on a model or two of its own."""
    random, rows, several = Random(seed), [], Several()
    at, known, models = (
        0,
        Counter[int](),
        [random.choice(([0], [0, 1], [2], [3], [4, 5], [0, 2])) for _ in range(sessions)],
    )
    for place in range(size):
        at += random.choice((0, 1, MINUTE // 100, MINUTE // 10))
        session = random.randrange(sessions)
        read = random.choice((known[session], known[session], 0, random.randrange(9_000)))
        put = random.choice((0, random.randrange(1_200), random.randrange(6_000)))
        line = MINUTES if session % 3 else random.choice((HOUR, UNTOLD))
        if random.random() < 0.002 and put:
            several[place] = (LINES[MINUTES], put // 2), (LINES[HOUR], put - put // 2)
        rows.append((session, random.choice(models[session]), at, read, put, line, random.randrange(1, 1_500)))
        known[session] = read + put if random.random() < 0.9 else 0
    return told(rows), several


def test_a_long_log_is_told_alike() -> None:
    """20,000 requests in 400 sessions, in chunks and at once."""
    requests, several = drawn(20_000, 400, seed=7)
    expected = plainly(requests, several)
    assert {what for what, *_ in expected} == {EXPIRY, MINIMUM, NEVER_READ}
    assert len(expected) > 20
    assert swiftly(requests, several) == swiftly(requests, several, chunk=500, jumps=3) == expected


def test_a_table_is_read_some_sessions_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same from the table of a log, in several parts, as from columns."""
    requests, several = drawn(3_000, 60, seed=9)
    traffic = Traffic(DUCK)
    traffic.lines = {line: place for place, line in enumerate(LINES)}
    rows = []
    for place, (session, key, at, read, put, line, prompt) in enumerate(zip(*map(list, requests), strict=True)):
        told = {
            "place": place,
            "moment": at,
            "session": session,
            "key": key,
            "prompt": prompt,
            "read": read,
            "put": put,
        }
        told |= {"line": line, "several": traffic.by_line(several[place]) if place in several else None}
        rows.append([told.get(name) for name in LOGGED])
    DUCK.load("requests", LOGGED, rows)
    monkeypatch.setattr(losses_swift, "HELD", 700)
    assert losses_swift.of_table(DUCK, "requests", KEYS, LINES, SHEETS) == plainly(requests, several)


def test_counts_of_whole_sessions_add_up() -> None:
    """Two batches, each with all requests of its sessions, lose what both lose together."""
    requests, _ = drawn(2_000, 40, seed=8)
    batches = [Requests(*(column[requests.session % 2 == half] for column in requests)) for half in (0, 1)]
    assert swiftly(batches[0]) + swiftly(batches[1]) == swiftly(requests)


def test_steps_down_are_climbed_by_every_road() -> None:
    """Each write ends 10 tokens before the one before it; those above all meet as many touches as there are."""
    steps = [(0, 0, place, 0, 9_000 - 10 * place if place < 200 else 9_500, MINUTES, 1) for place in range(400)]
    assert swiftly(told(steps)) == swiftly(told(steps), jumps=1_000) == plainly(told(steps), {})


def test_sums_are_exact_where_floats_are_not() -> None:
    """2**53 + 1 tokens of writes that nobody read, and one of 2**62, which no sum over arrays would bear."""
    large, huge = (2**53 + 1) // 9_000, 2**62
    rows = [(place % 9_000, 0, 0, 0, large, MINUTES, 0) for place in range(9_000)]
    rows += [
        (0, 0, MINUTE, 0, large, MINUTES, 0),
        (9_000, 0, MINUTE, 0, huge, MINUTES, 1),
        (9_000, 0, MINUTE, huge, 1, 0, 0),
    ]
    assert large < MOST < huge
    assert swiftly(told(rows)) == {(NEVER_READ, ONE, LINES[0]): 9_001 * large + 1} == plainly(told(rows), {})


def test_sessions_may_have_any_number() -> None:
    """Numbers that leave no room for the place beside them; each session still has its own text on every sheet."""
    near = [(place % 3, place % 2 * 2, place * MINUTE, 0, 2_000 + place, MINUTES, 1) for place in range(30)]
    rows = [(session << 60, *rest) for session, *rest in near]
    assert swiftly(told(rows)) == swiftly(told(near)) == plainly(told(rows), {})


@pytest.mark.parametrize("rows", [[], [(-1, 0, 0, 0, 5_000, 0, 0), (0, -1, 0, 0, 5_000, 0, 0)]])
def test_nothing_is_lost_where_nothing_takes_part(rows) -> None:
    """No requests, or none with a session and a price."""
    assert swiftly(told(rows)) == {}
