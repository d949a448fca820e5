"""Multiples that vendors state, as `prices check` knows them; every page of the catalogue keeps them or says why not
(`test_plausible.py`)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cachecost.catalog.catalog import Catalog
from cachecost.review.check import laws_of
from cachecost.review.laws import Laws, Subject
from cachecost.review.plausible import base_of, subject

from ..conftest import ROOT

ANTHROPIC = "https://platform.claude.com/docs/en/about-claude/pricing"
"""0.1 of input; 0.05 for Opus 5.5 and, since its cut, Sonnet 5.5; 0.025 for Fable and Mythos 5.1 and 5.2. Claude 3
Haiku is printed at 0.03 of 0.25, and its 5-minute write at 0.30."""


@pytest.fixture(scope="module")
def catalog(whole_catalog: Catalog) -> Catalog:
    """All pages, also those that came later."""
    return whole_catalog


@pytest.fixture(scope="module")
def laws() -> Laws:
    return laws_of(ROOT / "pricing")


@pytest.mark.parametrize(
    ("rate", "model", "multiples"),
    [
        ("cache_read", "claude-haiku-4-5", "0.1"),
        ("cache_read", "claude-opus-5-5", "0.05"),
        ("cache_read", "claude-sonnet-5-5", "0.05 0.1"),
        ("cache_read", "claude-fable-5-1", "0.025"),
        ("cache_read", "claude-mythos-5-2", "0.025"),
        ("cache_read", "claude-3-haiku", "0.12"),
        ("cache_write:5m", "claude-opus-5-5", "1.25"),
        ("cache_write:5m", "claude-3-haiku", "1.2"),
        ("cache_write:1h", "claude-opus-5-5", "2"),
    ],
)
@pytest.mark.parametrize("host", ["anthropic", "bedrock", "google-vertex"])
def test_anthropic_reads_and_writes_are_the_stated_multiples_of_input(
    rate: str, model: str, multiples: str, host: str, laws: Laws
) -> None:
    """Wherever a Claude model is hosted; https://platform.claude.com/docs/en/build-with-claude/prompt-caching too."""
    law = laws.law("rates", Subject(rate, "input", host, "anthropic", model, "standard", "USD"))
    assert law is not None
    assert sorted(law.values) == [Decimal(each) for each in multiples.split()]
    assert law.source.startswith("https://platform.claude.com/docs/")


@pytest.mark.parametrize(
    ("group", "question", "multiple"),
    [
        # https://developers.openai.com/api/docs/guides/prompt-caching: 1.25x for 30 minutes, 2.5x for 12 hours. The
        # Decisions API bills a whole prompt at the input rate, cached or not.
        ("rates", Subject("cache_write:30m", "input", "openai", "openai", "gpt-6-sol", "standard"), "1.25"),
        ("rates", Subject("cache_write:12h", "input", "openai", "openai", "gpt-6.1-terra", "standard"), "2.5"),
        ("rates", Subject("cache_write:30m", "input", "openai", "openai", "gpt-6-luna", "decisions"), "1"),
        # https://platform.claude.com/docs/en/build-with-claude/batch-processing: 50% off, caching included.
        ("services", Subject("cache_read", "", "anthropic", "anthropic", "claude-opus-5", "batch"), "0.5"),
        ("services", Subject("output", "", "openai", "openai", "gpt-6-sol", "batch"), "0.5"),
        # OpenAI beyond 272,000 tokens: 2x input, cached and written, 1.5x output for the whole request.
        ("sizes", Subject("input", "", "openai", "openai", "gpt-6-sol", "standard"), "2"),
        ("sizes", Subject("cache_read", "", "openai", "openai", "gpt-6-sol", "batch"), "2"),
        ("sizes", Subject("output", "", "openai", "openai", "gpt-6-sol", "standard"), "1.5"),
        # https://docs.x.ai/developers/pricing: 2x everything above the threshold.
        ("sizes", Subject("output", "", "xai", "xai", "grok-4.6", "standard"), "2"),
        # https://mistral.ai/pricing: 0.1 of input for its own models, printed with two or three decimals.
        ("rates", Subject("cache_read", "input", "mistral", "mistral", "mistral-large-4", "standard"), "0.1"),
    ],
)
def test_a_stated_multiple_is_a_law(group: str, question: Subject, multiple: str, laws: Laws) -> None:
    law = laws.law(group, question)
    assert law is not None
    assert law.values == (Decimal(multiple),)
    assert law.source.startswith("https://")


def test_every_rate_is_measured_by_something(catalog: Catalog, laws: Laws) -> None:
    """No rate of the catalogue is out of the laws' sight: within its row, or as an amount of money."""
    unseen = set()
    for sheet in catalog.sheets():
        for card in sheet.cards:
            for row in card.rows:
                for name in row.rates:
                    base = base_of(name, row)
                    of = subject(sheet, row, name, to=base or "")
                    if not laws.law("rates" if base else "amounts", of):
                        unseen.add((sheet.id, name))
    assert unseen == set()


def test_no_read_costs_more_than_plain_input(catalog: Catalog) -> None:
    """A cache that made reading dearer would be no cache."""
    for sheet in catalog.sheets():
        for card in sheet.cards:
            for row in card.rows:
                for name, rate in row.rates.items():
                    if name.startswith("cache_read"):
                        assert rate.value <= row.rates["input"].value, (sheet.version(card), name)
