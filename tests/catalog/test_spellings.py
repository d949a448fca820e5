"""An unknown name is answered with models that one can buy: the maker's own, sold today, the newest first."""

from __future__ import annotations

import pytest

from cachecost.catalog.catalog import Catalog
from cachecost.errors import UnknownModel

from ..conftest import ROOT


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog(ROOT / "pricing")


def suggested(catalog: Catalog, name: str) -> tuple[str, ...]:
    with pytest.raises(UnknownModel) as unknown:
        catalog.sheet(name)
    return unknown.value.nearest


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("claude-opus-5-6", "anthropic/claude-opus-5-5"),
        ("cluade-opus-4-8", "anthropic/claude-opus-4-8"),
        ("sonnet", "anthropic/claude-sonnet-5-5"),
        ("claude-opus-4-6[1m]", "anthropic/claude-opus-4-6"),
        ("gpt4o", "openai/gpt-4o"),
        ("google-vertex/claude-opus-5-6", "google-vertex/claude-opus-5-5"),
        ("azure_ai/claude-opus-5-6", "azure/claude-opus-5-5"),
        ("openrouter/anthropic/claude-opus-4.8-x", "anthropic/claude-opus-4-8"),
    ],
)
def test_the_makers_newest_comes_first(catalog: Catalog, name: str, first: str) -> None:
    """Opus 5.5 and Sonnet 5.5 are the newest of their kinds; a provider that is named is taken at its word."""
    assert suggested(catalog, name)[0] == first


@pytest.mark.parametrize(("name", "maker"), [("claude", "anthropic"), ("gemini", "google"), ("gemini-flash", "google")])
def test_a_family_is_its_makers_models_that_are_sold(catalog: Catalog, name: str, maker: str) -> None:
    result = [catalog.sheet(each) for each in suggested(catalog, name)]
    assert [sheet.provider for sheet in result] == [maker] * 3
    assert all(name.partition("-")[0] in sheet.model and sheet.cards[-1].status != "withdrawn" for sheet in result)


def test_a_slip_in_a_withdrawn_name_still_finds_it_and_last(catalog: Catalog) -> None:
    """Gemini 1.5 Pro is no longer sold, and old logs name it."""
    assert suggested(catalog, "gemini-1.5-por")[-1] == "google/gemini-1.5-pro"


def test_a_name_unlike_all_others_suggests_nothing(catalog: Catalog) -> None:
    """A model for images is no mistyped model for text."""
    assert suggested(catalog, "stable-diffusion-xl") == ()


@pytest.mark.parametrize("name", ["Claude Haiku 4.5", "claude haiku 4.5"])
def test_a_display_name_is_a_name(catalog: Catalog, name: str) -> None:
    assert catalog.sheet(name).id == "anthropic/claude-haiku-4-5"
