"""A search for models means the same on the command line and over HTTP."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from ..command import run

DAY = "2026-11-01"


def found(*words: str) -> list[str]:
    return [each["model"] for each in run("models", *words, "--as-of", DAY, "--json").json["models"]]


def test_words_are_looked_for_in_ids_aliases_names_and_providers() -> None:
    """Haiku 4.5 is known to logs by the day of its release, Nova by its maker's display name."""
    assert found("20251001")[0] == "anthropic/claude-haiku-4-5"
    assert "bedrock/nova-lite" in found("Amazon Nova", "Lite")
    assert all(each.startswith("bedrock/") for each in found("opus", "--provider", "bedrock"))
    assert set(found("bedrock", "opus")) >= set(found("opus", "--provider", "bedrock"))


def test_makers_come_before_hosts_and_the_newest_first() -> None:
    """Opus 5.5 came out in September 2026, Opus 5 in July."""
    listed = found("claude", "opus")
    assert listed[:2] == ["anthropic/claude-opus-5-5", "anthropic/claude-opus-5"]


def test_filters_hold_for_every_model_that_is_listed() -> None:
    """Sonnet 5.5 costs $2.00 and takes a million tokens; Sonnet 4.5 costs $3.00 and takes 200,000."""
    listed = found("sonnet", "--cached", "--max-input", "2", "--fits", "900K", "--sort", "price")
    assert listed[0].startswith("anthropic/claude-sonnet-5")
    assert "anthropic/claude-sonnet-4-5" not in listed
    assert "anthropic/claude-sonnet-4-5" in found("sonnet", "--max-input", "3")


def test_a_list_is_ordered_as_it_is_asked_for() -> None:
    assert found("--provider", "anthropic", "--sort", "new")[0] == "anthropic/claude-haiku-5-5"
    assert found("--provider", "anthropic", "--sort", "price")[0] == "anthropic/claude-haiku-5-5", (
        "$0.10, the cheapest of them"
    )
    assert found("--provider", "anthropic", "--sort", "name") == sorted(found("--provider", "anthropic"))


def test_models_that_are_no_longer_sold_come_last_where_they_are_asked_for() -> None:
    """Google withdrew Gemini 1.5 Pro in September 2025; without the word the search says how many there are."""
    assert "google/gemini-1.5-pro" not in found("gemini", "pro")
    listed = found("gemini", "pro", "--withdrawn")
    assert listed.index("google/gemini-1.5-pro") > listed.index("google/gemini-2.5-pro")
    ran = run("models", "gemini-1.5-pro", "--as-of", DAY)
    assert (ran.out, "1 with --withdrawn" in ran.err) == ("", True)
    assert "gemini-1.5-pro (withdrawn)" in run("models", "gemini-1.5-pro", "--withdrawn", "--as-of", DAY).out


@pytest.mark.parametrize(
    ("words", "query"),
    [
        (("sonnet", "--cached", "--max-input", "2"), "q=sonnet&cached=true&max_input=2"),
        (("luna", "--sort", "price", "--fits", "900K"), "q=luna&sort=price&fits=900K"),
        (("--provider", "xai"), "provider=xai"),
        (("gemini-1.5", "--withdrawn"), "q=gemini-1.5&withdrawn=true"),
    ],
)
def test_the_http_api_lists_the_same(client: TestClient, words: tuple[str, ...], query: str) -> None:
    answer = client.get(f"/v1/models?{query}&as_of={DAY}").json()
    assert [each["model"] for each in answer["models"]] == found(*words)
    assert answer["models"]


@pytest.mark.parametrize("query", ["sort=size", "max_input=cheap", "fits=much", "search=sonnet"])
def test_a_word_that_cannot_be_read_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/v1/models?{query}").status_code == 422


def test_nothing_found_says_which_word_was_too_much() -> None:
    ran = run("models", "sonnet", "--max-input", "0.01", "--as-of", DAY)
    assert (ran.code, ran.out) == (0, "")
    assert " without --max-input" in ran.err
