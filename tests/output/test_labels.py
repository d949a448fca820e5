"""What people read in place of identifiers."""

from datetime import timedelta

import pytest

from cachecost.output.labels import LOST_TO, POLICIES, a_policy, how_to_set, line_of_bill, policy, served
from cachecost.replay.losses import COMPACTION, EVICTION, EXPIRY, MINIMUM, NEVER_READ, PREFIX, SWITCH
from cachecost.strategies.names import AUTOMATIC, FRESH, KEEP_ALIVE, KEPT, SECOND_SIGHT, STORED, WRITTEN


@pytest.mark.parametrize(
    ("strategy", "phrase", "label"),
    [
        ("fresh", "without a cache", "no cache"),
        ("automatic", "with an automatic cache", "an automatic cache"),
        ("automatic:1h", "with an automatic cache, 1-hour", "an automatic cache, 1-hour"),
        ("written:5m", "with a 5-min cache", "a 5-min cache"),
        ("keep-alive:5m", "with a 5-min cache + pings", "a 5-min cache + pings"),
        ("stored", "with a stored cache for 1 h", "a stored cache (rent by the hour)"),
        ("stored:15m", "with a stored cache (rent by the hour), 15-min", "a stored cache (rent by the hour), 15-min"),
    ],
)
def test_a_strategy_is_a_phrase_in_a_sentence(strategy: str, phrase: str, label: str) -> None:
    """Behind what the queries of a question cost, and as the name of a policy in a report."""
    assert served(strategy, timedelta(hours=1) if strategy.startswith("stored") else None) == phrase
    assert a_policy(strategy) == label
    assert label.endswith(policy(strategy))


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("input", "input"),
        ("creation", "cache creation"),
        ("storage", "cache storage"),
        ("cache_read", "cache read"),
        ("cache_read:written", "cache read, written"),
        ("cache_write:5m", "cache write, 5-min"),
        ("cache_write:1h", "cache write, 1-hour"),
        ("audio.cache_read", "audio: cache read"),
        ("fee.request", "fee: request"),
        ("kept:hbm", "kept in GPU memory"),
    ],
)
def test_a_line_of_a_bill_has_a_name_for_people(line: str, label: str) -> None:
    """The identifier in words, with what it holds for."""
    assert line_of_bill(line) == label


def test_everything_that_has_an_identifier_has_a_label() -> None:
    """A new kind of strategy or a new cause of loss needs words for people."""
    sold = {FRESH, AUTOMATIC, STORED, WRITTEN, KEEP_ALIVE, SECOND_SIGHT, KEPT}
    assert sold | {"clairvoyant", "same hits"} == POLICIES.keys()
    assert LOST_TO.keys() == {EXPIRY, EVICTION, SWITCH, PREFIX, COMPACTION, NEVER_READ, MINIMUM}


@pytest.mark.parametrize(
    ("model", "name", "setting"),
    [
        ("anthropic/claude-opus-4-8", "written:1h", 'cache_control: {"type": "ephemeral", "ttl": "1h"}'),
        ("anthropic/claude-opus-4-8", "written:1h", "ENABLE_PROMPT_CACHING_1H=1"),
        ("bedrock/claude-opus-4-8", "second-sight:5m", '"ttl": "5m"}} behind what stays the same, but only from'),
        ("openai/gpt-5.6-sol", "keep-alive:30m", "max_tokens: 1"),
        ("deepseek/deepseek-chat", "automatic", ""),
    ],
)
def test_a_policy_says_what_to_set(model: str, name: str, setting: str) -> None:
    """The parameter of the vendor's API; nothing where caching is automatic."""
    assert setting in how_to_set(model, name)
    assert bool(how_to_set(model, name)) == bool(setting)
