"""The least that traffic can have cost: all choices tried one by one on small cases, and no policy ever below it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise, product

import pytest
from hypothesis import given, strategies as st

from cachecost.catalog.catalog import Catalog
from cachecost.replay.epochs import Epochs, microseconds
from cachecost.replay.policies import offered
from cachecost.replay.tally import price

from ..conftest import PRICES
from .tables import Columns, Trace, least, replayed
from .test_blocks import GAPS as APART, PATHS, SHEETS as MODELS, trace
from .test_sessions import REQUESTS_, SHEETS, policies_of, traffic

SONNET = Epochs(Catalog(PRICES).sheet("claude-sonnet-4-5"))
START = microseconds(datetime(2026, 8, 1, tzinfo=UTC))
MINUTE = 60 * 10**6
LIVES = {"5m": (5 * MINUTE, Fraction("3.75")), "1h": (60 * MINUTE, Fraction(6))}
READ, PLAIN = Fraction("0.3"), Fraction(3)
WAYS = ["plain", "5m", "1h", "read"]


def tried(times: list[int]) -> Fraction:
    """The cheapest of all ways to treat a token at these times, by trying each: per 1M tokens."""
    return min(cost for ways in product(WAYS, repeat=len(times)) if (cost := cost_of(ways, times)) is not None)


def cost_of(ways: tuple[str, ...], times: list[int]) -> Fraction | None:
    cost, alive, touched = Fraction(0), "", 0
    for way, at in zip(ways, times, strict=True):
        if way == "read":
            if not alive or at - touched > LIVES[alive][0]:
                return None
            cost += READ
        else:
            cost += PLAIN if way == "plain" else LIVES[way][1]
            alive = "" if way == "plain" else way
        touched = at
    return cost


GAPS = st.sampled_from([0, 1, 5 * MINUTE, 5 * MINUTE + 1, 12 * MINUTE, 60 * MINUTE, 60 * MINUTE + 1, 300 * MINUTE])


@given(st.lists(GAPS, min_size=1, max_size=5))
def test_one_prefix_costs_what_trying_everything_finds(gaps) -> None:
    """1,024 tokens sent again and again at Sonnet's rates, in both kinds of log."""
    times = [START + sum(gaps[: end + 1]) for end in range(len(gaps))]
    key, many = SONNET.key(START, 1_024), [1_024] * len(times)
    messages = Trace(times, [0] * len(times), many, [0] * len(times), [(1, 2)] * len(times))
    columns = Columns(times, [0] * len(times), many, [0] * len(times), [0] * len(times))
    expected = tried(times) * 1_024 / 10**6
    sheets = {SONNET.name: SONNET}
    assert Fraction(least(messages, [key], sheets)) == expected
    assert Fraction(least(columns, [key], sheets)) == expected


@given(st.lists(st.tuples(GAPS, st.sampled_from([1_024, 1_030, 2_000, 5_000])), min_size=1, max_size=5))
def test_a_session_costs_what_trying_everything_finds_for_each_token(rows) -> None:
    """A token is sent from its first request on until a prompt ends before it: each such stretch by itself."""
    times = [START + sum(gap for gap, _ in rows[: end + 1]) for end in range(len(rows))]
    prompts = [prompt for _, prompt in rows]
    expected = Fraction(0)
    edges = [0, *sorted(set(prompts))]
    for low, high in pairwise(edges):
        stretch: list[int] = []
        for at, prompt in [*zip(times, prompts, strict=True), (0, 0)]:
            if prompt > low:
                stretch.append(at)
            elif stretch:
                expected += tried(stretch) * (high - low)
                stretch = []
    columns = Columns(times, [0] * len(rows), prompts, [0] * len(rows), [0] * len(rows))
    result = least(columns, [SONNET.key(START, 1_024)], {SONNET.name: SONNET})
    assert Fraction(result) == expected / 10**6


@given(st.lists(REQUESTS_, max_size=14), st.lists(st.sampled_from(sorted(SHEETS)), min_size=1, max_size=2, unique=True))
def test_no_policy_costs_less_in_sessions(rows, names) -> None:
    """On every vendor's terms, across changes of rates, with models in turn."""
    keys, columns = traffic(rows, names)
    lowest = least(columns, keys, SHEETS)
    for name, tally in replayed(columns, keys, SHEETS, policies_of(keys)).items():
        assert name.startswith("keep-alive") or price(tally, SHEETS).total >= lowest, name


@given(st.lists(st.tuples(st.sampled_from(APART), PATHS, st.sampled_from([0, 511])), max_size=8), st.data())
def test_no_policy_costs_less_on_block_ids(rows, data) -> None:
    """The same over a prefix tree."""
    sheets = data.draw(st.sampled_from([[each] for each in MODELS.values()] + [list(MODELS.values())]))
    keys, messages = trace(rows, sheets)
    lowest = least(messages, keys, MODELS)
    for name, tally in replayed(messages, keys, MODELS, offered(keys, MODELS)).items():
        assert name.startswith("keep-alive") or price(tally, MODELS).total >= lowest, name


def test_lives_are_mixed_worked_by_hand() -> None:
    """A prefix of 1,024 read again after 4 minutes, then after 30: written for 1 h at once 6.00 + 2 x 0.30 = 6.60; for
    5m and anew 3.75 + 0.30 + 3.75 = 7.80, or 3.75 + 0.30 + 3.00 = 7.05; plain 9.00. A second one read once after 4
    minutes takes 5m: 4.05. Together 10.65 x 1,024 tokens."""
    times = [START, START, START + 4 * MINUTE, START + 4 * MINUTE, START + 34 * MINUTE]
    messages = Trace(times, [0] * 5, [1_024] * 5, [0] * 5, [(1, 2), (3, 4), (1, 2), (3, 4), (1, 2)])
    result = least(messages, [SONNET.key(START, 1_024)], {SONNET.name: SONNET})
    assert result == Decimal("10.65") * 1_024 / 10**6


def test_a_request_that_cannot_use_an_entry_leaves_it_alone() -> None:
    """One session on two models within a minute: Sonnet 4.5 4,096 tokens, GPT-4.1 1,024 of them, Sonnet 4,096. What
    Sonnet wrote is still there: 4,096 x (3.75 + 0.30), and 1,024 x 2.00 at the other: 0.0186368."""
    sheets = {name: SHEETS[name] for name in ("anthropic/claude-sonnet-4-5", "openai/gpt-4.1")}
    keys = [sheet.key(START, 1_024) for sheet in sheets.values()]
    size = [4_096, 1_024, 4_096]
    columns = Columns([START, START + 1, START + MINUTE], [0, 1, 0], size, [0] * 3, [0] * 3)
    assert least(columns, keys, sheets) == Decimal("0.0186368")


@pytest.mark.parametrize(("gap", "each"), [(1, "1.95"), (10, "2.5")])
def test_a_stored_cache_is_kept_only_where_rent_is_worth_it(catalog: Catalog, gap, each) -> None:
    """Gemini 1.5 Pro in November 2024 (1.25, read 0.3125, rent 4.50 an hour): the same 100,000 tokens twice. A minute
    apart: created 1.25, read 2 x 0.3125, rent 0.075: 1.95 per 1M. Ten minutes apart rent alone is 0.75: plain, 2.50."""
    sheet = Epochs(catalog.sheet("gemini-1.5-pro"))
    at = microseconds(datetime(2024, 11, 1, tzinfo=UTC))
    size = [100_000] * 2
    columns = Columns([at, at + gap * MINUTE], [0, 0], size, [0, 0], [0, 0])
    assert least(columns, [sheet.key(at, 100_000)], {sheet.name: sheet}) == Decimal(each) / 10
