"""A short name is the newest model of its maker's line that is sold on the day."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from cachecost.catalog.catalog import Catalog
from cachecost.catalog.lines import version
from cachecost.errors import AmbiguousModel, NotInForce, UnknownModel

from ..conftest import ROOT

NOVEMBER = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog(ROOT / "pricing")


@pytest.mark.parametrize(
    ("day", "name", "model"),
    [
        # Release dates and prices are the vendors': Opus 5.5 (22 September, $4) is larger than Sonnet 5.5 ($2) and
        # Haiku 5.5 ($0.10), and Fable 5.2, though younger, is an older version.
        ("2026-11-20", "claude", "anthropic/claude-opus-5-5"),
        ("2026-11-20", "claude-opus", "anthropic/claude-opus-5-5"),
        ("2026-11-20", "sonnet", "anthropic/claude-sonnet-5-5"),
        ("2026-11-20", "Claude Haiku", "anthropic/claude-haiku-5-5"),
        ("2026-11-20", "gemini-flash", "google/gemini-3.8-flash"),
        # 3.1 Pro is a preview, 3 Pro Image answers in images.
        ("2026-11-20", "gemini-pro", "google/gemini-2.5-pro"),
        ("2026-11-20", "gpt", "openai/gpt-6.2-astra"),
        ("2026-11-20", "gpt-mini", "openai/gpt-5.4-mini"),
        ("2026-11-20", "deepseek", "deepseek/deepseek-v4-pro"),
        # Grok 4.20 of March is older than Grok 4.7 of September.
        ("2026-11-20", "grok", "xai/grok-4.7"),
        ("2026-11-20", "qwen", "alibaba/qwen3.8-max"),
        ("2026-11-20", "kimi", "moonshot/kimi-k3.1-pro"),
        ("2026-11-20", "bedrock/claude-opus", "bedrock/claude-opus-5-5"),
        # $0.13 beside the $0.02 of text-embedding-3-small, both of 25 January 2024.
        ("2026-11-20", "text-embedding", "openai/text-embedding-3-large"),
        # Claude 3.5 Sonnet came out on 2024-06-20, GPT-4o on 2024-05-13, before it there was GPT-4 Turbo.
        ("2024-06-19", "claude", "anthropic/claude-3-opus"),
        ("2024-06-20", "claude", "anthropic/claude-3-5-sonnet"),
        ("2024-06-25", "gpt", "openai/gpt-4o"),
    ],
)
def test_a_short_name_means_the_makers_newest_model_of_the_day(
    catalog: Catalog, day: str, name: str, model: str
) -> None:
    assert catalog.full_name(name, datetime.fromisoformat(f"{day}T12:00Z")) == model


@pytest.mark.parametrize("name", ["gpt-4o", "openai/gpt-4o", "qwen-max", "claude-opus-5.5", "Claude Haiku 4.5"])
def test_a_name_of_a_page_stays_what_it_is(catalog: Catalog, name: str) -> None:
    assert catalog.full_name(name, NOVEMBER) == name


def test_an_alias_of_a_model_that_is_sold_wins_over_a_line(catalog: Catalog) -> None:
    """Gemini 1.0 Pro was called gemini-pro, until Google withdrew it."""
    assert catalog.full_name("gemini-pro", datetime(2024, 6, 1, tzinfo=UTC)) == "gemini-pro"
    assert catalog.sheet("gemini-pro").id == "google/gemini-1.0-pro", "logs of that time mean that model"


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("azure_ai/claude-opus-5-5", "azure/claude-opus-5-5"),
        ("bedrock/us-west-2/anthropic.claude-haiku-5-5", "bedrock/claude-haiku-5-5"),
        ("openrouter/openai/gpt-4o", "openai/gpt-4o"),
        ("litellm_proxy/gemini-2.5-pro", "google/gemini-2.5-pro"),
    ],
)
def test_a_name_of_a_gateway_means_the_page_that_logs_take(catalog: Catalog, name: str, model: str) -> None:
    """A cloud's own page where the name says the cloud, the maker's behind a gateway that only passes requests on."""
    assert catalog.full_name(name, NOVEMBER) == model


def test_a_word_of_several_makers_is_a_choice(catalog: Catalog) -> None:
    with pytest.raises(AmbiguousModel, match=r"'flash' means \d models, name one of them") as refused:
        catalog.full_name("flash", NOVEMBER)
    assert {"google/gemini-3.8-flash", "deepseek/deepseek-v4-flash"} <= set(refused.value.nearest)


@pytest.mark.parametrize(
    "name", ["claude-opus-9", "gpt-\udcff", "o", "", "nope", "stable-xl", "claude-claude-x", "groq/claude-opus-5-5"]
)
def test_other_names_stay_unknown(catalog: Catalog, name: str) -> None:
    with pytest.raises(UnknownModel):
        catalog.full_name(name, NOVEMBER)


def test_a_line_that_was_not_yet_sold_is_no_unknown_name(catalog: Catalog) -> None:
    """In January 2023 no tokens of Claude were sold; the hint was "did you mean claude"."""
    with pytest.raises(NotInForce, match="'claude' was sold at 2023-01-01; today it means anthropic/claude-"):
        catalog.full_name("claude", datetime(2023, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("slip", "family"),
    [("claud", "claude"), ("Gemni", "gemini"), ("deepsek", "deepseek"), ("openai/gptt", "openai/gpt")],
)
def test_a_slip_of_a_family_is_answered_with_its_name(catalog: Catalog, slip: str, family: str) -> None:
    """Before the ids of its models, which are longer to type."""
    with pytest.raises(UnknownModel) as refused:
        catalog.full_name(slip, NOVEMBER)
    assert refused.value.nearest[0] == family


@pytest.mark.parametrize(
    ("model", "number"),
    [
        ("claude-opus-5-5", Fraction(11, 2)),
        ("claude-opus-4-20250514", Fraction(4)),
        ("grok-4.20", Fraction(21, 5)),
        ("open-mistral-7b", Fraction(0)),
        ("glm-4-32b-0414", Fraction(4)),
        ("gpt-4o", Fraction(4)),
        ("qwen-max", Fraction(0)),
    ],
)
def test_the_version_of_an_id_is_read_without_sizes_and_dates(model: str, number: Fraction) -> None:
    assert version(model) == number


def test_models_that_nothing_tells_apart_are_a_choice(tmp_path: Path) -> None:
    """Two sizes of one version at one price, both of a made-up vendor."""
    page = (ROOT / "pricing" / "xai" / "grok-4.7.yaml").read_text(encoding="utf-8")
    page = "\n".join(line for line in page.splitlines() if not line.startswith("aliases"))
    for model in ("nova-1-red", "nova-1-blue"):
        (tmp_path / "acme").mkdir(exist_ok=True)
        text = page.replace("provider: xai", "provider: acme").replace("model: grok-4.7", f"model: {model}")
        (tmp_path / "acme" / f"{model}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(AmbiguousModel) as refused:
        Catalog(tmp_path).full_name("nova", NOVEMBER)
    assert refused.value.nearest == ("acme/nova-1-blue", "acme/nova-1-red")


def test_a_hosts_name_for_a_model_gives_way_to_the_line_of_its_maker(tmp_path: Path) -> None:
    """A host that calls an older Grok just `grok` keeps the name with its own before it."""
    page = (ROOT / "pricing" / "xai" / "grok-4.7.yaml").read_text(encoding="utf-8")
    page = "\n".join(line for line in page.splitlines() if not line.startswith("aliases"))
    hosted = page.replace("provider: xai", "provider: acme").replace("model: grok-4.7", "model: grok\nmaker: xai")
    for name, text in (("xai/grok-4.7", page), ("acme/grok", hosted)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    assert Catalog(tmp_path).full_name("grok", NOVEMBER) == "xai/grok-4.7"
    assert Catalog(tmp_path).full_name("acme/grok", NOVEMBER) == "acme/grok"
