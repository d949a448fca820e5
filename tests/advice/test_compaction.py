"""A summary in place of a long context: the published numbers of turns, the money, and the command."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from cachecost.advice.compaction import Compacted, Compaction
from cachecost.catalog.catalog import Catalog
from cachecost.errors import BadQuantity, BadWorkload
from cachecost.questions.reading import summary

from ..command import run
from ..oracles.laws import compaction_turns

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SONNET = "claude-sonnet-4-5"
R, W, B = Fraction(1, 10), Fraction(5, 4), Fraction(5)


def of(catalog: Catalog, model: str, context: int, tokens: int) -> dict[tuple[str, bool], Compacted]:
    compaction = Compaction(catalog.sheet(model), context=context, summary=tokens, at=NOW)
    return {(each.strategy, each.hits): each for each in compaction.strategies}


@pytest.mark.parametrize(("ratio", "turns"), [(20, 5), (10, 8), (5, 17), (2, 64)])
def test_at_anthropic_rates_it_pays_after_the_published_whole_number_of_turns(
    ratio: int, turns: int, catalog: Catalog
) -> None:
    """In tenths of the input rate (1 + p (50 + 12.5 - 1)) / (1 - p): 4.29, 7.94, 16.6 and 63.5; the first turn writes
    the summary and does not read it as well. The money of the sheet says the same as the formula."""
    result = of(catalog, SONNET, 100_000, 100_000 // ratio)["written:5m", True]
    assert result.turns == turns
    assert result.exact_turns == compaction_turns(Fraction(1, ratio), R, W, B)


def test_every_amount_is_the_worked_one(catalog: Catalog) -> None:
    """Sonnet 4.5, 100,000 to 10,000 tokens: the call reads 100,000 x 0.30 = 0.03 and answers 10,000 x 15 = 0.15; the
    summary is written, 10,000 x 3.75 = 0.0375; a turn reads 0.03 before and 0.003 after; a miss sends 0.30 instead."""
    result = of(catalog, SONNET, 100_000, 10_000)
    hit, miss, fresh = result["written:5m", True], result["written:5m", False], result["fresh", True]
    assert (hit.call, hit.written, hit.before, hit.after) == tuple(map(Decimal, ("0.18", "0.0375", "0.03", "0.003")))
    # 8 turns before: 8 x 0.03; after: the call 0.18, the first turn 0.0375, seven at 0.003. 0.24 - 0.2385 = 0.0015.
    assert (hit.ahead(7), hit.ahead(8), hit.ahead(9)) == tuple(map(Decimal, ("-0.0255", "0.0015", "0.0285")))
    assert miss.call == Decimal("0.45")  # 100,000 x 3.00 + 0.15
    assert miss.exact_turns == compaction_turns(Fraction(1, 10), R, W, B, call=Fraction(1))
    assert fresh.turns == 2  # 0.45 / (0.30 - 0.03) = 1.67


def test_a_summary_below_the_tier_is_billed_by_its_own_tier(catalog: Catalog) -> None:
    """Gemini 2.5 Pro, 250,000 tokens at 2.50 and 0.25, 25,000 at 1.25 and 0.125; answers at 15 in the upper tier:
    0.0625 + 0.375 = 0.4375 for the call, 0.0625 and 0.003125 a turn; the first turn sends the summary, 0.03125."""
    result = of(catalog, "gemini-2.5-pro", 250_000, 25_000)["automatic", True]
    assert (result.call, result.before, result.after) == tuple(map(Decimal, ("0.4375", "0.0625", "0.003125")))
    assert result.written == Decimal("0.03125")
    assert result.turns == 8  # (0.4375 + 0.03125 - 0.003125) / 0.059375 = 7.8


def test_a_summary_below_the_minimum_is_not_cached(catalog: Catalog) -> None:
    """1,000 tokens are under the 1,024 of Sonnet 4.5: no write, and each turn sends them plain at 3.00."""
    result = of(catalog, SONNET, 100_000, 1_000)["written:5m", True]
    assert (result.written, result.after) == (Decimal("0.003"), Decimal("0.003"))


@given(context=st.integers(2_000, 100_000), share=st.integers(1, 99))
def test_the_number_of_turns_is_the_first_that_pays(context: int, share: int, catalog: Catalog) -> None:
    """One turn fewer still owes something. Sonnet 4.5 takes 200,000 tokens, the summary among them."""
    for each in of(catalog, SONNET, context, max(1, context * share // 100)).values():
        if each.turns is None:
            assert each.saved <= 0
        else:
            assert each.ahead(each.turns) >= 0 > each.ahead(each.turns - 1)


@pytest.mark.parametrize("tokens", [0, 1_000, 2_000])
def test_a_summary_has_to_be_shorter(tokens: int, catalog: Catalog) -> None:
    """And longer than nothing; one token cannot be shortened."""
    with pytest.raises(BadWorkload, match="context: expected at least 2"):
        Compaction(catalog.sheet(SONNET), context=1, summary=1, at=NOW)
    with pytest.raises(BadWorkload, match="to: expected a summary of 1 to 999 tokens"):
        Compaction(catalog.sheet(SONNET), context=1_000, summary=tokens, at=NOW)


def test_a_length_is_a_share_or_a_count() -> None:
    """A bare number up to 100 could be either."""
    assert [summary(text, 150_000) for text in ("10%", "0.1", "1/10", "15K")] == [15_000] * 4
    assert summary("33%", 10) == 4
    for text in ("10", "2", "100"):
        with pytest.raises(BadQuantity, match=f"write {text}%"):
            summary(text, 150_000)


ASKED = ("compact", SONNET, "--context", "100K", "--as-of", "2026-11-01", "--ahead", "9")
SENTENCE = (
    "Compacting pays from the 8th later turn on with a 5-min cache, from the 18th where the call misses; "
    "after 9 turns $0.0285 are saved."
)


def test_the_command_answers_in_every_format() -> None:
    """(0.45 + 0.0375 - 0.003) / 0.027 = 17.9 for the call that misses."""
    assert run(*ASKED).out.rstrip().endswith(SENTENCE)
    assert run(*ASKED, "--format", "markdown").out.rstrip().endswith(f"**{SENTENCE}**")
    answer = run(*ASKED, "--json").json
    assert [each["turns"] for each in answer["strategies"] if each["strategy"] == "written:5m"] == [8, 18]
    rows = list(csv.DictReader(io.StringIO(run(*ASKED, "--format", "csv").out)))
    assert [row["savings_ahead"] for row in rows if (row["strategy"], row["call_hits"]) == ("written:5m", "true")] == [
        "0.0285"
    ]
    assert run(*ASKED[:4], "--to", "120%").err.startswith("cachecost: --to: '120%' is not a share: this is more")
    assert run(*ASKED[:4], "--to", "10").err.startswith("cachecost: --to: '10' could be")
    assert run(*ASKED[:2]).err.startswith("cachecost: --context: say how long")


@pytest.mark.parametrize(
    ("context", "short", "minimum", "sentence"),
    [
        ("400", "the context is too short to cache: 400 tokens", 512, "from the 2nd later turn on without a cache"),
        ("2K", "the summary is too short to cache: 200 tokens", 512, "never pays with a 5-min cache"),
        ("5120", "", None, "from the 15th later turn on with a 5-min cache"),
    ],
)
def test_what_is_too_short_to_cache_is_said(context: str, short: str, minimum: int | None, sentence: str) -> None:
    """Opus 5.5 caches 512 tokens and more. Without a cache: a call of 400 x 4.00 + 40 x 20.00, 0.0024 with what it
    leaves, and 360 x 4.00 less a turn, 0.00144: twice. A tenth of 5,120 is long enough."""
    ran = run("compact", "claude-opus-5-5", "-c", context, "--as-of", "2026-11-28")
    assert (f"! {short}, the minimum is 512" in ran.out, sentence in ran.out) == (bool(short), True)
    assert run("compact", "claude-opus-5-5", "-c", context, "--json").json["min_tokens"] == minimum


def test_a_machine_that_does_not_hold_the_model_is_refused() -> None:
    """65 billion weights of two bytes are 130 GB, one card has 85: there is no price, with or without a cache."""
    ran = run("compact", "65b-gqa@aws/p5.48xlarge:1", "-c", "90K")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("cachecost: weights of 130.0 GB do not fit: one H100 SXM has 85.0 GB")


@pytest.mark.parametrize("columns", [60, 80])
def test_the_answer_fits_a_terminal(columns: int) -> None:
    """No line is longer than the terminal is wide."""
    ran = run(*ASKED, columns=columns)
    assert ran.code == 0
    assert max(map(len, re.sub(r"\x1b\[[0-9;]*m", "", ran.out).splitlines())) <= columns
