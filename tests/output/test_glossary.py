"""The words that newcomers ask about have an entry, under every name that they use."""

from __future__ import annotations

import pytest

from cachecost.errors import BadUsage
from cachecost.output.answers.glossary import GLOSSARY, meanings
from cachecost.output.labels import KINDS, POLICIES, policy

from ..command import run

ASKED = (
    "fresh automatic written:5m stored keep-alive second-sight clairvoyant hit-share "
    "hit_rate hold creation first-query billed-per generation eviction office service lines card row arrivals ttl "
    "cache_write cache_read storage"
)


def test_a_break_even_is_where_the_cache_costs_less_and_not_where_it_costs_the_same() -> None:
    """GPT-4o caches automatically, without a premium: one query costs the same with it as without, two cost less."""
    [entry] = meanings("break-even")
    assert "the cached bill is below the uncached one" in entry.text
    answer = run("compare", "gpt-4o", "-c", "100K", "-q", "0", "-a", "0", "-n", "1", "--json").json["answers"]
    assert [each["total"] for each in answer] == ["0.25", "0.25"]
    assert next(each["break_even"]["first"] for each in answer if each["strategy"] == "automatic") == 2


@pytest.mark.parametrize("word", [*ASKED.split(), "pays for N", "of at most", "hit rate", "Break-Even", "--hold"])
def test_a_word_has_an_entry(word: str) -> None:
    [entry] = meanings(word)
    assert entry.text.endswith(".")


@pytest.mark.parametrize("kind", POLICIES)
def test_every_strategy_is_explained_by_its_name_and_by_its_label(kind: str) -> None:
    name = f"{kind}:5m" if "{ttl}" in POLICIES[kind] else f"{kind}:ram" if "{tier}" in POLICIES[kind] else kind
    assert meanings(name) == meanings(policy(name))


def test_every_class_of_tokens_is_explained() -> None:
    for kind in ("cache_write", "cache_read", "storage"):
        assert kind in KINDS
        assert meanings(kind)


def test_without_a_word_it_is_the_whole_glossary() -> None:
    assert meanings("") == GLOSSARY


def test_an_unknown_word_names_the_nearest() -> None:
    with pytest.raises(BadUsage, match="did you mean storage"):
        meanings("storge")


def test_no_entry_is_hidden_by_another() -> None:
    words = [entry.word for entry in GLOSSARY]
    assert len(words) == len(set(words))
    assert all(meanings(word)[0].word == word for word in words)
