"""Requests with block ids: two roads, a simulation over whole prefixes, and totals known from public traces agree."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from cachecost.catalog.catalog import Catalog
from cachecost.errors import BadUsage
from cachecost.replay.epochs import Epochs, RateKey, microseconds
from cachecost.replay.policies import Policy, offered, policy
from cachecost.replay.tally import HITS, REQUESTS, Tally, price

from ..conftest import PRICES
from ..oracles.replay import replay
from .tables import Trace, least, replayed

SONNET = Epochs(Catalog(PRICES).sheet("claude-sonnet-4-5"))
OPUS = Epochs(Catalog(PRICES).sheet("claude-opus-4-5"))
GEMINI = Epochs(Catalog(PRICES).sheet("gemini-2.5-pro"))
HOURLY = Epochs(Catalog(PRICES).sheet("baidu/deepseek-r1"))
SHEETS = {epochs.name: epochs for epochs in (SONNET, OPUS, GEMINI, HOURLY)}
START = microseconds(datetime(2026, 8, 1, tzinfo=UTC))
SECOND = 10**6
LEAST = {SONNET.name: 1_024, OPUS.name: 4_096, GEMINI.name: 2_048}
GAPS = [0, 1, 299 * SECOND, 300 * SECOND, 300 * SECOND + 1, 1_000 * SECOND, 3_600 * SECOND, 3_600 * SECOND + 1]
GAPS += [-1, -400 * SECOND]
PATHS = st.lists(st.integers(0, 1), max_size=10).map(tuple)


def chained(paths: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """The same prompts with an id for every prefix, as traces have them; ids neither dense nor small."""
    known: dict[tuple[int, ...], int] = {}
    return [tuple(known.setdefault(path[: end + 1], 7 + 13 * len(known)) for end in range(len(path))) for path in paths]


def trace(rows: list[tuple[int, tuple[int, ...], int]], sheets: list[Epochs]) -> tuple[list[RateKey], Trace]:
    """Requests one after another: gap to the one before, blocks, tokens behind the last full block."""
    keys: dict[RateKey, int] = {}
    at, result = START, Trace([], [], [], [], chained([path for _, path, _ in rows]))
    for place, (gap, path, rest) in enumerate(rows):
        at += gap
        key = sheets[place % len(sheets)].key(at, 512 * len(path) + rest)
        row = (at, keys.setdefault(key, len(keys)), 512 * len(path) + rest, 3)
        for column, value in zip(result, row, strict=False):
            column.append(value)  # type: ignore[attr-defined]
    return list(keys), result


def simulated(one: Policy, keys: list[RateKey], paths: list[tuple[int, ...]], message: Trace) -> Tally:
    """Straight from the rules: a dictionary from whole prefixes to their last touch."""
    result = Tally()
    seen: dict[tuple[str, tuple[int, ...]], tuple[int, bool]] = {}
    clock = 0
    for at, key, prompt, output, path in zip(
        message.at, message.key, message.prompt, message.output, paths, strict=True
    ):
        clock = max(clock, at)
        sheet, read, alive = keys[key].sheet, 0, 0
        first = LEAST[sheet] // 512
        prefixes = [(sheet, path[:end]) for end in range(first, len(path) + 1)]
        while alive < len(prefixes) and clock - seen.get(prefixes[alive], (-(10**20), False))[0] <= one.life:
            alive += 1
        while read < alive and seen[prefixes[read]][1]:
            read += 1
        written = (alive if one.kind == "second-sight" else len(prefixes)) - read
        for place, prefix in enumerate(prefixes):
            seen[prefix] = (clock, place < read + written)
        tokens = [512 * (first + number - 1) if number else 0 for number in (read, read + written)]
        result.add(keys[key], {"input": prompt - (tokens[0] if one.kind == "automatic" else tokens[1])})
        result.add(keys[key], {f"cache_read:{'automatic' if one.kind == 'automatic' else 'written'}": tokens[0]})
        if one.kind != "automatic":
            result.add(keys[key], {f"cache_write:{one.ttl}": tokens[1] - tokens[0]})
        for line, count in (("output", output), (REQUESTS, 1), (HITS, int(read > 0))):
            result.add(keys[key], {line: count})
    return result


ROWS = st.lists(st.tuples(st.sampled_from(GAPS), PATHS, st.sampled_from([0, 1, 511])), max_size=10)


@given(ROWS, st.sampled_from([[SONNET], [OPUS], [SONNET, OPUS], [GEMINI]]))
def test_the_tree_is_what_the_rules_say_prefix_by_prefix(rows, sheets) -> None:
    """Policies without pings or rent; a clock that goes back stands still; models share no cache."""
    keys, messages = trace(rows, sheets)
    policies = [one for one in offered(keys, SHEETS) if one.kind in ("automatic", "written", "second-sight")]
    for name, tally in replayed(messages, keys, SHEETS, policies).items():
        one = next(one for one in policies if one.name == name)
        assert tally == simulated(one, keys, [path for _, path, _ in rows], messages), name


@given(ROWS, st.sampled_from([[SONNET], [OPUS], [SONNET, OPUS, GEMINI], [GEMINI], [HOURLY], [HOURLY, GEMINI]]))
def test_the_plan_and_the_tree_request_by_request_agree(rows, sheets) -> None:
    """To the last token, pings and rent included."""
    keys, messages = trace(rows, sheets)
    policies = [*offered(keys, SHEETS), policy("automatic:10m"), policy("stored:10m"), policy("stored:37m")]
    assert replayed(messages, keys, SHEETS, policies) == replay(messages, keys, SHEETS, policies)


IDS = st.lists(st.integers(0, 6), max_size=6, unique=True).map(tuple)


@given(st.lists(st.tuples(st.sampled_from(GAPS), IDS), max_size=12), st.sampled_from([SONNET, HOURLY]))
def test_ids_that_are_no_chain_are_read_as_far_as_they_live(rows, sheet) -> None:
    """A log whose ids name single blocks breaks the promise; a path is still read only as far as it lives."""
    keys, messages = trace([(gap, ids, 0) for gap, ids in rows], [sheet])
    messages = messages._replace(blocks=[ids for _, ids in rows])
    policies = [*offered(keys, SHEETS), policy("stored:10m")]
    assert replayed(messages, keys, SHEETS, policies) == replay(messages, keys, SHEETS, policies)


def test_three_prompts_worked_by_hand() -> None:
    """Sonnet 4.5, minimum 1,024: ABC + 100 tokens, then ABD a minute later, then A alone.

    First: 1,536 written, 100 plain. Second: AB read (1,024), D written (512). Third: one block is below the minimum,
    512 plain. 5m: 2,048 x 3.75 + 1,024 x 0.30 + 612 x 3.00 = 7,680 + 307.2 + 1,836 = 9,823.2 per 1M.
    """
    keys, messages = trace([(0, (0, 0, 0), 100), (60 * SECOND, (0, 0, 1), 0), (SECOND, (0,), 0)], [SONNET])
    messages = messages._replace(output=[0, 0, 0])
    tally = replayed(messages, keys, SHEETS, [policy("written:5m")])["written:5m"]
    assert [tally.total(line) for line in ("input", "cache_read", "cache_write", HITS)] == [612, 1_024, 2_048, 1]
    assert price(tally, SHEETS).total == Decimal("0.0098232")


def test_prompts_that_share_too_little_share_nothing() -> None:
    """One block of 512 is fewer than 1,024: no match, and everything is written again."""
    keys, messages = trace([(0, (0, 0, 0), 0), (1, (0, 1, 1), 0)], [SONNET])
    tally = replayed(messages, keys, SHEETS, [policy("written:1h")])["written:1h"]
    assert [tally.total(line) for line in ("cache_read", "cache_write")] == [0, 3_072]


def test_pings_keep_a_path_worked_by_hand() -> None:
    """Two blocks, again after 12 minutes: two pings of 1,024 and a hit; two more pings follow the last request."""
    keys, messages = trace([(0, (0, 0), 0), (720 * SECOND, (0, 0), 0)], [SONNET])
    tally = replayed(messages, keys, SHEETS, [policy("keep-alive:5m", pings=2)])["keep-alive:5m"]
    assert [tally.total(line) for line in ("cache_read", "cache_write", REQUESTS, HITS)] == [5 * 1_024, 1_024, 6, 5]


def test_rent_of_nodes_worked_by_hand() -> None:
    """Gemini 2.5 Pro, minimum 2,048: four blocks, again after half an hour, and gone after an idle hour: 1.5 h."""
    keys, messages = trace([(0, (0,) * 4, 0), (1_800 * SECOND, (0,) * 4, 9)], [GEMINI])
    tally = replayed(messages, keys, SHEETS, [policy("stored:1h")])["stored:1h"]
    assert [tally.total(line) for line in ("creation", "cache_read", "input")] == [2_048, 4_096, 9]
    assert tally.total("storage") == 2_048 * 5_400 * SECOND


def test_rent_of_nodes_by_the_started_hour_worked_by_hand() -> None:
    """Baidu's DeepSeek-R1, no minimum, stored until idle for 40 minutes: AB at 0, AC at 30, A at 180 minutes.

    A stands for 30 + 40 = 70 minutes, paid as 2 hours, and from 180 on for 40, paid as 1; B and C for 40 each, paid as
    1 hour: 512 x (2 + 1 + 1 + 1) = 2,560 token-hours. Created: A, B, C and A again, 2,048.
    """
    minute = 60 * SECOND
    keys, messages = trace([(0, (0, 0), 0), (30 * minute, (0, 1), 0), (150 * minute, (0,), 0)], [HOURLY])
    tally = replayed(messages, keys, SHEETS, [policy("stored:40m")])["stored:40m"]
    assert [tally.total(line) for line in ("creation", "cache_read", "input")] == [2_048, 2_560, 0]
    assert tally.total("storage") == 2_560 * 3_600 * SECOND


def test_an_id_that_stands_twice_in_a_prompt_is_no_chain() -> None:
    """It would name two prefixes."""
    key = SONNET.key(START, 2_048)
    with pytest.raises(BadUsage, match="twice in one prompt"):
        replayed(Trace([START], [0], [2_048], [0], [(1, 2, 3, 2)]), [key], SHEETS, [policy("written:5m")])


def test_ids_may_be_digests_and_need_not_be_complete() -> None:
    """Ids of any size; a prompt with fewer ids than blocks sends the rest plain; those beyond full blocks are left."""
    key, large = SONNET.key(START, 2_048), 2**62
    ids = [(large, large + 1), (large, large + 1, large + 2, large + 3)]
    messages = Trace([START, START], [0, 0], [2_048, 1_600], [0, 0], ids)
    tally = replayed(messages, [key], SHEETS, [policy("written:5m")])["written:5m"]
    assert [tally.total(line) for line in ("input", "cache_read", "cache_write")] == [1_024 + 64, 1_024, 1_536]


def test_a_log_without_requests_costs_nothing() -> None:
    """Nor does one without a full block."""
    key = SONNET.key(START, 2_048)
    assert replayed(Trace([], [], [], [], []), [key], SHEETS, [policy("written:5m")])["written:5m"] == Tally()
    messages = Trace([START], [0], [100], [0], [()])
    assert replayed(messages, [key], SHEETS, [policy("written:5m")])["written:5m"].total("input") == 100


FOLDER = os.environ.get("CACHECOST_TRACES")
KNOWN = {
    "mooncake_synthetic": {"fresh": "192.515364", "written:5m": "112.265892", "written:1h": "146.5838952"},
    "mooncake_conversation": {"fresh": "496.212189"},
}
LEAST_OF = {"mooncake_synthetic": "99.4609512"}


@pytest.mark.skipif(not FOLDER, reason="set CACHECOST_TRACES to a folder with the public Mooncake traces")
@pytest.mark.parametrize("name", KNOWN)
def test_public_traces_cost_what_others_found(name) -> None:
    """At $3 / $3.75 (5m) / $6 (1h) / $0.30 / $15 per 1M, minimum 1,024.
    https://github.com/kvcache-ai/Mooncake/tree/main/FAST25-release/traces"""
    lines = (Path(FOLDER or "") / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    question = [json.loads(line) for line in lines]
    key = SONNET.key(START, 10_000)
    messages = Trace(
        [START + each["timestamp"] * 1_000 for each in question],
        [0] * len(question),
        [each["input_length"] for each in question],
        [each["output_length"] for each in question],
        [each["hash_ids"] for each in question],
    )
    policies = offered([key], SHEETS)
    result = replayed(messages, [key], SHEETS, policies)
    assert result == replay(messages, [key], SHEETS, policies)
    for policy_name, total in KNOWN[name].items():
        assert price(result[policy_name], SHEETS).total == Decimal(total)
    if name in LEAST_OF:
        assert least(messages, [key], SHEETS) == Decimal(LEAST_OF[name])
