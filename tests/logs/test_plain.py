"""The plain table: names that people give to its columns, sums of requests, and headings that are nearly right."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cachecost.errors import BadLog
from cachecost.logs.formats import sniff
from cachecost.logs.formats.plain import COLUMNS, columns_of, read, suggestion
from cachecost.prices.usage import Usage
from cachecost.replay.request import Doubt, FormatNote, Request, Unread

TEN = datetime(2026, 11, 1, 10, tzinfo=UTC)
DAY = timedelta(days=1)


def one(record: dict[str, Any]) -> Request:
    shape = sniff(record)
    assert shape
    assert shape.name == "plain"
    result = shape.read(record)[0]
    assert isinstance(result, Request)
    return result


# Each row is 1,000 tokens of prompt, of which 600 were read from a cache and 300 written: 100 fresh. 50 of output.
FRESH = Usage(input=100, cache_read=600, cache_write=300, output=50)


@pytest.mark.parametrize(
    "row",
    [
        {"input": 100, "cache_read": 600, "cache_write": 300, "output": 50},
        {"Prompt-Tokens": 1000, "cache_read": 600, "cache_write": 300, "output": 50},
        {"prompt_tokens": 1000, "cached_tokens": 600, "cache_write_tokens": 300, "completion_tokens": 50},
        {
            "input_tokens": 100,
            "cache_read_input_tokens": 600,
            "cache_creation_input_tokens": 300,
            "output_tokens": 50,
        },
        {"input_tokens": 1000, "cached_input_tokens": 600, "cache_write_tokens": 300, "output_tokens": 50},
        {"inputTokens": 100, "cacheReadTokens": 600, "cacheWriteTokens": 300, "outputTokens": 50},
        {"Input Tokens": "100", "Cache Read": "600", "Cache Write": "300.0", "Output Tokens": "50"},
        {"uncached_input_tokens": 100, "cached": 600, "cache_write": 300, "completion_tokens": 50},
        {"input": "How are you?", "input_tokens": 100, "cache_read": 600, "cache_write": 300}
        | {"output": "Fine.", "output_tokens": 50},
        # 1,050 and 1,050 = 100 + 600 + 300 + 50: the total says that the input includes what was cached, or not
        {"input_tokens": 1000, "cache_read": 600, "cache_write": 300, "output_tokens": 50, "total_tokens": 1050},
        {"prompt_tokens": 100, "cached_tokens": 600, "cache_write": 300, "output_tokens": 50, "total_tokens": 1050},
    ],
)
def test_common_names_mean_what_their_vendors_mean(row: dict[str, Any]) -> None:
    """OpenAI's input includes the cached tokens, Anthropic's does not; a total decides."""
    request = one({"timestamp": "2026-11-01T10:00:00Z", "model": "m", **row})
    assert (request.usage, request.at, request.model, request.lasting) == (FRESH, TEN, "m", None)


@pytest.mark.parametrize(
    "column",
    ["cache_write_1h", "cache_creation_1h", "cache_write_1h_tokens", "ephemeral_1h_input_tokens", "cacheWrite1h"],
)
def test_written_tokens_have_their_ttl_in_the_name(column: str) -> None:
    """Vendors and people write it in several ways."""
    assert one({"model": "m", "input": 1, column: 30}).usage == Usage(input=1, cache_write={"1h": 30})


def test_a_sum_by_ttl_may_stand_beside_its_parts() -> None:
    """300 = 200 + 100; another sum contradicts them."""
    row = {"model": "m", "input": 1, "cache_write": 300, "cache_write_5m": 200, "cache_write_1h": 100}
    assert one(row).usage == Usage(input=1, cache_write={"5m": 200, "1h": 100})
    with pytest.raises(BadLog, match="299 tokens written are not the sum of their TTLs, 300"):
        read(row | {"cache_write": 299})


def test_labels_have_common_names_too() -> None:
    """Time, service, session, project, id and money."""
    request = one(
        {
            "created_at": 1793527200,
            "model_name": "m",
            "provider_name": "openai",
            "is_batch": "true",
            "conversation_id": "s",
            "workspace": "red",
            "request_id": "r",
            "cost_usd": "$0.25",
            "prompt_tokens": 4,
        }
    )
    assert request == Request(
        at=TEN,
        model="m",
        usage=Usage(input=4),
        provider="openai",
        service="batch",
        session="s",
        project="red",
        id="r",
        paid=Decimal("0.25"),
    )


def test_the_first_of_several_times_counts() -> None:
    """An instant says more than a date, whatever the order of the columns."""
    assert one({"date": "2026-11-01", "timestamp": "2026-11-01T10:00:00Z", "model": "m", "input": 1}).at == TEN


@pytest.mark.parametrize(
    ("row", "count", "prompt", "lasting"),
    [
        ({"at": "2026-11-01T10:00:00Z", "requests": 1}, 1, None, None),
        ({"at": "2026-11-01T10:00:00Z", "requests": 3}, 3, 334, timedelta()),  # 1,000 / 3, rounded up
        ({"at": "2026-11-01", "num_requests": "3.0"}, 3, 334, DAY),
        ({"date": "2026-11-01"}, 1, None, DAY),
        ({"date": date(2026, 11, 1)}, 1, None, DAY),
        ({"date": "2026-11-01", "requests": 1}, 1, None, None),
        ({"date": "2026-11-01", "requests": ""}, 1, None, DAY),
    ],
)
def test_a_row_may_sum_up_requests(row: dict[str, Any], count: int, prompt: int | None, lasting: Any) -> None:
    """Their mean size is known where their number is; a day without a number has any number of them."""
    result = one({"model": "m", "input": 400, "cache_read": 600, **row})
    assert (result.count, result.prompt, result.lasting) == (count, prompt, lasting)
    assert result.is_single == (lasting is None)


def test_no_requests_have_no_tokens() -> None:
    """A row of zero requests with tokens is refused, by the name of its column."""
    with pytest.raises(BadLog, match="num_requests: 0 requests have no tokens"):
        read({"model": "m", "input": 5, "num_requests": 0})


def test_an_ambiguous_name_says_how_it_is_read() -> None:
    """Only where there is something that it could include, and once for a table."""
    (_, note) = read({"model": "m", "input_tokens": 9, "cached_tokens": 4})
    assert isinstance(note, FormatNote)
    assert "input_tokens is read as including" in note.message
    assert "call it prompt_tokens to say so" in note.message
    (_, note) = read({"model": "m", "input_tokens": 9, "cache_read_tokens": 4})
    assert isinstance(note, FormatNote)
    assert "not including" in note.message
    assert len(read({"model": "m", "input_tokens": 9, "output_tokens": 4})) == 1
    assert len(read({"model": "m", "prompt_tokens": 9, "cached_tokens": 4})) == 1


@pytest.mark.parametrize(
    "row",
    [
        {"input": 100, "cache_read": 600, "output": 50, "total": 800},  # neither 150 nor 750
        {"input": 100, "prompt_tokens": 800, "cache_read": 600, "output": 50},  # 100 + 600 = 700
        {"input": 100, "output": 50, "total": 151},
    ],
)
def test_a_row_that_contradicts_itself_is_doubted(row: dict[str, Any]) -> None:
    """It is read, and the contradiction is reported."""
    assert [type(each) for each in read({"model": "m", **row})] == [Request, Doubt]


def test_cached_tokens_beyond_an_input_that_includes_them_are_beside_it() -> None:
    """100 tokens cannot include 600: they are read as the other vendors count, with a doubt."""
    request, doubt = read({"model": "m", "prompt_tokens": 100, "cached_tokens": 600})
    assert isinstance(request, Request)
    assert request.usage == Usage(input=100, cache_read=600)
    assert doubt == Doubt("600 cached tokens are more than the prompt of 100; taken as counted beside it")


def test_a_column_of_no_meaning_is_told_with_the_one_that_it_looks_like() -> None:
    """A misspelt column of output would be left out of the bill."""
    result = read({"model": "m", "input": 4, "ouput": 5, "colour": "red"})
    assert result[1:] == [Unread("ouput (did you mean output?)"), Unread("colour")]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"modle": "m", "promt_tokns": 4}, "did you mean model instead of modle, prompt_tokens instead of promt_tokns"),
        ({"date": "2026-11-01", "imput_tokens": 4}, "did you mean input_tokens instead of imput_tokens"),
        ({"name": "x", "size": 4}, ""),
        ({"model": {"a": 1}, "ouput": 4}, ""),
    ],
)
def test_a_wrong_heading_is_answered_with_the_right_one(row: dict[str, Any], said: str) -> None:
    """Column by column; rows that are no table get no advice."""
    assert sniff(row) is None
    assert said in suggestion(row)
    assert bool(said) == bool(suggestion(row))


@pytest.mark.parametrize(
    "row",
    [
        {"type": "text", "output": {"a": 1}},
        {"prompt": "Once upon a time", "completion": "..."},
        {"input_tokens": 5, "output_tokens": 6},
        {"name": "x", "day": 3},
    ],
)
def test_records_of_other_kinds_are_no_table(row: dict[str, Any]) -> None:
    """Tokens alone, texts and objects do not make a row of requests."""
    shape = sniff(row)
    if shape:
        with pytest.raises(BadLog):
            shape.read(row)


def test_each_name_means_one_column() -> None:
    """No name stands under two meanings, and each meaning is found by each of its names."""
    names = [name for each in COLUMNS for name in (each.name, *each.others.split())]
    assert len(names) == len(set(names))
    for each in COLUMNS:
        for name in (each.name, *each.others.split()):
            assert columns_of((name,)).of == {each.name: name}
