"""Formats are declared by paths: where a field lies, what is cached, what no field names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cachecost.errors import BadLog
from cachecost.logs.flat import Fields, requests, value
from cachecost.logs.format import Format, Rule
from cachecost.prices.usage import Usage
from cachecost.replay.request import Doubt, Request, Skipped, Unread

FIELDS = Fields(
    input="tokens.in|prompt",
    output="tokens.out",
    read="tokens.cache.read",
    write="tokens.cache.write",
    ttls="tokens.ttl",
    apart="tokens.thoughts",
    total="tokens.total",
    at="when",
    model="model|model.id",
    requests="calls",
)


@pytest.mark.parametrize(
    "record",
    [
        {"a": {"b": {"c": 1}}},
        {"a": {"b.c": 1}},
        {"a.b": {"c": 1}},
        {"a.b.c": 1},
        {"a": {"b": None}, "a.b": {"c": 1}},
        {"a": "text", "a.b.c": 1},
        {"d": 1},
        {"a": {"b": {"c": ""}}, "d": 1},
    ],
)
def test_a_path_leads_through_objects_and_through_keys_with_dots(record: dict[str, Any]) -> None:
    """Exporters flatten attributes, or half of them, and the field stays the same."""
    assert value(record, "a.b.c|d") == 1


def test_a_path_that_leads_nowhere_has_no_value() -> None:
    """Neither a text nor a list has keys."""
    assert value({"a": [1], "b": "c"}, "a.b|b.c|x") is None


def one(**tokens: Any) -> dict[str, Any]:
    return {"when": 1793527200, "model": "m", "tokens": {"in": 100, "out": 5, **tokens}}


def usage_of(record: dict[str, Any], counting: Any) -> Usage:
    request = requests(record, FIELDS._replace(counting=counting))[0]
    assert isinstance(request, Request)
    return request.usage


def test_cached_tokens_are_inside_the_input_or_beside_it() -> None:
    """100 tokens of input, 60 read, 30 written: 10 are plain where the input includes them, all 100 where not."""
    record = one(cache={"read": 60, "write": 30})
    assert usage_of(record, "inclusive") == Usage(input=10, cache_read=60, cache_write=30, output=5)
    assert usage_of(record, "exclusive") == Usage(input=100, cache_read=60, cache_write=30, output=5)
    inside = one(cache={"read": 60, "write": 30}, total=105)  # 100 + 5
    assert usage_of(inside, "total") == Usage(input=10, cache_read=60, cache_write=30, output=5)
    apart = one(cache={"read": 60, "write": 30}, total=195)  # 100 + 60 + 30 + 5
    assert usage_of(apart, "total") == Usage(input=100, cache_read=60, cache_write=30, output=5)


def test_written_tokens_have_their_ttl_and_thoughts_are_output() -> None:
    """100 - 30 written for an hour = 70; 5 + 7 thoughts are 12 of output."""
    record = one(thoughts=7, ttl={"ephemeral_1h_input_tokens": 30})
    assert usage_of(record, "inclusive") == Usage(input=70, cache_write={"1h": 30}, output=12)


def test_a_sum_of_requests_says_how_many_they_were() -> None:
    """100 tokens in 3 requests are prompts of 34, rounded up, and no single request."""
    (request,) = requests({**one(), "calls": 3}, FIELDS)
    assert isinstance(request, Request)
    assert (request.count, request.prompt, request.lasting, request.is_single) == (3, 34, timedelta(), False)
    assert request.at == datetime(2026, 11, 1, 10, tzinfo=UTC)


def test_a_total_that_is_not_the_sum_is_doubted() -> None:
    """100 + 5 is not 106."""
    assert isinstance(requests(one(total=106), FIELDS)[1], Doubt)


def test_a_record_without_input_is_refused() -> None:
    """The message names all places where a count was looked for."""
    with pytest.raises(BadLog, match=r"tokens\.in\|prompt: missing"):
        requests({"tokens": {"out": 5}}, FIELDS)


def test_a_declared_format_opens_text_remarks_unknown_keys_and_says_why_it_skips() -> None:
    """The object may be JSON as text, as columns of a database are."""
    rules = [Rule("kind", "!^answer$", "not an answer")]
    shape = Format("x", "tokens.in kind", FIELDS, counts="tokens", skips=rules).also_in("data")
    record = {"kind": "answer", "data": '{"tokens": {"in": 3, "out": 1, "video": 9, "cost": "0.1", "of": null}}'}
    assert shape.detect(record)
    unread = [Unread("tokens.video"), Unread("tokens.cost")]
    assert shape.read(record) == [Request(None, "", Usage(input=3, output=1)), *unread]
    assert shape.read({**record, "kind": "question"}) == [Skipped("not an answer")]
    assert not shape.detect({"kind": "answer", "data": "{broken"})
