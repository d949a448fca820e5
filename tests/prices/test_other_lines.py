"""Lines that few vendors bill apart: reasoning, and cached writes and rent of audio and images."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cachecost.catalog.reader import read_text
from cachecost.errors import BadSheet, BadUsage
from cachecost.prices.quote import quote
from cachecost.prices.sheet import printed_at
from cachecost.prices.usage import Usage
from cachecost.units import instant

from ..command import run

PAGE = """\
provider: somewhere
model: listener
name: Listener
unit: USD per 1M tokens
aliases: []
rate_cards:
  - effective: 2026-01-01
    source: https://example.com/pricing
    seen: 2026-11-22
    caching:
      written: {}
      stored: {default_ttl: 1h}
    tiers:
      - input: 2.00
        cache_write: {5m: 2.50, 1h: 4.00}
        cache_read: 0.20
        storage_per_hour: 1.00
        output: 8.00
        audio: {input: 4.00, cache_write: {1h: 8.00}, cache_read: 0.40, storage_per_hour: 3.00}
        reasoning: 3.00
"""
AT = instant("2026-11-01")


# Sums per 1M at the rates of the page above.
@pytest.mark.parametrize(
    ("used", "total"),
    [
        (Usage(output=100_000, reasoning=200_000), "1.4"),  # 0.1 x 8 + 0.2 x 3
        (Usage(audio={"cache_write:1h": 50_000}), "0.4"),  # 0.05 x 8
        (Usage(audio={"input": 10_000, "cache_write:1h": 50_000}, cache_write={"5m": 40_000}), "0.54"),  # + 0.04 + 0.1
        (Usage(audio={"storage": 2_000_000}), "6"),  # 2M token-hours x 3
    ],
)
def test_a_line_has_the_rate_of_its_own_name(used: Usage, total: str) -> None:
    assert quote(used, read_text(PAGE, file="page.yaml"), at=AT).total == Decimal(total)


def test_reasoning_without_a_rate_is_answered_at_the_rate_of_output() -> None:
    """0.3 x 8."""
    sheet = read_text(PAGE.replace("        reasoning: 3.00\n", ""), file="page.yaml")
    assert quote(Usage(output=100_000, reasoning=200_000), sheet, at=AT).total == Decimal("2.4")


def test_reasoning_belongs_to_the_answer_and_writes_of_audio_to_the_prompt() -> None:
    used = Usage(input=5, reasoning=7, output=3, audio={"cache_write:1h": 11, "storage": 13})
    assert (used.prompt, used.output, used.written) == (16, 10, 11)


def test_rates_of_audio_need_terms_of_caching() -> None:
    page = PAGE.replace("      stored: {default_ttl: 1h}\n", "").replace("        storage_per_hour: 1.00\n", "")
    with pytest.raises(BadSheet, match="storage_per_hour: given, but the card has no caching"):
        read_text(page, file="page.yaml")


def test_a_write_of_audio_says_its_time_to_live() -> None:
    with pytest.raises(BadUsage, match="cache_write:TTL"):
        Usage(audio={"cache_write": 5})


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("audio.cache_write:1h", ("audio", "cache_write", "1h")),
        ("audio.storage", ("audio", "storage_per_hour")),
        ("cache_write:5m", ("cache_write", "5m")),
        ("fee.web_search", ("fees", "web_search")),
        ("storage", ("storage_per_hour",)),
        ("reasoning", ("reasoning",)),
    ],
)
def test_a_fault_of_a_rate_finds_its_place_on_the_page(name: str, path: tuple[str, ...]) -> None:
    assert printed_at(name) == path


def test_deep_research_bills_its_thoughts_and_searches_apart() -> None:
    """https://docs.perplexity.ai/getting-started/pricing: $2 in, $8 out, $3 reasoning per 1M, $5 per 1,000 searches:
    33 x 2 + 7,163 x 8 + 73,997 x 3 per 1M, and 18 x 0.005 = 0.000066 + 0.057304 + 0.221991 + 0.09."""
    words = ("quote", "sonar-deep-research", "--at", "2026-08-01", "--input", "33", "--output", "7163")
    answer = run(*words, "--reasoning", "73997", "--fee", "web_search=18", "--json").json
    assert answer["total"] == "0.369361"
