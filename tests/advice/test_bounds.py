"""The bounds of a request before it is sent: each worked by hand, and no request outside of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from cachecost.advice.bounds import bounds
from cachecost.catalog.catalog import Catalog
from cachecost.errors import BadUsage, CachecostError, NotSold, Refused
from cachecost.prices.card import Limits
from cachecost.prices.quote import quote
from cachecost.prices.usage import Usage

from ..command import run

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


def totals(catalog: Catalog, model: str, prompt: int, **how: object) -> tuple[Fraction, ...]:
    result = bounds(catalog.sheet(model), prompt, at=NOW, **how)  # type: ignore[arg-type]
    return tuple(Fraction(each.total) for each in (result.lowest, result.likely, result.highest))


def money(*texts: str) -> tuple[Fraction, ...]:
    return tuple(map(Fraction, texts))


def test_writes_are_counted_at_the_dearest_life_that_is_sold(catalog: Catalog) -> None:
    """Opus 5.5: 100,000 x 0.20 = 0.02 read; 100,000 x 8.00 = 0.80 written for an hour, 4,000 x 20.00 = 0.08. Likely a
    miss is written for five minutes, 0.50; at a hit rate of 60% 0.6 x 0.10 + 0.4 x 0.58 = 0.292."""
    assert totals(catalog, "claude-opus-5-5", 100_000, longest=4_000) == money("0.02", "0.58", "0.88")
    share = {"hit_share": Fraction(3, 5)}
    assert totals(catalog, "claude-opus-5-5", 100_000, longest=4_000, **share) == money("0.02", "0.292", "0.88")


def test_an_automatic_cache_has_no_premium_and_whole_blocks(catalog: Catalog) -> None:
    """GPT-4.1: 99,968 tokens, 781 blocks of 128, at 0.50 and 32 at 2.00 are 0.050048; 100,000 x 2.00 = 0.20 and 500 or
    4,000 x 8.00."""
    costs = totals(catalog, "gpt-4.1", 100_000, longest=4_000, answer=500)
    assert costs == money("0.050048", "0.204", "0.232")


def test_below_the_minimum_nothing_is_cached(catalog: Catalog) -> None:
    """500 tokens are under the 512 of Opus 5.5: 500 x 4.00 either way."""
    assert totals(catalog, "claude-opus-5-5", 500, longest=0) == money("0.002", "0.002", "0.002")


def test_the_dearest_hour_in_which_it_may_be_sent_counts(catalog: Catalog) -> None:
    """DeepSeek V4 Pro asks twice as much on weekdays from 01:00 UTC: 100,000 x 1.32 rather than 0.66. A Thursday at
    10:00 is cheap, and so is the hour after it; of the day after a Friday no hour is dear."""
    sheet, thursday = catalog.sheet("deepseek-v4-pro"), NOW - timedelta(days=1)

    def highest(at: datetime, within: timedelta) -> Decimal:
        return bounds(sheet, 100_000, at=at, longest=0, within=within).highest.total

    day, hour = timedelta(days=1), timedelta(hours=1)
    costs = [highest(thursday, day), highest(thursday, hour), highest(NOW, day)]
    assert costs == [Decimal("0.132"), Decimal("0.066"), Decimal("0.066")]
    assert bounds(sheet, 100_000, at=thursday, longest=0).highest.at == datetime(2026, 11, 20, 1, tzinfo=UTC)


def test_the_longest_answer_is_what_the_limits_leave(catalog: Catalog) -> None:
    """Sonnet 4.5 answers with 64,000 tokens at most, and takes 200,000 with the answer: 40,000 are left of 160,000."""
    highest = bounds(catalog.sheet("claude-sonnet-4-5"), 160_000, at=NOW).highest
    assert highest.usage.output == 40_000
    assert bounds(catalog.sheet("claude-sonnet-4-5"), 1_000, at=NOW, longest=10**6).highest.usage.output == 64_000


def test_what_cannot_be_bounded_is_refused(catalog: Catalog) -> None:
    """A prompt over the limit, an answer without one, and a machine whose seconds are no tokens."""
    with pytest.raises(Refused, match="input: anthropic/claude-sonnet-4-5 takes at most 200,000 tokens"):
        bounds(catalog.sheet("claude-sonnet-4-5"), 300_000, at=NOW)
    sold = (sheet for sheet in catalog.sheets() if sheet.sold(NOW))
    unlimited = next(sheet for sheet in sold if sheet.card(NOW).limits == Limits())
    with pytest.raises(BadUsage, match="max_output: missing"):
        bounds(unlimited, 1_000, at=NOW)
    with pytest.raises(NotSold, match="billed by the second of its machine"):
        bounds(catalog.sheet("llama-3.1-70b@aws/p5.48xlarge"), 1_000, at=NOW)


@given(data=st.data())
def test_no_request_is_outside_of_its_bounds(data: st.DataObject, catalog: Catalog) -> None:
    """Whatever of a prompt hits or is written, for whatever life, whenever in the day: on every model that is sold."""
    sheet = data.draw(st.sampled_from([each for each in catalog.sheets() if each.sold(NOW)]), label="sheet")
    prompt, longest = data.draw(st.integers(1, 30_000)), data.draw(st.integers(0, 4_000))
    at = NOW + timedelta(minutes=data.draw(st.integers(0, 24 * 60)))
    try:
        result = bounds(sheet, prompt, at=NOW, longest=longest, hit_share=Fraction(data.draw(st.integers(0, 4)), 4))
    except CachecostError:
        return
    read, output = data.draw(st.integers(0, prompt)), data.draw(st.integers(0, result.highest.usage.output))
    written = sheet.card(NOW).caching.written
    kind = data.draw(st.sampled_from(["plain", *sheet.card(NOW).caching.kinds]))
    ends = [each for each in (result.lowest, result.highest) if each.usage.cached] or [None]
    usages = [Usage(input=prompt, output=output)]
    if kind != "plain" and ends[0] and read <= result.lowest.usage.read:
        usages.append(Usage(input=prompt - read, cache_read={kind: read}, output=output))
    if written and result.highest.usage.written:
        ttl = data.draw(st.sampled_from(written.ttls))
        usages.append(Usage(input=read, cache_write={ttl: prompt - read}, output=output))
    for usage in usages:
        try:
            total = quote(usage, sheet, at=at, prompt=prompt).total
        except CachecostError:
            continue
        assert result.lowest.total <= total <= result.highest.total, (usage, at)
    assert result.lowest.total <= result.likely.total <= result.highest.total


ASKED = ("claude-opus-5-5", "--input", "100K", "--max-output", "4K", "--at", "2026-11-20T10:00Z", "--bounds")


def test_the_command_says_why(catalog: Catalog) -> None:
    """Three totals with every digit, and what makes them so."""
    answer = run("quote", *ASKED, "--hit-rate", "60%", "--json").json
    assert [answer[name]["total"] for name in ("lowest", "likely", "highest")] == ["0.02", "0.292", "0.88"]
    assert answer["highest"]["why"] == "100,000 tokens written for 1h, an answer of 4,000"
    assert answer["likely"]["hit_share"] == "0.6"


def test_an_answer_beyond_the_model_is_said_to_be_cut(catalog: Catalog) -> None:
    """Claude Opus 5.5 answers with at most 128,000 tokens (https://platform.claude.com/docs/en/about-claude/models)."""
    answer = run("quote", *("900K" if word == "4K" else word for word in ASKED), "--json").json
    assert answer["highest"]["why"].endswith("an answer of 128,000, the longest that fits the model")


@pytest.mark.parametrize(
    ("flags", "code", "said"),
    [
        (["--input", "1K", "--cache-read", "1K", "--bounds"], 2, "--cache-read: the bounds say what is cached"),
        (["--bounds"], 2, "--input: missing"),
        (["--input", "1K", "--max-output", "5"], 2, "--max-output: belongs to --bounds"),
        (["--input", "1K", "--within", "100d", "--bounds"], 2, "--within: expected a duration of up to 31 days"),
        (["--input", "1K", "--at", "9999-12-31", "--bounds"], 2, "--at: expected a year up to 8000, not 9999"),
        (["--input", "2M", "--bounds"], 3, "takes at most 1,000,000 tokens"),
        (["--input", "0", "--bounds"], 2, "--input: expected at least 1 token"),
    ],
)
def test_the_command_refuses_what_has_no_bounds(flags: list[str], code: int, said: str) -> None:
    """The flag at fault, and what to do."""
    ran = run("quote", "claude-opus-5-5", *flags)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err


def test_a_gateway_asks_by_a_body(client: TestClient) -> None:
    """The words of the flags; the same answer by a query."""
    body = {"model": "claude-opus-5-5", "input": 100_000, "max_output": "4K", "at": "2026-11-20T10:00Z"}
    by_body, by_query = client.post("/v1/bounds", json=body), client.get("/v1/bounds", params=body)
    assert by_body.json() == by_query.json()
    assert Decimal(by_body.json()["highest"]["total"]) == Decimal("0.88")
