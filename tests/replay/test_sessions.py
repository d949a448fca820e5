"""Sessions under other policies: the plan and a simulation token by token, straight from the rules, agree."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from cachecost.catalog.catalog import Catalog
from cachecost.errors import CachecostError
from cachecost.replay.epochs import Epochs, RateKey, microseconds
from cachecost.replay.policies import NOT_SOLD, Policy, offered, policy, terms
from cachecost.replay.tally import HITS, REQUESTS, Tally, price

from ..conftest import PRICES
from .tables import Columns, replayed

CATALOG = Catalog(PRICES)
NAMES = "claude-sonnet-4-5 claude-opus-4-5 gemini-2.5-pro gpt-5.6-luna gpt-4.1 deepseek/deepseek-chat".split()
NAMES += ["baidu/deepseek-r1", "baidu/deepseek-v3.2", "moonshot-cn/moonshot-v1-128k"]
SHEETS = {epochs.name: epochs for epochs in (Epochs(CATALOG.sheet(name)) for name in NAMES)}
START = microseconds(datetime(2026, 8, 1, tzinfo=UTC))
SECOND = 10**6
STEPS = {"baidu/deepseek-r1": 3_600 * SECOND, "baidu/deepseek-v3.2": 3_600 * SECOND}
"""What rent is paid in whole multiples of: Baidu's by the started hour."""
GAPS = [0, 1, 299 * SECOND, 300 * SECOND, 300 * SECOND + 1, 1_800 * SECOND, 3_600 * SECOND, 3_600 * SECOND + 1]
GAPS += [700 * SECOND, 7_200 * SECOND, 40 * 86_400 * SECOND]
SIZES = [0, 700, 1_023, 1_024, 1_025, 1_600, 2_047, 2_048, 4_096, 4_500]
REQUESTS_ = st.tuples(st.sampled_from(GAPS), st.sampled_from(SIZES), st.sampled_from([-1, 0, 0, 0, 1]))


def traffic(rows: list[tuple[int, int, int]], names: list[str]) -> tuple[list[RateKey], Columns]:
    """Requests one after another on the sheets in turn, as columns."""
    keys: dict[RateKey, int] = {}
    result = Columns(*([] for _ in Columns._fields))
    at = START
    for place, (gap, prompt, session) in enumerate(rows):
        at += gap
        key = SHEETS[names[place % len(names)]].key(at, prompt)
        row = (at, keys.setdefault(key, len(keys)), prompt, 7, session)
        for column, value in zip(result, row, strict=True):
            column.append(value)
    return list(keys), result


def policies_of(keys: list[RateKey]) -> list[Policy]:
    """All that is sold, and some that only we thought of."""
    ours = [policy("automatic:30m"), policy("stored:7m"), policy("keep-alive:1h", pings=2)]
    return list({one.name: one for one in (*offered(keys, SHEETS), *ours)}.values())


def simulated(one: Policy, keys: list[RateKey], columns: Columns) -> Tally:
    """Token by token: each is a place in a session's text on a model, with the time of its last touch."""
    result = Tally()
    texts: dict[tuple[str, int], list[tuple[int, bool]]] = {}
    lasts: dict[tuple[str, int], tuple[int, int, int]] = {}
    begun: dict[tuple[str, int], int] = {}
    alike: dict[tuple[str, int], int] = {}
    kind = {"automatic": "automatic", "stored": "stored"}.get(one.kind, "written")
    for at, key, prompt, output, session in zip(*columns, strict=True):
        question, scope = terms(one, keys[key], SHEETS), (keys[key].sheet, session)
        size = prompt // question.block * question.block if prompt >= question.least else 0
        counts: Counter[str] = Counter({"output": output, REQUESTS: 1, "input": prompt})
        if session >= 0 and size and question != NOT_SOLD:
            text = texts.get(scope, [])
            after(one, keys, result, lasts.get(scope), at, len([1 for _, held in text if held]))
            end(one, keys, result, lasts.get(scope), at, begun.get(scope, 0), len([1 for _, held in text if held]))
            alive = bool(text) and at - text[0][0] <= one.life
            seen = sum(alive for _ in text[:size])
            hit = sum(held for _, held in text[:size]) if alive else 0
            seen, hit = (0 if number < question.least else number for number in (seen, hit))
            texts[scope], read, written, created = serve(one, at, size, seen, hit, text if alive else [])
            if created:
                begun[scope], alike[scope] = at, size
            elif one.kind == "stored":
                alike[scope] = read = min(alike[scope], size)
            if 0 < read < question.least:
                read = 0
            counts += Counter({f"cache_read:{kind}": read, f"cache_write:{one.ttl}": written, "creation": created})
            counts["input"] -= read + written
            counts[HITS] = int(read > 0)
            lasts[scope] = (at, key, size)
        for line, count in counts.items():
            result.add(keys[key], {line: count})
    for scope, last in lasts.items():
        after(one, keys, result, last, None, len([1 for _, held in texts[scope] if held]))
        end(one, keys, result, last, None, begun.get(scope, 0), len([1 for _, held in texts[scope] if held]))
    return result


def serve(
    one: Policy, at: int, size: int, seen: int, hit: int, text: list[tuple[int, bool]]
) -> tuple[list[tuple[int, bool]], int, int, int]:
    """(the text that is left, tokens read, written, created)."""
    if one.kind == "automatic":
        return [(at, True)] * size, hit, 0, 0
    if one.kind == "stored":
        held = sum(held for _, held in text)
        if held:
            return [(at, True)] * held, min(held, size), 0, 0
        return [(at, True)] * size, size, 0, size
    if one.kind == "second-sight":
        return [(at, place < seen) for place in range(size)], hit, seen - hit, 0
    return [(at, True)] * size, hit, size - hit, 0


def after(
    one: Policy, keys: list[RateKey], result: Tally, last: tuple[int, int, int] | None, at: int | None, held: int
) -> None:
    """Pings every so often while an entry is kept, and rent until it is deleted or touched."""
    if last is None:
        return
    before, key, size = last
    if one.kind == "keep-alive":
        for number in range(1, one.pings + 1):
            if at is None or before + number * one.every < at:
                result.add(keys[key], {"cache_read:written": size})
                result.add(keys[key], {REQUESTS: 1})
                result.add(keys[key], {HITS: 1})
    if one.kind == "stored":
        result.add(keys[key], {"storage": held * (one.life if at is None else min(one.life, at - before))})


def end(
    one: Policy,
    keys: list[RateKey],
    result: Tally,
    last: tuple[int, int, int] | None,
    at: int | None,
    begun: int,
    held: int,
) -> None:
    """Where a stored entry has been idle for too long: whole steps of rent are due since it was created."""
    if one.kind != "stored" or last is None or (at is not None and at - last[0] <= one.life):
        return
    key, stood = keys[last[1]], last[0] + one.life - begun
    step = STEPS.get(key.sheet, 1)
    paid = 0
    while paid < stood and step > 1:
        paid += step
    result.add(key, {"storage": held * max(0, paid - stood)})


@given(st.lists(REQUESTS_, max_size=20), st.lists(st.sampled_from(sorted(SHEETS)), min_size=1, max_size=3, unique=True))
def test_the_plan_is_what_the_rules_say_token_by_token(rows, names) -> None:
    """Every policy, on every vendor's terms, in mixed sessions, across changes of rates."""
    keys, columns = traffic(rows, names)
    policies = policies_of(keys)
    for name, tally in replayed(columns, keys, SHEETS, policies).items():
        one = next(one for one in policies if one.name == name)
        assert tally == simulated(one, keys, columns), name


def test_a_session_worked_by_hand() -> None:
    """Claude Sonnet 4.5 (3.00, writes 3.75 and 6.00, read 0.30 per 1M), prompts 10,000 / 12,000 / 15,000 tokens, the
    second 4 minutes after the first, the third 30 minutes after that.

    fresh        37,000 x 3.00                                                      = 0.111
    written:5m   12,000 written + 10,000 read... 10,000 + 2,000 + 15,000 = 27,000 x 3.75 + 10,000 x 0.30 = 0.10425
    written:1h   15,000 written x 6.00 + (10,000 + 12,000) read x 0.30              = 0.0966
    second sight at 5m: the second writes the 10,000 it has seen, all else is plain: 27,000 x 3 + 10,000 x 3.75 = 0.1185
    """
    sheet = SHEETS["anthropic/claude-sonnet-4-5"]
    key = sheet.key(START, 10_000)
    at = [START, START + 240 * SECOND, START + 2_040 * SECOND]
    prompts = [10_000, 12_000, 15_000]
    result = replayed(Columns(at, [0] * 3, prompts, [0] * 3, [0] * 3), [key], SHEETS, offered([key], SHEETS))
    totals = {name: price(tally, SHEETS).total for name, tally in result.items()}
    expected = {"fresh": "0.111", "written:5m": "0.10425", "written:1h": "0.0966", "second-sight:5m": "0.1185"}
    assert {name: totals[name] for name in expected} == {name: Decimal(amount) for name, amount in expected.items()}


def test_pings_worked_by_hand() -> None:
    """Kept alive at 5m, two pings at most: a gap of 12 minutes needs two and hits, one of 16 is too long and sees two
    in vain, and two follow the last request: 6 pings of 10,000. Reads 6 x 10,000 + 10,000, writes 2 x 10,000."""
    sheet = SHEETS["anthropic/claude-sonnet-4-5"]
    key = sheet.key(START, 10_000)
    at = [START, START + 720 * SECOND, START + (720 + 960) * SECOND]
    messages = Columns(at, [0] * 3, [10_000] * 3, [0] * 3, [5] * 3)
    tally = replayed(messages, [key], SHEETS, [policy("keep-alive:5m", pings=2)])["keep-alive:5m"]
    lines = ("cache_read", "cache_write", "input", REQUESTS, HITS)
    assert [tally.total(line) for line in lines] == [70_000, 20_000, 0, 9, 7]


def test_rent_worked_by_hand() -> None:
    """Gemini 2.5 Pro, stored until idle for 1 h: 100,000 tokens created, read twice; they stand for the half hour
    between and the hour after: 150,000 token-hours."""
    sheet = SHEETS["google/gemini-2.5-pro"]
    key = sheet.key(START, 100_000)
    messages = Columns([START, START + 1_800 * SECOND], [0] * 2, [100_000, 100_500], [0, 0], [0, 0])
    tally = replayed(messages, [key], SHEETS, [policy("stored:1h")])["stored:1h"]
    assert [tally.total(line) for line in ("creation", "cache_read", "input")] == [100_000, 200_000, 500]
    assert tally.total("storage") == 150_000 * 3_600 * SECOND


def test_rent_by_the_started_hour_worked_by_hand() -> None:
    """Baidu's DeepSeek-R1, creation 4.00, read 1.00, 0.017 an hour, per 1M; stored until idle for 40 minutes.

    A session of 100,000 tokens at 0, 30 and 60 minutes: one life of 60 + 40 = 100 minutes, paid as 2 hours, not as 1
    for each of its gaps. It comes back at 180 minutes, idle for 120, and is created again: 40 minutes, paid as 1 hour.
    Another session's one prompt of 50,000: 40 minutes, 1 hour. 100,000 x (2 + 1) + 50,000 x 1 = 350,000 token-hours.

    creation (2 x 100,000 + 50,000) x 4.00 = 1.00; reads (4 x 100,000 + 50,000) x 1.00 = 0.45; rent 0.35 x 0.017 =
    0.00595: 1.45595.
    """
    epochs = SHEETS["baidu/deepseek-r1"]
    key = epochs.key(START, 100_000)
    at = [START + minute * 60 * SECOND for minute in (0, 10, 30, 60, 180)]
    size = [100_000, 50_000, 100_000, 100_000, 100_000]
    messages = Columns(at, [0] * 5, size, [0] * 5, [0, 1, 0, 0, 0])
    tally = replayed(messages, [key], SHEETS, [policy("stored:40m")])["stored:40m"]
    assert tally.total("storage") == 350_000 * 3_600 * SECOND
    assert price(tally, SHEETS).total == Decimal("1.45595")


@pytest.mark.parametrize(
    ("gap", "minutes"), [(0, 10), (1, 11), (59 * SECOND, 11), (60 * SECOND, 11), (61 * SECOND, 12)]
)
def test_rent_by_the_started_minute_worked_by_hand(gap, minutes) -> None:
    """Moonshot in 2024, stored until idle for 10 minutes: a full minute is paid as one, a microsecond more as two."""
    epochs = SHEETS["moonshot-cn/moonshot-v1-128k"]
    card = next(card for card in epochs.sheet.cards if card.caching.stored)
    start = microseconds(card.effective)
    keys = [epochs.key(start, 2_000)]
    messages = Columns([start, start + gap], [0] * 2, [2_000] * 2, [0] * 2, [0] * 2)
    assert (
        replayed(messages, keys, SHEETS, [policy("stored:10m")])["stored:10m"].total("storage")
        == 2_000 * minutes * 60 * SECOND
    )


def test_the_order_of_a_log_does_not_matter() -> None:
    """Requests of a session are followed in the order of time, those of one instant in the order of the log."""
    key = SHEETS["anthropic/claude-sonnet-4-5"].key(START, 10_000)
    messages = Columns([START + 1, START, START], [0] * 3, [12_000, 10_000, 11_000], [0] * 3, [0] * 3)
    tally = replayed(messages, [key], SHEETS, [policy("written:5m")])["written:5m"]
    assert [tally.total(line) for line in ("cache_write", "cache_read")] == [12_000, 10_000 + 11_000]


def test_numbers_may_be_large() -> None:
    """10**12 tokens a prompt across a change of rates are neither rounded nor wrapped."""
    sheet = SHEETS["google/gemini-2.5-pro"]
    keys = [sheet.key(START, 100_000), sheet.key(START, 300_000)]
    large = 10**12 - 1
    messages = Columns([START, START + 3_600 * SECOND], [0, 1], [large] * 2, [1] * 2, [0] * 2)
    tallies = replayed(messages, keys, SHEETS, [policy("automatic"), policy("stored:1h")])
    assert tallies["automatic"].total("cache_read") == large
    assert tallies["stored:1h"].total("storage") == large * 2 * 3_600 * SECOND


@pytest.mark.parametrize("name", ["written", "fresh:5m", "often", "stored:", "keep-alive", "written:soon"])
def test_a_policy_without_sense_is_refused(name) -> None:
    """The message lists what there is."""
    with pytest.raises(CachecostError, match="expected"):
        policy(name)


def test_pings_stop_where_they_would_cost_more_than_writing() -> None:
    """Claude at 5m: a write is 12.5 reads, so 12 reads are worth it: 11 pings and the read itself. At 1h 20, so 19."""
    sheet = SHEETS["anthropic/claude-sonnet-4-5"]
    result = {one.name: one for one in offered([sheet.key(START, 10_000)], SHEETS)}
    assert result["keep-alive:5m"].pings == 11
    assert result["keep-alive:1h"].pings == 19
    assert result["keep-alive:5m"].life == 3_600 * SECOND
