"""The names in logs lead to price sheets, or to nothing: they are looked up and never guessed."""

from __future__ import annotations

import pytest

from cachecost.catalog.catalog import Catalog
from cachecost.catalog.spellings import LONGEST, candidates
from cachecost.errors import UnknownModel
from cachecost.logs.names import Names
from cachecost.prices.usage import Usage, as_sold

from .test_formats import TEN

CLAUDE = "anthropic.claude-sonnet-4-5-20250929-v1:0"
ARN = "arn:aws:bedrock:us-east-1"


@pytest.fixture(scope="module")
def names(catalog: Catalog) -> Names:
    return Names(
        catalog, aliases={"house-model": "claude-opus-4-8", "gate/gpt-4o": "azure/gpt-4o", "": "gemini-2.5-pro"}
    )


@pytest.mark.parametrize(
    ("model", "provider", "sheet"),
    [
        ("claude-opus-4-8", "", "anthropic/claude-opus-4-8"),
        ("claude-opus-4-8-20260101", "", "anthropic/claude-opus-4-8"),
        ("claude-4.5-sonnet-thinking", "", "anthropic/claude-sonnet-4-5"),  # as Cursor writes it
        ("claude-4-sonnet", "", "anthropic/claude-sonnet-4"),
        ("gpt-4o-2024-08-06", "", "openai/gpt-4o"),
        ("gpt-4o-2024-05-13", "openai", "openai/gpt-4o-2024-05-13"),  # a snapshot with other rates
        ("GPT-4o", "", "openai/gpt-4o"),
        ("azure/gpt-4o", "", "azure/gpt-4o"),
        ("gpt-4o", "az.ai.openai", "azure/gpt-4o"),
        (CLAUDE, "aws.bedrock", "bedrock/claude-sonnet-4-5"),
        (CLAUDE, "", "bedrock/claude-sonnet-4-5"),
        (f"{ARN}::foundation-model/{CLAUDE}", "bedrock", "bedrock/claude-sonnet-4-5"),
        (f"{ARN}:000000000000:inference-profile/us.{CLAUDE}", "", "bedrock/claude-sonnet-4-5"),
        ("us.anthropic.claude-opus-4-8-v1:0", "bedrock", "bedrock/claude-opus-4-8"),
        ("bedrock/converse/us.anthropic.claude-opus-4-8", "bedrock", "bedrock/claude-opus-4-8"),
        ("publishers/google/models/gemini-2.5-pro", "", "google-vertex/gemini-2.5-pro"),
        ("projects/p/locations/global/publishers/google/models/gemini-2.5-pro", "", "google-vertex/gemini-2.5-pro"),
        ("projects/p/locations/us-central1/models/gemini-2.5-pro", "", "google-vertex/gemini-2.5-pro"),
        ("projects/p/models/gemini-2.5-pro", "", "google-vertex/gemini-2.5-pro"),
        ("vertex_ai/claude-sonnet-4-5@20250929", "vertex_ai", "google-vertex/claude-sonnet-4-5"),
        ("models/gemini-2.5-pro", "", "google/gemini-2.5-pro"),
        ("gemini/gemini-2.5-pro", "gemini", "google/gemini-2.5-pro"),
        ("anthropic/claude-opus-4.8", "Anthropic", "anthropic/claude-opus-4-8"),
        ("anthropic/claude-opus-4.8", "Amazon Bedrock", "bedrock/claude-opus-4-8"),
        ("openrouter/anthropic/claude-opus-4-8", "", "anthropic/claude-opus-4-8"),
        ("openai/gpt-oss-20b", "Groq", "groq/gpt-oss-20b"),
        ("claude-sonnet-4-6", "anthropic.messages", "anthropic/claude-sonnet-4-6"),
        ("gpt-5.5", "openai.responses", "openai/gpt-5.5"),
        ("gpt-5.5", "azure-openai", "azure/gpt-5.5"),
        ("gemini-2.5-pro", "google.generative-ai", "google/gemini-2.5-pro"),
        ("gemini-2.5-pro", "google_genai", "google/gemini-2.5-pro"),
        ("gemini-2.5-pro", "google.vertex.chat", "google-vertex/gemini-2.5-pro"),
        ("claude-sonnet-4-6", "google-vertex-anthropic", "google-vertex/claude-sonnet-4-6"),
        ("claude-sonnet-4-6", "amazon_bedrock", "bedrock/claude-sonnet-4-6"),
        ("claude-sonnet-4-5@20250929", "", "google-vertex/claude-sonnet-4-5"),
        ("claude-sonnet-4-6", "openrouter", "anthropic/claude-sonnet-4-6"),  # which passes requests on
        ("anthropic/claude-sonnet-4.6", "openrouter", "anthropic/claude-sonnet-4-6"),
        ("claude-sonnet-4-6", "strands-agents", "anthropic/claude-sonnet-4-6"),  # which sells nothing
        ("openai/gpt-oss-120b", "groq.chat", "groq/gpt-oss-120b"),
        ("azure/global/gpt-5.5", "", "azure/gpt-5.5"),
        ("azure/responses/gpt-5.5", "azure", "azure/gpt-5.5"),
        ("openai/responses/gpt-5.5", "openai", "openai/gpt-5.5"),
        (f"bedrock/us-east-1/{CLAUDE}", "bedrock", "bedrock/claude-sonnet-4-5"),
        ("gpt-5.5-high", "", "openai/gpt-5.5"),
        ("gpt-5.3-codex-xhigh", "", "openai/gpt-5.3-codex"),
        ("claude-opus-4-6[1m]", "", "anthropic/claude-opus-4-6"),
        ("claude-opus-4.7-1m-internal", "", "anthropic/claude-opus-4-7"),
        ("claude-sonnet-4-5-thinking", "", "anthropic/claude-sonnet-4-5"),
        ("Claude Haiku 4.5", "", "anthropic/claude-haiku-4-5"),
        ("Claude Haiku 4.5", "bedrock", "bedrock/claude-haiku-4-5"),
        ("Gemini 2.5 Pro", "", "google/gemini-2.5-pro"),
        ("house-model", "", "anthropic/claude-opus-4-8"),
        ("gpt-4o", "gate", "azure/gpt-4o"),
        ("", "", "google/gemini-2.5-pro"),
    ],
)
def test_a_log_s_name_finds_its_sheet(names: Names, model: str, provider: str, sheet: str) -> None:
    """Under the provider that the log names, and otherwise on the page of the maker."""
    assert names.sheet(model, provider).id == sheet


@pytest.mark.parametrize(
    ("model", "provider", "nearest"),
    [
        ("claude-opus-4-9", "anthropic", "anthropic/claude-opus-4-8"),
        ("gpt-4o", "my-gateway", "openai/gpt-4o"),  # another host may ask another price
        ("openai/gpt-oss-20b:free", "Groq", "groq/gpt-oss-20b"),  # another price by its very name
        (f"{ARN}:000000000000:application-inference-profile/x", "bedrock", ""),
        ("gemini-2.5-pro", "bedrock", ""),
        ("gpt-5.5-fast", "", "openai/gpt-5.5"),  # another service, at another price
        ("gpt-5.5", "openai-compatible", ""),  # any server
    ],
)
def test_what_no_sheet_claims_is_unknown(names: Names, model: str, provider: str, nearest: str) -> None:
    """The nearest names are given, without a price."""
    with pytest.raises(UnknownModel) as refused:
        names.sheet(model, provider)
    assert not nearest or nearest in refused.value.nearest


def test_a_region_in_a_name_means_its_rates(names: Names, catalog: Catalog) -> None:
    """Geo profiles of Bedrock cost a tenth more than the global one."""
    here, anywhere = (
        names.sheet("us.anthropic.claude-opus-4-8-v1:0", "bedrock"),
        catalog.sheet("bedrock/claude-opus-4-8"),
    )
    assert here.region == "regional"
    rates = [sheet.card(TEN).row(at=TEN, prompt=1).rates["input"].value for sheet in (here, anywhere)]
    assert rates[0] * 10 == rates[1] * 11


def test_a_name_is_looked_up_once(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log of millions of lines has a handful of names, known or not."""
    question: list[str] = []
    find = catalog.sheet
    monkeypatch.setattr(catalog, "sheet", lambda name, **words: question.append(name) or find(name))
    names = Names(catalog)
    for _ in range(3):
        assert names.sheet("claude-opus-4-8", "anthropic")
        with pytest.raises(UnknownModel):
            names.sheet("no-such-model")
    assert question.count("anthropic/claude-opus-4-8") == question.count("no-such-model") == 1


def test_images_without_a_rate_are_text(catalog: Catalog) -> None:
    """Gemini 2.5 Flash rates audio apart and bills images as text: 300 + 40 images are input, audio stays."""
    row = catalog.sheet("gemini-2.5-flash").card(TEN).row(at=TEN, prompt=1)
    usage = Usage(input=300, cache_read=9, output=5, audio={"input": 7}, image={"input": 40, "output": 2})
    assert as_sold(usage, row) == Usage(input=340, cache_read=9, output=7, audio={"input": 7})


def test_usage_that_is_sold_as_it_is_stays_the_same_object(catalog: Catalog) -> None:
    """Nearly every request is text, and nothing is done for it."""
    row = catalog.sheet("gemini-2.5-flash").card(TEN).row(at=TEN, prompt=1)
    usage = Usage(input=300, cache_write={"5m": 3}, audio={"input": 7})
    assert as_sold(usage, row) is usage


def test_a_name_longer_than_any_is_not_taken_apart() -> None:
    """Its ending `-1m` would be left off, as it is of names of 500 characters."""
    longest = "x" * (LONGEST - 3) + "-1m"
    assert "x" * (LONGEST - 3) in set(candidates(longest, "", folders=set()))
    assert list(candidates(f"x{longest}", "", folders=set())) == [f"x{longest}"]
