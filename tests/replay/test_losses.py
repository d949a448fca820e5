"""What caching wasted, by cause: worked by hand, told by a slow oracle, and never more than the premium."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from cachecost.catalog.catalog import Catalog
from cachecost.replay import losses as module
from cachecost.replay.epochs import Epochs, RateKey, microseconds
from cachecost.replay.losses import (
    COLD,
    COMPACTION,
    EVICTION,
    EXPIRY,
    MINIMUM,
    NEVER_READ,
    OUTLIVED,
    PREFIX,
    SWITCH,
    Counts,
    losses,
    lost,
)  # fmt: skip
from cachecost.replay.report import Loss
from cachecost.replay.survey import survey
from cachecost.replay.touches import Touches
from cachecost.replay.traffic import LOGGED

from ..conftest import PRICES
from ..oracles import losses as oracle
from ..oracles.losses import Touch
from .tables import DUCK

CATALOG = Catalog(PRICES)
SONNET, OPUS, GPT, GEMINI = (
    Epochs(CATALOG.sheet(name))
    for name in ("claude-sonnet-4-5", "claude-opus-5-5", "azure/gpt-5.6-sol", "gemini-2.5-pro")
)
START = microseconds(datetime(2026, 10, 1, tzinfo=UTC))
MINUTE = 60 * 10**6
LINES = ["cache_write:5m", "cache_write:1h", "cache_write"]
MINUTES, HOUR, UNTOLD = range(3)


def _changing() -> Epochs:
    """Sonnet with a second card, on which entries live for an hour where a write names no TTL."""
    before, now = SONNET.cards[:2]
    assert now.caching.written
    written = replace(now.caching.written, default_ttl="1h")
    cards = before, replace(now, caching=now.caching._replace(written=written))
    return Epochs(replace(SONNET.sheet, model="changing", cards=cards))


CHANGING = _changing()
SHEETS = {each.name: each for each in (SONNET, OPUS, GPT, GEMINI, CHANGING)}
KEYS = [RateKey(each.name, card=each.key(START, 1).card) for each in (SONNET, OPUS, GPT, GEMINI)]
KEYS += [
    KEYS[0]._replace(service="batch", row=1),
    *(RateKey(CHANGING.name, card=CHANGING.key(at, 1).card) for at in (CHANGING.starts[0], START)),
]
ON_SONNET, ON_OPUS, ON_GPT, ON_GEMINI = range(4)


def counted(rows: list[dict[str, Any]]) -> Counts:
    """Requests as rows of the table of a log, in its order; `put` as tokens, or as tokens by line."""
    loaded = []
    for place, row in enumerate(rows):
        several = row["put"] if isinstance(row["put"], list) else None
        put = sum(several) if several else row["put"]
        messages = {"place": place, "line": MINUTES if put and not several else -1, "session": 0, "key": 0, **row}
        messages |= {
            "moment": START + row["at"],
            "put": put,
            "several": several,
            "prompt": row["read"] + put + row.get("plain", 10),
        }
        loaded.append([messages.get(name) for name in LOGGED])
    DUCK.load("told", LOGGED, loaded)
    return lost(survey(DUCK, "told", dict(enumerate(KEYS)), SHEETS), LINES)[0]


def found(*rows: tuple[float, int, Any], key: int = ON_SONNET, line: int = MINUTES) -> dict[str, tuple[int, Decimal]]:
    """Tokens and money by cause of one session: (minute, read, put), and perhaps another key."""
    messages = [
        {
            "at": int(minute * MINUTE),
            "read": read,
            "put": put,
            "key": on[0] if on else key,
            "line": line if put and not isinstance(put, list) else -1,
        }
        for minute, read, put, *on in rows
    ]
    return {each.what: (each.tokens, each.amount) for each in losses(counted(messages), SHEETS)}


def test_a_conversation_that_grows_loses_the_last_piece_alone() -> None:
    """10,000 first writes cost 0.75 per 1M more than plain, 0.0075, and were read; the last 500, 0.000375, were not."""
    assert found((0, 0, 10_000), (1, 10_000, 500)) == {
        COLD: (10_000, Decimal("0.0075")),
        NEVER_READ: (500, Decimal("0.000375")),
    }


def test_a_write_that_repeats_what_died_is_expiry() -> None:
    """Six minutes later the same 10,000 are written again: 3.75 instead of 0.30, 0.0345, which a TTL of 1h would have
    spared. 10,000 + 1,000 first writes were followed by another request: 0.00825."""
    messages = losses(counted([{"at": 0, "read": 0, "put": 10_000}, {"at": 6 * MINUTE, "read": 0, "put": 11_000},
                           {"at": 7 * MINUTE, "read": 11_000, "put": 0}]), SHEETS)  # fmt: skip
    assert messages == [
        Loss(EXPIRY, "USD", 10_000, Decimal("0.0345"), outlived=Decimal("0.0345")),
        Loss(COLD, "USD", 11_000, Decimal("0.00825"), needed=True),
    ]


def test_a_write_over_what_still_lives_was_evicted_early() -> None:
    """Five minutes later the entry would still have hit: 10,000 x 3.45."""
    assert found((0, 0, 10_000), (5, 0, 10_000)) == {
        COLD: (10_000, Decimal("0.0075")),
        EVICTION: (10_000, Decimal("0.0345")),
    }


def test_a_read_that_ends_early_is_a_changed_prefix() -> None:
    """Of 12,000 tokens 4,000 are read and 8,000 written again for 3.45 more, 0.0276; 1,000 are never read, 0.00075."""
    messages = found((0, 0, 10_000), (1, 10_000, 2_000), (2, 4_000, 9_000))
    assert messages[PREFIX] == (8_000, Decimal("0.0276"))
    assert messages[NEVER_READ] == (1_000, Decimal("0.00075"))
    assert set(messages) == {PREFIX, NEVER_READ, COLD}


def test_a_shorter_prompt_of_which_nothing_is_read_is_a_changed_prefix() -> None:
    """7,000 x 3.45 = 0.02415; of the first write the last 3,000 were never read: 0.00225."""
    messages = found((0, 0, 10_000), (1, 0, 7_000))
    assert messages == {
        PREFIX: (7_000, Decimal("0.02415")),
        NEVER_READ: (3_000, Decimal("0.00225")),
        COLD: (7_000, Decimal("0.00525")),
    }


def test_a_prompt_cut_to_less_than_half_is_a_compaction() -> None:
    """15,000 behind 5,000 that are read, instead of 101,000: 15,000 x 3.45 = 0.05175. What grows from there is new; the
    1,000 before the cut and the last 500 are never read, 0.001125."""
    messages = found((0, 0, 100_000), (1, 100_000, 1_000), (2, 5_000, 15_000), (3, 20_000, 500))
    assert messages[COMPACTION] == (15_000, Decimal("0.05175"))
    assert messages[NEVER_READ] == (1_500, Decimal("0.001125"))
    assert set(messages) == {COMPACTION, NEVER_READ, COLD}


@pytest.mark.parametrize(
    "between",
    [
        [(1, 0, 20_000), (2, 20_000, 1_000)],
        [(1, 0, 20_000), (1, 0, 25_000), (2, 20_000, 1_000), (2, 25_000, 2_000)],
        [(1, 15_000, 5_000), (1.5, 15_000, 9_000), (2, 20_000, 1_000)],
        [(1, 0, 20_000, ON_OPUS), (2, 20_000, 1_000, ON_OPUS)],
    ],
)
def test_a_sub_agent_is_a_text_beside_the_session(between: list[tuple[Any, ...]]) -> None:
    """One, two at once, two that share a beginning, one on another model: the session goes on from 100,000 tokens, so
    nothing was lost in between; on the other model its last 1,000 are never read."""
    messages = found((0, 0, 100_000), *between, (3, 100_000, 1_000), (4, 101_000, 0))
    assert set(messages) <= {COLD, NEVER_READ}
    assert messages.get(NEVER_READ, (0,))[0] == (1_000 if len(between[0]) == 4 else 0)


def test_a_sub_agent_that_outlasts_the_ttl_is_no_compaction() -> None:
    """After nine minutes the session writes its 100,000 tokens again, x 3.45 = 0.345. The 22,000 tokens of the
    sub-agent still live, which by their length could be the same, so that many are called evicted."""
    messages = found(
        (0, 0, 100_000), (1, 0, 20_000), (4, 20_000, 1_000), (8, 21_000, 1_000), (9, 0, 101_000), (10, 101_000, 0)
    )
    assert set(messages) == {EXPIRY, EVICTION, COLD}
    assert (messages[EXPIRY][0], messages[EVICTION][0]) == (78_000, 22_000)
    assert messages[EXPIRY][1] + messages[EVICTION][1] == Decimal("0.345")


def test_another_model_writes_what_the_first_had_in_its_cache() -> None:
    """102,000 of the 104,000 tokens on Opus 5.5, 5.00 instead of 0.20: 0.4896. The last 2,000 on each model are never
    read: 2,000 x 0.75 + 2,000 x 1.00 = 0.0035. An entry that had died there could not have been read either."""
    first = (0, 0, 100_000), (1, 100_000, 2_000)
    messages = found(*first, (2, 0, 104_000, ON_OPUS))
    assert messages[SWITCH] == (102_000, Decimal("0.4896"))
    assert messages[NEVER_READ] == (4_000, Decimal("0.0035"))
    assert SWITCH not in found(*first, (7, 0, 104_000, ON_OPUS))


def test_each_of_two_ttls_lives_as_long_as_it_was_written_for() -> None:
    """50,000 for 1h before 2,000 for 5m, and twenty minutes. The 50,000 are read: 2,000 expired, x 3.45 = 0.0069. Or
    nothing is read: then 50,000 were evicted, x (6 - 0.30) = 0.285, and 2,000 expired."""
    both = (0, 0, [2_000, 50_000])
    assert found(both, (20, 50_000, 2_000))[EXPIRY] == (2_000, Decimal("0.0069"))
    messages = found(both, (20, 0, [3_000, 50_000]))
    assert (messages[EXPIRY], messages[EVICTION]) == ((2_000, Decimal("0.0069")), (50_000, Decimal("0.285")))


def test_a_shorter_ttl_ends_what_a_longer_one_had_written() -> None:
    """40,000 for 1h, of which 30,000 were written anew for 5m: half an hour later these have expired, the other 10,000
    have not. With 1h of Sonnet 4.5 nothing of it would have: 30,000 x 3.45 = 0.1035."""
    messages = found((0, 0, [0, 40_000]), (1, 10_000, 30_000), (70, 10_000, 30_000), (71, 40_000, 0))
    assert messages[EXPIRY] == (30_000, Decimal("0.1035"))


def test_equal_instants_go_by_their_place_in_the_log() -> None:
    """A conversation within one microsecond is one that grows; and the same 10,000 twice are written again."""
    assert EVICTION not in found((0, 0, 10_000), (0, 10_000, 500), (0, 10_500, 500), (0, 11_000, 0))
    assert found((0, 0, 10_000), (0, 0, 10_000))[EVICTION][0] == 10_000


def test_requests_go_by_time_and_not_by_their_place() -> None:
    """Told last, and come first."""
    assert set(found((1, 10_000, 500), (2, 10_500, 0), (0, 0, 10_000))) == {COLD}


def test_blocks_that_a_vendor_reads_are_no_change() -> None:
    """GPT-5.6 reads whole blocks of 128 tokens: 9,984 of 10,000, and the rest of the last block is written again."""
    assert set(found((0, 0, 10_000), (1, 9_984, 1_000), (2, 10_880, 0), key=ON_GPT, line=UNTOLD)) <= {COLD, NEVER_READ}


def test_prompts_under_the_minimum_lose_their_read() -> None:
    """900 tokens twice in a minute, minimum 1,024: the second could have been read for 0.30 instead of 3.00."""
    small = {"read": 0, "put": 0, "plain": 900}
    messages = losses(counted([{"at": 0, **small}, {"at": MINUTE, **small}]), SHEETS)
    assert messages == [Loss(MINIMUM, "USD", 900, Decimal("0.00243"))]
    assert counted([{"at": 0, **small}, {"at": 6 * MINUTE, **small}]) == {}
    assert counted([{"at": at, **small, "plain": 1_024} for at in (0, MINUTE)]) == {}


def test_what_pays_no_premium_loses_nothing() -> None:
    """Writes below the minimum were billed plain; Gemini's automatic cache has reads only."""
    assert found((0, 0, 500), (1, 0, 500)).keys() == {MINIMUM}
    assert found((0, 0, 0), (1, 8_000, 0), key=ON_GEMINI) == {}


def test_sessions_are_told_apart_and_may_have_none() -> None:
    """What one session wrote is not read by another, and what names no session or has no price takes no part."""
    first, other = {"at": 0, "read": 0, "put": 10_000}, {"at": 1, "read": 10_000, "put": 0}
    assert counted([first, other | {"session": 1}]) == {(NEVER_READ, KEYS[0], LINES[0]): 10_000}
    assert counted([first | {"session": None}, first | {"key": None}]) == counted([]) == {}


def test_sums_are_exact_beyond_64_bits() -> None:
    """2**61 tokens in each of nine sessions."""
    rows = [{"at": 0, "read": 0, "put": 2**61, "session": n} for n in range(9)]
    assert counted(rows) == {(NEVER_READ, KEYS[0], LINES[0]): 9 * 2**61}


EIGHT = [
    # A session of Sonnet 4.5 that pauses for 20 minutes, goes on with Opus 5.5, and changes its tools
    (0, 0, 80_000),
    (2, 80_000, 6_000),
    (4, 86_000, 8_000),
    (24, 0, 98_000),  # 94,000 had expired: x (3.75 - 0.30) = 0.3243
    (26, 0, 108_000, ON_OPUS),  # 98,000 were in Sonnet's cache: x (5.00 - 0.20) = 0.4704
    (28, 108_000, 4_000, ON_OPUS),
    (30, 16_000, 100_000, ON_OPUS),  # of 112,000 it read 16,000: 96,000 x 4.80 = 0.4608
    (32, 116_000, 2_000, ON_OPUS),  # 2,000 x (5.00 - 4.00) = 0.002 never read, and 4,000 of Sonnet's x 0.75 = 0.003
]


def test_pause_switch_and_change_of_one_session_are_explained_to_the_cent() -> None:
    """First writes that were followed: 94,000 of Sonnet x 0.75 + (10,000 + 4,000 + 4,000) of Opus x 1.00 = 0.0885."""
    assert found(*EIGHT) == {
        EXPIRY: (94_000, Decimal("0.3243")),
        SWITCH: (98_000, Decimal("0.4704")),
        PREFIX: (96_000, Decimal("0.4608")),
        NEVER_READ: (6_000, Decimal("0.005")),
        COLD: (112_000, Decimal("0.0885")),
    }


GAPS = [0, 0, 1, MINUTE, 5 * MINUTE, 5 * MINUTE + 1, 30 * MINUTE, 30 * MINUTE + 1, 60 * MINUTE, 61 * MINUTE]
SIZES = [0, 0, 100, 1_023, 1_024, 1_500, 2_000, 3_000]
ROWS = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 0, 1, None]), st.sampled_from([0, 0, 0, 1, 2, 3, 4, 5, 6, None]), st.sampled_from(GAPS),
        st.sampled_from([*SIZES, -1, -1, -2, -3]), st.sampled_from(SIZES), st.sampled_from([*range(3), 3]),
    ),
    max_size=16,
)  # fmt: skip


def rows_of(drawn: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Gaps become times; -1, -2 and -3 read what the last requests but so many left."""
    rows: list[dict[str, Any]] = []
    at = 0
    for session, key, gap, read, put, line in drawn:
        at += gap
        past = [row["read"] + (sum(row["put"]) if isinstance(row["put"], list) else row["put"]) for row in rows]
        read = read if read >= 0 else past[read] if len(past) >= -read else 0
        wrote: Any = [put // 3, put - put // 3] if line == 3 and put else put
        rows.append(
            {
                "at": at,
                "read": read,
                "put": wrote,
                "session": session,
                "key": key,
                "line": line if wrote and line < 3 else -1,
            }
        )
    return rows


def by_line(row: dict[str, Any]) -> list[int]:
    """The tokens that a row wrote as each of the lines."""
    return row["put"] if isinstance(row["put"], list) else [row["put"] if n == row["line"] else 0 for n in range(3)]


def by_the_oracle(rows: list[dict[str, Any]]) -> Counter[tuple[str, RateKey, str]]:
    plan = Touches(dict(enumerate(KEYS)), LINES, SHEETS)
    sessions: dict[int, list[Touch]] = {0: [], 1: []}
    for place, row in enumerate(rows):
        session, key, read = row["session"], row["key"], row["read"]
        if session is None or key is None:
            continue
        pieces = [(n, plan.lives_of[n][key], tokens) for n, tokens in enumerate(by_line(row)) if tokens]
        if read or sum(tokens for *_, tokens in pieces) >= max(1, plan.terms[key].least_written):
            order = tuple(sorted(pieces, key=lambda piece: -piece[1]))
            life = plan.terms[key].life
            sessions[session].append(Touch(place, KEYS[key].sheet, key, START + row["at"], read, order, life))
    results: Counter[tuple[str, RateKey, str]] = Counter()
    for touches in sessions.values():
        for (what, key, line), count in oracle.lost(touches).items():
            results[what, KEYS[key], LINES[line]] += count
    return results


@given(ROWS)
def test_windows_say_what_each_token_says(drawn: list[tuple[Any, ...]]) -> None:
    """Several models, lives and lines in one session."""
    rows = rows_of(drawn)
    messages = counted(rows)
    expected = by_the_oracle(rows)
    assert {of: n for of, n in messages.items() if of[0] not in (MINIMUM, OUTLIVED)} == expected
    for (what, key, line), tokens in messages.items():
        if what == OUTLIVED:
            assert tokens <= messages[EXPIRY, key, line]


@given(ROWS)
def test_causes_add_up_to_what_was_written_and_never_cost_more_than_the_premium(drawn: list[tuple[Any, ...]]) -> None:
    """On Sonnet 4.5 a token written for 5m or 1h costs 3.45 or 5.70 more than a read and 0.75 or 3.00 more than plain,
    by the million. First writes and unread ones cost the latter, all others the former."""
    rows = [row | {"key": 0, "line": min(row["line"], HOUR)} for row in rows_of(drawn) if row["session"] is not None]
    paid: Counter[int] = Counter()
    for row in rows:
        tokens = by_line(row)
        paid.update(dict(enumerate(tokens)) if row["read"] or sum(tokens) >= 1_024 else {})
    messages = Counter({of: n for of, n in counted(rows).items() if of[0] not in (MINIMUM, OUTLIVED)})
    assert {line: sum(n for (*_, on), n in messages.items() if on == LINES[line]) for line in (0, 1)} == {
        0: paid[0],
        1: paid[1],
    }
    spent = sum((each.amount for each in losses(messages, SHEETS)), Decimal(0)) * 10**6
    first = sum(
        (3 if "1h" in line else Decimal("0.75")) * n
        for (what, _, line), n in messages.items()
        if what in (COLD, NEVER_READ)
    )
    again = sum(
        (Decimal("5.7") if "1h" in line else Decimal("3.45")) * n
        for (what, _, line), n in messages.items()
        if what not in (COLD, NEVER_READ)
    )
    assert spent == first + again <= paid[0] * Decimal("3.45") + paid[1] * Decimal("5.7")


def test_parts_with_whole_sessions_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions followed some at a time lose what they lose together."""
    rows = [{"at": n * MINUTE, "read": n * 700 % 3_000, "put": 1_500, "session": n % 7} for n in range(100)]
    together = counted(rows)
    monkeypatch.setattr(module, "HEAP", 9)
    assert counted(rows) == together
    assert len(together) > 2
