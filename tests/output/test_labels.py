"""What people read in place of identifiers."""

from datetime import timedelta

import pytest

from cachecost.output.labels import SERVED, SERVED_IN_LOG, served, served_in_log


@pytest.mark.parametrize(
    ("strategy", "phrase", "in_log"),
    [
        ("fresh", "fresh", "sent fresh"),
        ("automatic", "cached automatically", "cached automatically"),
        ("automatic:1h", "cached automatically for 1h", "cached automatically"),
        ("written:5m", "cached with a TTL of 5m", "written with a TTL of 5m"),
        (
            "keep-alive:5m",
            "cached with a TTL of 5m and kept alive by pings",
            "written with a TTL of 5m and kept alive by pings",
        ),
        ("stored", "stored for 1 h", "with a stored cache"),
        ("stored:15m", "stored and deleted when idle for 15m", "with a stored cache"),
    ],
)
def test_a_strategy_is_a_phrase_in_a_sentence(strategy: str, phrase: str, in_log: str) -> None:
    """Behind what the queries of a question cost, and behind what the requests of a log would have cost."""
    assert served(strategy, timedelta(hours=1) if strategy.startswith("stored") else None) == phrase
    assert served_in_log(strategy) == in_log


def test_every_kind_of_strategy_has_a_phrase_in_both() -> None:
    """A new kind of strategy needs words in answers and in reports of logs."""
    assert SERVED.keys() == SERVED_IN_LOG.keys()
