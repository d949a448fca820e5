"""Requests sent together over a context that is not cached yet: all at once, one first, or fresh."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from cachecost.advice.fanout import Fanned, Fanout
from cachecost.catalog.catalog import Catalog
from cachecost.errors import BadWorkload
from cachecost.workload.workload import Workload

from ..command import run
from ..oracles import laws

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SONNET = "claude-sonnet-4-5"
READ, SHORT = Fraction(1, 10), Fraction(5, 4)


def of(catalog: Catalog, model: str, context: int, requests: int, later: int = 0) -> dict[str, Fanned]:
    fan = Fanout(catalog.sheet(model), Workload(context, 0, 0, requests, NOW), later=later)
    return {each.strategy: each for each in fan.strategies}


def test_ten_requests_cost_what_was_published(catalog: Catalog) -> None:
    """100,000 tokens at 3.00 are 0.30: 12.5 prefixes at once are 3.75, 2.15 after one 0.645, fresh 10 are 3.00."""
    result = of(catalog, SONNET, 100_000, 10)["written:5m"]
    assert (result.together, result.seeded, result.fresh) == (Decimal("3.75"), Decimal("0.645"), 3)
    assert result.saved == Decimal("3.105")
    assert result.pays_after == 3  # 10 x 0.075 of premium / (0.30 - 0.03) = 2.8


@given(requests=st.integers(1, 500), later=st.integers(0, 500), context=st.integers(1_024, 200_000))
def test_money_is_the_formula_times_the_price_of_a_prefix(
    requests: int, later: int, context: int, catalog: Catalog
) -> None:
    """c w, w + (c-1) r and c prefixes, and a read or a fresh prefix for each later one; pays from the first N on."""
    tokens = Fraction(context, 10**6)
    plain = 3 * tokens
    result = of(catalog, SONNET, context, requests, later)["written:5m"]
    together, seeded, fresh = laws.fan_out(requests, SHORT, READ)
    assert Fraction(result.together) == plain * (together + later * READ)
    assert Fraction(result.seeded) == plain * (seeded + later * READ)
    assert Fraction(result.fresh) == plain * (fresh + later)
    assert result.pays_after is not None
    assert (result.together <= result.fresh) == (later >= result.pays_after)


def test_without_a_premium_sending_at_once_costs_what_fresh_costs(catalog: Catalog) -> None:
    """GPT-5 finds prefixes by itself: 10 x 100,000 x 1.25 = 1.25 both ways; below the minimum nothing is saved."""
    result = of(catalog, "gpt-5", 100_000, 10)["automatic"]
    assert (result.together, result.fresh, result.pays_after) == (Decimal("1.25"), Decimal("1.25"), 0)
    small = of(catalog, SONNET, 1_023, 10)["written:5m"]
    assert small.together == small.seeded == small.fresh


def test_later_requests_have_a_limit(catalog: Catalog) -> None:
    """None is negative."""
    with pytest.raises(BadWorkload, match="then: expected 0 to"):
        of(catalog, SONNET, 1_000, 10, -1)


ASKED = ("fanout", SONNET, "--context", "100K", "--as-of", "2026-11-01")
SENTENCE = "Send one first: 10 requests cost $0.645 with a 5-min cache instead of $3.75 all at once; $3.00 without."


def test_the_command_answers_in_every_format() -> None:
    """The sums worked above; the wait is said to be unknown."""
    shown = run(*ASKED).out
    assert shown.rstrip().endswith(SENTENCE)
    assert "that time is not known to a price sheet" in shown
    assert run(*ASKED, "--format", "markdown").out.rstrip().endswith(f"**{SENTENCE}**")
    answer = run(*ASKED, "--json").json["strategies"][0]
    assert (answer["all_at_once"], answer["one_first"], answer["at_once_pays_after"]) == ("3.75", "0.645", 3)
    rows = list(csv.DictReader(io.StringIO(run(*ASKED, "--then", "3", "--format", "csv").out)))
    assert rows[0]["all_at_once"] == "3.84"  # 3.75 + 3 x 0.03, against 3.90 fresh
    assert run(*ASKED, "--requests", "0").err.startswith("cachecost: --requests: expected 1 to")
    assert run(*ASKED[:2]).err.startswith("cachecost: --context: say how long")


def test_a_single_request_is_sent_fresh_and_where_no_request_fills_a_cache_it_says_so() -> None:
    """One write costs 1.25 of a fresh one; Gemini 1.5 Pro stored caches only, at their announcement."""
    assert "Use no cache: 1 request costs $0.30" in run(*ASKED, "--requests", "1").out
    ran = run("fanout", "gemini-1.5-pro", "--as-of", "2024-05-25", "-c", "1M")
    assert ran.out.rstrip().endswith("No cache is sold that a request fills: 10 requests cost $70.00.")


def test_a_context_below_the_minimum_is_said_to_be_too_short() -> None:
    """Opus 5.5 caches 512 tokens and more: 10 x 100 x 4.00 per million whatever is sent first."""
    ran = run("fanout", "claude-opus-5-5", "-c", "100", "--requests", "10", "--as-of", "2026-11-28")
    short = "Too short to cache: 100 tokens, the minimum is 512. 10 requests cost $0.004 in any order."
    assert ran.out.rstrip().endswith(short)


@pytest.mark.parametrize("columns", [60, 80])
def test_the_answer_fits_a_terminal(columns: int) -> None:
    """No line is longer than the terminal is wide."""
    ran = run(*ASKED, columns=columns)
    assert ran.code == 0
    assert max(map(len, re.sub(r"\x1b\[[0-9;]*m", "", ran.out).splitlines())) <= columns
